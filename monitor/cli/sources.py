"""`monitor sources`: what is polled, and how each source fares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import output

if TYPE_CHECKING:
    from monitor.store.sources import SourceHealth

_HELP = "What is polled, and how each source fares."


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help=_HELP, epilog="Example: monitor sources list --trouble")
    group.command("list", epilog="Example: monitor sources list --country RS --trouble")(list_sources)
    app.add_typer(group, name="sources")


def list_sources(
    trouble: Annotated[bool, typer.Option("--trouble", help="Only those whose last poll failed.")] = False,
    country: Annotated[str | None, typer.Option(help="Only of this country: a code such as AL, or its English name.")] = None,
    as_json: output.Json = False,
) -> None:
    """All sources, those in trouble first. Sources switched off stand last, with the reason why."""
    from monitor.store import sources

    code = output.country(country) if country else None
    with output.opened() as store:
        found = store.read_now(sources.health)
    wanted = [each for each in found if code in (None, each.source.country) and (not trouble or (each.trouble and each.source.enabled))]
    if as_json:
        output.as_json([_facts(each) for each in wanted])
        return
    failing = sum(each.trouble is not None for each in wanted if each.source.enabled)
    output.table(
        f"{len(wanted)} sources, {failing} in trouble",
        ("source", "kind", "country", "state", "polls", "last checked", "last ok", "next check", "why"),
        map(_row, wanted),
    )


def _state(each: SourceHealth) -> str:
    if not each.source.enabled:
        return "off"
    if each.trouble:
        return "trouble"
    return "ok" if each.polls else "new"


def _row(each: SourceHealth) -> tuple[object, ...]:
    source = each.source
    due = each.next_check_at if source.enabled else None
    why = source.why if not source.enabled else each.trouble
    return source.key, source.kind, source.country, _state(each), each.polls, each.checked_at, each.last_ok_at, due, why


def _facts(each: SourceHealth) -> dict[str, Any]:
    """A source by the column names of the public view, and its state in a word."""
    source = each.source
    return {
        "source": source.key,
        "name": source.name,
        "kind": source.kind,
        "url": source.url,
        "outlet": source.outlet,
        "country": source.country,
        "language": source.lang,
        "enabled": source.enabled,
        "why": source.why,
        "state": _state(each),
        "polls": each.polls,
        "checked_at": each.checked_at,
        "last_ok_at": each.last_ok_at,
        "next_check_at": each.next_check_at,
        "failures": each.failures,
        "trouble": each.trouble,
    }
