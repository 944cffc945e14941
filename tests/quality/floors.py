"""The floors: how good detection and stories are at least, on the labelled articles and on the sample newsroom. They only rise.

`python -m tests.quality.floors`: the figures beside the floors. `--update` raises the floors to the figures and writes the README's table
anew; it refuses to lower one. `--update --lower` lowers them too: say why in the commit.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from monitor.demo.newsroom import load, outlets
from monitor.detect.lexicon import Lexicon
from monitor.detect.load import load_lexicon
from monitor.jobs.assess import assess_lines
from monitor.jobs.evaluate import Judged, b_cubed, judge_all, pairs, stories_an_incident, summary
from monitor.jobs.tune import Case, flagging, incident_folds, labelled, unseen
from monitor.model import Finding
from monitor.settings import default_folder
from tests.quality import table

FLOORS = Path(__file__).with_name("floors.json")
CORPUS = Path(__file__).parents[1] / "corpus"
SETS = ("dev", "second", "third", "fourth", "fifth", "sixth", "seventh")
BLIND = ("fifth", "seventh")  # never looked at, nor fitted to
KNOTS = ("knots-a", "knots-b", "knots-c")  # hard to gather into stories; knots-b is never looked at
ORDINARY = ("ordinary", "everyday")
_FEW = 10  # articles; fewer of a language say nothing about it

Figures = dict[str, dict[str, float]]  # by set, then by figure


def corpus(name: str) -> list[dict[str, Any]]:
    """The articles of a set: of `name.jsonl`, or of all `name-*.jsonl`."""
    paths = sorted({*CORPUS.glob(f"{name}.jsonl"), *CORPUS.glob(f"{name}-*.jsonl")})
    return [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]


def newsroom() -> list[dict[str, Any]]:
    """The newsroom's articles in the form of the labelled corpus, with the country of their outlet as the daemon knows it."""
    by_key = {outlet.key: outlet for outlet in outlets()}
    return [
        asdict(article)
        | {"outlet": by_key[article.outlet].host, "country": by_key[article.outlet].country, "published": article.published.isoformat()}
        for article in load()
    ]


def measure() -> Figures:
    """All figures. `unseen` is flagging on dev by weights fitted to all sets but the blind ones, without the incident that they score."""
    known = load_lexicon(default_folder({}))
    sets = {name: corpus(name) for name in SETS} | {"newsroom": newsroom()}
    knots = {name: corpus(name) for name in KNOTS}
    found = {name: summary(judge_all(rows, known)) for name, rows in (sets | knots).items()}
    figures = {name: _basic(those) for name, those in found.items()}
    dev = found["dev"]
    figures["assessed"] = _assessed(sets["dev"], known)
    figures["dev"] |= {name: dev[name].f1 for name in ("victims", "countries", "actors")} | {name: dev[name] for name in ("attack", "kind")}
    ordinary = {name: corpus(name) for name in ORDINARY}
    figures |= {name: {"unflagged": _unflagged(rows, known)} for name, rows in ordinary.items()}
    everything = [row for rows in (*sets.values(), *ordinary.values()) for row in rows]
    figures["languages"] = {lang: score.f1 for lang, score in summary(judge_all(everything, known))["languages"].items()}
    learned = [row for name, rows in (*sets.items(), *ordinary.items()) if name not in BLIND for row in rows]
    return figures | {"unseen": _unseen(sets["dev"], learned, known)}


def _basic(found: Mapping[str, Any]) -> dict[str, float]:
    """What is measured of every set: F1 of flagging, B-cubed F1 of stories, precision of their pairs, incidents a story (1 is unsplit)."""
    stories = {"stories": found["stories"].f1, "pairs": found["pairs"].precision, "unsplit": 1 / found["stories_an_incident"]}
    return {"flagging": found["flagging"].f1} | stories


def _assessed(dev: Sequence[Mapping[str, Any]], known: Lexicon) -> dict[str, float]:
    """Stories as `monitor assess` prints them, line by line in the order of the file, without knowing what is still to come."""
    printed = [row for row in assess_lines(map(json.dumps, dev), known) if not isinstance(row, str)]
    judged = [
        Judged(label, Finding(row["relevant"], row["score"], row["lang"]), row["story"]) for label, row in zip(dev, printed, strict=True)
    ]
    return {"stories": b_cubed(judged).f1, "pairs": pairs(judged).precision, "unsplit": 1 / stories_an_incident(judged)}


def _unflagged(rows: Sequence[Mapping[str, Any]], known: Lexicon) -> float:
    return sum(not one.finding.relevant for one in judge_all(rows, known)) / len(rows)


def _unseen(dev: Sequence[Mapping[str, Any]], learned: Sequence[Mapping[str, Any]], known: Lexicon) -> dict[str, float]:
    cases = {id(row): labelled(row, known) for row in learned}
    folds = incident_folds(list(cases.values()))
    by_case = {id(each): weights for each, weights in unseen(list(cases.values()), folds, known.prior, known.strength, lambda: None)}
    mine: list[tuple[str, Case]] = [(row["lang"], cases[id(row)]) for row in dev]
    many = [lang for lang, count in sorted(Counter(lang for lang, _ in mine).items()) if count >= _FEW]
    languages = {lang: flagging((case, by_case[id(case)]) for of, case in mine if of == lang).f1 for lang in many}
    return {"overall": flagging((case, by_case[id(case)]) for _, case in mine).f1} | languages


def below(found: Mapping[str, Mapping[str, float]], floors: Mapping[str, Mapping[str, float]]) -> list[str]:
    """A sentence for each figure that is under its floor."""
    return [
        f"{name}: {figure} is {found[name][figure]:.4f}, below its floor of {floor:.4f}"
        for name, those in floors.items()
        for figure, floor in those.items()
        if found[name][figure] < floor
    ]


def raised(found: Mapping[str, Mapping[str, float]], floors: Mapping[str, Mapping[str, float]], lower: bool) -> Figures:
    """The floors after an update, to four places, rounded down so that the figures reach them."""
    return {
        name: {figure: _raised(now, floors.get(name, {}).get(figure, 0.0), lower) for figure, now in those.items()}
        for name, those in found.items()
    }


def _raised(figure: float, floor: float, lower: bool) -> float:
    now = math.floor(figure * 10_000) / 10_000
    return now if lower else max(now, floor)


def read(file: Path = FLOORS) -> Figures:
    floors: Figures = json.loads(file.read_text(encoding="utf-8"))
    return floors


def update(found: Figures, lower: bool, file: Path = FLOORS) -> bool:
    """Writes the floors anew; False, and nothing is written, where one would have to be lowered without being told to."""
    floors = read(file)
    if below(found, floors) and not lower:
        return False
    file.write_text(json.dumps(raised(found, floors, lower), indent=2) + "\n", encoding="utf-8")
    return True


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.quality.floors", description="Figures beside their floors.")
    parser.add_argument("--update", action="store_true", help="raise the floors to the figures, and write the README's table anew")
    parser.add_argument("--lower", action="store_true", help="with --update: lower floors too")
    given = parser.parse_args(arguments)
    found, floors = measure(), read()
    print(table.markdown(found))
    missed = below(found, floors)
    for sentence in missed:
        print(sentence, file=sys.stderr)
    if given.update and not update(found, given.lower):
        return 1
    if given.update:
        table.write(found)
    return 1 if missed and not given.update else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
