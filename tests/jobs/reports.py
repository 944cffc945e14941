"""Reports made by hand and stored the way the analysis does it: what stories come of them does not hang on detection."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from sqlalchemy import Connection, select

from monitor.jobs.analyse import _record
from monitor.jobs.judge import Task
from monitor.jobs.parts import LEASE
from monitor.jobs.repair import Audience
from monitor.model import Analysed, Article, Attack, Entry, Finding, Kind, Placement, Source, Status, Subscriber, Victim
from monitor.store import articles, deliveries, told
from monitor.store.schema import metadata
from monitor.stories.signature import sign
from tests.jobs.rig import Rig, rig

DAY = datetime(2024, 3, 1, 8, tzinfo=UTC)
DESK = Subscriber("desk", "console")
PARLIAMENT = Victim("al-parliament-of-albania", "Parliament of Albania", "AL", "parliament")
TELECOM = Victim("al-one-albania", "One Albania", "AL", "telecom")
AIRLINE = Victim("al-air-albania", "Air Albania", "AL", "airline")
BANK = Victim("gr-bank-of-greece", "Bank of Greece", "GR", "central_bank")
# Nothing is polled: it only lists what the tests store.
_SOURCE = Source("al.desk", "Desk", "http://desk.localhost/feed", outlet="desk.localhost", country="AL", lang="sq", enabled=False)


@dataclass(frozen=True, slots=True)
class News:
    """An article of which all is known. It is on `outlet`, and its address ends in `name`; `text` is one nobody else has if not given."""

    name: str
    victims: tuple[Victim, ...] = ()
    at: datetime | None = DAY
    outlet: str = "one.al"
    countries: tuple[str, ...] = ()
    attacks: tuple[Attack, ...] = ("ransomware",)
    actors: tuple[str, ...] = ()
    kind: Kind = "incident"
    status: Status = "suspected"
    names: str = ""
    text: str = ""
    title: str = "Title"

    @property
    def url(self) -> str:
        return f"https://{self.outlet}/news/{self.name}"

    @property
    def analysed(self) -> Analysed:
        text = prose(self.name, self.names) if not self.text else self.text
        article = Article(self.url, self.title, text, self.at, "sq", self.outlet, "AL")
        countries = self.countries or tuple(dict.fromkeys(victim.country for victim in self.victims if victim.country))
        finding = Finding(True, 0.9, "sq", self.status, countries, self.victims, self.attacks, self.actors, kind=self.kind)
        return Analysed(article, finding, sign(article))


def after(days: float = 0, hours: float = 0) -> datetime:
    return DAY + timedelta(days=days, hours=hours)


def prose(seed: str, names: str = "") -> str:
    """A text of eighty words that no other seed has, with these names in it."""
    dice = Random(seed)
    words = ["".join(dice.choices("abcdefghijklmnoprstuvz", k=7)) for _ in range(80)]
    words[40:40] = names.split()
    return f"{' '.join(words)}."


@asynccontextmanager
async def desk(url: str, subscribers: Sequence[Subscriber] = (DESK,), **changed: str) -> AsyncIterator[Rig]:
    async with rig(url, [_SOURCE], subscribers, **changed) as house:
        yield house


async def put(house: Rig, *news: News) -> list[Placement]:
    """Lists, claims, judges and places each article, one after the other; where each went."""
    return [placed for each in news if (placed := await house.parts.store.write(partial(_put, house=house, news=each)))]


def _put(c: Connection, *, house: Rig, news: News) -> Placement | None:
    parts, analysed = house.parts, news.analysed
    articles.add(c, 1, [Entry(news.url, news.url, news.title, "", news.at)], parts.now())
    (waiting,) = articles.claim_waiting(c, parts.owner, parts.now(), LEASE, 1)
    return _record(c, parts=parts, task=Task(waiting, None), analysed=analysed)


def audience(house: Rig) -> Audience:
    return Audience(house.parts.subscribers, house.parts.settings.alerts.max_age)


def accounts(c: Connection) -> list[Any]:
    """All that is stored of stories but their keys and what was only done to them, sorted: it must not depend on the order of articles."""
    return sorted((_account(c, story) for story in told.listing(c, limit=10_000)), key=repr)


def _account(c: Connection, story: told.ToldStory) -> dict[str, Any]:
    reports = {report.url: (report.copy_of, report.why) for report in told.reports(c, story.key)}
    line = {(each.kind, each.detail): each.url for each in told.changes(c, story.key) if each.kind not in ("merged", "split")}
    facts = replace(story, key="", opened_at=story.first_report_at)
    return {"reports": dict(sorted(reports.items())), "facts": facts, "changes": dict(sorted(line.items()))}


def tellings(c: Connection) -> dict[str, set[str]]:
    """The names of the articles of each story, by its key."""
    return {story.key: {report.url.rpartition("/")[2] for report in told.reports(c, story.key)} for story in told.listing(c, limit=10_000)}


def rows(c: Connection) -> dict[str, list[Any]]:
    """Every row of every table."""
    return {table.name: sorted(map(tuple, c.execute(select(table))), key=repr) for table in metadata.sorted_tables}


async def owed(house: Rig, state: deliveries.DeliveryState = "waiting", subscriber: str = "desk") -> set[tuple[str, str]]:
    """The stories and changes of which a subscriber will hear, or has heard, or shall not."""
    found = await house.parts.store.read(lambda c: deliveries.listing(c, state, 10_000))
    told = [each.delivery for each in found if each.delivery.subscriber == subscriber]
    return {(str(each.story), f"{each.kind} {each.detail}".strip()) for each in told}
