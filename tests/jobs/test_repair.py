"""Stories put right: the same articles give the same stories in whatever order they came, and nobody hears of anything twice."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from random import Random
from typing import Any

import pytest

from monitor.jobs.repair import repair
from monitor.model import Victim
from monitor.store import deliveries, stories
from tests.jobs.reports import AIRLINE, BANK, PARLIAMENT, TELECOM, News, accounts, after, desk, prose, put, tellings
from tests.jobs.rig import Rig

GOING = asyncio.Event()


def hospital(town: str) -> Victim:
    return Victim(f"ro-hospital-of-{town.lower()}", f"Hospital of {town}", "RO", "hospital")


WIPED = {"attacks": ("wiper",), "actors": ("Homeland Justice",)}
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
    shuffled = dice.sample(EVERYTHING, len(EVERYTHING))
    async with desk(database_url) as house:
        for news in shuffled:
            await put(house, news)
            if seed % 2 and dice.random() < 0.3:  # the repair job comes by now and then, or once at the end
                await repair(house.parts, GOING)
        await repair(house.parts, GOING)
        assert await house.parts.store.read(accounts) == in_order
        assert await house.parts.store.read(stories.unsettled) is None
        opened = {key for key, change in await waiting(house) if change == "opened"}
        assert opened == (await house.parts.store.read(tellings)).keys()


async def waiting(house: Rig, subscriber: str = "desk") -> set[tuple[str, str]]:
    """The stories and changes that a subscriber will still hear of."""
    owed = await house.parts.store.read(lambda c: deliveries.listing(c, "waiting", 10_000))
    alerts = [each.delivery.alert for each in owed if each.delivery.subscriber == subscriber]
    return {(alert.story_key, f"{alert.change.kind} {alert.change.detail}".strip()) for alert in alerts}


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
