"""Articles that were judged, read again: to judge them anew with other words and weights, and to compare."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, func, select, true

from monitor.model import Article
from monitor.store import addresses
from monitor.store.schema import article, source, story

_MOST_DIGITS = 18  # of a number that both databases can hold
_READ = ("url", "title", "summary", "text", "published_at", "outlet", "country", "origin")


@dataclass(frozen=True, slots=True)
class JudgedArticle:
    """An article with the verdict it got. Without `has_text` only title and summary are left to judge again."""

    id: int
    article: Article
    has_text: bool
    relevant: bool
    score: float
    url: str
    story: str | None


def judged(c: Connection, after: datetime | None, from_id: int, limit: int) -> list[JudgedArticle]:
    """Up to `limit` judged articles first seen since `after`, by id, beginning with `from_id` itself.

    To read on, ask again from the last id plus one; what is judged meanwhile disturbs nothing.
    """
    query = _judged().where(article.c.id >= from_id).order_by(article.c.id).limit(limit)
    if after is not None:
        query = query.where(article.c.first_seen_at >= after)
    return [_to_judged(row) for row in c.execute(query)]


def count(c: Connection, after: datetime | None) -> int:
    """How many judged articles there are."""
    seen = true() if after is None else article.c.first_seen_at >= after
    return c.scalar(select(func.count()).where(article.c.state.in_(("flagged", "clear")), seen)) or 0


def one(c: Connection, id_or_url: str) -> JudgedArticle | None:
    """The judged article of this number, or of this address in any spelling."""
    sought = id_or_url.strip()
    number = sought.isdecimal() and len(sought) <= _MOST_DIGITS
    row = c.execute(_judged().where(article.c.id == (int(sought) if number else addresses.find(c, sought)))).one_or_none()
    return None if row is None else _to_judged(row)


def read_again() -> Select[Any]:
    """What `to_article` needs of each article, as a query to go on with."""
    return select(*(article.c[name] for name in _READ), source.c.lang).join(source, source.c.id == article.c.source_id)


def to_article(row: Row[Any]) -> Article:
    """The article as it came to be judged. Its language is the source's again: what the verdict found is no hint for the next one."""
    text = row.summary if row.text is None else row.text
    origin: Literal["page", "entry"] = "entry" if row.text is None else row.origin
    return Article(row.url, row.title, text, row.published_at, row.lang, row.outlet, row.country, origin)


def _judged() -> Select[Any]:
    columns = (article.c.id, article.c.state, article.c.score, story.c.key)
    query = read_again().add_columns(*columns).outerjoin(story, story.c.id == article.c.story_id)
    return query.where(article.c.state.in_(("flagged", "clear")))


def _to_judged(row: Row[Any]) -> JudgedArticle:
    return JudgedArticle(row.id, to_article(row), row.text is not None, row.state == "flagged", row.score, row.url, row.key)
