"""Sources on both databases: configured, claimed fairly, finished by their holder only."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Connection

from monitor.model import Attempt, DueSource, NextCheck, Record, Source, Validators
from monitor.store import articles, sources
from monitor.store.engine import Store
from monitor.store.sources import Polled
from tests.contract.samples import DAY, HOUR, LEASE, NOW, a_source, a_source_id, an_entry, finish

KNOWN = Record(NOW, NOW, False, "https://new.al/feed", NOW, 3, NOW, 7, HOUR, 2 * HOUR)
CHANGED = Attempt(NOW, "changed", "", 30, 2, 0.25)
LATER = Polled(NextCheck(NOW + HOUR, 0.0, HOUR), KNOWN, CHANGED, Validators('"v1"', "Fri, 01 Mar 2024 12:00:00 GMT", "abc"))


def configure(store: Store, *configured: Source) -> None:
    store.write_now(lambda c: sources.sync(c, configured, NOW))


def claim(store: Store, owner: str = "me", after: timedelta = timedelta(0), limit: int = 10, per_host: int = 10) -> list[DueSource]:
    return store.write_now(lambda c: sources.claim_due(c, owner, NOW + after, LEASE, limit, per_host))


def test_a_configured_source_is_due_at_once_and_comes_back_as_it_was(store: Store) -> None:
    configured = a_source(kind="sitemap", why="grade A")
    configure(store, configured)
    due = claim(store)[0]
    assert due.source == configured
    assert (due.validators, due.failures, due.polls) == (Validators(), 0.0, 0)


def test_a_claimed_source_is_nobody_elses_until_the_lease_ends(store: Store) -> None:
    configure(store, a_source())
    assert len(claim(store)) == 1
    assert claim(store, "other", LEASE / 2) == []
    assert len(claim(store, "other", LEASE)) == 1


def test_a_finished_source_is_due_when_the_check_says(store: Store) -> None:
    configure(store, a_source())
    due = claim(store)[0]
    assert store.write_now(lambda c: finish(c, due, "me", LATER, NOW))
    assert claim(store, after=HOUR / 2) == []
    again = claim(store, after=HOUR)[0]
    assert (again.validators, again.interval, again.polls) == (LATER.validators, HOUR, 1)


def test_who_lost_the_lease_cannot_finish(store: Store) -> None:
    configure(store, a_source())
    due = claim(store)[0]
    claim(store, "other", LEASE)
    assert not store.write_now(lambda c: finish(c, due, "me", LATER, NOW))
    assert store.write_now(lambda c: finish(c, due, "other", LATER, NOW))
    assert not store.write_now(lambda c: finish(c, due, "other", LATER, NOW))


def test_a_failed_poll_keeps_the_validators_and_tells_the_trouble(store: Store) -> None:
    configure(store, a_source())
    due = claim(store)[0]
    store.write_now(lambda c: finish(c, due, "me", LATER, NOW))
    due = claim(store, after=HOUR)[0]
    failed = Polled(NextCheck(NOW + 2 * HOUR, 1.5, HOUR), KNOWN, replace(CHANGED, outcome="http"), None, "answers 503")
    store.write_now(lambda c: finish(c, due, "me", failed, NOW + HOUR))
    row = store.read_now(sources.health)[0]
    assert (row.trouble, row.failures, row.last_ok_at, row.checked_at) == ("answers 503", 1.5, NOW, NOW + HOUR)
    assert claim(store, after=2 * HOUR)[0].validators == LATER.validators


def test_health_shows_troubles_first_and_disabled_sources_last(store: Store) -> None:
    configure(store, a_source("a.fine"), a_source("b.bad"), a_source("c.off", enabled=False))
    for due in claim(store):
        polled = replace(LATER, trouble="no such host") if due.source.key == "b.bad" else LATER
        store.write_now(partial(finish, due=due, owner="me", polled=polled, now=NOW))
    assert [row.source.key for row in store.read_now(sources.health)] == ["b.bad", "a.fine", "c.off"]


def test_one_host_cannot_take_all_places(store: Store) -> None:
    big = [a_source(f"big.{n}", f"https://www.big.rs/feed/{n}") for n in range(6)]
    configure(store, *big, a_source("small", "https://small.me/feed"))
    claimed = [due.source.key for due in claim(store, limit=3, per_host=2)]
    assert sorted(claimed) == ["big.0", "big.1", "small"]


def test_the_longest_due_source_comes_first(store: Store) -> None:
    configure(store, a_source("a"), a_source("b"))
    first = claim(store, limit=1)[0]
    store.write_now(lambda c: finish(c, first, "me", Polled(NextCheck(NOW + 2 * DAY, 0.0, HOUR), KNOWN, CHANGED), NOW))
    second = claim(store, limit=1)[0]
    store.write_now(lambda c: finish(c, second, "me", Polled(NextCheck(NOW + DAY, 0.0, HOUR), KNOWN, CHANGED), NOW))
    assert [due.source.key for due in claim(store, after=3 * DAY)] == [second.source.key, first.source.key]


def test_a_disabled_source_and_one_gone_from_the_configuration_are_not_polled(store: Store) -> None:
    configure(store, a_source("a", enabled=False), a_source("b"))
    configure(store, a_source("a", enabled=False))
    assert claim(store) == []
    assert {row.source.key: row.source.why for row in store.read_now(sources.health)}["b"] == "no longer in the configuration"


def test_configuring_again_keeps_what_was_learned(store: Store) -> None:
    configure(store, a_source())
    due = claim(store)[0]
    store.write_now(lambda c: finish(c, due, "me", LATER, NOW))
    configure(store, a_source(name="New name"))
    assert claim(store) == []
    again = claim(store, after=HOUR)[0]
    assert (again.id, again.source.name, again.validators) == (due.id, "New name", LATER.validators)


def test_a_source_that_moved_is_asked_anew(store: Store) -> None:
    configure(store, a_source())
    due = claim(store)[0]
    store.write_now(lambda c: finish(c, due, "me", LATER, NOW))
    configure(store, a_source(url="https://one.al/rss.xml"))
    again = claim(store)[0]
    assert (again.id, again.validators, again.polls) == (due.id, Validators(), 0)


def test_a_poll_of_the_old_address_cannot_finish_after_a_move(store: Store) -> None:
    configure(store, a_source())
    due = claim(store)[0]
    configure(store, a_source(url="https://one.al/rss.xml"))
    assert not store.write_now(lambda c: finish(c, due, "me", LATER, NOW))


def test_a_key_configured_twice_is_one_source(store: Store) -> None:
    configure(store, a_source(name="First"), a_source(name="Second"))
    assert [due.source.name for due in claim(store)] == ["Second"]


def test_validators_and_entries_are_stored_together_or_not_at_all(store: Store) -> None:
    configure(store, a_source())
    due = claim(store)[0]

    def interrupted(c: Connection) -> None:
        finish(c, due, "me", LATER, NOW)
        articles.add(c, due.id, [an_entry(1)], NOW)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.write_now(interrupted)
    assert claim(store, after=LEASE)[0].validators == Validators()
    assert store.read_now(articles.waiting) == 0


def test_a_source_id_is_kept_by_articles(store: Store) -> None:
    source_id = store.write_now(a_source_id)
    store.write_now(lambda c: articles.add(c, source_id, [an_entry(1)], NOW))
    configure(store)
    claimed = store.write_now(lambda c: articles.claim_waiting(c, "me", NOW, LEASE, 1))
    assert claimed[0].source.key == "al.one"


def test_what_is_known_of_a_source_comes_back_as_it_was(store: Store) -> None:
    configure(store, a_source())
    (due,) = claim(store)
    assert due.record == Record()
    assert store.write_now(lambda c: finish(c, due, "me", LATER, NOW))
    (again,) = claim(store, after=DAY)
    assert again.record == KNOWN
    (told,) = store.read_now(sources.health)
    assert (told.record, told.share, told.interval) == (KNOWN, 2 / 30, HOUR)


def test_of_each_source_the_last_thirty_attempts_are_remembered(store: Store) -> None:
    configure(store, a_source())
    for number in range(sources.ATTEMPTS + 5):
        (due,) = claim(store, after=number * DAY)
        at = NOW + number * DAY
        made = Attempt(at, "changed" if number % 2 else "timeout", f"number {number}", number, 0, 0.5)
        polled = Polled(NextCheck(at + HOUR, 0.0, HOUR), KNOWN, made)
        assert store.write_now(partial(finish, due=due, owner="me", polled=polled, now=at))
    kept = store.read_now(lambda c: sources.attempts(c, due.id))
    assert [each.detail for each in kept] == [f"number {number}" for number in range(sources.ATTEMPTS + 4, 4, -1)]


def test_the_attempt_of_a_poll_whose_lease_was_lost_is_not_noted(store: Store) -> None:
    configure(store, a_source())
    (due,) = claim(store)
    assert not store.write_now(lambda c: finish(c, due, "another", LATER, NOW))
    assert store.read_now(lambda c: sources.attempts(c, due.id)) == []


def test_at_another_address_nothing_is_known_of_a_source(store: Store) -> None:
    configure(store, a_source())
    (due,) = claim(store)
    store.write_now(lambda c: finish(c, due, "me", LATER, NOW))
    configure(store, replace(a_source(), url="https://elsewhere.al/feed"))
    (again,) = claim(store)
    assert again.record == Record()


def test_hosts_of_one_owner_are_claimed_as_one(store: Store) -> None:
    configure(store, *(a_source(key=f"rs.{name}", url=f"https://{name}.blic.rs/feed") for name in ("sport", "vesti", "biznis")))
    assert len(claim(store, per_host=2)) == 2


def test_selectors_are_kept(store: Store) -> None:
    configured = a_source(kind="links", select="h2 a")
    configure(store, configured)
    (due,) = claim(store)
    assert due.source == configured
