import gzip
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect.discover import Candidate, candidates, recognise
from monitor.model import Failed, SourceKind
from tests.unit.pages import NOW, page

HOME = """<!doctype html><html><head>
<link rel="alternate" type="application/rss+xml" title="Albeu &raquo; Comments" href="/comments/feed/">
<link rel="alternate" type="application/rss+xml; charset=utf-8" title="Albeu &raquo; Feed" href="/feed/">
<link rel="ALTERNATE" type="Application/Atom+XML" href="https://static.albeu.com/atom">
<link rel="alternate" type="application/feed+json" href="/json">
<link rel="alternate feed" type="application/json" href="/feed.json">
<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">
<link rel="alternate" type="application/json+oembed" href="/wp-json/oembed?url=x">
<link rel="alternate" hreflang="en" href="/en/"><link rel="stylesheet" type="application/rss+xml" href="/style">
</head><body><a href="/rss/sport.xml">RSS</a><a href="http://feeds.feedburner.com/albeu/rss">Feed</a><a href="/?feed=rss2#top">RSS</a>
<a href="https://other.com/rss.xml">Another</a><a href="/lajme/feedback">Na shkruani</a><a href="/feeding-the-poor-2026">Feeding</a>
<a href="/lajme/sulm-kibernetik-ndaj-kuvendit-1201">Sulm kibernetik ndaj Kuvendit</a></body></html>"""


def found(body: str, robots: bytes = b"", url: str = "https://albeu.com/lajme/") -> tuple[Candidate, ...]:
    return candidates(page(body, "text/html", url), robots)


def addresses(body: str, robots: bytes = b"") -> list[str]:
    return [candidate.url.removeprefix("https://albeu.com") for candidate in found(body, robots)]


KNOWN_FEEDS = ["/feed/", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/feed.json", "/index.xml"]
KNOWN_MAPS = ["/news-sitemap.xml", "/sitemap-news.xml", "/sitemap_index.xml", "/sitemap.xml"]
BODIES: dict[SourceKind, str] = {
    "feed": "<rss><channel><item><title>x</title><link>https://albeu.com/1</link></item></channel></rss>",
    "sitemap": "<urlset><url><loc>https://albeu.com/1</loc></url></urlset>",
    "links": HOME,
}


@pytest.mark.parametrize("kind", BODIES)
def test_a_page_is_recognised_with_what_it_lists(kind: SourceKind) -> None:
    outcome = recognise(page(BODIES[kind]), NOW)
    assert not isinstance(outcome, Failed)
    assert outcome[0] == kind
    assert len(outcome[1].entries) == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('{"version": "https://jsonfeed.org/version/1.1", "items": []}', "feed"),
        ('<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"></feed>', "feed"),
        ('<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF>', "feed"),
        (gzip.compress(BODIES["sitemap"].encode()), "sitemap"),
        ("<sitemapindex><sitemap><loc>https://albeu.com/a.xml</loc></sitemap></sitemapindex>", "sitemap"),
    ],
)
def test_kinds_are_told_apart_even_when_nothing_is_listed_yet(body: str | bytes, kind: SourceKind) -> None:
    outcome = recognise(page(body), NOW)
    assert not isinstance(outcome, Failed)
    assert outcome[0] == kind


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<html><body><p>Nothing here</p></body></html>", "no links to articles"),
        ("User-agent: *\nDisallow: /", "neither a feed nor a sitemap nor a web page"),
        ("", "neither a feed nor a sitemap nor a web page"),
        (b"\x89PNG\r\n\x1a\n\x00", "neither a feed nor a sitemap nor a web page"),
        ('{"items": []}', "neither a feed nor a sitemap nor a web page"),
    ],
)
def test_what_is_no_source_is_told(body: str | bytes, words: str) -> None:
    outcome = recognise(page(body), NOW)
    assert isinstance(outcome, Failed)
    assert words in outcome.detail


def test_feeds_that_the_page_names_come_first_then_known_places_then_the_page_then_comments() -> None:
    assert addresses(HOME) == [
        "/feed/",
        "https://static.albeu.com/atom",
        "/json",
        "/feed.json",
        "/rss/sport.xml",
        "http://feeds.feedburner.com/albeu/rss",
        "/?feed=rss2",
        *[place for place in KNOWN_FEEDS if place not in ("/feed/", "/feed.json")],
        *KNOWN_MAPS,
        "/lajme/",
        "/comments/feed/",
    ]


