"""Words of attack held against the ordinary words of each language, which simplemma's dictionaries list.

`words/LANGUAGE.txt` are the words of the dictionary that a term of attack of one word matches, looked at one by one: hackers and
ransomware, not hooks and hectares. A term that matches any other fails the test, and so does a word that would be read as a slip of the
pen. `python -m tests.quality.dictionary` shows what is new, `--update` puts it into the lists: look at it first.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory

from monitor.detect.files import LexiconFile, read
from monitor.detect.lexicon import STRONG
from monitor.detect.match import misspells
from monitor.detect.terms import Word, compile_term
from monitor.settings import default_folder
from monitor.text.fold import fold

LISTS = Path(__file__).with_name("words")
_LEXICONS = default_folder({}) / "lexicon"
_LONGEST_MISSPELT, _SHORTEST_MISSPELT = 24, 8


def languages() -> list[str]:
    return sorted(path.stem for path in _LEXICONS.glob("*.toml"))


def ordinary_words(lang: str) -> set[str]:
    """The forms and lemmas of simplemma's dictionary."""
    dictionary = DefaultDictionaryFactory(cache_max_size=1).get_dictionary(lang)
    words = {word for pair in dictionary.items() for word in pair}
    return {word.decode() if isinstance(word, bytes) else word for word in words}


def hits(lang: str, words: set[str]) -> dict[str, str]:
    """The words that a term of attack of one word matches, or would take for a slip, with the term or the stem."""
    problems: list[str] = []
    table = read(_LEXICONS / f"{lang}.toml", LexiconFile, problems)
    if table is None:
        raise ValueError(problems)
    by_stem = dict(_single(table))
    misspelt = [fold(stem) for stem in table.misspelt]
    never = {fold(word) for word in table.false_friends}
    found = {}
    for word in words:
        folded = fold(word)
        term = _matching(folded, by_stem)
        if term is None and folded not in never:
            term = next((f"a slip in {stem}" for stem in misspelt if _slip(folded, stem)), None)
        if term is not None:
            found[word] = term
    return found


def _single(table: LexiconFile) -> Iterator[tuple[str, tuple[int, str]]]:
    """The words of terms of one word, by stem: the longest ending, and the term."""
    longest: dict[str, tuple[int, str]] = {}
    for concept in STRONG:
        for term in table.concepts.get(concept, ()):
            for pattern in compile_term(term):
                if len(pattern) == 1:
                    for stem, ending in pattern[0].words:
                        longest[stem] = max((ending, term), longest.get(stem, (0, term)))
    yield from longest.items()


def _matching(folded: str, by_stem: dict[str, tuple[int, str]]) -> str | None:
    for size in range(1, len(folded) + 1):
        ending, term = by_stem.get(folded[:size], (-1, ""))
        if Word(folded[:size], ending).covers(Word(folded, 0)):
            return term
    return None


def _slip(folded: str, stem: str) -> bool:
    long = _SHORTEST_MISSPELT <= len(folded) <= _LONGEST_MISSPELT
    return long and not folded.startswith(stem) and misspells(folded, stem, 6)


def listed(lang: str) -> set[str]:
    path = LISTS / f"{lang}.txt"
    return set(path.read_text(encoding="utf-8").split()) if path.exists() else set()


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.quality.dictionary", description="Ordinary words that terms of attack match.")
    parser.add_argument("--update", action="store_true", help="put them into the lists")
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE")
    given = parser.parse_args(arguments)
    new = 0
    for lang in given.languages or languages():
        found = hits(lang, ordinary_words(lang))
        for word in sorted(found.keys() - listed(lang)):
            new += 1
            print(f"{lang}: {word}: {found[word]}")
        if given.update:
            (LISTS / f"{lang}.txt").write_text("".join(f"{word}\n" for word in sorted(found)), encoding="utf-8")
    return 0 if given.update or not new else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
