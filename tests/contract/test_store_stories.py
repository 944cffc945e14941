"""Stories on both databases: found by what they share, saved as often as one likes, listed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, select

from monitor.model import Change, Finding, Signature
from monitor.store import stories
from monitor.store.engine import Store
from monitor.store.schema import article, change
from tests.contract.samples import (
    AIRLINE,
    DAY,
    HOSPITAL,
    HOUR,
    NO_SIGNATURE,
    NOW,
    PARLIAMENT,
    a_finding,
    a_flagged_article,
    a_placement,
    a_report,
    a_signature,
    a_source_id,
    a_story,
    an_opened_story,
)


def candidate_keys(store: Store, finding: Finding, signature: Signature = NO_SIGNATURE, at: Any = NOW) -> list[str]:
    return [each.key for each in store.write_now(lambda c: stories.candidates(c, finding, signature, at))]


@pytest.fixture
def stocked(store: Store) -> Store:
    """Three stories: two in Albania with different victims, one in Romania whose text has bands."""

    def fill(c: Connection) -> None:
        a_source_id(c)
        an_opened_story(c, 1, a_finding(PARLIAMENT, countries=("AL",)))
        an_opened_story(c, 2, a_finding(AIRLINE, countries=("AL", "XK")), at=NOW - 10 * DAY)
        an_opened_story(c, 3, a_finding(HOSPITAL, countries=("RO",)), a_signature(11, 2**63 + 12))

    store.write_now(fill)
    return store


def test_a_story_comes_back_as_it_was_saved(store: Store) -> None:
    store.write_now(a_source_id)
    finding = a_finding(PARLIAMENT, AIRLINE, countries=("XK", "AL"), reasons=3)
    saved = store.write_now(lambda c: an_opened_story(c, 1, finding, a_signature(2**64 - 1, 3, 3)))
    assert store.read_now(lambda c: stories.find(c, "story-1")) == saved
    assert store.read_now(lambda c: stories.find(c, "story-9")) is None


def test_candidates_share_a_victim(stocked: Store) -> None:
    assert candidate_keys(stocked, a_finding(AIRLINE)) == ["story-2"]


def test_candidates_share_a_country(stocked: Store) -> None:
    assert candidate_keys(stocked, a_finding(countries=("AL", "MK"))) == ["story-1", "story-2"]
    assert candidate_keys(stocked, a_finding(countries=("XK",))) == ["story-2"]


def test_candidates_share_a_stretch_of_text(stocked: Store) -> None:
    assert candidate_keys(stocked, a_finding(), a_signature(2**63 + 12)) == ["story-3"]
    assert candidate_keys(stocked, a_finding(), a_signature(12)) == []


def test_candidates_come_once_in_a_fixed_order(stocked: Store) -> None:
    everything = a_finding(PARLIAMENT, HOSPITAL, countries=("RO", "AL"))
    assert candidate_keys(stocked, everything, a_signature(11)) == ["story-1", "story-2", "story-3"]


def test_who_shares_nothing_has_no_candidates(stocked: Store) -> None:
    assert candidate_keys(stocked, a_finding(countries=("GR",)), a_signature(99)) == []
    assert candidate_keys(stocked, a_finding()) == []


@pytest.mark.parametrize(("days", "expected"), [(400, ["story-1"]), (401, []), (-400, ["story-1"]), (-401, [])])
def test_candidates_are_near_in_time_before_and_after(stocked: Store, days: int, expected: list[str]) -> None:
    assert candidate_keys(stocked, a_finding(PARLIAMENT), at=NOW + days * DAY) == expected


@pytest.mark.parametrize(("days", "expected"), [(14, ["story-1"]), (15, []), (-24, ["story-2"]), (-25, [])])
def test_a_country_alone_ties_only_the_same_days(stocked: Store, days: int, expected: list[str]) -> None:
    assert candidate_keys(stocked, a_finding(countries=("AL",)), at=NOW + days * DAY) == expected


def test_an_article_without_story_is_no_candidate(store: Store) -> None:
    store.write_now(a_source_id)
    store.write_now(lambda c: a_flagged_article(c, 1, a_finding(PARLIAMENT), a_signature(5)))
    assert candidate_keys(store, a_finding(PARLIAMENT), a_signature(5)) == []


def test_a_report_joins_and_the_story_becomes_what_placement_says(store: Store) -> None:
    store.write_now(a_source_id)
    opened = store.write_now(lambda c: an_opened_story(c, 1, a_finding(PARLIAMENT, countries=("AL",))))

    def join(c: Connection) -> None:
        finding = a_finding(AIRLINE, countries=("AL",))
        number = a_flagged_article(c, 2, finding, published=NOW + DAY)
        report = a_report(number, finding, at=NOW + DAY, copy_of=opened.reports[0].id)
        story = replace(a_story("story-1", *opened.reports, report, status="confirmed", headline="Two hit"), opened_at=NOW + DAY)
        stories.save(c, number, a_placement(story, report, Change("victim_added", "al-air-albania"), opened=False), NOW + DAY)

    store.write_now(join)
    found = store.read_now(lambda c: stories.find(c, "story-1"))
    assert found is not None
    assert (found.headline, found.status, found.opened_at) == ("Two hit", "confirmed", NOW)
    assert found.victims == (PARLIAMENT, AIRLINE)
    assert [(report.at, report.copy_of) for report in found.reports] == [(NOW, None), (NOW + DAY, opened.reports[0].id)]


def test_a_text_that_was_out_earlier_becomes_the_original_of_the_one_stored_before_it(store: Store) -> None:
    store.write_now(a_source_id)
    opened = store.write_now(lambda c: an_opened_story(c, 1, a_finding(PARLIAMENT)))

    def join(c: Connection) -> None:
        number = a_flagged_article(c, 2, a_finding(PARLIAMENT), published=NOW - HOUR)
        report = a_report(number, a_finding(PARLIAMENT), at=NOW - HOUR)
        story = a_story("story-1", report, replace(opened.reports[0], copy_of=report.id))
        stories.save(c, number, a_placement(story, report, opened=False), NOW)

    store.write_now(join)
    found = store.read_now(lambda c: stories.find(c, "story-1"))
    assert found is not None
    assert [(report.at, report.copy_of) for report in found.reports] == [(NOW - HOUR, None), (NOW, found.reports[0].id)]


def test_saying_it_twice_changes_nothing(store: Store) -> None:
    store.write_now(a_source_id)
    saved = store.write_now(lambda c: an_opened_story(c, 1, a_finding(PARLIAMENT, countries=("AL",))))
    again = a_placement(saved, saved.reports[0], Change("opened"), Change("opened"))
    store.write_now(lambda c: stories.save(c, 1, again, NOW + HOUR))
    assert store.read_now(stories.listing) == [saved]
    assert store.read_now(lambda c: list(c.execute(select(change.c.kind, change.c.at)))) == [("opened", NOW)]


def test_repeated_victims_and_countries_of_a_placement_are_stored_once(store: Store) -> None:
    store.write_now(a_source_id)
    saved = store.write_now(lambda c: an_opened_story(c, 1, a_finding(PARLIAMENT)))
    doubled = replace(saved, victims=(PARLIAMENT, PARLIAMENT), countries=("AL", "AL"), attacks=("wiper", "wiper"))
    store.write_now(lambda c: stories.save(c, 1, a_placement(doubled, saved.reports[0]), NOW))
    found = store.read_now(lambda c: stories.find(c, "story-1"))
    assert found is not None
    assert (found.victims, found.countries, found.attacks) == ((PARLIAMENT,), ("AL",), ("wiper",))


def test_listing_shows_the_last_reported_first_and_filters(stocked: Store) -> None:
    def keys(**wanted: Any) -> list[str]:
        return [each.key for each in stocked.read_now(lambda c: stories.listing(c, **wanted))]

    assert keys() == ["story-3", "story-1", "story-2"]
    assert keys(country="AL") == ["story-1", "story-2"]
    assert keys(since=NOW - DAY) == ["story-3", "story-1"]
    assert keys(limit=1) == ["story-3"]
    assert keys(country="GR") == []


def test_a_story_is_shown_with_its_changes_and_reports_in_the_order_they_were_told(store: Store) -> None:
    store.write_now(a_source_id)
    opened = store.write_now(lambda c: an_opened_story(c, 1, a_finding(PARLIAMENT)))

    def join(c: Connection) -> None:
        number = a_flagged_article(c, 2, a_finding(AIRLINE), published=NOW - HOUR)
        report = a_report(number, a_finding(AIRLINE), at=NOW - HOUR, copy_of=opened.reports[0].id)
        told = a_story("story-1", *opened.reports, report)
        stories.save(c, number, a_placement(told, report, Change("victim_added", "Air Albania"), opened=False), NOW + DAY)

    store.write_now(join)
    changes = store.read_now(lambda c: stories.changes(c, "story-1"))
    assert [(each.kind, each.detail, each.reported_at, each.at) for each in changes] == [
        ("victim_added", "Air Albania", NOW - HOUR, NOW + DAY),
        ("opened", "", NOW, NOW),
    ]
    reports = store.read_now(lambda c: stories.reports(c, "story-1"))
    assert [(each.url, each.copy_of, each.why, each.origin) for each in reports] == [
        ("https://one.al/news/2", "https://one.al/news/1", "same victim, same day", "page"),
        ("https://one.al/news/1", None, "same victim, same day", "page"),
    ]
    assert store.read_now(lambda c: (stories.changes(c, "story-9"), stories.reports(c, "story-9"))) == ([], [])


def test_text_of_a_story_may_hold_anything(store: Store) -> None:
    store.write_now(a_source_id)
    saved = store.write_now(lambda c: an_opened_story(c, 1, a_finding(replace(PARLIAMENT, name="K\x00uvendi '\"%s \ud800"))))
    found = store.read_now(lambda c: stories.find(c, saved.key))
    assert found is not None
    assert found.victims[0].name == found.reports[0].finding.victims[0].name == "Kuvendi '\"%s "


def test_a_failure_in_the_middle_leaves_no_half_story(store: Store) -> None:
    store.write_now(a_source_id)

    def interrupted(c: Connection) -> None:
        an_opened_story(c, 1, a_finding(PARLIAMENT))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.write_now(interrupted)
    assert store.read_now(stories.listing) == []
    assert store.read_now(lambda c: c.execute(select(article.c.id)).all()) == []
