"""Archived pages against a real store: judged like fetched ones, once, under the right outlet and date, and without the network."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, func, select, update

from monitor.jobs.backfill import NO_ARTICLE, OTHER_SITE, TOO_OLD, Result, Wanted, backfill
from monitor.jobs.poll import poll
from monitor.model import Entry, Source, Subscriber
from monitor.store import archived, articles, deliveries, leases, stories
from monitor.store.schema import article, sighting, source
from tests.jobs import rig as rigs
from tests.jobs.rig import ATTACK, TEXT, Rig, Site, feed, rig
from tests.unit.warcs import CRAWLED, answer, page, record, written

CRAWLED_AT = datetime.fromisoformat(CRAWLED)
DESK = Subscriber("desk", "email", "desk@demo.localhost")
CALM = "Mbrëmja muzikore nis në orën tetë dhe hyrja është e lirë për të gjithë. " * 4
# Nobody listens there: what asks for it fails at once.
ONE = Source("al.one", "One", "http://127.0.0.1:1/feed", outlet="one.al", country="AL", lang="sq")
SPORT = Source("xk.sport", "Sport", "http://127.0.0.1:1/sport", outlet="sport.one.al", country="XK", lang="sq")
STORY = "https://www.one.al/lajme/sulm-kibernetik-ndaj-kuvendit"


def html(text: str = TEXT, title: str = ATTACK, head: str = "") -> bytes:
    body = str(rigs.page(text, title).body).replace("</head>", f"{head}</head>")
    return body.encode()


def dated(at: str) -> str:
    return f'<meta property="article:published_time" content="{at}">'


def calm(number: int) -> bytes:
    return page(f"https://one.al/lajme/koncert-{1000 + number}", html(CALM + str(number), f"Koncert {number} sonte"))


async def read(house: Rig, *files: Path, wanted: Wanted = Wanted()) -> Result:  # noqa: B008 - frozen
    moved: list[int] = []
    result = await backfill(house.parts, files, wanted, moved.append, asyncio.Event())
    assert moved == sorted(moved)
    assert moved[-1] == sum(each.stat().st_size for each in files)
    return result


async def test_an_archived_page_opens_a_story_of_its_time_and_alerts_nobody(sqlite_url: str, tmp_path: Path) -> None:
    file = written(tmp_path, [page(STORY, html(head=dated("2023-12-25T08:00:00Z"))), calm(1)])
    async with rig(sqlite_url, [ONE], [DESK], alerts__max_age="14d") as house:
        result = await read(house, file)
        assert (result.pages, result.judged, len(result.flagged), result.opened, result.known) == (2, 2, 1, 1, 0)
        row = await house.article("kuvendit")
        assert (row.state, row.origin, row.outlet, row.country, row.lease_owner) == ("flagged", "page", "one.al", "AL", None)
        assert row.published_at == datetime(2023, 12, 25, 8, tzinfo=UTC)
        assert row.first_seen_at > house.clock() - timedelta(minutes=1)
        assert row.source_id == (await house.source("al.one")).id
        (story,) = await house.parts.store.read(stories.everything)
        assert [each.at for each in story.reports] == [row.published_at]
        assert await house.parts.store.read(deliveries.listing) == []


async def test_a_page_archived_today_alerts_like_any_other(sqlite_url: str, tmp_path: Path) -> None:
    today = datetime.now(UTC) - timedelta(hours=1)
    file = written(tmp_path, [page(STORY, html(), date=today.isoformat())])
    async with rig(sqlite_url, [ONE], [DESK], alerts__max_age="14d") as house:
        await read(house, file)
        assert len(await house.parts.store.read(deliveries.listing)) == 1


async def test_a_page_without_a_date_has_that_of_the_archive_and_is_judged_by_it(sqlite_url: str, tmp_path: Path) -> None:
    lead = "Deputetët e komisionit u mblodhën sot në orën tetë dhe diskutuan për rendin e ditës së javës tjetër. " * 6
    old = html(f"{lead}\n\nNë vitin 2021 {TEXT.replace(chr(10), ' ')}", "Sulmi ndaj Kuvendit")
    file = written(
        tmp_path,
        [
            page("https://one.al/lajme/sulmi-1001", old),  # of 2023: what happened in 2021 is told again
            page("https://one.al/lajme/sulmi-1002", old.replace(b"<article>", b"<article>1 "), date="2021-06-01T00:00:00Z"),
            page("https://one.al/lajme/sulmi-1003", html(head=dated("2023-12-25T08:00:00Z"))),
        ],
    )
    async with rig(sqlite_url, [ONE]) as house:
        await read(house, file)
        found = {row.url[-4:]: (row.state, row.published_at) for row in await house.articles()}
        assert found == {
            "1001": ("clear", CRAWLED_AT),
            "1002": ("flagged", datetime(2021, 6, 1, tzinfo=UTC)),
            "1003": ("flagged", datetime(2023, 12, 25, 8, tzinfo=UTC)),
        }


async def test_a_page_counts_for_the_nearest_outlet_and_other_sites_only_if_asked_for(sqlite_url: str, tmp_path: Path) -> None:
    urls = [
        "https://one.al/lajme/sulm-1001",
        "https://m.sport.one.al/lajme/sulm-1002",
        "https://arkiv.sport.one.al/lajme/sulm-1003",
        "https://notone.al/lajme/sulm-1004",
        "http://two.com.gr/lajme/sulm-1005",
    ]
    file = written(tmp_path, [page(url, html(f"{TEXT} {number}")) for number, url in enumerate(urls)])
    async with rig(sqlite_url, [ONE, SPORT]) as house:
        result = await read(house, file)
        assert result.skipped == {OTHER_SITE: 2}
        assert [row.outlet for row in await house.articles()] == ["one.al", "sport.one.al", "sport.one.al"]
        result = await read(house, file, wanted=Wanted(all_sites=True))
        assert (result.known, result.judged, result.skipped) == (3, 2, {})
        rows = {row.url: row for row in await house.articles()}
        other = await house.source("int.archive")
        assert [(rows[url].outlet, rows[url].country, rows[url].source_id) for url in urls[3:]] == [
            ("notone.al", "AL", other.id),
            ("two.com.gr", "GR", other.id),
        ]
        assert (other.kind, other.enabled, other.outlet) == ("archive", False, "*")
        assert rows[urls[1]].country == "XK"


async def test_the_source_of_archives_is_made_once_and_never_polled(sqlite_url: str, tmp_path: Path) -> None:
    file = written(tmp_path, [page(STORY, html())])
    for _ in range(2):
        async with rig(sqlite_url, []) as house:
            await read(house, file, wanted=Wanted(all_sites=True))
            house.clock.move(days=3)
            assert await poll(house.parts, asyncio.Event()) == 0
            assert await house.parts.store.read(_archives) == 1


def _archives(c: Connection) -> int | None:
    return c.scalar(select(func.count()).select_from(source).where(source.c.kind == "archive"))


async def test_reading_an_archive_again_changes_nothing(sqlite_url: str, tmp_path: Path) -> None:
    file = written(tmp_path, [page(STORY, html()), *map(calm, range(40)), page(f"{STORY}?utm_source=x", html())])
    async with rig(sqlite_url, [ONE], [DESK]) as house:
        first = await read(house, file)
        assert (first.judged, first.known, first.opened) == (41, 1, 1)
        before, told = await house.articles(), await house.parts.store.read(stories.everything)
        house.clock.move(days=1)
        again = await read(house, file, file)
        assert (again.pages, again.judged, again.known, again.opened) == (84, 0, 84, 0)
        assert await house.articles() == before
        assert await house.parts.store.read(stories.everything) == told


async def test_pages_that_are_no_articles_too_old_or_not_readable_are_counted(sqlite_url: str, tmp_path: Path) -> None:
    new = "2023-12-27T00:00:00Z"
    file = written(
        tmp_path,
        [
            page("https://one.al/", html(), date=new),
            page("https://one.al/lajme/", html(), date=new),
            page(STORY, html()),
            page("https://one.al/lajme/sulm-1002", html(), date=new),
            page("https://one.al/lajme/bosh-1003", b"<html><title>Bosh</title><p>Asgje", date=new),
            record("https://one.al/lajme/1004", answer(status="404 Not Found")),
        ],
    )
    async with rig(sqlite_url, [ONE]) as house:
        result = await read(house, file, wanted=Wanted(since=CRAWLED_AT + timedelta(hours=1)))
        assert result.judged == 1
        empty = "the page has no article text (a list, a video, a paywall, or built by script)"
        assert result.skipped == {NO_ARTICLE: 2, TOO_OLD: 1, empty: 1, "a status other than 200": 1}


async def test_of_a_file_that_is_cut_off_what_was_read_is_kept_and_the_next_is_read(sqlite_url: str, tmp_path: Path) -> None:
    cut = written(tmp_path, [page(STORY, html()), calm(1)], "cut.warc.gz")
    cut.write_bytes(cut.read_bytes()[:-40])
    async with rig(sqlite_url, [ONE]) as house:
        result = await read(house, cut, written(tmp_path, [calm(2)], "whole.warc"))
        assert result.ends == {str(cut): "it ends in the middle of a record"}
        assert [row.url[-4:] for row in await house.articles()] == ["ndit", "1002"]


async def test_what_a_feed_listed_and_nobody_fetched_yet_is_judged_from_the_archive(sqlite_url: str, tmp_path: Path) -> None:
    with Site() as site:
        site.put("/feed", feed(site, "/lajme/sulm-1001", summary="", title="Lajmi i dites"))
        async with rig(sqlite_url, [site.source()]) as house:
            await poll(house.parts, asyncio.Event())
            result = await read(house, written(tmp_path, [page(site.url("/lajme/sulm-1001"), html())]))
            (row,) = await house.articles()
            assert (result.judged, row.state, row.origin, row.title) == (1, "flagged", "page", "Lajmi i dites")
            assert site.asked()["/lajme/sulm-1001"] == 0


async def test_what_a_daemon_holds_is_left_to_it(sqlite_url: str, tmp_path: Path) -> None:
    async with rig(sqlite_url, [ONE]) as house:
        number = (await house.source("al.one")).id
        now = house.clock()
        await house.parts.store.write(lambda c: articles.add(c, number, [Entry("1", STORY, ATTACK)], now))
        await house.parts.store.write(lambda c: articles.claim_waiting(c, "daemon", house.clock(), timedelta(minutes=5), 1))
        result = await read(house, written(tmp_path, [page(STORY, html())]))
        assert (result.judged, result.known) == (0, 1)
        assert (await house.article("kuvendit")).lease_owner == "daemon"
        house.clock.move(minutes=6)  # it died
        assert (await read(house, written(tmp_path, [page(STORY, html())]))).judged == 1


async def test_one_that_was_killed_between_storing_and_judging_loses_and_doubles_nothing(sqlite_url: str, tmp_path: Path) -> None:
    file = written(tmp_path, [*map(calm, range(35)), page(STORY, html())])
    async with rig(sqlite_url, [ONE], [DESK]) as house:
        number, now = (await house.source("al.one")).id, house.clock()
        entries = [Entry(each, each, "") for each in (STORY, "https://one.al/lajme/koncert-1000")]
        holder = archived.Holder("test", now, timedelta(minutes=5))
        held = await house.parts.store.write(lambda c: archived.hold(c, number, entries, holder))
        assert {(row.state, row.lease_owner) for row in await house.articles()} == {("waiting", "test")}
        assert len(held) == 2
        await house.parts.store.write(partial(leases.release, owner="test"))  # as when it is started again
        result = await read(house, file)
        assert (result.judged, result.known, result.opened) == (36, 0, 1)
        assert Counter(row.state for row in await house.articles()) == {"clear": 35, "flagged": 1}
        assert len(await house.parts.store.read(deliveries.listing)) == 1


async def test_told_to_stop_it_ends_after_the_batch_and_goes_on_where_it_was(sqlite_url: str, tmp_path: Path) -> None:
    file, stop = written(tmp_path, list(map(calm, range(100))), "crawl.warc"), asyncio.Event()
    async with rig(sqlite_url, [ONE]) as house:
        first = await backfill(house.parts, [file, file], Wanted(), lambda _: stop.set(), stop)
        assert (first.pages, first.judged) == (32, 32)
        assert {row.state for row in await house.articles()} == {"clear"}
        rest = await read(house, file)
        assert (rest.judged, rest.known) == (68, 32)


async def test_the_list_of_a_source_stays_what_the_source_listed(sqlite_url: str, tmp_path: Path) -> None:
    """Else what it lists would be forgotten as listed no more, and would be new again."""
    async with rig(sqlite_url, [ONE]) as house:
        number, now = (await house.source("al.one")).id, house.clock()
        await house.parts.store.write(lambda c: articles.add(c, number, [Entry("1", "https://one.al/lajme/tjeter-1", "T")], now))
        before = await house.source("al.one")
        house.clock.move(hours=1)
        await read(house, written(tmp_path, [page(STORY, html())]))
        assert await house.source("al.one") == before
        seen = select(sighting.c.seen_at).where(sighting.c.source_id == number).order_by(sighting.c.seen_at)
        assert (await house.parts.store.read(lambda c: c.scalars(seen).all()))[0] == before.listed_at


async def test_archived_twins_by_canonical_link_are_one_report(sqlite_url: str, tmp_path: Path) -> None:
    link = f'<link rel="canonical" href="{STORY}">'
    file = written(tmp_path, [page(STORY, html(head=link)), page("https://one.al/print/12345", html(head=link))])
    async with rig(sqlite_url, [ONE]) as house:
        result = await read(house, file)
        assert (result.judged, result.known, len(result.flagged)) == (1, 1, 1)
        (story,) = await house.parts.store.read(stories.everything)
        assert len(story.reports) == 1


async def test_archives_are_held_on_both_databases(database_url: str) -> None:
    async with rig(database_url, [ONE]) as house:
        now = house.clock()
        holder = archived.Holder("me", now, timedelta(minutes=5))
        number = await house.parts.store.write(partial(archived.archives, now=now))
        assert await house.parts.store.write(partial(archived.archives, now=now)) == number
        entries = [Entry(url, url, "") for url in (STORY, f"{STORY}?fbclid=1", "https://two.gr/nea/2024/x")]
        held = await house.parts.store.write(lambda c: archived.hold(c, number, entries, holder))
        assert sorted(each.entry.guid for each in held) == [
            "https://one.al/lajme/sulm-kibernetik-ndaj-kuvendit",
            "https://two.gr/nea/2024/x",
        ]
        assert {each.source.key for each in held} == {"int.archive"}
        other = replace(holder, owner="you")
        assert await house.parts.store.write(lambda c: archived.hold(c, number, entries, other)) == []
        await house.parts.store.write(lambda c: c.execute(update(article).values(state="clear", lease_owner=None, lease_until=None)))
        assert await house.parts.store.write(lambda c: archived.hold(c, number, entries, other)) == []
        ids = [each.id for each in held]
        assert await house.parts.store.read(lambda c: archived.states(c, ids)) == dict.fromkeys(ids, "clear")
        assert [source.key for _, source in await house.parts.store.read(archived.sources)] == ["al.one"]
