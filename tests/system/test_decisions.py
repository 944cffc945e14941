"""`monitor stories confirm | reject | mute | note | merge | split | undo` as real processes on a real file."""

from __future__ import annotations

import getpass
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from monitor.model import Article, Victim
from monitor.store.engine import Store
from monitor.stories.signature import sign
from tests.contract.samples import (
    DAY,
    HOSPITAL,
    HOUR,
    NOW,
    PARLIAMENT,
    a_finding,
    a_joined_report,
    a_source_id,
    a_stored_report,
    an_opened_story,
)
from tests.jobs.reports import prose
from tests.system.test_cli import Result, monitor, refused

BANK = Victim("gr-bank", "Bank of Greece", "GR", "bank")
DECIDING = ("confirm", "reject", "mute", "note", "merge", "split", "undo")
ESCAPES = "ana \x1b[2J\x1b]0;owned\x07 [red]\u202e"


@dataclass(frozen=True, slots=True)
class Desk:
    """Someone at the command line, before a database."""

    folder: Path
    url: str

    def stories(self, *arguments: str, **env: str) -> Result:
        return monitor("stories", *arguments, cwd=self.folder, MONITOR_DATABASE_URL=self.url, **env)

    def told(self, *arguments: str, **env: str) -> list[str]:
        result = self.stories(*arguments, **env)
        assert result.returncode == 0, result.stderr
        return result.stdout.splitlines()

    def shown(self, *arguments: str) -> Any:
        return json.loads(self.stories(*arguments, "--json").stdout)

    def decisions(self) -> dict[str, str | None]:
        return {story["story"]: story["decision"] for story in self.shown("list")}

    def articles(self, key: str) -> list[int]:
        return [report["article"] for report in self.shown("show", key)["told_by"]]


@pytest.fixture
def desk(sqlite_url: str, tmp_path: Path) -> Desk:
    """Three stories: story-1 of the articles 1 to 4, of which 4 copies 3; story-2 of 5, story-3 of 6."""

    def fill(c: Connection) -> None:
        a_source_id(c)
        finding = a_finding(PARLIAMENT, countries=("AL",))
        statement = sign(Article("", "", prose("statement")))
        story = an_opened_story(c, 1, finding)
        story = a_joined_report(c, story, a_stored_report(c, 12, finding, at=NOW + HOUR))
        story = a_joined_report(c, story, a_stored_report(c, 13, finding, statement, NOW + 2 * HOUR))
        a_joined_report(c, story, a_stored_report(c, 14, finding, statement, NOW + 3 * HOUR, copy_of="3"))
        an_opened_story(c, 2, a_finding(HOSPITAL, countries=("RO",)), at=NOW + 5 * DAY)
        an_opened_story(c, 3, a_finding(BANK, countries=("GR",)), at=NOW + 9 * DAY)

    with Store(sqlite_url) as store:
        store.write_now(fill)
    return Desk(tmp_path, sqlite_url)


def test_decisions_are_made_told_and_taken_back(desk: Desk) -> None:
    assert desk.told("confirm", "story-1", "story-2", "story-1") == ["story-1: confirmed", "story-2: confirmed"]
    assert desk.told("confirm", "story-1", "story-3") == ["story-1: confirmed already", "story-3: confirmed"]
    assert desk.told("reject", "story-2", "--author", "ana") == ["story-2: rejected"]
    assert desk.decisions() == {"story-1": "confirmed", "story-2": "rejected", "story-3": "confirmed"}
    assert desk.told("undo", "story-2", "story-3", "--author", "bob") == ["story-2: no longer rejected", "story-3: no longer confirmed"]
    assert desk.told("undo", "story-3") == ["story-3: there is no decision to take back"]
    assert desk.decisions() == {"story-1": "confirmed", "story-2": "confirmed", "story-3": None}


def test_a_decision_that_makes_stories_one_is_said_once(desk: Desk) -> None:
    with Store(desk.url) as store:
        store.write_now(lambda c: an_opened_story(c, 4, a_finding(PARLIAMENT, countries=("AL",)), at=NOW + 4 * HOUR))
    assert desk.told("confirm", "story-1", "story-4", "story-2") == ["story-1: confirmed", "story-2: confirmed"]
    assert desk.decisions() == {"story-1": "confirmed", "story-2": "confirmed", "story-3": None}
    assert [each["kind"] for each in desk.shown("show", "story-4")["decisions"]] == ["confirmed"]


