from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from monitor.collect import opml
from monitor.errors import InputError
from monitor.model import Source

NAMES = {"AL": "Albania", "XK": "Kosovo"}
FEED = Source("al.a", "A & <B>", "https://a.al/feed?x=1&y=2", "feed", "a.al", "AL", "sq", why='grade "A"')
LINKS = Source("xk.b", "B", "https://b.com/", "links", "*", "XK", None, False, "too loud", "h2 > a")
FAR = Source("int.c", "C", "https://c.com/map.xml", "sitemap", "c.com")


def read(text: str | bytes) -> tuple[opml.Outline, ...]:
    return opml.read(text.encode() if isinstance(text, str) else text).outlines


def body(*outlines: str) -> str:
    return f'<?xml version="1.0"?><opml version="2.0"><head/><body>{"".join(outlines)}</body></opml>'


def rows(text: str | bytes) -> list[tuple[str, str]]:
    return [(each.row["name"], each.row["url"]) for each in read(text)]


# Ours


def test_sources_come_back_as_they_were() -> None:
    back = opml.fresh(read(opml.write([FAR, LINKS, FEED], NAMES)), ())
    assert set(back.new) == {FEED, LINKS, FAR}
    assert (back.known, back.bad) == (0, ())


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))


@given(
    st.builds(
        Source, st.just("al.a"), texts.filter(bool), st.just("https://a.al/f"), outlet=st.just("a.al"), why=texts, enabled=st.booleans()
    )
)
def test_any_words_come_back_as_they_were(source: Source) -> None:
    assert opml.fresh(read(opml.write([source], {})), ()).new == (source,)


def test_feeds_stand_by_country_as_other_programs_understand_them() -> None:
    root = etree.fromstring(opml.write([FAR, LINKS, FEED], NAMES))
    assert [group.get("text") for group in root.iterfind("body/outline")] == ["Albania", "Kosovo", "International"]
    (feed,) = root.iterfind("body/outline[@text='Albania']/outline")
    assert (feed.get("type"), feed.get("xmlUrl"), feed.get("text"), feed.get("language")) == ("rss", FEED.url, FEED.name, "sq")
    assert [each.get("xmlUrl") for each in root.iter("outline") if each.get("xmlUrl")] == [FEED.url]  # a page of links is none for them


def test_letters_that_xml_does_not_know_are_left_out() -> None:
    odd = Source("al.a", "a\x00b\x1b\uffff", "https://a.al/f", outlet="a.al")
    assert opml.fresh(read(opml.write([odd], {})), ()).new[0].name == "ab"


# Anybody's


def test_feeds_are_found_however_deep_and_however_written() -> None:
    text = body(
        '<outline text="Folder"><outline text="Balkan"><outline text="A" type="rss" xmlUrl="https://a.al/f"/></outline></outline>',
        '<outline title="B" text="other" XMLURL=" https://b.al/f "/>',
        '<outline xmlurl="https://c.al/f"/>',
        '<outline text="Bookmark" type="link" url="https://d.al/"/>',
        '<outline text="Empty" xmlUrl=""/>',
    )
    assert rows(text) == [("A", "https://a.al/f"), ("B", "https://b.al/f"), ("c.al", "https://c.al/f")]


@pytest.mark.parametrize(
    "spoilt",
    [
        '<opml><body><outline text="A & B" xmlUrl="https://a.al/f?x=1&y=2"/></body></opml>',  # no entities at all
        '<opml><body><outline text="A &amp; B" xmlUrl="https://a.al/f?x=1&amp;y=2"/></body></opml>',
        '\ufeff<opml xmlns="http://opml.org/spec2"><body><outline text="A &#38; B" xmlUrl="https://a.al/f?x=1&#x26;y=2"/></body></opml>',
        '  \n<OPML><body><outline text="A&nbsp;&amp; B" xmlUrl="https://a.al/f?x=1&y=2"/></body></OPML>',
    ],
)
def test_careless_writing_changes_no_address(spoilt: str) -> None:
    found = opml.read(spoilt.encode())
    assert [(each.row["name"], each.row["url"]) for each in found.outlines] == [("A & B", "https://a.al/f?x=1&y=2")]
    assert found.flaw is None


