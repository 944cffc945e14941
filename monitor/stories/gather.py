"""Reports to stories, in memory: what `monitor assess` prints, and what the repair job holds the stored stories against.

Reports added in the order of their time give stories that depend on nothing but the reports and people's decisions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor.model import UNNAMED, Report
from monitor.stories.bonds import Bonds
from monitor.stories.signature import bands_of
from monitor.stories.tie import CAMPAIGN, HIT_AGAIN, JOIN, REJECTED, WEEKS, Tie, before_again, original, strongest, tie, told_first

FIRST = Tie(0.0, "the first report")
DECIDED = Tie(1000.0, "a person decided so", firm=True)


@dataclass(slots=True)
class Group:
    """The reports of one story in the making, and what tied each to it."""

    reports: dict[str, Report] = field(default_factory=dict)
    ties: dict[str, Tie] = field(default_factory=dict)

    def take(self, report: Report, by: Tie) -> None:
        self.reports[report.id] = replace(report, why=by.why)
        self.ties[report.id] = by

    def drop(self, name: str) -> tuple[Report, Tie]:
        return self.reports.pop(name), self.ties.pop(name)

    def ordered(self) -> list[Report]:
        return sorted(self.reports.values(), key=lambda report: report.order)


class Gathering:
    """Stories that grow report by report. Two become one when a report ties them; a weakly tied report leaves for a better story."""

    def __init__(self, bonds: Bonds) -> None:
        self._bonds = bonds
        self._groups: dict[int, Group] = {}
        self._of_report: dict[str, int] = {}
        self._of_bond: dict[int, str] = {}
        self._shelf: defaultdict[object, set[str]] = defaultdict(set)  # reports by what they may share with another

    def add(self, report: Report) -> None:
        ties = [(found, number) for number in self._near(report) if (found := self._tie(report, number))]
        home, by = self._home(report, ties)
        home = self._break(report, home)
        first = original(report, self._groups[home].reports.values())
        self._put(replace(report, copy_of=first.id if first else None), home, by)
        for found, number in ties:
            if number in self._groups and number != self._of_report[report.id]:
                self._reconsider(report, by, found, number)

    def story_of(self, name: str) -> int:
        """The story of a report, by a number that stays until two stories become one."""
        return self._of_report[name]

    def report(self, name: str) -> Report:
        return self._groups[self._of_report[name]].reports[name]

    def groups(self) -> dict[int, Group]:
        """The stories by their numbers, in the order in which they were opened."""
        return self._groups

    def _near(self, report: Report) -> list[int]:
        season = _season(report)
        names = {name for label in _labels(report, range(season - 1, season + 2)) for name in self._shelf.get(label, ())}
        return sorted({self._of_report[name] for name in names})

    def _tie(self, report: Report, number: int) -> Tie | None:
        group = self._groups[number]
        found = strongest(report, group.reports.values())
        if found is None or self._bonds.divide([report.id], group.reports):
            return None
        rejected = [other for other in group.reports.values() if self._bonds.rejects(other.id)]
        barred = rejected and not found.copy and all(abs(other.at - report.at) > REJECTED for other in rejected)
        return None if barred else found

    def _home(self, report: Report, ties: Sequence[tuple[Tie, int]]) -> tuple[int, Tie]:
        """The story where the rest of the report's bond is; else that of the strongest tie, of equals the older; else a new one."""
        bond = self._bonds.group.get(report.id)
        if bond is not None and bond in self._of_bond:
            return self._of_report[self._of_bond[bond]], DECIDED
        joining = [(found, number) for found, number in ties if found.strength >= JOIN]
        if joining:
            found, number = max(joining, key=lambda each: (each[0].strength, -each[1]))
            return number, found
        number = len(self._of_report)
        self._groups[number] = Group()
        return number, FIRST

    def _break(self, report: Report, number: int) -> int:
        """The story of the last days, parted from the one in which they were taken for news of an attack that is over."""
        group = self._groups[number]
        over = {other.id for other in before_again(report, group.reports.values())}
        fresh = [other for other in group.ordered() if other.id not in over and other.copy_of not in over]
        if not over or not fresh or not self._bonds.group.keys().isdisjoint((report.id, *(other.id for other in fresh))):
            return number
        parted = len(self._of_report)
        self._groups[parted] = Group()
        for other in fresh:
            self._move(other.id, number, parted, FIRST if other is fresh[0] else None)
        return parted

    def _put(self, report: Report, number: int, by: Tie) -> None:
        self._groups[number].take(report, by)
        self._of_report[report.id] = number
        for label in _labels(report, [_season(report)]):
            self._shelf[label].add(report.id)
        bond = self._bonds.group.get(report.id)
        if bond is not None:
            self._of_bond.setdefault(bond, report.id)

    def _reconsider(self, report: Report, by: Tie, found: Tie, number: int) -> None:
        """Another story that the report is tied to: is it the same one, or has it reports that are nearer to this one?"""
        home = self._of_report[report.id]
        mine, other = self._groups[home].reports, self._groups[number].reports
        decided = self._bonds.divide(mine, other) or self._bonds.silence(mine) or self._bonds.silence(other)
        beside = [report] if by is DECIDED else mine.values()  # a person put it there: what else is there says nothing of it
        if not decided and _are_one(report, beside, other.values(), by.firm and found.firm):
            self._merge(home, number, found)
        else:
            self._attract(report, home, number)

    def _merge(self, one: int, other: int, found: Tie) -> None:
        """The larger story takes the smaller one in, of equals the older. Of the reports that opened them the later says what tied it."""
        kept, gone = sorted((one, other), key=lambda number: (-len(self._groups[number].reports), number))
        for name in list(self._groups[gone].reports):
            self._move(name, gone, kept)
        del self._groups[gone]
        group, by = self._groups[kept], Tie(found.strength, f"a later report ties it: {found.why}", firm=True)
        for report in [report for report in group.ordered() if group.ties[report.id] is FIRST][1:]:
            group.take(report, by)

    def _attract(self, report: Report, home: int, number: int) -> None:
        group = self._groups[number]
        for name, held in list(group.ties.items()):
            found = None if held.firm or held is FIRST else tie(group.reports[name], report)
            if found is None or found.strength <= held.strength:
                continue
            copies = [other.id for other in group.reports.values() if other.copy_of == name]
            if self._bonds.group.keys().isdisjoint((name, *copies)):
                self._move(name, number, home, found)
                for copy in copies:
                    self._move(copy, number, home)

    def _move(self, name: str, source: int, target: int, by: Tie | None = None) -> None:
        report, held = self._groups[source].drop(name)
        self._groups[target].take(report, by or held)
        self._of_report[name] = target


