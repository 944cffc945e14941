"""The guarded client against real servers: the address connected to, proxies, the head of an answer, whether anything is reachable."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import certifi
import httpx
import pytest
import trustme
from pydantic import ValidationError

from monitor.collect import wire
from monitor.collect.fetch import Fetcher
from monitor.model import Failed, FailureKind, Fetched, FetchOutcome, Validators
from monitor.settings import Collect
from tests.unit.internet import PUBLIC, Internet, small_internet
from tests.unit.proxies import LOGIN, Proxy, proxying

SECONDS = timedelta(seconds=1)
ALLOWED = ("*.localhost",)
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> Internet:
    return small_internet(monkeypatch)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """A certificate authority that the client trusts."""
    made = trustme.CA()
    made.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setattr(certifi, "where", lambda: str(tmp_path / "ca.pem"))
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


# The address that was checked is the one connected to


async def test_a_name_that_changes_its_address_is_connected_to_at_the_checked_one(internet: Internet) -> None:
    site, inside = Site(), Site("inside")
    async with serving(site) as port, serving(inside) as canary:
        internet.names["rebind.example"] = [[PUBLIC], ["127.0.0.1"]]
        internet.places |= {(PUBLIC, 80): port, ("127.0.0.1", 80): canary}
        outcome = await ask("http://rebind.example/")
        assert isinstance(outcome, Fetched)
        assert outcome.page.body == b"here"
        assert internet.asked == ["rebind.example"]
        failed(await ask("http://rebind.example/"), "refused", "127.0.0.1 is this machine itself; see collect.allow_hosts")
    assert "host: rebind.example" in site.heads[0]
    assert internet.connected == [(PUBLIC, 80)]
    assert inside.heads == []


async def test_a_name_with_one_forbidden_address_among_its_addresses_is_refused(internet: Internet) -> None:
    async with serving(Site()) as port:
        internet.places[PUBLIC, 80] = port
        for answers in ([PUBLIC, "10.0.0.5"], ["10.0.0.5", PUBLIC], [PUBLIC, "fd00::1"], [PUBLIC, "::ffff:10.0.0.5"]):
            internet.names["both.example"] = [answers]
            failed(await ask("http://both.example/"), "refused", "; see collect.allow_hosts")
    assert internet.connected == []


async def test_a_name_with_a_forbidden_address_may_be_allowed(internet: Internet) -> None:
    async with serving(Site()) as port:
        internet.names["intranet.example"] = [["127.0.0.1"]]
        assert isinstance(await ask(f"http://intranet.example:{port}/", allow_hosts=("intranet.example",)), Fetched)


async def test_certificates_are_checked_for_the_name_though_the_address_is_connected_to(internet: Internet, authority: trustme.CA) -> None:
    asked: list[str | None] = []
    tls, site = certified(authority, "secure.example"), Site()
    tls.sni_callback = lambda _socket, name, _context: asked.append(name)
    internet.names |= {"secure.example": [[PUBLIC]], "other.example": [[PUBLIC]]}
    async with serving(site, tls) as port:
        internet.places[PUBLIC, 443] = port
        assert isinstance(await ask("https://secure.example/"), Fetched)
        failed(await ask("https://other.example/"), "tls", "no secure connection to other.example")
    assert asked == ["secure.example", "other.example"]
    assert [head.splitlines()[1] for head in site.heads] == ["host: secure.example"]


async def test_names_whose_servers_never_answer_hold_up_no_others(internet: Internet) -> None:
    async with serving(Site()) as port:
        internet.places[PUBLIC, 80] = port
        internet.names |= {f"hangs{number}.example": [[PUBLIC]] for number in range(12)} | {"quick.example": [[PUBLIC]]}
        internet.slow |= {name: 1.0 for name in internet.names if name.startswith("hangs")}
        async with Fetcher(Collect(pause_per_host=timedelta(0), timeout=5 * SECONDS)) as fetcher:
            hanging = [asyncio.create_task(fetcher.source(f"http://{name}/", Validators())) for name in internet.slow]
            await asyncio.sleep(0.1)
            began = time.monotonic()
            assert isinstance(await fetcher.source("http://quick.example/", Validators()), Fetched)
            assert time.monotonic() - began < 0.5
            assert all(isinstance(outcome, Fetched) for outcome in await asyncio.gather(*hanging))


@pytest.mark.parametrize("scheme", ["ws", "wss", "tcp", "ftp", "file"])
async def test_the_client_speaks_only_http(scheme: str) -> None:
    site = Site()
    async with serving(site) as port, wire.client(Collect(allow_hosts=ALLOWED)) as client:
        with pytest.raises(httpx.HTTPError):
            await client.get(f"{scheme}://here.localhost:{port}/")
    assert site.heads == []


async def test_webhooks_are_told_what_the_guard_says() -> None:
    async with wire.client(Collect()) as client:
        with pytest.raises(httpx.ConnectError, match=r"^10\.0\.0\.5 is private; see collect\.allow_hosts$"):
            await client.post("https://10.0.0.5/hook")
        with pytest.raises(httpx.ConnectError, match=r"^port 6379 is that of Redis; see collect\.allow_hosts$"):
            await client.post("https://hook.example:6379/")


# Proxies


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    assert not any("authorization" in head.lower() for head in made.heads)


def by(scheme: str, port: int, login: tuple[str, str] = LOGIN) -> str:
    return f"{scheme}://{':'.join(login)}@proxy.localhost:{port}"


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_everything_goes_by_way_of_the_proxy(scheme: str, site: Site, internet: Internet, authority: trustme.CA) -> None:
    tls = certified(authority, "proxy.localhost") if scheme == "https" else None
    async with serving(site) as plain, serving(site, certified(authority, "safe.example")) as safe:
        proxy = Proxy({"plain.example": plain, "safe.example": safe})
        async with proxying(proxy, tls) as port:
            for url in ("http://plain.example/a", "https://safe.example/b"):
                outcome = await ask(url, proxy=by(scheme, port))
                assert isinstance(outcome, Fetched), outcome
                assert outcome.page.body == b"here"
    assert proxy.asked == ["GET http://plain.example/a", "CONNECT safe.example:443"]
    assert internet.asked == []
    assert {port for _, port in internet.connected} == {port, plain, safe}


async def test_a_proxy_may_want_no_login(site: Site) -> None:
    async with serving(site) as there, proxying(Proxy({"plain.example": there}, login=None)) as port:
        assert isinstance(await ask("http://plain.example/", proxy=f"http://127.0.0.1:{port}"), Fetched)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "https://10.0.0.5/",
        "http://169.254.169.254/latest/meta-data",
        "http://0x7f.1/",
        "http://127.1/",
        "http://localhost/",
        "http://proxy.localhost/",
        "http://metadata.google.internal/",
        "http://printer.local/",
        "http://intranet/",
        "http://plain.example:22/",
        "https://plain.example:6379/",
    ],
)
async def test_places_are_checked_before_the_proxy_is_asked(url: str, site: Site) -> None:
    proxy = Proxy({})
    async with proxying(proxy) as port:
        failed(await ask(url, proxy=by("http", port)), "refused", "; see collect.allow_hosts")
    assert proxy.asked == []


@pytest.mark.parametrize("url", ["http://plain.example/", "https://plain.example/"])
async def test_a_proxy_that_cannot_be_used_counts_against_no_source(url: str, internet: Internet) -> None:
    async with proxying(Proxy({})) as port:
        wrong = await ask(url, proxy=by("http", port, ("monitor", "hunter2")))
        assert "hunter2" not in failed(wrong, "offline", "the proxy of collect.proxy is not (it asks for a user name and password")
    failed(await ask(url, proxy=by("http", port)), "offline", "because the proxy of collect.proxy is not (Connect call failed")
    failed(await ask(url, proxy="http://u:hunter2@no-such-proxy.invalid:3128"), "offline", "the proxy of collect.proxy is not")
    failed(await ask(url, proxy=f"http://{PUBLIC}:3128"), "offline", "the proxy of collect.proxy is not")


@contextmanager
def black_hole() -> Iterator[int]:
    """A port at which connections are neither taken nor refused: the queue before it is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server, ExitStack() as waiting:
        for _ in range(4):
            caller = waiting.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(server.getsockname())
        yield server.getsockname()[1]


