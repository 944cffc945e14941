"""The plain reader gives exactly what feedparser gives, or nothing; and it does give something for ordinary feeds."""

import io

import feedparser
import pytest
from feedparser.mixin import _FeedParserMixin
from feedparser.util import FeedParserDict
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.collect import feed, plainfeed
from monitor.collect.entries import Item
from monitor.demo.newsroom import load, outlets
from monitor.demo.newsroom.documents import listing
from monitor.model import Listing
from tests.unit.pages import NOW, page

BASE = "https://albeu.com/feed/"
NAMESPACES = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "atom": "http://www.w3.org/2005/Atom",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "georss": "http://www.georss.org/georss",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "snf": "http://www.smartnews.be/snf",
}
DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())


def by_feedparser(text: str, base: str = BASE) -> list[Item]:
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": base}
    parsed = feedparser.parse(io.BytesIO(text.encode()), response_headers=headers, resolve_relative_uris=False, sanitize_html=False)
    return [feed._item(entry) for entry in parsed.entries]


def agrees(text: str, base: str = BASE) -> bool:
    """Whether the plain reader answers; if so, with what feedparser gives, items and listing alike."""
    came = page(text, url=base)
    read = plainfeed.read(feed._text(came), base)
    if read is None:
        return False
    assert read[0] == by_feedparser(feed._text(came), base)
    answer = feed.plainly(came, NOW)
    assert isinstance(answer, Listing)
    assert answer == feed._by_feedparser(feed._text(came), came, NOW)
    return True


def rss(items: str, channel: str = "", declared: str = DECLARED) -> str:
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return (
        f'{head}<rss version="2.0" {declared}><channel><title>Albeu</title><link>https://albeu.com</link>{channel}{items}</channel></rss>'
    )


def atom(entries: str, declared: str = 'xmlns:media="http://search.yahoo.com/mrss/"') -> str:
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {declared}><title>Albeu</title><id>urn:x</id>{entries}</feed>'


# What sites write.

