"""The command line of the benchmarks."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench import figures
from bench.detection import DETECTION
from bench.figures import Bench
from bench.flat import FLAT
from bench.many import MANY
from bench.peers import PEERS
from bench.placement import PLACEMENT
from bench.polling import POLLING
from bench.stages import STAGES
from bench.stream import STREAM
from bench.whole import WHOLE

BENCHES = (*STAGES, *DETECTION, PLACEMENT, POLLING, PEERS, STREAM, WHOLE, MANY, FLAT)
_NAMES = ", ".join(bench.name for bench in BENCHES)


def main(
    only: Annotated[list[str] | None, typer.Option(help=f"Only this one; may be repeated: {_NAMES}.")] = None,
    repeats: Annotated[int, typer.Option(min=1, help="How often each is run; the figures are medians.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    save: Annotated[bool, typer.Option(help="Keep the figures in bench/results.json, for the next run to compare with.")] = False,
) -> None:
    """Measures stages, polling and the whole way; compares with the run saved last."""
    if unknown := set(only or ()) - {bench.name for bench in BENCHES}:
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: not known; choose from {_NAMES}", param_hint="--only")
    chosen = [bench for bench in BENCHES if (bench.name in only if only else not bench.on_request)]
    before = figures.last()
    runs = _measure(chosen, repeats, Console(stderr=True))
    report = figures.report(chosen, runs)
    if as_json:
        print(json.dumps(report, indent=2))
    else:
        Console().print(figures.table(chosen, runs, before))
    if save:
        figures.save(report)


def _measure(benches: Sequence[Bench], repeats: int, console: Console) -> dict[str, list[float]]:
    """Runs side by side: one of each, then again, so that a busy minute of the machine does not fall on one of them alone."""
    found: dict[str, list[float]] = defaultdict(list)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress, ExitStack() as stack:
        task = progress.add_task("preparing", total=repeats * len(benches))
        runs = [(bench, stack.enter_context(bench.open())) for bench in benches]
        for _ in range(repeats):
            for bench, run in runs:
                progress.update(task, description=bench.meaning)
                for name, value in run().items():
                    found[name].append(value)
                progress.advance(task)
    return found


if __name__ == "__main__":
    typer.run(main)
