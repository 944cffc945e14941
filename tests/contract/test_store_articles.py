"""Articles on both databases: known by guid and address, claimed oldest first, judged once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

from sqlalchemy import Connection, select

from monitor.model import Entry, Waiting
from monitor.store import articles, sources
from monitor.store.engine import Store
from monitor.store.schema import article, band
from tests.contract.samples import (
    DAY,
    HOUR,
    LEASE,
    NOW,
    PARLIAMENT,
    a_finding,
    a_signature,
    a_source,
    a_source_id,
    an_analysis,
    an_entry,
)


def add(store: Store, entries: Sequence[Entry], source_id: int = 1, now: datetime = NOW) -> int:
    return store.write_now(lambda c: articles.add(c, source_id, entries, now))


def claim(store: Store, owner: str = "me", now: datetime = NOW, limit: int = 100) -> list[Waiting]:
    return store.write_now(lambda c: articles.claim_waiting(c, owner, now, LEASE, limit))


def titles(store: Store) -> list[str]:
    return [each.entry.title for each in claim(store)]


def stored(store: Store, article_id: int) -> Any:
    return store.read_now(lambda c: c.execute(select(article).where(article.c.id == article_id)).one())


def two_sources(store: Store) -> None:
    store.write_now(lambda c: sources.sync(c, [a_source(), a_source("al.two", "https://two.al/feed")], NOW))


def test_only_entries_nobody_listed_before_are_new(store: Store) -> None:
    two_sources(store)
    assert add(store, [an_entry(1), an_entry(2)]) == 2
    assert add(store, [an_entry(2), an_entry(3)]) == 1
    assert add(store, [an_entry(3), an_entry(4)], source_id=2) == 1
    assert add(store, []) == 0
    assert store.read_now(articles.waiting) == 4


def test_a_claimed_article_carries_its_entry_and_source(store: Store) -> None:
    two_sources(store)
    add(store, [an_entry(1)], source_id=2)
    (claimed,) = claim(store)
    assert replace(claimed.entry, guid="guid-1") == an_entry(1)
    assert (claimed.source, claimed.first_seen, claimed.attempts) == (a_source("al.two", "https://two.al/feed"), NOW, 0)


def test_an_edited_title_or_address_under_the_same_guid_is_no_second_article(store: Store) -> None:
    store.write_now(a_source_id)
    add(store, [an_entry(1)])
    assert add(store, [replace(an_entry(1), title="Corrected", url="https://one.al/news/1-corrected")]) == 0


def test_two_spellings_of_an_address_are_one_article_fetched_as_listed(store: Store) -> None:
    store.write_now(a_source_id)
    first = replace(an_entry(1), url="https://www.one.al/news/1/?utm_source=rss")
    assert add(store, [first, replace(an_entry(2), url="http://one.al/news/1#top")]) == 1
    assert claim(store)[0].entry.url in (first.url, "http://one.al/news/1#top")


def test_a_guid_beside_several_addresses_identifies_nothing(store: Store) -> None:
    store.write_now(a_source_id)
    same = [replace(an_entry(number), guid="same") for number in (1, 2, 3)]
    assert add(store, same) == 3
    assert add(store, same) == 0


def test_entries_without_guid_are_known_by_address(store: Store) -> None:
    store.write_now(a_source_id)
    bare = [replace(an_entry(number), guid="") for number in (1, 2)]
    assert (add(store, bare), add(store, bare)) == (2, 0)


def test_more_entries_than_one_statement_holds(store: Store) -> None:
    store.write_now(a_source_id)
    many = [an_entry(number) for number in range(1203)]
    assert (add(store, many), add(store, many)) == (1203, 0)


def test_hostile_entries_do_not_lose_their_neighbours(store: Store) -> None:
    store.write_now(a_source_id)
    hostile = Entry("nul\x00guid", "https://one.al/\ud800nul\x00", "Nul\x00 and lone \udc80", "\x00", NOW)
    endless = Entry("g" * 9000, "https://one.al/" + "Ж" * 3000, "Endless", "", NOW)
    assert add(store, [hostile, endless, an_entry(1)]) == 3
    assert add(store, [hostile, endless, an_entry(1)]) == 0
    assert sorted(titles(store)) == ["Endless", "Nul and lone ", "Title 1"]


def test_quotes_and_every_script_survive(store: Store) -> None:
    store.write_now(a_source_id)
    entry = Entry("'; DROP TABLE article; --", "https://one.al/q?a=%27", "Сајбер “напад” 🛡 Ελλάδα ș", "a\\u0000b %s :name", NOW)
    add(store, [entry])
    assert (claim(store)[0].entry.title, claim(store, now=NOW + LEASE)[0].entry.summary) == (entry.title, entry.summary)


def test_the_oldest_is_claimed_first_and_undated_ones_last(store: Store) -> None:
    store.write_now(a_source_id)
    add(store, [an_entry(1, NOW), an_entry(2, None), an_entry(3, NOW - DAY), an_entry(4, None)])
    assert titles(store) == ["Title 3", "Title 1", "Title 4", "Title 2"]


def test_one_source_does_not_fill_a_claim_while_others_wait(store: Store) -> None:
    def fill(c: Connection) -> None:
        sources.sync(c, [a_source(), a_source("al.two", "https://two.al/feed")], NOW)
        first, second = (each.id for each in sources.claim_due(c, "configuring", NOW, LEASE, 2, 1))
        articles.add(c, first, [an_entry(number, NOW - number * HOUR) for number in range(1, 9)], NOW)
        articles.add(c, second, [an_entry(9, NOW, "two.al")], NOW)

    store.write_now(fill)
    claimed = store.write_now(lambda c: articles.claim_waiting(c, "me", NOW, LEASE, 4, per_source=2))
    assert [each.entry.title for each in claimed] == ["Title 8", "Title 7", "Title 9"]
    assert {each.source.key for each in claimed} == {"al.one", "al.two"}


def test_a_date_with_another_zone_is_the_same_instant(store: Store) -> None:
    store.write_now(a_source_id)
    tirana = timezone(timedelta(hours=1))
    add(store, [an_entry(1, NOW.astimezone(tirana)), an_entry(2, NOW - HOUR / 2)])
    claimed = claim(store, now=NOW.astimezone(tirana))
    assert [each.entry.published for each in claimed] == [NOW - HOUR / 2, NOW]
    assert claimed[1].entry.published is not None and claimed[1].entry.published.utcoffset() == timedelta(0)


def test_a_claimed_article_is_nobody_elses_until_the_lease_ends(store: Store) -> None:
    store.write_now(a_source_id)
    add(store, [an_entry(1), an_entry(2)])
    assert len(claim(store, limit=1)) == 1
    assert len(claim(store, "other")) == 1
    assert claim(store, "other") == []
    assert len(claim(store, "other", NOW + LEASE)) == 2


def test_a_postponed_article_waits_and_is_one_attempt_older(store: Store) -> None:
    store.write_now(a_source_id)
    add(store, [an_entry(1)])
    held = claim(store)[0].id
    assert store.write_now(lambda c: articles.postpone(c, held, "me", NOW + HOUR, "answers 503"))
    assert claim(store, now=NOW + HOUR / 2) == []
    assert claim(store, now=NOW + HOUR)[0].attempts == 1
    assert stored(store, held).reason == "answers 503"


def test_a_rejected_article_is_done(store: Store) -> None:
    store.write_now(a_source_id)
    add(store, [an_entry(1)])
    held = claim(store)[0].id
    assert store.write_now(lambda c: articles.reject(c, held, "me", "no text", NOW))
    assert (claim(store, now=NOW + DAY), store.read_now(articles.waiting)) == ([], 0)
    assert store.read_now(articles.counts) == {"rejected": 1}
    assert (stored(store, held).state, stored(store, held).reason) == ("rejected", "no text")


def test_a_flagged_article_keeps_its_text_and_signature(store: Store) -> None:
    store.write_now(a_source_id)
    add(store, [an_entry(1)])
    held = claim(store)[0].id
    verdict = an_analysis(a_finding(PARLIAMENT), a_signature(5, 2**64 - 1, 5), NOW - DAY)
    assert store.write_now(lambda c: articles.judge(c, held, "me", verdict, NOW + HOUR))
    row = stored(store, held)
    assert (row.state, row.text, row.title, row.published_at) == ("flagged", "Read text", "Read title", NOW - DAY)
    assert (row.judged_at, row.score, row.lang, row.lease_owner) == (NOW + HOUR, 4.5, "sq", None)
    assert sorted(store.read_now(lambda c: list(c.scalars(select(band.c.hash))))) == [-1, 5]


def test_a_clear_article_keeps_only_why(store: Store) -> None:
    store.write_now(a_source_id)
    add(store, [an_entry(1), an_entry(2)])
    for held, reasons in zip(claim(store), (0, 1), strict=True):
        verdict = an_analysis(a_finding(relevant=False, reasons=reasons), a_signature(7), None)
        assert store.write_now(partial(articles.judge, article_id=held.id, owner="me", analysed=verdict, now=NOW))
    rows = store.read_now(lambda c: c.execute(select(article).order_by(article.c.id)).all())
    assert [(row.state, row.text, row.signature, row.published_at) for row in rows] == [("clear", None, None, NOW)] * 2
    assert [row.finding is None for row in rows] == [True, False]
    assert store.read_now(lambda c: c.scalar(select(article.c.id).where(article.c.finding.is_(None)))) == rows[0].id
    assert store.read_now(lambda c: list(c.scalars(select(band.c.hash)))) == []


def test_who_lost_the_lease_cannot_write(store: Store) -> None:
    store.write_now(a_source_id)
    add(store, [an_entry(1)])
    held = claim(store)[0].id
    claim(store, "other", NOW + LEASE)
    verdict = an_analysis(a_finding(PARLIAMENT), a_signature(7))
    assert not store.write_now(lambda c: articles.judge(c, held, "me", verdict, NOW))
    assert not store.write_now(lambda c: articles.reject(c, held, "me", "no text", NOW))
    assert not store.write_now(lambda c: articles.postpone(c, held, "me", NOW, "answers 503"))
    assert store.read_now(lambda c: list(c.scalars(select(band.c.hash)))) == []
    assert store.write_now(lambda c: articles.judge(c, held, "other", verdict, NOW))
    assert not store.write_now(lambda c: articles.judge(c, held, "other", verdict, NOW))
