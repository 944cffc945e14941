"""Terms as people write them in the configuration, compiled to patterns over folded words.

`word` this word; `stem*` and any ending up to six letters; `stem*3` up to three; `a b` one after the other; `a .. b` with up to four
words between; `a~b` joined, hyphenated or spaced (with `a` of one letter never spaced: "e Kosovës" is no `e~Kosova`); `a|b`
alternatives for one place.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from monitor.text.fold import fold_text

LONGEST_ENDING = 6
GAP = 4
GLUED = -1
_VOWELS = "aeiouαεηιουω"
_ENDING, _ENDING_OF_SHORT = 4, 2  # letters that a case ending may have; a short stem with a long ending is another word
_REMEMBERED = 1 << 17  # terms repeat their words, and are looked at more than once while a lexicon is read
_PARTING = re.compile(r"[-.'’]")


class Word(NamedTuple):
    """One alternative for one place: a folded stem and how many letters may follow it."""

    stem: str
    ending: int

    def covers(self, other: Word) -> bool:
        """Whether every word that `other` matches is matched by this one too."""
        return other.stem.startswith(self.stem) and len(other.stem) + other.ending <= len(self.stem) + self.ending


class Place(NamedTuple):
    """One place of a term: its alternatives, and how many words may stand before it; `GLUED`: one mark only."""

    words: tuple[Word, ...]
    gap: int


Pattern = tuple[Place, ...]


def compile_term(term: str, inflected: bool = False) -> tuple[Pattern, ...]:
    """The patterns of a term; `inflected` lets words of five letters and more take case endings without a `*`.

    Raises `ValueError` on bad syntax.
    """
    patterns: list[Pattern] = [()]
    gap = 0
    for part in term.split():
        if part == "..":
            gap = GAP
            continue
        patterns = [pattern + tail for pattern in patterns for tail in _places(part, gap, inflected)]
        gap = 0
    if not patterns[0] or gap:
        raise ValueError(f"{term!r} has no word, or ends in a gap")
    if not all(place.words for pattern in patterns for place in pattern):
        raise ValueError(f"{term!r} has nothing on one side of a | or ~")
    return tuple(patterns)


def _places(part: str, gap: int, inflected: bool) -> list[Pattern]:
    if "~" in part:
        return [pattern for alternative in part.split("|") for pattern in _joinable(alternative, gap, inflected)]
    pieces = [piece for piece in _PARTING.sub(" ", part).split() if piece]
    if not pieces:
        raise ValueError(f"{part!r} has no letter")
    first = Place(_words(pieces[0], inflected), gap)
    between = GLUED if "." in part else 0
    return [(first, *(Place(_words(piece, inflected), between) for piece in pieces[1:]))]


def _joinable(part: str, gap: int, inflected: bool) -> list[Pattern]:
    left, tilde, right = part.partition("~")
    if not tilde:
        return [(Place(_words(part, inflected), gap),)]
    between = GLUED if len(left) == 1 else 0
    apart = (Place(_words(left, inflected), gap), Place(_words(right, inflected), between))
    return [apart, (Place(_words(left + right, inflected), gap),)]


def _words(part: str, inflected: bool) -> tuple[Word, ...]:
    return tuple(_word(alternative, inflected) for alternative in part.split("|") if alternative)


@lru_cache(maxsize=_REMEMBERED)
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


def forget() -> None:
    """Gives back what was remembered of terms, once they are compiled."""
    _word.cache_clear()


def covers(one: Pattern, other: Pattern) -> bool:
    """Whether `one` finds all that `other` finds: as many places, as near, and at each every word."""
    return len(one) == len(other) and all(_place_covers(a, b) for a, b in zip(one, other, strict=True))


def _place_covers(one: Place, other: Place) -> bool:
    return one.gap == other.gap and all(any(a.covers(b) for a in one.words) for b in other.words)


def matches(pattern: Pattern, word: str) -> bool:
    """Whether a pattern of one place matches the folded `word`."""
    return len(pattern) == 1 and any(each.covers(Word(word, 0)) for each in pattern[0].words)
