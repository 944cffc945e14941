"""`monitor stories`: the incidents that the store knows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import decisions, output
from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.model import Story
    from monitor.store.decisions import Decision, Verdict
    from monitor.store.stories import ToldChange, ToldReport

_HELP = "The incidents that the store knows."
_COLUMNS = ("story", "last_report_at", "status", "decision", "countries", "headline", "attacks", "reports", "copies", "languages")


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
    from monitor.store import stories
    from monitor.store.decisions import in_force

    code = output.country(country) if country else None
    after = output.since(since, datetime.now(UTC)) if since else None
    with output.opened() as store:
        found, decided = store.read_now(lambda c: (stories.listing(c, code, after, limit), in_force(c)))
    listed = [_facts(story, decided.get(story.key)) for story in found]
    if as_json:
        output.as_json(listed)
        return
    output.table(f"{len(found)} stories", map(_label, _COLUMNS), ([facts[name] for name in _COLUMNS] for facts in listed))


def show_story(
    key: Annotated[str, typer.Argument(help="The story's key, as `stories list` shows it.")], as_json: output.Json = False
) -> None:
    """One story: its facts, what happened to it and when, and its reports with the reason why each belongs to it."""
    from monitor.store import stories
    from monitor.store.decisions import of_story

    with output.opened() as store:
        story, decided, changes, reports = store.read_now(
            lambda c: (stories.find(c, key), of_story(c, key), stories.changes(c, key), stories.reports(c, key))
        )
    if story is None:
        raise InputError(f"no such story: {key!r}; `monitor stories list` shows the keys")
    facts = _facts(story, next((each.verdict for each in decided if each.undone_at is None), None))
    if as_json:
        output.as_json(facts | {"decisions": decided, "changes": changes, "told_by": reports})
        return
    facts["victims"] = [f"{victim.name} ({victim.country or '–'}, {victim.sector})" for victim in story.victims]
    _show(facts, decided, changes, reports)


def _label(name: str) -> str:
    return name.removesuffix("_at").replace("_", " ")


def _facts(story: Story, decision: Verdict | None) -> dict[str, Any]:
    """A story by the column names of the public view, and what people decided about it."""
    own = [report for report in story.reports if report.copy_of is None]
    times = [report.at for report in story.reports]
    return {
        "story": story.key,
        "headline": story.headline,
        "status": story.status,
        "decision": decision,
        "opened_at": story.opened_at,
        "first_report_at": min(times),
        "last_report_at": max(times),
        "countries": story.countries,
        "victims": story.victims,
        "attacks": story.attacks,
        "actors": story.actors,
        "reports": len(own),
        "copies": len(story.reports) - len(own),
        "outlets": len({report.outlet for report in own}),
        "languages": sorted({report.finding.lang for report in story.reports}),
    }


def _show(facts: dict[str, Any], decided: list[Decision], changes: list[ToldChange], reports: list[ToldReport]) -> None:
    console = output.console()
    console.print(output.cell(facts["headline"]), style="bold")
    for name, value in facts.items():
        if name != "headline":
            console.print(f"  {_label(name):<13}{output.cell(value)}")
    console.print()
    if decided:
        decisions.history(decided)
    output.table("What happened", ("told", "change", "outlet"), ([each.reported_at, _change(each), each.outlet] for each in changes))
    console.print("Reports", style="bold")
    for report in reports:
        where = f"{output.cell(report.reported_at)}  {output.cell(report.outlet)}, {report.lang}"
        line = f"{where}, article {report.article}, score {report.score:.2f}: {_why(report)}"
        for part in (line, f"  {output.cell(report.title)}", f"  {output.cell(report.url)}"):
            console.print(part, soft_wrap=True)


def _change(change: ToldChange) -> str:
    what = change.kind.replace("_", " ")
    return f"{what}: {change.detail}" if change.detail else what


def _why(report: ToldReport) -> str:
    why = output.cell(report.why)
    return why if report.origin == "page" else f"{why}; judged by the source's summary"
