"""Stories: what placement and repair may join, and what they decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, func, select, union, update
from sqlalchemy import insert as plain_insert

from monitor.model import Change, Finding, Placement, Report, Ruling, Standing, Story
from monitor.store import decisions, values
from monitor.store.dialect import insert, one_at_a_time
from monitor.store.schema import article, band, change, story, story_label, story_mark, story_victim

# As far as the rules of placement reach (a test holds them against each other): follow-ups on one victim, news of one country, one text.
REACH = timedelta(days=1100)
COUNTRY_REACH = timedelta(days=14)
ACTOR_REACH = timedelta(days=45)
TEXT_REACH = timedelta(days=10)
_WEEK, _SEASON = timedelta(days=7), timedelta(days=45)
_MOST = 24  # stories of one report's victims: a government has many, and only those nearest in time matter
_MOST_MARKED = 200  # stories of a country in these weeks: whoever floods us with false ones must not stop the rest
_CHUNK = 50  # reports whose neighbours are asked for at once: each has 64 bands, and statements have limits

_REPORT = ("id", "canonical_url", "title", "outlet", "reported_at", "finding", "signature", "copy_of", "why")
_STORY = ("key", "opened_at", "opened_by", "last_report_at")
_JOINED = ", "
REPAIRS = ("merged", "split")  # changes that people or the repair job made, not reports


def candidates(c: Connection, report: Report) -> list[Standing]:
    """Stories the report might belong to: near in time, and with a victim, a country or a stretch of text in common. Without copies.

    Until the transaction ends nobody else places: two articles of one incident must not open a story each.
    """
    alone(c)
    wanted = _near([report])
    return [] if wanted is None else _load(c, wanted, article.c.copy_of.is_(None))


def around(c: Connection, reports: Sequence[Report], known: Collection[str]) -> list[Standing]:
    """Stories with reports that may be tied to one of these, whole. Not those whose keys are `known`."""
    wanted = [_near(reports[at : at + _CHUNK]) for at in range(0, len(reports), _CHUNK)]
    ids = {number for some in wanted if some is not None for number in c.scalars(some)}
    return _load(c, select(story.c.id).where(story.c.id.in_(ids), story.c.key.not_in(known)))


def by_key(c: Connection, keys: Collection[str]) -> list[Standing]:
    """The stories of these keys as they stand, whole."""
    return _load(c, select(story.c.id).where(story.c.key.in_(keys)))


def everything(c: Connection) -> list[Standing]:
    """All stories as they stand."""
    return _load(c, select(story.c.id))


def bound_to(c: Connection, keys: Collection[str]) -> list[str]:
    """The keys of the stories with reports that people bound to reports of these, or parted from them."""
    ids = list(c.scalars(select(story.c.id).where(story.c.key.in_(keys))))
    return list(c.scalars(select(story.c.key).where(story.c.id.in_(decisions.bound(c, ids)), story.c.key.not_in(keys))))


def rulings(c: Connection, keys: Collection[str]) -> list[Ruling]:
    """What people said about the reports of these stories, the latest first."""
    return decisions.rulings(c, list(c.scalars(select(story.c.id).where(story.c.key.in_(keys)))))


def retired(c: Connection, reports: Collection[str]) -> list[Standing]:
    """Stories that were taken in by others, and were opened by one of these reports. They have no reports now."""
    query = select(story).where(story.c.retired_at.is_not(None), story.c.opened_by.in_([int(report) for report in reports]))
    rows = c.execute(query.order_by(story.c.id)).all()
    decided = decisions.decided(c, [row.id for row in rows])
    return [Standing(row.key, row.opened_at, str(row.opened_by), row.last_report_at, (), decided[row.id]) for row in rows]


def unsettled(c: Connection) -> str | None:
    """The key of the story that has waited longest for its repair."""
    waiting = select(story.c.key).where(story.c.unsettled_at.is_not(None), story.c.retired_at.is_(None))
    return c.scalar(waiting.order_by(story.c.unsettled_at, story.c.id).limit(1))


def alone(c: Connection) -> None:
    """Waits until no other transaction places reports or repairs stories."""
    one_at_a_time(c, "stories.place")


def _load(c: Connection, wanted: Select[Any], which: ColumnElement[bool] | None = None) -> list[Standing]:
    """The stories of these ids as they stand, with their reports in order, or those reports that `which` tells. None without any report."""
    columns = [*(article.c[name] for name in _REPORT), *(story.c[name].label(f"story_{name}") for name in _STORY), article.c.story_id]
    query = select(*columns).join(story, story.c.id == article.c.story_id).where(article.c.story_id.in_(wanted))
    if which is not None:
        query = query.where(which)
    rows: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for row in c.execute(query.order_by(article.c.story_id, article.c.reported_at, article.c.canonical_url)):
        rows[row.story_id].append(row)
    decided = decisions.decided(c, list(rows))
    return [
        Standing(
            of_one[0].story_key,
            of_one[0].story_opened_at,
            str(of_one[0].story_opened_by or of_one[0].id),
            of_one[0].story_last_report_at,
            tuple(map(_report, of_one)),
            decided[story_id],
        )
        for story_id, of_one in rows.items()
    ]


def save(c: Connection, placement: Placement, now: datetime) -> None:
    """Stores the story as it is now, the report's place in it, and what changed. Saying it twice changes nothing."""
    story_id = _write_row(c, placement.story, now)
    if placement.report.copy_of is None:
        _write_facts(c, story_id, placement.story)
    _put(c, story_id, [placement.report])
    _write_changes(c, story_id, dict.fromkeys(placement.changes, placement.report.id), now)
    if placement.doubtful:
        c.execute(update(story).where(story.c.id == story_id, story.c.unsettled_at.is_(None)).values(unsettled_at=now))


