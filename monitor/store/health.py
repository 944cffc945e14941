"""How sources fare, in one look at all of them, and what operators were told of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, case, func, or_, select, update

from monitor.model import Attempt, Record, SourceState, Vitals
from monitor.store import dialect, sources
from monitor.store.schema import article, attempt, sighting, source

_NO_FAULT = ("changed", "unchanged", "offline")


def vitals(c: Connection) -> list[Vitals]:
    """Of all sources that are polled or of which something was told, by key."""
    tried = attempt.alias()
    of_it = select(tried).where(tried.c.source_id == source.c.id).correlate(source)
    newest_first = (tried.c.at.desc(), tried.c.slot.desc())
    fault = of_it.with_only_columns(tried.c.slot).where(tried.c.outcome.not_in(_NO_FAULT)).order_by(*newest_first).limit(1)
    first = of_it.with_only_columns(func.min(tried.c.at)).where(tried.c.outcome != "offline")
    # Asked only of those in trouble: an aggregate over all attempts would read thirty times as many rows.
    last = and_(attempt.c.source_id == source.c.id, attempt.c.slot == case((source.c.trouble.is_not(None), fault.scalar_subquery())))
    query = (
        select(
            source,
            case((source.c.last_ok_at.is_(None), first.scalar_subquery())).label("first_at"),
            *(attempt.c[name].label(f"failed_{name}") for name in ("at", "outcome", "detail")),
        )
        .select_from(source.outerjoin(attempt, last))
        .where(or_(source.c.enabled, source.c.told.is_not(None)))
        .order_by(source.c.key)
    )
    return [_vitals(row) for row in c.execute(query)]


def newest(c: Connection, keys: Sequence[str]) -> dict[str, datetime]:
    """When the newest of the articles that each of these sources listed was first seen, at whatever source that was."""
    seen = select(source.c.key, func.max(article.c.first_seen_at).label("at")).join(sighting, sighting.c.source_id == source.c.id)
    seen = seen.join(article, article.c.id == sighting.c.article_id).where(source.c.key.in_(keys)).group_by(source.c.key)
    return {row.key: row.at for row in c.execute(seen)}


def alone(c: Connection) -> None:
    """Until the end of the transaction nobody else finds out what is to be told."""
    dialect.one_at_a_time(c, "health")


def tell(c: Connection, told: Sequence[tuple[str, SourceState, datetime | None]]) -> None:
    """Remembers by the sources' keys what operators were told of them: how they fare, and since when. Of a source that is well, nothing."""
    rows = [
        {"of": key, "state": state, "since": since} if state != "well" else {"of": key, "state": None, "since": None}
        for key, state, since in told
    ]
    if rows:
        values: dict[str, Any] = {"told": bindparam("state"), "told_since": bindparam("since")}
        c.execute(update(source).where(source.c.key == bindparam("of")).values(values), rows)


def _vitals(row: Row[Any]) -> Vitals:
    failed = Attempt(row.failed_at, row.failed_outcome, row.failed_detail) if row.failed_at else None
    return Vitals(
        sources.to_source(row),
        row.polls,
        row.failures,
        timedelta(seconds=row.interval_seconds),
        _record(row),
        row.last_ok_at,
        row.first_at,
        failed,
        row.trouble,
        row.told,
        row.told_since,
    )


def _record(row: Row[Any]) -> Record:
    """As far as it tells of a rhythm."""
    quiet, gap = timedelta(seconds=row.quiet_seconds), timedelta(seconds=row.gap_seconds)
    return Record(row.checked_at, news_at=row.news_at, arrivals=row.arrivals, quiet=quiet, gap=gap)
