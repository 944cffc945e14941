"""Where the demo's alerts arrive: a real SMTP server and a real webhook endpoint that checks every signature."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Awaitable
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.demo.loopback import LoopbackServer


class _OnFreePort(Controller):
    """Lets the system choose the port: aiosmtpd would otherwise try itself out on port 0."""

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        listening = socket.create_server((self.hostname, 0))
        self.port = listening.getsockname()[1]
        return self.loop.create_server(self._factory_invoker, sock=listening)


class MailReceiver:
    """Accepts mail for anybody over plain SMTP on a free loopback port."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: list[EmailMessage] = []
        # A name given spares the look-up of this machine's own, which can take seconds.
        self._controller = _OnFreePort(self, hostname="127.0.0.1", port=0, server_hostname="demo.localhost")

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._controller.stop()

    @property
    def host(self) -> str:
        return "127.0.0.1"

    @property
    def port(self) -> int:
        return self._controller.port

    def messages(self) -> tuple[EmailMessage, ...]:
        """The messages received so far, in order."""
        with self._lock:
            return tuple(self._messages)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  (aiosmtpd's name)
        """Called by aiosmtpd with each message."""
        message = BytesParser(_class=EmailMessage, policy=default).parsebytes(envelope.original_content or b"")
        with self._lock:
            self._messages.append(message)
        return "250 OK"


@dataclass(frozen=True, slots=True)
class Received:
    """One webhook call whose signature was right. The same `id` may come again: the sender tries until it hears a 2xx."""

    id: str
    payload: Any


class WebhookReceiver:
    """Answers 204 to calls signed with `secret` (Standard Webhooks), 401 to others, and 503 as often as told by `fail_next`."""

    def __init__(self, secret: str) -> None:
        self._webhook = Webhook(secret)
        self._lock = threading.Lock()
        self._received: list[Received] = []
        self._bad_signatures = 0
        self._failing = 0
        self._server = LoopbackServer(Starlette(routes=[Route("/alerts", self._call, methods=["POST"])]))

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.__exit__(kind, error, trace)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.port}/alerts"

    @property
    def bad_signatures(self) -> int:
        with self._lock:
            return self._bad_signatures

    def received(self) -> tuple[Received, ...]:
        """The calls answered with 204 so far, in order, repeats included."""
        with self._lock:
            return tuple(self._received)

    def fail_next(self, calls: int) -> None:
        """Answer 503 to the next `calls` calls, whatever they carry."""
        with self._lock:
            self._failing = calls

    async def _call(self, request: Request) -> Response:
        body = await request.body()
        with self._lock:
            return Response(status_code=self._judge(body, dict(request.headers)))

    def _judge(self, body: bytes, headers: dict[str, str]) -> int:
        if self._failing:
            self._failing -= 1
            return 503
        try:
            self._webhook.verify(body, headers)
        except (WebhookVerificationError, ValueError):  # ValueError: headers so broken that the library does not judge them
            self._bad_signatures += 1
            return 401
        self._received.append(Received(headers["webhook-id"], json.loads(body)))
        return 204