@pytest.mark.parametrize("encoding", ["utf-16", "windows-1250", "utf-8"])
def test_old_encodings_are_read(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><opml><body><outline text="Šišmiš žut" xmlUrl="https://a.hr/f"/></body></opml>'
    assert rows(text.encode(encoding)) == [("Šišmiš žut", "https://a.hr/f")]


def test_what_is_broken_is_said_with_what_could_be_read() -> None:
    found = opml.read(b'<opml><body><outline text="A" xmlUrl="https://a.al/f"/>\n<outline text="B" xmlUrl="https://b.al/f"></body>')
    assert [each.row["name"] for each in found.outlines] == ["A", "B"]
    assert found.flaw is not None
    assert found.flaw.startswith("is broken XML at line 2: ")


def test_the_outlet_of_a_feed_that_comes_from_elsewhere_is_that_of_its_site() -> None:
    text = body('<outline text="A" language="sq-AL" xmlUrl="https://feeds.feedburner.com/a" htmlUrl="https://www.a.al/"/>')
    (source,) = opml.fresh(read(text), ()).new
    assert (source.key, source.outlet, source.country, source.lang) == ("al.feeds-feedburner", "a.al", "AL", "sq")


def test_a_guessed_country_that_is_not_watched_is_none() -> None:
    text = body('<outline text="A" xmlUrl="https://rtv21.tv/f"/>', '<outline text="B" xmlUrl="https://b.al/f"/>')
    assert [each.country for each in opml.fresh(read(text), [FEED]).new] == [None, "AL"]


def test_known_addresses_are_counted_and_bad_ones_named_while_the_rest_goes_on() -> None:
    text = body(
        '<outline text="Known" xmlUrl="http://www.a.al/feed/?y=2&amp;x=1"/>\n',
        '<outline text="File" xmlUrl="file:///etc/passwd"/>\n',
        f'<outline xmlUrl="javascript:{"x" * 300}"/>',
        '<outline text="New" xmlUrl="https://n.al/f"/>',
        '<outline text="Twice" xmlUrl="https://n.al/f"/>',
    )
    found = opml.fresh(read(text), [FEED])
    assert [(each.key, each.name) for each in found.new] == [("al.n", "New")]
    assert found.known == 2
    assert found.bad[0] == "line 2 (File): url: 'file:///etc/passwd' is not an http(s) address"
    assert found.bad[1].startswith("line 3 (javascript:x")


def test_a_key_that_is_taken_is_made_anew() -> None:
    other = Source("al.a", "Other", "https://other.al/f", outlet="other.al", country="AL")
    assert [each.key for each in opml.fresh(read(opml.write([other], {})), [FEED]).new] == ["al.other"]
    many = body(*(f'<outline xmlUrl="https://a.al/{n}"/>' for n in range(3)))
    assert [each.key for each in opml.fresh(read(many), [FEED]).new] == ["al.a-2", "al.a-3", "al.a-4"]


def test_facts_of_ours_that_somebody_spoilt_are_named() -> None:
    text = opml.write([LINKS], {}).decode()
    for old, new, words in (
        ('kind="links"', 'kind="pages"', "kind: no such kind as 'pages'"),
        ('enabled="false"', 'enabled="no"', "enabled: expected true or false, got 'no'"),
        ('country="XK"', 'country="Kosovo"', "country: 'Kosovo' is not a country code"),
        ('select="h2 &gt; a"', 'select="h2 ["', "select: "),
    ):
        assert old in text
        (bad,) = opml.fresh(read(text.replace(old, new)), ()).bad
        assert words in bad


# Hostile


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is not OPML"),
        (b"\x00" * 1000, "is not OPML"),
        (b"<html><body><outline xmlUrl='https://a.al/f'/></body></html>", "is not OPML"),
        (
            b"<?xml version='1.0'?><!DOCTYPE o [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;'>]><opml>&b;</opml>",
            "defines XML entities",
        ),
        ("<!DOCTYPE o [<!ENTITY % a SYSTEM 'file:///etc/passwd'>%a;]><opml/>".encode("utf-16"), "defines XML entities"),
        (b"<opml><outline " + b"".join(b'a%d="x" ' % n for n in range(100_000)) + b"/></opml>", "a tag of more than 20,000 characters"),
        (b"<opml>" + b" " * 10_000_000 + b"</opml>", "is larger than 10 MB"),
        (b"<opml>" + b"<outline xmlUrl='https://a.al/f'/>" * 5001 + b"</opml>", "lists more than 5,000 feeds"),
    ],
)
def test_traps_are_refused_in_words_and_at_once(data: bytes, words: str) -> None:
    began = perf_counter()
    with pytest.raises(InputError, match=words):
        opml.read(data)
    assert perf_counter() - began < 5


@pytest.mark.parametrize(
    "data",
    [
        b"<opml>" + b"<outline text='a'>" * 100_000,
        b"<opml>" + b"<outline text='a' title='b'/>" * 300_000 + b"</opml>",
        b"<!DOCTYPE opml SYSTEM 'file:///etc/passwd'><opml><outline xmlUrl='https://a.al/f'/></opml>",
        b"<opml>" + b"<outline xmlUrl='https://a.al/f' text='" + b"&lt;b&gt;" * 2000 + b"'/></opml>",
        b"<opml>" + b"<outline xmlUrl='https://a.al/f'/>" * 5000 + b"</opml>",
        b"<opml>" + b"".join(b"<outline xmlUrl='https://a.al/%d'/>" % n for n in range(5000)) + b"</opml>",
    ],
)
def test_what_is_only_large_or_deep_costs_little(data: bytes) -> None:
    began = perf_counter()
    found = opml.read(data)
    opml.fresh(found.outlines, ())
    assert all(len(each.row["name"]) <= 200 for each in found.outlines)
    assert perf_counter() - began < 5
