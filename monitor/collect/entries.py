"""From what any kind of source lists to entries: links made absolute, text made plain, everything capped, repeats dropped."""

from __future__ import annotations

import re
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

# An address that joining it to another leaves as it is, and fit to fetch if it is not too long.
WHOLE = re.compile(
    r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::[0-5]?[0-9]{1,4})?(?:/[^\s\x00-\x1f\x7f;?#]*)?(?:\?[^\s\x00-\x1f\x7f#]+)?(?:#[^\s\x00-\x1f\x7f]+)?"
)
_WRAPPING = re.compile(r"http|google", re.IGNORECASE)  # an address that may hold another
# What no database keeps.
_UNKEPT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Item:
    """One item as the source wrote it: the link perhaps relative, title and summary perhaps HTML, the date a string."""

    link: str
    title: str = ""
    summary: str = ""
    guid: str = ""
    date: str | None = None


def listing(
    items: Iterable[Item],
    base: str,
    now: datetime,
    ttl: timedelta | None = None,
    notes: tuple[str, ...] = (),
    lang: str | None = None,
) -> Listing:
    """At most 500 entries in the source's order, with a note for what was left out. `lang` is that of dates in words."""
    items = list(islice(items, MAX_ENTRIES + 1))
    found = [entry for item in items[:MAX_ENTRIES] if (entry := _entry(item, base, now, lang))]
    if len(items) > MAX_ENTRIES:
        notes += (f"more than {MAX_ENTRIES} entries; the rest was left out",)
    if missing := len(items[:MAX_ENTRIES]) - len(found):
        notes += (f"{missing} entries without a usable link were left out",)
    return Listing(_distinct(found), ttl, notes)


def _entry(item: Item, base: str, now: datetime, lang: str | None) -> Entry | None:
    guid = _UNKEPT.sub("", item.guid).strip()
    url = _url(item.link, base) or (guid if urls.is_http(guid) else None)  # a guid is often the only place where the address stands
    if url is None:
        return None
    return Entry(
        guid=guid if 0 < len(guid) <= MAX_GUID else urls.canonical(url),
        url=url,
        title=markup.plain(item.title, MAX_TITLE),
        summary=markup.plain(item.summary, MAX_SUMMARY),
        published=dates.parse(item.date, now, lang),
    )


def _url(link: str, base: str) -> str | None:
    sound = WHOLE.fullmatch(link) and len(link) <= urls.MAX_URL
    url = link if sound else urls.absolute(base, link) if link.strip() else None
    return urls.unwrapped(url) if url and _WRAPPING.search(url, 4) else url


def _distinct(found: list[Entry]) -> tuple[Entry, ...]:
    """One entry a guid. A guid given to several articles identifies nothing; there the address takes its place."""
    listed = Counter(entry.guid for entry in found)
    repeated = {(entry.guid, urls.canonical(entry.url)) for entry in found if listed[entry.guid] > 1}
    articles = Counter(guid for guid, _ in repeated)
    distinct: dict[str, Entry] = {}
    for entry in found:
        own = entry if articles[entry.guid] <= 1 else replace(entry, guid=urls.canonical(entry.url))
        distinct.setdefault(own.guid, own)
    return tuple(distinct.values())
