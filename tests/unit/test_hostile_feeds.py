"""Feeds that are broken, huge or made to do harm: each is read as far as it goes or refused with a reason, and none takes long."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from time import process_time

import pytest

from monitor.collect.feed import parse, plainly
from monitor.model import Failed, Listing
from tests.unit.pages import NOW, page

MAX_BODY = 5 * 1024 * 1024  # what the fetcher lets through
LONGEST = 8.0  # seconds; on an idle machine the worst takes 2
GOOD = "<item><title>Sulm</title><link>https://x.al/1</link></item>"


def rss(items: str, declaration: str = '<?xml version="1.0"?>') -> str:
    namespaces = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"'
    return f'{declaration}<rss version="2.0" {namespaces}><channel><title>Albeu</title>{items}</channel></rss>'


def quickly(body: str | bytes, content_type: str = "") -> Listing | Failed:
    raw = body.encode() if isinstance(body, str) else body
    start = process_time()
    outcome = parse(page(raw[:MAX_BODY], content_type), NOW)
    assert process_time() - start < LONGEST
    if isinstance(outcome, Failed):
        assert outcome.kind == "not_a_feed"
    return outcome


def read(body: str | bytes, content_type: str = "") -> Listing:
    outcome = quickly(body, content_type)
    assert isinstance(outcome, Listing), outcome
    return outcome


def refused(body: str | bytes) -> str:
    outcome = quickly(body)
    assert isinstance(outcome, Failed), outcome
    return outcome.detail


def titles(listing: Listing) -> list[str]:
    return [entry.title for entry in listing.entries]


# What would open something else.


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "feed.xml"
    file.write_text(rss("<item><title>secret</title><link>https://x.al/1</link></item>"))
    return file


@pytest.mark.parametrize("form", ["{}", "file://{}", "file:{}", " {}\n", "{}\x00"])
@pytest.mark.parametrize("content_type", ["", "application/rss+xml"])
def test_a_body_that_names_a_file_is_never_opened(secret: Path, form: str, content_type: str) -> None:
    outcome = quickly(form.format(secret), content_type)
    assert isinstance(outcome, Failed)
    assert outcome.detail == "the answer is neither RSS nor Atom nor JSON Feed"


@pytest.mark.parametrize("path", ["/etc/passwd", "file:///etc/passwd", "/dev/zero", "/proc/self/environ"])
def test_a_body_that_names_a_file_of_the_system_is_no_feed(path: str) -> None:
    assert refused(path) == "the answer is neither RSS nor Atom nor JSON Feed"


class Counting:
    """A server that counts who asks."""

    def __init__(self) -> None:
        asked = self.asked = []  # type: list[str]

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(404)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
                """Nobody reads it."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def counting() -> Counting:
    counting = Counting()
    threading.Thread(target=counting.server.serve_forever, args=(0.01,), daemon=True).start()
    return counting


def test_a_body_that_is_an_address_is_never_asked_for(counting: Counting) -> None:
    assert refused(f"{counting.url}/feed")
    assert counting.asked == []
    counting.server.shutdown()
    counting.server.server_close()


@pytest.mark.parametrize("kind", ["SYSTEM", 'PUBLIC "x"'])
@pytest.mark.parametrize("scheme", ["file", "http"])
def test_an_external_entity_is_neither_opened_nor_asked_for(secret: Path, counting: Counting, kind: str, scheme: str) -> None:
    address = f"file://{secret}" if scheme == "file" else f"{counting.url}/entity"
    item = "<item><title>a &x; b</title><link>https://x.al/1</link></item>"
    for doctype in (
        f'<!DOCTYPE rss [<!ENTITY x {kind} "{address}">]>',
        f'<!DOCTYPE rss {kind} "{address}" [<!ENTITY % y {kind} "{address}"> %y;]>',
    ):
        outcome = quickly(rss(item, f'<?xml version="1.0"?>{doctype}'))
        assert "secret" not in repr(outcome)
        assert isinstance(outcome, Listing)
    assert counting.asked == []
    counting.server.shutdown()
    counting.server.server_close()


# Entities.

GROWING = [("a0", "lol"), *[(f"a{n}", f"&a{n - 1};" * 10) for n in range(1, 10)]]


@pytest.mark.parametrize("between", ["", "\n"])
def test_entities_that_multiply_are_refused_before_they_are_put_in(between: str) -> None:
    entities = between.join(f'<!ENTITY {name} "{value}">' for name, value in GROWING)
    bomb = rss("<item><title>&a9;</title><link>https://x.al/1</link></item>", f"<!DOCTYPE rss [{between}{entities}]>")
    assert refused(bomb) == "the feed declares entities that grow when they are put in"


