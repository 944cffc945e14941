"""Stories put right: whose key stays, what is taken in, what is new, what comes back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Decided, Report, Standing
from monitor.stories.bonds import Bonds
from monitor.stories.gather import gather
from monitor.stories.place import opened
from monitor.stories.repair import Settled, settle
from tests.unit.incidents import PARLIAMENT, START, incidents, report, standing

A, B, C, D = (report(name, PARLIAMENT, days=day) for day, name in enumerate("abcd"))


def sketch(settled: Iterable[Settled]) -> list[tuple[str, str, str]]:
    """Of each story its key, its reports and the keys of the stories that it took in."""
    return [(each.now.key, "".join(r.id for r in each.now.reports), " ".join(gone.key for gone in each.absorbed)) for each in settled]


def gone(key: str, opener: Report, **changed: Any) -> Standing:
    """A story that was taken in by another one: it has no reports."""
    return standing(key, opener, reports=(), **changed)


def test_where_nothing_moved_nothing_is_changed() -> None:
    first, second = standing("k1", A, B), standing("k2", C)
    settled = settle([first, second], [[A, B], [C]])
    assert [(each.now, each.before, each.absorbed, each.changed) for each in settled] == [
        (first, first, (), False),
        (second, second, (), False),
    ]


def test_a_story_keeps_its_key_where_the_report_is_that_opened_it() -> None:
    first, second = standing("k1", A, B), standing("k2", C, D)
    settled = settle([first, second], [[A, D], [B, C]])
    assert sketch(settled) == [("k1", "ad", ""), ("k2", "bc", "")]
    assert [each.before for each in settled] == [first, second]
    assert all(each.changed for each in settled)


def test_a_story_keeps_who_opened_it_and_when_though_an_earlier_report_came_late() -> None:
    late = standing("k1", B, C)
    (settled,) = settle([late], [[A, B, C]])
    assert (settled.now.key, settled.now.opened_by, settled.now.opened_at) == ("k1", "b", B.at)
    assert settled.changed


def test_when_it_was_last_told_follows_its_reports() -> None:
    (settled,) = settle([standing("k1", A, D)], [[A, B]])
    assert settled.now.last_at == B.at
    (grown,) = settle([standing("k1", A)], [[A, D]])
    assert grown.now.last_at == D.at


def test_a_report_that_says_otherwise_why_it_is_there_is_a_change() -> None:
    (settled,) = settle([standing("k1", A, B)], [[A, replace(B, copy_of="a")]])
    assert settled.changed
    assert settled.now.reports[1].copy_of == "a"


def test_a_story_that_a_person_muted_stays_muted() -> None:
    (settled,) = settle([standing("k1", A, decided=Decided(muted=True))], [[A, B]])
    assert settled.now.decided == Decided(muted=True)


def test_what_is_parted_from_a_story_is_new_and_has_no_key_yet() -> None:
    kept, new = settle([standing("k1", A, B, C)], [[A], [B, C]])
    assert (kept.now.key, kept.changed) == ("k1", True)
    assert (new.now, new.before, new.absorbed, new.changed) == (opened([B, C], ""), None, (), True)
    assert (new.now.opened_by, new.now.opened_at, new.now.last_at) == ("b", B.at, C.at)


def test_of_two_stories_that_became_one_the_older_takes_in_the_other() -> None:
    for order in permutations([standing("k2", A), standing("k1", B), standing("k0", C)]):
        assert sketch(settle(order, [[A, B, C]])) == [("k2", "abc", "k1 k0")]


RANKS: list[dict[str, Any]] = [
    {"decided": Decided(gathers=True), "opened_at": START + timedelta(days=30)},
    {"decided": Decided("confirmed"), "opened_at": START + timedelta(days=20)},
    {"opened_at": START + timedelta(days=10)},
    {"opened_at": START + timedelta(days=11)},
]


@pytest.mark.parametrize("higher", range(len(RANKS) - 1))
def test_what_a_person_merged_goes_before_what_one_confirmed_and_that_before_the_older(higher: int) -> None:
    for lower in range(higher + 1, len(RANKS)):
        first, second = standing("k2", A, **RANKS[higher]), standing("k1", B, **RANKS[lower])
        for order in permutations([first, second]):
            assert sketch(settle(order, [[A, B]])) == [("k2", "ab", "k1")]


def test_a_story_that_stands_goes_before_a_confirmed_one_that_was_taken_in() -> None:
    taken_in = gone("k1", A, decided=Decided("confirmed"))
    (settled,) = settle([taken_in, standing("k2", B)], [[A, B]])
    assert (settled.now.key, settled.absorbed) == ("k2", ())


def test_of_equals_the_key_decides() -> None:
    for order in permutations([standing("k2", A), standing("k1", B, opened_at=A.at)]):
        assert sketch(settle(order, [[A, B]])) == [("k1", "ab", "k2")]


def test_a_story_that_was_taken_in_stays_gone_and_is_not_taken_in_again() -> None:
    first = standing("k1", A, B)
    (settled,) = settle([first, gone("k2", B)], [[A, B]])
    assert (settled.now, settled.absorbed, settled.changed) == (first, (), False)


def test_a_story_that_was_taken_in_comes_back_with_its_key_when_its_first_report_is_parted_again() -> None:
    kept, back = settle([standing("k1", A, B, C), gone("k2", B)], [[A], [B, C]])
    assert (kept.now.key, back.now.key, back.changed) == ("k1", "k2", True)
    assert back.before is not None
    assert back.before.reports == ()
    assert (back.now.reports, back.now.opened_by, back.now.last_at) == ((B, C), "b", C.at)


def test_of_two_stories_that_come_back_together_the_older_has_the_key() -> None:
    settled = settle([standing("k1", A, B, C), gone("k3", B), gone("k2", C)], [[A], [B, C]])
    assert sketch(settled) == [("k1", "a", ""), ("k3", "bc", "")]


def test_what_was_gathered_by_a_person_and_was_taken_in_itself_has_its_key_again() -> None:
    gathering = gone("k2", B, decided=Decided(gathers=True))
    assert sketch(settle([standing("k1", A), gathering], [[A, B]])) == [("k2", "ab", "k1")]


def test_nothing_settles_to_nothing() -> None:
    assert settle([], []) == []


@st.composite
def before(draw: st.DrawFn) -> tuple[list[Report], list[Standing]]:
    """Reports, and stories that they make without any reason."""
    reports = draw(incidents(most=8))
    places: dict[int, list[Report]] = {}
    for each in reports:
        places.setdefault(draw(st.integers(0, 3)), []).append(each)
    made: Sequence[Standing] = [standing(f"k{number}", *those) for number, those in places.items()]
    return reports, list(made)


@settings(max_examples=100, deadline=None)
@given(before())
def test_no_key_and_no_report_is_lost_whatever_stood_before(drawn: tuple[list[Report], list[Standing]]) -> None:
    reports, standings = drawn
    settled = settle(standings, gather(reports, Bonds()))
    kept = [each.before.key for each in settled if each.before] + [other.key for each in settled for other in each.absorbed]
    assert sorted(kept) == sorted(each.key for each in standings)
    assert sorted(r.id for each in settled for r in each.now.reports) == sorted(each.id for each in reports)
    openers = {each.key: each.opened_by for each in standings}
    for each in settled:
        inside = {r.id for r in each.now.reports}
        assert all(openers[key.key] in inside for key in ([each.before] if each.before else []) + list(each.absorbed))


@settings(max_examples=100, deadline=None)
@given(before())
def test_what_was_settled_is_settled(drawn: tuple[list[Report], list[Standing]]) -> None:
    reports, standings = drawn
    groups = gather(reports, Bonds())
    once = [each.now if each.before else replace(each.now, key=f"new{at}") for at, each in enumerate(settle(standings, groups))]
    assert not any(each.changed for each in settle(once, groups))


def test_of_two_stories_the_muted_one_stays_as_it_would_alert_again_in_the_other() -> None:
    (settled,) = settle([standing("k1", A), standing("k2", B, decided=Decided(muted=True))], [[A, B]])
    assert settled.now.key == "k2"


def test_a_story_whose_opener_is_unknown_is_where_its_reports_are() -> None:
    (settled,) = settle([replace(standing("k1", A), opened_by="gone")], [[A, B]])
    assert (settled.now.key, settled.now.opened_by) == ("k1", A.id)
    assert settle([replace(standing("k1", A), opened_by="gone", reports=())], [[B]])[0].before is None
