"""What people decided about stories: confirmed or rejected, by whom and when, and what was taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Select, func, insert, select, update

from monitor.model import Article
from monitor.store.archive import read_again, to_article
from monitor.store.dialect import one_at_a_time
from monitor.store.schema import article, decision, story

Verdict = Literal["confirmed", "rejected"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What one person said about a story, and who took it back, if anybody did."""

    verdict: Verdict
    author: str
    at: datetime
    undone_at: datetime | None
    undone_by: str | None


@dataclass(frozen=True, slots=True)
class DecidedArticle:
    """A flagged article of a story that people confirmed or rejected: an example to learn from."""

    article: Article
    confirmed: bool
    story: str


def decide(c: Connection, key: str, verdict: Verdict, author: str, now: datetime) -> bool:
    """Puts a decision in force above those before it; one that is in force already is not repeated. False: no such story."""
    one_at_a_time(c, "decisions")
    story_id = c.scalar(select(story.c.id).where(story.c.key == key))
    if story_id is None:
        return False
    here = select(decision.c.kind).where(decision.c.story_id == story_id, decision.c.id.in_(_latest()))
    if c.scalar(here) != verdict:
        c.execute(insert(decision).values(story_id=story_id, kind=verdict, author=author, at=now))
    return True


def undo(c: Connection, key: str, author: str, now: datetime) -> bool:
    """Takes back the decision in force; the one before it, if any, is in force again. False: there is none, or no such story."""
    one_at_a_time(c, "decisions")
    latest = _latest().where(decision.c.story_id == select(story.c.id).where(story.c.key == key).scalar_subquery())
    return c.execute(update(decision).where(decision.c.id.in_(latest)).values(undone_at=now, undone_by=author)).rowcount == 1


def of_story(c: Connection, key: str) -> list[Decision]:
    """All that was ever decided about a story, the latest first."""
    columns = (decision.c[name] for name in ("kind", "author", "at", "undone_at", "undone_by"))
    query = select(*columns).join(story, story.c.id == decision.c.story_id).where(story.c.key == key)
    return [Decision(*row) for row in c.execute(query.order_by(decision.c.id.desc()))]


def in_force(c: Connection) -> dict[str, Verdict]:
    """The verdict on each story that has one, by its key."""
    query = select(story.c.key, decision.c.kind).join(story, story.c.id == decision.c.story_id)
    return {row.key: row.kind for row in c.execute(query.where(decision.c.id.in_(_latest())))}


def labelled(c: Connection) -> list[DecidedArticle]:
    """The flagged articles of all stories with a decision in force, by id. Copies are left out: they would count one text twice."""
    query = read_again().add_columns(story.c.key, decision.c.kind).join(story, story.c.id == article.c.story_id)
    query = query.join(decision, decision.c.story_id == story.c.id).where(decision.c.id.in_(_latest()))
    query = query.where(article.c.state == "flagged", article.c.copy_of.is_(None)).order_by(article.c.id)
    return [DecidedArticle(to_article(row), row.kind == "confirmed", row.key) for row in c.execute(query)]


def unknown(c: Connection, keys: Sequence[str]) -> list[str]:
    """Those of `keys` that no story has."""
    known = set(c.scalars(select(story.c.key).where(story.c.key.in_(keys))))
    return [key for key in keys if key not in known]


def all_keys(c: Connection) -> list[str]:
    """The key of every story, to find the nearest."""
    return list(c.scalars(select(story.c.key).order_by(story.c.id)))


def _latest() -> Select[Any]:
    """The ids of the decisions in force: of each story the last that was not taken back. Clocks of two machines may differ, ids do not."""
    return select(func.max(decision.c.id)).where(decision.c.undone_at.is_(None)).group_by(decision.c.story_id)
