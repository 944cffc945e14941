import gzip
from datetime import UTC, datetime
from time import perf_counter

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


def index(*children: str, site: str = "https://albeu.com/") -> Listing:
    """The listing of an index, its children written as `name` or `name date`."""
    rows = [[*child.split(), ""] for child in children]
    body = "".join(f"<sitemap><loc>{site}{name}</loc><lastmod>{date}</lastmod></sitemap>" for name, date, *_ in rows)
    return read(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</sitemapindex>')


def names(listing: Listing) -> list[str]:
    return [part.removeprefix("https://albeu.com/") for part in listing.parts]


def test_an_index_lists_nothing_itself_but_names_its_parts() -> None:
    listing = index("news.xml", "2.xml")
    assert listing.entries == ()
    assert listing.parts == ("https://albeu.com/news.xml", "https://albeu.com/2.xml")
    assert listing.notes == ("this is an index of 2 sitemaps; 2 are read, 0 left",)


@pytest.mark.parametrize(
    "name", ["news-sitemap.xml", "sitemap-news.xml", "googlenews.xml", "sitemapnews.xml", "newssitemap.xml", "news/sitemap.xml"]
)
def test_sitemaps_that_look_like_news_come_first(name: str) -> None:
    assert names(index("a.xml 2026-11-22", "newsletters.xml 2026-11-22", f"{name} 2026-11-20"))[0] == name


def test_of_an_index_at_most_five_are_read_and_a_note_tells_how_many_are_left() -> None:
    listing = index(*(f"section{letter}.xml" for letter in "abcdefghij"))
    assert len(listing.parts) == 5
    assert listing.notes == ("this is an index of 10 sitemaps; 5 are read, 5 left",)


def test_of_dated_sitemaps_the_newest_come_first_and_those_of_days_ago_not_at_all() -> None:
    listing = index("a.xml 2026-11-18T10:00:00Z", "b.xml 2026-11-21", "c.xml 2026-11-22T09:00:00+01:00", "d.xml 2019-01-01", "e.xml")
    assert names(listing) == ["c.xml", "b.xml", "e.xml"]


def test_where_all_are_old_the_newest_are_read() -> None:
    assert names(index("a.xml 2024-01-01", "b.xml 2025-01-01")) == ["b.xml", "a.xml"]


def test_of_numbered_sitemaps_without_dates_both_ends_are_read_the_highest_first() -> None:
    assert names(index(*(f"post-sitemap{number}.xml" for number in range(1, 38)))) == ["post-sitemap37.xml", "post-sitemap1.xml"]
    assert names(index(*(f"s.xml?page={number}" for number in range(12)))) == ["s.xml?page=11", "s.xml?page=0"]


def test_of_sitemaps_named_by_months_the_last_two_are_read() -> None:
    months = [f"sitemap-{year}-{month}.xml" for year in (2025, 2026) for month in range(1, 12)]
    assert names(index(*months)) == ["sitemap-2026-11.xml", "sitemap-2026-10.xml"]


def test_a_date_given_to_all_alike_tells_nothing() -> None:
    children = [f"post-sitemap{number}.xml 2026-11-22T11:59:00Z" for number in range(1, 10)]
    assert names(index(*children)) == ["post-sitemap9.xml", "post-sitemap1.xml"]


def test_sitemaps_of_what_is_no_article_are_left_while_there_are_others() -> None:
    at = "2026-11-22T11:00:00Z"
    others = [
        "page-sitemap.xml",
        "category-sitemap.xml",
        "post_tag-sitemap.xml",
        "author-sitemap.xml",
        "wp-sitemap-users-1.xml",
        "image.xml",
    ]
    assert names(index(*(f"{name} {at}" for name in [*others, "post-sitemap2.xml"]))) == ["post-sitemap2.xml"]
    assert names(index(f"category-sitemap.xml {at}")) == ["category-sitemap.xml"]


def test_at_one_date_the_sitemap_of_posts_comes_before_those_whose_names_say_nothing() -> None:
    at = "2026-11-22T11:00:00Z"
    assert names(index(f"a.xml {at}", f"post-sitemap.xml {at}")) == ["post-sitemap.xml", "a.xml"]


def test_parts_are_of_the_same_owner_absolute_and_none_twice() -> None:
    places = [
        "/a.xml",
        "https://www.albeu.com/a.xml",
        "https://static.albeu.com/b.xml",
        "https://evil.com/news.xml",
        "https://albeu.com.evil.com/news.xml",
        "http://127.0.0.1/news.xml",
        "file:///etc/passwd",
        "https://user@albeu.com/c.xml",
        "https://albeu.com/feed/",
        "",
    ]
    body = "".join(f"<sitemap><loc>{place}</loc></sitemap>" for place in places)
    listing = read(f"<sitemapindex>{body}</sitemapindex>")
    assert listing.parts == ("https://albeu.com/a.xml", "https://static.albeu.com/b.xml")
    assert listing.notes[1] == "8 sitemaps of the index are repeated, of another site or without a usable address"


@pytest.mark.parametrize("date", ["9999-12-31", "0000-00-00", "-1", "x" * 10_000, "2026-11-22T25:61:00Z", "9" * 40])
def test_impossible_dates_in_an_index_are_survived(date: str) -> None:
    assert set(names(index(f"a.xml {date}", "b.xml 2026-11-22"))) == {"a.xml", "b.xml"}


def test_a_packed_index_is_unpacked() -> None:
    body = "<sitemapindex><sitemap><loc>https://albeu.com/a.xml.gz</loc></sitemap></sitemapindex>"
    assert names(read(gzip.compress(body.encode()))) == ["a.xml.gz"]


def test_a_huge_index_is_read_in_time() -> None:
    start = perf_counter()
    assert len(index(*(f"{'9' * 50}-{number}.xml" for number in range(20_000))).parts) == 2
    assert perf_counter() - start < 10


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
