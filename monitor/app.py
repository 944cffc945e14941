"""The one composition root: opens every resource, hands them to the jobs, and closes them in reverse order. Nothing else builds parts."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from monitor.alerts import subscribers
from monitor.collect.fetch import Fetcher
from monitor.collect.sourcefile import SourceFiles
from monitor.detect.load import check_lexicon
from monitor.detect.snapshot import DetectionFiles
from monitor.jobs.analyse import analyse
from monitor.jobs.health import health
from monitor.jobs.judge import prepare
from monitor.jobs.notify import notify
from monitor.jobs.parts import Parts
from monitor.jobs.poll import poll
from monitor.jobs.repair import repair
from monitor.log import logger
from monitor.metrics import Metrics
from monitor.model import Source, Subscriber
from monitor.settings import Settings
from monitor.store import Connection, leases, migrate, sources
from monitor.store.engine import Store
from monitor.workers import Workers

log = logger()


@dataclass(frozen=True, slots=True)
class Lists:
    """What the configuration lists beside the settings: sources to poll, with the files they stand in if any, and subscribers to tell."""

    sources: tuple[Source, ...]
    subscribers: tuple[Subscriber, ...]
    files: SourceFiles | None = None


def read_lists(settings: Settings, env: Mapping[str, str]) -> Lists:
    """Sources and subscribers of the configuration folder, with the lexicon checked. Raises `ConfigError` before anything is started."""
    # In a process of its own: what a lexicon takes, 60 MB, would stay with the daemon, which never needs it.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        process.submit(check_lexicon, settings.folder).result()
    files = SourceFiles(settings.folder / "sources")
    return Lists(files.listed, subscribers.load(settings.folder / "alerts.toml", env), files)


@asynccontextmanager
async def open_parts(settings: Settings, lists: Lists, owner: str | None = None) -> AsyncIterator[Parts]:
    """Migrates or checks the database, lists the sources in it, and yields the parts; closes them however the block ends.

    `owner` names this daemon in leases: the host's name, so that a restart takes back at once what its dead predecessor held.
    """
    prepare_store(settings)
    async with AsyncExitStack() as stack:
        store = stack.enter_context(Store(settings.database.url))
        detection = DetectionFiles(settings.folder, Path(stack.enter_context(TemporaryDirectory(prefix="monitor-"))))
        fetcher = await stack.enter_async_context(Fetcher(settings.collect, [source.url for source in lists.sources if source.enabled]))
        workers = await stack.enter_async_context(Workers(settings.workers, prepare=partial(prepare, detection.folder), notice=_replaced))
        parts = Parts(
            settings,
            store,
            fetcher,
            workers,
            detection,
            lists.subscribers,
            Metrics(),
            owner or socket.gethostname(),
            _now,
            random.SystemRandom().random,
            lists.files,
        )
        await store.write(partial(_begin, parts=parts, listed=lists.sources))
        yield parts


def prepare_store(settings: Settings) -> None:
    """Brings the schema up to date if the settings allow it; otherwise, or if it is not ours to bring, raises `SchemaError`."""
    if settings.database.migrate_on_start and migrate.upgrade(settings.database.url):
        log.info("schema.migrated")
    migrate.check(settings.database.url)


def _begin(c: Connection, parts: Parts, listed: Sequence[Source]) -> None:
    leases.release(c, parts.owner)
    sources.sync(c, listed, parts.now())


def _now() -> datetime:
    return datetime.now(UTC)


def _replaced(why: str) -> None:
    log.warning("worker.replaced", detail=why)


async def once(parts: Parts, stop: asyncio.Event) -> dict[str, int]:
    """One pass over everything due: sources, articles, stories in doubt, deliveries; returns how many of each."""
    jobs = {"polled": poll, "analysed": analyse, "repaired": repair, "noticed": health, "notified": notify}
    return {name: await job(parts, stop) for name, job in jobs.items()}
