"""One article under several addresses, on both databases: read and told once, seen in every source that lists it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from monitor.model import Analysed, Article, Entry
from monitor.settings import Keep
from monitor.store import archive, articles, sources
from monitor.store.engine import Store
from monitor.store.prune import prune
from monitor.store.schema import article, band, sighting
from tests.contract.samples import DAY, LEASE, NOW, PARLIAMENT, a_finding, a_signature, a_source

SHORT = "https://one.al/?p=12345"
AMP = "https://one.al/kronike/12345/print"
LONG = "https://one.al/lajme/sulm-kibernetik-ndaj-kuvendit"
TITLE = "Sulm kibernetik ndaj Kuvendit të Shqipërisë"
MANY = 6
KEEP = Keep(entries=timedelta(days=120), deliveries=timedelta(days=365), clear_texts=timedelta(days=30))


@pytest.fixture
def known(store: Store) -> Store:
    """A store that knows some sources."""
    store.write_now(lambda c: sources.sync(c, [a_source(f"s{number}", f"https://one.al/{number}") for number in range(1, MANY + 1)], NOW))
    return store


def add(store: Store, source_id: int, url: str, title: str = TITLE, now: datetime = NOW, guid: str = "") -> int:
    return store.write_now(lambda c: articles.add(c, source_id, [Entry(guid or url, url, title, "", NOW)], now))


def judge(store: Store, found_at: str, *, flagged: bool = True, title: str = TITLE) -> bool:
    """Claims and judges one article, whose page was found at this address."""
    (held,) = store.write_now(lambda c: articles.claim_waiting(c, "me", NOW, LEASE, 1))
    return store.write_now(lambda c: articles.judge(c, held.id, "me", read(found_at, flagged, title), NOW))


def read(found_at: str, flagged: bool = True, title: str = TITLE) -> Analysed:
    return Analysed(Article(found_at, title, "Text", NOW, outlet="one.al"), a_finding(PARLIAMENT, relevant=flagged), a_signature(7))


def told(store: Store, source_id: int, url: str, found_at: str, *, flagged: bool = True, title: str = TITLE) -> bool:
    """Whether an article that is listed now and whose page is then found at `found_at` is judged as one of its own."""
    add(store, source_id, url, title)
    return judge(store, found_at, flagged=flagged, title=title)


def rows(store: Store) -> dict[str, Any]:
    return {row.canonical_url: row for row in store.read_now(lambda c: c.execute(select(article)).all())}


def seen(store: Store) -> dict[str, int]:
    """In how many sources each article was seen."""
    query = select(article.c.canonical_url).join(sighting, sighting.c.article_id == article.c.id)
    found = store.read_now(lambda c: list(c.scalars(query)))
    return {address: found.count(address) for address in found}


def test_an_article_found_at_a_known_address_is_closed_as_the_one_there(known: Store) -> None:
    assert told(known, 1, LONG, LONG)
    assert not told(known, 2, SHORT, LONG)
    twin = rows(known)[SHORT]
    assert (twin.state, twin.reason, twin.resolved_url) == ("rejected", f"the same article as {LONG}", LONG)
    assert (twin.lease_owner, twin.text, twin.judged_at) == (None, None, NOW)
    assert seen(known) == {LONG: 2}
    assert known.read_now(lambda c: len(list(c.scalars(select(band.c.article_id))))) == 1


def test_two_listed_under_other_addresses_meet_at_the_one_that_both_have(known: Store) -> None:
    assert told(known, 1, SHORT, LONG)
    assert not told(known, 2, AMP, LONG)
    assert seen(known) == {SHORT: 2}
    assert rows(known)[SHORT].resolved_url == LONG
    assert rows(known)[SHORT].url == LONG  # the one to show


def test_the_real_address_listed_later_is_the_article_known_by_another(known: Store) -> None:
    told(known, 1, SHORT, LONG)
    assert add(known, 2, f"{LONG}?utm_source=rss") == 0
    assert known.read_now(articles.waiting) == 0
    assert seen(known) == {SHORT: 2}
    assert list(rows(known)) == [SHORT]


def test_the_address_of_a_twin_leads_on_to_the_article_that_stands_for_it(known: Store) -> None:
    told(known, 1, LONG, LONG)
    told(known, 2, SHORT, LONG)
    assert add(known, 3, SHORT) == 0
    assert seen(known) == {LONG: 3}
    assert add(known, 2, SHORT, now=NOW + DAY) == 0  # its sighting is known though it moved


def test_of_two_that_wait_the_first_that_is_judged_stands_for_both(known: Store) -> None:
    add(known, 1, SHORT)
    add(known, 2, LONG)
    assert judge(known, LONG)
    assert not judge(known, LONG)
    assert {address: row.state for address, row in rows(known).items()} == {SHORT: "flagged", LONG: "rejected"}
    assert rows(known)[LONG].resolved_url == LONG
    assert add(known, 3, LONG) == 0
    assert seen(known) == {SHORT: 3}


def test_what_was_rejected_stands_for_nothing(known: Store) -> None:
    add(known, 1, LONG)
    (held,) = known.write_now(lambda c: articles.claim_waiting(c, "me", NOW, LEASE, 1))
    known.write_now(lambda c: articles.reject(c, held.id, "me", "the page is empty", NOW))
    assert told(known, 2, SHORT, LONG)
    assert seen(known) == {LONG: 1, SHORT: 1}


@pytest.mark.parametrize(
    ("first", "second", "stands"), [(True, True, False), (True, False, False), (False, False, False), (False, True, True)]
)
def test_what_was_not_flagged_never_hides_what_is(known: Store, first: bool, second: bool, stands: bool) -> None:
    told(known, 1, LONG, LONG, flagged=first)
    assert told(known, 2, SHORT, LONG, flagged=second) is stands


def test_of_an_article_read_twice_the_flagged_reading_is_seen_again(known: Store) -> None:
    told(known, 1, AMP, LONG, flagged=False)
    told(known, 2, SHORT, LONG)
    add(known, 3, LONG)
    assert seen(known) == {AMP: 1, SHORT: 2}


def test_an_address_that_a_site_gives_to_all_its_articles_hides_none(known: Store) -> None:
    told(known, 1, SHORT, LONG)
    assert told(known, 2, AMP, LONG, title="Hakerat bllokojnë spitalin e Durrësit")
    assert add(known, 3, LONG, "Banka qendrore ul normat e interesit") == 1
    assert add(known, 4, f"{LONG}/amp", "") == 0  # listed already, just now
    assert set(seen(known)) == {SHORT, AMP, LONG}


def test_titles_need_only_have_words_in_common(known: Store) -> None:
    told(known, 1, LONG, LONG)
    assert not told(known, 2, SHORT, LONG, title="Сулм кибернетик: sulm kibernetik ndaj Kuvendit, ja çfarë dihet | One")


@pytest.mark.parametrize("gone", ["https://one.al/", "https://one.al/lajme/", "https://one.al/index.php"])
def test_home_pages_and_sections_are_no_articles_address(known: Store, gone: str) -> None:
    assert told(known, 1, SHORT, gone)
    assert told(known, 2, AMP, gone)
    assert (rows(known)[SHORT].resolved_url, rows(known)[SHORT].url) == (None, SHORT)


def test_who_lost_the_lease_joins_nothing(known: Store) -> None:
    told(known, 1, LONG, LONG)
    add(known, 2, SHORT)
    (held,) = known.write_now(lambda c: articles.claim_waiting(c, "slow", NOW, LEASE, 1))
    known.write_now(lambda c: articles.claim_waiting(c, "quick", NOW + LEASE, LEASE, 1))
    assert not known.write_now(lambda c: articles.judge(c, held.id, "slow", read(LONG), NOW))
    assert rows(known)[SHORT].state == "waiting"
    assert seen(known) == {LONG: 1, SHORT: 1}


def test_of_twins_judged_at_once_one_wins(known: Store) -> None:
    for number in range(1, MANY + 1):
        add(known, number, f"https://one.al/?p=1000{number}")
    held = known.write_now(lambda c: articles.claim_waiting(c, "me", NOW, LEASE, MANY))
    with ThreadPoolExecutor(MANY) as pool:
        verdicts = list(pool.map(lambda each: known.write_now(lambda c: articles.judge(c, each.id, "me", read(LONG), NOW)), held))
    assert sorted(verdicts) == [False] * (MANY - 1) + [True]
    (winner,) = [address for address, row in rows(known).items() if row.state == "flagged"]
    assert seen(known) == {winner: MANY}


def test_an_article_is_kept_while_any_of_its_addresses_is_listed(known: Store) -> None:
    told(known, 1, LONG, LONG, flagged=False)
    told(known, 2, SHORT, LONG, flagged=False)
    for source_id, day in ((1, 1), (2, 1), (2, 500)):  # the first source lists it no more
        add(known, source_id, SHORT if source_id == 2 else "https://one.al/tjeter/777777", now=NOW + day * DAY)
    known.write_now(lambda c: prune(c, NOW + 501 * DAY, KEEP))
    assert list(rows(known)) == [LONG, "https://one.al/tjeter/777777"]
    assert add(known, 3, LONG, now=NOW + 502 * DAY) == 0


def test_a_judged_article_is_found_by_each_of_its_addresses(known: Store) -> None:
    told(known, 1, AMP, LONG)
    told(known, 2, SHORT, LONG)
    found = {known.read_now(lambda c, url=url: archive.one(c, url)) for url in (AMP, SHORT, LONG, f"{LONG}/amp?utm_source=x")}  # type: ignore[misc]  # the default binds url
    assert [each and each.url for each in found] == [LONG]
    assert known.read_now(lambda c: archive.one(c, "https://one.al/tjeter/777777")) is None
