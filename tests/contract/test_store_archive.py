"""Judged articles read again on both databases: in portions by id, with what is left of their text."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Connection

from monitor.model import Analysed, Article
from monitor.store import archive, articles
from monitor.store.archive import JudgedArticle
from monitor.store.engine import Store
from tests.contract.samples import (
    DAY,
    LEASE,
    NOW,
    PARLIAMENT,
    a_finding,
    a_source,
    a_source_id,
    an_analysis,
    an_entry,
    an_opened_story,
)

CLEAR = an_analysis(a_finding(relevant=False))


def judge(c: Connection, number: int, analysed: Analysed = CLEAR, kept: str | None = None, day: int = 0) -> int:
    """Lists and judges one article `day` days from now; its text is kept if one is given."""
    now = NOW + day * DAY
    articles.add(c, 1, [an_entry(number, now)], now)
    (held,) = articles.claim_waiting(c, "me", now, LEASE, 1)
    assert articles.judge(c, held.id, "me", analysed, now)
    if kept is not None:
        articles.keep_text(c, held.id, kept)
    return held.id


@pytest.fixture
def stocked(store: Store) -> Store:
    """A flagged article, a clear one, a clear one with its text, a rejected and a waiting one."""

    def fill(c: Connection) -> None:
        a_source_id(c, a_source(lang="mk"))
        an_opened_story(c, 1, a_finding(PARLIAMENT))
        judge(c, 2, day=1)
        judge(c, 3, kept="Kept text", day=2)
        articles.add(c, 1, [an_entry(4)], NOW)
        (held,) = articles.claim_waiting(c, "me", NOW, LEASE, 1)
        articles.reject(c, held.id, "me", "a list", NOW)
        articles.add(c, 1, [an_entry(5)], NOW)

    store.write_now(fill)
    return store


def ids(store: Store, days: int | None = None, from_id: int = 0, limit: int = 100) -> list[int]:
    after = None if days is None else NOW + days * DAY
    return [each.id for each in store.read_now(lambda c: archive.judged(c, after, from_id, limit))]


def one(store: Store, id_or_url: str) -> int | None:
    found = store.read_now(lambda c: archive.one(c, id_or_url))
    return found.id if found else None


def test_articles_come_back_with_their_verdict_and_what_is_left_of_their_text(stocked: Store) -> None:
    url = "https://one.al/news/"
    flagged = Article(f"{url}1", "Read title", "Read text", NOW, "mk", "one.al", "AL")
    clear = replace(flagged, url=f"{url}2", text="Summary 2", origin="entry")
    kept = replace(flagged, url=f"{url}3", text="Kept text")
    assert stocked.read_now(lambda c: archive.judged(c, None, 0, 10)) == [
        JudgedArticle(1, flagged, True, True, 4.5, f"{url}1", "story-1"),
        JudgedArticle(2, clear, False, False, -1.5, f"{url}2", None),
        JudgedArticle(3, kept, True, False, -1.5, f"{url}3", None),
    ]


def test_they_are_read_in_portions_by_id(stocked: Store) -> None:
    assert ids(stocked, limit=2) == [1, 2]
    assert ids(stocked, from_id=3, limit=2) == [3]
    assert ids(stocked, from_id=4) == []


def test_only_those_first_seen_since_an_instant_are_read(stocked: Store) -> None:
    assert [ids(stocked, days) for days in (0, 1, 2, 3)] == [[1, 2, 3], [2, 3], [3], []]
    assert ids(stocked, days=1, from_id=3) == [3]


@pytest.mark.parametrize("sought", ["2", " 2 ", "https://one.al/news/2", "http://www.one.al/news/2/?utm_source=x#top"])
def test_one_is_found_by_number_or_by_any_spelling_of_its_address(stocked: Store, sought: str) -> None:
    assert one(stocked, sought) == 2


@pytest.mark.parametrize("sought", ["4", "5", "77", "9" * 40, "https://one.al/news/77", "", "nonsense\x00"])
def test_what_is_not_there_or_was_never_judged_is_nothing(stocked: Store, sought: str) -> None:
    assert one(stocked, sought) is None


def test_an_endless_address_is_found_again(store: Store) -> None:
    endless = replace(an_entry(1), url="https://one.al/" + "Ж" * 3000)

    def fill(c: Connection) -> None:
        a_source_id(c)
        articles.add(c, 1, [endless], NOW)
        (held,) = articles.claim_waiting(c, "me", NOW, LEASE, 1)
        articles.judge(c, held.id, "me", CLEAR, NOW)

    store.write_now(fill)
    assert one(store, endless.url) == 1


def test_the_text_of_a_flagged_article_is_its_own(stocked: Store) -> None:
    stocked.write_now(lambda c: articles.keep_text(c, 1, "another"))
    found = stocked.read_now(lambda c: archive.one(c, "1"))
    assert found
    assert found.article.text == "Read text"
