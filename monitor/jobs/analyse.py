"""Waiting entries to findings, stories and owed deliveries."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from monitor.alerts import policy
from monitor.collect.schedule import retry_page
from monitor.jobs.judge import Task, judge, lost, moment
from monitor.jobs.parts import LEASE, Parts
from monitor.log import logger
from monitor.model import Analysed, AnalysisOutcome, Failed, Fetched, Placement, Rejected, Report, Undecided, Waiting
from monitor.store import Connection, articles, deliveries, stories
from monitor.stories.place import place

log = logger()

_BATCH = 32
_PER_SOURCE = 4  # pages of one site in a batch: it gives them one by one
_OFFLINE = timedelta(minutes=1)
_AHEAD = 4  # batches in work: some are fetched while one is judged

Judged = list[tuple[Task, AnalysisOutcome]]


async def analyse(parts: Parts, stop: asyncio.Event) -> int:
    """Reads and judges every waiting article that is due; returns how many.

    Batches are fetched and judged side by side but settled in order, oldest article first, so that stories open with their first report.
    """
    ahead: deque[asyncio.Task[Judged]] = deque()
    settled = 0
    try:
        while True:
            while len(ahead) < _AHEAD and not stop.is_set() and (claimed := await _claim(parts)):
                ahead.append(asyncio.create_task(_read(parts, claimed)))
            if not ahead:
                return settled
            for task, outcome in sorted(await ahead[0], key=in_time):
                await settle(parts, task, outcome)
                settled += 1
            ahead.popleft()
    finally:
        for reading in ahead:
            reading.cancel()
        await asyncio.gather(*ahead, return_exceptions=True)


async def _claim(parts: Parts) -> list[Waiting]:
    claim = partial(articles.claim_waiting, owner=parts.owner, now=parts.now(), lease=LEASE, limit=_BATCH, per_source=_PER_SOURCE)
    return await parts.store.write(claim)


def in_time(judged: tuple[Task, AnalysisOutcome]) -> tuple[object, ...]:
    """The order in which articles are settled: as they were published, so that stories open with their first report."""
    task, outcome = judged
    waiting = task.waiting
    at = moment(outcome.article, waiting.first_seen) if isinstance(outcome, Analysed) else waiting.first_seen
    return at, waiting.entry.url


async def _read(parts: Parts, claimed: Sequence[Waiting]) -> Judged:
    with parts.metrics.stage("fetch"):
        tasks = [task for task in await asyncio.gather(*(_fetch(parts, waiting) for waiting in claimed)) if task is not None]
    with parts.metrics.stage("analyse"):
        outcomes = await parts.workers.run(partial(judge, parts.detection.folder), tasks, lost)
    for task, outcome in zip(tasks, outcomes, strict=True):
        if isinstance(outcome, Analysed) and outcome.blocks:
            parts.furniture.saw(task.waiting.source.outlet, outcome.article.title, outcome.blocks)
    return list(zip(tasks, outcomes, strict=True))


async def _fetch(parts: Parts, waiting: Waiting) -> Task | None:
    """The entry with its page, or alone when the page cannot be had, now (`again` is when to try it again) or ever.

    None: nothing to be read now.
    """
    outcome = await parts.fetcher.page(waiting.entry.url)
    if isinstance(outcome, Fetched):
        return Task(waiting, outcome.page, scan=may_drop(parts), furniture=parts.furniture.of(waiting.source.outlet))
    if not isinstance(outcome, Failed):
        return Task(waiting, None)
    if outcome.kind == "offline":
        await _postpone(parts, waiting, articles.delay, outcome.detail, parts.now() + _OFFLINE)
        return None
    at = retry_page(waiting.attempts, outcome, parts.now(), parts.chance(), parts.settings.collect)
    if waiting.told:  # its entry was judged already
        await (_postpone(parts, waiting, articles.postpone, outcome.detail, at) if at else _leave(parts, waiting))
        return None
    if at is None:
        log.info("article.without_page", url=waiting.entry.url, detail=outcome.detail)
    return Task(waiting, None, outcome.detail, at)


def may_drop(parts: Parts) -> bool:
    """Texts that are to be kept must be read."""
    return parts.settings.workers.prefilter and not parts.settings.keep.clear_texts


async def _postpone(parts: Parts, waiting: Waiting, how: Callable[..., bool], reason: str, at: datetime) -> None:
    await parts.store.write(partial(how, article_id=waiting.id, owner=parts.owner, at=at, reason=reason))
    parts.metrics.analysed("postponed")
    log.info("article.postponed", url=waiting.entry.url, detail=reason)


async def _leave(parts: Parts, waiting: Waiting) -> None:
    await parts.store.write(partial(articles.leave_page, article_id=waiting.id, owner=parts.owner))


async def settle(parts: Parts, task: Task, outcome: AnalysisOutcome) -> None:
    """Stores what came of a task and says it."""
    waiting = task.waiting
    if isinstance(outcome, Undecided):
        await _postpone(parts, waiting, articles.postpone, outcome.reason, parts.now() + parts.settings.collect.retry_after)
        return
    flagged = isinstance(outcome, Analysed) and outcome.finding.relevant
    if waiting.told:
        await (_complete(parts, waiting, outcome) if isinstance(outcome, Analysed) and _adds(outcome) else _leave(parts, waiting))
        return
    if task.again and not flagged:  # its entry says nothing, its page still may
        await _postpone(parts, waiting, articles.postpone, task.trouble or "", task.again)
        return
    if isinstance(outcome, Rejected):
        reason = "; ".join(filter(None, (task.trouble, outcome.reason)))
        await parts.store.write(partial(articles.reject, article_id=waiting.id, owner=parts.owner, reason=reason, now=parts.now()))
        parts.metrics.analysed("rejected")
        log.info("article.rejected", url=waiting.entry.url, detail=reason)
        return
    with parts.metrics.stage("place"):
        placement = await parts.store.write(partial(_record, parts=parts, task=task, analysed=outcome))
    parts.metrics.analysed("relevant" if outcome.finding.relevant else "irrelevant")
    log.debug("article.judged", url=waiting.entry.url, score=outcome.finding.score)
    if placement is not None:
        _tell(parts, placement)


def _adds(analysed: Analysed) -> bool:
    """Whether a page itself tells of the attack, and not only the title that its entry gave it."""
    return analysed.finding.relevant and any(reason.zone != "title" and reason.weight > 0 for reason in analysed.finding.reasons)


async def _complete(parts: Parts, waiting: Waiting, analysed: Analysed) -> None:
    """A page that came after its article was flagged adds what it knows; it takes back nothing that was told."""
    await parts.store.write(partial(articles.complete, article_id=waiting.id, owner=parts.owner, analysed=analysed, now=parts.now()))
    log.info("article.completed", url=waiting.entry.url, score=analysed.finding.score)


def _record(c: Connection, *, parts: Parts, task: Task, analysed: Analysed) -> Placement | None:
    """Finding, story, changes and deliveries in one transaction: what must go out is written with what caused it."""
    now, waiting = parts.now(), task.waiting
    if not articles.judge(c, waiting.id, parts.owner, analysed, now, task.trouble):
        return None
    if not analysed.finding.relevant:
        if parts.settings.keep.clear_texts:
            articles.keep_text(c, waiting.id, analysed.article.text)
        return None
    article, finding, signature = analysed.article, analysed.finding, analysed.signature
    at = moment(article, waiting.first_seen)
    report = Report(str(waiting.id), waiting.entry.guid, article.title, article.outlet, at, finding, signature)
    placement = place(report, stories.candidates(c, report), partial(stories.taken, c))
    stories.save(c, placement, now)
    if task.again:
        articles.want_page(c, waiting.id, task.again)
    owed = policy.deliveries(placement, article, parts.subscribers, now, parts.settings.alerts.max_age)
    deliveries.owe(c, owed, now)
    return placement


def _tell(parts: Parts, placement: Placement) -> None:
    story = placement.story
    if placement.opened:
        parts.metrics.opened()
        log.info("story.opened", story=story.key, headline=story.headline)
    elif placement.changes:
        log.info("story.changed", story=story.key, headline=story.headline, changes=", ".join(change.kind for change in placement.changes))
