"""Which of the institutions named are the victims: by zone, by the words of attack around them, by who merely speaks or investigates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from monitor.detect.document import Document
from monitor.detect.evidence import Concepts, cyber_spans
from monitor.detect.institutions import Mention
from monitor.detect.terms import Hit
from monitor.model import Victim

_ZONE = {"title": 3.0, "lead": 2.0, "body": 0.5, "background": -9.0}
_ATTACKED = 1.5  # in one sentence with words of attack
_CUE = 2.0  # "attack on X", "X was hit"
_SPEAKS = 2.0  # "X said", "X: all is well": whoever speaks may be anybody
_ACTS = 1.5  # whoever passes a law in the sentence is not hit in it
_ASKED = 2.0  # police and courts stand in these reports because they investigate, media because they were told
_AGAIN = 0.4  # for each further mention
_WITHIN = 1.8  # a victim this much weaker than the strongest is a bystander
_LEAST = 2.5
_CUE_REACH = 4
_BYSTANDERS = frozenset(("police", "prosecution", "court", "intelligence", "media", "political_party"))


def victims(
    document: Document, institutions: Sequence[Mention], watched: frozenset[str], concepts: Concepts, cues: Sequence[Hit[str]]
) -> tuple[Victim, ...]:
    """The victims, strongest first. Empty where no institution stands out: then only the country is known."""
    strong, weak = cyber_spans(document, concepts)
    attacked = {document.sentences[span.first] for span in strong + weak}
    spoken = [hit.first for hit in concepts.get("official", ())]
    acting = {document.sentences[hit.first] for hit in concepts.get("policy", ())}
    weights: dict[str, float] = {}
    seen: dict[str, Victim] = {}
    counts: dict[str, int] = defaultdict(int)
    for mention in institutions:
        if mention.responder or mention.victim.country not in watched:
            continue
        weight = _weight(document, mention, attacked, spoken, cues)
        weight -= _ACTS if document.sentences[mention.first] in acting else 0.0
        name = mention.victim.id
        seen[name] = mention.victim
        counts[name] += 1
        weights[name] = max(weights.get(name, -9.0), weight)
    total = {name: weight + _AGAIN * min(counts[name] - 1, 3) for name, weight in weights.items()}
    least = max(_LEAST, max(total.values(), default=0.0) - _WITHIN)
    return tuple(seen[name] for name in sorted(total, key=lambda name: -total[name]) if total[name] >= least)


def _weight(document: Document, mention: Mention, attacked: set[int], spoken: Sequence[int], cues: Sequence[Hit[str]]) -> float:
    sentence = document.sentences[mention.first]
    weight = _ZONE[document.zones[mention.first]]
    cued = any(_points_at(document, cue, mention) for cue in cues)
    if sentence in attacked:
        weight += _ATTACKED
    if cued:
        return weight + _CUE
    if _speaks(document, mention, spoken):
        weight -= _SPEAKS
    if mention.victim.sector in _BYSTANDERS and document.zones[mention.first] != "title":
        weight -= _ASKED
    return weight


def _speaks(document: Document, mention: Mention, spoken: Sequence[int]) -> bool:
    after = mention.last + 1
    if after < len(document.tokens) and document.tokens[after].before.startswith(":"):
        return True
    sentence = document.sentences[mention.first]
    return any(0 < at - mention.last <= 3 or 0 < mention.first - at <= 2 for at in spoken if document.sentences[at] == sentence)


def _points_at(document: Document, cue: Hit[str], mention: Mention) -> bool:
    """`victim_after` cues stand before the victim, `victim_before` cues after it, with few words between."""
    if document.sentences[cue.first] != document.sentences[mention.first]:
        return False
    if cue.value == "victim_after":
        return 0 < mention.first - cue.last <= _CUE_REACH
    return 0 < cue.first - mention.last <= _CUE_REACH
