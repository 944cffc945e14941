"""Sources: what the configuration lists, when each is due, and how it fares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, select, update

from monitor.model import DueSource, NextCheck, Source, Validators
from monitor.store.dialect import insert
from monitor.store.leases import RELEASED, free, settle, take
from monitor.store.schema import source
from monitor.text.urls import site

_FIRST_INTERVAL = timedelta(minutes=15)
_CONFIGURED = ("name", "kind", "url", "host", "outlet", "country", "lang", "enabled", "why")
# Another address is another list: what was learned of the old one does not hold.
_FORGOTTEN = ("etag", "last_modified", "body_hash", "listed_at", "trouble", "failures", "polls", "interval_seconds", "next_check_at")


@dataclass(frozen=True, slots=True)
class Polled:
    """The end of one poll. `validators` only if the server's answer was read; `trouble` is a sentence if the poll failed."""

    check: NextCheck
    validators: Validators | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How a source fares. Failing for the whole time since `last_ok_at` if there is `trouble`."""

    source: Source
    failures: float
    polls: int
    checked_at: datetime | None
    last_ok_at: datetime | None
    next_check_at: datetime
    trouble: str | None


def sync(c: Connection, sources: Sequence[Source], now: datetime) -> None:
    """Makes the table list what the configuration lists. A source that is gone from it is switched off, not deleted: articles name it."""
    rows = [_configured(each, now) for each in {each.key: each for each in sources}.values()]
    if rows:
        statement = insert(c, source)
        moved = source.c.url != statement.excluded.url
        changes: dict[str, Any] = {name: statement.excluded[name] for name in _CONFIGURED}
        changes |= {name: case((moved, statement.excluded[name]), else_=source.c[name]) for name in (*_FORGOTTEN, *RELEASED)}
        c.execute(statement.on_conflict_do_update(index_elements=["key"], set_=changes), rows)
    gone = source.c.enabled & source.c.key.not_in([row["key"] for row in rows])
    c.execute(update(source).where(gone).values(enabled=False, why="no longer in the configuration"))


def claim_due(c: Connection, owner: str, now: datetime, lease: timedelta, limit: int, per_host: int) -> list[DueSource]:
    """Leases up to `limit` due sources, the longest due first, at most `per_host` of one host so that none starves the others."""
    due = and_(source.c.enabled, source.c.next_check_at <= now, free(source, now))
    order = (source.c.next_check_at, source.c.id)
    rank = func.row_number().over(partition_by=source.c.host, order_by=order).label("rank")
    ranked = select(source.c.id, source.c.next_check_at, rank).where(due).subquery()
    fair = select(ranked.c.id).where(ranked.c.rank <= per_host).order_by(ranked.c.next_check_at, ranked.c.id).limit(limit)
    ids = take(c, fair, due, source, owner, now + lease)
    rows = {row.id: row for row in c.execute(select(source).where(source.c.id.in_(ids)))}
    return [_due(rows[each]) for each in ids]


def finish(c: Connection, due: DueSource, owner: str, polled: Polled, now: datetime) -> bool:
    """Ends a poll: when it is due again, and what to ask with then. False: the lease was lost, store nothing of this poll."""
    values: dict[str, Any] = {
        "next_check_at": polled.check.at,
        "failures": polled.check.failures,
        "interval_seconds": polled.check.interval.total_seconds(),
        "polls": source.c.polls + 1,
        "checked_at": now,
        "trouble": polled.trouble,
    }
    if polled.trouble is None:
        values["last_ok_at"] = now
    if polled.validators is not None:
        kept = polled.validators
        values |= {"etag": kept.etag, "last_modified": kept.last_modified, "body_hash": kept.body_hash}
    return settle(c, source, due.id, owner, values)


def health(c: Connection) -> list[SourceHealth]:
    """All sources, those in trouble first, the longest silent first among them."""
    order = (source.c.enabled.desc(), source.c.trouble.is_(None), source.c.last_ok_at.nulls_first(), source.c.key)
    return [
        SourceHealth(to_source(row), row.failures, row.polls, row.checked_at, row.last_ok_at, row.next_check_at, row.trouble)
        for row in c.execute(select(source).order_by(*order))
    ]


def to_source(row: Row[Any]) -> Source:
    return Source(row.key, row.name, row.url, row.kind, row.outlet, row.country, row.lang, row.enabled, row.why)


def _due(row: Row[Any]) -> DueSource:
    validators = Validators(row.etag, row.last_modified, row.body_hash)
    return DueSource(row.id, to_source(row), validators, row.failures, timedelta(seconds=row.interval_seconds), row.polls)


def _configured(each: Source, now: datetime) -> dict[str, Any]:
    return {
        "key": each.key,
        "name": each.name,
        "kind": each.kind,
        "url": each.url,
        "host": site(each.url),
        "outlet": each.outlet,
        "country": each.country,
        "lang": each.lang,
        "enabled": each.enabled,
        "why": each.why,
        "next_check_at": now,
        "interval_seconds": _FIRST_INTERVAL.total_seconds(),
        "failures": 0.0,
        "polls": 0,
    }
