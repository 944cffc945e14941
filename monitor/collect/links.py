"""A front or section page to a listing: the links on it that look like articles of the same site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import unquote, urlsplit

from lxml import etree, html

from monitor.collect import entries
from monitor.collect.entries import Item
from monitor.model import Failed, Listing, Page
from monitor.text import charset, urls

_FEWEST_WORDS = 4
_FEWEST_LETTERS = 25
_OUTSIDE = ("nav", "footer", "form", "noscript", "template")
_NO_ARTICLE = re.compile(r"/(?:tags?|categor(?:y|ies)|authors?|topics?|users?|search|login|page|feed|rss|wp-[\w-]+)(?:/|$)", re.IGNORECASE)
_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|pdf|zip|mp[34]|xml|css|js)$", re.IGNORECASE)


def parse(page: Page, now: datetime) -> Listing | Failed:
    """Articles in the page's order, each under the longest words that link to it; they have no date and no summary."""
    root = _root(charset.decode(page.body, page.headers.get("content-type", "")))
    if root is None:
        return Failed("not_a_feed", "the answer is no web page")
    base = urls.absolute(page.final_url, str(root.xpath("string(//base/@href)"))) or page.final_url
    titles: dict[str, tuple[str, str]] = {}
    for url, words in _candidates(root, base, urls.site(page.final_url)):
        key = urls.canonical(url)
        first, longest = titles.get(key, (url, ""))
        titles[key] = (first, max(longest, words, key=len))
    found = [Item(link=url, title=words) for url, words in titles.values() if _speaks(words)]
    if not found:
        return Failed("not_a_feed", "no links to articles are found on this page")
    return entries.listing(found, page.final_url, now)


def _root(text: str) -> html.HtmlElement | None:
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True)
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    etree.strip_elements(root, *_OUTSIDE, "script", "style", with_tail=False)
    return root


def _candidates(root: html.HtmlElement, base: str, site: str) -> Iterator[tuple[str, str]]:
    for anchor in root.iter("a"):
        url = urls.absolute(base, anchor.get("href") or "")
        if url and urls.within(urls.site(url), site) and _like_article(url):
            yield url.split("#")[0], _words(anchor)


def _words(anchor: html.HtmlElement) -> str:
    seen = " ".join(str(anchor.text_content()).split())
    return max(seen, " ".join((anchor.get("title") or "").split()), key=len)


def _like_article(url: str) -> bool:
    """An address that carries a headline's words, a number, or a date; sections and tags carry neither."""
    path = unquote(urlsplit(url).path).rstrip("/")
    return not (_NO_ARTICLE.search(path) or _FILE.search(path)) and urls.names_article(url)


def _speaks(words: str) -> bool:
    """A headline; "More", a section's name or a count of comments is none."""
    return len(words) >= _FEWEST_LETTERS or len(words.split()) >= _FEWEST_WORDS
