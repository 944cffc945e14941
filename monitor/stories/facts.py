"""What a story says, from its reports: who, where, how, by whom, how sure; and what each report changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeVar

from monitor.model import Attack, Attribution, Change, ChangeKind, Report, Standing, Status, Story, Victim, without_unnamed
from monitor.stories.headline import headline
from monitor.stories.tie import told_first
from monitor.text.titles import plain_title

T = TypeVar("T")

_TOLD_STATUS: dict[Status, ChangeKind] = {"confirmed": "confirmed", "denied": "denied", "resolved": "resolved"}
# A confirmation outweighs claims; a denial counts only while nobody confirmed.
_OUTWEIGHS: tuple[Status, ...] = ("confirmed", "denied", "claimed", "suspected", "resolved")


def summarise(standing: Standing) -> Story:
    """The facts of a story from its reports, the first of which says what was known first."""
    reports = own(standing.reports)
    findings = [report.finding for report in reports]
    victims = _victims(reports)
    countries = _by_count(country for finding in findings for country in finding.countries)
    attacks: tuple[Attack, ...] = _by_count(attack for finding in findings for attack in finding.attacks if attack != "unknown")
    attacks = attacks or ("unknown",)
    attributions = _attributions(reports)
    status = _status(reports)
    best = max(reports, key=lambda report: report.finding.score)  # of equals the earliest
    return Story(
        standing,
        headline(victims, countries, attacks, attributions, status),
        status,
        countries,
        victims,
        attacks,
        attributions,
        plain_title(best.title, best.outlet),
        best.finding.lang,
    )


def own(reports: Sequence[Report]) -> Sequence[Report]:
    """The reports with words of their own. What copies say is known from their original."""
    return [report for report in reports if report.copy_of is None]


def _victims(reports: Sequence[Report]) -> tuple[Victim, ...]:
    """The victims, most named first. One that a report does not name is left out when another names one of its country and sector."""
    known = {victim.id: victim for report in reports for victim in report.finding.victims}
    ordered = [known[name] for name in _by_count(victim.id for report in reports for victim in report.finding.victims)]
    return without_unnamed(ordered)


def _attributions(reports: Sequence[Report]) -> tuple[Attribution, ...]:
    """Who is named as the attacker, most named first, and by whom. A group claims an attack if any report tells so."""
    outlets: dict[str, list[str]] = {}
    claiming: set[str] = set()
    for report in reports:
        for actor in report.finding.actors:
            outlets.setdefault(actor, []).append(report.outlet)
            if report.finding.kind == "claim" or report.finding.status == "claimed":
                claiming.add(actor)
    named = _by_count(actor for report in reports for actor in report.finding.actors)
    return tuple(Attribution(actor, actor in claiming, tuple(dict.fromkeys(outlets[actor]))) for actor in named)


def _by_count(values: Iterable[T]) -> tuple[T, ...]:
    """Most said first; of equals the first said."""
    return tuple(value for value, _ in Counter(values).most_common())


def _status(reports: Sequence[Report]) -> Status:
    """What is known at the end of these reports, which are in order. Resolved lasts until an attack is told as news again."""
    status: Status = "suspected"
    for said in _statuses(reports):
        status = said
    return status


def _statuses(reports: Sequence[Report]) -> Iterable[Status]:
    said: set[Status] = set()
    resolved = False
    for report in reports:
        said.add(report.finding.status)
        resolved = report.finding.status == "resolved" or (resolved and not told_first(report))
        yield "resolved" if resolved else next(status for status in _OUTWEIGHS if status in said)


def timeline(story: Story) -> dict[Change, str]:
    """All changes of meaning in a story's life, in their order, with the id of the report that made each: what subscribers want to hear.

    Copies change nothing, and a victim that the first report names is no addition.
    """
    made: dict[Change, str] = {}
    for change, report in _changes(own(story.reports), {victim.id for victim in story.victims}):
        made.setdefault(change, report)
    return made


def _changes(reports: Sequence[Report], victims: set[str]) -> Iterable[tuple[Change, str]]:
    outlets: set[str] = set()
    added = victims - {victim.id for victim in reports[0].finding.victims}
    status: Status = "suspected"
    yield Change("opened"), reports[0].id
    for report, now in zip(reports, _statuses(reports), strict=True):
        outlets.add(report.outlet)
        made = [Change("second_outlet")] if len(outlets) == 2 else []
        made += [Change("victim_added", victim.name) for victim in report.finding.victims if victim.id in added]
        made += [Change("actor_named", actor) for actor in report.finding.actors]
        made += [Change(_TOLD_STATUS[now])] if now != status and now in _TOLD_STATUS else []
        made += [Change("data_leaked")] if "data_leak" in report.finding.attacks else []
        yield from ((change, report.id) for change in made)
        status = now
