"""`monitor tune`: weights that fit labelled articles and what people decided, shown before they are written."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli import output
from monitor.errors import InputError
from monitor.settings import default_folder

if TYPE_CHECKING:
    from monitor.detect.lexicon import Lexicon, Weights
    from monitor.jobs.tune import Case, Tuning

_LEAST = 50  # articles of each kind; fewer say nothing about the next one
_MOVED = 0.1  # a smaller change of a weight is not worth a line


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: monitor tune tests/corpus/dev.jsonl --stories --write")(tune)


def tune(
    files: Annotated[list[Path] | None, typer.Argument(help="Labelled articles, JSON Lines (see tests/corpus/LABELS.md).")] = None,
    stories: Annotated[bool, typer.Option("--stories", help="Also the store's stories that people confirmed or rejected.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Put the new weights into detection.toml.")] = False,
    as_json: output.Json = False,
) -> None:
    """Fits the weights of the score to labelled articles. Shows how they do on incidents and languages that they were not fitted on, which
    weights move and which verdicts change; writes nothing without --write.
    """
    from monitor.detect.load import load_lexicon
    from monitor.jobs import tune as jobs

    folder = default_folder(os.environ)
    known = load_lexicon(folder)
    cases = [*_from_files(files or [], known), *(_from_store(known) if stories else [])]
    _enough(cases)
    with output.progress("fitting", jobs.steps(cases)) as step:
        found = jobs.tune(cases, known.weights, known.prior, known.strength, step)
    if as_json:
        output.as_json(json.loads(json.dumps(found, default=asdict)))
    else:
        _show(found)
    if write:
        _write(folder / "detection.toml", found.weights)
        typer.echo(f"{folder / 'detection.toml'}: {len(found.weights.features)} weights written.", err=as_json)
    elif not as_json:
        typer.echo(f"Nothing was written. With --write the new weights go into {folder / 'detection.toml'}.")


def _from_files(files: Sequence[Path], known: Lexicon) -> list[Case]:
    from monitor.cli.assess import labelled_rows
    from monitor.jobs import tune as jobs

    rows = [row for file in files for row in labelled_rows(file)]
    with output.progress("reading", len(rows)) as step:
        return [jobs.labelled(row, known) for row in output.stepping(rows, step)]


def _from_store(known: Lexicon) -> list[Case]:
    from monitor.jobs import tune as jobs
    from monitor.store import decisions

    with output.opened() as store:
        decided = store.read_now(decisions.labelled)
    return [jobs.case(each.article.url, each.article, each.confirmed, each.story, known) for each in decided]


def _enough(cases: Sequence[Case]) -> None:
    relevant = sum(each.sample.relevant for each in cases)
    if min(relevant, len(cases) - relevant) < _LEAST:
        raise InputError(
            f"{relevant} reports of incidents and {len(cases) - relevant} other articles are too few to learn from: at least {_LEAST} of "
            "each are needed; give labelled files (tests/corpus/LABELS.md says which) and add --stories to them"
        )


def _show(found: Tuning) -> None:
    tried = (
        ("weights in force", found.before),
        ("new weights, on what they were fitted on", found.after),
        ("new weights, each incident unseen", found.by_incident.overall),
        ("new weights, each language unseen", found.by_language.overall),
    )
    output.table(
        f"{found.cases} articles",
        ("flagging", "precision", "recall", "F1"),
        ((name, *(f"{value:.3f}" for value in (score.precision, score.recall, score.f1))) for name, score in tried),
    )
    output.table(
        "F1 by language",
        ("language", "reports", "incident unseen", "language unseen"),
        (
            (lang, score.count, f"{score.f1:.3f}", f"{found.by_language.languages[lang].f1:.3f}")
            for lang, score in found.by_incident.languages.items()
        ),
    )
    output.table("Weights that move", ("evidence", "in force", "new"), _moved(found.in_force, found.weights))
    output.table(
        "Verdicts that change",
        ("article", "labelled", "would be", "score", "title"),
        (
            (each.name, _said(each.relevant), _said(each.flagged), f"{each.before:.2f} → {each.after:.2f}", each.title)
            for each in found.changed
        ),
    )


def _moved(before: Weights, after: Weights) -> list[tuple[str, str, str]]:
    old, new = {"bias": before.bias, **before.features}, {"bias": after.bias, **after.features}
    pairs = [(name, old.get(name, 0.0), new.get(name, 0.0)) for name in sorted(old.keys() | new.keys())]
    return [(name, f"{was:+.2f}", f"{now:+.2f}") for name, was, now in pairs if abs(now - was) >= _MOVED]


def _said(flagged: bool) -> str:
    return "flagged" if flagged else "not flagged"


def _write(path: Path, weights: Weights) -> None:
    """Whole or not at all: beside the file first, then in its place."""
    from monitor.detect.files import with_weights

    beside = path.resolve().with_suffix(".toml.new")  # a link stays one
    try:
        made = with_weights(path.read_text(encoding="utf-8"), weights.bias, weights.features)
        beside.write_text(made, encoding="utf-8")
        shutil.copymode(path, beside)
        beside.replace(path.resolve())
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror})") from None
    except ValueError as error:
        raise InputError(f"{path}: cannot be written ({error})") from None
