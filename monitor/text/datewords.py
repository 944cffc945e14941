"""Dates written with the words of a language, as the same dates in numbers. The words are CLDR's and those of `datewords.toml`."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from itertools import takewhile
from pathlib import Path
from typing import Any

from monitor.text.fold import fold

_FILE = Path(__file__).with_name("datewords.toml")
_UNITS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_LONGEST_AGO = 10_000  # units
_INITIALS = re.compile(r"\b([^\W\d_])\. ?([^\W\d_])\.")
_OFFSET = re.compile(r"\s*([+-]\d\d:?\d\d)$")
_TOKEN = re.compile(
    r"(?P<date>\d{1,2}[./-] ?\d{1,2}[./-] ?\d{4}|\d{4}-\d\d-\d\d)|(?P<clock>\d{1,2}:\d\d(?::\d\d)?|\d{1,2}\.\d\d(?![\d.]))"
    r"|(?P<number>\d+)|(?P<word>[^\W\d_](?:[^\W\d_]|[\u0300-\u036f])*)"
)

Shape = tuple[str, ...]
Token = tuple[str, str]  # kind and text


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one or several languages, folded. A word of `months` and a phrase of `ago` may have more than one meaning."""

    months: dict[str, set[int]] = field(default_factory=dict)
    days: dict[str, int] = field(default_factory=dict)
    ago: dict[Shape, set[timedelta]] = field(default_factory=dict)
    morning: set[str] = field(default_factory=set)
    afternoon: set[str] = field(default_factory=set)
    noise: set[str] = field(default_factory=set)
    weekdays: set[str] = field(default_factory=set)

    def around(self, word: str) -> bool:
        """Whether it may stand around a date."""
        return word in self.noise or word in self.weekdays or word in self.afternoon or word in self.morning


def in_numbers(text: str, now: datetime, lang: str | None) -> str | None:
    """The date of `text` as `2020-05-11 14:05 +0200`, with what of it was said; None where a word is unknown or has two meanings.

    `lang` is the language to ask first. A date without a year is the latest such one that is not after tomorrow.
    """
    offset = _OFFSET.search(text)
    zone = f" {offset[1]}" if offset else ""
    tokens = _tokens(text[: offset.start()] if offset else text)
    known = _known(lang)
    if (length := _ago(tokens, known)) is not None:
        return (now - length).isoformat()
    found = _on_day(tokens, known, now) or _by_month(tokens, known, now)
    clock = _clock(tokens, known)
    return None if found is None or clock is None else f"{found}{clock}{zone if clock else ''}"


def _tokens(text: str) -> list[Token]:
    text = _INITIALS.sub(r"\1\2 ", unicodedata.normalize("NFC", text))
    return [(str(found.lastgroup), fold(found[0])) for found in _TOKEN.finditer(text)]


def _ago(tokens: Sequence[Token], known: Words) -> timedelta | None:
    """How long ago, if that is what the words say."""
    numbers = [int(text) for kind, text in tokens if kind == "number"]
    shape = tuple("{0}" if kind == "number" else text for kind, text in tokens)
    before = sum(1 for _ in takewhile(known.around, shape))
    meanings = next((known.ago[shape[at:]] for at in range(before + 1) if shape[at:] in known.ago), set())
    count = numbers[0] if numbers else 1
    return next(iter(meanings)) * count if len(meanings) == 1 and len(numbers) < 2 and count <= _LONGEST_AGO else None


def _on_day(tokens: Sequence[Token], known: Words, now: datetime) -> str | None:
    """A day named by its distance from today, or in numbers with words around."""
    dates = [text for kind, text in tokens if kind == "date"]
    words = _telling(tokens, known)
    days = [known.days[word] for word in words if word in known.days]
    if len(days) + len(dates) != 1 or len(words) != len(days) or any(kind == "number" for kind, _ in tokens):
        return None
    return dates[0].replace(" ", "") if dates else (now - timedelta(days=days[0])).date().isoformat()


def _by_month(tokens: Sequence[Token], known: Words, now: datetime) -> str | None:
    """A day of a named month, with or without the year."""
    unknown = [word for word in _telling(tokens, known) if word not in known.months]
    names = [text for kind, text in tokens if kind == "word" and text in known.months]
    while len(names) > 1 and names[0] in known.weekdays:  # some abbreviations are of a day and of a month, and the day comes first
        names = names[1:]
    if unknown or len(names) != 1 or len(known.months[names[0]]) != 1 or any(kind == "date" for kind, _ in tokens):
        return None
    (month,) = known.months[names[0]]
    numbers = sorted((text for kind, text in tokens if kind == "number"), key=len)
    if [len(text) == 4 for text in numbers] == [False, True]:
        return f"{numbers[1]}-{month:02d}-{numbers[0]:0>2}"
    return next(_latest(month, int(numbers[0]), now), None) if len(numbers) == 1 and len(numbers[0]) <= 2 else None


