"""Told: who hears what, what is owed, and how sending it went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from monitor.model.finding import Attack, Status
from monitor.model.story import Change, ChangeKind

Hears = Literal["stories", "operation"]


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who hears what, where. `hears`: of the news, of the monitor's own operation, or both. The other filters are about stories; empty
    ones mean "all". `target` is an address, a URL, or empty for the console."""

    name: str
    channel: Literal["console", "email", "webhook"]
    target: str = ""
    secret: str = ""
    countries: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    attacks: tuple[Attack, ...] = ()
    changes: tuple[ChangeKind, ...] = ()
    minimum_score: float = 0.0
    hears: tuple[Hears, ...] = ("stories",)


@dataclass(frozen=True, slots=True)
class Alert:
    """What one delivery says: the change, and the story as it stood then. All text from outside is still unescaped here."""

    story_key: str
    headline: str
    change: Change
    at: datetime
    status: Status
    countries: tuple[str, ...]
    victims: tuple[str, ...]
    attacks: tuple[Attack, ...]
    actors: tuple[str, ...]
    title: str
    url: str
    outlet: str
    lang: str
    score: float
    reports: int
    sentence: str = ""


NoticeKind = Literal["source_silent", "source_broken", "source_gone", "source_healed"]


@dataclass(frozen=True, slots=True)
class Concerned:
    """A source that a notice is about: what is wrong with it, or was, in a sentence, and since when."""

    source: str
    name: str
    url: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """What one delivery says to those who run the monitor, about the monitor itself. Text from outside is still unescaped here."""

    kind: NoticeKind
    at: datetime
    sources: tuple[Concerned, ...]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One alert owed to one subscriber over one channel because of one change. `id` never changes, however often it is tried."""

    id: str
    subscriber: str
    channel: str
    alert: Alert | Notice
    attempts: int = 0

    @property
    def story(self) -> str | None:
        """The key of the story that it tells of, if it tells of one."""
        return self.alert.story_key if isinstance(self.alert, Alert) else None

    @property
    def kind(self) -> ChangeKind | NoticeKind:
        return self.alert.change.kind if isinstance(self.alert, Alert) else self.alert.kind

    @property
    def detail(self) -> str:
        return self.alert.change.detail if isinstance(self.alert, Alert) else ""


@dataclass(frozen=True, slots=True)
class Sent:
    pass


@dataclass(frozen=True, slots=True)
class Retry:
    """Not delivered, or not known to be. `after` is what the receiver asked for."""

    reason: str
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class GaveUp:
    reason: str


SendOutcome = Sent | Retry | GaveUp
