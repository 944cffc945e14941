"""From an article to a finding: the order in which the parts of detection are asked."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass

from monitor.detect import document as documents
from monitor.detect import institutions as register
from monitor.detect.document import Document
from monitor.detect.evidence import Concepts, Cyber, Evidence, Names, Span, by_concept, collect, cyber_spans
from monitor.detect.lexicon import STRONG, TYPED, Language, Lexicon, Weights
from monitor.detect.repetition import again
from monitor.detect.resolution import resolved
from monitor.detect.victims import victims
from monitor.model import Article, Attack, Finding, Kind, Reason, Status
from monitor.text.language import identify, variant

_ATTACK_OF: dict[str, Attack] = {
    "ransomware": "ransomware",
    "ddos": "ddos",
    "wiper": "wiper",
    "defacement": "defacement",
    "leak": "data_leak",
    "phishing": "phishing",
    "malware": "malware",
    "account": "account_takeover",
    "intrusion": "intrusion",
    "ransom": "ransomware",
}
_ZONE_WEIGHT = {"title": 3.0, "lead": 2.0, "body": 1.0, "background": 0.0}
_MEANS = {"intrusion": 0.5, "malware": 0.5}  # how they got in says less than what they did there
_ONCE = 0.4  # of the body's full evidence: a single mention
_SAID = 1.0  # once in the body; a word that says less counts only where nothing else was said
_SERBIAN = "hbs"
NEEDED = ("cyber", "weak")  # kinds of evidence without which nothing is flagged
_LATER = ("aftermath.title", "aftermath.lead")
_AFTERWARDS = ("aftermath.body", "recover.title", "recover.lead", "arrest.title", "arrest.lead", "investigate.title")
_OVER = ("recover.title", "arrest.title", "arrest.lead", "investigate.title")
_STEEPEST = 700.0  # beyond it the exponential is no number any more
_JUST_NOW = ("down.title", "down.lead", "manual.title", "confirm.lead")


@dataclass(frozen=True, slots=True)
class Reading:
    """What an article says, before anybody is named: its words, its language, its concepts, its words of attack."""

    document: Document
    language: Language
    lang: str
    concepts: Concepts
    cyber: Cyber

    @property
    def attack_told(self) -> bool:
        """Whether any word outside the background tells of an attack on, or the failure of, anything digital."""
        return any(self.document.zones[span.first] != "background" for span in (*self.cyber.strong, *self.cyber.weak))


@dataclass(frozen=True, slots=True)
class Weighed:
    """What was read in an article and who was named, with the evidence of it."""

    reading: Reading
    names: Names
    evidence: Evidence


def read(article: Article, lexicon: Lexicon) -> Reading:
    document = documents.read(article)
    language, lang = recognise(document, article, lexicon)
    concepts = by_concept(document, language.concepts.hits(document))
    document = document.with_background([hit.first for hit in concepts.get("background", ())], article.published)
    return Reading(document, language, lang, concepts, cyber_spans(document, concepts))


def weigh(reading: Reading, article: Article, lexicon: Lexicon) -> Weighed:
    """All that the verdict rests on. The same article always gives the same."""
    names = who_is_named(reading, article, lexicon)
    return Weighed(reading, names, collect(reading.document, reading.concepts, reading.cyber, names))


def assess(article: Article, lexicon: Lexicon) -> Finding:
    """The verdict on one article. Nobody is looked for in an article that tells of no attack: most news is done with here."""
    reading = read(article, lexicon)
    if not reading.attack_told:
        return Finding(relevant=False, score=0.0, lang=reading.lang)
    return verdict(weigh(reading, article, lexicon), article, lexicon.weights)


def verdict(weighed: Weighed, article: Article, weights: Weights) -> Finding:
    """What follows from the evidence. Victims, countries, attacks and actors are named of flagged articles only."""
    document, concepts = weighed.reading.document, weighed.reading.concepts
    names, evidence = weighed.names, weighed.evidence
    score = probability(evidence, weights) if weighed.reading.attack_told else 0.0
    relevant = score >= weights.threshold
    return Finding(
        relevant=relevant,
        score=round(score, 4),
        lang=weighed.reading.lang,
        kind=_kind(evidence, names),
        status=_status(evidence, names, resolved(document, concepts)),
        countries=_countries(names) if relevant else (),
        victims=names.victims if relevant else (),
        attacks=_attacks(document, concepts) if relevant else (),
        actors=tuple(dict.fromkeys(hit.value for hit in names.actors)) if relevant else (),
        reasons=_reasons(document, evidence, weights, article),
        again=relevant and _again(evidence, again(document, concepts)),
    )


def language(article: Article, lexicon: Lexicon) -> str:
    """The name of the language variant that an article is written in."""
    return recognise(documents.read(article), article, lexicon)[1]


def recognise(document: Document, article: Article, lexicon: Lexicon) -> tuple[Language, str]:
    """The lexicon to use, and the name of the language variant."""
    named = (article.lang or "").split("-")[0].lower()
    listed = _SERBIAN if named in ("sr", "bs", "hr", "cnr") else named
    hint = listed or next(iter(lexicon.spoken.get(article.country or "", ())), None)
    key = identify(document.tokens, lexicon.speakers, lexicon.scripts, hint)
    language = lexicon.languages[key]
    if not language.variants:
        return language, key
    marks = Counter(name for name, _ in {(hit.value, hit.first) for hit in language.markers.hits(document)})
    return language, variant(document.tokens, {name: marks[name] for name in language.variants}, article.country)


def who_is_named(reading: Reading, article: Article, lexicon: Lexicon) -> Names:
    """Institutions, countries and actors. A bare "Parliament" is that of the outlet's country, or of the one that the language suggests."""
    document, language = reading.document, reading.language
    outlet = article.country if article.country in lexicon.watched else lexicon.home_of.get(reading.lang)
    named = register.countries(document, language, lexicon)
    country = register.home(document, named, lexicon, outlet)
    attack_at = [hit.first for concept in STRONG for hit in reading.concepts.get(concept, ())]
    institutions = register.institutions(document, language, lexicon, named, country)
    cues = language.cues.hits(document)
    return Names(
        institutions,
        victims(document, [each for each in institutions if each.victim.country in lexicon.watched], reading.concepts, reading.cyber, cues),
        named,
        register.actors(document, lexicon, attack_at),
        lexicon.watched,
        lexicon.suspects,
        country,
    )