def settled(c: Connection, keys: Collection[str]) -> set[str]:
    """Says of stories that nothing about them is in doubt any more; returns those about which there was doubt."""
    doubtful = update(story).where(story.c.key.in_(keys), story.c.unsettled_at.is_not(None)).values(unsettled_at=None)
    return set(c.scalars(doubtful.returning(story.c.key)))


def defer(c: Connection, key: str, now: datetime) -> None:
    """Puts a story whose repair failed behind the others in doubt."""
    c.execute(update(story).where(story.c.key == key).values(unsettled_at=now))


def taken(c: Connection, key: str) -> bool:
    """Whether this is a story's key, or was one's."""
    return c.scalar(select(story.c.id).where(story.c.key == key)) is not None


def rewrite(c: Connection, told: Story, timeline: Mapping[Change, str], now: datetime) -> None:
    """Stores a story that was put together anew, whole: all its reports, and its time line with the report that made each change."""
    story_id = _write_row(c, told, now)
    _write_facts(c, story_id, told)
    _put(c, story_id, told.reports)
    untold = and_(change.c.story_id == story_id, change.c.kind.not_in(REPAIRS))
    known = {Change(row.kind, row.detail): row.id for row in c.execute(select(change).where(untold))}
    c.execute(delete(change).where(change.c.id.in_([number for each, number in known.items() if each not in timeline])))
    for each, report in timeline.items():
        if each in known:
            c.execute(update(change).where(change.c.id == known[each]).values(article_id=int(report)))
    _write_changes(c, story_id, timeline, now)


def retire(c: Connection, key: str, now: datetime) -> None:
    """Closes a story whose reports have gone to others. Its key stays, and leads to where the report that opened it is."""
    here = select(story.c.id).where(story.c.key == key).scalar_subquery()
    for table in (story_victim, story_label, story_mark, change):
        c.execute(delete(table).where(table.c.story_id == here))
    c.execute(update(story).where(story.c.key == key).values(retired_at=now, updated_at=now, unsettled_at=None))


