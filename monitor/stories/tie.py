"""What ties two reports to one incident: the same text, the same victim near in time, one campaign, or rare names in common.

Every rule looks at two reports and nothing else, and says the same whichever of them comes first: so what belongs together does not
depend on the order in which articles are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from monitor.model import UNNAMED, Report, Victim
from monitor.stories.signature import COPY, likeness
from monitor.text.fold import fold_text

_SAME_TEXT = 100.0
JOIN = 1.0  # the least strength by which a report joins a story; what is weaker only helps to see that two stories are one

COPY_WITHIN = timedelta(days=10)
# How far apart two reports on one victim may be. An institution that is reported hit again after more than six weeks was hit again, but
# follow-ups of one incident come for years: trials, fines, damages.
_HIT = timedelta(days=45)
_HIT_AFTER_FOLLOW_UP = timedelta(days=14)
HIT_AGAIN = timedelta(days=7)  # where the later report says that this is another attack
_FOLLOW_UP = timedelta(days=400)
_FOLLOW_UP_BY_NAMES = timedelta(days=1100)  # with a rare name in common
# A government is the victim of many incidents: its name alone ties only what is told in the same season.
_BROAD_SECTORS = frozenset(("government",))
_BROAD_FOLLOW_UP = timedelta(days=75)
CAMPAIGN = timedelta(days=3)
_WAVE = 2  # rare names in common
_ONE_ACTOR = timedelta(days=14)
_UNTOLD = frozenset(("unknown",))
REJECTED = timedelta(days=3)  # what a person called no incident keeps only what is told in these days: a real one may follow
WEEKS = timedelta(days=45)
_UNNAMED_WITHIN = timedelta(days=10)
# Bodies of one state, which one attack may hit together.
_STATE = frozenset(("government", "parliament", "president", "ministry", "it_agency", "police", "tax", "customs", "registry", "statistics"))
_LOCAL_SECTORS = frozenset(("municipality", "region", "hospital", "school", "university", "court", "water"))
# Reports of which one names no victim: with the same kind of attack, rare names in common and how far apart; and with an attack untold.
_NAMES = ((1, timedelta(days=3)), (2, timedelta(days=14)))
_NAMES_ALONE = ((2, timedelta(days=6)),)


@dataclass(frozen=True, slots=True)
class Tie:
    """How strongly two reports belong together, and why, in words. `firm` if they name one victim or are one text."""

    strength: float
    why: str
    firm: bool = False

    @property
    def copy(self) -> bool:
        return self.strength >= _SAME_TEXT


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two reports in the order of their time, and what they have in common. `clash` where they tell of different kinds of attack, or of
    different groups."""

    early: Report
    late: Report
    gap: timedelta
    words: int
    actors: frozenset[str]
    attacks: frozenset[str]
    clash: bool

    @property
    def told_first(self) -> bool:
        return told_first(self.early) and told_first(self.late)


def tie(one: Report, other: Report) -> Tie | None:
    """What ties two reports, or None."""
    early, late = sorted((one, other), key=lambda report: report.order)
    gap = late.at - early.at
    if gap <= COPY_WITHIN and likeness(one.signature, other.signature) >= COPY:
        return Tie(_SAME_TEXT, f"same text as in {early.outlet}", firm=True)
    shared = [victim for victim in early.finding.victims if any(same(victim, theirs, gap) for theirs in late.finding.victims)]
    if not shared and not set(one.finding.countries) & set(other.finding.countries):
        return None
    pair = _pair(early, late, gap)
    if shared:
        return _by_victim(pair, shared)
    if one.finding.victims and other.finding.victims:
        return _campaign(pair)
    return _by_names(pair)


def strongest(report: Report, others: Iterable[Report]) -> Tie | None:
    """The strongest tie to any of the others. Copies are passed over: they say what their original says."""
    ties = [found for other in others if other.copy_of is None and (found := tie(report, other))]
    return max(ties, key=lambda found: found.strength, default=None)


def original(report: Report, others: Iterable[Report]) -> Report | None:
    """The report whose text this one repeats, if any: of several the most alike, of equals the earliest."""
    originals = [
        (-like, other.order, other)
        for other in others
        if other.copy_of is None and abs(other.at - report.at) <= COPY_WITHIN
        if (like := likeness(report.signature, other.signature)) >= COPY
    ]
    return min(originals, key=lambda each: each[:2])[2] if originals else None


def before_again(report: Report, others: Iterable[Report]) -> list[Report]:
    """The reports of a story that tell of an earlier attack, if this report says that it tells of another one."""
    return [other for other in others if report.at - other.at > HIT_AGAIN] if report.finding.again else []