def probability(evidence: Evidence, weights: Weights) -> float:
    """The logistic of the weighted sum."""
    return 1.0 / (1.0 + math.exp(min(-total(evidence, weights), _STEEPEST)))


def total(evidence: Evidence, weights: Weights) -> float:
    return weights.bias + sum(weights.features.get(feature, 0.0) * value for feature, value in evidence.values.items())


def _countries(names: Names) -> tuple[str, ...]:
    of_victims = tuple(dict.fromkeys(victim.country for victim in names.victims if victim.country))
    return of_victims or ((names.home,) if names.home else ())


def _attacks(document: Document, concepts: Concepts) -> tuple[Attack, ...]:
    """Up to three attack types by weight of what was said of them; `unknown` where only "attack" was said."""
    weight: defaultdict[Attack, float] = defaultdict(float)
    for concept in (*TYPED, "intrusion", "ransom"):
        for hit in concepts.get(concept, ()):
            weight[_ATTACK_OF[concept]] += _ZONE_WEIGHT[document.zones[hit.first]] * _MEANS.get(concept, 1.0)
    least = min(_SAID, max(weight.values(), default=0.0))
    found = sorted((attack for attack in weight if weight[attack] >= max(least, 0.5)), key=lambda attack: (-weight[attack], attack))
    return tuple(found[:3]) or ("unknown",)


def _kind(evidence: Evidence, names: Names) -> Kind:
    """What sort of report it is: of what an attacker claims, of what came after an incident, or of the incident itself."""
    values = evidence.values
    later = any(feature in values for feature in _LATER)
    if names.actors and not later and ("claim.title" in values or "claim.lead" in values):
        return "claim"
    if later or any(feature in values for feature in _AFTERWARDS):
        return "follow_up"
    if "investigate.lead" in values and not any(feature in values for feature in _JUST_NOW):
        return "follow_up"
    return "claim" if "claim.title" in values else "incident"


def _again(evidence: Evidence, told: bool) -> bool:
    """Another attack is news: a report of what came after one, even after a second, is none of it."""
    return told and not any(feature in evidence.values for feature in _OVER)


def _status(evidence: Evidence, names: Names, over: bool) -> Status:
    values = evidence.values
    if values.get("denial.title") or values.get("denial.lead"):
        return "denied"
    if over:
        return "resolved"
    if values.get("confirm.title") or values.get("confirm.lead") or values.get("confirm.body", 0.0) > _ONCE:
        return "confirmed"
    if names.actors and any(values.get(f"claim.{zone}") for zone in ("title", "lead", "body")):
        return "claimed"
    return "suspected"


def _reasons(document: Document, evidence: Evidence, weights: Weights, article: Article) -> tuple[Reason, ...]:
    reasons = [
        _reason(document, feature, evidence.spans[feature], weights.features.get(feature, 0.0) * value, article)
        for feature, value in evidence.values.items()
        if feature in evidence.spans and weights.features.get(feature)
    ]
    return tuple(sorted(reasons, key=lambda reason: -abs(reason.weight)))


def _reason(document: Document, feature: str, span: Span, weight: float, article: Article) -> Reason:
    start, end = document.tokens.starts[span.first], document.tokens.end(span.last)
    zone = document.zones[span.first]
    source = article.title if zone == "title" else article.text
    return Reason(feature, span.term, source[start:end], zone, start, end, round(weight, 3))