def reopen(c: Connection, key: str, article_id: int) -> None:
    """Has a story found by another of its articles, before that which opened it leaves."""
    c.execute(update(story).where(story.c.key == key).values(opened_by=article_id))


def note_repair(c: Connection, key: str, kind: str, other: str, now: datetime) -> None:
    """Puts into a story's time line that it took in or gave off another story."""
    here = c.execute(select(story.c.id, story.c.opened_by).where(story.c.key == key)).one()
    row = {"story_id": here.id, "article_id": here.opened_by, "kind": kind, "detail": other, "at": now}
    c.execute(insert(c, change).on_conflict_do_nothing(), [row])


def _near(reports: Sequence[Report]) -> Select[Any] | None:
    """The ids of stories that may have reports tied to one of these; None if there can be none."""
    first, last = min(report.at for report in reports), max(report.at for report in reports)
    parts = (_of_victims(reports, first, last), _of_marks(reports), _of_text(reports, first, last))
    there = [part for part in parts if part is not None]
    return select(union(*there).subquery().c.story_id) if there else None


def _of_victims(reports: Sequence[Report], first: datetime, last: datetime) -> Select[Any] | None:
    """Stories of the same victims: of each victim those told nearest in time before and after."""
    victims = {victim.id for report in reports for victim in report.finding.victims}
    if not victims:
        return None
    in_reach = and_(story.c.last_report_at >= first - REACH, story.c.first_report_at <= last + REACH)
    told = story.c.last_report_at
    here = select(story_victim.c.story_id).join(story, story.c.id == story_victim.c.story_id)
    here = here.where(story_victim.c.victim_id.in_(victims), in_reach)
    after = _of_each_victim(here.where(told >= first), told.asc(), _MOST * len(reports))
    before = _of_each_victim(here.where(told < first), told.desc(), _MOST)
    return select(union(after, before).subquery().c.story_id)


def _of_each_victim(here: Select[Any], order: ColumnElement[Any], most: int) -> Select[Any]:
    number = func.row_number().over(partition_by=story_victim.c.victim_id, order_by=order).label("number")
    numbered = here.add_columns(number).subquery()
    return select(numbered.c.story_id).where(numbered.c.number <= most)


def _of_marks(reports: Sequence[Report]) -> Select[Any] | None:
    """Stories of the same countries in the same weeks, and of the same groups there in the same season."""
    marks = {mark for report in reports for mark in _marks(report.finding, report.at - COUNTRY_REACH, report.at + COUNTRY_REACH)}
    marks |= {mark for report in reports for mark in _actor_marks(report.finding, report.at - ACTOR_REACH, report.at + ACTOR_REACH)}
    if not marks:
        return None
    first, told = min(report.at for report in reports), story.c.last_report_at
    here = select(story.c.id.label("story_id"), told).where(
        story.c.id.in_(select(story_mark.c.story_id).where(story_mark.c.mark.in_(sorted(marks))))
    )
    after = here.where(told >= first).order_by(told, story.c.id).limit(_MOST_MARKED).subquery()
    before = here.where(told < first).order_by(told.desc(), story.c.id).limit(_MOST_MARKED).subquery()
    return select(union(select(after.c.story_id), select(before.c.story_id)).subquery().c.story_id)


def _marks(of: Finding | Story, first: datetime, last: datetime) -> Iterator[str]:
    yield from (f"{country}@{number}" for country in of.countries for number in _numbers(first, last, _WEEK))


def _actor_marks(of: Finding | Story, first: datetime, last: datetime) -> Iterator[str]:
    numbers = _numbers(first, last, _SEASON)
    yield from (f"{country} {actor}@{number}" for country in of.countries for actor in of.actors for number in numbers)


