"""How sources fare on both databases, and notices in the outbox: told once, in order, beside stories that are silenced."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, select, text, update

from monitor.alerts import policy
from monitor.jobs.health import tell
from monitor.model import (
    Attempt,
    AttemptOutcome,
    Concerned,
    Delivery,
    NextCheck,
    Notice,
    NoticeKind,
    Record,
    Source,
    Subscriber,
    Validators,
    Vitals,
)
from monitor.settings import Keep
from monitor.store import articles, decisions, deliveries, health, prune, sources
from monitor.store.decisions import Said
from monitor.store.engine import Store
from monitor.store.schema import source
from monitor.store.sources import Polled
from tests.contract.samples import (
    DAY,
    HOUR,
    LEASE,
    NOW,
    PARLIAMENT,
    a_delivery,
    a_finding,
    a_source,
    a_source_id,
    an_entry,
    an_opened_story,
)

ADMIN = Subscriber("admin", "email", "admin@example.org", hears=("operation",))
MINUTE = timedelta(minutes=1)


def listed(store: Store, *configured: Source) -> None:
    store.write_now(lambda c: sources.sync(c, configured or [a_source()], NOW - 9 * DAY))


def polled(
    store: Store, outcome: AttemptOutcome, at: datetime, key: str = "al.one", failures: float = 0.0, record: Record | None = None
) -> None:
    """One poll of a source, which ended so."""

    def work(c: Connection) -> None:
        c.execute(update(source).values(next_check_at=at + 99 * DAY))
        c.execute(update(source).where(source.c.key == key).values(next_check_at=at))
        (due,) = sources.claim_due(c, "me", at, LEASE, 9, 9)
        failed = outcome not in ("changed", "unchanged")
        said = f"one.al answered {outcome}" if failed else ""
        check = NextCheck(at + HOUR, failures, due.interval)
        made = Polled(check, replace(record or due.record, checked_at=at), Attempt(at, outcome, said), Validators(), said or None)
        assert not sources.finish(c, [(due, made)], "me", at)

    store.write_now(work)


def vitals(store: Store) -> list[Vitals]:
    return store.read_now(health.vitals)


def test_a_source_that_was_never_polled_has_nothing_to_tell(store: Store) -> None:
    listed(store)
    (found,) = vitals(store)
    assert (found.source, found.polls, found.answered_at, found.first_at, found.failed, found.told) == (
        a_source(),
        0,
        None,
        None,
        None,
        None,
    )


def test_the_last_failure_that_is_no_fault_of_ours_is_told_with_its_words(store: Store) -> None:
    listed(store)
    for hours, outcome in ((9, "changed"), (8, "http"), (7, "dns"), (6, "offline")):
        polled(store, outcome, NOW - hours * HOUR, failures=1.5)  # type: ignore[arg-type]  # these are outcomes
    (found,) = vitals(store)
    assert found.failed == Attempt(NOW - 7 * HOUR, "dns", "one.al answered dns")
    assert (found.answered_at, found.failures, found.trouble) == (NOW - 9 * HOUR, 1.5, "one.al answered offline")
    assert found.first_at is None  # it has answered once


def test_after_an_answer_no_failure_is_left(store: Store) -> None:
    listed(store)
    polled(store, "http", NOW - 2 * HOUR, failures=5.0)
    polled(store, "unchanged", NOW - HOUR)
    (found,) = vitals(store)
    assert (found.failed, found.trouble, found.answered_at) == (None, None, NOW - HOUR)


def test_of_a_source_that_never_answered_the_first_poll_counts_that_was_not_lost_by_ourselves(store: Store) -> None:
    listed(store)
    polled(store, "offline", NOW - 3 * HOUR)
    polled(store, "dns", NOW - 2 * HOUR, failures=0.25)
    polled(store, "dns", NOW - HOUR, failures=0.5)
    (found,) = vitals(store)
    assert (found.first_at, found.failed and found.failed.at) == (NOW - 2 * HOUR, NOW - HOUR)


def test_the_rhythm_is_read_as_it_was_remembered(store: Store) -> None:
    listed(store)
    record = Record(news_at=NOW - DAY, arrivals=77, quiet=20 * HOUR, gap=8 * HOUR)
    polled(store, "unchanged", NOW, record=record)
    assert vitals(store)[0].record == replace(record, checked_at=NOW)


def test_a_source_that_was_switched_off_is_looked_at_while_something_is_pending(store: Store) -> None:
    listed(store, a_source(), a_source("al.two", "https://two.al/feed"))
    store.write_now(lambda c: health.tell(c, [("al.two", "silent", NOW)]))
    listed(store, a_source())
    assert [(each.source.key, each.told) for each in vitals(store)] == [("al.one", None), ("al.two", "silent")]
    store.write_now(lambda c: health.tell(c, [("al.two", "well", NOW)]))
    assert [each.source.key for each in vitals(store)] == ["al.one"]


def test_what_was_told_is_remembered_and_shown_in_the_view(store: Store) -> None:
    listed(store, a_source(), a_source("al.two", "https://two.al/feed"))
    store.write_now(lambda c: health.tell(c, [("al.one", "broken", NOW), ("al.two", "gone", None)]))
    assert [(each.told, each.told_since) for each in vitals(store)] == [("broken", NOW), ("gone", None)]
    store.write_now(lambda c: health.tell(c, []))
    assert store.read_now(lambda c: c.execute(text("SELECT source, told FROM sources ORDER BY source")).all()) == [
        ("al.one", "broken"),
        ("al.two", "gone"),
    ]


def test_the_newest_article_that_a_source_lists_counts_at_whatever_source_it_was_first_seen(store: Store) -> None:
    def fill(c: Connection) -> None:
        sources.sync(c, [a_source(), a_source("al.two", "https://two.al/feed"), a_source("al.three", "https://three.al/feed")], NOW)
        numbers = {row.key: row.id for row in c.execute(select(source))}
        articles.add(c, numbers["al.one"], [an_entry(1)], NOW - DAY)
        articles.add(c, numbers["al.two"], [an_entry(2)], NOW - HOUR)
        assert articles.add(c, numbers["al.one"], [an_entry(1), an_entry(2)], NOW) == 0  # the other was quicker

    store.write_now(fill)
    newest = store.read_now(lambda c: health.newest(c, ["al.one", "al.three"]))
    assert newest == {"al.one": NOW - HOUR}


def a_notice(kind: NoticeKind = "source_broken", number: int = 1) -> Delivery:
    told = Notice(kind, NOW, (Concerned(f"al.{number}", f"Site {number}", f"https://{number}.al/feed", "one.al answered 500", NOW - DAY),))
    return policy.notices(told, ["None"], [ADMIN])[0]


def owe(store: Store, *owed: Delivery) -> int:
    return store.write_now(lambda c: deliveries.owe(c, owed, NOW))


def claim(store: Store, owner: str = "me", now: datetime = NOW) -> list[Delivery]:
    return store.write_now(lambda c: deliveries.claim(c, owner, now, LEASE, 10))


def test_a_notice_comes_back_as_it_was_owed_and_is_owed_once(store: Store) -> None:
    assert owe(store, a_notice()) == 1
    assert owe(store, a_notice()) == 0
    assert claim(store) == [a_notice()]


def test_notices_reach_a_reader_in_their_order_and_hold_up_no_story(store: Store) -> None:
    store.write_now(lambda c: (a_source_id(c), an_opened_story(c, 1, a_finding(PARLIAMENT))))
    broken, healed = a_notice(), a_notice("source_healed")
    other = replace(a_notice("source_silent"), subscriber="night")
    story = replace(a_delivery(), subscriber="admin")
    assert owe(store, broken, healed, other, story) == 4
    assert claim(store) == [broken, other, story]
    assert store.write_now(lambda c: deliveries.retry(c, broken.id, "me", NOW + HOUR, "refused"))
    assert claim(store) == []
    assert store.write_now(lambda c: deliveries.sent(c, story.id, "me", NOW))
    assert [each.id for each in claim(store, now=NOW + HOUR)] == [other.id, broken.id]
    assert store.write_now(lambda c: deliveries.sent(c, broken.id, "me", NOW + HOUR))
    assert claim(store, now=NOW + HOUR) == [healed]


@pytest.mark.parametrize("silenced", [True, False])
def test_notices_are_given_out_whether_or_not_a_story_is_silenced(store: Store, silenced: bool) -> None:
    store.write_now(lambda c: (a_source_id(c), an_opened_story(c, 1, a_finding(PARLIAMENT))))
    owe(store, a_delivery(), a_notice())
    if silenced:
        store.write_now(lambda c: decisions.decide(c, "story-1", Said("muted", "ana", NOW)))
    assert claim(store) == [*([] if silenced else [a_delivery()]), a_notice()]


def test_what_is_taken_back_of_a_story_is_no_notice(store: Store) -> None:
    store.write_now(lambda c: (a_source_id(c), an_opened_story(c, 1, a_finding(PARLIAMENT))))
    owe(store, a_delivery(), a_notice())
    assert store.write_now(lambda c: deliveries.withdraw(c, "story-1", "muted", NOW)) == 1
    assert store.write_now(lambda c: deliveries.withdraw(c, "no-such-story", "muted", NOW)) == 0
    assert claim(store) == [a_notice()]


def test_notices_are_listed_beside_alerts_and_shown_in_the_view_without_a_story(store: Store) -> None:
    store.write_now(lambda c: (a_source_id(c), an_opened_story(c, 1, a_finding(PARLIAMENT))))
    owe(store, a_delivery(), a_notice())
    assert [each.delivery.story for each in store.read_now(deliveries.listing)] == [None, "story-1"]
    found = store.read_now(lambda c: c.execute(text("SELECT story, headline, change FROM deliveries ORDER BY change")).all())
    assert [tuple(row) for row in found] == [("story-1", found[0].headline, "opened"), (None, None, "source_broken")]


def test_sent_notices_are_forgotten_like_other_deliveries(store: Store) -> None:
    owe(store, a_notice())
    claim(store)
    store.write_now(lambda c: deliveries.sent(c, a_notice().id, "me", NOW))
    keep = Keep(deliveries=DAY)
    assert store.write_now(lambda c: prune.prune(c, NOW + DAY / 2, keep)) == 0
    assert store.write_now(lambda c: prune.prune(c, NOW + 2 * DAY, keep)) == 1


def test_of_several_daemons_that_look_at_once_one_tells(store: Store) -> None:
    listed(store, *(a_source(f"al.{number}", f"https://{number}.al/feed") for number in range(20)))
    for number in range(20):
        polled(store, "unchanged", NOW - 9 * HOUR, f"al.{number}")
        polled(store, "http", NOW - HOUR, f"al.{number}", failures=4.0)
    start = threading.Barrier(4)

    def look(number: int) -> int:
        start.wait(10)
        return len(store.write_now(lambda c: tell(c, subscribers=[ADMIN], now=NOW + number * MINUTE)))

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(look, range(4))) == [0, 0, 0, 20]
    (owed,) = store.read_now(deliveries.listing)
    assert isinstance(owed.delivery.alert, Notice)
    assert [each.source for each in owed.delivery.alert.sources] == sorted(f"al.{number}" for number in range(20))
