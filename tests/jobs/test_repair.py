"""Stories put right: the same articles give the same stories in whatever order they came, and nobody hears of anything twice."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from random import Random
from typing import Any

import pytest
from structlog.testing import capture_logs

from monitor.app import once
from monitor.daemon import Daemon
from monitor.jobs.notify import notify
from monitor.jobs.repair import Repaired, mend, repair
from monitor.model import Alert, Subscriber, Victim
from monitor.store import Connection, deliveries, stories, told
from monitor.stories.place import key_of
from tests.jobs.reports import (
    AIRLINE,
    BANK,
    DESK,
    PARLIAMENT,
    TELECOM,
    News,
    accounts,
    after,
    audience,
    desk,
    owed,
    prose,
    put,
    rows,
    tellings,
)
from tests.jobs.rig import Rig

GOING = asyncio.Event()


def hospital(town: str) -> Victim:
    return Victim(f"ro-hospital-of-{town.lower()}", f"Hospital of {town}", "RO", "hospital")


WIPED: dict[str, Any] = {"attacks": ("wiper",), "actors": ("Homeland Justice",)}
_STATEMENT = prose("statement", "Kuvendi Rrushbull Homeland Justice")
_AGENCY = prose("agency", "Beograd Kragujevac Srbijagas")
_GAS = Victim("rs-srbijagas", "Srbijagas", "RS", "energy")

PARLIAMENT_HIT = (
    News("p1", (PARLIAMENT,), after(), "one.al", attacks=("wiper",)),
    News("p2", (PARLIAMENT,), after(hours=3), "two.al", **WIPED, text=_STATEMENT),
    News("p3", (PARLIAMENT,), after(hours=4), "three.al", **WIPED, text=f"{_STATEMENT} Foto arkivi."),
    News("p4", (PARLIAMENT,), after(hours=9), "four.mk", **WIPED, status="confirmed"),
    News("p5", (PARLIAMENT,), after(days=2), "one.al", **WIPED, text=_STATEMENT),
    News("p6", (PARLIAMENT,), after(days=6), "five.gr", attacks=("wiper", "data_leak"), kind="claim", status="claimed"),
    News("p7", (PARLIAMENT,), after(days=70), "one.al", attacks=("wiper",), kind="follow_up", status="resolved"),
    News("p8", (PARLIAMENT,), after(days=300), "two.al", attacks=("unknown",), kind="follow_up"),
)
PARLIAMENT_HIT_AGAIN = (
    News("q1", (PARLIAMENT,), after(days=800), "one.al", attacks=("ddos",)),
    News("q2", (PARLIAMENT,), after(days=801), "two.al", attacks=("ddos",), actors=("Anonymous",)),
    News("q3", (PARLIAMENT,), after(days=830), "three.al", attacks=("ddos",), kind="follow_up", status="confirmed"),
)
HOSPITALS = (
    News("h1", (hospital("Slobozia"),), after(days=20), "one.ro", actors=("Backmydata",)),
    News("h2", (hospital("Pitesti"),), after(days=20, hours=2), "two.ro", actors=("Backmydata",)),
    News("h3", (hospital("Buzau"), hospital("Azuga")), after(days=20, hours=5), "three.ro", actors=("Backmydata",)),
    News("h4", (hospital("Azuga"),), after(days=20, hours=7), "one.ro", actors=("Backmydata",), status="confirmed"),
    News("h5", (), after(days=21), "four.ro", ("RO",), actors=("Backmydata",), names="de la Hipocrate Backmydata Phobos"),
    News("h6", (hospital("Slobozia"), hospital("Buzau")), after(days=22), "five.ro", names="de la Hipocrate Backmydata Phobos"),
    News("h7", (hospital("Pitesti"),), after(days=60), "two.ro", kind="follow_up", status="resolved"),
)
BRIDGED = (
    News("b1", (TELECOM,), after(days=100), "one.al", attacks=("ddos",)),
    News("b2", (AIRLINE,), after(days=100, hours=1), "two.al", attacks=("ddos",)),
    News("b3", (AIRLINE,), after(days=100, hours=2), "three.al", attacks=("ddos",)),
    News("b4", (TELECOM, AIRLINE), after(days=100, hours=20), "four.mk", attacks=("ddos",), actors=("Killnet",)),
    News("b5", (TELECOM,), after(days=103), "one.al", attacks=("ddos",), kind="follow_up"),
)
COPIED = (
    News("c1", (_GAS,), after(days=5), "one.rs", text=_AGENCY),
    News("c2", (_GAS,), after(days=5, hours=1), "two.rs", text=_AGENCY),
    News("c3", (_GAS,), after(days=7), "three.ba", text=f"{_AGENCY} Izvor agencija."),
)
NO_VICTIM = (
    News("n1", (), after(days=40), "one.mk", ("MK",), ("data_leak",), names="so Vodnjanska Skupova Kitka"),
    News("n2", (), after(days=41), "two.mk", ("MK",), ("data_leak",), names="so Vodnjanska Skupova Kitka"),
    News("n3", (), after(days=42), "three.mk", ("MK",), ("data_leak",), names="so Vodnjanska Skupova Kitka"),
)
ALONE = (News("a1", (BANK,), after(days=3), "one.gr"),)
INCIDENTS = (PARLIAMENT_HIT, PARLIAMENT_HIT_AGAIN, HOSPITALS, BRIDGED, COPIED, NO_VICTIM, ALONE)
EVERYTHING = sorted((news for incident in INCIDENTS for news in incident), key=lambda news: (news.at, news.url))


@pytest.fixture(scope="module")
def in_order(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What becomes of everything if it comes in the order of its time."""
    file = shutil.copy(sqlite_template, tmp_path_factory.mktemp("in-order") / "monitor.db")

    async def stored() -> list[Any]:
        async with desk(f"sqlite:///{file}") as house:
            await put(house, *EVERYTHING)
            await repair(house.parts, GOING)
            return await house.parts.store.read(accounts)

    return asyncio.run(stored())


