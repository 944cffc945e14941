import asyncio
import gzip
import os
import time
import zlib
from datetime import timedelta

import httpx
import pytest
from aiohttp import web

from monitor.collect.fetch import Fetcher
from monitor.model import Failed, FailureKind, Fetched, NotModified, Validators
from tests.unit.serving import NOTHING, SECOND, answering, ask, failed, limits, serving


async def test_a_source_is_fetched_with_its_validators() -> None:
    outcome = await ask(answering(ETag='"1"', Last_Modified="Sun, 22 Nov 2026 12:00:00 GMT"), "/feed")
    assert isinstance(outcome, Fetched)
    assert (outcome.page.status, outcome.page.body) == (200, b"body")
    assert outcome.page.headers["etag"] == '"1"'
    assert outcome.page.final_url.endswith("/feed")
    assert (outcome.validators.etag, outcome.validators.last_modified) == ('"1"', "Sun, 22 Nov 2026 12:00:00 GMT")
    assert outcome.validators.body_hash


async def test_the_question_is_conditional_and_says_who_asks() -> None:
    seen: dict[str, str] = {}

    async def handler(request: web.BaseRequest) -> web.Response:
        seen.update({name.lower(): value for name, value in request.headers.items()})
        return web.Response(status=304)

    outcome = await ask(handler, validators=Validators('"1"', "Sun, 22 Nov 2026 12:00:00 GMT"), user_agent="Tester/1 (+https://x.al)")
    assert outcome == NotModified()
    assert (seen["if-none-match"], seen["if-modified-since"]) == ('"1"', "Sun, 22 Nov 2026 12:00:00 GMT")
    assert (seen["user-agent"], seen["accept-encoding"]) == ("Tester/1 (+https://x.al)", "gzip")
    assert "cookie" not in seen


async def test_the_same_body_is_not_modified_even_with_new_validators() -> None:
    first = await ask(answering(ETag='"1"'))
    assert isinstance(first, Fetched)
    again = Validators(None, None, first.validators.body_hash)
    assert await ask(answering(ETag='"2"'), validators=again) == NotModified(read=True)
    assert isinstance(await ask(answering(body=b"other"), validators=again), Fetched)


async def test_a_304_nobody_asked_for_is_a_failure() -> None:
    failed(await ask(answering(304)), "http", "304")


@pytest.mark.parametrize(
    ("status", "words"), [(404, "404 Not Found"), (403, "403 Forbidden"), (500, "500 Internal Server Error"), (204, "204")]
)
async def test_other_answers_fail_with_their_status(status: int, words: str) -> None:
    assert failed(await ask(answering(status, b"")), "http", words).status == status


async def test_retry_after_is_handed_on() -> None:
    assert failed(await ask(answering(429, Retry_After="90")), "http", "429").retry_after == timedelta(seconds=90)


async def test_a_challenge_is_named_not_evaded() -> None:
    failed(await ask(answering(403, cf_mitigated="challenge")), "challenge", "Cloudflare")


async def test_packed_answers_are_unpacked() -> None:
    body = "Хакерски напад".encode() * 100
    for packing, packed in (("gzip", gzip.compress(body)), ("deflate", zlib.compress(body)), ("identity", body)):
        outcome = await ask(answering(body=packed, Content_Encoding=packing))
        assert isinstance(outcome, Fetched)
        assert outcome.page.body == body


async def test_a_packed_answer_that_is_cut_or_broken_fails() -> None:
    packed = gzip.compress(os.urandom(5000))
    failed(await ask(answering(body=packed[:-100], Content_Encoding="gzip")), "connect", "broke off")
    failed(await ask(answering(body=b"no gzip at all", Content_Encoding="gzip")), "http", "cannot be unpacked")


@pytest.mark.parametrize("packing", ["br", "gzip, gzip", "gzip,br", "rubbish"])
async def test_packings_not_asked_for_are_refused(packing: str) -> None:
    failed(await ask(answering(body=gzip.compress(gzip.compress(b"x")), Content_Encoding=packing)), "http", "not asked for")


async def test_a_body_over_the_cap_is_too_large() -> None:
    failed(await ask(answering(body=b"x" * 20_001), max_bytes=20_000), "too_large", "20,000 bytes")
    assert isinstance(await ask(answering(body=b"x" * 20_000), max_bytes=20_000), Fetched)


async def test_a_gzip_bomb_is_too_large() -> None:
    bomb = gzip.compress(bytes(200_000_000), 1)
    failed(await ask(answering(body=bomb, Content_Encoding="gzip")), "too_large", "bytes")


async def test_an_endless_answer_is_cut_at_the_cap() -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 10_000)

    failed(await ask(handler, max_bytes=50_000), "too_large", "bytes")


async def test_a_slow_trickle_meets_the_total_deadline() -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x")
            await asyncio.sleep(0.05)

    start = time.monotonic()
    failed(await ask(handler, timeout=0.4 * SECOND), "timeout", "within 0.4 s")
    assert time.monotonic() - start < 2


