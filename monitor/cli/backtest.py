"""`monitor backtest`: what a changed configuration would have flagged and what not, on the articles that the store knows."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import output
from monitor.errors import InputError
from monitor.settings import default_folder

if TYPE_CHECKING:
    from monitor.jobs.backtest import Again


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: monitor backtest my-config --since 90d")(backtest)


def backtest(
    folder: Annotated[
        Path | None, typer.Argument(help="The changed configuration. Default: the one in force, as its files are now.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Only articles first seen since then: 30d, 12h, or a date such as 2024-01-31.")] = None,
    as_json: output.Json = False,
) -> None:
    """Judges stored articles again with changed lexicons, registers or weights, and lists those that they would gain and lose.

    The store stays as it is. Of articles that were not flagged the text is there only as long as keep.clear_texts says; the others are
    judged by title and summary.
    """
    from monitor.detect.load import load_lexicon
    from monitor.jobs import backtest as jobs
    from monitor.store import archive

    if folder is not None and not (folder / "detection.toml").is_file():
        what = "no configuration" if folder.is_dir() else "no such folder"
        raise InputError(f"{folder}: {what}; give a configuration folder with lexicon/, institutions/ and detection.toml")
    known = load_lexicon(folder or default_folder(os.environ))
    after = output.since(since, datetime.now(UTC)) if since else None
    seen: Counter[str] = Counter()
    with output.opened() as store, output.progress("judging again", store.read_now(lambda c: archive.count(c, after))) as step:

        def portion(start: int, limit: int) -> list[archive.JudgedArticle]:
            return store.read_now(lambda c: archive.judged(c, after, start, limit))

        found = list(jobs.changes(output.stepping(jobs.again(portion, known), step), seen))
    if as_json:
        output.as_json(
            {**{name: seen[name] for name in ("judged", "summaries", "gained", "lost")}, "changes": [_facts(each) for each in found]}
        )
        return
    _show(found, seen)
    if found:
        typer.echo(f"`{f'MONITOR_CONFIG={shlex.quote(str(folder))} ' if folder else ''}monitor explain ARTICLE` shows why.")


def _show(found: list[Again], seen: Counter[str]) -> None:
    title = f"{seen['judged']} articles judged again: {seen['gained']} gained, {seen['lost']} lost"
    if found:
        output.table(title, ("change", "score", "by", "article", "title", "story"), map(_row, found))
    else:
        typer.echo(title)
    if seen["summaries"]:
        typer.echo(f"{seen['summaries']} of them by title and summary only, as their texts were not kept (keep.clear_texts).")
    if any(not each.judged.has_text for each in found):
        typer.echo("What is gained by summary may be so because the text, which told the daemon otherwise, is gone.")


def _row(each: Again) -> tuple[object, ...]:
    judged = each.judged
    scores = f"{judged.score:.2f} → {each.finding.score:.2f}"
    return each.change, scores, "text" if judged.has_text else "summary", judged.id, judged.article.title, judged.story


def _facts(each: Again) -> dict[str, Any]:
    return {
        "change": each.change,
        "article": each.judged.id,
        "url": each.judged.url,
        "title": each.judged.article.title,
        "had_text": each.judged.has_text,
        "before": each.judged.score,
        "after": each.finding.score,
        "story": each.judged.story,
        "victims": [victim.name for victim in each.finding.victims],
    }
