"""Fitting weights: near the hand-set ones without data, towards the data with it, never across the sign that evidence has."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.detect.fit import Sample, fit
from monitor.detect.lexicon import Weights

PRIOR = Weights(0.5, -1.0, {"cyber.title": 1.0, "warning.title": -1.0, "country.title": 0.5})

evidence = st.dictionaries(st.sampled_from(["cyber.title", "warning.title", "country.title", "hit.lead"]), st.floats(0, 1))
samples = st.lists(st.builds(Sample, evidence, st.booleans(), st.just("i"), st.just("en")), min_size=2, max_size=30)


def probability(weights: Weights, sample: Sample) -> float:
    total = weights.bias + sum(weights.features.get(name, 0.0) * value for name, value in sample.values.items())
    return 1 / (1 + math.exp(-total))


def penalised(weights: Weights, chosen: list[Sample], strength: float) -> float:
    names = {name for sample in chosen for name in sample.values} | set(PRIOR.features)
    away = sum((weights.features.get(name, 0.0) - PRIOR.features.get(name, 0.0)) ** 2 for name in names)
    return strength * away - sum(
        math.log(max(probability(weights, each) if each.relevant else 1 - probability(weights, each), 1e-12)) for each in chosen
    )


def test_a_strong_prior_is_kept_whatever_the_articles_say() -> None:
    chosen = [Sample({"cyber.title": 1.0}, relevant, "i", "en") for relevant in (True, False)]
    assert fit(chosen, PRIOR, 1e6).features == PRIOR.features


def test_the_articles_move_the_weights_where_they_speak() -> None:
    chosen = [Sample({"cyber.title": 1.0}, True, "i", "en")] * 40 + [Sample({}, False, "j", "en")] * 40
    found = fit(chosen, PRIOR, 0.1)
    assert found.features["cyber.title"] > PRIOR.features["cyber.title"]
    assert found.features["warning.title"] == PRIOR.features["warning.title"]
    assert probability(found, chosen[0]) > 0.9
    assert probability(found, chosen[-1]) < 0.1


@settings(max_examples=40, deadline=None)
@given(samples, st.floats(0.05, 5))
def test_evidence_never_changes_sides(chosen: list[Sample], strength: float) -> None:
    found = fit(chosen, PRIOR, strength).features
    assert all(found.get(name, 0.0) >= 0 for name in ("cyber.title", "hit.lead"))
    assert found.get("warning.title", 0.0) <= 0


@settings(max_examples=40, deadline=None)
@given(samples, st.floats(0.1, 5), st.sampled_from(["cyber.title", "country.title", "hit.lead"]), st.sampled_from([-0.3, 0.3]))
def test_no_neighbour_is_better(chosen: list[Sample], strength: float, name: str, step: float) -> None:
    found = fit(chosen, PRIOR, strength)
    moved = found.features.get(name, 0.0) + step
    if name == "country.title" or moved >= 0:
        beside = Weights(found.threshold, found.bias, found.features | {name: moved})
        assert penalised(found, chosen, strength) <= penalised(beside, chosen, strength) + 0.02  # weights are rounded


def test_what_stands_in_the_background_has_no_weight() -> None:
    chosen = [Sample({"cyber.background": 1.0}, True, "i", "en"), Sample({}, False, "j", "en")]
    assert set(fit(chosen, PRIOR, 1.0).features) <= set(PRIOR.features)


def test_the_threshold_stays_as_it_is() -> None:
    assert fit([Sample({}, False, "j", "en")], PRIOR, 1.0).threshold == pytest.approx(PRIOR.threshold)
