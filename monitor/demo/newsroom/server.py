"""The newsroom on the wire: every outlet a virtual host of one loopback server, publishing its articles edition by edition."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime
from types import TracebackType
from typing import Self
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.demo.loopback import LoopbackServer
from monitor.demo.newsroom import documents
from monitor.demo.newsroom.documents import Document
from monitor.demo.newsroom.stock import NewsArticle, Outlet, load, outlets, sources
from monitor.model import Source


@dataclass(frozen=True, slots=True)
class Traffic:
    """How often the newsroom was asked, and how often it answered 304. `paths` counts requests by host and decoded path."""

    requests: int
    not_modified: int
    paths: Mapping[str, int]


class Newsroom:
    """Serves the outlets at `http://<label>.localhost:<port>`, each with its articles of the editions up to `edition`.

    `edition` may be set at any time: the next answers have the newer articles too.
    """

    def __init__(self, edition: int = 1, port: int = 0) -> None:
        self.edition = edition
        self._articles = load()
        self._outlets = {outlet.host: outlet for outlet in outlets()}
        self._lock = threading.Lock()
        self._paths: Counter[str] = Counter()
        self._not_modified = 0
        self._server = LoopbackServer(Starlette(routes=[Route("/{path:path}", self._answer)]), port)

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.__exit__(kind, error, trace)

    @property
    def port(self) -> int:
        return self._server.port

    def sources(self) -> tuple[Source, ...]:
        return sources(self.port)

    def url(self, article: NewsArticle) -> str:
        """Where the article's page is served."""
        outlet = next(outlet for outlet in self._outlets.values() if outlet.key == article.outlet)
        return self._base(outlet) + article.path(outlet.section)

    def traffic(self) -> Traffic:
        with self._lock:
            return Traffic(self._paths.total(), self._not_modified, dict(self._paths))

    async def _answer(self, request: Request) -> Response:
        host = request.url.hostname or ""
        self._count(host + request.url.path)
        outlet = self._outlets.get(host)
        if outlet is None:
            return _response(documents.missing())
        if request.url.path == outlet.source_path:
            await asyncio.sleep(outlet.delay)
        response = _response(self._document(outlet, request.url.path))
        if _unchanged(request, response):
            self._count_not_modified()
            return Response(status_code=304, headers={name: response.headers[name] for name in ("etag", "last-modified")})
        return response

    def _document(self, outlet: Outlet, path: str) -> Document:
        if path == "/robots.txt":
            return documents.robots()
        published = [article for article in self._articles if article.outlet == outlet.key and article.edition <= self.edition]
        if path == outlet.source_path:
            return documents.garbage() if outlet.dead else documents.listing(outlet, published, self._base(outlet))
        found = [article for article in published if unquote(article.path(outlet.section)) == unquote(path)]
        return documents.page(outlet, found[0], self._base(outlet)) if found else documents.missing()

    def _base(self, outlet: Outlet) -> str:
        return f"http://{outlet.host}:{self.port}"

    def _count(self, path: str) -> None:
        with self._lock:
            self._paths[unquote(path)] += 1

    def _count_not_modified(self) -> None:
        with self._lock:
            self._not_modified += 1


def _response(document: Document) -> Response:
    # The header is set by hand: `media_type` would add a charset, which must stand in the document alone.
    headers = {"content-type": document.content_type}
    if document.modified:
        headers["etag"] = f'"{hashlib.sha256(document.body).hexdigest()[:20]}"'
        headers["last-modified"] = format_datetime(document.modified.astimezone(UTC), usegmt=True)
    return Response(document.body, document.status, headers)


def _unchanged(request: Request, response: Response) -> bool:
    """RFC 9110: an If-None-Match decides alone; If-Modified-Since counts only without it."""
    if "etag" not in response.headers:
        return False
    if known := request.headers.get("if-none-match"):
        return response.headers["etag"] in [tag.strip().removeprefix("W/") for tag in known.split(",")]
    return request.headers.get("if-modified-since") == response.headers["last-modified"]
