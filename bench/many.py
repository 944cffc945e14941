"""What one daemon occupies that polls five thousand sources and judges what they list."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bench.figures import Bench, Figure, Run
from bench.memory import Peak
from bench.server import Sites, sites
from bench.whole import DATABASE, daemon, wait

_SOURCES = 5_000
_POLLS, _JUDGED = 2, 500  # of each source, and of all articles, before it ends
_AGAIN = {"COLLECT__MINIMUM_INTERVAL": "20s"}  # soon enough for a second round
_STATE = """
    SELECT (SELECT count(*) FROM source WHERE enabled AND polls >= ? AND trouble IS NULL),
           (SELECT count(*) FROM article WHERE state IN ('flagged', 'clear') AND origin = 'page')
"""


@contextmanager
def _many() -> Iterator[Run]:
    with sites() as served, tempfile.TemporaryDirectory(prefix="monitor-bench-") as folder:
        yield lambda: _run(served, Path(tempfile.mkdtemp(dir=folder)))


def _run(served: Sites, folder: Path) -> dict[str, float]:
    served.validators.value = 1
    with daemon(served.feeds(_SOURCES), folder, _AGAIN) as process, Peak(process.pid) as peak:
        wait(lambda: _reached(folder / DATABASE), process, folder)
    return {"5,000 sources, peak memory": peak.bytes / 1e6}


def _reached(database: Path) -> bool:
    if not database.exists():
        return False
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as opened:
        try:
            polled, judged = opened.execute(_STATE, (_POLLS,)).fetchone()
        except sqlite3.OperationalError:  # its tables are still being made
            return False
    return bool(polled == _SOURCES and judged >= _JUDGED)


MANY = Bench(
    "many",
    "`monitor run` over 5,000 sources, each polled twice, 500 of their 150,000 articles judged; PSS of daemon and workers",
    (Figure("5,000 sources, peak memory", "MB", goal=400, cost=True),),
    _many,
)
