"""A front or section page to a listing: the links that look like articles of the same site, or those that a selector picks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from urllib.parse import unquote, urlsplit

from lxml import etree, html

from monitor.collect import document, entries
from monitor.collect.entries import Item
from monitor.model import Failed, Listing, Page
from monitor.text import urls

_FEWEST_WORDS = 4
_FEWEST_LETTERS = 25
_MAX_SELECTED = 2000
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = ("p", "div", "br", "li", "td", "th", "dt", "dd", "section", "article", "header", "figure", "figcaption", "blockquote", *_HEADINGS)
_OUTSIDE = ("nav", "footer", "form", "noscript", "template")
_NO_ARTICLE = re.compile(r"/(?:tags?|categor(?:y|ies)|authors?|topics?|users?|search|login|page|feed|rss|wp-[\w-]+)(?:/|$)", re.IGNORECASE)
_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|pdf|zip|mp[34]|xml|css|js)$", re.IGNORECASE)


def parse(page: Page, now: datetime, select: str = "") -> Listing | Failed:
    """Articles in the page's order, each under the longest words that link to it; they have no date and no summary.

    With CSS selectors, what they pick is taken for articles as it is: links, or elements with a link inside, also to other sites.
    """
    root = document.tree(page)
    if root is None:
        return Failed("not_a_feed", "the answer is no web page")
    _set_apart(root)
    base = document.base(root, page)
    try:
        pairs = _selected(root, base, selector(select)) if select else _recognised(root, base, urls.site(page.final_url))
    except ValueError as error:
        return Failed("not_a_feed", f"{select!r} is no CSS selector: {error}")
    found = [Item(link=url, title=words) for url, words in _distinct(pairs) if select or _speaks(words)]
    if not found:
        missing = f"the selector {select!r} finds no links" if select else "no links to articles are found"
        return Failed("not_a_feed", f"{missing} on this page")
    return entries.listing(found, page.final_url, now)


def selector(select: str) -> etree.XPath:
    """CSS selectors, compiled. Raises `ValueError` with what is wrong with them."""
    from cssselect import HTMLTranslator

    try:
        compiled = etree.XPath(HTMLTranslator().css_to_xpath(select))
        compiled(etree.Element("html"))  # a prefix that nobody declared is noticed only now
    except (SyntaxError, RuntimeError, ValueError, etree.XPathError) as error:
        raise ValueError(str(error) or "it cannot be read") from error
    return compiled


def _set_apart(root: html.HtmlElement) -> None:
    """Makes the words of each block stand apart, as on the screen, and leaves out what is no words."""
    etree.strip_elements(root, "script", "style", with_tail=False)
    for block in root.iter(*_BLOCKS):
        block.text, block.tail = f" {block.text or ''}", f" {block.tail or ''}"


def _distinct(found: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    """One pair an address, in the order of the first mention, under the longest words of all."""
    titles: dict[str, tuple[str, str]] = {}
    for url, words in found:
        first, longest = titles.get(key := urls.canonical(url), (url, ""))
        titles[key] = (first, max(longest, words, key=len))
    return titles.values()


def _recognised(root: html.HtmlElement, base: str, site: str) -> Iterator[tuple[str, str]]:
    etree.strip_elements(root, *_OUTSIDE, with_tail=False)
    for anchor in root.iter("a"):
        url = urls.absolute(base, anchor.get("href") or "")
        if url and urls.within(urls.site(url), site) and _like_article(url):
            yield url.split("#")[0], _words(anchor)


def _words(anchor: html.HtmlElement) -> str:
    return max(_seen(anchor), " ".join((anchor.get("title") or "").split()), key=len)


def _seen(element: html.HtmlElement) -> str:
    return " ".join(str(element.text_content()).split())


def _selected(root: html.HtmlElement, base: str, chosen: etree.XPath) -> Iterator[tuple[str, str]]:
    for element in chosen(root)[:_MAX_SELECTED]:
        heading = next(element.iter(*_HEADINGS), None)
        anchor = _link(element, heading)
        url = urls.absolute(base, anchor.get("href")) if anchor is not None else None
        if url:
            yield url.split("#")[0], (_seen(heading) if heading is not None else "") or _words(anchor) or _seen(element)


def _link(element: html.HtmlElement, heading: html.HtmlElement | None) -> html.HtmlElement | None:
    """The link that an element is, else that of its heading, else the first within, else the one it stands in."""
    if element.tag == "a" and element.get("href"):
        return element
    for place in (element,) if heading is None else (heading, element):
        for path in ("(descendant-or-self::a[@href])[1]", "ancestor::a[@href][1]"):
            if found := place.xpath(path):
                return found[0]
    return None


def _like_article(url: str) -> bool:
    """An address that carries a headline's words, a number, or a date; sections and tags carry neither."""
    path = unquote(urlsplit(url).path).rstrip("/")
    return not (_NO_ARTICLE.search(path) or _FILE.search(path)) and urls.names_article(url)


def _speaks(words: str) -> bool:
    """A headline; "More", a section's name or a count of comments is none."""
    return len(words) >= _FEWEST_LETTERS or len(words.split()) >= _FEWEST_WORDS
