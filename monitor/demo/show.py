"""The tables at the end of the demo."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from email.message import EmailMessage

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from monitor.demo.receivers import Received
from monitor.model import Story


def outcome(
    console: Console,
    stories: Sequence[Story],
    mails: Sequence[EmailMessage],
    calls: Sequence[Received],
    differences: Sequence[str],
    seconds: float,
) -> None:
    """Stories, what the receivers got, and the differences or their absence."""
    console.print(story_table(stories))
    console.print(_receivers(mails, calls))
    if differences:
        console.print(f"[bold red]{len(differences)} differences from what the newsroom holds:[/]")
        for line in differences:
            console.print(f"  {line}", highlight=False, markup=False)
    else:
        console.print(f"[bold green]Stories and alerts are exactly those that the newsroom holds[/] ({seconds:.0f} s).")


def story_table(stories: Sequence[Story]) -> Table:
    table = Table(title="Stories", show_lines=True)
    table.add_column("story", ratio=1, min_width=26)
    for name in ("country", "attack", "actors", "reports", "languages"):
        table.add_column(name, min_width=7, max_width=12)
    for story in stories:
        reports = sum(report.copy_of is None for report in story.reports)
        copies = len(story.reports) - reports
        victims = ", ".join(victim.name for victim in story.victims)
        table.add_row(
            f"[bold]{escape(story.headline)}[/]\n[dim]victims: {escape(victims)}[/]",
            " ".join(story.countries),
            "\n".join(story.attacks[:2]),
            "\n".join(map(escape, story.actors)),
            f"{reports}\n+ {copies} copied" if copies else str(reports),
            " ".join(sorted({report.finding.lang for report in story.reports})),
        )
    return table


def _receivers(mails: Sequence[EmailMessage], calls: Sequence[Received]) -> Table:
    table = Table(title="What the receivers got")
    for name in ("receiver", "alerts", "what"):
        table.add_column(name)
    kinds = Counter(str(call.payload["type"]).removeprefix("story.") for call in calls)
    table.add_row(
        "e-mail (SMTP)", str(len(mails)), "\n".join(str(mail["Subject"]) for mail in mails[:6]) + ("\n…" if len(mails) > 6 else "")
    )
    table.add_row("webhook (signatures checked)", str(len(calls)), "\n".join(f"{count} × {kind}" for kind, count in kinds.most_common()))
    return table
