"""Stories on both databases as people look at them, and where an old key leads."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection

from monitor.model import Attribution, Change, Decided, Story
from monitor.store import decisions, stories, told
from monitor.store.decisions import Said
from monitor.store.engine import Store
from monitor.store.told import ToldActor
from monitor.stories.facts import timeline
from tests.contract.samples import (
    AIRLINE,
    DAY,
    HOSPITAL,
    HOUR,
    NOW,
    PARLIAMENT,
    a_finding,
    a_joined_report,
    a_placement,
    a_source_id,
    a_stored_report,
    a_story,
    an_opened_story,
)


@pytest.fixture
def stocked(store: Store) -> Store:
    """Three stories: two in Albania with different victims, one in Romania."""

    def fill(c: Connection) -> None:
        a_source_id(c)
        an_opened_story(c, 1, a_finding(PARLIAMENT, countries=("AL",)))
        an_opened_story(c, 2, a_finding(AIRLINE, countries=("AL", "XK")), at=NOW - 10 * DAY)
        an_opened_story(c, 3, a_finding(HOSPITAL, countries=("RO",)), at=NOW + HOUR)

    store.write_now(fill)
    return store


def current(store: Store, *keys: str) -> dict[str, str]:
    return store.read_now(lambda c: told.current(c, keys))


def redirects(store: Store) -> dict[str, str]:
    rows = store.read_now(lambda c: c.exec_driver_sql("SELECT story, now FROM redirects").all())
    return {row.story: row.now for row in rows}


def take_in(store: Store, key: str, *gone: str) -> None:
    """Moves all reports of stories into another, as a repair does."""

    def work(c: Connection) -> None:
        (kept,) = stories.by_key(c, [key])
        others = [report for each in stories.by_key(c, gone) for report in each.reports]
        whole = a_story(key, *kept.reports, *others)
        whole = replace(whole, standing=replace(whole.standing, opened_by=kept.opened_by, opened_at=kept.opened_at))
        stories.rewrite(c, whole, timeline(whole), NOW)
        for each in gone:
            stories.retire(c, each, NOW)

    store.write_now(work)


def part(store: Store, key: str, number: str, into: str) -> None:
    """Moves one article of a story into another of this key, as a repair does."""

    def work(c: Connection) -> None:
        (kept,) = stories.by_key(c, [key])
        staying = a_story(key, *(each for each in kept.reports if each.id != number))
        going = a_story(into, *(each for each in kept.reports if each.id == number))
        for each in (staying, going):
            stories.rewrite(c, each, timeline(each), NOW)

    store.write_now(work)


def test_a_story_is_told_with_all_its_facts(store: Store) -> None:
    store.write_now(a_source_id)

    def fill(c: Connection) -> Story:
        opening = replace(a_finding(PARLIAMENT, countries=("AL",)), actors=("Lockbit",), status="suspected", score=2.0)
        opened = an_opened_story(c, 1, opening)
        claim = replace(a_finding(AIRLINE, PARLIAMENT, countries=("AL", "XK")), actors=("Akira", "Lockbit"), kind="claim", lang="mk")
        second = replace(a_stored_report(c, 2, claim, at=NOW + DAY), outlet="two.al", title="Hakerët sulmuan | Two.al")
        return a_joined_report(c, opened, second)

    told_as = store.write_now(fill)
    store.write_now(lambda c: [decisions.decide(c, "story-1", Said(kind, "ana", NOW)) for kind in ("confirmed", "muted")])
    found = store.read_now(lambda c: told.find(c, "story-1"))
    assert found is not None
    assert (found.headline, found.status, found.decided) == (told_as.headline, "claimed", Decided("confirmed", muted=True))
    assert (found.title, found.title_lang) == (told_as.title, "mk")
    assert found.title.startswith("Hakerët sulmuan")
    assert (found.opened_at, found.first_report_at, found.last_report_at) == (NOW, NOW, NOW + DAY)
    assert (found.victims, found.sectors) == ((PARLIAMENT, AIRLINE), ("airline", "parliament"))
    assert (found.countries, found.attacks) == (("AL", "XK"), ("wiper",))
    assert found.actors == (ToldActor("Lockbit", "claims it", "one.al, two.al"), ToldActor("Akira", "claims it", "two.al"))
    assert (found.reports, found.copies, found.outlets, found.languages) == (2, 0, 1, ("mk", "sq"))  # one outlet is stored for all


def test_a_group_that_nobody_says_claims_it_is_blamed(store: Store) -> None:
    store.write_now(a_source_id)
    store.write_now(lambda c: an_opened_story(c, 1, replace(a_finding(PARLIAMENT), status="confirmed")))
    found = store.read_now(lambda c: told.find(c, "story-1"))
    assert found is not None
    assert found.actors == (ToldActor("Homeland Justice", "blamed", "one.al"),)


def test_a_key_that_no_story_has_finds_none(stocked: Store) -> None:
    assert stocked.read_now(lambda c: told.find(c, "story-9")) is None
    assert stocked.read_now(lambda c: (told.changes(c, "story-9"), told.reports(c, "story-9"))) == ([], [])


def test_listing_shows_the_last_reported_first_and_filters(stocked: Store) -> None:
    def keys(**wanted: Any) -> list[str]:
        return [each.key for each in stocked.read_now(lambda c: told.listing(c, **wanted))]

    assert keys() == ["story-3", "story-1", "story-2"]
    assert keys(country="AL") == ["story-1", "story-2"]
    assert keys(since=NOW - DAY) == ["story-3", "story-1"]
    assert keys(limit=1) == ["story-3"]
    assert keys(country="GR") == []
    take_in(stocked, "story-1", "story-3")
    assert keys() == ["story-1", "story-2"]


def test_listed_stories_keep_their_own_facts(stocked: Store) -> None:
    listed = {each.key: each for each in stocked.read_now(told.listing)}
    assert {key: (each.victims, each.countries, each.reports) for key, each in listed.items()} == {
        "story-1": ((PARLIAMENT,), ("AL",), 1),
        "story-2": ((AIRLINE,), ("AL", "XK"), 1),
        "story-3": ((HOSPITAL,), ("RO",), 1),
    }
    assert all(listed[key] == stocked.read_now(partial(told.find, key=key)) for key in listed)


def test_a_story_is_shown_with_its_changes_and_reports_in_the_order_they_were_told(store: Store) -> None:
    store.write_now(a_source_id)
    opened = store.write_now(lambda c: an_opened_story(c, 1, a_finding(PARLIAMENT)))

    def join(c: Connection) -> None:
        report = a_stored_report(c, 2, a_finding(AIRLINE), at=NOW - HOUR, copy_of=opened.reports[0].id)
        joined = a_story("story-1", *opened.reports, report)
        stories.save(c, a_placement(joined, report, Change("victim_added", "Air Albania"), opened=False), NOW + DAY)

    store.write_now(join)
    changes = store.read_now(lambda c: told.changes(c, "story-1"))
    assert [(each.kind, each.detail, each.reported_at, each.at) for each in changes] == [
        ("victim_added", "Air Albania", NOW - HOUR, NOW + DAY),
        ("opened", "", NOW, NOW),
    ]
    reports = store.read_now(lambda c: told.reports(c, "story-1"))
    assert [(each.article, each.url, each.copy_of, each.why, each.origin) for each in reports] == [
        (2, "https://one.al/news/2", "https://one.al/news/1", "same victim, same day", "page"),
        (1, "https://one.al/news/1", None, "same victim, same day", "page"),
    ]


def test_an_article_is_told_by_its_number_and_story(stocked: Store) -> None:
    stocked.write_now(lambda c: a_stored_report(c, 4, a_finding(PARLIAMENT)))
    assert [stocked.read_now(partial(told.of_article, number=number)) for number in (2, 4, 99)] == ["story-2", None, None]


def test_repeated_victims_and_countries_of_a_placement_are_stored_once(store: Store) -> None:
    store.write_now(a_source_id)
    saved = store.write_now(lambda c: an_opened_story(c, 1, a_finding(PARLIAMENT)))
    doubled = replace(saved, victims=(PARLIAMENT, PARLIAMENT), countries=("AL", "AL"), attacks=("wiper", "wiper"))
    doubled = replace(doubled, attributions=(Attribution("Lockbit", True, ("one.al",)),) * 2)
    store.write_now(lambda c: stories.save(c, a_placement(doubled, saved.reports[0]), NOW))
    found = store.read_now(lambda c: told.find(c, "story-1"))
    assert found is not None
    assert (found.victims, found.countries, found.attacks) == ((PARLIAMENT,), ("AL",), ("wiper",))
    assert [each.name for each in found.actors] == ["Lockbit"]


def test_a_key_that_stands_leads_to_itself_and_one_that_never_was_nowhere(stocked: Store) -> None:
    assert current(stocked, "story-2", "story-9", "story-1") == {"story-2": "story-2", "story-1": "story-1"}
    assert current(stocked) == {}
    assert redirects(stocked) == {}


def test_the_key_of_a_story_that_was_taken_in_leads_on_through_any_chain(stocked: Store) -> None:
    take_in(stocked, "story-2", "story-1")
    assert current(stocked, "story-1") == {"story-1": "story-2"} == redirects(stocked)
    take_in(stocked, "story-3", "story-2")
    assert current(stocked, "story-1", "story-2", "story-3") == dict.fromkeys(["story-1", "story-2", "story-3"], "story-3")
    assert redirects(stocked) == {"story-1": "story-3", "story-2": "story-3"}
    assert stocked.read_now(lambda c: told.find(c, "story-1")) is None
    assert stocked.read_now(told.all_keys) == ["story-1", "story-2", "story-3"]


def test_a_key_leads_to_where_its_first_article_went_when_a_chain_is_parted_again(stocked: Store) -> None:
    take_in(stocked, "story-2", "story-1")
    take_in(stocked, "story-3", "story-2")
    part(stocked, "story-3", "1", "story-1")
    assert current(stocked, "story-1", "story-2") == {"story-1": "story-1", "story-2": "story-3"}
    assert redirects(stocked) == {"story-2": "story-3"}
    part(stocked, "story-3", "2", "new")
    assert current(stocked, "story-1", "story-2", "new") == {"story-1": "story-1", "story-2": "new", "new": "new"}
    assert redirects(stocked) == {"story-2": "new"}
    take_in(stocked, "story-1", "new")
    assert current(stocked, "story-1", "story-2", "new") == dict.fromkeys(["story-1", "story-2", "new"], "story-1")
