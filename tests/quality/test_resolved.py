"""Which incidents are over: what the articles labelled for it say, and that no ordinary news is taken for it."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from functools import cache

import pytest

from monitor.detect.lexicon import Lexicon
from monitor.detect.load import load_lexicon
from monitor.detect.verdict import assess
from monitor.jobs.assess import read_article
from monitor.model import LANGUAGES
from monitor.settings import default_folder
from tests.quality.floors import ORDINARY, corpus

NOW = datetime(2026, 11, 1, tzinfo=UTC)
PRECISION, RECALL = 0.95, 0.75


@cache
def known() -> Lexicon:
    return load_lexicon(default_folder({}))


def says_resolved(row: dict[str, object]) -> bool:
    """As a reader meets it: a status means something on flagged articles only."""
    found = assess(read_article(row, NOW), known())
    return found.relevant and found.status == "resolved"


@pytest.fixture(scope="module")
def judged() -> list[tuple[str, bool, bool]]:
    """Language, label and verdict of each article."""
    return [(row["lang"], row["resolved"], says_resolved(row)) for row in corpus("resolved")]


def test_an_article_that_is_called_resolved_says_so(judged: list[tuple[str, bool, bool]]) -> None:
    called = [label for _, label, said in judged if said]
    assert sum(called) / len(called) >= PRECISION


def test_most_articles_that_say_so_are_called_resolved(judged: list[tuple[str, bool, bool]]) -> None:
    over = [said for _, label, said in judged if label]
    assert sum(over) / len(over) >= RECALL


def test_every_language_has_words_for_it(judged: list[tuple[str, bool, bool]]) -> None:
    found: dict[str, int] = defaultdict(int)
    for lang, label, said in judged:
        found[lang] += label and said
    assert {lang: found[lang] for lang in LANGUAGES if found[lang] < 2} == {}


def test_the_set_holds_both_in_every_language() -> None:
    counts: dict[tuple[str, bool], int] = defaultdict(int)
    for row in corpus("resolved"):
        counts[row["lang"], row["resolved"]] += 1
    assert counts == {(lang, label): 3 for lang in LANGUAGES for label in (True, False)}


@pytest.mark.parametrize("name", ORDINARY)
def test_no_ordinary_news_is_called_resolved(name: str) -> None:
    assert [row["id"] for row in corpus(name) if says_resolved(row)] == []
