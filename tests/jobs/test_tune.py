"""Tuning: every article is scored by weights that never saw its incident, or its language; what would change is listed."""

from __future__ import annotations

from functools import cache
from typing import Any

from monitor.detect.lexicon import Lexicon
from monitor.detect.load import load_lexicon
from monitor.jobs.tune import Case, labelled, steps, tune
from monitor.settings import default_folder
from tests.quality.floors import corpus


@cache
def known() -> Lexicon:
    return load_lexicon(default_folder({}))


@cache
def cases() -> tuple[Case, ...]:
    return tuple(labelled(row, known()) for row in corpus("dev"))


def row(**changes: Any) -> dict[str, Any]:
    return {"id": "1", "title": "Koncert", "text": "Sot koncert.", "lang": "sq", "relevant": True, "incident": "x"} | changes


def test_an_article_that_tells_of_no_attack_is_never_flagged() -> None:
    found = labelled(row(), known())
    assert not found.attack_told
    assert found.score(known().weights) == 0.0


def test_weights_are_fitted_to_titles_and_first_sentences_too() -> None:
    told = row(title="Sulm kibernetik ndaj Kuvendit të Shqipërisë", text="Hakerët sulmuan serverët.\n\nPor kjo nuk dihet ende.")
    found = labelled(told, known())
    assert found.teaser is not None
    assert found.teaser.values.keys() <= found.sample.values.keys()
    assert found.teaser.relevant
    late = labelled(row(text="Sot koncert.\n\nHakerët sulmuan serverët e Kuvendit të Shqipërisë."), known())
    assert late.attack_told
    assert late.teaser is None


def test_an_article_of_no_incident_is_an_incident_of_its_own() -> None:
    assert labelled(row(relevant=False, incident=""), known()).sample.incident == "1"


def test_all_figures_are_of_all_articles_and_the_steps_are_as_many_as_promised() -> None:
    taken: list[None] = []
    found = tune(cases(), known().weights, known().prior, known().strength, lambda: taken.append(None))
    assert len(taken) == steps(cases())
    relevant = sum(case.sample.relevant for case in cases())
    for score in (found.before, found.after, found.by_incident.overall, found.by_language.overall):
        assert score.count == relevant
    assert sum(score.count for score in found.by_language.languages.values()) == relevant
    assert found.by_incident.overall.f1 >= 0.95


def test_the_verdicts_that_change_are_those_that_the_two_weights_disagree_on() -> None:
    found = tune(cases(), known().prior, known().prior, 0.1, lambda: None)
    changed = {each.name for each in found.changed}
    assert changed == {case.name for case in cases() if case.flagged(found.weights) != case.flagged(known().prior)}
    assert changed
    assert all((each.after >= found.weights.threshold) == each.flagged for each in found.changed)


def test_the_same_articles_in_another_order_give_the_same_weights() -> None:
    one, other = (tune(order, known().weights, known().prior, 3.0, lambda: None) for order in (cases(), cases()[::-1]))
    assert one.weights == other.weights
    assert one.by_incident == other.by_incident