@pytest.mark.parametrize("url", ["http://plain.example/", "https://plain.example/"])
async def test_a_proxy_that_is_silent_is_told_from_a_site_that_is(url: str) -> None:
    with black_hole() as port:
        failed(await ask(url, proxy=by("http", port), timeout=SECONDS), "offline", "(it does not answer)")
        async with proxying(Proxy({"plain.example": port})) as alive:
            failed(await ask(url, proxy=by("http", alive), timeout=SECONDS), "timeout", "plain.example did not finish")


async def test_a_proxy_without_a_proper_certificate_is_not_used(authority: trustme.CA) -> None:
    proxy = Proxy({})
    async with proxying(proxy, certified(trustme.CA(), "proxy.localhost")) as port:
        failed(await ask("http://plain.example/", proxy=by("https", port)), "offline", "certificate verify failed")
    assert proxy.asked == []


async def test_a_site_that_the_proxy_does_not_reach_is_the_sites_own_trouble(authority: trustme.CA) -> None:
    async with proxying(Proxy({})) as port:
        failed(
            await ask("https://gone.example/", proxy=by("http", port)), "connect", "gone.example: the proxy does not reach it (Bad Gateway)"
        )
        failed(await ask("http://gone.example/", proxy=by("http", port)), "http", "502 Bad Gateway")
    async with serving(Site(), certified(authority, "other.example")) as there, proxying(Proxy({"safe.example": there})) as port:
        failed(await ask("https://safe.example/", proxy=by("http", port)), "tls", "no secure connection to safe.example")


