"""The scan that a page must pass before it is worth reading: whether anything on it could be a word of attack, in any language.

It finds all that detection finds, and more: in no sentence, background or denial, and in the languages that the page's letters allow.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence, Set

from monitor.detect.evidence import NEAR, WEAK
from monitor.detect.lexicon import STRONG, Lexicon
from monitor.detect.match import Hit, TermIndex, Words, between
from monitor.text.fold import LONGEST, Tokens, fold, written

# Of a page; what has more, or longer ones, is left to extraction.
_MOST_WORDS, _MOST_STRANGE, _LONGEST = 100_000, 10_000, 1_000
_BREAK = "\u115f"  # stands between lines: a letter of no language of ours, and no word
_STRONG, _WEAK, _DIGITAL = "strong", "weak", "digital"
_LETTERS = {"Cyrl": re.compile("[\u0400-\u052f]"), "Grek": re.compile("[\u0370-\u03ff\u1f00-\u1fff]")}
_Value = tuple[str, frozenset[str]]  # what a term is, and the languages that have it
_KINDS = {**dict.fromkeys(STRONG, _STRONG), **dict.fromkeys(WEAK, _WEAK), _DIGITAL: _DIGITAL}


class _Touching(Tokens):
    """Words of which any two may be parted by one mark only."""

    def joined(self, at: int) -> bool:
        return True


class _Index(TermIndex[_Value]):
    """Terms of all languages, found in words as they are written."""

    def _meant(self, word: str) -> frozenset[int]:
        """A word that one language knows may be a slip of the pen in another."""
        folded = fold(word[:LONGEST])
        return self._fitting(folded) | self._slipped(folded)

    def known(self, found: Set[str]) -> Set[str] | None:
        """Those of the words that are any part of a term; None if too many were never met before."""
        rest = found - self._nothing
        if len(rest) > _MOST_STRANGE:
            return None
        return {word for word in rest if self._read(word).places}


class Prefilter:
    """Built once from a lexicon, then only read."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._scripts = lexicon.scripts
        self._index = _Index([stem for language in lexicon.languages.values() for stem in language.concepts.misspelt])
        self._touching = _Touching()
        speakers: dict[tuple[str, str], set[str]] = defaultdict(set)
        for name, language in lexicon.languages.items():
            for term, concept in language.concepts.terms():
                if concept in _KINDS:
                    speakers[term, _KINDS[concept]].add(name)
        for (term, kind), names in speakers.items():
            self._index.add(term, (kind, frozenset(names)), exact=kind != _STRONG)

    def could_matter(self, lines: Iterable[str]) -> bool:
        """Whether an article that consists of such lines could tell of an attack."""
        text = f" {_BREAK} ".join(dict.fromkeys(lines))
        found = written(text)
        distinct = set(found)
        if len(found) > _MOST_WORDS or max(map(len, distinct), default=0) > _LONGEST or (known := self._index.known(distinct)) is None:
            return True
        words = self._words(found, known)
        hits = self._index.hits(words)
        return bool(hits) and _tells(hits, self._possible(text), words.sentences)

    def _words(self, found: Sequence[str], known: Container[str]) -> Words:
        """Where the words stand that are any part of a term, and in which lines."""
        sentences = [0] * len(found)
        places: dict[str, list[int]] = defaultdict(list)
        line = 0
        for at, word in enumerate(found):
            if word == _BREAK:
                line += 1
            elif word in known:
                places[word].append(at)
                sentences[at] = line
        return Words(self._touching, sentences, dict(places))

    def _possible(self, text: str) -> frozenset[str]:
        """The languages that could be recognised in a part of the text: those of an alphabet of which it has no letter are out."""
        there = {script for script, letters in _LETTERS.items() if letters.search(text)}
        able = [name for name, script in self._scripts.items() if script not in _LETTERS or script in there]
        return frozenset(able or self._scripts)


def _tells(hits: Sequence[Hit[_Value]], possible: frozenset[str], lines: Sequence[int]) -> bool:
    """Whether any of the hits is an attack in one of these languages, or near a word for what is digital in the same."""
    kinds: dict[str, list[Hit[_Value]]] = defaultdict(list)
    for hit in hits:
        if not possible.isdisjoint(hit.value[1]):
            kinds[hit.value[0]].append(hit)
    return bool(kinds[_STRONG]) or any(
        lines[hit.first] == lines[near.first] and not possible.isdisjoint(hit.value[1] & near.value[1])
        for hit in kinds[_WEAK]
        for near in between(kinds[_DIGITAL], hit.first - NEAR, hit.first + NEAR)
    )
