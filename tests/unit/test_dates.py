import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import pytest
from babel.dates import format_date, format_timedelta
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


OURS = ("sq", "hr", "bs", "sr_Latn", "sr", "mk", "bg", "sl", "ro", "el", "tr", "en", "de", "it")


@pytest.mark.parametrize("locale", OURS)
@pytest.mark.parametrize("width", ["full", "long"])
def test_every_day_of_a_year_is_read_as_its_language_writes_it(locale: str, width: str) -> None:
    days = [date(2025, 1, 1) + timedelta(days=count) for count in range(0, 365, 6)]
    lang = locale.replace("_", "-")
    assert [day for day in days if parse(format_date(day, width, locale), NOW, lang) != utc(day.year, day.month, day.day)] == []


@pytest.mark.parametrize("locale", OURS)
@pytest.mark.parametrize("form", ["d MMM y", "d LLL y", "d. LLLL y.", "EEE, d MMM y", "MMMM d, y"])
def test_every_month_is_read_in_each_of_its_forms(locale: str, form: str) -> None:
    days = [date(2025, month, 17) for month in range(1, 13)]
    written = [format_date(day, form, locale).upper() for day in days]
    assert [parse(text, NOW, locale.replace("_", "-")) for text in written] == [utc(day.year, day.month, 17) for day in days]


@pytest.mark.parametrize("locale", OURS)
@pytest.mark.parametrize("width", ["long", "short", "narrow"])
def test_how_long_ago_is_read_in_every_language(locale: str, width: Literal["long", "short", "narrow"]) -> None:
    for ago in (timedelta(minutes=1), timedelta(minutes=7), timedelta(hours=2), timedelta(hours=22), timedelta(days=3)):
        written = format_timedelta(-ago, "second", threshold=30, add_direction=True, locale=locale, format=width)
        assert parse(written, NOW, locale.replace("_", "-")) == NOW - ago, written


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Δευτέρα, 11 Μαΐου 2020", utc(2020, 5, 11)),
        ("ΔΕΥΤΕΡΑ 11 ΜΑΪΟΥ 2020, 2:05 μ.μ.", utc(2020, 5, 11, 14, 5)),
        ("18. februar", utc(2026, 2, 18)),
        ("18 dhjetor", utc(2025, 12, 18)),
        ("23. november", NOW),
        ("24. november", utc(2025, 11, 24)),
        ("29 februar", utc(2024, 2, 29)),
        ("10 Mars 2026", utc(2026, 3, 10)),
        ("понеделник, 3 март 2025 г.", utc(2025, 3, 3)),
        ("Пон, 11 мај 2020 14:05:00 +0200", utc(2020, 5, 11, 12, 5)),
        ("Пон, 11 мај 2020 14:05:00 GMT+2", utc(2020, 5, 11, 12, 5)),
        ("11 Mayıs 2020 Pazartesi, 14:05", utc(2020, 5, 11, 14, 5)),
        ("11. septembra 2025. u 14.05 h", utc(2025, 9, 11, 14, 5)),
        ("mar. 3 mar. 2020", utc(2020, 3, 3)),
        ("11th May 2020, 12:05 AM", utc(2020, 5, 11, 0, 5)),
        ("May 11, 2020 2:05 pm", utc(2020, 5, 11, 14, 5)),
        ("Publikuar më: 11.05.2020 në orën 14:05", utc(2020, 5, 11, 14, 5)),
        ("Понеделник, 11.05.2020 г.", utc(2020, 5, 11)),
        ("14:05 | 11.05.2020", utc(2020, 5, 11, 14, 5)),
        ("para 2 orësh", utc(2026, 11, 22, 10)),
        ("Objavljeno prije 3 sata", utc(2026, 11, 22, 9)),
        ("prije sat vremena", utc(2026, 11, 22, 11)),
        ("πριν από 2 ώρες", utc(2026, 11, 22, 10)),
        ("πριν 2 ώρες", utc(2026, 11, 22, 10)),
        ("acum 5 minute", utc(2026, 11, 22, 11, 55)),
        ("преди 1 час", utc(2026, 11, 22, 11)),
        ("acum 0 minute", NOW),
        ("dün 14:05", utc(2026, 11, 21, 14, 5)),
        ("juče u 14:05", utc(2026, 11, 21, 14, 5)),
        ("sot, 09:30", utc(2026, 11, 22, 9, 30)),
        ("sot, 19:30", NOW),
    ],
)
def test_the_words_of_the_press_need_no_language_where_they_have_one_meaning(value: str, expected: datetime) -> None:
    assert parse(value, NOW) == expected


@pytest.mark.parametrize(
    ("lang", "expected"),
    [("hr", utc(2025, 10, 30)), ("bs", utc(2025, 10, 30)), ("mk", utc(2025, 10, 30)), ("pl", utc(2025, 11, 30)), (None, None)],
)
def test_a_word_that_means_two_months_is_read_in_the_language_of_its_source_or_not_at_all(
    lang: str | None, expected: datetime | None
) -> None:
    assert parse("30 listopada 2025", NOW, lang) == expected
    assert parse("30. lis. 2025.", NOW, lang if lang != "pl" else "hr") == (expected and utc(2025, 10, 30))


@pytest.mark.parametrize(
    "value",
    [
        "Kuvendi 11 maj 2020",
        "5 maj 2020 - 6 maj 2020",
        "11 maj 2020 14:05 15:06",
        "nëntor 2020",
        "31. november 2025",
        "maj",
        "3 maj qershor 2020",
        "11 12 maj 2020",
        "11 maj 20200",
        "3 ore",
        "prije 3 4 sata",
        "prije 99999999999999999999 sati",
        "dün bugün",
        "dün 25:61",
        "11 maj 0000",
        "٣ maj ٢٠٢٠x",
    ],
)
@pytest.mark.parametrize("lang", [None, "sq", "xx", ""])
def test_what_is_not_wholly_understood_is_no_date(value: str, lang: str | None) -> None:
    assert parse(value, NOW, lang) is None


def test_the_words_are_loaded_only_when_a_date_has_some() -> None:
    program = (
        "import sys; from datetime import UTC, datetime; from monitor.text.dates import parse; now = datetime.now(UTC);"
        "assert parse('2 Jan 2026 10:00:00 +0000', now); assert 'babel' not in sys.modules;"
        "assert parse('2 janar 2020', now); assert 'babel' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


PIECES = "11 3 2020 99 maj mar prije {0} 14:05 9.30 dün sot ago pm am 1.2.2020 +0200 - . e"


@given(st.lists(st.sampled_from(PIECES.split()), max_size=7))
def test_words_in_any_order_are_an_instant_of_the_past_or_nothing(words: list[str]) -> None:
    found = parse(" ".join(words), NOW)
    assert found is None or (found.tzinfo is UTC and utc(1995, 1, 1) <= found <= NOW)
