import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect.feed import parse
from monitor.model import Entry, Failed, Listing
from tests.unit.pages import NOW, page


def read(body: str | bytes, content_type: str = "") -> Listing:
    outcome = parse(page(body, content_type), NOW)
    assert isinstance(outcome, Listing), outcome
    return outcome


def refused(body: str | bytes, content_type: str = "") -> str:
    outcome = parse(page(body, content_type), NOW)
    assert isinstance(outcome, Failed), outcome
    assert outcome.kind == "not_a_feed"
    return outcome.detail


def rss(items: str, channel: str = "", declaration: str = "") -> str:
    return f'{declaration}<rss version="2.0"><channel><title>Albeu</title><link>https://albeu.com</link>{channel}{items}</channel></rss>'


RDF = """<?xml version="1.0" encoding="utf-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://albeu.com/"><title>Albeu</title><link>https://albeu.com/</link></channel>
<item rdf:about="https://albeu.com/1"><title>Sulm kibernetik</title><link>https://albeu.com/1</link>
<description>Faqja nuk hapet</description><dc:date>2026-11-20T10:00:00+01:00</dc:date></item></rdf:RDF>"""

ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://albeu.com/lajme/"><title>Albeu</title>
<entry><id>tag:albeu.com,2026:1</id><title type="html">Sulm &lt;b&gt;kibernetik&lt;/b&gt;</title><link href="1.html"/>
<link rel="enclosure" href="/a.mp3"/>
<updated>2026-11-20T09:00:00Z</updated><summary>Faqja nuk hapet</summary></entry></feed>"""

JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Albeu",
    "items": [
        {
            "id": 1,
            "url": "/1",
            "title": "Sulm kibernetik",
            "content_html": "<p>Faqja nuk hapet</p>",
            "date_published": "2026-11-20T10:00:00+01:00",
        },
        {"id": "2", "external_url": "https://albeu.com/2", "summary": "Pa titull"},
        "rubbish",
        {"id": None, "url": True},
    ],
}


def test_rss_2() -> None:
    item = """<item><guid isPermaLink="false">77</guid><title>Sulm kibernetik</title><link>https://albeu.com/1</link>
    <description>Faqja nuk hapet</description><pubDate>Fri, 20 Nov 2026 10:00:00 +0100</pubDate></item>"""
    published = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    assert read(rss(item)).entries == (Entry("77", "https://albeu.com/1", "Sulm kibernetik", "Faqja nuk hapet", published),)


def test_rss_0_91() -> None:
    body = '<rss version="0.91"><channel><title>A</title><item><title>Sulm</title><link>https://albeu.com/1</link></item></channel></rss>'
    assert [entry.url for entry in read(body).entries] == ["https://albeu.com/1"]


def test_rdf() -> None:
    (entry,) = read(RDF).entries
    assert (entry.url, entry.title, entry.summary) == ("https://albeu.com/1", "Sulm kibernetik", "Faqja nuk hapet")
    assert entry.published == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def test_atom_with_a_base_and_a_title_in_html() -> None:
    (entry,) = read(ATOM).entries
    assert (entry.guid, entry.url, entry.title) == ("tag:albeu.com,2026:1", "https://albeu.com/lajme/1.html", "Sulm kibernetik")
    assert entry.published == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def test_json_feed() -> None:
    first, second = read(json.dumps(JSON_FEED), "application/feed+json").entries
    assert (first.guid, first.url, first.summary) == ("1", "https://albeu.com/1", "Faqja nuk hapet")
    assert first.published == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    assert (second.guid, second.url, second.published) == ("2", "https://albeu.com/2", None)


@pytest.mark.parametrize(
    ("charset", "title"),
    [
        ("windows-1250", "Hakerski napad na općinu, građani čekaju"),
        ("windows-1251", "Хакерски напад врз општината"),
        ("windows-1253", "Κυβερνοεπίθεση στον δήμο"),
    ],
)
@pytest.mark.parametrize("where", ["header", "declaration", "both"])
def test_old_encodings(charset: str, title: str, where: str) -> None:
    declaration = f'<?xml version="1.0" encoding="{charset}"?>' if where != "header" else '<?xml version="1.0"?>'
    content_type = f"text/xml; charset={charset}" if where != "declaration" else "text/xml"
    body = rss(f"<item><title>{title}</title><link>https://x.ba/1</link></item>", declaration=declaration)
    assert read(body.encode(charset), content_type).entries[0].title == title


def test_an_entry_without_a_date_has_none() -> None:
    assert read(rss("<item><title>Sulm</title><link>https://albeu.com/1</link></item>")).entries[0].published is None


def test_greek_dates_are_read() -> None:
    item = "<item><title>Επίθεση</title><link>https://x.gr/1</link><pubDate>Κυρ, 11 Ιούλ 2021 12:00:00 +0300</pubDate></item>"
    assert read(rss(item)).entries[0].published == datetime(2021, 7, 11, 9, 0, tzinfo=UTC)


def test_an_entry_without_a_guid_is_known_by_its_canonical_link() -> None:
    link = "http://www.albeu.com/1/?utm_source=rss"
    (entry,) = read(rss(f"<item><title>Sulm</title><link>{link}</link></item>")).entries
    assert (entry.guid, entry.url) == ("https://albeu.com/1", link)


def test_relative_links_are_resolved_against_the_feed() -> None:
    (entry,) = read(rss("<item><title>Sulm</title><link>/lajme/1</link></item>")).entries
    assert entry.url == "https://albeu.com/lajme/1"


def test_a_link_that_stands_only_in_the_guid_is_found() -> None:
    (entry,) = read(rss("<item><title>Sulm</title><guid>https://albeu.com/1</guid></item>")).entries
    assert entry.url == "https://albeu.com/1"


def test_a_guid_given_to_several_articles_gives_way_to_their_links() -> None:
    items = "".join(f"<item><guid isPermaLink='false'>0</guid><title>{n}</title><link>https://albeu.com/{n}</link></item>" for n in (1, 2))
    assert [entry.guid for entry in read(rss(items)).entries] == ["https://albeu.com/1", "https://albeu.com/2"]


def test_the_same_article_listed_twice_is_one_entry() -> None:
    items = "<item><guid isPermaLink='false'>1</guid><title>{}</title><link>https://albeu.com/1</link></item>"
    assert [entry.title for entry in read(rss(items.format("first") + items.format("again"))).entries] == ["first"]


def test_the_longer_of_summary_and_content_is_kept_as_plain_text() -> None:
    item = """<item xmlns:content="http://purl.org/rss/1.0/modules/content/"><title>A &amp;amp; B</title>
    <link>https://albeu.com/1</link>    <description>short</description>
    <content:encoded><![CDATA[<p>One.</p><p>Two &euro;.</p><script>x()</script>
    ]]></content:encoded></item>"""
    (entry,) = read(rss(item)).entries
    assert (entry.title, entry.summary) == ("A & B", "One. Two €.")


def test_entries_without_a_usable_link_are_left_out_and_noted() -> None:
    items = "".join(
        f"<item><title>Sulm</title><link>{link}</link></item>" for link in ("javascript:x()", "", "ftp://x.al/", "https://x.al/1")
    )
    listing = read(rss(items))
    assert [entry.url for entry in listing.entries] == ["https://x.al/1"]
    assert listing.notes == ("3 entries without a usable link were left out",)


def test_everything_is_capped() -> None:
    items = f"<item><title>{'t' * 900}</title><link>https://x.al/long</link><description>{'d ' * 30_000}</description></item>"
    items += "".join(f"<item><title>{n}</title><link>https://x.al/{n}</link></item>" for n in range(600))
    items += f"<item><link>https://x.al/{'u' * 3000}</link></item>"
    listing = read(rss(items))
    assert len(listing.entries) == 500
    assert len(listing.entries[0].title) == 500
    assert len(listing.entries[0].summary) <= 10_000
    assert "more than 500 entries" in listing.notes[0]


@pytest.mark.parametrize(("ttl", "expected"), [("60", timedelta(hours=1)), ("0", None), ("-5", None), ("soon", None), ("9" * 400, None)])
def test_the_publishers_ttl(ttl: str, expected: timedelta | None) -> None:
    assert read(rss("", channel=f"<ttl>{ttl}</ttl>")).ttl == expected


def test_a_feed_without_entries_is_a_feed() -> None:
    assert read(rss("")).entries == ()


def test_a_broken_feed_gives_what_can_be_read_and_a_note() -> None:
    listing = read(rss("<item><title>Sulm & more</title><link>https://x.al/1</link></item><item><title>cut"))
    assert listing.entries[0].title == "Sulm & more"
    assert "not well-formed" in listing.notes[0]


def test_a_warning_in_front_of_the_feed_does_not_hide_it() -> None:
    body = "\n\n" + rss("<item><title>Sulm</title><link>https://x.al/1</link></item>", declaration='<?xml version="1.0"?>')
    assert len(read(body).entries) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("<!DOCTYPE html><html><head><title>Faqja nuk u gjet</title></head></html>", "Faqja nuk u gjet"),
        ("<html><body>a page that names <rss version='2.0'></body></html>", "web page"),
        ("plain words", "neither RSS nor Atom"),
        ('<?xml version="1.0"?><note>hello</note>', "neither RSS nor Atom"),
        ('{"error": "not found"}', "not a JSON Feed"),
        ("{broken", "cannot be read"),
        ("\x89PNG\r\n\x1a\n", "neither RSS nor Atom"),
    ],
)
def test_what_is_no_feed_is_named(body: str, words: str) -> None:
    assert words in refused(body)


@given(st.binary(max_size=300), st.text(max_size=60))
def test_any_bytes_are_survived(body: bytes, title: str) -> None:
    parse(page(body), NOW)
    parse(page(rss("") + body.decode("latin-1")), NOW)
    parse(page(rss(f"<item><title>{title}</title><link>{title}</link><guid>{title}</guid></item>")), NOW)