def test_a_long_entity_put_in_many_times_is_refused() -> None:
    declaration = f'<!DOCTYPE rss [\n<!ENTITY a "{"x" * 50_000}">\n]>\n'
    assert "entities that grow" in refused(rss(f"<item><title>{'&a;' * 50_000}</title></item>", declaration))


def test_a_feed_that_declares_single_characters_is_read() -> None:
    declaration = '<!DOCTYPE rss [\n<!ENTITY nbsp "&#160;">\n<!ENTITY copy "(C)">\n]>\n'
    assert titles(read(rss("<item><title>a&nbsp;b &copy;</title><link>https://x.al/1</link></item>", declaration))) == ["a b (C)"]


def test_an_ordinary_document_type_costs_nothing() -> None:
    declaration = (
        '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">'
    )
    assert titles(read(rss(GOOD, declaration))) == ["Sulm"]


# Too much of something.


def many(count: int, inner: str = "") -> str:
    return "".join(f"<item><title>{n}</title><link>https://x.al/{n}</link>{inner}</item>" for n in range(count))


def test_of_a_hundred_thousand_items_the_first_are_kept() -> None:
    listing = read(rss(many(100_000)))
    assert titles(listing) == [str(n) for n in range(500)]
    assert "more than 500 entries; the rest was left out" in listing.notes


def test_of_a_hundred_thousand_items_with_a_flaw_the_first_are_kept() -> None:
    listing = read(rss("<item><title>a & b</title><link>https://x.al/flaw</link></item>" + many(60_000)))
    assert titles(listing)[:2] == ["a & b", "0"]
    assert len(listing.entries) == 500
    assert any("characters are too many; the rest was left out" in note for note in listing.notes)
    assert any("not well-formed" in note for note in listing.notes)


def test_a_large_feed_that_only_feedparser_can_read_stays_well_formed_when_its_end_is_left_out() -> None:
    listing = read(rss(many(700, f"<description>{'fjalë ' * 1000}</description>"), "<!DOCTYPE rss>"))
    assert 100 < len(listing.entries) <= 500
    assert len(listing.notes) == 1
    assert "too many" in listing.notes[0]


@pytest.mark.parametrize("text", ["fjalë ", "<p>fjalë <b>x</b></p>", "&lt;p&gt;"])
@pytest.mark.parametrize("after", ["", "&"])
def test_a_giant_description_costs_neither_time_nor_its_entry(text: str, after: str) -> None:
    description = f"<![CDATA[{text * (MAX_BODY // len(text.encode()) - 100)}]]>"
    listing = read(rss(f"<item><title>Sulm</title><link>https://x.al/1</link><description>{description}</description></item>{after}"))
    assert titles(listing) == ["Sulm"]
    assert len(listing.entries[0].summary) <= 10_000


def test_markup_that_stands_bare_in_a_giant_description_costs_neither_time_nor_its_entry() -> None:
    body = "<p>fjalë <b>x</b></p>" * 200_000
    assert titles(read(rss(f"<item><title>Sulm</title><link>https://x.al/1</link><description>{body}</description></item>"))) == ["Sulm"]


def test_tags_with_thousands_of_attributes_in_descriptions_cost_no_time() -> None:
    tag = f"<![CDATA[<p {' '.join(f'a{n}' for n in range(9_000))}>fjalë</p>]]>"
    assert len(read(rss(many(80, f"<description>{tag}</description>"))).entries) == 80


def _namespaces(count: int) -> str:
    declared = " ".join(f"xmlns:a{n}='u{n}'" for n in range(count))
    return rss(f"<item><b {declared}>{'<a9:b/>' * 200_000}</b></item>", "<!DOCTYPE a>")


def _attributes(count: int) -> str:
    return "<b " + " ".join(f"a{n}=''" for n in range(count)) + "/>"


