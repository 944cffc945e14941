"""Detection and stories hold their floors, and floors are not lowered by accident."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.quality import floors, table

FOUND = {"corpus": {"flagging": 0.91239, "stories": 0.85}}


@pytest.fixture(scope="module")
def measured() -> dict[str, dict[str, float]]:
    return floors.measure()


def test_the_figures_reach_their_floors(measured: dict[str, dict[str, float]]) -> None:
    print("\n", json.dumps(measured, indent=2))
    assert floors.below(measured, floors.read()) == []


def test_the_readme_shows_these_figures(measured: dict[str, dict[str, float]]) -> None:
    assert table.stands_in_readme(measured), "python -m tests.quality.floors --update writes the README's table anew"


def test_every_figure_has_a_floor(measured: dict[str, dict[str, float]]) -> None:
    held = floors.read()
    assert {name: set(those) for name, those in held.items()} == {name: set(those) for name, those in measured.items()}


@pytest.mark.parametrize(
    ("name", "figure", "least"),
    [
        ("unseen", "overall", 0.95),
        ("dev", "countries", 0.97),
        ("dev", "victims", 0.85),
        ("dev", "attack", 0.80),
        ("dev", "actors", 0.90),
        ("dev", "stories", 0.95),
        ("dev", "pairs", 0.98),
        ("dev", "unsplit", 1 / 1.1),
        ("assessed", "stories", 0.95),
        ("assessed", "pairs", 0.98),
        ("assessed", "unsplit", 1 / 1.1),
        ("ordinary", "unflagged", 1.0),
    ],
)
def test_what_was_promised_is_a_floor(name: str, figure: str, least: float) -> None:
    assert floors.read()[name][figure] >= least


def test_no_language_with_ten_articles_is_worse_than_promised() -> None:
    assert all(floor >= 0.9 for floor in floors.read()["unseen"].values())


def test_the_sets_are_as_large_as_promised() -> None:
    assert len(floors.corpus("dev")) >= 200
    assert len(floors.corpus("ordinary")) >= 150
    assert len(floors.corpus("everyday")) >= 900
    own = [row for name in floors.SETS if name != "dev" for row in floors.corpus(name)]
    assert sum(row["lang"] in ("ro", "sr-Cyrl", "cnr", "el", "de", "it", "tr") for row in own) >= 150
    newsroom = floors.newsroom()
    assert len(newsroom) >= 70
    assert len({row["lang"] for row in newsroom}) >= 10
    assert len({row["incident"] for row in newsroom if row["relevant"]}) >= 7


def test_a_figure_below_its_floor_is_named() -> None:
    assert floors.below(FOUND, {"corpus": {"flagging": 0.92, "stories": 0.85}}) == ["corpus: flagging is 0.9124, below its floor of 0.9200"]


def test_an_update_raises_a_floor_and_never_above_the_figure() -> None:
    assert floors.raised(FOUND, {"corpus": {"flagging": 0.8, "stories": 0.8}}, lower=False) == {
        "corpus": {"flagging": 0.9123, "stories": 0.85}
    }


def test_an_update_lowers_a_floor_only_when_told_to() -> None:
    high = {"corpus": {"flagging": 0.95, "stories": 0.8}}
    assert floors.raised(FOUND, high, lower=False)["corpus"] == {"flagging": 0.95, "stories": 0.85}
    assert floors.raised(FOUND, high, lower=True)["corpus"] == {"flagging": 0.9123, "stories": 0.85}


def test_an_update_that_would_lower_a_floor_writes_nothing_without_the_word(tmp_path: Path) -> None:
    file = tmp_path / "floors.json"
    held = {"corpus": {"flagging": 1.0, "stories": 0.8}}
    file.write_text(json.dumps(held), encoding="utf-8")
    assert not floors.update(FOUND, lower=False, file=file)
    assert floors.read(file) == held
    assert floors.update(FOUND, lower=True, file=file)
    assert floors.read(file) == {"corpus": {"flagging": 0.9123, "stories": 0.85}}
