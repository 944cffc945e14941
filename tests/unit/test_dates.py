from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.dates import parse

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]  # parts of a date


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Fri, 02 Jan 2026 10:00:00 +0200", utc(2026, 1, 2, 8)),
        ("Fri, 02 Jan 2026 10:00:00 GMT", utc(2026, 1, 2, 10)),
        ("Fri, 02 Jan 2026 10:00:00 EST", utc(2026, 1, 2, 15)),
        ("Fri, 02 Jan 2026 10:00:00 EET", utc(2026, 1, 2, 8)),
        ("Fri, 02 Jan 2026 10:00 CEST", utc(2026, 1, 2, 8)),
        ("Fri, 02 Jan 2026 10:00:00 GMT+2", utc(2026, 1, 2, 8)),
        ("2 Jan 2026 10:00:00 +0000", utc(2026, 1, 2, 10)),
        ("Fri, 2 Jan 26 10:00:00 -0000", utc(2026, 1, 2, 10)),
        ("Пет, 02 Jan 2026 10:00:00 +0100", utc(2026, 1, 2, 9)),
        ("Fri Jan 02 2026 10:00:00 GMT+0200 (EET)", utc(2026, 1, 2, 8)),
        ("  Fri,  02 Jan 2026\n 10:00:00 +0200 ", utc(2026, 1, 2, 8)),
    ],
)
def test_rfc_822_and_its_variants(value: str, expected: datetime) -> None:
    assert parse(value, NOW) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-02T10:00:00Z", utc(2026, 1, 2, 10)),
        ("2026-01-02T10:00:00+02:00", utc(2026, 1, 2, 8)),
        ("2026-01-02T10:00:00+0200", utc(2026, 1, 2, 8)),
        ("2026-01-02 10:00:00 +0100", utc(2026, 1, 2, 9)),
        ("2026-01-02T10:00:00.1234567+02:00", utc(2026, 1, 2, 8, 0, 0, 123456)),
        ("2026-01-02T10:00", utc(2026, 1, 2, 10)),
        ("2026-01-02", utc(2026, 1, 2)),
        ("2026-01-02T9:05:00Z", utc(2026, 1, 2, 9, 5)),
        ("2026-01-02T10:00:00+02:00[Europe/Tirane]", utc(2026, 1, 2, 8)),
    ],
)
def test_iso_8601_and_its_variants(value: str, expected: datetime) -> None:
    assert parse(value, NOW) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("02.01.2026 10:00", utc(2026, 1, 2, 10)),
        ("2.1.2026. 9:05", utc(2026, 1, 2, 9, 5)),
        ("25/12/2023", utc(2023, 12, 25)),
        ("25/12/2023 - 18:30", utc(2023, 12, 25, 18, 30)),
        ("2020/1/10", utc(2020, 1, 10)),
        ("1700000000", utc(2023, 11, 14, 22, 13, 20)),
        ("1700000000000", utc(2023, 11, 14, 22, 13, 20)),
    ],
)
def test_numbers_only(value: str, expected: datetime) -> None:
    assert parse(value, NOW) == expected


@pytest.mark.parametrize("value", ["2026-11-22T12:00:01Z", "2027-05-01", "Mon, 01 Jan 2035 00:00:00 GMT"])
def test_the_future_is_now(value: str) -> None:
    assert parse(value, NOW) == NOW


@pytest.mark.parametrize("value", [None, "", "   ", "rubbish", "1970-01-01T00:00:00Z", "1994-12-31", "31.02.2026", "2026-13-40", "x" * 500])
def test_the_unreadable_and_the_impossible_are_nothing(value: str | None) -> None:
    assert parse(value, NOW) is None


@given(st.text(max_size=100) | st.from_regex(r"[\d.:/+ TZ-]{1,40}", fullmatch=True))
def test_whatever_comes_in_is_an_instant_of_the_past_or_nothing(value: str) -> None:
    found = parse(value, NOW)
    assert found is None or (found.tzinfo is UTC and utc(1995, 1, 1) <= found <= NOW)
