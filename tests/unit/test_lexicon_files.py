"""A slip of the pen in a file of detection is a sentence with file and place; all of them are told at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from monitor.detect.load import load_lexicon
from monitor.errors import ConfigError
from monitor.settings import default_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration with two lexicons and one register, small enough to load quickly."""
    whole = default_folder({})
    for name in ("lexicon", "institutions"):
        (tmp_path / name).mkdir()
    for name in ("detection.toml", "actors.toml", "lexicon/en.toml", "lexicon/sq.toml", "institutions/AL.toml"):
        shutil.copy(whole / name, tmp_path / name)
    shutil.copy(whole / "places.csv", tmp_path / "places.csv")
    return tmp_path


def problems(folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_lexicon(folder)
    return caught.value.problems


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_a_small_configuration_loads(folder: Path) -> None:
    assert set(load_lexicon(folder).languages) == {"en", "sq"}


@pytest.mark.parametrize(
    ("file", "text", "sentence"),
    [
        ("institutions/AL.toml", '\n[[institution]]\nsector = "bank"\n', "institution."),
        ("institutions/AL.toml", '\n[[institution]]\nname = "X"\nsector = "banc"\n', "'banc' is no sector; did you mean 'bank'?"),
        ("institutions/AL.toml", '\n[[institution]]\nname = "X"\nsector = "bank"\nalias = ["Y"]\n', "Extra inputs are not permitted"),
        ("institutions/AL.toml", '\n[[institution]]\nname = "X"\nsector = "bank"\naliases = ["*"]\n', "is not a word, stem* or stem*3"),
        ("lexicon/sq.toml", '\n[[generic]]\nnoun = ["spital*3"]\nsector = "hospital"\n', ".en: Field required"),
        ("lexicon/sq.toml", "\n[concepts.atack]\n", "concepts.atack"),
        ("detection.toml", "\n[homes]\n", "did you mean 'home'?"),
        ("actors.toml", '\n[[actor]]\naliases = ["X"]\n', ".name: Field required"),
        ("places.csv", "AL,Nowhere,many,\n", "expected country,name,population,other names"),
        ("lexicon/sq.toml", "\n[broken\n", "sq.toml"),
    ],
)
def test_each_slip_is_named_with_its_file(folder: Path, file: str, text: str, sentence: str) -> None:
    append(folder / file, text)
    found = problems(folder)
    assert any(Path(file).name in problem and sentence in problem for problem in found), found


def test_a_bad_term_is_named_with_its_line(folder: Path) -> None:
    path = folder / "lexicon" / "sq.toml"
    text = path.read_text(encoding="utf-8").replace("[concepts]\n", '[concepts]\nofficial_x = ["sulm* .."]\n', 1)
    path.write_text(text, encoding="utf-8")
    line = text.splitlines().index('official_x = ["sulm* .."]') + 1
    assert any(f"sq.toml:{line}: concepts.official_x: not known; did you mean 'official'?" in problem for problem in problems(folder))


def test_all_problems_are_told_at_once(folder: Path) -> None:
    append(folder / "actors.toml", '\n[[actor]]\naliases = ["X"]\n')
    append(folder / "places.csv", "AL\n")
    (folder / "institutions" / "AL.toml").write_text('country = "AL"\n', encoding="utf-8")
    assert len({problem.split(":")[0] for problem in problems(folder)}) == 3


@pytest.mark.parametrize("file", ["detection.toml", "actors.toml", "places.csv", "lexicon"])
def test_a_missing_file_is_named(folder: Path, file: str) -> None:
    path = folder / file
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert any(file in problem for problem in problems(folder))
