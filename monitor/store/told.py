"""Stories as people look at them: facts and numbers, what happened, who told it, and where an old key leads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from monitor.model import Decided, Victim
from monitor.store import decisions
from monitor.store.schema import article, change, story, story_label, story_victim


@dataclass(frozen=True, slots=True)
class ToldActor:
    """Who is said to be behind it: whether it `claims it` or is `blamed`, and by which outlets it is named."""

    name: str
    basis: str
    said_by: str


@dataclass(frozen=True, slots=True)
class ToldStory:
    """A story with its facts. `reports` have words of their own, `copies` do not; `outlets` are those of the reports."""

    key: str
    headline: str
    title: str
    title_lang: str
    status: str
    decided: Decided
    opened_at: datetime
    first_report_at: datetime
    last_report_at: datetime
    countries: tuple[str, ...]
    victims: tuple[Victim, ...]
    attacks: tuple[str, ...]
    actors: tuple[ToldActor, ...]
    reports: int
    copies: int
    outlets: int
    languages: tuple[str, ...]

    @property
    def sectors(self) -> tuple[str, ...]:
        return tuple(sorted({victim.sector for victim in self.victims}))


@dataclass(frozen=True, slots=True)
class ToldChange:
    """What an article did to a story: when its report was made (`reported_at`), and when we recorded it (`at`)."""

    kind: str
    detail: str
    reported_at: datetime
    at: datetime
    outlet: str
    url: str


@dataclass(frozen=True, slots=True)
class ToldReport:
    """An article of a story as people look at it. `why` it is here; `copy_of` is the address of the original; `origin` page or entry."""

    article: int
    reported_at: datetime
    outlet: str
    lang: str
    title: str
    url: str
    score: float
    why: str
    copy_of: str | None
    origin: str


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is told of stories, by their ids."""

    victims: defaultdict[int, list[Victim]]
    labels: defaultdict[tuple[int, str], list[Row[Any]]]
    numbers: dict[int, Row[Any]]
    languages: defaultdict[int, list[str]]


def listing(c: Connection, country: str | None = None, since: datetime | None = None, limit: int = 100) -> list[ToldStory]:
    """The stories last reported on, newest first."""
    wanted = select(story.c.id).where(story.c.retired_at.is_(None))
    if country is not None:
        wanted = wanted.where(
            story.c.id.in_(select(story_label.c.story_id).where(story_label.c.kind == "country", story_label.c.value == country))
        )
    if since is not None:
        wanted = wanted.where(story.c.last_report_at >= since)
    return _read(c, wanted.order_by(story.c.last_report_at.desc(), story.c.id.desc()).limit(limit))


def current(c: Connection, keys: Sequence[str]) -> dict[str, str]:
    """The key of the story that each of these keys leads to now: its own, or after a merge that of the story with the report that opened
    it. Keys that no story ever had are left out."""
    now = story.alias()
    query = select(story.c.key, story.c.retired_at, now.c.key.label("leads_to")).where(story.c.key.in_(keys))
    query = query.outerjoin(article, article.c.id == story.c.opened_by).outerjoin(now, now.c.id == article.c.story_id)
    return {
        row.key: row.key if row.retired_at is None else row.leads_to for row in c.execute(query) if row.retired_at is None or row.leads_to
    }


def of_article(c: Connection, number: int) -> str | None:
    """The key of the story in which an article is."""
    return c.scalar(select(story.c.key).join(article, article.c.story_id == story.c.id).where(article.c.id == number))


def all_keys(c: Connection) -> list[str]:
    """Every key that a story has or had, to find the nearest."""
    return list(c.scalars(select(story.c.key).order_by(story.c.id)))


def find(c: Connection, key: str) -> ToldStory | None:
    """The story of this key."""
    return next(iter(_read(c, select(story.c.id).where(story.c.key == key, story.c.retired_at.is_(None)))), None)


