"""What people decided about stories, by whom and when, and what was taken back. Rows never change but for being taken back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, insert, select, union, update

from monitor.model import Article, Decided, Ruling, Verdict
from monitor.store.archive import read_again, to_article
from monitor.store.dialect import one_at_a_time
from monitor.store.schema import article, decision, decision_article, story

DecisionKind = Literal["confirmed", "rejected", "muted", "merged", "split", "noted"]

_VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
_HELD = decision.c.undone_at.is_(None)
# Whoever decides so says which reports belong together.
_BINDING = ("confirmed", "rejected", "muted", "merged", "split")


@dataclass(frozen=True, slots=True)
class Decision:
    """What one person said about the story of this key, and who took it back, if anybody did.

    `detail`: the words of a note, the keys of the stories that were merged into it, the numbers of the articles that were parted from it.
    """

    kind: DecisionKind
    detail: str
    author: str
    at: datetime
    undone_at: datetime | None
    undone_by: str | None
    story: str


@dataclass(frozen=True, slots=True)
class Said:
    """Who decides what, and when."""

    kind: DecisionKind
    author: str
    at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DecidedArticle:
    """A flagged article of a story that people confirmed or rejected: an example to learn from."""

    article: Article
    confirmed: bool
    story: str


def decide(c: Connection, key: str, said: Said, sides: Sequence[Iterable[int]] = ()) -> bool:
    """Puts a decision on the story of this key in force. `sides`: the articles that it binds; without, a binding one takes the story's own.

    A verdict or a mute that is in force already is not repeated. False: it is, or there is no such story.
    """
    one_at_a_time(c, "decisions")
    story_id = c.scalar(select(story.c.id).where(story.c.key == key, story.c.retired_at.is_(None)))
    if story_id is None or _in_force(c, story_id, said.kind):
        return False
    row = {"story_id": story_id, "kind": said.kind, "detail": said.detail, "author": said.author, "at": said.at}
    number = c.execute(insert(decision).values(row).returning(decision.c.id)).scalar_one()
    if said.kind in _BINDING:
        bound = sides or [c.scalars(select(article.c.id).where(article.c.story_id == story_id)).all()]
        rows = [{"decision_id": number, "article_id": each, "side": side} for side, those in enumerate(bound) for each in those]
        c.execute(insert(decision_article), rows)
    return True


def undo(c: Connection, key: str, author: str, now: datetime) -> DecisionKind | None:
    """Takes back the latest decision that holds on this story; the one before it, if any, holds again. None: there is none."""
    one_at_a_time(c, "decisions")
    of_story = select(func.max(decision.c.id)).join(story, story.c.id == decision.c.story_id).where(story.c.key == key, _HELD)
    query = update(decision).where(decision.c.id == of_story.scalar_subquery()).values(undone_at=now, undone_by=author)
    kind: DecisionKind | None = c.scalar(query.returning(decision.c.kind))
    return kind


def of_story(c: Connection, key: str) -> list[Decision]:
    """All that was ever decided about a story and about those that it took in, the latest first."""
    here = select(story.c.id).where(story.c.key == key).scalar_subquery()
    taken_in = and_(story.c.retired_at.is_not(None), story.c.opened_by.in_(select(article.c.id).where(article.c.story_id == here)))
    columns = (decision.c[name] for name in ("kind", "detail", "author", "at", "undone_at", "undone_by"))
    query: Select[Any] = select(*columns, story.c.key).join(story, story.c.id == decision.c.story_id).where((story.c.key == key) | taken_in)
    return [Decision(*row) for row in c.execute(query.order_by(decision.c.id.desc()))]


def decided(c: Connection, story_ids: Sequence[int]) -> defaultdict[int, Decided]:
    """What holds of each of these stories."""
    found: defaultdict[int, Decided] = defaultdict(Decided)
    query = select(decision.c.story_id, decision.c.kind).where(decision.c.story_id.in_(story_ids), _HELD).order_by(decision.c.id)
    for row in c.execute(query):
        held = found[row.story_id]
        if row.kind in _VERDICTS:
            held = replace(held, verdict=row.kind)
        found[row.story_id] = replace(held, muted=held.muted or row.kind == "muted", gathers=held.gathers or row.kind == "merged")
    return found


def silenced() -> Select[Any]:
    """The ids of the stories that shall alert nobody."""
    muted = select(decision.c.story_id).where(_HELD, decision.c.kind == "muted")
    rejected = select(decision.c.story_id).where(decision.c.id.in_(_verdicts()), decision.c.kind == "rejected")
    return select(union(muted, rejected).subquery().c.story_id)


def rulings(c: Connection, story_ids: Sequence[int]) -> list[Ruling]:
    """What the decisions that hold say about the reports of these stories, the latest first.

    A story that was called no incident, or muted, and then merged into another, does not silence that.
    """
    here = select(decision_article.c.decision_id).join(article, article.c.id == decision_article.c.article_id)
    touching = here.where(article.c.story_id.in_(story_ids))
    binding = decision.c.kind.in_(_BINDING)
    silences = case((story.c.retired_at.is_(None), decision.c.kind), else_=None).label("silences")
    query = select(decision.c.id, silences, decision_article.c.side, decision_article.c.article_id)
    query = query.join(decision_article, decision_article.c.decision_id == decision.c.id).join(story, story.c.id == decision.c.story_id)
    sides: defaultdict[tuple[int, str | None], defaultdict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in c.execute(query.where(decision.c.id.in_(touching), _HELD, binding, _not_overruled()).order_by(decision.c.id.desc())):
        sides[row.id, row.silences][row.side].add(str(row.article_id))
    return [
        Ruling(tuple(frozenset(of_one[side]) for side in sorted(of_one)), kind == "rejected", kind == "muted")
        for (_, kind), of_one in sides.items()
    ]


def bound(c: Connection, story_ids: Sequence[int]) -> set[int]:
    """The stories in which reports are that people bound to reports of these, or parted from them."""
    ours, theirs = decision_article.alias(), decision_article.alias()
    here, there = article.alias(), article.alias()
    query = select(there.c.story_id).join(theirs, theirs.c.article_id == there.c.id).join(ours, ours.c.decision_id == theirs.c.decision_id)
    query = query.join(here, here.c.id == ours.c.article_id).join(decision, decision.c.id == ours.c.decision_id)
    return set(c.scalars(query.where(here.c.story_id.in_(story_ids), there.c.story_id.is_not(None), _HELD).distinct()))


def labelled(c: Connection) -> list[DecidedArticle]:
    """The flagged articles of all stories with a verdict that holds, by id. Copies are left out: they would count one text twice."""
    query = read_again().add_columns(story.c.key, decision.c.kind).join(story, story.c.id == article.c.story_id)
    query = query.join(decision, decision.c.story_id == story.c.id).where(decision.c.id.in_(_verdicts()))
    query = query.where(article.c.state == "flagged", article.c.copy_of.is_(None)).order_by(article.c.id)
    return [DecidedArticle(to_article(row), row.kind == "confirmed", row.key) for row in c.execute(query)]


def _verdicts() -> Select[Any]:
    """The ids of the verdicts that hold: of each story the last not taken back. Clocks of two machines may differ, ids do not."""
    return select(func.max(decision.c.id)).where(_HELD, decision.c.kind.in_(_VERDICTS)).group_by(decision.c.story_id)


def _not_overruled() -> ColumnElement[bool]:
    """Of several verdicts on one story only the last binds its reports."""
    return decision.c.kind.not_in(_VERDICTS) | decision.c.id.in_(_verdicts())


def _in_force(c: Connection, story_id: int, kind: DecisionKind) -> bool:
    if kind == "muted":
        return decided(c, [story_id])[story_id].muted
    return kind in _VERDICTS and decided(c, [story_id])[story_id].verdict == kind
