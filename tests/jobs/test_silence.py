"""What happens while a story is silent, beside one that breaks its repair, or in one that is too large: nothing is lost, nobody waits."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from monitor.jobs import repair as repairing
from monitor.jobs.notify import notify
from monitor.jobs.repair import repair
from monitor.store import stories, told
from monitor.stories.place import key_of
from tests.jobs.reports import AIRLINE, BANK, PARLIAMENT, News, after, desk, owed, put, tellings
from tests.jobs.test_decide import FIRST, HIT, Editor

GOING = asyncio.Event()
SECOND = News("second", (PARLIAMENT,), after(hours=2), "two.al")


@pytest.mark.parametrize("kind", ["muted", "rejected"])
async def test_what_happens_while_a_story_is_silent_is_owed_when_that_is_undone(database_url: str, kind: str) -> None:
    async with desk(database_url) as house:
        ana = Editor(house)
        await put(house, FIRST)
        assert await notify(house.parts, GOING) == 1
        await ana.judge(HIT, kind)  # type: ignore[arg-type]  # the kinds are named above
        await put(house, SECOND)
        assert await owed(house) == set()
        await ana.undo(HIT)
        assert await owed(house) == {(HIT, "second_outlet")}


async def test_a_story_that_is_muted_stays_silent_when_a_merge_is_undone(sqlite_url: str) -> None:
    other = News("other", (BANK,), after(days=30), "one.gr")
    async with desk(sqlite_url) as house:
        ana = Editor(house)
        await put(house, FIRST, other)
        banks = key_of(other.url)
        await ana.judge(banks, "muted")
        await ana.merge(HIT, banks)
        await ana.undo(HIT)
        assert (banks, "opened") not in await owed(house)
        assert (HIT, "opened") in await owed(house)


async def test_a_rejected_story_takes_nothing_that_is_told_days_after_what_was_rejected(database_url: str) -> None:
    more = [News(f"more{at}", (PARLIAMENT,), after(hours=60 * at), f"{at}.al") for at in (1, 2, 3)]
    async with desk(database_url) as house:
        ana = Editor(house)
        await put(house, FIRST)
        await ana.judge(HIT, "rejected")
        for news in more:
            await ana.repaired(news)
        assert (await house.parts.store.read(tellings))[HIT] == {"first", "more1"}
        assert (key_of(more[1].url), "opened") in await owed(house)


async def test_a_story_that_cannot_be_repaired_does_not_keep_the_others_from_it(sqlite_url: str, capfd: pytest.CaptureFixture[str]) -> None:
    air, late = News("air", (AIRLINE,), after(days=50), "air.al"), News("late", (AIRLINE,), after(days=50, hours=-1), "late.al")
    async with desk(sqlite_url) as house:
        await put(house, SECOND, FIRST)  # the second came first: in doubt
        broken = key_of(SECOND.url)
        await put(house, air, late)
        await house.parts.store.write(lambda c: c.execute(text("UPDATE article SET signature = '{}' WHERE url LIKE '%/second'")))
        assert await repair(house.parts, GOING) == 2
        assert await house.parts.store.read(stories.unsettled) == broken
        happened = await house.parts.store.read(lambda c: told.changes(c, key_of(air.url)))
        assert [(each.kind, each.url) for each in happened if each.kind == "opened"] == [("opened", late.url)]
    printed = capfd.readouterr()
    assert "story.unrepaired" in printed.out + printed.err


async def test_a_story_that_is_too_large_to_repair_is_left_as_it_was_placed(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repairing, "_MOST", 1)
    async with desk(sqlite_url) as house:
        await put(house, SECOND, FIRST)
        assert await repair(house.parts, GOING) == 1
        assert await house.parts.store.read(stories.unsettled) is None
        assert await house.parts.store.read(tellings) == {key_of(SECOND.url): {"first", "second"}}
