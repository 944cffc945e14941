"""What people decided: the later decision holds, whatever was said before."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Ruling
from monitor.stories.bonds import Bonds, bonds


def merged(reports: str) -> Ruling:
    """Reports whose names are letters belong together."""
    return Ruling((frozenset(reports),))


def split(*sides: str) -> Ruling:
    return Ruling(tuple(frozenset(side) for side in sides))


def rejected(reports: str) -> Ruling:
    return Ruling((frozenset(reports),), rejects=True)


def muted(reports: str) -> Ruling:
    return Ruling((frozenset(reports),), mutes=True)


def together(made: Bonds, reports: str) -> bool:
    return len({made.group.get(each, each) for each in reports}) == 1


def test_without_decisions_nothing_is_bound() -> None:
    assert bonds([]) == Bonds()
    assert not bonds([]).divide("a", "b")
    assert not bonds([]).rejects("a")
    assert not bonds([]).silence("a")


def test_what_was_merged_belongs_together_and_parts_from_nothing() -> None:
    made = bonds([merged("ab")])
    assert together(made, "ab")
    assert "c" not in made.group
    assert not made.divide("ab", "c")


def test_what_was_split_is_apart_on_both_sides_whatever_else_stands_beside_it() -> None:
    made = bonds([split("ab", "c")])
    assert together(made, "ab")
    assert made.divide("c", "a")
    assert made.divide("bx", "yc")
    assert not made.divide("x", "c")
    assert not made.divide("a", "b")


def test_a_split_in_three_parts_each_from_each() -> None:
    made = bonds([split("a", "b", "c")])
    assert all(made.divide(one, other) for one, other in permutations("abc", 2))


def test_a_later_merge_takes_back_a_split_and_a_later_split_a_merge() -> None:
    assert together(bonds([merged("ab"), split("a", "b")]), "ab")
    assert not bonds([merged("ab"), split("a", "b")]).divide("a", "b")
    assert bonds([split("a", "b"), merged("ab")]).divide("a", "b")
    assert not together(bonds([split("a", "b"), merged("ab")]), "ab")


def test_of_what_was_merged_the_part_that_was_split_off_leaves_and_the_rest_stays() -> None:
    made = bonds([split("ab", "c"), merged("abcd")])
    assert together(made, "abd")
    assert made.divide("d", "c")


def test_merges_add_up() -> None:
    made = bonds([merged("cd"), merged("bc"), merged("ab")])
    assert together(made, "abcd")


def test_merges_that_together_contradict_a_later_split_hold_as_far_as_they_can() -> None:
    made = bonds([split("a", "d"), merged("cd"), merged("bc"), merged("ab")])
    assert together(made, "bcd")
    assert made.divide("a", "b")
    assert made.divide("a", "d")


@pytest.mark.parametrize("order", list(permutations([merged("ab"), merged("cd"), merged("bc")])))
def test_merges_alone_give_the_same_in_any_order(order: tuple[Ruling, ...]) -> None:
    assert together(bonds(order), "abcd")


@pytest.mark.parametrize("order", list(permutations([split("ab", "c"), split("a", "d"), split("ef", "a")])))
def test_splits_alone_give_the_same_in_any_order(order: tuple[Ruling, ...]) -> None:
    made = bonds(order)
    assert together(made, "ab")
    assert together(made, "ef")
    assert made.divide("b", "c")
    assert made.divide("d", "b")
    assert made.divide("f", "b")
    assert not made.divide("c", "d")


@pytest.mark.parametrize("order", list(permutations([merged("ab"), split("b", "c"), merged("cd")])))
def test_decisions_that_do_not_contradict_each_other_give_the_same_in_any_order(order: tuple[Ruling, ...]) -> None:
    made = bonds(order)
    assert together(made, "ab")
    assert together(made, "cd")
    assert made.divide("a", "d")


@pytest.mark.parametrize("order", list(permutations([merged("ab"), split("a", "b"), merged("bc")])))
def test_of_a_merge_and_a_split_the_later_holds_whatever_stands_between(order: tuple[Ruling, ...]) -> None:
    made = bonds(order)
    assert together(made, "ab") is (order.index(merged("ab")) < order.index(split("a", "b")))
    assert made.divide("a", "b") is not together(made, "ab")


def test_a_report_merged_here_and_then_there_parts_again_from_where_a_person_parted_it() -> None:
    made = bonds([merged("xc"), split("a", "x"), merged("ac")])
    assert together(made, "xc")
    assert made.divide("a", "c")


def test_what_is_rejected_is_rejected_with_all_that_is_bound_to_it() -> None:
    made = bonds([merged("bc"), rejected("ab")])
    assert all(made.rejects(each) for each in "abc")
    assert not made.rejects("x")


def test_a_report_that_is_rejected_alone_is_rejected() -> None:
    made = bonds([rejected("a")])
    assert made.rejects("a")
    assert not made.rejects("x")


@pytest.mark.parametrize("ruling", [rejected("ab"), muted("ab")])
def test_one_report_that_a_person_silenced_silences_all_that_stands_beside_it(ruling: Ruling) -> None:
    made = bonds([merged("bc"), ruling])
    assert all(made.silence(reports) for reports in ("a", "c", "xa"))
    assert not made.silence("x")


def test_what_is_muted_belongs_together_and_is_an_incident_all_the_same() -> None:
    made = bonds([muted("ab")])
    assert together(made, "ab")
    assert not made.rejects("a")


def test_rejected_reports_belong_together_and_may_be_split_later() -> None:
    assert together(bonds([rejected("ab")]), "ab")
    assert bonds([split("a", "b"), rejected("ab")]).divide("a", "b")


_SIDES: st.SearchStrategy[frozenset[str]] = st.frozensets(st.sampled_from("abcdefg"), min_size=1, max_size=3)


@st.composite
def decisions(draw: st.DrawFn) -> list[Ruling]:
    made = []
    for _ in range(draw(st.integers(1, 6))):
        one = draw(_SIDES)
        other = draw(_SIDES)
        halves = bool(other - one) and draw(st.booleans())
        made.append(Ruling((one, other - one) if halves else (one,)))
    return made


@given(decisions())
def test_nothing_is_together_and_apart_and_the_latest_decision_always_holds(rulings: list[Ruling]) -> None:
    made = bonds(rulings)
    assert all(one != other for one, other in made.apart)
    latest = rulings[0].sides
    assert all(len({made.group[each] for each in side}) == 1 for side in latest)
    assert all(made.divide(one, other) for one, other in permutations(latest, 2))
    assert {number for pair in made.apart for number in pair} <= set(made.group.values())


@given(decisions())
def test_to_be_apart_is_mutual(rulings: list[Ruling]) -> None:
    made = bonds(rulings)
    assert all(made.divide(one, other) is made.divide(other, one) for one, other in permutations(sorted(made.group), 2))
