"""Where a report belongs: it joins the story of its incident, or opens a new one. Victim and time decide, never actor or outlet.

A split is better than a false merge: what is not clearly the same incident opens a story of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeVar

from monitor.model import UNNAMED, Attack, Change, ChangeKind, Placement, Report, Status, Story, Victim, without_unnamed
from monitor.stories.headline import headline
from monitor.stories.signature import likeness

T = TypeVar("T")

COPY = 0.5  # share of common shingles from which a text is a copy; wire copies cut by a third still reach it
WINDOW = timedelta(days=400)  # follow-ups of trials and fines come a year later
_LONG = timedelta(days=180)  # an institution is rarely hit again so soon, and follow-ups of one incident come for months
_CLOSE = timedelta(days=45)  # but sites are knocked offline again and again
_CAMPAIGN = timedelta(days=3)
_UNNAMED_WITHIN = timedelta(days=10)
_COUNTRY_ONLY = timedelta(days=6)
_COPY_WITHIN = timedelta(days=10)
_COMMON_WORDS = 3
# A government is the victim of many incidents: its name alone ties only what is told in the same weeks.
_BROAD_SECTORS = frozenset(("government",))
_BROAD = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class Tie:
    """How strongly a report belongs to a story, and why, in words."""

    strength: float
    why: str


def place(report: Report, candidates: Iterable[Story], url: str) -> Placement:
    """The story that the report belongs to, with the report in it, and what that changed. The order of `candidates` does not matter.

    `url` is the report's canonical address: a story that it opens is named after it, the same in every database.
    """
    candidates = list(candidates)
    original = min(_originals(report, candidates), key=lambda item: (-item[0], item[1].at, item[1].id), default=None)
    report = replace(report, copy_of=original[1].id if original else None)
    ties = [(tie, story) for story in candidates if (tie := tie_to(report, story))]
    if not ties:
        return _open(report, url)
    tie, story = max(ties, key=lambda item: (item[0].strength, item[1].opened_at, item[1].key))
    return _join(report, story, tie.why)


def _originals(report: Report, candidates: Sequence[Story]) -> Iterable[tuple[float, Report]]:
    for story in candidates:
        for other in story.reports:
            if other.copy_of is None and other.id != report.id and abs(other.at - report.at) <= _COPY_WITHIN:
                like = likeness(report.signature, other.signature)
                if like >= COPY:
                    yield like, other


def tie_to(report: Report, story: Story) -> Tie | None:
    """What ties a report to a story, or None."""
    original = next((other for other in story.reports if other.id == report.copy_of), None)
    if original is not None:
        return Tie(100.0, f"same text as in {original.outlet}")
    gap, words = distance(report.at, story), common_words(report, story)
    shared = [theirs for theirs in story.victims for ours in report.finding.victims if same(ours, theirs, gap)]
    if shared:
        return _by_victim(report, story, shared, gap, words)
    if not set(report.finding.countries) & set(story.countries):
        return None
    if report.finding.victims and story.victims:
        return _campaign(report, story, gap, words)
    if gap <= _COUNTRY_ONLY and words >= _COMMON_WORDS - 1:
        return Tie(1.0 + words / 100, "same country and days, shared names")
    return None


def same(one: Victim, other: Victim, gap: timedelta) -> bool:
    """One institution; within days, also one that a report does not name beside one of its country and sector that another names."""
    if one.id == other.id:
        return True
    unnamed = UNNAMED in one.id or UNNAMED in other.id
    return unnamed and gap <= _UNNAMED_WITHIN and (one.country, one.sector) == (other.country, other.sector)


def _by_victim(report: Report, story: Story, shared: Sequence[Victim], gap: timedelta, words: int) -> Tie | None:
    names = ", ".join(victim.name for victim in shared)
    if all(victim.sector in _BROAD_SECTORS for victim in shared):
        if gap > (_CAMPAIGN if _specific(report.finding.victims) and _specific(story.victims) else _BROAD):
            return None
        return Tie(8.0 + words / 100 - gap / WINDOW, f"same victim ({names}) in the same days")
    strength = 10.0 + len(shared) + words / 100 - gap / WINDOW
    if gap <= (_CLOSE if "ddos" in (*report.finding.attacks[:1], *story.attacks[:1]) else _LONG):
        return Tie(strength, f"same victim ({names}), {gap.days} days apart")
    if gap <= WINDOW and words >= _COMMON_WORDS:
        return Tie(strength - 5.0, f"same victim ({names}) and shared names: a follow-up")
    return None


def _specific(victims: Iterable[Victim]) -> bool:
    return any(victim.sector not in _BROAD_SECTORS for victim in victims)


def _campaign(report: Report, story: Story, gap: timedelta, words: int) -> Tie | None:
    """Different victims of one country in the same days: one campaign if one group did it, or a wave of DDoS told with the same names."""
    actors = set(report.finding.actors) & set(story.actors)
    wave = words > _COMMON_WORDS and "ddos" in report.finding.attacks and "ddos" in story.attacks
    if gap <= _CAMPAIGN and (actors or wave):
        return Tie(2.0 + words / 100, f"same country and days, {'one actor' if actors else 'one wave of DDoS'}: a campaign")
    return None


def distance(at: datetime, story: Story) -> timedelta:
    """How far outside the story's time a moment lies; nothing while it is told."""
    times = [report.at for report in story.reports]
    return max(min(times) - at, at - max(times), timedelta(0))


