"""Whether an article says that what an attack hit works again: done, not still down, nor partly back, nor promised."""

from __future__ import annotations

from monitor.detect.document import Document
from monitor.detect.evidence import Concepts


def resolved(document: Document, concepts: Concepts) -> bool:
    """Said in title or lead. A word that takes it back ("still", "partly", "will", "hit again") counts for its whole sentence."""
    unfinished = {document.sentences[hit.first] for hit in concepts.get("unfinished", ())}
    told = {document.zones[hit.first] for hit in concepts.get("restored", ()) if document.sentences[hit.first] not in unfinished}
    return "title" in told or "lead" in told
