"""Collected: what we poll, what it lists, what came back, and the article read from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

SourceKind = Literal["feed", "sitemap", "links"]
FailureKind = Literal["timeout", "connect", "dns", "tls", "refused", "http", "too_large", "not_a_feed", "robots", "challenge"]


@dataclass(frozen=True, slots=True)
class Source:
    """Something we poll. `key` is its stable name in the configuration (`al.albeu`), `outlet` the domain by which reports are counted."""

    key: str
    name: str
    url: str
    kind: SourceKind = "feed"
    outlet: str = ""
    country: str | None = None
    lang: str | None = None
    enabled: bool = True
    why: str = ""


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave us to ask "has it changed?" with. Replaced together, never one by one."""

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None


@dataclass(frozen=True, slots=True)
class DueSource:
    """A source claimed for one poll, with what the last polls left behind. `failures` is the weighted count since the last success."""

    id: int
    source: Source
    validators: Validators
    failures: float
    interval: timedelta
    polls: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What a source lists. Identity is `guid` within the source and the canonical URL across sources, never a date or a content hash."""

    guid: str
    url: str
    title: str
    summary: str = ""
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry claimed for one analysis: its page is still to be fetched. `id` is the stored article's, `attempts` the failed fetches.

    The entry's guid is the address under which the article is stored.
    """

    id: int
    entry: Entry
    source: Source
    first_seen: datetime
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """What came back for a link. `body` is decompressed bytes, at most the size cap; `headers` has lower-case names."""

    url: str
    final_url: str
    status: int
    body: bytes
    headers: dict[str, str]
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Fetched:
    page: Page
    validators: Validators


@dataclass(frozen=True, slots=True)
class NotModified:
    """304, or 200 with the very body of last time."""


@dataclass(frozen=True, slots=True)
class Failed:
    """No usable answer. `detail` is a sentence for a person; `retry_after` what the server asked for."""

    kind: FailureKind
    detail: str
    status: int | None = None
    retry_after: timedelta | None = None


FetchOutcome = Fetched | NotModified | Failed


@dataclass(frozen=True, slots=True)
class Listing:
    """What a source's page listed. `ttl` is the publisher's wish for the pause between polls; `notes` what was wrong but survivable."""

    entries: tuple[Entry, ...]
    ttl: timedelta | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NextCheck:
    """When a source is due again, what its weighted failure count is now, and the rhythm learned."""

    at: datetime
    failures: float
    interval: timedelta


@dataclass(frozen=True, slots=True)
class Article:
    """What extraction read from a page or, if the page cannot be had, from the entry alone (`origin`)."""

    url: str
    title: str
    text: str
    published: datetime | None = None
    lang: str | None = None
    outlet: str = ""
    country: str | None = None
    origin: Literal["page", "entry"] = "page"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A page that gives no article, with the reason a person can read."""

    reason: str
