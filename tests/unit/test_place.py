"""Placement: victim and time decide; a split is better than a false merge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest
from hypothesis import event, given, settings

from monitor.model import Change, Decided, Placement, Report, Signature, Standing, Story
from monitor.stories.bonds import Bonds
from monitor.stories.facts import summarise
from monitor.stories.gather import gather
from monitor.stories.place import key_of, place
from tests.unit.incidents import (
    AIRLINE,
    GOVERNMENT,
    NIS,
    PARLIAMENT,
    TELECOM,
    incidents,
    names,
    partition,
    placed,
    report,
    standing,
    wording,
)

TEXT = wording("a")
NAMES = "rama kuvendi tirana 14500"
GROUP = ("Homeland Justice",)
WEEKS_LATER: dict[str, Any] = {"days": 20, "actors": GROUP}


def placements(reports: Iterable[Report]) -> tuple[list[Placement], dict[str, Standing]]:
    """Reports placed one by one, as articles are read, and the stories that they made. Copies are not looked at again."""
    made: list[Placement] = []
    standings: dict[str, Standing] = {}
    for each in reports:
        own = [replace(one, reports=tuple(r for r in one.reports if r.copy_of is None)) for one in standings.values()]
        placement = place(each, own)
        key = placement.story.key
        copies = [r for r in standings[key].reports if r.copy_of] if key in standings else []
        standings[key] = replace(placement.story.standing, reports=(*placement.story.reports, *copies))
        made.append(placement)
    return made, standings


def stories(*reports: Report) -> set[frozenset[str]]:
    return partition(each.reports for each in placements(reports)[1].values())


def after(*reports: Report) -> Story:
    """The one story of these reports."""
    made, standings = placements(reports)
    assert len(standings) == 1
    return made[-1].story


# Which story


def test_the_same_victim_in_the_same_weeks_is_one_story() -> None:
    assert stories(report("a", PARLIAMENT), report("b", PARLIAMENT, days=8)) == names("ab")


def test_different_victims_are_different_stories_even_of_one_country_and_day() -> None:
    assert stories(report("a", PARLIAMENT), report("b", AIRLINE, days=0.1)) == names("a", "b")


def test_a_campaign_of_one_actor_on_one_country_in_the_same_days_is_one_story() -> None:
    told = after(report("a", PARLIAMENT, actors=GROUP), report("b", AIRLINE, days=0.2, actors=GROUP))
    assert told.victims == (PARLIAMENT, AIRLINE)


def test_the_actor_alone_ties_nothing() -> None:
    first = report("a", PARLIAMENT, actors=GROUP)
    assert stories(first, report("b", NIS, days=0.2, actors=GROUP)) == names("a", "b")
    assert stories(first, report("b", AIRLINE, **WEEKS_LATER)) == names("a", "b")


def test_a_government_is_the_victim_of_many_incidents() -> None:
    assert stories(report("a", GOVERNMENT), report("b", GOVERNMENT, days=200, words="x y z", kind="follow_up")) == names("a", "b")


def test_a_follow_up_joins_the_incident_that_it_shares_names_with_years_later() -> None:
    first, follow_up = report("a", PARLIAMENT, words=NAMES), report("b", PARLIAMENT, days=730, words=NAMES, kind="follow_up")
    assert stories(first, follow_up) == names("ab")
    assert stories(first, replace(follow_up, signature=Signature())) == names("a", "b")


def test_of_several_stories_the_one_most_strongly_tied_is_joined_in_whatever_order_they_are_looked_at() -> None:
    near, far = standing("k1", report("a", PARLIAMENT, days=30)), standing("k2", report("b", PARLIAMENT))
    campaign = standing("k3", report("c", AIRLINE, days=40, actors=GROUP))
    new = report("d", PARLIAMENT, days=40, actors=GROUP)
    for order in permutations([near, far, campaign]):
        placement = place(new, order)
        assert (placement.story.key, placement.report.why, placement.doubtful) == (
            "k1",
            "same victim (Parliament of Albania), 10 days apart",
            True,
        )


def test_of_equally_tied_stories_the_older_is_joined() -> None:
    one, other = report("a", PARLIAMENT), report("b", PARLIAMENT)
    for order in permutations([standing("k2", one), standing("k1", other, opened_at=one.at.replace(year=2022))]):
        assert place(report("c", PARLIAMENT, days=1), order).story.key == "k1"


def test_nothing_known_opens_a_story() -> None:
    first = report("a", PARLIAMENT)
    placement = place(first, [])
    assert (placement.opened, placement.doubtful, placement.report.why) == (True, False, "the first report")
    assert placement.story == summarise(standing(key_of(first.url), placement.report))
    assert placement.changes == (Change("opened"),)


# Copies


def test_a_copy_joins_its_original_and_is_no_second_outlet() -> None:
    (_, placement), _ = placements([report("a", PARLIAMENT, text=TEXT), report("b", days=0.1, text=TEXT)])
    assert (placement.report.copy_of, placement.opened, placement.changes) == ("a", False, ())
    assert placement.report.why == "same text as in a.al"


def test_a_copy_moves_when_the_story_was_last_told() -> None:
    first, copy = report("a", PARLIAMENT, text=TEXT), report("b", days=1, text=TEXT)
    assert after(first, copy).standing.last_at == copy.at
    late = report("c", PARLIAMENT, days=0.5)
    assert after(first, copy, late).standing.last_at == copy.at


# What it changed


def test_changes_of_meaning_are_told_and_nothing_else() -> None:
    reports = [
        report("a", PARLIAMENT),
        report("b", PARLIAMENT, days=0.1, actors=GROUP, status="confirmed"),
        report("c", PARLIAMENT, AIRLINE, days=0.2, attacks=("data_leak",)),
        report("d", PARLIAMENT, days=0.3),
    ]
    made, _ = placements(reports)
    assert [[(change.kind, change.detail) for change in each.changes] for each in made] == [
        [("opened", "")],
        [("second_outlet", ""), ("actor_named", "Homeland Justice"), ("confirmed", "")],
        [("victim_added", "Air Albania"), ("data_leaked", "")],
        [],
    ]


def test_placing_a_report_again_changes_nothing() -> None:
    first = place(report("a", PARLIAMENT), [])
    again = place(report("a", PARLIAMENT), [first.story.standing])
    assert replace(again.story.standing, reports=()) == replace(first.story.standing, reports=())
    assert ([each.id for each in again.story.reports], again.changes, again.opened) == (["a"], (), False)


def test_what_a_person_decided_stays_with_the_story() -> None:
    muted = standing("k1", report("a", PARLIAMENT), decided=Decided(muted=True))
    assert place(report("b", PARLIAMENT, days=1), [muted]).story.decided == Decided(muted=True)


# Doubt


def test_reports_in_the_order_of_their_time_leave_no_doubt() -> None:
    made, _ = placements(report(name, PARLIAMENT, days=day) for day, name in enumerate("abc"))
    assert not any(each.doubtful for each in made)


def test_a_report_that_came_late_is_doubtful() -> None:
    made, _ = placements([report("b", PARLIAMENT, days=1), report("a", PARLIAMENT)])
    assert [each.doubtful for each in made] == [False, True]
    assert [each.id for each in made[1].story.reports] == ["a", "b"]
    assert made[1].story.standing.opened_by == "b"


def test_a_report_that_is_tied_to_two_stories_is_doubtful() -> None:
    made, _ = placements([report("a", PARLIAMENT), report("b", AIRLINE, days=0.1), report("c", PARLIAMENT, AIRLINE, days=0.2)])
    assert [each.doubtful for each in made] == [False, False, True]


def test_a_report_with_no_more_than_a_hint_opens_a_story_that_is_doubtful() -> None:
    made, _ = placements([report("a", PARLIAMENT, actors=GROUP), report("b", AIRLINE, **WEEKS_LATER)])
    assert [(each.opened, each.doubtful) for each in made] == [(True, False), (True, True)]


# Stories that a person rejected


def test_a_rejected_story_takes_copies_and_what_is_told_on_the_same_days_and_nothing_else() -> None:
    rejected = standing("k1", report("a", PARLIAMENT, text=TEXT), decided=Decided("rejected"))

    def joins(new: Report) -> bool:
        return place(new, [rejected]).story.key == "k1"

    assert joins(report("b", PARLIAMENT, days=1))
    assert joins(report("b", PARLIAMENT, days=8, text=TEXT))
    assert not joins(report("b", PARLIAMENT, days=8))
    assert place(report("b", PARLIAMENT, days=8), [replace(rejected, decided=Decided("confirmed"))]).story.key == "k1"


def test_what_a_rejected_story_does_not_take_opens_one_without_doubt() -> None:
    rejected = standing("k1", report("a", PARLIAMENT), decided=Decided("rejected"))
    placement = place(report("b", PARLIAMENT, days=20), [rejected])
    assert (placement.opened, placement.doubtful) == (True, False)


def test_what_a_rejected_story_takes_is_doubtful_as_the_days_count_from_what_was_rejected() -> None:
    first, second = report("a", PARLIAMENT), report("b", PARLIAMENT, days=1)
    decided = [place(second, [standing("k1", first, decided=Decided(verdict))]).doubtful for verdict in ("rejected", "confirmed", None)]
    assert decided == [True, False, False]


# Keys


def test_a_key_follows_from_the_address_alone() -> None:
    assert key_of("https://a.al/1") == key_of("https://a.al/1") == "5a367fcdd3"
    assert key_of("https://a.al/2") != key_of("https://a.al/1")


def test_a_key_that_is_taken_is_not_given_again() -> None:
    given_before: list[str] = []
    for _ in range(5):
        key = key_of("https://a.al/1", lambda key: key in given_before)
        assert key not in given_before
        assert len(key) == 10
        given_before.append(key)
    assert given_before[0] == key_of("https://a.al/1")


def test_a_story_does_not_open_under_a_key_that_was_given_before() -> None:
    first = report("a", PARLIAMENT)
    usual = key_of(first.url)
    key = place(first, [], lambda key: key == usual).story.key
    assert key not in ("", usual)
    assert key == key_of(first.url, lambda key: key == usual)
    assert place(report("b", PARLIAMENT, days=1), [standing("k1", first)], lambda _: True).story.key == "k1"  # who joins needs none


# As gathered


@settings(max_examples=150, deadline=None)
@given(incidents(most=8))
def test_what_is_placed_without_doubt_in_the_order_of_time_is_placed_as_gathered(reports: list[Report]) -> None:
    made, standings = placements(sorted(reports, key=lambda each: each.order))
    doubtful = any(each.doubtful for each in made)
    event(f"doubtful: {doubtful}")
    gathered = gather(reports, Bonds())
    if not doubtful:
        assert partition(each.reports for each in standings.values()) == partition(gathered)
        assert {each.report.id: (each.report.copy_of, each.report.why) for each in made} == placed(gathered)


def test_two_incidents_are_the_same_two_stories_in_any_order() -> None:
    reports = [report("a", PARLIAMENT), report("b", PARLIAMENT, days=0.1), report("c", NIS, days=0.05), report("d", NIS, days=0.4)]
    assert {frozenset(stories(*order)) for order in permutations(reports)} == {frozenset(names("ab", "cd"))}


# Oddities


@pytest.mark.parametrize("year", [1, 1969, 1970, 2999, 9999])
@pytest.mark.parametrize(
    "odd",
    [{}, {"text": TEXT}, {"countries": ()}, {"countries": (), "attacks": ()}, {"lang": "", "score": 0.0}],
    ids=["plain", "text", "no country", "nothing", "no language"],
)
def test_a_report_of_any_date_that_says_next_to_nothing_is_placed(year: int, odd: dict[str, Any]) -> None:
    strange = replace(report("a", **odd), at=datetime(year, 1, 1, tzinfo=UTC), title="", outlet="")
    usual = [report("b", PARLIAMENT), report("c", TELECOM, **odd)]
    for order in permutations([strange, *usual]):
        made, _ = placements(order)
        assert all(each.story.headline for each in made)
    assert partition(gather([strange, *usual], Bonds())) == partition(gather([*usual, strange], Bonds()))


@pytest.mark.parametrize("digest", [(), (1,), (1, 2), (0, 0)])
def test_signatures_of_another_make_tie_nothing(digest: tuple[int, ...]) -> None:
    odd = replace(report("a", countries=()), signature=Signature((), digest, frozenset()))
    assert place(odd, [standing("k1", report("b", PARLIAMENT, text=TEXT))]).opened