def test_each_candidate_says_what_it_may_be_and_why() -> None:
    kinds = {candidate.url: (candidate.kind, candidate.why) for candidate in found(HOME, b"Sitemap: https://albeu.com/maps/1.xml")}
    assert kinds["https://albeu.com/feed/"] == ("feed", "the page names it as a feed, “Albeu » Feed”")
    assert kinds["https://albeu.com/json"] == ("feed", "the page names it as a feed")
    assert kinds["https://albeu.com/rss/sport.xml"] == ("feed", "a link on the page looks like a feed")
    assert kinds["https://albeu.com/rss.xml"] == ("feed", "many sites have a feed here")
    assert kinds["https://albeu.com/maps/1.xml"] == ("sitemap", "robots.txt names it as a sitemap")
    assert kinds["https://albeu.com/sitemap.xml"] == ("sitemap", "many sites have a sitemap here")
    assert kinds["https://albeu.com/lajme/"] == ("links", "the links on the page itself")


def test_sitemaps_that_robots_txt_names_come_before_guessed_ones_and_news_before_others() -> None:
    robots = b"User-agent: *\r\nDisallow:\r\nSitemap: https://albeu.com/maps/1.xml\r\n"
    robots += b" sitemap:https://albeu.com/maps/news.xml\r\nSitemap: /relative.xml\r\nSitemap:"
    places = addresses("<html></html>", robots)
    assert places == [*KNOWN_FEEDS, "/maps/news.xml", "/maps/1.xml", *KNOWN_MAPS, "/lajme/"]


def test_what_is_no_web_page_is_not_offered_as_links() -> None:
    assert addresses("User-agent: *") == [*KNOWN_FEEDS, *KNOWN_MAPS]


def test_addresses_are_relative_to_the_pages_base_and_only_http() -> None:
    head = '<base href="https://albeu.com/en/"><link rel="alternate" type="application/rss+xml" href="{}">'
    assert addresses(head.format("feed"))[0] == "/en/feed"
    assert addresses(head.format("javascript:alert(1)"))[0] == "/feed/"
    assert addresses(head.format(" "))[0] == "/feed/"


@pytest.mark.parametrize(
    "link",
    [
        "/rss",
        "/rss/",
        "/sport/feed/",
        "/index.rss",
        "/rss.php?id=1",
        "/feeds/all",
        "/atom.aspx",
        "/?format=feed&type=rss",
        "/xml/rss-sport.xml",
        "/vesti/rss.html",
        "/category-feed/sve-vijesti/",
        "/index.php?item=rss",
        "/services/news_rdf.php",
        "/wwwengine/rssFeed.do?channel=Top",
        "/publications/threat-intelligence-rss",
        "/_rss/?t=tz",
    ],
)
def test_links_that_look_like_feeds_are_candidates(link: str) -> None:
    assert Candidate("feed", f"https://albeu.com{link}", "a link on the page looks like a feed") in found(f'<a href="{link}">x</a>')


@pytest.mark.parametrize(
    "link",
    [
        "/rsso",
        "/feedback/",
        "/lajme/rss-explained-12",
        "/newsfeed-story",
        "/?q=feedback",
        "https://evil.com/rss",
        "mailto:rss@albeu.com",
        "/atomic.html",
    ],
)
def test_other_links_are_not(link: str) -> None:
    assert not any("looks like" in candidate.why for candidate in found(f'<a href="{link}">x</a>'))


@pytest.mark.parametrize(
    ("words", "expected"), [("RSS", True), (" Rss feed\n", True), ("Feedback", False), ("RSS and the press of today", False)]
)
def test_a_link_may_say_in_words_that_it_is_a_feed(words: str, expected: bool) -> None:
    assert ("https://albeu.com/api/1" in {candidate.url for candidate in found(f'<a href="/api/1">{words}</a>')}) is expected


def test_a_host_may_say_that_it_serves_feeds() -> None:
    assert found('<a href="https://rss.albeu.com/2">x</a>')[0].url == "https://rss.albeu.com/2"


def test_many_named_feeds_are_cut() -> None:
    assert len(found("".join(f'<a href="/rss/{number}.xml">x</a>' for number in range(30_000)))) < 40


@pytest.mark.parametrize("body", ["<div>" * 100_000, "<link rel=alternate " * 30_000, "<a href=/rss/" * 30_000])
def test_hostile_pages_are_survived_in_time(body: str) -> None:
    start = perf_counter()
    found(body, b"sitemap:" * 50_000 + b"\n" * 100_000)
    recognise(page(body), NOW)
    assert perf_counter() - start < 5


@given(st.binary(max_size=200))
def test_any_bytes_are_survived(body: bytes) -> None:
    recognise(page(body), NOW)
    candidates(page(b"<link rel=alternate type=application/rss+xml href='" + body), body)
