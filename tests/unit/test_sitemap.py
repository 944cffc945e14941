import gzip
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect.sitemap import parse
from monitor.model import Failed, Listing
from tests.unit.pages import NOW, page

NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
        xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://albeu.com/old</loc><news:news><news:publication><news:name>Albeu</news:name></news:publication>
<news:publication_date>2026-11-19T10:00:00+01:00</news:publication_date><news:title>Lajm i vjetër</news:title></news:news></url>
<url><loc> https://albeu.com/new </loc><image:image><image:title>A picture</image:title></image:image><news:news>
<news:publication_date>2026-11-20T10:00:00+01:00</news:publication_date><news:title>Sulm &amp;quot;kibernetik&amp;quot;</news:title>
<news:keywords>siguri, internet</news:keywords></news:news></url>
</urlset>"""


def read(body: str | bytes) -> Listing:
    outcome = parse(page(body, "application/xml"), NOW)
    assert isinstance(outcome, Listing), outcome
    return outcome


def urlset(count: int) -> str:
    rows = "".join(f"<url><loc>https://albeu.com/{n}</loc><lastmod>2026-11-{n % 20 + 1:02d}</lastmod></url>" for n in range(count))
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'


def test_a_news_sitemap_gives_titles_and_dates_newest_first() -> None:
    new, old = read(NEWS).entries
    assert (new.url, new.summary) == ("https://albeu.com/new", "siguri, internet")
    assert new.published == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    assert (old.url, old.title) == ("https://albeu.com/old", "Lajm i vjetër")


def test_the_title_is_that_of_the_news_not_of_its_picture_and_plain_text() -> None:
    assert read(NEWS).entries[0].title == 'Sulm "kibernetik"'


def test_a_plain_sitemap_gives_the_newest_addresses() -> None:
    listing = read(urlset(2000))
    assert len(listing.entries) == 500
    assert {entry.published for entry in listing.entries} == {datetime(2026, 11, day, tzinfo=UTC) for day in range(16, 21)}
    assert "more than 500 entries" in listing.notes[0]


def test_a_packed_sitemap_is_unpacked() -> None:
    assert len(read(gzip.compress(urlset(3).encode())).entries) == 3


def test_an_index_is_told_as_a_note() -> None:
    body = "<sitemapindex><sitemap><loc>https://albeu.com/news.xml</loc></sitemap><sitemap><loc>https://albeu.com/2.xml</loc></sitemap></sitemapindex>"
    listing = read(body)
    assert listing.entries == ()
    assert listing.notes == (
        "this is an index of 2 sitemaps; make the one with the news the source: https://albeu.com/news.xml, https://albeu.com/2.xml",
    )


def test_an_empty_sitemap_is_a_sitemap() -> None:
    assert read("<urlset></urlset>").entries == ()


def test_a_cut_sitemap_gives_what_came() -> None:
    assert len(read(urlset(10)[:-60]).entries) >= 9


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "no sitemap"),
        ("<html><body>404</body></html>", "no sitemap"),
        ("<rss><channel/></rss>", "no sitemap"),
        ("words", "no sitemap"),
        (gzip.compress(b"x" * 1000)[:-20], "damaged"),
        (gzip.compress(bytes(60_000_000), 1), "more than 50 MB"),
    ],
)
def test_what_is_no_sitemap_is_named(body: str | bytes, words: str) -> None:
    outcome = parse(page(body), NOW)
    assert isinstance(outcome, Failed)
    assert outcome.kind == "not_a_feed"
    assert words in outcome.detail


def test_entities_are_not_expanded() -> None:
    bomb = '<!DOCTYPE urlset [<!ENTITY a "https://x.al/"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    outcome = parse(page(f"{bomb}<urlset><url><loc>https://x.al/&f;</loc></url></urlset>"), NOW)
    assert "root:" not in repr(outcome)


@given(st.binary(max_size=200))
def test_any_bytes_are_survived(body: bytes) -> None:
    parse(page(body), NOW)
    parse(page(b"\x1f\x8b" + body), NOW)
    parse(page(b"<urlset><url>" + body), NOW)