WORDPRESS = """<item><title>Sulm &#8211; kibernetik</title><link>https://albeu.com/sulm/?a=1&amp;b=2</link>
<comments>https://albeu.com/sulm/#comments</comments><dc:creator><![CDATA[Redaksia]]></dc:creator>
<pubDate>Fri, 20 Nov 2026 09:00:00 +0000</pubDate><category><![CDATA[Lajme]]></category>
<guid isPermaLink="false">https://albeu.com/?p=1</guid><description><![CDATA[<p>Faqja nuk hapet [&#8230;]</p>]]></description>
<content:encoded><![CDATA[<p>Faqja nuk hapet që prej mëngjesit.</p> <img src="a.jpg" />]]></content:encoded>
<wfw:commentRss>https://albeu.com/sulm/feed/</wfw:commentRss><slash:comments>0</slash:comments>
<post-id xmlns="com-wordpress:feed-additions:1">77</post-id>
<media:content url="https://albeu.com/a.jpg" medium="image"><media:title type="html">a</media:title></media:content></item>"""
BLOGGER = """<entry><id>tag:blogger.com,1999:blog-1.post-2</id><published>2026-11-20T10:00:00.000+01:00</published>
<updated>2026-11-20T10:05:00.000+01:00</updated><category scheme="http://www.blogger.com/atom/ns#" term="lajme"/>
<title type="text">Sulm</title><content type="html">&lt;p&gt;Faqja nuk hapet&lt;/p&gt;</content>
<link rel="edit" type="application/atom+xml" href="https://www.blogger.com/feeds/1"/>
<link rel="alternate" type="text/html" href="https://x.al/sulm.html" title="Sulm"/>
<author><name>Redaksia</name><uri>https://x.al</uri><email>a@x.al</email></author>
<media:thumbnail url="https://x.al/a.jpg" height="72"/></entry>"""
ORDINARY = {
    "WordPress": rss(WORDPRESS, '<atom:link href="https://albeu.com/feed/" rel="self"/><sy:updatePeriod>hourly</sy:updatePeriod>'),
    "Blogger": atom(BLOGGER),
    "Drupal": rss(WORDPRESS, declared=f'xml:base="https://albeu.com/" {DECLARED}'),
    "image of the channel": rss(WORDPRESS, "<image><url>https://x.al/a.png</url><title>A</title><link>https://x.al</link></image>"),
    "ttl": rss("<item><title>A</title><link>/1</link></item>", "<ttl>60</ttl>"),
    "guid as link": rss("<item><title>A</title><guid>https://x.al/1</guid></item>"),
    "FeedBurner": rss(
        "<item><title>A</title><link>http://feed.x.al/1</link><feedburner:origLink>https://x.al/1</feedburner:origLink></item>"
    ),
    "0.91": rss("<item><title>A</title><link>https://x.al/1</link></item>", declared="").replace("2.0", "0.91"),
    "media text": rss(
        "<item><title>A</title><link>https://x.al/1</link><description>b</description><media:description>long</media:description></item>"
    ),
    "source": rss("<item><title>A - X</title><link>https://x.al/1</link><source url='https://x.al'>X</source></item>"),
    "image of an item": rss("<item><title>A</title><link>https://x.al/1</link><image><url>https://x.al/1.png</url></image></item>"),
    "own elements": rss("<item><title>A</title><link>https://x.al/1</link><thumb>a</thumb><snf:logo><url>a</url></snf:logo></item>"),
    "comments": rss("<!-- made by us --><item><!-- a --><title>A<!-- b -->B</title><link>https://x.al/1</link></item>"),
    "date in words": rss("<item><link>https://x.gr/1</link><pubDate>Κυρ, 11 Ιούλ 2021 12:00:00 +0300</pubDate></item>"),
    "empty": rss(""),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_feeds_are_read_plainly_and_as_feedparser_reads_them(name: str) -> None:
    assert agrees(ORDINARY[name])


def test_the_feeds_of_the_newsroom_are_read_plainly() -> None:
    articles = load()
    for outlet in outlets():
        own = [article for article in articles if article.outlet == outlet.key]
        document = listing(outlet, own, f"http://{outlet.host}:8080")
        if outlet.format in ("rss", "atom"):
            assert agrees(feed._text(page(document.body)), f"http://{outlet.host}:8080/feed"), outlet.key


def test_a_long_feed_is_read_plainly_as_feedparser_reads_it() -> None:
    text = "<p>Faqja nuk hapet që prej mëngjesit.</p>\r\n" * 30
    items = "".join(
        f"<item><title>{n}</title><link>https://x.al/{n}</link><description><![CDATA[{text}]]></description></item>" for n in range(200)
    )
    assert agrees(rss(items))


def test_a_plain_feed_is_read_without_feedparser() -> None:
    answer = feed.plainly(page(ORDINARY["WordPress"]), NOW)
    assert isinstance(answer, Listing)
    assert [(entry.title, entry.guid) for entry in answer.entries] == [("Sulm – kibernetik", "https://albeu.com/?p=1")]


# What is left to feedparser.

UNUSUAL = {
    "undefined entity": rss("<item><title>a&nbsp;b</title><link>https://x.al/1</link></item>"),
    "doctype": "<!DOCTYPE rss>" + rss(WORDPRESS).split("?>", 1)[1],
    "cut": rss(WORDPRESS)[:-60],
    "two titles": rss("<item><title>a</title><title>b</title><link>https://x.al/1</link></item>"),
    "two dates": rss("<item><title>a</title><pubDate>x</pubDate><pubDate>y</pubDate></item>"),
    "two guids": rss("<item><guid>a</guid><guid>b</guid></item>"),
    "markup in a title": rss("<item><title>a <b>b</b></title></item>"),
    "a title within": rss("<item><box><title>a</title></box></item>"),
    "xhtml": atom('<entry><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">a</div></title></entry>'),
    "base64": atom('<entry><content mode="base64">YQ==</content></entry>'),
    "inner base": atom('<entry xml:base="https://x.al/"><link href="1"/></entry>'),
    "relative base": rss("<item><link>1</link></item>", declared='xml:base="/a/"'),
    "old Atom": '<feed xmlns="http://purl.org/atom/ns#" version="0.3"><entry><title>a</title></entry></feed>',
    "RDF": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><item/></rdf:RDF>',
    "CDF": '<channel href="https://x.al"><item href="1"><title>a</title></item></channel>',
    "prefix of another": rss("<item><dc:title>a</dc:title></item>", declared='xmlns:dc="http://purl.org/rss/1.0/modules/content/"'),
    "unprefixed namespace": rss('<item><title xmlns="urn:other">a</title></item>'),
    "misread characters": rss("<item><title>SaÃ§ma</title><link>https://x.al/1</link></item>"),
    "Windows characters": rss("<item><title>a &#150; b</title><link>https://x.al/1</link></item>"),
    "title of a picture only": rss("<item><media:title>a</media:title><link>https://x.al/1</link></item>"),
    "items outside": rss("").replace("</channel>", "</channel><item><title>a</title></item>"),
    "empty reference": atom('<entry><link href=""/></entry>'),
    "summary of the channel": rss(WORDPRESS, "<itunes:summary>a</itunes:summary>"),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_what_is_unusual_is_left_to_feedparser(name: str) -> None:
    assert plainfeed.read(UNUSUAL[name].replace("\ufeff", ""), BASE) is None
    assert feed.plainly(page(UNUSUAL[name]), NOW) is None
    assert isinstance(feed.parse(page(UNUSUAL[name]), NOW), Listing)


def test_every_element_that_feedparser_knows_is_read_or_idle_or_refused() -> None:
    known = {name.split("_", 2)[2].lower() for name in dir(_FeedParserMixin) if name.startswith(("_start_", "_end_"))}
    aliases = {alias for alias in FeedParserDict.keymap if alias not in ("description_detail", "tagline_detail", "copyright_detail")}
    ours = plainfeed.READ.keys() | plainfeed.IDLE | plainfeed.REFUSED
    assert known | aliases <= ours


def test_every_namespace_that_feedparser_knows_is_known_or_refused_or_without_elements() -> None:
    prefixes = {name.split("_")[2] for name in dir(_FeedParserMixin) if name.startswith(("_start_", "_end_")) and name.count("_") > 2}
    for uri, prefix in _FeedParserMixin.namespaces.items():
        ours = plainfeed.NAMESPACES.get(uri.lower())
        assert ours == prefix.lower() or uri.lower() in plainfeed.FORMATS or not uri or "userland.com/rss" in uri or prefix not in prefixes


# Feeds put together at random, ordinary ones and odd ones.

CHANCE = st.booleans()
WORDS = st.one_of(
    st.sampled_from(
        ["Sulm kibernetik"] * 6
        + ["Напад на општината", "Κυβερνοεπίθεση", "a &amp; b", "&lt;b&gt;x&lt;/b&gt;", " x ", "", "Ü»x", "é", "A&#8211;B"]
    ),
    st.text("ab<>&\"' \n\r\tčшΩ\u00a0\u0085Ã©\u200b;#x", max_size=12).map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;")),
    st.text("ab<>&p/ č]", max_size=12).map(lambda text: f"<![CDATA[{text.replace(']]>', '')}]]>"),
)
ODD_LINKS = """
https://x.al/a?b=1&amp;c=2 http://x.al/?a&amp;b; /lajme/1 ../1 1.html //x.al/1 https://x.al/1? https://x.al/1# https:///x.al/1 HTTPS://X.al/1
http://x.al:8080/1 http://x.al:99999/1 https://x.al/a;b https://x.al/шта https://шта.срб/1 mailto:a@x.al javascript:a() tag:x.al,2026:1
urn:uuid:1 77 https://x.al/a&amp;amp;b=1 https://[::1]/1 http://[x/ https://a@x.al/
"""
LINKS = st.sampled_from(["https://x.al/1"] * 8 + ODD_LINKS.split())
DATES = st.sampled_from(
    ["Fri, 20 Nov 2026 09:00:00 GMT"] * 6
    + [
        "Fri, 20 Nov 2026 10:00:00 +0100",
        "2026-11-20T10:00:00Z",
        "20.11.2026 10:00",
        "2020/1/10",
        "",
        "nothing",
        "Κυρ, 11 Ιούλ 2021 12:00:00 +0300",
    ]
) | st.text("0123456789:-TZ+. ,JanMo", max_size=25)
TYPES = st.sampled_from(
    [""] * 12 + [' type="html"', ' type="text"', ' type="TEXT/HTML"', ' type="xhtml"', ' type="image/png"', ' xml:lang="sq"', ' src="a"']
)


def element(name: str, content: st.SearchStrategy[str], attributes: st.SearchStrategy[str] = st.just("")) -> st.SearchStrategy[str]:  # noqa: B008
    return st.builds(lambda attribute, inner: f"<{name}{attribute}>{inner}</{name}>", attributes, content)


PERMALINKS = st.sampled_from(["", ' isPermaLink="false"', ' isPermaLink="true"', ' ispermalink="False"'])
REFERENCE = st.builds(
    lambda name, rest, link: f'<{name}{rest} href="{link}"/>',
    st.sampled_from(["link", "atom:link"]),
    st.sampled_from(
        ["", ' rel="alternate"', ' rel="ALTERNATE" type="text/html"', ' rel="self"', ' rel="enclosure" type="audio/mpeg"', ' type="html"']
    ),
    LINKS.map(lambda link: link.replace('"', "").replace("<![CDATA[", "").replace("]]>", "").replace("<", "")),
)
FREQUENT = [
    element("title", WORDS, TYPES),
    element("link", LINKS),
    element("guid", LINKS, PERMALINKS),
    element("pubDate", DATES),
    element("description", WORDS, TYPES),
]
SELDOM = [
    *[
        element(name, WORDS, TYPES)
        for name in ("content:encoded", "summary", "content", "media:description", "itunes:summary", "media:title", "dc:title")
    ],
    *[
        element(name, DATES)
        for name in ("dc:date", "updated", "published", "atom:updated", "dcterms:modified", "created", "date", "lastBuildDate")
    ],
    *[
        element(name, WORDS)
        for name in (
            "dc:creator",
            "category",
            "tags",
            "author",
            "comments",
            "snf:logo",
            "thumb",
            "itunes:author",
            "source",
            "image",
            "rights",
        )
    ],
    element("id", LINKS | WORDS),
    element("link", WORDS),
    element("feedburner:origLink", LINKS),
    element("media:group", st.one_of(element("media:title", WORDS), element("media:description", WORDS), element("title", WORDS))),
    element("author", element("name", WORDS)),
    element("box", st.one_of(element("title", WORDS), element("thumb", WORDS), element("date", DATES))),
    element("image", st.one_of(element("url", LINKS), element("title", WORDS), element("link", LINKS))),
    st.just('<media:thumbnail url="a"/>'),
    st.just('<site xmlns="urn:x">1</site>'),
    st.just("<enclosure url='a' length='1'/>"),
    st.just("<!-- c -->"),
    st.just("<georss:point>1 2</georss:point>"),
    REFERENCE,
]


@st.composite
def items(draw: st.DrawFn, name: str) -> str:
    parts = [draw(each) for each in FREQUENT if draw(st.integers(0, 9))]
    parts += draw(st.lists(st.one_of(*SELDOM), max_size=2))
    attributes = draw(st.sampled_from([""] * 40 + [' xml:lang="sq"', ' href="/1"', ' xml:base="/b/"']))
    return f"<{name}{attributes}>{''.join(draw(st.permutations(parts)))}</{name}>"


@st.composite
def feeds(draw: st.DrawFn) -> str:
    if draw(CHANCE):
        channel = draw(
            st.sampled_from(
                ["", "<ttl>60</ttl>", "<ttl> 7 </ttl><language>sq</language>", "<description>a</description><image><url>a</url></image>"]
            )
        )
        return rss("".join(draw(st.lists(items("item"), max_size=3))), channel)
    return atom("".join(draw(st.lists(items("entry"), max_size=3))), f"{DECLARED}")


BASES = st.sampled_from(
    [BASE, BASE, BASE, "http://x.al", "http://127.0.0.1:8080/feed", "https://x.al/a/../feed?x=1", "http://x.al/шта/feed"]
)


def test_random_feeds_are_read_as_feedparser_reads_them() -> None:
    answered: list[bool] = []

    @settings(max_examples=600, deadline=None, database=None)
    @given(feeds(), BASES)
    def check(text: str, base: str) -> None:
        answered.append(agrees(text, base))

    check()
    assert sum(answered) > len(answered) // 4  # many are odd on purpose


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(WORDS.filter(lambda text: "<" not in text), st.sampled_from(["1", "a/b", "?p=1"]), WORDS), max_size=5))
def test_random_ordinary_feeds_are_nearly_all_read_plainly(written: list[tuple[str, str, str]]) -> None:
    entries = "".join(
        f"<item><title>{title}</title><link>https://x.al/{path}</link><description>{text}</description></item>"
        for title, path, text in written
    )
    odd = any(mark in entries for mark in "\u0085ÃÜ")
    assert agrees(rss(entries)) or odd


def test_the_items_wanted_are_read_and_one_more_which_tells_that_there_are_more() -> None:
    text = rss("".join(f"<item><title>{n}</title><link>https://x.al/{n}</link></item>" for n in range(600)))
    answer = feed.plainly(page(text), NOW)
    assert isinstance(answer, Listing)
    assert len(answer.entries) == 500
    assert answer.notes == ("more than 500 entries; the rest was left out",)
