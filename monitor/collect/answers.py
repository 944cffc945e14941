"""What an HTTP answer means: its failure in a sentence, a challenge by name, the pause it asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from monitor.model import Failed, Validators

LONGEST_RETRY_AFTER = timedelta(hours=24)
_LONGEST_VALIDATOR = 512
_HEAD = 32_768
_MAX_AGE = re.compile(r"(?<![\w-])max-age\s*=\s*\"?(\d{1,9})(?!\d)")
# In small letters: each is looked for in the lowered beginning of a page, which costs a hundredth of ten regular expressions.
_CHALLENGES = (
    ("Cloudflare", (b"window._cf_chl_opt", b"/cdn-cgi/challenge-platform/", b"cf-browser-verification", b"<title>just a moment...")),
    ("Imperva", (b"_incapsula_resource",)),
    ("Sucuri", (b"sucuri_cloudproxy_js",)),
    ("DDoS-Guard", (b"/.well-known/ddos-guard/", b"<title>ddos-guard")),
    ("DataDome", (b"captcha-delivery.com",)),
    ("PerimeterX", (b"px-captcha",)),
    ("BitNinja", (b"bitninja.io", b"bitninja-captcha")),
)
# A real article also names these guards now and then; a page that is only a challenge is small.
_LARGEST_CHALLENGE = 60_000


def failure(host: str, status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> Failed | None:
    """Why this answer is of no use; None if its body is what was asked for."""
    if guard := _challenge(status, headers, body):
        detail = f"{host} asks to prove that a person is reading ({guard} challenge); not evaded"
        return Failed("challenge", detail, status, retry_after(headers, now))
    if status in (200, 203):
        return None
    return Failed("http", f"{host} answered {status}{_phrase(status)}", status, retry_after(headers, now))


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """The pause asked for, in seconds or as a date, at most a day; None if none can be read."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        seconds = min(int(value[:10]), LONGEST_RETRY_AFTER.total_seconds())
        return timedelta(seconds=seconds)
    try:
        pause = parsedate_to_datetime(value) - now
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max(timedelta(0), min(pause, LONGEST_RETRY_AFTER))


def fresh_for(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long the sender calls its answer fresh: `max-age`, else `Expires`, at most a day; None if it says nothing, or "ask again"."""
    control = headers.get("cache-control", "").lower()
    if "no-store" in control or "no-cache" in control:
        return None
    found = _MAX_AGE.search(control)
    if found:
        return timedelta(seconds=min(int(found[1]), LONGEST_RETRY_AFTER.total_seconds())) or None
    try:
        left = parsedate_to_datetime(headers.get("expires", "")) - now
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(left, LONGEST_RETRY_AFTER) if left > timedelta(0) else None


def validators(headers: Mapping[str, str], body_hash: str) -> Validators:
    """Both of the server's validators as of this answer, never one of an older answer beside one of this."""
    return Validators(_validator(headers, "etag"), _validator(headers, "last-modified"), body_hash)


def _validator(headers: Mapping[str, str], name: str) -> str | None:
    value = headers.get(name, "").strip()
    return value if value.isascii() and value.isprintable() and 0 < len(value) <= _LONGEST_VALIDATOR else None


def _challenge(status: int, headers: Mapping[str, str], body: bytes) -> str | None:
    if headers.get("cf-mitigated", "").lower() == "challenge":
        return "Cloudflare"
    if status == 200 and len(body) > _LARGEST_CHALLENGE:
        return None
    head = body[:_HEAD].lower()
    return next((guard for guard, marks in _CHALLENGES if any(mark in head for mark in marks)), None)


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""