HARMFUL: dict[str, Callable[[], str]] = {
    "less-than signs": lambda: rss("<" * 1_000_000),
    "more less-than signs": lambda: rss("<item><title>" + "<" * (MAX_BODY - 500)),
    "ampersands": lambda: rss("<item><title>" + "&" * (MAX_BODY - 500)),
    "nested tags": lambda: rss("<a>" * 100_000 + "</a>" * 100_000),
    "more nested tags": lambda: rss("<a>" * 700_000 + "</a>" * 700_000),
    "nested tags left open": lambda: rss("<a>" * 1_600_000),
    "items left open": lambda: rss("<item>" * 800_000),
    "empty tags": lambda: rss("<a/>" * 1_200_000),
    "empty tags and a flaw": lambda: rss("<a/>" * 1_200_000 + "&"),
    "attributes": lambda: rss("<item>" + _attributes(400_000) + "</item>"),
    "attributes and a flaw": lambda: rss("<item>" + _attributes(400_000) + "</item>&"),
    "attributes left open": lambda: rss("<item>" + "<b a='" * 800_000),
    "names left open": lambda: rss("<item>" + "<a/" * 1_600_000),
    "comments left open": lambda: rss("<item>" + "<!--" * 1_200_000),
    "sections left open": lambda: rss("<item>" + "<![CDATA[" * 500_000),
    "declarations left open": lambda: rss("<item>" + "<!x " * 1_200_000),
    "long name": lambda: rss("<" + "a" * (MAX_BODY - 500) + ">"),
    "blanks in a tag": lambda: rss("<item><a" + " " * (MAX_BODY - 500) + ">&"),
    "blank lines in front": lambda: rss(GOOD, '<?xml version="1.0"?>' + "\n" * 60_000 + "<!DOCTYPE a>"),
    "entities left open": lambda: rss(GOOD, '<?xml version="1.0"?>' + "<!ENTITY\n" * 7_000),
    "long author": lambda: rss(f"<item><author>{'a' * 4_000_000}</author></item>&"),
    "many authors": lambda: rss(f"<item><dc:creator>{'a' * 4000}</dc:creator></item>" * 1200 + "&"),
    "categories": lambda: rss("<item>" + "".join(f"<category>{n}</category>" for n in range(170_000)) + "</item>&"),
    "keywords": lambda: rss(f"<item><media:keywords>{','.join(map(str, range(600_000)))}</media:keywords></item>&"),
    "links": lambda: rss("<item>" + "<link>http://x.al/</link>" * 190_000 + "</item>&"),
    "long date": lambda: rss(f"<item><pubDate>{'1:' * 2_000_000}</pubDate></item>&"),
    "long base": lambda: rss(f'<item xml:base="http://x.al/{"a/" * 300_000}">{"<a/>" * 1_000_000}</item>&'),
    "bases on bases": lambda: rss("<item>" + f'<a xml:base="{"b" * 60}/">' * 60_000 + "</item>&"),
    "blanks written as numbers": lambda: (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><content type="xhtml">{"&#32;" * 900_000}<div>x</div></content></entry></feed>&'
    ),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_whatever_is_made_to_take_long_takes_seconds(name: str) -> None:
    outcome = quickly(HARMFUL[name]())
    assert len(repr(outcome)) < 20_000


def test_thousands_of_namespaces_are_refused() -> None:
    assert "namespaces" in refused(_namespaces(50_000))


# Broken and mislabelled.


@pytest.mark.parametrize(
    "cut", ["<item><title>half", "<item><title>half</title><link>https", "<item", "<item><description><![CDATA[<p>half", "&", ""]
)
def test_of_a_truncated_feed_the_entries_before_the_cut_are_kept(cut: str) -> None:
    body = rss(many(3)).split("</channel>")[0] + cut
    listing = read(body)
    assert titles(listing)[:3] == ["0", "1", "2"]
    assert "not well-formed" in listing.notes[0]


def test_a_feed_cut_at_the_size_limit_keeps_its_first_entries() -> None:
    body = rss(many(1000, f"<description>{'fjalë ' * 1000}</description>")).encode()
    assert len(body) > MAX_BODY
    assert titles(read(body))[:100] == [str(n) for n in range(100)]


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x0b", "\x1f", "\ufffe", "\uffff"])
def test_characters_that_xml_forbids_do_not_cost_the_feed(character: str) -> None:
    listing = read(rss(f"{character}<item><title>Sulm{character} kibernetik</title><link>https://x.al/{character}1</link></item>"))
    assert [(entry.title, entry.url) for entry in listing.entries] == [("Sulm kibernetik", "https://x.al/1")]
    assert listing.notes == ()


def test_bytes_that_are_no_text_cost_only_themselves() -> None:
    title = "Напад на општината во Струмица " * 10
    listing = read(rss(f"<item><title>XX {title}</title><link>https://x.al/1</link></item>").encode().replace(b"XX", b"\xff\xc3"))
    assert listing.entries[0].title.endswith(title.strip())


@pytest.mark.parametrize(
    "content_type", ["text/html", "text/plain; charset=utf-8", "application/octet-stream", "image/png", "nonsense", ""]
)
def test_a_feed_is_read_whatever_it_is_called(content_type: str) -> None:
    listing = read(rss("<item><title>Напад</title><link>https://x.al/1</link></item>"), content_type)
    assert titles(listing) == ["Напад"]
    assert listing.notes == ()


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ('<link rel="alternate" type="application/rss+xml" title="Lajme" href="/feed/">', "https://albeu.com/feed/"),
        ("<LINK HREF='https://x.al/atom?a=1&amp;b=2' TYPE='application/atom+xml' REL='home ALTERNATE'/>", "https://x.al/atom?a=1&b=2"),
        ("<link rel=alternate type=application/feed+json href=feed.json>", "https://albeu.com/lajme/feed.json"),
    ],
)
def test_a_page_that_came_instead_of_a_feed_is_asked_for_the_feed_it_names(link: str, address: str) -> None:
    html = f"<!DOCTYPE html><html><head><title>Albeu – Lajme</title><link rel=stylesheet href=a.css>{link}</head><body></body></html>"
    outcome = parse(page(html, url="https://albeu.com/lajme/"), NOW)
    assert isinstance(outcome, Failed)
    assert outcome.detail == f"a web page came instead of a feed, titled “Albeu – Lajme”; it names this feed: {address}"


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="alternate" hreflang="en" href="/en/">',
        '<link rel="stylesheet" type="application/rss+xml" href="/a">',
        '<link rel="alternate" type="application/rss+xml" href="javascript:a()">',
        '<link rel="alternate" type="application/rss+xml">',
        "",
    ],
)
def test_a_page_that_names_no_feed_is_not_said_to(link: str) -> None:
    assert refused(f"<html><head><title>Albeu</title>{link}</head></html>") == "a web page came instead of a feed, titled “Albeu”"


