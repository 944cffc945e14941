"""What a site's robots.txt lets us fetch."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import Any

_LONGEST_DELAY = timedelta(seconds=30)


def allowed(robots: bytes, url: str, agent: str) -> bool:
    """Whether `agent` (the product name, without version) may fetch `url`."""
    return bool(_rules(robots).can_fetch(url, agent))


def crawl_delay(robots: bytes, agent: str) -> timedelta:
    """The pause between requests the site asks for, at most 30 seconds; zero if it asks for none."""
    seconds = _rules(robots).crawl_delay(agent)
    return min(timedelta(seconds=max(0.0, seconds)), _LONGEST_DELAY) if seconds and seconds < 1e6 else timedelta(0)


@lru_cache(maxsize=512)
def _rules(robots: bytes) -> Any:
    from protego import Protego

    return Protego.parse(robots.decode("utf-8", "replace"))
