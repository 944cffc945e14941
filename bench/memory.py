"""What a process and its children occupy, as Linux counts it."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

_EVERY = 0.5


def occupied(pid: int | str) -> int:
    """Bytes of a process and all below it: the sum of their proportional set sizes, in which a page shared by two counts half in each."""
    return sum(_pss(each) for each in _family(pid))


def below(pid: int | str) -> int:
    """The same without the process itself."""
    return sum(_pss(each) for each in _family(pid)[1:])


def _family(pid: int | str) -> list[int | str]:
    try:
        children = [int(child) for path in Path(f"/proc/{pid}/task").glob("*/children") for child in path.read_text().split()]
    except OSError:
        return [pid]
    return [pid, *(each for child in children for each in _family(child))]


def _pss(pid: int | str) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has just ended
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


class Peak:
    """Watches a process tree from `__enter__` to `__exit__`; `bytes` is the most it has occupied."""

    def __init__(self, pid: int) -> None:
        self.bytes = 0
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_EVERY):
            self.bytes = max(self.bytes, occupied(self._pid))
