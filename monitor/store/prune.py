"""Forgets what is no longer needed, a little at a time so that no other work waits for it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, delete, exists, or_, select, update

from monitor.settings import Keep
from monitor.store.dialect import one_at_a_time
from monitor.store.schema import article, delivery, sighting, source


def prune(c: Connection, now: datetime, keep: Keep, limit: int = 1000) -> int:
    """Deletes up to `limit` old articles, as many old deliveries and the texts of as many clear articles; returns how many went.

    Call it again until none does.

    An article goes when it was no incident, is old, and no source lists it any more: while one does, forgetting it would make it new again.
    Flagged articles and stories stay.
    """
    one_at_a_time(c, "articles.add")  # which may just have met again what we are about to delete
    old = now - keep.entries
    lists_it = and_(
        sighting.c.article_id == article.c.id,
        sighting.c.source_id == source.c.id,
        or_(sighting.c.seen_at >= old, and_(source.c.enabled, sighting.c.seen_at >= source.c.listed_at)),
    )
    gone = and_(article.c.state.in_(("clear", "rejected")), article.c.first_seen_at < old, ~exists().where(lists_it))
    articles = select(article.c.id).where(gone).order_by(article.c.first_seen_at).limit(limit)
    done = and_(delivery.c.state.in_(("sent", "given_up")), delivery.c.created_at < now - keep.deliveries)
    deliveries = select(delivery.c.number).where(done).order_by(delivery.c.number).limit(limit)
    return (
        c.execute(delete(article).where(article.c.id.in_(articles))).rowcount
        + c.execute(delete(delivery).where(delivery.c.number.in_(deliveries))).rowcount
        + _forget_texts(c, now - keep.clear_texts, limit)
    )


def _forget_texts(c: Connection, old: datetime, limit: int) -> int:
    """Empties the texts of up to `limit` articles first seen before `old` that were not flagged."""
    kept = and_(article.c.state == "clear", article.c.text.is_not(None), article.c.first_seen_at < old)
    some = select(article.c.id).where(kept).order_by(article.c.first_seen_at).limit(limit)
    return c.execute(update(article).where(article.c.id.in_(some)).values(text=None)).rowcount
