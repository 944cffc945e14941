"""Real web servers on loopback, and the question put to them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import certifi
import pytest
import trustme

from monitor.collect.fetch import Fetcher
from monitor.model import Failed, FailureKind, FetchOutcome, Validators
from monitor.settings import Collect

SECONDS = timedelta(seconds=1)
ALLOWED = ("*.localhost",)
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def trusted_authority(folder: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """A certificate authority that the client trusts."""
    made = trustme.CA()
    made.cert_pem.write_to_path(folder / "ca.pem")
    monkeypatch.setattr(certifi, "where", lambda: str(folder / "ca.pem"))
    return made


def certified(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


class Site:
    """A web server that says its name, and remembers the heads of all requests."""

    def __init__(self, name: str = "here") -> None:
        self.name = name
        self.heads: list[str] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(self.name)}\r\nConnection: close\r\n\r\n{self.name}".encode())
        writer.close()


@asynccontextmanager
async def serving(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(quietly, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def ask(url: str, **changes: object) -> FetchOutcome:
    settings = {"pause_per_host": timedelta(0), "timeout": 5 * SECONDS} | changes
    async with Fetcher(Collect.model_validate(settings)) as fetcher:
        return await fetcher.source(url, Validators())


def failed(outcome: FetchOutcome, kind: FailureKind, words: str) -> str:
    assert isinstance(outcome, Failed), outcome
    assert outcome.kind == kind, outcome
    assert words in outcome.detail, outcome
    assert outcome.detail.isprintable()
    return outcome.detail