def common_words(report: Report, story: Story) -> int:
    """The most rare words shared with one report of the story: compared with each, since a story's words grow without limit."""
    return max((len(report.signature.words & other.signature.words) for other in story.reports), default=0)


def _open(report: Report, url: str) -> Placement:
    key = sha256(url.encode()).hexdigest()[:10]
    nothing = Story(key, "", "suspected", report.at, (), (), (), (), ())
    story = summarise(replace(nothing, reports=(report,)))
    told = [change for change in changes(nothing, story) if change.kind != "victim_added"]
    return Placement(story, True, report, "the first report", (Change("opened"), *told))


def _join(report: Report, story: Story, why: str) -> Placement:
    known = [other for other in story.reports if other.id != report.id]
    report, known = _earliest_is_original(report, known)
    after = summarise(replace(story, reports=tuple(sorted([*known, report], key=lambda other: (other.at, other.id)))))
    return Placement(after, False, report, why, tuple(changes(story, after)))


def _earliest_is_original(report: Report, known: Sequence[Report]) -> tuple[Report, list[Report]]:
    """A text that was out before the one we took for its original is the original, and all its copies are its own."""
    original = next((other for other in known if other.id == report.copy_of), None)
    if original is None or (original.at, original.outlet) <= (report.at, report.outlet):
        return report, list(known)
    copies = {original.id, *(other.id for other in known if other.copy_of == original.id)}
    return replace(report, copy_of=None), [replace(other, copy_of=report.id) if other.id in copies else other for other in known]


def summarise(story: Story) -> Story:
    """The facts of a story from its reports: who, where, how, by whom, and how sure."""
    findings = [report.finding for report in story.reports if report.copy_of is None] or [report.finding for report in story.reports]
    victims = _victims(story)
    countries = _by_count(country for finding in findings for country in finding.countries)
    attacks: tuple[Attack, ...] = _by_count(attack for finding in findings for attack in finding.attacks if attack != "unknown")
    attacks = attacks or ("unknown",)
    actors = _by_count(actor for finding in findings for actor in finding.actors)
    status = _status([finding.status for finding in findings])
    return replace(
        story,
        headline=headline(victims, countries, attacks, actors, status),
        status=status,
        countries=countries,
        victims=victims,
        attacks=attacks,
        actors=actors,
    )


def _victims(story: Story) -> tuple[Victim, ...]:
    """The victims, most named first. One that a report does not name is left out when another names one of its country and sector."""
    known = {victim.id: victim for report in story.reports for victim in report.finding.victims}
    ordered = [known[name] for name in _by_count(victim.id for report in story.reports for victim in report.finding.victims)]
    return without_unnamed(ordered)


def _by_count(values: Iterable[T]) -> tuple[T, ...]:
    """Most said first; of equals the first said."""
    return tuple(value for value, _ in Counter(values).most_common())


def _status(said: Sequence[Status]) -> Status:
    """A confirmation outweighs claims; a denial counts only while nobody confirmed."""
    order: tuple[Status, ...] = ("confirmed", "denied", "claimed", "suspected")
    return next(status for status in order if status in said)


def changes(before: Story, after: Story) -> Iterable[Change]:
    """Changes of meaning: what a subscriber would want to hear of a story that he knows."""
    independent = {report.outlet for report in after.reports if report.copy_of is None}
    if len(independent) > 1 and len({report.outlet for report in before.reports if report.copy_of is None}) == 1:
        yield Change("second_outlet")
    for victim in after.victims:
        if victim.id not in {known.id for known in before.victims}:
            yield Change("victim_added", victim.name)
    for actor in after.actors:
        if actor not in before.actors:
            yield Change("actor_named", actor)
    status: dict[Status, ChangeKind] = {"confirmed": "confirmed", "denied": "denied"}
    if after.status != before.status and after.status in status:
        yield Change(status[after.status])
    if "data_leak" in after.attacks and "data_leak" not in before.attacks:
        yield Change("data_leaked")
