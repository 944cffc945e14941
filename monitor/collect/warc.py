"""The records of a WARC file, plain or packed. What is spoilt is passed over and counted, and costs none of its neighbours."""

from __future__ import annotations

import re
import zlib
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAGIC = b"\x1f\x8b\x08"  # of gzip
MARK = b"WARC/"
_CHUNK = 64 * 1024
_PIECE = 256 * 1024
LONGEST_HEAD = 32 * 1024
_PACKED_TIGHTEST = 1032  # bytes that one packed byte may become
_GAP = b"\r\n\r\n"  # after a block
_HEAD_END = re.compile(rb"\r?\n\r?\n|\nWARC/[01]\.")  # or it has none before the next
_NEXT = re.compile(rb"\nWARC/[01]\.")
_NEXT_LONGEST = 8
_MOST_SECOND_LOOKS = 1000  # into blocks of a wrong length: a file made of such would be read again and again
_VERSION = re.compile(rb"WARC/[01]\.\d{1,2}\s*$")
_LENGTH = re.compile(r"\d{1,15}")

BROKEN_HEAD = "a record whose head cannot be read"
WRONG_LENGTH = "a record whose length is wrong"
CUT_OFF = "a record that is cut off"
NOT_UNPACKED = "data that cannot be unpacked"


@dataclass(frozen=True, slots=True)
class Record:
    """Header names are lower case. `block` is None if it is larger than what may be held."""

    headers: dict[str, str]
    block: bytes | None


class Records:
    """Iterates the records of an open file of `size` bytes, holding blocks of up to `most_bytes`.

    Afterwards `spoilt` counts what could not be read, and `cut` says whether the file ends in the middle of a record.
    """

    def __init__(self, file: BinaryIO, size: int, most_bytes: int) -> None:
        self.spoilt: Counter[str] = Counter()
        self.cut = False
        self._most = most_bytes
        self._second_looks = 0
        self._stream = _Stream(file, size, self.spoilt)

    def __iter__(self) -> Iterator[Record]:
        stream = self._stream
        while stream.pass_breaks():
            found = self._next() if stream.ahead(len(MARK)) == MARK else BROKEN_HEAD
            self.cut = found == CUT_OFF
            if isinstance(found, Record):
                yield found
            else:
                self.spoilt[found] += 1
                stream.pass_on()
        self.cut |= stream.cut

    def _next(self) -> Record | str:
        head = self._stream.head()
        if head is None:
            return CUT_OFF if len(self._stream.ahead(LONGEST_HEAD)) < LONGEST_HEAD else BROKEN_HEAD
        if (headers := _headers(head)) is None:
            return BROKEN_HEAD
        if not _LENGTH.fullmatch(headers.get("content-length", "")):
            return WRONG_LENGTH
        length = int(headers["content-length"])
        if length > self._stream.left():
            return CUT_OFF
        return self._block(headers, length)

    def _block(self, headers: dict[str, str], length: int) -> Record | str:
        """The record, if after it comes what should. Else its length is a lie, and what it may have swallowed is looked through again."""
        stream, held = self._stream, length <= self._most
        block = stream.take(length) if held else b""
        read = len(block) if held else stream.skip(length)
        if read == length and (stream.ahead(len(_GAP)) == _GAP or not stream.pass_breaks() or stream.ahead(len(MARK)) == MARK):
            return Record(headers, block if held else None)
        if read < length and stream.at_member():  # its packed part is over
            return CUT_OFF
        self._second_looks += 1
        if self._second_looks <= _MOST_SECOND_LOOKS:
            stream.put_back(block)
        return WRONG_LENGTH if read == length else CUT_OFF


