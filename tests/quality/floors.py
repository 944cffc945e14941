"""The floors: how good detection and stories are at least, on the labelled articles and on the sample newsroom. They only rise.

`dev` and `second` were in sight when lexicons and weights were made; `third` was all but unseen and must not be tuned on: it says what
to expect of articles nobody has seen. `ordinary` is news of all kinds without any incident.

python -m tests.quality.floors                    show the figures beside the floors
python -m tests.quality.floors --update           raise the floors to the figures; refuses to lower one
python -m tests.quality.floors --update --lower   lower them too: say why in the commit
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from monitor.demo.newsroom import load, outlets
from monitor.detect.lexicon import Lexicon
from monitor.detect.load import load_lexicon
from monitor.jobs.evaluate import judge_all, summary
from monitor.settings import default_folder

FLOORS = Path(__file__).with_name("floors.json")
CORPUS = Path(__file__).parents[1] / "corpus"
SETS = {"dev": "dev*.jsonl", "second": "second-*.jsonl", "third": "third.jsonl"}

Figures = Mapping[str, Mapping[str, float]]  # by set, then by figure


def corpus(pattern: str) -> list[dict[str, Any]]:
    lines = (line for path in sorted(CORPUS.glob(pattern)) for line in path.read_text(encoding="utf-8").splitlines())
    return [json.loads(line) for line in lines]


def newsroom() -> list[dict[str, Any]]:
    """The newsroom's articles in the form of the labelled corpus, with the country of their outlet as the daemon knows it."""
    by_key = {outlet.key: outlet for outlet in outlets()}
    return [
        asdict(article)
        | {"outlet": by_key[article.outlet].host, "country": by_key[article.outlet].country, "published": article.published.isoformat()}
        for article in load()
    ]


def figures(rows: Sequence[Mapping[str, Any]], known: Lexicon) -> dict[str, float]:
    found = summary(judge_all(rows, known))
    return {"flagging": found["flagging"].f1, "stories": found["stories"].f1}


def measure() -> dict[str, dict[str, float]]:
    known = load_lexicon(default_folder({}))
    found = {name: figures(corpus(pattern), known) for name, pattern in SETS.items()}
    return found | {"newsroom": figures(newsroom(), known), "ordinary": {"unflagged": unflagged(corpus("ordinary-*.jsonl"), known)}}


def unflagged(rows: Sequence[Mapping[str, Any]], known: Lexicon) -> float:
    return sum(not one.finding.relevant for one in judge_all(rows, known)) / len(rows)


def below(found: Figures, floors: Figures) -> list[str]:
    """A sentence for each figure that is under its floor."""
    return [
        f"{name}: {figure} is {found[name][figure]:.4f}, below its floor of {floor:.4f}"
        for name, those in floors.items()
        for figure, floor in those.items()
        if found[name][figure] < floor
    ]


def raised(found: Figures, floors: Figures, lower: bool) -> dict[str, dict[str, float]]:
    """The floors after an update, to four places, rounded down so that the figures reach them."""
    return {
        name: {
            figure: floor if (now := math.floor(those[figure] * 10_000) / 10_000) < floor and not lower else now
            for figure, floor in floors[name].items()
        }
        for name, those in found.items()
    }


def read(file: Path = FLOORS) -> dict[str, dict[str, float]]:
    floors: dict[str, dict[str, float]] = json.loads(file.read_text(encoding="utf-8"))
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
    parser.add_argument("--update", action="store_true", help="raise the floors to the figures")
    parser.add_argument("--lower", action="store_true", help="with --update: lower floors too")
    given = parser.parse_args(arguments)
    found, floors = measure(), read()
    for name, those in floors.items():
        for figure, floor in those.items():
            print(f"{name:10} {figure:10} {found[name][figure]:.4f}   floor {floor:.4f}")
    missed = below(found, floors)
    for sentence in missed:
        print(sentence, file=sys.stderr)
    if given.update:
        return 0 if update(found, given.lower) else 1
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
