"""Due sources to stored entries."""

from __future__ import annotations

import asyncio
from functools import partial

from monitor.collect import listing
from monitor.collect.schedule import next_check
from monitor.jobs.parts import LEASE, Parts, drain
from monitor.log import logger
from monitor.model import DueSource, Failed, Fetched, Listing, NotModified, Validators
from monitor.store import Connection, articles, sources

log = logger()


async def poll(parts: Parts, stop: asyncio.Event) -> int:
    """Polls every due source once; returns how many."""

    async def claim(count: int) -> list[DueSource]:
        limits = parts.settings.collect
        work = partial(sources.claim_due, owner=parts.owner, now=parts.now(), lease=LEASE, limit=count, per_host=max(limits.per_host, 2))
        return await parts.store.write(work)

    return await drain(claim, partial(_poll_one, parts), parts.settings.collect.at_once, stop)


async def _poll_one(parts: Parts, due: DueSource) -> None:
    with parts.metrics.stage("collect"):
        outcome = await parts.fetcher.source(due.source.url, due.validators)
        result: Listing | NotModified | Failed
        validators: Validators | None = None
        if isinstance(outcome, Fetched):
            result = await asyncio.to_thread(listing.parse, due.source.kind, outcome.page, parts.now())
            validators = outcome.validators if isinstance(result, Listing) else None
        else:
            result = outcome
    fresh = await parts.store.write(partial(_record, parts=parts, due=due, result=result, validators=validators))
    _tell(parts, due, result, fresh)


def _record(c: Connection, *, parts: Parts, due: DueSource, result: Listing | NotModified | Failed, validators: Validators | None) -> int:
    """Entries, validators and the next check in one transaction: validators kept without their entries would lose them for good."""
    now = parts.now()
    fresh = articles.add(c, due.id, result.entries, now) if isinstance(result, Listing) else 0
    check = next_check(due, result, fresh, now, parts.chance(), parts.settings.collect)
    trouble = result.detail if isinstance(result, Failed) else None
    if not sources.finish(c, due, parts.owner, sources.Polled(check, validators, trouble), now):
        log.warning("source.failed", source=due.source.key, detail="the lease ended before the poll did; another took it over")
    return fresh


def _tell(parts: Parts, due: DueSource, result: Listing | NotModified | Failed, fresh: int) -> None:
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
