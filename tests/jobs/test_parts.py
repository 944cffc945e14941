"""The loop that the jobs share: so many at once, nothing held up by one, a stop that ends in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from monitor.jobs.parts import drain


class Items:
    """Hands out numbers and remembers how many were asked for each time."""

    def __init__(self, count: int) -> None:
        self.left = list(range(count))
        self.asked: list[int] = []

    async def claim(self, count: int) -> Sequence[int]:
        self.asked.append(count)
        taken, self.left = self.left[:count], self.left[count:]
        return taken


class Crew:
    """Handles numbers, each for `seconds`, and remembers how many were in work at once."""

    def __init__(self, seconds: Callable[[int], float] = lambda _: 0.001) -> None:
        self.seconds = seconds
        self.done: list[int] = []
        self.cut: list[int] = []
        self.most = self._now = 0

    async def handle(self, item: int) -> None:
        self._now += 1
        self.most = max(self.most, self._now)
        try:
            await asyncio.sleep(self.seconds(item))
            self.done.append(item)
        except asyncio.CancelledError:
            self.cut.append(item)
            raise
        finally:
            self._now -= 1


async def test_every_item_is_handled_once_and_the_count_returned() -> None:
    items, crew = Items(23), Crew()
    assert await drain(items.claim, crew.handle, 4, asyncio.Event()) == 23
    assert sorted(crew.done) == list(range(23))


async def test_no_more_than_the_width_are_in_work_at_once() -> None:
    items, crew = Items(40), Crew()
    await drain(items.claim, crew.handle, 5, asyncio.Event())
    assert crew.most == 5
    assert max(items.asked) <= 5


async def test_nothing_to_do_ends_at_once() -> None:
    items = Items(0)
    assert await drain(items.claim, Crew().handle, 4, asyncio.Event()) == 0
    assert items.asked == [4]


async def test_a_slow_item_does_not_hold_up_the_others() -> None:
    items, crew = Items(30), Crew(lambda item: 0.5 if item == 0 else 0.001)
    await drain(items.claim, crew.handle, 4, asyncio.Event())
    assert crew.done[-1] == 0
    assert len(crew.done) == 30


async def test_after_a_stop_nothing_is_claimed_and_what_runs_is_finished() -> None:
    stop, items = asyncio.Event(), Items(100)
    crew = Crew()

    async def handle(item: int) -> None:
        stop.set()
        await crew.handle(item)

    assert await drain(items.claim, handle, 4, stop) == 4
    assert sorted(crew.done) == [0, 1, 2, 3]
    assert items.asked == [4]


async def test_a_stop_before_the_start_claims_nothing() -> None:
    stop, items = asyncio.Event(), Items(5)
    stop.set()
    assert await drain(items.claim, Crew().handle, 4, stop) == 0
    assert items.asked == []


async def _fault(item: int) -> None:
    if item == 2:
        raise LookupError("a fault in the program")
    await asyncio.sleep(10)


async def test_a_fault_of_the_program_comes_out_and_leaves_nothing_running() -> None:
    before = asyncio.all_tasks()
    with pytest.raises(LookupError):
        await drain(Items(4).claim, _fault, 4, asyncio.Event())
    assert asyncio.all_tasks() == before


async def test_a_cut_off_drain_cuts_off_what_it_runs() -> None:
    crew = Crew(lambda _: 10)
    running: asyncio.Task[int] = asyncio.ensure_future(_drained(Items(3).claim, crew.handle))
    await asyncio.sleep(0.02)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert sorted(crew.cut) == [0, 1, 2]


async def _drained(claim: Callable[[int], Awaitable[Sequence[int]]], handle: Callable[[int], Awaitable[None]]) -> int:
    return await drain(claim, handle, 4, asyncio.Event())
