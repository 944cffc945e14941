"""Finding terms in a text: exact, inflected and misspelt, in one pass whose cost grows with the text and not with the number of terms."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Generic, NamedTuple, TypeVar

from rapidfuzz import process
from rapidfuzz.distance import OSA

from monitor.detect.terms import GLUED, LONGEST_ENDING, Pattern, Word, compile_term
from monitor.text.fold import Tokens

T = TypeVar("T")

_REMEMBERED = 100_000  # words; a hostile text must not fill the memory
_MISSPELT = 8  # letters from which on a word may be misspelt: shorter ones are one slip away from too many others
_MISSPELT_TWICE = 12
_LONGEST_MISSPELT = 24


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, the number of each one's sentence, and the positions of each folded word, ascending."""

    tokens: Tokens
    sentences: list[int]
    positions: dict[str, list[int]]


def positions(folded: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for at, word in enumerate(folded):
        found[word].append(at)
    return dict(found)


def words(tokens: Tokens) -> Words:
    """Words of one sentence."""
    return Words(tokens, [0] * len(tokens), positions(tokens.folded))


class Hit(NamedTuple, Generic[T]):
    """`value` was found from token `first` to token `last`, both included."""

    value: T
    term: str
    first: int
    last: int


class _Step(NamedTuple):
    """A place after the first: its number, how far on it may stand, and whether one mark only parts it from the word before."""

    place: int
    reach: int
    glued: bool


class _Entry(NamedTuple, Generic[T]):
    """A pattern: the place of its first word, the steps to its others, and the places that a sentence `needs` to hold it.

    It begins `back` words before the word that it is looked up by.
    """

    first: int
    steps: tuple[_Step, ...]
    needs: frozenset[int]
    back: int
    value: T
    term: str


class _Reading(NamedTuple, Generic[T]):
    """What one word can be: places of patterns, and the patterns that are looked up by it."""

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
        self._lengths: dict[str, frozenset[int]] = {}  # of the stems, by their first two letters
        self._added: list[tuple[tuple[int, ...], tuple[int, ...], T, str]] = []  # places and gaps of patterns that are not looked up yet
        self._by_place: dict[int, list[_Entry[T]]] = defaultdict(list)
        self.misspelt = tuple(misspelt)
        self._never = frozenset(never)
        self._slips: dict[tuple[str, int], dict[str, int]] = defaultdict(dict)  # endings of stems, by first letter and length
        self._known: dict[str, _Reading[T]] = {}
        self._nothing: set[str] = set()  # words known to fit nowhere, which are most

    def add(self, term: str, value: T, inflected: bool = False, exact: bool = False) -> None:
        """`exact`: this term is not found misspelt. Raises `ValueError` on bad syntax."""
        for pattern in compile_term(term, inflected):
            numbers = tuple(self._place(place.words, exact) for place in pattern)
            self._added.append((numbers, _gaps(pattern), value, term))

    def _place(self, alternatives: tuple[Word, ...], exact: bool) -> int:
        number = self._places.get(alternatives)
        if number is None:
            number = self._places[alternatives] = len(self._places)
            for word in alternatives:
                self._by_stem[word.stem].append((word.ending, number))
                beginning, length = word.stem[:2], len(word.stem)
                lengths = self._lengths.get(beginning, frozenset())
                if length not in lengths:
                    self._lengths[beginning] = _set(tuple(sorted({*lengths, length})))
        for stem, ending in () if exact else alternatives:
            if len(stem) >= _MISSPELT and stem.isalpha() and stem.startswith(self.misspelt):
                endings = self._slips[stem[0], len(stem)]
                endings[stem] = max(ending, endings.get(stem, 0))
        return number

    def terms(self) -> set[tuple[str, T]]:
        """All that was added, in the words it was added in."""
        filed = ((entry.term, entry.value) for entries in self._by_place.values() for entry in entries)
        return {*filed, *((term, value) for _, _, value, term in self._added)}

    def _settle(self) -> None:
        """Files what was added under the place that fewest patterns share (hundreds begin with "Ministry"); under the first where a gap
        may follow."""
        shared = Counter(number for numbers, _, _, _ in self._added for number in set(numbers))
        for numbers, gaps, value, term in self._added:
            back = 0 if any(gap > 0 for gap in gaps) else min(range(len(numbers)), key=lambda at: shared[numbers[at]])
            needs = _set(numbers if back else numbers[1:])
            self._by_place[numbers[back]].append(_Entry(numbers[0], _steps(numbers[1:], gaps), needs, back, value, term))
        self._added = []
        self._known, self._nothing = {}, set()

    def hits(self, text: Words) -> list[Hit[T]]:
        """All occurrences, also overlapping ones, each within one sentence, in the order of the text."""
        if self._added:
            self._settle()
        known, positions = self._known, text.positions
        readings = [(positions[word], known.get(word) or self._read(word)) for word in positions.keys() - self._nothing]
        anywhere = frozenset().union(*[reading.places for _, reading in readings])
        live = [(at, entry) for at, reading in readings for entry in reading.entries if entry.needs <= anywhere]
        needed = frozenset().union(*[entry.needs for _, entry in live])
        here = {at: places for those, reading in readings if (places := reading.places & needed) for at in those}
        sentences = text.sentences
        present: dict[int, set[int]] = defaultdict(set)  # places by sentence
        for at, places in here.items():
            present[sentences[at]] |= places
        found = [
            Hit(entry.value, entry.term, at - entry.back, last)
            for those, entry in live
            for at in those
            if entry.needs <= present[sentences[at]] and (last := _end(entry, here, text, at - entry.back)) >= 0
        ]
        return sorted(found, key=_by_place)

    def _read(self, folded: str) -> _Reading[T]:
        reading = self._known.get(folded)
        if reading is None:
            if len(self._known) + len(self._nothing) > _REMEMBERED:
                self._known, self._nothing = {}, set()
            places = self._meant(folded)
            reading = _Reading(places, tuple(entry for place in sorted(places) for entry in self._by_place.get(place, ())))
            if places:
                self._known[folded] = reading
            else:
                self._nothing.add(folded)
        return reading

    def _meant(self, folded: str) -> frozenset[int]:
        """The places that a word fits, or else those of the stems that it may have been meant to be."""
        return self._fitting(folded) or self._slipped(folded)

    def _fitting(self, folded: str) -> frozenset[int]:
        length = len(folded)
        sizes = self._lengths.get(folded[:2], frozenset()) | self._lengths.get(folded[:1], frozenset())
        return frozenset(
            place for size in sizes if size <= length for ending, place in self._by_stem.get(folded[:size], ()) if length - size <= ending
        )

    def _slipped(self, folded: str) -> frozenset[int]:
        if not self._slips or not _MISSPELT <= len(folded) <= _LONGEST_MISSPELT or folded in self._never:
            return frozenset()
        return frozenset(place for stem in self._misspelt_stems(folded) for place in self._fitting(stem))

    def _misspelt_stems(self, folded: str) -> Iterator[str]:
        for size in range(len(folded) - LONGEST_ENDING - 2, len(folded) + 3):
            endings = self._slips.get((folded[0], size))
            if not endings:
                continue
            # An added letter pushes another one out of the stem, so that a slip is two steps here.
            for stem, _, _ in process.extract(folded[:size], list(endings), scorer=OSA.distance, score_cutoff=4, limit=None):
                if misspells(folded, stem, endings[stem]):
                    yield stem


# Patterns share most of their steps and sets: kept once, they take a third of the memory.
@cache
def _steps(places: tuple[int, ...], gaps: tuple[int, ...]) -> tuple[_Step, ...]:
    return tuple(_Step(place, 2 + max(gap, 0), gap == GLUED) for place, gap in zip(places, gaps, strict=True))


_set: Callable[[tuple[int, ...]], frozenset[int]] = cache(frozenset)


def _gaps(pattern: Pattern) -> tuple[int, ...]:
    return tuple(place.gap for place in pattern[1:])


def _end(entry: _Entry[T], here: Mapping[int, frozenset[int]], text: Words, at: int) -> int:
    """The last token of a pattern that begins at `at`; -1 if it is not there as a whole. `here` are the places that tokens fit."""
    if entry.back and (at not in here or entry.first not in here[at]):
        return -1
    position = at
    for place, reach, glued in entry.steps:
        for candidate in range(position + 1, position + reach):
            if candidate in here and place in here[candidate] and not (glued and not text.tokens.joined(candidate)):
                position = candidate
                break
        else:
            return -1
    return position if text.sentences[position] == text.sentences[at] else -1


def misspells(folded: str, stem: str, ending: int) -> bool:
    """Whether `folded` is `stem` with an ending and a slip of the pen in the stem."""
    slips = 2 if len(stem) >= _MISSPELT_TWICE else 1
    longer = len(folded) - len(stem)
    if folded[0] != stem[0] or not -slips <= longer <= ending + slips:
        return False
    ends = {min(longer, off) for off in (0, 1, -1)} if ending else {longer}
    return any(OSA.distance(folded[: len(stem) + end], stem, score_cutoff=slips) <= slips for end in ends)


def _by_place(hit: Hit[T]) -> tuple[int, int, str]:
    return hit.first, hit.last, hit.term


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
    distinct = set(text.tokens.written)
    meant = {written: written for written in known.keys() & distinct}
    for written in distinct:
        if written[-1].islower() and written[-2:-1].isupper() and written[:-1] in known and len(written) > 2 and written[:-1].isupper():
            meant.setdefault(written, written[:-1])
    if not meant:
        return []
    return [Hit(known[meant[written]], meant[written], at, at) for at, written in enumerate(text.tokens.written) if written in meant]
