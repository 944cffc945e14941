"""Whether an article says that what an attack hit works again: done, not still down, nor partly back, nor promised."""

from __future__ import annotations

from monitor.detect.document import Document
from monitor.detect.evidence import Concepts

_HEAD = ("title", "lead")
_TITLE = 0  # the number of its sentence


def resolved(document: Document, concepts: Concepts) -> bool:
    """Said in title or lead. What takes it back ("still", "partly", "will", "hit again") does so for its sentence, in the title for all."""
    unfinished = {document.sentences[hit.first] for hit in concepts.get("unfinished", ())}
    told = {document.zones[hit.first] for hit in concepts.get("restored", ()) if document.sentences[hit.first] not in unfinished}
    return _TITLE not in unfinished and not told.isdisjoint(_HEAD)
