"""Where CPU work runs: in this process, or in a few others that may die, hang or grow fat without taking anything else along.

Every process has an executor of its own: a page that kills its process breaks only the batch it was in, and a process can be killed and
replaced without touching its neighbours.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Protocol, TypeVar

from monitor import settings
from monitor.errors import MonitorError

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one process may cost. `margin_seconds` is what a batch gets on top of its limit before its process is killed from outside."""

    memory_bytes: int | None = 2 << 30
    batches: int = 500
    start_seconds: float = 60.0
    margin_seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a batch gave no results, in words. A value, because an exception that cannot be unpickled breaks the executor."""

    why: str


class _TimeUp(BaseException):
    """Raised into the work by the alarm. No `Exception`, so that "catch everything" in the work does not swallow it."""


class Workers:
    """Runs a function over items in batches. An async context manager.

    The function is importable by name, takes a sequence and returns as many results. `prepare`, importable too, runs once in every process
    before its first batch. `notice` hears why a process had to be replaced.
    """

    def __init__(
        self,
        section: settings.WorkersSection,
        limits: Limits | None = None,
        prepare: Callable[[], None] | None = None,
        notice: Callable[[str], None] | None = None,
    ) -> None:
        self._size = section.batch
        self._seconds = section.page_seconds
        self._slots: list[_Slot] = (
            [_Inline(prepare)]
            if section.kind == "inline"
            else [_Process(limits or Limits(), prepare, notice) for _ in range(section.count)]
        )
        self._free: asyncio.Queue[_Slot] = asyncio.Queue()
        for slot in self._slots:
            self._free.put_nowait(slot)

    async def __aenter__(self) -> Workers:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def run(self, function: Callable[[Sequence[T]], list[R]], items: Sequence[T], lost: Callable[[T, str], R]) -> list[R]:
        """One result for each item, in order. An item that fails in its batch and once more alone gets `lost(item, why)`.

        A batch may take as long as one page may; a slower one is tried again page by page, so one that hangs costs its neighbours little.
        """
        batches = [items[start : start + self._size] for start in range(0, len(items), self._size)]
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._batch(function, batch, lost)) for batch in batches]
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None
        return [result for task in tasks for result in task.result()]

    async def _batch(self, function: Callable[[Sequence[T]], list[R]], batch: Sequence[T], lost: Callable[[T, str], R]) -> list[R]:
        async with self._slot() as slot:
            answer = await slot.call(function, batch, self._seconds)
            if not isinstance(answer, _Failure):
                return answer
            results: list[R] = []
            for item in batch:
                alone = await slot.call(function, [item], self._seconds)
                results.append(lost(item, alone.why) if isinstance(alone, _Failure) else alone[0])
            return results

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[_Slot]:
        slot = await self._free.get()
        try:
            yield slot
        finally:
            self._free.put_nowait(slot)

    def renew(self, prepare: Callable[[], None]) -> None:
        """Prepares every process in this way from now on; one that lives is replaced before its next batch."""
        for slot in self._slots:
            slot.renew(prepare)

    async def close(self) -> None:
        """Kill what still runs, and return when every process is gone. What was cut off is for the caller's leases to give out again."""
        for slot in self._slots:
            await slot.close()


class _Slot(Protocol):
    async def call(self, function: Callable[[Sequence[T]], list[R]], items: Sequence[T], seconds: float) -> list[R] | _Failure: ...
    def renew(self, prepare: Callable[[], None]) -> None: ...
    async def close(self) -> None: ...


class _Inline:
    """In this process, between two turns of the event loop: for the smallest machines, and for looking at a fault with a debugger."""

    def __init__(self, prepare: Callable[[], None] | None) -> None:
        self._prepare = prepare

    async def call(self, function: Callable[[Sequence[T]], list[R]], items: Sequence[T], seconds: float) -> list[R] | _Failure:
        prepare, self._prepare = self._prepare, None
        if prepare:
            prepare()
        await asyncio.sleep(0)
        return _guarded(function, items, seconds)

    def renew(self, prepare: Callable[[], None]) -> None:
        self._prepare = prepare

    async def close(self) -> None:
        """Nothing to give back."""


