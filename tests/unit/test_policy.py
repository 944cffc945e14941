"""Who hears what, and when a failure is tried again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.policy import deciding_sentence, deliveries, next_attempt, notices
from monitor.model import Alert, Change, Decided, Reason, Retry
from monitor.settings import Alerts
from tests.unit.alerting import AIRLINE, NOW, PARLIAMENT, article, concerned, notice, placement, report, subscriber

OPENED = Change("opened")
MAX_AGE = timedelta(days=14)
LIMITS = Alerts(attempts=5, first_retry=timedelta(minutes=1), maximum_retry=timedelta(hours=2))


def kinds(placed: Any, *subscribers: Any) -> list[tuple[str, str]]:
    owed = deliveries(placed, article(), subscribers, NOW, MAX_AGE)
    return [(delivery.subscriber, delivery.kind) for delivery in owed]


def test_an_opened_story_is_told_to_each_subscriber_once_and_says_how_it_stands() -> None:
    owed = deliveries(placement(OPENED), article(), [subscriber("a"), subscriber("b", channel="console")], NOW, MAX_AGE)
    assert [(delivery.subscriber, delivery.channel, delivery.attempts) for delivery in owed] == [("a", "email", 0), ("b", "console", 0)]
    told = owed[0].alert
    assert isinstance(told, Alert)
    assert (told.story_key, told.headline, told.status) == (
        "3fa9c1d2e0",
        "Parliament of Albania: data wiped, claimed by Homeland Justice",
        "claimed",
    )
    assert (told.victims, told.attacks, told.actors) == (("Parliament of Albania",), ("wiper",), ("Homeland Justice",))
    assert (told.title, told.url, told.lang, told.score, told.at) == (article().title, article().url, "sq", 0.9, report().at)


def test_other_changes_of_the_opening_report_are_not_told_beside_it() -> None:
    placed = placement(OPENED, Change("actor_named", "Homeland Justice"), Change("data_leaked"))
    assert kinds(placed, subscriber("all")) == [("all", "opened")]
    assert kinds(placed, subscriber("leaks", changes=("data_leaked",))) == [("leaks", "data_leaked")]


def test_later_changes_are_told_one_by_one_to_those_who_want_them() -> None:
    placed = placement(Change("victim_added", "Air Albania"), Change("confirmed"))
    assert kinds(placed, subscriber("all"), subscriber("few", changes=("confirmed", "denied"))) == [
        ("all", "victim_added"),
        ("all", "confirmed"),
        ("few", "confirmed"),
    ]


def test_a_report_that_changed_nothing_is_told_to_nobody() -> None:
    assert kinds(placement(), subscriber()) == []


@pytest.mark.parametrize(
    ("filters", "hears"),
    [
        ({"countries": ("XK", "AL")}, True),
        ({"countries": ("XK",)}, False),
        ({"sectors": ("airline",)}, True),
        ({"sectors": ("bank",)}, False),
        ({"attacks": ("wiper", "ddos")}, True),
        ({"attacks": ("ddos",)}, False),
        ({"minimum_score": 0.9}, True),
        ({"minimum_score": 0.95}, False),
        ({"countries": ("AL",), "sectors": ("airline",), "attacks": ("ddos",)}, False),
    ],
)
def test_every_filter_must_pass_and_an_empty_one_passes_all(filters: dict[str, Any], hears: bool) -> None:
    assert bool(kinds(placement(OPENED, victims=(PARLIAMENT, AIRLINE)), subscriber(**filters))) is hears


def test_the_score_of_a_story_is_that_of_its_best_report() -> None:
    placed = placement(Change("confirmed"), placed=report("b2", score=0.5), others=(report(score=0.95),))
    assert kinds(placed, subscriber(minimum_score=0.9)) == [("soc", "confirmed")]


def test_an_old_report_is_told_to_nobody() -> None:
    assert kinds(placement(OPENED, placed=report(at=NOW - MAX_AGE - timedelta(seconds=1))), subscriber()) == []
    assert kinds(placement(OPENED, placed=report(at=NOW - MAX_AGE)), subscriber()) == [("soc", "opened")]


@pytest.mark.parametrize(
    ("decided", "hears"),
    [
        (Decided(muted=True), False),
        (Decided("rejected"), False),
        (Decided("confirmed", muted=True), False),
        (Decided("confirmed"), True),
        (Decided(gathers=True), True),
    ],
)
def test_a_story_that_a_person_muted_or_rejected_is_told_to_nobody(decided: Decided, hears: bool) -> None:
    assert bool(kinds(placement(OPENED, decided=decided), subscriber())) is hears
    assert bool(kinds(placement(Change("confirmed"), decided=decided), subscriber())) is hears


def test_copies_do_not_count_as_reports() -> None:
    placed = placement(Change("confirmed"), placed=report("c3"), others=(report("a1"), report("b2", copy_of="a1")))
    (owed,) = deliveries(placed, article(), [subscriber()], NOW, MAX_AGE)
    assert isinstance(owed.alert, Alert)
    assert owed.alert.reports == 2


def test_an_id_is_the_same_whenever_it_is_made_and_different_for_everything_else() -> None:
    def id_of(placed: Any, **changed: Any) -> str:
        (owed,) = deliveries(placed, article(), [subscriber(**changed)], NOW, MAX_AGE)
        return owed.id

    base = placement(Change("victim_added", "Air Albania"))
    later = replace(base, report=report("z9", at=NOW), doubtful=True)
    assert id_of(base) == id_of(later) == "097ee21d-2cfc-51b3-94db-011df5f60b20"
    others = {
        id_of(base),
        id_of(base, name="other"),
        id_of(base, channel="webhook"),
        id_of(placement(Change("victim_added", "One Albania"))),
        id_of(placement(Change("actor_named", "Air Albania"))),
        id_of(placement(Change("victim_added", "Air Albania"), key="ffffffffff")),
    }
    assert len(others) == 6


TEXT = """Tiranë, 26 dhjetor. Zyra e Dr. A. Hoxhës njoftoi më 25. dhjetor lajmin. Sistemi i të dhënave u godit nga një sulm kibernetik!
Homeland Justice e mori përsipër
Punonjësit u kthyen në shtëpi."""


def told_by(*words: tuple[str, float], zone: Any = "body", text: str = TEXT) -> str:
    reasons = tuple(Reason("attack", word, word, zone, text.index(word), text.index(word) + len(word), weight) for word, weight in words)
    return deciding_sentence(placement(OPENED, placed=report(reasons=reasons)), article(text))


def test_the_deciding_sentence_is_the_one_with_most_of_the_score() -> None:
    assert told_by(("Homeland", 1.0), ("Sistemi", 0.8), ("godit", 0.6)) == "Sistemi i të dhënave u godit nga një sulm kibernetik!"
    assert told_by(("Homeland", 1.0), ("shtëpi", 1.0)) == "Homeland Justice e mori përsipër"
    assert told_by(("lajmin", 2.0)) == "Zyra e Dr. A. Hoxhës njoftoi më 25. dhjetor lajmin."
    assert told_by(("shtëpi", 2.0), ("Homeland", -5.0)) == "Punonjësit u kthyen në shtëpi."


def test_evidence_in_the_title_or_against_it_decides_no_sentence() -> None:
    assert told_by(("Sistemi", 3.0), zone="title") == ""
    assert told_by(("Sistemi", -3.0)) == ""
    assert told_by() == ""


def test_a_sentence_without_end_is_shortened_at_a_word() -> None:
    sentence = told_by(("Sulm", 1.0), text="Sulm " + "fjala " * 1000)
    assert len(sentence) <= 302
    assert sentence.endswith("fjala …")


def test_pauses_double_up_to_the_longest() -> None:
    pauses = [
        next_attempt(attempts, Retry("down"), NOW, 1.0, LIMITS.model_copy(update={"attempts": 50})) for attempts in (1, 2, 3, 7, 8, 49)
    ]
    assert [int((at - NOW).total_seconds() // 60) for at in pauses if at] == [1, 2, 4, 64, 120, 120]


def test_jitter_spreads_the_pause_over_its_upper_half() -> None:
    low, high = (next_attempt(3, Retry("down"), NOW, jitter, LIMITS) for jitter in (0.0, 1.0))
    assert (low, high) == (NOW + timedelta(minutes=2), NOW + timedelta(minutes=4))


def test_what_the_receiver_asks_for_counts_within_limits() -> None:
    def pause(after: timedelta) -> timedelta:
        at = next_attempt(1, Retry("busy", after), NOW, 0.5, LIMITS)
        assert at is not None
        waits: timedelta = at - NOW
        return waits

    assert pause(timedelta(minutes=30)) == timedelta(minutes=30)
    assert pause(timedelta(seconds=1)) == timedelta(minutes=1)
    assert pause(timedelta(days=400)) == timedelta(hours=2)


def test_after_the_last_attempt_there_is_none() -> None:
    assert next_attempt(4, Retry("down"), NOW, 0.5, LIMITS) is not None
    assert next_attempt(5, Retry("down", timedelta(minutes=1)), NOW, 0.5, LIMITS) is None


@given(
    attempts=st.integers(0, 49),
    jitter=st.floats(0, 1),
    first=st.integers(1, 86_400),
    longest=st.integers(1, 864_000),
    after=st.none() | st.integers(0, 10**9),
)
def test_a_pause_never_leaves_its_limits(attempts: int, jitter: float, first: int, longest: int, after: int | None) -> None:
    limits = Alerts(attempts=50, first_retry=timedelta(seconds=first), maximum_retry=timedelta(seconds=longest))
    at = next_attempt(attempts, Retry("down", None if after is None else timedelta(seconds=after)), NOW, jitter, limits)
    assert at is not None
    assert timedelta(seconds=min(first, longest)) <= at - NOW <= timedelta(seconds=longest)


BOTH = ("stories", "operation")


def test_notices_go_to_those_who_hear_of_the_operation_whatever_stories_they_hear_of() -> None:
    told = notice(concerned(1), concerned(2))
    listening = [
        subscriber("news"),
        subscriber("admin", hears=("operation",)),
        subscriber("both", channel="console", hears=BOTH, countries=("GR",), minimum_score=1.0),
    ]
    owed = notices(told, ["None"] * 2, listening)
    assert [(each.subscriber, each.channel, each.alert, each.attempts) for each in owed] == [
        ("admin", "email", told, 0),
        ("both", "console", told, 0),
    ]
    assert [(each.kind, each.story, each.detail) for each in owed] == [("source_broken", None, "")] * 2


def test_who_hears_of_the_operation_only_hears_of_no_story() -> None:
    assert kinds(placement(OPENED), subscriber("admin", hears=("operation",)), subscriber("both", hears=BOTH)) == [("both", "opened")]


def test_a_notice_has_one_id_for_each_reader_and_occasion() -> None:
    def id_of(told: Any, before: str = "None", **changed: Any) -> str:
        (owed,) = notices(told, [before] * len(told.sources), [subscriber(**{"hears": BOTH, **changed})])
        return owed.id

    told = notice(concerned(1))
    later = replace(told, at=NOW + timedelta(hours=1), sources=(concerned(1, reason="another"),))
    assert id_of(told) == id_of(later)
    others = [
        id_of(notice(concerned(1), kind="source_healed")),
        id_of(notice(concerned(2))),
        id_of(notice(concerned(1), concerned(2))),
        id_of(notice(concerned(1, since=NOW))),
        id_of(told, before="silent"),
        id_of(told, name="b"),
        id_of(told, channel="console"),
    ]
    assert len({id_of(told), *others}) == 8
