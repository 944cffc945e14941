"""What all that is told has in common: the width, the words for times, and text from outside made harmless. Each form then escapes it."""

from __future__ import annotations

import textwrap
import unicodedata
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel.dates import format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from monitor.text.urls import is_http

WIDTH = 72
LONGEST_SUBJECT = 180
_LONGEST = 500


def clean(text: str, longest: int = _LONGEST) -> str:
    """One line without control, direction and unpaired surrogate characters: nothing that forges a header or steers a terminal."""
    kept = "".join(" " if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") else char for char in text)
    return shortened(" ".join(kept.split()), longest)


def shortened(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def link(url: str) -> str | None:
    """The address, if it is one that a reader may safely follow."""
    return url if is_http(url) else None


def moment(at: datetime) -> str:
    return str(format_datetime(at.astimezone(UTC), "d MMMM y, HH:mm 'UTC'", locale="en"))


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _wrapped(text: str, first: str = "", rest: str = "") -> str:
    return textwrap.fill(text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False)


@cache
def templates() -> Environment:
    """Jinja's environment: HTML is escaped, a name that a template does not know is an error."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["wrapped"] = _wrapped
    return environment
