"""Slips of the pen in words of attack cost few reports, and reading them adds no false alarm."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from monitor.detect import match
from monitor.detect.lexicon import Lexicon
from monitor.detect.load import load_lexicon
from monitor.detect.verdict import assess, read
from monitor.jobs.assess import read_article
from monitor.model import Article
from monitor.settings import default_folder
from tests.quality.floors import corpus

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LONG = 9  # letters of a word worth spoiling: shorter ones are never read as slips


@pytest.fixture(scope="module")
def known() -> Lexicon:
    return load_lexicon(default_folder({}))


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> Lexicon:
    """The lexicon for which a slip of the pen is a word of its own."""
    with monkeypatch.context() as patch:
        patch.setattr(match, "_MISSPELT", 10_000)
        return load_lexicon(default_folder({}))


def articles(name: str) -> list[Article]:
    return [read_article(row, NOW) for row in corpus(name)]


def spoilt(article: Article, known: Lexicon, chance: random.Random) -> Article:
    """The article with one letter of every long word of attack left out, doubled, or swapped with the next."""
    reading = read(article, known)
    tokens, zones = reading.document.tokens, reading.document.zones
    words = {at for span in reading.cyber.strong for at in range(span.first, span.last + 1) if len(tokens.written[at]) >= LONG}
    title, text = article.title, article.text
    for at in sorted(words, reverse=True):
        start, end = tokens.starts[at], tokens.end(at)
        slip = _slip(tokens.written[at], chance)
        if zones[at] == "title":
            title = title[:start] + slip + title[end:]
        else:
            text = text[:start] + slip + text[end:]
    return replace(article, title=title, text=text)


def _slip(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    return chance.choice(
        (word[:at] + word[at + 1 :], word[:at] + word[at : at + 1] + word[at:], word[:at] + word[at + 1] + word[at] + word[at + 2 :])
    )


def test_reading_slips_changes_no_verdict_on_clean_text(known: Lexicon, strict: Lexicon) -> None:
    for article in (*articles("dev"), *articles("ordinary"), *articles("everyday")):
        assert assess(article, known).relevant == assess(article, strict).relevant, article.url


def test_most_reports_survive_a_slip_in_every_word_of_attack(known: Lexicon, strict: Lexicon) -> None:
    chance = random.Random(7)
    flagged = [article for name in ("dev", "second", "sixth") for article in articles(name) if assess(article, known).relevant]
    torn = [spoilt(article, known, chance) for article in flagged]
    read_as_meant = sum(assess(article, known).relevant for article in torn)
    assert read_as_meant >= 0.93 * len(flagged)
    assert read_as_meant > sum(assess(article, strict).relevant for article in torn)
