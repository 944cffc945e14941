"""Pruning on both databases: what is old and no longer needed goes, nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from monitor.model import Entry
from monitor.settings import Keep
from monitor.store import articles, deliveries, sources
from monitor.store.engine import Store
from monitor.store.prune import prune
from monitor.store.schema import article, sighting
from tests.contract.samples import (
    DAY,
    LEASE,
    NOW,
    PARLIAMENT,
    a_delivery,
    a_finding,
    a_source,
    a_source_id,
    an_analysis,
    an_entry,
    an_opened_story,
)

KEEP = Keep(entries=timedelta(days=120), deliveries=timedelta(days=365), clear_texts=timedelta(days=30))


def judge_clear(c: Connection, *entries: Entry, now: datetime) -> None:
    articles.add(c, 1, entries, now)
    for held in articles.claim_waiting(c, "me", now, LEASE, 100):
        articles.judge(c, held.id, "me", an_analysis(a_finding(relevant=False)), now)


def gone(store: Store, now: datetime, limit: int = 100) -> int:
    return store.write_now(lambda c: prune(c, now, KEEP, limit))


def count(store: Store) -> int:
    return store.read_now(lambda c: c.scalar(select(func.count()).select_from(article))) or 0


def test_an_old_clear_article_goes_when_its_source_lists_it_no_more(store: Store) -> None:
    store.write_now(a_source_id)
    store.write_now(lambda c: judge_clear(c, an_entry(1), now=NOW))
    store.write_now(lambda c: judge_clear(c, an_entry(2), now=NOW + 100 * DAY))
    assert gone(store, NOW + 119 * DAY) == 0
    assert gone(store, NOW + 121 * DAY) == 1
    assert store.read_now(lambda c: list(c.scalars(select(sighting.c.guid)))) == ["guid-2"]


def test_an_article_stays_while_its_source_lists_it(store: Store) -> None:
    store.write_now(a_source_id)
    store.write_now(lambda c: judge_clear(c, an_entry(1), now=NOW))
    assert gone(store, NOW + 500 * DAY) == 0  # the list was not modified since
    store.write_now(lambda c: articles.add(c, 1, [an_entry(1), an_entry(2)], NOW + 500 * DAY))
    assert gone(store, NOW + 501 * DAY) == 0
    store.write_now(lambda c: articles.add(c, 1, [an_entry(2)], NOW + 502 * DAY))
    assert gone(store, NOW + 503 * DAY) == 0  # seen lately: a list that flaps must not make it new
    assert gone(store, NOW + 625 * DAY) == 1


def test_an_article_goes_when_its_source_was_switched_off(store: Store) -> None:
    store.write_now(a_source_id)
    store.write_now(lambda c: judge_clear(c, an_entry(1), now=NOW))
    store.write_now(lambda c: sources.sync(c, [a_source(enabled=False)], NOW))
    assert gone(store, NOW + 121 * DAY) == 1


def test_flagged_and_waiting_articles_stay(store: Store) -> None:
    store.write_now(a_source_id)
    store.write_now(lambda c: an_opened_story(c, 1, a_finding(PARLIAMENT)))
    store.write_now(lambda c: articles.add(c, 1, [an_entry(2)], NOW))
    store.write_now(lambda c: articles.add(c, 1, [an_entry(3)], NOW + DAY))
    assert gone(store, NOW + 999 * DAY) == 0
    assert count(store) == 3


def test_finished_deliveries_go_and_waiting_ones_stay(store: Store) -> None:
    def fill(c: Connection) -> None:
        a_source_id(c)
        an_opened_story(c, 1, a_finding(PARLIAMENT))
        deliveries.owe(c, [a_delivery(1), a_delivery(2, kind="confirmed"), a_delivery(3, kind="denied")], NOW)
        deliveries.claim(c, "me", NOW, LEASE, 2)
        deliveries.sent(c, "delivery-1", "me", NOW)
        deliveries.claim(c, "me", NOW, LEASE, 2)
        deliveries.gave_up(c, "delivery-2", "me", "no such mailbox", NOW)

    store.write_now(fill)
    assert gone(store, NOW + 365 * DAY) == 0
    assert gone(store, NOW + 366 * DAY) == 2
    assert [row.delivery.id for row in store.read_now(deliveries.listing)] == ["delivery-3"]


def test_pruning_takes_small_bites(store: Store) -> None:
    store.write_now(a_source_id)
    store.write_now(lambda c: judge_clear(c, *(an_entry(number) for number in range(5)), now=NOW))
    store.write_now(lambda c: articles.add(c, 1, [an_entry(9)], NOW + 200 * DAY))
    bites = [gone(store, NOW + 200 * DAY, limit=2) for _ in range(4)]
    assert bites == [2, 2, 1, 0]
    assert count(store) == 1


def texts(store: Store) -> list[str | None]:
    return store.read_now(lambda c: list(c.scalars(select(article.c.text).order_by(article.c.id))))


def test_old_texts_of_clear_articles_are_emptied_and_those_of_flagged_ones_stay(store: Store) -> None:
    def fill(c: Connection) -> None:
        a_source_id(c)
        an_opened_story(c, 1, a_finding(PARLIAMENT))
        for number, day in ((2, 0), (3, 0), (4, 20)):
            judge_clear(c, an_entry(number), now=NOW + day * DAY)
            articles.keep_text(c, number, f"Text {number}")

    store.write_now(fill)
    assert gone(store, NOW + 29 * DAY) == 0
    assert [gone(store, NOW + 31 * DAY, limit=1) for _ in range(3)] == [1, 1, 0]
    assert texts(store) == ["Read text", None, None, "Text 4"]
    assert count(store) == 4


def test_texts_kept_under_an_earlier_setting_go_when_none_are_kept(store: Store) -> None:
    store.write_now(a_source_id)
    store.write_now(lambda c: judge_clear(c, an_entry(1), now=NOW))
    store.write_now(lambda c: articles.keep_text(c, 1, "Text 1"))
    assert store.write_now(lambda c: prune(c, NOW + DAY, Keep())) == 1
    assert texts(store) == [None]
