"""The documents say what is there: commands, settings, views and their columns, log actions; and the queries run."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy import inspect, text

from monitor.cli.main import app
from monitor.log import ACTIONS
from monitor.settings import Settings
from monitor.store.engine import Store

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CODE = {file: file.read_text(encoding="utf-8") for file in (ROOT / "monitor").rglob("*.py")}
QUERIES = re.findall(r"```sql\n(.*?)```", README, re.DOTALL)


def commands() -> dict[str, Any]:
    """Every command and group of the program, by the words one types."""

    def below(command: Any, path: str) -> dict[str, Any]:
        found = {path: command}
        for name, child in getattr(command, "commands", {}).items():
            found |= below(child, f"{path} {name}")
        return found

    return below(typer.main.get_command(app), "monitor")


COMMANDS = commands()


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - {"monitor"}))
def test_every_command_has_help_with_an_example_of_itself(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    epilog = command.epilog or ""
    assert epilog.startswith("Example: ")
    assert name in epilog


@pytest.mark.parametrize("name", sorted(name for name, command in COMMANDS.items() if not hasattr(command, "commands")))
def test_every_command_stands_in_the_readme(name: str) -> None:
    assert f"`{name}" in README


def test_the_readme_names_no_command_that_is_not_there() -> None:
    named = set(re.findall(r"(?:^|[`\s])(monitor [a-z]+(?: [a-z]+)?)", "\n".join(re.findall(r"`(monitor [^`]*)`", README))))
    assert named
    assert {name for name in named if name not in COMMANDS and name.rsplit(" ", 1)[0] not in COMMANDS} == set()


def test_the_two_commands_of_the_readme_exist() -> None:
    usage = subprocess.run([ROOT / "run"], capture_output=True, text=True, check=True).stdout
    for command in ("./run demo", "./run test"):
        assert f"    {command} " in README
        assert command in usage
    for name in re.findall(r"\./run (\w+)", README):
        assert f"./run {name}" in usage


def test_every_section_of_the_settings_stands_in_the_readme() -> None:
    sections = Settings.model_fields.keys() - {"folder"}
    assert {section for section in sections if f"`[{section}]`" not in README} == set()


def test_the_readme_names_no_setting_that_is_not_there() -> None:
    known = {section: set(type(part).model_fields) for section, part in Settings(folder=ROOT) if section != "folder"}
    named = [(section, key) for section, key in re.findall(r"`(\w+)\.(\w+)`", README) if section in known and key != "toml"]
    assert len(named) > 5
    assert {f"{section}.{key}" for section, key in named if key not in known[section]} <= ACTIONS


def test_every_log_action_is_documented_and_used() -> None:
    assert {action for action in ACTIONS if f"`{action}`" not in README} == set()
    used = {action for action in ACTIONS for file, code in CODE.items() if file.name != "log.py" and f'"{action}"' in code}
    assert ACTIONS - used == {"library.note"}  # which the log makes itself


def views_of_readme() -> dict[str, set[str]]:
    """The table of views: name and columns, without what stands in brackets."""
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| (.+) \|$", README.split("## Query the store")[1].split("\n## ")[0], re.MULTILINE)
    return {name: set(re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", columns))) for name, columns in rows}


def test_every_view_stands_in_the_readme_with_its_columns(store: Store) -> None:
    def views(c: Any) -> dict[str, set[str]]:
        found = inspect(c)
        return {name: {column["name"] for column in found.get_columns(name)} for name in found.get_view_names()}

    assert views_of_readme() == store.read_now(views)


@pytest.mark.parametrize("number", range(len(QUERIES)))
def test_every_query_of_the_readme_runs_on_both_databases(store: Store, number: int) -> None:
    assert store.read_now(lambda c: c.execute(text(QUERIES[number])).all()) == []


def test_there_are_queries() -> None:
    assert len(QUERIES) >= 6


def test_every_file_that_the_readme_names_is_there() -> None:
    named = set(re.findall(r"`((?:config|monitor|tests)/[\w./-]+)`", README))
    assert len(named) > 3
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_every_table_in_the_readme_is_toml() -> None:
    for block in re.findall(r"```toml\n(.*?)```", README, re.DOTALL):
        assert tomllib.loads(block)


def test_the_changelog_begins_with_this_version() -> None:
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    heading = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert version
    assert heading
    assert heading[1] in (version[1], "Unreleased")


def test_decisions_are_questions_with_answers() -> None:
    parts = re.split(r"^## ", (ROOT / "DECISIONS.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert len(parts) > 15
    assert all(part.partition("\n")[0].endswith("?") and part.partition("\n")[2].strip() for part in parts)
