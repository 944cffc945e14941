"""What detection knows, compiled once from the configuration: languages, institutions, places, actors and weights. Immutable afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

from babel import Locale

from monitor.detect import files
from monitor.detect.files import ActorsFile, DetectionFile, LexiconFile, RegisterFile
from monitor.detect.terms import TermIndex
from monitor.errors import ConfigError
from monitor.model import Victim
from monitor.text.fold import fold_text

T = TypeVar("T")

TYPED = ("ddos", "ransomware", "malware", "wiper", "defacement", "leak", "phishing", "account")
STRONG = ("attack", "intrusion", *TYPED)
COUNTER = ("exercise", "warning", "policy", "statistics", "arrest", "individual", "sport", "physical", "outage")
SUPPORT = ("ransom", "down", "manual", "claim", "confirm", "investigate", "recover")
CONCEPTS = frozenset((*STRONG, *COUNTER, *SUPPORT, "strike", "digital", "denial", "negation", "background", "official"))
# English attack words stand in texts of every language; the rest of the English lexicon does not.
BORROWED = frozenset(("attack", "ddos", "ransomware", "malware", "wiper", "defacement", "leak"))


_SMALL_TOWN = 20_000


@dataclass(frozen=True, slots=True)
class Generic:
    """A generic noun that names an institution together with a place: `{place}` in `name` is filled with its English name."""

    name: str
    sector: str
    bare: bool


@dataclass(frozen=True, slots=True)
class Institution:
    victim: Victim
    responder: bool
    domain: str


@dataclass(frozen=True, slots=True)
class Alias:
    """A name of an institution. A `name` has a capital, and a text must write it with one too; a `domain` counts as it stands.

    A `description` without a capital (`сайт* на президент*`) could be any country's, and counts only where the text is about this one.
    """

    institution: Institution
    kind: Literal["name", "domain", "description"]


@dataclass(frozen=True, slots=True)
class Acronym:
    """`sure` if no other country's body is called so."""

    institution: Institution
    sure: bool


@dataclass(frozen=True, slots=True)
class Actor:
    """`alone` is false for names that are ordinary words too: they need an attack word near."""

    name: str
    alone: bool


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A town; `small` if only its own country's press would name it without saying where it lies."""

    name: str
    country: str
    small: bool = False


@dataclass(frozen=True, slots=True)
class Language:
    name: str
    script: str
    function_words: frozenset[str]
    variants: dict[str, tuple[str, ...]]
    concepts: TermIndex[str] = field(default_factory=TermIndex)
    generics: TermIndex[Generic] = field(default_factory=TermIndex)
    countries: TermIndex[str] = field(default_factory=TermIndex)
    cues: TermIndex[str] = field(default_factory=TermIndex)
    places: TermIndex[PlaceName] = field(default_factory=TermIndex)


@dataclass(frozen=True, slots=True)
class Weights:
    """The linear score: what each feature adds, the bias, and from which score on an article is flagged (probability, 0 to 1)."""

    threshold: float
    bias: float
    features: dict[str, float]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything detection knows. `watched` are the countries whose institutions count as victims, `spoken` the lexicons of
    their press, `suspects` the foreign countries that are named as the attackers'."""

    watched: frozenset[str]
    suspects: frozenset[str]
    weights: Weights
    languages: dict[str, Language]
    spoken: dict[str, tuple[str, ...]]
    home_of: dict[str, str]
    aliases: TermIndex[Alias]
    local: TermIndex[Institution]
    acronyms: dict[str, tuple[Acronym, ...]]
    by_name: dict[str, Institution]
    places: TermIndex[PlaceName]
    actors: TermIndex[Actor]
    country_names: dict[str, str]

    @classmethod
    def load(cls, folder: Path) -> Lexicon:
        """Reads `detection.toml`, `lexicon/`, `institutions/`, `actors.toml`, `places.csv`. Raises `ConfigError` with all problems."""
        problems: list[str] = []
        detection = files.read(folder / "detection.toml", DetectionFile, problems)
        places, towns = _places(folder / "places.csv", problems)
        languages = _languages(folder / "lexicon", towns, problems)
        register = _Register(TermIndex(), TermIndex(), {}, {})
        for path in sorted((folder / "institutions").glob("*.toml")):
            register.read(path, problems)
        actors = _actors(folder / "actors.toml", problems)
        if problems or detection is None:
            raise ConfigError(problems)
        return cls(
            frozenset(detection.watched),
            frozenset(detection.suspects),
            Weights(detection.threshold, detection.bias, detection.weights),
            languages,
            detection.spoken,
            detection.home,
            register.aliases,
            register.local,
            {name: tuple(found) for name, found in register.acronyms.items()},
            register.by_name,
            places,
            actors,
            country_names(),
        )


def check(folder: Path) -> None:
    """Raises `ConfigError` with all problems if the files of detection cannot be used, and keeps nothing."""
    Lexicon.load(folder)


