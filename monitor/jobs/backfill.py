"""Archived pages to judged articles, the ordinary way but for the network: each page comes from a WARC file.

Whatever is stopped in the middle may be done again: what was judged is known, and what was left waiting is judged then.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from monitor.collect.archive import Archive
from monitor.jobs.analyse import in_time, may_drop, settle
from monitor.jobs.judge import Task, judge, lost
from monitor.jobs.parts import LEASE, Parts
from monitor.jobs.repair import repair
from monitor.model import Analysed, AnalysisOutcome, Entry, Page, Rejected, Source
from monitor.store import Connection, addresses, archived
from monitor.text import urls

_BATCH = 32
_LOOK = 500  # pages after which we look up, wanted or not
_MOST_REASON = 100

OTHER_SITE = "a page of a site that no source has (--all-sites reads them too)"
NO_ARTICLE = "the address of a home or section page"
TOO_OLD = "a page archived before --since"
NOT_NOW = "an article that could not be judged now and waits"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which pages are read: those of the configured sources' sites or of all, archived since then."""

    all_sites: bool = False
    since: datetime | None = None


@dataclass(slots=True)
class Result:
    """What came of it. `skipped` counts by reason; `ends` says of a file what ended it too early."""

    pages: int = 0
    known: int = 0
    judged: int = 0
    flagged: list[int] = field(default_factory=list)
    opened: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    ends: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Found:
    """A page with the source that it is stored under."""

    page: Page
    source_id: int


class _Sites:
    """Which source a page belongs to: that of the nearest outlet, else none or the one for all others."""

    def __init__(self, listed: Sequence[tuple[int, Source]], others: int | None) -> None:
        self._others = others
        self._outlets: dict[str, int] = {}
        for number, source in listed:
            self._outlets.setdefault(source.outlet, number)

    def find(self, page: Page) -> _Found | None:
        labels = urls.site(page.url).split(".")
        above = (".".join(labels[at:]) for at in range(len(labels)))
        number = next((self._outlets[host] for host in above if host in self._outlets), self._others)
        return None if number is None else _Found(page, number)


async def backfill(parts: Parts, files: Sequence[Path], wanted: Wanted, moved: Callable[[int], None], stop: asyncio.Event) -> Result:
    """Reads the files to their ends, or until `stop` is set; `moved` hears how many bytes are behind us. Nothing is fetched."""
    result = Result()
    sites = await parts.store.write(partial(_sites, all_sites=wanted.all_sites, now=parts.now()))
    behind = 0
    for path in files:
        if stop.is_set():
            break
        with Archive(path, parts.settings.collect.max_page_bytes, parts.now()) as archive:
            async for batch in _batches(archive, partial(_chosen, sites=sites, wanted=wanted, result=result), stop):
                await _read(parts, batch, result)
                moved(behind + archive.position)
            behind += archive.size
            result.skipped += archive.skipped
            if archive.end:
                result.ends[str(path)] = archive.end
    await repair(parts, stop)
    result.opened = await parts.store.read(partial(archived.opened, ids=result.flagged))
    return result


async def _batches(archive: Archive, choose: Callable[[Page], _Found | None], stop: asyncio.Event) -> AsyncIterator[list[_Found]]:
    """The wanted pages of an archive, some at a time; also none, as a file may be long and hold nothing for us."""
    batch: list[_Found] = []
    for number, page in enumerate(archive, start=1):
        batch += filter(None, [choose(page)])
        if len(batch) == _BATCH or number % _LOOK == 0:
            yield batch
            batch = []
            if stop.is_set():
                return
    yield batch


def _sites(c: Connection, all_sites: bool, now: datetime) -> _Sites:
    return _Sites(archived.sources(c), archived.archives(c, now) if all_sites else None)


def _chosen(page: Page, sites: _Sites, wanted: Wanted, result: Result) -> _Found | None:
    result.pages += 1
    found = sites.find(page)
    if found is None:
        result.skipped[OTHER_SITE] += 1
    elif wanted.since and page.fetched_at < wanted.since:
        result.skipped[TOO_OLD] += 1
    elif not urls.names_article(page.url):
        result.skipped[NO_ARTICLE] += 1
    else:
        return found
    return None


async def _read(parts: Parts, batch: Sequence[_Found], result: Result) -> None:
    """Stores, judges and settles a batch, the oldest report first, so that stories open with it."""
    await asyncio.sleep(0)  # signals are heard between batches, also between empty ones
    if not batch:
        return
    found = {addresses.known_as(each.page.url): each for each in reversed(batch)}  # of an article archived twice, the first page
    tasks = await parts.store.write(partial(_held, found=found, parts=parts))
    outcomes = await _judged(parts, tasks)
    for task, outcome in sorted(zip(tasks, outcomes, strict=True), key=in_time):
        await settle(parts, task, outcome)
    stored = await parts.store.read(partial(archived.states, ids=[task.waiting.id for task in tasks]))
    result.known += len(batch) - len(tasks)
    for task, outcome in zip(tasks, outcomes, strict=True):
        _count(result, task, outcome, stored)


def _held(c: Connection, *, found: Mapping[str, _Found], parts: Parts) -> list[Task]:
    """Tasks for those pages whose articles nobody judged yet."""
    holder = archived.Holder(parts.owner, parts.now(), LEASE)
    tasks: list[Task] = []
    for source_id in sorted({each.source_id for each in found.values()}):
        entries = [Entry(each.page.url, each.page.url, "") for each in found.values() if each.source_id == source_id]
        held = archived.hold(c, source_id, entries, holder)
        tasks += [Task(waiting, found[waiting.entry.guid].page, scan=may_drop(parts)) for waiting in held]
    return tasks


async def _judged(parts: Parts, tasks: Sequence[Task]) -> list[AnalysisOutcome]:
    """Dated by the page, else by the archive. What a date tells the verdict, it tells only of flagged articles: these are judged again."""
    judging = partial(judge, parts.detection.folder)
    outcomes = await parts.workers.run(judging, tasks, lost)
    undated = [at for at, each in enumerate(outcomes) if isinstance(each, Analysed) and each.article.published is None]
    for at in undated:
        outcomes[at] = _dated(outcomes[at], tasks[at])
    again = [at for at in undated if isinstance(each := outcomes[at], Analysed) and each.finding.relevant]
    dated = [_dated_task(tasks[at]) for at in again]
    for at, outcome in zip(again, await parts.workers.run(judging, dated, lost), strict=True):
        outcomes[at] = outcome
    return outcomes


def _dated(outcome: AnalysisOutcome, task: Task) -> AnalysisOutcome:
    if not isinstance(outcome, Analysed) or task.page is None:
        return outcome
    return replace(outcome, article=replace(outcome.article, published=task.page.fetched_at))


def _dated_task(task: Task) -> Task:
    at = task.page.fetched_at if task.page else None
    return replace(task, waiting=replace(task.waiting, entry=replace(task.waiting.entry, published=at)))


def _count(result: Result, task: Task, outcome: AnalysisOutcome, stored: Mapping[int, str]) -> None:
    number = task.waiting.id
    state = stored.get(number)
    if isinstance(outcome, Rejected):
        result.skipped[outcome.reason.partition(": ")[0][:_MOST_REASON]] += 1
    elif state == "waiting":
        result.skipped[NOT_NOW] += 1
    elif isinstance(outcome, Analysed) and state in ("flagged", "clear"):
        result.judged += 1
        if state == "flagged":
            result.flagged.append(number)
    else:  # it is one that was judged under another address
        result.known += 1
