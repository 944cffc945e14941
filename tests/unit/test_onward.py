"""Where an answer leads: redirects for good are told from others, pages that only send on are followed, within bounds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from aiohttp import web

from monitor.model import Fetched, NotModified, Validators
from tests.unit.serving import Handler, answering, ask, ask_page, failed

REFRESH = "<html><head><meta http-equiv='refresh' content='0; url={}'></head><body></body></html>"


def leading(*steps: int | str) -> Handler:
    """`/0` answers with the first step, and so on: a status redirects to the next path, a text is the page; the last is the page "body"."""

    async def handler(request: web.BaseRequest) -> web.Response:
        at = int(request.path.rpartition("/")[2] or 0) if request.path != "/robots.txt" else -1
        if at < 0:
            return web.Response(status=404)
        step = steps[at] if at < len(steps) else "body"
        if isinstance(step, int):
            return web.Response(status=step, headers={"Location": f"/{at + 1}"})
        return web.Response(text=step, content_type="text/html")

    return handler


@pytest.mark.parametrize(
    ("statuses", "learned"), [((301,), True), ((308, 301), True), ((302,), False), ((301, 302), False), ((307,), False)]
)
async def test_only_redirects_that_are_all_for_good_say_where_a_source_moved(statuses: tuple[int, ...], learned: bool) -> None:
    outcome = await ask(leading(*statuses), "/0")
    assert isinstance(outcome, Fetched)
    assert (outcome.moved_to is not None) is learned
    assert outcome.moved_to in (None, outcome.page.final_url)


async def test_without_redirects_nothing_moved() -> None:
    outcome = await ask(leading(), "/0")
    assert isinstance(outcome, Fetched)
    assert outcome.moved_to is None


async def test_what_its_sender_calls_fresh_is_handed_on() -> None:
    outcome = await ask(answering(Cache_Control="public, max-age=600"))
    assert isinstance(outcome, Fetched)
    assert outcome.fresh_for == timedelta(minutes=10)
    unchanged = await ask(answering(304, b"", Cache_Control="max-age=60"), validators=Validators('"1"'))
    assert unchanged == NotModified(fresh_for=timedelta(minutes=1))


async def test_a_page_that_only_sends_on_is_followed_to_the_article() -> None:
    outcome = await ask_page(leading(REFRESH.format("/1"), REFRESH.format("/2")), "/0")
    assert isinstance(outcome, Fetched)
    assert (outcome.page.body, outcome.page.final_url.rpartition("/")[2]) == (b"body", "2")


async def test_pages_that_send_on_for_ever_are_left() -> None:
    failed(await ask_page(leading(REFRESH.format("/1"), REFRESH.format("/0")), "/0"), "http", "again and again")


@pytest.mark.parametrize("target", ["http://127.0.0.1:9/", "http://10.0.0.1/", "http://metadata.internal/", "http://2130706433/"])
async def test_a_page_sends_nobody_behind_the_guard(target: str) -> None:
    failed(await ask_page(leading(REFRESH.format(target)), "/0", robots=False), "refused", "not connected to")


async def test_a_page_may_not_send_around_robots() -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        if request.path == "/robots.txt":
            return web.Response(text="User-agent: *\nDisallow: /private/")
        return web.Response(text=REFRESH.format("/private/1"), content_type="text/html")

    failed(await ask_page(handler, "/0"), "robots", "forbids this page")
