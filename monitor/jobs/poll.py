"""Due sources to stored entries."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from monitor.collect import feed, listing, schedule
from monitor.collect.entries import MAX_ENTRIES
from monitor.jobs.parts import LEASE, Parts, drain
from monitor.log import logger
from monitor.model import Attempt, AttemptOutcome, DueSource, Failed, Fetched, Listing, NotModified, Page, Source, Validators
from monitor.store import Connection, articles, sources

log = logger()

_MOST_PARTS = 5  # sitemaps of an index that are read in one poll
_SMALL = 512 * 1024  # bytes of a list that is read here, if it is plain; others are for a process that may die of them


@dataclass(frozen=True, slots=True)
class Listed:
    """A source's list as it came, to be read."""

    source: Source
    page: Page
    now: datetime


@dataclass(frozen=True, slots=True)
class Poll:
    """How a poll ended. `validators` are to be kept with what was read; `believed`, whether to ask with them again."""

    due: DueSource
    result: Listing | NotModified | Failed
    seconds: float
    validators: Validators | None = None
    asked: Validators | None = None
    moved_to: str | None = None


async def poll(parts: Parts, stop: asyncio.Event) -> int:
    """Polls every due source once; returns how many."""

    async def claim(count: int) -> list[DueSource]:
        limits = parts.settings.collect
        work = partial(sources.claim_due, owner=parts.owner, now=parts.now(), lease=LEASE, limit=count, per_host=max(limits.per_host, 2))
        return await parts.store.write(work)

    return await drain(claim, partial(_poll_one, parts), parts.settings.collect.at_once, stop, partial(_settle, parts))


async def _poll_one(parts: Parts, due: DueSource) -> Poll:
    began = asyncio.get_running_loop().time()
    with parts.metrics.stage("collect"):
        ended = await _ask(parts, due)
    return replace(ended, seconds=asyncio.get_running_loop().time() - began)


async def _settle(parts: Parts, ended: Sequence[Poll]) -> None:
    """Stores what came of some polls, in one transaction, and says it."""
    fresh = await parts.store.write(partial(_record, parts=parts, ended=ended))
    for poll, new in zip(ended, fresh, strict=True):
        _tell(parts, poll, new)


async def _ask(parts: Parts, due: DueSource) -> Poll:
    limits = parts.settings.collect
    asked = schedule.conditions(due, parts.now(), limits)
    outcome = await parts.fetcher.source(schedule.address(due, parts.now()), asked)
    if isinstance(outcome, NotModified):
        return Poll(due, outcome, 0.0, asked=asked, moved_to=outcome.moved_to)
    if isinstance(outcome, Failed):
        return Poll(due, outcome, 0.0, asked=asked)
    result = await _read(parts, Listed(due.source, outcome.page, parts.now()))
    if isinstance(result, Failed):
        return Poll(due, result, 0.0, asked=asked)
    validators = outcome.validators
    if result.parts:  # an index that is as it was says nothing of its parts
        result, validators = await _with_parts(parts, due.source, result), Validators()
    if isinstance(result, Listing) and outcome.fresh_for:
        result = replace(result, ttl=max(result.ttl or timedelta(0), outcome.fresh_for))
    return Poll(due, result, 0.0, validators, asked, outcome.moved_to)


async def _read(parts: Parts, listed: Listed) -> Listing | Failed:
    """What a list says. Plain feeds are read at once; whatever may be slow or hostile, by a process with limits."""
    if listed.source.kind == "feed" and len(listed.page.body) <= _SMALL:
        plain = feed.plainly(listed.page, listed.now, listed.source.lang)
        if plain is not None:
            return plain
    return (await parts.workers.run(read_lists, [listed], _broken))[0]


def read_lists(listed: Sequence[Listed]) -> list[Listing | Failed]:
    """The CPU work on lists, by the workers."""
    return [listing.parse(each.source, each.page, each.now) for each in listed]


def _broken(_: Listed, why: str) -> Listing | Failed:
    return Failed("not_a_feed", f"the list broke its reader: {why}"[:300])


async def _with_parts(parts: Parts, source: Source, index: Listing) -> Listing | Failed:
    """The entries of an index's sitemaps, one after the other as they all lie on one site. Some of them may fail, not all."""
    found: list[Listing] = []
    failures: list[Failed] = []
    for url in index.parts[:_MOST_PARTS]:
        outcome = await parts.fetcher.source(url, Validators())
        read = await _read(parts, Listed(source, outcome.page, parts.now())) if isinstance(outcome, Fetched) else outcome
        if isinstance(read, Listing):
            found.append(read)
        elif isinstance(read, Failed):
            failures.append(read)
    if failures and not found:
        return failures[0]
    entries = {entry.guid: entry for read in found for entry in read.entries}
    notes = (*index.notes, *(note for read in found for note in read.notes), *(failed.detail for failed in failures))
    return Listing(tuple(entries.values())[:MAX_ENTRIES], notes=notes)


def _record(c: Connection, *, parts: Parts, ended: Sequence[Poll]) -> list[int]:
    """Entries, validators and the next check in one transaction: validators kept without their entries would lose them for good.

    Returns how many entries of each were new.
    """
    now = parts.now()
    new = articles.add_all(c, {each.due.id: each.result.entries for each in ended if isinstance(each.result, Listing)}, now)
    polled = [(each.due, _polled(parts, each, new[each.due.id], now)) for each in ended]
    for due in sources.finish(c, polled, parts.owner, now):
        log.warning("source.failed", source=due.source.key, detail="the lease ended before the poll did; another took it over")
    return [new[each.due.id] for each in ended]


def _polled(parts: Parts, poll: Poll, fresh: int, now: datetime) -> sources.Polled:
    due, result = poll.due, poll.result
    check = schedule.next_check(due, result, fresh, now, parts.chance(), parts.settings.collect)
    record = schedule.remember(due, result, fresh, now, poll.moved_to)
    if poll.validators is not None and poll.asked is not None:
        record = replace(record, believed=schedule.believable(due, poll.asked, poll.validators, fresh))
    outcome, detail = _ended(result)
    listed = len(result.entries) if isinstance(result, Listing) else 0
    attempt = Attempt(now, outcome, detail, listed, fresh, poll.seconds)
    trouble = result.detail if isinstance(result, Failed) else None
    return sources.Polled(check, record, attempt, poll.validators, trouble)


def _ended(result: Listing | NotModified | Failed) -> tuple[AttemptOutcome, str]:
    if isinstance(result, Failed):
        return result.kind, result.detail
    return ("changed", "; ".join(result.notes)) if isinstance(result, Listing) else ("unchanged", "")


def _tell(parts: Parts, poll: Poll, fresh: int) -> None:
    due, result = poll.due, poll.result
    bound = log.bind(source=due.source.key)
    if isinstance(result, Failed):
        parts.metrics.polled("failed", parts.now())
        bound.warning("source.failed", kind=result.kind, detail=result.detail)
        return
    if due.failures:
        bound.info("source.recovered")
    if isinstance(result, NotModified):
        parts.metrics.polled("unchanged", parts.now())
        bound.debug("source.unchanged")
        return
    parts.metrics.polled("changed", parts.now())
    parts.metrics.listed(fresh)
    bound.info("source.polled", entries=len(result.entries), new=fresh, **({"notes": "; ".join(result.notes)} if result.notes else {}))
