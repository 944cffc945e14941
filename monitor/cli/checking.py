"""`monitor sources check`: every source asked as the daemon would, with a verdict; and the asking itself, which `add` shares."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from monitor.cli import output
from monitor.cli.run import loaded
from monitor.errors import InputError
from monitor.model import Failed, Fetched, Listing, Page, Source, SourceKind, Validators
from monitor.settings import Settings

if TYPE_CHECKING:
    from monitor.collect.fetch import Fetcher
    from monitor.workers import Workers

T = TypeVar("T")
R = TypeVar("R")
Result = Literal["failed", "other kind", "empty", "old", "ok"]

OLD = timedelta(days=60)
KINDS: dict[SourceKind, str] = {"feed": "a feed", "sitemap": "a sitemap", "links": "a page of links", "archive": "an archive"}
_RESULTS: tuple[Result, ...] = ("failed", "other kind", "empty", "old", "ok")  # the worst first
_FAILING = ("failed", "other kind")
_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a source listed when it was asked. `detail` says in words what is wrong with it or strange about it."""

    source: str
    url: str
    enabled: bool
    result: Result
    entries: int = 0
    newest: datetime | None = None
    detail: str = ""


class Asker:
    """Asks addresses what they list, as the daemon does: the same fetcher, and processes that a hostile answer may kill."""

    def __init__(self, fetcher: Fetcher, workers: Workers) -> None:
        self._fetcher, self._workers = fetcher, workers

    async def fetch(self, url: str) -> Fetched | Failed:
        outcome = await self._fetcher.source(url, Validators())
        return outcome if isinstance(outcome, Fetched | Failed) else Failed("http", "the answer was that nothing had changed")

    async def read(self, function: Callable[[Sequence[T]], list[R]], item: T, lost: Callable[[T, str], R]) -> R:
        return (await self._workers.run(function, [item], lost))[0]

    async def opened(self, index: Listing) -> Listing | Failed:
        """What the first part of an index of sitemaps lists; any other list as it is."""
        if not index.parts or index.entries:
            return index
        outcome = await self.fetch(index.parts[0])
        if isinstance(outcome, Failed):
            return outcome
        _, found = await self.read(examine, (Source("", "", index.parts[0], "sitemap"), outcome.page), broken)
        return replace(found, parts=()) if isinstance(found, Listing) else found


@asynccontextmanager
async def asker(settings: Settings, known: Sequence[Source]) -> AsyncIterator[Asker]:
    """`known` are sources by which to tell whether our own network is down."""
    from monitor.collect.fetch import Fetcher
    from monitor.workers import Workers

    async with Fetcher(settings.collect, [each.url for each in known]) as fetcher, Workers(settings.workers) as workers:
        yield Asker(fetcher, workers)


# What came for a source, with the kind of source that it is.
Examined = tuple[SourceKind, Listing | Failed]


def examine(came: Sequence[tuple[Source, Page]]) -> list[Examined]:
    """The CPU work, for the workers."""
    return [_examined(source, page) for source, page in came]


def _examined(source: Source, page: Page) -> Examined:
    from monitor.collect import discover, listing

    now = datetime.now(UTC)
    found = listing.parse(source, page, now)
    if isinstance(found, Failed):
        other = discover.recognise(page, now)
        # Nearly any web page is one of links; that says nothing of why there is no feed.
        if not isinstance(other, Failed) and other[0] not in (source.kind, "links"):
            return other
    return source.kind, found


def broken(came: tuple[Source, Page], why: str) -> Examined:
    return came[0].kind, Failed("not_a_feed", f"the list broke its reader: {why}"[:300])


