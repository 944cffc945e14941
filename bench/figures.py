"""What is measured and what has been: figures with their goals, the last run kept in `results.json`, the table that compares them."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from rich.table import Table

RESULTS = Path(__file__).with_name("results.json")
_NOISE = 0.1  # runs on one machine differ by so much; a smaller change means nothing

Run = Callable[[], Mapping[str, float]]  # one measurement: values by figure


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `goal` is to be reached: from below, or for costs (`cost`) from above."""

    name: str
    unit: str
    goal: float | None = None
    cost: bool = False

    def reached(self, value: float) -> bool:
        return self.goal is None or (value <= self.goal if self.cost else value >= self.goal)


@dataclass(frozen=True, slots=True)
class Bench:
    """Something measured. `open` prepares it and gives the run to repeat; what it needs is closed when the last run is over.

    What takes long is `on_request`: run if it is named, and not among the others.
    """

    name: str
    meaning: str
    figures: tuple[Figure, ...]
    open: Callable[[], AbstractContextManager[Run]]
    on_request: bool = False


def medians(runs: Mapping[str, list[float]]) -> dict[str, float]:
    return {name: round(median(values), 2) for name, values in runs.items()}


def last() -> dict[str, float]:
    """The medians of the run that was saved last; empty if none was."""
    if not RESULTS.exists():
        return {}
    return {name: figure["median"] for name, figure in json.loads(RESULTS.read_text(encoding="utf-8"))["figures"].items()}


def report(benches: Iterable[Bench], runs: Mapping[str, list[float]]) -> dict[str, Any]:
    """A run as it is printed by `--json` and kept by `--save`."""
    known = {figure.name: figure for bench in benches for figure in bench.figures}
    found = medians(runs)
    figures = {
        name: {"median": found[name], "unit": known[name].unit, "goal": known[name].goal, "runs": [round(value, 1) for value in values]}
        for name, values in runs.items()
    }
    machine = f"{os.cpu_count()} cores, {platform.machine()}, {platform.python_implementation()} {platform.python_version()}"
    return {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine, "figures": figures}


def save(new: dict[str, Any]) -> None:
    """Keeps a run. Figures that it did not measure stay as they were."""
    before = json.loads(RESULTS.read_text(encoding="utf-8"))["figures"] if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps(new | {"figures": before | new["figures"]}, indent=2) + "\n", encoding="utf-8")


def table(benches: Iterable[Bench], runs: Mapping[str, list[float]], before: Mapping[str, float]) -> Table:
    """Medians beside their goals and beside the last run."""
    shown = Table(title=f"median of {max(map(len, runs.values()))} runs", title_justify="left")
    for heading in ("", "figure", "unit", "goal", "last", "ratio"):
        shown.add_column(heading, justify="left" if heading in ("", "unit") else "right")
    for bench in benches:
        for figure in bench.figures:
            shown.add_row(*_row(figure, median(runs[figure.name]), before.get(figure.name)))
    return shown


def _row(figure: Figure, value: float, before: float | None) -> tuple[str, ...]:
    goal = "" if figure.goal is None else f"{'≤' if figure.cost else '≥'} {figure.goal:,g}"
    shown = f"{value:,.2f}" if figure.unit == "times" else f"{value:,.1f}"
    marked = shown if figure.reached(value) else f"[bold red]{shown}[/]"
    return figure.name, marked, figure.unit, goal, "" if before is None else f"{before:,.1f}", _ratio(figure, value, before)


def _ratio(figure: Figure, value: float, before: float | None) -> str:
    """How many times the last run's figure this is: green for better, red for worse, plain within the noise."""
    if not before:
        return ""
    ratio = value / before
    if abs(ratio - 1) <= _NOISE:
        return f"{ratio:.2f}"
    return f"[{'green' if (ratio > 1) != figure.cost else 'red'}]{ratio:.2f}[/]"
