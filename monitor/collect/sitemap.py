"""Sitemaps, with or without the news extension, to a listing; an index of sitemaps to the parts that are worth reading now."""

from __future__ import annotations

import re
import zlib
from datetime import UTC, datetime
from itertools import islice

from lxml import etree

from monitor.collect import entries, sitemapindex
from monitor.collect.entries import Item
from monitor.model import Failed, Listing, Page
from monitor.text import charset, dates

_MAX_UNPACKED = 50_000_000  # what the protocol allows one sitemap
_MAX_URLS = 50_000
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_MAX_CHILDREN = 50_000
_NEVER = datetime.min.replace(tzinfo=UTC)


def parse(page: Page, now: datetime) -> Listing | Failed:
    """The newest addresses of a sitemap; those without the news extension have no title yet."""
    body = _unpacked(page.body)
    if body is None:
        return Failed("not_a_feed", "the packed sitemap is damaged or unpacks to more than 50 MB")
    root = _root(charset.decode(body, page.headers.get("content-type", "")))
    kind = etree.QName(root).localname if root is not None else ""
    if root is None or kind not in ("urlset", "sitemapindex"):
        return Failed("not_a_feed", "the answer is no sitemap")
    if kind == "sitemapindex":
        return sitemapindex.listing(_children(root), page.final_url, now)
    items = [_item(url) for url in islice(root.iterfind("{*}url"), _MAX_URLS)]
    items.sort(key=lambda item: dates.parse(item.date, now) or _NEVER, reverse=True)
    return entries.listing(items, page.final_url, now)


def _unpacked(body: bytes) -> bytes | None:
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        text = unpack.decompress(body, _MAX_UNPACKED)
    except zlib.error:
        return None
    return text if unpack.eof else None


def _root(text: str) -> etree._Element | None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, encoding="utf-8")
    try:
        return etree.fromstring(_DECLARATION.sub("", text).strip().encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _text(parent: etree._Element | None, name: str) -> str:
    """The text of a child, by its local name: the namespaces are often misspelt."""
    found = parent.find(f"{{*}}{name}") if parent is not None else None
    return (found.text or "").strip() if found is not None else ""


def _item(url: etree._Element) -> Item:
    news = url.find("{*}news")
    return Item(
        link=_text(url, "loc"),
        title=_text(news, "title"),
        summary=_text(news, "keywords"),
        date=_text(news, "publication_date") or _text(url, "lastmod"),
    )


def _children(root: etree._Element) -> list[tuple[str, str]]:
    """Address and date of each sitemap of an index, as written."""
    return [(_text(child, "loc"), _text(child, "lastmod")) for child in islice(root.iterfind("{*}sitemap"), _MAX_CHILDREN)]
