"""The shipped `monitor.toml` is the documentation of the settings, so it must say exactly what the program does without it."""

import re
from itertools import pairwise
from pathlib import Path

from monitor.settings import Settings, load, read_toml

CONFIG = Path(__file__).resolve().parents[2] / "config"


def test_the_shipped_file_holds_the_defaults() -> None:
    assert load(CONFIG, {}) == Settings(folder=CONFIG)


def test_the_shipped_file_names_every_setting() -> None:
    tables = read_toml(CONFIG / "monitor.toml")
    named = {section: set(values) for section, values in tables.items()}
    assert named == {
        section: set(type(getattr(Settings(folder=CONFIG), section)).model_fields)
        for section in Settings.model_fields
        if section != "folder"
    }


def test_every_setting_is_explained() -> None:
    lines = (CONFIG / "monitor.toml").read_text(encoding="utf-8").splitlines()
    for before, line in pairwise(lines):
        if re.match(r"\w+ = ", line):
            assert before.startswith("# "), line
