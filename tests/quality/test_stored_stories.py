"""The stories that the figures are about are those that the store comes to hold, on both databases, in whatever order articles are read."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, partial

import pytest

from monitor.detect.load import load_lexicon
from monitor.jobs.assess import read_article
from monitor.jobs.judge import analysed
from monitor.jobs.repair import Audience, mend
from monitor.model import Analysed, Entry, Report, Source
from monitor.settings import default_folder
from monitor.store import Connection, articles, sources, stories
from monitor.store.engine import Store
from monitor.stories.bonds import Bonds
from monitor.stories.gather import gather
from monitor.stories.place import place
from tests.quality.floors import corpus, newsroom

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SILENT = Audience((), timedelta(days=14))
LEASE = timedelta(hours=1)


@cache
def flagged() -> dict[str, Analysed]:
    """The flagged articles of the sets that are told over months and in many languages, by an address of their own."""
    known = load_lexicon(default_folder({}))
    rows = [*corpus("dev"), *corpus("knots-a"), *newsroom()]
    judged = {f"https://corpus.example/{at}": analysed(known, read_article(dict(row), NOW)) for at, row in enumerate(rows)}
    return {url: result for url, result in judged.items() if result.finding.relevant}


def report(number: int, url: str, result: Analysed) -> Report:
    read = result.article
    return Report(str(number), url, read.title, read.outlet, read.published or NOW, result.finding, result.signature)


def partition(groups: Iterable[Iterable[Report]]) -> set[frozenset[tuple[str, str | None]]]:
    """Which addresses are together, and which repeats which."""
    told = [list(group) for group in groups]
    urls = {report.id: report.url for group in told for report in group}
    return {frozenset((report.url, urls[report.copy_of] if report.copy_of else None) for report in group) for group in told}


def place_all(store: Store, urls: Sequence[str]) -> None:
    def begin(c: Connection) -> None:
        sources.sync(c, [Source("zz.corpus", "Corpus", "https://corpus.example/feed", outlet="corpus.example")], NOW)
        (source,) = sources.claim_due(c, "test", NOW, LEASE, 1, 1)
        entries = [Entry(url, url, flagged()[url].article.title, "", flagged()[url].article.published) for url in urls]
        articles.add(c, source.id, entries, NOW)

    store.write_now(begin)
    numbers = {each.entry.guid: each.id for each in store.write_now(lambda c: articles.claim_waiting(c, "test", NOW, LEASE, 1000, 1000))}
    for url in urls:
        store.write_now(partial(place_one, number=numbers[url], url=url))


def place_one(c: Connection, number: int, url: str) -> None:
    result = flagged()[url]
    assert articles.judge(c, number, "test", result, NOW)
    told = report(number, url, result)
    stories.save(c, place(told, stories.candidates(c, told)), NOW)


def repair_all(store: Store) -> int:
    repairs = 0
    while key := store.read_now(stories.unsettled):
        store.write_now(partial(mend, keys=[key], audience=SILENT, now=NOW))
        repairs += 1
    return repairs


@pytest.mark.parametrize("seed", [0, 1])
def test_the_store_holds_the_stories_that_are_scored(store: Store, seed: int) -> None:
    urls = sorted(flagged())
    random.Random(seed).shuffle(urls)
    place_all(store, urls)
    assert repair_all(store) > 0  # reports came late, so something was in doubt
    scored = partition(gather([report(at, url, flagged()[url]) for at, url in enumerate(urls)], Bonds()))
    assert partition(standing.reports for standing in store.read_now(stories.everything)) == scored


def test_in_the_order_of_their_time_hardly_anything_is_in_doubt(store: Store) -> None:
    urls = sorted(flagged(), key=lambda url: report(0, url, flagged()[url]).order)
    place_all(store, urls)
    before = partition(standing.reports for standing in store.read_now(stories.everything))
    repair_all(store)
    after = partition(standing.reports for standing in store.read_now(stories.everything))
    assert len(before ^ after) <= len(after) // 20
