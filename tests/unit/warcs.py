"""WARC files as crawlers write them, and as they should not."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

CRAWLED = "2023-12-26T12:00:00Z"
HTML = b"<!doctype html><html><title>A</title><p>Text</html>"


def answer(body: bytes = HTML, status: str = "200 OK", **headers: str) -> bytes:
    """An HTTP answer; `content_type="..."` is a header."""
    named = {"content_type": "text/html; charset=utf-8"} | headers
    lines = "".join(f"{name.replace('_', '-').title()}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def record(url: str, block: bytes, kind: str = "response", length: object = None, **headers: str) -> bytes:
    """A record; `length` is what it says its length is, `warc_date="..."` a header."""
    named = {"warc_type": kind, "warc_target_uri": url, "warc_date": CRAWLED, "content_type": "application/http"} | headers
    named |= {"content_length": str(len(block) if length is None else length)}
    lines = "".join(f"{name.replace('_', '-').title()}: {value}\r\n" for name, value in named.items())
    return f"WARC/1.0\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"


def page(url: str, body: bytes = HTML, date: str = CRAWLED) -> bytes:
    return record(url, answer(body), warc_date=date)


def packed(records: Sequence[bytes]) -> bytes:
    """Each record packed by itself, as crawlers do."""
    return b"".join(map(gzip.compress, records))


def written(folder: Path, records: Sequence[bytes], name: str = "crawl.warc.gz") -> Path:
    file = folder / name
    file.write_bytes(packed(records) if name.endswith(".gz") else b"".join(records))
    return file
