"""Waiting entries against real sites: read from their pages, tried again, or judged by what the feed said; none is ever lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from monitor.demo.newsroom import Newsroom, load, outlets
from monitor.detect.snapshot import DetectionFiles
from monitor.jobs.analyse import analyse
from monitor.jobs.poll import poll
from monitor.model import Alert, Subscriber
from monitor.store import articles, deliveries, stories, told
from monitor.store.schema import sighting
from tests.jobs.rig import ATTACK, TEXT, Answer, Rig, Site, closed_port, feed, page, rig

GOING = asyncio.Event()
DESK = Subscriber("desk", "email", "desk@demo.localhost")


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


async def judged(house: Rig, path: str) -> Any:
    """The row of an article after one poll and one analysis."""
    await poll(house.parts, GOING)
    await analyse(house.parts, GOING)
    return await house.article(path)


async def test_an_article_is_read_from_its_page_and_opens_a_story_with_its_alert(sqlite_url: str, site: Site) -> None:
    site.put("/feed", feed(site, "/a", summary="", title="Lajmi i ditës nga Tirana"))
    site.put("/a", page())
    async with rig(sqlite_url, [site.source()], [DESK]) as house:
        row = await judged(house, "/a")
        assert (row.state, row.origin, row.lease_owner) == ("flagged", "page", None)
        assert row.text == TEXT.replace("\n\n", "\n")
        listed = await house.parts.store.read(told.listing)
        assert [[victim.name for victim in story.victims] for story in listed] == [["Parliament of Albania"]]
        owed = await house.parts.store.read(deliveries.listing)
        assert [(each.delivery.subscriber, each.delivery.kind, each.state) for each in owed] == [("desk", "opened", "waiting")]


async def test_an_article_listed_by_three_addresses_is_told_once_and_seen_three_times(sqlite_url: str, site: Site) -> None:
    real = f'<link rel="canonical" href="{site.url("/lajme/sulm-ndaj-kuvendit-2023")}">'
    body = str(page().body).replace("</head>", f"{real}</head>")
    site.put("/short", feed(site, "/?p=12345"))
    site.put("/", Answer("", 301, {"location": "/lajme/sulm-ndaj-kuvendit-2023"}))
    site.put("/lajme/sulm-ndaj-kuvendit-2023", Answer(body))
    site.put("/mobile", feed(site, "/print/12345"))
    site.put("/print/12345", Answer(body))
    site.put("/amp", feed(site, "/lajme/sulm-ndaj-kuvendit-2023/amp/"))
    listing = [replace(site.source(path), key=f"al{path}") for path in ("/short", "/mobile", "/amp")]
    async with rig(sqlite_url, listing[:2], [DESK]) as house:
        await poll(house.parts, GOING)
        assert await analyse(house.parts, GOING) == 2
    async with rig(sqlite_url, listing, [DESK]) as house:  # a third source, added later
        await poll(house.parts, GOING)
        assert await analyse(house.parts, GOING) == 0
        (story,) = await house.parts.store.read(stories.everything)
        (report,) = story.reports
        (owed,) = await house.parts.store.read(deliveries.listing)
        assert isinstance(owed.delivery.alert, Alert)
        assert owed.delivery.alert.url == site.url("/lajme/sulm-ndaj-kuvendit-2023")
        assert sorted(row.state for row in await house.articles()) == ["flagged", "rejected"]
        seen = await house.parts.store.read(lambda c: list(c.scalars(select(sighting.c.article_id))))
        assert seen == [int(report.id)] * 3


async def test_the_newsroom_is_judged_completely_and_a_refused_page_by_its_summary(sqlite_url: str) -> None:
    dead = {outlet.key for outlet in outlets() if outlet.dead}
    first = [article for article in load() if article.edition == 1 and article.outlet not in dead]
    refused = [article for article in first if article.body == "403"]
    assert refused, "the newsroom has no such article any more"
    with Newsroom(edition=1) as newsroom:
        async with rig(sqlite_url, newsroom.sources()) as house:
            await poll(house.parts, GOING)
            assert await analyse(house.parts, GOING) >= len(first)
            rows = {row.title: row for row in await house.articles()}
            assert not await house.parts.store.read(articles.waiting)
            assert {rows[article.title].origin for article in refused} == {"entry"}
            assert {rows[article.title].origin for article in first if article not in refused} == {"page"}


async def test_a_page_that_is_gone_leaves_the_feeds_summary_to_judge(sqlite_url: str, site: Site) -> None:
    site.put("/feed", feed(site, "/a"))
    site.put("/a", Answer("gone", 410))
    async with rig(sqlite_url, [site.source()]) as house:
        row = await judged(house, "/a")
        assert (row.state, row.origin) == ("flagged", "entry")
        assert row.text.split() == TEXT.split()
        assert row.reason == "site.localhost answered 410 Gone"


async def test_while_the_lexicon_cannot_be_read_articles_wait(sqlite_url: str, site: Site, tmp_path: Path) -> None:
    site.put("/feed", feed(site, "/a"))
    site.put("/a", page())
    async with rig(sqlite_url, [site.source()]) as house:
        await poll(house.parts, GOING)
        (tmp_path / "empty").mkdir()
        broken = replace(house.parts, detection=DetectionFiles(tmp_path / "empty", tmp_path))
        assert await analyse(broken, GOING) == 1
        row = await house.article("/a")
        assert row.state == "waiting"
        assert "detection.toml" in row.reason
        house.clock.move(minutes=12)
        assert await analyse(house.parts, GOING) == 1
        assert (await house.article("/a")).state == "flagged"


def harmless(site: Site, *paths: str) -> Answer:
    """A feed whose entries tell of no attack, so that their pages decide."""
    return feed(site, *paths, title="Sot vazhdon sezoni turistik në bregdet", summary="Hotelet presin pushues nga i gjithë rajoni.")


async def test_a_failing_page_is_put_off_with_the_reason_and_read_when_it_works_again(sqlite_url: str, site: Site) -> None:
    site.put("/feed", harmless(site, "/a"))
    site.put("/a", Answer("oh", 500), page())
    async with rig(sqlite_url, [site.source()]) as house:
        row = await judged(house, "/a")
        assert (row.state, row.attempts, row.reason) == ("waiting", 1, "site.localhost answered 500 Internal Server Error")
        assert timedelta(minutes=9) < row.next_try_at.replace(tzinfo=UTC) - datetime.now(UTC) < timedelta(minutes=12)
        assert await analyse(house.parts, GOING) == 0  # not yet
        assert site.asked()["/a"] == 1
        house.clock.move(minutes=12)
        assert await analyse(house.parts, GOING) == 1
        row = await house.article("/a")
        assert (row.state, row.origin, row.reason) == ("flagged", "page", None)


async def test_a_page_that_fails_for_good_is_judged_by_the_summary_in_the_end(sqlite_url: str, site: Site) -> None:
    site.put("/feed", feed(site, "/a"))
    site.put("/a", Answer("oh", 503))
    async with rig(sqlite_url, [site.source()], collect__attempts="3") as house:
        await poll(house.parts, GOING)
        for _ in range(3):
            await analyse(house.parts, GOING)
            house.clock.move(hours=12)
        assert site.asked()["/a"] == 3
        row = await house.article("/a")
        assert (row.state, row.origin) == ("flagged", "entry")


async def test_a_page_that_hangs_is_put_off_with_the_reason(sqlite_url: str, site: Site) -> None:
    site.put("/feed", harmless(site, "/a"))
    site.put("/a", Answer("late", after=5))
    async with rig(sqlite_url, [site.source()], collect__timeout="0.3s") as house:
        row = await judged(house, "/a")
        assert (row.state, row.reason) == ("waiting", "site.localhost did not finish its answer within 0.3 s")


async def test_a_server_that_is_down_puts_its_pages_off(sqlite_url: str, site: Site) -> None:
    listed = harmless(site, "/a")
    gone = f"http://down.localhost:{closed_port()}/a"
    site.put("/feed", Answer(str(listed.body).replace(site.url("/a"), gone)))
    async with rig(sqlite_url, [site.source()]) as house:
        row = await judged(house, "/a")
        assert row.state == "waiting"
        assert row.reason.endswith("down.localhost refuses connections")


async def test_a_server_that_asks_for_a_pause_gets_it(sqlite_url: str, site: Site) -> None:
    site.put("/feed", feed(site, "/a"))
    site.put("/a", Answer("slower", 429, {"retry-after": "7200"}), page())
    async with rig(sqlite_url, [site.source()]) as house:
        row = await judged(house, "/a")
        assert row.reason == "site.localhost answered 429 Too Many Requests"
        assert row.next_try_at.replace(tzinfo=UTC) - datetime.now(UTC) > timedelta(minutes=119)


@pytest.mark.parametrize("body", ["", "   \n", "%PDF-1.4 no page at all", "<html><body><p>Video</p></body></html>"])
async def test_a_page_without_an_article_leaves_the_summary_to_judge(sqlite_url: str, site: Site, body: str) -> None:
    site.put("/feed", feed(site, "/a"))
    site.put("/a", Answer(body))
    async with rig(sqlite_url, [site.source()]) as house:
        row = await judged(house, "/a")
        assert (row.state, row.origin) == ("flagged", "entry")


async def test_with_neither_an_article_nor_a_title_it_is_rejected_in_words(sqlite_url: str, site: Site) -> None:
    site.put("/feed", feed(site, "/a", title="", summary=""))
    site.put("/a", Answer(""))
    async with rig(sqlite_url, [site.source()]) as house:
        row = await judged(house, "/a")
        assert (row.state, row.reason) == ("rejected", "the page is empty")


async def test_a_page_that_robots_txt_forbids_is_not_fetched(sqlite_url: str, site: Site) -> None:
    site.put("/feed", feed(site, "/private/a"))
    site.put("/robots.txt", Answer("User-agent: *\nDisallow: /private/", headers={"content-type": "text/plain"}))
    async with rig(sqlite_url, [site.source()]) as house:
        row = await judged(house, "/private/a")
        assert row.origin == "entry"
        assert site.asked()["/private/a"] == 0


async def test_a_story_is_named_after_its_oldest_report_though_the_feed_lists_it_last(sqlite_url: str, site: Site) -> None:
    site.put("/feed", feed(site, "/newest", "/middle", "/oldest"))
    for path, text in (("/newest", TEXT + " Hetimi vazhdon."), ("/middle", TEXT), ("/oldest", TEXT.replace("njoftoi", "tha"))):
        site.put(path, page(text))
    async with rig(sqlite_url, [site.source()]) as house:
        await judged(house, "/oldest")
        (story,) = await house.parts.store.read(stories.everything)
        oldest, newest = await house.article("/oldest"), await house.article("/newest")
        assert str(oldest.id) == story.reports[0].id == story.opened_by
        assert story.opened_at == story.reports[0].at
        assert oldest.copy_of is None
        assert newest.copy_of == oldest.id


async def test_nothing_is_judged_or_owed_twice(sqlite_url: str, site: Site) -> None:
    site.put("/feed", feed(site, "/a"))
    site.put("/a", page())
    async with rig(sqlite_url, [site.source()], [DESK]) as house:
        await judged(house, "/a")
        assert await analyse(house.parts, GOING) == 0
        house.clock.move(days=2)
        await poll(house.parts, GOING)
        assert await analyse(house.parts, GOING) == 0
        assert site.asked()["/a"] == 1
        assert len(await house.parts.store.read(deliveries.listing)) == 1


async def test_a_report_older_than_alerts_reach_opens_a_silent_story(sqlite_url: str, site: Site) -> None:
    site.put("/feed", feed(site, "/a"))
    site.put("/a", page())
    async with rig(sqlite_url, [site.source()], [DESK], alerts__max_age="14d") as house:
        await judged(house, "/a")
        assert len(await house.parts.store.read(told.listing)) == 1
        assert await house.parts.store.read(deliveries.listing) == []


async def test_after_a_stop_what_is_in_work_is_finished_and_the_rest_waits_unheld(sqlite_url: str, site: Site) -> None:
    paths = [f"/{number}" for number in range(100)]
    site.put("/feed", feed(site, *paths, title="Moti i nesërm", summary="Diell në bregdet."))
    for path in paths:
        site.put(path, Answer("gone", 410))
    stop = asyncio.Event()
    async with rig(sqlite_url, [site.source()]) as house:
        await poll(house.parts, GOING)
        running = asyncio.create_task(analyse(house.parts, stop))
        await site.until_asked("/99")
        stop.set()
        count = await running
        assert 0 < count < 100
        rows = await house.articles()
        assert sum(row.state != "waiting" for row in rows) == count
        assert all(row.lease_owner is None for row in rows)
        assert await analyse(house.parts, stop) == 0
        assert await analyse(house.parts, GOING) == 100 - count


async def test_what_was_cut_off_is_judged_after_the_next_start(sqlite_url: str, site: Site) -> None:
    site.put("/feed", feed(site, "/a"))
    site.put("/a", Answer(page().body, after=0.5))
    async with rig(sqlite_url, [site.source()]) as house:
        await poll(house.parts, GOING)
        running = asyncio.create_task(analyse(house.parts, GOING))
        await site.until_asked("/a")
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert (await house.article("/a")).state == "waiting"
    async with rig(sqlite_url, [site.source()]) as house:
        assert await analyse(house.parts, GOING) == 1
        assert (await house.article("/a")).title == ATTACK


ORDINARY = "Në Tiranë u hap sot një panair libri me botues nga gjithë vendi. Panairi mbetet i hapur deri të dielën, nga mëngjesi në darkë."


@pytest.mark.parametrize(("kept", "text"), [("30d", ORDINARY), ("0d", None)])
async def test_the_text_of_an_article_that_is_not_flagged_is_kept_if_one_wants(
    sqlite_url: str, site: Site, kept: str, text: str | None
) -> None:
    site.put("/feed", feed(site, "/a", summary="", title="Panair libri në Tiranë"))
    site.put("/a", page(ORDINARY))
    async with rig(sqlite_url, [site.source()], keep__clear_texts=kept) as house:
        row = await judged(house, "/a")
        assert (row.state, row.text) == ("clear", text)
