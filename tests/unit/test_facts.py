"""What a story says, from its reports, and its time line."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings

from monitor.model import Attribution, Change, Report, Standing, Status, Story
from monitor.stories.bonds import Bonds
from monitor.stories.facts import summarise, timeline
from monitor.stories.gather import gather
from monitor.stories.place import opened, place
from tests.unit.incidents import (
    AIRLINE,
    NIS,
    PARLIAMENT,
    PIROT,
    SOME_HOSPITAL,
    TELECOM,
    incidents,
    report,
    standing,
    wording,
)

FOLLOW_UP: dict[str, Any] = {"kind": "follow_up"}


def story(*reports: Report) -> Story:
    return summarise(standing("k", *reports))


def copy(of: str, original: Report, **found: Any) -> Report:
    return replace(report(of, days=0.5, **found), copy_of=original.id)


def status(*said: Status, **last: Any) -> Status:
    """The status of a story whose reports said so, one a day; `last`: what else its last report says."""
    reports = [report(f"n{day}", PARLIAMENT, days=day, status=each) for day, each in enumerate(said)]
    reports[-1] = replace(reports[-1], finding=replace(reports[-1].finding, **last))
    return story(*reports).status


def line(of: Story) -> list[tuple[str, str, str]]:
    return [(change.kind, change.detail, made_by) for change, made_by in timeline(of).items()]


# How sure it is


@pytest.mark.parametrize(
    ("said", "known"),
    [
        (("suspected",), "suspected"),
        (("claimed", "suspected"), "claimed"),
        (("claimed", "denied"), "denied"),
        (("denied", "claimed"), "denied"),
        (("confirmed", "denied"), "confirmed"),
        (("denied", "confirmed"), "confirmed"),
        (("confirmed", "claimed", "suspected"), "confirmed"),
    ],
)
def test_a_confirmation_outweighs_a_denial_and_a_denial_a_claim_whichever_comes_first(said: tuple[Status, ...], known: Status) -> None:
    assert status(*said) == known


def test_a_story_is_resolved_until_an_attack_is_told_as_news_again() -> None:
    assert status("confirmed", "resolved") == "resolved"
    assert status("confirmed", "resolved", "claimed", **FOLLOW_UP) == "resolved"
    assert status("confirmed", "resolved", "claimed") == "confirmed"
    assert status("claimed", "resolved", "suspected") == "claimed"
    assert status("confirmed", "resolved", "suspected", "resolved") == "resolved"


def test_a_story_that_is_told_only_once_it_is_over_is_resolved() -> None:
    assert status("resolved") == "resolved"
    assert status("resolved", "resolved") == "resolved"
    assert status("resolved", "denied") == "denied"


def test_copies_say_nothing_about_how_sure_it_is() -> None:
    first = report("a", PARLIAMENT, status="claimed")
    assert story(first, copy("b", first, status="confirmed")).status == "claimed"


# Who did it


def test_a_group_claims_an_attack_if_any_report_tells_so_and_is_blamed_otherwise() -> None:
    blamed = report("a", PARLIAMENT, actors=("X", "Y"), outlet="a.al")
    by_kind = report("b", PARLIAMENT, days=1, actors=("X",), outlet="b.al", kind="claim")
    by_status = replace(by_kind, finding=replace(by_kind.finding, kind="incident", status="claimed"))
    assert story(blamed).attributions == (Attribution("X", False, ("a.al",)), Attribution("Y", False, ("a.al",)))
    for claiming in (by_kind, by_status):
        assert story(blamed, claiming).attributions == (Attribution("X", True, ("a.al", "b.al")), Attribution("Y", False, ("a.al",)))
    assert story(blamed, by_kind).headline == "Parliament of Albania: data wiped, claimed by X"
    assert story(blamed).headline == "Parliament of Albania: data wiped, attributed to X and Y"


def test_each_outlet_that_names_a_group_is_told_once_and_copies_are_not() -> None:
    named: list[Report] = [
        report(name, PARLIAMENT, days=day, actors=("X",), outlet=f"{name[0]}.al") for day, name in enumerate(["a1", "a2", "b"])
    ]
    (attribution,) = story(*named, copy("c", named[0], actors=("X",), outlet="c.al")).attributions
    assert attribution.outlets == ("a.al", "b.al")


def test_the_group_that_most_name_comes_first() -> None:
    reports = [report("a", PARLIAMENT, actors=("X",)), *(report(name, PARLIAMENT, days=1, actors=("Y",)) for name in "bc")]
    assert story(*reports).actors == ("Y", "X")
    assert story(*reports[:2]).actors == ("X", "Y")


# Who was hit, where and how


def test_what_most_reports_say_comes_first_and_of_equals_what_was_said_first() -> None:
    reports = [
        report("a", PARLIAMENT, countries=("XK",), attacks=("ddos",)),
        report("b", AIRLINE, TELECOM, days=1, countries=("AL", "ME"), attacks=("data_leak", "wiper")),
        report("c", AIRLINE, days=2, countries=("AL",), attacks=("data_leak",)),
    ]
    made = story(*reports)
    assert made.victims == (AIRLINE, PARLIAMENT, TELECOM)
    assert made.countries == ("AL", "XK", "ME")
    assert made.attacks == ("data_leak", "ddos", "wiper")


def test_an_attack_of_no_known_kind_is_told_only_while_there_is_no_other() -> None:
    untold = report("a", PARLIAMENT, attacks=("unknown",))
    assert story(untold).attacks == ("unknown",)
    assert story(report("a", PARLIAMENT, attacks=())).attacks == ("unknown",)
    assert story(untold, report("b", PARLIAMENT, days=1, attacks=("ddos",))).attacks == ("ddos",)


def test_a_victim_named_by_its_kind_only_is_left_out_where_one_of_its_kind_is_named() -> None:
    unnamed = report("a", SOME_HOSPITAL)
    assert story(unnamed).victims == (SOME_HOSPITAL,)
    assert story(unnamed, report("b", PIROT, days=1)).victims == (PIROT,)
    assert story(unnamed, report("b", PARLIAMENT, days=1)).victims == (SOME_HOSPITAL, PARLIAMENT)


def test_victims_of_copies_are_none_of_the_story() -> None:
    first = report("a", PARLIAMENT)
    assert story(first, copy("b", first, victims=(AIRLINE,), countries=("BG",))).victims == (PARLIAMENT,)
    assert story(first, copy("b", first, victims=(AIRLINE,), countries=("BG",))).countries == ("AL",)


# The title


def test_the_title_is_that_of_the_surest_report_of_equals_the_first_without_what_hangs_on_it() -> None:
    first = replace(report("a", PARLIAMENT, score=0.7), title="Sulm kibernetik")
    best = replace(report("b", PARLIAMENT, days=1, lang="sr-Latn", outlet="n1info.rs"), title="Napadnut sajt parlamenta (FOTO) - N1")
    equal = replace(report("c", PARLIAMENT, days=2), title="Third")
    made = story(first, best, equal)
    assert (made.title, made.title_lang) == ("Napadnut sajt parlamenta", "sr-Latn")


def test_a_copy_gives_no_title() -> None:
    first = report("a", PARLIAMENT, score=0.7)
    assert story(first, copy("b", first, score=0.99)).title == "Title of a"


def test_a_story_without_any_title_has_none() -> None:
    assert story(replace(report("a", PARLIAMENT), title="")).title == ""


# The time line


def test_the_first_report_opens_the_story_and_tells_what_it_knows() -> None:
    first = report("a", PARLIAMENT, AIRLINE, actors=("X",), attacks=("data_leak",), status="confirmed")
    assert line(story(first)) == [("opened", "", "a"), ("actor_named", "X", "a"), ("confirmed", "", "a"), ("data_leaked", "", "a")]


def test_each_change_is_told_once_with_the_report_that_made_it() -> None:
    reports = [
        report("a", PARLIAMENT, outlet="one.al"),
        report("b", PARLIAMENT, days=1, outlet="one.al", actors=("X",)),
        report("c", PARLIAMENT, AIRLINE, days=2, outlet="two.al", actors=("X", "Y"), status="denied"),
        report("d", PARLIAMENT, AIRLINE, days=3, outlet="three.al", attacks=("data_leak",), status="confirmed"),
        report("e", PARLIAMENT, days=4, outlet="two.al", attacks=("data_leak",), status="denied"),
        report("f", PARLIAMENT, days=5, outlet="four.al", status="resolved", **FOLLOW_UP),
        report("g", PARLIAMENT, days=6, outlet="four.al", status="resolved", **FOLLOW_UP),
    ]
    assert line(story(*reports)) == [
        ("opened", "", "a"),
        ("actor_named", "X", "b"),
        ("second_outlet", "", "c"),
        ("victim_added", "Air Albania", "c"),
        ("actor_named", "Y", "c"),
        ("denied", "", "c"),
        ("confirmed", "", "d"),
        ("data_leaked", "", "d"),
        ("resolved", "", "f"),
    ]


def test_suspicions_and_claims_are_no_change() -> None:
    reports = [report("a", PARLIAMENT, outlet="a.al"), report("b", PARLIAMENT, days=1, outlet="a.al", status="claimed")]
    assert line(story(*reports)) == [("opened", "", "a")]


def test_a_victim_that_the_first_report_does_not_name_by_name_is_added_once_it_is_named() -> None:
    reports = [
        report("a", SOME_HOSPITAL, outlet="a.rs"),
        report("b", NIS, days=1, outlet="a.rs"),
        report("c", SOME_HOSPITAL, outlet="a.rs"),
    ]
    assert line(story(*reports)) == [("opened", "", "a"), ("victim_added", NIS.name, "b")]


def test_copies_change_nothing() -> None:
    first = report("a", PARLIAMENT, text=wording("a"))
    said: dict[str, Any] = {"actors": ("X",), "status": "confirmed", "attacks": ("data_leak",), "victims": (AIRLINE,)}
    assert line(story(first, copy("b", first, outlet="b.al", **said))) == [("opened", "", "a")]


def test_the_order_in_which_reports_come_does_not_change_the_time_line() -> None:
    reports = [
        report("a", PARLIAMENT, status="claimed", actors=("X",)),
        report("b", PARLIAMENT, AIRLINE, days=1, status="confirmed", actors=("X",)),
        report("c", PARLIAMENT, days=2, status="denied", attacks=("data_leak",)),
        report("d", PARLIAMENT, days=3, status="resolved", **FOLLOW_UP),
    ]
    expected = line(story(*reports))
    assert len(expected) == 7
    for order in permutations(reports):
        standings: list[Standing] = []
        for each in order:
            made = place(each, standings).story
            standings = [made.standing]
        assert line(made) == expected


@settings(max_examples=100, deadline=None)
@given(incidents(most=8))
def test_any_story_has_a_time_line_that_only_its_own_reports_made(reports: list[Report]) -> None:
    for group in gather(reports, Bonds()):
        made = summarise(opened(group, "k"))
        own = [each.id for each in group if each.copy_of is None]
        makers = list(timeline(made).values())
        assert set(makers) <= set(own)
        assert [own.index(maker) for maker in makers] == sorted(own.index(maker) for maker in makers)
        assert next(iter(timeline(made))) == Change("opened")
        names = {victim.name for victim in made.victims}
        assert {change.detail for change in timeline(made) if change.kind == "victim_added"} <= names
        assert {change.detail for change in timeline(made) if change.kind == "actor_named"} == set(made.actors)
        assert summarise(opened([each for each in group if each.copy_of is None], "k")).headline == made.headline
