"""A private copy of the files of detection, so that a worker never reads a file that somebody is just editing."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from monitor.errors import ConfigError

_FILES = ("detection.toml", "actors.toml", "places.csv")
_FOLDERS = ("lexicon", "institutions")

Stamp = Mapping[str, tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A copy in `folder`, with the stamp that the originals had just before. With `problems` it is not whole."""

    folder: Path
    of: Stamp
    problems: tuple[str, ...] = ()


def stamp(folder: Path) -> Stamp:
    """Size and times of each file of detection by its name in `folder`: equal as long as nobody touches one."""
    paths = [*(folder / name for name in _FILES), *(path for name in _FOLDERS for path in (folder / name).glob("*.toml"))]
    return {str(path.relative_to(folder)): times for path in paths if (times := _times(path))}


def _times(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns  # the last alone tells of corrected permissions


def touched(before: Stamp, after: Stamp) -> list[str]:
    """Names of the files that are new, gone or changed."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def copy(folder: Path, to: Path) -> Snapshot:
    """Copies the files of detection to the new folder `to`. The stamp is older than the copy, so that a later edit is always seen."""
    of = stamp(folder)
    try:
        to.mkdir()
        for name in of:
            (to / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(folder / name, to / name)
    except OSError as error:
        return Snapshot(to, of, (f"{error.filename or folder}: cannot be copied ({error.strerror})",))
    return Snapshot(to, of)


class DetectionFiles:
    """The files of detection as they were when last found good, and the copy before them, which a batch may still be reading.

    Copies are kept in `room`, an empty folder that the caller removes. What is there at the start is taken for good.
    """

    def __init__(self, source: Path, room: Path) -> None:
        self._source = source
        self._room = room
        self._accepted = 0
        self._refused: Stamp | None = None
        self._previous: Snapshot | None = None
        self._good = copy(source, room / str(self._accepted))
        if self._good.problems:
            raise ConfigError(list(self._good.problems))

    @property
    def folder(self) -> Path:
        """Where workers read. The path changes with every accepted copy, its content never."""
        return self._good.folder

    def look(self) -> Snapshot | None:
        """A copy to be checked, if the files are neither those in use nor those last refused, or if the copy in use is no longer whole."""
        now = stamp(self._source)
        if now == self._refused:
            return None
        self._refused = None
        if now == self._good.of and now.keys() == stamp(self.folder).keys():
            return None
        shutil.rmtree(self._next(), ignore_errors=True)  # of a look whose check was cut off
        return copy(self._source, self._next())

    def accept(self, fresh: Snapshot) -> list[str]:
        """Uses this copy from now on; returns the names of the files that differ from the one before."""
        if self._previous:
            shutil.rmtree(self._previous.folder, ignore_errors=True)
        self._previous, self._good = self._good, fresh
        self._accepted += 1
        return touched(self._previous.of, fresh.of)

    def refuse(self, fresh: Snapshot) -> None:
        """Throws this copy away; the one in use stays, and the files are not looked at again before they change."""
        shutil.rmtree(fresh.folder, ignore_errors=True)
        self._refused = fresh.of

    def _next(self) -> Path:
        return self._room / str(self._accepted + 1)
