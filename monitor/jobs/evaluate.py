"""How good detection and stories are on labelled articles: the scorer behind `monitor evaluate` and the floors in CI."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from typing import Any, Literal

from rapidfuzz.fuzz import token_sort_ratio

from monitor.detect.lexicon import Lexicon
from monitor.detect.match import longest, words
from monitor.jobs.assess import read_article, report_of
from monitor.jobs.judge import analysed
from monitor.model import Finding
from monitor.stories.bonds import Bonds
from monitor.stories.gather import gather
from monitor.text.fold import fold_text, tokens

_SAME_NAME = 88  # spellings differ ("Centre", "Center"); "Tirana" and "Trebinje", "Serbia" and "Albania" must
_GENERAL = frozenset(("republic", "state", "national", "of", "the", "and"))


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled article beside what we made of it: its verdict, its story, and why it is in that."""

    label: Mapping[str, Any]
    finding: Finding
    story: str | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    precision: float
    recall: float
    f1: float
    count: int


def judge_all(rows: Sequence[Mapping[str, Any]], known: Lexicon) -> list[Judged]:
    """Detection on each article, then the stories of all that were flagged, as the store has them when all is read and repaired."""
    now = datetime.now(UTC)
    results = [analysed(known, read_article(dict(row), now)) for row in rows]
    flagged = [report_of(str(at), result, now) for at, result in enumerate(results) if result.finding.relevant]
    stories = {report.id: (f"{number}", report.why) for number, story in enumerate(gather(flagged, Bonds())) for report in story}
    return [
        Judged(_in_our_names(row, known), result.finding, *stories.get(str(at), (None, "")))
        for at, (row, result) in enumerate(zip(rows, results, strict=True))
    ]


def _in_our_names(row: Mapping[str, Any], known: Lexicon) -> dict[str, Any]:
    """The labels with each victim that the register knows under its name there: "Pošta Crne Gore" is "Post of Montenegro"."""
    return {**row, "victims": [_registered(name, row.get("countries", ()), known) for name in row.get("victims", ())]}


def _registered(name: str, countries: Sequence[str], known: Lexicon) -> str:
    hits = longest(known.aliases.hits(words(tokens(name))))
    found = {hit.value.institution.victim for hit in hits if hit.value.institution.victim.country in countries}
    return found.pop().name if len(found) == 1 else name


def score(pairs: Iterable[tuple[bool, bool]]) -> Score:
    """Precision, recall and F1 of (expected, found) pairs; `count` is how many were expected."""
    pairs = list(pairs)
    hit = sum(expected and found for expected, found in pairs)
    return _score(hit, sum(found for _, found in pairs), hit, sum(expected for expected, _ in pairs))


def _score(hit_found: float, found: int, hit_expected: float, expected: int) -> Score:
    precision = hit_found / found if found else 1.0
    recall = hit_expected / expected if expected else 1.0
    return Score(precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0, expected)


def summary(judged: Sequence[Judged]) -> dict[str, Any]:
    """All figures: flagging overall and by language and kind, fields on rightly flagged articles, stories by B-cubed."""
    right = [one for one in judged if one.label["relevant"] and one.finding.relevant]
    by_lang: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        by_lang[one.label["lang"]].append(one)
    return {
        "articles": len(judged),
        "flagging": _flagging(judged),
        "languages": {lang: _flagging(those) for lang, those in sorted(by_lang.items())},
        "language_named": sum(one.finding.lang == one.label["lang"] for one in judged) / max(len(judged), 1),
        "countries": _field(right, lambda one: (one.label["countries"], one.finding.countries), lambda a, b: a == b),
        "victims": _field(right, lambda one: (one.label["victims"], [v.name for v in one.finding.victims]), same_name),
        "attack": sum(one.label["attack"] in one.finding.attacks for one in right) / max(len(right), 1),
        "kind": sum(one.label.get("kind") == one.finding.kind for one in right) / max(len(right), 1),
        "actors": _field(right, lambda one: (one.label["actors"], one.finding.actors), same_name),
        "stories": b_cubed(judged),
        "pairs": pairs(judged),
        "stories_an_incident": stories_an_incident(judged),
    }


