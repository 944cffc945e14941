"""Page to article by trafilatura: extraction only, every byte comes from our own fetcher. The entry fills what the page does not say."""

from __future__ import annotations

import logging
import re
from datetime import datetime
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from monitor.extract import hazards
from monitor.model import Article, Entry, Page, Rejected, Source
from monitor.text import charset, urls
from monitor.text.dates import parse

if TYPE_CHECKING:
    import lxml.html

MOST_TEXT = 40_000  # characters; longer pages are books or floods
_LEAST_TEXT = 80
_TEXTLESS = "the page has no article text (a list, a video, a paywall, or built by script)"
_CUT = f"the page is too large, and what was read of it ({hazards.LIMITS}) has no article text"
MOST_TITLE = 500
# No path steps twice through descendants: libxml2 takes minutes for elements of one name within each other.
_DATES = (
    "//meta[@property='article:published_time']/@content",
    "//meta[@itemprop='datePublished']/@content",
    "//meta[@name='date' or @name='pubdate' or @name='DC.date.issued']/@content",
    "//time[ancestor::article]/@datetime",
    "//time[@itemprop='datePublished' or @pubdate]/@datetime",
)
_MARKED_DATE = "//time[not(@datetime)][ancestor::article or @itemprop='datePublished' or @pubdate]"
_ADDRESSES = (
    "//link[contains(concat(' ', normalize-space(translate(@rel, 'CANOIL', 'canoil')), ' '), ' canonical ')]/@href",
    "//meta[@property='og:url']/@content",
)
_LD_DATE = re.compile(r'"datePublished"\s*:\s*"([^"]{8,40})"')


@cache
def _reader() -> Any:
    """trafilatura, loaded by the processes that read pages and by no other: it takes 40 MB. Its errors are our outcomes."""
    import trafilatura
    import trafilatura.utils

    for name in ("trafilatura", "htmldate"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return trafilatura


def article(page: Page, entry: Entry, source: Source) -> Article | Rejected:
    """The article of a page, or why there is none. Title and date are the entry's where it has them: feeds err less than pages."""
    if not page.body.strip():
        return Rejected("the page is empty")
    whole = charset.decode(page.body, page.headers.get("content-type", ""))
    html = hazards.tame(whole)
    if isinstance(html, Rejected):
        return html
    tree = _reader().utils.load_html(html)
    if tree is None:
        return Rejected("the page is no HTML")
    title = entry.title or _title(tree)
    text = _reader().extract(tree, fast=True, with_metadata=False, include_comments=False, include_tables=False, deduplicate=False)
    text = clean(text or "")[:MOST_TEXT]
    if len(text) < _LEAST_TEXT:
        return Rejected(_TEXTLESS if len(html) == len(whole) else _CUT)
    if not title:
        return Rejected("the page has no title")
    published = entry.published or _published(tree, page.fetched_at, source.lang)
    url = _address(tree, page.final_url, source.outlet)
    return Article(url, clean(title)[:MOST_TITLE], text, published, source.lang, source.outlet, source.country)


def from_entry(entry: Entry, source: Source) -> Article | Rejected:
    """What the source itself said, for a page that cannot be had. Where it gave a title only, the title is all there is to read."""
    if not entry.title:
        return Rejected("the page cannot be had and the source gave no title")
    return Article(
        entry.url,
        clean(entry.title)[:MOST_TITLE],
        clean(entry.summary) or clean(entry.title),
        entry.published,
        source.lang,
        source.outlet,
        source.country,
        "entry",
    )


def clean(text: str) -> str:
    """Without NUL and lone surrogates, which Postgres refuses, and with plain blanks."""
    return text.replace("\x00", "").replace("\xa0", " ").encode("utf-8", "ignore").decode().strip()


def _address(tree: lxml.html.HtmlElement, found_at: str, outlet: str) -> str:
    """The address that the page gives as its own, if one may believe it; else the one at which it was found."""
    base = urls.absolute(found_at, next(iter(tree.xpath("//base/@href")), "")) or found_at
    stated = (urls.absolute(base, str(link)) for path in _ADDRESSES for link in tree.xpath(path)[:3])
    return next((url for url in stated if url and _believed(url, found_at, outlet)), found_at)


def _believed(url: str, found_at: str, outlet: str) -> bool:
    """Whether a page may call itself so: by an address of its own site that looks like an article's.

    Of its own site is what lies on or below its host, and what lies on its outlet's host if the page was found below that (`mobil.x.al`).
    Many sites state their home page or a section for all articles: that is no address of any.
    """
    stated, real = urls.canonical(url), urls.canonical(found_at)
    if stated == real:
        return True
    to, of, home = urls.site(stated), urls.site(real), urls.site(f"https://{outlet}")
    own = urls.within(to, of) or (to == home and urls.within(of, home))
    return own and urls.names_article(stated) and not real.startswith(f"{stated}/")


def _published(tree: lxml.html.HtmlElement, now: datetime, lang: str | None) -> datetime | None:
    """The date that the page states for machines or marks as a date. Dates in running text are of anything, and are not asked."""
    stated = (str(found) for path in _DATES for found in tree.xpath(path)[:3])
    scripts = (_LD_DATE.search(script) for script in tree.xpath("//script[@type='application/ld+json']/text()")[:5])
    marked = (str(time.text_content()) for time in tree.xpath(_MARKED_DATE)[:3])
    said = chain(stated, (found[1] for found in scripts if found), marked)
    return next(filter(None, (parse(each, now, lang) for each in said)), None)


def _title(tree: lxml.html.HtmlElement) -> str:
    for path in ("//meta[@property='og:title']/@content", "(//h1[normalize-space()])[1]//text()[normalize-space()]", "//title/text()"):
        found = tree.xpath(path)
        if found and str(found[0]).strip():
            return " ".join(str(found[0]).split())
    return ""
