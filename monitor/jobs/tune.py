"""Fitting the weights to labelled articles, and saying what would change: the work behind `monitor tune`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from monitor.detect.evidence import Evidence
from monitor.detect.fit import Sample, fit
from monitor.detect.lexicon import Lexicon, Weights
from monitor.detect.verdict import Reading, probability, read, weigh
from monitor.jobs.assess import read_article
from monitor.jobs.evaluate import Score, score
from monitor.model import Article

FOLDS = 10
_TEASER = 300  # characters, as many as feeds give


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled article with its evidence. One that tells of no attack is never flagged, whatever the weights (`attack_told`).

    `teaser` is the evidence of its title and first sentences alone, which is all that is left where a page cannot be had: weights are
    fitted to it as well, or plain headlines would count for little.
    """

    name: str
    title: str
    sample: Sample
    attack_told: bool
    teaser: Sample | None = None

    def score(self, weights: Weights) -> float:
        return probability(Evidence(dict(self.sample.values)), weights) if self.attack_told else 0.0

    def flagged(self, weights: Weights) -> bool:
        return self.score(weights) >= weights.threshold


@dataclass(frozen=True, slots=True)
class Crossed:
    """How the weights do on articles that they were not fitted on: overall, and by language."""

    overall: Score
    languages: dict[str, Score]


@dataclass(frozen=True, slots=True)
class Verdict:
    """An article whose verdict the new weights would change."""

    name: str
    title: str
    relevant: bool
    flagged: bool
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Tuning:
    """New weights beside those in force. `by_incident`: each incident scored by weights fitted without it; `by_language` likewise."""

    cases: int
    weights: Weights
    in_force: Weights
    before: Score
    after: Score
    by_incident: Crossed
    by_language: Crossed
    changed: tuple[Verdict, ...]


def labelled(row: Mapping[str, Any], known: Lexicon) -> Case:
    """The case of an article in the labelled form."""
    article = read_article(dict(row), datetime.now(UTC))
    return case(row["id"], article, bool(row["relevant"]), row["incident"] or row["id"], known)


def case(name: str, article: Article, relevant: bool, incident: str, known: Lexicon) -> Case:
    reading = read(article, known)
    sample = Sample(_evidence(reading, article, known), relevant, incident, reading.lang)
    short = replace(article, text=article.text.lstrip()[:_TEASER].partition("\n")[0])
    teasing = read(short, known)
    teaser = Sample(_evidence(teasing, short, known), relevant, incident, reading.lang) if teasing.attack_told else None
    return Case(name, article.title, sample, reading.attack_told, teaser)


def _evidence(reading: Reading, article: Article, known: Lexicon) -> dict[str, float]:
    return weigh(reading, article, known).evidence.values if reading.attack_told else {}


def tune(cases: Sequence[Case], in_force: Weights, prior: Weights, strength: float, step: Callable[[], None]) -> Tuning:
    """The weights that fit the cases, and how they do on what they were not fitted on. `step` is called after each of `steps` fits."""

    start = replace(prior, threshold=in_force.threshold)
    weights = _fitted(cases, start, strength)
    step()
    return Tuning(
        len(cases),
        weights,
        in_force,
        flagging((each, in_force) for each in cases),
        flagging((each, weights) for each in cases),
        _crossed(unseen(cases, incident_folds(cases), start, strength, step)),
        _crossed(unseen(cases, [each.sample.lang for each in cases], start, strength, step)),
        tuple(
            Verdict(each.name, each.title, each.sample.relevant, each.flagged(weights), each.score(in_force), each.score(weights))
            for each in cases
            if each.flagged(weights) != each.flagged(in_force)
        ),
    )


def steps(cases: Sequence[Case]) -> int:
    """How many fits `tune` makes."""
    return 1 + len(set(incident_folds(cases))) + len({each.sample.lang for each in cases})


def incident_folds(cases: Sequence[Case]) -> list[str]:
    """Incidents dealt to ten folds, so that all articles of one are in the same; the same for the same articles in any order."""
    incidents = sorted({each.sample.incident for each in cases})
    fold = {incident: str(number % FOLDS) for number, incident in enumerate(incidents)}
    return [fold[each.sample.incident] for each in cases]


def unseen(
    cases: Sequence[Case], folds: Sequence[str], prior: Weights, strength: float, step: Callable[[], None]
) -> list[tuple[Case, Weights]]:
    """Each case with weights fitted to the cases of the other folds only."""
    without = {}
    for name in sorted(set(folds)):
        without[name] = _fitted([each for each, fold in zip(cases, folds, strict=True) if fold != name], prior, strength)
        step()
    return [(each, without[fold]) for each, fold in zip(cases, folds, strict=True)]


def _fitted(cases: Sequence[Case], prior: Weights, strength: float) -> Weights:
    # In one order, so that sums and so the last digits are the same for the same cases.
    ordered = sorted(cases, key=lambda each: (each.name, each.title))
    told = [each.sample for each in ordered if each.attack_told]
    return fit([*told, *(each.teaser for each in ordered if each.teaser)], prior, strength)


def _crossed(judged: Sequence[tuple[Case, Weights]]) -> Crossed:
    languages = sorted({each.sample.lang for each, _ in judged})
    by_language = {lang: flagging((each, by) for each, by in judged if each.sample.lang == lang) for lang in languages}
    return Crossed(flagging(judged), by_language)


def flagging(judged: Iterable[tuple[Case, Weights]]) -> Score:
    """How well cases are flagged, each by the weights beside it."""
    return score((each.sample.relevant, each.flagged(weights)) for each, weights in judged)
