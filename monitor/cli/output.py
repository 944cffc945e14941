"""What the commands that show something share: the opened store, tables for people, JSON for machines."""

from __future__ import annotations

import dataclasses
import difflib
import json
import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from monitor.cli.run import loaded
from monitor.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from monitor.store.engine import Store

T = TypeVar("T")

Json = Annotated[bool, typer.Option("--json", help="For machines.")]
Limit = Annotated[int, typer.Option(min=1, help="The most to show.")]

_WHOLE = 10_000  # characters of a value that is shown whole, longer than any
_PIPED_WIDTH = 10_000  # a pipe has no width; folding would hide from the next program what it looks for


@contextmanager
def opened() -> Iterator[Store]:
    """The store of the settings, to read from. Raises `SchemaError` before it makes or changes anything."""
    from monitor.store import migrate
    from monitor.store.engine import Store

    url = loaded().database.url
    migrate.check(url)
    with Store(url) as store:
        yield store


def console() -> Console:
    """Colours and the terminal's width for people; neither in a pipe. `NO_COLOR` and `COLUMNS` are obeyed."""
    from rich.console import Console

    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _PIPED_WIDTH
    return Console(width=width, markup=False, highlight=False, emoji=False)


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar on standard error while something long goes on, for people only; call what it yields after each of `total` steps."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(what, total=total)

        yield partial(bar.advance, task)


def stepping(items: Iterable[T], step: Callable[[], None]) -> Iterator[T]:
    """`items`, with a step of the bar after each."""
    for item in items:
        yield item
        step()


def table(title: str, columns: Iterable[str], rows: Iterable[Iterable[object]], whole: Collection[str] = ()) -> None:
    """A table on standard output; columns that are `whole` are not folded. Cells are cleaned: some come from strangers, and must not steer
    the terminal."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False)
    for name in columns:
        made.add_column(name, overflow="fold", no_wrap=name in whole)
    for row in rows:
        made.add_row(*map(cell, row))
    console().print(made)


def facts(rows: Iterable[tuple[str, object]]) -> None:
    """Names and values side by side, one below the other; values as long as they are."""
    from rich.table import Table

    made = Table.grid(padding=(0, 1))
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in rows:
        made.add_row(f"  {name}", cell(value, _WHOLE))
    console().print(made)


def cell(value: object, longest: int = 500) -> str:
    """A value in words: instants in UTC to the minute, lists by commas, nothing as a dash."""
    from monitor.alerts.form import clean

    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, tuple | list):
        return ", ".join(cell(each, longest) for each in value) or "–"
    return clean(str(value), longest) if value not in (None, "") else "–"


def as_json(value: object, err: bool = False) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain), err=err)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return dataclasses.asdict(value)


def since(text: str, now: datetime) -> datetime:
    """`30d`, `12h`: so long ago; or a date such as `2024-01-31`."""
    from pydantic import TypeAdapter, ValidationError

    from monitor.settings import Duration

    try:
        return now - TypeAdapter(Duration).validate_python(text)
    except (ValidationError, OverflowError):
        pass
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"--since: expected a duration such as 30d or 12h, or a date such as 2024-01-31 (got {text!r})") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def country(text: str) -> str:
    """A country code, given as such or as the English name. Raises `InputError` with the nearest one."""
    from monitor.detect.lexicon import country_names

    names = country_names()
    codes = {name.casefold(): code for code, name in names.items()}
    code = text.upper() if text.upper() in names else codes.get(text.casefold())
    if code is None:
        near = difflib.get_close_matches(text.casefold(), codes, n=1)
        hint = f"; did you mean {codes[near[0]]!r} ({names[codes[near[0]]]})?" if near else " (a code such as AL, XK or MK)"
        raise InputError(f"--country: no such country: {text!r}{hint}")
    return code
