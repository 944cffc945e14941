from datetime import UTC, datetime, timedelta

import pytest

from monitor.collect.schedule import address, believable, conditions, next_check, remember, retry_page
from monitor.model import DueSource, Entry, Failed, FailureKind, Listing, NotModified, Record, Source, Validators
from monitor.settings import Collect

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LIMITS = Collect()
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SOURCE = Source("al.albeu", "Albeu", "https://albeu.com/feed/")
UNCHANGED = NotModified()
VALIDATORS = Validators('"v1"', "Fri, 01 Mar 2024 12:00:00 GMT", "hash")
DAY = timedelta(days=1)


def due(interval: timedelta = HOUR, failures: float = 0.0, polls: int = 10, record: Record = Record()) -> DueSource:  # noqa: B008 - frozen
    return DueSource(1, SOURCE, VALIDATORS, failures, interval, polls, record)


def listing(count: int, ttl: timedelta | None = None) -> Listing:
    return Listing(tuple(Entry(str(n), f"https://albeu.com/{n}", "") for n in range(count)), ttl)


def test_the_first_poll_sets_the_shortest_interval() -> None:
    check = next_check(due(HOUR, polls=0), listing(30), 30, NOW, 0.0, LIMITS)
    assert (check.interval, check.at) == (LIMITS.minimum_interval, NOW + LIMITS.minimum_interval)


def test_news_shortens_the_interval() -> None:
    assert next_check(due(), listing(30), 1, NOW, 0.0, LIMITS).interval == 30 * MINUTE


def test_nothing_new_lengthens_it_a_little() -> None:
    assert next_check(due(), listing(30), 0, NOW, 0.0, LIMITS).interval == 66 * MINUTE
    assert next_check(due(), UNCHANGED, 0, NOW, 0.0, LIMITS).interval == 66 * MINUTE


def test_a_list_more_than_a_third_new_is_polled_as_often_as_allowed() -> None:
    assert next_check(due(), listing(30), 11, NOW, 0.0, LIMITS).interval == LIMITS.minimum_interval


def test_the_interval_stays_within_the_limits() -> None:
    assert next_check(due(timedelta(0)), listing(30), 1, NOW, 0.0, LIMITS).interval == LIMITS.minimum_interval
    assert next_check(due(timedelta(days=30)), UNCHANGED, 0, NOW, 0.0, LIMITS).interval == LIMITS.maximum_interval


