"""Pages that are no article but send the reader on: refreshes, scripts of one line, Google's interstitial, stubs of link shorteners."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import html

from monitor.collect import document
from monitor.model import Page
from monitor.text import urls

_LARGEST = 1_000_000  # Google's interstitial carries much script
_LARGEST_REFRESH = 65_536
_LARGEST_STUB = 8192
_LONGEST_DELAY = 10
# What a person may read on such a page, in characters; an article has more.
_MOST_TEXT, _MOST_TEXT_GOOGLE, _MOST_TEXT_STUB = 300, 1000, 200
_MOST_SCRIPT = 200

_GOOGLE = (b"data-n-au=", b"<c-wiz")
_DELAY = re.compile(r"\s*(\d{1,4})?(?:\.\d*)?\s*[;,\s]\s*(?:url\s*=\s*)?+(?:\"([^\"]+)|'([^']+)|([^\s\"'].*))", re.IGNORECASE)
_MOVE = re.compile(
    r"(?:\b(?:window|document|self|top|parent)\s*\.\s*)?\blocation(?:\s*\.\s*href)?\s*"
    r"(?:=\s*|\.\s*(?:replace|assign)\s*\(\s*)(?:\"([^\"\s]+)\"|'([^'\s]+)')\s*\)?"
)
_CHOICE = re.compile(r"\bif\b|\?|&&|\|\||\bswitch\b|\bwhile\b|//|/\*")  # it depends on something, or was commented out
_ESCAPED = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))")
_MOVED = re.compile(r"\bmoved\b|\bredirect(?:ing|ed)?\b|\b30[12378]\b", re.IGNORECASE)


def onward(page: Page) -> str | None:
    """The address to which this page sends its reader on at once; None for all that have something to read themselves."""
    size, kind = len(page.body), page.headers.get("content-type", "")
    google = size <= _LARGEST and any(mark in page.body for mark in _GOOGLE)
    refresh = size <= _LARGEST_REFRESH and b"refresh" in page.body.lower()
    stub = size <= _LARGEST_STUB
    if not (google or refresh or stub) or (kind and "html" not in kind.lower()):
        return None
    root = document.tree(page)
    if root is None:
        return None
    words, found = _words(root), list[str]()
    if refresh and words <= _MOST_TEXT:
        found += _refreshes(root)
    if google and words <= _MOST_TEXT_GOOGLE:
        found += _interstitial(root, page.final_url)
    if stub and words <= _MOST_TEXT_STUB:
        found += [*_scripted(root), *_only_link(root)]
    return _target(root, page, found)


def _words(root: html.HtmlElement) -> int:
    """How many characters a person could read."""
    silent = "ancestor::script or ancestor::style or ancestor::noscript or ancestor::template or ancestor::head"
    return sum(len("".join(str(text).split())) for text in root.xpath(f"//text()[not({silent})]"))


def _target(root: html.HtmlElement, page: Page, links: list[str]) -> str | None:
    """The first link that is an address other than that of the page itself: a page that only loads itself anew sends nobody on."""
    base = document.base(root, page)
    own = {urls.canonical(page.url), urls.canonical(page.final_url)}
    found = (urls.absolute(base, link.encode("utf-8", "ignore").decode()) for link in links)
    return next((url for url in found if url and urls.canonical(url) not in own), None)


def _refreshes(root: html.HtmlElement) -> Iterator[str]:
    for meta in root.iter("meta"):
        if (meta.get("http-equiv") or "").strip().lower() == "refresh" and (found := _DELAY.match(meta.get("content") or "")):
            delay, *links = found.groups()
            if int(delay or 0) <= _LONGEST_DELAY:
                yield next(filter(None, links)).strip()


def _interstitial(root: html.HtmlElement, own: str) -> Iterator[str]:
    """Of a page such as Google News opens before the article: the address it keeps, its one link outwards, or its canonical address."""
    yield from (str(link) for link in root.xpath("//@data-n-au"))
    if next(root.iter("c-wiz"), None) is None:
        return
    outward = {str(link) for link in root.xpath("//a[contains(@rel, 'nofollow')]/@href") if _elsewhere(str(link), own)}
    if len(outward) == 1:
        yield from outward
    yield from (str(link) for link in root.xpath("//link[@rel='canonical']/@href") if _elsewhere(str(link), own))


def _elsewhere(link: str, own: str) -> bool:
    return urls.is_http(link) and urlsplit(link).netloc != urlsplit(own).netloc


def _scripted(root: html.HtmlElement) -> list[str]:
    """Where a script sends the reader that does nothing else, whatever the browser is."""
    script = " ".join(node.text or "" for node in root.iter("script"))
    links = {_unescaped(found[1] or found[2]) for found in _MOVE.finditer(script)}
    rest = _MOVE.sub("", script)
    return list(links) if len(links) == 1 and len(rest) <= _MOST_SCRIPT and not _CHOICE.search(rest) else []


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(code, 16)) if (code := found[1] or found[2]) else found[3], text)


def _only_link(root: html.HtmlElement) -> list[str]:
    """The only link of a page whose title is an address, or says that what was here has moved."""
    links = {str(link) for link in root.xpath("//a/@href")}
    title = " ".join(str(root.xpath("string(//title)")).split())
    return list(links) if len(links) == 1 and (urls.is_http(title) or _MOVED.search(title)) else []
