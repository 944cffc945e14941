"""The edge to the network: one guarded, polite HTTP client for sources, pages and webhooks."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from httpx_aiohttp import AiohttpTransport

from monitor import settings
from monitor.collect import answers, guard, robots
from monitor.model import Failed, FailureKind, Fetched, FetchOutcome, NotModified, Page, Validators
from monitor.text import urls

if TYPE_CHECKING:
    from aiohttp.client import ClientRequest, ClientTimeout
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

_SOURCE = {"accept": "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, text/html;q=0.8, */*;q=0.5"}
_PAGE = {"accept": "text/html, application/xhtml+xml, */*;q=0.5"}
_REDIRECTS = (301, 302, 303, 307, 308)
_ROBOTS_BYTES = 512 * 1024  # RFC 9309 asks for at least 500 KiB
_ROBOTS_KEPT, _ROBOTS_TROUBLE_KEPT = 24 * 3600.0, 300.0
_REMEMBERED = 4096
_DNS_KEPT = 60
_ERRORS = (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, ValueError, zlib.error)


class Fetcher:
    """Fetches sources and pages; an async context manager. Whatever goes wrong on the way comes back as `Failed` with a sentence."""

    def __init__(self, limits: settings.Collect) -> None:
        self._limits = limits
        self._agent = limits.user_agent.split("/")[0]
        self._gate = _Gate(limits.at_once, limits.per_host, limits.pause_per_host.total_seconds())
        self._robots: dict[str, _Rules] = {}
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        self._client = _client(self._limits)
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
        if isinstance(answer, Page) and answer.status == 304 and asked:
            return NotModified()
        outcome = _outcome(answer)
        same = isinstance(outcome, Fetched) and outcome.validators.body_hash == validators.body_hash
        return NotModified() if same else outcome

    async def page(self, url: str) -> FetchOutcome:
        """An article's page, if the site's robots.txt lets us have it."""
        if self._limits.robots and urls.is_http(url) and (refusal := await self._forbidden(url)):
            return refusal
        return _outcome(await self._get(url, _PAGE, self._limits.max_bytes))

    async def _forbidden(self, url: str) -> Failed | None:
        parts = urlsplit(url)
        rules = await self._rules(f"{parts.scheme}://{parts.netloc}")
        if isinstance(rules, Failed):
            return rules
        self._gate.slow_down(urls.site(url), robots.crawl_delay(rules, self._agent).total_seconds())
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

    async def _get(self, url: str, headers: Mapping[str, str], cap: int) -> Page | Failed:
        """One GET through all its redirects. The time limit covers the whole way but not the waiting for our own turn."""
        left, target, before = self._limits.timeout.total_seconds(), url, ""
        for _ in range(self._limits.max_redirects + 1):
            if not urls.is_http(target):
                return Failed("refused", f"{target[:200]!r} is not a plain http(s) address")
            host = urls.site(target)
            async with self._gate.turn(host, pause=host != before):
                began = asyncio.get_running_loop().time()
                answer = await self._hop(url, target, headers, cap, left)
                left = max(0.001, left - (asyncio.get_running_loop().time() - began))
            if not isinstance(answer, str):
                return answer
            target, before = answer, host
        return Failed("http", f"{urls.site(url)} redirects more than {self._limits.max_redirects} times")

    async def _hop(self, url: str, target: str, headers: Mapping[str, str], cap: int, seconds: float) -> Page | Failed | str:
        """One request: a page, or the address it redirects to."""
        try:
            async with asyncio.timeout(seconds), self.client.stream("GET", target, headers=headers) as response:
                location = response.headers.get("location")
                if response.status_code in _REDIRECTS and location:
                    return urls.absolute(target, location) or location
                body = await _body(response, cap)
        except _ERRORS as error:
            return _failed(error, urls.site(target), self._limits.timeout)
        if isinstance(body, Failed):
            return body
        return Page(url, target, response.status_code, body, dict(response.headers), datetime.now(UTC))


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


@dataclass(slots=True)
class _Host:
    slots: asyncio.Semaphore
    pause: float
    next_start: float = 0.0
    users: int = 0


class _Gate:
    """So many at once in all, so many at once to a host, and a pause between two starts there."""

    def __init__(self, at_once: int, per_host: int, pause: float) -> None:
        self._all = asyncio.Semaphore(at_once)
        self._per_host, self._pause = per_host, pause
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, name: str, pause: bool = True) -> AsyncIterator[None]:
        # The host's turn comes before the common slot: waiting for a slow host must not keep others from theirs.
        host = self._host(name)
        host.users += 1
        try:
            async with host.slots:
                if pause:
                    await self._start(host)
                async with self._all:
                    yield
        finally:
            host.users -= 1

    def slow_down(self, name: str, pause: float) -> None:
        if pause > self._pause:
            self._host(name).pause = pause

    async def _start(self, host: _Host) -> None:
        now = asyncio.get_running_loop().time()
        start = max(now, host.next_start)
        host.next_start = start + host.pause
        if start > now:
            await asyncio.sleep(start - now)

    def _host(self, name: str) -> _Host:
        if name not in self._hosts:
            if len(self._hosts) >= _REMEMBERED:
                now = asyncio.get_running_loop().time()
                self._hosts = {key: host for key, host in self._hosts.items() if host.users or host.next_start > now}
            self._hosts[name] = _Host(asyncio.Semaphore(self._per_host), self._pause)
        return self._hosts[name]


def _outcome(answer: Page | Failed) -> FetchOutcome:
    if isinstance(answer, Failed):
        return answer
    failed = answers.failure(urls.site(answer.final_url), answer.status, answer.headers, answer.body, answer.fetched_at)
    digest = hashlib.blake2b(answer.body, digest_size=16).hexdigest()
    return failed or Fetched(answer, answers.validators(answer.headers, digest))


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


class _AddressRefusedError(OSError):
    """Raised below the HTTP library, where the socket would open."""


class _Resolver(AbstractResolver):
    """Names to addresses; raises if one of them may not be connected to."""

    def __init__(self, allow: tuple[str, ...]) -> None:
        self._allow = allow
        self._names = aiohttp.ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        found = [_loopback(host, port)] if guard.is_localhost(host) else await self._names.resolve(host, port, family)
        for address in found:
            _check(host, address["host"], self._allow)
        return found

    async def close(self) -> None:
        await self._names.close()


class _Connector(aiohttp.TCPConnector):
    """Also checks hosts that are addresses already, for which no resolver is asked, as the very last reader of the URL sees them."""

    def __init__(self, allow: tuple[str, ...], tls: ssl.SSLContext) -> None:
        super().__init__(resolver=_Resolver(allow), ssl=tls, limit=0, ttl_dns_cache=_DNS_KEPT)
        self._allow = allow

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout) -> Connection:  # noqa: ASYNC109 (the parent's)
        host = req.url.host or ""
        if guard.is_literal(host):
            _check(host, host, self._allow)
        return await super().connect(req, traces, timeout)


def _client(limits: settings.Collect) -> httpx.AsyncClient:
    tls = httpx.create_ssl_context(trust_env=False)
    connector = _Connector(limits.allow_hosts, tls)
    session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False)
    return httpx.AsyncClient(
        transport=AiohttpTransport(client=session, verify=tls, trust_env=False),
        headers={"user-agent": limits.user_agent, "accept-encoding": "gzip"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        timeout=limits.timeout.total_seconds(),
        follow_redirects=False,
        trust_env=False,
    )


def _check(host: str, address: str, allow: tuple[str, ...]) -> None:
    if (objection := guard.objection(address)) and not guard.allowed(host, allow):
        raise _AddressRefusedError(objection)


def _loopback(host: str, port: int) -> ResolveResult:
    return ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)


def _failed(error: BaseException, host: str, limit: timedelta) -> Failed:
    """The first cause in the chain that says something to a person; libraries wrap the real one several times."""
    causes = list(_causes(error))
    for kinds, failure, sentence in _SENTENCES:
        if cause := next((cause for cause in causes if isinstance(cause, kinds)), None):
            return Failed(failure, sentence.format(host=host, cause=_words(cause), seconds=f"{limit.total_seconds():g}"))
    return Failed("connect", f"no answer from {host} ({_words(causes[-1])})")


_SENTENCES: tuple[tuple[tuple[type[BaseException], ...], FailureKind, str], ...] = (
    ((_AddressRefusedError,), "refused", "{host} is not connected to: {cause}; see collect.allow_hosts"),
    ((ssl.SSLError, ssl.CertificateError, aiohttp.ClientSSLError), "tls", "no secure connection to {host} ({cause})"),
    ((socket.gaierror, aiohttp.ClientConnectorDNSError), "dns", "the name {host} cannot be resolved ({cause})"),
    ((aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError, ConnectionResetError), "connect", "{host} broke off the connection"),
    ((ConnectionRefusedError,), "connect", "{host} refuses connections"),
    ((TimeoutError, aiohttp.ServerTimeoutError), "timeout", "{host} did not finish its answer within {seconds} s"),
    ((aiohttp.InvalidURL, httpx.InvalidURL, httpx.UnsupportedProtocol), "refused", "the address of {host} cannot be used ({cause})"),
    ((aiohttp.ClientResponseError,), "http", "{host} does not speak proper HTTP ({cause})"),
    ((zlib.error,), "http", "{host} sent a body that cannot be unpacked"),
)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen = 0
    while error is not None and seen < 10:
        yield error
        error, seen = error.__cause__ or error.__context__, seen + 1


def _words(error: BaseException) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(text.split())[:160] or type(error).__name__
