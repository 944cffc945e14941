"""Articles from a file or a pipe instead of the network: the same detection and placement, with the stories kept in memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from monitor.detect.lexicon import Lexicon
from monitor.jobs.judge import analysed
from monitor.model import Analysed, Article, Placement, Report, Story
from monitor.stories.place import WINDOW, distance, place
from monitor.text.dates import parse
from monitor.text.urls import country_of, site

_SPOKEN = {"id", "title", "text"}


class Stories:
    """The stories of one run, in memory: what the store is for the daemon."""

    def __init__(self) -> None:
        self._by_key: dict[str, Story] = {}

    def add(self, report: Report, url: str) -> Placement:
        near = [story for story in self._by_key.values() if distance(report.at, story) <= WINDOW]
        placement = place(report, near, url)
        self._by_key[placement.story.key] = placement.story
        return placement

    def all(self) -> list[Story]:
        return list(self._by_key.values())


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
    return Report(name, result.article.url, result.article.title, result.article.outlet, result.article.published or now, result.finding, result.signature)


def assess_lines(lines: Iterable[str], known: Lexicon) -> Iterator[dict[str, Any] | str]:
    """One result an article, in order; for a line that cannot be read, a sentence with its number instead."""
    stories, now = Stories(), datetime.now(UTC)
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
        placement = stories.add(report_of(row["id"], result, now), result.article.url) if result.finding.relevant else None
        yield as_row(row["id"], result, placement)


def as_row(name: str, result: Analysed, placement: Placement | None) -> dict[str, Any]:
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
        "story": placement.story.key if placement else None,
        "copy_of": placement.report.copy_of if placement else None,
        "reasons": [
            {"rule": r.rule, "term": r.term, "surface": r.surface, "zone": r.zone, "start": r.start, "end": r.end, "weight": r.weight}
            for r in finding.reasons
        ],
    }
