"""A real server on loopback for the fetcher, and what its answers are asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from aiohttp import web

from monitor.collect.fetch import Fetcher
from monitor.model import Failed, FailureKind, FetchOutcome, Validators
from monitor.settings import Collect

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
NOTHING = Validators()
SECOND = timedelta(seconds=1)


def limits(**changes: object) -> Collect:
    return Collect.model_validate({"allow_hosts": ("*.localhost",), "pause_per_host": timedelta(0), "timeout": 5 * SECOND} | changes)


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """A real server on loopback; yields its port as the end of a host name."""
    runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"localhost:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def ask(handler: Handler, path: str = "/", validators: Validators = NOTHING, **changes: object) -> FetchOutcome:
    async with serving(handler) as host, Fetcher(limits(**changes)) as fetcher:
        return await fetcher.source(f"http://albeu.{host}{path}", validators)


async def ask_page(handler: Handler, path: str = "/1", **changes: object) -> FetchOutcome:
    async with serving(handler) as host, Fetcher(limits(**changes)) as fetcher:
        return await fetcher.page(f"http://albeu.{host}{path}")


def answering(status: int = 200, body: bytes = b"body", **headers: str) -> Handler:
    async def handler(_: web.BaseRequest) -> web.Response:
        return web.Response(status=status, body=body, headers={name.replace("_", "-"): value for name, value in headers.items()})

    return handler


def failed(outcome: FetchOutcome, kind: FailureKind, words: str) -> Failed:
    assert isinstance(outcome, Failed), outcome
    assert outcome.kind == kind, outcome
    assert words in outcome.detail, outcome
    assert "\n" not in outcome.detail
    return outcome
