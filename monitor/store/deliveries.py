"""Deliveries: what is owed to whom, written with what caused it, and how sending it went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, and_, exists, func, or_, select, update

from monitor.model import Change, Delivery
from monitor.store import decisions, values
from monitor.store.dialect import insert
from monitor.store.leases import RELEASED, free, settle, take
from monitor.store.schema import delivery, story

_WITHDRAWN = "withdrawn: "

DeliveryState = Literal["waiting", "sent", "given_up"]


@dataclass(frozen=True, slots=True)
class DeliveryHealth:
    """How a delivery fares. `reason` is why the last attempt failed, if it did."""

    delivery: Delivery
    state: DeliveryState
    created_at: datetime
    next_try_at: datetime
    sent_at: datetime | None
    reason: str | None


def owe(c: Connection, deliveries: Sequence[Delivery], now: datetime) -> int:
    """Stores what is owed, in this order; returns how many were not owed before. The stories must be stored already.

    The same change is owed to a subscriber once on each channel, under whatever id it comes; a notice, which is of no story, once under
    its id.
    """
    if not deliveries:
        return 0
    keys = {each.story for each in deliveries if each.story is not None}
    stories: dict[str | None, int | None] = {None: None}
    stories |= {row.key: row.id for row in c.execute(select(story.c.key, story.c.id).where(story.c.key.in_(keys)))}
    rows = [_row(each, stories[each.story], now) for each in deliveries]
    return len(c.execute(insert(c, delivery).on_conflict_do_nothing().returning(delivery.c.number), rows).all())


def claim(c: Connection, owner: str, now: datetime, lease: timedelta, limit: int) -> list[Delivery]:
    """Leases up to `limit` deliveries to be tried now, the longest due first, then as they were owed.

    A subscriber hears of a story's changes in their order, and so of notices: none is given out while an earlier one of his still waits.
    Of a silent story none is: one that was just being sent when a person silenced it was not taken back.
    """
    earlier = delivery.alias()
    before = and_(
        earlier.c.subscriber == delivery.c.subscriber,
        earlier.c.channel == delivery.c.channel,
        earlier.c.state == "waiting",
        earlier.c.number < delivery.c.number,
    )
    same_story = exists().where(before, earlier.c.story_id == delivery.c.story_id)
    both_notices = exists().where(before, earlier.c.story_id.is_(None), delivery.c.story_id.is_(None))
    due = and_(delivery.c.state == "waiting", delivery.c.next_try_at <= now, free(delivery, now), ~same_story, ~both_notices)
    due = and_(due, or_(delivery.c.story_id.is_(None), delivery.c.story_id.not_in(decisions.silenced())))
    wanted = select(delivery.c.id).where(due).order_by(delivery.c.next_try_at, delivery.c.number).limit(limit)
    ids = take(c, wanted, due, delivery, owner, now + lease)
    rows = {row.id: row for row in c.execute(select(delivery).where(delivery.c.id.in_(ids)))}
    return [_delivery(rows[each]) for each in ids]


def sent(c: Connection, delivery_id: str, owner: str, now: datetime) -> bool:
    done = {"state": "sent", "sent_at": now, "attempts": delivery.c.attempts + 1, "reason": None}
    return settle(c, delivery, delivery_id, owner, done)


def retry(c: Connection, delivery_id: str, owner: str, at: datetime, reason: str) -> bool:
    """Keeps a delivery to be tried again, one attempt older."""
    return settle(c, delivery, delivery_id, owner, {"next_try_at": at, "attempts": delivery.c.attempts + 1, "reason": reason})


def gave_up(c: Connection, delivery_id: str, owner: str, reason: str, now: datetime) -> bool:
    """Closes a delivery that will not be tried again; `now` becomes the time of its last attempt."""
    done = {"state": "given_up", "next_try_at": now, "attempts": delivery.c.attempts + 1, "reason": reason}
    return settle(c, delivery, delivery_id, owner, done)


def withdraw(c: Connection, story_key: str, why: str, now: datetime, beside: str | None = None) -> int:
    """Takes back what is unsent of a story, unless it is just being sent; returns how many. `beside`: only from those who hear of that
    story too."""
    here = select(story.c.id).where(story.c.key == story_key).scalar_subquery()
    unsent = and_(delivery.c.story_id == here, delivery.c.state == "waiting", free(delivery, now))
    if beside is not None:
        other = delivery.alias()
        there = select(story.c.id).where(story.c.key == beside).scalar_subquery()
        same = and_(other.c.story_id == there, other.c.subscriber == delivery.c.subscriber, other.c.channel == delivery.c.channel)
        unsent = and_(unsent, exists().where(same))
    return c.execute(update(delivery).where(unsent).values(state="given_up", reason=f"{_WITHDRAWN}{why}", **RELEASED)).rowcount


def withdrawn(c: Connection, story_key: str, why: str) -> set[tuple[str, str, Change]]:
    """To whom (subscriber and channel) which changes of a story will not be told, for this reason."""
    here = select(delivery).join(story, story.c.id == delivery.c.story_id).where(story.c.key == story_key)
    rows = c.execute(here.where(delivery.c.state == "given_up", delivery.c.reason == f"{_WITHDRAWN}{why}"))
    return {(row.subscriber, row.channel, Change(row.kind, row.detail)) for row in rows}


def restore(c: Connection, story_key: str, now: datetime, max_age: timedelta) -> int:
    """Owes again what was taken back, unless it is too old to be news; returns how many."""
    here = select(story.c.id).where(story.c.key == story_key).scalar_subquery()
    back = and_(delivery.c.story_id == here, delivery.c.state == "given_up", delivery.c.reason.startswith(_WITHDRAWN))
    back = and_(back, delivery.c.created_at >= now - max_age)
    return c.execute(update(delivery).where(back).values(state="waiting", reason=None, next_try_at=now)).rowcount


def listing(c: Connection, state: DeliveryState | None = None, limit: int = 100) -> list[DeliveryHealth]:
    """The deliveries owed last, newest first."""
    query = select(delivery) if state is None else select(delivery).where(delivery.c.state == state)
    return [
        DeliveryHealth(_delivery(row), row.state, row.created_at, row.next_try_at, row.sent_at, row.reason)
        for row in c.execute(query.order_by(delivery.c.number.desc()).limit(limit))
    ]


def counts(c: Connection) -> Counter[str]:
    """How many deliveries are in each state."""
    found = c.execute(select(delivery.c.state, func.count().label("number")).group_by(delivery.c.state))
    return Counter({row.state: row.number for row in found})


def _delivery(row: Any) -> Delivery:
    return Delivery(row.id, row.subscriber, row.channel, values.alert(row.alert), row.attempts)


def _row(each: Delivery, story_id: int | None, now: datetime) -> dict[str, Any]:
    return {
        "id": each.id,
        "story_id": story_id,
        "subscriber": each.subscriber,
        "channel": each.channel,
        "kind": each.kind,
        "detail": each.detail,
        "alert": values.alert_json(each.alert),
        "state": "waiting",
        "attempts": each.attempts,
        "created_at": now,
        "next_try_at": now,
    }
