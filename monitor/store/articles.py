"""Articles: from an entry found in a source to the verdict on what it links to."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select, update
from sqlalchemy import insert as plain_insert

from monitor.model import Analysed, Entry, Waiting
from monitor.store import values
from monitor.store.dialect import insert, one_at_a_time
from monitor.store.leases import free, settle, take
from monitor.store.schema import article, band, sighting, source
from monitor.store.sources import to_source
from monitor.store.types import clean
from monitor.text.urls import canonical

_BATCH = 500
# Postgres refuses to index a value of more than 2,704 bytes, and anyone may publish a longer address.
_LONGEST_KEY = 1000

_Listed = tuple[str, str, Entry]  # guid, canonical URL, entry


def add(c: Connection, source_id: int, entries: Sequence[Entry], now: datetime) -> int:
    """Stores what a source lists now; returns how many articles nobody had listed before.

    An entry is known by its guid in this source, whatever its title and address have become since, or by its canonical URL in any source.
    """
    if not entries:
        return 0
    one_at_a_time(c, "articles.add")
    listed = _identified(entries)
    new = sum(_add(c, source_id, listed[at : at + _BATCH], now) for at in range(0, len(listed), _BATCH))
    c.execute(update(source).where(source.c.id == source_id).values(listed_at=now))
    return new


def claim_waiting(c: Connection, owner: str, now: datetime, lease: timedelta, limit: int, per_source: int = _BATCH) -> list[Waiting]:
    """Leases up to `limit` articles whose page is to be read now, the oldest first, those without a date last.

    At most `per_source` of one source: its host gives its pages one by one, and the others should not wait for it.
    """
    due = and_(article.c.state == "waiting", article.c.next_try_at <= now, free(article, now))
    order = (article.c.published_at.nulls_last(), article.c.first_seen_at, article.c.id)
    place = func.row_number().over(order_by=order).label("place")
    rank = func.row_number().over(partition_by=article.c.source_id, order_by=order).label("rank")
    ranked = select(article.c.id, place, rank).where(due).subquery()
    wanted = select(ranked.c.id).where(ranked.c.rank <= per_source).order_by(ranked.c.place).limit(limit)
    ids = take(c, wanted, due, article, owner, now + lease)
    rows = {row.id: row for row in c.execute(select(article).where(article.c.id.in_(ids)))}
    named = select(source).where(source.c.id.in_({row.source_id for row in rows.values()}))
    sources = {row.id: to_source(row) for row in c.execute(named)}
    return [Waiting(each, _entry(rows[each]), sources[rows[each].source_id], rows[each].first_seen_at, rows[each].attempts) for each in ids]


def postpone(c: Connection, article_id: int, owner: str, at: datetime, reason: str) -> bool:
    """Gives an article back to be tried again, one attempt older."""
    return settle(c, article, article_id, owner, {"next_try_at": at, "attempts": article.c.attempts + 1, "reason": reason})


def reject(c: Connection, article_id: int, owner: str, reason: str, now: datetime) -> bool:
    """Closes what turned out to be no article."""
    return settle(c, article, article_id, owner, {"state": "rejected", "reason": reason, "judged_at": now})


def judge(c: Connection, article_id: int, owner: str, analysed: Analysed, now: datetime, reason: str | None = None) -> bool:
    """Writes the verdict. Text and signature are kept of flagged articles. `reason` is why the entry alone was judged."""
    flagged = analysed.finding.relevant
    verdict = _verdict(analysed, now) | {"reason": reason}
    if flagged:
        verdict |= {"text": analysed.article.text, "signature": values.signature_json(analysed.signature)}
    if not settle(c, article, article_id, owner, verdict):
        return False
    bands = {values.signed(each) for each in analysed.signature.bands} if flagged else set()
    if bands:
        c.execute(plain_insert(band), [{"hash": each, "article_id": article_id} for each in sorted(bands)])
    return True


def keep_text(c: Connection, article_id: int, text: str) -> None:
    """Keeps the text of an article that was judged and not flagged, so that it can be judged again."""
    c.execute(update(article).where(article.c.id == article_id, article.c.state == "clear").values(text=text))


def known_as(url: str) -> str:
    """The address under which an article is stored, whatever spelling of it is given."""
    return _key(canonical(clean(url)))


def waiting(c: Connection) -> int:
    """How many articles are still to be judged, whether due now or later."""
    return c.scalar(select(func.count()).where(article.c.state == "waiting")) or 0


def counts(c: Connection) -> Counter[str]:
    """How many articles are in each state."""
    found = c.execute(select(article.c.state, func.count().label("number")).group_by(article.c.state))
    return Counter({row.state: row.number for row in found})


def _identified(entries: Sequence[Entry]) -> list[_Listed]:
    """Each entry once with its two identities, the oldest first, since sources list the newest first.

    A guid that stands beside several addresses in one list identifies nothing: the address does.
    """
    addresses = [known_as(each.url) for each in entries]
    meant: defaultdict[str, set[str]] = defaultdict(set)
    for each, address in zip(entries, addresses, strict=True):
        meant[each.guid].add(address)
    found: dict[str, _Listed] = {}
    for each, address in zip(reversed(entries), reversed(addresses), strict=True):
        guid = _key(each.guid) if each.guid and len(meant[each.guid]) == 1 else address
        found.setdefault(guid, (guid, address, each))
    return list(found.values())


def _key(text: str) -> str:
    text = clean(text)
    return text if len(text.encode()) <= _LONGEST_KEY else f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _add(c: Connection, source_id: int, listed: list[_Listed], now: datetime) -> int:
    here = and_(sighting.c.source_id == source_id, sighting.c.guid.in_([guid for guid, _, _ in listed]))
    known = set(c.scalars(select(sighting.c.guid).where(here)))
    c.execute(update(sighting).where(here).values(seen_at=now))
    unknown = [each for each in listed if each[0] not in known]
    if not unknown:
        return 0
    rows = [_row(source_id, address, entry, now) for _, address, entry in unknown]
    new = c.execute(insert(c, article).on_conflict_do_nothing(index_elements=["canonical_url"]).returning(article.c.id), rows).all()
    stored = select(article.c.canonical_url, article.c.id).where(article.c.canonical_url.in_([address for _, address, _ in unknown]))
    ids = {row.canonical_url: row.id for row in c.execute(stored)}
    seen = [{"source_id": source_id, "guid": guid, "article_id": ids[address], "seen_at": now} for guid, address, _ in unknown]
    c.execute(plain_insert(sighting), seen)
    return len(new)


def _row(source_id: int, address: str, entry: Entry, now: datetime) -> dict[str, Any]:
    return {
        "canonical_url": address,
        "url": entry.url,
        "source_id": source_id,
        "title": entry.title,
        "summary": entry.summary,
        "published_at": entry.published,
        "first_seen_at": now,
        "state": "waiting",
        "next_try_at": now,
        "attempts": 0,
    }


def _entry(row: Row[Any]) -> Entry:
    return Entry(row.canonical_url, row.url, row.title, row.summary, row.published_at)


def _verdict(analysed: Analysed, now: datetime) -> dict[str, Any]:
    read, finding = analysed.article, analysed.finding
    verdict: dict[str, Any] = {
        "state": "flagged" if finding.relevant else "clear",
        "judged_at": now,
        "title": read.title,
        "lang": finding.lang,
        "outlet": read.outlet,
        "country": read.country,
        "origin": read.origin,
        "score": finding.score,
    }
    if read.published is not None:
        verdict["published_at"] = read.published
    if finding.relevant or finding.reasons:  # what has no reasons has nothing to explain either
        verdict["finding"] = values.finding_json(finding)
    return verdict
