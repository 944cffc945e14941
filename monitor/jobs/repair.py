"""Stories put right: reports that came late, or that tie two stories together, and what people decided.

A story is repaired together with all that are tied to it, however far that reaches, and comes out as if its reports had come in the order
of their time. So the same articles give the same stories, whatever the order in which they were read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from monitor.alerts import policy
from monitor.jobs.parts import Parts
from monitor.log import logger
from monitor.model import Change, Placement, Standing, Story, Subscriber
from monitor.store import Connection, archive, deliveries, stories
from monitor.stories.bonds import bonds
from monitor.stories.facts import summarise, timeline
from monitor.stories.gather import gather
from monitor.stories.place import key_of
from monitor.stories.repair import Settled, settle
from monitor.stories.tie import tie

log = logger()

# A neighbourhood is a few stories. Putting one together takes time with the square of its reports, and nobody writes meanwhile: 500 take
# two seconds. What lies beyond is left as it was placed.
_MOST = 500


@dataclass(frozen=True, slots=True)
class Audience:
    """Who hears of the stories that a repair opens, and of which: reports older than `max_age` are no news."""

    subscribers: Sequence[Subscriber]
    max_age: timedelta


@dataclass(frozen=True, slots=True)
class Repaired:
    """What a repair did: stories that took in others (kept, gone), and stories that were parted from others."""

    merged: tuple[tuple[str, str], ...] = ()
    opened: tuple[Story, ...] = ()


async def repair(parts: Parts, stop: asyncio.Event) -> int:
    """Repairs every story about which there is doubt; returns how many there were. One that cannot be repaired is logged, and waits."""
    audience = Audience(parts.subscribers, parts.settings.alerts.max_age)
    looked_at: set[str] = set()
    while not stop.is_set():
        key = await parts.store.read(stories.unsettled)
        if key is None or key in looked_at:
            break
        looked_at.add(key)
        try:
            with parts.metrics.stage("repair"):
                done = await parts.store.write(partial(_mend_one, key=key, audience=audience, now=parts.now()))
        except Exception:  # one story must not keep the others from their repair
            log.exception("story.unrepaired", story=key)
            await parts.store.write(partial(stories.defer, key=key, now=parts.now()))
        else:
            _tell(parts, done)
    return len(looked_at)


def _mend_one(c: Connection, key: str, audience: Audience, now: datetime) -> Repaired:
    stories.alone(c)
    if _own(stories.by_key(c, [key])) <= _MOST:
        return mend(c, [key], audience, now)
    stories.settled(c, [key])
    log.warning("story.unrepaired", story=key, detail=f"it has more than {_MOST} reports and is left as they were placed")
    return Repaired()


def mend(c: Connection, keys: Collection[str], audience: Audience, now: datetime, named: str | None = None) -> Repaired:
    """Repairs these stories and all that are tied to them, in the transaction of `c`. The one that a person `named` keeps its key."""
    stories.alone(c)
    standing = _neighbourhood(c, keys)
    reports = {report.id: report for each in standing for report in each.reports}
    groups = gather(reports.values(), bonds(stories.rulings(c, [each.key for each in standing])))
    # Their time lines may be out of order though their reports are not.
    doubtful = stories.settled(c, {*keys, *(each.key for each in standing)})
    now_there = settle([*standing, *stories.retired(c, reports)], groups, named)
    done = [_write(c, each, now) for each in now_there if each.changed or each.now.key in doubtful]
    opened = tuple(story for each, story in done if each.before is None or not each.before.reports)
    for story in opened:
        _note_split(c, story, standing, now)
        _alert(c, story, audience, now)
    for each, story in done:
        _tell_again(c, each, story, audience, now)
    return Repaired(tuple((story.key, gone.key) for each, story in done for gone in each.absorbed), opened)


def _neighbourhood(c: Connection, keys: Collection[str]) -> list[Standing]:
    """The stories of these keys, and all that are tied to them by a report or a person's decision, nearest first, up to `_MOST` reports."""
    found: dict[str, Standing] = {}
    fresh = stories.by_key(c, keys)
    while fresh and (not found or _own([*found.values(), *fresh]) <= _MOST):
        found |= {each.key: each for each in fresh}
        bound = stories.by_key(c, stories.bound_to(c, found))
        near = stories.around(c, [report for each in fresh for report in each.reports], found)
        tied = [each for each in near if _tied(each, fresh)]
        fresh = list({each.key: each for each in (*bound, *tied)}.values())
    return list(found.values())


