"""The first pass over an article lets nothing go that the full pass would flag by words of attack."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.detect.explain import explain
from monitor.detect.lexicon import Lexicon
from monitor.detect.load import load_lexicon
from monitor.detect.verdict import NEEDED, Reading, assess, read, weigh
from monitor.jobs.assess import read_article
from monitor.model import Article
from monitor.settings import default_folder
from tests.quality.floors import corpus, newsroom

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)

Read = tuple[Article, Reading]


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_lexicon(default_folder({}))


@pytest.fixture(scope="module")
def everything(lexicon: Lexicon) -> list[Read]:
    articles = [read_article(row, NOW) for row in (*corpus("*"), *newsroom())]
    return [(article, read(article, lexicon)) for article in articles]


def attack_evidence(article: Article, reading: Reading, lexicon: Lexicon) -> set[str]:
    """What the full pass finds of words of attack, by kind and zone."""
    values = weigh(reading, article, lexicon).evidence.values
    return {feature for feature, value in values.items() if feature.partition(".")[0] in NEEDED and value > 0}


def test_what_is_put_aside_has_no_words_of_attack_in_title_lead_or_body(everything: list[Read], lexicon: Lexicon) -> None:
    aside = [(article, reading) for article, reading in everything if not reading.attack_told]
    assert len(aside) >= 100  # ordinary news of the corpus, or this shows nothing
    assert {article.url: found for article, reading in aside if (found := attack_evidence(article, reading, lexicon))} == {}


def test_what_goes_on_has_words_of_attack_there(everything: list[Read], lexicon: Lexicon) -> None:
    told = [(article, reading) for article, reading in everything if reading.attack_told]
    assert len(told) >= 100
    assert [article.url for article, reading in told if not attack_evidence(article, reading, lexicon)] == []


def test_what_is_put_aside_is_irrelevant_in_the_full_explanation_too(everything: list[Read], lexicon: Lexicon) -> None:
    for article, reading in everything:
        explained = explain(article, lexicon)
        assert explained.attack_told == reading.attack_told
        assert explained.finding.relevant == assess(article, lexicon).relevant
        assert reading.attack_told or not explained.finding.relevant, article.url
