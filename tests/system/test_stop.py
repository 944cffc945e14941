"""Stopping a real daemon: early, in work and idle it ends with 0 within Docker's patience; a second signal kills; a new start goes on."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.demo.newsroom.stock import EDITIONS
from tests.system.house import House
from tests.system.test_kill import doubled

DOCKER_WAITS = 10.0


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path) as made:
        made.newsroom.edition = 1
        yield made


def until(condition: Callable[[], bool], process: subprocess.Popen[bytes], patience: float = 30.0) -> None:
    end = time.monotonic() + patience
    while not condition():
        assert process.poll() is None, "it ended by itself"
        assert time.monotonic() < end
        time.sleep(0.01)


def catches_sigterm(process: subprocess.Popen[bytes]) -> bool:
    """Whether the process has a handler for SIGTERM, as the kernel sees it."""
    lines = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines()
    caught = next(int(line.split()[1], 16) for line in lines if line.startswith("SigCgt"))
    return bool(caught >> (signal.SIGTERM - 1) & 1)


def stopped(house: House, number: signal.Signals = signal.SIGTERM) -> float:
    """Sends the signal; returns how long the daemon took to end with 0 and without a traceback."""
    assert house.process is not None
    began = time.monotonic()
    house.process.send_signal(number)
    assert house.process.wait(timeout=DOCKER_WAITS) == 0, house.log()[-3000:]
    assert "Traceback" not in house.log()
    return time.monotonic() - began


def test_a_signal_before_the_daemon_stands_ends_it_at_once(house: House) -> None:
    process = house.start()
    until(lambda: catches_sigterm(process), process)
    assert stopped(house) < 3
    assert "daemon.started" not in house.log()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_at_its_first_moment_ends_it_with_its_polls_finished(house: House, number: signal.Signals) -> None:
    process = house.start()
    until(lambda: "daemon.started" in house.log(), process)
    stopped(house, number)
    assert "daemon.stopping" in house.log()
    assert house.log().rstrip().splitlines()[-1].count("daemon.stopped") == 1


def test_a_signal_in_work_ends_it_in_time_and_a_new_start_goes_on_where_it_was(house: House) -> None:
    house.newsroom.edition = EDITIONS
    process = house.start()
    until(lambda: house.states()[0]["clear"] > 5, process)
    stopped(house)
    judged, *_ = house.states()
    assert judged["waiting"], "it had no work left to leave"
    house.start()
    assert house.settle(EDITIONS), house.log()[-3000:]
    stopped(house)
    stories, owed = house.result()
    assert stories
    assert not doubled(owed)
    mails = [str(mail["Message-ID"]) for mail in house.mail.messages()]
    calls = [call.id for call in house.hook.received()]
    assert len(mails) == len(set(mails))
    assert len(calls) == len(set(calls))
    assert len(mails) + len(calls) == len(owed)


def test_a_signal_in_a_quiet_hour_ends_it_at_once(house: House) -> None:
    config = house.folder / "config" / "monitor.toml"
    quiet = config.read_text(encoding="utf-8").replace('minimum_interval = "0.5s"\nmaximum_interval = "1s"', 'minimum_interval = "1h"')
    config.write_text(quiet, encoding="utf-8")
    house.start()
    assert house.settle(1), house.log()[-3000:]
    assert stopped(house) < 3


def test_a_second_signal_kills_at_once(house: House) -> None:
    process = house.start()
    until(lambda: "daemon.started" in house.log(), process)  # its first round has a source that takes seconds to answer
    process.send_signal(signal.SIGTERM)
    until(lambda: "daemon.stopping" in house.log(), process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=2) == -signal.SIGTERM
