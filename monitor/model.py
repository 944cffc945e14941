"""What travels between the stages, and nothing else: frozen values and the outcomes as unions of them.

    Source -> Entry -> Page -> Article -> Finding -> Placement -> Change -> Delivery

A stage takes one of these and returns the next; `jobs` carries them. Every instant is an aware UTC datetime; countries are ISO 3166 codes
(XK for Kosovo); languages are the fifteen variants of `LANGUAGES`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

SourceKind = Literal["feed", "sitemap", "links"]
Zone = Literal["title", "lead", "body", "background"]
Attack = Literal[
    "ddos", "ransomware", "defacement", "data_leak", "wiper", "intrusion", "phishing", "malware", "account_takeover", "unknown"
]
Kind = Literal["incident", "claim", "follow_up"]
Status = Literal["suspected", "claimed", "confirmed", "denied", "resolved"]
ChangeKind = Literal["opened", "second_outlet", "victim_added", "actor_named", "confirmed", "denied", "data_leaked", "resolved"]
Verdict = Literal["confirmed", "rejected"]
FailureKind = Literal["timeout", "connect", "dns", "tls", "refused", "http", "too_large", "not_a_feed", "robots", "challenge"]

LANGUAGES = ("sq", "sr-Latn", "sr-Cyrl", "bs", "hr", "cnr", "mk", "bg", "sl", "ro", "el", "en", "de", "it", "tr")
SECTORS = (
    *("government", "parliament", "president", "ministry", "court", "prosecution", "election", "statistics", "tax", "customs", "registry"),
    *("police", "army", "intelligence", "civil_protection", "municipality", "region", "it_agency", "political_party"),
    *("central_bank", "bank", "insurance", "telecom", "energy", "water", "post", "industry", "retail"),
    *("airline", "airport", "railway", "port", "transport"),
    *("health_fund", "hospital", "laboratory", "university", "school", "research", "media", "religious", "other"),
)


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
    """An entry claimed for one analysis: its page is still to be fetched. `id` is the stored article's, `attempts` the failed fetches."""

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


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of evidence: which rule, by which term, met which words where, and what it added to the score.

    `start` and `end` are character offsets in the original title (zone `title`) or text (other zones).
    """

    rule: str
    term: str
    surface: str
    zone: Zone
    start: int
    end: int
    weight: float = 0.0


UNNAMED = "~"


@dataclass(frozen=True, slots=True)
class Victim:
    """`id` is the register's stable id (`al-parliament-of-albania`), or one made from the name for victims found by grammar.

    Where a text only says "a Serbian power company", the id has an `UNNAMED` mark: it may be any of that sector and country.
    """

    id: str
    name: str
    country: str | None
    sector: str


def without_unnamed(victims: Sequence[Victim]) -> tuple[Victim, ...]:
    """Without those that are named by their kind only ("a Serbian hospital") where one of the kind is named ("the hospital of Pirot")."""
    named = {(victim.country, victim.sector) for victim in victims if UNNAMED not in victim.id}
    return tuple(victim for victim in victims if UNNAMED not in victim.id or (victim.country, victim.sector) not in named)


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on one article. `status` and `kind` mean something only if it is relevant."""

    relevant: bool
    score: float
    lang: str
    status: Status = "suspected"
    countries: tuple[str, ...] = ()
    victims: tuple[Victim, ...] = ()
    attacks: tuple[Attack, ...] = ()
    actors: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    kind: Kind = "incident"


@dataclass(frozen=True, slots=True)
class Signature:
    """What placement compares of a text: MinHash band hashes (near-duplicates) and the rare words and numbers."""

    bands: tuple[int, ...] = ()
    digest: tuple[int, ...] = ()
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Analysed:
    article: Article
    finding: Finding
    signature: Signature = field(default_factory=Signature)


@dataclass(frozen=True, slots=True)
class Undecided:
    """An article that could not be judged for a reason of ours (a lexicon that cannot be read): it waits until we can."""

    reason: str


AnalysisOutcome = Analysed | Rejected | Undecided


@dataclass(frozen=True, slots=True)
class Report:
    """A flagged article as placement sees it, new or stored. `at` is when it was published, or first seen; `url` its canonical address.

    `why` it is in its story, once it is in one.
    """

    id: str
    url: str
    title: str
    outlet: str
    at: datetime
    finding: Finding
    signature: Signature
    copy_of: str | None = None
    why: str = ""

    @property
    def order(self) -> tuple[datetime, str]:
        """The order in which stories are told: it depends on nothing but the report."""
        return self.at, self.url


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who is said to be behind an incident: whether the group itself claims it, and the outlets that name it."""

    actor: str
    claims: bool
    outlets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """What people decided about a story, as it is in force: is it an incident, and shall it alert nobody?"""

    verdict: Verdict | None = None
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """Our record of one incident. `key` is public and stable: made from the canonical URL of the article that opened it.

    `title` is the best headline that an outlet gave it, in the language `title_lang`.
    """

    key: str
    headline: str
    status: Status
    opened_at: datetime
    reports: tuple[Report, ...]
    countries: tuple[str, ...]
    victims: tuple[Victim, ...]
    attacks: tuple[Attack, ...]
    actors: tuple[str, ...]
    attributions: tuple[Attribution, ...] = ()
    title: str = ""
    title_lang: str = ""
    decided: Decided = field(default_factory=Decided)

    @property
    def sectors(self) -> tuple[str, ...]:
        return tuple(sorted({victim.sector for victim in self.victims}))


@dataclass(frozen=True, slots=True)
class Change:
    """What an article did to a story. Unique within the story by (`kind`, `detail`)."""

    kind: ChangeKind
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a report went: the story as it is now, whether it is new, the report as placed (`copy_of` set), why, and what changed."""

    story: Story
    opened: bool
    report: Report
    why: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who hears what, where. Empty filters mean "all". `target` is an address, a URL, or empty for the console."""

    name: str
    channel: Literal["console", "email", "webhook"]
    target: str = ""
    secret: str = ""
    countries: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    attacks: tuple[Attack, ...] = ()
    changes: tuple[ChangeKind, ...] = ()
    minimum_score: float = 0.0


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


@dataclass(frozen=True, slots=True)
class Delivery:
    """One alert owed to one subscriber over one channel because of one change. `id` never changes, however often it is tried."""

    id: str
    subscriber: str
    channel: str
    alert: Alert
    attempts: int = 0


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
