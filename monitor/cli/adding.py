"""`monitor sources add`: finds out what an address lists, or where its site lists its news, and writes that down as a source."""

from __future__ import annotations

import asyncio
import inspect
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urljoin

import typer

from monitor.cli import output
from monitor.cli.checking import KINDS, OLD, Asker, asker, broken, examine, newest
from monitor.cli.run import loaded
from monitor.errors import InputError, MonitorError
from monitor.model import Failed, Listing, Page, Source, SourceKind
from monitor.settings import Settings, default_folder
from monitor.text import urls

if TYPE_CHECKING:
    from monitor.collect.discover import Candidate

_MOST_TRIED = 10  # addresses of a site that are tried to find out where it lists its news
_FEWEST_LINKS = 5
_LIVING_FEED = 5
_TITLES = 3
_ARCHIVE = re.compile(r"\.warc(?:\.gz)?$", re.IGNORECASE)
_FILE = re.compile(r"[\w.-]+\.toml")


@dataclass(frozen=True, slots=True)
class Wish:
    """What to add, and how it is to be written down."""

    url: Annotated[str, typer.Argument(help="A feed, a sitemap, a section, or the home page of a site.")]
    key: Annotated[str | None, typer.Option(help="The source's key; else made from country and site.")] = None
    name: Annotated[str | None, typer.Option(help="The outlet's name; else the site's.")] = None
    country: Annotated[str | None, typer.Option(help="Where the outlet is: a code such as AL, or its English name.")] = None
    lang: Annotated[str | None, typer.Option(help="The language it writes in, such as sq or sr-Latn.")] = None
    select: Annotated[str | None, typer.Option(help="CSS selector of the links to articles on this very page.")] = None
    file: Annotated[str | None, typer.Option(help="The file to write to; else that of the country.")] = None
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only says what would be added.")] = False
    as_json: output.Json = False


@dataclass(frozen=True, slots=True)
class Found:
    """An address that lists news, and how it was found."""

    url: str
    kind: SourceKind
    listing: Listing
    why: str = ""


def register(group: typer.Typer) -> None:
    def command(**values: Any) -> None:
        add(Wish(**values))

    # The options are the fields of a wish: more than a function should take one by one.
    command.__signature__ = inspect.signature(Wish, eval_str=True)  # type: ignore[attr-defined]  # functions have it
    command.__doc__ = add.__doc__
    group.command("add", epilog="Example: monitor sources add https://www.albeu.com --country AL --lang sq")(command)


def editable() -> Path:
    """The folder of the files of sources. Raises `InputError` if it is part of the program: what is edited there is lost with an update."""
    folder = default_folder(os.environ)
    if folder.resolve().is_relative_to(Path(__file__).resolve().parents[1]):
        raise InputError(f"{folder} is part of the program; copy it to a folder of your own and set MONITOR_CONFIG to that")
    return folder / "sources"


def add(wish: Wish) -> None:
    """Finds out what an address lists, trying the likely places of a site where it is a home page, and adds that as a source; a running
    daemon takes it up by itself. Exit status 1 if it lists no news, or is a source already."""
    from monitor.collect import sourcefile

    found = loaded()
    folder = found.folder / "sources" if wish.dry_run else editable()
    known = sourcefile.listed(folder)
    url = _address(wish.url)
    _checked(_row(wish, url, "links" if wish.select else "feed", known))
    _unknown(url, known)
    listed = asyncio.run(_find(found, url, wish.select or "", known))
    if isinstance(listed, Failed):
        raise MonitorError(f"{url}: {listed.detail}")
    _unknown(listed.url, known)
    source = _checked(_row(wish, listed.url, listed.kind, known))
    path = folder / _file(wish, source)
    if not wish.dry_run:
        sourcefile.add(folder, path.name, [source])
    _tell(wish, source, listed, path)


def _address(url: str) -> str:
    if _ARCHIVE.search(url):
        raise InputError(f"{url}: an archive; read it with `monitor backfill FILE`")
    return url if "://" in url else f"https://{url}"


def _row(wish: Wish, url: str, kind: SourceKind, known: Sequence[Source]) -> dict[str, Any]:
    """The source by the names of the settings; what was not said is guessed."""
    from monitor.collect.sourcefile import new_key

    site = urls.site(url)
    guessed = urls.country_of(site)
    country = output.country(wish.country) if wish.country else guessed if guessed in {each.country for each in known} else None
    keys = {each.key for each in known}
    key = wish.key or new_key(country, url, keys.__contains__)
    row = {"key": key, "name": wish.name or site, "url": url, "kind": kind, "country": country, "lang": wish.lang}
    row |= {"select": wish.select, "why": f"added on {datetime.now(UTC):%Y-%m-%d}"}
    return {name: value for name, value in row.items() if value}


def _checked(row: dict[str, Any]) -> Source:
    from monitor.collect import sources

    if flaws := list(sources.flaws(row)):
        raise InputError("\n".join(flaws))
    return Source(**{"outlet": urls.site(row["url"])} | row)


