"""What is measured on: the sample newsroom's articles on pages of a realistic weight, and feeds of a realistic size."""

from __future__ import annotations

import html
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from itertools import cycle, islice

from monitor.demo.newsroom import NewsArticle, Outlet, load, outlets
from monitor.demo.newsroom.documents import page as newsroom_page
from monitor.demo.newsroom.stock import furniture
from monitor.model import Entry, Page, Source, Waiting

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FEEDS = 1_000
FEED_ENTRIES = 30
_LIGHTEST, _HEAVIEST = 80_000, 140_000  # bytes of a page
_SCRIPTS = 0.4  # the share of a page's weight that is no markup to walk through: scripts, styles
_SUMMARY = 280
_STATED = re.compile(rb"<link rel=.canonical.[^>]*>|<meta property=.og:url.[^>]*>")
_FIRST, _APART = datetime(2024, 1, 1, tzinfo=UTC), timedelta(minutes=7)


@cache
def sites() -> dict[str, Outlet]:
    """The outlets that answer, all with an RSS feed, by key. The slow one is not slow here."""
    return {outlet.key: replace(outlet, format="rss", delay=0.0) for outlet in outlets() if not outlet.dead}


def articles(count: int) -> list[NewsArticle]:
    """Each report of an incident once, and ordinary news repeated under new addresses up to `count`."""
    known = [replace(article, body="page") for article in load() if article.outlet in sites()]
    reports = [article for article in known if article.relevant]
    others = islice(cycle([article for article in known if not article.relevant]), count)
    news = [
        # Outlets in turn: articles are fetched in the order of publication, and a crowd of one outlet would wait for its pauses.
        replace(article, id=f"{article.id}-{number}", published=_FIRST + number * _APART)
        for number, article in enumerate(others)
    ]
    return (reports + news)[:count]


def body(article: NewsArticle, base: str = "http://site.localhost") -> bytes:
    """The article's page: what the newsroom serves, with the scripts, menus and teasers that make real pages heavy."""
    return weighed(bare(article, base), article, furniture()[sites()[article.outlet].lang]["related"])


def bare(article: NewsArticle, base: str = "http://site.localhost") -> bytes:
    """What the newsroom serves. It states no address: repeated articles share one page."""
    return _STATED.sub(b"", newsroom_page(sites()[article.outlet], article, base).body)


def weighed(bare: bytes, article: NewsArticle, titles: Sequence[str]) -> bytes:
    """A page made as heavy as real ones; `titles` are those of its teasers. The weight goes by the text."""
    outlet = sites()[article.outlet]
    missing = random.Random(article.text).randint(_LIGHTEST, _HEAVIEST) - len(bare)
    head = _filled(_script(), int(missing * _SCRIPTS)).encode()
    rest = _filled(_teasers(outlet.lang, titles), missing - len(head)).encode(outlet.encoding, "xmlcharrefreplace")
    middle = rest.index(b'<div class="card ', len(rest) // 2)
    before, after = (b"<section class='teasers'>" + half + b"</section>" for half in (rest[:middle], rest[middle:]))
    bare = bare.replace(b"</head>", head + b"</head>", 1).replace(b"<body>", b"<body>" + before, 1)
    return bare.replace(b"</body>", after + b"</body>", 1)


def _filled(pieces: Iterator[str], weight: int) -> str:
    taken, length = [], 0
    for piece in pieces:
        taken.append(piece)
        length += len(piece)
        if length >= weight:
            break
    return "".join(taken)


def _script() -> Iterator[str]:
    for number in cycle(range(10_000)):
        views = "".join(f"slots[{at}].on('view',function(e){{track('impression',e.id,{at})}});" for at in range(40))
        slot = f"slots.push({{id:'ad-{number}',sizes:[[300,250],[728,90]],targeting:{{pos:'{number}'}}}});{views}"
        style = f".ad-{number}{{min-height:250px;margin:0 auto 24px}}@media(max-width:720px){{.ad-{number}{{min-height:90px}}}}"
        yield f"<script>window.slots=window.slots||[];{slot}</script>\n<style>{style}</style>\n"


def _teasers(lang: str, headlines: Sequence[str]) -> Iterator[str]:
    titles, words = [html.escape(title) for title in headlines], [html.escape(word) for word in furniture()[lang]["navigation"]]
    for number in cycle(range(10_000)):
        title, word = titles[number % len(titles)], words[number % len(words)]
        yield (
            f'<div class="card card--small" data-id="{number}"><a class="card__link" href="/archive/{number}" title="{title}">'
            f'<figure class="card__figure"><img src="/img/{number}-320.jpg" srcset="/img/{number}-640.jpg 2x" width="320" alt=""></figure>'
            f'<h3 class="card__title"><span>{title}</span></h3></a><div class="card__meta"><span class="time">12:{number % 60:02}</span> '
            f'<a class="card__section" href="/c/{number % len(words)}">{word}</a></div></div>\n'
        )


def waiting(article: NewsArticle, number: int) -> Waiting:
    """The entry of an article, as the store would hand it out."""
    outlet = sites()[article.outlet]
    url = f"http://{outlet.host}{article.path(outlet.section)}"
    source = Source(f"zz.{outlet.key}", outlet.name, f"http://{outlet.host}/feed", "feed", outlet.host, outlet.country, outlet.lang)
    return Waiting(number, Entry(url, url, article.title, article.summary, article.published), source, article.published)


def page(article: NewsArticle) -> Page:
    """The article's page, as the fetcher would hand it on."""
    outlet = sites()[article.outlet]
    return fetched(body(article), f"http://{outlet.host}{article.path(outlet.section)}")


def fetched(content: bytes, url: str = "http://feed.localhost/feed") -> Page:
    return Page(url, url, 200, content, {"content-type": "text/html"}, NOW)


@cache
def _lines() -> Sequence[tuple[str, str]]:
    return [(html.escape(article.title), html.escape((article.summary + " " + article.text)[:_SUMMARY])) for article in load()]


def feed(number: int, port: int = 80) -> bytes:
    """One of the thousand feeds: 30 entries in 18 KB, unlike those of any other."""
    lines, base = _lines(), f"http://feed{number}.localhost:{port}"
    items = []
    for at in range(FEED_ENTRIES):
        title, summary = lines[(number * 7 + at) % len(lines)]
        date = format_datetime(NOW - timedelta(minutes=number + 40 * at))
        link = f"{base}/news/{number}-{at}"
        items.append(
            f"<item><title>{title}</title><link>{link}</link><guid isPermaLink='false'>{number}-{at}</guid>"
            f"<pubDate>{date}</pubDate><description>{summary}</description></item>"
        )
    channel = f"<title>Feed {number}</title><link>{base}/</link><description>{number}</description>"
    return f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>{channel}{''.join(items)}</channel></rss>".encode()