def _numbers(first: datetime, last: datetime, step: timedelta) -> range:
    """The numbers of the stretches of time, counted from 1970, from one instant to another."""
    length = step.total_seconds()
    return range(int(first.timestamp() // length), int(last.timestamp() // length) + 1)


def _of_text(reports: Sequence[Report], first: datetime, last: datetime) -> Select[Any] | None:
    """Stories with a stretch of text in common. The bands of stored reports are stored beside them."""
    bands = sorted({values.signed(each) for report in reports for each in report.signature.bands})
    stored = [int(report.id) for report in reports if report.signature.digest and not report.signature.bands]
    if not bands and not stored:
        return None
    shared = band.c.hash.in_(select(band.c.hash).where(band.c.article_id.in_(stored))) if stored else band.c.hash.in_(bands)
    near = article.c.reported_at.between(first - TEXT_REACH, last + TEXT_REACH)
    alike = select(band.c.article_id).where(shared)
    return select(article.c.story_id).where(article.c.id.in_(alike), article.c.story_id.is_not(None), near)


def _report(row: Row[Any]) -> Report:
    copy_of = None if row.copy_of is None else str(row.copy_of)
    finding, signature = values.placing(row.finding), values.signature(row.signature)
    return Report(str(row.id), row.canonical_url, row.title, row.outlet, row.reported_at, finding, signature, copy_of, row.why or "")


def _write_row(c: Connection, told: Story, now: datetime) -> int:
    standing = told.standing
    facts = {
        "headline": told.headline,
        "status": told.status,
        "title": told.title,
        "title_lang": told.title_lang,
        "opened_by": int(standing.opened_by),
        "first_report_at": min(report.at for report in told.reports),
        "last_report_at": standing.last_at,
        "updated_at": now,
        "retired_at": None,
    }
    statement = insert(c, story).values(key=told.key, opened_at=standing.opened_at, **facts)
    saved = c.execute(statement.on_conflict_do_update(index_elements=["key"], set_=facts).returning(story.c.id))
    return int(saved.scalar_one())


def _put(c: Connection, story_id: int, reports: Sequence[Report]) -> None:
    """Says of articles which story they are in, and why. Originals may be put after their copies: both are stored already."""
    for report in reports:
        copy_of = int(report.copy_of) if report.copy_of else None
        place = {"story_id": story_id, "why": report.why, "reported_at": report.at, "copy_of": copy_of}
        c.execute(update(article).where(article.c.id == int(report.id)).values(place))


def _write_facts(c: Connection, story_id: int, told: Story) -> None:
    for table in (story_victim, story_label, story_mark):
        c.execute(delete(table).where(table.c.story_id == story_id))
    victims = [
        {"story_id": story_id, "victim_id": each.id, "position": at, "name": each.name, "country": each.country, "sector": each.sector}
        for at, each in enumerate({each.id: each for each in told.victims}.values())
    ]
    marks = {mark for report in told.reports for of in (_marks, _actor_marks) for mark in of(told, report.at, report.at)}
    marked = [{"story_id": story_id, "mark": mark} for mark in sorted(marks)]
    for table, rows in ((story_victim, victims), (story_label, _labels(story_id, told)), (story_mark, marked)):
        if rows:
            c.execute(plain_insert(table), rows)


def _labels(story_id: int, told: Story) -> list[dict[str, Any]]:
    said: dict[tuple[str, str], dict[str, str]] = {
        ("actor", each.actor): {"basis": "claims it" if each.claims else "blamed", "said_by": _JOINED.join(each.outlets)}
        for each in told.attributions
    }
    unsaid = {"basis": None, "said_by": None}
    return [
        {"story_id": story_id, "kind": kind, "value": value, "position": at, **said.get((kind, value), unsaid)}
        for kind, told_values in (("country", told.countries), ("attack", told.attacks), ("actor", told.actors))
        for at, value in enumerate(dict.fromkeys(told_values))
    ]


def _write_changes(c: Connection, story_id: int, made: Mapping[Change, str], now: datetime) -> None:
    rows = [
        {"story_id": story_id, "article_id": int(report), "kind": each.kind, "detail": each.detail, "at": now}
        for each, report in made.items()
    ]
    if rows:
        c.execute(insert(c, change).on_conflict_do_nothing(), rows)
