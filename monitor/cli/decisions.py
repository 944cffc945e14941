"""`monitor stories confirm | reject | undo`: what people say about the stories."""

from __future__ import annotations

import difflib
import getpass
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli import output
from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.store import Connection
    from monitor.store.decisions import Decision, Verdict

_Keys = Annotated[list[str], typer.Argument(metavar="KEY", help="The stories' keys, as `stories list` shows them.")]
_Author = Annotated[str | None, typer.Option(help="Who decides.", show_default="the login name")]


def register(group: typer.Typer) -> None:
    group.command(epilog="Example: monitor stories confirm 3f9a1c07d2 81be44d0aa --author ana")(confirm)
    group.command(epilog="Example: monitor stories reject 3f9a1c07d2")(reject)
    group.command(epilog="Example: monitor stories undo 3f9a1c07d2")(undo)


def confirm(keys: _Keys, author: _Author = None) -> None:
    """Says that these stories are incidents. If one key is unknown, nothing is decided."""
    _decide(keys, "confirmed", author)


def reject(keys: _Keys, author: _Author = None) -> None:
    """Says that these stories are no incidents. If one key is unknown, nothing is decided."""
    _decide(keys, "rejected", author)


def undo(keys: _Keys, author: _Author = None) -> None:
    """Takes back the last decision on each of these stories; the one before it, if any, holds again."""
    from monitor.store import decisions

    _each(keys, partial(decisions.undo, author=_name(author), now=datetime.now(UTC)), "the last decision is taken back")


def history(decisions: list[Decision]) -> None:
    """Who decided what about a story, and who took it back."""
    rows = ((each.at, each.verdict, each.author, each.undone_at, each.undone_by) for each in decisions)
    output.table("Decisions", ("at", "verdict", "by", "taken back", "taken back by"), rows)


def _decide(keys: list[str], verdict: Verdict, author: str | None) -> None:
    from monitor.store import decisions

    _each(keys, partial(decisions.decide, verdict=verdict, author=_name(author), now=datetime.now(UTC)), verdict)


def _each(keys: list[str], act: Callable[[Connection, str], bool], done: str) -> None:
    """Acts on all stories in one transaction, or on none; then tells what was done to each."""
    with output.opened() as store:
        acted = store.write_now(partial(_all_or_none, keys=list(dict.fromkeys(keys)), act=act))
    for key, changed in acted.items():
        typer.echo(f"{key}: {done if changed else 'there is no decision to take back'}")


def _all_or_none(c: Connection, keys: list[str], act: Callable[[Connection, str], bool]) -> dict[str, bool]:
    from monitor.store import decisions

    if missing := decisions.unknown(c, keys):
        known = decisions.all_keys(c)
        raise InputError("\n".join(_no_such(key, known) for key in missing))
    return {key: act(c, key) for key in keys}


def _no_such(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return f"no such story: {key!r}; " + (f"did you mean {near[0]!r}?" if near else "`monitor stories list` shows the keys")


def _name(author: str | None) -> str:
    try:
        name = (getpass.getuser() if author is None else author).strip()
    except (KeyError, OSError):  # a user number without a name, as containers may have
        name = ""
    if not name:
        raise InputError("--author: say who decides; this login has no name" if author is None else "--author: expected a name")
    return name
