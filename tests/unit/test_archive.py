"""WARC files, plain and packed, whole and spoilt: every page that can be read comes, and what cannot is counted by reason."""

from __future__ import annotations

import gzip
import random
import time
import tracemalloc
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.collect import warc
from monitor.collect.archive import Archive, check
from monitor.errors import InputError
from monitor.model import Page
from tests.unit.warcs import CRAWLED, HTML, answer, packed, page, record

NOW = datetime(2026, 11, 24, tzinfo=UTC)
MOST = 100_000
INFO = record("", b"software: a crawler\r\n", "warcinfo", content_type="application/warc-fields")
URLS = [f"https://a.al/news/{number}" for number in range(3)]
FIRST, SECOND, THIRD = map(page, URLS)
REQUEST = record(URLS[0], b"GET /news/0 HTTP/1.1\r\nHost: a.al\r\n\r\n", "request")

Read = Callable[[bytes], tuple[list[Page], Archive]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def reading(data: bytes) -> tuple[list[Page], Archive]:
        file = tmp_path / "crawl.warc"
        file.write_bytes(data)
        with Archive(file, MOST, NOW) as archive:
            pages = list(archive)
            assert archive.position == archive.size == len(data)
        return pages, archive

    return reading


def plain(records: Sequence[bytes]) -> bytes:
    return b"".join(records)


def one_stream(records: Sequence[bytes]) -> bytes:
    return gzip.compress(plain(records))


def in_slices(records: Sequence[bytes]) -> bytes:
    """Packed in parts that begin anywhere."""
    whole = plain(records)
    return packed([whole[at : at + 333] for at in range(0, len(whole), 333)])


forms = pytest.mark.parametrize("form", [plain, packed, one_stream, in_slices])
bounded = pytest.mark.parametrize("form", [plain, packed, one_stream])


@forms
def test_the_pages_of_an_archive_come_in_order_whatever_its_form(read: Read, form: Callable[..., bytes]) -> None:
    found, archive = read(form([INFO, REQUEST, FIRST, record(URLS[0], b"fetchTimeMs: 3\r\n", "metadata"), SECOND, THIRD]))
    assert [each.url for each in found] == URLS
    assert (archive.skipped, archive.end) == ({}, None)
    first = found[0]
    assert (first.final_url, first.status, first.body, first.fetched_at) == (URLS[0], 200, HTML, datetime.fromisoformat(CRAWLED))
    assert first.headers == {"content-type": "text/html; charset=utf-8"}


def test_an_archive_whose_lines_end_as_on_unix_is_read(read: Read) -> None:
    head = record(URLS[0], b"", length=len(answer())).rstrip().replace(b"\r\n", b"\n") + b"\n\n"
    found, archive = read(head + answer() + b"\n\n" + SECOND)
    assert [each.url for each in found] == URLS[:2]
    assert not archive.skipped


def test_what_one_crawler_wraps_in_brackets_and_another_leaves_unencoded_is_an_address(read: Read) -> None:
    found, _ = read(page("<https://a.al/news/1>") + page("https://a.al/news/a b"))
    assert [each.url for each in found] == ["https://a.al/news/1", "https://a.al/news/a%20b"]


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        (record(URLS[1], answer(), length=10**40), "a record whose length is wrong"),
        (record(URLS[1], answer(), length=-5), "a record whose length is wrong"),
        (record(URLS[1], answer(), length="12, 12"), "a record whose length is wrong"),
        (record(URLS[1], answer(), x="y" * 100_000), "a record whose head cannot be read"),
        (b"WARC/1.0 \x00\xff what\r\n\r\n\r\n", "a record whose head cannot be read"),
        (record(URLS[1], b"not spoken over HTTP"), "no HTTP head, or one too long"),
        (record(URLS[1], b""), "no HTTP head, or one too long"),
        (record(URLS[1], answer(x="y" * 70_000)), "no HTTP head, or one too long"),
        (page(URLS[1], date="yesterday"), "no date, or one that cannot be"),
        (page(URLS[1], date=""), "no date, or one that cannot be"),
        (page(URLS[1], date="0001-01-01T00:00:00+14:00"), "no date, or one that cannot be"),
        (page(URLS[1], date="2031-01-01T00:00:00Z"), "no date, or one that cannot be"),
        (page("dns:a.al"), "an address that is no http(s) address"),
        (page("https://a.al@evil.example/news/1"), "an address that is no http(s) address"),
        (page("https://a.al/" + "x" * 3000), "an address that is no http(s) address"),
        (record(URLS[1], answer(status="404 Not Found")), "a status other than 200"),
        (record(URLS[1], answer(content_type="application/pdf")), "no HTML"),
        (record(URLS[1], answer(b" \n")), "an empty page"),
        (record(URLS[1], answer(HTML + b"x" * MOST)), "a page of more than 100,000 bytes"),
        (record(URLS[1], answer(HTML + b"x" * 900_000)), "a page of more than 100,000 bytes"),
        (record(URLS[1], answer(gzip.compress(b"<p>" + b"\0" * 30_000_000), content_encoding="gzip")), "a page of more than 100,000 bytes"),
        (record(URLS[1], answer(b"\x8b\x03\x80abc", content_encoding="br")), "a page packed in a way that cannot be read"),
        (record(URLS[1], answer(b"\xffnothing", content_encoding="gzip")), "a page packed in a way that cannot be read"),
        (
            page(URLS[1], b"<title>Just a moment...</title><script>window._cf_chl_opt={}</script>"),
            "a challenge to the crawler instead of a page",
        ),
        (record(URLS[1], answer(), "revisit"), "a page that is as in an earlier crawl and not repeated"),
    ],
)
@bounded
def test_what_is_wrong_is_counted_and_costs_its_neighbours_nothing(
    read: Read, form: Callable[..., bytes], spoilt: bytes, reason: str
) -> None:
    found, archive = read(form([FIRST, spoilt, THIRD]))
    assert [each.url for each in found] == [URLS[0], URLS[2]]
    assert archive.skipped == {reason: 1}


