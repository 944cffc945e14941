"""Articles: from an entry found in a source to the verdict on what it links to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, delete, func, select, update
from sqlalchemy import insert as plain_insert

from monitor.model import Analysed, Entry, Source, Waiting
from monitor.store import addresses, values
from monitor.store.dialect import insert, one_at_a_time
from monitor.store.leases import free, settle, take
from monitor.store.schema import article, band, sighting, source, story
from monitor.store.sources import to_source

_BATCH = 500

_Listed = tuple[str, str, Entry]  # guid, canonical URL, entry
_Unknown = tuple[int, str, str, Entry]  # the same after the id of the source


def add(c: Connection, source_id: int, entries: Sequence[Entry], now: datetime) -> int:
    """Stores what one source lists now; see `add_all`."""
    return add_all(c, {source_id: entries}, now)[source_id]


def add_all(c: Connection, lists: Mapping[int, Sequence[Entry]], now: datetime) -> Counter[int]:
    """Stores what some sources list now; returns by source how many articles nobody had listed before.

    An entry is known by its guid in this source, whatever its title and address have become since, or in any source by its canonical URL or
    by the one that the page of a judged article was found to have.
    """
    listing = {source_id: _identified(entries) for source_id, entries in lists.items() if entries}
    if not listing:
        return Counter()
    one_at_a_time(c, "articles.add")
    unknown = [each for source_id, listed in listing.items() for each in _unknown(c, source_id, listed, now)]
    new: Counter[int] = Counter()
    for at in range(0, len(unknown), _BATCH):
        new.update(_add(c, unknown[at : at + _BATCH], now))
    c.execute(update(source).where(source.c.id.in_(listing)).values(listed_at=now))
    return new


def claim_waiting(c: Connection, owner: str, now: datetime, lease: timedelta, limit: int, per_source: int = _BATCH) -> list[Waiting]:
    """Leases up to `limit` articles whose page is to be read now, the oldest first, those without a date last.

    At most `per_source` of one source: its host gives its pages one by one, and the others should not wait for it. When none is left, those
    whose page is still wanted although they were flagged by their entry.
    """
    claim = _Claim(owner, now, lease, limit, per_source)
    return _claim(c, article.c.state == "waiting", claim) or _claim(c, article.c.page_wanted, claim)


@dataclass(frozen=True, slots=True)
class _Claim:
    owner: str
    now: datetime
    lease: timedelta
    limit: int
    per_source: int


def _claim(c: Connection, which: ColumnElement[bool], claim: _Claim) -> list[Waiting]:
    due = and_(which, article.c.next_try_at <= claim.now, free(article, claim.now))
    order = (article.c.published_at.nulls_last(), article.c.first_seen_at, article.c.id)
    place = func.row_number().over(order_by=order).label("place")
    rank = func.row_number().over(partition_by=article.c.source_id, order_by=order).label("rank")
    ranked = select(article.c.id, place, rank).where(due).subquery()
    wanted = select(ranked.c.id).where(ranked.c.rank <= claim.per_source).order_by(ranked.c.place).limit(claim.limit)
    ids = take(c, wanted, due, article, claim.owner, claim.now + claim.lease)
    rows = {row.id: row for row in c.execute(select(article).where(article.c.id.in_(ids)))}
    named = select(source).where(source.c.id.in_({row.source_id for row in rows.values()}))
    sources = {row.id: to_source(row) for row in c.execute(named)}
    return [_waiting(rows[each], sources[rows[each].source_id]) for each in ids]


def _waiting(row: Row[Any], listed_by: Source) -> Waiting:
    return Waiting(row.id, _entry(row), listed_by, row.first_seen_at, row.attempts, row.page_wanted)


def delay(c: Connection, article_id: int, owner: str, at: datetime, reason: str) -> bool:
    """Gives an article back to be tried again, no attempt older: that it could not be had was not its fault."""
    return settle(c, article, article_id, owner, {"next_try_at": at, "reason": reason})


def want_page(c: Connection, article_id: int, at: datetime) -> None:
    """Remembers to try the page again of an article that was flagged by its entry alone."""
    values = {"page_wanted": True, "next_try_at": at, "attempts": article.c.attempts + 1}
    c.execute(update(article).where(article.c.id == article_id, article.c.state == "flagged").values(**values))


def leave_page(c: Connection, article_id: int, owner: str) -> bool:
    """The page of a flagged article will not be had, or says less than its entry: the verdict stays as it is."""
    return settle(c, article, article_id, owner, {"page_wanted": False})


def complete(c: Connection, article_id: int, owner: str, analysed: Analysed, now: datetime) -> bool:
    """Gives a flagged article what its page says. Its story is to be put together anew. False: the lease was lost."""
    story_id = c.scalar(select(article.c.story_id).where(article.c.id == article_id, article.c.lease_owner == owner))
    c.execute(delete(band).where(band.c.article_id == article_id))
    if not _write(c, article_id, owner, analysed, _verdict(analysed, now) | {"page_wanted": False, "reason": None}):
        return False
    c.execute(update(story).where(story.c.id == story_id).values(unsettled_at=now))
    return True


def postpone(c: Connection, article_id: int, owner: str, at: datetime, reason: str) -> bool:
    """Gives an article back to be tried again, one attempt older."""
    return settle(c, article, article_id, owner, {"next_try_at": at, "attempts": article.c.attempts + 1, "reason": reason})


def reject(c: Connection, article_id: int, owner: str, reason: str, now: datetime) -> bool:
    """Closes what turned out to be no article."""
    return settle(c, article, article_id, owner, {"state": "rejected", "reason": reason, "judged_at": now})


def judge(c: Connection, article_id: int, owner: str, analysed: Analysed, now: datetime, reason: str | None = None) -> bool:
    """Writes the verdict. Text and signature are kept of flagged articles. `reason` is why the entry alone was judged.

    False: the lease was lost, or it is an article that was judged already under another address; then it is closed as that one.
    """
    one_at_a_time(c, "articles.add")  # its twin may be listed or judged at this moment
    listed = c.scalar(select(article.c.canonical_url).where(article.c.id == article_id, article.c.lease_owner == owner))
    if listed is None:
        return False
    own = addresses.resolved(analysed.article.url, listed)
    if twin := _twin(c, analysed, own, listed):
        _join(c, article_id, owner, twin, now)
        return False
    verdict = _verdict(analysed, now) | {"reason": reason, "resolved_url": own}
    if addresses.known_as(analysed.article.url) in (listed, own):
        verdict["url"] = analysed.article.url
    return _write(c, article_id, owner, analysed, verdict)


def keep_text(c: Connection, article_id: int, text: str) -> None:
    """Keeps the text of an article that was judged and not flagged, so that it can be judged again."""
    c.execute(update(article).where(article.c.id == article_id, article.c.state == "clear").values(text=text))


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
    known_as = [addresses.known_as(each.url) for each in entries]
    meant: defaultdict[str, set[str]] = defaultdict(set)
    for each, address in zip(entries, known_as, strict=True):
        meant[each.guid].add(address)
    found: dict[str, _Listed] = {}
    for each, address in zip(reversed(entries), reversed(known_as), strict=True):
        guid = addresses.key(each.guid) if each.guid and len(meant[each.guid]) == 1 else address
        found.setdefault(guid, (guid, address, each))
    return list(found.values())


def _twin(c: Connection, analysed: Analysed, own: str | None, listed: str) -> tuple[int, str] | None:
    """The judged article that this one is, and the address that says so. What was not flagged never hides what is."""
    titles = {address: analysed.article.title for address in (own, listed) if address is not None}
    found = addresses.standing(c, titles, ("flagged",) if analysed.finding.relevant else addresses.JUDGED)
    return next(((found[address], address) for address in titles if address in found), None)


def _join(c: Connection, article_id: int, owner: str, twin: tuple[int, str], now: datetime) -> None:
    """Closes an article as another one, which is seen from now on wherever this one was."""
    other, address = twin
    url = c.scalar(select(article.c.url).where(article.c.id == other))
    closed = {"state": "rejected", "reason": f"the same article as {url}", "resolved_url": address, "judged_at": now}
    if settle(c, article, article_id, owner, closed):
        c.execute(update(sighting).where(sighting.c.article_id == article_id).values(article_id=other))


def _write(c: Connection, article_id: int, owner: str, analysed: Analysed, verdict: dict[str, Any]) -> bool:
    flagged = analysed.finding.relevant
    if flagged:
        verdict |= {"text": analysed.article.text, "signature": values.signature_json(analysed.signature)}
    if not settle(c, article, article_id, owner, verdict):
        return False
    bands = {values.signed(each) for each in analysed.signature.bands} if flagged else set()
    if bands:
        c.execute(plain_insert(band), [{"hash": each, "article_id": article_id} for each in sorted(bands)])
    return True


def _unknown(c: Connection, source_id: int, listed: list[_Listed], now: datetime) -> Iterator[_Unknown]:
    """What of a list was not in it before; the rest was seen again."""
    known: set[str] = set()
    for at in range(0, len(listed), _BATCH):
        guids = [guid for guid, _, _ in listed[at : at + _BATCH]]
        here = and_(sighting.c.source_id == source_id, sighting.c.guid.in_(guids))
        known |= set(c.scalars(select(sighting.c.guid).where(here)))
    again = [{"of": source_id, "as": guid} for guid in known]
    if again:
        seen = and_(sighting.c.source_id == bindparam("of"), sighting.c.guid == bindparam("as"))
        c.execute(update(sighting).where(seen).values(seen_at=now), again)
    return ((source_id, *each) for each in listed if each[0] not in known)


def _add(c: Connection, unknown: Sequence[_Unknown], now: datetime) -> list[int]:
    """Stores entries that their sources never listed; returns the source of each that nobody did."""
    twins = addresses.stand_ins(c, {address: entry.title for _, _, address, entry in unknown})
    rows: dict[str, dict[str, Any]] = {}
    for source_id, _, address, entry in unknown:
        if address not in twins:
            rows.setdefault(address, _row(source_id, address, entry, now))
    ids = _stored(c, rows)
    new = [row for address, row in rows.items() if address not in ids]
    if new:
        c.execute(insert(c, article).on_conflict_do_nothing(index_elements=["canonical_url"]), new)
        ids |= _stored(c, [row["canonical_url"] for row in new])
    ids |= twins
    seen = [{"source_id": of, "guid": guid, "article_id": ids[address], "seen_at": now} for of, guid, address, _ in unknown]
    c.execute(plain_insert(sighting), seen)
    return [row["source_id"] for row in new]


def _stored(c: Connection, known_as: Collection[str]) -> dict[str, int]:
    """The articles that are stored under these addresses."""
    found = select(article.c.canonical_url, article.c.id).where(article.c.canonical_url.in_(known_as))
    return {row.canonical_url: row.id for row in c.execute(found)}


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
