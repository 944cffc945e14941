"""What a source's page lists, whatever kind of source it is."""

from __future__ import annotations

from datetime import datetime

from monitor.collect import feed, links, sitemap
from monitor.model import Failed, Listing, Page, SourceKind


def parse(kind: SourceKind, page: Page, now: datetime, select: str = "") -> Listing | Failed:
    """The entries that a page of this kind lists; `Failed` says what came instead. `select` picks the links of a page of links."""
    if kind == "links":
        return links.parse(page, now, select)
    return {"feed": feed.parse, "sitemap": sitemap.parse}[kind](page, now)
