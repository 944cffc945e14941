"""RSS 0.9x, 1.0 (RDF) and 2.0, Atom and JSON Feed to a listing."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from itertools import islice
from typing import Any

from monitor.collect import affordable, entries, plainfeed
from monitor.collect.entries import Item
from monitor.model import Failed, Listing, Page
from monitor.text import charset, markup, urls

_ROOT = re.compile(r"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel|cdf)[\s>]", re.IGNORECASE)
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_TITLE = re.compile(r"<title[^<>]*>([^<]{0,200})", re.IGNORECASE)
# Illegal in XML; one of them costs the strict parser the whole feed.
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_HEAD = 65_536
_LINK = re.compile(r"<link\b([^<>]{1,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(?<![\w-])([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_FEED_TYPE = re.compile(r"application/(?:rss\+xml|atom\+xml|feed\+json)", re.IGNORECASE)
_MOST_LINKS = 500


def parse(page: Page, now: datetime, lang: str | None = None) -> Listing | Failed:
    """The entries of a feed, each with an absolute link and plain text; `Failed("not_a_feed")` says what came instead.

    `lang` is the source's language, in which dates may be written.
    """
    answer = plainly(page, now, lang)
    return _by_feedparser(_text(page), page, now, lang) if answer is None else answer


def plainly(page: Page, now: datetime, lang: str | None = None) -> Listing | Failed | None:
    """What `parse` answers, if that is quickly found out; None if feedparser has to read it."""
    text = _text(page)
    if not text:
        return Failed("not_a_feed", "the answer is empty, not a feed")
    if text[0] == "{":
        return _json(text, page, now, lang)
    head = text[:_HEAD]
    root, html = _ROOT.search(head), _HTML.search(head)
    if not root or (html and html.start() < root.start()):
        return Failed("not_a_feed", _instead(text, page) if html else "the answer is neither RSS nor Atom nor JSON Feed")
    found = plainfeed.read(text, page.final_url)
    return entries.listing(found[0], page.final_url, now, _ttl(found[1]), lang=lang) if found else None


def _text(page: Page) -> str:
    text = charset.decode(page.body, page.headers.get("content-type", ""))
    return _ILLEGAL.sub("", text).lstrip("\ufeff \t\r\n")


def _instead(text: str, page: Page) -> str:
    """What to say of a web page: its title, and the feed that it names, if any."""
    title = _TITLE.search(text[:_HEAD])
    words = markup.plain(title[1], 80) if title else ""
    titled = f", titled “{words}”" if words else ""
    feed = next(_named_feeds(text, page.final_url), None)
    return f"a web page came instead of a feed{titled}" + (f"; it names this feed: {feed}" if feed else "")


def _named_feeds(text: str, base: str) -> Iterator[str]:
    for link in islice(_LINK.finditer(text), _MOST_LINKS):
        found = {name.lower(): unescape(quoted or single or bare) for name, quoted, single, bare in _ATTRIBUTE.findall(link[1])}
        wanted = "alternate" in found.get("rel", "").lower().split() and _FEED_TYPE.match(found.get("type", "").strip())
        address = urls.absolute(base, found["href"]) if wanted and found.get("href") else None
        if address:
            yield address


def _by_feedparser(text: str, page: Page, now: datetime, lang: str | None = None) -> Listing | Failed:
    import feedparser

    root = found.start() if (found := _ROOT.search(text)) else 0
    if reason := affordable.objection(text, root):
        return Failed("not_a_feed", reason)
    text, notes = affordable.affordable(text, root)
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": page.final_url}
    # An open stream, never bytes or text: feedparser would try those as a file name or an address first.
    stream = io.BytesIO(text.encode("utf-8", "replace"))
    try:
        parsed = feedparser.parse(stream, response_headers=headers, resolve_relative_uris=False, sanitize_html=False)
    except Exception as error:  # it lets any kind of error out on hostile input, and one feed must never stop the others
        return Failed("not_a_feed", f"the feed cannot be read ({type(error).__name__})")
    if not parsed.version and not parsed.entries:
        return Failed("not_a_feed", "the answer is XML, but no kind of feed")
    listing = entries.listing(map(_item, parsed.entries), page.final_url, now, _ttl(parsed.feed.get("ttl")), notes, lang)
    if not parsed.bozo:
        return listing
    if not listing.entries:
        return Failed("not_a_feed", f"the feed is broken ({_flaw(parsed)}), and nothing in it can be read")
    return replace(listing, notes=(f"not well-formed ({_flaw(parsed)}); read as far as possible", *listing.notes))


def _flaw(parsed: Any) -> str:
    return markup.plain(str(parsed.get("bozo_exception", "")), 120) or "unknown flaw"


def _item(raw: Any) -> Item:
    bodies = [str(part.get("value") or "") for part in raw.get("content") or ()]
    return Item(
        link=str(raw.get("feedburner_origlink") or raw.get("link") or ""),
        title=str(raw.get("title") or ""),
        summary=max([str(raw.get("summary") or ""), *bodies], key=len),
        guid=str(raw.get("id") or ""),
        date=next((str(raw[name]) for name in ("published", "updated", "created") if dict.get(raw, name)), ""),
    )


def _ttl(written: object) -> timedelta | None:
    """RSS's ttl in minutes. (`sy:updatePeriod` is not asked: every WordPress says "hourly" without meaning it.)"""
    value = str(written or "").strip()
    return timedelta(minutes=int(value)) if value.isascii() and value.isdigit() and len(value) <= 6 and int(value) else None


def _json(text: str, page: Page, now: datetime, lang: str | None) -> Listing | Failed:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return Failed("not_a_feed", "the answer looks like JSON but cannot be read")
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list) or "jsonfeed.org" not in _string(document, "version"):
        return Failed("not_a_feed", "the answer is JSON, but not a JSON Feed")
    return entries.listing(_json_items(items), page.final_url, now, lang=lang)


def _json_items(items: list[Any]) -> Iterator[Item]:
    for raw in items:
        value = raw if isinstance(raw, dict) else {}
        bodies = [_string(value, key) for key in ("content_html", "content_text", "summary")]
        address = _string(value, "url") or _string(value, "external_url")
        yield Item(
            link=address,
            title=_string(value, "title"),
            summary=max(bodies, key=len),
            guid=_string(value, "id"),
            date=_string(value, "date_published") or _string(value, "date_modified"),
        )


def _string(value: dict[str, Any], key: str) -> str:
    found = value.get(key)
    text = str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""
    return text.encode("utf-8", "ignore").decode()  # without halves of characters, which JSON can write
