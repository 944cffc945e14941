"""Judging the archive again, a portion at a time: every article once, whatever the daemon judges meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import Connection, update

from monitor.detect.lexicon import Lexicon
from monitor.detect.load import load_lexicon
from monitor.jobs.backtest import again, changes
from monitor.settings import default_folder
from monitor.store import archive, articles
from monitor.store.archive import JudgedArticle
from monitor.store.engine import Store
from monitor.store.schema import article
from tests.contract.samples import NOW, a_source_id, an_entry

MANY = 1203
WAITING = (2, 600, MANY)  # not judged yet when the work begins


@pytest.fixture(scope="module")
def known() -> Lexicon:
    return load_lexicon(default_folder({}))


@pytest.fixture
def stocked(sqlite_url: str) -> Iterator[Store]:
    """Many articles that tell of no attack, of which a few wait for their verdict."""

    def fill(c: Connection) -> None:
        a_source_id(c)
        articles.add(c, 1, [an_entry(number) for number in range(MANY, 0, -1)], NOW)  # sources list the newest first

    with Store(sqlite_url) as store:
        store.write_now(fill)
        store.write_now(lambda c: judge(c, [number for number in range(1, MANY + 1) if number not in WAITING]))
        yield store


def judge(c: Connection, numbers: Sequence[int], state: str = "clear") -> None:
    c.execute(update(article).where(article.c.id.in_(numbers)).values(state=state, judged_at=NOW, score=0.0))


def test_more_articles_than_a_portion_holds_are_each_judged_once(stocked: Store, known: Lexicon) -> None:
    sizes = []

    def portion(start: int, limit: int) -> list[JudgedArticle]:
        rows = stocked.read_now(lambda c: archive.judged(c, None, start, limit))
        sizes.append(len(rows))
        return rows

    assert [each.judged.id for each in again(portion, known)] == [number for number in range(1, MANY + 1) if number not in WAITING]
    assert sizes == [500, 500, 200, 0]


def test_what_is_judged_meanwhile_disturbs_nothing(stocked: Store, known: Lexicon) -> None:
    def portion(start: int, limit: int) -> list[JudgedArticle]:
        rows = stocked.read_now(lambda c: archive.judged(c, None, start, limit))
        stocked.write_now(lambda c: judge(c, WAITING))
        return rows

    # 2 lies behind the first portion by then; 600 and the last are still to come.
    assert [each.judged.id for each in again(portion, known)] == [number for number in range(1, MANY + 1) if number != 2]


def test_only_those_whose_verdict_differs_are_changes_but_all_are_counted(stocked: Store, known: Lexicon) -> None:
    stocked.write_now(lambda c: judge(c, (7, 1001), "flagged"))
    stocked.write_now(lambda c: articles.keep_text(c, 8, "Koncert."))
    seen: Counter[str] = Counter()
    found = list(changes(again(lambda start, limit: stocked.read_now(lambda c: archive.judged(c, None, start, limit)), known), seen))
    assert [(each.judged.id, each.change) for each in found] == [(7, "lost"), (1001, "lost")]
    assert seen == {"judged": MANY - len(WAITING), "summaries": MANY - len(WAITING) - 1, "lost": 2}


def test_an_empty_archive_has_no_changes(known: Lexicon) -> None:
    seen: Counter[str] = Counter()
    assert list(changes(again(lambda start, limit: [], known), seen)) == []
    assert seen == {}
