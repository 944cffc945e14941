"""Reports of incidents, made by hand and at random, for the tests of the stories' room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, get_args

from hypothesis import strategies as st

from monitor.model import Article, Attack, Finding, Kind, Report, Ruling, Signature, Standing, Status, Victim
from monitor.stories.signature import sign

START = datetime(2023, 1, 10, 9, tzinfo=UTC)
PARLIAMENT = Victim("al-parliament", "Parliament of Albania", "AL", "parliament")
AIRLINE = Victim("al-air", "Air Albania", "AL", "airline")
TELECOM = Victim("al-one", "One Albania", "AL", "telecom")
GOVERNMENT = Victim("al-government", "Government of Albania", "AL", "government")
SOME_HOSPITAL = Victim("rs~hospital-of-serbia", "Hospital of Serbia", "RS", "hospital")
PIROT = Victim("rs-hospital-of-pirot", "Hospital of Pirot", "RS", "hospital")
NIS = Victim("rs-kc-nis", "Clinical Centre Niš", "RS", "hospital")
TOWN_HALL = Victim("rs-municipality-of-novi-sad", "Municipality of Novi Sad", "RS", "municipality")
CITY = Victim("rs-novi-sad", "City of Novi Sad", "RS", "municipality")
VICTIMS = (PARLIAMENT, AIRLINE, GOVERNMENT, SOME_HOSPITAL, PIROT, NIS, TOWN_HALL, CITY)


def report(name: str, *victims: Victim, days: float = 0, outlet: str = "", text: str = "", words: str = "", **found: Any) -> Report:
    """A report published so many days after `START`; without victims and countries of its own it tells of Albania."""
    countries = tuple(dict.fromkeys(victim.country or "" for victim in victims)) or ("AL",)
    values: dict[str, Any] = {"victims": victims, "countries": countries, "attacks": ("wiper",), "score": 0.9, "lang": "sq"}
    finding = Finding(**{"relevant": True} | values | found)
    signature = replace(signed(text), words=frozenset(words.split())) if text else Signature((), (), frozenset(words.split()))
    return Report(name, f"https://{name}.al/", f"Title of {name}", outlet or f"{name}.al", START + timedelta(days=days), finding, signature)


@cache
def signed(text: str) -> Signature:
    return sign(Article("https://a.al/", "", text))


def wording(name: str, words: int = 40) -> str:
    """A text that has no two words in common with that of another name, and no rare ones."""
    return " ".join(f"{name}fjala{number}" for number in range(words))


def partition(groups: Iterable[Iterable[Report]]) -> set[frozenset[str]]:
    return {frozenset(each.id for each in group) for group in groups}


def names(*groups: str) -> set[frozenset[str]]:
    """Stories of reports whose names are letters."""
    return {frozenset(group) for group in groups}


def placed(groups: Iterable[Iterable[Report]]) -> dict[str, tuple[str | None, str]]:
    """Of each report whose copy it is, and why it is where it is."""
    return {each.id: (each.copy_of, each.why) for group in groups for each in group}


def standing(key: str, *reports: Report, **changed: Any) -> Standing:
    """A story that the earliest of these reports opened."""
    ordered = tuple(sorted(reports, key=lambda each: each.order))
    made = Standing(key, ordered[0].at, ordered[0].id, ordered[-1].at, ordered)
    return replace(made, **changed)


_ACTORS: st.SearchStrategy[list[str]] = st.one_of(
    st.just([]), st.lists(st.sampled_from(["Homeland Justice", "NoName"]), max_size=2, unique=True)
)
_ATTACKS: st.SearchStrategy[list[Attack]] = st.one_of(
    st.just(["ddos"]), st.lists(st.sampled_from(["ddos", "ransomware", "unknown"]), min_size=1, max_size=2, unique=True)
)

_VICTIMS: st.SearchStrategy[list[Victim]] = st.one_of(
    st.just([]), st.lists(st.sampled_from((PARLIAMENT, AIRLINE, *VICTIMS)), max_size=2, unique=True)
)
_MINUTES = st.one_of(st.integers(0, 2 * 1440), st.integers(0, 6 * 1440), st.integers(0, 60 * 1440), st.integers(0, 730 * 1440))


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    victims = draw(_VICTIMS)
    home = [victim.country or "" for victim in victims]
    countries = dict.fromkeys(home + draw(st.sampled_from([[], ["AL"], ["AL"], ["RS"], ["BG"]])))
    attacks = draw(_ATTACKS)
    kind = draw(st.sampled_from(get_args(Kind)))
    status = draw(st.sampled_from(get_args(Status)))
    score = draw(st.sampled_from([0.6, 0.9]))
    return Finding(
        True, score, "sq", status, tuple(countries), tuple(victims), tuple(attacks), tuple(draw(_ACTORS)), (), kind, draw(st.booleans())
    )


@st.composite
def signatures(draw: st.DrawFn) -> Signature:
    """Few texts, some of them cut, so that copies are frequent; often none."""
    text = draw(st.sampled_from([*[""] * 6, *(wording(name, words) for name in "pqr" for words in (40, 60))]))
    words = draw(st.frozensets(st.sampled_from(["rama", "tirana", "kuvendi", "14500", "microso"])))
    return replace(signed(text), words=words) if text else Signature((), (), words)


@st.composite
def incidents(draw: st.DrawFn, most: int = 12) -> list[Report]:
    """Reports of a few victims, countries, groups and texts within two years, many of them on the same days; each of its own address."""
    count = draw(st.integers(2, most))
    return [
        Report(
            f"r{number}",
            f"https://a{draw(st.integers(0, 99))}.al/{number}",
            f"Title {number}",
            draw(st.sampled_from(["a.al", "b.al", "c.rs"])),
            START + timedelta(minutes=draw(_MINUTES)),
            draw(findings()),
            draw(signatures()),
        )
        for number in range(count)
    ]


@st.composite
def rulings_on(draw: st.DrawFn, reports: Sequence[Report]) -> list[Ruling]:
    """Up to three decisions about some of these reports."""
    made = []
    for _ in range(draw(st.integers(0, 3))):
        chosen = draw(st.lists(st.sampled_from([each.id for each in reports]), min_size=2, max_size=4, unique=True))
        cut = draw(st.integers(1, len(chosen)))
        sides = tuple(frozenset(side) for side in (chosen[:cut], chosen[cut:]) if side)
        made.append(Ruling(sides, rejects=len(sides) == 1 and draw(st.booleans())))
    return made
