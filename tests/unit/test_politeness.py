"""What a site asks of robots is obeyed, and nobody is asked too often: not a host, and not the owner of several."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise

import pytest
from aiohttp import web

from monitor.collect.fetch import Fetcher
from monitor.model import Fetched
from tests.unit.serving import NOTHING, SECOND, Handler, ask, ask_page, failed, limits, serving


def robots(rules: bytes, status: int = 200) -> tuple[Handler, list[str]]:
    asked: list[str] = []

    async def handler(request: web.BaseRequest) -> web.Response:
        asked.append(request.path)
        return web.Response(body=rules, status=status) if request.path == "/robots.txt" else web.Response(body=b"page")

    return handler, asked


async def test_a_page_forbidden_by_robots_is_not_fetched() -> None:
    handler, asked = robots(b"User-agent: *\nDisallow: /private/")
    failed(await ask_page(handler, "/private/1"), "robots", "albeu.localhost forbids this page")
    assert asked == ["/robots.txt"]


async def test_robots_may_name_us() -> None:
    handler, _ = robots(b"User-agent: BalkanCyberMonitor\nDisallow: /")
    failed(await ask_page(handler), "robots", "robots.txt")
    assert isinstance(await ask_page(handler, user_agent="Other/1"), Fetched)
    assert isinstance(await ask_page(handler, robots=False), Fetched)


@pytest.mark.parametrize("status", [404, 403, 410])
async def test_a_missing_robots_allows_everything(status: int) -> None:
    handler, asked = robots(b"User-agent: *\nDisallow: /", status)
    assert isinstance(await ask_page(handler), Fetched)
    assert asked == ["/robots.txt", "/1"]


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_a_robots_that_cannot_be_had_for_now_lets_the_page_wait(status: int) -> None:
    handler, asked = robots(b"", status)
    assert failed(await ask_page(handler), "http", "robots.txt cannot be read for now").status == status
    assert asked == ["/robots.txt"]


async def test_robots_is_asked_once_a_host() -> None:
    handler, asked = robots(b"")
    async with serving(handler) as host, Fetcher(limits(per_host=4)) as fetcher:
        await asyncio.gather(*(fetcher.page(f"http://albeu.{host}/{n}") for n in range(5)))
    assert asked.count("/robots.txt") == 1
    assert len(asked) == 6


async def test_feeds_are_not_asked_about_in_robots() -> None:
    handler, asked = robots(b"User-agent: *\nDisallow: /")
    assert isinstance(await ask(handler, "/feed"), Fetched)
    assert asked == ["/feed"]


class Crowd:
    """A server that counts how many ask at once, by host, and when each began."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.now, self.most = seconds, 0, 0
        self.starts: list[float] = []

    async def __call__(self, _: web.BaseRequest) -> web.Response:
        self.starts.append(time.monotonic())
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(self.seconds)
        self.now -= 1
        return web.Response(body=b"x")


async def crowd(names: list[str], seconds: float, **changes: object) -> Crowd:
    server = Crowd(seconds)
    async with serving(server) as host, Fetcher(limits(**changes)) as fetcher:
        await asyncio.gather(*(fetcher.source(f"http://{name}.{host}/", NOTHING) for name in names))
    return server


async def test_a_host_is_never_asked_by_more_than_its_share_at_once() -> None:
    assert (await crowd(["albeu"] * 8, 0.03, per_host=2)).most == 2


async def test_www_and_mobile_count_as_the_same_host() -> None:
    assert (await crowd(["x.albeu", "www.x.albeu", "m.x.albeu"] * 3, 0.03, per_host=1)).most == 1


async def test_all_hosts_together_stay_under_the_common_limit() -> None:
    assert (await crowd([f"s{n}" for n in range(20)], 0.05, at_once=5)).most == 5


async def test_starts_at_one_host_are_paused() -> None:
    starts = (await crowd(["albeu"] * 4, 0.0, pause_per_host=0.1 * SECOND)).starts
    assert all(later - earlier > 0.08 for earlier, later in pairwise(starts))


async def test_waiting_for_a_slow_host_keeps_nobody_from_another() -> None:
    server = Crowd(0.0)
    async with serving(server) as host, Fetcher(limits(at_once=2, per_host=1, pause_per_host=0.3 * SECOND)) as fetcher:
        slow = [asyncio.create_task(fetcher.source(f"http://slow.{host}/", NOTHING)) for _ in range(5)]
        await asyncio.sleep(0.05)
        start = time.monotonic()
        assert isinstance(await fetcher.source(f"http://quick.{host}/", NOTHING), Fetched)
        assert time.monotonic() - start < 0.2
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)


async def test_a_crawl_delay_slows_the_host_down() -> None:
    handler, _ = robots(b"User-agent: *\nCrawl-delay: 0.3")
    async with serving(handler) as host, Fetcher(limits()) as fetcher:
        await fetcher.page(f"http://albeu.{host}/1")
        start = time.monotonic()
        await asyncio.gather(fetcher.page(f"http://albeu.{host}/2"), fetcher.page(f"http://albeu.{host}/3"))
        assert time.monotonic() - start > 0.28


async def test_hosts_of_one_owner_share_his_turns() -> None:
    assert (await crowd(["sport.albeu", "vesti.albeu", "albeu"] * 3, 0.03, per_host=2)).most == 2
    starts = (await crowd(["sport.albeu", "vesti.albeu"] * 2, 0.0, pause_per_host=0.1 * SECOND)).starts
    assert all(later - earlier > 0.08 for earlier, later in pairwise(starts))