def test_what_was_told_of_one_incident_is_one_story(in_order: list[Any]) -> None:
    assert len(EVERYTHING) == 30
    found = [{url.rpartition("/")[2] for url in each["reports"]} for each in in_order]
    assert sorted(map(sorted, found)) == sorted(sorted(news.name for news in incident) for incident in INCIDENTS)
    copies = {url.rpartition("/")[2] for each in in_order for url, (copy_of, _) in each["reports"].items() if copy_of}
    assert copies == {"p3", "p5", "c2", "c3"}


@pytest.mark.parametrize("seed", range(10))
async def test_thirty_articles_give_the_same_stories_in_whatever_order_they_come(database_url: str, in_order: list[Any], seed: int) -> None:
    dice = Random(seed)
    async with desk(database_url) as house:
        for news in dice.sample(EVERYTHING, len(EVERYTHING)):
            await put(house, news)
            if seed % 2 and dice.random() < 0.3:  # the repair job comes by now and then, or once at the end
                await repair(house.parts, GOING)
            if seed % 3 and dice.random() < 0.3:
                await notify(house.parts, GOING)
        await repair(house.parts, GOING)
        assert await house.parts.store.read(accounts) == in_order
        assert await house.parts.store.read(stories.unsettled) is None
        await notify(house.parts, GOING)
        listed = await house.parts.store.read(told.listing)
        assert await house.parts.store.read(heard) == {story.key: set(story.victims) for story in listed}


def heard(c: Connection) -> dict[str, set[Victim]]:
    """The victims of which the desk was told, by the story that they are in now."""
    sent = [each.delivery.alert for each in deliveries.listing(c, "sent", 10_000) if isinstance(each.delivery.alert, Alert)]
    leads = told.current(c, [alert.story_key for alert in sent])
    names = {victim.name: victim for story in told.listing(c) for victim in story.victims}
    found: dict[str, set[Victim]] = {key: set() for key in leads.values()}
    for alert in sent:
        found[leads[alert.story_key]] |= {names[name] for name in alert.victims}
    return found


async def test_the_time_line_is_put_right_though_the_story_has_the_reports_that_it_should_have(sqlite_url: str) -> None:
    first, third = News("1", (PARLIAMENT,), after(), "one.al"), News("3", (PARLIAMENT,), after(hours=2), "three.al")
    async with desk(sqlite_url) as house:
        await put(house, first, third, News("2", (PARLIAMENT,), after(hours=1), "two.al"))
        assert await repair(house.parts, GOING) == 1
        (account,) = await house.parts.store.read(accounts)
        assert account["changes"]["second_outlet", ""] == "https://two.al/news/2"


