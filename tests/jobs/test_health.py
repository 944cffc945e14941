"""Sources that break, fall silent and heal under the real poll: who runs the monitor hears of it once, and once more when it is over."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import update

from monitor.demo.receivers import MailReceiver, WebhookReceiver
from monitor.jobs.health import health
from monitor.jobs.notify import notify
from monitor.jobs.poll import poll
from monitor.model import Concerned, Notice, Source, Subscriber
from monitor.store import deliveries
from monitor.store.schema import source
from tests.jobs.rig import Answer, Rig, Site, feed, rig

GOING = asyncio.Event()
ADMIN = Subscriber("admin", "email", "admin@demo.localhost", hears=("operation",))
NEWS = Subscriber("news", "email", "news@demo.localhost")
DOWN = Answer("oh", 500)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        running.put("/feed", feed(running, "/a"))
        yield running


async def after(house: Rig, **passed: float) -> int:
    """Some time later, a poll of what is due, and a look at how sources fare; returns how many turns that found."""
    house.clock.move(**passed)
    await poll(house.parts, GOING)
    return await health(house.parts, GOING)


async def failing(house: Rig, days: int = 4) -> list[int]:
    return [await after(house, days=1) for _ in range(days)]


async def notices(house: Rig) -> list[Notice]:
    """Those owed so far, the first one first."""
    owed = await house.parts.store.read(deliveries.listing)
    return [each.delivery.alert for each in reversed(owed) if isinstance(each.delivery.alert, Notice)]


def said(owed: Sequence[Notice]) -> list[tuple[str, list[str]]]:
    return [(each.kind, [one.source for one in each.sources]) for each in owed]


async def test_a_source_that_breaks_is_told_once_and_once_more_when_it_heals(sqlite_url: str, site: Site) -> None:
    async with rig(sqlite_url, [site.source()], [ADMIN, NEWS]) as house:
        assert await after(house) == 0
        well = await house.source("al.site")
        site.put("/feed", DOWN)
        assert sum(await failing(house, 9)) == 1
        (broken,) = await notices(house)
        reason = "site.localhost answered 500 Internal Server Error"
        assert (broken.kind, broken.sources) == (
            "source_broken",
            (Concerned("al.site", "Site", site.url("/feed"), reason, well.last_ok_at),),
        )
        row = await house.source("al.site")
        assert (row.told, row.told_since) == ("broken", well.last_ok_at)
        site.put("/feed", feed(site, "/a", "/b"))
        assert await failing(house, 2) == [1, 0]
        _, healed = await notices(house)
        assert healed.kind == "source_healed"
        assert healed.sources == (Concerned("al.site", "Site", site.url("/feed"), "It can be read again; it was broken", well.last_ok_at),)
        row = await house.source("al.site")
        assert (row.told, row.told_since) == (None, None)


async def test_a_source_that_breaks_again_is_told_again(sqlite_url: str, site: Site) -> None:
    async with rig(sqlite_url, [site.source()], [ADMIN]) as house:
        await after(house)
        for _ in range(2):
            site.put("/feed", DOWN)
            await failing(house, 9)
            site.put("/feed", feed(site, "/a"))
            await failing(house, 2)
        assert [kind for kind, _ in said(await notices(house))] == ["source_broken", "source_healed"] * 2


async def test_a_restart_between_tells_nothing_twice(sqlite_url: str, site: Site) -> None:
    lists = ([site.source()], [ADMIN])
    site.put("/feed", DOWN)
    async with rig(sqlite_url, *lists) as house:
        assert sum(await failing(house, 9)) == 1
    async with rig(sqlite_url, *lists) as house:
        house.clock.move(days=9)
        assert sum(await failing(house, 3)) == 0
        site.put("/feed", feed(site, "/a"))
        assert sum(await failing(house, 2)) == 1
    async with rig(sqlite_url, *lists) as house:
        house.clock.move(days=20)
        assert await failing(house, 2) == [0, 0]
        assert [kind for kind, _ in said(await notices(house))] == ["source_broken", "source_healed"]


async def test_a_storm_is_one_notice_of_each_kind(sqlite_url: str, site: Site) -> None:
    many = [site.source(f"/feed-{number}", f"s{number:02}") for number in range(12)]
    for number in range(12):
        site.put(f"/feed-{number}", Answer("", 410) if number % 4 == 0 else DOWN)
    async with rig(sqlite_url, many, [ADMIN]) as house:
        assert await after(house) == 3
        assert sum(await failing(house, 9)) == 9
        owed = await notices(house)
        assert said(owed)[0] == ("source_gone", ["al.s00", "al.s04", "al.s08"])
        assert said(owed)[1] == ("source_broken", [f"al.s{number:02}" for number in range(12) if number % 4])
        assert len(owed) == 2
        for number in range(12):
            site.put(f"/feed-{number}", feed(site, f"/{number}"))
        house.clock.move(days=8)  # who is gone is asked once a week
        assert await after(house) == 12
        assert said((await notices(house))[2:]) == [("source_healed", [f"al.s{number:02}" for number in range(12)])]


async def test_a_source_that_changes_from_one_trouble_to_another_is_told_what_it_is_now(sqlite_url: str, site: Site) -> None:
    async with rig(sqlite_url, [site.source()], [ADMIN]) as house:
        await after(house)
        site.put("/feed", DOWN)
        await failing(house, 9)
        site.put("/feed", Answer("", 410))
        await failing(house, 2)
        assert [kind for kind, _ in said(await notices(house))] == ["source_broken", "source_gone"]


async def test_a_source_that_falls_silent_is_told_and_its_next_news_too(sqlite_url: str, site: Site) -> None:
    async with rig(sqlite_url, [site.source()], [ADMIN]) as house:
        paths = [f"/{number}" for number in range(12)]
        for number in range(len(paths)):
            site.put("/feed", feed(site, *paths[: number + 1]))
            assert await after(house, hours=1) == 0
        assert sum([await after(house, hours=1) for _ in range(24 * 6)]) == 1
        (silent,) = await notices(house)
        assert silent.kind == "source_silent"
        assert "has listed nothing new for 5 days; its longest pause of late was " in silent.sources[0].reason
        site.put("/feed", feed(site, *paths, "/new"))
        assert await after(house, days=1) == 1
        assert said(await notices(house)) == [("source_silent", ["al.site"]), ("source_healed", ["al.site"])]


async def test_who_lists_what_another_source_listed_before_is_not_silent(sqlite_url: str, site: Site) -> None:
    names = ("quick", "slow", "lone")
    for name in names:
        site.put(f"/{name}", feed(site, f"/{name}-1"))
    async with rig(sqlite_url, [site.source(f"/{name}", name) for name in names], [ADMIN]) as house:
        await after(house)
        begun = house.clock()
        for name, days in (("quick", 7), ("slow", 1)):  # the slow one brings a day later what the quick one brought
            site.put(f"/{name}", feed(site, f"/{name}-1", "/shared"))
            await after(house, days=days)
        quiet = {"news_at": begun, "arrivals": 500, "quiet_seconds": 8 * 86400.0, "gap_seconds": 8 * 3600.0}
        await house.parts.store.write(lambda c: c.execute(update(source).values(quiet)))
        assert await health(house.parts, GOING) == 1
        assert said(await notices(house)) == [("source_silent", ["al.lone"])]


async def test_a_source_that_was_switched_off_is_not_called_well(sqlite_url: str, site: Site) -> None:
    site.put("/feed", DOWN)
    async with rig(sqlite_url, [site.source()], [ADMIN]) as house:
        assert sum(await failing(house, 9)) == 1
    async with rig(sqlite_url, [site.source(enabled=False)], [ADMIN]) as house:
        assert await after(house) == 0
        assert (await house.source("al.site")).told is None
        assert [kind for kind, _ in said(await notices(house))] == ["source_broken"]


async def test_a_new_address_is_told_well_only_when_it_was_read(sqlite_url: str, site: Site) -> None:
    site.put("/feed", DOWN)
    async with rig(sqlite_url, [site.source()], [ADMIN]) as house:
        assert sum(await failing(house, 9)) == 1
    moved: Source = site.source("/new")
    async with rig(sqlite_url, [moved], [ADMIN]) as house:
        house.clock.move(days=9)
        assert await health(house.parts, GOING) == 0
        site.put("/new", feed(site, "/a"))
        assert await after(house, minutes=1) == 1
        assert [kind for kind, _ in said(await notices(house))] == ["source_broken", "source_healed"]


async def test_notices_arrive_on_every_channel_like_alerts(sqlite_url: str, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    secret = "whsec_" + base64.b64encode(b"a secret of twenty-four b").decode()
    site.put("/feed", DOWN)
    with MailReceiver() as mail, WebhookReceiver(secret) as hook:
        readers = [
            ADMIN,
            Subscriber("soc", "webhook", hook.url, secret, hears=("operation",)),
            Subscriber("screen", "console", hears=("stories", "operation")),
            NEWS,
        ]
        server = {"mail__host": mail.host, "mail__port": str(mail.port), "mail__sender": "monitor@demo.localhost"}
        async with rig(sqlite_url, [site.source()], readers, **server) as house:
            house.clock.move(days=-9)  # so that it is told today, by the receivers' clocks
            await house.parts.store.write(lambda c: c.execute(update(source).values(next_check_at=house.clock())))
            assert sum(await failing(house, 9)) == 1
            assert await notify(house.parts, GOING) == 3
        assert [message["Subject"] for message in mail.messages()] == ["[monitor] Source broken: Site"]
        assert [call.payload["type"] for call in hook.received()] == ["source.broken"]
        assert "\nSource broken: Site\n" in capsys.readouterr().out


async def test_a_stop_tells_nothing(sqlite_url: str, site: Site) -> None:
    stop = asyncio.Event()
    stop.set()
    site.put("/feed", DOWN)
    async with rig(sqlite_url, [site.source()], [ADMIN]) as house:
        for _ in range(9):
            house.clock.move(days=1)
            await poll(house.parts, GOING)
        assert await health(house.parts, stop) == 0
        assert await health(house.parts, GOING) == 1
