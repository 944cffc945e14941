"""`monitor stories confirm | reject | mute | note | merge | split | undo`: what people say about the stories."""

from __future__ import annotations

import difflib
import getpass
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli import output
from monitor.cli.run import loaded
from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.jobs.repair import Audience
    from monitor.store import Connection
    from monitor.store.decisions import Decision, DecisionKind, Said

_Keys = Annotated[list[str], typer.Argument(metavar="KEY", help="The stories' keys, as `stories list` shows them.")]
_Key = Annotated[str, typer.Argument(metavar="KEY", help="The story's key, as `stories list` shows it.")]
_Author = Annotated[str | None, typer.Option(help="Who decides.", show_default="the login name")]

_MOST_WORDS = 2000  # characters of a note


def register(group: typer.Typer) -> None:
    group.command(epilog="Example: monitor stories confirm 3f9a1c07d2 81be44d0aa --author ana")(confirm)
    group.command(epilog="Example: monitor stories reject 3f9a1c07d2")(reject)
    group.command(epilog="Example: monitor stories mute 3f9a1c07d2")(mute)
    group.command(epilog='Example: monitor stories note 3f9a1c07d2 "The ministry denied it by phone"')(note)
    group.command(epilog="Example: monitor stories merge 3f9a1c07d2 81be44d0aa")(merge)
    group.command(epilog="Example: monitor stories split 3f9a1c07d2 118 121")(split)
    group.command(epilog="Example: monitor stories undo 3f9a1c07d2")(undo)


def confirm(keys: _Keys, author: _Author = None) -> None:
    """Says that these stories are incidents, told by the reports that they have. If one key is unknown, nothing is decided."""
    _judge(keys, "confirmed", author)


def reject(keys: _Keys, author: _Author = None) -> None:
    """Says that these stories are no incidents: nothing more is sent of them. If one key is unknown, nothing is decided."""
    _judge(keys, "rejected", author)


def mute(keys: _Keys, author: _Author = None) -> None:
    """Has these stories alert nobody any more, though they are incidents. If one key is unknown, nothing is decided."""
    _judge(keys, "muted", author)


def note(key: _Key, words: Annotated[str, typer.Argument(help="What to remember of it.")], author: _Author = None) -> None:
    """Writes a note beside a story. `stories show` tells it, with its author."""
    text = " ".join(words.split())
    if not 0 < len(text) <= _MOST_WORDS:
        raise InputError(f"a note has 1 to {_MOST_WORDS} characters (got {len(text)})")
    _judge([key], "noted", author, text)


def merge(
    key: _Key, others: Annotated[list[str], typer.Argument(metavar="OTHER", help="The stories to merge into it.")], author: _Author = None
) -> None:
    """Makes stories one, under the first key: they tell one incident. The other keys lead to it from now on."""
    from monitor.jobs import decide

    def work(c: Connection, audience: Audience) -> str:
        kept, *gone = dict.fromkeys(_known(c, [key, *others]))
        if not gone:
            raise InputError(f"{' and '.join([key, *others])}: these are one story already")
        decide.merge(c, kept, gone, _said("merged", author, " ".join(gone)), audience)
        return f"{kept}: took in {', '.join(gone)}"

    typer.echo(_written(work))


def split(
    key: _Key,
    articles: Annotated[list[int], typer.Argument(metavar="ARTICLE", help="The numbers of the articles that belong elsewhere.")],
    author: _Author = None,
) -> None:
    """Parts articles from a story: they tell another incident. `stories show` tells their numbers; their copies go with them."""
    from monitor.jobs import decide
    from monitor.store import told

    def work(c: Connection, audience: Audience) -> str:
        (here,) = _known(c, [key])
        numbers = sorted(set(articles))
        decide.split(c, here, numbers, _said("split", author, " ".join(map(str, numbers))), audience)
        named = f"article {numbers[0]} is" if len(numbers) == 1 else f"articles {', '.join(map(str, numbers))} are"
        return f"{here}: {named} in story {told.of_article(c, numbers[0])} now"

    typer.echo(_written(work))