async def test_a_copy_goes_to_the_text_that_it_repeats_though_another_came_first(sqlite_url: str) -> None:
    """The third is mostly the second, and shares enough with the first to pass for its copy while the second is not there."""
    one, two = prose("one"), prose("two")
    third = f"{' '.join(one.split()[:64])} {two}"
    news = [News(str(number), (PARLIAMENT,), after(hours=number), text=text) for number, text in enumerate((one, two, third), 1)]
    async with desk(sqlite_url) as house:
        await put(house, news[0], news[2], news[1])
        assert await repair(house.parts, GOING) == 1
        (account,) = await house.parts.store.read(accounts)
        assert [copy_of for copy_of, _ in account["reports"].values()] == [None, None, "https://one.al/news/2"]


# Two stories that a third report shows to be one.
ONE, OTHER = News("one", (TELECOM,), after(), attacks=("ddos",)), News("other", (AIRLINE,), after(hours=1), "two.al", attacks=("ddos",))
BOTH = News("both", (TELECOM, AIRLINE), after(hours=5), "three.al", attacks=("ddos",))
KEPT, GONE = key_of(ONE.url), key_of(OTHER.url)
AIR_ONLY = Subscriber("air", "console", sectors=("airline",), changes=("opened",))


async def test_of_two_stories_that_are_one_the_later_leads_to_the_other(database_url: str) -> None:
    async with desk(database_url) as house:
        await put(house, ONE, OTHER, BOTH)
        assert len(await house.parts.store.read(tellings)) == 2
        with capture_logs() as lines:
            assert await repair(house.parts, GOING) == 1
        assert await house.parts.store.read(tellings) == {KEPT: {"one", "other", "both"}}
        assert await house.parts.store.read(lambda c: told.current(c, [KEPT, GONE])) == {KEPT: KEPT, GONE: KEPT}
        line = await house.parts.store.read(lambda c: told.changes(c, KEPT))
        assert [each.detail for each in line if each.kind == "merged"] == [GONE]
        assert [each for each in lines if each["event"] == "story.merged"] == [
            {"event": "story.merged", "story": KEPT, "other": GONE, "log_level": "info"}
        ]


async def test_what_is_unsent_of_a_merged_story_is_told_to_nobody_who_hears_of_the_other(database_url: str) -> None:
    async with desk(database_url, [DESK, AIR_ONLY]) as house:
        await put(house, ONE, OTHER, BOTH)
        await repair(house.parts, GOING)
        assert await owed(house) == {(KEPT, "opened"), (KEPT, "victim_added Air Albania"), (KEPT, "second_outlet")}
        assert await owed(house, "given_up") == {(GONE, "opened"), (GONE, "victim_added One Albania"), (GONE, "second_outlet")}
        assert await owed(house, subscriber="air") == {(GONE, "opened")}  # all that he hears of it


async def test_what_was_sent_of_a_merged_story_stays_sent_and_is_not_told_again(database_url: str) -> None:
    async with desk(database_url, [DESK, AIR_ONLY]) as house:
        await put(house, ONE, OTHER)
        assert await notify(house.parts, GOING) == 3
        await put(house, BOTH)
        await repair(house.parts, GOING)
        assert await owed(house, "sent") == {(KEPT, "opened"), (GONE, "opened")}
        assert await owed(house) == {(KEPT, "second_outlet")}  # of which he has not heard
        assert await owed(house, "sent", "air") == {(GONE, "opened")}
        assert await owed(house, subscriber="air") == set()


# A follow-up that was read first took both attacks that it may follow: only in order it shows which one it does.
FOLLOW_UP = News("follow-up", (PARLIAMENT,), after(days=200), kind="follow_up")
LATE, HIDDEN = News("late", (PARLIAMENT,), after(days=190), "two.al"), News("hidden", (PARLIAMENT,), after(), "three.al")


