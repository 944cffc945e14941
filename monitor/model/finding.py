"""Judged: the verdict on one article, and what placement compares of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from monitor.model.news import Article, Rejected

Zone = Literal["title", "lead", "body", "background"]
Attack = Literal[
    "ddos", "ransomware", "defacement", "data_leak", "wiper", "intrusion", "phishing", "malware", "account_takeover", "unknown"
]
Kind = Literal["incident", "claim", "follow_up"]
Status = Literal["suspected", "claimed", "confirmed", "denied", "resolved"]
LANGUAGES = ("sq", "sr-Latn", "sr-Cyrl", "bs", "hr", "cnr", "mk", "bg", "sl", "ro", "el", "en", "de", "it", "tr")
SECTORS = (
    *("government", "parliament", "president", "ministry", "court", "prosecution", "election", "statistics", "tax", "customs", "registry"),
    *("police", "army", "intelligence", "civil_protection", "municipality", "region", "it_agency", "political_party"),
    *("central_bank", "bank", "insurance", "telecom", "energy", "water", "post", "industry", "retail"),
    *("airline", "airport", "railway", "port", "transport"),
    *("health_fund", "hospital", "laboratory", "university", "school", "research", "media", "religious", "other"),
)


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
    """The verdict on one article. `status` and `kind` mean something only if it is relevant.

    `again` if it says that the victim was attacked before, and that this is another attack.
    """

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
    again: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """What placement compares of a text: MinHash band hashes (near-duplicates) and the rare words and numbers."""

    bands: tuple[int, ...] = ()
    digest: tuple[int, ...] = ()
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Analysed:
    """An article with its verdict. `blocks` are the numbers of all lines of its page, by which an outlet's furniture is recognised."""

    article: Article
    finding: Finding
    signature: Signature = field(default_factory=Signature)
    blocks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Undecided:
    """An article that could not be judged for a reason of ours (a lexicon that cannot be read): it waits until we can."""

    reason: str


AnalysisOutcome = Analysed | Rejected | Undecided