def _own(standing: Sequence[Standing]) -> int:
    return sum(report.copy_of is None for each in standing for report in each.reports)


def _tied(one: Standing, others: Sequence[Standing]) -> bool:
    return any(tie(mine, theirs) for other in others for theirs in other.reports for mine in one.reports)


def _write(c: Connection, settled: Settled, now: datetime) -> tuple[Settled, Story]:
    standing = settled.now
    if settled.before is None:
        first = standing.reports[0]
        standing = replace(standing, key=key_of(first.url, partial(stories.taken, c)))
    story = summarise(standing)
    stories.rewrite(c, story, timeline(story), now)
    for gone in settled.absorbed:
        stories.retire(c, gone.key, now)
        stories.note_repair(c, story.key, "merged", gone.key, now)
        deliveries.withdraw(c, gone.key, _part_of(story), now, beside=story.key)
    return settled, story


def _note_split(c: Connection, story: Story, before: Sequence[Standing], now: datetime) -> None:
    """Puts into the time line of the story that held most of these reports that they are one of their own."""
    names = {report.id for report in story.reports}
    held = [(sum(report.id in names for report in each.reports), each.key) for each in before if each.key != story.key]
    count, origin = max(held, default=(0, ""))
    if count:
        stories.note_repair(c, origin, "split", story.key, now)


def _alert(c: Connection, story: Story, audience: Audience, now: datetime) -> None:
    """A story that was hidden in another is news to those who heard of the other only. What was told before is not owed again."""
    if story.decided.silent:
        return
    deliveries.restore(c, story.key, now, audience.max_age)
    owe(c, story, timeline(story), audience, now)


def _tell_again(c: Connection, settled: Settled, story: Story, audience: Audience, now: datetime) -> None:
    """What a story became by those that it took in is news: what none of them had told, to all; and what one of them had to tell, to those
    from whom just that was withdrawn, or the opening, which tells all."""
    if settled.before is None or not settled.before.reports or not settled.absorbed:
        return
    known = timeline(summarise(settled.before))
    made = {change: name for change, name in timeline(story).items() if change not in known}
    theirs = {change for gone in settled.absorbed for change in _heard_of(summarise(gone))}
    owe(c, story, {change: name for change, name in made.items() if change not in theirs}, audience, now)
    withdrawn = {unheard for gone in settled.absorbed for unheard in deliveries.withdrawn(c, gone.key, _part_of(story))}
    for change, name in made.items():
        missed = {(subscriber, channel) for subscriber, channel, what in withdrawn if what in (change, Change("opened"))}
        those = [each for each in audience.subscribers if (each.name, each.channel) in missed]
        owe(c, story, {change: name}, replace(audience, subscribers=those), now)


def _heard_of(story: Story) -> set[Change]:
    """What those know who heard of a story, as changes of another that takes it in."""
    victims = {Change("victim_added", victim.name) for victim in story.victims}
    return {*timeline(story), *victims, *(Change("actor_named", actor) for actor in story.actors)}


def owe(c: Connection, story: Story, made: Mapping[Change, str], audience: Audience, now: datetime) -> None:
    """Owes the alerts of these changes, each as the report that made it would have caused it. What was owed before is not owed again."""
    for report in story.reports if audience.subscribers else ():
        changes = tuple(change for change, name in made.items() if name == report.id)
        read = archive.one(c, report.id) if changes else None
        if read is not None:
            placement = Placement(story, Change("opened") in changes, report, changes)
            deliveries.owe(c, policy.deliveries(placement, read.article, audience.subscribers, now, audience.max_age), now)


def _part_of(story: Story) -> str:
    return f"the story is part of {story.key} now"


def _tell(parts: Parts, done: Repaired) -> None:
    for kept, gone in done.merged:
        log.info("story.merged", story=kept, other=gone)
    for story in done.opened:
        parts.metrics.opened()
        log.info("story.split", story=story.key, headline=story.headline)
