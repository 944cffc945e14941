"""Articles as they should not be: without a date, a title or a text, from another century, a thousand times the same."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from monitor.jobs.analyse import analyse
from monitor.jobs.poll import poll
from monitor.jobs.repair import repair
from monitor.store import stories, told
from tests.jobs.reports import DAY, PARLIAMENT, News, desk, prose, put, tellings
from tests.jobs.rig import ATTACK, TEXT, Answer, Site, page, rig

GOING = asyncio.Event()


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


DATES = ("", "some day", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 13 Dec 1901 20:45:52 GMT", "Tue, 19 Jan 2138 03:14:07 GMT", "0000-00-00")


async def test_a_feed_whose_dates_are_nonsense_makes_one_story_told_now(sqlite_url: str, site: Site) -> None:
    items = "".join(
        f"<item><title>{ATTACK}</title><link>{site.url(f'/{number}')}</link><pubDate>{date}</pubDate></item>"
        for number, date in enumerate(DATES)
    )
    site.put("/feed", Answer(f"<rss version='2.0'><channel><title>Site</title>{items}</channel></rss>"))
    for number in range(len(DATES)):
        site.put(f"/{number}", page(f"{TEXT} Njoftimi {number} u bë sot."))
    async with rig(sqlite_url, [site.source()]) as house:
        await poll(house.parts, GOING)
        assert await analyse(house.parts, GOING) == len(DATES)
        await repair(house.parts, GOING)
        (story,) = await house.parts.store.read(stories.everything)
        assert len(story.reports) == len(DATES)
        assert all(abs(report.at - datetime.now(UTC)) < timedelta(minutes=5) for report in story.reports)


NO_TITLE = "the page has no title"
NO_TEXT = "the page has no article text (a list, a video, a paywall, or built by script)"


@pytest.mark.parametrize(("title", "text", "reason"), [("", TEXT, NO_TITLE), ("", "", NO_TEXT)])
async def test_what_has_no_title_anywhere_is_rejected_in_words(sqlite_url: str, site: Site, title: str, text: str, reason: str) -> None:
    item = f"<item><title>{title}</title><link>{site.url('/a')}</link><description>{text}</description></item>"
    site.put("/feed", Answer(f"<rss version='2.0'><channel><title>Site</title>{item}</channel></rss>"))
    site.put("/a", page(text, title))
    async with rig(sqlite_url, [site.source()]) as house:
        await poll(house.parts, GOING)
        await analyse(house.parts, GOING)
        assert [(row.state, row.reason) for row in await house.articles()] == [("rejected", reason)]
        assert await house.parts.store.read(stories.everything) == []


ODD = (
    News("undated", (PARLIAMENT,), None),
    News("undated-too", (PARLIAMENT,), None, "two.al"),
    News("future", (PARLIAMENT,), datetime(2199, 1, 1, tzinfo=UTC), "three.al"),
    News("untitled", (PARLIAMENT,), None, "four.al", title=""),
    News("wordless", (PARLIAMENT,), None, "five.al", text=" "),
    News("wordless-too", (PARLIAMENT,), None, "six.al", text="\n"),
)


async def test_whatever_is_missing_reports_of_one_victim_seen_together_are_one_story(database_url: str) -> None:
    async with desk(database_url) as house:
        await put(house, *Random(3).sample(ODD, len(ODD)))
        await repair(house.parts, GOING)
        (names,) = (await house.parts.store.read(tellings)).values()
        assert names == {news.name for news in ODD}
        (story,) = await house.parts.store.read(stories.everything)
        assert not [report for report in story.reports if report.copy_of]  # nothing is no text that could be repeated


@pytest.mark.parametrize("at", [datetime(1970, 1, 1, tzinfo=UTC), datetime(1901, 12, 13, tzinfo=UTC)])
async def test_a_report_from_another_century_is_a_story_of_its_own(database_url: str, at: datetime) -> None:
    async with desk(database_url) as house:
        await put(house, News("now", (PARLIAMENT,)), News("old", (PARLIAMENT,), at), News("old-too", (PARLIAMENT,), at, "two.al"))
        await repair(house.parts, GOING)
        assert {frozenset(names) for names in (await house.parts.store.read(tellings)).values()} == {
            frozenset(["now"]),
            frozenset(["old", "old-too"]),
        }


async def test_a_thousand_copies_in_one_hour_are_one_story_of_one_report(sqlite_url: str) -> None:
    statement = prose("statement")
    copies = [
        News(f"copy-{number}", (PARLIAMENT,), DAY + timedelta(seconds=3.6 * number), f"outlet-{number}.al", text=statement)
        for number in range(1000)
    ]
    async with desk(sqlite_url) as house:
        await put(house, *Random(5).sample(copies, len(copies)))
        await repair(house.parts, GOING)
        (story,) = await house.parts.store.read(told.listing)
        assert (story.reports, story.copies, story.outlets) == (1, 999, 1)
        first, *others = await house.parts.store.read(lambda c: told.reports(c, story.key))
        assert first.url == copies[0].url
        assert {each.copy_of for each in others} == {copies[0].url}
        changes = await house.parts.store.read(lambda c: told.changes(c, story.key))
        assert [(each.kind, each.url) for each in changes] == [("opened", copies[0].url)]
