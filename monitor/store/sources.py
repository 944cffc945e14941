"""Sources: what the configuration lists, when each is due, and how it fares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, case, func, select, update

from monitor.model import Attempt, DueSource, NextCheck, Record, Source, Validators
from monitor.store.dialect import insert
from monitor.store.leases import RELEASED, free, take
from monitor.store.schema import attempt, source
from monitor.store.types import Instant
from monitor.text.urls import owner as owner_of
from monitor.text.urls import site

_FIRST_INTERVAL = timedelta(minutes=15)
_CONFIGURED = ("name", "kind", "url", "host", "outlet", "country", "lang", "enabled", "why", "selector")
# Another address is another list: what was learned of the old one does not hold.
_RECORD = ("read_at", "believed", "moved_to", "moved_since", "moves", "news_at", "arrivals", "quiet_seconds", "gap_seconds")
_FORGOTTEN = (
    *("etag", "last_modified", "body_hash", "listed_at", "trouble", "failures", "polls", "interval_seconds", "next_check_at", "checked_at"),
    *_RECORD,
)
_ATTEMPT = ("at", "outcome", "detail", "entries", "fresh", "seconds")
ATTEMPTS = 30  # of each source are remembered


@dataclass(frozen=True, slots=True)
class Polled:
    """The end of one poll. `validators` only if the server's answer was read; `trouble` is a sentence if the poll failed."""

    check: NextCheck
    record: Record
    attempt: Attempt
    validators: Validators | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How a source fares. Failing for the whole time since `last_ok_at` if there is `trouble`.

    `told` is what operators were told of it and is not over yet; `share` how much of what it listed lately was new, None without a list.
    """

    id: int
    source: Source
    failures: float
    polls: int
    checked_at: datetime | None
    last_ok_at: datetime | None
    next_check_at: datetime
    trouble: str | None
    interval: timedelta
    record: Record
    told: str | None
    told_since: datetime | None
    share: float | None


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


def finish(c: Connection, polled: Sequence[tuple[DueSource, Polled]], owner: str, now: datetime) -> list[DueSource]:
    """Ends polls: when each is due again, and what to ask with then. Returns those whose lease was lost: nothing of them is stored."""
    held = select(source.c.id).where(source.c.id.in_([due.id for due, _ in polled]), source.c.lease_owner == owner)
    ours = set(c.scalars(held.with_for_update()))
    mine = [(due, each) for due, each in polled if due.id in ours]
    if mine:
        c.execute(_FINISH, [_finished(due, each, now) for due, each in mine])
        noting = insert(c, attempt)
        changed = {name: noting.excluded[name] for name in _ATTEMPT}
        rows = [_noted(due, each.attempt) for due, each in mine]
        c.execute(noting.on_conflict_do_update(index_elements=["source_id", "slot"], set_=changed), rows)
    return [due for due, _ in polled if due.id not in ours]


def attempts(c: Connection, source_id: int) -> list[Attempt]:
    """The last polls of a source, newest first."""
    rows = c.execute(select(attempt).where(attempt.c.source_id == source_id).order_by(attempt.c.at.desc(), attempt.c.slot.desc()))
    return [Attempt(row.at, row.outcome, row.detail, row.entries, row.fresh, row.seconds) for row in rows]


def health(c: Connection) -> list[SourceHealth]:
    """All sources, those in trouble first, the longest silent first among them."""
    order = (source.c.enabled.desc(), source.c.trouble.is_(None), source.c.last_ok_at.nulls_first(), source.c.key)
    listed = func.sum(attempt.c.entries)
    shares = select(attempt.c.source_id, (func.sum(attempt.c.fresh) * 1.0 / listed).label("share"))
    found = {row.source_id: float(row.share) for row in c.execute(shares.group_by(attempt.c.source_id).having(listed > 0))}
    return [_health(row, found.get(row.id)) for row in c.execute(select(source).order_by(*order))]


def _health(row: Row[Any], share: float | None) -> SourceHealth:
    return SourceHealth(
        id=row.id,
        source=to_source(row),
        failures=row.failures,
        polls=row.polls,
        checked_at=row.checked_at,
        last_ok_at=row.last_ok_at,
        next_check_at=row.next_check_at,
        trouble=row.trouble,
        interval=timedelta(seconds=row.interval_seconds),
        record=_record(row),
        told=row.told,
        told_since=row.told_since,
        share=share,
    )


def to_source(row: Row[Any]) -> Source:
    return Source(row.key, row.name, row.url, row.kind, row.outlet, row.country, row.lang, row.enabled, row.why, row.selector)


def _due(row: Row[Any]) -> DueSource:
    validators = Validators(row.etag, row.last_modified, row.body_hash)
    return DueSource(row.id, to_source(row), validators, row.failures, timedelta(seconds=row.interval_seconds), row.polls, _record(row))


def _record(row: Row[Any]) -> Record:
    quiet, gap = timedelta(seconds=row.quiet_seconds), timedelta(seconds=row.gap_seconds)
    moved = row.moved_to, row.moved_since, row.moves
    return Record(row.checked_at, row.read_at, row.believed, *moved, row.news_at, row.arrivals, quiet, gap)


def _record_values(record: Record) -> dict[str, Any]:
    return {
        "read_at": record.read_at,
        "believed": record.believed,
        "moved_to": record.moved_to,
        "moved_since": record.moved_since,
        "moves": record.moves,
        "news_at": record.news_at,
        "arrivals": record.arrivals,
        "quiet_seconds": record.quiet.total_seconds(),
        "gap_seconds": record.gap.total_seconds(),
    }


def _configured(each: Source, now: datetime) -> dict[str, Any]:
    return {
        "key": each.key,
        "name": each.name,
        "kind": each.kind,
        "url": each.url,
        "host": owner_of(site(each.url)),
        "outlet": each.outlet,
        "country": each.country,
        "lang": each.lang,
        "enabled": each.enabled,
        "why": each.why,
        "next_check_at": now,
        "interval_seconds": _FIRST_INTERVAL.total_seconds(),
        "failures": 0.0,
        "polls": 0,
        "selector": each.select,
        "believed": True,
        "moves": 0,
        "arrivals": 0,
        "quiet_seconds": 0.0,
        "gap_seconds": 0.0,
    }


def _finished(due: DueSource, polled: Polled, now: datetime) -> dict[str, Any]:
    kept = polled.validators or due.validators
    return {
        "source": due.id,
        "next_check_at": polled.check.at,
        "failures": polled.check.failures,
        "interval_seconds": polled.check.interval.total_seconds(),
        "checked_at": now,
        "trouble": polled.trouble,
        "ok_at": now if polled.trouble is None else None,
        "etag": kept.etag,
        "last_modified": kept.last_modified,
        "body_hash": kept.body_hash,
        **_record_values(polled.record),
    }


def _noted(due: DueSource, made: Attempt) -> dict[str, Any]:
    """The newest attempt takes the place of the oldest."""
    return {
        "source_id": due.id,
        "slot": due.polls % ATTEMPTS,
        "at": made.at,
        "outcome": made.outcome,
        "detail": made.detail,
        "entries": made.entries,
        "fresh": made.fresh,
        "seconds": made.seconds,
    }


# Made once: a thousand polls a second are too many to put these together for each.
_FINISH = (
    update(source)
    .where(source.c.id == bindparam("source"))
    .values(polls=source.c.polls + 1, last_ok_at=func.coalesce(bindparam("ok_at", type_=Instant()), source.c.last_ok_at), **RELEASED)
    .values({name: bindparam(name) for name in ("next_check_at", "failures", "interval_seconds", "checked_at", "trouble")})
    .values({name: bindparam(name) for name in ("etag", "last_modified", "body_hash", *_RECORD)})
)
