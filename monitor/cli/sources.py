"""`monitor sources`: what is polled, how each source fares, and the files in which sources stand."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from monitor.cli import adding, checking, output
from monitor.errors import InputError, MonitorError
from monitor.settings import default_folder

if TYPE_CHECKING:
    from monitor.model import Attempt, Condition, Source
    from monitor.store import Connection
    from monitor.store.sources import SourceHealth

State = Literal["ok", "new", "trouble", "silent", "broken", "gone", "off"]

_HELP = "What is polled, how each source fares, and how to add, check and exchange sources."
# The columns of a list, and how wide a terminal must be to have room for them beside the reason.
_COLUMNS = {
    "source": 0,
    "kind": 130,
    "country": 150,
    "state": 0,
    "told": 0,
    "every": 0,
    "new": 0,
    "polls": 150,
    "last checked": 170,
    "last ok": 0,
    "next check": 130,
    "why": 0,
}
_UNTROUBLED = ("ok", "new", "off")


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help=_HELP, epilog="Example: monitor sources list --trouble")
    group.command("list", epilog="Example: monitor sources list --country RS --state broken")(list_sources)
    group.command("show", epilog="Example: monitor sources show al.albeu")(show_source)
    group.command("check", epilog="Example: monitor sources check --country AL")(checking.check)
    adding.register(group)
    group.command("enable", epilog="Example: monitor sources enable al.albeu")(enable)
    group.command("disable", epilog='Example: monitor sources disable al.albeu --why "closed in 2026"')(disable)
    group.command("import", epilog="Example: monitor sources import subscriptions.opml")(import_opml)
    group.command("export", epilog="Example: monitor sources export sources.opml")(export_opml)
    app.add_typer(group, name="sources")


@dataclasses.dataclass(frozen=True, slots=True)
class _Known:
    """A source as the store knows it, with how it fares by its own rhythm."""

    health: SourceHealth
    condition: Condition | None

    @property
    def state(self) -> State:
        if not self.health.source.enabled:
            return "off"
        if self.condition and self.condition.state != "well":
            return self.condition.state
        if self.health.trouble:
            return "trouble"
        return "ok" if self.health.polls else "new"

    @property
    def reason(self) -> str | None:
        """Why it is off, or what is wrong with it."""
        if not self.health.source.enabled:
            return self.health.source.why or None
        return (self.condition.reason if self.condition else None) or self.health.trouble


def _known(c: Connection) -> list[_Known]:
    from monitor.collect.health import condition
    from monitor.store import health, sources

    conditions = {each.source.key: condition(each) for each in health.vitals(c)}
    found = [_Known(each, conditions.get(each.source.key)) for each in sources.health(c)]
    return sorted(found, key=lambda each: (each.state == "off", each.state in _UNTROUBLED))


def list_sources(
    trouble: Annotated[bool, typer.Option("--trouble", help="Only those that fail, are silent, broken or gone.")] = False,
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    country: Annotated[str | None, typer.Option(help="Only of this country: a code such as AL, or its English name.")] = None,
    as_json: output.Json = False,
) -> None:
    """All sources, those in trouble first; those switched off stand last. `why` says what is wrong, or why it is off; `new` is the share of
    new items among those listed of late, `told` what operators were told and is not over."""
    code = output.country(country) if country else None
    with output.opened() as store:
        found = store.read_now(_known)
    wanted = [
        each
        for each in found
        if code in (None, each.health.source.country) and state in (None, each.state) and not (trouble and each.state in _UNTROUBLED)
    ]
    if as_json:
        output.as_json([_facts(each) for each in wanted])
        return
    width = output.console().width
    columns = [name for name, room in _COLUMNS.items() if room <= width]
    failing = sum(each.state not in _UNTROUBLED for each in wanted)
    rows = ([_row(each)[name] for name in columns] for each in wanted)
    output.table(f"{len(wanted)} sources, {failing} in trouble", columns, rows, whole=("state", "told", "last ok"))


def _row(each: _Known) -> dict[str, object]:
    health = each.health
    return {
        "source": health.source.key,
        "kind": health.source.kind,
        "country": health.source.country,
        "state": each.state,
        "told": health.told,
        "every": _span(health.interval),
        "new": _percent(health.share),
        "polls": health.polls,
        "last checked": health.checked_at,
        "last ok": health.last_ok_at,
        "next check": health.next_check_at if health.source.enabled else None,
        "why": each.reason,
    }


def _facts(each: _Known) -> dict[str, Any]:
    """A source by the column names of the public view, and its state in a word."""
    health, source, record = each.health, each.health.source, each.health.record
    return {
        "source": source.key,
        "name": source.name,
        "kind": source.kind,
        "url": source.url,
        "outlet": source.outlet,
        "country": source.country,
        "language": source.lang,
        "select": source.select,
        "enabled": source.enabled,
        "why": source.why,
        "state": each.state,
        "reason": each.reason,
        "polls": health.polls,
        "checked_at": health.checked_at,
        "last_ok_at": health.last_ok_at,
        "next_check_at": health.next_check_at,
        "failures": health.failures,
        "trouble": health.trouble,
        "interval_seconds": health.interval.total_seconds(),
        "share_new": health.share,
        "news_at": record.news_at,
        "moved_to": record.moved_to,
        "told": health.told,
        "told_since": health.told_since,
    }


def show_source(key: Annotated[str, typer.Argument(help="The source's key.")], as_json: output.Json = False) -> None:
    """One source with all that is known of it, and its last polls."""
    from monitor.store import sources

    with output.opened() as store:
        known = {each.health.source.key: each for each in store.read_now(_known)}
        if key not in known:
            raise checking.no_such(
                key, known, "it stands in the files, but the monitor has not taken it up yet" if key in _configured() else ""
            )
        each = known[key]
        attempts = store.read_now(lambda c: sources.attempts(c, each.health.id))
    if as_json:
        output.as_json(_facts(each) | {"record": _record(each), "attempts": [_attempt(one) for one in attempts]})
        return
    typer.echo(f"{key}: {output.cell(each.health.source.name)}")
    output.facts(_told(each))
    rows = ((one.at, one.outcome, one.entries, one.fresh, f"{one.seconds:.1f}", one.detail) for one in attempts)
    output.table("Its last polls, newest first", ("at", "outcome", "listed", "new", "seconds", "detail"), rows, whole=("at", "outcome"))


def _told(each: _Known) -> Iterable[tuple[str, object]]:
    health, source, record = each.health, each.health.source, each.health.record
    moves = f"{record.moved_to} (said {record.moves} times in a row since {output.cell(record.moved_since)})" if record.moved_to else None
    yield "state", each.state + (f": {each.reason}" if each.reason else "")
    yield "told", f"{health.told} since {output.cell(health.told_since)}" if health.told else None
    yield "address", source.url
    yield "moved to", moves
    yield "kind", source.kind + (f", links by {source.select}" if source.select else "")
    yield "outlet, country, language", f"{output.cell(source.outlet)}, {output.cell(source.country)}, {output.cell(source.lang)}"
    yield "why", source.why
    yield "polls", f"{health.polls}, the last at {output.cell(health.checked_at)}, one every {_span(health.interval)}"
    yield "next check", health.next_check_at if source.enabled else None
    yield "last ok, last read in full", f"{output.cell(health.last_ok_at)}, {output.cell(record.read_at)}"
    yield "failures, weighted", f"{health.failures:g}"
    yield "share of new items", _percent(health.share)
    yield "last news", record.news_at
    yield "quiet since, longest pause", f"{_span(record.quiet)}, {_span(record.gap)}" if record.news_at else None
    yield '"not modified" is believed', "yes" if record.believed else "no: it was found wrong"


def _record(each: _Known) -> dict[str, Any]:
    record = each.health.record
    values = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    return {
        (f"{name}_seconds" if isinstance(value, timedelta) else name): value.total_seconds() if isinstance(value, timedelta) else value
        for name, value in values.items()
    }


def _attempt(one: Attempt) -> dict[str, Any]:
    """A poll by the column names of the public view."""
    found = dataclasses.asdict(one)
    return found | {"new_entries": found.pop("fresh")}


def _span(span: timedelta) -> str:
    """A time in the largest unit of which there are two: `15m`, `36h`, `3d`."""
    seconds = span.total_seconds()
    unit, size = next(((unit, size) for unit, size in (("d", 86400), ("h", 3600), ("m", 60)) if seconds >= 2 * size), ("s", 1))
    return f"{seconds / size:.0f}{unit}"


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share:.0%}"


# The files


def enable(key: Annotated[str, typer.Argument(help="The source's key.")]) -> None:
    """Switches a source on where it stands in the files; a running daemon takes it up within a minute."""
    _switch(key, {"enabled": True})


def disable(
    key: Annotated[str, typer.Argument(help="The source's key.")],
    why: Annotated[str | None, typer.Option(help="The reason, in words; it stands in the list.")] = None,
) -> None:
    """Switches a source off where it stands in the files; what was collected from it stays."""
    _switch(key, {"enabled": False} | ({"why": why} if why is not None else {}))


def _switch(key: str, values: dict[str, Any]) -> None:
    from monitor.collect import sourcefile

    known = {each.key: each for each in _configured().values()}
    if key not in known:
        raise checking.no_such(key, known)
    state = "on" if values["enabled"] else "off"
    if all(getattr(known[key], name) == value for name, value in values.items()):
        typer.echo(f"{key} is {state} already.")
        return
    path = sourcefile.change(adding.editable(), key, values)
    typer.echo(f"{key} is {state} in {path}; a running daemon takes it up by itself.")


def import_opml(
    file: Annotated[Path, typer.Argument(help="An OPML file: our own, or one of a feed reader.")], as_json: output.Json = False
) -> None:
    """Adds the feeds of an OPML file that are not known yet, to imported.toml. Exit status 1 if some of it could not be used; the rest is
    added all the same."""
    from monitor.collect import opml, sourcefile

    folder = adding.editable()
    try:
        read = opml.read(_bytes(file, opml.MAX_BYTES))
    except InputError as error:
        raise InputError(f"{file}: {error}") from None
    found = opml.fresh(read.outlines, sourcefile.listed(folder))
    path = sourcefile.add(folder, "imported.toml", found.new) if found.new else None
    flaws = [*([read.flaw] if read.flaw else []), *found.bad]
    if as_json:
        output.as_json({"added": [each.key for each in found.new], "known": found.known, "bad": flaws, "file": path and str(path)})
    else:
        for flaw in flaws:
            typer.echo(f"{file}: {output.cell(flaw)}", err=True)
        typer.echo(
            f"{len(found.new)} sources added{f' to {path}' if path else ''}, {found.known} known already, {len(found.bad)} not usable."
        )
    raise typer.Exit(1 if flaws else 0)


def _bytes(file: Path, most: int) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(most + 1)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})") from None


def export_opml(file: Annotated[Path | None, typer.Argument(help="Where to; without it, standard output.")] = None) -> None:
    """All sources of the files as OPML 2.0, which feed readers understand; imported again they are the same."""
    from monitor.collect import opml
    from monitor.detect.lexicon import country_names

    made = opml.write(list(_configured().values()), country_names())
    if file is None:
        typer.echo(made.decode("utf-8"), nl=False)
        return
    try:
        file.write_bytes(made)
    except OSError as error:
        raise MonitorError(f"{file}: cannot be written ({error.strerror})") from None


def _configured() -> dict[str, Source]:
    from monitor.collect import sources

    return {each.key: each for each in sources.load(default_folder(os.environ) / "sources")}
