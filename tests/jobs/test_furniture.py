"""What an outlet repeats on its pages flags none of them; what it tells in several updates of one incident is read each time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from monitor.jobs.analyse import analyse
from monitor.jobs.poll import poll
from tests.jobs.rig import ATTACK, TEXT, Site, feed, page, rig

GOING = asyncio.Event()
TEASER = "Lexoni gjithashtu: Sulm kibernetik ndaj Kuvendit të Shqipërisë, hakerat fshijnë të dhënat e serverëve të Kuvendit."
TITLES = [
    "Moti sot me diell në bregdet",
    "Çmimet e naftës ulen sërish",
    "Festivali i verës nis të premten",
    "Ndeshja e madhe luhet nesër",
    "Rruga e re hapet në Vlorë",
    "Universiteti pranon studentë",
    "Bujqit kërkojnë subvencione",
    "Koncert në sheshin Skënderbej",
]
BODY = "Ky është teksti i zakonshëm i artikullit me titull “NUMBER” për lexuesit e rajonit, me hollësi të ditës.\n\n" * 3


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


async def test_a_teaser_on_every_page_flags_none_once_it_is_known(sqlite_url: str, site: Site) -> None:
    async with rig(sqlite_url, [site.source()]) as house:
        for number, title in enumerate(TITLES):
            site.put("/feed", feed(site, f"/{number}", title=title, summary=""))
            site.put(f"/{number}", page(BODY.replace("NUMBER", title) + TEASER, title))
            await poll(house.parts, GOING)
            await analyse(house.parts, GOING)
            house.clock.move(hours=2)
        late = [await house.article(f"/{number}") for number in range(4, len(TITLES))]
        assert {row.state for row in late} == {"clear"}
        assert {row.score for row in late} == {0.0}


async def test_an_incident_told_in_many_updates_is_flagged_each_time(sqlite_url: str, site: Site) -> None:
    async with rig(sqlite_url, [site.source()]) as house:
        for number in range(8):
            title = f"{ATTACK}, përditësimi {number}"
            site.put("/feed", feed(site, f"/{number}", title=title, summary=""))
            site.put(f"/{number}", page(TEXT, title))
            await poll(house.parts, GOING)
            await analyse(house.parts, GOING)
            house.clock.move(hours=2)
        assert {row.state for row in await house.articles()} == {"flagged"}
        assert all("Homeland Justice" in row.text for row in await house.articles())
