"""The edge to the network: one guarded, polite HTTP client for sources, pages and webhooks."""

from __future__ import annotations

import asyncio
import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self
from urllib.parse import urlsplit

import httpx

from monitor import settings
from monitor.collect import answers, landing, robots, wire
from monitor.collect.gate import Gate
from monitor.collect.network import Network
from monitor.model import Failed, Fetched, FetchOutcome, NotModified, Page, Validators
from monitor.text import urls

_SOURCE = {"accept": "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, text/html;q=0.8, */*;q=0.5"}
_PAGE = {"accept": "text/html, application/xhtml+xml, */*;q=0.5"}
_REDIRECTS = (301, 302, 303, 307, 308)
_FOR_GOOD = (301, 308)
_ONWARD = 3  # pages: one that is read, and at most two before it that only send on
_ROBOTS_BYTES = 512 * 1024  # RFC 9309 asks for at least 500 KiB
_ROBOTS_KEPT, _ROBOTS_TROUBLE_KEPT = 24 * 3600.0, 300.0
_REMEMBERED = 4096


class Fetcher:
    """Fetches sources and pages; an async context manager. Whatever goes wrong on the way comes back as `Failed` with a sentence."""

    def __init__(self, limits: settings.Collect, known: Sequence[str] = ()) -> None:
        """`known` are addresses of sites by which to find out, when one does not answer, whether any does: our own network may be down."""
        self._limits = limits
        self._network = Network(() if limits.proxy.get_secret_value() else known, limits.allow_hosts)
        self._agent = limits.user_agent.split("/")[0]
        self._gate = Gate(limits.at_once, limits.per_host, limits.pause_per_host.total_seconds())
        self._robots: dict[str, _Rules] = {}
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        self._client = wire.client(self._limits)
        return self

    async def __aexit__(self, *_: object) -> None:
        client, self._client = self.client, None
        await client.aclose()

    @property
    def client(self) -> httpx.AsyncClient:
        """The guarded client itself, for webhooks: it connects to no forbidden address and follows no redirect."""
        if self._client is None:
            raise RuntimeError("the fetcher is not open")
        return self._client

    async def source(self, url: str, validators: Validators) -> FetchOutcome:
        """A source's list, unless it is as it was when `validators` were given."""
        conditions = {"if-none-match": validators.etag, "if-modified-since": validators.last_modified}
        asked = {name: value for name, value in conditions.items() if value}
        answer = await self._get(url, _SOURCE | asked, self._limits.max_bytes)
        if isinstance(answer, _Answer) and answer.page.status == 304 and asked:
            return NotModified(moved_to=answer.moved_to, fresh_for=answers.fresh_for(answer.page.headers, answer.page.fetched_at))
        if isinstance(answer, _Answer) and answer.page.status == 200 and _digest(answer.page) == validators.body_hash:
            return NotModified(True, answer.moved_to, answers.fresh_for(answer.page.headers, answer.page.fetched_at))
        return _outcome(answer)

    async def page(self, url: str) -> FetchOutcome:
        """An article's page, if the site's robots.txt lets us have it. Pages that only send a reader on are followed."""
        for _ in range(_ONWARD):
            outcome = await self._page(url)
            onward = landing.onward(outcome.page) if isinstance(outcome, Fetched) else None
            if onward is None:
                return outcome
            url = onward
        return Failed("http", f"{urls.site(url)} only sends its readers on, again and again")

    async def _page(self, url: str) -> FetchOutcome:
        if self._limits.robots and urls.is_http(url) and (refusal := await self._forbidden(url)):
            return refusal
        return _outcome(await self._get(url, _PAGE, self._limits.max_page_bytes))

    async def _forbidden(self, url: str) -> Failed | None:
        parts = urlsplit(url)
        rules = await self._rules(f"{parts.scheme}://{parts.netloc}")
        if isinstance(rules, Failed):
            return rules
        self._gate.slow_down(urls.owner(urls.site(url)), robots.crawl_delay(rules, self._agent).total_seconds())
        return (
            None if robots.allowed(rules, url, self._agent) else Failed("robots", f"{parts.hostname} forbids this page in its robots.txt")
        )

    async def _rules(self, origin: str) -> bytes | Failed:
        loop = asyncio.get_running_loop()
        if len(self._robots) >= _REMEMBERED:
            self._robots = {key: rules for key, rules in self._robots.items() if rules.until > loop.time() or rules.lock.locked()}
        rules = self._robots.setdefault(origin, _Rules())
        async with rules.lock:
            if loop.time() >= rules.until:
                rules.answer = _rules_of(
                    _outcome(await self._get(f"{origin}/robots.txt", {"accept": "text/plain, */*;q=0.5"}, _ROBOTS_BYTES))
                )
                rules.until = loop.time() + (_ROBOTS_KEPT if isinstance(rules.answer, bytes) else _ROBOTS_TROUBLE_KEPT)
        return rules.answer

    async def _get(self, url: str, headers: Mapping[str, str], cap: int) -> _Answer | Failed:
        """One GET through all its redirects. The time limit covers the whole way but not the waiting for our own turn."""
        left, target, before, for_good = self._limits.timeout.total_seconds(), url, "", True
        for _ in range(self._limits.max_redirects + 1):
            if not urls.is_http(target):
                return Failed("refused", f"{target[:200]!r} is not a plain http(s) address")
            owner = urls.owner(urls.site(target))
            async with self._gate.turn(owner, pause=owner != before):
                began = asyncio.get_running_loop().time()
                answer = await self._hop(url, target, headers, cap, left)
                left = max(0.001, left - (asyncio.get_running_loop().time() - began))
            if isinstance(answer, Page):
                return _Answer(answer, target if for_good and target != url else None)
            if isinstance(answer, Failed):
                return await self._network.blame(answer, owner, began)
            target, before, for_good = answer.to, owner, for_good and answer.for_good
        return Failed("http", f"{urls.site(url)} redirects more than {self._limits.max_redirects} times")

    async def _hop(self, url: str, target: str, headers: Mapping[str, str], cap: int, seconds: float) -> Page | Failed | _Redirect:
        """One request: a page, or where it redirects to."""
        try:
            async with asyncio.timeout(seconds), self.client.stream("GET", target, headers=headers) as response:
                self._network.answered()
                location = response.headers.get("location")
                if response.status_code in _REDIRECTS and location:
                    return _Redirect(urls.absolute(target, location) or location, response.status_code in _FOR_GOOD)
                body = await _body(response, cap)
        except wire.ERRORS as error:
            return wire.failed(error, urls.site(target), self._limits.timeout)
        if isinstance(body, Failed):
            return body
        return Page(url, target, response.status_code, body, dict(response.headers), datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back in the end; `moved_to` is its address if every redirect on the way was for good."""

    page: Page
    moved_to: str | None


@dataclass(frozen=True, slots=True)
class _Redirect:
    to: str
    for_good: bool


@dataclass(slots=True)
class _Rules:
    """The robots.txt of one origin, or why it cannot be had for now."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    answer: bytes | Failed = b""
    until: float = float("-inf")


def _rules_of(outcome: FetchOutcome) -> bytes | Failed:
    """RFC 9309: a robots.txt that is not there allows everything, one that cannot be had for the moment nothing yet."""
    if isinstance(outcome, Fetched):
        return outcome.page.body
    if isinstance(outcome, NotModified) or outcome.kind in ("challenge", "too_large"):
        return b""
    if outcome.kind == "http" and outcome.status is not None and outcome.status < 500 and outcome.status != 429:
        return b""
    return Failed(outcome.kind, f"robots.txt cannot be read for now: {outcome.detail}", outcome.status, outcome.retry_after)


def _outcome(answer: _Answer | Failed) -> FetchOutcome:
    if isinstance(answer, Failed):
        return answer
    page = answer.page
    failed = answers.failure(urls.site(page.final_url), page.status, page.headers, page.body, page.fetched_at)
    if failed:
        return failed
    fresh_for = answers.fresh_for(page.headers, page.fetched_at)
    return Fetched(page, answers.validators(page.headers, _digest(page)), answer.moved_to, fresh_for)


def _digest(page: Page) -> str:
    return hashlib.blake2b(page.body, digest_size=16).hexdigest()


async def _body(response: httpx.Response, cap: int) -> bytes | Failed:
    """The unpacked body, never more than `cap` bytes of it in memory, however well it was packed."""
    host, packing = urls.site(str(response.url)), response.headers.get("content-encoding", "").strip().lower()
    if packing not in ("", "identity", "gzip", "x-gzip", "deflate"):
        return Failed("http", f"{host} packs its answer in a way not asked for ({packing[:40]})", response.status_code)
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32) if packing not in ("", "identity") else None
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += unpack.decompress(chunk, cap + 1 - len(body)) if unpack else chunk
        if len(body) > cap:
            return Failed("too_large", f"{host} sent more than {cap:,} bytes", response.status_code)
    if unpack and body and not unpack.eof:
        return Failed("connect", f"the answer of {host} broke off in the middle", response.status_code)
    return bytes(body)
