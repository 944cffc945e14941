"""The registers: institutions by country, places and actors. Read, checked and compiled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

from monitor.detect import files
from monitor.detect.files import ActorsFile, InstitutionRow, RegisterFile
from monitor.detect.lexicon import Acronym, Actor, Alias, Institution, PlaceName, slug
from monitor.detect.match import TermIndex
from monitor.model import Victim
from monitor.text.fold import fold_text

_SMALL_TOWN = 20_000


@dataclass(frozen=True, slots=True)
class Register:
    """Institutions by all their names. What is wrong with a file is added to `problems`, with its line."""

    aliases: TermIndex[Alias] = field(default_factory=lambda: TermIndex(misspelt=("",)))
    local: dict[str, TermIndex[Institution]] = field(default_factory=lambda: defaultdict(TermIndex))
    acronyms: dict[str, list[Acronym]] = field(default_factory=dict)
    by_name: dict[str, Institution] = field(default_factory=dict)

    def read(self, path: Path, problems: list[str]) -> None:
        table = files.read(path, RegisterFile, problems)
        bearers: dict[str, str] = {}
        for row in table.institution if table else ():
            self._add(row, row.country or (table.country if table else ""), path, problems)
            problems += _doubled(row, bearers, path)

    def _add(self, row: InstitutionRow, country: str, path: Path, problems: list[str]) -> None:
        victim = Victim(f"{country.lower()}-{slug(row.name)}", row.name, country or None, row.sector)
        found = Institution(victim, row.role == "responder", row.domain)
        for alias in (row.name, *row.aliases):
            self.by_name.setdefault(alias.casefold(), found)
            kind = _kind(alias)
            # A name of one word is one slip away from too many other names.
            exact = kind != "name" or len(alias.split()) == 1
            add = partial(self.aliases.add, value=Alias(found, kind), inflected=True, exact=exact)
            files.add_terms(add, [alias], path, problems)
        files.add_terms(partial(self.local[country].add, value=found, inflected=True), row.local, path, problems)
        for sure, acronyms in ((True, row.acronyms), (False, row.ambiguous)):
            for acronym in acronyms:
                self.acronyms.setdefault(acronym, []).append(Acronym(found, sure))


def _doubled(row: InstitutionRow, bearers: dict[str, str], path: Path) -> Iterable[str]:
    """Names that another institution of the file bears too: nobody could say whose they are."""
    for alias in (row.name, *row.aliases):
        bearer = bearers.setdefault(alias, row.name)
        if bearer != row.name:
            yield f"{path}:{files.line(path, alias)}: {alias!r} names both {bearer!r} and {row.name!r}"


def _kind(alias: str) -> Literal["name", "domain", "description"]:
    if "." in alias and " " not in alias:
        return "domain"
    return "name" if alias != alias.lower() else "description"


def read_places(path: Path, problems: list[str]) -> tuple[TermIndex[PlaceName], dict[str, PlaceName]]:
    """Towns to look for, and by folded name; the main name of one town beats another name of another."""
    index: TermIndex[PlaceName] = TermIndex()
    towns: dict[str, PlaceName] = {}
    for row in files.read_places(path, problems):
        place = PlaceName(row.name, row.country, row.population < _SMALL_TOWN)
        for name in dict.fromkeys((row.name, *row.other_names)):
            files.add_terms(partial(index.add, value=place, inflected=True), [name.replace("-", " ")], path, problems)
            towns.setdefault(fold_text(name), place)
        towns[fold_text(place.name)] = place
    return index, towns


def read_actors(path: Path, problems: list[str]) -> TermIndex[Actor]:
    index: TermIndex[Actor] = TermIndex(misspelt=("",))
    table = files.read(path, ActorsFile, problems)
    for row in table.actor if table else ():
        add = partial(index.add, value=Actor(row.name, row.alone), exact=not row.alone)
        files.add_terms(add, dict.fromkeys((row.name, *row.aliases)), path, problems)
    return index
