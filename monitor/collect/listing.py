"""What a source's page lists, whatever kind of source it is."""

from __future__ import annotations

from datetime import datetime

from monitor.collect import feed, links, sitemap
from monitor.model import Failed, Listing, Page, SourceKind


def parse(kind: SourceKind, page: Page, now: datetime) -> Listing | Failed:
    """The entries that a page of this kind lists; `Failed` says what came instead."""
    parsers = {"feed": feed.parse, "sitemap": sitemap.parse, "links": links.parse}
    return parsers[kind](page, now)
