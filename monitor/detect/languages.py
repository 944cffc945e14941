"""The lexicon files, one a language: read, checked and compiled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from monitor.detect import checks, files
from monitor.detect.files import LexiconFile
from monitor.detect.lexicon import BORROWED, CONCEPTS, COUNTER, STRONG, Generic, Language, PlaceName
from monitor.detect.match import TermIndex
from monitor.text.fold import fold, fold_text


def read(folder: Path, towns: Mapping[str, PlaceName], problems: list[str]) -> tuple[dict[str, Language], dict[str, tuple[str, ...]]]:
    """Languages by name, and for each function word the languages that list it. What is wrong is added to `problems`."""
    tables = {path: files.read(path, LexiconFile, problems) for path in sorted(folder.glob("*.toml"))}
    if not tables:
        problems.append(f"{folder}: no lexicon (LANGUAGE.toml) is there")
    usable = {path: table for path, table in tables.items() if table is not None}
    english = {path: table for path, table in usable.items() if path.stem == "en"}
    languages, speakers = {}, defaultdict(list)
    for path, table in usable.items():
        problems += _slips(path, table)
        languages[path.stem] = language = _language(path, table, towns, problems)
        for word in dict.fromkeys(fold_text(word) for word in table.function_words):
            speakers[word].append(path.stem)
        for english_path, english_table in english.items():
            if path != english_path:
                _add_concepts(language.concepts, english_path, english_table, BORROWED, [])
    return languages, {word: tuple(names) for word, names in speakers.items()}


def _language(path: Path, table: LexiconFile, towns: Mapping[str, PlaceName], problems: list[str]) -> Language:
    language = Language(path.stem, table.script, tuple(table.variants), concepts=_concepts(table))
    for name, marks in table.variants.items():
        beginnings = [f"{mark.rstrip('*')}*" for mark in marks]
        files.add_terms(partial(language.markers.add, value=name), beginnings, path, problems)
    _add_concepts(language.concepts, path, table, CONCEPTS, problems)
    for generic in table.generic:
        named = Generic(generic.en, generic.sector, generic.bare)
        files.add_terms(partial(language.generics.add, value=named), generic.noun, path, problems)
    for country, terms in table.countries.items():
        files.add_terms(partial(language.countries.add, value=country), terms, path, problems)
    for side, terms in table.cues.items():
        files.add_terms(partial(language.cues.add, value=side), terms, path, problems)
    for term, town in table.places.items():
        if fold_text(town) in towns:
            files.add_terms(partial(language.places.add, value=towns[fold_text(town)]), [term], path, problems)
        else:
            problems.append(files.unknown(path, f"places.{term}", town, towns))
    return language


def _concepts(table: LexiconFile) -> TermIndex[str]:
    return TermIndex([fold(stem) for stem in table.misspelt], [fold(word) for word in table.false_friends])


def _add_concepts(index: TermIndex[str], path: Path, table: LexiconFile, wanted: Iterable[str], problems: list[str]) -> None:
    for concept in sorted(set(table.concepts) & set(wanted)):
        add = partial(index.add, value=concept, exact=concept not in STRONG)
        files.add_terms(add, table.concepts[concept], path, problems)


def _slips(path: Path, table: LexiconFile) -> Iterator[str]:
    """What makes a lexicon harder to read than it need be, or says the opposite of what it should."""
    for unknown in sorted(table.concepts.keys() - CONCEPTS):
        yield files.unknown(path, f"concepts.{unknown}", unknown, CONCEPTS)
    for concept, terms in table.concepts.items():
        for term in checks.repeated(terms):
            yield f"{path}:{files.line(path, term)}: concepts.{concept}: {term!r} stands there twice"
        for term, wider in checks.needless(dict.fromkeys(terms)):
            yield f"{path}:{files.line(path, term)}: concepts.{concept}: {term!r} is shadowed by {wider!r}, which finds all that it finds"
    for strong in STRONG:
        terms = table.concepts.get(strong, ())
        for term, word in checks.false_hits(terms, table.false_friends):
            yield f"{path}:{files.line(path, term)}: concepts.{strong}: {term!r} would match {word!r}, a false friend"
        for counter in COUNTER:
            for term in sorted(set(terms) & set(table.concepts.get(counter, ()))):
                yield f"{path}:{files.line(path, term)}: {term!r} stands under {strong} and under {counter}, which say the opposite"
