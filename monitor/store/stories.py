"""Stories: what placement may join, what it decided, and what people list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, select, union, update
from sqlalchemy import insert as plain_insert

from monitor.model import Finding, Placement, Report, Signature, Story, Victim
from monitor.store import values
from monitor.store.dialect import insert, one_at_a_time
from monitor.store.schema import article, band, change, story, story_label, story_victim

# Trials and fines follow an attack by a year. One country alone is much less in common than a victim or a text: only the same days count.
REACH = timedelta(days=400)
REACH_OF_COUNTRY = timedelta(days=14)

_Labels = dict[tuple[int, str], tuple[str, ...]]  # of story and kind


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


def candidates(c: Connection, finding: Finding, signature: Signature, at: datetime) -> list[Story]:
    """Stories an article might belong to: near in time, and with a victim, a country or a stretch of text in common.

    Until the transaction ends nobody else places: two articles of one incident must not open a story each.
    """
    one_at_a_time(c, "stories.place")
    shared = [
        select(story.c.id).where(_told_near(at, REACH_OF_COUNTRY if kind == "country" else REACH), story.c.id.in_(query))
        for kind, query in _shared(finding, signature)
    ]
    return _load(c, select(story.c.id).where(story.c.id.in_(union(*shared))).order_by(story.c.id)) if shared else []


def save(c: Connection, article_id: int, placement: Placement, now: datetime) -> None:
    """Stores the story as it is now, the article's place in it, and what changed. Saying it twice changes nothing."""
    story_id = _save_story(c, placement, now)
    _replace_lists(c, story_id, placement.story)
    report = placement.report
    copy_of = int(report.copy_of) if report.copy_of else None
    place = {"story_id": story_id, "why": placement.why, "reported_at": report.at, "copy_of": copy_of}
    c.execute(update(article).where(article.c.id == article_id).values(place))
    copies = [int(other.id) for other in placement.story.reports if other.copy_of == report.id]
    if copies:
        c.execute(update(article).where(article.c.id.in_(copies)).values(copy_of=article_id))
    rows = [
        {"story_id": story_id, "article_id": article_id, "kind": each.kind, "detail": each.detail, "at": now} for each in placement.changes
    ]
    if rows:
        c.execute(insert(c, change).on_conflict_do_nothing(), rows)


def listing(c: Connection, country: str | None = None, since: datetime | None = None, limit: int = 100) -> list[Story]:
    """The stories last reported on, newest first."""
    wanted = select(story.c.id)
    if country is not None:
        wanted = wanted.where(story.c.id.in_(_labelled("country", [country])))
    if since is not None:
        wanted = wanted.where(story.c.last_report_at >= since)
    return _load(c, wanted.order_by(story.c.last_report_at.desc(), story.c.id.desc()).limit(limit))


def find(c: Connection, key: str) -> Story | None:
    """The story of this public key."""
    return next(iter(_load(c, select(story.c.id).where(story.c.key == key))), None)


def changes(c: Connection, key: str) -> list[ToldChange]:
    """What happened to a story, in the order of the reports that told it."""
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


def _told_near(at: datetime, reach: timedelta) -> ColumnElement[bool]:
    return and_(story.c.last_report_at >= at - reach, story.c.first_report_at <= at + reach)


def _shared(finding: Finding, signature: Signature) -> list[tuple[str, Select[Any]]]:
    """The ids of stories that share something, one query for each kind of thing the finding has."""
    victims = [each.id for each in finding.victims]
    bands = sorted({values.signed(each) for each in signature.bands})
    of_text = select(article.c.story_id).join(band, band.c.article_id == article.c.id).where(article.c.story_id.is_not(None))
    queries = (
        ("victim", victims, select(story_victim.c.story_id).where(story_victim.c.victim_id.in_(victims))),
        ("country", finding.countries, _labelled("country", finding.countries)),
        ("text", bands, of_text.where(band.c.hash.in_(bands))),
    )
    return [(kind, query) for kind, sought, query in queries if sought]


