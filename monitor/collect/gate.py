"""Turns to ask: so many requests at once in all, so many at once to a host, and a pause between two starts there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

_REMEMBERED = 4096


@dataclass(slots=True)
class _Host:
    slots: asyncio.Semaphore
    pause: float
    next_start: float = 0.0
    users: int = 0


class Gate:
    """So many at once in all, so many at once to a host, and a pause between two starts there."""

    def __init__(self, at_once: int, per_host: int, pause: float) -> None:
        self._all = asyncio.Semaphore(at_once)
        self._per_host, self._pause = per_host, pause
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, name: str, pause: bool = True) -> AsyncIterator[None]:
        # The host's turn comes before the common slot: waiting for a slow host must not keep others from theirs.
        host = self._host(name)
        host.users += 1
        try:
            async with host.slots:
                if pause:
                    await self._start(host)
                async with self._all:
                    yield
        finally:
            host.users -= 1

    def slow_down(self, name: str, pause: float) -> None:
        if pause > self._pause:
            self._host(name).pause = pause

    async def _start(self, host: _Host) -> None:
        now = asyncio.get_running_loop().time()
        start = max(now, host.next_start)
        host.next_start = start + host.pause
        if start > now:
            await asyncio.sleep(start - now)

    def _host(self, name: str) -> _Host:
        if name not in self._hosts:
            if len(self._hosts) >= _REMEMBERED:
                now = asyncio.get_running_loop().time()
                self._hosts = {key: host for key, host in self._hosts.items() if host.users or host.next_start > now}
            self._hosts[name] = _Host(asyncio.Semaphore(self._per_host), self._pause)
        return self._hosts[name]
