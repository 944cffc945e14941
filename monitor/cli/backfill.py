"""`monitor backfill`: archived pages (WARC files) read as if they had come from their sites."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor import settings
from monitor.cli import output
from monitor.cli.run import loaded
from monitor.log import configure

if TYPE_CHECKING:
    from monitor.jobs.backfill import Result, Wanted


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: monitor backfill CC-NEWS-20231226070508-01234.warc.gz --since 2023-12-01")(backfill)


def backfill(
    files: Annotated[list[Path], typer.Argument(help="WARC files, plain (.warc) or packed (.warc.gz).")],
    all_sites: Annotated[bool, typer.Option("--all-sites", help="Also pages of sites that no source has.")] = False,
    since: Annotated[str | None, typer.Option(help="Only pages archived since then: 30d, 12h, or a date such as 2024-01-31.")] = None,
    as_json: output.Json = False,
) -> None:
    """Reads the pages of news archives such as CC-NEWS, judges those of the sources' sites and places them in stories. Fetches nothing.

    What is known already stays as it is, so that it may be stopped and run again at any time. Old reports alert nobody (alerts.max_age).
    Exit status 1 if a file could not be read to its end.
    """
    from monitor.collect import archive
    from monitor.jobs.backfill import Wanted

    wanted = Wanted(all_sites, output.since(since, datetime.now(UTC)) if since else None)
    for file in files:
        archive.check(file)
    result, stopped = asyncio.run(_work(loaded(), files, wanted))
    if as_json:
        output.as_json(_facts(result) | {"stopped": stopped})
    else:
        _show(result)
    for name, why in result.ends.items():
        typer.echo(f"monitor backfill: {name}: {why}; what was read until then is kept", err=True)
    if stopped:
        typer.echo("monitor backfill: stopped; run it again to go on", err=True)
    raise typer.Exit(1 if result.ends or stopped else 0)


async def _work(found: settings.Settings, files: Sequence[Path], wanted: Wanted) -> tuple[Result, bool]:
    from monitor.app import open_parts, read_lists
    from monitor.jobs import backfill as jobs

    if found.log.level == "info":  # a line for each page is for a daemon's log
        configure(found.log.model_copy(update={"level": "warning"}))
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    # A name of its own: a daemon on this machine must keep what it holds.
    owner = f"backfill on {socket.gethostname()}"
    with _progress(sum(file.stat().st_size for file in files)) as moved:
        async with open_parts(found, read_lists(found, os.environ), owner) as parts:
            return await jobs.backfill(parts, files, wanted, moved, stop), stop.is_set()


@contextmanager
def _progress(size: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error by the bytes read, for people only."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("reading", total=size)
        yield lambda behind: bar.update(task, completed=behind)


def _show(result: Result) -> None:
    output.facts(
        (
            ("pages read", result.pages),
            ("known already", result.known),
            ("judged", result.judged),
            ("flagged", len(result.flagged)),
            ("stories opened", result.opened),
        )
    )
    if result.skipped:
        output.table("Skipped", ("number", "what"), ((number, why) for why, number in result.skipped.most_common()))


def _facts(result: Result) -> dict[str, Any]:
    return {
        "pages": result.pages,
        "known": result.known,
        "judged": result.judged,
        "flagged": len(result.flagged),
        "stories_opened": result.opened,
        "skipped": dict(result.skipped.most_common()),
        "cut_off": result.ends,
    }
