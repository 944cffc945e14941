"""What the jobs work with, handed in by the composition root, and the loop they share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from monitor.collect.fetch import Fetcher
from monitor.collect.sourcefile import SourceFiles
from monitor.detect.snapshot import DetectionFiles
from monitor.extract.boilerplate import Furniture
from monitor.metrics import Metrics
from monitor.model import Subscriber
from monitor.settings import Settings
from monitor.store.engine import Store
from monitor.workers import Workers

T = TypeVar("T")
R = TypeVar("R")

# Longer than the longest fetch with its redirects and the grace of a stop: a lease must not end under a worker that still lives.
LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Parts:
    """The resources of one daemon. `now` and `chance` (0 to 1) are the only clock and dice; `owner` names us in leases.

    `sources` is there if what is polled stands in files.
    """

    settings: Settings
    store: Store
    fetcher: Fetcher
    workers: Workers
    detection: DetectionFiles
    subscribers: Sequence[Subscriber]
    metrics: Metrics
    owner: str
    now: Callable[[], datetime]
    chance: Callable[[], float]
    sources: SourceFiles | None = None
    furniture: Furniture = field(default_factory=Furniture)


async def _nothing(_: Sequence[object]) -> None:
    """Nothing is left to do with what was handled."""


async def drain(
    claim: Callable[[int], Awaitable[Sequence[T]]],
    handle: Callable[[T], Awaitable[R]],
    width: int,
    stop: asyncio.Event,
    settle: Callable[[Sequence[R]], Awaitable[None]] = _nothing,
) -> int:
    """Claims and handles items, `width` at once, until none is left or `stop` is set; returns how many were handled.

    New work is claimed as soon as half the places are free, so that one slow item does not hold up the others. What was handled while the
    last results were being settled is settled together: the busier we are, the less each one costs.
    """
    running: set[asyncio.Task[R]] = set()
    handled, exhausted = 0, False
    try:
        while running or not (exhausted or stop.is_set()):
            if not exhausted and not stop.is_set() and len(running) <= width // 2:
                claimed = await claim(width - len(running))
                exhausted = not claimed
                handled += len(claimed)
                running |= {asyncio.create_task(_handle(handle, item)) for item in claimed}
            if running:
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                await settle([task.result() for task in done])
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    return handled


async def _handle(handle: Callable[[T], Awaitable[R]], item: T) -> R:
    return await handle(item)