@pytest.mark.parametrize("width", ["80", "100", "140", None])
def test_the_list_fits_its_terminal_with_keys_that_can_be_copied(desk: Desk, width: str | None) -> None:
    desk.told("reject", "story-2")
    lines = desk.told("list", **({"COLUMNS": width} if width else {}))
    assert not width or max(map(len, lines)) <= int(width)
    heading = next(line.split() for line in lines if line.split()[:1] == ["story"])
    assert {"decision", "headline", "reports"} <= set(heading)
    assert [line.split()[0] for line in lines if "rejected" in line] == ["story-2"]
    (hit,) = [line.split() for line in lines if line.split()[:1] == ["story-1"]]
    assert hit[hit.index("3") + 1] == "+1"  # three reports and a copy


def test_a_muted_story_is_shown_as_such(desk: Desk) -> None:
    assert desk.told("mute", "story-2") == ["story-2: muted"]
    assert desk.told("mute", "story-2") == ["story-2: muted already"]
    assert [story["story"] for story in desk.shown("list") if story["muted"]] == ["story-2"]
    desk.told("confirm", "story-2")
    assert [line for line in desk.told("show", "story-2") if "confirmed, muted" in line]
    assert [line for line in desk.told("list") if "confirmed, muted" in line]


def test_a_story_is_shown_with_who_decided_what_and_when(desk: Desk) -> None:
    desk.told("confirm", "story-1")
    desk.told("reject", "story-1", "--author", "ana")
    desk.told("undo", "story-1", "--author", "bob")
    story = desk.shown("show", "story-1")
    assert story["decision"] == "confirmed"
    last, first = story["decisions"]
    assert (first["kind"], first["author"], first["undone_at"]) == ("confirmed", getpass.getuser(), None)
    assert (last["kind"], last["undone_by"]) == ("rejected", "bob")
    assert first["at"] <= last["at"] <= last["undone_at"]
    text = "\n".join(desk.told("show", "story-1"))
    assert "Decisions" in text
    assert "bob" in text
    assert "Decisions" not in "\n".join(desk.told("show", "story-2"))


# Notes


def test_a_note_is_shown_whole_with_its_author(desk: Desk) -> None:
    words = "The ministry denied it by phone. " * 60
    assert desk.told("note", "story-1", words, "--author", "ana") == ["story-1: noted"]
    (note,) = desk.shown("show", "story-1")["decisions"]
    assert (note["detail"], note["author"]) == (words.strip(), "ana")
    shown = " ".join(" ".join(desk.told("show", "story-1", COLUMNS="80")).split())
    assert shown.count("denied") == 60
    assert desk.told("note", "story-1", words) == ["story-1: noted"]  # a note may be said twice
    assert desk.told("undo", "story-1") == ["story-1: no longer noted"]


def test_a_note_of_nothing_or_of_a_book_is_refused(desk: Desk) -> None:
    for words, got in (("", 0), (" \n ", 0), ("x" * 2001, 2001)):
        assert refused(desk.stories("note", "story-1", words)) == [f"a note has 1 to 2000 characters (got {got})"]
    assert desk.shown("show", "story-1")["decisions"] == []


def test_notes_and_authors_do_not_steer_the_terminal(desk: Desk) -> None:
    desk.told("note", "story-1", f"they \x1b[31mdeny{ESCAPES}", "--author", ESCAPES)
    desk.told("undo", "story-1", "--author", ESCAPES)
    text = desk.stories("show", "story-1").stdout
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
    assert text.count("ana") == 3
    for command in (("show", ESCAPES), ("confirm", ESCAPES)):
        (sentence,) = refused(desk.stories(*command))
        assert not {"\x1b", "\x07", "\u202e"} & set(sentence)


# Merge and split


def test_stories_are_merged_and_the_old_key_leads_on_in_every_command_that_decides(desk: Desk) -> None:
    assert desk.told("merge", "story-1", "story-2") == ["story-1: took in story-2"]
    assert desk.decisions().keys() == {"story-1", "story-3"}
    assert desk.articles("story-1") == desk.articles("story-2") == [1, 2, 3, 4, 5]
    assert desk.told("show", "story-2")[0] == "story-2 is part of story-1 now."
    for command, said in (("confirm", "confirmed"), ("reject", "rejected"), ("mute", "muted")):
        assert desk.told(command, "story-2", "story-1") == [f"story-1: {said}"]
    assert desk.told("note", "story-2", "one group did both") == ["story-1: noted"]
    assert desk.told("merge", "story-3", "story-2") == ["story-3: took in story-1"]
    (line,) = desk.told("split", "story-2", "2", "3")
    assert line.startswith("story-3: articles 2, 3 are in story ")
    assert desk.told("undo", "story-3") == ["story-3: no longer split"]
    assert refused(desk.stories("merge", "story-3", "story-1", "story-2")) == [
        "story-3 and story-1 and story-2: these are one story already"
    ]


