"""E-mail to real SMTP servers: plain, STARTTLS, TLS, with login, refusing, greylisting and hanging."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import SecretStr

from monitor.alerts.email import compose, send
from monitor.model import Change, Delivery, GaveUp, Retry, SendOutcome, Sent
from monitor.settings import Mail
from tests.unit.alerting import concerned, delivery, notice, notice_delivery

TO = "soc@example.org"
PATIENCE = timedelta(seconds=5)


class Box:
    """Takes mail, unless it was told what to answer instead."""

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.taken: list[EmailMessage] = []
        self.sessions: list[Session] = []
        self.envelopes: list[Envelope] = []

    async def handle_MAIL(self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]) -> str:  # noqa: N802 - aiosmtpd's name
        envelope.mail_from = address
        return self.answers.get("mail", "250 OK")

    async def handle_RCPT(self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]) -> str:  # noqa: N802 - aiosmtpd's name
        envelope.rcpt_tos.append(address)
        return self.answers.get("rcpt", "250 OK")

    async def handle_DATA(self, _: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if "hang" in self.answers:
            await asyncio.sleep(30)
        content = envelope.original_content
        assert content is not None
        self.taken.append(message_from_bytes(content, _class=EmailMessage, policy=default))
        self.sessions.append(session)
        self.envelopes.append(envelope)
        return self.answers.get("data", "250 OK")


@asynccontextmanager
async def server(box: Box, tls: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()

    def session() -> SMTP:
        return SMTP(box, hostname="mail.test", loop=loop, **options)

    listening = await loop.create_server(session, "127.0.0.1", 0, ssl=tls)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        await listening.wait_closed()


def mail(port: int, **changed: Any) -> Mail:
    values: dict[str, Any] = {"host": "localhost", "port": port, "security": "none", "sender": "Monitor <monitor@example.org>"}
    return Mail(**(values | changed))


async def post(box: Box, owed: Delivery | None = None, **options: Any) -> SendOutcome:
    async with server(box, **options) as port:
        return await send(mail(port), owed or delivery(), TO, PATIENCE)


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's TLS, signed by an authority that this test trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return _context(authority)


def _context(authority: trustme.CA, name: str = "localhost") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


async def test_a_message_arrives_in_plain_text_and_html() -> None:
    box = Box()
    owed = delivery(title="Хакери напали Скупштину Ελλάδα")
    assert await post(box, owed) == Sent()
    (message,) = box.taken
    assert message.get_content_type() == "multipart/alternative"
    plain, html = message.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert "Хакери напали Скупштину Ελλάδα" in plain.get_content()
    assert "Хакери напали Скупштину Ελλάδα" in html.get_content()
    assert (box.envelopes[0].mail_from, box.envelopes[0].rcpt_tos) == ("monitor@example.org", [TO])


async def test_headers_say_what_it_is_and_that_nobody_wrote_it() -> None:
    box = Box()
    await post(box, delivery(headline="Δήμος Θεσσαλονίκης: data leaked", countries=("GR",)))
    (message,) = box.taken
    assert message["Subject"] == "[GR] Δήμος Θεσσαλονίκης: data leaked"
    assert (message["From"], message["To"]) == ("Monitor <monitor@example.org>", TO)
    assert message["Message-ID"] == f"<{delivery().id}@example.org>"
    assert message["List-Id"] == "Cyber incidents in the Balkans <alerts.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert abs(parsedate_to_datetime(message["Date"]) - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_message_id_stays_and_mails_of_a_story_hang_together() -> None:
    first, again = (compose(mail(25), delivery(), TO) for _ in range(2))
    later = compose(mail(25), Delivery("another", "soc", "email", delivery(change=Change("confirmed")).alert), TO)
    other = compose(mail(25), delivery(story_key="ffffffffff"), TO)
    assert first["Message-ID"] == again["Message-ID"] != later["Message-ID"]
    assert first["References"] == first["In-Reply-To"] == later["References"] == later["In-Reply-To"] != other["References"]


async def test_a_notice_arrives_under_a_subject_a_list_and_a_thread_of_its_own() -> None:
    box = Box()
    assert await post(box, notice_delivery(notice(concerned(1, name="Дневник"), concerned(2)))) == Sent()
    (message,) = box.taken
    assert message["Subject"] == "[monitor] 2 sources broken: Дневник, Site 2"
    assert message["List-Id"] == "Operation of the monitor <operation.example.org>"
    assert message["Message-ID"] == f"<{notice_delivery().id}@example.org>"
    assert message["In-Reply-To"] == message["References"] == "<operation@example.org>"
    plain, html = message.iter_parts()
    for part in (plain, html):
        assert "site2.al answered 500 (Internal Server Error)" in part.get_content()


def test_a_sender_without_a_domain_still_makes_whole_ids() -> None:
    assert compose(mail(25, sender=""), delivery(), TO)["Message-ID"] == f"<{delivery().id}@localhost>"


def test_a_message_needs_nothing_but_seven_bits_and_short_lines() -> None:
    data = compose(mail(25), delivery(sentence="Δήμος " * 90, headline="Скупштина " * 30), TO).as_bytes()
    assert data.isascii()
    assert compose(mail(25), delivery(title="Хакери", sentence=""), TO).as_bytes().isascii()
    assert max(map(len, data.splitlines())) <= 100


@pytest.mark.parametrize("field", ["headline", "title", "outlet", "story_key", "url"])
async def test_no_text_from_outside_becomes_a_header(field: str) -> None:
    box = Box()
    hostile: dict[str, Any] = {field: "x\r\nBcc: all@example.org\r\n\r\nbody"}
    assert await post(box, delivery(**hostile)) == Sent()
    (message,) = box.taken
    assert message["Bcc"] is None
    assert len(message.keys()) == 11
    assert box.envelopes[0].rcpt_tos == [TO]


async def test_starttls_with_login(certificate: ssl.SSLContext) -> None:
    box = Box()
    async with server(box, tls_context=certificate, require_starttls=True, authenticator=_only("monitor", "opensesame")) as port:
        account = mail(port, security="starttls", username="monitor", password=SecretStr("opensesame"))
        assert await send(account, delivery(), TO, PATIENCE) == Sent()
    assert box.sessions[0].ssl is not None
    assert box.sessions[0].authenticated


async def test_tls_from_the_first_byte(certificate: ssl.SSLContext) -> None:
    box = Box()
    async with server(box, tls=certificate) as port:
        assert await send(mail(port, security="tls"), delivery(), TO, PATIENCE) == Sent()
    assert len(box.taken) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_of_a_stranger_or_for_another_name_is_not_accepted(certificate: ssl.SSLContext, security: str) -> None:
    box = Box()
    context = _context(trustme.CA())
    async with server(box, **({"tls": context} if security == "tls" else {"tls_context": context})) as port:
        outcome = await send(mail(port, security=security), delivery(), TO, PATIENCE)
    assert isinstance(outcome, Retry)
    assert "certificate" in outcome.reason.lower()
    assert box.taken == []


async def test_encryption_that_is_not_offered_is_not_gone_without() -> None:
    box = Box()
    async with server(box) as port:
        outcome = await send(mail(port, security="starttls"), delivery(), TO, PATIENCE)
    assert isinstance(outcome, Retry)
    assert "STARTTLS" in outcome.reason
    assert box.taken == []


async def test_a_wrong_password_is_tried_again_and_never_shown(certificate: ssl.SSLContext) -> None:
    async with server(Box(), tls_context=certificate, authenticator=_only("monitor", "opensesame")) as port:
        account = mail(port, security="starttls", username="monitor", password=SecretStr("hunter2"))
        outcome = await send(account, delivery(), TO, PATIENCE)
    assert isinstance(outcome, Retry)
    assert "does not accept the login" in outcome.reason
    assert "hunter2" not in outcome.reason


def _only(name: str, word: str) -> Callable[..., AuthResult]:
    def check(_: SMTP, __: Session, ___: Envelope, ____: str, given: object) -> AuthResult:
        right = isinstance(given, LoginPassword) and (given.login, given.password) == (name.encode(), word.encode())
        return AuthResult(success=right, handled=False)

    return check


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({"rcpt": "550 5.1.1 no such user"}, GaveUp),
        ({"rcpt": "451 4.7.1 greylisted, come again"}, Retry),
        ({"rcpt": "530 5.7.0 authentication required"}, Retry),
        ({"mail": "553 5.7.1 sender not yours"}, Retry),
        ({"data": "554 5.6.0 looks like spam"}, GaveUp),
        ({"data": "452 4.2.2 mailbox full"}, Retry),
        ({"data": "421 4.3.2 shutting down"}, Retry),
    ],
)
async def test_a_refusal_is_for_good_only_if_it_is_about_this_mail(answers: dict[str, str], outcome: type[SendOutcome]) -> None:
    told = await post(Box(**answers))
    assert isinstance(told, outcome)
    assert isinstance(told, Retry | GaveUp)
    assert next(iter(answers.values()))[:3] in told.reason


async def test_what_a_server_says_is_one_clean_line() -> None:
    told = await post(Box(rcpt="550 \x1b[2Jgone"))
    assert isinstance(told, GaveUp)
    assert told.reason.isprintable()


async def test_no_answer_in_time_is_tried_again_under_the_same_id() -> None:
    async with server(Box(hang="yes")) as port:
        told = await send(mail(port), delivery(), TO, timedelta(seconds=0.3))
    assert told == Retry(f"localhost:{port} gave no answer in time; whether it took the message is not known.")


async def test_nobody_listening_or_no_such_host_is_tried_again() -> None:
    async with server(Box()) as port:
        pass
    told = await send(mail(port), delivery(), TO, PATIENCE)
    assert isinstance(told, Retry)
    assert told.reason.startswith(f"localhost:{port} cannot be used: ")
    assert isinstance(await send(mail(25, host="mail.invalid"), delivery(), TO, PATIENCE), Retry)


async def test_a_server_that_hangs_up_or_talks_nonsense_is_tried_again() -> None:
    for said in (b"", b"SSH-2.0-OpenSSH\r\n", b"554 no service for you\r\n"):

        async def speak(_: asyncio.StreamReader, writer: asyncio.StreamWriter, said: bytes = said) -> None:
            writer.write(said)
            writer.close()

        listening = await asyncio.start_server(speak, "127.0.0.1", 0)
        async with listening:
            told = await send(mail(listening.sockets[0].getsockname()[1]), delivery(), TO, PATIENCE)
        assert isinstance(told, Retry)
