"""Stories put right: reports that came late, or that tie two stories together, and what people decided.

A story is repaired together with all that are tied to it, however far that reaches, and comes out as if its reports had come in the order
of their time. So the same articles give the same stories, whatever the order in which they were read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from monitor.alerts import policy
from monitor.jobs.parts import Parts
from monitor.log import logger
from monitor.model import Change, Placement, Standing, Story, Subscriber
from monitor.store import Connection, archive, deliveries, stories
from monitor.stories.bonds import bonds
from monitor.stories.facts import summarise, told
from monitor.stories.gather import gather
from monitor.stories.place import key_of
from monitor.stories.repair import Settled, settle
from monitor.stories.tie import tie

log = logger()

# A neighbourhood is a few stories. One beyond this many reports is repaired without the stories at its far end.
_MOST = 3000


@dataclass(frozen=True, slots=True)
class Told:
    """Who hears of the stories that a repair opens, and of which: reports older than `max_age` are no news."""

    subscribers: Sequence[Subscriber]
    max_age: timedelta


@dataclass(frozen=True, slots=True)
class Repaired:
    """What a repair did: stories that took in others (kept, gone), and stories that were parted from others."""

    merged: tuple[tuple[str, str], ...] = ()
    opened: tuple[Story, ...] = ()


async def repair(parts: Parts, stop: asyncio.Event) -> int:
    """Repairs every story about which there is doubt; returns how many there were."""
    hearing = Told(parts.subscribers, parts.settings.alerts.max_age)
    count = 0
    while not stop.is_set():
        with parts.metrics.stage("repair"):
            done = await parts.store.write(partial(_next, hearing=hearing, now=parts.now()))
        if done is None:
            break
        count += 1
        _tell(parts, done)
    return count


def _next(c: Connection, hearing: Told, now: datetime) -> Repaired | None:
    stories.alone(c)
    key = stories.unsettled(c)
    return None if key is None else mend(c, [key], hearing, now)


def mend(c: Connection, keys: Collection[str], hearing: Told, now: datetime, named: str | None = None) -> Repaired:
    """Repairs these stories and all that are tied to them, in the transaction of `c`. The one that a person `named` keeps its key."""
    stories.alone(c)
    standing = _neighbourhood(c, keys)
    reports = {report.id: report for each in standing for report in each.reports}
    groups = gather(reports.values(), bonds(stories.rulings(c, [each.key for each in standing])))
    doubtful = stories.settled(c, [each.key for each in standing])  # their time lines may be out of order though their reports are not
    now_there = settle([*standing, *stories.retired(c, reports)], groups, named)
    done = [_write(c, each, now) for each in now_there if each.changed or each.now.key in doubtful]
    opened = tuple(story for each, story in done if each.before is None or not each.before.reports)
    for story in opened:
        _note_split(c, story, standing, now)
        _alert(c, story, hearing, now)
    for each, story in done:
        _tell_again(c, each, story, hearing, now)
    return Repaired(tuple((story.key, gone.key) for each, story in done for gone in each.absorbed), opened)


def _neighbourhood(c: Connection, keys: Collection[str]) -> list[Standing]:
    """The stories of these keys, and all that are tied to them by a report or by a person's decision."""
    found: dict[str, Standing] = {}
    fresh = stories.by_key(c, keys)
    while fresh and sum(len(each.reports) for each in found.values()) < _MOST:
        found |= {each.key: each for each in fresh}
        bound = stories.by_key(c, stories.bound_to(c, found))
        near = stories.around(c, [report for each in fresh for report in each.reports], found)
        tied = [each for each in near if _tied(each, fresh)]
        fresh = list({each.key: each for each in (*bound, *tied)}.values())
    return list(found.values())


def _tied(one: Standing, others: Sequence[Standing]) -> bool:
    return any(tie(mine, theirs) for other in others for theirs in other.reports for mine in one.reports)


def _write(c: Connection, settled: Settled, now: datetime) -> tuple[Settled, Story]:
    standing = settled.now
    if settled.before is None:
        first = standing.reports[0]
        standing = replace(standing, key=key_of(first.url, partial(stories.taken, c)))
    story = summarise(standing)
    stories.rewrite(c, story, told(story), now)
    for gone in settled.absorbed:
        stories.retire(c, gone.key, now)
        stories.note_repair(c, story.key, "merged", gone.key, now)
        deliveries.withdraw(c, gone.key, _part_of(story), beside=story.key)
    return settled, story


def _note_split(c: Connection, story: Story, before: Sequence[Standing], now: datetime) -> None:
    """Puts into the time line of the story that held most of these reports that they are one of their own."""
    names = {report.id for report in story.reports}
    held = [(sum(report.id in names for report in each.reports), each.key) for each in before if each.key != story.key]
    count, origin = max(held, default=(0, ""))
    if count:
        stories.note_repair(c, origin, "split", story.key, now)


def _alert(c: Connection, story: Story, hearing: Told, now: datetime) -> None:
    """A story that was hidden in another is news to those who heard of the other only. What was told before is not owed again."""
    deliveries.restore(c, story.key, now)
    _owe(c, Placement(story, True, story.reports[0], tuple(told(story))), hearing, now)


def _tell_again(c: Connection, settled: Settled, story: Story, hearing: Told, now: datetime) -> None:
    """What a story became by those that it took in is news to those from whom just that was withdrawn, or the opening, which tells all."""
    withdrawn = {unheard for gone in settled.absorbed for unheard in deliveries.withdrawn(c, gone.key, _part_of(story))}
    if not withdrawn or settled.before is None or not settled.before.reports:
        return
    known = told(summarise(settled.before))
    for change, name in told(story).items():
        missed = {(subscriber, channel) for subscriber, channel, what in withdrawn if what in (change, Change("opened"))}
        those = [each for each in hearing.subscribers if (each.name, each.channel) in missed]
        if change not in known and those:
            report = next(report for report in story.reports if report.id == name)
            _owe(c, Placement(story, False, report, (change,)), replace(hearing, subscribers=those), now)


def _owe(c: Connection, placement: Placement, hearing: Told, now: datetime) -> None:
    read = archive.one(c, placement.report.id)
    if read is not None:
        deliveries.owe(c, policy.deliveries(placement, read.article, hearing.subscribers, now, hearing.max_age), now)


def _part_of(story: Story) -> str:
    return f"the story is part of {story.key} now"


def _tell(parts: Parts, done: Repaired) -> None:
    for kept, gone in done.merged:
        log.info("story.merged", story=kept, other=gone)
    for story in done.opened:
        parts.metrics.opened()
        log.info("story.split", story=story.key, headline=story.headline)
