"""Whether the worker processes grow: what they occupy while tens of thousands of pages go through them, no two alike."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import islice
from statistics import mean

from bench import ordinary
from bench.figures import Bench, Figure, Run
from bench.memory import below
from monitor.jobs.judge import Task, judge, lost, prepare
from monitor.settings import WorkersSection, default_folder
from monitor.workers import Workers

_PAGES = int(os.environ.get("MONITOR_BENCH_PAGES", "50000"))
_STEP = 250  # pages between two looks at the memory
_KNOWN = 300  # pages that the others are made of
_READ_IN_FULL = 10  # one in so many is read without the scan
_NEW_WORDS = 40  # on each page: names and numbers never end, and may fill what remembers words


@contextmanager
def _flat() -> Iterator[Run]:
    with asyncio.Runner() as runner:
        yield lambda: runner.run(_run())


async def _run() -> dict[str, float]:
    folder, pages, occupied = default_folder({}), _pages(), list[int]()
    async with Workers(WorkersSection(count=2), prepare=partial(prepare, folder)) as workers:
        while tasks := list(islice(pages, _STEP)):
            await workers.run(partial(judge, folder), tasks, lost)
            occupied.append(below(os.getpid()))
    third = max(1, len(occupied) // 3)
    return {"workers, peak memory": max(occupied) / 1e6, "workers, last third to first": mean(occupied[-third:]) / mean(occupied[:third])}


def _pages() -> Iterator[Task]:
    known = [task for _, task in ordinary.stream(_KNOWN)]
    for number in range(_PAGES):
        task = known[number % _KNOWN]
        assert task.page is not None
        page = replace(task.page, body=_changed(task.page.body, random.Random(number)))
        yield replace(task, page=page, scan=number % _READ_IN_FULL != 0)


def _changed(body: bytes, chance: random.Random) -> bytes:
    words = " ".join("".join(chance.choices("abcdefghijklmnoprstuvz", k=chance.randint(3, 12))) for _ in range(_NEW_WORDS))
    return body.replace(b"<p>", f"<p>{words.capitalize()}.</p><p>".encode(), 1)


FLAT = Bench(
    "flat",
    f"{_PAGES:,} pages, no two alike, through two worker processes; one in {_READ_IN_FULL} read in full",
    (Figure("workers, peak memory", "MB"), Figure("workers, last third to first", "times", goal=1.1, cost=True)),
    _flat,
    on_request=True,
)
