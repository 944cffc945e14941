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

START = "start.localhost"
INWARD = {
    "inside.example": ["127.0.0.1"],
    "127.0.0.1.nip.io": ["127.0.0.1"],
    "7f000001.nip.io": ["127.0.0.1"],
    "localtest.me": ["::1"],
    "zero.example": ["0.0.0.0"],
    "ten.example": ["10.0.0.1"],
    "metadata.goog": ["169.254.169.254"],
    "cgnat.example": ["100.100.100.200"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "compatible.example": ["::127.0.0.1"],
    "ula.example": ["fd00:ec2::254"],
    "link.example": ["fe80::1"],
    "nat64.example": ["64:ff9b::7f00:1"],
    "sixtofour.example": ["2002:7f00:1::1"],
    "teredo.example": ["2001:0:4136:e378:8000:63bf:80ff:fffe"],
    "both.example": [PUBLIC, "127.0.0.1"],
    "both6.example": [PUBLIC, "::1"],
    "xn--e1afmkfd.xn--90a3ac": ["127.0.0.1"],
}

SPELLINGS = [
    # plain
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "0.0.0.0",
    "localhost",
    "LocalHost",
    "localhost.",
    "albeu.localhost",
    "a.b.localhost.",
    # IPv4 as no person writes it
    "127.1",
    "127.0.1",
    "0",
    "00",
    "0.0",
    "2130706433",
    "02130706433",
    "017700000001",
    "0177.0.0.1",
    "0177.0.0.01",
    "00000177.0.0.1",
    "127.000.000.001",
    "0x7f000001",
    "0X7F000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "0x7f.0x0.0x0.0x1",
    "0x7f.0.0.01",
    "0x0000000000007f000001",
    "127.0x1",
    "127.0.0.0x1",
    "0x",
    "127.0.0.1.",
    "127.0.0.1..",
    "127..0.1",
    "127.0.0.1.0",
    "127.0.0.256",
    "4294967297",
    "-1",
    "albeu.com.1",
    "albeu.com.0x7f",
    # the same with public addresses: nobody but a prober writes these
    "134744072",
    "0x08080808",
    "010.010.010.010",
    "8.8.2056",
    "8.8.8.8.",
    # other digits, dots and letters
    "１２７.0.0.1",
    "①②⑦.⓪.⓪.①",
    "𝟏𝟐𝟕.0.0.1",
    "١٢٧.٠.٠.١",
    "127。0。0。1",
    "127．0．0．1",
    "127｡0｡0｡1",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "ｌｏｃａｌｈｏｓｔ",
    "localhoſt",
    "local\u00adhost",
    "local\u200bhost",
    "localhost。",
    "albeu｡localhost",
    # percent signs
    "%31%32%37.0.0.1",
    "127%2e0%2e0%2e1",
    "%6c%6f%63%61%6c%68%6f%73%74",
    "localhost%00.albeu.com",
    "127.0.0.1%00.albeu.com",
    "127.0.0.1%23.albeu.com",
    "127.0.0.1%2f.albeu.com",
    "%5b%3a%3a1%5d",
    # IPv6
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::0001]",
    "[::0.0.0.1]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::ffff:127.0.0.1]",
    "[::FFFF:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:1]",
    "[::ffff:8.8.8.8]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2002:7f00:1::1]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fe80::1%lo]",
    "[::1%25lo]",
    "[::1%251]",
    "[2606:4700:4700::1111%25lo]",
    "[fec0::1]",
    "[fd00::1]",
    "[fc00::1]",
    "[ff02::1]",
    "[ff0e::1]",
    "[100::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[4000::1]",
    "[::1",
    "[127.0.0.1]",
    "[localhost]",
    "[::1]albeu.com",
    "[v1.7f000001]",
    # networks that are not public
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "168.63.129.16",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.192",
    "192.88.99.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    # names that every network answers for itself
    "metadata",
    "metadata.google.internal",
    "metadata.google.internal.",
    "instance-data",
    "kubernetes.default.svc.cluster.local",
    "host.docker.internal",
    "printer.local",
    "router.lan",
    "fritz.home.arpa",
    "localhost.localdomain",
    "ip6-localhost",
    "intranet",
    # names that are answered with such an address
    *INWARD,
    "INSIDE.EXAMPLE",
    "inside.example.",
    "пример.срб",
    # no names at all
    "albeu..com",
    ".albeu.com",
    "a" * 64 + ".com",
    "a." * 130 + "com",
    "albeu com",
    "albeu.com;127.0.0.1",
    "albeu.com,127.0.0.1",
    "albeu.com|127.0.0.1",
    "{127.0.0.1}",
    "127.0.0.1'",
    "",
]
WHOLE = [
    # who is before, and who behind the @
    "http://albeu.com@127.0.0.1:PORT/",
    "http://albeu.com:80@127.0.0.1:PORT/",
    "http://albeu.com%40127.0.0.1:PORT/",
    "http://albeu.com@@127.0.0.1:PORT/",
    "http://127.0.0.1:PORT@albeu.com/",
    "http://127.0.0.1:PORT#@albeu.com/",
    "http://127.0.0.1:PORT?@albeu.com/",
    "http://albeu.com%23@127.0.0.1:PORT/",
    "http://albeu.com%2f@127.0.0.1:PORT/",
    "http://:@127.0.0.1:PORT/",
    "http://@127.0.0.1:PORT/",
    # which way a stroke leans
    "http://127.0.0.1:PORT\\@albeu.com/",
    "http://albeu.com\\@127.0.0.1:PORT/",
    "http://127.0.0.1\\.albeu.com:PORT/",
    "http://albeu.com\\127.0.0.1:PORT/",
    "http:\\\\127.0.0.1:PORT\\",
    "http:/\\127.0.0.1:PORT/",
    # where the port is
    "http://127.0.0.1:0PORT/",
    "http://127.0.0.1:+PORT/",
    "http://127.0.0.1:PORT:80/",
    "http://127.0.0.1:80:PORT/",
    "http://127.0.0.1:65616/",
    "http://public.example:PORT@127.0.0.1/",
    # blanks and signs that some readers drop
    "http://127.0.0.1\t:PORT/",
    "http://127.0.0.1 :PORT/",
    "http://127.0.\t0.1:PORT/",
    "http://\x00127.0.0.1:PORT/",
    "http://127.0.0.1\x0b:PORT/",
    # other tongues
    "ftp://127.0.0.1:PORT/",
    "gopher://127.0.0.1:PORT/_GET%20/",
    "dict://127.0.0.1:PORT/x",
    "ws://127.0.0.1:PORT/",
    "file:///etc/passwd",
    "unix:///var/run/docker.sock",
    "http+unix://%2fvar%2frun%2fdocker.sock/info",
    "jar:http://127.0.0.1:PORT/!/",
    "data:text/html,x",
    "url:http://127.0.0.1:PORT/",
    # other services of public hosts
    *(f"http://public.example:{port}/" for port in (0, 1, 21, 22, 23, 25, 53, 110, 143, 389, 445, 465, 587, 993)),
    *(f"http://public.example:{port}/" for port in (2049, 2375, 3306, 5432, 5984, 6000, 6379, 6667, 9200, 11211, 27017)),
]


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