def test_undoing_a_merge_brings_the_old_key_back(desk: Desk) -> None:
    desk.told("merge", "story-1", "story-2", "story-3")
    assert desk.decisions().keys() == {"story-1"}
    (merged,) = desk.shown("show", "story-2")["decisions"]
    assert (merged["kind"], merged["detail"]) == ("merged", "story-2 story-3")
    assert refused(desk.stories("undo", "story-1", "story-3")) == ["story-3 is part of story-1 now; undo what was decided there"]
    assert desk.told("undo", "story-1") == ["story-1: no longer merged"]
    assert {key: desk.articles(key) for key in desk.decisions()} == {"story-1": [1, 2, 3, 4], "story-2": [5], "story-3": [6]}


def test_articles_are_parted_with_their_copies_and_joined_again(desk: Desk) -> None:
    (line,) = desk.told("split", "story-1", "3", "3")
    said, _, new = line.removesuffix(" now").rpartition(" ")
    assert said == "story-1: article 3 is in story"
    assert {key: desk.articles(key) for key in ("story-1", new)} == {"story-1": [1, 2], new: [3, 4]}
    (split,) = desk.shown("show", "story-1")["decisions"]
    assert (split["kind"], split["detail"]) == ("split", "3")
    assert desk.told("undo", "story-1") == ["story-1: no longer split"]
    assert desk.articles("story-1") == desk.articles(new) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("story-1", "5"), "story story-1 has no article 5; `monitor stories show story-1` tells their numbers"),
        (("story-1", "1", "2", "3"), "story story-1 would keep no article: name those that belong elsewhere"),
        (("story-2", "5"), "story story-2 would keep no article: name those that belong elsewhere"),
    ],
)
def test_what_cannot_be_parted_is_a_sentence(desk: Desk, arguments: tuple[str, ...], sentence: str) -> None:
    assert refused(desk.stories("split", *arguments)) == [sentence]
    assert desk.shown("show", "story-1")["decisions"] == []


# What is refused


@pytest.mark.parametrize(("command", "more"), [("confirm", ()), ("reject", ()), ("mute", ()), ("undo", ()), ("merge", ())])
def test_one_unknown_key_and_nothing_is_written(desk: Desk, command: str, more: tuple[str, ...]) -> None:
    desk.told("confirm", "story-3")
    assert refused(desk.stories(command, "story-1", "storry-3", "story-3", "elsewhere", *more)) == [
        "no such story: 'storry-3'; did you mean 'story-3'?",
        "no such story: 'elsewhere'; `monitor stories list` shows the keys",
    ]
    assert desk.decisions() == {"story-1": None, "story-2": None, "story-3": "confirmed"}


def test_the_nearest_key_is_told_wherever_one_is_given(desk: Desk) -> None:
    for arguments in (("show", "story1"), ("note", "story1", "words"), ("split", "story1", "1")):
        assert refused(desk.stories(*arguments)) == ["no such story: 'story1'; did you mean 'story-1'?"]


def test_a_decision_needs_somebody_who_made_it(desk: Desk) -> None:
    for command in (("confirm", "story-1"), ("merge", "story-1", "story-2"), ("split", "story-1", "3"), ("undo", "story-1")):
        assert refused(desk.stories(*command, "--author", " ")) == ["--author: expected a name"]
    assert desk.decisions() == dict.fromkeys(("story-1", "story-2", "story-3"))


def test_deciding_without_a_database_makes_none(tmp_path: Path) -> None:
    result = monitor("stories", "confirm", "story-1", cwd=tmp_path)
    assert refused(result) == ["data/monitor.db: no such database yet; run `monitor migrate` to make it"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [("split", "story-1", "three"), ("merge", "story-1"), ("note", "story-1"), ("confirm",)])
def test_a_command_that_lacks_something_is_answered_with_its_use(desk: Desk, arguments: tuple[str, ...]) -> None:
    result = desk.stories(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert f"monitor stories {arguments[0]}" in result.stderr
    assert "Traceback" not in result.stderr


def test_each_command_says_what_it_does_with_an_example(desk: Desk) -> None:
    for command in ("list", "show", *DECIDING):
        text = " ".join(desk.stories(command, "--help").stdout.split())
        assert f"Example: monitor stories {command} " in text
