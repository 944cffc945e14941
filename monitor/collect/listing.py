"""What a source's page lists, whatever kind of source it is."""

from __future__ import annotations

from datetime import datetime

from monitor.collect import feed, links, sitemap
from monitor.model import Failed, Listing, Page, Source


def parse(source: Source, page: Page, now: datetime) -> Listing | Failed:
    """The entries that a page of this source lists; `Failed` says what came instead. No page comes of an archive."""
    if source.kind == "links":
        return links.parse(page, now, source.select)
    return sitemap.parse(page, now) if source.kind == "sitemap" else feed.parse(page, now, source.lang)
