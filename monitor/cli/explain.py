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
from monitor.errors import InputError
from monitor.settings import default_folder

if TYPE_CHECKING:
    from rich.text import Text

    from monitor.detect.explain import Explanation, Part
    from monitor.model import Article, Reason

_LONGEST = 5_000_000  # bytes: as large as the largest page that is fetched

_File = Annotated[
    Path,
    typer.Argument(
        help="One article: a JSON object (see `monitor assess`), or plain text with the title as first line. - is standard input."
    ),
]


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: monitor explain --country AL article.txt")(explain)


def explain(
    file: _File,
    country: Annotated[str | None, typer.Option(help="Country of the outlet, for plain text.")] = None,
    lang: Annotated[str | None, typer.Option(help="Language of the outlet, for plain text.")] = None,
    as_json: output.Json = False,
) -> None:
    """Shows an article with the words that count marked, the sum of their weights, and, if it is not flagged, what was missing."""
    from monitor.detect.explain import explain as explained
    from monitor.detect.load import load_lexicon

    article = _article(_read(file), str(file), output.country(country) if country else None, lang)
    found = explained(article, load_lexicon(default_folder(os.environ)))
    if as_json:
        output.as_json(found)
    else:
        _show(article, found)


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
    from monitor.jobs.assess import read_article

    if not content.strip():
        raise InputError(f"{name}: is empty")
    try:
        row = json.loads(content) if content.lstrip().startswith("{") else _from_text(content, country, lang)
        return read_article({"id": name, "text": ""} | row, datetime.now(UTC))
    except ValueError as error:
        raise InputError(f"{name}: {error}") from None


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
        console.print(
            f"victims {output.cell(victims)}; attacks {output.cell(finding.attacks)}; actors {output.cell(finding.actors)}", soft_wrap=True
        )
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
