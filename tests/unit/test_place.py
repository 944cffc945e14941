"""Placement: victim and time decide; a split is better than a false merge."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

from monitor.model import Attack, Finding, Report, Signature, Status, Story, Victim
from monitor.stories.place import place

START = datetime(2023, 12, 26, 9, tzinfo=UTC)
PARLIAMENT = Victim("al-parliament", "Parliament of Albania", "AL", "parliament")
AIRLINE = Victim("al-air", "Air Albania", "AL", "airline")
GOVERNMENT = Victim("al-government", "Government of Albania", "AL", "government")
HOSPITAL = Victim("hr-kbc", "KBC Zagreb", "HR", "hospital")


def report(
    name: str,
    *victims: Victim,
    hours: float = 0,
    outlet: str = "",
    actors: tuple[str, ...] = (),
    attacks: tuple[Attack, ...] = ("wiper",),
    status: Status = "suspected",
    words: str = "",
    digest: tuple[int, ...] = (),
) -> Report:
    countries = tuple(dict.fromkeys(victim.country or "" for victim in victims)) or ("AL",)
    finding = Finding(True, 0.9, "sq", status, countries, victims, attacks, actors)
    return Report(
        name,
        f"https://{name}",
        name,
        outlet or name,
        START + timedelta(hours=hours),
        finding,
        Signature((), digest, frozenset(words.split())),
    )


def stories(*reports: Report) -> list[Story]:
    by_key: dict[str, Story] = {}
    for each in reports:
        story = place(each, list(by_key.values()), each.id).story
        by_key[story.key] = story
    return list(by_key.values())


def test_the_same_victim_in_the_same_weeks_is_one_story() -> None:
    assert len(stories(report("a", PARLIAMENT), report("b", PARLIAMENT, hours=200))) == 1


def test_different_victims_are_different_stories_even_of_one_country_and_day() -> None:
    assert len(stories(report("a", PARLIAMENT), report("b", AIRLINE, hours=1))) == 2


def test_a_campaign_of_one_actor_on_one_country_in_the_same_days_is_one_story() -> None:
    actor = ("Homeland Justice",)
    told = stories(report("a", PARLIAMENT, actors=actor), report("b", AIRLINE, hours=5, actors=actor))
    assert len(told) == 1
    assert {victim.name for victim in told[0].victims} == {"Parliament of Albania", "Air Albania"}


def test_the_actor_alone_ties_nothing() -> None:
    actor = ("NoName057(16)",)
    assert len(stories(report("a", PARLIAMENT, actors=actor), report("b", HOSPITAL, hours=5, actors=actor))) == 2
    assert len(stories(report("a", PARLIAMENT, actors=actor), report("b", AIRLINE, hours=24 * 20, actors=actor))) == 2


def test_a_government_is_the_victim_of_many_incidents() -> None:
    assert len(stories(report("a", GOVERNMENT), report("b", GOVERNMENT, hours=24 * 60, words="x y z"))) == 2


def test_a_follow_up_months_later_joins_when_it_shares_names() -> None:
    first = report("a", PARLIAMENT, words="kuvend nikolla sulmi")
    assert len(stories(first, report("b", PARLIAMENT, hours=24 * 200, words="kuvend nikolla sulmi"))) == 1
    assert len(stories(first, report("b", PARLIAMENT, hours=24 * 200, words="other names here"))) == 2


def test_a_copy_joins_its_original_and_is_no_second_outlet() -> None:
    original = report("a", PARLIAMENT, digest=tuple(range(128)))
    first = place(original, [], "a")
    placement = place(report("b", hours=1, digest=(*range(100), *range(500, 528))), [first.story], "b")
    assert placement.report.copy_of == "a"
    assert not placement.changes


def test_of_equal_texts_the_earliest_is_the_original_in_whatever_order_they_come() -> None:
    text = tuple(range(128))
    reports = [report("first", PARLIAMENT, digest=text), *(report(f"copy {n}", PARLIAMENT, hours=n, digest=text) for n in (1, 2))]
    for order in permutations(reports):
        (story,) = stories(*order)
        assert {(each.id, each.copy_of) for each in story.reports} == {("first", None), ("copy 1", "first"), ("copy 2", "first")}


def test_changes_of_meaning_are_told_and_nothing_else() -> None:
    first = place(report("a", PARLIAMENT), [], "a")
    second = place(report("b", PARLIAMENT, hours=1, actors=("Homeland Justice",), status="confirmed"), [first.story], "b")
    third = place(report("c", PARLIAMENT, AIRLINE, hours=2, attacks=("data_leak",)), [second.story], "c")
    fourth = place(report("d", PARLIAMENT, hours=3), [third.story], "d")
    assert [change.kind for change in first.changes] == ["opened"]
    assert {change.kind for change in second.changes} == {"second_outlet", "actor_named", "confirmed"}
    assert {(change.kind, change.detail) for change in third.changes} == {("victim_added", "Air Albania"), ("data_leaked", "")}
    assert not fourth.changes


def test_placing_a_report_again_changes_nothing() -> None:
    first = place(report("a", PARLIAMENT), [], "a")
    again = place(report("a", PARLIAMENT), [first.story], "a")
    assert again.story == first.story
    assert not again.changes


def test_the_order_of_reports_of_two_incidents_does_not_matter() -> None:
    reports = [report("a", PARLIAMENT), report("b", PARLIAMENT, hours=3), report("c", HOSPITAL, hours=1), report("d", HOSPITAL, hours=9)]
    grouped = {frozenset(frozenset(each.id for each in story.reports) for story in stories(*order)) for order in permutations(reports)}
    assert grouped == {frozenset({frozenset("ab"), frozenset("cd")})}