async def test_a_site_that_plays_the_proxy_is_not_believed() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

    async with serving(handler) as port:
        failed(await ask(f"http://here.localhost:{port}/", allow_hosts=ALLOWED), "http", "407")


@pytest.mark.parametrize(
    "proxy", ["socks5://hunter2@p:1080", "p:3128", "http://", "http://hunter2@p:99999", "http://p:0", "http://p/path", "http://p q"]
)
def test_what_is_no_proxy_is_refused_at_once(proxy: str) -> None:
    with pytest.raises(ValidationError, match="expected an address such as"):
        Collect.model_validate({"proxy": proxy})


def test_a_proxy_is_kept_secret() -> None:
    limits = Collect.model_validate({"proxy": "http://monitor:hunter2@[::1]:3128/"})
    assert "hunter2" not in f"{limits!r}{limits.model_dump_json()}"
    assert limits.proxy.get_secret_value() == "http://monitor:hunter2@[::1]:3128/"


# The head of an answer


def sending(*parts: bytes, forever: bytes = b"") -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.writelines(parts)
        await writer.drain()
        while forever:
            writer.write(forever)
            await writer.drain()

    return handler


BODY = b"Content-Length: 4\r\n\r\nbody"
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("handler", "words"),
    [
        (sending(OK, *(b"X-%d: y\r\n" % number for number in range(10_000)), BODY), "Too many headers"),
        (sending(OK, b"X: ", b"y" * 1_000_000, b"\r\n", BODY), "sent too large a head"),
        (sending(OK, b"y" * 1_000_000, b": x\r\n", BODY), "sent too large a head"),
        (sending(OK, *(b"X: " + b"y" * 16_000 + b"\r\n" for _ in range(100)), BODY), "sent too large a head (more than 65,536 bytes"),
        (sending(b"HTTP/1.1 200 ", b"y" * 1_000_000, b"\r\n", BODY), "sent too large a head"),
        (sending(OK, forever=b"X: y\r\n" * 100), "Too many headers"),
        (sending(OK, b"X: ", forever=b"y" * 10_000), "sent too large a head"),
        (sending(b"HTTP/1.1 200 ", forever=b"y" * 10_000), "sent too large a head"),
        (sending(OK, b"X: z\r\n", forever=b" folded\r\n" * 1000), "albeu.localhost"),
    ],
    ids=["10,000", "value", "name", "all", "reason", "endless", "endless value", "endless reason", "folded"],
)
async def test_the_head_of_an_answer_is_capped(handler: Handler, words: str) -> None:
    began = time.monotonic()
    async with serving(handler) as port:
        detail = failed(await ask(f"http://albeu.localhost:{port}/", allow_hosts=ALLOWED), "http", words)
    assert len(detail) < 300
    assert time.monotonic() - began < 2


async def test_endless_trailers_are_capped() -> None:
    chunked = b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n"
    async with serving(sending(OK, chunked, forever=b"X: y\r\n" * 100)) as port:
        outcome = await ask(f"http://albeu.localhost:{port}/", allow_hosts=ALLOWED)
    assert isinstance(outcome, Failed), outcome
    assert outcome.kind in ("connect", "http")


async def test_an_answer_that_is_for_ever_only_announced_meets_the_time_limit() -> None:
    began = time.monotonic()
    async with serving(sending(forever=b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 10)) as port:
        failed(await ask(f"http://albeu.localhost:{port}/", allow_hosts=ALLOWED, timeout=0.5 * SECONDS), "timeout", "within 0.5 s")
    assert time.monotonic() - began < 2


