"""Finding terms in a text: exact, inflected and misspelt, in one pass whose cost grows with the text and not with the number of terms."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from rapidfuzz.distance import OSA

from monitor.detect.terms import GLUED, Pattern, Word, compile_term
from monitor.text.fold import Token, joined

T = TypeVar("T")

_LONGEST_STEM = 40
_REMEMBERED = 100_000  # words; a hostile text must not fill the memory
_MISSPELT = 8  # letters from which on a word may be misspelt: shorter ones are one slip away from too many others
_MISSPELT_TWICE = 12
_LONGEST_MISSPELT = 24


@dataclass(frozen=True, slots=True)
class Words:
    """Parallel lists over the words of a text: token and number of its sentence; `positions` of each folded word, ascending."""

    tokens: list[Token]
    sentences: list[int]
    positions: dict[str, list[int]]


def positions(tokens: Sequence[Token]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for at, token in enumerate(tokens):
        found.setdefault(token.folded, []).append(at)
    return found


def words(tokens: list[Token]) -> Words:
    """Words of one sentence."""
    return Words(tokens, [0] * len(tokens), positions(tokens))


class Hit(NamedTuple, Generic[T]):
    """`value` was found from token `first` to token `last`, both included."""

    value: T
    term: str
    first: int
    last: int


class _Entry(NamedTuple, Generic[T]):
    """A pattern by the numbers of its places, `gaps` before each, and the set of places that must be in a text beside the first."""

    places: tuple[int, ...]
    gaps: tuple[int, ...]
    needs: frozenset[int]
    value: T
    term: str


class _Reading(NamedTuple, Generic[T]):
    """What one word can be: places of patterns, and the patterns that it begins."""

    places: frozenset[int]
    entries: tuple[_Entry[T], ...]


class TermIndex(Generic[T]):
    """Terms with what they stand for. Built once, then only read; what a word can be is remembered, as texts repeat their words.

    `misspelt` are the beginnings of the stems that may be misspelt (an empty one stands for all): a long word that fits nothing may be a
    slip of the pen for one of these, if its first letter is right and one letter (two in long words) is wrong, missing, doubled or
    swapped with its neighbour. `never` are words that are no slip but words of their own.
    """

    def __init__(self, misspelt: Sequence[str] = (), never: Iterable[str] = ()) -> None:
        self._places: dict[tuple[Word, ...], int] = {}
        self._by_stem: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._begun: dict[int, list[_Entry[T]]] = defaultdict(list)
        self._known: dict[str, _Reading[T]] = {}
        self._misspelt = tuple(misspelt)
        self._long: dict[str, list[Word]] = defaultdict(list)
        self._never = frozenset(never)

    def add(self, term: str, value: T, inflected: bool = False, exact: bool = False) -> None:
        """`exact`: this term is not found misspelt. Raises `ValueError` on bad syntax."""
        for pattern in compile_term(term, inflected):
            numbers = tuple(self._place(place.words, exact) for place in pattern)
            gaps = tuple(place.gap for place in pattern)
            self._begun[numbers[0]].append(_Entry(numbers, gaps, frozenset(numbers[1:]), value, term))

    def _place(self, alternatives: tuple[Word, ...], exact: bool) -> int:
        number = self._places.get(alternatives)
        if number is None:
            number = self._places[alternatives] = len(self._places)
            for word in alternatives:
                self._by_stem[word.stem].append((word.ending, number))
        for word in () if exact else alternatives:
            long = len(word.stem) >= _MISSPELT and word.stem.isalpha() and word.stem.startswith(self._misspelt)
            if long and word not in self._long[word.stem[0]]:
                self._long[word.stem[0]].append(word)
        return number

    def hits(self, text: Words) -> list[Hit[T]]:
        """All occurrences, also overlapping ones, each within one sentence, in the order of the text."""
        known = self._known
        present: set[int] = set()
        begun: list[tuple[tuple[_Entry[T], ...], list[int]]] = []
        for word, at in text.positions.items():
            reading = known.get(word)
            if reading is None:
                reading = self._read(word)
            if reading.places:
                present |= reading.places
                if reading.entries:
                    begun.append((reading.entries, at))
        return sorted(self._found(text, begun, present), key=_by_place)

    def _found(
        self, text: Words, begun: Sequence[tuple[tuple[_Entry[T], ...], list[int]]], present: set[int]
    ) -> Iterator[Hit[T]]:
        for entries, positions in begun:
            for entry in entries:
                if not entry.needs:
                    yield from (Hit(entry.value, entry.term, at, at) for at in positions)
                elif entry.needs <= present:
                    for at in positions:
                        last = self._match(entry, text, at)
                        if last is not None:
                            yield Hit(entry.value, entry.term, at, last)

    def _match(self, entry: _Entry[T], text: Words, at: int) -> int | None:
        tokens, sentences, known = text.tokens, text.sentences, self._known
        sentence, position, end = sentences[at], at, len(tokens)
        for place, gap in zip(entry.places[1:], entry.gaps[1:], strict=True):
            for candidate in range(position + 1, min(position + 2 + max(gap, 0), end)):
                if sentences[candidate] != sentence or (gap == GLUED and not joined(tokens[candidate])):
                    return None
                folded = tokens[candidate].folded
                if place in (known.get(folded) or self._read(folded)).places:
                    position = candidate
                    break
            else:
                return None
        return position

    def _read(self, folded: str) -> _Reading[T]:
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        places = self._fitting(folded)
        if not places and self._long and _MISSPELT <= len(folded) <= _LONGEST_MISSPELT and folded not in self._never:
            places = frozenset(place for meant in self._meant(folded) for place in self._fitting(meant))
        reading = _Reading(places, tuple(entry for place in sorted(places) for entry in self._begun.get(place, ())))
        self._known[folded] = reading
        return reading

    def _fitting(self, folded: str) -> frozenset[int]:
        length = len(folded)
        return frozenset(
            place
            for size in range(1, min(length, _LONGEST_STEM) + 1)
            for ending, place in self._by_stem.get(folded[:size], ())
            if length - size <= ending
        )

    def _meant(self, folded: str) -> Iterator[str]:
        """The stems that a word may have been meant to be."""
        for stem, ending in self._long.get(folded[0], ()):
            if misspells(folded, stem, ending):
                yield stem


def misspells(folded: str, stem: str, ending: int) -> bool:
    """Whether `folded` is `stem` with an ending and a slip of the pen in the stem."""
    slips = 2 if len(stem) >= _MISSPELT_TWICE else 1
    longer = len(folded) - len(stem)
    if not -slips <= longer <= ending + slips:
        return False
    ends = {min(longer, off) for off in (0, 1, -1)} if ending else {longer}
    return any(OSA.distance(folded[: len(stem) + end], stem, score_cutoff=slips) <= slips for end in ends)


def _by_place(hit: Hit[T]) -> tuple[int, int]:
    return hit.first, hit.last


def longest(hits: Sequence[Hit[T]]) -> list[Hit[T]]:
    """Only the hits that no longer hit covers, by place: `National Bank of Serbia` hides `Serbia`. Ties keep all."""
    kept: list[Hit[T]] = []
    begins, ends = -1, -1  # of the hit before that reaches furthest
    for hit in sorted(hits, key=lambda hit: (hit.first, -hit.last)):
        if hit.last < ends or (hit.last == ends and begins < hit.first):
            continue
        kept.append(hit)
        if hit.last > ends:
            begins, ends = hit.first, hit.last
    return kept


def between(hits: Sequence[Hit[T]], low: int, high: int) -> Sequence[Hit[T]]:
    """Those of `hits`, which are in the order of the text, that begin at a token from `low` to `high`."""
    return hits[bisect_left(hits, low, key=_begin) : bisect_right(hits, high, key=_begin)]


def _begin(hit: Hit[T]) -> int:
    return hit.first


def acronym_hits(known: Mapping[str, T], text: Words) -> list[Hit[T]]:
    """Acronyms are whole words, case kept; a hyphenated ending is a word of its own (`AKSHI-t`), a glued one is short (`EPSa`)."""
    found = []
    for at, token in enumerate(text.tokens):
        written = token.text
        value = known.get(written)
        if value is None and len(written) > 2 and written[-1].islower() and written[:-1].isupper():
            written = written[:-1]
            value = known.get(written)
        if value is not None:
            found.append(Hit(value, written, at, at))
    return found