def changes(c: Connection, key: str) -> list[ToldChange]:
    """What happened to a story, in the order of the reports that told it; merges and splits by the time they were made."""
    of_story = select(change.c.kind, change.c.detail, article.c.reported_at, change.c.at, article.c.outlet, article.c.url)
    query = of_story.join(story, story.c.id == change.c.story_id).join(article, article.c.id == change.c.article_id)
    return [ToldChange(*row) for row in c.execute(query.where(story.c.key == key).order_by(article.c.reported_at, change.c.id))]


def reports(c: Connection, key: str) -> list[ToldReport]:
    """The articles of a story, the earliest first."""
    original = article.alias("original")
    columns = [article.c[name] for name in ("id", "reported_at", "outlet", "lang", "title", "url", "score", "why")]
    query: Select[Any] = select(*columns, original.c.url, article.c.origin).join(story, story.c.id == article.c.story_id)
    query = query.outerjoin(original, original.c.id == article.c.copy_of).where(story.c.key == key)
    return [ToldReport(*row) for row in c.execute(query.order_by(article.c.reported_at, article.c.id))]


def _read(c: Connection, wanted: Select[Any]) -> list[ToldStory]:
    ids = list(c.scalars(wanted))
    rows = {row.id: row for row in c.execute(select(story).where(story.c.id.in_(ids)))}
    facts = _Facts(_victims(c, ids), _labels(c, ids), _numbers(c, ids), _languages(c, ids))
    decided = decisions.decided(c, ids)
    return [_story(rows[each], decided[each], facts) for each in ids]


def _story(row: Row[Any], decided: Decided, facts: _Facts) -> ToldStory:
    countries, attacks = (tuple(label.value for label in facts.labels[row.id, kind]) for kind in ("country", "attack"))
    numbers = facts.numbers[row.id]
    return ToldStory(
        row.key,
        row.headline,
        row.title or "",
        row.title_lang or "",
        row.status,
        decided,
        row.opened_at,
        row.first_report_at,
        row.last_report_at,
        countries,
        tuple(facts.victims[row.id]),
        attacks,
        tuple(ToldActor(label.value, label.basis or "", label.said_by or "") for label in facts.labels[row.id, "actor"]),
        numbers.reports,
        numbers.articles - numbers.reports,
        numbers.outlets,
        tuple(facts.languages[row.id]),
    )


def _victims(c: Connection, ids: Sequence[int]) -> defaultdict[int, list[Victim]]:
    found: defaultdict[int, list[Victim]] = defaultdict(list)
    for row in c.execute(select(story_victim).where(story_victim.c.story_id.in_(ids)).order_by(story_victim.c.position)):
        found[row.story_id].append(Victim(row.victim_id, row.name, row.country, row.sector))
    return found


def _labels(c: Connection, ids: Sequence[int]) -> defaultdict[tuple[int, str], list[Row[Any]]]:
    found: defaultdict[tuple[int, str], list[Row[Any]]] = defaultdict(list)
    for row in c.execute(select(story_label).where(story_label.c.story_id.in_(ids)).order_by(story_label.c.position)):
        found[row.story_id, row.kind].append(row)
    return found


def _numbers(c: Connection, ids: Sequence[int]) -> dict[int, Row[Any]]:
    own = article.c.copy_of.is_(None)
    counts = (func.count().filter(own).label("reports"), func.count().label("articles"))
    outlets = func.count(article.c.outlet.distinct()).filter(own).label("outlets")
    query = select(article.c.story_id, *counts, outlets).where(article.c.story_id.in_(ids)).group_by(article.c.story_id)
    return {row.story_id: row for row in c.execute(query)}


def _languages(c: Connection, ids: Sequence[int]) -> defaultdict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    query = select(article.c.story_id, article.c.lang).where(article.c.story_id.in_(ids)).distinct().order_by(article.c.lang)
    for row in c.execute(query):
        found[row.story_id].append(row.lang)
    return found
