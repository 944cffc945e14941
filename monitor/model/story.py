"""Gathered: reports, the stories that they make, what changed, and what people decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from monitor.model.finding import Attack, Finding, Signature, Status, Victim

ChangeKind = Literal["opened", "second_outlet", "victim_added", "actor_named", "confirmed", "denied", "data_leaked", "resolved"]
Verdict = Literal["confirmed", "rejected"]


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
    """What people decided about a story, as it holds: is it an incident, shall it alert nobody, were others merged into it?"""

    verdict: Verdict | None = None
    muted: bool = False
    gathers: bool = False

    @property
    def silent(self) -> bool:
        return self.muted or self.verdict == "rejected"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a person's decision says about reports: those of one side belong together, those of different sides do not.

    If it `rejects`, they tell of no incident. If it `mutes`, nobody wants to hear of them.
    """

    sides: tuple[frozenset[str], ...]
    rejects: bool = False
    mutes: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """A story as it stands: its reports, and what cannot be told from them. Copies may be missing: they add nothing but their number.

    `key` is public and stable: made from the canonical URL of the article that opened the story; `opened_by` is the report by which an old
    key is found again after merges and splits; `last_at` is when the story was last told, copies included.
    """

    key: str
    opened_at: datetime
    opened_by: str
    last_at: datetime
    reports: tuple[Report, ...]
    decided: Decided = field(default_factory=Decided)


@dataclass(frozen=True, slots=True)
class Story:
    """Our record of one incident: what stands, and the facts that follow from it.

    `title` is the best headline that an outlet gave it, in the language `title_lang`. Victims, attacks and actors are ordered, most named
    first.
    """

    standing: Standing
    headline: str
    status: Status
    countries: tuple[str, ...]
    victims: tuple[Victim, ...]
    attacks: tuple[Attack, ...]
    attributions: tuple[Attribution, ...] = ()
    title: str = ""
    title_lang: str = ""

    @property
    def key(self) -> str:
        return self.standing.key

    @property
    def reports(self) -> tuple[Report, ...]:
        return self.standing.reports

    @property
    def decided(self) -> Decided:
        return self.standing.decided

    @property
    def actors(self) -> tuple[str, ...]:
        return tuple(each.actor for each in self.attributions)


@dataclass(frozen=True, slots=True)
class Change:
    """What an article did to a story. Unique within the story by (`kind`, `detail`)."""

    kind: ChangeKind
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a report went: the story as it is now, whether it is new, the report as placed (`why`, `copy_of`), and what that changed.

    `doubtful` if the report came late or belongs to more than one story: then the repair job must look at them all.
    """

    story: Story
    opened: bool
    report: Report
    changes: tuple[Change, ...]
    doubtful: bool = False
