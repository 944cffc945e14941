"""The real poll job over a thousand feeds, each on its own host: for the first time, unchanged by validators, unchanged by bytes."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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

_LATER = timedelta(days=2)  # beyond the longest pause between two polls


@contextmanager
def _poll() -> Iterator[Run]:
    configure(settings.Log(level="error"))
    with sites() as served, tempfile.TemporaryDirectory(prefix="monitor-bench-") as folder:
        yield lambda: asyncio.run(_rounds(served, Path(folder)))


async def _rounds(served: Sites, folder: Path) -> dict[str, float]:
    served.validators.value = 1
    environment = {
        "MONITOR_DATABASE_URL": f"sqlite:///{folder / datetime.now(UTC).strftime('%H%M%S%f.db')}",
        "MONITOR_COLLECT__ALLOW_HOSTS": "*.localhost",
        "MONITOR_COLLECT__PAUSE_PER_HOST": "0s",
    }
    found = settings.load(settings.default_folder({}), environment)
    async with open_parts(found, Lists(served.feeds(), ()), owner="bench") as parts:
        figures = {"poll, cold": await _round(parts, 0), "poll, unchanged (304)": await _round(parts, 1)}
        served.validators.value = 0
        return figures | {"poll, unchanged (same bytes)": await _round(parts, 2)}


async def _round(parts: Parts, number: int) -> float:
    """Feeds a second when all are due. Time is moved on instead of waited for."""
    parts = replace(parts, now=lambda: datetime.now(UTC) + number * _LATER)
    loop = asyncio.get_running_loop()
    started = loop.time()
    polled = await poll(parts, asyncio.Event())
    assert polled == material.FEEDS, f"only {polled} feeds were polled"
    return polled / (loop.time() - started)


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
