"""The whole way in a real daemon process: sites polled, pages fetched, judged, placed, stored and told, with the memory that takes."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path

from bench.figures import Bench, Figure, Run
from bench.memory import Peak
from bench.server import Sites, sites
from monitor.model import Source
from monitor.settings import default_folder
from monitor.store import articles
from monitor.store.engine import Store

ARTICLES = 900
DATABASE = "monitor.db"
_PATIENCE = 300.0
_LOOK = 0.1
_ROOT = Path(__file__).resolve().parents[1]
_SETTINGS = {
    "CLOCK__POLL": "0.5s",
    "CLOCK__ANALYSE": "0.5s",
    "CLOCK__NOTIFY": "0.5s",
    "COLLECT__ALLOW_HOSTS": "*.localhost",
    "COLLECT__PAUSE_PER_HOST": "0s",
    "ALERTS__MAX_AGE": "36500d",
    "LOG__FORMAT": "json",
}


@contextmanager
def _whole() -> Iterator[Run]:
    with sites(ARTICLES) as served, tempfile.TemporaryDirectory(prefix="monitor-bench-") as folder:
        yield lambda: _run(served, Path(tempfile.mkdtemp(dir=folder)))


def _run(served: Sites, folder: Path) -> dict[str, float]:
    with daemon(served.outlets(), folder) as process, Peak(process.pid) as peak:
        wait(lambda: "daemon.started" in _log(folder), process, folder)
        started = time.perf_counter()
        with Store(f"sqlite:///{folder / DATABASE}") as store:
            wait(lambda: _judged(store) == ARTICLES, process, folder)
        seconds = time.perf_counter() - started
        _check(folder / DATABASE)
    return {"whole way": ARTICLES / seconds, "daemon, peak memory": peak.bytes / 1e6}


@contextmanager
def daemon(sources: Iterable[Source], folder: Path, more: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A real daemon over these sources, its files in `folder`; `more` are settings by variable, without the prefix."""
    environment = _environment(sources, folder) | {f"MONITOR_{name}": value for name, value in (more or {}).items()}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "monitor", "run"], env=environment, stdout=log, stderr=log, cwd=folder, start_new_session=True
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _environment(sources: Iterable[Source], folder: Path) -> dict[str, str]:
    """The daemon as it is delivered, but for its sources and for a clock in a hurry."""
    config = folder / "config"
    shutil.copytree(default_folder({}), config, ignore=shutil.ignore_patterns("sources"))
    (config / "sources").mkdir()
    (config / "sources" / "bench.toml").write_text("\n".join(map(_table, sources)), encoding="utf-8")
    ours = {"MONITOR_CONFIG": str(config), "MONITOR_DATABASE_URL": f"sqlite:///{folder / DATABASE}", "PYTHONPATH": str(_ROOT)}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MONITOR_")}
    return kept | ours | {f"MONITOR_{name}": value for name, value in _SETTINGS.items()}


def _table(source: Source) -> str:
    fields = {name: value for name, value in asdict(source).items() if isinstance(value, str) and value}
    return "[[source]]\n" + "\n".join(f"{name} = {json.dumps(value)}" for name, value in fields.items())


def _log(folder: Path) -> str:
    return (folder / "log").read_text(encoding="utf-8", errors="replace")


def _judged(store: Store) -> int:
    states = store.read_now(articles.counts)
    return sum(states.values()) - states["waiting"]


def _check(database: Path) -> None:
    """Articles judged by their summaries alone would be quick and say nothing."""
    with closing(sqlite3.connect(database)) as opened:
        found = opened.execute("SELECT state IN ('flagged', 'clear') AND origin = 'page', count(*) FROM article GROUP BY 1").fetchall()
    assert found == [(1, ARTICLES)], f"not all articles were read from their pages: {found}"


def wait(done: Callable[[], bool], process: subprocess.Popen[bytes], folder: Path) -> None:
    """Looks again and again; raises if the process ends, or does not come so far in five minutes."""
    end = time.monotonic() + _PATIENCE
    while not done():
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"the daemon did not get through:\n{_log(folder)[-2000:]}")
        time.sleep(_LOOK)


WHOLE = Bench(
    "whole",
    f"`monitor run` from its start to the last of {ARTICLES} verdicts; memory is the PSS of daemon and workers",
    (Figure("whole way", "articles/s", goal=25), Figure("daemon, peak memory", "MB", goal=400, cost=True)),
    _whole,
)
