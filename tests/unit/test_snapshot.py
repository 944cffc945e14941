"""The copy that workers read: it follows the files of detection when it is told to, and no edit reaches it by itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.detect.load import load_lexicon
from monitor.detect.snapshot import DetectionFiles, Snapshot, copy, stamp, touched
from monitor.errors import ConfigError
from monitor.settings import default_folder

ALL = {"detection.toml", "actors.toml", "places.csv", "lexicon/en.toml", "lexicon/sq.toml", "institutions/AL.toml"}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A small configuration that somebody may edit, with files in it that are none of detection's."""
    copy(default_folder({}), tmp_path / "config")
    for path in (tmp_path / "config").rglob("*.*"):
        if str(path.relative_to(tmp_path / "config")) not in ALL:
            path.unlink()
    for name in ("monitor.toml", "alerts.toml", "lexicon/sq.toml~"):
        (tmp_path / "config" / name).write_text("")
    return tmp_path / "config"


@pytest.fixture
def files(source: Path, tmp_path: Path) -> DetectionFiles:
    (tmp_path / "room").mkdir()
    return DetectionFiles(source, tmp_path / "room")


def append(path: Path, text: str = "# seen\n") -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def looked(files: DetectionFiles) -> Snapshot:
    fresh = files.look()
    assert fresh is not None
    return fresh


def test_a_copy_holds_all_that_detection_reads_and_nothing_else(files: DetectionFiles) -> None:
    assert {str(path.relative_to(files.folder)) for path in files.folder.rglob("*") if path.is_file()} == ALL
    assert set(load_lexicon(files.folder).languages) == {"en", "sq"}


def _save_another_time(path: Path) -> None:
    text = path.read_bytes()
    path.with_suffix(".new").write_bytes(text)
    path.with_suffix(".new").replace(path)


def _change_a_letter_and_turn_back_the_clock(path: Path) -> None:
    before = path.stat()
    path.write_bytes(path.read_bytes().replace(b"#", b"%", 1))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


EDITS: list[Callable[[Path], object]] = [
    append,
    Path.unlink,
    _save_another_time,
    _change_a_letter_and_turn_back_the_clock,
    lambda path: path.chmod(0o600),
    lambda path: shutil.copy(path, path.with_name("xx.toml")),
]


@pytest.mark.parametrize("edit", EDITS, ids=["longer", "gone", "replaced", "same size and time", "permissions", "one more"])
def test_every_edit_is_seen(source: Path, edit: Callable[[Path], object]) -> None:
    before = stamp(source)
    assert stamp(source) == before
    edit(source / "lexicon" / "sq.toml")
    assert stamp(source) != before


def test_files_that_are_none_of_detections_change_nothing(source: Path) -> None:
    before = stamp(source)
    append(source / "monitor.toml")
    append(source / "lexicon" / "sq.toml~")
    assert stamp(source) == before


def test_what_was_touched_is_named() -> None:
    assert touched({"a": (1, 1, 1), "b": (1, 1, 1), "c": (1, 1, 1)}, {"a": (1, 1, 1), "b": (2, 1, 1), "d": (1, 1, 1)}) == ["b", "c", "d"]


def test_while_nobody_edits_there_is_nothing_to_check(files: DetectionFiles) -> None:
    assert files.look() is None


def test_an_edit_reaches_workers_only_when_its_copy_is_accepted(files: DetectionFiles, source: Path) -> None:
    old, text = files.folder, (source / "lexicon" / "sq.toml").read_text(encoding="utf-8")
    append(source / "lexicon" / "sq.toml")
    fresh = looked(files)
    assert files.folder == old
    assert (old / "lexicon" / "sq.toml").read_text(encoding="utf-8") == text
    assert files.accept(fresh) == ["lexicon/sq.toml"]
    assert files.folder == fresh.folder != old
    assert (files.folder / "lexicon" / "sq.toml").read_text(encoding="utf-8") == text + "# seen\n"
    assert files.look() is None


def test_the_copy_before_is_kept_for_batches_under_way_and_older_ones_go(files: DetectionFiles, source: Path) -> None:
    used = [files.folder]
    for _ in range(3):
        append(source / "lexicon" / "sq.toml")
        files.accept(looked(files))
        used.append(files.folder)
    assert len(set(used)) == 4
    assert [folder.exists() for folder in used] == [False, False, True, True]


def test_a_refused_copy_goes_and_the_files_are_looked_at_again_when_they_change(files: DetectionFiles, source: Path) -> None:
    good = files.folder
    for _ in range(2):
        append(source / "lexicon" / "sq.toml", "[broken\n")
        fresh = looked(files)
        files.refuse(fresh)
        assert not fresh.folder.exists()
        assert files.look() is None
        assert files.folder == good


def test_an_edit_during_the_check_is_looked_at_the_next_time(files: DetectionFiles, source: Path) -> None:
    append(source / "lexicon" / "sq.toml", "[broken\n")
    fresh = looked(files)
    append(source / "lexicon" / "sq.toml", "# and more\n")
    files.refuse(fresh)
    assert files.look() is not None


def test_a_check_that_was_cut_off_is_made_anew(files: DetectionFiles, source: Path) -> None:
    append(source / "lexicon" / "sq.toml")
    (looked(files).folder / "left.toml").touch()
    assert not (looked(files).folder / "left.toml").exists()


def test_a_copy_that_a_cleaner_of_temporary_files_thinned_out_is_made_anew(files: DetectionFiles) -> None:
    (files.folder / "lexicon" / "sq.toml").unlink()
    fresh = looked(files)
    assert files.accept(fresh) == []
    assert (files.folder / "lexicon" / "sq.toml").exists()
    assert files.look() is None


def test_a_file_that_cannot_be_copied_is_a_problem_in_words(source: Path, tmp_path: Path) -> None:
    (source / "lexicon" / "xx.toml").mkdir()
    found = copy(source, tmp_path / "copy")
    assert found.problems == (f"{source / 'lexicon' / 'xx.toml'}: cannot be copied (Is a directory)",)
    (tmp_path / "room").mkdir()
    with pytest.raises(ConfigError, match="cannot be copied"):
        DetectionFiles(source, tmp_path / "room")
