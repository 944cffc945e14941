"""The sites that are polled and read, in a process of their own so that they take no time of the process that is measured."""

from __future__ import annotations

import asyncio
import hashlib
import multiprocessing
import socket
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
from typing import cast

from bench import material
from monitor.demo.newsroom import NewsArticle
from monitor.demo.newsroom.documents import listing
from monitor.model import Source

_Answers = dict[tuple[str, str], bytes]  # bodies by host and path

_PAGES = 60
_RSS = "Content-Type: application/rss+xml; charset=utf-8\r\n"


@dataclass(frozen=True, slots=True)
class Sites:
    """The running server. While `validators` is 0, feeds are sent without validators and in full however often they are asked for.

    `unchanged` counts the feeds that were answered with 304.
    """

    port: int
    validators: Synchronized[int]
    unchanged: Synchronized[int]

    def feeds(self, count: int = material.FEEDS) -> tuple[Source, ...]:
        """So many feeds, each on a host of its own."""
        return tuple(
            Source(
                f"zz.feed{number}", f"Feed {number}", f"http://feed{number}.localhost:{self.port}/feed", outlet=f"feed{number}.localhost"
            )
            for number in range(count)
        )

    def outlets(self) -> tuple[Source, ...]:
        """The outlets of the sample newsroom."""
        return tuple(
            Source(f"zz.{each.key}", each.name, f"http://{each.host}:{self.port}/feed", "feed", each.host, each.country, each.lang)
            for each in material.sites().values()
        )


@contextmanager
def sites(articles: int = 0) -> Iterator[Sites]:
    """Serves the feeds and `articles` articles of the newsroom's outlets until the block ends."""
    context = multiprocessing.get_context("spawn")
    validators = cast("Synchronized[int]", context.Value("b", 1))
    unchanged = cast("Synchronized[int]", context.Value("q", 0))
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, articles, validators, unchanged), daemon=True)
    process.start()
    try:
        yield Sites(ours.recv(), validators, unchanged)
    finally:
        process.terminate()
        process.join()


def _serve(ready: Connection, articles: int, validators: Synchronized[int], unchanged: Synchronized[int]) -> None:
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    port: int = listening.getsockname()[1]
    answers = _answers(material.articles(articles), port) if articles else {}

    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Http(answers, validators, unchanged), sock=listening)
        ready.send(port)
        await server.serve_forever()

    asyncio.run(run())


def _answers(articles: list[NewsArticle], port: int) -> _Answers:
    """Bodies by host and path: each outlet's feed and the pages it links to. Equal pages are kept once."""
    by_outlet: dict[str, list[NewsArticle]] = defaultdict(list)
    for article in articles:
        by_outlet[article.outlet].append(article)
    found: _Answers = {}
    pages: dict[tuple[str, str], bytes] = {}
    for key, published in by_outlet.items():
        outlet = material.sites()[key]
        base = f"http://{outlet.host}:{port}"
        found[(outlet.host, "/feed")] = listing(outlet, published, base).body
        for article in published:
            page = pages.get((key, article.text)) or material.body(article, base)
            found[(outlet.host, article.path(outlet.section))] = pages[(key, article.text)] = page
    return found


class _Http(asyncio.Protocol):
    """As much of HTTP/1.1 as the clients speak: GET without a body, one after the other on a connection that is kept."""

    def __init__(self, answers: _Answers, validators: Synchronized[int], unchanged: Synchronized[int]) -> None:
        self._answers = answers
        self._validators = validators
        self._unchanged = unchanged
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._read += data
        while b"\r\n\r\n" in self._read:
            head, self._read = self._read.split(b"\r\n\r\n", 1)
            self._transport.write(self._answer(head.decode("latin-1")))

    def _answer(self, head: str) -> bytes:
        first, *lines = head.split("\r\n")
        path = first.split(" ")[1].split("?")[0]  # feeds add parameters that say where a reader came from
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        host, _, port = headers.get("host", "").partition(":")
        if host.startswith("feed") and path == "/feed":
            return self._feed(int(host.removeprefix("feed").split(".")[0]), int(port), headers.get("if-none-match"))
        if host.startswith("feed") and path.startswith("/news/"):
            return _response("200 OK", _page(len(path) + ord(path[-1])))
        found = self._answers.get((host, path))
        return _response("200 OK", found) if found else _response("404 Not Found", b"")

    def _feed(self, number: int, port: int, known: str | None) -> bytes:
        body, tag = _feed(number, port)
        if not self._validators.value:
            return _response("200 OK", body, _RSS)
        if known == tag:
            self._unchanged.value += 1
            return _response("304 Not Modified", b"", f"ETag: {tag}\r\n")
        return _response("200 OK", body, f"{_RSS}ETag: {tag}\r\n")


@cache
def _pages() -> tuple[bytes, ...]:
    return tuple(material.body(article) for article in material.articles(_PAGES))


def _page(number: int) -> bytes:
    """What a feed links to: some page of the newsroom, of a realistic weight."""
    return _pages()[number % _PAGES]


@cache
def _feed(number: int, port: int) -> tuple[bytes, str]:
    body = material.feed(number, port)
    return body, f'"{hashlib.sha256(body).hexdigest()[:20]}"'


def _response(status: str, body: bytes, more: str = "Content-Type: text/html\r\n") -> bytes:
    length = "" if status.startswith("304") else f"Content-Length: {len(body)}\r\n"
    return f"HTTP/1.1 {status}\r\n{more}{length}\r\n".encode() + body