async def test_large_heads_of_ordinary_sites_are_taken() -> None:
    policy = b"Content-Security-Policy: " + b"a.example " * 1500 + b"\r\n"
    many = [b"Set-Cookie: c%d=v\r\n" % number for number in range(100)]
    async with serving(sending(OK, policy, policy.replace(b"Policy:", b"Policy-Report-Only:"), *many, BODY)) as port:
        assert isinstance(await ask(f"http://albeu.localhost:{port}/", allow_hosts=ALLOWED), Fetched)


# Whether anything is reachable


async def test_one_that_answers_is_enough(internet: Internet) -> None:
    internet.names |= {"gone.example": [["93.184.215.99"]], "hangs.example": [[PUBLIC]]}
    internet.slow["hangs.example"] = 1.0
    async with serving(Site()) as port:
        internet.places["93.184.215.20", 443] = port
        internet.names["here.example"] = [["93.184.215.99", "93.184.215.20"]]
        began = time.monotonic()
        assert await wire.reachable([("hangs.example", 80), ("gone.example", 80), ("here.example", 443)], ())
        assert time.monotonic() - began < 0.5


async def test_none_that_answers_is_none(internet: Internet) -> None:
    internet.names["gone.example"] = [["93.184.215.99"]]
    assert not await wire.reachable([("gone.example", 80), ("no-such-host.invalid", 80), ("93.184.215.98", 443)], ())
    assert not await wire.reachable([], ())


async def test_names_in_every_script_can_be_witnesses(internet: Internet) -> None:
    internet.names["xn--e1afmkfd.xn--90a3ac"] = [[PUBLIC]]
    async with serving(Site()) as port:
        internet.places[PUBLIC, 443] = port
        assert await wire.reachable([("пример.срб", 443)], ())


async def test_forbidden_places_are_no_witnesses(internet: Internet) -> None:
    internet.names["inside.example"] = [["127.0.0.1"]]
    async with serving(Site()) as port:
        internet.places[PUBLIC, 25] = port
        assert not await wire.reachable([("127.0.0.1", port), ("inside.example", port), (PUBLIC, 25)], ())
        assert not await wire.reachable([("localhost", port), ("a" * 70 + ".example", 80), ("", 80)], ())
        assert internet.connected == []
        assert await wire.reachable([("127.0.0.1", port)], ("127.0.0.1",))


async def test_no_witness_is_waited_for_longer_than_the_limit(internet: Internet) -> None:
    internet.names["hangs.example"] = [[PUBLIC]]
    internet.slow["hangs.example"] = 1.0
    began = time.monotonic()
    assert not await wire.reachable([("hangs.example", 80)], (), seconds=0.2)
    assert time.monotonic() - began < 0.5


async def test_three_witnesses_are_heard_at_most(internet: Internet) -> None:
    async with serving(Site()) as port:
        internet.places[PUBLIC, 80] = port
        assert not await wire.reachable([("93.184.215.99", 80)] * 3 + [(PUBLIC, 80)], ())


# What errors mean


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.ENETDOWN, "offline", "the network of this machine is down"),
        (errno.ENETUNREACH, "connect", "from this machine no way leads to its network"),
        (errno.EHOSTUNREACH, "connect", "a router on the way says that it is not there"),
        (errno.ECONNREFUSED, "connect", "refuses connections"),
        (errno.ETIMEDOUT, "timeout", "within 5 s"),
        (errno.EMFILE, "connect", "Too many open files"),
    ],
)
async def test_each_way_of_not_being_reached_has_its_own_words(
    number: int, kind: FailureKind, words: str, internet: Internet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(*_: object) -> None:
        raise OSError(number, "Too many open files" if number == errno.EMFILE else "no")

    internet.names["albeu.example"] = [[PUBLIC]]
    monkeypatch.setattr(socket.socket, "connect", connect)
    failed(await ask("http://albeu.example/"), kind, words)


def test_nothing_in_a_sentence_acts_on_its_reader() -> None:
    for error in (OSError("a\x1b[31m\x00\u202eb\nc"), aiohttp.ClientPayloadError("x"), httpx.InvalidURL("\x07\u2066")):
        detail = wire.failed(error, "al\x1bbeu\u202e.com\r\n" + "y" * 500, SECONDS).detail
        assert detail.isprintable()
        assert "al beu .com" in detail
        assert len(detail) < 500
    assert "the host broke off" in wire.failed(aiohttp.ClientPayloadError("x"), "\x00", SECONDS).detail
