"""Files of sources as people keep them: read anew when they change, and edited by the program so that comments and order stay."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from monitor.collect import sources
from monitor.errors import ConfigError, InputError, MonitorError
from monitor.model import Source
from monitor.text import urls

Stamp = Mapping[str, tuple[int, int, int]]
Value = str | bool

_HEADER = re.compile(r"\s*\[")
_TABLE = re.compile(r"\s*\[\[\s*source\s*\]\]")
_KEY = re.compile(r"""\s*key\s*=\s*["']([^"']*)["']""")
_SET = r"""(\s*{name}\s*=\s*)(?:true|false|"(?:[^"\\]|\\.)*"|'[^']*')"""


@dataclass(frozen=True, slots=True)
class Look:
    """What the files list, with the stamp that they had just before they were read."""

    listed: tuple[Source, ...]
    of: Stamp


class SourceFiles:
    """What `folder` lists, as it was when last found good. Raises `ConfigError` if it is not good at the start."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._good = _look(folder)
        self._seen = self._good.of

    @property
    def listed(self) -> tuple[Source, ...]:
        return self._good.listed

    def look(self) -> Look | None:
        """What is listed now, if that is something else than before. Raises `ConfigError` if the files are broken, once for each change."""
        now = stamp(self._folder)
        if now == self._seen:
            return None
        try:
            fresh = _look(self._folder)
        except ConfigError:
            self._seen = now
            raise
        if fresh.listed != self.listed:
            return fresh
        self._seen = fresh.of
        return None

    def accept(self, fresh: Look) -> None:
        """Takes this for good from now on."""
        self._good, self._seen = fresh, fresh.of


def _look(folder: Path) -> Look:
    of = stamp(folder)  # older than what is read, so that a later edit is always seen
    return Look(sources.load(folder), of)


def stamp(folder: Path) -> Stamp:
    """Size and times of each file by its name: equal as long as nobody touches one."""
    found: dict[str, tuple[int, int, int]] = {}
    for path in folder.glob("*.toml"):
        with suppress(OSError):  # gone in this very moment
            state = path.stat()
            found[path.name] = state.st_size, state.st_mtime_ns, state.st_ctime_ns  # the last alone tells of corrected permissions
    return found


@dataclass(frozen=True, slots=True)
class Difference:
    """How many sources are listed now that were not before, no longer, switched on, switched off, or otherwise not as they were."""

    added: int = 0
    removed: int = 0
    enabled: int = 0
    disabled: int = 0
    changed: int = 0


def difference(before: Sequence[Source], after: Sequence[Source]) -> Difference:
    old, new = ({each.key: each for each in listed} for listed in (before, after))
    pairs = [(old[key], new[key]) for key in old.keys() & new.keys() if old[key] != new[key]]
    return Difference(
        added=len(new.keys() - old.keys()),
        removed=len(old.keys() - new.keys()),
        enabled=sum(now.enabled > then.enabled for then, now in pairs),
        disabled=sum(now.enabled < then.enabled for then, now in pairs),
        changed=sum(now.enabled == then.enabled for then, now in pairs),
    )


def listed(folder: Path) -> tuple[Source, ...]:
    """All sources of `folder`; none if it has no files yet."""
    return sources.load(folder) if stamp(folder) else ()


def add(folder: Path, name: str, new: Sequence[Source]) -> Path:
    """Appends tables to the file `name`, which is made if it is not there. Raises `MonitorError` if that cannot be, and changes nothing."""
    with _editing(folder):
        before, path = listed(folder), folder / name
        text = _read(path) if path.exists() else "# One table a source; keys and addresses must be unique over all files.\n"
        newline = "\r\n" if "\r\n" in text else "\n"
        tables = "".join(f"\n{table(each)}" for each in new).replace("\n", newline)
        _put(path, text + ("" if text.endswith("\n") else newline) + tables, (*before, *new))
    return path


def change(folder: Path, key: str, values: Mapping[str, Value]) -> Path:
    """Sets these values of one source where it stands. Raises `MonitorError` if that cannot be, and changes nothing."""
    with _editing(folder):
        before = listed(folder)
        for path in sorted(folder.glob("*.toml")):
            text = _changed(_read(path), key, values)
            if text is not None:
                after = [replace(each, **values) if each.key == key else each for each in before]  # type: ignore[arg-type]  # as loaded
                _put(path, text, after)
                return path
    raise InputError(f"{folder}: {key!r} does not stand under [[source]] with its key on a line of its own; edit it by hand")


def table(source: Source) -> str:
    """A source as it is written in a file, without what goes without saying."""
    usual = Source(source.key, source.name, source.url, outlet=urls.site(source.url))
    values = {field.name: getattr(source, field.name) for field in fields(source)}
    said = {name: value for name, value in values.items() if name in ("key", "name", "url") or value != getattr(usual, name)}
    return "[[source]]\n" + "".join(f"{name} = {_written(value)}\n" for name, value in said.items())


def new_key(country: str | None, url: str, taken: Callable[[str], bool]) -> str:
    """A key that nobody has yet: the country and the name of the site, with a number if need be."""
    labels = urls.site(url).split(".")
    name = labels[:-1] if len(labels) > 1 and not labels[-1].isdigit() else labels
    if len(name) > 1 and len(labels[-1]) == 2 and name[-1] in ("com", "co", "org", "net", "gov", "edu", "ac"):
        name.pop()
    stem = f"{(country or 'int').lower()}.{'-'.join(re.findall('[a-z0-9]+', '-'.join(name).lower())) or 'source'}"
    number, key = 1, stem
    while taken(key):
        number += 1
        key = f"{stem}-{number}"
    return key


def _changed(text: str, key: str, values: Mapping[str, Value]) -> str | None:
    """The text with the values set in the table of this key; None if it is not here."""
    lines = text.splitlines(keepends=True)
    starts = [number for number, line in enumerate(lines) if _TABLE.match(line)]
    for start in starts:
        end = next((number for number in range(start + 1, len(lines)) if _HEADER.match(lines[number])), len(lines))
        if any((found := _KEY.match(line)) and found[1] == key for line in lines[start:end]):
            body = lines[start:end]
            for name, value in values.items():
                body = _set(body, name, _written(value))
            return "".join((*lines[:start], *body, *lines[end:]))
    return None


def _set(body: list[str], name: str, value: str) -> list[str]:
    """The lines of a table with a value in place of the old one, or below the last one; comments stay where they are."""
    pattern = re.compile(_SET.format(name=name))
    for number, line in enumerate(body):
        if found := pattern.match(line):
            return [*body[:number], f"{found[1]}{value}{line[found.end() :]}", *body[number + 1 :]]
    last = max(number for number, line in enumerate(body) if line.strip() and not line.lstrip().startswith("#"))
    newline = "\r\n" if body[0].endswith("\r\n") else "\n"
    return [*body[:last], body[last].rstrip("\r\n") + newline, f"{name} = {value}{newline}", *body[last + 1 :]]


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value.encode("utf-8", "replace").decode(), ensure_ascii=False).replace("\x7f", "\\u007f")


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")  # line ends as they are
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})"]) from None


@contextmanager
def _editing(folder: Path) -> Iterator[None]:
    """One editor at a time: of two that read the same, the second would write away what the first wrote."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise _unwritable(folder, error) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _put(path: Path, text: str, expected: Sequence[Source]) -> None:
    """Replaces the file in one step, if the folder with it lists exactly what is expected; a reader sees the old file or the new one."""
    _check(path, text, expected)
    target = path.resolve()
    beside = target.with_name(f".{target.name}.new")
    try:
        with beside.open("wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, beside)
        beside.replace(target)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise _unwritable(path, error) from None


def _check(path: Path, text: str, expected: Sequence[Source]) -> None:
    with TemporaryDirectory(prefix="monitor-") as trial:
        for each in path.parent.glob("*.toml"):
            shutil.copyfile(each, Path(trial, each.name))
        Path(trial, path.name).write_bytes(text.encode("utf-8"))
        try:
            found = sources.load(Path(trial))
        except ConfigError as error:
            first = error.problems[0].replace(trial, str(path.parent))
            raise InputError(f"the edit would break the file, so nothing was changed: {first}") from None
    if found != tuple(sorted(expected, key=lambda source: source.key)):
        raise InputError(f"{path}: cannot be edited here without changing something else; nothing was changed, edit it by hand")


def _unwritable(path: Path, error: OSError) -> MonitorError:
    return InputError(f"{path}: cannot be written ({error.strerror}); MONITOR_CONFIG says where the configuration is")
