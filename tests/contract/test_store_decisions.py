"""Decisions on both databases: the latest not undone is in force, nothing of the history is lost."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import Connection, delete, func, select

from monitor.model import Article, Change
from monitor.store import decisions, stories
from monitor.store.decisions import DecidedArticle, Decision, Verdict
from monitor.store.engine import Store
from monitor.store.schema import article, change, decision, story
from tests.contract.samples import (
    HOUR,
    NOW,
    PARLIAMENT,
    a_finding,
    a_flagged_article,
    a_placement,
    a_report,
    a_source_id,
    a_story,
    an_opened_story,
)


@pytest.fixture
def stocked(store: Store) -> Store:
    """Three stories of one report each."""

    def fill(c: Connection) -> None:
        a_source_id(c)
        for number in (1, 2, 3):
            an_opened_story(c, number, a_finding(PARLIAMENT))

    store.write_now(fill)
    return store


def decide(store: Store, key: str, verdict: Verdict, author: str = "ana", now: datetime = NOW) -> bool:
    return store.write_now(lambda c: decisions.decide(c, key, verdict, author, now))


def undo(store: Store, key: str, author: str = "bob", now: datetime = NOW + HOUR) -> bool:
    return store.write_now(lambda c: decisions.undo(c, key, author, now))


def in_force(store: Store) -> dict[str, Verdict]:
    return store.read_now(decisions.in_force)


def history(store: Store, key: str) -> list[Decision]:
    return store.read_now(lambda c: decisions.of_story(c, key))


def test_a_decision_is_in_force_and_remembers_who_and_when(stocked: Store) -> None:
    assert in_force(stocked) == {}
    assert decide(stocked, "story-1", "confirmed")
    assert decide(stocked, "story-2", "rejected", "bob", NOW + HOUR)
    assert in_force(stocked) == {"story-1": "confirmed", "story-2": "rejected"}
    assert history(stocked, "story-2") == [Decision("rejected", "bob", NOW + HOUR, None, None)]
    assert history(stocked, "story-3") == []


def test_a_story_that_is_not_there_cannot_be_decided(stocked: Store) -> None:
    assert not decide(stocked, "nowhere", "confirmed")
    assert not undo(stocked, "nowhere")
    assert in_force(stocked) == {}


def test_the_same_verdict_again_changes_nothing(stocked: Store) -> None:
    assert decide(stocked, "story-1", "confirmed")
    assert decide(stocked, "story-1", "confirmed", "bob", NOW + HOUR)
    assert history(stocked, "story-1") == [Decision("confirmed", "ana", NOW, None, None)]


def test_the_latest_decision_wins_whatever_the_clocks_say(stocked: Store) -> None:
    decide(stocked, "story-1", "confirmed", now=NOW)
    decide(stocked, "story-1", "rejected", now=NOW - HOUR)
    assert in_force(stocked) == {"story-1": "rejected"}
    assert [each.verdict for each in history(stocked, "story-1")] == ["rejected", "confirmed"]


def test_undoing_takes_back_the_decision_in_force_and_no_other(stocked: Store) -> None:
    decide(stocked, "story-1", "confirmed")
    decide(stocked, "story-1", "rejected")
    decide(stocked, "story-2", "rejected")
    assert undo(stocked, "story-1")
    assert in_force(stocked) == {"story-1": "confirmed", "story-2": "rejected"}
    assert history(stocked, "story-1") == [
        Decision("rejected", "ana", NOW, NOW + HOUR, "bob"),
        Decision("confirmed", "ana", NOW, None, None),
    ]
    assert (undo(stocked, "story-1"), undo(stocked, "story-1")) == (True, False)
    assert in_force(stocked) == {"story-2": "rejected"}


def test_what_was_taken_back_can_be_decided_again(stocked: Store) -> None:
    decide(stocked, "story-1", "confirmed")
    undo(stocked, "story-1")
    assert decide(stocked, "story-1", "confirmed", "cem", NOW + 2 * HOUR)
    assert in_force(stocked) == {"story-1": "confirmed"}
    assert [each.author for each in history(stocked, "story-1")] == ["cem", "ana"]


def test_decisions_go_with_their_story(stocked: Store) -> None:
    decide(stocked, "story-1", "confirmed")

    def forget(c: Connection) -> int:
        c.execute(delete(change))
        c.execute(article.update().values(story_id=None))
        c.execute(delete(story).where(story.c.key == "story-1"))
        return c.scalar(select(func.count()).select_from(decision)) or 0

    assert stocked.write_now(forget) == 0


def test_unknown_keys_are_told_from_known_ones(stocked: Store) -> None:
    assert stocked.read_now(lambda c: decisions.unknown(c, ["x", "story-2", "y"])) == ["x", "y"]
    assert stocked.read_now(decisions.all_keys) == ["story-1", "story-2", "story-3"]


def read_article(number: int) -> Article:
    """The article of `an_entry(number)` as it came to be judged. What was read of its page is the same for all."""
    return Article(f"https://one.al/news/{number}", "Read title", "Read text", NOW, "sq", "one.al", "AL")


def test_articles_of_decided_stories_are_examples_to_learn_from(stocked: Store) -> None:
    decide(stocked, "story-1", "confirmed")
    decide(stocked, "story-2", "rejected")
    decide(stocked, "story-3", "rejected")
    undo(stocked, "story-3")
    assert stocked.read_now(decisions.labelled) == [
        DecidedArticle(read_article(1), True, "story-1"),
        DecidedArticle(read_article(2), False, "story-2"),
    ]


def test_copies_are_no_examples(stocked: Store) -> None:
    def copy(c: Connection) -> None:
        original = stories.find(c, "story-1")
        assert original is not None
        finding = a_finding(PARLIAMENT)
        number = a_flagged_article(c, 9, finding)
        report = a_report(number, finding, copy_of=original.reports[0].id)
        placed = a_placement(a_story("story-1", *original.reports, report), report, Change("second_outlet"), opened=False)
        stories.save(c, number, placed, NOW)

    stocked.write_now(copy)
    decide(stocked, "story-1", "confirmed")
    assert [each.article.url for each in stocked.read_now(decisions.labelled)] == ["https://one.al/news/1"]
