"""How stories as they stand become those that they should be: which key each keeps, which stories are taken in, which are new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from monitor.model import Report, Standing
from monitor.stories.place import opened


@dataclass(frozen=True, slots=True)
class Settled:
    """A story as it should be. `before` is the one whose key it keeps, None for a new one; `absorbed` are those that it takes in."""

    now: Standing
    before: Standing | None
    absorbed: tuple[Standing, ...] = ()

    @property
    def changed(self) -> bool:
        return self.before is None or bool(self.absorbed) or self.now != self.before


def settle(standings: Sequence[Standing], groups: Iterable[Sequence[Report]], named: str | None = None) -> list[Settled]:
    """Each group as a story. An old story is where the report that opened it is; of several in one group the one that a person `named`
    stays, or the first by `_precedence`.

    `standings` may hold stories without reports: those that were taken in long ago, and come back when their first report is parted from
    the rest again. New stories have no key yet.
    """
    groups = [list(group) for group in groups]
    place = {report.id: number for number, group in enumerate(groups) for report in group}
    claims: defaultdict[int, list[Standing]] = defaultdict(list)
    for standing in standings:
        held = [standing.opened_by, *(report.id for report in standing.reports)]
        number = next((place[report] for report in held if report in place), None)
        if number is not None:
            claims[number].append(standing)
    return [
        _settled(group, sorted(claims[number], key=lambda each: (each.key != named, _precedence(each))))
        for number, group in enumerate(groups)
    ]


def _settled(group: Sequence[Report], claims: Sequence[Standing]) -> Settled:
    if not claims:
        return Settled(opened(group, ""), None)
    kept, *others = claims
    opener = kept.opened_by if kept.opened_by in {report.id for report in group} else group[0].id
    now = replace(kept, reports=tuple(group), opened_by=opener, last_at=max(report.at for report in group))
    return Settled(now, kept, tuple(other for other in others if other.reports))


def _precedence(standing: Standing) -> tuple[object, ...]:
    """Who keeps its key: the story into which a person merged others, one that stands, one that people confirmed or muted, the older one.

    Decisions stay with their story: a muted one that went into another would alert again.
    """
    decided = standing.decided
    undecided = decided.verdict != "confirmed", not decided.muted
    return not decided.gathers, not standing.reports, *undecided, standing.opened_at, standing.key
