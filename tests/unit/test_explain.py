"""The explanation of a verdict: it adds up, and is of the very verdict that the daemon would have reached."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from monitor.demo.newsroom import load
from monitor.detect.explain import explain
from monitor.detect.lexicon import Lexicon
from monitor.detect.load import load_lexicon
from monitor.detect.verdict import NEEDED, assess
from monitor.model import Article, Finding

CONFIG = Path(__file__).resolve().parents[2] / "config"


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_lexicon(CONFIG)


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    return [Article(each.id, each.title, each.text, each.published, each.lang, each.outlet, (*each.countries, None)[0]) for each in load()]


def test_it_is_the_finding_of_the_daemon(lexicon: Lexicon, articles: list[Article]) -> None:
    for article in articles:
        explained, found = explain(article, lexicon), assess(article, lexicon)
        # What tells of no attack is put aside before anybody is named in it, so that it has no reasons to keep.
        assert explained.finding == found if explained.attack_told else found == Finding(False, 0.0, explained.finding.lang)


def test_bias_and_parts_add_up_to_the_score(lexicon: Lexicon, articles: list[Article]) -> None:
    for article in articles:
        found = explain(article, lexicon)
        assert found.bias + sum(part.weight for part in found.parts) == pytest.approx(found.total)
        score = 1 / (1 + math.exp(-found.total)) if found.attack_told else 0.0
        assert score == pytest.approx(found.finding.score, abs=1e-4)
        assert found.finding.relevant == (found.attack_told and found.total >= found.needed)


def test_every_reason_of_the_finding_is_a_part(lexicon: Lexicon, articles: list[Article]) -> None:
    for article in articles:
        found = explain(article, lexicon)
        assert {part.reason for part in found.parts if part.reason} == set(found.finding.reasons)


def test_what_was_missing_was_found_nowhere_and_would_have_helped(lexicon: Lexicon) -> None:
    found = explain(Article("x", "Konferencë për sigurinë", "Në Tiranë u mbajt një konferencë.", country="AL"), lexicon)
    assert not found.finding.relevant
    assert not found.attack_told
    assert found.missing[0].feature.split(".")[0] in NEEDED
    assert all(part.weight > 0 and part.reason is None for part in found.missing)
    kinds = {part.feature.split(".")[0] for part in found.parts}
    assert kinds.isdisjoint(part.feature.split(".")[0] for part in found.missing)


def test_nothing_is_missing_where_it_was_flagged(lexicon: Lexicon) -> None:
    found = explain(Article("x", "Sulm kibernetik ndaj Kuvendit", "Kuvendi i Shqipërisë u sulmua nga hakerët.", country="AL"), lexicon)
    assert found.finding.relevant
    assert found.missing == ()
