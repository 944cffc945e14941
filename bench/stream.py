"""An ordinary stream of news through our whole judge, against nothing but the extraction of its text, in the same two processes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from bench import ordinary
from bench.figures import Bench, Figure, Run
from bench.stages import rate
from monitor.jobs.judge import Task, judge, lost, prepare
from monitor.model import Analysed, AnalysisOutcome
from monitor.settings import WorkersSection, default_folder
from monitor.workers import Workers

_PAGES = 600
_WARM = 16
R = TypeVar("R")


@contextmanager
def _stream() -> Iterator[Run]:
    made = list(ordinary.stream(_PAGES))
    told = 100 * sum(map(ordinary.tells, ordinary.labelled())) / len(ordinary.labelled())
    reports, tasks = sum(article.relevant for article, _ in made), [task for _, task in made]
    folder = default_folder({})
    with asyncio.Runner() as runner:
        workers = Workers(WorkersSection(count=2), prepare=partial(prepare, folder))

        def through(work: Callable[[Sequence[Task]], list[R]], given: Sequence[Task], broken: Callable[[Task, str], R]) -> list[R]:
            return runner.run(workers.run(work, given, broken))

        def run() -> dict[str, float]:
            judged: list[AnalysisOutcome] = []
            ours = rate(_PAGES, lambda: judged.extend(through(partial(judge, folder), tasks, lost)))
            assert sum(map(_flagged, judged)) == reports, f"{sum(map(_flagged, judged))} of {reports} reports were flagged"
            alone = {name: rate(_PAGES, lambda work=work: through(work, tasks, _lost)) for name, work in _ALONE.items()}  # type: ignore[misc]  # bound
            shares = {"stream, share read in full": _read_in_full(judged), "ordinary articles to be read in full": told}
            return {"stream, judged": ours} | shares | _beside(ours, alone)

        try:
            for work in _ALONE.values():
                through(work, tasks[:_WARM], _lost)
            through(partial(judge, folder), tasks, lost)  # a daemon that has run for a day has met most words
            yield run
        finally:
            runner.run(workers.close())


def _beside(ours: float, alone: dict[str, float]) -> dict[str, float]:
    return {f"stream, {name}": value for name, value in alone.items()} | {
        f"stream, judged to {name}": ours / value for name, value in alone.items()
    }


def _flagged(outcome: AnalysisOutcome) -> bool:
    return isinstance(outcome, Analysed) and outcome.finding.relevant


def _read_in_full(judged: Sequence[AnalysisOutcome]) -> float:
    return 100 * sum(isinstance(each, Analysed) and bool(each.article.text) for each in judged) / len(judged)


def extract_fast(tasks: Sequence[Task]) -> list[str | None]:
    """The text alone, in the quick way that we use ourselves."""
    import trafilatura

    extract = partial(trafilatura.extract, fast=True, with_metadata=False, include_comments=False, include_tables=False, deduplicate=False)
    return [extract(task.page.body) if task.page else None for task in tasks]


def extract_default(tasks: Sequence[Task]) -> list[str | None]:
    """The text as trafilatura gives it when asked for nothing else."""
    import trafilatura

    return [trafilatura.extract(task.page.body) if task.page else None for task in tasks]


def _lost(_: Task, why: str) -> str | None:
    raise AssertionError(why)


_ALONE = {"trafilatura fast": extract_fast, "trafilatura": extract_default}
_PER_SECOND = "pages/s"
STREAM = Bench(
    "stream",
    "ordinary news, 2 % of it on incidents: pages to verdicts, and to their bare text, in two worker processes",
    (
        Figure("stream, judged", _PER_SECOND),
        Figure("stream, share read in full", "%"),
        Figure("ordinary articles to be read in full", "%"),
        Figure("stream, trafilatura fast", _PER_SECOND),
        Figure("stream, judged to trafilatura fast", "times", goal=6),
        Figure("stream, trafilatura", _PER_SECOND),
        Figure("stream, judged to trafilatura", "times"),
    ),
    _stream,
)
