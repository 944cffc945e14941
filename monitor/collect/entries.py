"""From what any kind of source lists to entries: links made absolute, text made plain, everything capped, repeats dropped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from monitor.model import Entry, Listing
from monitor.text import dates, markup, urls

MAX_ENTRIES = 500
MAX_TITLE = 500
MAX_SUMMARY = 10_000
MAX_GUID = 2048


@dataclass(frozen=True, slots=True)
class Item:
    """One item as the source wrote it: the link perhaps relative, title and summary perhaps HTML, the date a string."""

    link: str
    title: str = ""
    summary: str = ""
    guid: str = ""
    date: str | None = None


def listing(items: Iterable[Item], base: str, now: datetime, ttl: timedelta | None = None, notes: tuple[str, ...] = ()) -> Listing:
    """At most 500 entries in the source's order, with a note for what was left out."""
    items = list(islice(items, MAX_ENTRIES + 1))
    found = [entry for item in items[:MAX_ENTRIES] if (entry := _entry(item, base, now))]
    if len(items) > MAX_ENTRIES:
        notes += (f"more than {MAX_ENTRIES} entries; the rest was left out",)
    if missing := len(items[:MAX_ENTRIES]) - len(found):
        notes += (f"{missing} entries without a usable link were left out",)
    return Listing(_distinct(found), ttl, notes)


def _entry(item: Item, base: str, now: datetime) -> Entry | None:
    url = urls.absolute(base, item.link) if item.link.strip() else None
    # A guid is often the only place where the address stands.
    url = url or (item.guid.strip() if urls.is_http(item.guid.strip()) else None)
    if url is None:
        return None
    guid = item.guid.strip()
    return Entry(
        guid=guid if 0 < len(guid) <= MAX_GUID else urls.canonical(url),
        url=url,
        title=markup.plain(item.title, MAX_TITLE),
        summary=markup.plain(item.summary, MAX_SUMMARY),
        published=dates.parse(item.date, now),
    )


def _distinct(found: list[Entry]) -> tuple[Entry, ...]:
    """One entry a guid. A guid given to several articles identifies nothing; there the address takes its place."""
    uses = Counter(guid for guid, _ in {(entry.guid, urls.canonical(entry.url)) for entry in found})
    distinct: dict[str, Entry] = {}
    for entry in found:
        guid = entry.guid if uses[entry.guid] == 1 else urls.canonical(entry.url)
        distinct.setdefault(guid, replace(entry, guid=guid))
    return tuple(distinct.values())
