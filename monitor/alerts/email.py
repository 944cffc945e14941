"""Alerts by e-mail: one message a delivery, over SMTP."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

import aiosmtplib

from monitor import settings
from monitor.alerts.form import clean
from monitor.alerts.render import html, plain, subject
from monitor.model import Delivery, GaveUp, Retry, SendOutcome, Sent

# Encoded so that servers which know neither 8BITMIME nor SMTPUTF8 can take it.
_POLICY = SMTP.clone(cte_type="7bit")
_NEWS, _OPERATION = "Cyber incidents in the Balkans", "Operation of the monitor"
# Refusals that mean our own login or encryption, whatever command they answer: they end when the settings are put right.
_NOT_LET_IN = (530, 534, 535, 538)


async def send(mail: settings.Mail, delivery: Delivery, to: str, patience: timedelta) -> SendOutcome:
    """Hand the message to the server. Encryption that is asked for and not offered is a failure, never a reason to go without."""
    message = compose(mail, delivery, to)
    try:
        async with asyncio.timeout(patience.total_seconds()):
            await aiosmtplib.send(
                message,
                sender=parseaddr(mail.sender)[1],
                recipients=[to],
                hostname=mail.host,
                port=mail.port,
                use_tls=mail.security == "tls",
                start_tls=mail.security == "starttls",
                username=mail.username or None,
                password=mail.password.get_secret_value() or None,
                timeout=patience.total_seconds(),
                local_hostname=_domain(mail),
            )
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        return _failed(error, mail, to)
    return Sent()


def compose(mail: settings.Mail, delivery: Delivery, to: str) -> EmailMessage:
    """The message in plain text and HTML. `Message-ID` is the delivery's for good; one parent for all mails of a story threads them, and
    another those about the monitor itself."""
    domain = _domain(mail)
    topic = "operation" if delivery.story is None else f"story.{uuid.uuid5(uuid.NAMESPACE_OID, delivery.story)}"
    thread = f"<{topic}@{domain}>"
    message = EmailMessage(policy=_POLICY)
    message["From"] = clean(mail.sender)
    message["To"] = clean(to)
    message["Subject"] = subject(delivery.alert)
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{delivery.id}@{domain}>"
    message["In-Reply-To"] = thread
    message["References"] = thread
    message["List-Id"] = f"{_NEWS} <alerts.{domain}>" if delivery.story else f"{_OPERATION} <operation.{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(plain(delivery.alert))
    message.add_alternative(html(delivery.alert), subtype="html")
    return message


def _domain(mail: settings.Mail) -> str:
    return parseaddr(mail.sender)[1].rpartition("@")[2] or "localhost"


def _failed(error: Exception, mail: settings.Mail, to: str) -> SendOutcome:
    server = f"{mail.host}:{mail.port}"
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        refusal = error.recipients[0]
        return _refused(refusal.code, f"{server} does not take mail for {to}: {_said(refusal)}")
    if isinstance(error, aiosmtplib.SMTPDataError):
        return _refused(error.code, f"{server} does not take the message: {_said(error)}")
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return Retry(f"{server} does not accept the login of [mail]: {_said(error)}")
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return Retry(f"{server} answered {_said(error)}")
    if isinstance(error, TimeoutError):
        return Retry(f"{server} gave no answer in time; whether it took the message is not known.")
    return Retry(f"{server} cannot be used: {clean(str(error)) or type(error).__name__}")


def _refused(code: int, sentence: str) -> SendOutcome:
    """A 5xx is for good; a 4xx, greylisting among them, asks to come again."""
    return GaveUp(sentence) if 500 <= code < 600 and code not in _NOT_LET_IN else Retry(sentence)


def _said(error: aiosmtplib.SMTPResponseException) -> str:
    return clean(f"{error.code} {error.message}")
