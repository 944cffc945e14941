"""Terms as people write them in the lexicon, compiled to patterns over folded tokens, and an index that finds them in one pass.

`word` this word; `stem*` and any ending up to six letters; `stem*3` up to three; `a b` one after the other; `a .. b` with up to four
words between; `a~b` joined, hyphenated or spaced (with `a` of one letter never spaced: "e Kosovës" is no `e~Kosova`); `a|b`
alternatives for one place.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

from monitor.text.fold import Token, fold_text, joined

T = TypeVar("T")

LONGEST_ENDING = 6
GAP = 4
GLUED = -1
_LONGEST_STEM = 40
_REMEMBERED = 100_000  # words; a hostile text must not fill the memory
_VOWELS = "aeiouαεηιουω"
_ENDING, _ENDING_OF_SHORT = 4, 2  # letters that a case ending may have; a short stem with a long ending is another word
_PARTING = re.compile(r"[-.'’]")


class Word(NamedTuple):
    """One alternative for one place: a folded stem and how many letters may follow it."""

    stem: str
    ending: int


class Place(NamedTuple):
    """One place of a term: its alternatives (and their stems alone), and how many words may stand before it; `GLUED`: one mark only."""

    words: tuple[Word, ...]
    gap: int
    stems: tuple[str, ...]


class _Entry(NamedTuple, Generic[T]):
    """A pattern under one of the stems that its first place begins with, and how many letters may follow that stem."""

    ending: int
    pattern: tuple[Place, ...]
    value: T
    term: str


class Hit(NamedTuple, Generic[T]):
    """`value` was found from token `first` to token `last`, both included."""

    value: T
    term: str
    first: int
    last: int


def compile_term(term: str, inflected: bool = False) -> list[tuple[Place, ...]]:
    """The patterns of a term; `inflected` lets words of five letters and more take case endings without a `*`.

    Raises `ValueError` on bad syntax.
    """
    patterns: list[tuple[Place, ...]] = [()]
    gap = 0
    for part in term.split():
        if part == "..":
            gap = GAP
            continue
        patterns = [pattern + tail for pattern in patterns for tail in _places(part, gap, inflected)]
        gap = 0
    if not patterns[0] or gap:
        raise ValueError(f"{term!r} has no word, or ends in a gap")
    return patterns


def _places(part: str, gap: int, inflected: bool) -> list[tuple[Place, ...]]:
    if "~" in part:
        return [pattern for alternative in part.split("|") for pattern in _joinable(alternative, gap, inflected)]
    pieces = [piece for piece in _PARTING.sub(" ", part).split() if piece]
    if not pieces:
        raise ValueError(f"{part!r} has no letter")
    first = _place(_words(pieces[0], inflected), gap)
    between = GLUED if "." in part else 0
    return [(first, *(_place(_words(piece, inflected), between) for piece in pieces[1:]))]


def _place(words: tuple[Word, ...], gap: int) -> Place:
    return Place(words, gap, tuple(word.stem for word in words))


def _joinable(part: str, gap: int, inflected: bool) -> list[tuple[Place, ...]]:
    left, tilde, right = part.partition("~")
    if not tilde:
        return [(_place(_words(part, inflected), gap),)]
    between = GLUED if len(left) == 1 else 0
    apart = (_place(_words(left, inflected), gap), _place(_words(right, inflected), between))
    return [apart, (_place(_words(left + right, inflected), gap),)]


def _words(part: str, inflected: bool) -> tuple[Word, ...]:
    return tuple(_word(alternative, inflected) for alternative in part.split("|") if alternative)


def _word(written: str, inflected: bool) -> Word:
    stem, star, limit = written.partition("*")
    folded = fold_text(stem).replace(" ", "")
    if not folded or (limit and not limit.isdigit()):
        raise ValueError(f"{written!r} is not a word, stem* or stem*3")
    if star:
        return Word(folded, int(limit) if limit else LONGEST_ENDING)
    if inflected and len(folded) >= 5 and folded.isalpha():
        bare = folded.rstrip(_VOWELS)
        bare = bare if len(bare) >= 4 else folded[:-1]
        return Word(bare, _ENDING if len(bare) > 4 else _ENDING_OF_SHORT)
    return Word(folded, 0)


class TermIndex(Generic[T]):
    """Terms with what they stand for. Built once, then only read; `hits` is one pass over the tokens.

    A word finds the terms that it can begin by its own prefixes, so that the cost grows with the text and not with the number of terms;
    what a word can begin is remembered, as texts repeat their words.
    """

    def __init__(self) -> None:
        self._by_stem: dict[str, list[_Entry[T]]] = defaultdict(list)
        self._known: dict[str, tuple[_Entry[T], ...]] = {}

    def add(self, term: str, value: T, inflected: bool = False) -> None:
        for pattern in compile_term(term, inflected):
            for word in pattern[0].words:
                self._by_stem[word.stem].append(_Entry(word.ending, pattern, value, term))

    def hits(self, tokens: Sequence[Token], sentences: Sequence[int]) -> Iterator[Hit[T]]:
        """All occurrences, also overlapping ones, each within one sentence. `sentences` gives each token's sentence number."""
        known = self._known
        for at, token in enumerate(tokens):
            entries = known.get(token.folded)
            if entries is None:
                entries = self._begun_by(token.folded)
            for entry in entries:
                last = at if len(entry.pattern) == 1 else _match(entry.pattern, tokens, sentences, at)
                if last is not None:
                    yield Hit(entry.value, entry.term, at, last)

    def _begun_by(self, folded: str) -> tuple[_Entry[T], ...]:
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        lengths = range(1, min(len(folded), _LONGEST_STEM) + 1)
        found = (entry for length in lengths for entry in self._by_stem.get(folded[:length], ()) if len(folded) - length <= entry.ending)
        self._known[folded] = entries = tuple(found)
        return entries


