"""Alerts by webhook: one signed POST a delivery, by the rules of Standard Webhooks (https://www.standardwebhooks.com)."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
import httpx
from standardwebhooks.webhooks import Webhook

from monitor.alerts.form import clean
from monitor.alerts.render import payload
from monitor.model import Delivery, GaveUp, Retry, SendOutcome, Sent, Subscriber
from monitor.text.urls import site

_READ_AT_MOST = 64 * 1024
_READ_SECONDS = 2.0
_QUOTED = 160
_PATIENCE = timedelta(seconds=20)
# The client runs over aiohttp, and not every error of it comes translated.
_ERRORS = (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, ValueError)


async def send(
    client: httpx.AsyncClient, delivery: Delivery, subscriber: Subscriber, now: datetime, patience: timedelta = _PATIENCE
) -> SendOutcome:
    """Post the alert. Only 410 ends a delivery: every other refusal (wrong path, expired token) is something that gets put right.

    Reasons name the receiver's host only: the path of a webhook is often its password.
    """
    host = site(subscriber.target)
    body = json.dumps(payload(delivery), ensure_ascii=False, separators=(",", ":"))
    try:
        request = client.build_request("POST", subscriber.target, content=body.encode(), headers=_headers(delivery, subscriber, body, now))
        async with asyncio.timeout(patience.total_seconds()):
            response = await client.send(request, stream=True, follow_redirects=False)
    except (TimeoutError, httpx.ReadTimeout):  # the client calls every failure to connect a time-out, so no wider class
        return Retry(f"{host} gave no answer within {patience.total_seconds():g} s; whether it took the alert is not known.")
    except _ERRORS as error:
        why = clean(str(error).replace(subscriber.target, host)) or type(error).__name__
        return Retry(f"{host} cannot be reached: {why}")
    try:
        said = await _beginning(response)
    finally:
        await response.aclose()
    return _outcome(response, host, said, now)


def _headers(delivery: Delivery, subscriber: Subscriber, body: str, now: datetime) -> dict[str, str]:
    """Signed with each of the subscriber's secrets, so that a secret can be changed without losing an alert."""
    moment = now.astimezone(UTC)  # the library takes any time for UTC
    signatures = [Webhook(secret).sign(delivery.id, moment, body) for secret in subscriber.secret.split()]
    return {
        "content-type": "application/json",
        "webhook-id": delivery.id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


async def _beginning(response: httpx.Response) -> str:
    """What the receiver says, as far as it is short and quick. Raw bytes: nothing is unpacked."""
    read = bytearray()
    try:
        async with asyncio.timeout(_READ_SECONDS):
            async for chunk in response.aiter_raw(chunk_size=4096):
                read += chunk
                if len(read) >= _READ_AT_MOST:
                    break
    except _ERRORS:
        pass  # the status is the answer
    return clean(read[:_QUOTED].decode("utf-8", "replace"))


def _outcome(response: httpx.Response, host: str, said: str, now: datetime) -> SendOutcome:
    if response.is_success:
        return Sent()
    answer = f"{host} answered {response.status_code}{f': {said}' if said else ''}"
    if response.status_code == httpx.codes.GONE:
        return GaveUp(answer)
    if response.is_redirect:
        to = site(response.headers.get("location", "")) or "another path"
        answer = f"{host} sends callers on to {to}; alerts.toml needs the final address"
    return Retry(answer, _retry_after(response.headers.get("retry-after"), now))


def _retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Seconds or a date; None if there is neither."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return timedelta(seconds=min(int(value.strip()[:9]), 365 * 86400))
    try:
        at = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(at - now, timedelta(0))