async def test_a_server_that_never_answers_times_out() -> None:
    async def handler(_: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    failed(await ask(handler, timeout=0.3 * SECOND), "timeout", "albeu.localhost did not finish")


async def test_redirects_are_followed_and_the_last_address_reported() -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        hops = {"/a": "/b", "/b": f"http://other.{request.host.split('.', 1)[1]}/c?d=e"}
        target = hops.get(request.path)
        return web.Response(status=302, headers={"Location": target}) if target else web.Response(body=b"here")

    outcome = await ask(handler, "/a")
    assert isinstance(outcome, Fetched)
    assert outcome.page.url.endswith("/a")
    assert outcome.page.final_url.startswith("http://other.localhost:")
    assert outcome.page.final_url.endswith("/c?d=e")


async def test_a_redirect_loop_ends() -> None:
    failed(await ask(answering(301, Location="/again")), "http", "more than 8 times")


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://x.al/", "javascript:x()", "http://user@x.al/", "http://[", "gopher://127.0.0.1/"]
)
async def test_a_redirect_to_no_plain_address_is_refused(location: str) -> None:
    failed(await ask(answering(302, Location=location)), "refused", "address")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1", "169.254.169.254"])
async def test_a_redirect_to_a_forbidden_address_is_refused(host: str) -> None:
    failed(await ask(answering(302, Location=f"http://{host}:80/")), "refused", "not connected to")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "albeu.localhost",
        "LOCALHOST.",
        "0",
        "0.0.0.0",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.0.0.1.",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "[fe80::1]",
        "[fe80::1%25lo]",
        "[fd00::1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::1]",
    ],
)
async def test_nothing_is_connected_to_that_is_not_public_or_allowed(host: str) -> None:
    asked = []

    async def handler(request: web.BaseRequest) -> web.Response:
        asked.append(request.host)
        return web.Response()

    async with serving(handler) as server, Fetcher(limits(allow_hosts=(), timeout=2 * SECOND)) as fetcher:
        port = server.rsplit(":", 1)[1]
        for url in (f"http://{host}:{port}/", f"http://albeu.com@{host}:{port}/", f"http://{host}:{port}\\@albeu.com/"):
            outcome = await fetcher.source(url, NOTHING)
            assert isinstance(outcome, Failed), (url, outcome)
            assert outcome.kind in ("refused", "dns"), (url, outcome)
            with pytest.raises(httpx.HTTPError):
                await fetcher.client.post(f"http://localhost:{port}/")
    assert asked == []


async def test_an_address_can_be_allowed_by_name() -> None:
    async with serving(answering()) as server, Fetcher(limits(allow_hosts=("127.0.0.1",))) as fetcher:
        port = server.rsplit(":", 1)[1]
        assert isinstance(await fetcher.source(f"http://127.0.0.1:{port}/", NOTHING), Fetched)
        failed(await fetcher.source(f"http://albeu.localhost:{port}/", NOTHING), "refused", "allow_hosts")


async def test_a_proxy_in_the_environment_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert isinstance(await ask(answering()), Fetched)


async def test_an_unknown_name_is_a_dns_failure() -> None:
    async with Fetcher(limits()) as fetcher:
        failed(await fetcher.source("http://no-such-host.invalid/", NOTHING), "dns", "no-such-host.invalid cannot be resolved")


async def test_a_closed_port_is_a_connect_failure() -> None:
    async with serving(answering()) as host:
        pass
    async with Fetcher(limits()) as fetcher:
        failed(await fetcher.source(f"http://albeu.{host}/", NOTHING), "connect", "refuses connections")


async def test_a_server_without_tls_is_a_tls_failure() -> None:
    async with serving(answering()) as host, Fetcher(limits()) as fetcher:
        failed(await fetcher.source(f"https://albeu.{host}/", NOTHING), "tls", "no secure connection to albeu.localhost")


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"", "connect"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut", "connect"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "http"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", "http"),
    ],
)
async def test_a_server_that_does_not_keep_to_http(raw: bytes, kind: FailureKind) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        writer.close()

    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    async with server, Fetcher(limits()) as fetcher:
        port = server.sockets[0].getsockname()[1]
        failed(await fetcher.source(f"http://albeu.localhost:{port}/", NOTHING), kind, "albeu.localhost")


async def test_the_client_for_webhooks_follows_no_redirect_and_keeps_no_cookie() -> None:
    cookies = []

    async def handler(request: web.BaseRequest) -> web.Response:
        cookies.append(request.headers.get("cookie"))
        return web.Response(status=302, headers={"Location": "/elsewhere", "Set-Cookie": "a=b"})

    async with serving(handler) as host, Fetcher(limits()) as fetcher:
        answers = [await fetcher.client.post(f"http://hook.{host}/", json={}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert cookies == [None, None]


async def test_a_closed_fetcher_says_so() -> None:
    with pytest.raises(RuntimeError, match="not open"):
        _ = Fetcher(limits()).client
