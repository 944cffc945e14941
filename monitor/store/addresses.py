"""By which addresses an article is known: the one it was listed under, and the one that its page was found to have."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from monitor.store.schema import article
from monitor.store.types import clean
from monitor.text.fold import fold_text
from monitor.text.urls import canonical, names_article

JUDGED = ("flagged", "clear")
# Postgres refuses to index a value of more than 2,704 bytes, and anyone may publish a longer address.
_LONGEST_KEY = 1000
_SHARED = 0.6  # of the words of the shorter title: outlets and collectors lengthen titles, correct them, add their names

# Both say why a waiting article is closed for good; only what was closed as another article has an address to lead on to.
_LEADS_ON = and_(article.c.state == "rejected", article.c.resolved_url.is_not(None))


def key(text: str) -> str:
    """`text` as it can be stored and indexed."""
    text = clean(text)
    return text if len(text.encode()) <= _LONGEST_KEY else f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def known_as(url: str) -> str:
    """The address under which an article is stored, whatever spelling of it is given."""
    return key(canonical(clean(url)))


def resolved(found_at: str, listed: str) -> str | None:
    """The address that a page was found to have, if it is another than the one listed.

    None if it looks like no article's: what is gone often leads to the home page.
    """
    address = known_as(found_at)
    return address if address != listed and names_article(found_at) else None


def standing(c: Connection, titles: Mapping[str, str], states: Sequence[str] = JUDGED) -> dict[str, int]:
    """Of these addresses, each with the title it comes with, those that a judged article is known by, with its id; flagged ones first.

    The titles must have words in common. A site that sends all that is gone to one page, or states one address for all its articles, would
    hide them behind the first.
    """
    query = select(article.c.id, article.c.canonical_url, article.c.resolved_url, article.c.title)
    known = query.where(article.c.state.in_(states), _known_by(list(titles))).order_by(article.c.state.desc(), article.c.id)
    found: dict[str, int] = {}
    for row in c.execute(known):
        for address in (row.canonical_url, row.resolved_url):
            if address in titles and _alike(titles[address], row.title):
                found.setdefault(address, row.id)
    return found


def stand_ins(c: Connection, titles: Mapping[str, str]) -> dict[str, int]:
    """The same for addresses as sources list them: those of articles of their own are left out, those of known twins lead on."""
    query = select(article.c.canonical_url, article.c.resolved_url, _LEADS_ON.label("leads_on"))
    rows = {row.canonical_url: row for row in c.execute(query.where(article.c.canonical_url.in_(titles)))}
    goals = {each: rows[each].resolved_url if each in rows else each for each in titles if each not in rows or rows[each].leads_on}
    found = standing(c, {goal: titles[each] for each, goal in goals.items()}) if goals else {}
    return {each: found[goal] for each, goal in goals.items() if goal in found}


def find(c: Connection, url: str) -> int | None:
    """The judged article that is known by this address, in any spelling."""
    listed = known_as(url)
    goal = c.scalar(select(article.c.resolved_url).where(article.c.canonical_url == listed, _LEADS_ON)) or listed
    known = select(article.c.id).where(article.c.state.in_(JUDGED), _known_by([goal]))
    return c.scalar(known.order_by((article.c.canonical_url == goal).desc(), article.c.state.desc(), article.c.id).limit(1))


def _known_by(addresses: list[str]) -> ColumnElement[bool]:
    return or_(article.c.canonical_url.in_(addresses), article.c.resolved_url.in_(addresses))


def _alike(one: str, other: str) -> bool:
    first, second = set(fold_text(one).split()), set(fold_text(other).split())
    return len(first & second) >= _SHARED * min(len(first), len(second)) > 0
