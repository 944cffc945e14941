"""`monitor explain`: why one article is flagged, or what it lacks."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import output
from monitor.cli.run import loaded
from monitor.errors import InputError
from monitor.settings import default_folder

if TYPE_CHECKING:
    from rich.text import Text

    from monitor.detect.explain import Explanation, Part
    from monitor.model import Article, FetchOutcome, Reason

_LONGEST = 5_000_000  # bytes: as large as the largest page that is fetched

_What = Annotated[
    str,
    typer.Argument(
        metavar="FILE|URL|ARTICLE",
        help="A file with one article: a JSON object (see `monitor assess`), or plain text with the title as first line; - is standard "
        "input. Or the address of a page, which is fetched. Or the number of an article in the store.",
    ),
]


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: monitor explain --country AL article.txt")(explain)


def explain(
    what: _What,
    country: Annotated[str | None, typer.Option(help="Country of the outlet, for plain text and pages.")] = None,
    lang: Annotated[str | None, typer.Option(help="Language of the outlet, for plain text and pages.")] = None,
    as_json: output.Json = False,
) -> None:
    """Shows an article with the words that count marked, the sum of their weights, and, if it is not flagged, what was missing."""
    from monitor.detect.explain import explain as explained
    from monitor.detect.load import load_lexicon

    article = _found(what, output.country(country) if country else None, lang)
    found = explained(article, load_lexicon(default_folder(os.environ)))
    if as_json:
        output.as_json(found)
    else:
        _show(article, found)


def _found(what: str, country: str | None, lang: str | None) -> Article:
    """A file is a file, whatever it is called; then an address, then a number."""
    from monitor.text.urls import is_http

    if what == "-" or _exists(Path(what)):
        return _article(_read(Path(what)), what, country, lang)
    if is_http(what):
        return _fetched(what, country, lang)
    if what.isdecimal():
        return _stored(what)
    raise InputError(f"{what}: no such file, and neither a page's address (https://...) nor the number of a stored article")


def _exists(file: Path) -> bool:
    try:
        return file.exists()
    except OSError:  # longer than any name of a file
        return False


def _fetched(url: str, country: str | None, lang: str | None) -> Article:
    import asyncio

    from monitor.extract.article import article
    from monitor.model import Entry, Failed, Fetched, Rejected, Source
    from monitor.text.urls import country_of, site

    outcome = asyncio.run(_page(url))
    if not isinstance(outcome, Fetched):
        raise InputError(f"{url}: {outcome.detail if isinstance(outcome, Failed) else 'the site sent nothing'}")
    outlet = site(url)
    read = article(
        outcome.page, Entry(url, url, ""), Source(outlet, outlet, url, outlet=outlet, country=country or country_of(outlet), lang=lang)
    )
    if isinstance(read, Rejected):
        raise InputError(f"{url}: {read.reason}")
    return read


async def _page(url: str) -> FetchOutcome:
    """As the daemon would fetch it: politely, and from public addresses only."""
    from monitor.collect.fetch import Fetcher

    async with Fetcher(loaded().collect) as fetcher:
        return await fetcher.page(url)


def _stored(number: str) -> Article:
    from monitor.store import archive

    with output.opened() as store:
        found = store.read_now(lambda c: archive.one(c, number))
    if found is None:
        raise InputError(f"no judged article has the number {number}; `monitor stories show` and `monitor backtest` show the numbers")
    if not found.has_text:
        typer.echo(
            "Only title and summary are left of this article: texts of those not flagged are kept as keep.clear_texts says.", err=True
        )
    return found.article


def _read(file: Path) -> str:
    try:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as stream:
            content = stream.read(_LONGEST + 1)
        if len(content) > _LONGEST:
            raise InputError(f"{file}: more than {_LONGEST:,} bytes; give one article")
        return content.decode("utf-8")
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: is not UTF-8 text ({error.reason} at byte {error.start})") from None


def _article(content: str, name: str, country: str | None, lang: str | None) -> Article:
    from monitor.jobs.assess import read_article, whole

    if not content.strip():
        raise InputError(f"{name}: is empty")
    try:
        row = json.loads(content, object_hook=whole) if content.lstrip().startswith("{") else _from_text(content, country, lang)
        return read_article({"id": name, "text": ""} | row, datetime.now(UTC))
    except ValueError as error:
        several = isinstance(error, json.JSONDecodeError) and error.msg == "Extra data"
        raise InputError(f"{name}: {'more than one article; `monitor assess` takes many' if several else error}") from None
    except RecursionError:
        raise InputError(f"{name}: brackets in brackets without end") from None


def _from_text(content: str, country: str | None, lang: str | None) -> dict[str, Any]:
    title, _, text = content.strip().partition("\n")
    return {"title": title.strip(), "text": text.strip(), "country": country, "lang": lang}


def _show(article: Article, found: Explanation) -> None:
    from rich.text import Text

    finding, numbers = found.finding, {part.feature: number for number, part in enumerate(found.parts, 1)}
    in_title = [part for part in found.parts if part.reason and part.reason.zone == "title"]
    in_text = [part for part in found.parts if part.reason and part.reason.zone != "title"]
    console = output.console()
    console.print(_marked(article.title, in_title, numbers, "bold"), soft_wrap=True)
    console.print()
    console.print(_marked(article.text, in_text, numbers, ""), soft_wrap=True)
    console.print()
    output.table(
        "What counts",
        ("", "weight", "what", "words", "term"),
        [
            *((numbers[part.feature], f"{part.weight:+.2f}", part.meaning, *_words(part.reason)) for part in found.parts),
            ("", f"{found.bias:+.2f}", "every article starts here", "", ""),
            ("", f"{found.total:+.2f}", f"sum; {found.needed:+.2f} is needed", "", ""),
        ],
    )
    verdict = "flagged" if finding.relevant else "not flagged"
    console.print(Text(f"{verdict}, score {finding.score:.2f}, language {finding.lang}", style="bold"), soft_wrap=True)
    if finding.relevant:
        victims = [f"{victim.name} ({victim.country or '–'})" for victim in finding.victims]
        facts = {"kind": finding.kind.replace("_", " "), "victims": victims, "attacks": finding.attacks, "actors": finding.actors}
        console.print("; ".join(f"{name} {output.cell(value)}" for name, value in facts.items()), soft_wrap=True)
    else:
        short = f"{found.needed - found.total:.2f} short" if found.attack_told else "No word tells of an attack, so the sum does not count"
        output.table(
            f"{short}. What was missing",
            ("would add", "what"),
            ((f"{part.weight:+.2f}", part.meaning) for part in found.missing),
        )


def _words(reason: Reason | None) -> tuple[str, str]:
    return (reason.surface, reason.term) if reason else ("", "")


def _marked(text: str, parts: list[Part], numbers: dict[str, int], style: str) -> Text:
    """The text with ⟦words⟧ and the numbers of the evidence that rests on them: for those in favour green, for those against red."""
    from rich.text import Text

    spans: dict[tuple[int, int], list[Part]] = {}
    for part in parts:
        if part.reason:
            spans.setdefault((part.reason.start, part.reason.end), []).append(part)
    made, at = Text(style=style), 0
    for (start, end), those in sorted(spans.items()):
        if start < at:  # inside words already marked
            made.append(f"({_numbers(those, numbers)})", _colour(those))
            continue
        made.append(_safe(text[at:start]))
        made.append(f"⟦{_safe(text[start:end])}⟧{_numbers(those, numbers)}", _colour(those))
        at = end
    return made.append(_safe(text[at:]))


def _numbers(parts: list[Part], numbers: dict[str, int]) -> str:
    return ",".join(str(numbers[part.feature]) for part in parts)


def _colour(parts: list[Part]) -> str:
    return "green" if sum(part.weight for part in parts) > 0 else "red"


def _safe(text: str) -> str:
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text)
