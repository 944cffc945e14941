"""From a page of any kind: what it is as a source, and where else its site may list its news."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from lxml import html

from monitor.collect import document, feed, links, sitemap
from monitor.model import Failed, Listing, Page, SourceKind
from monitor.text import charset, markup, urls

_FEEDS = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json")
_MAYBE_FEEDS = ("application/xml", "text/xml", "application/json")
_HUB = "feedburner.com"  # feeds of many sites live there
_FEED_WORD = re.compile(r"\w*rss\d?|(?:rss)?feeds?|rdf|atom")
_ENDING = re.compile(r"\.(?:xml|html?|php|aspx?|ashx|axd|do|json)$")
_COMMENTS = re.compile(r"\bcomments?\b", re.IGNORECASE)
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|a|link|meta)\b", re.IGNORECASE)
_MAP_LINE = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_HEAD = 65_536
_MOST_NAMED = 20
_LONGEST_TITLE = 80
_KNOWN_FEEDS = ("/feed/", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/feed.json", "/index.xml")
_KNOWN_MAPS = ("/news-sitemap.xml", "/sitemap-news.xml", "/sitemap_index.xml", "/sitemap.xml")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address at which a site may list its news, with the reason to think so."""

    kind: SourceKind
    url: str
    why: str


def recognise(page: Page, now: datetime) -> tuple[SourceKind, Listing] | Failed:
    """Which kind of source this page is, with what it lists; `Failed` says why it is none."""
    found = feed.parse(page, now)
    if isinstance(found, Listing):
        return "feed", found
    found = sitemap.parse(page, now)
    if isinstance(found, Listing):
        return "sitemap", found
    if not _is_web_page(page):
        return Failed("not_a_feed", "the answer is neither a feed nor a sitemap nor a web page")
    found = links.parse(page, now)
    return found if isinstance(found, Failed) else ("links", found)


def candidates(page: Page, robots: bytes = b"") -> tuple[Candidate, ...]:
    """Where to look, the likeliest first: feeds that the page names, well-known places, the page itself, feeds of comments.

    `robots` is the site's robots.txt, which often names its sitemaps.
    """
    itself = [Candidate("links", page.final_url, "the links on the page itself")] if _is_web_page(page) else []
    named = list(islice(_named(page), _MOST_NAMED)) if itself else []
    comments = [candidate for candidate in named if _COMMENTS.search(candidate.url)]
    found = [candidate for candidate in named if candidate not in comments]
    distinct: dict[tuple[SourceKind, str], Candidate] = {}
    for candidate in [*found, *_known(page.final_url, robots), *itself, *comments]:
        distinct.setdefault((candidate.kind, urls.canonical(candidate.url)), candidate)
    return tuple(distinct.values())


def _is_web_page(page: Page) -> bool:
    return _HTML.search(charset.decode(page.body[:_HEAD], page.headers.get("content-type", ""))) is not None


def _named(page: Page) -> Iterator[Candidate]:
    """Feeds in the head of a page, then links that look like feeds of the same owner."""
    root = document.tree(page)
    if root is None:
        return
    base, owner = document.base(root, page), urls.owner(urls.site(page.final_url))
    for link, url in _linked(root, "link", base):
        if _is_feed(link, url):
            title = markup.plain(link.get("title") or "", _LONGEST_TITLE)
            yield Candidate("feed", url, f"the page names it as a feed, “{title}”" if title else "the page names it as a feed")
    for link, url in _linked(root, "a", base):
        if (_like_feed(url) or _names_feed(str(link.text_content())[:_LONGEST_TITLE])) and urls.owner(urls.site(url)) in (owner, _HUB):
            yield Candidate("feed", url.split("#")[0], "a link on the page looks like a feed")


def _linked(root: html.HtmlElement, tag: str, base: str) -> Iterator[tuple[html.HtmlElement, str]]:
    for element in root.iter(tag):
        link = (element.get("href") or "").strip()
        if link and (url := urls.absolute(base, link)):
            yield element, url


def _is_feed(link: html.HtmlElement, url: str) -> bool:
    relations, kind = (link.get("rel") or "").lower().split(), (link.get("type") or "").split(";")[0].strip().lower()
    return bool({"alternate", "feed"} & set(relations)) and (kind in _FEEDS or (kind in _MAYBE_FEEDS and _like_feed(url)))


def _like_feed(url: str) -> bool:
    parts = urlsplit(urls.canonical(url))  # who sent the reader ("utm_medium=rss") says nothing of the page
    host, values = (parts.hostname or "").split(".")[0], [value for _, value in parse_qsl(parts.query)]
    return any(_names_feed(name) for name in (host, *unquote(parts.path).split("/"), *values))


def _names_feed(name: str) -> bool:
    """`rss.html`, `sport-feed`, `rss-sport.xml`; an article about feeds has more words."""
    words = re.split(r"[\s._-]+", _ENDING.sub("", name.lower().strip()).strip("._-"))
    return any(_FEED_WORD.fullmatch(word) for word in (words if len(words) == 2 else words[-1:]))


def _known(url: str, robots: bytes) -> Iterator[Candidate]:
    """The places where sites usually keep feeds and sitemaps; of the sitemaps, first those that robots.txt names."""
    yield from (Candidate("feed", urljoin(url, path), "many sites have a feed here") for path in _KNOWN_FEEDS)
    stated = [link for link in _MAP_LINE.findall(robots.decode("utf-8", "replace")) if urls.is_http(link)][:_MOST_NAMED]
    for link in sorted(stated, key=lambda link: "news" not in link.lower()):
        yield Candidate("sitemap", link, "robots.txt names it as a sitemap")
    yield from (Candidate("sitemap", urljoin(url, path), "many sites have a sitemap here") for path in _KNOWN_MAPS)
