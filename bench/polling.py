"""The real poll job over a thousand feeds, each on its own host: for the first time, unchanged by validators, unchanged by bytes."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import material
from bench.figures import Bench, Figure, Run
from bench.server import Sites, sites
from monitor import settings
from monitor.app import Lists, open_parts
from monitor.jobs.parts import Parts
from monitor.jobs.poll import poll
from monitor.log import configure
from monitor.model import Source

_LATER = timedelta(hours=2)  # beyond the pause between two polls of a new source, and within that in which "not modified" is believed
ROUNDS = ("cold", "unchanged (304)", "unchanged (same bytes)")


@contextmanager
def _poll() -> Iterator[Run]:
    configure(settings.Log(level="error"))
    with sites() as served, tempfile.TemporaryDirectory(prefix="monitor-bench-") as folder:
        yield lambda: asyncio.run(_rounds(served, Path(folder)))


async def _rounds(served: Sites, folder: Path) -> dict[str, float]:
    figures: dict[str, float] = {}
    async with polling(served.feeds(), folder / datetime.now(UTC).strftime("%H%M%S%f.db")) as parts:
        for number, name in enumerate(ROUNDS):
            with round_of(served, number):
                figures[f"poll, {name}"] = material.FEEDS / await timed(parts, number)
    return figures


@asynccontextmanager
async def polling(feeds: tuple[Source, ...], database: Path) -> AsyncIterator[Parts]:
    """What the poll job needs for these feeds, as it is delivered but for the pause between two requests to a host."""
    environment = {
        "MONITOR_DATABASE_URL": f"sqlite:///{database}",
        "MONITOR_COLLECT__ALLOW_HOSTS": "*.localhost",
        "MONITOR_COLLECT__PAUSE_PER_HOST": "0s",
    }
    found = settings.load(settings.default_folder({}), environment)
    async with open_parts(found, Lists(feeds, ()), owner="bench") as parts:
        yield parts


@contextmanager
def round_of(served: Sites, number: int) -> Iterator[None]:
    """Sets the server for one of the rounds, and makes sure that what was asked of it was what the round is named after."""
    served.validators.value = number < 2
    before = served.unchanged.value
    yield
    unchanged, expected = served.unchanged.value - before, material.FEEDS if number == 1 else 0
    assert unchanged == expected, f"{ROUNDS[number]}: {unchanged} feeds were answered with 304, not {expected}"


async def timed(parts: Parts, number: int) -> float:
    """Seconds for a round in which all feeds are due. Time is moved on instead of waited for."""
    parts = replace(parts, now=lambda: datetime.now(UTC) + number * _LATER)
    loop = asyncio.get_running_loop()
    started = loop.time()
    polled = await poll(parts, asyncio.Event())
    seconds = loop.time() - started
    assert polled == material.FEEDS, f"only {polled} feeds were polled"
    return seconds


POLLING = Bench(
    "poll",
    "1,000 feeds of 30 entries in 18 KB, each on its own host, stored in SQLite",
    (
        Figure("poll, cold", "feeds/s"),
        Figure("poll, unchanged (304)", "feeds/s", goal=300),
        Figure("poll, unchanged (same bytes)", "feeds/s"),
    ),
    _poll,
)