def check(
    keys: Annotated[list[str] | None, typer.Argument(help="Keys of sources; without any, all that are switched on.")] = None,
    country: Annotated[str | None, typer.Option(help="Only of this country: a code such as AL, or its English name.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are switched off.")] = False,
    as_json: output.Json = False,
) -> None:
    """Asks each source now and says what it lists; changes nothing. Exit status 1 if a source that is switched on fails."""
    from monitor.collect import sources

    found = loaded()
    known = sources.load(found.folder / "sources")
    chosen = _chosen(known, keys or [], output.country(country) if country else None, everything)
    with output.progress("asking", len(chosen)) as step:
        verdicts = asyncio.run(_check(found, chosen, step))
    verdicts.sort(key=lambda each: (_RESULTS.index(each.result), each.source))
    failing = [each for each in verdicts if each.result in _FAILING]
    if as_json:
        output.as_json([asdict(each) for each in verdicts])
    else:
        rows = (
            (each.source, each.result + ("" if each.enabled else " (off)"), _entries(each), each.newest, each.detail) for each in verdicts
        )
        title = f"{len(verdicts)} sources asked, {len(failing)} failed"
        output.table(title, ("source", "result", "entries", "newest", "detail"), rows, whole=("result", "newest"))
    raise typer.Exit(1 if any(each.enabled for each in failing) else 0)


def _entries(each: Verdict) -> int | None:
    return None if each.result == "failed" else each.entries


def _chosen(known: Sequence[Source], keys: Sequence[str], country: str | None, everything: bool) -> list[Source]:
    by_key = {each.key: each for each in known}
    for key in keys:
        if key not in by_key:
            raise no_such(key, by_key)
    found = [by_key[key] for key in dict.fromkeys(keys)] or [each for each in known if everything or each.enabled]
    chosen = [each for each in found if country in (None, each.country)]
    if not chosen:
        raise InputError("no source is chosen: none of these is switched on; --all asks the others too")
    return chosen


async def _check(settings: Settings, chosen: Sequence[Source], step: Callable[[], None]) -> list[Verdict]:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(asking: Asker, source: Source) -> Verdict:
        async with gate:
            found = await _verdict(asking, source)
        step()
        return found

    async with asker(settings, chosen) as asking:
        return list(await asyncio.gather(*(one(asking, each) for each in chosen)))


async def _verdict(asking: Asker, source: Source) -> Verdict:
    outcome = await asking.fetch(source.url)
    if isinstance(outcome, Failed):
        return Verdict(source.key, source.url, source.enabled, "failed", detail=outcome.detail)
    kind, found = await asking.read(examine, (source, outcome.page), broken)
    if isinstance(found, Listing):
        found = await asking.opened(found)
    verdict = _judged(source, kind, found, datetime.now(UTC))
    moved = f"moved for good to {outcome.moved_to}" if outcome.moved_to and outcome.moved_to != source.url else ""
    return replace(verdict, detail="; ".join(filter(None, (verdict.detail, moved))))


def _judged(source: Source, kind: SourceKind, found: Listing | Failed, now: datetime) -> Verdict:
    plain = Verdict(source.key, source.url, source.enabled, "ok")
    if isinstance(found, Failed):
        return replace(plain, result="failed", detail=found.detail)
    dated = newest(found)
    listed = replace(plain, entries=len(found.entries), newest=dated, detail="; ".join(found.notes))
    if kind != source.kind:
        return replace(listed, result="other kind", detail=f"is {KINDS[kind]}, configured as {source.kind}")
    if not found.entries:
        return replace(listed, result="empty", detail="it can be read, but lists nothing")
    if dated and now - dated > OLD:
        return replace(listed, result="old", detail=f"newest entry {(now - dated).days} days ago")
    return listed


def newest(found: Listing) -> datetime | None:
    return max((entry.published for entry in found.entries if entry.published), default=None)


def no_such(key: str, known: Collection[str], hint: str = "") -> InputError:
    near = difflib.get_close_matches(key, known, n=1)
    hint = hint or (f"did you mean {near[0]!r}?" if near else "`monitor sources list` shows the keys")
    return InputError(f"no such source: {key!r}; {hint}")