def undo(keys: _Keys, author: _Author = None) -> None:
    """Takes back the last decision on each of these stories, and what it did; the one before it, if any, holds again."""
    from monitor.jobs import decide
    from monitor.store import stories

    def work(c: Connection, audience: Audience) -> str:
        name, now = _name(author), datetime.now(UTC)
        moved = {key: here for key, here in zip(keys, _known(c, keys), strict=True) if key != here}
        if moved:
            raise InputError("\n".join(f"{key} is part of {here} now; undo what was decided there" for key, here in moved.items()))
        bound = {key: stories.bound_to(c, [key]) for key in keys}
        undone = {key: decide.undo(c, key, name, now, audience) for key in bound}
        return "\n".join(f"{key}: {_undone(kind, bound[key])}" for key, kind in undone.items())

    typer.echo(_written(work))


def history(decisions: list[Decision]) -> None:
    """Who decided what about a story, and who took it back."""
    output.console().print("Decisions", style="bold")
    output.facts((output.cell(each.at), _told(each)) for each in decisions)
    output.console().print()


def _told(decision: Decision) -> str:
    what = f"{decision.kind}: {decision.detail}" if decision.detail else decision.kind
    taken_back = f" (taken back by {decision.undone_by}, {output.cell(decision.undone_at)})" if decision.undone_at else ""
    return f"{decision.author} {what}{taken_back}"


def no_such(key: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return f"no such story: {key!r}; " + (f"did you mean {near[0]!r}?" if near else "`monitor stories list` shows the keys")


def _judge(keys: list[str], kind: DecisionKind, author: str | None, words: str = "") -> None:
    from monitor.jobs import decide

    def work(c: Connection, audience: Audience) -> str:
        said = _said(kind, author, words)
        new: dict[str, bool] = {}
        for key in _known(c, keys):  # the decision on one story may take in another
            (here,) = _known(c, [key])
            new.setdefault(here, here in new or decide.judge(c, here, said, audience))
        return "\n".join(f"{key}: {kind}{'' if done else ' already'}" for key, done in new.items())

    typer.echo(_written(work))


def _written(work: Callable[[Connection, Audience], str]) -> str:
    """Acts on all stories in one transaction, or on none; what to say about it."""
    from monitor.alerts import subscribers
    from monitor.jobs.repair import Audience
    from monitor.store import stories

    found = loaded()
    audience = Audience(subscribers.load(found.folder / "alerts.toml", os.environ), found.alerts.max_age)

    def alone(c: Connection) -> str:
        stories.alone(c)  # so that the keys that people give still lead where they led when the decision is made
        return work(c, audience)

    with output.opened() as store:
        return store.write_now(alone)


def _known(c: Connection, keys: Sequence[str]) -> list[str]:
    """The stories that these keys lead to. Raises `InputError` for keys that lead nowhere."""
    from monitor.store import told

    found = told.current(c, keys)
    if missing := [key for key in dict.fromkeys(keys) if key not in found]:
        known = told.all_keys(c)
        raise InputError("\n".join(no_such(key, known) for key in missing))
    return [found[key] for key in keys]


def _said(kind: DecisionKind, author: str | None, detail: str) -> Said:
    from monitor.store.decisions import Said

    return Said(kind, _name(author), datetime.now(UTC), detail)


def _undone(kind: DecisionKind | None, others: Sequence[str]) -> str:
    """What became of it. A split stands with the story that was split, not with the one that came of it."""
    if kind:
        return f"no longer {kind}"
    return "there is no decision to take back" + (f"; one on {' or '.join(others)} parted it" if others else "")


def _name(author: str | None) -> str:
    try:
        name = (getpass.getuser() if author is None else author).strip()
    except (KeyError, OSError):  # a user number without a name, as containers may have
        name = ""
    if not name:
        raise InputError("--author: say who decides; this login has no name" if author is None else "--author: expected a name")
    return name
