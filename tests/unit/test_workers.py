"""Workers with real processes that die, hang, raise and eat memory."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pytest

from monitor.errors import MonitorError
from monitor.settings import WorkersSection
from monitor.workers import Limits, Workers

QUICK = Limits(margin_seconds=1.0)
PREPARED: list[str] = []


def double(items: Sequence[int]) -> list[int]:
    return [item * 2 for item in items]


def act(items: Sequence[str]) -> list[str]:
    """Each item says what happens to it."""
    return [_act(item) for item in items]


def _act(item: str) -> str:
    match item.split():
        case ["die"]:
            os._exit(3)
        case ["die-once", path] if not Path(path).exists():
            Path(path).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        case ["spin"]:
            while True:
                pass
        case ["deaf"]:  # like a long call into C: the alarm is not heard
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
            time.sleep(60)
        case ["raise"]:
            raise AwkwardError(code=7)
        case ["eat"]:
            return str(len(bytearray(3 << 30)))
        case ["pid"]:
            return str(os.getpid())
        case ["prepared"]:
            return str(len(PREPARED))
    return item.upper()


class AwkwardError(Exception):
    """Cannot be unpickled: its `__init__` has a keyword-only argument."""

    def __init__(self, *, code: int) -> None:
        super().__init__(f"code {code}")


def too_few(items: Sequence[str]) -> list[str]:
    return list(items[1:])


def unpicklable(items: Sequence[str]) -> list[object]:
    return [threading.Lock() for _ in items]


def prepare() -> None:
    PREPARED.append("once")


def prepare_twice() -> None:
    PREPARED.extend(["once", "twice"])


def refuse() -> None:
    raise RuntimeError("no lexicon here")


def lost(item: str, why: str) -> str:
    return f"lost {item.split(maxsplit=1)[0]}: {why}"


def section(kind: Literal["processes", "inline"] = "processes", count: int = 1, batch: int = 4, seconds: float = 20.0) -> WorkersSection:
    return WorkersSection(kind=kind, count=count, batch=batch, page_seconds=seconds)


@pytest.mark.parametrize("kind", ["inline", "processes"])
async def test_results_come_in_the_order_of_the_items(kind: Literal["processes", "inline"]) -> None:
    async with Workers(section(kind, count=2, batch=3)) as workers:
        assert await workers.run(double, range(20), lambda item, _: -item) == [item * 2 for item in range(20)]
        assert await workers.run(double, [], lambda item, _: -item) == []


@pytest.mark.parametrize("kind", ["inline", "processes"])
async def test_an_item_that_raises_is_lost_with_the_reason_and_its_neighbours_are_not(kind: Literal["processes", "inline"]) -> None:
    async with Workers(section(kind)) as workers:
        assert await workers.run(act, ["a", "raise", "b"], lost) == ["A", "lost raise: AwkwardError: code 7", "B"]


@pytest.mark.parametrize("kind", ["inline", "processes"])
async def test_an_item_that_takes_too_long_is_cut_off(kind: Literal["processes", "inline"]) -> None:
    async with Workers(section(kind, seconds=0.3)) as workers:
        assert await workers.run(act, ["a", "spin"], lost) == ["A", "lost spin: took longer than 0.3 s"]


@pytest.mark.parametrize("kind", ["inline", "processes"])
async def test_preparation_runs_once_before_the_first_batch(kind: Literal["processes", "inline"]) -> None:
    PREPARED.clear()
    async with Workers(section(kind, batch=1), prepare=prepare) as workers:
        assert await workers.run(act, ["prepared", "prepared"], lost) == ["1", "1"]


@pytest.mark.parametrize("kind", ["inline", "processes"])
async def test_renewed_processes_are_prepared_in_the_new_way_before_the_next_batch(kind: Literal["inline", "processes"]) -> None:
    PREPARED.clear()
    async with Workers(section(kind, batch=1), prepare=prepare) as workers:
        before = await workers.run(act, ["prepared", "pid"], lost)
        workers.renew(prepare_twice)
        after = await workers.run(act, ["prepared", "pid", "prepared", "pid"], lost)
    assert before[0] == "1"
    assert after[0] == after[2] == ("3" if kind == "inline" else "2")
    assert after[1] == after[3]
    assert (after[1] == before[1]) == (kind == "inline")


async def test_an_item_that_kills_twice_is_lost_and_only_its_own_batch_notices() -> None:
    notices: list[str] = []
    async with Workers(section(count=2, batch=2), notice=notices.append) as workers:
        assert await workers.run(act, ["a", "die", "b", "c"], lost) == ["A", "lost die: its process died", "B", "C"]
        assert await workers.run(act, ["d"], lost) == ["D"]
    assert notices == ["its process died"] * 2


async def test_an_item_that_died_of_bad_luck_gets_its_second_try(tmp_path: Path) -> None:
    item = f"die-once {tmp_path / 'died'}"
    async with Workers(section()) as workers:
        assert await workers.run(act, ["a", item], lost) == ["A", item.upper()]


async def test_a_process_deaf_to_the_alarm_is_killed_from_outside() -> None:
    async with Workers(section(seconds=0.3), QUICK) as workers:
        started = time.monotonic()
        results = await workers.run(act, ["deaf", "a"], lost)
    assert results == ["lost deaf: its process gave no answer within 1.3 s and was killed", "A"]
    assert time.monotonic() - started < 20


async def test_memory_is_limited() -> None:
    async with Workers(section(), Limits(memory_bytes=1 << 30)) as workers:
        assert await workers.run(act, ["eat", "a"], lost) == ["lost eat: needed more memory than a worker process may use", "A"]


async def test_a_function_that_loses_count_or_cannot_send_its_results_is_told_apart_from_a_good_one() -> None:
    async with Workers(section()) as workers:
        assert await workers.run(too_few, ["a", "b"], lost) == ["lost a: gave 0 results for 1 items", "lost b: gave 0 results for 1 items"]
        (result,) = await workers.run(unpicklable, ["a"], lambda _, why: why)
        assert "pickle" in str(result)


async def test_a_process_is_recycled_after_its_number_of_batches() -> None:
    async with Workers(section(batch=1), Limits(batches=2)) as workers:
        pids = await workers.run(act, ["pid"] * 5, lost)
    assert pids[0] == pids[1] != pids[2] == pids[3] != pids[4]


async def test_cancelled_work_is_killed_and_the_workers_stay_usable() -> None:
    async with Workers(section()) as workers:
        (pid,) = await workers.run(act, ["pid"], lost)
        task = asyncio.create_task(workers.run(act, ["deaf"], lost))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not _alive(int(pid))
        assert await workers.run(act, ["a"], lost) == ["A"]


async def test_close_leaves_no_process_behind() -> None:
    workers = Workers(section(count=2, batch=1))
    pids = set(await workers.run(act, ["pid"] * 6, lost))
    working = asyncio.create_task(workers.run(act, ["deaf"], lost))
    await asyncio.sleep(0.2)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    started = time.monotonic()
    await workers.close()
    assert time.monotonic() - started < 5
    assert not any(_alive(int(pid)) for pid in pids)
    assert multiprocessing.active_children() == []


async def test_signals_meant_for_the_parent_do_not_reach_the_work() -> None:
    async with Workers(section()) as workers:
        (pid,) = await workers.run(act, ["pid"], lost)
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(int(pid), number)
        assert await workers.run(act, ["pid"], lost) == [pid]


async def test_preparation_that_fails_is_a_sentence_not_a_lost_item() -> None:
    async with Workers(section(), prepare=refuse) as workers:
        with pytest.raises(MonitorError, match="could not be started"):
            await workers.run(act, ["a"], lost)


def test_processes_do_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "import asyncio\n"
        "from monitor.settings import WorkersSection\n"
        "from monitor.workers import Workers\n"
        "from tests.unit.test_workers import act, lost\n"
        "async def main():\n"
        "    workers = Workers(WorkersSection(count=1, batch=1))\n"
        "    print((await workers.run(act, ['pid'], lost))[0], flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "if __name__ == '__main__':\n"
        "    asyncio.run(main())\n"
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, script], env={**os.environ, "PYTHONPATH": str(root)}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert _alive(pid)
        parent.kill()
    deadline = time.monotonic() + 10
    while _alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(pid)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