def test_a_source_of_one_article_an_hour_is_found_within_minutes() -> None:
    now, interval, last, waits = NOW, LIMITS.minimum_interval, NOW, []
    while now < NOW + timedelta(days=3):
        fresh = int((now - NOW) / HOUR) - int((last - NOW) / HOUR)
        waits += [now - (NOW + HOUR * int((now - NOW) / HOUR))] * bool(fresh)
        check = next_check(due(interval), listing(30), fresh, now, 0.0, LIMITS)
        now, interval, last = check.at, check.interval, now
    assert sorted(waits)[len(waits) // 2] < 8 * MINUTE


def test_a_night_of_silence_does_not_cost_the_morning() -> None:
    now, interval = NOW, LIMITS.minimum_interval
    while now < NOW + 8 * HOUR:
        check = next_check(due(interval), UNCHANGED, 0, now, 0.0, LIMITS)
        now, interval = check.at, check.interval
    assert interval < HOUR


@pytest.mark.parametrize(("ttl", "interval"), [(20, 20), (1, 5), (600, 60)])
def test_the_publishers_ttl_counts_within_limits(ttl: int, interval: int) -> None:
    assert next_check(due(5 * MINUTE), listing(30, ttl * MINUTE), 1, NOW, 0.0, LIMITS).interval == interval * MINUTE


def test_jitter_only_ever_adds() -> None:
    at = [next_check(due(), UNCHANGED, 0, NOW, jitter, LIMITS).at for jitter in (0.0, 0.5, 1.0)]
    assert at[0] < at[1] < at[2] <= NOW + 66 * MINUTE * 1.1


@pytest.mark.parametrize(
    ("kind", "status", "weight"),
    [
        ("http", 403, 1.0),
        ("http", 410, 1.0),
        ("http", 404, 0.5),
        ("http", 429, 0.5),
        ("http", 503, 0.5),
        ("timeout", None, 0.5),
        ("tls", None, 0.5),
        ("not_a_feed", 200, 0.5),
        ("dns", None, 0.25),
        ("challenge", 403, 1.0),
        ("refused", None, 1.0),
    ],
)
def test_failures_weigh_by_how_likely_they_pass(kind: FailureKind, status: int | None, weight: float) -> None:
    assert next_check(due(failures=2.0), Failed(kind, "", status), 0, NOW, 0.0, LIMITS).failures == 2.0 + weight


def test_repeated_failure_backs_off_to_the_longest_interval_and_never_further() -> None:
    source, pauses = due(5 * MINUTE), []
    for _ in range(2000):
        check = next_check(source, Failed("timeout", ""), 0, NOW, 1.0, LIMITS)
        source = due(5 * MINUTE, check.failures)
        pauses.append(check.at - NOW)
    assert pauses == sorted(pauses)
    assert pauses[0] < 10 * MINUTE
    assert pauses[-1] == LIMITS.maximum_interval * 1.1


def test_success_forgets_the_failures_and_keeps_the_rhythm() -> None:
    failed = next_check(due(20 * MINUTE, failures=3.0), Failed("connect", ""), 0, NOW, 0.0, LIMITS)
    assert failed.interval == 20 * MINUTE
    assert next_check(due(failed.interval, failed.failures), UNCHANGED, 0, NOW, 0.0, LIMITS).failures == 0.0


@pytest.mark.parametrize(("asked", "pause"), [(6 * HOUR, 6 * HOUR), (timedelta(days=9), 24 * HOUR), (timedelta(seconds=1), None)])
def test_retry_after_is_honoured_up_to_a_day(asked: timedelta, pause: timedelta | None) -> None:
    check = next_check(due(5 * MINUTE), Failed("http", "", 429, asked), 0, NOW, 0.0, LIMITS)
    assert check.at - NOW == (pause or 5 * MINUTE * 2**0.5)


def test_a_page_is_tried_again_with_growing_pauses_until_the_attempts_are_used_up() -> None:
    times = [retry_page(attempts, Failed("timeout", ""), NOW, 0.0, LIMITS) for attempts in range(LIMITS.attempts)]
    assert times == [NOW + 10 * MINUTE, NOW + 20 * MINUTE, NOW + 40 * MINUTE, NOW + 80 * MINUTE, None]


@pytest.mark.parametrize("failed", [Failed("http", "", status) for status in (401, 410, 451)])
def test_a_page_that_is_refused_or_gone_is_judged_by_its_entry_at_once(failed: Failed) -> None:
    assert retry_page(0, failed, NOW, 0.0, LIMITS) is None


def test_a_page_that_is_not_there_is_looked_for_once_more() -> None:
    missing = Failed("http", "", 404)
    assert [retry_page(attempts, missing, NOW, 0.0, LIMITS) for attempts in (0, 1)] == [NOW + 10 * MINUTE, None]


@pytest.mark.parametrize("kind", ["robots", "refused", "too_large"])
def test_a_page_we_may_not_or_cannot_take_is_judged_by_its_entry_at_once(kind: FailureKind) -> None:
    assert retry_page(0, Failed(kind, ""), NOW, 0.0, LIMITS) is None


@pytest.mark.parametrize("status", [429, 500, 503, 408])
def test_a_page_of_a_busy_server_is_tried_again(status: int) -> None:
    assert retry_page(0, Failed("http", "", status), NOW, 0.0, LIMITS) == NOW + 10 * MINUTE


@pytest.mark.parametrize("failed", [Failed("challenge", "", 403), Failed("http", "", 403), Failed("challenge", "", 200)])
def test_a_page_behind_a_guard_is_tried_again_later(failed: Failed) -> None:
    assert retry_page(0, failed, NOW, 0.0, LIMITS) == NOW + 10 * MINUTE


def test_a_page_waits_as_long_as_the_server_asked() -> None:
    assert retry_page(0, Failed("http", "", 503, 2 * HOUR), NOW, 0.0, LIMITS) == NOW + 2 * HOUR


def test_our_own_network_counts_against_nobody() -> None:
    check = next_check(due(HOUR, failures=1.5), Failed("offline", ""), 0, NOW, 0.0, LIMITS)
    assert (check.failures, check.interval, check.at) == (1.5, HOUR, NOW + MINUTE)


def test_what_is_gone_is_looked_for_once_a_week() -> None:
    assert next_check(due(), Failed("http", "", 410), 0, NOW, 0.0, LIMITS).at == NOW + 7 * DAY


def test_what_its_sender_calls_fresh_is_not_asked_for_before() -> None:
    assert next_check(due(5 * MINUTE), NotModified(fresh_for=20 * MINUTE), 0, NOW, 0.0, LIMITS).interval == 20 * MINUTE
    assert next_check(due(5 * MINUTE), NotModified(fresh_for=DAY), 0, NOW, 0.0, LIMITS).interval == HOUR


def test_validators_are_asked_with_until_the_list_was_not_read_for_a_day() -> None:
    assert conditions(due(record=Record(read_at=NOW - 23 * HOUR)), NOW, LIMITS) == VALIDATORS
    assert conditions(due(record=Record(read_at=NOW - 24 * HOUR)), NOW, LIMITS) == Validators(body_hash="hash")
    assert conditions(due(record=Record()), NOW, LIMITS) == Validators(body_hash="hash")


def test_a_server_that_was_found_lying_is_asked_in_full_for_ever() -> None:
    assert conditions(due(record=Record(read_at=NOW, believed=False)), NOW, LIMITS) == Validators(body_hash="hash")


@pytest.mark.parametrize(
    ("asked", "given", "fresh", "believed"),
    [
        (Validators(body_hash="hash"), VALIDATORS, 1, False),
        (Validators(body_hash="hash"), VALIDATORS, 0, True),  # the list changed, by an advertisement perhaps, but brought no news
        (Validators(body_hash="hash"), Validators('"v2"', None, "new"), 1, True),
        (VALIDATORS, Validators('"v1"', "Fri, 01 Mar 2024 12:00:00 GMT", "new"), 1, True),  # it was asked, and said that it had changed
    ],
)
def test_news_under_the_old_validators_is_a_lie(asked: Validators, given: Validators, fresh: int, believed: bool) -> None:
    assert believable(due(), asked, given, fresh) is believed


def test_a_lie_is_not_forgotten() -> None:
    assert not believable(due(record=Record(believed=False)), VALIDATORS, Validators('"v2"'), 0)


NEW = "https://new.albeu.com/feed/"


def moving(days: float, polls: int) -> Record:
    """What is known after so many polls, evenly over these days, all sent on for good."""
    source, now = due(), NOW
    for number in range(polls):
        now = NOW + timedelta(days=days) * number / max(polls - 1, 1)
        source = due(record=remember(source, UNCHANGED, 0, now, NEW))
    return source.record


def test_a_redirect_for_good_is_believed_after_five_polls_over_a_day() -> None:
    assert address(due(record=moving(days=1, polls=5)), NOW + DAY) == NEW
    assert address(due(record=moving(days=0.5, polls=50)), NOW + DAY / 2) == SOURCE.url
    assert address(due(record=moving(days=3, polls=4)), NOW + 3 * DAY) == SOURCE.url


def test_a_redirect_that_ends_or_leads_elsewhere_is_forgotten() -> None:
    early = moving(days=2, polls=4)
    assert remember(due(record=early), UNCHANGED, 0, NOW, None).moves == 0
    assert remember(due(record=early), UNCHANGED, 0, NOW, "https://other.al/feed").moves == 1


def test_at_the_new_address_no_redirect_is_needed_to_stay_there() -> None:
    record = remember(due(record=moving(days=1, polls=5)), UNCHANGED, 0, NOW + 2 * DAY, None)
    assert address(due(record=record), NOW + 2 * DAY) == NEW


def test_when_the_new_address_fails_the_configured_one_is_asked_again() -> None:
    moved = due(record=moving(days=1, polls=5))
    assert address(due(record=remember(moved, Failed("offline", ""), 0, NOW + 2 * DAY)), NOW + 2 * DAY) == NEW
    assert address(due(record=remember(moved, Failed("http", "", 404), 0, NOW + 2 * DAY)), NOW + 2 * DAY) == SOURCE.url


def test_quiet_grows_while_it_can_be_read_and_ends_with_news() -> None:
    record = Record(checked_at=NOW, quiet=HOUR, gap=2 * HOUR)
    later = remember(due(record=record), UNCHANGED, 0, NOW + HOUR)
    assert (later.quiet, later.gap, later.news_at) == (2 * HOUR, 2 * HOUR, None)
    news = remember(due(record=later), listing(3), 1, NOW + 3 * HOUR)
    assert (news.quiet, news.gap, news.news_at, news.arrivals) == (timedelta(0), 4 * HOUR, NOW + 3 * HOUR, 1)


def test_time_in_which_we_were_not_there_is_no_quiet() -> None:
    record = Record(checked_at=NOW)
    assert remember(due(HOUR, record=record), UNCHANGED, 0, NOW + 3 * DAY).quiet == 2 * HOUR


def test_while_it_fails_nothing_is_known_of_its_quiet() -> None:
    failed = remember(due(record=Record(checked_at=NOW, quiet=HOUR)), Failed("timeout", ""), 0, NOW + HOUR)
    assert (failed.quiet, failed.checked_at) == (HOUR, NOW + HOUR)


def test_a_long_quiet_is_forgotten_by_halves() -> None:
    record = Record(checked_at=NOW, quiet=timedelta(0), gap=8 * DAY)
    source = due(7 * DAY, record=record)
    assert remember(source, listing(3), 1, NOW + 7 * DAY).gap == max(7 * DAY, 8 * DAY * 0.5**0.5)
