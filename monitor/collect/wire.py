"""The connection itself: one HTTP client that checks every place where the socket opens, and what its errors mean in words."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.http_exceptions import LineTooLong
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
_DNS_THREADS = 24  # a name server that never answers holds one of them for some 10 to 20 s
_FIELD_BYTES, _FIELDS, _HEAD_BYTES = 16 * 1024, 128, 64 * 1024
_ANYTHING = ("*",)
_WITNESSES = 3
_LOGIN_WANTED, _LOGIN = 407, "it asks for a user name and password that it accepts"
_QUOTED = 160


class _OurError(OSError):
    """Raised below the HTTP library, where the socket would open; says in whole words what is wrong."""

    def __init__(self, why: str) -> None:
        super().__init__(errno.EACCES, why)

    def __str__(self) -> str:
        return str(self.strerror)


class _RefusedError(_OurError):
    """The guard does not let us connect."""


class _ProxyError(_OurError):
    """The proxy itself, not what lies behind it, cannot be used."""

    def __init__(self, why: object) -> None:
        super().__init__(f"nothing is reached, because the proxy of collect.proxy is not ({why})")


class _BehindProxyError(_OurError):
    """The proxy is there, but does not reach the site."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the proxy does not reach it ({why})")


class _HeadError(ValueError):
    """The head of an answer is larger than anyone needs."""


class _Resolver(AbstractResolver):
    """Names to addresses, in threads of its own; raises if even one of the addresses may not be connected to.

    What it returns is what gets connected to: nobody asks again in between.
    """

    def __init__(self, allow: tuple[str, ...]) -> None:
        self._allow = allow
        self._threads = ThreadPoolExecutor(_DNS_THREADS, "dns")

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        found = [_found(host, port, socket.AF_INET, "127.0.0.1")] if guard.is_localhost(host) else await self._ask(host, port, family)
        objections = filter(None, (guard.objection(address["host"]) for address in found))
        if (objection := next(objections, None)) and not guard.allowed(host, self._allow):
            raise _RefusedError(objection)
        return found

    async def _ask(self, host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
        kind, flags = socket.SOCK_STREAM, socket.AI_ADDRCONFIG
        loop = asyncio.get_running_loop()
        answers = await loop.run_in_executor(self._threads, lambda: socket.getaddrinfo(host, port, family, kind, 0, flags))
        return [_found(host, port, kind, str(address[0])) for kind, _, _, _, address in answers]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class _Connector(aiohttp.TCPConnector):
    """Looks at each place as the very last reader of its address sees it, before a resolver or a proxy is asked about it."""

    def __init__(self, limits: settings.Collect, tls: ssl.SSLContext) -> None:
        self._allow = limits.allow_hosts
        # Behind a proxy only its own name is resolved here, and that one is trusted: it is the operator's.
        self._names = _Resolver(_ANYTHING if limits.proxy.get_secret_value() else self._allow)
        super().__init__(resolver=self._names, ssl=tls, limit=0, ttl_dns_cache=_DNS_KEPT)

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout) -> Connection:  # noqa: ASYNC109 (the parent's)
        if refusal := guard.refusal(req.url.scheme, req.url.raw_host or "", req.url.port or 0, self._allow):
            raise _RefusedError(refusal)
        try:
            return await super().connect(req, traces, timeout)
        except aiohttp.ClientConnectorError as error:
            if req.proxy and (error.host, error.port) == (req.proxy.raw_host, req.proxy.port):
                raise _ProxyError(error.strerror) from error
            raise
        except TimeoutError:
            if req.proxy and not await reachable([(req.proxy.raw_host or "", req.proxy.port or 0)], _ANYTHING, timeout.sock_connect or 5.0):
                raise _ProxyError("it does not answer") from None
            raise
        except aiohttp.ClientHttpProxyError as error:  # its text holds the proxy's password
            raise (_ProxyError(_LOGIN) if error.status == _LOGIN_WANTED else _BehindProxyError(error.message)) from None

    async def close(self, *, abort_ssl: bool = False) -> None:
        await super().close(abort_ssl=abort_ssl)
        await self._names.close()


class _Transport(AiohttpTransport):
    """Hands on what the guard says as it is, and an answer only if its head is of sane size and its sender the one we asked."""

    def __init__(self, session: aiohttp.ClientSession, tls: ssl.SSLContext, proxied: bool) -> None:
        super().__init__(client=session, verify=tls, trust_env=False)
        self._proxied = proxied

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            response = await super().handle_async_request(request)
        except ERRORS as error:
            if ours := next((cause for cause in _causes(error) if isinstance(cause, _OurError)), None):
                raise httpx.ConnectError(str(ours)) from ours
            raise
        if problem := self._problem(response):
            await response.aclose()
            raise httpx.RemoteProtocolError(str(problem)) from problem
        return response

    def _problem(self, response: httpx.Response) -> Exception | None:
        if self._proxied and response.status_code == _LOGIN_WANTED:
            return _ProxyError(_LOGIN)
        if sum(len(name) + len(value) for name, value in response.headers.raw) > _HEAD_BYTES:
            return _HeadError(f"more than {_HEAD_BYTES:,} bytes of headers")
        return None


