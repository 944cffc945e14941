"""How a source fares over its polls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from monitor.model.news import Attempt, Record, Source

SourceState = Literal["well", "silent", "broken", "gone"]


@dataclass(frozen=True, slots=True)
class Vitals:
    """What tells how a source fares. `failures` is the weighted count since `answered_at`, when a poll of it last succeeded.

    `failed` is its last poll that failed by no fault of our own; `first_at` its first poll that is remembered, if it never answered.
    `trouble` says in words how its last poll failed, if it did. `told` is what operators heard of it and is not over yet, `told_since`
    since when it was so.
    """

    source: Source
    polls: int
    failures: float
    interval: timedelta
    record: Record
    answered_at: datetime | None = None
    first_at: datetime | None = None
    failed: Attempt | None = None
    trouble: str | None = None
    told: SourceState | None = None
    told_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """How a source fares, why in a sentence, and since when."""

    state: SourceState
    reason: str = ""
    since: datetime | None = None