def _match(pattern: tuple[Place, ...], tokens: Sequence[Token], sentences: Sequence[int], at: int) -> int | None:
    sentence, position, end = sentences[at], at, len(tokens)
    for words, gap, stems in pattern[1:]:
        for candidate in range(position + 1, min(position + 2 + max(gap, 0), end)):
            if sentences[candidate] != sentence or (gap == GLUED and not joined(tokens[candidate])):
                return None
            folded = tokens[candidate].folded
            # Nearly every word fails at the first look, which is one call for all alternatives.
            if folded.startswith(stems) and _fits(words, folded):
                position = candidate
                break
        else:
            return None
    return position


def _fits(words: tuple[Word, ...], folded: str) -> bool:
    return any(folded.startswith(stem) and len(folded) - len(stem) <= ending for stem, ending in words)


def longest(hits: Sequence[Hit[T]]) -> list[Hit[T]]:
    """Only the hits that no longer hit covers, by place: `National Bank of Serbia` hides `Serbia`. Ties keep all."""
    kept: list[Hit[T]] = []
    for hit in sorted(hits, key=lambda h: (h.first - h.last, h.first)):
        covered = any(k.first <= hit.first and hit.last <= k.last and (k.last - k.first) > (hit.last - hit.first) for k in kept)
        if not covered:
            kept.append(hit)
    return sorted(kept, key=lambda h: (h.first, h.last))


def acronym_hits(known: dict[str, T], tokens: Sequence[Token]) -> Iterator[Hit[T]]:
    """Acronyms are whole words, case kept; a hyphenated ending is a word of its own (`AKSHI-t`), a glued one is short (`EPSa`)."""
    for at, token in enumerate(tokens):
        value = known.get(token.text)
        text = token.text
        while value is None and len(text) > 2 and text[-1].islower() and len(token.text) - len(text) < 2:
            text = text[:-1]
            value = known.get(text) if text.isupper() else None
        if value is not None:
            yield Hit(value, text, at, at)
