"""`monitor backfill` as real processes: an archive of the sample newsroom becomes the stories that the newsroom itself becomes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.demo import compare
from monitor.demo.newsroom import NewsArticle, Outlet, documents, load, outlets
from monitor.model import Story
from tests.system.house import House
from tests.system.test_cli import Result, monitor, refused
from tests.unit.warcs import answer, page, record, written

OUTLETS = {outlet.key: outlet for outlet in outlets()}
FAIR = b"<html><title>The fair</title><p>" + b"The fair opens on Friday at noon and closes on Sunday evening. " * 5
ARTICLES = [article for article in load() if article.body == "page"]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """The newsroom's sources in a configuration and a database that is not there yet. Nobody needs to ask the newsroom itself."""
    with House(tmp_path) as made:
        yield made


def archived(house: House, article: NewsArticle) -> bytes:
    outlet: Outlet = OUTLETS[article.outlet]
    base = f"http://{outlet.host}:{house.newsroom.port}"
    document = documents.page(outlet, article, base)
    block = answer(document.body, content_type=document.content_type)
    return record(base + article.path(outlet.section), block, warc_date=article.published.isoformat())


def run(house: House, *arguments: str, code: int = 0) -> Result:
    ours = {name: value for name, value in house.environment.items() if name.startswith("MONITOR_")}
    result = monitor("backfill", *arguments, cwd=house.folder, **ours)
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stderr
    return result


def figures(house: House, *arguments: str, code: int = 0) -> Any:
    return json.loads(run(house, *arguments, "--json", code=code).stdout)


def incidents(told: list[Story]) -> list[Counter[str]]:
    """Of which articles each story is made, by their incidents."""
    labels = {(OUTLETS[each.outlet].host, each.title): each.incident for each in load()}
    return [Counter(labels[report.outlet, report.title] for report in story.reports) for story in told]


def test_an_archive_of_the_newsroom_becomes_the_newsrooms_stories_once(house: House) -> None:
    pages = [archived(house, article) for article in ARTICLES]
    front = page(f"http://{OUTLETS[ARTICLES[0].outlet].host}:{house.newsroom.port}/")
    plain = written(house.folder, [*pages[1::2], front], "odd.warc")
    packed = written(house.folder, [*pages[::2], page("https://example.org/news/fair-2024", FAIR)], "even.warc.gz")
    found = figures(house, str(packed), str(plain))
    assert found["pages"] == len(pages) + 2
    assert found["judged"] + found["known"] == len(pages)
    assert sum(found["skipped"].values()) == 2
    assert found["cut_off"] == {}
    told, _ = house.result()
    assert found["stories_opened"] == len(told)
    assert found["flagged"] == sum(len(story.reports) for story in told)
    there = Counter(article.incident for article in ARTICLES if article.relevant)
    assert sorted(map(str, incidents(told))) == sorted(str(Counter({name: count})) for name, count in there.items())
    # What the demo knows besides, it reads of the feeds: their summaries of the pages that are refused.
    refused_pages = {article.incident for article in load() if article.body == "403" and article.relevant}
    assert {line.split(":")[0] for line in compare.story_differences(told)} == refused_pages
    assert house.newsroom.traffic().requests == 0
    again = figures(house, str(packed), str(plain), "--all-sites")
    assert (again["judged"], again["stories_opened"], again["known"]) == (1, 0, len(pages))
    assert house.result()[0] == told


def test_killed_in_the_middle_and_started_again_it_loses_and_doubles_nothing(house: House) -> None:
    pages = [archived(house, article) for article in ARTICLES]
    file = written(house.folder, pages)
    command = [sys.executable, "-m", "monitor", "backfill", str(file)]
    process = subprocess.Popen(command, env=house.environment, cwd=house.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while not house.states()[0] and time.monotonic() < end and process.poll() is None:
        time.sleep(0.02)
    process.kill()
    process.wait()
    stopped = house.states()[0]
    assert 0 < sum(stopped.values()) < len(pages)
    assert stopped["waiting"]
    run(house, str(file))
    after, _, _ = house.states()
    assert sum(after.values()) == len(pages)
    assert not after["waiting"]
    there = Counter(article.incident for article in ARTICLES if article.relevant)
    assert sorted(map(str, incidents(house.result()[0]))) == sorted(str(Counter({name: count})) for name, count in there.items())
    assert house.newsroom.traffic().requests == 0


def test_asked_to_stop_it_ends_its_batch_and_says_how_to_go_on(house: House) -> None:
    file = written(house.folder, [archived(house, article) for article in ARTICLES])
    command = [sys.executable, "-m", "monitor", "backfill", str(file), "--json"]
    process = subprocess.Popen(command, env=house.environment, cwd=house.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 60
    while not house.states()[0] and time.monotonic() < end and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "stopped; run it again to go on" in said
    assert json.loads(out)["stopped"]
    assert not house.states()[0]["waiting"]


def test_people_see_a_table_and_a_cut_off_file_is_named(house: House) -> None:
    file = written(house.folder, [archived(house, ARTICLES[0]), record("x", answer(), "revisit"), archived(house, ARTICLES[1])])
    file.write_bytes(file.read_bytes()[:-30])
    result = run(house, str(file), code=1)
    rows = [line.split() for line in result.stdout.splitlines() if line.strip()]
    assert ["pages", "read", "1"] in rows
    assert ["judged", "1"] in rows
    assert "1 a page that is as in an earlier crawl and not repeated" in " ".join(result.stdout.split())
    assert f"{file}: it ends in the middle of a record; what was read until then is kept" in result.stderr


def test_only_pages_archived_since_then_are_read(house: House) -> None:
    file = written(house.folder, [archived(house, article) for article in ARTICLES[:20]])
    since = sorted(article.published for article in ARTICLES[:20])[10]
    found = figures(house, str(file), "--since", since.isoformat())
    assert (found["judged"], found["skipped"]) == (10, {"a page archived before --since": 10})
    assert refused(run(house, str(file), "--since", "soon", code=2))[0].startswith("--since: expected a duration such as 30d")


def test_what_is_no_archive_starts_nothing(house: House) -> None:
    (house.folder / "page.html").write_text("<html>", encoding="utf-8")
    good = written(house.folder, [archived(house, ARTICLES[0])])
    assert refused(run(house, str(good), "nowhere.warc", code=2)) == ["nowhere.warc: No such file or directory"]
    assert refused(run(house, "page.html", str(good), code=2)) == ["page.html: is no WARC file (.warc or .warc.gz)"]
    assert refused(run(house, "config", code=2)) == ["config: is no file"]
    assert not (house.folder / "monitor.db").exists()
    assert "Missing argument" in monitor("backfill", cwd=house.folder).stderr
