"""Decisions on both databases: what was said last and not taken back holds, nothing of the history is lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import Connection, delete, func, select

from monitor.model import Article, Decided, Ruling, Verdict
from monitor.store import decisions, stories, told
from monitor.store.decisions import DecidedArticle, Decision, DecisionKind, Said
from monitor.store.engine import Store
from monitor.store.schema import article, change, decision, decision_article, story
from tests.contract.samples import (
    HOUR,
    NOW,
    PARLIAMENT,
    a_finding,
    a_joined_report,
    a_source_id,
    a_stored_report,
    an_opened_story,
)

KINDS: tuple[DecisionKind, ...] = ("confirmed", "rejected", "muted", "merged", "split", "noted")


@pytest.fixture
def stocked(store: Store) -> Store:
    """Three stories: of articles 1 and 4, of article 2, of article 3."""

    def fill(c: Connection) -> None:
        a_source_id(c)
        first, *_ = (an_opened_story(c, number, a_finding(PARLIAMENT)) for number in (1, 2, 3))
        a_joined_report(c, first, a_stored_report(c, 4, a_finding(PARLIAMENT)))

    store.write_now(fill)
    return store


def decide(store: Store, key: str, kind: DecisionKind, author: str = "ana", at: datetime = NOW, detail: str = "") -> bool:
    return store.write_now(lambda c: decisions.decide(c, key, Said(kind, author, at, detail)))


def bind(store: Store, key: str, kind: DecisionKind, *sides: Iterable[int]) -> bool:
    return store.write_now(lambda c: decisions.decide(c, key, Said(kind, "ana", NOW), sides))


def undo(store: Store, key: str, author: str = "bob", now: datetime = NOW + HOUR) -> DecisionKind | None:
    return store.write_now(lambda c: decisions.undo(c, key, author, now))


def in_force(store: Store) -> dict[str, Verdict]:
    listed = store.read_now(told.listing)
    return {each.key: each.decided.verdict for each in listed if each.decided.verdict}


def history(store: Store, key: str) -> list[Decision]:
    return store.read_now(lambda c: decisions.of_story(c, key))


def held(store: Store, key: str) -> Decided:
    (standing,) = store.read_now(lambda c: stories.by_key(c, [key]))
    return standing.decided


def rulings(store: Store, *keys: str) -> list[Ruling]:
    """What the store says, the sides in the order of their articles: it may tell them in any."""
    found = store.read_now(lambda c: stories.rulings(c, keys))
    return [replace(each, sides=tuple(sorted(each.sides, key=sorted))) for each in found]


def sides(*articles: str) -> tuple[frozenset[str], ...]:
    return tuple(map(frozenset, articles))


def take_in(store: Store, key: str, gone: str) -> None:
    """Moves the articles of a story into another, as a repair does."""

    def work(c: Connection) -> None:
        here, there = (select(story.c.id).where(story.c.key == each).scalar_subquery() for each in (key, gone))
        c.execute(article.update().where(article.c.story_id == there).values(story_id=here))
        stories.retire(c, gone, NOW)

    store.write_now(work)


def bound_to(store: Store, *keys: str) -> list[str]:
    return sorted(store.read_now(lambda c: stories.bound_to(c, keys)))


def test_a_decision_is_in_force_and_remembers_who_and_when(stocked: Store) -> None:
    assert in_force(stocked) == {}
    assert decide(stocked, "story-1", "confirmed")
    assert decide(stocked, "story-2", "rejected", "bob", NOW + HOUR)
    assert in_force(stocked) == {"story-1": "confirmed", "story-2": "rejected"}
    assert history(stocked, "story-2") == [Decision("rejected", "", "bob", NOW + HOUR, None, None, "story-2")]
    assert history(stocked, "story-3") == []


@pytest.mark.parametrize(
    ("kind", "holds"),
    [
        ("confirmed", Decided("confirmed")),
        ("rejected", Decided("rejected")),
        ("muted", Decided(muted=True)),
        ("merged", Decided(gathers=True)),
        ("split", Decided()),
        ("noted", Decided()),
    ],
)
def test_each_kind_of_decision_says_what_it_says_and_can_be_taken_back(stocked: Store, kind: DecisionKind, holds: Decided) -> None:
    assert decide(stocked, "story-1", kind, detail="words")
    assert held(stocked, "story-1") == holds
    assert history(stocked, "story-1") == [Decision(kind, "words", "ana", NOW, None, None, "story-1")]
    assert undo(stocked, "story-1") == kind
    assert held(stocked, "story-1") == Decided()
    assert history(stocked, "story-1") == [Decision(kind, "words", "ana", NOW, NOW + HOUR, "bob", "story-1")]
    assert rulings(stocked, "story-1") == []


def test_decisions_of_different_kinds_hold_side_by_side(stocked: Store) -> None:
    for kind in ("muted", "merged", "noted", "confirmed"):
        assert decide(stocked, "story-1", kind)
    assert held(stocked, "story-1") == Decided("confirmed", muted=True, gathers=True)
    assert in_force(stocked) == {"story-1": "confirmed"}


def test_undoing_goes_back_through_all_kinds_the_latest_first(stocked: Store) -> None:
    for kind in KINDS:
        assert decide(stocked, "story-1", kind)
    assert [each.kind for each in history(stocked, "story-1")] == [*reversed(KINDS)]
    assert [undo(stocked, "story-1") for _ in range(7)] == [*reversed(KINDS), None]


def test_a_story_that_is_not_there_cannot_be_decided(stocked: Store) -> None:
    assert not decide(stocked, "nowhere", "confirmed")
    assert undo(stocked, "nowhere") is None
    assert in_force(stocked) == {}


def test_a_story_that_was_taken_in_cannot_be_decided(stocked: Store) -> None:
    take_in(stocked, "story-1", "story-2")
    assert not decide(stocked, "story-2", "noted")
    assert history(stocked, "story-2") == []


def test_what_was_decided_of_a_story_is_told_beside_that_which_took_it_in(stocked: Store) -> None:
    decide(stocked, "story-2", "muted")
    decide(stocked, "story-3", "noted", detail="elsewhere")
    decide(stocked, "story-1", "confirmed")
    undo(stocked, "story-2")
    take_in(stocked, "story-1", "story-2")
    assert [(each.story, each.kind, each.undone_by) for each in history(stocked, "story-1")] == [
        ("story-1", "confirmed", None),
        ("story-2", "muted", "bob"),
    ]
    assert [each.story for each in history(stocked, "story-2")] == ["story-2"]
    assert held(stocked, "story-1") == Decided("confirmed")


@pytest.mark.parametrize("kind", ["confirmed", "rejected", "muted"])
def test_what_holds_already_is_not_said_again(stocked: Store, kind: DecisionKind) -> None:
    assert decide(stocked, "story-1", kind)
    assert not decide(stocked, "story-1", kind, "bob", NOW + HOUR)
    assert history(stocked, "story-1") == [Decision(kind, "", "ana", NOW, None, None, "story-1")]


def test_a_note_may_be_written_again(stocked: Store) -> None:
    assert decide(stocked, "story-1", "noted", detail="asked by phone")
    assert decide(stocked, "story-1", "noted", "bob", detail="asked by phone")
    assert [each.author for each in history(stocked, "story-1")] == ["bob", "ana"]


def test_a_verdict_that_was_overruled_may_be_given_again(stocked: Store) -> None:
    for kind in ("confirmed", "rejected", "confirmed"):
        assert decide(stocked, "story-1", kind)
    assert held(stocked, "story-1").verdict == "confirmed"


def test_the_latest_decision_wins_whatever_the_clocks_say(stocked: Store) -> None:
    decide(stocked, "story-1", "confirmed", at=NOW)
    decide(stocked, "story-1", "rejected", at=NOW - HOUR)
    assert in_force(stocked) == {"story-1": "rejected"}
    assert held(stocked, "story-1").verdict == "rejected"
    assert [each.kind for each in history(stocked, "story-1")] == ["rejected", "confirmed"]


def test_undoing_takes_back_the_decision_in_force_and_no_other(stocked: Store) -> None:
    decide(stocked, "story-1", "confirmed")
    decide(stocked, "story-1", "rejected")
    decide(stocked, "story-2", "rejected")
    assert undo(stocked, "story-1") == "rejected"
    assert in_force(stocked) == {"story-1": "confirmed", "story-2": "rejected"}
    assert history(stocked, "story-1") == [
        Decision("rejected", "", "ana", NOW, NOW + HOUR, "bob", "story-1"),
        Decision("confirmed", "", "ana", NOW, None, None, "story-1"),
    ]
    assert (undo(stocked, "story-1"), undo(stocked, "story-1")) == ("confirmed", None)
    assert in_force(stocked) == {"story-2": "rejected"}


def test_what_was_taken_back_can_be_decided_again(stocked: Store) -> None:
    decide(stocked, "story-1", "confirmed")
    undo(stocked, "story-1")
    assert decide(stocked, "story-1", "confirmed", "cem", NOW + 2 * HOUR)
    assert in_force(stocked) == {"story-1": "confirmed"}
    assert [each.author for each in history(stocked, "story-1")] == ["cem", "ana"]


def test_a_verdict_binds_the_articles_that_the_story_has_then(stocked: Store) -> None:
    decide(stocked, "story-1", "confirmed")
    decide(stocked, "story-2", "rejected")
    assert rulings(stocked, "story-1") == [Ruling(sides("14"))]
    assert rulings(stocked, "story-2") == [Ruling(sides("2"), rejects=True)]
    assert rulings(stocked, "story-3") == []


def test_a_mute_or_rejection_binds_and_silences_as_long_as_its_story_stands(stocked: Store) -> None:
    decide(stocked, "story-1", "muted")
    decide(stocked, "story-2", "rejected")
    assert rulings(stocked, "story-1") == [Ruling(sides("14"), mutes=True)]
    take_in(stocked, "story-3", "story-1")
    take_in(stocked, "story-3", "story-2")
    assert rulings(stocked, "story-3") == [Ruling(sides("2")), Ruling(sides("14"))]


def test_who_notes_binds_nothing(stocked: Store) -> None:
    decide(stocked, "story-1", "noted")
    assert rulings(stocked, "story-1") == []
    assert stocked.read_now(lambda c: c.scalar(select(func.count()).select_from(decision_article))) == 0


def test_rulings_come_the_latest_first_each_once(stocked: Store) -> None:
    decide(stocked, "story-2", "rejected")
    bind(stocked, "story-1", "merged", [1, 4, 2])
    bind(stocked, "story-1", "split", [4], [1])
    expected = [Ruling(sides("1", "4")), Ruling(sides("142")), Ruling(sides("2"), rejects=True)]
    assert rulings(stocked, "story-1", "story-2") == expected
    assert rulings(stocked, "story-1") == expected[:2]  # the articles of story-1 are in these
    assert rulings(stocked, "story-2") == expected[1:]


def test_of_the_verdicts_on_a_story_the_one_that_holds_rules(stocked: Store) -> None:
    decide(stocked, "story-1", "confirmed")
    bind(stocked, "story-1", "merged", [1, 2])
    decide(stocked, "story-1", "rejected")
    assert rulings(stocked, "story-1") == [Ruling(sides("14"), rejects=True), Ruling(sides("12"))]
    undo(stocked, "story-1")
    assert rulings(stocked, "story-1") == [Ruling(sides("12")), Ruling(sides("14"))]
    undo(stocked, "story-1")
    assert rulings(stocked, "story-1") == [Ruling(sides("14"))]


def test_stories_whose_articles_a_person_put_together_or_parted_are_bound(stocked: Store) -> None:
    assert bound_to(stocked, "story-1") == []
    bind(stocked, "story-1", "merged", [1, 4, 2])
    bind(stocked, "story-2", "split", [2], [3])
    assert bound_to(stocked, "story-1") == ["story-2"]
    assert bound_to(stocked, "story-2") == ["story-1", "story-3"]
    assert bound_to(stocked, "story-1", "story-2") == ["story-3"]
    assert bound_to(stocked, "story-3", "nowhere") == ["story-2"]
    undo(stocked, "story-2")
    assert bound_to(stocked, "story-2") == ["story-1"]


def test_articles_go_on_being_bound_where_they_went(stocked: Store) -> None:
    bind(stocked, "story-1", "split", [1], [4])
    stocked.write_now(lambda c: c.execute(article.update().where(article.c.id == 4).values(story_id=3)))
    assert bound_to(stocked, "story-1") == ["story-3"]
    assert rulings(stocked, "story-3") == [Ruling(sides("1", "4"))]


def test_decisions_go_with_their_story(stocked: Store) -> None:
    decide(stocked, "story-1", "confirmed")

    def forget(c: Connection) -> list[int | None]:
        c.execute(delete(change))
        c.execute(article.update().values(story_id=None))
        c.execute(delete(story).where(story.c.key == "story-1"))
        return [c.scalar(select(func.count()).select_from(table)) for table in (decision, decision_article)]

    assert stocked.write_now(forget) == [0, 0]


def read_article(number: int) -> Article:
    """The article of `an_entry(number)` as it came to be judged. What was read of its page is the same for all."""
    return Article(f"https://one.al/news/{number}", "Read title", "Read text", NOW, "sq", "one.al", "AL")


def test_articles_of_decided_stories_are_examples_to_learn_from(stocked: Store) -> None:
    decide(stocked, "story-1", "confirmed")
    decide(stocked, "story-2", "rejected")
    decide(stocked, "story-2", "muted")
    decide(stocked, "story-3", "rejected")
    undo(stocked, "story-3")
    assert stocked.read_now(decisions.labelled) == [
        DecidedArticle(read_article(1), True, "story-1"),
        DecidedArticle(read_article(2), False, "story-2"),
        DecidedArticle(read_article(4), True, "story-1"),
    ]


def test_copies_are_no_examples(stocked: Store) -> None:
    def copy(c: Connection) -> None:
        number = a_stored_report(c, 9, a_finding(PARLIAMENT)).id
        c.execute(article.update().where(article.c.id == int(number)).values(story_id=2, copy_of=2))

    stocked.write_now(copy)
    decide(stocked, "story-2", "confirmed")
    assert [each.article.url for each in stocked.read_now(decisions.labelled)] == ["https://one.al/news/2"]
