"""What detection knows, compiled once from the configuration: languages, institutions, places, actors and weights."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from babel import Locale

from monitor.detect.match import TermIndex
from monitor.model import Victim
from monitor.text.fold import fold_text

TYPED = ("ddos", "ransomware", "malware", "wiper", "defacement", "leak", "phishing", "account")
STRONG = ("attack", "intrusion", *TYPED)
COUNTER = ("exercise", "warning", "policy", "statistics", "arrest", "individual", "sport", "physical", "outage")
SUPPORT = ("ransom", "down", "manual", "claim", "confirm", "investigate", "recover", "aftermath")
_READ = ("strike", "digital", "denial", "negation", "background", "official", "restored", "unfinished", "again")  # beside what is weighed
CONCEPTS = frozenset((*STRONG, *COUNTER, *SUPPORT, *_READ))
# English attack words stand in texts of every language; the rest of the English lexicon does not.
BORROWED = frozenset(("attack", "ddos", "ransomware", "malware", "wiper", "defacement", "leak"))


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
    variants: tuple[str, ...]
    markers: TermIndex[str] = field(default_factory=TermIndex)
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
    their press, `suspects` the foreign countries that are named as the attackers'. Fitting starts from the weights of `prior`, and
    holds to them with `strength`."""

    watched: frozenset[str]
    suspects: frozenset[str]
    weights: Weights
    prior: Weights
    strength: float
    languages: dict[str, Language]
    scripts: dict[str, str]
    speakers: dict[str, tuple[str, ...]]
    spoken: dict[str, tuple[str, ...]]
    home_of: dict[str, str]
    aliases: TermIndex[Alias]
    local: dict[str, TermIndex[Institution]]
    acronyms: dict[str, tuple[Acronym, ...]]
    by_name: dict[str, Institution]
    places: TermIndex[PlaceName]
    actors: TermIndex[Actor]
    country_names: dict[str, str]


@cache
def country_names() -> dict[str, str]:
    """English names of countries by ISO code, as CLDR gives them, with the short forms that the press uses."""
    names = {code: name for code, name in Locale("en").territories.items() if len(code) == 2 and code.isalpha()}
    return names | {"BA": "Bosnia and Herzegovina"}


def slug(name: str) -> str:
    """`Parliament of Albania` → `parliament-of-albania`."""
    return fold_text(name).replace(" ", "-")
