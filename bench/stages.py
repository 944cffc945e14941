"""Each stage alone, on the same articles: in this process one after the other, and all together in a pool of two."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache, partial
from pathlib import Path

from bench import material
from bench.figures import Bench, Figure, Run
from monitor.collect import feed
from monitor.detect.lexicon import Lexicon
from monitor.detect.load import load_lexicon
from monitor.detect.verdict import assess
from monitor.extract.article import article
from monitor.jobs.assess import report_of
from monitor.jobs.judge import Task, analysed, judge, lost
from monitor.model import Analysed, Article, Report, Waiting
from monitor.settings import WorkersSection, default_folder
from monitor.store import Connection, articles, migrate, sources, stories
from monitor.store.engine import Store
from monitor.stories.bonds import Bonds
from monitor.stories.gather import Gathering
from monitor.stories.place import place
from monitor.stories.signature import sign
from monitor.text.urls import canonical
from monitor.workers import Workers

_ARTICLES = 150
_FEEDS = 30
_OWNER = "bench"
_LEASE = timedelta(hours=1)
_CLAIM = 32


@cache
def _lexicon() -> Lexicon:
    return load_lexicon(default_folder({}))


@cache
def _tasks() -> tuple[Task, ...]:
    return tuple(Task(material.waiting(each, number), material.page(each)) for number, each in enumerate(material.articles(_ARTICLES)))


@cache
def _articles() -> tuple[Article, ...]:
    read = [_extracted(task) for task in _tasks()]
    return tuple(each for each in read if isinstance(each, Article))


def _extracted(task: Task) -> object:
    assert task.page is not None
    return article(task.page, task.waiting.entry, task.waiting.source)


@cache
def _judged() -> tuple[tuple[Waiting, Analysed], ...]:
    return tuple((task.waiting, analysed(_lexicon(), read)) for task, read in zip(_tasks(), _articles(), strict=True))


def rate(count: int, work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return count / (time.perf_counter() - started)


@contextmanager
def _parse() -> Iterator[Run]:
    pages = [material.fetched(material.feed(number)) for number in range(_FEEDS)]
    yield lambda: {"feed parse": rate(_FEEDS * material.FEED_ENTRIES, lambda: [feed.parse(page, material.NOW) for page in pages])}


@contextmanager
def _extract() -> Iterator[Run]:
    tasks = _tasks()
    yield lambda: {"extract": rate(len(tasks), lambda: [_extracted(task) for task in tasks])}


@contextmanager
def _detect() -> Iterator[Run]:
    read, known = _articles(), _lexicon()
    yield lambda: {"detect": rate(len(read), lambda: [assess(each, known) for each in read])}


@contextmanager
def _place() -> Iterator[Run]:
    flagged = [each for _, each in _judged() if each.finding.relevant]

    def work() -> None:
        gathering = Gathering(Bonds())
        for number, each in enumerate(flagged):
            signed = Analysed(each.article, each.finding, sign(each.article))
            gathering.add(report_of(str(number), signed, material.NOW))

    yield lambda: {"sign and place": rate(len(flagged), work)}


@contextmanager
def _store() -> Iterator[Run]:
    judged = _judged()
    with tempfile.TemporaryDirectory(prefix="monitor-bench-") as folder:

        def run() -> dict[str, float]:
            file = Path(folder) / f"{time.monotonic_ns()}.db"
            migrate.upgrade(f"sqlite:///{file}")
            with Store(f"sqlite:///{file}") as store:
                return {"store": rate(len(judged), partial(_write, store, judged))}

        yield run


def _write(store: Store, judged: Sequence[tuple[Waiting, Analysed]]) -> None:
    """What the jobs write of an article, in the transactions they write it in: entries found, claimed, judged and placed."""
    by_url = {canonical(waiting.entry.url): each for waiting, each in judged}
    listed = {waiting.source.key: waiting.source for waiting, _ in judged}
    store.write_now(lambda c: sources.sync(c, list(listed.values()), material.NOW))
    due = store.write_now(lambda c: sources.claim_due(c, _OWNER, material.NOW, _LEASE, len(listed), 1))
    for each in due:
        entries = [waiting.entry for waiting, _ in judged if waiting.source.key == each.source.key]
        store.write_now(partial(articles.add, source_id=each.id, entries=entries, now=material.NOW))
    while claimed := store.write_now(lambda c: articles.claim_waiting(c, _OWNER, material.NOW, _LEASE, _CLAIM)):
        for waiting in claimed:
            store.write_now(partial(_settle, waiting=waiting, found=by_url[canonical(waiting.entry.url)]))


def _settle(c: Connection, *, waiting: Waiting, found: Analysed) -> None:
    articles.judge(c, waiting.id, _OWNER, found, material.NOW)
    if found.finding.relevant:
        read, at = found.article, found.article.published or material.NOW
        report = Report(str(waiting.id), waiting.entry.guid, read.title, read.outlet, at, found.finding, found.signature)
        stories.save(c, place(report, stories.candidates(c, report)), material.NOW)


@contextmanager
def _judge() -> Iterator[Run]:
    tasks = _tasks()
    work = partial(judge, default_folder({}))
    with asyncio.Runner() as runner:
        workers = Workers(WorkersSection(count=2))
        try:
            runner.run(workers.run(work, tasks[:16], lost))  # both processes read the lexicon before they are timed
            yield lambda: {"judge in a pool of 2": rate(len(tasks), lambda: runner.run(workers.run(work, tasks, lost)))}
        finally:
            runner.run(workers.close())


_ARTICLE = "articles/s"
STAGES = (
    Bench("parse", "feeds of 30 entries to entries, by feedparser", (Figure("feed parse", "entries/s"),), _parse),
    Bench("extract", "pages of 80 to 140 KB to articles, by trafilatura", (Figure("extract", _ARTICLE),), _extract),
    Bench("detect", "articles to findings: words, language, terms, institutions, score", (Figure("detect", _ARTICLE),), _detect),
    Bench("place", "flagged articles signed and placed among the stories of the run", (Figure("sign and place", _ARTICLE),), _place),
    Bench(
        "store",
        "entries found, claimed, judged and placed in SQLite",
        (Figure("store", _ARTICLE),),
        _store,
    ),
    Bench("judge", "pages to verdicts in two worker processes", (Figure("judge in a pool of 2", _ARTICLE),), _judge),
)
