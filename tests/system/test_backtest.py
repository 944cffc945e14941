"""`monitor backtest` as real processes: a changed configuration says what it would gain and lose, and changes nothing."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from monitor.detect.load import load_lexicon
from monitor.detect.verdict import assess
from monitor.model import Article, Finding
from monitor.store import articles
from monitor.store.engine import Store
from tests.contract.samples import DAY, LEASE, NOW, PARLIAMENT, a_source_id, an_entry
from tests.jobs.rig import ATTACK, TEXT
from tests.system.house import ROOT
from tests.system.judged import an_article, judged, opened
from tests.system.test_cli import Result, monitor, refused, spoil

# Words of no language: only the terms of these tests find them.
OLD, NEW = "brofkull*", "zhgrapuq*"
TITLE = "{}i ndaj Kuvendit të Shqipërisë"
LEAD = "Kuvendi i Shqipërisë njoftoi sot se u godit nga një {0}. {0}i ndaj Kuvendit të Shqipërisë nisi mbrëmë."
CALM = "Mbrëmja nis në orën tetë dhe hyrja është e lirë për të gjithë."


def with_attack_word(term: str) -> Callable[[str], str]:
    return lambda text: re.sub(r"^attack = \[", f'attack = ["{term}", ', text, count=1, flags=re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Archive:
    """A database of articles that were judged by the configuration in force, and one that was changed since."""

    folder: Path
    url: str

    @property
    def in_force(self) -> Path:
        return self.folder / "config"

    @property
    def changed(self) -> Path:
        return self.folder / "changed"

    def backtest(self, *arguments: str) -> Result:
        return monitor("backtest", *arguments, cwd=self.folder, MONITOR_CONFIG=str(self.in_force), MONITOR_DATABASE_URL=self.url)

    def shown(self, *arguments: str) -> Any:
        result = self.backtest(*arguments, "--json")
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Archive:
    """Five articles, judged a day apart by a lexicon that has `OLD`; the changed one has `NEW` instead.

    1 flagged for its old word; 2 flagged for ordinary words; 3 clear with its text, in which the new word stands; 4 clear without its
    text, with the new word in its summary; 5 clear without its text, in which alone the new word stood.
    """
    folder = tmp_path_factory.mktemp("archive")
    made = Archive(folder, f"sqlite:///{shutil.copy(sqlite_template, folder / 'monitor.db')}")
    for copy, term in ((made.in_force, OLD), (made.changed, NEW)):
        shutil.copytree(ROOT / "config", copy)
        spoil(copy / "lexicon" / "sq.toml", with_attack_word(term))
    known = load_lexicon(made.in_force)

    def fill(c: Connection) -> None:
        a_source_id(c)
        found = [judge(c, day, article, summary, assess(article, known)) for day, (article, summary) in enumerate(read())]
        assert [each.relevant for each in found] == [True, True, False, False, False]
        articles.keep_text(c, 3, LEAD.format("zhgrapuq"))
        articles.add(c, 1, [an_entry(6), an_entry(7)], NOW)
        (rejected,) = articles.claim_waiting(c, "me", NOW, LEASE, 1)
        articles.reject(c, rejected.id, "me", "a list", NOW)

    with Store(made.url) as store:
        store.write_now(fill)
    return made


def read() -> tuple[tuple[Article, str], ...]:
    """Each article as its page had it, and what the source said of it."""
    old, new = "brofkull", "zhgrapuq"
    return (
        (an_article(1, f"{TITLE.format(old)} \x1b[2J", LEAD.format(old)), CALM),
        (an_article(2, ATTACK, TEXT), CALM),
        (an_article(3, TITLE.format(new), LEAD.format(new)), CALM),
        (an_article(4, TITLE.format(new), CALM), LEAD.format(new)),
        (an_article(5, "Koncert i madh sonte në Tiranë", LEAD.format(new)), CALM),
    )


def judge(c: Connection, day: int, article: Article, summary: str, finding: Finding) -> Finding:
    number = judged(c, article, finding, summary, NOW + day * DAY)
    assert number == day + 1
    if finding.relevant:
        opened(c, number, finding, f"story-{number}")
    return finding


def everything(archive: Archive) -> list[str]:
    with closing(sqlite3.connect(archive.folder / "monitor.db")) as c:
        return list(c.iterdump())


def changes(shown: Any) -> dict[int, str]:
    return {each["article"]: each["change"] for each in shown["changes"]}


def test_a_changed_lexicon_gains_and_loses_exactly_what_its_words_say(archive: Archive) -> None:
    found = archive.shown("changed")
    assert {name: found[name] for name in ("judged", "summaries", "gained", "lost")} == {
        "judged": 5,
        "summaries": 2,
        "gained": 2,
        "lost": 1,
    }
    lost, by_text, by_summary = found["changes"]
    assert changes(found) == {1: "lost", 3: "gained", 4: "gained"}
    assert (lost["story"], lost["had_text"], lost["url"]) == ("story-1", True, "https://one.al/news/1")
    assert lost["before"] > lost["after"]
    assert (by_text["story"], by_text["had_text"]) == (None, True)
    assert by_text["before"] < by_text["after"]
    assert (by_summary["title"], by_summary["had_text"]) == (TITLE.format("zhgrapuq"), False)
    assert by_text["victims"] == by_summary["victims"] == [PARLIAMENT.name]


def test_the_configuration_in_force_changes_nothing(archive: Archive) -> None:
    assert archive.shown() == {"judged": 5, "summaries": 2, "gained": 0, "lost": 0, "changes": []}
    text = archive.backtest().stdout
    assert "5 articles judged again: 0 gained, 0 lost" in text
    assert "monitor explain" not in text


def test_only_articles_first_seen_since_then_are_judged(archive: Archive) -> None:
    since = archive.shown("changed", "--since", (NOW + 2 * DAY).isoformat())
    assert since["judged"] == 3
    assert changes(since) == {3: "gained", 4: "gained"}
    assert archive.shown("changed", "--since", "1d")["judged"] == 0
    assert refused(archive.backtest("changed", "--since", "soon"))[0].startswith("--since: expected a duration such as 30d")


def test_people_see_a_line_for_each_change_and_how_to_go_on(archive: Archive) -> None:
    text = archive.backtest("changed").stdout
    assert "5 articles judged again: 2 gained, 1 lost" in text
    rows = [line.split() for line in text.splitlines() if re.match(r" *(gained|lost) ", line)]
    assert [(row[0], row[4], row[5]) for row in rows] == [("lost", "text", "1"), ("gained", "text", "3"), ("gained", "summary", "4")]
    assert rows[0][-1] == "story-1"
    assert "2 of them by title and summary only" in text
    assert "What is gained by summary may be so because the text" in text
    assert "`MONITOR_CONFIG=changed monitor explain ARTICLE` shows why." in text
    assert "\x1b" not in text


def test_nothing_in_the_store_is_touched(archive: Archive) -> None:
    before, file = everything(archive), (archive.folder / "monitor.db").read_bytes()
    assert archive.shown("changed")["lost"] == 1
    assert everything(archive) == before
    assert (archive.folder / "monitor.db").read_bytes() == file


def test_a_folder_that_is_not_there_is_a_sentence(archive: Archive) -> None:
    sentence = "no such folder; give a configuration folder with lexicon/, institutions/ and detection.toml"
    assert refused(archive.backtest("nowhere")) == [f"nowhere: {sentence}"]
    assert refused(archive.backtest("monitor.db")) == [f"monitor.db: {sentence}"]
    assert refused(archive.backtest(".")) == [f".: {sentence.replace('no such folder', 'no configuration')}"]


def test_a_broken_folder_is_answered_with_all_its_problems(archive: Archive, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(archive.changed, tmp_path / "broken"))
    spoil(broken / "lexicon" / "sq.toml", lambda text: text.replace(f'"{NEW}"', f'"{NEW} .."'))
    spoil(broken / "detection.toml", lambda text: text.replace("threshold =", "treshold ="))
    found = refused(archive.backtest(str(broken)))
    for part in (f"detection.toml: treshold: Extra inputs are not permitted; did you mean {'threshold'!r}?", f"{NEW} ..' has no word"):
        assert any(part in line for line in found), (part, found)


def test_without_a_database_none_is_made(archive: Archive, tmp_path: Path) -> None:
    nobody = replace(archive, url=f"sqlite:///{tmp_path / 'new' / 'monitor.db'}")
    assert refused(nobody.backtest("changed"))[0].endswith("no such database yet; run `monitor migrate` to make it")
    assert list(tmp_path.iterdir()) == []
