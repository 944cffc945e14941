"""The daemon: APScheduler as the clock of a few jobs, and a stop in stages. It never decides anything about news."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.app import Lists, open_parts
from monitor.jobs.analyse import analyse
from monitor.jobs.health import health
from monitor.jobs.notify import notify
from monitor.jobs.parts import Parts
from monitor.jobs.poll import poll
from monitor.jobs.prune import prune
from monitor.jobs.reload import reload
from monitor.jobs.repair import repair
from monitor.log import logger
from monitor.settings import Settings

log = logger()

Job = Callable[[Parts, asyncio.Event], Awaitable[int]]


class Daemon:
    """Runs the jobs by the clock until told to stop. An overlong job is not started a second time; a failed one runs again next time."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._stop = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()

    def stop(self) -> None:
        """Asks for the staged stop; harmless when repeated."""
        self._stop.set()

    async def run(self) -> None:
        """Returns after `stop`, when the running jobs have ended or the grace is over."""
        clock = self._parts.settings.clock
        scheduler = AsyncIOScheduler(timezone=UTC)
        jobs: dict[str, tuple[Job, timedelta]] = {
            "poll": (poll, clock.poll),
            "analyse": (analyse, clock.analyse),
            "repair": (repair, clock.repair),
            "health": (health, clock.health),
            "notify": (notify, clock.notify),
            "prune": (prune, clock.prune),
            "reload": (reload, clock.reload),
        }
        for name, (job, every) in jobs.items():
            scheduler.add_job(
                partial(self._run, name, job),
                "interval",
                seconds=every.total_seconds(),
                next_run_time=datetime.now(UTC),
                misfire_grace_time=None,  # a late run is better than none
                coalesce=True,
                max_instances=1,
            )
        scheduler.start()
        await self._stop.wait()
        scheduler.pause()
        await self._finish(clock.grace)
        scheduler.shutdown(wait=False)
        await asyncio.sleep(0)  # the scheduler stops one turn of the loop later

    async def _finish(self, grace: timedelta) -> None:
        """Jobs look at the stop event between items and end by themselves; what still runs after the grace is cut off."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=grace.total_seconds())
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=1.0)

    async def _run(self, name: str, job: Job) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - always inside a task of the scheduler
        self._running.add(task)
        try:
            started = self._parts.now()
            count = await job(self._parts, self._stop)
            log.debug("job.done", job=name, count=count, seconds=(self._parts.now() - started).total_seconds())
        except asyncio.CancelledError:
            if not self._stop.is_set():
                raise
            log.warning("job.cut", job=name)  # swallowed: the scheduler would log a traceback
        except Exception:
            log.exception("job.failed", job=name)
        finally:
            self._running.discard(task)


async def serve(settings: Settings, lists: Lists) -> None:
    """The daemon as a process: the first SIGTERM or SIGINT stops it in stages, the second kills it."""
    async with open_parts(settings, lists) as parts:
        daemon = Daemon(parts)
        _on_signals(daemon)
        log.info("daemon.started", sources=sum(source.enabled for source in lists.sources), subscribers=len(lists.subscribers))
        await daemon.run()
    log.info("daemon.stopped")


def _on_signals(daemon: Daemon) -> None:
    loop = asyncio.get_running_loop()

    def first(number: signal.Signals) -> None:
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(each)
            signal.signal(each, signal.SIG_DFL)
        log.info("daemon.stopping", signal=number.name)
        daemon.stop()

    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, first, each)
