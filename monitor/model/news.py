"""Collected: what we poll, what it lists, what came back, and the article read from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

SourceKind = Literal["feed", "sitemap", "links", "archive"]
FailureKind = Literal["timeout", "connect", "dns", "tls", "refused", "http", "too_large", "not_a_feed", "robots", "challenge", "offline"]
EACH_SITE = "*"  # the outlet of a source that lists articles of many sites


@dataclass(frozen=True, slots=True)
class Source:
    """Something we poll. `key` is its stable name in the configuration (`al.albeu`), `outlet` the domain by which reports are counted.

    `outlet` is `*` where each article counts for the site that it stands on. `select` are CSS selectors of the links on a page that are
    articles; without them they are recognised.
    """

    key: str
    name: str
    url: str
    kind: SourceKind = "feed"
    outlet: str = ""
    country: str | None = None
    lang: str | None = None
    enabled: bool = True
    why: str = ""
    select: str = ""


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave us to ask "has it changed?" with. Replaced together, never one by one."""

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a source over many polls.

    `read_at`: when its list last came in full; `believed`: whether its "not modified" was never found wrong. `moved_to`: where it says for
    good that it is now, `moves` times in a row since `moved_since`. Of its news: `arrivals` polls that brought some, the last at `news_at`;
    `quiet` since then, counting only time in which we could read it; `gap`, the longest such quiet lately.
    """

    checked_at: datetime | None = None
    read_at: datetime | None = None
    believed: bool = True
    moved_to: str | None = None
    moved_since: datetime | None = None
    moves: int = 0
    news_at: datetime | None = None
    arrivals: int = 0
    quiet: timedelta = timedelta(0)
    gap: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class DueSource:
    """A source claimed for one poll, with what the last polls left behind. `failures` is the weighted count since the last success."""

    id: int
    source: Source
    validators: Validators
    failures: float
    interval: timedelta
    polls: int
    record: Record = Record()


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

    The entry's guid is the address under which the article is stored. `told`: it was
    flagged by its entry alone, and its page is still wanted.
    """

    id: int
    entry: Entry
    source: Source
    first_seen: datetime
    attempts: int = 0
    told: bool = False


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
    """`moved_to`: the final address, if every redirect on the way there was for good. `fresh_for`: how long its sender calls it fresh."""

    page: Page
    validators: Validators
    moved_to: str | None = None
    fresh_for: timedelta | None = None


@dataclass(frozen=True, slots=True)
class NotModified:
    """304, or 200 with the very body of last time (`read`: the body came in full)."""

    read: bool = False
    moved_to: str | None = None
    fresh_for: timedelta | None = None


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
    """What a source's page listed. `ttl` is the publisher's wish for the pause between polls; `notes` what was wrong but survivable.

    `parts` are further pages on which the list goes on, those with the newest first: the sitemaps of an index.
    """

    entries: tuple[Entry, ...]
    ttl: timedelta | None = None
    notes: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


AttemptOutcome = Literal["changed", "unchanged"] | FailureKind


@dataclass(frozen=True, slots=True)
class Attempt:
    """One poll of a source, as it is remembered: how it ended (`detail` in words), what it listed, what of that was new, what it cost."""

    at: datetime
    outcome: AttemptOutcome
    detail: str = ""
    entries: int = 0
    fresh: int = 0
    seconds: float = 0.0


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
