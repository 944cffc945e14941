"""RSS 0.9x, 1.0 (RDF) and 2.0, Atom and JSON Feed to a listing."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from monitor.collect import entries
from monitor.collect.entries import Item
from monitor.model import Failed, Listing, Page
from monitor.text import charset, markup

_ROOT = re.compile(r"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel|cdf)[\s>]", re.IGNORECASE)
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_TITLE = re.compile(r"<title[^<>]*>([^<]{0,200})", re.IGNORECASE)
# Illegal in XML; one of them costs the strict parser the whole feed.
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_HEAD = 65_536


def parse(page: Page, now: datetime) -> Listing | Failed:
    """The entries of a feed, each with an absolute link and plain text; `Failed("not_a_feed")` says what came instead."""
    text = charset.decode(page.body, page.headers.get("content-type", "")).lstrip("\ufeff \t\r\n\x00")
    if not text:
        return Failed("not_a_feed", "the answer is empty, not a feed")
    if text[0] == "{":
        return _json(text, page, now)
    head = text[:_HEAD]
    root, html = _ROOT.search(head), _HTML.search(head)
    if not root or (html and html.start() < root.start()):
        return Failed("not_a_feed", _instead(head, html is not None))
    return _xml(text, page, now)


def _instead(head: str, html: bool) -> str:
    title = _TITLE.search(head) if html else None
    if title and (words := markup.plain(title[1], 80)):
        return f"a web page came instead of a feed, titled “{words}”"
    return "a web page came instead of a feed" if html else "the answer is neither RSS nor Atom nor JSON Feed"


def _xml(text: str, page: Page, now: datetime) -> Listing | Failed:
    import feedparser

    headers = {"content-type": "application/xml; charset=utf-8", "content-location": page.final_url}
    # An open stream, never bytes or text: feedparser would try those as a file name or an address first.
    stream = io.BytesIO(_ILLEGAL.sub("", text).encode("utf-8", "replace"))
    try:
        parsed = feedparser.parse(stream, response_headers=headers, resolve_relative_uris=False, sanitize_html=False)
    except Exception as error:  # it lets any kind of error out on hostile input, and one feed must never stop the others
        return Failed("not_a_feed", f"the feed cannot be read ({type(error).__name__})")
    if not parsed.version and not parsed.entries:
        return Failed("not_a_feed", "the answer is XML, but no kind of feed")
    notes = (f"not well-formed ({_flaw(parsed)}); read as far as possible",) if parsed.bozo else ()
    return entries.listing(map(_item, parsed.entries), page.final_url, now, _ttl(parsed.feed), notes)


def _flaw(parsed: Any) -> str:
    return markup.plain(str(parsed.get("bozo_exception", "")), 120) or "unknown flaw"


def _item(raw: Any) -> Item:
    bodies = [str(part.get("value") or "") for part in raw.get("content") or ()]
    return Item(
        link=str(raw.get("feedburner_origlink") or raw.get("link") or ""),
        title=str(raw.get("title") or ""),
        summary=max([str(raw.get("summary") or ""), *bodies], key=len),
        guid=str(raw.get("id") or ""),
        date=_date(raw),
    )


def _date(raw: Any) -> str:
    """The date as written; as feedparser read it (it knows some Greek) where only a word of some language stands in our way."""
    name = next((name for name in ("published", "updated", "created") if raw.get(name)), "")
    text, read = str(raw.get(name) or ""), raw.get(f"{name}_parsed")
    return "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z".format(*read[:6]) if read and not text.isascii() else text


def _ttl(channel: Any) -> timedelta | None:
    """RSS's ttl in minutes. (`sy:updatePeriod` is not asked: every WordPress says "hourly" without meaning it.)"""
    value = str(channel.get("ttl") or "").strip()
    return timedelta(minutes=int(value)) if value.isascii() and value.isdigit() and len(value) <= 6 and int(value) else None


def _json(text: str, page: Page, now: datetime) -> Listing | Failed:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return Failed("not_a_feed", "the answer looks like JSON but cannot be read")
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list) or "jsonfeed.org" not in str(document.get("version")):
        return Failed("not_a_feed", "the answer is JSON, but not a JSON Feed")
    return entries.listing(_json_items(items), page.final_url, now)


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
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""
