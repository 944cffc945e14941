"""What is wrong with the terms of a concept: written twice, shadowed by a wider one, or matching a word that they must not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from monitor.detect.terms import Pattern, compile_term, covers, matches
from monitor.text.fold import fold


def needless(terms: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each term that finds nothing which another of `terms` does not find, with that other one; of equal ones the later."""
    patterns = [(term, pattern) for term in terms for pattern in _compiled(term)]
    by_stem: dict[str, list[tuple[int, str, Pattern]]] = defaultdict(list)
    for number, (term, pattern) in enumerate(patterns):
        for word in pattern[0].words:
            by_stem[word.stem].append((number, term, pattern))
    shadows: dict[str, list[str | None]] = defaultdict(list)
    for number, (term, pattern) in enumerate(patterns):
        shadows[term].append(_wider(number, term, pattern, by_stem))
    for term, found in shadows.items():
        if all(found):
            yield term, found[0] or ""


def _wider(number: int, term: str, pattern: Pattern, by_stem: Mapping[str, list[tuple[int, str, Pattern]]]) -> str | None:
    stem = pattern[0].words[0].stem
    for length in range(1, len(stem) + 1):
        for other_number, other, wider in by_stem.get(stem[:length], ()):
            if other != term and covers(wider, pattern) and (other_number < number or not covers(pattern, wider)):
                return other
    return None


def repeated(terms: Iterable[str]) -> list[str]:
    """Terms written more than once."""
    return [term for term, count in Counter(terms).items() if count > 1]


def false_hits(terms: Iterable[str], false_friends: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each term that would match one of the words that it must not, with that word."""
    friends = [(word, fold(word)) for word in false_friends]
    for term in terms:
        for pattern in _compiled(term):
            for word, folded in friends:
                if matches(pattern, folded):
                    yield term, word


def _compiled(term: str) -> Sequence[Pattern]:
    """Nothing for a term that cannot be read: that has been said already."""
    try:
        return compile_term(term)
    except ValueError:
        return ()
