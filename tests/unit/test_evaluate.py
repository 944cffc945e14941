"""The scorer on cases small enough to be computed by hand: it decides what counts as progress, so it must not flatter."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.detect.load import load_lexicon
from monitor.jobs.evaluate import Judged, Score, b_cubed, judge_all, misses, same_name, score, summary
from monitor.model import Attack, Finding, Victim
from monitor.settings import default_folder


def one(incident: str | None, story: str | None, **more: Any) -> Judged:
    """An article: relevant if it has an incident, flagged if it is in a story."""
    label: dict[str, Any] = {"id": "x", "lang": "sq", "relevant": incident is not None, "incident": incident}
    label |= {"countries": ["AL"], "victims": ["Parliament of Albania"], "attack": "wiper", "actors": []} | more.pop("label", {})
    attacks: tuple[Attack, ...] = ("wiper",)
    fields: dict[str, Any] = {"lang": "sq", "countries": ("AL",), "attacks": attacks} | more
    return Judged(label, Finding(story is not None, 0.9, **fields), story)


def rounded(found: Score) -> tuple[float, float, float, int]:
    return round(found.precision, 4), round(found.recall, 4), round(found.f1, 4), found.count


def test_score_by_hand() -> None:
    """Three expected, four found, two of them right: P 2/4, R 2/3, F1 4/7."""
    pairs = [(True, True), (True, True), (True, False), (False, True), (False, True), (False, False)]
    assert rounded(score(pairs)) == (0.5, 0.6667, 0.5714, 3)


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], (1.0, 1.0, 1.0, 0)),
        ([(False, False)], (1.0, 1.0, 1.0, 0)),
        ([(True, False)], (1.0, 0.0, 0.0, 1)),  # nothing said, nothing said wrongly
        ([(False, True)], (0.0, 1.0, 0.0, 0)),
    ],
)
def test_score_at_the_ends(pairs: list[tuple[bool, bool]], expected: tuple[float, float, float, int]) -> None:
    assert rounded(score(pairs)) == expected


def test_stories_that_equal_the_incidents_score_one() -> None:
    assert rounded(b_cubed([one("a", "1"), one("a", "1"), one("b", "2")])) == (1.0, 1.0, 1.0, 3)


def test_two_incidents_in_one_story_cost_precision() -> None:
    """a a b in one story: P (2/3 + 2/3 + 1/3) / 3 = 5/9, R 1."""
    assert rounded(b_cubed([one("a", "1"), one("a", "1"), one("b", "1")])) == (0.5556, 1.0, 0.7143, 3)


def test_one_incident_in_two_stories_costs_recall() -> None:
    """a a | a: P 1, R (2/3 + 2/3 + 1/3) / 3 = 5/9."""
    assert rounded(b_cubed([one("a", "1"), one("a", "1"), one("a", "2")])) == (1.0, 0.5556, 0.7143, 3)


def test_a_missed_report_is_a_story_of_its_own() -> None:
    """a in story 1, a missed: P 1, R 1/2 each."""
    assert rounded(b_cubed([one("a", "1"), one("a", None)])) == (1.0, 0.5, 0.6667, 2)


def test_two_missed_reports_are_not_one_story() -> None:
    assert rounded(b_cubed([one("a", None), one("a", None)])) == (1.0, 0.5, 0.6667, 2)


def test_a_wrongly_flagged_article_costs_where_it_joins_a_story() -> None:
    """a and a false one in story 1: P 1/2 each, R 1."""
    assert rounded(b_cubed([one("a", "1"), one(None, "1")])) == (0.5, 1.0, 0.6667, 2)


def test_what_is_rightly_left_alone_does_not_count() -> None:
    judged = [one("a", "1"), one("a", "2")]
    assert b_cubed([*judged, one(None, None), one(None, None)]) == b_cubed(judged)


def test_a_mixed_case_by_hand() -> None:
    """Stories {a a b} {b b} {none}: P (2/3 + 2/3 + 1/3 + 1 + 1 + 1) / 6 = 7/9, R (1 + 1 + 1/3 + 2/3 + 2/3 + 1) / 6 = 7/9."""
    judged = [one("a", "1"), one("a", "1"), one("b", "1"), one("b", "2"), one("b", "2"), one(None, "3")]
    assert rounded(b_cubed(judged)) == (0.7778, 0.7778, 0.7778, 6)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Parliament of Albania", "Albanian Parliament"),
        ("Government of the Republic of Serbia", "Government of Serbia"),
        ("SPAK (Special Structure against Corruption)", "SPAK"),
        ("Municipality of Tirana", "Tirana Municipality"),
        ("Hospital of Botoșani", "Hospital of Botosani"),
    ],
)
def test_names_that_mean_one_institution(name: str, other: str) -> None:
    assert same_name(name, other)
    assert same_name(other, name)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Air Albania", "One Albania"),
        ("Ministry of Health", "Ministry of Finance"),
        ("University of Zagreb", "University of Split"),
        ("Parliament of Albania", "Central Bank"),
    ],
)
def test_names_that_mean_two(name: str, other: str) -> None:
    assert not same_name(name, other)


def test_fields_count_only_where_flagging_was_right() -> None:
    parliament = Victim("al-parliament-of-albania", "Parliament of Albania", "AL", "parliament")
    airline = Victim("al-air-albania", "Air Albania", "AL", "airline")
    judged = [
        one("a", "1", victims=(parliament, airline)),  # one of two is right
        one("a", "1", victims=(), label={"victims": ["Parliament of Albania", "One Albania"]}),  # none of two is found
        one("a", None, victims=()),  # missed: not asked who
        one(None, "1", victims=(airline,)),  # wrongly flagged: not asked who
    ]
    assert rounded(summary(judged)["victims"]) == (0.5, 0.3333, 0.4, 3)


def test_the_summary_by_hand() -> None:
    judged = [
        one("a", "1"),
        one("a", "1", attacks=("ddos",), lang="mk"),
        one("b", None, label={"lang": "mk"}),
        one(None, None),
    ]
    found = summary(judged)
    assert found["articles"] == 4
    assert rounded(found["flagging"]) == (1.0, 0.6667, 0.8, 3)
    assert {lang: rounded(value)[1] for lang, value in found["languages"].items()} == {"mk": 0.0, "sq": 1.0}
    assert found["attack"] == 0.5
    assert found["language_named"] == 0.5
    assert rounded(found["countries"]) == (1.0, 1.0, 1.0, 2)


def test_an_empty_set_has_figures_too() -> None:
    found = summary([])
    assert found["articles"] == 0
    assert found["stories"].f1 == 1.0


def test_misses_are_those_judged_otherwise_than_labelled() -> None:
    right, missed, wrong, left = one("a", "1"), one("a", None), one(None, "1"), one(None, None)
    assert misses([right, missed, wrong, left]) == [missed, wrong]


def test_articles_are_placed_in_the_order_of_publication_whatever_the_order_of_the_file() -> None:
    text = "Hakerat sulmuan sistemin e Kuvendit të Shqipërisë dhe fshinë të dhënat e serverëve."
    title = "Sulm kibernetik ndaj Kuvendit të Shqipërisë"
    rows = [
        {"id": day, "title": title, "text": f"{text} Dita {day}.", "published": day} for day in ("2023-12-27", "2023-12-25", "2023-12-26")
    ]
    labelled = [row | {"lang": "sq", "relevant": True, "incident": "a"} for row in rows]
    known = load_lexicon(default_folder({}))
    there, back = judge_all(labelled, known), judge_all(labelled[::-1], known)
    assert [one.label["id"] for one in there] == [row["id"] for row in rows]
    assert {one.story for one in there} == {one.story for one in back}
    assert len({one.story for one in there}) == 1
