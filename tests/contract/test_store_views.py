"""The public views: the same columns and the same answers on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, text

from monitor.model import Change
from monitor.store import deliveries, stories
from monitor.store.engine import Store
from tests.contract.samples import (
    AIRLINE,
    DAY,
    NOW,
    PARLIAMENT,
    a_delivery,
    a_finding,
    a_flagged_article,
    a_placement,
    a_report,
    a_source_id,
    a_story,
    an_opened_story,
)

COLUMNS = {
    "stories": "story headline status opened_at first_report_at last_report_at countries victims sectors attacks actors"
    " reports copies outlets languages",
    "reports": "story headline url title outlet country language published_at first_seen_at score copy_of why read_from text",
    "victims": "story headline victim name country sector first_report_at",
    "changes": "story headline kind detail at url outlet",
    "sources": "source name kind url outlet country language enabled why polls checked_at last_ok_at next_check_at failures trouble",
    "deliveries": "delivery story headline subscriber channel change detail state attempts created_at next_try_at sent_at reason",
}


@pytest.fixture
def stocked(store: Store) -> Store:
    """A story of two reports and one copy, told to one subscriber."""

    def fill(c: Connection) -> None:
        a_source_id(c)
        reports = list(an_opened_story(c, 1, a_finding(PARLIAMENT, countries=("AL",))).reports)
        for number, copy_of in ((2, None), (3, reports[0].id)):
            finding = a_finding(PARLIAMENT, AIRLINE, countries=("AL", "XK"))
            article_id = a_flagged_article(c, number, finding, published=NOW + number * DAY)
            reports.append(a_report(article_id, finding, at=NOW + number * DAY, copy_of=copy_of))
            placement = a_placement(a_story("story-1", *reports), reports[-1], Change("victim_added", AIRLINE.id), opened=False)
            stories.save(c, article_id, placement, NOW)
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
