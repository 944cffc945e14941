"""`monitor demo`."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from monitor.errors import InputError


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: monitor demo --keep /tmp/demo && sqlite3 /tmp/demo/monitor.db 'select headline from stories'")(demo)


def demo(
    serve: Annotated[bool, typer.Option("--serve", help="Keep newsroom, daemon and receivers running until Ctrl-C.")] = False,
    keep: Annotated[Path | None, typer.Option(help="Keep the database in this folder, and print commands to try on it.")] = None,
) -> None:
    """The whole way on a made-up newsroom: the real daemon, real mail and webhooks, all on loopback. Exit status 1 if anything differs."""
    from monitor.demo.run import demo as run_demo

    console = Console()
    with tempfile.TemporaryDirectory(prefix="monitor-demo-") as temporary:
        folder = keep or Path(temporary)
        if (folder / "monitor.db").exists():
            raise InputError(f"{folder / 'monitor.db'} is there already: give another folder, or delete it")
        outcome = asyncio.run(run_demo(folder, console, serve))
    if keep:
        _try_out(console, keep)
    raise typer.Exit(1 if outcome.differences else 0)


def _try_out(console: Console, folder: Path) -> None:
    url = f"sqlite:///{(folder / 'monitor.db').resolve()}"
    program = "./run monitor" if Path("run").exists() else "monitor"
    console.print(f"\nThe database is kept. Try:\n  export MONITOR_DATABASE_URL={url}", highlight=False, soft_wrap=True)
    for command in ("stories list", "sources list --trouble", "alerts list"):
        console.print(f"  {program} {command}", highlight=False, soft_wrap=True)
    query = "'select headline, reports from stories'"
    console.print(f"  sqlite3 {folder / 'monitor.db'} {query}", highlight=False, soft_wrap=True)
