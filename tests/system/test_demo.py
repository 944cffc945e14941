"""The demo as its users run it: right, it ends with 0; wrong in one fact, it names the difference and ends with 1."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from monitor.demo.newsroom import expected
from monitor.store import told
from monitor.store.engine import Store
from tests.system.house import ROOT


def environment(**more: str) -> dict[str, str]:
    outer = {name: value for name, value in os.environ.items() if not name.startswith("MONITOR_")}
    return {**outer, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **more}


def demo(*options: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "monitor", "demo", *options]
    return subprocess.run(command, cwd=cwd, env=environment(**more), capture_output=True, text=True, timeout=240, check=False)


def test_it_ends_well_keeps_its_database_and_does_not_overwrite_one(tmp_path: Path) -> None:
    began = time.monotonic()
    result = demo("--keep", "kept", cwd=tmp_path)
    assert result.returncode == 0, result.stdout[-5000:] + result.stderr[-3000:]
    assert time.monotonic() - began < 90
    assert "Stories and alerts are exactly those that the newsroom holds" in result.stdout
    assert "monitor stories list" in result.stdout
    with Store(f"sqlite:///{tmp_path / 'kept' / 'monitor.db'}") as store:
        assert len(store.read_now(told.listing)) == len(expected())
    again = demo("--keep", "kept", cwd=tmp_path)
    assert again.returncode == 2
    assert again.stderr == "monitor: kept/monitor.db is there already: give another folder, or delete it\n"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_fact_that_came_out_wrong_is_named_and_the_status_is_1(tmp_path: Path) -> None:
    config = Path(shutil.copytree(ROOT / "config", tmp_path / "config"))
    register = config / "institutions" / "AL.toml"
    told = register.read_text(encoding="utf-8")
    assert 'name = "Air Albania"' in told
    register.write_text(told.replace('name = "Air Albania"', 'name = "Air Elsewhere"\n'), encoding="utf-8")
    result = demo(cwd=tmp_path, MONITOR_CONFIG=str(config))
    assert result.returncode == 1, result.stdout[-5000:] + result.stderr[-3000:]
    assert re.search(r"\d+ differences from what the newsroom holds:", result.stdout)
    assert re.search(r"victims: expected Air Albania, [^\n]*, got Air Elsewhere, ", result.stdout)


def test_served_it_goes_on_until_ctrl_c(tmp_path: Path) -> None:
    command = [sys.executable, "-u", "-m", "monitor", "demo", "--serve"]
    with (tmp_path / "out").open("w") as out:
        process = subprocess.Popen(command, cwd=tmp_path, env=environment(), stdout=out, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + 120
        while "Ctrl-C ends it." not in (said := (tmp_path / "out").read_text(encoding="utf-8")):
            assert process.poll() is None, said
            assert time.monotonic() < end, said
            time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=15) == 0, (tmp_path / "out").read_text(encoding="utf-8")[-3000:]
    finally:
        process.kill()
        process.wait()
