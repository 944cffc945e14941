"""Who is well, silent, broken or gone, over simulated weeks of every rhythm: nobody cries for nothing, and the dead are found."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.collect import schedule
from monitor.collect.health import beside, condition, turn
from monitor.model import Attempt, Condition, DueSource, Entry, Failed, Listing, NotModified, Record, Source, Validators, Vitals
from monitor.settings import Collect

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)
SOURCE = Source("al.one", "One", "https://one.al/feed")
LIMITS = Collect()
OLD = tuple(Entry(f"old-{number}", "https://one.al/old", "Old") for number in range(20))
OFFLINE = Failed("offline", "our own network seems to be down")

Rhythm = Callable[[datetime, int, random.Random], list[datetime]]


def working_hours(start: datetime, days: int, dice: random.Random) -> list[datetime]:
    """One article an hour, from eight to five, Monday to Friday."""
    midnights = (start.replace(hour=0) + DAY * day for day in range(days))
    return [midnight + HOUR * (hour + dice.random()) for midnight in midnights if midnight.weekday() < 5 for hour in range(8, 17)]


def portal(start: datetime, days: int, dice: random.Random) -> list[datetime]:
    """Sixty articles a day, none between eleven at night and six."""
    return [start.replace(hour=0) + DAY * day + HOUR * (6 + 17 * dice.random()) for day in range(days) for _ in range(60)]


def once_a_week(start: datetime, days: int, dice: random.Random) -> list[datetime]:
    return [start + DAY * 7 * week + HOUR * 12 * dice.random() for week in range(days // 7)]


def now_and_then(start: datetime, days: int, dice: random.Random) -> list[datetime]:
    """Every half to four days."""
    found = [start]
    while found[-1] < start + DAY * days:
        found.append(found[-1] + DAY * dice.uniform(0.5, 4))
    return found


class Life:
    """A source that is polled as the daemon polls it, with what is remembered of it."""

    def __init__(self, start: datetime) -> None:
        self.now = start
        self.due = DueSource(1, SOURCE, Validators(), 0.0, timedelta(minutes=15), 0)
        self.answered_at: datetime | None = None
        self.failed: Attempt | None = None
        self.first_at: datetime | None = None
        self.trouble: str | None = None
        self.conditions: list[tuple[datetime, Condition]] = []

    def live(self, published: Sequence[datetime], until: datetime, failure: Failed | None = None) -> None:
        """Polls go on until then, and bring what was published meanwhile; all of them fail if there is a `failure`."""
        waiting = sorted(at for at in published if at > self.now)
        while self.now < until:
            fresh = sum(at <= self.now for at in waiting)
            waiting = waiting[0 if failure else fresh :]
            self.poll(failure or (Listing(OLD) if fresh or not self.due.polls else NotModified()), fresh or (0 if self.due.polls else 20))
            self.conditions.append((self.now, condition(self.vitals)))
            self.now = self.next

    def poll(self, result: Listing | NotModified | Failed, fresh: int) -> None:
        failed = isinstance(result, Failed)
        check = schedule.next_check(self.due, result, 0 if failed else fresh, self.now, 0.5, LIMITS)
        record = schedule.remember(self.due, result, 0 if failed else fresh, self.now)
        self.due = replace(self.due, record=record, failures=check.failures, interval=check.interval, polls=self.due.polls + 1)
        self.next = check.at
        self.trouble = result.detail if isinstance(result, Failed) else None
        if isinstance(result, Failed) and result.kind != "offline":
            self.first_at = self.first_at or self.now
            self.failed = Attempt(self.now, result.kind, result.detail)
        elif not failed:
            self.answered_at = self.now

    @property
    def vitals(self) -> Vitals:
        due = self.due
        known = (self.answered_at, self.first_at, self.failed if self.trouble else None, self.trouble)
        return Vitals(due.source, due.polls, due.failures, due.interval, due.record, *known)

    def first(self, state: str) -> datetime | None:
        return next((at for at, found in self.conditions if found.state == state), None)


def alive(rhythm: Rhythm, start: datetime, days: int) -> tuple[Life, datetime]:
    """A source of this rhythm, polled since `start` until it published for the last time, which is when it dies."""
    published = rhythm(start, days, random.Random(days))
    life = Life(start)
    life.live(published, max(published) + HOUR)
    return life, max(published)


@pytest.mark.parametrize("rhythm", [working_hours, portal, once_a_week, now_and_then])
@pytest.mark.parametrize("weekday", range(7))
def test_nobody_is_called_silent_for_keeping_his_rhythm_whatever_day_he_was_met(rhythm: Rhythm, weekday: int) -> None:
    life, _ = alive(rhythm, MONDAY + DAY * weekday + HOUR * 9, 42)
    assert [found for _, found in life.conditions if found.state != "well"] == []


@pytest.mark.parametrize(
    ("rhythm", "within"), [(portal, DAY * 3), (working_hours, DAY * 12), (once_a_week, DAY * 35), (now_and_then, DAY * 35)]
)
def test_a_dead_source_is_found_within_a_few_of_its_own_pauses(rhythm: Rhythm, within: timedelta) -> None:
    life, died = alive(rhythm, MONDAY, 70)
    life.live([], died + DAY * 60)
    found = life.first("silent")
    assert found is not None
    assert DAY < found - died < within


def test_a_source_that_dies_in_its_first_days_is_found_within_the_week() -> None:
    life, died = alive(portal, MONDAY, 3)
    life.live([], died + DAY * 30)
    found = life.first("silent")
    assert found is not None
    assert found - died < DAY * 7


def test_a_silent_source_says_for_how_long_and_since_when() -> None:
    life, died = alive(portal, MONDAY, 70)
    life.live([], died + DAY * 7)
    found = condition(life.vitals)
    assert found.reason == "It answers, but has listed nothing new for 7 days; its longest pause of late was 8 hours"
    assert found.since is not None
    assert abs(found.since - died) < HOUR


def test_news_end_a_silence() -> None:
    life, died = alive(portal, MONDAY, 70)
    life.live([], died + DAY * 7)
    silent = condition(life.vitals)
    life.live([life.now + HOUR], life.now + DAY)
    assert (silent.state, condition(life.vitals).state) == ("silent", "well")


def test_a_source_that_hardly_ever_had_news_is_not_known_well_enough_to_be_called_silent() -> None:
    life = Life(MONDAY)
    life.live([MONDAY + DAY * day for day in range(1, 9)], MONDAY + DAY * 90)
    assert life.first("silent") is None


@pytest.mark.parametrize("asleep", [True, False])
def test_after_days_of_our_own_outage_nobody_is_silent_or_broken(asleep: bool) -> None:
    life, last = alive(portal, MONDAY, 30)
    if asleep:
        life.now += DAY * 3  # the machine was off
    else:
        life.live([], life.now + DAY * 3, OFFLINE)
    back = life.now
    life.live([back + HOUR * hour for hour in range(1, 24)], back + DAY)
    assert {found.state for _, found in life.conditions} == {"well"}
    assert back - last > DAY * 3


def test_an_outage_of_ours_is_not_added_to_failures_before_it() -> None:
    life, _ = alive(portal, MONDAY, 30)
    life.live([], life.now + HOUR * 3, Failed("refused", "one.al refused us"))
    assert life.due.failures >= 3
    life.live([], life.now + DAY * 3, OFFLINE)
    assert condition(life.vitals).state == "well"


@pytest.mark.parametrize(
    ("failed", "within"),
    [
        (Failed("http", "one.al answered 403 (Forbidden)", 403), HOUR * 13),
        (Failed("http", "one.al answered 503 (Service Unavailable)", 503), DAY * 1.5),
        (Failed("dns", "one.al has no address"), DAY * 3),
    ],
)
def test_a_source_whose_polls_fail_for_hours_is_broken_sooner_where_it_will_not_pass(failed: Failed, within: timedelta) -> None:
    life, _ = alive(portal, MONDAY, 14)
    since = life.answered_at
    life.live([], life.now + DAY * 7, failed)
    broke = life.first("broken")
    assert broke is not None
    assert since is not None
    assert HOUR * 6 < broke - since < within
    assert condition(life.vitals) == Condition("broken", failed.detail, since)


def test_a_source_that_fails_for_an_evening_is_not_broken() -> None:
    life, _ = alive(portal, MONDAY, 14)
    life.live([], life.now + HOUR * 4, Failed("http", "one.al answered 500", 500))
    life.live([], life.now + DAY)
    assert life.first("broken") is None


def test_a_source_that_never_answered_is_broken_since_it_was_first_asked() -> None:
    life = Life(MONDAY)
    life.live([], MONDAY + DAY * 3, Failed("http", "one.al answered 404 (Not Found)", 404))
    assert condition(life.vitals) == Condition("broken", "one.al answered 404 (Not Found)", MONDAY)


@pytest.mark.parametrize(
    ("outcome", "detail", "state"),
    [
        ("http", "one.al answered 410 (Gone)", "gone"),
        ("http", "one.al answered 404 (Not Found)", "well"),
        ("http", "410.al answered 404 (Not Found)", "well"),
        ("not_a_feed", "what one.al answered 410 times is no feed", "well"),
    ],
)
def test_gone_is_who_says_so_at_once(outcome: Any, detail: str, state: str) -> None:
    found = condition(vitals(failed=Attempt(NOW, outcome, detail), failures=1.0, answered_at=NOW - HOUR, trouble=detail))
    assert found.state == state
    assert found.since == (NOW - HOUR if state == "gone" else None)


def vitals(**changed: Any) -> Vitals:
    values: dict[str, Any] = {"source": SOURCE, "polls": 9, "failures": 0.0, "interval": HOUR, "record": Record(), "answered_at": NOW}
    return Vitals(**(values | changed))


BROKEN = {
    "failed": Attempt(NOW, "http", "one.al answered 500"),
    "failures": 5.0,
    "answered_at": NOW - DAY,
    "trouble": "one.al answered 500",
}
SILENT = {"record": Record(news_at=NOW - DAY * 9, arrivals=500, quiet=DAY * 9, gap=HOUR * 8)}


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, "broken"),
        ({"failures": 2.75}, "well"),
        ({"answered_at": NOW - HOUR * 6}, "well"),
        ({"interval": HOUR * 8}, "well"),
        ({"interval": HOUR * 7}, "broken"),
        ({"failed": None}, "well"),
        ({"answered_at": NOW}, "well"),
        ({"answered_at": None}, "well"),
        ({"answered_at": None, "first_at": NOW - DAY}, "broken"),
        ({"source": replace(SOURCE, enabled=False)}, "well"),
    ],
)
def test_each_sign_of_a_broken_source_is_needed(changed: dict[str, Any], state: str) -> None:
    assert condition(vitals(**(BROKEN | changed))).state == state


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, "silent"),
        ({"arrivals": 9}, "well"),
        ({"quiet": HOUR * 56}, "well"),
        ({"quiet": HOUR * 57}, "silent"),
        ({"quiet": HOUR * 120, "arrivals": 99}, "well"),
        ({"quiet": HOUR * 121, "arrivals": 99}, "silent"),
        ({"gap": DAY * 2}, "well"),
    ],
)
def test_each_sign_of_a_silent_source_is_needed(changed: dict[str, Any], state: str) -> None:
    assert condition(vitals(record=replace(SILENT["record"], **changed))).state == state


def test_a_source_that_is_silent_and_fails_now_is_silent_still() -> None:
    failing = BROKEN | {"failures": 1.0, "answered_at": NOW - HOUR}
    assert condition(vitals(**SILENT, **failing)).state == "silent"
    assert condition(vitals(**SILENT, **BROKEN)).state == "broken"


def test_who_lists_what_another_source_is_quicker_with_is_not_silent() -> None:
    silent = vitals(**SILENT)
    assert condition(beside(silent, None)).state == "silent"
    assert condition(beside(silent, NOW - DAY * 9)).state == "silent"
    assert condition(beside(silent, NOW - DAY * 8)).state == "silent"
    assert condition(beside(silent, NOW - HOUR)).state == "well"
    assert condition(beside(vitals(), NOW)).state == "well"


def test_what_was_told_is_not_told_again_and_a_new_state_is() -> None:
    assert turn(vitals()) is None
    assert turn(vitals(**BROKEN)) == Condition("broken", "one.al answered 500", NOW - DAY)
    assert turn(vitals(**BROKEN, told="broken", told_since=NOW - DAY)) is None
    told = turn(vitals(**SILENT, told="broken", told_since=NOW - DAY))
    assert told is not None
    assert told.state == "silent"


def test_who_is_well_again_is_told_with_what_it_was_and_since_when() -> None:
    assert turn(vitals(told="broken", told_since=NOW - DAY)) == Condition("well", "It can be read again; it was broken", NOW - DAY)
    assert turn(vitals(told="silent", told_since=NOW - DAY)) == Condition("well", "It lists news again; it was silent", NOW - DAY)


@pytest.mark.parametrize("changed", [{"polls": 0}, {"trouble": "one.al answered 500"}])
def test_nobody_is_well_again_before_he_was_read(changed: dict[str, Any]) -> None:
    assert turn(vitals(told="gone", **changed)) is None


def test_of_a_source_that_was_switched_off_nothing_is_pending() -> None:
    off = replace(SOURCE, enabled=False)
    assert turn(vitals(source=off)) is None
    assert turn(vitals(source=off, told="broken", told_since=NOW, trouble="one.al answered 500")) == Condition("well")
