"""Detection and signing alone, on one core: articles of 3,000 characters, ten times as long, ten times the register; start and memory."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from shutil import copytree
from statistics import median
from typing import Any

from bench import material
from bench.figures import Bench, Figure, Run
from monitor.detect.lexicon import Lexicon
from monitor.detect.load import load_lexicon
from monitor.detect.verdict import assess
from monitor.jobs.assess import read_article
from monitor.model import Article
from monitor.settings import default_folder
from monitor.stories.signature import sign

_CORPUS = Path(__file__).resolve().parents[1] / "tests" / "corpus"
_LENGTH, _LONG = 3_000, 30_000
_TIMES = 10
_START = """
import json, sys, time
from pathlib import Path
import monitor.detect.load as load
from bench.memory import occupied
before = occupied("self")
started = time.perf_counter()
known = load.load_lexicon(Path(sys.argv[1]))
print(json.dumps([time.perf_counter() - started, (occupied("self") - before) / 2**20]))
"""


def _texts(pattern: str, length: int, relevant: bool) -> list[Article]:
    """Articles of one length: those of a language one after the other, cut."""
    rows = [json.loads(line) for path in sorted(_CORPUS.glob(pattern)) for line in path.read_text(encoding="utf-8").splitlines()]
    by_lang = defaultdict(list)
    for row in rows:
        if row["relevant"] == relevant:
            by_lang[row["lang"]].append(row)
    return [article for those in by_lang.values() for article in _joined(those, length)]


def _joined(rows: Sequence[dict[str, str]], length: int) -> Iterator[Article]:
    needed = 1 + length // 150  # the shortest articles have as many characters
    for at, row in enumerate(rows):
        text = "\n\n".join(rows[(at + more) % len(rows)]["text"] for more in range(needed))[:length]
        yield read_article(row | {"text": text}, material.NOW)


def _milliseconds(articles: Sequence[Article], work: Callable[[Article], object]) -> float:
    """The median over the articles. A first round lets the lexicon meet the words, as a daemon's has; nor is it looked through there."""
    gc.collect()
    gc.freeze()
    for article in articles:
        work(article)
    return median(_timed(article, work) for article in articles)


def _timed(article: Article, work: Callable[[Article], object]) -> float:
    """Time of the core, not of the clock: what else the machine does shall not count."""
    started = time.process_time()
    work(article)
    return (time.process_time() - started) * 1000


@cache
def _known() -> Lexicon:
    return load_lexicon(default_folder({}))


@contextmanager
def _articles() -> Iterator[Run]:
    ordinary, reports = _texts("ordinary-*.jsonl", _LENGTH, relevant=False), _texts("dev.jsonl", _LENGTH, relevant=True)
    long = _texts("dev.jsonl", _LONG, relevant=True)
    with tempfile.TemporaryDirectory(prefix="monitor-bench-") as folder:
        found, found_by_larger = partial(assess, lexicon=_known()), partial(assess, lexicon=_larger(Path(folder)))

        def run() -> dict[str, float]:
            told = _milliseconds(reports, found)
            return {
                "ordinary article": _milliseconds(ordinary, found),
                "report": told,
                "ten times as long": _milliseconds(long, found) / told,
                "ten times the register": _milliseconds(reports, found_by_larger) / told,
            }

        yield run


@contextmanager
def _sign() -> Iterator[Run]:
    reports = _texts("dev.jsonl", _LENGTH, relevant=True)
    yield lambda: {"signature": _milliseconds(reports, sign)}


def _larger(folder: Path) -> Lexicon:
    """The lexicon with ten times the institutions: nine more of each, with the same generic words and names of their own."""
    config = folder / "config"
    copytree(default_folder({}), config)
    for path in (config / "institutions").glob("*.toml"):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        more = (_another(row, number) for row in table["institution"] for number in range(1, _TIMES))
        path.write_text(path.read_text(encoding="utf-8") + "".join(more), encoding="utf-8")
    return load_lexicon(config)


def _another(row: dict[str, Any], number: int) -> str:
    names = [f"{alias} Xy{number}{alias[::-1].replace(' ', '').replace('*', '')}" for alias in row.get("aliases", ()) if " " in alias]
    listed = ", ".join(json.dumps(name, ensure_ascii=False) for name in dict.fromkeys(names))
    name = json.dumps(f"{row['name']} Xy{number}", ensure_ascii=False)
    return f'\n[[institution]]\nname = {name}\nsector = "{row["sector"]}"\naliases = [{listed}]\n'


@contextmanager
def _start() -> Iterator[Run]:
    def run() -> dict[str, float]:
        done = subprocess.run([sys.executable, "-c", _START, str(default_folder({}))], capture_output=True, text=True, check=True)
        seconds, megabytes = json.loads(done.stdout)
        return {"lexicon read": seconds, "lexicon memory": megabytes}

    yield run


DETECTION = (
    Bench(
        "detection",
        "articles of 3,000 characters to findings, one core, median",
        (
            Figure("ordinary article", "ms", 2, cost=True),
            Figure("report", "ms", 2, cost=True),
            Figure("ten times as long", "times", 12, cost=True),
            Figure("ten times the register", "times", 1.5, cost=True),
        ),
        _articles,
    ),
    Bench("sign", "reports of 3,000 characters to signatures, one core, median", (Figure("signature", "ms", 0.3, cost=True),), _sign),
    Bench(
        "start",
        "all lexicons and registers read, checked and compiled, in a process of its own",
        (Figure("lexicon read", "s", 1.5, cost=True), Figure("lexicon memory", "MB", 150, cost=True)),
        _start,
    ),
)