@pytest.mark.parametrize("length", [0, 20, len(answer()) + 10, len(answer()) + 200, 90_000, 10**14])
@bounded
def test_a_length_that_lies_is_noticed_and_swallows_nothing(read: Read, form: Callable[..., bytes], length: int) -> None:
    found, archive = read(form([FIRST, record(URLS[1], answer(), length=length), THIRD]))
    assert [each.url for each in found] == [URLS[0], URLS[2]]
    assert sum(archive.skipped.values()) == 1
    assert set(archive.skipped) <= {warc.WRONG_LENGTH, warc.CUT_OFF, "no HTTP head, or one too long"}
    assert archive.end is None


@pytest.mark.parametrize("keep", [0.5, 0.9])
@bounded
def test_of_a_file_that_is_cut_off_all_that_is_whole_is_read(read: Read, form: Callable[..., bytes], keep: float) -> None:
    rng = random.Random(7)
    bodies = [b"<p>" + rng.randbytes(3000) for _ in range(40)]
    whole = form([page(f"https://a.al/news/{number}", body) for number, body in enumerate(bodies)])
    found, archive = read(whole[: int(len(whole) * keep) - 100])
    assert len(found) == int(40 * keep) - 1
    assert [each.url for each in found] == [f"https://a.al/news/{number}" for number in range(len(found))]
    assert [each.body for each in found] == bodies[: len(found)]
    assert archive.end == "it ends in the middle of a record"


def test_a_file_that_ends_in_the_head_of_a_record_is_called_cut_off(read: Read) -> None:
    found, archive = read(FIRST + SECOND[:60])
    assert ([each.url for each in found], archive.end) == (URLS[:1], "it ends in the middle of a record")


def test_what_cannot_be_unpacked_costs_its_own_record_only(read: Read) -> None:
    spoilt = bytearray(gzip.compress(SECOND))
    spoilt[60] ^= 0xFF
    parts = packed([FIRST]) + bytes(spoilt) + b"rubbish \x1f\x8b\x08 rubbish" + packed([THIRD])
    found, archive = read(parts)
    assert [each.url for each in found] == [URLS[0], URLS[2]]
    assert archive.skipped[warc.NOT_UNPACKED] >= 1


def test_zeros_between_packed_records_are_no_damage(read: Read) -> None:
    found, archive = read(packed([FIRST]) + b"\0" * 700 + packed([SECOND]) + b"\0" * 100)
    assert [each.url for each in found] == URLS[:2]
    assert (archive.skipped, archive.end) == ({}, None)


def test_a_page_that_holds_the_text_of_an_archive_is_one_page(read: Read) -> None:
    body = HTML + b"\r\n\r\n" + page("https://trusted.al/news/9")
    for form in (plain, packed, one_stream):
        found, archive = read(form([page(URLS[0], body), SECOND]))
        assert [each.url for each in found] == URLS[:2]
        assert not archive.skipped


def chunked(body: bytes, size: int = 100) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x;note=1\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


