"""The scan that a page must pass before it is worth reading: whether anything on it could be a word of attack, in any language.

It finds all that detection finds, and more: in no sentence, background or denial, and in the languages that the page's letters allow.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence

from monitor.detect.evidence import NEAR, WEAK
from monitor.detect.lexicon import STRONG, Lexicon
from monitor.detect.match import Hit, TermIndex, Words, between
from monitor.text.fold import Tokens, fold, written

_MOST_WORDS = 100_000
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
        folded = fold(word[:64])
        return self._fitting(folded) | self._slipped(folded)

    def known(self, found: set[str]) -> set[str]:
        """Those of the words that are any part of a term."""
        return {word for word in found - self._nothing if self._read(word).places}


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

    def could_matter(self, lines: Collection[str]) -> bool:
        """Whether an article that consists of such lines could tell of an attack."""
        found = written(f" {_BREAK} ".join(dict.fromkeys(lines)))
        if len(found) > _MOST_WORDS:
            return True
        text = self._words(found)
        hits = self._index.hits(text)
        return bool(hits) and _tells(hits, self._possible(lines), text.sentences)

    def _words(self, found: Sequence[str]) -> Words:
        """The lines with a word that is any part of a term."""
        known = self._index.known(set(found) - {_BREAK})
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

    def _possible(self, lines: Collection[str]) -> frozenset[str]:
        """The languages that could be recognised in a part of the text: those of an alphabet of which it has no letter are out."""
        there = {script for script, letters in _LETTERS.items() if any(map(letters.search, lines))}
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
