"""Webhooks to a real HTTP server, through the guarded client the daemon uses."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from monitor.alerts.webhook import send
from monitor.collect.fetch import Fetcher
from monitor.model import GaveUp, Retry, Sent
from monitor.settings import Collect
from tests.unit.alerting import SECRET, delivery, notice_delivery, subscriber

OTHER_SECRET = "whsec_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXowMTIzNDU="
NO_CONTENT = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


@dataclass
class Receiver:
    """Answers each request with `answer`, then falls silent for `silence` seconds before it hangs up."""

    answer: bytes = NO_CONTENT
    silence: float = 0.0
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    sent: int = 0
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            self.bodies.append(await reader.readexactly(int(headers["content-length"])))
            self.headers.append(headers)
            self.lines.append(head[0])
            for start in range(0, len(self.answer), 65_536):
                writer.write(self.answer[start : start + 65_536])
                await writer.drain()
                self.sent += len(self.answer[start : start + 65_536])
            await asyncio.sleep(self.silence)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks/s3cr3t"


@asynccontextmanager
async def listening(receiver: Receiver) -> AsyncIterator[Receiver]:
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    async with server:
        yield receiver


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with Fetcher(Collect(allow_hosts=("127.0.0.1",))) as fetcher:
        yield fetcher.client


async def post(client: httpx.AsyncClient, receiver: Receiver, patience: float = 5.0, secret: str = SECRET) -> Any:
    hook = subscriber(channel="webhook", target=receiver.url, secret=secret)
    return await send(client, delivery("webhook"), hook, datetime.now(UTC), timedelta(seconds=patience))


def answer(status: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


async def test_a_receiver_can_verify_what_it_gets(client: httpx.AsyncClient) -> None:
    async with listening(Receiver()) as receiver:
        assert await post(client, receiver) == Sent()
    (headers,), (body,) = receiver.headers, receiver.bodies
    payload = Webhook(SECRET).verify(body, headers)
    assert payload["type"] == "story.opened"
    assert payload["id"] == headers["webhook-id"] == delivery().id
    assert headers["content-type"] == "application/json"
    assert receiver.lines == ["POST /hooks/s3cr3t HTTP/1.1"]


async def test_a_notice_is_signed_like_an_alert_and_says_what_it_is(client: httpx.AsyncClient) -> None:
    async with listening(Receiver()) as receiver:
        hook = subscriber(channel="webhook", target=receiver.url, secret=SECRET)
        assert await send(client, notice_delivery(channel="webhook"), hook, datetime.now(UTC)) == Sent()
    payload = Webhook(SECRET).verify(receiver.bodies[0], receiver.headers[0])
    assert (payload["schema"], payload["type"]) == ("notice.v1", "source.broken")
    assert payload["id"] == receiver.headers[0]["webhook-id"] == notice_delivery().id
    assert [each["key"] for each in payload["data"]["sources"]] == ["al.site1"]


async def test_a_changed_body_or_another_secret_does_not_verify(client: httpx.AsyncClient) -> None:
    async with listening(Receiver()) as receiver:
        await post(client, receiver)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(receiver.bodies[0].replace(b"wiper", b"ddos"), receiver.headers[0])
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER_SECRET).verify(receiver.bodies[0], receiver.headers[0])


async def test_while_a_secret_changes_both_verify(client: httpx.AsyncClient) -> None:
    async with listening(Receiver()) as receiver:
        await post(client, receiver, secret=f"{OTHER_SECRET} {SECRET}")
    for secret in (SECRET, OTHER_SECRET):
        assert Webhook(secret).verify(receiver.bodies[0], receiver.headers[0])


async def test_each_attempt_has_the_same_id_and_body_and_its_own_time(client: httpx.AsyncClient) -> None:
    async with listening(Receiver()) as receiver:
        hook = subscriber(channel="webhook", target=receiver.url, secret=SECRET)
        now = datetime.now(timezone(timedelta(hours=1)))
        for moment in (now, now + timedelta(minutes=2)):
            assert await send(client, delivery("webhook"), hook, moment) == Sent()
    first, second = receiver.headers
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 120
    assert receiver.bodies[0] == receiver.bodies[1]
    for headers, body in zip(receiver.headers, receiver.bodies, strict=True):
        assert Webhook(SECRET).verify(body, headers)


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "202 Accepted", "299 Fine"])
async def test_every_2xx_is_taken(client: httpx.AsyncClient, status: str) -> None:
    async with listening(Receiver(answer(status, body=b"thanks"))) as receiver:
        assert await post(client, receiver) == Sent()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 413, 422, 429, 500, 502, 503])
async def test_what_a_receiver_may_put_right_is_tried_again(client: httpx.AsyncClient, status: int) -> None:
    async with listening(Receiver(answer(f"{status} Sorry", body="не сада\x1b[2J".encode()))) as receiver:
        assert await post(client, receiver) == Retry(f"127.0.0.1 answered {status}: не сада [2J")


async def test_gone_is_gone(client: httpx.AsyncClient) -> None:
    async with listening(Receiver(answer("410 Gone"))) as receiver:
        assert await post(client, receiver) == GaveUp("127.0.0.1 answered 410")


@pytest.mark.parametrize(
    ("header", "after"),
    [("120", 120.0), ("0", 0.0), ("soon", None), ("-5", None), ("9" * 5000, 365 * 86400.0)],
)
async def test_retry_after_in_seconds_is_passed_on(client: httpx.AsyncClient, header: str, after: float | None) -> None:
    async with listening(Receiver(answer("503 Busy", f"Retry-After: {header}"))) as receiver:
        told = await post(client, receiver)
    assert isinstance(told, Retry)
    assert told.after == (None if after is None else timedelta(seconds=after))


async def test_retry_after_as_a_date_is_passed_on(client: httpx.AsyncClient) -> None:
    at = datetime.now(UTC) + timedelta(minutes=10)
    async with listening(Receiver(answer("429 Slow down", f"Retry-After: {at:%a, %d %b %Y %H:%M:%S} GMT"))) as receiver:
        told = await post(client, receiver)
    assert isinstance(told, Retry)
    assert told.after is not None
    assert timedelta(minutes=9, seconds=55) < told.after <= timedelta(minutes=10)


async def test_a_redirect_is_not_followed_and_says_what_to_do(client: httpx.AsyncClient) -> None:
    async with listening(Receiver(answer("302 Found", "Location: http://169.254.169.254/latest"))) as receiver:
        assert await post(client, receiver) == Retry("127.0.0.1 sends callers on to 169.254.169.254; alerts.toml needs the final address")


async def test_no_answer_in_time_is_tried_again_under_the_same_id(client: httpx.AsyncClient) -> None:
    async with listening(Receiver(b"", silence=5)) as receiver:
        told = await post(client, receiver, patience=0.3)
    assert told == Retry("127.0.0.1 gave no answer within 0.3 s; whether it took the alert is not known.")


async def test_a_huge_answer_is_not_read(client: httpx.AsyncClient) -> None:
    async with listening(Receiver(answer("500 Oops", body=b"x" * 10_000_000))) as receiver:
        told = await post(client, receiver)
    assert isinstance(told, Retry)
    assert len(told.reason) < 250
    assert receiver.sent < 9_000_000


async def test_an_answer_that_never_ends_does_not_unsay_its_status(client: httpx.AsyncClient) -> None:
    began = time.monotonic()
    async with listening(Receiver(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nha", silence=8)) as receiver:
        assert await post(client, receiver) == Sent()
    assert time.monotonic() - began < 6


async def test_hanging_up_nonsense_and_nobody_there_are_tried_again(client: httpx.AsyncClient) -> None:
    for said in (b"", b"SSH-2.0-OpenSSH\r\n\r\n"):
        async with listening(Receiver(said)) as receiver:
            assert isinstance(await post(client, receiver), Retry)
    told = await post(client, receiver)
    assert isinstance(told, Retry)
    assert told.reason.startswith("127.0.0.1 cannot be reached: ")


async def test_the_guard_keeps_webhooks_out_of_the_own_network() -> None:
    async with listening(Receiver()) as receiver, Fetcher(Collect()) as fetcher:
        assert isinstance(await post(fetcher.client, receiver), Retry)
    assert receiver.bodies == []


async def test_reasons_do_not_show_the_path_which_is_often_the_password(client: httpx.AsyncClient) -> None:
    async with listening(Receiver(answer("500 Oops", body=b"no"))) as receiver:
        told = [await post(client, receiver)]
    told.append(await post(client, receiver))

    def complain(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"cannot open {request.url}")

    async with httpx.AsyncClient(transport=httpx.MockTransport(complain)) as complaining:
        told.append(await post(complaining, receiver))
    assert all(isinstance(one, Retry) and "s3cr3t" not in one.reason for one in told)


async def test_letters_of_every_script_arrive(client: httpx.AsyncClient) -> None:
    async with listening(Receiver()) as receiver:
        hook = subscriber(channel="webhook", target=receiver.url, secret=SECRET)
        owed = delivery("webhook", title="Хакери ζ ë\r\n\ud800")
        assert await send(client, owed, hook, datetime.now(UTC)) == Sent()
    assert json.loads(receiver.bodies[0])["data"]["report"]["title"] == "Хакери ζ ë"
    assert Webhook(SECRET).verify(receiver.bodies[0], receiver.headers[0])