LONG = b"<html>" + bytes(range(256)) * 20


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (chunked(LONG), {"transfer_encoding": "chunked"}),
        (gzip.compress(LONG), {"content_encoding": "gzip"}),
        (zlib.compress(LONG), {"content_encoding": "deflate"}),
        (raw_deflate(LONG), {"content_encoding": "Deflate"}),
        (gzip.compress(zlib.compress(LONG)), {"content_encoding": "deflate, gzip"}),
        (chunked(gzip.compress(LONG)), {"transfer_encoding": "chunked", "content_encoding": "gzip"}),
        (LONG, {"transfer_encoding": "chunked"}),  # unpacked by the crawler, which left the header
        (LONG, {"content_encoding": "gzip"}),
        (b"\n" + LONG, {"content_encoding": "br", "transfer_encoding": "chunked"}),
    ],
)
def test_bodies_come_unpacked(read: Read, body: bytes, headers: dict[str, str]) -> None:
    found, archive = read(record(URLS[0], answer(body, **headers)))
    assert not archive.skipped
    assert found[0].body.lstrip() == LONG


def test_a_packed_page_that_the_crawler_cut_off_is_read_as_far_as_it_goes(read: Read) -> None:
    body = gzip.compress(random.Random(1).randbytes(5000))
    found, _ = read(record(URLS[0], answer(body[:3000], content_encoding="gzip"), warc_truncated="length"))
    assert 2000 < len(found[0].body) < 5000


def test_headers_that_go_on_or_come_twice_are_joined(read: Read) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html;\r\n charset=windows-1250\r\nX-A: 1\r\nno colon\r\nx-a: 2\r\n\r\n"
    found, _ = read(record(URLS[0], head + HTML))
    assert found[0].headers == {"content-type": "text/html; charset=windows-1250", "x-a": "1, 2"}


def test_no_spoilt_byte_raises_or_hangs(tmp_path: Path) -> None:
    rng = random.Random(5)
    file = tmp_path / "crawl.warc"
    for form in (plain, packed, one_stream, in_slices):
        whole = form([INFO, FIRST, SECOND, THIRD])
        for _ in range(150):
            spoilt = bytearray(whole)
            for _ in range(rng.randint(1, 8)):
                spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
            file.write_bytes(spoilt[: rng.randint(1, len(spoilt))])
            with Archive(file, MOST, NOW) as archive:
                assert len(list(archive)) <= 3


@pytest.mark.parametrize("trap", [b"WARC/1.0\r\nContent-Length: 90000\r\n\r\n", b"\nWARC/1.0\r\nX: ", b"\r\n" * 10, b"\x1f\x8b\x08"])
@bounded
def test_a_file_made_of_traps_is_read_once_and_not_a_thousand_times(read: Read, form: Callable[..., bytes], trap: bytes) -> None:
    started = time.monotonic()
    found, _ = read(form([FIRST, trap * 100_000, b"\r\n", THIRD]))
    assert found[0].url == URLS[0]
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("name", ["big.warc", "big.warc.gz"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, name: str) -> None:
    rng = random.Random(3)
    block = rng.randbytes(40_000)
    with (tmp_path / name).open("wb") as file:
        for number in range(800):
            written = page(f"https://a.al/news/{number}", b"<p>" + block)
            file.write(gzip.compress(written, 1) if name.endswith("gz") else written)
        file.write(record(URLS[0], answer(bytes(20_000_000))))
    tracemalloc.start()
    try:
        with Archive(tmp_path / name, MOST, NOW) as archive:
            assert sum(1 for _ in archive) == 800
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"<html>WARC/1.0", "is no WARC file (.warc or .warc.gz)"),
        (gzip.compress(b"<html>"), "is no WARC file (.warc or .warc.gz)"),
        (b"\x1f\x8b\x08rubbish", "is no WARC file (.warc or .warc.gz)"),
        (b"\x28\xb5\x2f\xfdxx", "is packed by zstd; unpack it first (`zstd -d`)"),
        (None, "No such file or directory"),
    ],
)
def test_what_is_no_archive_is_a_sentence(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    file = tmp_path / "file"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError) as raised:
        check(file)
    assert str(raised.value) == f"{file}: {sentence}"


def test_a_folder_is_no_archive_and_an_archive_is_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no file"):
        check(tmp_path)
    for data in (FIRST, packed([INFO, FIRST]), one_stream([INFO])):
        (tmp_path / "file").write_bytes(data)
        check(tmp_path / "file")
