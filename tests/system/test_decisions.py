"""`monitor stories confirm | reject | undo` as real processes on a real file."""

from __future__ import annotations

import getpass
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from monitor.store.engine import Store
from tests.contract.samples import PARLIAMENT, a_finding, a_source_id, an_opened_story
from tests.system.test_cli import Result, monitor, refused


@dataclass(frozen=True, slots=True)
class Desk:
    """Someone at the command line, before a database."""

    folder: Path
    url: str

    def stories(self, *arguments: str) -> Result:
        return monitor("stories", *arguments, cwd=self.folder, MONITOR_DATABASE_URL=self.url)

    def told(self, *arguments: str) -> list[str]:
        result = self.stories(*arguments)
        assert result.returncode == 0, result.stderr
        return result.stdout.splitlines()

    def shown(self, *arguments: str) -> Any:
        return json.loads(self.stories(*arguments, "--json").stdout)

    def decisions(self) -> dict[str, str | None]:
        return {story["story"]: story["decision"] for story in self.shown("list")}


@pytest.fixture
def desk(sqlite_url: str, tmp_path: Path) -> Desk:
    """Three stories: story-1, story-2 and story-3."""

    def fill(c: Connection) -> None:
        a_source_id(c)
        for number in (1, 2, 3):
            an_opened_story(c, number, a_finding(PARLIAMENT))

    with Store(sqlite_url) as store:
        store.write_now(fill)
    return Desk(tmp_path, sqlite_url)


def test_decisions_are_made_told_and_taken_back(desk: Desk) -> None:
    assert desk.told("confirm", "story-1", "story-2", "story-1") == ["story-1: confirmed", "story-2: confirmed"]
    assert desk.told("reject", "story-2", "--author", "ana") == ["story-2: rejected"]
    assert desk.decisions() == {"story-1": "confirmed", "story-2": "rejected", "story-3": None}
    assert desk.told("undo", "story-2", "story-3", "--author", "bob") == [
        "story-2: the last decision is taken back",
        "story-3: there is no decision to take back",
    ]
    assert desk.decisions() == {"story-1": "confirmed", "story-2": "confirmed", "story-3": None}


def test_the_list_has_a_column_for_them(desk: Desk) -> None:
    desk.told("reject", "story-2")
    lines = [line.split() for line in desk.told("list") if line.strip()]
    heading = next(line for line in lines if line[0] == "story")
    assert "decision" in heading
    assert [line[0] for line in lines if "rejected" in line] == ["story-2"]


def test_a_story_is_shown_with_who_decided_what_and_when(desk: Desk) -> None:
    desk.told("confirm", "story-1")
    desk.told("reject", "story-1", "--author", "ana \x1b[2J")
    desk.told("undo", "story-1", "--author", "bob")
    story = desk.shown("show", "story-1")
    assert story["decision"] == "confirmed"
    last, first = story["decisions"]
    assert (first["verdict"], first["author"], first["undone_at"]) == ("confirmed", getpass.getuser(), None)
    assert (last["verdict"], last["undone_by"]) == ("rejected", "bob")
    assert first["at"] <= last["at"] <= last["undone_at"]
    text = "\n".join(desk.told("show", "story-1"))
    assert "Decisions" in text
    assert "bob" in text
    assert "\x1b" not in text
    assert "Decisions" not in "\n".join(desk.told("show", "story-2"))


@pytest.mark.parametrize("command", ["confirm", "reject", "undo"])
def test_one_unknown_key_and_nothing_is_written(desk: Desk, command: str) -> None:
    desk.told("confirm", "story-3")
    assert refused(desk.stories(command, "story-1", "storry-3", "story-3", "elsewhere")) == [
        "no such story: 'storry-3'; did you mean 'story-3'?",
        "no such story: 'elsewhere'; `monitor stories list` shows the keys",
    ]
    assert desk.decisions() == {"story-1": None, "story-2": None, "story-3": "confirmed"}


def test_a_decision_needs_somebody_who_made_it(desk: Desk) -> None:
    assert refused(desk.stories("confirm", "story-1", "--author", " ")) == ["--author: expected a name"]
    assert desk.decisions()["story-1"] is None


def test_deciding_without_a_database_makes_none(tmp_path: Path) -> None:
    result = monitor("stories", "confirm", "story-1", cwd=tmp_path)
    assert refused(result) == ["data/monitor.db: no such database yet; run `monitor migrate` to make it"]
    assert list(tmp_path.iterdir()) == []
