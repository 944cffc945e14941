"""What an outlet answers with: its listing as RSS, Atom, RDF, JSON Feed, news sitemap or front page, and the full pages of its articles."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import jinja2

from monitor.demo.newsroom.stock import FOLDER, NewsArticle, Outlet, furniture

_CONTENT_TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "rdf": "application/rdf+xml",
    "json": "application/feed+json",
    "sitemap": "application/xml",
    "front": "text/html",
}
_TEMPLATES = {"rss": "rss.xml", "atom": "atom.xml", "rdf": "rdf.xml", "sitemap": "sitemap.xml", "front": "front.html"}
_NOTHING_YET = datetime(2017, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Document:
    """An answer before it meets the wire. The charset stands in the document itself, as with many real outlets, not in the header."""

    body: bytes
    content_type: str
    status: int = 200
    modified: datetime | None = None


def listing(outlet: Outlet, articles: Sequence[NewsArticle], base: str) -> Document:
    """The outlet's source document, newest article first."""
    newest = sorted(articles, key=lambda article: article.published, reverse=True)
    modified = newest[0].published if newest else _NOTHING_YET
    if outlet.format == "json":
        body = json.dumps(_json_feed(outlet, newest, base), ensure_ascii=False, indent=1)
    else:
        body = _render(_TEMPLATES[outlet.format], outlet, base, articles=newest, modified=modified)
    return Document(_encoded(body, outlet), _CONTENT_TYPES[outlet.format], modified=modified)


def page(outlet: Outlet, article: NewsArticle, base: str) -> Document:
    """The article's page with everything that real pages put around the text; or the 403 that some give to machines."""
    if article.body == "403":
        return Document(_encoded(_render("denied.html", outlet, base), outlet), "text/html", status=403)
    text = _render(f"{outlet.layout}.html", outlet, base, article=article, paragraphs=article.text.split("\n\n"))
    return Document(_encoded(text, outlet), "text/html", modified=article.published)


def robots() -> Document:
    return Document(b"User-agent: *\nDisallow: /admin/\nDisallow: /search\n", "text/plain")


def garbage() -> Document:
    """What a broken publishing system answers for its feed: no XML, and a status that says so."""
    return Document(b"\x00\xff\xfe<?xml ve<<rsion>PHP Fatal error: Allowed memory size exhausted", "text/html", status=500)


def missing() -> Document:
    return Document(b"<!doctype html><title>404</title><h1>404 Not Found</h1>", "text/html", status=404)


def _json_feed(outlet: Outlet, articles: Sequence[NewsArticle], base: str) -> dict[str, Any]:
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": f"{base}/",
        "feed_url": f"{base}{outlet.source_path}",
        "language": outlet.lang,
        "items": [_json_item(outlet, article, base) for article in articles],
    }


def _json_item(outlet: Outlet, article: NewsArticle, base: str) -> dict[str, Any]:
    url = base + article.path(outlet.section)
    item = {"id": url, "url": url, "title": article.title, "summary": article.summary}
    return item | {"date_published": article.published.isoformat()} if outlet.dates else item


def _encoded(text: str, outlet: Outlet) -> bytes:
    return text.encode(outlet.encoding, "xmlcharrefreplace")


def _render(template: str, outlet: Outlet, base: str, **values: Any) -> str:
    return _templates().get_template(template).render(outlet=outlet, base=base, around=_around(outlet.lang), **values)


@functools.cache
def _around(lang: str) -> Any:
    return furniture()[lang]


@functools.cache
def _templates() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(FOLDER / "templates")
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False
    )
    environment.filters |= {"rfc822": format_datetime, "iso": datetime.isoformat}
    return environment