class _Process:
    """One process behind its own executor, started when it is first needed and again after each replacement."""

    def __init__(self, limits: Limits, prepare: Callable[[], None] | None, notice: Callable[[str], None] | None) -> None:
        self._limits = limits
        self._prepare = prepare
        self._notice = notice
        self._executor: ProcessPoolExecutor | None = None
        self._children: list[BaseProcess] = []
        self._batches = 0
        self._stale = False

    async def call(self, function: Callable[[Sequence[T]], list[R]], items: Sequence[T], seconds: float) -> list[R] | _Failure:
        if self._stale:
            await self.close()
        executor = self._executor or await self._start()
        self._batches += 1
        patience = seconds + self._limits.margin_seconds
        try:
            answer = await self._answer(executor.submit(_guarded, function, items, seconds), patience)
        except BrokenProcessPool:
            return await self._replace("its process died")
        except TimeoutError:
            return await self._replace(f"its process gave no answer within {patience:g} s and was killed")
        except Exception as error:  # what could not be pickled, on the way there or back
            return _Failure(f"{type(error).__name__}: {error}")
        if self._batches >= self._limits.batches:
            await self.close()
        return answer

    def renew(self, prepare: Callable[[], None]) -> None:
        self._prepare = prepare
        self._stale = True

    async def _start(self) -> ProcessPoolExecutor:
        self._executor = executor = ProcessPoolExecutor(
            1, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(self._limits.memory_bytes, self._prepare)
        )
        self._batches = 0
        self._stale = False
        before = multiprocessing.active_children()
        ready = executor.submit(os.getpid)
        self._children = [child for child in multiprocessing.active_children() if child not in before]
        try:
            await self._answer(ready, self._limits.start_seconds)
        except (BrokenProcessPool, TimeoutError):
            await self.close()
            raise MonitorError("A worker process could not be started; the lines before this one say why.") from None
        return executor

    async def _answer(self, future: Future[R], seconds: float) -> R:
        answer = asyncio.wrap_future(future)
        try:
            done, _ = await asyncio.wait({answer}, timeout=seconds)
        except asyncio.CancelledError:
            answer.cancel()
            await self.close()  # else the process would go on with work that nobody waits for
            raise
        if not done:
            answer.cancel()
            raise TimeoutError
        return answer.result()

    async def _replace(self, why: str) -> _Failure:
        await self.close()
        if self._notice:
            self._notice(why)
        return _Failure(why)

    async def close(self) -> None:
        executor, self._executor = self._executor, None
        if executor is None:
            return
        for child in self._children:
            child.kill()
        await asyncio.to_thread(executor.shutdown, wait=True, cancel_futures=True)


def _begin(memory_bytes: int | None, prepare: Callable[[], None] | None) -> None:
    """In the new process: leave signals to the parent, never outlive it, keep within the memory limit, leave no core dumps."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory_bytes:
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    if prepare:
        prepare()


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _guarded(function: Callable[[Sequence[T]], list[R]], items: Sequence[T], seconds: float) -> list[R] | _Failure:
    try:
        with _alarm(seconds):
            results = function(items)
    except _TimeUp:
        return _Failure(f"took longer than {seconds:g} s")
    except MemoryError:
        return _Failure("needed more memory than a worker process may use")
    except (Exception, SystemExit) as error:
        return _Failure(f"{type(error).__name__}: {error}")
    if len(results) != len(items):
        return _Failure(f"gave {len(results)} results for {len(items)} items")
    return results


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Interrupts Python and regular expressions in the main thread; a long call into C is left to the watchdog outside."""

    def ring(_: int, __: FrameType | None) -> None:
        raise _TimeUp

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
