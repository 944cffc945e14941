"""Whether a site does not answer, or our own network is down: then nobody else can be reached either."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from urllib.parse import urlsplit

from monitor.collect import wire
from monitor.model import Failed
from monitor.text import urls

_UNREACHABLE = ("dns", "connect", "timeout")
_WITNESSES = 3
_RECENT = 5.0  # seconds


class Network:
    """Whether it is ours that is down: found out by asking others, at most once in a while, when a site cannot be reached."""

    def __init__(self, known: Sequence[str], allow: tuple[str, ...]) -> None:
        self._others = deque(dict.fromkeys(each for url in known if (each := _endpoint(url))))
        self._allow = allow
        self._lock = asyncio.Lock()
        self._answered_at = self._asked_at = float("-inf")
        self._up = True

    def answered(self) -> None:
        self._answered_at = asyncio.get_running_loop().time()

    async def blame(self, failed: Failed, owner: str, began: float) -> Failed:
        """The failure as it is, or "offline" if others cannot be reached either."""
        if failed.kind not in _UNREACHABLE or await self._is_up(owner, began):
            return failed
        return Failed("offline", f"our own network seems to be down: no other site answers either ({failed.detail})")

    async def _is_up(self, owner: str, began: float) -> bool:
        now = asyncio.get_running_loop().time()
        if self._answered_at >= max(began, now - _RECENT):
            return True
        async with self._lock:
            if self._asked_at < began:
                others = [each for each in self._others if urls.owner(each[0]) != owner][:_WITNESSES]
                self._others.rotate(-_WITNESSES)
                self._up = not others or await wire.reachable(others, self._allow)
                self._asked_at = asyncio.get_running_loop().time()
        return self._up


def _endpoint(url: str) -> tuple[str, int] | None:
    parts = urlsplit(url)
    return (parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)) if urls.is_http(url) and parts.hostname else None
