"""Owed deliveries to the outside world, each under the id it was written with."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial
from typing import assert_never, cast

import httpx

from monitor.alerts import console, email, policy, webhook
from monitor.jobs.parts import LEASE, Parts, drain
from monitor.log import logger
from monitor.metrics import Channel
from monitor.model import Delivery, GaveUp, Retry, SendOutcome, Sent, Subscriber
from monitor.settings import Settings
from monitor.store import deliveries

log = logger()

_AT_ONCE = 8


async def notify(parts: Parts, stop: asyncio.Event) -> int:
    """Tries every due delivery once; returns how many."""

    async def claim(count: int) -> list[Delivery]:
        return await parts.store.write(partial(deliveries.claim, owner=parts.owner, now=parts.now(), lease=LEASE, limit=count))

    tried = 0
    while some := await drain(claim, partial(_deliver, parts), _AT_ONCE, stop):
        tried += some  # what was sent lets the next change of its story go
    return tried


async def _deliver(parts: Parts, delivery: Delivery) -> None:
    subscriber = next((one for one in parts.subscribers if one.name == delivery.subscriber and one.channel == delivery.channel), None)
    with parts.metrics.stage("send"):
        outcome = await send(parts.settings, parts.fetcher.client, delivery, subscriber, parts.now())
    await _finish(parts, delivery, outcome)


async def send(
    settings: Settings, client: httpx.AsyncClient, delivery: Delivery, subscriber: Subscriber | None, now: datetime
) -> SendOutcome:
    """One attempt over the subscriber's channel. `client` is the guarded one."""
    if subscriber is None:
        return GaveUp("the subscriber is no longer in config/alerts.toml")
    if subscriber.channel == "email":
        return await email.send(settings.mail, delivery, subscriber.target, settings.alerts.timeout)
    if subscriber.channel == "webhook":
        return await webhook.send(client, delivery, subscriber, now, settings.alerts.timeout)
    if subscriber.channel == "console":
        return console.send(delivery)
    assert_never(subscriber.channel)


async def _finish(parts: Parts, delivery: Delivery, outcome: SendOutcome) -> None:
    now = parts.now()
    channel = cast(Channel, delivery.channel)
    about = {"story": delivery.story} if delivery.story else {"kind": delivery.kind}
    bound = log.bind(delivery=delivery.id, subscriber=delivery.subscriber, channel=delivery.channel, **about)
    if isinstance(outcome, Retry):
        at = policy.next_attempt(delivery.attempts + 1, outcome, now, parts.chance(), parts.settings.alerts)
        if at is not None:
            await parts.store.write(partial(deliveries.retry, delivery_id=delivery.id, owner=parts.owner, at=at, reason=outcome.reason))
            parts.metrics.delivered(channel, "retry")
            bound.warning("delivery.retry", detail=outcome.reason, next=at.isoformat())
            return
        outcome = GaveUp(f"{outcome.reason}; tried {delivery.attempts + 1} times")
    if isinstance(outcome, Sent):
        await parts.store.write(partial(deliveries.sent, delivery_id=delivery.id, owner=parts.owner, now=now))
        parts.metrics.delivered(channel, "sent")
        bound.info("delivery.sent")
        return
    await parts.store.write(partial(deliveries.gave_up, delivery_id=delivery.id, owner=parts.owner, reason=outcome.reason, now=now))
    parts.metrics.delivered(channel, "gave_up")
    bound.warning("delivery.gave_up", detail=outcome.reason)
