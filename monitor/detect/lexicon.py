"""What detection knows, compiled once from the configuration: languages, institutions, places, actors and weights. Immutable afterwards."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeVar

from babel import Locale

from monitor.detect.terms import TermIndex
from monitor.errors import ConfigError
from monitor.model import Victim
from monitor.settings import read_toml
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
    """A name of an institution. `proper` if it is written with a capital: then a text must write it with one too.

    One without (`сайт* на президент*`) could be any country's, and counts only where the text is about this one.
    """

    institution: Institution
    proper: bool


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
        detection = read_toml(folder / "detection.toml")
        places, towns = _places(folder / "places.csv")
        languages = {path.stem: _language(path, towns, problems) for path in sorted((folder / "lexicon").glob("*.toml"))}
        english = folder / "lexicon" / "en.toml"
        for name, language in languages.items():
            if name != "en" and english.exists():
                _add_concepts(language.concepts, english, BORROWED, problems)
        register = _Register(TermIndex(), TermIndex(), {}, {})
        for path in sorted((folder / "institutions").glob("*.toml")):
            register.read(path, problems)
        lexicon = cls(
            frozenset(detection["watched"]),
            frozenset(detection["suspects"]),
            Weights(detection["threshold"], detection["bias"], detection["weights"]),
            languages,
            {country: tuple(names) for country, names in detection["spoken"].items()},
            detection["home"],
            register.aliases,
            register.local,
            {name: tuple(found) for name, found in register.acronyms.items()},
            register.by_name,
            places,
            _actors(folder / "actors.toml", problems),
            country_names(),
        )
        if problems:
            raise ConfigError(problems)
        return lexicon


def _language(path: Path, towns: Mapping[str, PlaceName], problems: list[str]) -> Language:
    table = read_toml(path)
    language = Language(
        path.stem,
        table.get("script", "Latn"),
        frozenset(fold_text(word) for word in table.get("function_words", ())),
        {name: tuple(fold_text(stem.rstrip("*")) for stem in stems) for name, stems in table.get("variants", {}).items()},
    )
    unknown = sorted(table.get("concepts", {}).keys() - CONCEPTS)
    problems += [_unknown(path, f"concepts.{key}", key, CONCEPTS) for key in unknown]
    _add_concepts(language.concepts, path, CONCEPTS, problems)
    for generic in table.get("generic", ()):
        value = Generic(generic["en"], generic["sector"], generic.get("bare", False))
        _add_all(language.generics, generic["noun"], value, path, problems)
    for country, terms in table.get("countries", {}).items():
        _add_all(language.countries, terms, country, path, problems)
    for side, terms in table.get("cues", {}).items():
        _add_all(language.cues, terms, side, path, problems)
    for term, town in table.get("places", {}).items():
        if fold_text(town) in towns:
            _add_all(language.places, [term], towns[fold_text(town)], path, problems)
        else:
            problems.append(_unknown(path, f"places.{term}", town, towns))
    return language


def _add_concepts(index: TermIndex[str], path: Path, wanted: Iterable[str], problems: list[str]) -> None:
    concepts = read_toml(path).get("concepts", {})
    for concept in sorted(set(concepts) & set(wanted)):
        _add_all(index, concepts[concept], concept, path, problems)


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
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"{path}:{_line(path, name)}: {key}: not known" + (f"; did you mean {near[0]!r}?" if near else "")


@dataclass(frozen=True, slots=True)
class _Register:
    aliases: TermIndex[Alias]
    local: TermIndex[Institution]
    acronyms: dict[str, list[Acronym]]
    by_name: dict[str, Institution]

    def read(self, path: Path, problems: list[str]) -> None:
        table = read_toml(path)
        for row in table.get("institution", ()):
            country = row.get("country", table.get("country", ""))
            victim = Victim(f"{country.lower()}-{slug(row['name'])}", row["name"], country or None, row.get("sector", "other"))
            found = Institution(victim, row.get("role") == "responder", row.get("domain", ""))
            for written in (row["name"], *row.get("aliases", ())):
                self.by_name.setdefault(written.casefold(), found)
            for alias in (row["name"], *row.get("aliases", ())):
                _add_all(self.aliases, [alias], Alias(found, alias != alias.lower()), path, problems, inflected=True)
            _add_all(self.local, row.get("local", ()), found, path, problems, inflected=True)
            for sure, kind in ((True, "acronyms"), (False, "ambiguous")):
                for acronym in row.get(kind, ()):
                    self.acronyms.setdefault(acronym, []).append(Acronym(found, sure))


@cache
def country_names() -> dict[str, str]:
    """English names of countries by ISO code, as CLDR gives them, with the short forms that the press uses."""
    names = {code: name for code, name in Locale("en").territories.items() if len(code) == 2 and code.isalpha()}
    return names | {"BA": "Bosnia and Herzegovina"}


def slug(name: str) -> str:
    """`Parliament of Albania` → `parliament-of-albania`."""
    return fold_text(name).replace(" ", "-")


def _places(path: Path) -> tuple[TermIndex[PlaceName], dict[str, PlaceName]]:
    """Towns to look for, and by folded name; the main name of one town beats another name of another."""
    index: TermIndex[PlaceName] = TermIndex()
    towns: dict[str, PlaceName] = {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        for row in rows:
            place = PlaceName(row["name"], row["country"], int(row["population"]) < _SMALL_TOWN)
            for name in dict.fromkeys((row["name"], *filter(None, row["other_names"].split("|")))):
                index.add(name.replace("-", " "), place, inflected=True)
                towns.setdefault(fold_text(name), place)
            towns[fold_text(place.name)] = place
    return index, towns


def _actors(path: Path, problems: list[str]) -> TermIndex[Actor]:
    index: TermIndex[Actor] = TermIndex()
    for row in read_toml(path).get("actor", ()):
        actor = Actor(row["name"], row.get("alone", True))
        _add_all(index, dict.fromkeys((row["name"], *row.get("aliases", ()))), actor, path, problems)
    return index
