"""Articles from a file or a pipe instead of the network: the same detection and placement, with the stories kept in memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from monitor.detect.lexicon import Lexicon
from monitor.jobs.judge import analysed
from monitor.model import Analysed, Article, Report
from monitor.stories.bonds import Bonds
from monitor.stories.gather import Gathering
from monitor.stories.place import key_of
from monitor.text.dates import parse
from monitor.text.urls import canonical, country_of, site

_SPOKEN = {"id", "title", "text"}


def read_article(row: Any, now: datetime) -> Article:
    """The article of one JSON object. Raises `ValueError` with a sentence for a person."""
    if not isinstance(row, dict):
        raise ValueError("expected a JSON object")
    for key in sorted(_SPOKEN):
        if not isinstance(row.get(key), str):
            raise ValueError(f"{key!r} must be a text" if key in row else f"{key!r} is missing")
    optional = {key: row.get(key) for key in ("url", "outlet", "country", "published", "lang")}
    for key, value in optional.items():
        if value is not None and not isinstance(value, str):
            raise ValueError(f"{key!r} must be a text")
    url = optional["url"] or ""
    outlet = optional["outlet"] or (site(url) if url else row["id"])
    return Article(
        url or row["id"],
        row["title"],
        row["text"] if row["text"].strip() else row["title"],
        parse(optional["published"], now),
        optional["lang"] or None,
        outlet,
        optional["country"] or country_of(outlet),
    )


def whole(row: dict[str, Any]) -> dict[str, Any]:
    """JSON may hold halves of characters (lone surrogates), which can be neither stored nor written: they become question marks."""
    return {key: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value for key, value in row.items()}


def report_of(name: str, result: Analysed, now: datetime) -> Report:
    article = result.article
    return Report(name, canonical(article.url), article.title, article.outlet, article.published or now, result.finding, result.signature)


def assess_lines(lines: Iterable[str], known: Lexicon) -> Iterator[dict[str, Any] | str]:
    """One result an article, in order; for a line that cannot be read, a sentence with its number instead.

    An article is placed beside those before it. When it shows that two stories are one, those to come get the name of the larger.
    """
    run, now = _Run(), datetime.now(UTC)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line, object_hook=whole)
            read = read_article(row, now)
        except ValueError as error:
            yield f"line {number}: {error}"
            continue
        except RecursionError:
            yield f"line {number}: brackets in brackets without end"
            continue
        result = analysed(known, read)
        story, copy_of = run.place(row["id"], report_of(str(number), result, now)) if result.finding.relevant else (None, None)
        yield as_row(row["id"], result, story, copy_of)


class _Run:
    """The stories of one run, in memory. Articles go by their line: nobody promised that their names are different."""

    def __init__(self) -> None:
        self._gathering = Gathering(Bonds())
        self._names: dict[str, str] = {}
        self._keys: dict[int, str] = {}

    def place(self, name: str, report: Report) -> tuple[str, str | None]:
        """The key of the article's story, and the name of the article that it copies."""
        self._names[report.id] = name
        self._gathering.add(report)
        number = self._gathering.story_of(report.id)
        if number not in self._keys:
            self._keys[number] = key_of(report.url, self._taken)
        original = self._gathering.report(report.id).copy_of
        return self._keys[number], self._names[original] if original else None

    def _taken(self, key: str) -> bool:
        return key in self._keys.values()


def as_row(name: str, result: Analysed, story: str | None, copy_of: str | None) -> dict[str, Any]:
    """The fixed output form of `monitor assess`."""
    finding = result.finding
    return {
        "id": name,
        "relevant": finding.relevant,
        "score": finding.score,
        "lang": finding.lang,
        "kind": finding.kind if finding.relevant else None,
        "countries": list(finding.countries),
        "victims": [{"id": v.id, "name": v.name, "country": v.country, "sector": v.sector} for v in finding.victims],
        "attacks": list(finding.attacks),
        "actors": list(finding.actors),
        "story": story,
        "copy_of": copy_of,
        "reasons": [
            {"rule": r.rule, "term": r.term, "surface": r.surface, "zone": r.zone, "start": r.start, "end": r.end, "weight": r.weight}
            for r in finding.reasons
        ],
    }
