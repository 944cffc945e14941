"""What ties two reports, rule by rule, each with what it must not tie."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from monitor.model import Report
from monitor.stories.tie import JOIN, original, same, strongest, tie
from tests.unit.incidents import (
    AIRLINE,
    CITY,
    GOVERNMENT,
    NIS,
    PARLIAMENT,
    PIROT,
    SOME_HOSPITAL,
    START,
    TELECOM,
    TOWN_HALL,
    incidents,
    report,
    wording,
)

TEXT = wording("a")
NAMES = "rama kuvendi tirana 14500"
GROUP = ("Homeland Justice",)
FOLLOW_UP: dict[str, Any] = {"kind": "follow_up"}


def strength(one: Report, other: Report) -> float:
    found = tie(one, other)
    return found.strength if found else 0.0


def joins(one: Report, other: Report) -> bool:
    return strength(one, other) >= JOIN


@settings(max_examples=300, deadline=None)
@given(incidents(most=4))
def test_a_tie_is_the_same_from_both_sides(reports: list[Report]) -> None:
    for one in reports:
        for other in reports:
            assert tie(one, other) == tie(other, one)


def test_a_tie_of_several_victims_that_may_be_one_is_the_same_from_both_sides() -> None:
    some, named = report("a", SOME_HOSPITAL), report("b", PIROT, NIS)
    assert tie(some, named) == tie(named, some)


# Copies


def test_the_same_text_within_days_ties_whoever_is_named() -> None:
    found = tie(report("a", PARLIAMENT, text=TEXT), report("b", PIROT, days=2, text=TEXT))
    assert found is not None
    assert (found.copy, found.firm, found.why) == (True, True, "same text as in a.al")


def test_a_copy_of_a_report_without_victim_or_country_is_a_copy() -> None:
    bare: dict[str, Any] = {"countries": (), "text": TEXT}
    assert tie(report("a", **bare), report("b", days=1, **bare)) is not None


@pytest.mark.parametrize("other", [{"days": 60, "text": TEXT}, {"text": wording("b")}, {"text": ""}])
def test_a_text_of_other_months_another_text_or_none_is_no_copy(other: dict[str, Any]) -> None:
    assert tie(report("a", PARLIAMENT, text=TEXT), report("b", PIROT, **other)) is None


def test_the_same_text_with_other_names_is_no_copy() -> None:
    found = tie(
        report("a", PARLIAMENT, text=TEXT, words="rama 4500 lockbit"), report("b", PARLIAMENT, text=TEXT, words="veliaj 7800 sudan")
    )
    assert found is not None
    assert not found.copy


# One victim


def test_the_same_victim_in_the_same_days_is_one_incident() -> None:
    found = tie(report("a", PARLIAMENT, attacks=("ddos",)), report("b", PARLIAMENT, AIRLINE, days=2, attacks=("ransomware",)))
    assert found is not None
    assert (found.firm, found.copy, found.why) == (True, False, "same victim (Parliament of Albania), 2 days apart")


def test_news_of_the_same_victim_years_later_is_another_incident() -> None:
    assert tie(report("a", PARLIAMENT, words=NAMES), report("b", PARLIAMENT, days=730, words=NAMES)) is None


def test_an_attack_again_is_another_incident_where_else_it_would_be_the_same() -> None:
    first = report("a", PARLIAMENT)
    assert joins(first, report("b", PARLIAMENT, days=20))
    assert tie(first, report("b", PARLIAMENT, days=20, again=True)) is None


def test_an_attack_again_is_the_same_incident_in_the_same_days() -> None:
    assert joins(report("a", PARLIAMENT, again=True), report("b", PARLIAMENT, days=1, again=True))


def test_it_is_the_later_report_that_may_say_again() -> None:
    assert joins(report("a", PARLIAMENT, again=True), report("b", PARLIAMENT, days=20))


def test_a_follow_up_comes_months_later() -> None:
    assert joins(report("a", PARLIAMENT), report("b", PARLIAMENT, days=300, **FOLLOW_UP))
    assert tie(report("a", PARLIAMENT), report("b", PARLIAMENT, days=300)) is None


def test_a_follow_up_comes_two_years_later_only_with_a_name_in_common() -> None:
    assert joins(report("a", PARLIAMENT, words="rama"), report("b", PARLIAMENT, days=730, words="rama", **FOLLOW_UP))
    assert tie(report("a", PARLIAMENT, words="rama"), report("b", PARLIAMENT, days=730, words="veliaj", **FOLLOW_UP)) is None
    assert tie(report("a", PARLIAMENT, words="rama"), report("b", PARLIAMENT, days=7300, words="rama", **FOLLOW_UP)) is None


def test_news_weeks_after_a_follow_up_is_another_incident_unless_it_names_the_same() -> None:
    follow_up = report("a", PARLIAMENT, words=NAMES, **FOLLOW_UP)
    assert tie(follow_up, report("b", PARLIAMENT, days=30)) is None
    assert joins(follow_up, report("b", PARLIAMENT, days=30, words=NAMES))
    assert joins(follow_up, report("b", PARLIAMENT, days=1))


def test_a_government_is_the_victim_of_many_incidents() -> None:
    first = report("a", GOVERNMENT, words=NAMES)
    assert joins(first, report("b", GOVERNMENT, days=1))
    assert joins(first, report("b", GOVERNMENT, days=30, **FOLLOW_UP))
    assert tie(first, report("b", GOVERNMENT, days=300, words=NAMES, **FOLLOW_UP)) is None


def test_a_government_beside_another_victim_is_no_longer_vague() -> None:
    assert joins(report("a", GOVERNMENT, PARLIAMENT), report("b", GOVERNMENT, PARLIAMENT, days=300, **FOLLOW_UP))


def test_a_government_ties_less_than_an_institution() -> None:
    assert strength(report("a", GOVERNMENT), report("b", GOVERNMENT)) < strength(report("a", PARLIAMENT), report("b", PARLIAMENT))


def test_of_incidents_of_one_victim_the_nearer_and_the_one_with_more_names_ties_more() -> None:
    later = report("z", PARLIAMENT, days=30, words=NAMES)
    assert strength(later, report("a", PARLIAMENT, days=25)) > strength(later, report("b", PARLIAMENT, days=5))
    assert strength(later, report("a", PARLIAMENT, days=5, words=NAMES)) > strength(later, report("b", PARLIAMENT, days=5))


def test_a_victim_ties_more_than_a_campaign_and_a_campaign_more_than_names() -> None:
    first = report("a", PARLIAMENT, actors=GROUP, words=NAMES)
    same_victim, campaign, by_names = (
        strength(first, report("b", *victims, actors=GROUP, words=NAMES)) for victims in ([PARLIAMENT], [AIRLINE], [])
    )
    assert same_victim > campaign > by_names >= JOIN


# Victims that may be one


def test_one_named_by_its_kind_only_may_be_any_of_its_kind_and_country_in_the_same_days() -> None:
    assert joins(report("a", SOME_HOSPITAL), report("b", PIROT, days=1))
    assert tie(report("a", SOME_HOSPITAL), report("b", PIROT, days=200, **FOLLOW_UP)) is None
    assert tie(report("a", SOME_HOSPITAL), report("b", TOWN_HALL, days=1)) is None
    assert tie(report("a", SOME_HOSPITAL), report("b", replace(PIROT, country="BG"), days=1)) is None


def test_names_with_one_town_are_one_institution_where_towns_have_one() -> None:
    assert same(TOWN_HALL, CITY, START - START)
    assert same(CITY, TOWN_HALL, START - START)
    assert not same(PIROT, NIS, START - START)
    assert not same(replace(TOWN_HALL, sector="bank"), replace(CITY, sector="bank"), START - START)


# Campaigns


def test_victims_of_one_country_hit_in_the_same_days_by_one_group_are_a_campaign() -> None:
    found = tie(report("a", PARLIAMENT, actors=GROUP), report("b", AIRLINE, days=1, actors=GROUP))
    assert found is not None
    assert (found.firm, found.why) == (False, "same country and days, one actor: a campaign")
    assert found.strength >= JOIN


@pytest.mark.parametrize(
    "other",
    [
        report("b", AIRLINE, days=1),
        report("b", AIRLINE, days=1, actors=("NoName",)),
        report("b", PIROT, days=1, actors=GROUP),
        report("b", AIRLINE, days=20, actors=GROUP),
        report("b", AIRLINE, days=400, actors=GROUP),
    ],
    ids=["no group", "another group", "another country", "weeks later", "a year later"],
)
def test_less_is_no_campaign(other: Report) -> None:
    assert not joins(report("a", PARLIAMENT, actors=GROUP), other)


def test_one_group_in_the_same_weeks_is_a_hint_and_a_year_later_none() -> None:
    first = report("a", PARLIAMENT, actors=GROUP)
    assert 0 < strength(first, report("b", AIRLINE, days=20, actors=GROUP)) < JOIN
    assert tie(first, report("b", AIRLINE, days=400, actors=GROUP)) is None


def test_a_follow_up_is_part_of_a_campaign_only_if_the_attack_is_of_the_same_kind() -> None:
    first = report("a", PARLIAMENT, actors=GROUP, attacks=("ddos",))
    assert joins(first, report("b", AIRLINE, days=1, actors=GROUP, attacks=("ddos",), **FOLLOW_UP))
    assert not joins(first, report("b", AIRLINE, days=1, actors=GROUP, attacks=("wiper",), **FOLLOW_UP))


def test_bodies_of_one_kind_hit_in_the_same_days_and_told_with_the_same_names_are_a_campaign() -> None:
    first = report("a", PARLIAMENT, words=NAMES)
    assert joins(first, report("b", GOVERNMENT, days=1, words=NAMES))
    assert joins(first, report("b", GOVERNMENT, days=1, words=NAMES, attacks=("unknown",)))
    assert joins(report("a", PIROT, words=NAMES), report("b", NIS, days=1, words=NAMES))
    assert tie(first, report("b", AIRLINE, days=1, words=NAMES)) is None  # the same officials speak of every attack
    assert tie(first, report("b", GOVERNMENT, days=1, words="rama")) is None
    assert tie(first, report("b", GOVERNMENT, days=1, words=NAMES, attacks=("ddos",))) is None
    assert tie(first, report("b", GOVERNMENT, days=20, words=NAMES)) is None


def test_a_wave_that_knocks_offline_hits_victims_of_all_kinds() -> None:
    first = report("a", PARLIAMENT, words=NAMES, attacks=("ddos",))
    assert joins(first, report("b", AIRLINE, days=1, words=NAMES, attacks=("ddos",)))


def test_names_are_no_campaign_where_two_groups_are_named() -> None:
    first = report("a", PARLIAMENT, words=NAMES, actors=GROUP)
    assert tie(first, report("b", AIRLINE, days=1, words=NAMES, actors=("NoName",))) is None


# Names


def test_a_report_without_victim_is_known_by_rare_names_and_the_kind_of_attack() -> None:
    found = tie(report("a", PARLIAMENT, words=NAMES), report("b", days=1, words=NAMES))
    assert found is not None
    assert (found.firm, found.why) == (False, "same country, shared names, 1 days apart")
    assert found.strength >= JOIN


@pytest.mark.parametrize(
    "other",
    [
        report("b", days=1),
        report("b", days=100, words=NAMES),
        report("b", days=1, words=NAMES, attacks=("ddos",)),
        report("b", days=1, words=NAMES, actors=("NoName",)),
        report("b", days=1, words=NAMES, countries=("RS",)),
        report("b", days=1, words=NAMES, countries=()),
    ],
    ids=["no names", "months later", "another kind", "another group", "another country", "no country"],
)
def test_less_than_names_and_kind_in_the_same_days_and_country_ties_nothing(other: Report) -> None:
    assert tie(report("a", PARLIAMENT, words=NAMES, actors=GROUP), other) is None


def test_where_the_kind_of_attack_is_untold_more_names_are_needed() -> None:
    first = report("a", PARLIAMENT, words=NAMES)
    assert joins(first, report("b", days=1, words="rama"))
    assert tie(first, report("b", days=1, words="rama", attacks=("unknown",))) is None
    assert joins(first, report("b", days=1, words="rama kuvendi", attacks=("unknown",)))


def test_one_group_one_kind_of_attack_and_one_name_tie_for_longer_than_a_name_does() -> None:
    first = report("a", PARLIAMENT, words=NAMES, actors=GROUP)
    found = tie(first, report("b", days=10, words="rama", actors=GROUP))
    assert found is not None
    assert found.why == "same country, one actor, 10 days apart"
    assert tie(first, report("b", days=10, words="rama")) is None
    assert tie(first, report("b", days=10, words="veliaj", actors=GROUP)) is None


# Several reports


def test_the_strongest_tie_is_found_and_copies_are_passed_over() -> None:
    new = report("z", PARLIAMENT, days=3, words=NAMES, text=TEXT)
    by_names, by_victim = report("a", days=3, words=NAMES), report("b", PARLIAMENT)
    copy = replace(report("c", days=3, text=TEXT), copy_of="a")
    assert strongest(new, [by_names, by_victim, copy]) == tie(new, by_victim)
    assert strongest(new, [copy]) is None
    assert strongest(new, []) is None


def test_of_equally_like_texts_the_earliest_is_the_original() -> None:
    copy = report("z", days=3, text=TEXT)
    first, second = report("b", days=1, text=TEXT), report("a", days=2, text=TEXT)
    assert original(copy, [second, first]) == original(copy, [first, second]) == first


def test_the_more_alike_text_is_the_original() -> None:
    near, far = report("b", days=2, text=TEXT), report("a", days=1, text=f"{wording('a', 30)} {wording('b', 10)}")
    copy = report("z", days=3, text=TEXT)
    assert original(copy, [far]) == far
    assert original(copy, [far, near]) == near


@pytest.mark.parametrize(
    "other",
    [report("a", days=-60, text=TEXT), report("a", text=wording("b")), report("a"), replace(report("a", text=TEXT), copy_of="b")],
    ids=["months ago", "another text", "no text", "a copy itself"],
)
def test_what_is_no_original(other: Report) -> None:
    assert original(report("z", PARLIAMENT, text=TEXT), [other]) is None


def test_a_telecom_and_an_airline_have_nothing_in_common_but_their_country() -> None:
    assert tie(report("a", TELECOM), report("b", AIRLINE)) is None
