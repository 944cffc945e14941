"""What speaks for and against an article: features of no language, each with the words it rests on. Weights are configuration."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from monitor.detect.document import Document
from monitor.detect.institutions import CountryMention, Mention
from monitor.detect.lexicon import COUNTER, STRONG, SUPPORT, TYPED
from monitor.detect.match import Hit, between
from monitor.model import Victim

NEAR = 8  # words within which a strike or a failure belongs to something digital
WEAK = ("strike", "down", "ransom")  # what is an attack only near something digital
_DENIED = 2  # words after a denial that it still governs: "no sign of a hacker attack"
_NEGATED = ("leak", "wiper", "intrusion", "ransom", "strike")
_NEGATES = 4  # words before the deed in which its negation stands
_HEAD = ("title", "lead")
_BODY_FULL = 3  # so many sentences of the body count as full evidence


@dataclass(frozen=True, slots=True)
class Span:
    """Words that support a feature: from token `first` to `last`, by `term`."""

    term: str
    first: int
    last: int


@dataclass(slots=True)
class Evidence:
    """Feature values (0 to 1) and, for each, the first words that gave rise to it."""

    values: dict[str, float] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)

    def add(self, feature: str, value: float, span: Span | None = None) -> None:
        if value > self.values.get(feature, 0.0):
            self.values[feature] = value
            if span is not None:
                self.spans.setdefault(feature, span)


@dataclass(frozen=True, slots=True)
class Names:
    """Who is named: institutions, those of them that are the victims, countries, actors, and the country the text is about."""

    institutions: Sequence[Mention]
    victims: tuple[Victim, ...]
    countries: Sequence[CountryMention]
    actors: Sequence[Hit[str]]
    watched: frozenset[str]
    suspects: frozenset[str]
    home: str | None


@dataclass(frozen=True, slots=True)
class Cyber:
    """Words that are a cyberattack on their own, and pairs that are one together: a strike on, or the failure of, something digital."""

    strong: Sequence[Span]
    weak: Sequence[Span]


Concepts = dict[str, list[Hit[str]]]


def by_concept(document: Document, hits: Iterable[Hit[str]]) -> Concepts:
    """The hits of each concept. What a negation says did not happen ("no data was leaked") is left out; what works again recovers."""
    found: Concepts = defaultdict(list)
    for hit in hits:
        found[hit.value].append(hit)
    found["recover"] = sorted((*found["recover"], *found["restored"]), key=lambda hit: (hit.first, hit.last))
    no = found["negation"]
    for concept in _NEGATED if no else ():
        found[concept] = [hit for hit in found[concept] if not _negated(document, hit, no)]
    return found


def _negated(document: Document, hit: Hit[str], no: Sequence[Hit[str]]) -> bool:
    """Whether a negation stands before the deed, or among its words."""
    sentence = document.sentences[hit.first]
    return any(document.sentences[each.first] == sentence for each in between(no, hit.first - _NEGATES, hit.last))


def cyber_spans(document: Document, concepts: Concepts) -> Cyber:
    """The words of attack of a document. Those that a denial names are no sign of one."""
    denied = _denied(document, concepts.get("denial", ()))
    strong = [Span(hit.term, hit.first, hit.last) for concept in STRONG for hit in concepts.get(concept, ()) if hit.first not in denied]
    digital = concepts.get("digital", [])
    weak = [
        Span(f"{hit.term} + {near.term}", min(hit.first, near.first), max(hit.last, near.last))
        for concept in WEAK
        for hit in concepts.get(concept, ())
        if hit.first not in denied and (near := _near(document, hit, digital)) is not None
    ]
    return Cyber(strong, weak)


def _denied(document: Document, denials: Iterable[Hit[str]]) -> set[int]:
    """`not a cyberattack`: the attack that a denial names is no sign of one."""
    return {
        at
        for denial in denials
        for at in range(max(denial.first - 1, 0), min(denial.last + _DENIED + 1, len(document.tokens)))
        if document.sentences[at] == document.sentences[denial.first]
    }


def _near(document: Document, hit: Hit[str], others: Sequence[Hit[str]]) -> Hit[str] | None:
    sentence = document.sentences[hit.first]
    near = between(others, hit.first - NEAR, hit.first + NEAR)
    return next((other for other in near if document.sentences[other.first] == sentence), None)


def collect(document: Document, concepts: Concepts, cyber: Cyber, names: Names) -> Evidence:
    """All features of an article."""
    evidence = Evidence()
    _by_zone(evidence, document, "cyber", cyber.strong)
    _by_zone(evidence, document, "weak", cyber.weak)
    for concept in (*COUNTER, *SUPPORT, "denial"):
        _by_zone(evidence, document, concept, [Span(hit.term, hit.first, hit.last) for hit in concepts.get(concept, ())])
    kinds = {concept for concept in TYPED for hit in concepts.get(concept, ()) if document.zones[hit.first] != "background"}
    evidence.add("kinds", min(len(kinds), 3) / 3)
    _names(evidence, document, names)
    _together(evidence, document, names, (*cyber.strong, *cyber.weak))
    _quiet(evidence)
    return evidence


def _by_zone(evidence: Evidence, document: Document, name: str, spans: Sequence[Span]) -> None:
    told: set[int] = set()
    for span in spans:
        zone = document.zones[span.first]
        if zone in _HEAD:
            evidence.add(f"{name}.{zone}", 1.0, span)
        elif zone == "body":
            told.add(document.sentences[span.first])
            evidence.add(f"{name}.body", min(len(told), _BODY_FULL) / _BODY_FULL, span)


def _victim_ids(names: Names) -> frozenset[str]:
    return frozenset(victim.id for victim in names.victims)


def _names(evidence: Evidence, document: Document, names: Names) -> None:
    victims = _victim_ids(names)
    for mention in names.institutions:
        span = Span(mention.term, mention.first, mention.last)
        zone = document.zones[mention.first]
        if mention.victim.country not in names.watched:
            evidence.add(f"foreign.{zone}", 1.0, span)
        elif mention.responder and mention.victim.id not in victims:
            evidence.add(f"responder.{zone}", 1.0, span)
        else:
            evidence.add(f"{'victim' if mention.victim.id in victims else 'named'}.{zone}", 1.0, span)
    for country in names.countries:
        kind = "country" if country.country in names.watched else "suspect" if country.country in names.suspects else "foreign"
        evidence.add(f"{kind}.{document.zones[country.first]}", 1.0, Span(country.term, country.first, country.last))
    for actor in names.actors:
        evidence.add("actor", 1.0, Span(actor.term, actor.first, actor.last))


def _together(evidence: Evidence, document: Document, names: Names, cyber: Sequence[Span]) -> None:
    """What stands in one sentence, or in title and lead together: attack and victim, attack and foreign country."""
    attacked = {document.sentences[span.first]: span for span in reversed(cyber) if document.zones[span.first] != "background"}
    head = next((span for span in cyber if document.zones[span.first] in _HEAD), None)
    victims = _victim_ids(names)
    for mention in names.institutions:
        if mention.victim.id not in victims:
            continue
        zone = document.zones[mention.first]
        if document.sentences[mention.first] in attacked:
            evidence.add(f"hit.{zone}", 1.0, Span(mention.term, mention.first, mention.last))
        if head is not None and zone in _HEAD:
            evidence.add("incident", 1.0, Span(mention.term, mention.first, mention.last))
    values = evidence.values
    local = any(values.get(f"{kind}.{zone}") for kind in ("victim", "country") for zone in _HEAD)
    abroad = next(
        (evidence.spans[f"{kind}.{zone}"] for kind in ("foreign", "suspect") for zone in _HEAD if f"{kind}.{zone}" in values), None
    )
    if not local and not any(f"named.{zone}" in values for zone in _HEAD):
        evidence.add("nobody", 1.0)
    if not local and abroad is not None:
        evidence.add("foreign.only", 1.0, abroad)
    if values.get("foreign.title") and not (values.get("victim.title") or values.get("country.title")):
        evidence.add("foreign.first", 1.0, evidence.spans["foreign.title"])


def _quiet(evidence: Evidence) -> None:
    """What title and lead tell by its effect or its claim, and only the body by its name: half of first reports never say "cyber" early."""
    victim = _first(evidence, "victim", _HEAD)
    if victim is None:
        return
    attacked = max(evidence.values.get(f"{kind}.body", 0.0) for kind in ("cyber", "weak"))
    effect = _first(evidence, "manual", _HEAD) or _first(evidence, "down", _HEAD) or _first(evidence, "weak", _HEAD)
    if effect is not None and attacked:
        evidence.add("quiet", 1.0, effect)
    if attacked:
        evidence.add("told", attacked, victim)
    if "actor" in evidence.values:
        evidence.add("claimed", 1.0, evidence.spans["actor"])


def _first(evidence: Evidence, kind: str, zones: Sequence[str]) -> Span | None:
    return next((evidence.spans[f"{kind}.{zone}"] for zone in zones if f"{kind}.{zone}" in evidence.spans), None)
