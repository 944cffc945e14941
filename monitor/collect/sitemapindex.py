"""Which sitemaps of an index are worth reading now: few, those that hold news, the newest first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

from monitor.model import Listing
from monitor.text import dates, urls

_MOST = 5
_RECENT = timedelta(days=3)
_NEVER = datetime.min.replace(tzinfo=UTC)
_NUMBER = re.compile(r"\d+")
# Names that the protocol and the usual systems give, not words of a language: all the world's WordPress writes `post-sitemap2.xml`.
_NEWS = re.compile(r"(?:google|sitemap|(?<![a-z]))news(?:sitemap|(?![a-z]))")
_ARTICLES = re.compile(r"(?<![a-z])(?:posts?|articles?)(?![a-z])")
_OTHERS = re.compile(
    r"(?<![a-z])(?:pages?(?!=)|categor(?:y|ies)|post[-_](?:tag|format)s?|tags?|taxonom(?:y|ies)|authors?|users?|products?|images?|videos?"
    r"|attachments?)(?![a-z])"
)


@dataclass(frozen=True, slots=True)
class _Child:
    url: str
    modified: datetime | None
    rank: int
    family: str
    numbers: tuple[int, ...]


def listing(children: Iterable[tuple[str, str]], base: str, now: datetime) -> Listing:
    """At most five sitemaps of the index's own site as `parts`, of the addresses and dates given; a note says how many are left."""
    found = list(children)
    own = list(_own(found, base, now))
    parts = tuple(child.url for child in _ordered(_worthwhile(own, now))[:_MOST])
    notes: tuple[str, ...] = (f"this is an index of {len(found)} sitemaps; {len(parts)} are read, {len(found) - len(parts)} left",)
    if unfit := len(found) - len(own):
        notes += (f"{unfit} sitemaps of the index are repeated, of another site or without a usable address",)
    return Listing((), notes=notes, parts=parts)


def _own(children: list[tuple[str, str]], base: str, now: datetime) -> Iterator[_Child]:
    owner = urls.owner(urls.site(base))
    seen = {urls.canonical(base)}
    for link, modified in children:
        url = urls.absolute(base, link) if link else None
        if url and urls.owner(urls.site(url)) == owner and (key := urls.canonical(url)) not in seen:
            seen.add(key)
            yield _child(url, dates.parse(modified, now))


def _child(url: str, modified: datetime | None) -> _Child:
    parts = urlsplit(url)
    name = unquote(f"{parts.path}?{parts.query}").lower()
    numbers = tuple(int(number[:18]) for number in _NUMBER.findall(name))
    return _Child(url, modified, _rank(name), _NUMBER.sub("#", url.lower()), numbers)


def _rank(name: str) -> int:
    """0 for news, 1 for articles, 2 if the name does not tell, 3 for what holds no articles."""
    if _OTHERS.search(name):
        return 3
    if _NEWS.search(name):
        return 0
    return 1 if _ARTICLES.search(name) else 2


def _worthwhile(children: list[_Child], now: datetime) -> list[_Child]:
    """Without those that hold no articles and those not touched for days, as far as there are others."""
    telling = [child for child in children if child.rank < 3] or children
    recent = [child for child in telling if child.modified is None or child.modified >= now - _RECENT]
    return recent if any(child.modified for child in recent) else telling


def _ordered(children: list[_Child]) -> list[_Child]:
    """News, then what changed last; where dates do not tell, articles, then the first of each row of numbered ones, then the second."""
    families: dict[str, list[_Child]] = {}
    for child in children:
        families.setdefault(child.family, []).append(child)
    placed = [(place, child) for family in families.values() for place, child in enumerate(_row(family))]
    placed.sort(key=lambda pair: (pair[1].rank != 0, -_instant(pair[1]), pair[1].rank, pair[0]))
    return [child for _, child in placed]


def _row(family: list[_Child]) -> list[_Child]:
    """Sitemaps whose names differ by numbers only, the newest first: by their dates, else by the numbers.

    Mostly the highest number is the newest, sometimes the lowest: both are read, and none between them. Years and days only grow.
    """
    row = sorted(family, key=lambda child: (child.modified or _NEVER, child.numbers), reverse=True)
    if len({child.modified for child in row}) > 1 or len(row) <= 2:
        return row
    return [row[0], row[1] if _dated(row[0]) else row[-1]]


def _dated(child: _Child) -> bool:
    return any(1995 <= int(str(number)[:4]) <= 2100 for number in child.numbers if len(str(number)) in (4, 6, 8))


def _instant(child: _Child) -> float:
    return (child.modified or _NEVER).timestamp()
