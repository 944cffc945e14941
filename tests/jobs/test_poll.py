"""Polling real servers into a real store: what is kept of good answers, bad ones and none."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, timedelta

import pytest

from monitor.demo.newsroom import Newsroom, load, outlets
from monitor.jobs.poll import poll
from monitor.store import articles
from tests.jobs.rig import Answer, Site, feed, rig

GOING = asyncio.Event()


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


async def test_the_newsroom_is_read_in_all_its_formats_and_an_unchanged_list_is_not_sent_again(sqlite_url: str) -> None:
    dead = {outlet.key for outlet in outlets() if outlet.dead}
    first = [article for article in load() if article.edition == 1 and article.outlet not in dead]
    with Newsroom(edition=1) as newsroom:
        async with rig(sqlite_url, newsroom.sources(), collect__reread="9d") as house:
            assert await poll(house.parts, GOING) == len(outlets())
            titles = {row.title for row in await house.articles()}
            assert {article.title for article in first} <= titles
            assert await poll(house.parts, GOING) == 0  # nothing is due yet
            house.clock.move(days=2)
            assert await poll(house.parts, GOING) == len(outlets())
            assert newsroom.traffic().not_modified == len(outlets()) - len(dead)
            assert {row.title for row in await house.articles()} == titles


async def test_a_dead_feed_is_recorded_in_words_and_asked_less_often_each_time(sqlite_url: str, site: Site) -> None:
    site.put("/feed", Answer(b"\x00\xff<?xml ve<<rsion>PHP Fatal error", 500))
    async with rig(sqlite_url, [site.source()]) as house:
        pauses = []
        for _ in range(3):
            assert await poll(house.parts, GOING) == 1
            row = await house.source("al.site")
            pauses.append(row.next_check_at - row.checked_at)
            house.clock.move(days=2)
        assert row.trouble == "site.localhost answered 500 Internal Server Error"
        assert row.last_ok_at is None
        assert pauses == sorted(pauses)
        assert pauses[0] < pauses[2]


async def test_a_page_instead_of_a_feed_is_named_by_its_title(sqlite_url: str, site: Site) -> None:
    site.put("/feed", Answer("<!doctype html><html><head><title>Mirëmbajtje</title></head><body></body></html>"))
    async with rig(sqlite_url, [site.source()]) as house:
        await poll(house.parts, GOING)
        assert (await house.source("al.site")).trouble == "a web page came instead of a feed, titled “Mirëmbajtje”"


async def test_a_feed_that_recovers_loses_its_trouble_and_keeps_its_entries(sqlite_url: str, site: Site) -> None:
    site.put("/feed", Answer("<html>no feed</html>"), feed(site, "/a", "/b"))
    async with rig(sqlite_url, [site.source()]) as house:
        await poll(house.parts, GOING)
        house.clock.move(days=2)
        await poll(house.parts, GOING)
        row = await house.source("al.site")
        assert row.trouble is None
        assert row.failures == 0
        assert [each.state for each in await house.articles()] == ["waiting", "waiting"]


async def test_validators_of_an_answer_that_could_not_be_read_are_not_used(sqlite_url: str, site: Site) -> None:
    """Else the server would say "not modified" about a list that we never had."""
    site.put("/feed", Answer("<html>no feed</html>", headers={"etag": '"broken"'}), feed(site, "/a"))
    async with rig(sqlite_url, [site.source()]) as house:
        for _ in range(2):
            await poll(house.parts, GOING)
            house.clock.move(days=2)
        assert [request.headers.get("if-none-match") for request in site.requests] == [None, None]
        assert len(await house.articles()) == 1


async def test_entries_survive_a_failure_of_their_source(sqlite_url: str, site: Site) -> None:
    site.put("/feed", feed(site, "/a", "/b"), Answer("gone", 404))
    async with rig(sqlite_url, [site.source()]) as house:
        await poll(house.parts, GOING)
        house.clock.move(days=2)
        await poll(house.parts, GOING)
        assert (await house.source("al.site")).trouble == "site.localhost answered 404 Not Found"
        assert len(await house.articles()) == 2


async def test_a_retry_after_is_obeyed(sqlite_url: str, site: Site) -> None:
    site.put("/feed", Answer("slower", 429, {"retry-after": "7200"}))
    async with rig(sqlite_url, [site.source()]) as house:
        await poll(house.parts, GOING)
        row = await house.source("al.site")
        assert row.next_check_at - row.checked_at >= timedelta(hours=2)


async def test_a_source_that_hangs_does_not_hold_up_the_others(sqlite_url: str, site: Site) -> None:
    site.put("/slow", Answer("late", after=5))
    site.put("/feed", feed(site, "/a"))
    sources = [site.source("/slow", "slow"), *(site.source(label=f"quick{number}") for number in range(5))]
    async with rig(sqlite_url, sources, collect__timeout="0.5s", collect__at_once="2") as house:
        assert await poll(house.parts, GOING) == 6
        assert (await house.source("al.slow")).trouble == "slow.localhost did not finish its answer within 0.5 s"
        assert (await house.source("al.quick4")).trouble is None
        checked = [(await house.source(source.key)).checked_at.replace(tzinfo=UTC) for source in sources]
        assert checked[0] == max(checked)


async def test_after_a_stop_no_source_is_claimed_and_those_in_work_are_finished(sqlite_url: str, site: Site) -> None:
    site.put("/feed", feed(site, "/a"))
    stop = asyncio.Event()
    async with rig(sqlite_url, [site.source(label=f"site{number}") for number in range(9)], collect__at_once="2") as house:
        running = asyncio.create_task(poll(house.parts, stop))
        await site.until_asked("/feed")
        stop.set()
        polled = await running
        assert 1 <= polled < 9
        rows = [await house.source(f"al.site{number}") for number in range(9)]
        assert sum(row.polls for row in rows) == polled
        assert all(row.lease_owner is None for row in rows)
        assert await poll(house.parts, stop) == 0
        assert await poll(house.parts, GOING) == 9 - polled


async def test_one_article_listed_by_two_sources_waits_once(sqlite_url: str, site: Site) -> None:
    site.put("/feed", feed(site, "/a"))
    site.put("/other", feed(site, "/a"))
    async with rig(sqlite_url, [site.source(), site.source("/other", "other")]) as house:
        await poll(house.parts, GOING)
        assert await house.parts.store.read(articles.waiting) == 1