def client(limits: settings.Collect) -> httpx.AsyncClient:
    tls, proxy = httpx.create_ssl_context(trust_env=False), limits.proxy.get_secret_value()
    seconds = limits.timeout.total_seconds()
    session = aiohttp.ClientSession(
        connector=_Connector(limits, tls),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        proxy=proxy or None,
        max_line_size=_FIELD_BYTES,
        max_field_size=_FIELD_BYTES,
        max_headers=_FIELDS,
    )
    return httpx.AsyncClient(
        transport=_Transport(session, tls, proxied=bool(proxy)),
        headers={"user-agent": limits.user_agent, "accept-encoding": "gzip"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        timeout=httpx.Timeout(seconds, connect=seconds / 3 if proxy else seconds),  # leaves time to find out whose fault it is
        follow_redirects=False,
        trust_env=False,
    )


async def reachable(addresses: Sequence[tuple[str, int]], allow: tuple[str, ...], seconds: float = 5.0) -> bool:
    """Whether a plain connection opens to any of the first three places in time; one that may not be connected to counts as closed.

    Goes directly, whatever the proxy: behind one it says nothing.
    """
    names = _Resolver(allow)
    attempts = [asyncio.ensure_future(_opens(names, host, port, allow)) for host, port in addresses[:_WITNESSES]]
    try:
        async with asyncio.timeout(seconds):
            for attempt in asyncio.as_completed(attempts):
                if await attempt:
                    return True
    except TimeoutError:
        pass
    finally:
        for each in attempts:
            each.cancel()
        await asyncio.gather(*attempts, return_exceptions=True)
        await names.close()
    return False


async def _opens(names: _Resolver, host: str, port: int, allow: tuple[str, ...]) -> bool:
    try:
        host = host.encode("idna").decode()
        if guard.refusal("http", host, port, allow):
            return False
        for found in await names.resolve(host, port):
            if await _connects(found):
                return True
    except (OSError, ValueError):
        pass
    return False


async def _connects(place: ResolveResult) -> bool:
    try:
        _, writer = await asyncio.open_connection(place["host"], place["port"], family=place["family"])
    except OSError:
        return False
    writer.transport.abort()
    return True


def _found(host: str, port: int, family: int, address: str) -> ResolveResult:
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST)


def failed(error: BaseException, host: str, limit: timedelta) -> Failed:
    """The first cause in the chain that says something to a person; libraries wrap the real one several times."""
    causes, host = list(_causes(error)), _plain(host) or "the host"
    for kinds, failure, sentence in _SENTENCES:
        if cause := next((cause for cause in causes if _is(cause, kinds)), None):
            return Failed(failure, sentence.format(host=host, cause=_words(cause), seconds=f"{limit.total_seconds():g}"))
    return Failed("connect", f"no answer from {host} ({_words(causes[-1])})")


_SENTENCES: tuple[tuple[tuple[type[BaseException] | int, ...], FailureKind, str], ...] = (
    ((_RefusedError,), "refused", "{host} is not connected to: {cause}"),
    ((_ProxyError,), "offline", "{cause}"),
    ((_BehindProxyError,), "connect", "no answer from {host}: {cause}"),
    ((_HeadError, LineTooLong), "http", "{host} sent too large a head ({cause})"),
    ((ssl.SSLError, ssl.CertificateError, aiohttp.ClientSSLError), "tls", "no secure connection to {host} ({cause})"),
    ((socket.gaierror, aiohttp.ClientConnectorDNSError), "dns", "the name {host} cannot be resolved ({cause})"),
    ((errno.ENETDOWN,), "offline", "{host} is not reached: the network of this machine is down"),
    ((errno.ENETUNREACH,), "connect", "{host} is not reached: from this machine no way leads to its network"),
    ((errno.EHOSTUNREACH,), "connect", "{host} is not reached: a router on the way says that it is not there"),
    ((aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError, ConnectionResetError), "connect", "{host} broke off the connection"),
    ((ConnectionRefusedError,), "connect", "{host} refuses connections"),
    ((TimeoutError, aiohttp.ServerTimeoutError), "timeout", "{host} did not finish its answer within {seconds} s"),
    ((aiohttp.InvalidURL, httpx.InvalidURL, httpx.UnsupportedProtocol), "refused", "the address of {host} cannot be used ({cause})"),
    ((aiohttp.ClientResponseError,), "http", "{host} does not speak proper HTTP ({cause})"),
    ((zlib.error,), "http", "{host} sent a body that cannot be unpacked"),
)


def _is(error: BaseException, kinds: Sequence[type[BaseException] | int]) -> bool:
    return any(getattr(error, "errno", None) == kind if isinstance(kind, int) else isinstance(error, kind) for kind in kinds)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen = 0
    while error is not None and seen < 10:
        yield error
        error, seen = error.__cause__ or error.__context__, seen + 1


def _words(error: BaseException) -> str:
    text = error.message if isinstance(error, aiohttp.ClientResponseError) else getattr(error, "strerror", None) or str(error)
    return _plain(text) or type(error).__name__


def _plain(text: str) -> str:
    """One short line without characters that would act on who reads it; servers have a say in most texts."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:_QUOTED]