def _latest(month: int, day: int, now: datetime) -> Iterator[str]:
    tomorrow = (now + timedelta(days=1)).date()
    for year in range(tomorrow.year, tomorrow.year - 8, -1):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found <= tomorrow:
            yield found.isoformat()


def _telling(tokens: Sequence[Token], known: Words) -> list[str]:
    """The words that are neither of those around a date nor a day of the week: each must be understood."""
    return [text for kind, text in tokens if kind == "word" and (text in known.days or not known.around(text))]


def _clock(tokens: Sequence[Token], known: Words) -> str | None:
    """The time of day with a blank in front, nothing if none is given, None if several are."""
    clocks = [text.replace(".", ":") for kind, text in tokens if kind == "clock"]
    if not clocks:
        return ""
    hour, rest = clocks[0].split(":", 1)
    halves = [text in known.afternoon for kind, text in tokens if kind == "word" and text in known.afternoon | known.morning]
    of_day = int(hour) % 12 + 12 * halves[0] if halves and int(hour) <= 12 else int(hour)
    return f" {of_day:02d}:{rest}" if len(clocks) == 1 else None


@lru_cache(maxsize=64)
def _known(lang: str | None) -> Words:
    """All our words, of which those of `lang` win. A language that is not ours has only its own; without one, a word that means another
    month elsewhere has two meanings."""
    table = _file()
    ours = [_language(tuple(group["locales"]), number) for number, group in enumerate(table["language"])]
    own = next((words for group, words in zip(table["language"], ours, strict=True) if lang in group["codes"]), None)
    if lang is None:
        return _merged([*ours, *(Words(months=_language((name,)).months) for name in table["neighbours"])])
    if own is None and (foreign := _language((lang,))).months:
        return foreign
    all_ours = _merged(ours)
    return (
        replace(all_ours, months=all_ours.months | own.months, ago=all_ours.ago | own.ago, days=all_ours.days | own.days)
        if own
        else all_ours
    )


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text("utf-8"))


@lru_cache(maxsize=64)
def _language(locales: tuple[str, ...], number: int | None = None) -> Words:
    """What CLDR has for `locales`, and what the press has beside it."""
    words = Words()
    for name in locales:
        _add_cldr(words, name)
    press = {} if number is None else _file()["language"][number]
    for word, month in press.get("months", {}).items():
        words.months.setdefault(fold(word), set()).add(month)
    for unit, phrases in press.get("ago", {}).items():
        _add_ago(words, unit, phrases)
    words.days.update((fold(word), distance) for word, distance in press.get("days", {}).items())
    words.noise.update(map(fold, press.get("noise", ())))
    return words


def _add_cldr(words: Words, name: str) -> None:
    from babel import Locale, UnknownLocaleError

    try:
        locale = Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for month, word in locale.months[context][width].items():
                words.months.setdefault(fold(word.rstrip(".")), set()).add(month)
            for day in locale.days[context][width].values():
                words.weekdays.update(text for _, text in _tokens(day))
    halves = locale.day_periods["format"]["abbreviated"]
    words.morning.update(text for _, text in _tokens(halves.get("am", "")) if len(text) > 1)
    words.afternoon.update(text for _, text in _tokens(halves.get("pm", "")) if len(text) > 1)
    for unit in _UNITS:
        for width in ("", "-short", "-narrow"):
            past = locale._data["date_fields"].get(unit + width, {}).get("past", {})  # babel has no other way to CLDR's phrases
            _add_ago(words, unit, past.values())


def _add_ago(words: Words, unit: str, phrases: Iterable[str]) -> None:
    for phrase in phrases:
        shape = tuple("{0}" if kind == "number" else text for kind, text in _tokens(phrase.replace("{0}", "0")))
        words.ago.setdefault(shape, set()).add(_UNITS[unit])


def _merged(languages: Iterable[Words]) -> Words:
    merged = Words()
    for words in languages:
        for word, months in words.months.items():
            merged.months.setdefault(word, set()).update(months)
        for shape, lengths in words.ago.items():
            merged.ago.setdefault(shape, set()).update(lengths)
        merged.days.update(words.days)
        for name in ("morning", "afternoon", "noise", "weekdays"):
            getattr(merged, name).update(getattr(words, name))
    return merged