class _Stream:
    """The unpacked bytes ahead. Nothing is taken across the start of a packed part that begins with a record."""

    def __init__(self, file: BinaryIO, size: int, spoilt: Counter[str]) -> None:
        self._file, self._size = file, size
        self._packed = _Packed(file, spoilt)
        self._buffer = b""
        self._at = 0  # of the buffer's bytes, those behind us
        self._behind = 0  # bytes that lay before the buffer
        self._members: deque[int] = deque()

    @property
    def cut(self) -> bool:
        return self._packed.cut

    def left(self) -> int:
        """The most bytes that may still come."""
        unread = self._size - self._file.tell()
        if self._packed.inside:
            unread = (unread + _CHUNK) * _PACKED_TIGHTEST
        return unread + len(self._buffer) - self._at

    def ahead(self, count: int) -> bytes:
        """Up to `count` bytes that come next, without taking them."""
        while (end := self._end()) is None and len(self._buffer) - self._at < count and self._more():
            pass
        stop = self._at + count
        return self._buffer[self._at : stop if end is None else min(stop, end)]

    def take(self, count: int) -> bytes:
        pieces: list[bytes] = []
        while count and (piece := self.ahead(min(count, _PIECE))):
            pieces.append(piece)
            self._at += len(piece)
            count -= len(piece)
        return b"".join(pieces)

    def skip(self, count: int) -> int:
        skipped = 0
        while skipped < count and (piece := self.ahead(min(count - skipped, _PIECE))):
            self._at += len(piece)
            skipped += len(piece)
        return skipped

    def put_back(self, taken: bytes) -> None:
        self._behind += self._at - len(taken)
        self._buffer, self._at = taken + self._buffer[self._at :], 0

    def head(self) -> bytes | None:
        """Takes the lines up to the next empty one; None, and takes nothing, if there is none in sight."""
        for size in (1024, 4096, LONGEST_HEAD):
            window = self.ahead(size)
            if found := _HEAD_END.search(window):
                if found[0].endswith(b"."):
                    break
                self._at += found.end()
                return window[: found.start()]
        return None

    def at_member(self) -> bool:
        return bool(self._members) and self._members[0] == self._behind + self._at

    def pass_breaks(self) -> bool:
        """Passes empty lines, and into the next packed part; False at the end of the file."""
        while True:
            if self.at_member():
                self._members.popleft()
            window = self.ahead(_NEXT_LONGEST)
            if not window:
                if not self.at_member():
                    return False
            elif rest := window.lstrip(b"\r\n"):
                self._at += len(window) - len(rest)
                return True
            else:
                self._at += len(window)

    def pass_on(self) -> None:
        """Goes to what looks like the start of the next record, or to the end of the packed part or file."""
        while True:
            end = self._end()
            stop = len(self._buffer) if end is None else end
            if found := _NEXT.search(self._buffer, self._at, stop):
                self._at = found.start() + 1
                return
            self._at = stop if end is not None else max(self._at, stop - _NEXT_LONGEST)
            if end is not None or not self._more():
                self._at = stop if end is not None else len(self._buffer)
                return

    def _end(self) -> int | None:
        """Where in the buffer the next packed part begins."""
        return self._members[0] - self._behind if self._members else None

    def _more(self) -> bool:
        piece, begins = next(self._packed, (b"", False))
        self._behind += self._at
        self._buffer, self._at = self._buffer[self._at :] + piece, 0
        if begins:
            self._members.append(self._behind + len(self._buffer) - len(piece))
        return bool(piece)


class _Packed(Iterator[tuple[bytes, bool]]):
    """The pieces of a file, unpacked if it is packed, each with whether it begins a packed part and a record at once."""

    def __init__(self, file: BinaryIO, spoilt: Counter[str]) -> None:
        self.cut = False
        self._broken = False  # in what comes next, until a packed part begins
        self._file, self._spoilt = file, spoilt
        self._raw = file.read(_CHUNK)
        self.inside = self._raw.startswith(MAGIC)
        self._pieces = self._members() if self.inside else self._plain()

    def __next__(self) -> tuple[bytes, bool]:
        return next(self._pieces)

    def _plain(self) -> Iterator[tuple[bytes, bool]]:
        while self._raw:
            yield self._raw, False
            self._raw = self._file.read(_CHUNK)

    def _members(self) -> Iterator[tuple[bytes, bool]]:
        while self._find_magic():
            first: bytes | None = b""
            for piece in self._member():
                if first is None:
                    yield piece, False
                elif len(first := first + piece) >= len(MARK):
                    yield first, first.startswith(MARK)
                    first = None
            if first:
                yield first, False

    def _member(self) -> Iterator[bytes]:
        """One packed part. `_raw` is afterwards what follows it, or what may do so."""
        unpacker = zlib.decompressobj(31)
        data, passed = self._raw, 1  # of a part that is spoilt at once, not to be tried again
        while not unpacker.eof:
            try:
                piece = unpacker.decompress(data, _PIECE)
            except zlib.error:
                self._spoilt[NOT_UNPACKED] += 1
                self._broken, self._raw = True, data[passed:]
                return
            if piece:
                yield piece
            data, passed = unpacker.unconsumed_tail or (b"" if unpacker.eof else self._file.read(_CHUNK)), 0
            if not data and not unpacker.eof and not piece:
                self.cut, self._raw = True, b""
                return
        self._raw = unpacker.unused_data

    def _find_magic(self) -> bool:
        """Goes to the next packed part, over zeros that some writers put between them and over what should not be there."""
        strange = False
        while True:
            if len(self._raw) < len(MAGIC):
                more = self._file.read(_CHUNK)
                self._raw += more
                if not more:
                    self._note(strange or bool(self._raw.strip(b"\x00")))
                    return False
            at = self._raw.find(MAGIC)
            gap = self._raw[:at] if at >= 0 else self._raw[: 1 - len(MAGIC)]
            strange |= bool(gap.strip(b"\x00"))
            self._raw = self._raw[len(gap) :]
            if at >= 0:
                self._note(strange)
                return True

    def _note(self, strange: bool) -> None:
        if strange and not self._broken:
            self._spoilt[NOT_UNPACKED] += 1
        self._broken = False


def _headers(head: bytes) -> dict[str, str] | None:
    """The named fields of a record's head; None if it is none."""
    version, *lines = head.split(b"\n")
    return fields(lines) if _VERSION.fullmatch(version) else None


def fields(lines: list[bytes]) -> dict[str, str]:
    """Names in lower case with their values; lines that go on are joined, as are the values of a name that comes twice."""
    found: dict[str, str] = {}
    name = ""
    for line in lines:
        text = line.decode("utf-8", "replace").rstrip("\r")
        if text[:1] in (" ", "\t"):
            if name:
                found[name] += f" {text.strip()}"
            continue
        name, colon, value = text.partition(":")
        name = name.strip().lower() if colon else ""
        if name:
            found[name] = f"{found[name]}, {value.strip()}" if name in found else value.strip()
    return found
