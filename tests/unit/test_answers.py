from datetime import UTC, datetime, timedelta

import pytest

from monitor.collect.answers import failure, retry_after, validators
from monitor.model import Validators

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "pause"),
    [
        ("120", timedelta(minutes=2)),
        ("0", timedelta(0)),
        (" 60 ", timedelta(minutes=1)),
        ("999999999999999999999", timedelta(hours=24)),
        ("Sun, 22 Nov 2026 12:30:00 GMT", timedelta(minutes=30)),
        ("Sun, 22 Nov 2026 11:00:00 GMT", timedelta(0)),
        ("Sun, 22 Nov 2099 11:00:00 GMT", timedelta(hours=24)),
        ("Sun, 22 Nov 2026 12:30:00", None),
        ("-5", None),
        ("soon", None),
        ("٣", None),
        ("", None),
    ],
)
def test_retry_after_is_read_and_capped_at_a_day(value: str, pause: timedelta | None) -> None:
    assert retry_after({"retry-after": value}, NOW) == pause


def test_an_ordinary_answer_is_no_failure() -> None:
    assert failure("albeu.com", 200, {}, b"<html>Just a moment of news</html>", NOW) is None


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(404, "albeu.com answered 404 Not Found"), (503, "albeu.com answered 503 Service Unavailable"), (299, "albeu.com answered 299")],
)
def test_other_answers_are_named(status: int, sentence: str) -> None:
    failed = failure("albeu.com", status, {"retry-after": "60"}, b"", NOW)
    assert failed
    assert (failed.kind, failed.detail, failed.status, failed.retry_after) == ("http", sentence, status, timedelta(minutes=1))


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (403, {"cf-mitigated": "challenge"}, b""),
        (503, {}, b"<html><head><title>Just a moment...</title>"),
        (200, {}, b"<script>window._cf_chl_opt={}</script>"),
        (200, {}, b"<iframe src='/_Incapsula_Resource?x=1'>"),
        (403, {}, b"<script src='https://geo.captcha-delivery.com/captcha/'>"),
    ],
)
def test_a_challenge_is_named(status: int, headers: dict[str, str], body: bytes) -> None:
    failed = failure("albeu.com", status, headers, body, NOW)
    assert failed
    assert failed.kind == "challenge"
    assert "albeu.com asks to prove" in failed.detail


def test_a_long_article_that_embeds_a_guards_script_is_no_challenge() -> None:
    body = b"/cdn-cgi/challenge-platform/" + b"<p>text</p>" * 10_000
    assert failure("albeu.com", 200, {}, body, NOW) is None


def test_validators_are_taken_together_and_only_if_they_can_be_sent_back() -> None:
    headers = {"etag": '"abc"', "last-modified": "Sun, 22 Nov 2026 12:00:00 GMT"}
    assert validators(headers, "hash") == Validators('"abc"', "Sun, 22 Nov 2026 12:00:00 GMT", "hash")
    assert validators({"etag": "ë", "last-modified": "x" * 600}, "hash") == Validators(None, None, "hash")
