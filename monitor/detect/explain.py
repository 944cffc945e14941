"""Why an article was flagged, or what it lacked: the whole sum, part by part."""

from __future__ import annotations

import math
from dataclasses import dataclass

from monitor.detect.lexicon import Lexicon, Weights
from monitor.detect.verdict import NEEDED, Weighed, read, total, verdict, weigh
from monitor.model import Article, Finding, Reason

# What each kind of evidence is, in words. Concepts of the lexicon that are not here speak for themselves.
_MEANINGS = {
    "cyber": "words that are a cyberattack on their own",
    "weak": "a strike on something digital, or its failure",
    "victim": "an institution of a watched country that something happens to",
    "named": "another institution of a watched country",
    "responder": "a body that answers attacks",
    "hit": "the victim in one sentence with the attack",
    "incident": "attack and victim both in title and lead",
    "country": "a watched country",
    "suspect": "a country whose groups attack ours",
    "foreign": "a foreign country or institution",
    "foreign.only": "title and lead name foreign countries only",
    "foreign.first": "the title names a foreign country and no watched one",
    "nobody": "title and lead name neither a watched country nor one of its institutions",
    "kinds": "kinds of attack named",
    "actor": "a known group",
    "quiet": "a victim and an effect early, the attack named only later",
    "told": "a victim early, and words of attack in the body",
    "claimed": "a victim early, and a known group",
}
_ZONES = ("title", "lead", "body")


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of evidence in the sum. `reason` tells the words it rests on; some evidence has none of its own."""

    feature: str
    meaning: str
    weight: float
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """`bias` and the weights of `parts` add up to `total`; from `needed` on an article is flagged. `missing` would have added to it.

    Where no attack is told (`attack_told`), nothing is flagged whatever the sum.
    """

    finding: Finding
    bias: float
    parts: tuple[Part, ...]
    total: float
    needed: float
    attack_told: bool
    missing: tuple[Part, ...]


def explain(article: Article, lexicon: Lexicon) -> Explanation:
    """The finding with its whole sum, the heaviest evidence first, and, if it was not flagged, with what was missing."""
    weights = lexicon.weights
    weighed = weigh(read(article, lexicon), article, lexicon)
    finding = verdict(weighed, article, weights)
    reasons = {reason.rule: reason for reason in finding.reasons}
    parts = [
        Part(feature, _meaning(feature), weight * value, reasons.get(feature))
        for feature, value in weighed.evidence.values.items()
        if (weight := weights.features.get(feature))
    ]
    return Explanation(
        finding,
        weights.bias,
        tuple(sorted(parts, key=lambda part: -abs(part.weight))),
        total(weighed.evidence, weights),
        math.log(weights.threshold / (1.0 - weights.threshold)),
        weighed.reading.attack_told,
        () if finding.relevant else _missing(weighed, weights),
    )


def _missing(weighed: Weighed, weights: Weights) -> tuple[Part, ...]:
    """Of each kind of evidence that speaks for an incident and was found in no zone, the place where it would have counted most.

    Without words that tell of an attack nothing else counts: they come first.
    """
    found = {_kind(feature) for feature in weighed.evidence.values}
    best: dict[str, Part] = {}
    for feature, weight in weights.features.items():
        kind = _kind(feature)
        if weight > 0 and kind not in found and (kind not in best or weight > best[kind].weight):
            best[kind] = Part(feature, _meaning(feature), weight)
    told = weighed.reading.attack_told
    return tuple(sorted(best.values(), key=lambda part: (told or _kind(part.feature) not in NEEDED, -part.weight)))


def _kind(feature: str) -> str:
    kind, _, zone = feature.rpartition(".")
    return kind if zone in _ZONES else feature


def _meaning(feature: str) -> str:
    kind = _kind(feature)
    said = _MEANINGS.get(kind, f"words of the concept {kind!r}")
    return f"{said}, in the {feature.rpartition('.')[2]}" if kind != feature else said