def gather(reports: Iterable[Report], bonds: Bonds) -> list[list[Report]]:
    """The stories of these reports, each in the order of its time, with `why` and `copy_of` set. Any order of `reports` gives the same."""
    gathering = Gathering(bonds)
    for report in sorted(reports, key=lambda report: report.order):
        gathering.add(report)
    return [group.ordered() for group in gathering.groups().values()]


def _season(report: Report) -> int:
    return int(report.at.timestamp() // WEEKS.total_seconds())


def _labels(report: Report, seasons: Iterable[int]) -> Iterator[object]:
    """By what a report is found: victims, stretches of text, and countries in these seasons."""
    seasons = tuple(seasons)
    for victim in report.finding.victims:
        yield victim.id
        yield from ((victim.country, victim.sector, each) for each in seasons)
    yield from bands_of(report.signature.digest)
    for country in report.finding.countries:
        yield from ((country, each) for each in seasons)


def _are_one(report: Report, mine: Iterable[Report], others: Iterable[Report], names_both: bool) -> bool:
    """Whether two stories that a report is tied to are one: news of one victim in the same days; or news of one country in the very same
    days, where both name one group before others, or a report of these days names victims of both, hit in the same way."""
    one, other = [each for each in mine if each.id != report.id] or [report], list(others)
    gap = _gap(one, other)
    if gap <= HIT_AGAIN and _victims(one) & _victims(other):
        return True
    if gap > CAMPAIGN or not _said(one, "countries") & _said(other, "countries"):
        return False
    if _leading([*one, report]) & _leading(other):
        return True
    in_time = _gap([report], one) <= HIT_AGAIN and _gap([report], other) <= HIT_AGAIN
    return names_both and in_time and bool((_said(one, "attacks") & _said(other, "attacks")) - {"unknown"})


def _gap(one: Sequence[Report], other: Sequence[Report]) -> timedelta:
    (start, end), (other_start, other_end) = _span(one), _span(other)
    return max(start - other_end, other_start - end, timedelta(0))


def _span(reports: Sequence[Report]) -> tuple[datetime, datetime]:
    """From the first to the last report that tells the attack as news; of a story of follow-ups, of all its reports."""
    times = [report.at for report in reports if told_first(report)] or [report.at for report in reports]
    return min(times), max(times)


def _victims(reports: Sequence[Report]) -> set[str]:
    return {victim.id for report in reports for victim in report.finding.victims if UNNAMED not in victim.id}


def _leading(reports: Sequence[Report]) -> set[str]:
    """The group that most of the reports name; several if they name them as often."""
    named = Counter(actor for report in reports for actor in report.finding.actors)
    return {actor for actor, count in named.items() if count == max(named.values())}


def _said(reports: Sequence[Report], what: str) -> set[str]:
    return {value for report in reports for value in getattr(report.finding, what)}