def test_a_page_of_nothing_but_broken_links_takes_no_time() -> None:
    assert "web page" in refused("<html>" + f"<link {'a' * 1990}>" * 2500)
    assert "web page" in refused("<html>" + "<link rel=alternate type=application/rss+xml " * 100_000)


# Identity and dates.


def test_a_guid_given_to_two_articles_does_not_hide_one() -> None:
    items = "".join(f"<item><guid isPermaLink='false'>7</guid><title>{n}</title><link>https://x.al/{n}</link></item>" for n in (1, 2))
    assert [entry.guid for entry in read(rss(items)).entries] == ["https://x.al/1", "https://x.al/2"]


def test_an_article_whose_guid_changes_with_every_poll_keeps_its_address() -> None:
    polls = [
        read(rss(f"<item><guid isPermaLink='false'>{n}</guid><title>Sulm</title><link>https://x.al/1?utm_source={n}</link></item>"))
        for n in (1, 2)
    ]
    assert {entry.guid for poll in polls for entry in poll.entries} == {"1", "2"}
    from monitor.text.urls import canonical  # by which the store knows an article again

    assert {canonical(entry.url) for poll in polls for entry in poll.entries} == {"https://x.al/1"}


def test_dates_of_the_future_are_taken_for_now() -> None:
    item = "<item><title>Sulm</title><link>https://x.al/1</link><pubDate>{}</pubDate></item>"
    for date in ("Fri, 20 Nov 2099 10:00:00 +0100", "9999-12-31T23:59:59Z", (NOW + timedelta(hours=5)).isoformat()):
        assert read(rss(item.format(date))).entries[0].published == NOW
    assert read(rss(item.format("99999-12-31"))).entries[0].published is None


# JSON.


def json_feed(items: str) -> str:
    return f'{{"version": "https://jsonfeed.org/version/1.1", "items": [{items}]}}'


@pytest.mark.parametrize(
    "body",
    [
        '{"a":' * 100_000,
        json_feed("[" * 2_000_000),
        json_feed("[" * 2_000_000 + "]" * 2_000_000),
        json_feed('{"id": ' + "9" * 4_900_000 + "}"),
        '{"version": ' + "[" * 900 + "]" * 900 + ', "items": []}',
    ],
)
def test_json_made_to_break_its_reader_is_refused(body: str) -> None:
    assert "JSON" in refused(body)


def test_numbers_beyond_measure_do_not_cost_the_feed() -> None:
    items = '{"id": 1e999, "url": "https://x.al/1"}, {"id": -1e-999, "url": "https://x.al/2"}, {"id": NaN, "url": "https://x.al/3"}'
    huge = json.dumps({"id": int("9" * 4000), "url": "https://x.al/4"})
    listing = read(json_feed(f"{items}, {huge}"))
    assert [entry.guid for entry in listing.entries] == [f"https://x.al/{n}" for n in (1, 2, 3, 4)]


def test_of_a_hundred_thousand_items_in_json_the_first_are_kept() -> None:
    listing = read(json_feed(",".join(f'{{"id": "{n}", "url": "https://x.al/{n}"}}' for n in range(100_000))))
    assert len(listing.entries) == 500
    assert "more than 500" in listing.notes[0]


def test_halves_of_characters_and_control_characters_in_json_reach_nobody() -> None:
    body = json_feed(r'{"id": "a\ud800\u0000b", "url": "https://x.al/\udfff1", "title": "Sulm\ud83d \ud83d\ude00\u0000"}')
    (entry,) = read(body).entries
    assert (entry.guid, entry.url, entry.title) == ("ab", "https://x.al/1", "Sulm 😀")


def test_what_is_wrong_is_told_without_asking_feedparser() -> None:
    for body in ("", "<html></html>", "plain", "{}", '{"a":' * 1000):
        assert isinstance(plainly(page(body), NOW), Failed)
