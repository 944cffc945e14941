"""Pages as the fetcher would hand them on."""

from datetime import UTC, datetime

from monitor.model import Page

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def page(body: str | bytes, content_type: str = "", url: str = "https://albeu.com/feed/") -> Page:
    raw = body.encode() if isinstance(body, str) else body
    return Page(url, url, 200, raw, {"content-type": content_type} if content_type else {}, NOW)
