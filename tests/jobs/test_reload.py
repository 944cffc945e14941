"""Files of detection edited under the daemon: good ones are taken up, broken ones change nothing and are named once."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import shutil
from collections.abc import Callable, Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from monitor.daemon import Daemon
from monitor.detect.snapshot import copy
from monitor.jobs import judge
from monitor.jobs.reload import reload
from monitor.settings import default_folder
from tests.jobs.rig import Answer, Rig, Site, feed, page, rig

GOING = asyncio.Event()
KEPT = {"en.toml", "sq.toml", "AL.toml"}
# An attack by a word that no lexicon knows.
NEW_TITLE = "Gërmushje ndaj Kuvendit të Shqipërisë"
NEW_TEXT = "Kuvendi i Shqipërisë njoftoi se u godit nga një gërmushje e rëndë. Gërmushja nisi mbrëmë."


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small configuration that may be edited."""
    small = tmp_path / "config"
    copy(default_folder({}), small)
    for path in (*small.glob("lexicon/*"), *small.glob("institutions/*")):
        if path.name not in KEPT:
            path.unlink()
    shutil.copy(default_folder({}) / "monitor.toml", small)
    return small


@pytest.fixture
def said() -> Iterator[list[MutableMapping[str, Any]]]:
    structlog.reset_defaults()
    with capture_logs() as lines:
        yield lines


def lines_of(said: list[MutableMapping[str, Any]], action: str) -> list[MutableMapping[str, Any]]:
    return [line for line in said if line["event"] == action]


def put_in(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - the log has no event to wait for
            await asyncio.sleep(0.02)


async def state_of(house: Rig, path: str) -> str:
    """What becomes of the article."""
    async with asyncio.timeout(60):
        while True:
            for row in await house.articles():
                if row.url.endswith(path) and row.state != "waiting":
                    return str(row.state)
            await asyncio.sleep(0.05)


def told(site: Site, path: str, title: str, text: str) -> None:
    """The site's feed lists this article and no other."""
    site.put(path, page(text, title))
    site.put("/feed", feed(site, path, title=title, summary=text))


async def test_a_daemon_judges_by_the_last_good_words_while_they_are_broken_and_by_new_ones_when_mended(
    sqlite_url: str, site: Site, folder: Path, said: list[MutableMapping[str, Any]]
) -> None:
    lexicon = folder / "lexicon" / "sq.toml"
    hurry = {"clock__poll": "0.2s", "clock__analyse": "0.2s", "clock__reload": "0.2s", "collect__minimum_interval": "0.3s"}
    pool = {"workers__kind": "processes", "workers__count": "1", "workers__page_seconds": "60", "collect__maximum_interval": "0.5s"}
    site.put("/feed", Answer("", 503))
    async with rig(sqlite_url, [site.source()], (), folder, **hurry, **pool) as house:
        daemon = Daemon(house.parts)
        running = asyncio.create_task(daemon.run())
        put_in(lexicon, "attack = [", "attack = [[")
        await until(lambda: bool(lines_of(said, "lexicon.refused")))
        told(site, "/old", "Sulm kibernetik ndaj Kuvendit të Shqipërisë, hakerat fshijnë të dhënat", NEW_TEXT)
        assert await state_of(house, "/old") == "flagged"  # by a process that was started beside the broken file
        for child in multiprocessing.active_children():
            child.kill()
        told(site, "/unknown", NEW_TITLE, NEW_TEXT)
        assert await state_of(house, "/unknown") == "clear"
        put_in(lexicon, "attack = [[", 'attack = ["gërmushj*", ')
        await until(lambda: bool(lines_of(said, "lexicon.reloaded")))
        told(site, "/new", NEW_TITLE, NEW_TEXT + " Hetimi vazhdon.")
        assert await state_of(house, "/new") == "flagged"
        daemon.stop()
        await running
    (refused,) = lines_of(said, "lexicon.refused")
    assert refused["log_level"] == "error"
    assert refused["problems"] == 1
    assert refused["detail"].startswith(f"{lexicon}: ")
    assert [line["files"] for line in lines_of(said, "lexicon.reloaded")] == ["lexicon/sq.toml"]
    assert not lines_of(said, "job.failed")
    assert not house.parts.detection.folder.parent.exists()


async def test_each_change_is_answered_once(sqlite_url: str, site: Site, folder: Path, said: list[MutableMapping[str, Any]]) -> None:
    async with rig(sqlite_url, [site.source()], (), folder) as house:
        good = house.parts.detection.folder
        assert await reload(house.parts, GOING) == 0
        for problems in (1, 2):
            with (folder / "institutions" / "AL.toml").open("a", encoding="utf-8") as file:
                file.write('\n[[institution]]\nname = "X"\nsector = "bank"\naliases = ["*"]\n')
            assert [await reload(house.parts, GOING) for _ in range(2)] == [0, 0]
            assert [line["problems"] for line in lines_of(said, "lexicon.refused")][-1] >= problems
        assert len(lines_of(said, "lexicon.refused")) == 2
        assert house.parts.detection.folder == good
        shutil.copy(default_folder({}) / "institutions" / "AL.toml", folder / "institutions" / "AL.toml")
        assert [await reload(house.parts, GOING) for _ in range(2)] == [1, 0]
        assert house.parts.detection.folder != good
    assert [line["files"] for line in lines_of(said, "lexicon.reloaded")] == ["institutions/AL.toml"]


async def test_a_file_that_cannot_be_copied_is_refused_in_words(
    sqlite_url: str, site: Site, folder: Path, said: list[MutableMapping[str, Any]]
) -> None:
    async with rig(sqlite_url, [site.source()], (), folder) as house:
        (folder / "lexicon" / "xx.toml").mkdir()
        assert await reload(house.parts, GOING) == 0
        (refused,) = lines_of(said, "lexicon.refused")
        assert refused["detail"] == f"{folder / 'lexicon' / 'xx.toml'}: cannot be copied (Is a directory)"


def test_a_loaded_lexicon_is_out_of_the_way_of_collections(folder: Path) -> None:
    gc.unfreeze()
    judge.lexicon.__wrapped__(folder)  # past the cache, which other tests use
    assert gc.get_freeze_count() > 50_000
    gc.unfreeze()