async def test_a_story_that_was_hidden_in_another_gets_its_alert_once(database_url: str) -> None:
    async with desk(database_url) as house:
        await put(house, FOLLOW_UP, LATE, HIDDEN)
        assert len(await house.parts.store.read(tellings)) == 1
        with capture_logs() as lines:
            assert await repair(house.parts, GOING) == 1
        stay, new = key_of(FOLLOW_UP.url), key_of(HIDDEN.url)
        assert await house.parts.store.read(tellings) == {stay: {"late", "follow-up"}, new: {"hidden"}}
        assert {
            "event": "story.split",
            "story": new,
            "headline": "Parliament of Albania: hit by ransomware (suspected)",
            "log_level": "info",
        } in lines
        assert {(new, "opened"), (stay, "opened")} <= await owed(house)
        await notify(house.parts, GOING)
        for key in (stay, new):
            await mended(house, key)
        await put(house, News("more", (PARLIAMENT,), after(hours=-1), "four.al"))
        await repair(house.parts, GOING)
        assert not {(key, change) for key, change in await owed(house) if change == "opened"}
        assert {(new, "opened"), (stay, "opened")} <= await owed(house, "sent")


async def test_a_story_that_is_too_old_to_tell_is_not_told_when_it_is_found(sqlite_url: str) -> None:
    async with desk(sqlite_url, alerts__max_age="14d") as house:
        await put(house, FOLLOW_UP, LATE, HIDDEN)
        await repair(house.parts, GOING)
        assert len(await house.parts.store.read(tellings)) == 2
        assert await owed(house) == set()


async def test_a_second_repair_changes_no_row(database_url: str) -> None:
    async with desk(database_url) as house:
        await put(house, *Random(7).sample(EVERYTHING, len(EVERYTHING)))
        await repair(house.parts, GOING)
        before = await house.parts.store.read(rows)
        assert await repair(house.parts, GOING) == 0
        for key in await house.parts.store.read(tellings):
            done = await mended(house, key)
            assert not done.merged
            assert not done.opened
        assert await house.parts.store.read(rows) == before


async def mended(house: Rig, key: str) -> Repaired:
    return await house.parts.store.write(lambda c: mend(c, [key], audience(house), house.clock()))


class Crash(Exception):  # noqa: N818 - it stands for no error of ours
    """The process dies."""


async def test_a_crash_in_the_middle_leaves_all_as_it_was(database_url: str) -> None:
    def crash(c: Connection, house: Rig) -> None:
        assert mend(c, [KEPT], audience(house), house.clock()).merged == ((KEPT, GONE),)
        raise Crash

    async with desk(database_url) as house:
        await put(house, ONE, OTHER, BOTH)
        before = await house.parts.store.read(rows)
        with pytest.raises(Crash):
            await house.parts.store.write(lambda c: crash(c, house))
        assert await house.parts.store.read(rows) == before
        assert await repair(house.parts, GOING) == 1
        assert await house.parts.store.read(tellings) == {KEPT: {"one", "other", "both"}}


async def test_after_a_stop_no_story_is_repaired_and_the_doubt_stays(sqlite_url: str) -> None:
    stop = asyncio.Event()
    stop.set()
    async with desk(sqlite_url) as house:
        await put(house, ONE, OTHER, BOTH)
        assert await repair(house.parts, stop) == 0
        assert await house.parts.store.read(stories.unsettled) is not None


async def test_one_pass_repairs_and_tells_what_is_left_to_tell(database_url: str) -> None:
    async with desk(database_url) as house:
        await put(house, ONE, OTHER, BOTH)
        assert await once(house.parts, GOING) == {"polled": 0, "analysed": 0, "repaired": 1, "noticed": 0, "notified": 3}
        assert await once(house.parts, GOING) == {"polled": 0, "analysed": 0, "repaired": 0, "noticed": 0, "notified": 0}


async def test_the_daemon_repairs_by_its_clock(sqlite_url: str) -> None:
    hurry: dict[str, Any] = {"clock__poll": "0.1s", "clock__analyse": "0.1s", "clock__repair": "0.1s", "clock__notify": "0.1s"}
    async with desk(sqlite_url, **hurry) as house:
        await put(house, ONE, OTHER, BOTH)
        daemon = Daemon(house.parts)
        running = asyncio.create_task(daemon.run())
        async with asyncio.timeout(20):
            while await house.parts.store.read(stories.unsettled) is not None:  # noqa: ASYNC110 - the store has no event to wait for
                await asyncio.sleep(0.02)
        daemon.stop()
        await running
        assert await house.parts.store.read(tellings) == {KEPT: {"one", "other", "both"}}
