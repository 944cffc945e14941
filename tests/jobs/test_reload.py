"""Files edited under the daemon: good ones are taken up, broken ones change nothing and are named once."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from monitor.app import read_lists
from monitor.collect import sourcefile
from monitor.collect.sourcefile import SourceFiles
from monitor.daemon import Daemon
from monitor.detect.snapshot import copy
from monitor.jobs import judge
from monitor.jobs.reload import reload
from monitor.model import Source
from monitor.settings import default_folder, load
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


# Sources


def listing(folder: Path, *sources: Source) -> SourceFiles:
    """A folder of sources with these in it, as the daemon watches it."""
    sourcefile.add(folder, "AL.toml", sources)
    return SourceFiles(folder)


async def test_a_daemon_polls_a_source_that_is_added_and_no_more_one_that_is_switched_off(
    sqlite_url: str, site: Site, tmp_path: Path, said: list[MutableMapping[str, Any]]
) -> None:
    hurry = {"clock__poll": "0.1s", "clock__reload": "0.1s", "collect__minimum_interval": "0.1s", "collect__maximum_interval": "0.2s"}
    site.put("/feed", feed(site, "/a"))
    site.put("/other", feed(site, "/b"))
    files = listing(tmp_path / "sources", site.source())
    async with rig(sqlite_url, files.listed, **hurry) as house:
        daemon = Daemon(replace(house.parts, sources=files))
        running = asyncio.create_task(daemon.run())
        async with asyncio.timeout(60):
            await site.until_asked("/feed")
            sourcefile.add(tmp_path / "sources", "XK.toml", [site.source("/other", "other")])
            await site.until_asked("/other")
        sourcefile.change(tmp_path / "sources", "al.site", {"enabled": False})
        await until(lambda: len(lines_of(said, "sources.reloaded")) == 2)
        asked = site.asked()["/feed"]
        again = site.asked()["/other"]
        await until(lambda: site.asked()["/other"] > again)
        assert site.asked()["/feed"] <= asked + 1  # a poll that was under way
        daemon.stop()
        await running
        assert not (await house.source("al.site")).enabled
    assert [line["added"] for line in lines_of(said, "sources.reloaded")] == [1, 0]
    assert [line["disabled"] for line in lines_of(said, "sources.reloaded")] == [0, 1]
    assert not lines_of(said, "job.failed")


async def test_broken_sources_change_nothing_and_are_named_once(
    sqlite_url: str, site: Site, tmp_path: Path, said: list[MutableMapping[str, Any]]
) -> None:
    files = listing(tmp_path, site.source())
    async with rig(sqlite_url, files.listed) as house:
        parts = replace(house.parts, sources=files)
        good = (tmp_path / "AL.toml").read_text(encoding="utf-8")
        put_in(tmp_path / "AL.toml", "lang =", "land =")
        assert [await reload(parts, GOING) for _ in range(3)] == [0, 0, 0]
        (refused,) = lines_of(said, "sources.refused")
        assert refused["detail"] == f"{tmp_path}/AL.toml: source al.site: land: no such setting; did you mean 'lang'?"
        assert (refused["problems"], refused["log_level"]) == (1, "error")
        (tmp_path / "AL.toml").unlink()  # as if the folder were not mounted
        assert await reload(parts, GOING) == 0
        assert len(lines_of(said, "sources.refused")) == 2
        assert (await house.source("al.site")).enabled
        (tmp_path / "AL.toml").write_text(good.replace('"Site"', '"Another name"'), encoding="utf-8")
        assert [await reload(parts, GOING) for _ in range(2)] == [1, 0]
        assert (await house.source("al.site")).name == "Another name"
    assert [line["changed"] for line in lines_of(said, "sources.reloaded")] == [1]


async def test_what_changes_nothing_is_not_taken_up(
    sqlite_url: str, site: Site, tmp_path: Path, said: list[MutableMapping[str, Any]]
) -> None:
    files = listing(tmp_path, site.source())
    async with rig(sqlite_url, files.listed) as house:
        parts = replace(house.parts, sources=files)
        with (tmp_path / "AL.toml").open("a", encoding="utf-8") as file:
            file.write("# a remark\n")
        os.utime(tmp_path / "AL.toml", (1, 1))
        assert await reload(parts, GOING) == 0
    assert not lines_of(said, "sources.reloaded")


async def test_sources_that_the_store_could_not_take_are_taken_the_next_time(
    sqlite_url: str, site: Site, tmp_path: Path, said: list[MutableMapping[str, Any]]
) -> None:
    files = listing(tmp_path, site.source())
    async with rig(sqlite_url, files.listed) as house:
        parts = replace(house.parts, sources=files)
        sourcefile.change(tmp_path, "al.site", {"why": "tried"})
        await house.parts.store.write(lambda c: c.exec_driver_sql("ALTER TABLE source RENAME TO away"))
        with pytest.raises(Exception, match="no such table"):
            await reload(parts, GOING)
        await house.parts.store.write(lambda c: c.exec_driver_sql("ALTER TABLE away RENAME TO source"))
        assert await reload(parts, GOING) == 1
        assert (await house.source("al.site")).why == "tried"


def test_the_configuration_that_is_read_is_the_one_that_is_watched(folder: Path, site: Site) -> None:
    listing(folder / "sources", site.source())
    (folder / "alerts.toml").write_text("", encoding="utf-8")
    lists = read_lists(load(folder, {}), {})
    assert lists.files is not None
    assert lists.sources == lists.files.listed
    sourcefile.change(folder / "sources", "al.site", {"enabled": False})
    fresh = lists.files.look()
    assert fresh is not None
    assert not fresh.listed[0].enabled
