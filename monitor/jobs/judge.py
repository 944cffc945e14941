"""The CPU work on articles: one importable function from tasks to outcomes that never raises, the same inline and in a pool."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from monitor.detect.lexicon import Lexicon
from monitor.detect.load import load_lexicon
from monitor.detect.prefilter import Prefilter
from monitor.detect.verdict import assess, language
from monitor.errors import ConfigError
from monitor.extract import boilerplate, visible
from monitor.extract.article import MOST_TITLE, article, clean, from_entry
from monitor.model import EACH_SITE, Analysed, AnalysisOutcome, Article, Finding, Page, Rejected, Undecided, Waiting
from monitor.stories.signature import sign
from monitor.text import urls

_SPEAKS = 500  # characters that show a language


@dataclass(frozen=True, slots=True)
class Task:
    """An entry with its page, or without one when the page cannot be had (`trouble` says why) and the entry alone is judged.

    `again`: when the page is to be tried again, so that a verdict on the entry is not the last word. `scan`: whether a page that cannot
    matter may be dropped without extracting its text. `furniture`: the lines that the outlet repeats on its pages, which are not read.
    """

    waiting: Waiting
    page: Page | None
    trouble: str | None = None
    again: datetime | None = None
    scan: bool = False
    furniture: frozenset[int] = frozenset()


@lru_cache(maxsize=1)
def lexicon(folder: Path) -> Lexicon:
    """The compiled lexicon of a configuration folder, until a task comes with another folder."""
    loaded = load_lexicon(folder)
    gc.collect()
    gc.freeze()  # half a million objects that stay, and have no cycles: no collection need walk them again
    return loaded


@lru_cache(maxsize=1)
def prefilter(folder: Path) -> Prefilter:
    """The scan that goes with the lexicon of a folder."""
    built = Prefilter(lexicon(folder))
    gc.freeze()
    return built


def prepare(folder: Path) -> None:
    """Loads the lexicon of a new process, in the time that its start may take and not in that of its first page."""
    with suppress(ConfigError):  # `judge` says it with each article
        prefilter(folder)


def judge(folder: Path, tasks: Sequence[Task]) -> list[AnalysisOutcome]:
    """One outcome a task, in order. A page that breaks a parser is rejected with the reason; time is limited by `Workers`.

    If the lexicon cannot be read nothing is decided: that is no fault of the pages.
    """
    try:
        known = lexicon(folder)
        scan = prefilter(folder) if any(task.scan for task in tasks) else None
    except ConfigError as error:
        return [Undecided(error.problems[0]) for _ in tasks]
    return [_guarded(known, scan if task.scan else None, task) for task in tasks]


def _counted(task: Task) -> Task:
    """Of a source of many sites, each article counts for the site that it stands on."""
    waiting = task.waiting
    if waiting.source.outlet != EACH_SITE:
        return task
    outlet = urls.site(task.page.final_url if task.page else waiting.entry.url)
    source = replace(waiting.source, outlet=outlet, country=waiting.source.country or urls.country_of(outlet))
    return replace(task, waiting=replace(waiting, source=source))


def _guarded(known: Lexicon, scan: Prefilter | None, task: Task) -> AnalysisOutcome:
    try:
        task = _counted(task)
        return (_dropped(known, scan, task) if scan else None) or _judge(known, task)
    except Exception as error:  # a hostile page must not stop its batch; the reason is kept with the article
        return lost(task, f"{type(error).__name__}: {error}")


def lost(task: Task, why: str) -> Rejected:
    """The outcome for a page that broke, hung or killed its reader."""
    return Rejected(f"the page broke the reader: {why}"[:300])


def _dropped(known: Lexicon, scan: Prefilter, task: Task) -> Analysed | None:
    """The verdict on a page that cannot matter, as the full reading would give it, but without its text, its own address and date.

    None: it could, and is to be read.
    """
    entry, source, page = task.waiting.entry, task.waiting.source, task.page
    if page is None or scan.could_matter((entry.title, entry.summary)):
        return None
    seen = visible.read(page.body, page.headers.get("content-type", ""))
    if seen is None or scan.could_matter(seen.lines) or not (title := entry.title or seen.title):
        return None
    unread = Article(page.final_url, clean(title)[:MOST_TITLE], "", entry.published, source.lang, source.outlet, source.country)
    longest = replace(unread, text=max(seen.lines, key=len)[:_SPEAKS])
    return Analysed(unread, Finding(relevant=False, score=0.0, lang=language(longest, known)))


def _judge(known: Lexicon, task: Task) -> AnalysisOutcome:
    waiting = task.waiting
    read = article(task.page, waiting.entry, waiting.source) if task.page else from_entry(waiting.entry, waiting.source)
    if isinstance(read, Rejected) and task.page is not None and waiting.entry.title:
        read = from_entry(waiting.entry, waiting.source)
    if isinstance(read, Rejected) or read.origin == "entry":
        return read if isinstance(read, Rejected) else analysed(known, read)
    own = replace(read, text=boilerplate.cut(read.text, task.furniture))
    return replace(analysed(known, own), blocks=boilerplate.blocks(read.text))


def analysed(known: Lexicon, read: Article) -> Analysed:
    """An article with its finding and, if it is flagged, what placement needs."""
    finding = assess(read, known)
    return Analysed(read, finding, sign(read)) if finding.relevant else Analysed(read, finding)


def moment(article: Article, first_seen: datetime) -> datetime:
    """When a report was made: as published, but never after it was first seen."""
    return min(article.published or first_seen, first_seen)
