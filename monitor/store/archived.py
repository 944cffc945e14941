"""Articles of archives: stored like those that sources list, and held at once by whoever has their pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, select, update

from monitor.model import EACH_SITE, Entry, Source, Waiting
from monitor.store import addresses, articles
from monitor.store.dialect import insert, one_at_a_time
from monitor.store.leases import free
from monitor.store.schema import article, source, story
from monitor.store.sources import to_source

ARCHIVES = Source(
    "int.archive",
    "Archives",
    "",
    "archive",
    EACH_SITE,
    enabled=False,
    why="pages of sites that no source has, from archives (`monitor backfill`); never polled",
)
_MANY = 500


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds articles, and until when."""

    owner: str
    now: datetime
    lease: timedelta


def sources(c: Connection) -> list[tuple[int, Source]]:
    """The sources with their numbers, those in use first; without those that list articles of any site."""
    wanted = select(source).where(source.c.outlet.not_in(("", EACH_SITE))).order_by(source.c.enabled.desc(), source.c.key)
    return [(row.id, to_source(row)) for row in c.execute(wanted)]


def archives(c: Connection, now: datetime) -> int:
    """The number of the source under which articles stand that are of no other, made if it is not there yet."""
    row = {name: getattr(ARCHIVES, name) for name in ("key", "name", "kind", "url", "outlet", "enabled", "why")}
    row |= {"host": "", "next_check_at": now, "interval_seconds": 0.0, "failures": 0.0, "polls": 0}
    c.execute(insert(c, source).values(row).on_conflict_do_nothing(index_elements=["key"]))
    return int(c.execute(select(source.c.id).where(source.c.key == ARCHIVES.key)).scalar_one())


def hold(c: Connection, source_id: int, entries: Sequence[Entry], holder: Holder) -> list[Waiting]:
    """Stores the entries and leases those whose articles wait to be judged: the new ones, and what was left waiting before.

    What the source itself listed last stays known as its list.
    """
    one_at_a_time(c, "articles.add")
    this = source.c.id == source_id
    listed_by = c.execute(select(source).where(this)).one()
    articles.add(c, source_id, entries, holder.now)
    c.execute(update(source).where(this).values(listed_at=listed_by.listed_at))
    known_as = {addresses.known_as(each.url) for each in entries}
    ours = and_(article.c.canonical_url.in_(known_as), article.c.state == "waiting", free(article, holder.now))
    rows = c.execute(select(article).where(ours).order_by(article.c.id).with_for_update(skip_locked=True)).all()
    held = article.c.id.in_([row.id for row in rows])
    c.execute(update(article).where(held).values(lease_owner=holder.owner, lease_until=holder.now + holder.lease))
    entry = {row.id: Entry(row.canonical_url, row.url, row.title, row.summary, row.published_at) for row in rows}
    return [Waiting(row.id, entry[row.id], to_source(listed_by), row.first_seen_at, row.attempts) for row in rows]


def states(c: Connection, ids: Sequence[int]) -> dict[int, str]:
    """The state of each of these articles."""
    return {row.id: row.state for row in c.execute(select(article.c.id, article.c.state).where(article.c.id.in_(ids)))}


def opened(c: Connection, ids: Sequence[int]) -> int:
    """How many stories that still stand were opened by these articles."""
    standing = select(func.count()).where(story.c.retired_at.is_(None))
    some = [ids[at : at + _MANY] for at in range(0, len(ids), _MANY)]
    return sum(c.execute(standing.where(story.c.opened_by.in_(each))).scalar_one() for each in some)
