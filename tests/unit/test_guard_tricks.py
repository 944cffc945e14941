"""Addresses made to reach what is not public: asked for as a source, by a webhook and as the target of a redirect, with a canary inside
that must not sing. And addresses that look like tricks and are none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest

from monitor.collect.fetch import Fetcher
from monitor.model import Failed, Fetched, Validators
from monitor.settings import Collect
from tests.unit.internet import PUBLIC, Internet, small_internet
from tests.unit.tricks import INWARD, SPELLINGS, WHOLE

START = "start.localhost"


class Canary:
    """A server on loopback, the old one and the new, that counts who comes."""

    def __init__(self) -> None:
        self.heard = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret")
        writer.close()


class Sender:
    """A public server that sends everyone on to one place."""

    def __init__(self, to: str) -> None:
        self.to = to

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"GET /go "):
            writer.write(f"HTTP/1.1 302 Found\r\nLocation: {self.to}\r\nContent-Length: 0\r\n\r\n".encode())
        else:
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        writer.close()


@asynccontextmanager
async def listening(handler: Canary | Sender, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator[int]:
    server = await asyncio.start_server(handler, host, port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def canary_inside() -> AsyncIterator[tuple[Canary, int]]:
    canary = Canary()
    async with listening(canary) as port, listening(canary, port, "::1"):
        yield canary, port


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> Internet:
    made = small_internet(monkeypatch)
    made.names |= {name: [answers] for name, answers in INWARD.items()} | {"public.example": [[PUBLIC]], "inside.example.": [["127.0.0.1"]]}
    return made


def fetcher(*allow: str) -> Fetcher:
    return Fetcher(Collect(allow_hosts=allow, pause_per_host=timedelta(0), timeout=timedelta(seconds=5), robots=False))


def test_there_are_tricks_enough() -> None:
    assert len({*SPELLINGS, *WHOLE}) == len(SPELLINGS) + len(WHOLE) > 200


@pytest.mark.parametrize("url", [*(f"http://{host}:PORT/" for host in SPELLINGS), *WHOLE])
async def test_no_trick_gets_through(url: str, internet: Internet) -> None:
    async with canary_inside() as (canary, port), fetcher(START) as asker:
        url = url.replace("PORT", str(port))
        first = await asker.source(url, Validators())
        page = await asker.page(url)
        with pytest.raises((httpx.HTTPError, httpx.InvalidURL, OSError, ValueError)):
            await asker.client.post(url)
        assert internet.connected == []
        async with listening(Sender(url)) as start:
            onward = await asker.source(f"http://{START}:{start}/go", Validators())
        assert set(internet.connected) == {("127.0.0.1", start)}
    assert canary.heard == 0
    assert isinstance(onward, Failed)
    for outcome in (first, page, onward):
        assert isinstance(outcome, Failed)
        assert outcome.detail.isprintable(), outcome
        assert outcome.kind == "refused" or outcome is onward, outcome


@pytest.mark.parametrize("host", SPELLINGS)
async def test_no_trick_is_helped_by_the_port_of_the_web(host: str, internet: Internet) -> None:
    async with fetcher(START) as asker:
        for url in (f"http://{host}/", f"https://{host}/", f"http://{host}:443/"):
            outcome = await asker.source(url, Validators())
            assert isinstance(outcome, Failed)
            assert outcome.kind == "refused", outcome
    assert internet.connected == []


@pytest.mark.parametrize(
    "to", ["http:/127.0.0.1:PORT/", "/\\127.0.0.1:PORT/", "127.0.0.1:PORT", "\\\\127.0.0.1:PORT", "http:127.0.0.1:PORT", "?127.0.0.1"]
)
async def test_what_is_no_whole_address_stays_where_it_was(to: str, internet: Internet) -> None:
    async with canary_inside() as (canary, port), fetcher(START) as asker, listening(Sender(to.replace("PORT", str(port)))) as start:
        assert isinstance(await asker.source(f"http://{START}:{start}/go", Validators()), Failed)
    assert set(internet.connected) == {("127.0.0.1", start)}
    assert canary.heard == 0


async def test_a_redirect_without_a_scheme_is_one_to_another_host(internet: Internet) -> None:
    async with canary_inside() as (canary, port), fetcher(START) as asker, listening(Sender(f"//127.0.0.1:{port}/")) as start:
        outcome = await asker.source(f"http://{START}:{start}/go", Validators())
    assert isinstance(outcome, Failed)
    assert outcome.detail == "127.0.0.1 is not connected to: 127.0.0.1 is this machine itself; see collect.allow_hosts"
    assert canary.heard == 0


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://public.example/", "public.example"),
        ("HTTP://PUBLIC.Example/", "public.example"),
        ("http://public.example./", "public.example."),
        ("http://public.example:80/", "public.example"),
        ("http://public.example:/", "public.example"),
        ("http://public.example/@127.0.0.1/", "public.example"),
        ("http://public.example/?u=http://127.0.0.1/", "public.example"),
        ("http://public.example/a\\b", "public.example"),
        ("http://public.example/#@127.0.0.1", "public.example"),
        ("http://127.0.0.1.example/", "127.0.0.1.example"),
        ("http://127-0-0-1.example/", "127-0-0-1.example"),
        ("http://0x7f.example/", "0x7f.example"),
        ("http://1.example/", "1.example"),
        ("http://24.ba/", "24.ba"),
        ("http://localhost.example/", "localhost.example"),
        ("http://mylocalhost.com/", "mylocalhost.com"),
        ("http://local.example/", "local.example"),
        ("http://thelocal.al/", "thelocal.al"),
        ("http://internal.example/", "internal.example"),
        ("http://home.com/", "home.com"),
        ("http://a_b.example/", "a_b.example"),
        ("http://-a-.example/", "-a-.example"),
        ("http://a--b.example/", "a--b.example"),
        ("http://" + "a" * 63 + ".example/", "a" * 63 + ".example"),
        ("http://новости.срб/", "xn--b1amnebsh.xn--90a3ac"),
        ("http://НОВОСТИ.СРБ/", "xn--b1amnebsh.xn--90a3ac"),
        ("http://ειδήσεις.ελ/", "xn--jxalccrd7df.xn--qxam"),
        ("http://straße.example/", "xn--strae-oqa.example"),
        ("http://xn--b1amnebsh.xn--90a3ac/", "xn--b1amnebsh.xn--90a3ac"),
        ("http://public。example/", "public.example"),
    ],
)
async def test_odd_names_of_public_hosts_are_no_tricks(url: str, name: str, internet: Internet) -> None:
    internet.names[name] = [[PUBLIC]]
    async with listening(Canary()) as port, fetcher() as asker:
        internet.places[PUBLIC, 80] = port
        outcome = await asker.source(url, Validators())
        assert isinstance(outcome, Fetched), outcome
        assert (await asker.client.post(url)).status_code == 200
    assert set(internet.asked) == {name}


@pytest.mark.parametrize("port", [80, 443, 1024, 3000, 5000, 8000, 8008, 8080, 8081, 8443, 8880, 8888, 9000, 9443, 49152, 65535])
async def test_ports_on_which_sites_live_are_asked(port: int, internet: Internet) -> None:
    async with listening(Canary()) as there, fetcher() as asker:
        internet.places[PUBLIC, port] = there
        assert isinstance(await asker.source(f"http://{PUBLIC}:{port}/", Validators()), Fetched)


@pytest.mark.parametrize(
    ("host", "allow"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.*"),
        ("127.0.0.1", "*"),
        ("[::1]", "::1"),
        ("[::1]", "[::1]"),
        ("[0:0:0:0:0:0:0:1]", "::1"),
        ("localhost", "localhost"),
        ("LOCALHOST.", "localhost"),
        ("albeu.localhost", "*.localhost"),
        ("inside.example", "inside.example"),
        ("inside.example", "INSIDE.example"),
        ("inside.example.", "inside.example"),
        ("inside.example", "*.example"),
        ("mapped.example", "mapped.example"),
    ],
)
async def test_what_is_allowed_by_name_is_asked(host: str, allow: str, internet: Internet) -> None:
    internet.names["mapped.example"] = [["127.0.0.1"]]
    async with canary_inside() as (canary, port), fetcher(allow) as asker:
        assert isinstance(await asker.source(f"http://{host}:{port}/", Validators()), Fetched)
        assert isinstance(await asker.page(f"http://{host}:{port}/"), Fetched)
    assert canary.heard == 2


async def test_a_service_of_a_host_is_allowed_with_it(internet: Internet) -> None:
    async with listening(Canary()) as there, fetcher("public.example") as asker:
        internet.places |= {(PUBLIC, 6379): there, (PUBLIC, 81): there}
        assert isinstance(await asker.source("http://public.example:6379/", Validators()), Fetched)
        assert isinstance(await asker.source("http://public.example:81/", Validators()), Fetched)
        assert isinstance(await asker.source(f"http://{PUBLIC}:6379/", Validators()), Failed)


@pytest.mark.parametrize(
    ("host", "allow"),
    [
        ("inside.example", "127.0.0.1"),
        ("albeu.localhost", "localhost"),
        ("localhost", "*.localhost"),
        ("127.0.0.2", "127.0.0.1"),
        ("127.0.0.1.nip.io", "127.0.0.*"),
        ("10.0.0.1", "10.0.0"),
        ("inside.example", "inside"),
        ("xinside.example", "inside.example"),
    ],
)
async def test_what_is_allowed_by_name_lets_in_no_other(host: str, allow: str, internet: Internet) -> None:
    internet.names["xinside.example"] = [["127.0.0.1"]]
    async with canary_inside() as (canary, port), fetcher(allow) as asker:
        outcome = await asker.source(f"http://{host}:{port}/", Validators())
    assert isinstance(outcome, Failed)
    assert outcome.kind == "refused"
    assert canary.heard == 0
