"""Whether an article says that its victim was attacked before, and that this is another attack."""

from __future__ import annotations

from monitor.detect.document import Document
from monitor.detect.evidence import Concepts
from monitor.detect.match import Hit, between

_HEAD = ("title", "lead")
_ELSE = ("restored", "recover", "manual", "aftermath")  # "again" of what works again, or after the second attack
_NEGATES = 4  # words before "again" in which its negation stands


def again(document: Document, concepts: Concepts) -> bool:
    """Said in title or lead. Words that say something else as well ("works again", "weeks after the second attack") do not count."""
    other = [hit for concept in _ELSE for hit in concepts.get(concept, ())]
    return any(
        document.zones[hit.first] in _HEAD
        and not any(each.first <= hit.last and hit.first <= each.last for each in other)
        and not _negated(document, hit, concepts)
        for hit in concepts.get("again", ())
    )


def _negated(document: Document, hit: Hit[str], concepts: Concepts) -> bool:
    """Whether a negation stands before it. One of its own words is none: "not the first time"."""
    before = between(concepts.get("negation", ()), hit.first - _NEGATES, hit.first - 1)
    return any(document.sentences[each.first] == document.sentences[hit.first] for each in before)