def _flagging(judged: Iterable[Judged]) -> Score:
    return score((bool(one.label["relevant"]), one.finding.relevant) for one in judged)


def _field(
    judged: Iterable[Judged], pick: Callable[[Judged], tuple[Sequence[str], Sequence[str]]], same: Callable[[str, str], bool]
) -> Score:
    hit_found = hit_expected = found_all = expected_all = 0
    for one in judged:
        expected, found = pick(one)
        hit_found += sum(any(same(e, f) for e in expected) for f in found)
        hit_expected += sum(any(same(e, f) for f in found) for e in expected)
        found_all, expected_all = found_all + len(found), expected_all + len(expected)
    return _score(hit_found, found_all, hit_expected, expected_all)


def same_name(one: str, other: str) -> bool:
    """Whether two English names mean one institution: equal but for small words, order and spelling, or one a longer form of the other."""
    a, b = ([word for word in fold_text(name).split() if word not in _GENERAL] for name in (one, other))
    longer = set(a) <= set(b) or set(b) <= set(a)
    if longer and (min(len(a), len(b)) > 1 or one.isupper() or other.isupper()):  # a single word must be an acronym
        return True
    return token_sort_ratio(" ".join(a), " ".join(b)) >= _SAME_NAME


def b_cubed(judged: Sequence[Judged]) -> Score:
    """B-cubed (Bagga and Baldwin 1998) over all articles that are relevant or were flagged.

    An article we missed is a story of its own, and so is, in the labels, one that we flagged wrongly: both cost.
    """
    pool = [one for one in judged if one.label["relevant"] or one.finding.relevant]
    ours = [one.story or f"missed {at}" for at, one in enumerate(pool)]
    labels = [_incident(one) or f"none {at}" for at, one in enumerate(pool)]
    precision = recall = 0.0
    for mine, label in zip(ours, labels, strict=True):
        both = sum(m == mine and at == label for m, at in zip(ours, labels, strict=True))
        precision += both / ours.count(mine)
        recall += both / labels.count(label)
    return _score(precision, len(pool), recall, len(pool))


def pairs(judged: Sequence[Judged]) -> Score:
    """Pairs of flagged articles that are in one story, against those that tell of one incident."""
    flagged = [one for one in judged if one.finding.relevant]
    return score((_incident(a) is not None and _incident(a) == _incident(b), a.story == b.story) for a, b in combinations(flagged, 2))


def stories_an_incident(judged: Iterable[Judged]) -> float:
    """Over how many stories the flagged articles of an incident are spread, on average; 1 is right."""
    spread = _by(judged, _incident, lambda one: one.story)
    return sum(len({one.story for one in those}) for those in spread.values()) / max(len(spread), 1)


def _incident(one: Judged) -> str | None:
    return one.label["incident"] if one.label["relevant"] else None


def _by(judged: Iterable[Judged], key: Callable[[Judged], str | None], known: Callable[[Judged], str | None]) -> dict[str, list[Judged]]:
    found: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        if (name := key(one)) is not None and known(one) is not None:
            found[name].append(one)
    return found


@dataclass(frozen=True, slots=True)
class Misgathered:
    """An incident whose reports are in several stories, or a story that mixes several, with its articles in the order of their time."""

    what: Literal["split", "mixed"]
    name: str
    articles: tuple[Judged, ...]


def misgathered(judged: Sequence[Judged]) -> list[Misgathered]:
    """Everything that is wrong with the stories. An article that was flagged wrongly makes its story a mixed one."""
    incidents = _by(judged, _incident, lambda one: one.story)
    stories = _by(judged, lambda one: one.story, lambda one: one.story)
    split = [Misgathered("split", name, _in_time(those)) for name, those in incidents.items() if len({one.story for one in those}) > 1]
    mixed = [
        Misgathered("mixed", those[0].label["id"], _in_time(those))
        for those in stories.values()
        if len({_incident(one) or one.label["id"] for one in those}) > 1
    ]
    return split + mixed


def _in_time(judged: Iterable[Judged]) -> tuple[Judged, ...]:
    return tuple(sorted(judged, key=lambda one: str(one.label.get("published"))))


def misses(judged: Iterable[Judged]) -> list[Judged]:
    return [one for one in judged if bool(one.label["relevant"]) != one.finding.relevant]
