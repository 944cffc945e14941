"""The public views: the same columns and the same answers on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, text

from monitor.model import Change
from monitor.store import decisions, deliveries, stories
from monitor.store.decisions import Said
from monitor.store.engine import Store
from tests.contract.samples import (
    AIRLINE,
    DAY,
    NOW,
    PARLIAMENT,
    a_delivery,
    a_finding,
    a_joined_report,
    a_source_id,
    a_stored_report,
    a_story,
    an_opened_story,
)

COLUMNS = {
    "stories": "story headline status opened_at first_report_at last_report_at countries victims sectors attacks actors"
    " reports copies outlets languages title title_language decision muted",
    "reports": "story headline url title outlet country language published_at first_seen_at score copy_of why read_from text",
    "victims": "story headline victim name country sector first_report_at",
    "changes": "story headline kind detail at url outlet",
    "sources": "source name kind url outlet country language enabled why polls checked_at last_ok_at next_check_at failures trouble"
    " interval_seconds news_at moved_to told",
    "attempts": "source at outcome detail entries new_entries seconds",
    "redirects": "story now since",
    "actors": "story headline actor basis said_by first_report_at",
    "decisions": "story headline decision detail author at undone_at undone_by",
    "deliveries": "delivery story headline subscriber channel change detail state attempts created_at next_try_at sent_at reason",
}


@pytest.fixture
def stocked(store: Store) -> Store:
    """A story of two reports and one copy, told to one subscriber."""

    def fill(c: Connection) -> None:
        a_source_id(c)
        told = an_opened_story(c, 1, a_finding(PARLIAMENT, countries=("AL",)))
        for number, copy_of in ((2, None), (3, told.reports[0].id)):
            finding = a_finding(PARLIAMENT, AIRLINE, countries=("AL", "XK"))
            report = a_stored_report(c, number, finding, at=NOW + number * DAY, copy_of=copy_of)
            told = a_joined_report(c, told, report, Change("victim_added", AIRLINE.id))
        deliveries.owe(c, [a_delivery()], NOW)

    store.write_now(fill)
    return store


def rows(store: Store, query: str) -> list[tuple[Any, ...]]:
    return store.read_now(lambda c: [tuple(row) for row in c.execute(text(query))])


@pytest.mark.parametrize("view", COLUMNS)
def test_columns_are_as_published(store: Store, view: str) -> None:
    columns = store.read_now(lambda c: list(c.execute(text(f"SELECT * FROM {view}")).keys()))  # noqa: S608 - our own names
    assert columns == COLUMNS[view].split()


def test_stories_count_reports_copies_and_outlets(stocked: Store) -> None:
    assert rows(stocked, "SELECT story, status, reports, copies, outlets, languages FROM stories") == [
        ("story-1", "claimed", 2, 1, 1, "sq")
    ]


def test_stories_list_facts_in_the_order_told(stocked: Store) -> None:
    assert rows(stocked, "SELECT countries, victims, sectors, attacks, actors FROM stories") == [
        ("AL, XK", "Parliament of Albania; Air Albania", "airline, parliament", "wiper", "Homeland Justice")
    ]


def test_reports_name_the_story_and_the_original(stocked: Store) -> None:
    assert rows(stocked, "SELECT story, url, copy_of, why, text FROM reports ORDER BY published_at") == [
        ("story-1", "https://one.al/news/1", None, "same victim, same day", "Read text"),
        ("story-1", "https://one.al/news/2", None, "same victim, same day", "Read text"),
        ("story-1", "https://one.al/news/3", "https://one.al/news/1", "same victim, same day", "Read text"),
    ]


def test_victims_changes_sources_and_deliveries_can_be_asked(stocked: Store) -> None:
    assert rows(stocked, "SELECT victim, country FROM victims ORDER BY victim") == [("al-air-albania", "AL"), ("al-parliament", "AL")]
    assert rows(stocked, "SELECT kind, detail, url FROM changes ORDER BY kind") == [
        ("opened", "", "https://one.al/news/1"),
        ("victim_added", "al-air-albania", "https://one.al/news/2"),
    ]
    assert rows(stocked, "SELECT source, outlet, polls FROM sources WHERE enabled") == [("al.one", "one.al", 0)]
    assert rows(stocked, "SELECT delivery, change, state, attempts FROM deliveries") == [("delivery-1", "opened", "waiting", 0)]


def decide(store: Store, said: Said) -> None:
    store.write_now(lambda c: decisions.decide(c, "story-1", said))


def test_stories_say_what_an_outlet_called_it_and_what_people_decided(stocked: Store) -> None:
    query = "SELECT title, title_language, decision, muted FROM stories"
    assert rows(stocked, query) == [("Read title", "sq", None, False)]
    for kind in ("confirmed", "rejected", "noted", "muted"):
        decide(stocked, Said(kind, "ana", NOW))
    assert rows(stocked, query) == [("Read title", "sq", "rejected", True)]
    for _ in range(3):  # muted, noted, rejected
        stocked.write_now(lambda c: decisions.undo(c, "story-1", "bob", NOW))
    assert rows(stocked, query) == [("Read title", "sq", "confirmed", False)]


def test_actors_are_told_with_who_says_so(store: Store) -> None:
    def fill(c: Connection) -> None:
        a_source_id(c)
        blamed = replace(a_finding(PARLIAMENT), actors=("Lockbit", "Akira"), status="suspected")
        told = an_opened_story(c, 1, blamed)
        claimed = replace(a_finding(PARLIAMENT), actors=("Akira",), kind="claim")
        report = replace(a_stored_report(c, 2, claimed, at=NOW + DAY), outlet="two.al")
        a_joined_report(c, told, report)

    store.write_now(fill)
    assert rows(store, "SELECT story, actor, basis, said_by FROM actors ORDER BY actor") == [
        ("story-1", "Akira", "claims it", "one.al, two.al"),
        ("story-1", "Lockbit", "blamed", "one.al"),
    ]
    assert rows(store, "SELECT actors FROM stories") == [("Akira, Lockbit",)]


def test_decisions_are_told_with_their_author_and_who_took_them_back(stocked: Store) -> None:
    decide(stocked, Said("noted", "ana", NOW, "denied by phone"))
    stocked.write_now(lambda c: decisions.undo(c, "story-1", "bob", NOW + DAY))
    decide(stocked, Said("muted", "cem", NOW))
    assert rows(stocked, "SELECT story, decision, detail, author, undone_by FROM decisions ORDER BY author") == [
        ("story-1", "noted", "denied by phone", "ana", "bob"),
        ("story-1", "muted", "", "cem", None),
    ]


def test_a_story_that_was_taken_in_is_shown_as_a_redirect_only(stocked: Store) -> None:
    def take_in(c: Connection) -> None:
        other = an_opened_story(c, 4, a_finding(AIRLINE, countries=("AL",)), at=NOW + 4 * DAY)
        (taking,) = stories.by_key(c, ["story-1"])
        whole = a_story("story-1", *taking.reports, *other.reports)
        stories.rewrite(c, whole, {Change("opened"): taking.opened_by}, NOW)
        stories.retire(c, "story-4", NOW + 5 * DAY)

    stocked.write_now(take_in)
    assert [story for (story,) in rows(stocked, "SELECT story FROM stories")] == ["story-1"]
    assert rows(stocked, "SELECT story, now FROM redirects") == [("story-4", "story-1")]
    assert {story for (story,) in rows(stocked, "SELECT story FROM actors")} == {"story-1"}
    assert {story for (story,) in rows(stocked, "SELECT story FROM victims")} == {"story-1"}
    assert rows(stocked, "SELECT story FROM reports WHERE url = 'https://one.al/news/4'") == [("story-1",)]
