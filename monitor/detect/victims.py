"""Which of the institutions named are the victims: by zone, by the words of attack around them, by who merely speaks or investigates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from monitor.detect.document import Document
from monitor.detect.evidence import Concepts, Cyber
from monitor.detect.institutions import Mention
from monitor.detect.match import Hit
from monitor.model import Victim, without_unnamed

_ZONE = {"title": 3.0, "lead": 2.0, "body": 1.5}
_ATTACKED = 1.5  # in one sentence with words of attack
_CUE = 2.0  # "attack on X", "X was hit"
_SPEAKS = 2.0  # "X said", "X: all is well": whoever speaks may be anybody
_ACTS = 1.5  # whoever passes a law, trains or warns in the sentence is not hit in it
_ACTING = ("policy", "exercise", "warning")
_ASKED = 2.0  # police and courts stand in these reports because they investigate, media because they were told
_AGAIN = 0.4  # for each further mention
_WITHIN = 1.8  # a victim this much weaker than the strongest is a bystander
_LEAST = 2.5
_CUE_REACH = 4
_NEXT = 3  # from one name of a list to the next: a comma or "and", an article, a preposition
_BYSTANDERS = frozenset(("police", "prosecution", "court", "intelligence", "media", "political_party"))


def victims(
    document: Document, institutions: Sequence[Mention], concepts: Concepts, cyber: Cyber, cues: Sequence[Hit[str]]
) -> tuple[Victim, ...]:
    """The victims among `institutions`, strongest first. Empty where none stands out: then only the country is known.

    Title and lead decide; the body is asked only if these name nobody. Those who answer attacks are victims only of one "on" them.
    """
    attacked = _attacked_in_title(document, institutions, cues)
    able = [each for each in institutions if not each.responder or each.first in attacked]
    pointed_at = _pointed_at(document, able, cues)
    weigh = _scale(document, concepts, cyber, _listed(document, able, pointed_at))
    for zones in (("title", "lead"), ("body",)):
        found = _strongest([(each, weigh(each)) for each in able if document.zones[each.first] in zones])
        if found:
            return found
    return ()


def _strongest(weighed: Sequence[tuple[Mention, float]]) -> tuple[Victim, ...]:
    best: dict[Victim, float] = {}
    counts = Counter(mention.victim for mention, _ in weighed)
    for mention, weight in weighed:
        best[mention.victim] = max(best.get(mention.victim, 0.0), weight + _AGAIN * min(counts[mention.victim] - 1, 3))
    least = max(_LEAST, max(best.values(), default=0.0) - _WITHIN)
    return without_unnamed([victim for victim in sorted(best, key=lambda victim: -best[victim]) if best[victim] >= least])


def _attacked_in_title(document: Document, mentions: Sequence[Mention], cues: Sequence[Hit[str]]) -> set[int]:
    """Where the institution begins that the title names first after "attack on"."""
    attacks = [cue.last for cue in cues if cue.value == "victim_after" and document.zones[cue.last] == "title"]
    named = sorted(mention.first for mention in mentions if document.zones[mention.first] == "title")
    return {next((at for at in named if cue < at <= cue + _CUE_REACH), -1) for cue in attacks}


def _pointed_at(document: Document, mentions: Sequence[Mention], cues: Sequence[Hit[str]]) -> set[int]:
    """Where the mentions begin that a cue points at: "the attack on X"."""
    after = _beside(document, (cue.last for cue in cues if cue.value == "victim_after"), 1, _CUE_REACH)
    before = _beside(document, (cue.first for cue in cues if cue.value == "victim_before"), -_CUE_REACH, -1)
    return {mention.first for mention in mentions if mention.first in after or mention.last in before}


def _listed(document: Document, mentions: Sequence[Mention], pointed_at: set[int]) -> set[int]:
    """Those pointed at and those listed beside one: "the attack on X, Y and Z" is on all three."""
    cued = set(pointed_at)
    pairs = list(pairwise(sorted(mentions, key=lambda mention: mention.first)))
    for one, other in (*pairs, *((other, one) for one, other in reversed(pairs))):
        gap = max(other.first - one.last, one.first - other.last)
        if one.first in cued and gap <= _NEXT and document.sentences[one.first] == document.sentences[other.first]:
            cued.add(other.first)
    return cued


def _scale(document: Document, concepts: Concepts, cyber: Cyber, cued: set[int]) -> Callable[[Mention], float]:
    """What a mention weighs, by its zone and by what stands in its sentence."""
    attacked = {document.sentences[span.first] for span in (*cyber.strong, *cyber.weak)}
    acting = {document.sentences[hit.first] for concept in _ACTING for hit in concepts.get(concept, ())}
    spoken = [hit.first for hit in concepts.get("official", ())]
    speaks_after, speaks_before = _beside(document, spoken, -3, -1), _beside(document, spoken, 1, 2)

    def weigh(mention: Mention) -> float:
        sentence = document.sentences[mention.first]
        weight = _ZONE[document.zones[mention.first]] + _ATTACKED * (sentence in attacked) - _ACTS * (sentence in acting)
        if _quoted(document, mention):
            return weight - _SPEAKS
        if mention.first in cued:
            return weight + _CUE
        if mention.victim.sector in _BYSTANDERS and document.zones[mention.first] != "title":
            weight -= _ASKED
        return weight - _SPEAKS * (mention.last in speaks_after or mention.first in speaks_before)

    return weigh


def _quoted(document: Document, mention: Mention) -> bool:
    """`HEP: all is well here`."""
    after = mention.last + 1
    return after < len(document.tokens) and document.tokens.before[after].startswith(":")


def _beside(document: Document, places: Iterable[int], low: int, high: int) -> set[int]:
    """The tokens from `low` to `high` words beside each of `places`, in its sentence."""
    end = len(document.tokens)
    return {
        at
        for place in places
        for at in range(max(place + low, 0), min(place + high + 1, end))
        if document.sentences[at] == document.sentences[place]
    }
