"""Deliveries on both databases: owed once, claimed by lease, settled by their holder only."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import get_args

import pytest
from sqlalchemy import Connection

from monitor.model import Delivery, Verdict
from monitor.store import decisions, deliveries
from monitor.store.decisions import DecisionKind, Said
from monitor.store.engine import Store
from tests.contract.samples import DAY, HOUR, LEASE, NOW, PARLIAMENT, a_delivery, a_finding, a_source_id, an_opened_story


@pytest.fixture
def told(store: Store) -> Store:
    """A store with the story the deliveries are about."""

    def fill(c: Connection) -> None:
        a_source_id(c)
        an_opened_story(c, 1, a_finding(PARLIAMENT))

    store.write_now(fill)
    return store


def owe(store: Store, *owed: Delivery) -> int:
    return store.write_now(lambda c: deliveries.owe(c, owed, NOW))


def claim(store: Store, owner: str = "me", now: datetime = NOW, limit: int = 10) -> list[Delivery]:
    return store.write_now(lambda c: deliveries.claim(c, owner, now, LEASE, limit))


def test_a_delivery_comes_back_as_it_was_owed(told: Store) -> None:
    assert owe(told, a_delivery()) == 1
    assert claim(told) == [a_delivery()]


def test_the_same_delivery_is_owed_once(told: Store) -> None:
    assert owe(told, a_delivery(), a_delivery()) == 1
    assert owe(told, a_delivery()) == 0
    assert owe(told) == 0


def test_the_same_change_is_never_owed_under_a_second_id(told: Store) -> None:
    assert owe(told, a_delivery(1), a_delivery(2)) == 1
    assert owe(told, a_delivery(3, kind="confirmed"), a_delivery(4, kind="victim_added", detail="al-air-albania")) == 2


def test_deliveries_are_claimed_as_they_were_owed(told: Store) -> None:
    owed = [replace(a_delivery(9), subscriber="a"), replace(a_delivery(1), subscriber="b"), replace(a_delivery(5), subscriber="c")]
    owe(told, *owed)
    assert claim(told, limit=2) == owed[:2]
    assert claim(told, "other") == owed[2:]


def test_a_subscriber_hears_of_a_storys_changes_in_their_order(told: Store) -> None:
    first, second = a_delivery(9), a_delivery(1, kind="confirmed")
    owe(told, first, second)
    assert claim(told) == [first]
    assert claim(told, "other") == []
    assert told.write_now(lambda c: deliveries.retry(c, first.id, "me", NOW + HOUR, "refused"))
    assert claim(told) == []
    assert claim(told, now=NOW + HOUR) == [replace(first, attempts=1)]
    assert told.write_now(lambda c: deliveries.gave_up(c, first.id, "me", "refused", NOW + HOUR))
    assert claim(told, now=NOW + HOUR) == [second]


def test_a_claimed_delivery_is_nobody_elses_until_the_lease_ends(told: Store) -> None:
    owe(told, a_delivery())
    claim(told)
    assert claim(told, "other", NOW + LEASE / 2) == []
    assert claim(told, "other", NOW + LEASE) == [a_delivery()]


def test_a_sent_delivery_is_done(told: Store) -> None:
    owe(told, a_delivery())
    claim(told)
    assert told.write_now(lambda c: deliveries.sent(c, "delivery-1", "me", NOW + HOUR))
    assert claim(told, now=NOW + DAY) == []
    (row,) = told.read_now(deliveries.listing)
    assert (row.state, row.sent_at, row.delivery.attempts, row.reason) == ("sent", NOW + HOUR, 1, None)


def test_a_failed_attempt_is_tried_again_under_the_same_id(told: Store) -> None:
    owe(told, a_delivery())
    claim(told)
    assert told.write_now(lambda c: deliveries.retry(c, "delivery-1", "me", NOW + HOUR, "mail server is down"))
    assert claim(told, now=NOW + HOUR / 2) == []
    (again,) = claim(told, now=NOW + HOUR)
    assert (again.id, again.attempts) == ("delivery-1", 1)


def test_a_hopeless_delivery_is_kept_with_its_reason(told: Store) -> None:
    owe(told, a_delivery())
    claim(told)
    assert told.write_now(lambda c: deliveries.gave_up(c, "delivery-1", "me", "no such mailbox", NOW + HOUR))
    assert claim(told, now=NOW + DAY) == []
    (row,) = told.read_now(lambda c: deliveries.listing(c, "given_up"))
    assert (row.reason, row.sent_at) == ("no such mailbox", None)
    assert told.read_now(deliveries.counts) == {"given_up": 1}
    assert told.read_now(lambda c: deliveries.listing(c, "sent")) == []


def test_who_lost_the_lease_cannot_settle(told: Store) -> None:
    owe(told, a_delivery())
    claim(told)
    claim(told, "other", NOW + LEASE)
    assert not told.write_now(lambda c: deliveries.sent(c, "delivery-1", "me", NOW))
    assert not told.write_now(lambda c: deliveries.retry(c, "delivery-1", "me", NOW, "late"))
    assert not told.write_now(lambda c: deliveries.gave_up(c, "delivery-1", "me", "late", NOW))
    assert told.write_now(lambda c: deliveries.sent(c, "delivery-1", "other", NOW))
    assert not told.write_now(lambda c: deliveries.sent(c, "delivery-1", "other", NOW))


def test_listing_shows_the_last_owed_first(told: Store) -> None:
    owe(told, a_delivery(1), a_delivery(2, kind="confirmed"))
    assert [row.delivery.id for row in told.read_now(deliveries.listing)] == ["delivery-2", "delivery-1"]
    assert len(told.read_now(lambda c: deliveries.listing(c, limit=1))) == 1


def withdraw(store: Store, why: str = "a person muted the story", now: datetime = NOW, beside: str | None = None) -> int:
    return store.write_now(lambda c: deliveries.withdraw(c, "story-1", why, now, beside))


def restore(store: Store, now: datetime = NOW + HOUR) -> int:
    return store.write_now(lambda c: deliveries.restore(c, "story-1", now, 3 * DAY))


def states(store: Store) -> dict[str, tuple[str, str | None]]:
    return {row.delivery.id: (row.state, row.reason) for row in store.read_now(deliveries.listing)}


def test_what_is_unsent_of_a_story_is_taken_back_and_owed_again(told: Store) -> None:
    told.write_now(lambda c: an_opened_story(c, 2, a_finding(PARLIAMENT)))
    owe(told, a_delivery(1), a_delivery(2, kind="confirmed"), a_delivery(3, "story-2"))
    assert withdraw(told) == 2
    assert claim(told) == [a_delivery(3, "story-2")]
    assert states(told)["delivery-1"] == ("given_up", "withdrawn: a person muted the story")
    assert withdraw(told) == 0
    assert restore(told) == 2
    assert claim(told) == []  # not before the time at which it is owed again
    assert a_delivery(1) in claim(told, now=NOW + HOUR)
    assert states(told)["delivery-2"] == ("waiting", None)
    assert restore(told) == 0


def test_what_was_sent_or_given_up_is_neither_taken_back_nor_owed_again(told: Store) -> None:
    owe(told, a_delivery(1))
    claim(told)
    told.write_now(lambda c: deliveries.sent(c, "delivery-1", "me", NOW))
    owe(told, a_delivery(2, kind="confirmed"))
    claim(told)
    told.write_now(lambda c: deliveries.gave_up(c, "delivery-2", "me", "no such mailbox", NOW))
    assert (withdraw(told), restore(told)) == (0, 0)
    assert states(told) == {"delivery-1": ("sent", None), "delivery-2": ("given_up", "no such mailbox")}


def test_beside_another_story_only_who_hears_of_that_loses_what_is_unsent(told: Store) -> None:
    told.write_now(lambda c: an_opened_story(c, 2, a_finding(PARLIAMENT)))
    other = replace(a_delivery(2), subscriber="night")
    elsewhere = replace(a_delivery(3), channel="webhook")
    owe(told, a_delivery(1), other, elsewhere, a_delivery(4, "story-2"))
    assert withdraw(told, why="part of story-2 now", beside="story-2") == 1
    assert claim(told) == [other, elsewhere, a_delivery(4, "story-2")]
    assert states(told)["delivery-1"] == ("given_up", "withdrawn: part of story-2 now")


def test_what_is_just_being_sent_is_not_taken_back_until_it_failed(told: Store) -> None:
    owe(told, a_delivery(1), a_delivery(2, kind="confirmed"))
    claim(told)
    assert withdraw(told, now=NOW + LEASE / 2) == 1
    assert states(told)["delivery-1"] == ("waiting", None)
    assert told.write_now(lambda c: deliveries.retry(c, "delivery-1", "me", NOW, "refused"))
    assert withdraw(told, now=NOW + LEASE / 2) == 1
    assert states(told)["delivery-1"] == ("given_up", "withdrawn: a person muted the story")


def test_what_nobody_sent_within_its_lease_is_taken_back_and_stays_so(told: Store) -> None:
    owe(told, a_delivery())
    claim(told)
    assert withdraw(told, now=NOW + LEASE) == 1
    assert not told.write_now(lambda c: deliveries.sent(c, "delivery-1", "me", NOW + LEASE))
    assert states(told)["delivery-1"] == ("given_up", "withdrawn: a person muted the story")


def test_what_is_no_news_any_more_is_not_owed_again(told: Store) -> None:
    owe(told, a_delivery(1))
    told.write_now(lambda c: deliveries.owe(c, [a_delivery(2, kind="confirmed")], NOW + 2 * DAY))
    withdraw(told)
    assert restore(told, NOW + 4 * DAY) == 1
    assert [each.id for each in claim(told, now=NOW + 4 * DAY)] == ["delivery-2"]
    assert restore(told, NOW + 4 * DAY) == 0


def test_what_was_taken_back_is_not_owed_under_another_id(told: Store) -> None:
    owe(told, a_delivery(1))
    withdraw(told)
    assert owe(told, a_delivery(2)) == 0


@pytest.mark.parametrize("kind", ["muted", "rejected"])
def test_of_a_silent_story_nothing_is_given_out_though_it_was_not_taken_back(told: Store, kind: DecisionKind) -> None:
    owe(told, a_delivery())
    assert told.write_now(lambda c: decisions.decide(c, "story-1", Said(kind, "ana", NOW)))
    assert claim(told) == []
    told.write_now(lambda c: decisions.undo(c, "story-1", "ana", NOW))
    assert claim(told) == [a_delivery()]


def test_a_story_that_was_rejected_and_then_confirmed_is_told(told: Store) -> None:
    owe(told, a_delivery())
    for kind in sorted(get_args(Verdict), reverse=True):  # rejected, then confirmed
        told.write_now(partial(decisions.decide, key="story-1", said=Said(kind, "ana", NOW)))
    assert claim(told) == [a_delivery()]
