"""The connection itself: one HTTP client that checks every address where the socket opens, and what its errors mean in words."""

from __future__ import annotations

import socket
import ssl
import zlib
from collections.abc import Iterator
from datetime import timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from httpx_aiohttp import AiohttpTransport

from monitor import settings
from monitor.collect import guard
from monitor.model import Failed, FailureKind

if TYPE_CHECKING:
    from aiohttp.client import ClientRequest, ClientTimeout
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

ERRORS = (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, ValueError, zlib.error)
_DNS_KEPT = 60


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


def client(limits: settings.Collect) -> httpx.AsyncClient:
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


def failed(error: BaseException, host: str, limit: timedelta) -> Failed:
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
