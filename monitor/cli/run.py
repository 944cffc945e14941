"""`monitor run | once | migrate | health`: the daemon and what operators ask of it. Each command imports its heavy parts itself."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from monitor import settings
from monitor.errors import MonitorError
from monitor.log import configure, logger

log = logger()

# A source polled as planned is due at most one tick and one busy round late; beyond this nobody polls.
_LATE = timedelta(minutes=15)

_Json = Annotated[bool, typer.Option("--json", help="For machines.")]


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: MONITOR_DATABASE_URL=postgresql://me@localhost/monitor monitor run")(run)
    app.command(epilog="Example: monitor once && monitor stories list")(once)
    app.command("migrate", epilog="Example: MONITOR_DATABASE_URL=sqlite:///data/monitor.db monitor migrate")(migrate_schema)
    app.command(epilog="Example: monitor health || docker restart monitor")(health)


def loaded() -> settings.Settings:
    """The settings of the configuration folder, with the log set up by them."""
    found = settings.load(settings.default_folder(os.environ), os.environ)
    configure(found.log)
    return found


def run() -> None:
    """The daemon: polls, judges, tells, until SIGTERM or Ctrl-C. A second signal kills it; started again it goes on where it was."""
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, _leave)
    from monitor.app import read_lists
    from monitor.daemon import serve

    found = loaded()
    variables = sorted(set(settings.origins(found.folder, os.environ).values()) & os.environ.keys())
    lists = read_lists(found, os.environ)
    log.info("config.loaded", folder=str(found.folder), variables=" ".join(variables))
    asyncio.run(serve(found, lists))


def _leave(*_: object) -> None:
    """Until the daemon takes its signals over there is nothing to finish. (Process 1 of a container would not even be killed.)"""
    raise SystemExit(0)


def once(as_json: _Json = False) -> None:
    """One pass over everything that is due, then the end: for cron, and for trying things out."""
    from monitor import app

    found = loaded()
    lists = app.read_lists(found, os.environ)

    async def work() -> dict[str, int]:
        async with app.open_parts(found, lists) as parts:
            return await app.once(parts, asyncio.Event())

    done = asyncio.run(work())
    if as_json:
        typer.echo(json.dumps(done))
    else:
        typer.echo(f"{done['polled']} sources polled, {done['analysed']} articles judged, {done['notified']} deliveries tried")


def migrate_schema() -> None:
    """Brings the database's schema up to date; harmless when it already is."""
    from monitor.store import migrate

    found = loaded()
    migrate.upgrade(found.database.url)
    migrate.check(found.database.url)
    typer.echo("The schema is up to date.")


def health(as_json: _Json = False) -> None:
    """Whether the monitor works: the database answers, the schema is ours, sources are polled when they are due. Exit status 1 if not."""
    troubles = _troubles(loaded())
    if as_json:
        typer.echo(json.dumps({"healthy": not troubles, "troubles": troubles}))
    else:
        typer.echo("\n".join(troubles) if troubles else "healthy")
    raise typer.Exit(1 if troubles else 0)


def _troubles(found: settings.Settings) -> list[str]:
    from monitor.store import migrate, sources
    from monitor.store.engine import Store

    try:
        migrate.check(found.database.url)
        with Store(found.database.url) as store:
            known = [each for each in store.read_now(sources.health) if each.source.enabled]
    except MonitorError as error:
        return [str(error)]
    if not known:
        return ["no source is enabled: nothing is monitored (config/sources/)"]
    now = datetime.now(UTC)
    late = [each for each in known if now - each.next_check_at > _LATE]
    troubles = (
        [f"{len(late)} of {len(known)} sources are due for more than {_LATE.seconds // 60} minutes: is `monitor run` running?"]
        if late
        else []
    )
    if known and all(each.trouble for each in known if each.checked_at) and any(each.checked_at for each in known):
        troubles.append(f"no source can be read; the last answer was: {known[0].trouble}")
    return troubles
