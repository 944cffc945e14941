"""`monitor assess` and `monitor evaluate`: detection without network or database."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO, cast

import typer

from monitor.cli import output
from monitor.errors import InputError
from monitor.settings import default_folder

if TYPE_CHECKING:
    from monitor.jobs.evaluate import Judged, Misgathered, Score

_File = Annotated[
    Path | None,
    typer.Argument(help="JSON Lines with id, title, text; optional url, outlet, country, published, lang. Default: standard input."),
]


def register(app: typer.Typer) -> None:
    app.command(
        epilog="""Example: echo '{"id":"1","title":"Hackers attack the site of the Parliament of Albania","text":"..."}' | monitor assess"""
    )(assess)
    app.command(epilog="Example: monitor evaluate tests/corpus/dev.jsonl --lang sq --lang mk")(evaluate)


@contextmanager
def _opened(file: Path | None) -> Iterator[TextIO]:
    if file is None or str(file) == "-":
        # Whatever the locale says: JSON is UTF-8. A byte that is none becomes a mark in its line and costs no other.
        cast(TextIOWrapper, sys.stdin).reconfigure(encoding="utf-8-sig", errors="replace")
        yield sys.stdin
        return
    try:
        stream = file.open(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from None
    with stream:  # what goes wrong from here on, such as a reader that goes away, is not the file's fault
        yield stream


def assess(file: _File = None) -> None:
    """Says of each article whether it reports an incident, of whom, where, how, by whom, and why. JSON Lines in and out, in order."""
    from monitor.detect.load import load_lexicon
    from monitor.jobs.assess import assess_lines

    known = load_lexicon(default_folder(os.environ))
    bad = 0
    cast(TextIOWrapper, sys.stdout).reconfigure(encoding="utf-8")
    with _opened(file) as lines:
        for result in assess_lines(lines, known):
            if isinstance(result, str):
                bad += 1
                typer.echo(f"monitor assess: {result}", err=True)
            else:
                typer.echo(json.dumps(result, ensure_ascii=False))
    raise typer.Exit(1 if bad else 0)


def evaluate(
    file: Annotated[Path, typer.Argument(help="Labelled articles, JSON Lines (see tests/corpus/LABELS.md).")],
    lang: Annotated[list[str] | None, typer.Option(help="Only these languages; may be repeated.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Figures and misses as JSON.")] = False,
) -> None:
    """How good flagging, victims, countries, actors and stories are, and every miss and every story that mixes or splits incidents."""
    from monitor.detect.load import load_lexicon
    from monitor.jobs.evaluate import judge_all, misgathered, misses, summary

    known = load_lexicon(default_folder(os.environ))
    rows = labelled_rows(file)
    chosen = [row for row in rows if not lang or row["lang"] in lang]
    if not chosen:
        there = ", ".join(sorted({row["lang"] for row in rows}))
        raise InputError(f"{file}: no article is in {' or '.join(lang or ())}; there are {there}" if rows else f"{file}: holds no article")
    judged = judge_all(chosen, known)
    figures = summary(judged)
    if as_json:
        plain = json.loads(json.dumps(figures, default=asdict))
        wrong = {"misses": [_miss(one) for one in misses(judged)], "misgathered": [_stray(one) for one in misgathered(judged)]}
        typer.echo(json.dumps(plain | wrong, ensure_ascii=False, indent=2))
        return
    _show(figures, misses(judged))
    _show_strays(misgathered(judged))


def labelled_rows(file: Path) -> list[dict[str, Any]]:
    """The labelled articles of a file. Raises `InputError` with the first line that is none."""
    with _opened(file) as lines:
        return [_labelled(file, line, number) for number, line in enumerate(lines, start=1) if line.strip()]


def _labelled(file: Path, line: str, number: int) -> dict[str, Any]:
    from monitor.jobs.assess import read_article, whole

    try:
        row = json.loads(line, object_hook=whole)
        if not isinstance(row, dict):
            raise ValueError("expected a JSON object")
        for key in ("id", "lang", "title", "text", "relevant", "countries", "victims", "attack", "actors", "incident"):
            row[key]
        read_article(row, datetime.now(UTC))
        _check_labels(row)
    except RecursionError:
        raise InputError(f"{file}:{number}: brackets in brackets without end") from None
    except ValueError as error:
        raise InputError(f"{file}:{number}: {error}") from None
    except KeyError as error:
        raise InputError(f"{file}:{number}: {error} is missing; labelled articles are described in tests/corpus/LABELS.md") from None
    return cast(dict[str, Any], row)


def _check_labels(row: dict[str, Any]) -> None:
    """Raises `ValueError` with a sentence for a label of another kind than is described: "false" is no false."""
    if not isinstance(row["relevant"], bool):
        raise ValueError("'relevant' must be true or false")
    for key in ("lang", "attack", "incident"):
        if not isinstance(row[key], str) and (row[key] is not None or key == "lang"):  # null: of no attack, of no incident
            raise ValueError(f"{key!r} must be a text")
    for key in ("countries", "victims", "actors"):
        if not (isinstance(row[key], list) and all(isinstance(each, str) for each in row[key])):
            raise ValueError(f"{key!r} must be a list of texts")


def _miss(one: Judged) -> dict[str, Any]:
    finding = one.finding
    return {
        "id": one.label["id"],
        "lang": one.label["lang"],
        "expected": one.label["relevant"],
        "kind": one.label.get("kind"),
        "score": finding.score,
        "title": one.label["title"],
        "reasons": [f"{r.weight:+.2f} {r.rule}: {r.surface} [{r.term}]" for r in finding.reasons] or ["no word tells of an attack"],
    }


def _show(figures: dict[str, Any], missed: list[Judged]) -> None:
    from rich.text import Text

    by_language = [_row(f"  in {name}", score) for name, score in figures["languages"].items()]
    others = [_row(name, figures[name]) for name in ("victims", "countries", "actors")]
    others += [_row("stories (B-cubed)", figures["stories"]), _row("stories (pairs)", figures["pairs"])]
    rows = [_row("flagging", figures["flagging"]), *by_language, *others]
    output.table(f"{figures['articles']} articles", ("", "precision", "recall", "F1", "expected"), rows)
    console = output.console()
    console.print(
        f"attack right: {figures['attack']:.3f}   kind right: {figures['kind']:.3f}   language right: {figures['language_named']:.3f}"
        f"   stories an incident: {figures['stories_an_incident']:.3f}"
    )
    for miss in map(_miss, missed):
        kind = "MISSED" if miss["expected"] else "WRONGLY FLAGGED"
        told = output.cell(f"{miss['id']} ({miss['kind']}) score {miss['score']:.2f}: {miss['title']}")
        console.print(Text.assemble("\n", (kind, "bold"), f" {told}"), soft_wrap=True)
        for reason in miss["reasons"]:
            console.print(f"   {output.cell(reason)}", soft_wrap=True)


def _stray(one: Misgathered) -> dict[str, Any]:
    fields = ("id", "published", "incident", "title")
    articles = [{name: each.label.get(name) for name in fields} | {"story": each.story, "why": each.why} for each in one.articles]
    return {"what": one.what, "name": one.name, "articles": articles}


def _show_strays(strays: list[Misgathered]) -> None:
    console = output.console()
    headings = {"split": "SPLIT: one incident in several stories", "mixed": "MIXED: several incidents in one story"}
    for stray in map(_stray, strays):
        console.print(f"\n{headings[stray['what']]} ({output.cell(stray['name'])})", style="bold", soft_wrap=True)
        for each in stray["articles"]:
            where = f"story {each['story']}" if stray["what"] == "split" else f"{each['incident'] or 'no incident'}"
            line = output.cell(f"{where}, {each['published']}, {each['id']}: {each['title']} ({each['why']})")
            console.print(f"   {line}", soft_wrap=True)


def _row(name: str, score: Score) -> tuple[str, ...]:
    return (name, f"{score.precision:.3f}", f"{score.recall:.3f}", f"{score.f1:.3f}", str(score.count))
