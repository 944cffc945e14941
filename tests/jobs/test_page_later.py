"""An article whose page cannot be had is told by its entry at once, and gets its page later: that adds, and takes nothing back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from monitor.jobs.analyse import analyse
from monitor.jobs.poll import poll
from monitor.jobs.repair import repair
from monitor.model import Subscriber
from monitor.store import deliveries, told
from tests.jobs.rig import TEXT, Answer, Rig, Site, feed, page, rig

GOING = asyncio.Event()
SHORT = "Sistemet e Kuvendit u goditën nga një sulm kibernetik, thuhet në njoftim."
CONSOLE = Subscriber("console", "console")


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


async def first_told(house: Rig) -> None:
    await poll(house.parts, GOING)
    await analyse(house.parts, GOING)


async def later(house: Rig, **by: float) -> None:
    house.clock.move(**by)
    await analyse(house.parts, GOING)
    await repair(house.parts, GOING)


async def test_it_is_told_at_once_and_completed_by_its_page(database_url: str, site: Site) -> None:
    site.put("/feed", feed(site, "/a", summary=SHORT))
    site.put("/a", Answer("oh", 503), page())
    async with rig(database_url, [site.source()], [CONSOLE]) as house:
        await first_told(house)
        row = await house.article("/a")
        assert (row.state, row.origin, row.page_wanted, row.attempts) == ("flagged", "entry", True, 1)
        assert await house.parts.store.read(deliveries.counts) == {"waiting": 1}
        (before,) = await house.parts.store.read(told.listing)
        assert before.actors == ()
        assert await analyse(house.parts, GOING) == 0  # not yet
        await later(house, minutes=12)
        row = await house.article("/a")
        assert (row.state, row.origin, row.page_wanted, row.reason) == ("flagged", "page", False, None)
        assert "Homeland Justice" in row.text
        (after,) = await house.parts.store.read(told.listing)
        assert (after.key, [actor.name for actor in after.actors]) == (before.key, ["Homeland Justice"])


async def test_a_page_that_says_less_takes_nothing_back(sqlite_url: str, site: Site) -> None:
    site.put("/feed", feed(site, "/a"))
    site.put("/a", Answer("oh", 503), page("Kjo faqe nuk gjendet më. Shihni lajmet e tjera të ditës në faqen tonë kryesore. " * 3, "Lajme"))
    async with rig(sqlite_url, [site.source()]) as house:
        await first_told(house)
        await later(house, minutes=12)
        row = await house.article("/a")
        assert (row.state, row.origin, row.page_wanted, row.text) == ("flagged", "entry", False, " ".join(TEXT.split()))
        assert len(await house.parts.store.read(told.listing)) == 1


async def test_a_page_that_never_comes_is_left_in_the_end(sqlite_url: str, site: Site) -> None:
    site.put("/feed", feed(site, "/a"))
    site.put("/a", Answer("oh", 503))
    async with rig(sqlite_url, [site.source()], collect__attempts="3") as house:
        await first_told(house)
        for _ in range(4):
            await later(house, hours=12)
        assert site.asked()["/a"] == 3
        row = await house.article("/a")
        assert (row.state, row.page_wanted, row.lease_owner) == ("flagged", False, None)


async def test_a_page_behind_a_guard_is_asked_for_again_and_never_evaded(sqlite_url: str, site: Site) -> None:
    challenge = Answer("<title>Just a moment...</title>", 403, {"cf-mitigated": "challenge"})
    site.put("/feed", feed(site, "/a"))
    site.put("/a", challenge, page())
    async with rig(sqlite_url, [site.source()]) as house:
        await first_told(house)
        row = await house.article("/a")
        assert (row.state, row.origin) == ("flagged", "entry")
        assert "Cloudflare challenge" in row.reason
        await later(house, minutes=12)
        assert (await house.article("/a")).origin == "page"
        agents = {request.headers["user-agent"] for request in site.requests}
        assert agents == {house.parts.settings.collect.user_agent}


async def test_a_dead_process_gives_a_wanted_page_back(sqlite_url: str, site: Site) -> None:
    site.put("/feed", feed(site, "/a"))
    site.put("/a", Answer("oh", 503), page())
    async with rig(sqlite_url, [site.source()]) as house:
        await first_told(house)
        house.clock.move(minutes=12)
        await house.parts.store.write(lambda c: _claim(c, house))
        assert await analyse(house.parts, GOING) == 0  # somebody holds it
    async with rig(sqlite_url, [site.source()]) as house:
        await later(house, minutes=12)
        assert (await house.article("/a")).origin == "page"


def _claim(c: object, house: Rig) -> None:
    from datetime import timedelta

    from sqlalchemy import Connection

    from monitor.store import articles

    assert isinstance(c, Connection)
    assert len(articles.claim_waiting(c, "test", house.clock(), timedelta(hours=2), 5)) == 1
