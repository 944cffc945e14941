"""Whether a source is well, silent, broken or gone, by what its polls brought. A silence is judged by the source's own rhythm."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.model import Condition, Vitals

# Less is the everyday: sites that are restarted, moved, or overrun for an evening.
_FAILURES = 3.0
_BROKEN_AFTER = timedelta(hours=6)
_BROKEN_INTERVALS = 3  # a source that is asked once a day has not been asked often enough after six hours

_GONE = re.compile(r"\banswered 410\b")

# Who pauses for a night pauses for weekends too: 16 hours become 64, which is less than a day and four such pauses. Of a source that has
# not brought news a hundred times, not even the nights may be known. Without that day and that doubt every simulated source that is quiet
# at night and on weekends cried on its first weekend; with them none did. Sources without a rhythm, in which pauses of every length come,
# cried half as often with four pauses as with three.
_PAUSES = 4
_SPARE = timedelta(hours=24)
_FEW_ARRIVALS = 10
_KNOWN_ARRIVALS = 100
_UNKNOWN_PAUSE = timedelta(hours=24)


def condition(vitals: Vitals) -> Condition:
    """How the source fares. Nothing is held against it but answers: time in which it was not asked, or our network was down, is none."""
    if not vitals.source.enabled:
        return Condition("well")
    return _failing(vitals) or _silent(vitals) or Condition("well")


def turn(vitals: Vitals) -> Condition | None:
    """The condition, if operators were not told of it yet. Well again is only who was read since; any other sign proves nothing."""
    found = condition(vitals)
    if found.state == (vitals.told or "well"):
        return None
    if found.state == "well" and vitals.source.enabled:
        return _healed(vitals) if vitals.polls and vitals.trouble is None else None
    return found


def beside(vitals: Vitals, newest: datetime | None) -> Vitals:
    """The source with the newest article that it lists, whoever listed that first: to be slower than another source is no silence."""
    record = vitals.record
    if newest is None or record.news_at is None or newest <= record.news_at:
        return vitals
    quiet = max(record.quiet - (newest - record.news_at), timedelta(0))
    return replace(vitals, record=replace(record, news_at=newest, quiet=quiet))


def _failing(vitals: Vitals) -> Condition | None:
    failed, since = vitals.failed, vitals.answered_at or vitals.first_at
    if failed is None or since is None or (vitals.answered_at and failed.at <= vitals.answered_at):
        return None
    if failed.outcome == "http" and _GONE.search(failed.detail):
        return Condition("gone", failed.detail, since)
    patience = max(_BROKEN_AFTER, vitals.interval * _BROKEN_INTERVALS)
    broken = vitals.failures >= _FAILURES and failed.at - since > patience
    return Condition("broken", failed.detail, since) if broken else None


def _silent(vitals: Vitals) -> Condition | None:
    record = vitals.record
    pause = record.gap if record.arrivals >= _KNOWN_ARRIVALS else max(record.gap, _UNKNOWN_PAUSE)
    if record.arrivals < _FEW_ARRIVALS or record.quiet <= _SPARE + pause * _PAUSES:
        return None
    usual = f"its longest pause of late was {_spoken(record.gap)}"
    return Condition("silent", f"It answers, but has listed nothing new for {_spoken(record.quiet)}; {usual}", record.news_at)


def _healed(vitals: Vitals) -> Condition:
    again = "It lists news again" if vitals.told == "silent" else "It can be read again"
    return Condition("well", f"{again}; it was {vitals.told}", vitals.told_since)


def _spoken(time: timedelta) -> str:
    hours = round(time / timedelta(hours=1))
    if not hours:
        return "less than an hour"
    number, unit = (hours, "hour") if hours < 48 else (round(hours / 24), "day")
    return f"{number} {unit}{'' if number == 1 else 's'}"
