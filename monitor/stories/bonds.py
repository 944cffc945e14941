"""What people decided, as rules for placement: reports that belong together, reports that do not, and those that are no incident."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import permutations

from monitor.model import Ruling


@dataclass(frozen=True, slots=True)
class Bonds:
    """`group` is the number of each report that people placed: reports of one group stay in one story. No story holds two groups that
    are `apart`. A story with a group that is `rejected` is no incident, and takes hardly any report; neither it nor a `muted` one becomes
    one with another, which would alert again or be silenced, unless a person says so."""

    group: dict[str, int] = field(default_factory=dict)
    apart: frozenset[tuple[int, int]] = frozenset()
    rejected: frozenset[int] = frozenset()
    muted: frozenset[int] = frozenset()

    def divide(self, some: Iterable[str], others: Iterable[str]) -> bool:
        """Whether a person said that reports of these two stories do not belong together."""
        theirs = self._groups(others)
        return any((one, other) in self.apart for one in self._groups(some) for other in theirs)

    def rejects(self, report: str) -> bool:
        return self.group.get(report) in self.rejected

    def silence(self, reports: Iterable[str]) -> bool:
        """Whether a person rejected or muted the story of these reports."""
        return not (self.rejected | self.muted).isdisjoint(self._groups(reports))

    def _groups(self, reports: Iterable[str]) -> set[int]:
        return {self.group[report] for report in reports if report in self.group}


def bonds(rulings: Sequence[Ruling]) -> Bonds:
    """The bonds of all decisions in force, the latest first. Where two contradict each other the later one holds."""
    leader: dict[str, str] = {}
    apart: list[tuple[str, str]] = []

    def lead(report: str) -> str:
        while leader.setdefault(report, report) != report:
            report = leader[report]
        return report

    def divided(one: str, other: str) -> bool:
        pair = {lead(one), lead(other)}
        return any({lead(a), lead(b)} == pair for a, b in apart)

    for ruling in rulings:
        for side in ruling.sides:
            first = lead(min(side))
            for report in sorted(side):
                if not divided(first, report):
                    leader[lead(report)] = lead(first)
        # Parts of a side that a later ruling parted are each apart from the other sides.
        sides = [{lead(report) for report in side} for side in ruling.sides]
        apart += [(a, b) for one, other in permutations(sides, 2) for a in sorted(one) for b in sorted(other) if a != b]
    numbers = {name: number for number, name in enumerate(sorted({lead(report) for report in leader}))}
    group = {report: numbers[lead(report)] for report in list(leader)}
    rejected = frozenset(group[report] for ruling in rulings if ruling.rejects for side in ruling.sides for report in side)
    muted = frozenset(group[report] for ruling in rulings if ruling.mutes for side in ruling.sides for report in side)
    return Bonds(group, frozenset((group[a], group[b]) for a, b in apart), rejected, muted)
