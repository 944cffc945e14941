"""The shape of the files that detection reads, checked so that a slip of the pen is a sentence with its place and never a traceback."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from monitor.model import SECTORS
from monitor.settings import read_toml

Table = TypeVar("Table", bound=BaseModel)

Words = tuple[str, ...]


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean ...?` for a name that is nearly one of those known, else nothing."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _sector(name: str) -> str:
    if name not in SECTORS:
        raise ValueError(f"{name!r} is no sector{nearest(name, SECTORS)}")
    return name


def _with_place(name: str) -> str:
    rest = name.replace("{place}", "")
    if rest == name or "{" in rest or "}" in rest:
        raise ValueError(f"expected a name with {{place}} in it, and no other braces; got {name!r}")
    return name


Sector = Annotated[str, AfterValidator(_sector)]
NamePattern = Annotated[str, AfterValidator(_with_place)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GenericRow(_Table):
    noun: Words
    en: NamePattern
    sector: Sector
    bare: bool = False


class LexiconFile(_Table):
    language: str
    name: str
    script: Literal["Latn", "Cyrl", "Grek", "both"]
    function_words: Words
    concepts: dict[str, Words]
    generic: tuple[GenericRow, ...] = ()
    countries: dict[str, Words] = {}
    places: dict[str, str] = {}
    cues: dict[Literal["victim_after", "victim_before"], Words] = {}
    variants: dict[str, Words] = {}
    misspelt: Words = ()
    false_friends: Words = ()


class InstitutionRow(_Table):
    name: str
    sector: Sector
    country: str | None = None
    domain: str = ""
    role: Literal["responder", ""] = ""
    aliases: Words = ()
    local: Words = ()
    acronyms: Words = ()
    ambiguous: Words = ()


class RegisterFile(_Table):
    country: str
    institution: tuple[InstitutionRow, ...]


class ActorRow(_Table):
    name: str
    aliases: Words = ()
    country: str | None = None
    alone: bool = True


class ActorsFile(_Table):
    actor: tuple[ActorRow, ...] = ()


class DetectionFile(_Table):
    watched: Words
    suspects: Words
    threshold: float = Field(gt=0, lt=1)
    bias: FiniteFloat
    spoken: dict[str, Words]
    home: dict[str, str]
    strength: FiniteFloat = Field(gt=0)
    prior_bias: FiniteFloat
    weights: dict[str, FiniteFloat]
    prior: dict[str, FiniteFloat]


class PlaceRow(NamedTuple):
    country: str
    name: str
    population: int
    other_names: Words


def read(path: Path, shape: type[Table], problems: list[str]) -> Table | None:
    """The checked contents of a TOML file; None, with sentences added to `problems`, if it cannot be used."""
    try:
        return shape.model_validate(read_toml(path))
    except ValidationError as error:
        for problem in error.errors():
            place = ".".join(str(part) for part in problem["loc"])
            known = f"{nearest(str(problem['loc'][-1]), shape.model_fields)}" if problem["type"] == "extra_forbidden" else ""
            problems.append(f"{path}: {place}: {problem['msg'].removeprefix('Value error, ')}{known}")
        return None


def read_places(path: Path, problems: list[str]) -> list[PlaceRow]:
    """The rows of `places.csv`; lines that cannot be read are named in `problems`."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{path}: {getattr(error, 'strerror', None) or error}")
        return []
    rows = []
    for number, line in enumerate(lines, start=1):
        if line.startswith(("#", "country,")) or not line.strip():
            continue
        try:
            country, name, population, others = next(csv.reader([line]))
            rows.append(PlaceRow(country, name, int(population), tuple(filter(None, others.split("|")))))
        except (ValueError, csv.Error):
            problems.append(f"{path}:{number}: expected country,name,population,other names parted by |; got {line[:60]!r}")
    return rows


def add_terms(add: Callable[[str], None], terms: Iterable[str], path: Path, problems: list[str]) -> None:
    """Adds terms one by one; those that cannot be read are named in `problems` with their line."""
    for term in terms:
        try:
            add(term)
        except ValueError as error:
            problems.append(f"{path}:{line(path, term)}: {error}")


def line(path: Path, text: str) -> int:
    """The line of a file in which a term is written, the last if there are several; 0 if it is not there as it stands."""
    lines = path.read_text(encoding="utf-8").splitlines()
    quoted = f'"{text}"'
    places = [number for number, written in enumerate(lines, start=1) if quoted in written]
    return places[-1] if places else next((number for number, written in enumerate(lines, start=1) if text in written), 0)


def unknown(path: Path, key: str, name: str, known: Iterable[str]) -> str:
    return f"{path}:{line(path, name)}: {key}: not known{nearest(name, known)}"


def with_weights(written: str, bias: float, weights: Mapping[str, float]) -> str:
    """The text of `detection.toml` with other weights; all outside their table stays as it is written.

    Raises `ValueError` with a sentence where the bias or the table is written in a way of TOML's that is not expected here.
    """
    lines = "".join(f'"{name}" = {weight:.2f}\n' for name, weight in sorted(weights.items()))
    written, biases = re.subn(r"(?m)^([ \t]*bias[ \t]*=[ \t]*)[^\s#]+", rf"\g<1>{bias:.2f}", written)
    # What stands right above the next table belongs to that one.
    table = r"(?ms)^([ \t]*\[[ \t]*weights[ \t]*\][^\n]*\n).*?(?=^(?:[ \t]*#[^\n]*\n|[ \t]*\n)*[ \t]*\[|\Z)"
    written, tables = re.subn(table, lambda found: found[1] + lines, written)
    if (biases, tables) != (1, 1):
        raise ValueError("expected one line `bias = ...` and one table [weights]")
    return written
