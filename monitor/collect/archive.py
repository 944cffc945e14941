"""Archived pages: the HTML answers in a WARC file as pages, as if they had just been fetched."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from monitor.collect import warc
from monitor.collect.answers import failure
from monitor.errors import InputError
from monitor.model import Page
from monitor.text import urls

_HEAD = 64 * 1024  # of an answer
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})\b")
_HTML = ("text/html", "application/xhtml+xml")
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]{0,200})?\r?\n")
_OLDEST = datetime(1991, 1, 1, tzinfo=UTC)
_CLOCK = timedelta(days=1)  # by which a crawler's may be ahead of ours
_PACKINGS = ("gzip", "x-gzip", "deflate")
_MOST_PACKINGS = 3
_ZSTD = b"\x28\xb5\x2f\xfd"


class Archive:
    """An open WARC file. Iterating it gives its pages; `skipped` counts what gave none, by reason, and `end` says what ended it too early.

    Raises `InputError` when it is opened and is no WARC file. Of what is wrong inside nothing is raised.
    """

    def __init__(self, path: Path, most_bytes: int, now: datetime) -> None:
        self.path = path
        self.skipped: Counter[str] = Counter()
        self.end: str | None = None
        self._most, self._latest = most_bytes, now + _CLOCK
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}") from None
        self.size = path.stat().st_size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    @property
    def position(self) -> int:
        """How many bytes of the file were read."""
        return self._file.tell()

    def __iter__(self) -> Iterator[Page]:
        records = warc.Records(self._file, self.size, self._most + _HEAD)
        try:
            for record in records:
                found = _page(record, self._most, self._latest)
                if isinstance(found, Page):
                    yield found
                elif found:
                    self.skipped[found] += 1
        except OSError as error:
            self.end = f"it cannot be read to its end ({error.strerror})"
        if records.cut:
            self.end = "it ends in the middle of a record"
        self.skipped += records.spoilt


def check(path: Path) -> None:
    """Raises `InputError` with a sentence if this is no WARC file, plain or packed by gzip."""
    if path.exists() and not path.is_file():
        raise InputError(f"{path}: is no file")
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    if not start:
        raise InputError(f"{path}: is empty")
    if start.startswith(_ZSTD):
        raise InputError(f"{path}: is packed by zstd; unpack it first (`zstd -d`)")
    plain = _started(start) if start.startswith(warc.MAGIC) else start
    if not plain.startswith(warc.MARK):
        raise InputError(f"{path}: is no WARC file (.warc or .warc.gz)")


def _started(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(packed, len(warc.MARK))
    except zlib.error:
        return b""


def _page(record: warc.Record, most: int, latest: datetime) -> Page | str | None:
    """The page, or why there is none; None for what never was to be one, such as the crawler's own requests."""
    kind = record.headers.get("warc-type", "").lower()
    if kind == "revisit":
        return "a page that is as in an earlier crawl and not repeated"
    if kind != "response":
        return None
    uri = record.headers.get("warc-target-uri", "").removeprefix("<").removesuffix(">")
    url = urls.absolute(uri, uri)
    if url is None:
        return "an address that is no http(s) address"
    at = _instant(record.headers.get("warc-date", ""), latest)
    if at is None:
        return "no date, or one that cannot be"
    if record.block is None:
        return _too_large(most)
    return _answer(record.block, Page(url, url, 200, b"", {}, at), most)


def _answer(block: bytes, page: Page, most: int) -> Page | str:
    """The page in the HTTP answer that a record's block is, or why there is none."""
    status, end = _STATUS.match(block), _HEAD_END.search(block, 0, _HEAD)
    if not (status and end):
        return "no HTTP head, or one too long"
    if status[1] != b"200":
        return "a status other than 200"
    headers = warc.fields(block[: end.start()].split(b"\n")[1:])
    if headers.get("content-type", "").split(";")[0].strip().lower() not in _HTML:
        return "no HTML"
    return _plain(block[end.end() :], headers, page, most)


def _plain(body: bytes, headers: dict[str, str], page: Page, most: int) -> Page | str:
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _joined(body)
    plain = _unpacked(body, headers.get("content-encoding", ""), most)
    if plain is None:
        return "a page packed in a way that cannot be read"
    if not plain.strip():
        return "an empty page"
    if len(plain) > most:
        return _too_large(most)
    if failure(urls.site(page.url), 200, headers, plain, page.fetched_at):
        return "a challenge to the crawler instead of a page"
    return Page(page.url, page.final_url, 200, plain, headers, page.fetched_at)


def _too_large(most: int) -> str:
    return f"a page of more than {most:,} bytes"


def _instant(text: str, latest: datetime) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip())
        at = found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if _OLDEST <= at <= latest else None


def _joined(body: bytes) -> bytes:
    """A body without the marks of its chunks, as far as it goes. Many crawlers take the marks off and leave the header."""
    chunks: list[bytes] = []
    at = 0
    while found := _CHUNK.match(body, at):
        size = int(found[1], 16)
        chunks.append(body[found.end() : found.end() + size])
        at = found.end() + size
        at += len(body[at : at + 2]) - len(body[at : at + 2].lstrip(b"\r\n"))
        if not size:
            break
    return b"".join(chunks) if chunks else body


def _unpacked(body: bytes, encodings: str, most: int) -> bytes | None:
    """A body without its packings, up to one byte more than `most`; None if it cannot be had.

    Many crawlers unpack and leave the header, so what looks plain is plain whatever the header says.
    """
    names = [name for name in re.split(r"[\s,]+", encodings.lower()) if name not in ("", "identity")]
    for name in reversed(names[:_MOST_PACKINGS]):
        if _looks_plain(body):
            return body
        unpacked = _inflated(body, most) if name in _PACKINGS else None
        if unpacked is None:
            return None
        body = unpacked
    return body


def _looks_plain(body: bytes) -> bool:
    return body[:512].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def _inflated(body: bytes, most: int) -> bytes | None:
    """What can be unpacked of gzip or deflate, with or without its head."""
    for window in (47, -15):  # with a head of gzip or zlib, or none
        unpacker = zlib.decompressobj(window)
        try:
            return unpacker.decompress(body, most + 1)
        except zlib.error:
            continue
    return None