def _unknown(url: str, known: Sequence[Source]) -> None:
    address = urls.canonical(url)
    for each in known:
        if urls.canonical(each.url) == address:
            raise MonitorError(f"{url} is a source already: {each.key} ({'on' if each.enabled else f'off: {each.why}'})")


def _file(wish: Wish, source: Source) -> str:
    name = wish.file or f"{source.country or 'INT'}.toml"
    if not _FILE.fullmatch(name):
        raise InputError(f"--file: {name!r} is not the name of a file in sources/, such as AL.toml")
    return name


# What is there


async def _find(settings: Settings, url: str, select: str, known: Sequence[Source]) -> Found | Failed:
    async with asker(settings, known) as asking:
        outcome = await asking.fetch(url)
        if isinstance(outcome, Failed):
            return outcome
        if outcome.page.body.startswith(b"WARC/"):
            return Failed("not_a_feed", "an archive; read it with `monitor backfill FILE`")
        source = Source("", "", outcome.moved_to or url, "links" if select else "feed", select=select)
        kind, listed = await asking.read(examine, (source, outcome.page), broken)
        if isinstance(listed, Listing) or select:
            read = await asking.opened(listed) if isinstance(listed, Listing) else listed
            return read if isinstance(read, Failed) else Found(source.url, kind, read)
        robots = await asking.fetch(urljoin(outcome.page.final_url, "/robots.txt"))
        rules = b"" if isinstance(robots, Failed) else robots.page.body
        places = await asking.read(_places, (outcome.page, rules), _nowhere)
        nothing = f"no news is listed there, nor at {len(places)} likely places of its site; is there a better address, or a --select?"
        return await _best(asking, outcome.page, places) or Failed("not_a_feed", nothing)


def _places(pages: Sequence[tuple[Page, bytes]]) -> list[list[Candidate]]:
    """Where to look on each page's site, the likeliest first; at last the page itself. Feeds of comments are no news."""
    from monitor.collect import discover

    found: list[list[Candidate]] = []
    for page, robots in pages:
        candidates = discover.candidates(page, robots)
        others = list(takewhile(lambda place: place.kind != "links", candidates))
        found.append([*others[:_MOST_TRIED], *(place for place in candidates if place.kind == "links")])
    return found


def _nowhere(_: object, __: str) -> list[Candidate]:
    return []


async def _best(asking: Asker, page: Page, places: Sequence[Candidate]) -> Found | None:
    """The first place with a feed that lives; without one, the first of the best others."""
    best, reached = None, 0
    for place in places:
        found = await _there(asking, page, place)
        rank = _rank(found, datetime.now(UTC)) if found else 0
        if rank > reached:
            best, reached = found, rank
        if reached == _LIVING_FEED:
            break
    return best


async def _there(asking: Asker, page: Page, place: Candidate) -> Found | None:
    url = place.url
    if place.kind != "links":
        outcome = await asking.fetch(url)
        if isinstance(outcome, Failed):
            return None
        page, url = outcome.page, outcome.moved_to or url
    kind, listed = await asking.read(examine, (Source("", "", url, place.kind), page), broken)
    read = await asking.opened(listed) if isinstance(listed, Listing) else listed
    return None if isinstance(read, Failed) else Found(url, kind, read, place.why)


def _rank(found: Found, now: datetime) -> int:
    """A feed that lives, a sitemap with headlines, a page with links to articles, whatever else lists something, an empty list."""
    entries, dated = found.listing.entries, newest(found.listing)
    if not entries:
        return 1
    if dated is None or now - dated <= OLD:
        if found.kind == "feed":
            return _LIVING_FEED
        if found.kind == "sitemap" and entries[0].title:
            return 4
    return 3 if found.kind == "links" and len(entries) >= _FEWEST_LINKS else 2


def _tell(wish: Wish, source: Source, found: Found, path: Path) -> None:
    entries, dated = found.listing.entries, newest(found.listing)
    titles = [entry.title or entry.url for entry in entries[:_TITLES]]
    written = {field.name: getattr(source, field.name) for field in fields(source)}
    if wish.as_json:
        more = {
            "entries": len(entries),
            "newest": dated,
            "titles": titles,
            "found": found.why,
            "file": str(path),
            "added": not wish.dry_run,
        }
        output.as_json(written | more)
        return
    facts: list[tuple[str, object]] = [("kind", f"{KINDS[found.kind]}{f' ({found.why})' if found.why else ''}"), ("address", found.url)]
    facts += [
        ("entries", f"{len(entries)}, the newest of {output.cell(dated)}" if dated else len(entries)),
        *(("", each) for each in titles),
    ]
    facts += [("key", source.key), ("name", source.name), ("country, language", f"{source.country or '–'}, {source.lang or '–'}")]
    output.facts(facts)
    if wish.dry_run:
        typer.echo(f"Nothing was added; without --dry-run it would be, to {path}.")
    else:
        typer.echo(f"Added to {path}; a running daemon takes it up by itself.")