def _languages(folder: Path, towns: Mapping[str, PlaceName], problems: list[str]) -> dict[str, Language]:
    tables = {path: files.read(path, LexiconFile, problems) for path in sorted(folder.glob("*.toml"))}
    if not tables:
        problems.append(f"{folder}: no lexicon (LANGUAGE.toml) is there")
    english = next(((path, table) for path, table in tables.items() if path.stem == "en" and table), None)
    found = {}
    for path, table in tables.items():
        if table is not None:
            found[path.stem] = language = _language(path, table, towns, problems)
            if english and path.stem != "en":
                _add_concepts(language.concepts, *english, BORROWED, problems)
    return found


def _language(path: Path, table: LexiconFile, towns: Mapping[str, PlaceName], problems: list[str]) -> Language:
    language = Language(
        path.stem,
        table.script,
        frozenset(fold_text(word) for word in table.function_words),
        {name: tuple(fold_text(stem.rstrip("*")) for stem in stems) for name, stems in table.variants.items()},
    )
    unknown = sorted(table.concepts.keys() - CONCEPTS)
    problems += [_unknown(path, f"concepts.{key}", key, CONCEPTS) for key in unknown]
    _add_concepts(language.concepts, path, table, CONCEPTS, problems)
    for generic in table.generic:
        _add_all(language.generics, generic.noun, Generic(generic.en, generic.sector, generic.bare), path, problems)
    for country, terms in table.countries.items():
        _add_all(language.countries, terms, country, path, problems)
    for side, terms in table.cues.items():
        _add_all(language.cues, terms, side, path, problems)
    for term, town in table.places.items():
        if fold_text(town) in towns:
            _add_all(language.places, [term], towns[fold_text(town)], path, problems)
        else:
            problems.append(_unknown(path, f"places.{term}", town, towns))
    return language


def _add_concepts(index: TermIndex[str], path: Path, table: LexiconFile, wanted: Iterable[str], problems: list[str]) -> None:
    for concept in sorted(set(table.concepts) & set(wanted)):
        _add_all(index, table.concepts[concept], concept, path, problems)


def _add_all(index: TermIndex[T], terms: Iterable[str], value: T, path: Path, problems: list[str], *, inflected: bool = False) -> None:
    for term in terms:
        try:
            index.add(term, value, inflected)
        except ValueError as error:
            problems.append(f"{path}:{_line(path, term)}: {error}")


def _line(path: Path, text: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, start=1) if text in line), 0)


def _unknown(path: Path, key: str, name: str, known: Iterable[str]) -> str:
    return f"{path}:{_line(path, name)}: {key}: not known{files.nearest(name, known)}"


@dataclass(frozen=True, slots=True)
class _Register:
    aliases: TermIndex[Alias]
    local: TermIndex[Institution]
    acronyms: dict[str, list[Acronym]]
    by_name: dict[str, Institution]

    def read(self, path: Path, problems: list[str]) -> None:
        table = files.read(path, RegisterFile, problems)
        for row in table.institution if table else ():
            country = row.country or (table.country if table else "")
            victim = Victim(f"{country.lower()}-{slug(row.name)}", row.name, country or None, row.sector)
            found = Institution(victim, row.role == "responder", row.domain)
            for alias in (row.name, *row.aliases):
                self.by_name.setdefault(alias.casefold(), found)
                _add_all(self.aliases, [alias], Alias(found, _kind(alias)), path, problems, inflected=True)
            _add_all(self.local, row.local, found, path, problems, inflected=True)
            for sure, acronyms in ((True, row.acronyms), (False, row.ambiguous)):
                for acronym in acronyms:
                    self.acronyms.setdefault(acronym, []).append(Acronym(found, sure))


def _kind(alias: str) -> Literal["name", "domain", "description"]:
    if "." in alias and " " not in alias:
        return "domain"
    return "name" if alias != alias.lower() else "description"


@cache
def country_names() -> dict[str, str]:
    """English names of countries by ISO code, as CLDR gives them, with the short forms that the press uses."""
    names = {code: name for code, name in Locale("en").territories.items() if len(code) == 2 and code.isalpha()}
    return names | {"BA": "Bosnia and Herzegovina"}


def slug(name: str) -> str:
    """`Parliament of Albania` → `parliament-of-albania`."""
    return fold_text(name).replace(" ", "-")


def _places(path: Path, problems: list[str]) -> tuple[TermIndex[PlaceName], dict[str, PlaceName]]:
    """Towns to look for, and by folded name; the main name of one town beats another name of another."""
    index: TermIndex[PlaceName] = TermIndex()
    towns: dict[str, PlaceName] = {}
    for row in files.read_places(path, problems):
        place = PlaceName(row.name, row.country, row.population < _SMALL_TOWN)
        for name in dict.fromkeys((row.name, *row.other_names)):
            _add_all(index, [name.replace("-", " ")], place, path, problems, inflected=True)
            towns.setdefault(fold_text(name), place)
        towns[fold_text(place.name)] = place
    return index, towns


def _actors(path: Path, problems: list[str]) -> TermIndex[Actor]:
    index: TermIndex[Actor] = TermIndex()
    table = files.read(path, ActorsFile, problems)
    for row in table.actor if table else ():
        _add_all(index, dict.fromkeys((row.name, *row.aliases)), Actor(row.name, row.alone), path, problems)
    return index
