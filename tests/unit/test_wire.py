"""The guarded client against real servers: the address connected to, the head of an answer, whether anything is reachable."""

from __future__ import annotations

import asyncio
import errno
import socket
import time
from datetime import timedelta
from pathlib import Path

import aiohttp
import httpx
import pytest
import trustme

from monitor.collect import wire
from monitor.collect.fetch import Fetcher
from monitor.model import Failed, FailureKind, Fetched, Validators
from monitor.settings import Collect
from tests.unit.internet import PUBLIC, Internet, small_internet
from tests.unit.sites import ALLOWED, SECONDS, Handler, Site, ask, certified, failed, serving, trusted_authority


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> Internet:
    return small_internet(monkeypatch)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    return trusted_authority(tmp_path, monkeypatch)


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
