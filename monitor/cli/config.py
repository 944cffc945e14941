"""`monitor config`: whether the configuration can be used, what is in force and where it comes from, and its schema."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import typer

from monitor.cli import output
from monitor.errors import ConfigError
from monitor.settings import Settings, default_folder, load, origins

T = TypeVar("T")

_HELP = "Whether the configuration can be used, and what is in force."


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help=_HELP, epilog="Example: monitor config check")
    group.command(epilog="Example: MONITOR_CONFIG=/etc/monitor monitor config check")(check)
    group.command(epilog="Example: monitor config show --json")(show)
    group.command(epilog="Example: monitor config schema > monitor.schema.json")(schema)
    app.add_typer(group, name="config")


def check(as_json: output.Json = False) -> None:
    """Reads everything that the daemon reads at its start, and names all that is wrong at once. Exit status 2 if anything is."""
    from monitor.alerts import subscribers
    from monitor.collect import sources
    from monitor.detect.load import load_lexicon
    from monitor.store.engine import database_url

    folder = default_folder(os.environ)
    problems: list[str] = []
    found = _tried(problems, lambda: load(folder, os.environ))
    _tried(problems, lambda: database_url(found.database.url) if found else None)
    listed = _tried(problems, lambda: sources.load(folder / "sources")) or ()
    told = _tried(problems, lambda: subscribers.load(folder / "alerts.toml", os.environ)) or ()
    lexicon = _tried(problems, lambda: load_lexicon(folder))
    facts: dict[str, Any] = {
        "folder": str(folder),
        "sources": len(listed),
        "enabled": sum(source.enabled for source in listed),
        "subscribers": [each.name for each in told],
        "languages": sorted(lexicon.languages) if lexicon else [],
        "institutions": len({each.victim.id for each in lexicon.by_name.values()}) if lexicon else 0,
    }
    if as_json:
        output.as_json({"usable": not problems, "problems": problems} | facts)
        raise typer.Exit(2 if problems else 0)
    if problems:
        raise ConfigError(problems)
    typer.echo(
        f"{folder} can be used: {facts['enabled']} of {len(listed)} sources are on, {len(told)} subscribers "
        f"({', '.join(each.name for each in told) or 'nobody will be told'}), "
        f"{len(facts['languages'])} lexicons, {facts['institutions']} institutions."
    )


def _tried(problems: list[str], read: Callable[[], T]) -> T | None:
    try:
        return read()
    except ConfigError as error:
        problems += [problem for problem in error.problems if problem not in problems]
        return None


def show(as_json: output.Json = False) -> None:
    """The settings in force, secrets hidden, each with the file or the variable that set it."""
    folder = default_folder(os.environ)
    values = _values(load(folder, os.environ))
    origin = origins(folder, os.environ)
    if as_json:
        output.as_json(
            {
                "folder": str(folder),
                "settings": [
                    {"setting": f"{section}.{key}", "value": value, "from": origin.get((section, key), "default")}
                    for (section, key), value in values.items()
                ],
            }
        )
        return
    rows = (
        (f"{section}.{key}", _shown(value), _short(origin.get((section, key), "default"), folder))
        for (section, key), value in values.items()
    )
    output.table(f"Settings in force, from {folder}", ("setting", "value", "from"), rows)


def _values(found: Settings) -> dict[tuple[str, str], Any]:
    from monitor.store.engine import database_url

    dumped = found.model_dump(mode="json", exclude={"folder"})
    dumped["database"]["url"] = database_url(found.database.url).render_as_string(hide_password=True)
    return {(section, key): value for section, table in dumped.items() for key, value in table.items()}


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else output.cell(value)


def _short(origin: str, folder: Path) -> str:
    return origin.removeprefix(f"{folder}/")


def schema() -> None:
    """The JSON Schema of monitor.toml, for editors that complete and check as one writes."""
    found = Settings.model_json_schema()
    defaults = Settings(folder=Path()).model_dump(mode="json")
    del found["properties"]["folder"]
    found["required"].remove("folder")
    for name, section in found["properties"].items():
        table = found["$defs"][section.pop("$ref").rpartition("/")[2]]
        section.pop("default", None)
        section.update(table)
        for key, entry in table["properties"].items():
            entry["default"] = defaults[name][key]
    del found["$defs"], found["description"]
    output.as_json({"$schema": "https://json-schema.org/draft/2020-12/schema"} | found | {"title": "monitor.toml"})
