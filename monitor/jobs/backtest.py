"""Stored articles judged again with another configuration: what it would have gained and lost. Nothing in the store is touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from monitor.detect.lexicon import Lexicon
from monitor.detect.verdict import assess
from monitor.model import Finding
from monitor.store.archive import JudgedArticle

_PORTION = 500

Portion = Callable[[int, int], list[JudgedArticle]]  # judged articles from a number on, so many at most


@dataclass(frozen=True, slots=True)
class Again:
    """A stored article with the verdict that the other configuration gives it."""

    judged: JudgedArticle
    finding: Finding

    @property
    def change(self) -> str:
        """`gained`, `lost`, or nothing where both verdicts are the same."""
        if self.finding.relevant == self.judged.relevant:
            return ""
        return "gained" if self.finding.relevant else "lost"


def again(portion: Portion, known: Lexicon) -> Iterator[Again]:
    """Every article of the archive, judged again, a portion at a time so that the memory stays small."""
    start = 0
    while rows := portion(start, _PORTION):
        yield from (Again(row, assess(row.article, known)) for row in rows)
        start = rows[-1].id + 1


def changes(all_again: Iterable[Again], seen: Counter[str]) -> Iterator[Again]:
    """Those whose verdict differs; `seen` counts all: `judged`, `summaries` (no text was kept), `gained` and `lost`."""
    for each in all_again:
        seen["judged"] += 1
        seen["summaries"] += not each.judged.has_text
        if each.change:
            seen[each.change] += 1
            yield each
