"""Gathering: the same reports give the same stories, whatever the order in which they come and whatever else there is."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Report, Ruling
from monitor.stories.bonds import Bonds, bonds
from monitor.stories.gather import Gathering, gather
from monitor.stories.tie import tie
from tests.unit.incidents import (
    AIRLINE,
    PARLIAMENT,
    PIROT,
    SOME_HOSPITAL,
    TELECOM,
    incidents,
    names,
    partition,
    placed,
    report,
    rulings_on,
    wording,
)

TEXT = wording("a")
NAMES = "rama kuvendi tirana 14500"
GROUP = ("Homeland Justice",)
EXAMPLES = settings(max_examples=80, deadline=None)


def stories(*reports: Report, decided: Sequence[Ruling] = ()) -> set[frozenset[str]]:
    """The stories of these reports by the names of their reports, which are the same in any order."""
    held = bonds(decided)
    found = partition(gather(reports, held))
    assert partition(gather(reversed(reports), held)) == found
    return found


def together(*reports: str) -> Ruling:
    return Ruling((frozenset(reports),))


def apart(one: str, other: str) -> Ruling:
    return Ruling((frozenset(one), frozenset(other)))


def rejected(*reports: str) -> Ruling:
    return Ruling((frozenset(reports),), rejects=True)


# What holds of any reports


@st.composite
def shuffled(draw: st.DrawFn) -> tuple[list[Report], list[Report], list[Ruling]]:
    reports = draw(incidents())
    return reports, draw(st.permutations(reports)), draw(rulings_on(reports))


@EXAMPLES
@given(shuffled())
def test_any_order_of_the_same_reports_gives_the_same_stories(drawn: tuple[list[Report], list[Report], list[Ruling]]) -> None:
    reports, other_order, decided = drawn
    found, again = gather(reports, bonds(decided)), gather(other_order, bonds(decided))
    assert partition(found) == partition(again)
    assert placed(found) == placed(again)


@EXAMPLES
@given(shuffled())
def test_gathering_again_what_was_gathered_changes_nothing(drawn: tuple[list[Report], list[Report], list[Ruling]]) -> None:
    reports, _, decided = drawn
    found = gather(reports, bonds(decided))
    again = gather([each for group in found for each in group], bonds(decided))
    assert (partition(again), placed(again)) == (partition(found), placed(found))


@EXAMPLES
@given(shuffled())
def test_every_report_is_in_one_story_and_copies_are_with_their_original(
    drawn: tuple[list[Report], list[Report], list[Ruling]],
) -> None:
    reports, _, decided = drawn
    found = gather(reports, bonds(decided))
    assert sorted(each.id for group in found for each in group) == sorted(each.id for each in reports)
    for group in found:
        assert group == sorted(group, key=lambda each: each.order)
        own = {each.id for each in group if each.copy_of is None}
        assert {each.copy_of for each in group if each.copy_of} <= own
        assert all(each.why for each in group)


@EXAMPLES
@given(shuffled())
def test_what_people_decided_holds_for_any_reports(drawn: tuple[list[Report], list[Report], list[Ruling]]) -> None:
    reports, _, decided = drawn
    held = bonds(decided)
    found = gather(reports, held)
    place = {each.id: number for number, group in enumerate(found) for each in group}
    homes = defaultdict(set)
    for name, bond in held.group.items():
        homes[bond].add(place[name])
    assert all(len(where) == 1 for where in homes.values())
    assert all(homes[one] != homes[other] for one, other in held.apart)


@pytest.mark.parametrize("day", range(0, 46))
def test_neighbours_find_each_other_on_any_day_of_the_year(day: int) -> None:
    told = [report("a", PARLIAMENT, days=day, words=NAMES), report("b", days=day + 1, words=NAMES), report("c", PIROT, days=day)]
    assert stories(*told, report("d", SOME_HOSPITAL, days=day + 1)) == names("ab", "cd")


def neighbourhoods(reports: Sequence[Report], held: Bonds) -> list[list[Report]]:
    """The reports that are tied to each other, however far that reaches, or bound by a person."""
    left, found = list(reports), []
    while left:
        near, fresh = [left[0]], [left[0]]
        while fresh:
            known = {each.id for each in near}
            fresh = [each for each in left if each.id not in known and any(tie(each, other) or bound(each, other, held) for other in fresh)]
            near += fresh
        left = [each for each in left if each not in near]
        found.append(near)
    return found


def bound(one: Report, other: Report, held: Bonds) -> bool:
    return one.id in held.group and held.group[one.id] == held.group.get(other.id)


@EXAMPLES
@given(shuffled())
def test_the_stories_of_reports_depend_only_on_those_that_are_tied_to_them(
    drawn: tuple[list[Report], list[Report], list[Ruling]],
) -> None:
    reports, other_order, decided = drawn
    held = bonds(decided)
    whole = gather(reports, held)
    parts = [group for near in neighbourhoods(other_order, held) for group in gather(near, held)]
    assert partition(whole) == partition(parts)
    assert placed(whole) == placed(parts)


# Stories that become one


def test_a_campaign_becomes_one_story_when_its_actor_is_named_later() -> None:
    first = [report("a", PARLIAMENT), report("b", AIRLINE, days=0.2), report("c", TELECOM, days=0.4)]
    assert stories(*first) == names("a", "b", "c")
    named = report("d", PARLIAMENT, AIRLINE, days=1, actors=GROUP)
    assert stories(*first, named) == names("abd", "c")
    assert stories(*first, named, report("e", TELECOM, days=1.2, actors=GROUP)) == names("abcde")


def test_two_stories_are_one_when_an_article_names_the_victims_of_both_in_the_same_days() -> None:
    first = [report("a", PARLIAMENT), report("b", AIRLINE, days=1)]
    assert stories(*first, report("c", PARLIAMENT, AIRLINE, days=1.5)) == names("abc")
    assert len(stories(*first, report("c", PARLIAMENT, AIRLINE, days=300, kind="follow_up"))) == 2  # a look back on the year
    assert len(stories(*first, report("c", PARLIAMENT, AIRLINE, days=1.5, attacks=("unknown",)))) == 1
    other = report("b", AIRLINE, days=1, attacks=("ddos",))
    assert len(stories(first[0], other, report("c", PARLIAMENT, AIRLINE, days=1.5))) == 2  # hit in different ways
    assert len(stories(first[0], report("b", AIRLINE, days=40), report("c", PARLIAMENT, AIRLINE, days=41))) == 2


def test_two_attacks_months_apart_stay_two_stories_though_an_article_tells_of_both() -> None:
    told = [report("a", PARLIAMENT), report("b", PARLIAMENT, days=120), report("c", PARLIAMENT, days=121, kind="follow_up")]
    assert stories(*told) == names("a", "bc")


def test_the_older_of_two_equal_stories_says_who_opened_it() -> None:
    groups = gather([report("b", AIRLINE, days=1), report("a", PARLIAMENT), report("c", PARLIAMENT, AIRLINE, days=1.5)], Bonds())
    assert [[each.id for each in group] for group in groups] == [["a", "b", "c"]]
    assert groups[0][0].why == "the first report"


def test_of_equally_tied_stories_the_older_is_joined() -> None:
    told = [
        report("a", PARLIAMENT, words="rama kuvendi"),
        report("b", AIRLINE, words="veliaj basha"),
        report("c", days=1, words="rama veliaj"),
    ]
    assert stories(*told) == names("ac", "b")


def test_the_larger_story_takes_in_the_smaller() -> None:
    gathering = Gathering(Bonds())
    for each in (report("a", PARLIAMENT), report("b", AIRLINE, days=0.1), report("c", AIRLINE, days=0.2), report("d", AIRLINE, days=0.3)):
        gathering.add(each)
    larger = gathering.story_of("b")
    gathering.add(report("e", PARLIAMENT, AIRLINE, days=1))
    assert {gathering.story_of(name) for name in "abcde"} == {larger}


# Reports that leave for a better story


UNSURE = [
    report("a", PARLIAMENT, words="rama kuvendi"),
    report("b", days=1, text=TEXT, words="rama veliaj hoxha meta"),
    report("c", days=1.1, text=TEXT, words="rama veliaj hoxha meta", countries=("RS",)),
]
BETTER = [report("d", AIRLINE, days=1.2, words="basha"), report("e", AIRLINE, days=2, words="veliaj hoxha meta")]


def test_a_weakly_tied_report_leaves_for_a_better_story_with_its_copies() -> None:
    assert stories(*UNSURE) == names("abc")
    assert stories(*UNSURE, *BETTER) == names("a", "bcde")
    found = placed(gather([*UNSURE, *BETTER], Bonds()))
    assert found["b"] == (None, "same country, shared names, 1 days apart")
    assert found["c"] == ("b", "same text as in b.al")


def test_a_report_stays_where_its_victim_or_a_person_put_it() -> None:
    first, unsure, copy = UNSURE
    sure = replace(unsure, finding=replace(unsure.finding, victims=(PARLIAMENT,)))
    assert stories(first, sure, copy, *BETTER) == names("abc", "de")
    assert stories(*UNSURE, *BETTER, decided=[together("a", "b")]) == names("abc", "de")
    assert stories(*UNSURE, *BETTER, decided=[apart("b", "d")]) == names("abc", "de")


def test_a_copy_that_a_person_placed_does_not_leave_with_its_original() -> None:
    assert stories(*UNSURE, *BETTER, decided=[together("a", "c")]) == names("abc", "de")
    assert stories(*UNSURE, *BETTER, decided=[apart("c", "d")]) == names("abc", "de")


# Copies


def test_of_equal_texts_the_earliest_is_the_original() -> None:
    told = [report("a", PARLIAMENT, text=TEXT), report("b", days=1, text=TEXT), report("c", AIRLINE, days=2, text=TEXT)]
    for order in permutations(told):
        assert {name: copy_of for name, (copy_of, _) in placed(gather(order, Bonds())).items()} == {"a": None, "b": "a", "c": "a"}


def test_an_original_that_is_found_late_takes_the_place_of_its_copy() -> None:
    copies = gather([report("b", days=1, text=TEXT), report("c", days=2, text=TEXT)], Bonds())
    assert placed(copies)["c"][0] == "b"
    found = placed(gather([*copies[0], report("a", text=TEXT)], Bonds()))
    assert {name: copy_of for name, (copy_of, _) in found.items()} == {"a": None, "b": "a", "c": "a"}


def test_a_thousand_copies_are_one_story_with_one_report_and_take_no_time() -> None:
    copies = [report(f"n{number}", PARLIAMENT, days=number / 1000, text=TEXT, words=NAMES) for number in range(1000)]
    start = time.perf_counter()
    (story,) = gather(copies, Bonds())
    assert time.perf_counter() - start < 5
    assert len(story) == 1000
    assert [each.id for each in story if each.copy_of is None] == ["n0"]


def test_a_text_that_comes_back_months_later_is_news_of_its_own() -> None:
    assert stories(report("a", text=TEXT), report("b", days=200, text=TEXT)) == names("a", "b")


# What people decided


def test_what_a_person_merged_is_one_story_and_takes_what_belongs_to_either() -> None:
    told = [report("a", PARLIAMENT), report("b", PIROT, days=400), report("c", PIROT, days=401), report("d", PARLIAMENT, days=1)]
    assert stories(*told) == names("ad", "bc")
    assert stories(*told, decided=[together("a", "b")]) == names("abcd")
    assert placed(gather(told, bonds([together("a", "b")])))["b"] == (None, "a person decided so")


def test_what_a_person_split_stays_apart_and_later_reports_go_to_the_nearer() -> None:
    told = [report("a", PARLIAMENT), report("b", PARLIAMENT, days=1), report("c", PARLIAMENT, days=1.5)]
    assert stories(*told) == names("abc")
    assert stories(*told, decided=[apart("a", "b")]) == names("a", "bc")


def test_an_article_that_names_the_victims_of_both_does_not_join_what_a_person_split() -> None:
    told = [report("a", PARLIAMENT), report("b", AIRLINE, days=0.1), report("c", PARLIAMENT, AIRLINE, days=1)]
    assert stories(*told) == names("abc")
    assert stories(*told, decided=[apart("a", "b")]) == names("a", "bc")


def test_a_copy_that_a_person_parted_from_its_original_is_a_report_of_its_own() -> None:
    told = [report("a", PARLIAMENT, text=TEXT), report("b", PARLIAMENT, days=1, text=TEXT)]
    assert stories(*told, decided=[apart("a", "b")]) == names("a", "b")
    assert placed(gather(told, bonds([apart("a", "b")])))["b"][0] is None


def test_what_a_person_called_no_incident_keeps_only_copies_and_what_is_told_on_the_same_days() -> None:
    told = [report("a", PARLIAMENT, text=TEXT), report("b", PARLIAMENT, days=1), report("d", PARLIAMENT, days=20)]
    assert stories(*told) == names("abd")
    assert stories(*told, decided=[rejected("a")]) == names("ab", "d")
    copy = report("c", PARLIAMENT, days=8, text=TEXT)
    assert stories(*told[:2], copy, decided=[rejected("a")]) == names("abc")
    assert stories(*told[:2], replace(copy, signature=told[1].signature), decided=[rejected("a")]) == names("ab", "c")


def test_what_a_person_called_no_incident_is_not_joined_with_another_story() -> None:
    told = [report("a", PARLIAMENT), report("b", AIRLINE, days=0.1), report("c", PARLIAMENT, AIRLINE, days=1)]
    assert stories(*told, decided=[rejected("a")]) == names("a", "bc")


# Growing


def test_a_gathering_tells_where_each_report_is_as_it_grows() -> None:
    gathering = Gathering(Bonds())
    for each in (report("a", PARLIAMENT), report("b", AIRLINE, days=0.1)):
        gathering.add(each)
    assert gathering.story_of("a") != gathering.story_of("b")
    gathering.add(report("c", PARLIAMENT, AIRLINE, days=1))
    assert gathering.story_of("a") == gathering.story_of("b") == gathering.story_of("c")
    assert list(gathering.groups()) == [gathering.story_of("a")]
    assert gathering.report("c").why.startswith("same victim")


def test_nothing_gives_no_story() -> None:
    nothing: list[Any] = []
    assert gather(nothing, Bonds()) == []


def test_news_of_another_attack_parts_the_last_days_from_the_attack_that_is_over() -> None:
    told = [report("a", PARLIAMENT), report("b", PARLIAMENT, days=2), report("c", PARLIAMENT, days=30)]
    assert stories(*told) == names("abc")
    again = report("d", PARLIAMENT, days=31, again=True)
    assert stories(*told, again) == names("ab", "cd")
    assert placed(gather([*told, again], Bonds()))["c"][1] == "the first report"
    assert stories(*told, again, report("e", PARLIAMENT, days=33)) == names("ab", "cde")
    assert stories(*told, again, decided=[together("b", "c")]) == names("abcd")


def test_how_long_a_rejected_story_takes_reports_is_counted_from_what_was_rejected() -> None:
    told = [report("a", PARLIAMENT), *(report(name, PARLIAMENT, days=2.5 * at) for at, name in enumerate("bcd", start=1))]
    assert stories(*told) == names("abcd")
    assert stories(*told, decided=[rejected("a")]) == names("ab", "cd")


def test_a_muted_story_does_not_become_one_with_another() -> None:
    told = [report("a", PARLIAMENT), report("b", AIRLINE, days=0.1), report("c", PARLIAMENT, AIRLINE, days=1)]
    assert stories(*told) == names("abc")
    assert len(stories(*told, decided=[Ruling((frozenset("b"),), mutes=True)])) == 2


def test_the_first_report_of_a_story_that_was_taken_in_says_what_tied_it() -> None:
    why = placed(gather([report("a", PARLIAMENT), report("b", AIRLINE, days=1), report("c", PARLIAMENT, AIRLINE, days=1.5)], Bonds()))
    tied = "a later report ties it: same victim (Parliament of Albania), 1 days apart"
    assert [why[name][1] for name in "ab"] == ["the first report", tied]
