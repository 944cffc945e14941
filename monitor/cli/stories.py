"""`monitor stories`: the incidents that the store knows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import decisions, output
from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.store import Connection
    from monitor.store.decisions import Decision
    from monitor.store.told import ToldChange, ToldReport, ToldStory

_HELP = "The incidents that the store knows, and what people decide about them."
# The columns of a list, and how wide a terminal must be to have room for them beside the headline.
_COLUMNS = {
    "story": 0,
    "last_report_at": 0,
    "status": 110,
    "decision": 160,
    "countries": 0,
    "headline": 0,
    "reports": 0,
    "outlets": 130,
    "languages": 160,
}
_DATES_ONLY = 110
_SHORT = {"last_report_at": "last report", "countries": "in", "languages": "lang"}

_NAMED = 3  # outlets of a group; `--json` has them all


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help=_HELP, epilog="Example: monitor stories list --country AL")
    group.command("list", epilog="Example: monitor stories list --country AL --since 30d --json")(list_stories)
    group.command("show", epilog="Example: monitor stories show 3f9a1c07d2")(show_story)
    decisions.register(group)
    app.add_typer(group, name="stories")


def list_stories(
    country: Annotated[str | None, typer.Option(help="Only of this country: a code such as AL, or its English name.")] = None,
    since: Annotated[str | None, typer.Option(help="Only reported since then: 30d, 12h, or a date such as 2024-01-31.")] = None,
    limit: output.Limit = 50,
    as_json: output.Json = False,
) -> None:
    """The stories reported on last, newest first."""
    from monitor.store import told

    code = output.country(country) if country else None
    after = output.since(since, datetime.now(UTC)) if since else None
    with output.opened() as store:
        listed = [_facts(each) for each in store.read_now(lambda c: told.listing(c, code, after, limit))]
    if as_json:
        output.as_json(listed)
        return
    _list(listed)


def show_story(
    key: Annotated[str, typer.Argument(help="The story's key, as `stories list` shows it. A key that was merged leads to its story.")],
    as_json: output.Json = False,
) -> None:
    """One story: its facts, what happened to it and when, and its reports with the reason why each belongs to it."""
    with output.opened() as store:
        story, decided, changes, reports = store.read_now(lambda c: _read(c, key))
    facts = _facts(story)
    if as_json:
        output.as_json(facts | {"decisions": decided, "changes": changes, "told_by": reports})
        return
    if story.key != key:
        typer.echo(f"{key} is part of {story.key} now.")
    _show(_in_words(facts), decided, changes, reports)


def _list(listed: list[dict[str, Any]]) -> None:
    width = output.console().width
    decided = any(facts["decision"] or facts["muted"] for facts in listed)
    names = [name for name, needed in _COLUMNS.items() if width >= needed or (name == "decision" and decided)]
    rows = [_in_words(facts) | {"reports": _counted(facts)} for facts in listed]
    if width < _DATES_ONLY:
        rows = [facts | {"last_report_at": facts["last_report_at"].date()} for facts in rows]
    short = [_SHORT.get(name, _label(name)) for name in names]
    output.table(f"{len(listed)} stories", short, ([facts[name] for name in names] for facts in rows), {"story", "last report", "status"})


def _counted(facts: dict[str, Any]) -> str:
    return f"{facts['reports']} +{facts['copies']}" if facts["copies"] else str(facts["reports"])


def _read(c: Connection, key: str) -> tuple[ToldStory, list[Decision], list[ToldChange], list[ToldReport]]:
    """The story to which a key leads, with all that is told of it. Raises `InputError` for a key that leads nowhere."""
    from monitor.store import told
    from monitor.store.decisions import of_story

    here = told.current(c, [key]).get(key, key)
    story = told.find(c, here)
    if story is None:
        raise InputError(decisions.no_such(key, told.all_keys(c)))
    return story, of_story(c, here), told.changes(c, here), told.reports(c, here)


def _label(name: str) -> str:
    return name.removesuffix("_at").replace("_", " ")


def _facts(story: ToldStory) -> dict[str, Any]:
    """A story by the column names of the public view, and what people decided about it."""
    return {
        "story": story.key,
        "headline": story.headline,
        "title": story.title,
        "title_language": story.title_lang,
        "status": story.status,
        "decision": story.decided.verdict,
        "muted": story.decided.muted,
        "opened_at": story.opened_at,
        "first_report_at": story.first_report_at,
        "last_report_at": story.last_report_at,
        "countries": story.countries,
        "victims": story.victims,
        "sectors": story.sectors,
        "attacks": story.attacks,
        "actors": story.actors,
        "reports": story.reports,
        "copies": story.copies,
        "outlets": story.outlets,
        "languages": story.languages,
    }


def _in_words(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts as a person reads them: victims with their country and sector, actors with who says so."""
    decision = [facts["decision"], "muted" if facts["muted"] else None]
    words = {name: value for name, value in facts.items() if name not in ("muted", "title_language")}
    return words | {
        "title": f"{facts['title']} ({facts['title_language']})" if facts["title"] else None,
        "decision": ", ".join(filter(None, decision)),
        "victims": [f"{victim.name} ({victim.country or '–'}, {victim.sector})" for victim in facts["victims"]],
        "actors": [f"{actor.name}{_who_says(actor.basis, actor.said_by)}" for actor in facts["actors"]],
    }


def _who_says(basis: str, said_by: str) -> str:
    outlets = said_by.split(", ") if said_by else []
    more = f" and {len(outlets) - _NAMED} more" if len(outlets) > _NAMED else ""
    said = ", ".join(filter(None, (basis, f"named by {', '.join(outlets[:_NAMED])}{more}" if outlets else "")))
    return f" ({said})" if said else ""


def _show(facts: dict[str, Any], decided: list[Decision], changes: list[ToldChange], reports: list[ToldReport]) -> None:
    console = output.console()
    console.print(output.cell(facts["headline"]), style="bold")
    output.facts((_label(name), value) for name, value in facts.items() if name != "headline")
    console.print()
    if decided:
        decisions.history(decided)
    output.table("What happened", ("told", "change", "outlet"), ([each.reported_at, _change(each), each.outlet] for each in changes))
    console.print("Reports", style="bold")
    for report in reports:
        said = f"{output.cell(report.outlet)}, {report.lang}, score {report.score:.2f}, article {report.article}"
        for part in (f"{output.cell(report.reported_at)}  {said}", *(f"  {each}" for each in _of(report))):
            console.print(part, soft_wrap=True)


def _of(report: ToldReport) -> tuple[str, str, str]:
    return output.cell(report.title), _why(report), output.cell(report.url)


def _change(change: ToldChange) -> str:
    what = change.kind.replace("_", " ")
    return f"{what}: {change.detail}" if change.detail else what


def _why(report: ToldReport) -> str:
    why = output.cell(report.why)
    copied = f"{why} (a copy)" if report.copy_of else why
    return copied if report.origin == "page" else f"{copied}; judged by the source's summary"
