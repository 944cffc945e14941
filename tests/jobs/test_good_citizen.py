"""A source breaks in ten ways, one after the other, and heals each time: every way leaves its reason, nothing is lost, others go on."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.jobs.analyse import analyse
from monitor.jobs.poll import poll
from monitor.store import sources, told
from tests.jobs.rig import Answer, Rig, Site, closed_port, feed, page, rig

GOING = asyncio.Event()
BOMB = gzip.compress(b" " * 20_000_000)
DEEP = "<rss version='2.0'><channel>" + "<item>" * 100_000
ENTITIES = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 10))
LAUGHS = f"<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY e0 'ha'>{ENTITIES}]><rss version='2.0'><channel><title>&e9;</title></channel></rss>"

WAYS: dict[str, tuple[Answer, str]] = {
    "its server fails": (Answer("oh", 500), "500"),
    "it is not there": (Answer("not here", 404), "404"),
    "a guard stands before it": (Answer("<title>Just a moment...</title>", 403, {"cf-mitigated": "challenge"}), "challenge"),
    "it asks for a pause": (Answer("slower", 429, {"retry-after": "60"}), "429"),
    "it hangs": (Answer("late", after=3), "did not finish"),
    "a web page comes": (Answer("<html><head><title>Mirëmbajtje</title></head><body>404</body></html>"), "a web page came"),
    "it redirects for ever": (Answer("", 302, {"location": "/feed"}), "redirects more than"),
    "it is a bomb": (Answer(BOMB, headers={"content-encoding": "gzip"}), "more than"),
    "it is nested without end": (Answer(DEEP), "nothing in it can be read"),
    "it laughs a billion times": (Answer(LAUGHS), "entities"),
    "it answers nothing": (Answer(b""), "empty"),
    "it is a file's name": (Answer("/etc/passwd"), "neither RSS nor Atom"),
}


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


async def polled(house: Rig) -> None:
    house.clock.move(days=8)
    await poll(house.parts, GOING)


async def test_a_source_breaks_in_many_ways_and_heals_and_nothing_is_lost(sqlite_url: str, site: Site) -> None:
    healthy = site.source("/other", "other")
    paths: list[str] = []
    site.put("/other", feed(site, "/other-1"))
    site.put("/other-1", page())
    async with rig(sqlite_url, [site.source(), healthy], collect__timeout="1s", workers__page_seconds="5") as house:
        for number, (way, (answer, words)) in enumerate(WAYS.items()):
            site.put("/feed", answer)
            await polled(house)
            row, other = await house.source("al.site"), await house.source("al.other")
            assert row.trouble, way
            assert words in row.trouble, (way, row.trouble)
            assert other.trouble is None, way
            paths.append(f"/news-{number}")  # published while it was broken
            site.put(paths[-1], page())
            site.put("/feed", feed(site, *reversed(paths)))
            await polled(house)
            row = await house.source("al.site")
            assert (row.trouble, row.failures) == (None, 0), way
            await analyse(house.parts, GOING)
        stored = {article.url.rpartition("/")[2]: article.state for article in await house.articles()}
        assert stored == {path[1:]: "flagged" for path in (*paths, "/other-1")}
        remembered = await house.parts.store.read(lambda c: sources.attempts(c, row.id))
        assert [each.outcome == "changed" for each in reversed(remembered)] == [False, True] * len(WAYS)
        assert all(each.detail for each in remembered if each.outcome != "changed")
        assert len(await house.parts.store.read(told.listing)) == 1


async def test_a_false_not_modified_is_found_out_and_not_believed_again(sqlite_url: str, site: Site) -> None:
    stuck = {"etag": '"always-the-same"'}
    first, second = feed(site, "/a"), feed(site, "/b", "/a")
    site.put("/feed", replace(first, headers=stuck), Answer("", 304, stuck))
    async with rig(sqlite_url, [site.source()]) as house:
        await poll(house.parts, GOING)
        house.clock.move(hours=12)
        await poll(house.parts, GOING)
        assert (await house.source("al.site")).read_at is not None
        site.put("/feed", replace(second, headers=stuck))
        house.clock.move(hours=25)
        await poll(house.parts, GOING)
        house.clock.move(hours=1)
        await poll(house.parts, GOING)
        assert [request.headers.get("if-none-match") for request in site.requests] == [None, '"always-the-same"', None, None]
        assert len(await house.articles()) == 2
        assert not (await house.source("al.site")).believed


async def test_a_source_that_moved_for_good_is_followed(sqlite_url: str, site: Site) -> None:
    site.put("/feed", Answer("", 301, {"location": site.url("/new")}))
    site.put("/new", feed(site, "/a"))
    async with rig(sqlite_url, [site.source()]) as house:
        for _ in range(8):
            await poll(house.parts, GOING)
            house.clock.move(hours=25)
        row = await house.source("al.site")
        assert row.moved_to == site.url("/new")
        assert (site.asked()["/feed"], site.asked()["/new"]) == (5, 8)
        site.put("/new", Answer("gone", 404))
        site.put("/feed", feed(site, "/a", "/b"))
        await poll(house.parts, GOING)  # it fails there
        house.clock.move(days=3)
        await poll(house.parts, GOING)  # and is read where it was
        assert len(await house.articles()) == 2
        assert (await house.source("al.site")).moved_to is None


async def test_a_redirect_for_now_is_not_learned(sqlite_url: str, site: Site) -> None:
    site.put("/feed", Answer("", 302, {"location": site.url("/new")}))
    site.put("/new", feed(site, "/a"))
    async with rig(sqlite_url, [site.source()]) as house:
        for _ in range(8):
            await poll(house.parts, GOING)
            house.clock.move(hours=25)
        assert site.asked()["/feed"] == 8


async def test_an_index_of_sitemaps_is_followed_and_its_parts_are_read(sqlite_url: str, site: Site) -> None:
    def sitemap(*paths: str) -> bytes:
        urls = "".join(f"<url><loc>{site.url(path)}</loc><lastmod>2026-11-20</lastmod></url>" for path in paths)
        return f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{urls}</urlset>".encode()

    now, second, third = datetime.now(UTC), "/lajme/sulm-ne-kuvend-2", "/lajme/sulm-ne-kuvend-3"
    listed = [(site.url(f"/part-{n}.xml"), (now - timedelta(hours=n)).isoformat()) for n in (1, 2, 3)]
    parts = "".join(f"<sitemap><loc>{url}</loc><lastmod>{at}</lastmod></sitemap>" for url, at in listed)
    index = f"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{parts}</sitemapindex>"
    site.put("/index.xml", Answer(index, headers={"etag": '"1"'}))
    site.put("/part-1.xml", Answer(gzip.compress(sitemap("/lajme/sulm-ne-kuvend-1"))))
    site.put("/part-2.xml", Answer(sitemap(second)), Answer(sitemap(second, third)))
    site.put("/part-3.xml", Answer("oh", 500))
    async with rig(sqlite_url, [site.source("/index.xml", kind="sitemap")]) as house:
        await poll(house.parts, GOING)
        assert len(await house.articles()) == 2
        (latest,) = (await house.parts.store.read(lambda c: sources.attempts(c, 1)))[:1]
        assert "500" in latest.detail
        house.clock.move(hours=6)
        await poll(house.parts, GOING)  # the index is as it was, its parts are not
        assert len(await house.articles()) == 3


async def test_a_front_page_is_read_by_its_selector(sqlite_url: str, site: Site) -> None:
    links = f"<nav><a href='{site.url('/reklama')}'>Reklamë</a></nav><main><h2><a href='{site.url('/1')}'>Lajm</a></h2></main>"
    site.put("/", Answer(f"<html><body>{links}</body></html>"))
    async with rig(sqlite_url, [site.source("/", kind="links", select="main h2 a")]) as house:
        await poll(house.parts, GOING)
        assert [row.url for row in await house.articles()] == [site.url("/1")]


async def test_while_our_own_network_is_down_nobody_is_blamed(sqlite_url: str, site: Site) -> None:
    dead = [replace(site.source(label=f"s{n}"), url=f"http://s{n}.localhost:{closed_port()}/feed") for n in range(4)]
    async with rig(sqlite_url, dead) as house:
        assert await poll(house.parts, GOING) == 4
        rows = [await house.source(f"al.s{n}") for n in range(4)]
        assert {row.failures for row in rows} == {0.0}
        assert all("our own network" in row.trouble for row in rows)
        assert all((row.next_check_at - row.checked_at).total_seconds() < 120 for row in rows)


async def test_one_dead_site_among_living_ones_is_blamed(sqlite_url: str, site: Site) -> None:
    site.put("/feed", feed(site, "/a"))
    dead = replace(site.source(label="dead"), url=f"http://dead.localhost:{closed_port()}/feed")
    async with rig(sqlite_url, [dead, site.source(label="alive")]) as house:
        await poll(house.parts, GOING)
        row = await house.source("al.dead")
        assert row.failures > 0
        assert "our own network" not in row.trouble


async def test_an_address_that_changes_its_guids_at_every_poll_brings_nothing_new(sqlite_url: str, site: Site) -> None:
    def listed(turn: int) -> Answer:
        return replace(feed(site, "/a"), body=str(feed(site, "/a").body).replace("<description>", f"<guid>{turn}</guid><description>"))

    site.put("/feed", *map(listed, range(5)))
    async with rig(sqlite_url, [site.source()]) as house:
        for _ in range(5):
            await poll(house.parts, GOING)
            house.clock.move(days=2)
        assert len(await house.articles()) == 1
