"""Changed files of detection and of sources are taken up while the daemon runs, if they are good; broken ones change nothing."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from monitor.collect.sourcefile import difference
from monitor.detect.load import load_lexicon
from monitor.errors import ConfigError
from monitor.jobs.judge import prepare
from monitor.jobs.parts import Parts
from monitor.log import logger
from monitor.settings import WorkersSection
from monitor.store import sources
from monitor.workers import Workers

log = logger()

_ALONE = WorkersSection(kind="processes", count=1, batch=1, page_seconds=60.0)


async def reload(parts: Parts, _: asyncio.Event) -> int:
    """Takes up what has changed, or says its first problem, once. Returns how many sources and files of detection are other ones now."""
    return await _sources(parts) + await _detection(parts)


async def _sources(parts: Parts) -> int:
    """Lists the sources in the database as the files list them."""
    files = parts.sources
    if files is None:
        return 0
    try:
        fresh = await asyncio.to_thread(files.look)
    except ConfigError as error:
        log.error("sources.refused", detail=error.problems[0], problems=len(error.problems))
        return 0
    if fresh is None:
        return 0
    await parts.store.write(partial(sources.sync, sources=fresh.listed, now=parts.now()))
    counts = dataclasses.asdict(difference(files.listed, fresh.listed))
    files.accept(fresh)
    log.info("sources.reloaded", **counts)
    return sum(counts.values())


async def _detection(parts: Parts) -> int:
    """Copies the files if they have changed and checks the copy: the next batches use it."""
    fresh = parts.detection.look()
    if fresh is None:
        return 0
    problems = fresh.problems or await check(fresh.folder)
    if problems:
        parts.detection.refuse(fresh)
        first = problems[0].replace(str(fresh.folder), str(parts.settings.folder))
        log.error("lexicon.refused", detail=first, problems=len(problems))
        return 0
    files = parts.detection.accept(fresh)
    parts.workers.renew(partial(prepare, fresh.folder))
    log.info("lexicon.reloaded", files=", ".join(files))
    return len(files)


async def check(folder: Path) -> Sequence[str]:
    """What is wrong with the files of detection, found out in a process of its own, which takes the memory they need with it."""
    async with Workers(_ALONE) as process:
        (problems,) = await process.run(_check, [folder], _lost)
    return problems


def _check(folders: Sequence[Path]) -> list[Sequence[str]]:
    return [_problems(folder) for folder in folders]


def _problems(folder: Path) -> Sequence[str]:
    try:
        load_lexicon(folder)
    except ConfigError as error:
        return error.problems
    return ()


def _lost(folder: Path, why: str) -> Sequence[str]:
    return (f"{folder}: could not be checked: {why}",)
