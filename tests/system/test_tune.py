"""`monitor tune` as real processes: it learns from labelled articles and from what people decided, and writes only when told to."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from monitor.store import decisions
from monitor.store.decisions import Said
from monitor.store.engine import Store
from tests.contract.samples import NOW, PARLIAMENT, a_finding, a_source_id
from tests.jobs.rig import ATTACK, TEXT
from tests.system.house import ROOT
from tests.system.judged import an_article, judged, opened
from tests.system.test_cli import Result, monitor, refused, spoil

EACH = 55  # reports of incidents, and other articles
HAND_MADE = "# What people wrote here stays.\n"


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of labelled articles: as few as are enough, so that fitting is quick."""
    lines = (ROOT / "tests" / "corpus" / "dev.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    chosen = [line for kind in (True, False) for line in [line for line in lines if json.loads(line)["relevant"] is kind][:EACH]]
    assert len(chosen) == 2 * EACH
    file = tmp_path_factory.mktemp("labelled") / "articles.jsonl"
    file.write_text("".join(chosen), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped configuration with a remark of somebody's."""
    copy = Path(shutil.copytree(ROOT / "config", tmp_path_factory.mktemp("tune") / "config"))
    spoil(copy / "detection.toml", lambda text: text.replace("\n[spoken]\n", f"\n{HAND_MADE}[spoken]\n"))
    spoil(copy / "detection.toml", lambda text: text.replace("\n[prior]\n", f"\n{HAND_MADE}[prior]\n"))
    spoil(copy / "detection.toml", lambda text: re.sub(r"(?m)^(bias = .*)$", r"\1  # where every article starts", text))
    return copy


@pytest.fixture
def own_config(config: Path, tmp_path: Path) -> Path:
    """A copy to write to."""
    return Path(shutil.copytree(config, tmp_path / "config"))


def tune(config: Path, *arguments: str | Path, **env: str) -> Result:
    return monitor("tune", *map(str, arguments), cwd=config.parent, MONITOR_CONFIG=str(config), **env)


@pytest.fixture(scope="module")
def shown(config: Path, labelled: Path) -> Any:
    """What `--json` says of the labelled articles alone."""
    result = tune(config, labelled, "--json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def contents(folder: Path) -> dict[Path, bytes]:
    return {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


# What is refused


def test_too_few_articles_are_refused(config: Path, labelled: Path, tmp_path: Path) -> None:
    assert refused(tune(config)) == [
        "0 reports of incidents and 0 other articles are too few to learn from: at least 50 of each are needed; "
        "give labelled files (tests/corpus/LABELS.md says which) and add --stories to them"
    ]
    few = tmp_path / "few.jsonl"
    few.write_text("".join(labelled.read_text(encoding="utf-8").splitlines(keepends=True)[: EACH + 2]), encoding="utf-8")
    assert refused(tune(config, few))[0].startswith(f"{EACH} reports of incidents and 2 other articles are too few")


def label(**changes: Any) -> str:
    lists: dict[str, Any] = {"countries": [], "victims": [], "actors": []}
    return json.dumps(
        {"id": "x", "lang": "sq", "title": "", "text": "", "relevant": True, "attack": "", "incident": "", **lists, **changes}
    )


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"id": "x", ', "Expecting property name"),
        ("[1, 2]", "expected a JSON object"),
        (label(title=3), "'title' must be a text"),
        (label(relevant="false"), "'relevant' must be true or false"),
        (label(incident=5), "'incident' must be a text"),
        (label(victims="Kuvendi"), "'victims' must be a list of texts"),
        (label(countries=["AL", 5]), "'countries' must be a list of texts"),
        ("[" * 100_000, "brackets in brackets without end"),
        ('{"id": "x", "lang": "sq", "title": "Koncert"}', "'text' is missing; labelled articles are described in tests/corpus/LABELS.md"),
    ],
)
def test_a_broken_line_is_named_with_file_and_number(config: Path, labelled: Path, tmp_path: Path, line: str, problem: str) -> None:
    broken = tmp_path / "broken.jsonl"
    first = labelled.read_text(encoding="utf-8").splitlines()[0]
    broken.write_text(f"{first}\n\n{line}\n", encoding="utf-8")
    (sentence,) = refused(tune(config, labelled, broken))
    assert sentence.startswith(f"{broken}:3: {problem}")


def test_a_file_that_is_not_there_is_named(config: Path) -> None:
    assert refused(tune(config, "nowhere.jsonl")) == ["nowhere.jsonl: No such file or directory"]


def test_stories_of_a_database_that_is_not_there_are_a_sentence(config: Path, labelled: Path, tmp_path: Path) -> None:
    missing = tmp_path / "monitor.db"
    result = tune(config, labelled, "--stories", MONITOR_DATABASE_URL=f"sqlite:///{missing}")
    assert refused(result) == [f"{missing}: no such database yet; run `monitor migrate` to make it"]
    assert not missing.exists()


# What is shown


def test_figures_are_told_before_and_after_and_of_what_was_not_seen(config: Path, shown: Any) -> None:
    assert shown["cases"] == 2 * EACH
    assert shown["in_force"] == in_force(config / "detection.toml")
    for score in (shown["before"], shown["after"], shown["by_incident"]["overall"], shown["by_language"]["overall"]):
        assert score["count"] == EACH
        assert 0.5 < score["f1"] <= 1.0
    languages = shown["by_incident"]["languages"]
    assert languages.keys() == shown["by_language"]["languages"].keys() > {"bg"}
    assert sum(score["count"] for score in languages.values()) == EACH
    needed = shown["weights"]["threshold"]
    assert all((each["before"] >= needed) != each["flagged"] == (each["after"] >= needed) for each in shown["changed"])


def test_without_being_told_to_it_writes_nothing(own_config: Path, labelled: Path) -> None:
    before = contents(own_config.parent)
    result = tune(own_config, labelled)
    assert result.returncode == 0, result.stderr
    for part in (f"{2 * EACH} articles", "new weights, each incident unseen", "Weights that move", "Verdicts that change"):
        assert part in result.stdout
    assert result.stdout.splitlines()[-1].startswith("Nothing was written. With --write the new weights go into ")
    assert contents(own_config.parent) == before


# What is written


def in_force(file: Path) -> dict[str, Any]:
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    return {"threshold": table["threshold"], "bias": table["bias"], "features": table["weights"]}


def around_the_weights(file: Path) -> str:
    """All of a file but the lines that may change."""
    text = file.read_text(encoding="utf-8")
    head, _, rest = text.partition("\n[weights]\n")
    tail = "".join(line for line in rest.partition("\n[prior]")[0].splitlines(keepends=True) if not line.startswith('"'))
    return re.sub(r"(?m)^bias = \S+", "bias = ", head) + tail + rest[rest.index("\n[prior]") :]


def test_only_the_bias_and_the_weights_are_written_and_a_second_time_changes_nothing(own_config: Path, labelled: Path, shown: Any) -> None:
    file = own_config / "detection.toml"
    before, around = contents(own_config), around_the_weights(file)
    assert around.count(HAND_MADE) == 2
    assert "# where every article starts" in around
    result = tune(own_config, labelled, "--write", "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == shown
    assert result.stderr == f"{file}: {len(shown['weights']['features'])} weights written.\n"
    assert around_the_weights(file) == around
    assert in_force(file) == shown["weights"] != shown["in_force"]
    name = Path("detection.toml")
    assert contents(own_config) == before | {name: file.read_bytes()} != before
    assert monitor("config", "check", cwd=own_config.parent, MONITOR_CONFIG=str(own_config)).returncode == 0
    again = json.loads(tune(own_config, labelled, "--json").stdout)
    assert again["in_force"] == shown["weights"]
    assert moved(again) < 0.1 <= moved(shown)
    assert again["changed"] == []


def moved(found: Any) -> float:
    """How far the weight goes that moves most."""
    old, new = ({"bias": each["bias"], **each["features"]} for each in (found["in_force"], found["weights"]))
    return max(abs(float(old.get(name, 0.0) - new.get(name, 0.0))) for name in old.keys() | new.keys())


def test_a_folder_that_cannot_be_written_to_is_a_sentence(own_config: Path, labelled: Path) -> None:
    file = own_config / "detection.toml"
    (own_config / "detection.toml.new").mkdir()  # where the new file would be made: not even root can write over a folder
    before = contents(own_config)
    result = tune(own_config, labelled, "--write")
    assert result.returncode == 2
    assert result.stderr == f"monitor: {file}: cannot be written (Is a directory)\n"
    assert "weights written" not in result.stdout
    assert contents(own_config) == before


def test_a_file_that_the_weights_do_not_fit_into_stays_as_it_is(own_config: Path, labelled: Path) -> None:
    file = own_config / "detection.toml"
    spoil(file, lambda text: re.sub(r"(?m)^bias =", '"bias" =', text))
    before = contents(own_config)
    result = tune(own_config, labelled, "--write")
    assert result.returncode == 2
    assert result.stderr == f"monitor: {file}: cannot be written (expected one line `bias = ...` and one table [weights])\n"
    assert contents(own_config) == before


def test_a_link_stays_one_and_permissions_stay_as_they_are(own_config: Path, labelled: Path, tmp_path: Path) -> None:
    file, behind = own_config / "detection.toml", tmp_path / "behind.toml"
    shutil.move(file, behind)
    behind.chmod(0o640)
    file.symlink_to(behind)
    before = behind.read_bytes()
    result = tune(own_config, labelled, "--write")
    assert result.returncode == 0, result.stderr
    assert file.readlink() == behind
    assert behind.read_bytes() != before
    assert behind.stat().st_mode & 0o777 == 0o640


# What people decided


def test_decided_stories_are_examples_too(config: Path, labelled: Path, shown: Any, sqlite_url: str) -> None:
    with Store(sqlite_url) as store:
        store.write_now(decided)
    result = tune(config, labelled, "--stories", "--json", MONITOR_DATABASE_URL=sqlite_url)
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["cases"] == shown["cases"] + 3  # the story that nobody decided is none
    for name in ("before", "after"):
        assert found[name]["count"] == shown[name]["count"] + 2  # reports of incidents; the rejected one is none
    # All three are flagged by the weights in force, the rejected one wrongly.
    assert found["before"]["recall"] >= shown["before"]["recall"]
    assert found["before"]["precision"] < shown["before"]["precision"]


def decided(c: Connection) -> None:
    """Two stories that were confirmed, one that was rejected, one that was rejected by mistake; each of one article."""
    a_source_id(c)
    finding = a_finding(PARLIAMENT)
    for number in (1, 2, 3, 4):
        opened(c, judged(c, an_article(number, ATTACK, TEXT), finding), finding, f"story-{number}")
    for number in (1, 2):
        decisions.decide(c, f"story-{number}", Said("confirmed", "ana", NOW))
    for number in (3, 4):
        decisions.decide(c, f"story-{number}", Said("rejected", "ana", NOW))
    decisions.undo(c, "story-4", "ana", NOW)
