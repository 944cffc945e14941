"""Dates as feeds, sitemaps and pages write them: in numbers, in the English of RFC 822, or in the words of a language."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_OLDEST = datetime(1995, 1, 1, tzinfo=UTC)
# Hours east of Greenwich; the standard library knows only the American names of RFC 822 and takes all others for UTC.
_ZONES = {"Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "TRT": 3}
_ZONE = re.compile(r"(?<=[\d\s])(" + "|".join(sorted(_ZONES, key=len, reverse=True)) + r")$")
_WEEKDAY = re.compile(r"^[^\W\d]+\.?\s*,\s*")
_NOTE = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\])$")
_SPACED_OFFSET = re.compile(r"\s+([+-]\d\d:?\d\d)$")
_GMT_OFFSET = re.compile(r"(?:GMT|UTC)\s?([+-]\d\d?)(?::?(\d\d))?$")
_FRACTION = re.compile(r"([.,]\d{1,6})\d*")
_YEAR_FIRST = re.compile(r"^(\d{4})[./](\d{1,2})[./](\d{1,2})\b\.?")
_DAY_FIRST = re.compile(r"^(\d{1,2})[./-]\s?(\d{1,2})[./-]\s?(\d{4})\b\.?(?:\s*,|\s+-)?")
_HOUR_ONE_DIGIT = re.compile(r"(?<=[\sT])(\d)(?=:\d\d)")
_EPOCH = re.compile(r"\d{9,10}(?:\d{3})?")
_LONGEST = 80


# As most feeds write it; read at a tenth of the cost of the general way.
_USUAL = re.compile(r"(?:[A-Z][a-z]{2}, )?(\d\d?) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:GMT|([+-])(\d\d)(\d\d))", re.ASCII)
_MONTHS = {datetime(2000, month, 1, tzinfo=UTC).ctime()[4:7]: month for month in range(1, 13)}  # of RFC 822; `ctime` knows no locale


def parse(value: str | None, now: datetime, lang: str | None = None) -> datetime | None:
    """The instant in UTC; a time without a zone counts as UTC, the future as `now`; None if unreadable or before 1995.

    Words are read in `lang`, if given, or else where they mean the same in every language that has them.
    """
    text = " ".join(value.split()) if value and len(value) <= _LONGEST else ""
    found = (_read(text) or _in_words(text, now, lang)) if text else None
    try:
        instant = found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC) if found else None
    except OverflowError:
        return None
    return min(instant, now) if instant and instant >= _OLDEST else None


def _read(text: str) -> datetime | None:
    if usual := _usual(text):
        return usual
    text = _NOTE.sub("", text)
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    text = _numeric_zone(_WEEKDAY.sub("", text))
    return _iso(_year_first(text)) or _rfc822(text)


def _usual(text: str) -> datetime | None:
    found = _USUAL.fullmatch(text)
    if not found or found[2] not in _MONTHS:
        return None
    day, year, hour, minute, second = (int(found[group]) for group in (1, 3, 4, 5, 6))
    east = timedelta(hours=int(found[8] or 0), minutes=int(found[9] or 0)) * (-1 if found[7] == "-" else 1)
    try:
        return datetime(year, _MONTHS[found[2]], day, hour, minute, second, tzinfo=UTC) - east
    except (ValueError, OverflowError):
        return None


def _in_words(text: str, now: datetime, lang: str | None) -> datetime | None:
    from monitor.text.datewords import in_numbers

    numbers = in_numbers(_numeric_zone(_NOTE.sub("", text)), now, lang)
    return _iso(_year_first(numbers)) if numbers else None


def _numeric_zone(text: str) -> str:
    if offset := _GMT_OFFSET.search(text):
        return f"{text[: offset.start()].rstrip()} {int(offset[1]):+03d}{offset[2] or '00'}"
    if named := _ZONE.search(text):
        return f"{text[: named.start()].rstrip()} +{_ZONES[named[1]]:02d}00"
    return text


def _year_first(text: str) -> str:
    """Numbers with dots, slashes or the day in front, as year-month-day: everywhere in the region the day comes before the month."""
    if found := _DAY_FIRST.match(text):
        day, month, year = found.groups()
    elif found := _YEAR_FIRST.match(text):
        year, month, day = found.groups()
    else:
        return text
    return f"{year}-{month:0>2}-{day:0>2}{text[found.end() :]}".rstrip()


def _iso(text: str) -> datetime | None:
    text = _SPACED_OFFSET.sub(r"\1", _FRACTION.sub(r"\1", _HOUR_ONE_DIGIT.sub(r"0\1", text)))
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _rfc822(text: str) -> datetime | None:
    if text[-2:].upper() in ("AM", "PM"):  # the standard library would not heed them
        return None
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