def _labelled(kind: str, wanted: Sequence[str]) -> Select[Any]:
    return select(story_label.c.story_id).where(story_label.c.kind == kind, story_label.c.value.in_(wanted))


def _load(c: Connection, wanted: Select[Any]) -> list[Story]:
    """Whole stories, with all their reports, in the order wanted."""
    ids = list(c.scalars(wanted))
    victims, labels, reports = _victims(c, ids), _labels(c, ids), _reports(c, ids)
    rows = {row.id: row for row in c.execute(select(story).where(story.c.id.in_(ids)))}
    return [_story(rows[each], reports[each], victims[each], labels) for each in ids]


def _story(row: Row[Any], reports: list[Report], victims: list[Victim], labels: _Labels) -> Story:
    countries, attacks, actors = (labels.get((row.id, kind), ()) for kind in ("country", "attack", "actor"))
    attacks_known: Any = attacks  # the column holds what `Attack` listed when it was written
    return Story(row.key, row.headline, row.status, row.opened_at, tuple(reports), countries, tuple(victims), attacks_known, actors)


def _victims(c: Connection, ids: Sequence[int]) -> defaultdict[int, list[Victim]]:
    found: defaultdict[int, list[Victim]] = defaultdict(list)
    for row in c.execute(select(story_victim).where(story_victim.c.story_id.in_(ids)).order_by(story_victim.c.position)):
        found[row.story_id].append(Victim(row.victim_id, row.name, row.country, row.sector))
    return found


def _labels(c: Connection, ids: Sequence[int]) -> _Labels:
    found: _Labels = {}
    for row in c.execute(select(story_label).where(story_label.c.story_id.in_(ids)).order_by(story_label.c.position)):
        place = (row.story_id, row.kind)
        found[place] = (*found.get(place, ()), row.value)
    return found


def _reports(c: Connection, ids: Sequence[int]) -> defaultdict[int, list[Report]]:
    found: defaultdict[int, list[Report]] = defaultdict(list)
    wanted = ("id", "canonical_url", "story_id", "title", "outlet", "reported_at", "finding", "signature", "copy_of")
    query = select(*(article.c[name] for name in wanted)).where(article.c.story_id.in_(ids))
    for row in c.execute(query.order_by(article.c.reported_at, article.c.id)):
        found[row.story_id].append(_report(row))
    return found


def _report(row: Row[Any]) -> Report:
    copy_of = None if row.copy_of is None else str(row.copy_of)
    finding, signature = values.finding(row.finding), values.signature(row.signature)
    return Report(str(row.id), row.canonical_url, row.title, row.outlet, row.reported_at, finding, signature, copy_of)


def _save_story(c: Connection, placement: Placement, now: datetime) -> int:
    told = placement.story
    times = [each.at for each in (*told.reports, placement.report)]
    facts = {
        "headline": told.headline,
        "status": told.status,
        "first_report_at": min(times),
        "last_report_at": max(times),
        "updated_at": now,
    }
    statement = insert(c, story).values(key=told.key, opened_at=told.opened_at, **facts)
    saved = c.execute(statement.on_conflict_do_update(index_elements=["key"], set_=facts).returning(story.c.id))
    return int(saved.scalar_one())


def _replace_lists(c: Connection, story_id: int, told: Story) -> None:
    c.execute(delete(story_victim).where(story_victim.c.story_id == story_id))
    c.execute(delete(story_label).where(story_label.c.story_id == story_id))
    victims = [
        {"story_id": story_id, "victim_id": each.id, "position": at, "name": each.name, "country": each.country, "sector": each.sector}
        for at, each in enumerate({each.id: each for each in told.victims}.values())
    ]
    labels = [
        {"story_id": story_id, "kind": kind, "value": value, "position": at}
        for kind, told_values in (("country", told.countries), ("attack", told.attacks), ("actor", told.actors))
        for at, value in enumerate(dict.fromkeys(told_values))
    ]
    for table, rows in ((story_victim, victims), (story_label, labels)):
        if rows:
            c.execute(plain_insert(table), rows)