def told_first(report: Report) -> bool:
    """Whether a report tells of an attack as news, not of what came after one."""
    return report.finding.kind != "follow_up"


def same(one: Victim, other: Victim, gap: timedelta) -> bool:
    """One institution; within days, also one that a report names by its kind or its town only, beside one that it may be."""
    if one.id == other.id and UNNAMED not in one.id:
        return True
    if gap > _UNNAMED_WITHIN or (one.country, one.sector) != (other.country, other.sector):
        return False
    return UNNAMED in one.id or UNNAMED in other.id or _of_one_town(one, other)


def _of_one_town(one: Victim, other: Victim) -> bool:
    """`Hospital of Bucharest` may be `CF Hospital Witting Bucharest`, `Municipality of Novi Sad` is `City of Novi Sad`."""
    return one.sector in _LOCAL_SECTORS and (_in_town(one.name, other.name) or _in_town(other.name, one.name))


def _in_town(generic: str, name: str) -> bool:
    _, of, town = generic.rpartition(" of ")
    return bool(of) and set(fold_text(town).split()) <= set(fold_text(name).split())


def _pair(early: Report, late: Report, gap: timedelta) -> _Pair:
    ours, theirs = early.finding, late.finding
    actors, attacks = frozenset(ours.actors) & frozenset(theirs.actors), frozenset(ours.attacks) & frozenset(theirs.attacks) - _UNTOLD
    others = bool(ours.actors and theirs.actors and not actors)
    means = not attacks and not _UNTOLD & {*ours.attacks[:1], *theirs.attacks[:1]}
    return _Pair(early, late, gap, len(early.signature.words & late.signature.words), actors, attacks, others or means)


def _by_victim(pair: _Pair, shared: Sequence[Victim]) -> Tie | None:
    broad = all(victim.sector in _BROAD_SECTORS for victim in shared)
    if pair.gap > _reach(pair, broad):
        return None
    names = ", ".join(victim.name for victim in shared)
    strength = (6.0 if broad else 10.0) + min(len(shared), 3) / 10 + _closeness(pair)
    return Tie(strength, f"same victim ({names}), {pair.gap.days} days apart", firm=True)


def _reach(pair: _Pair, broad: bool) -> timedelta:
    if pair.late.finding.again:
        return HIT_AGAIN
    if not told_first(pair.late):
        return _BROAD_FOLLOW_UP if broad else _FOLLOW_UP_BY_NAMES if pair.words else _FOLLOW_UP
    return _HIT if told_first(pair.early) or pair.words >= 3 else _HIT_AFTER_FOLLOW_UP


def _closeness(pair: _Pair) -> float:
    """From 0 to 2: the nearer in time and the more rare words in common, the likelier one incident among several of one victim."""
    return min(pair.words, 10) / 10 + 1.0 / (1.0 + pair.gap / timedelta(days=30))


def _campaign(pair: _Pair) -> Tie | None:
    """Different victims of one country: one campaign if they were hit in the same days by one group, or in one way told with the same
    names and are of one kind, or knocked offline. One group in the same weeks is no more than a hint."""
    if pair.gap <= CAMPAIGN and (pair.attacks or pair.told_first):
        if pair.actors:
            return Tie(2.0 + _closeness(pair), "same country and days, one actor: a campaign")
        if pair.words >= _WAVE and not pair.clash and ("ddos" in pair.attacks or _akin(pair)):
            return Tie(2.0 + _closeness(pair), "same country and days, shared names: a campaign")
    if pair.actors and pair.gap <= WEEKS:
        return Tie(0.5, "same country and weeks, one actor")
    return None


def _akin(pair: _Pair) -> bool:
    """Hospitals and hospitals, or bodies of the state: through one supplier, one network."""
    ours, theirs = ({victim.sector for victim in report.finding.victims} for report in (pair.early, pair.late))
    return bool(ours & theirs or (ours & _STATE and theirs & _STATE))


def _by_names(pair: _Pair) -> Tie | None:
    """One of the two names no victim. What it tells of is known by rare names and the kind of attack, or by the group."""
    if pair.clash:
        return None
    limits = _NAMES if pair.attacks else _NAMES_ALONE
    by_actor = bool(pair.actors and pair.attacks) and pair.words >= 1 and pair.gap <= _ONE_ACTOR
    if by_actor or any(pair.words >= words and pair.gap <= gap for words, gap in limits):
        return Tie(1.0 + _closeness(pair) / 10, f"same country, {'one actor' if by_actor else 'shared names'}, {pair.gap.days} days apart")
    return None
