"""Settings from file and environment: what is refused, in which words, and where each value comes from."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.settings import default_folder, duration, load, origins


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "monitor.toml").write_text("", encoding="utf-8")
    return tmp_path


def write(folder: Path, text: str) -> Path:
    (folder / "monitor.toml").write_text(text, encoding="utf-8")
    return folder


def problems(folder: Path, env: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, env or {})
    return caught.value.problems


def test_an_unknown_key_is_named_with_its_file_and_the_nearest_known_one(folder: Path) -> None:
    assert problems(write(folder, "[collect]\nat_ones = 3")) == [
        f"{folder}/monitor.toml: collect.at_ones: no such setting; did you mean 'at_once'?"
    ]


def test_an_unknown_key_near_nothing_is_answered_with_those_known(folder: Path) -> None:
    assert problems(write(folder, "[keep]\nxyz = 3")) == [
        f"{folder}/monitor.toml: keep.xyz: no such setting; known here: clear_texts, deliveries, entries"
    ]


def test_an_unknown_section_is_named_with_the_nearest(folder: Path) -> None:
    assert problems(write(folder, "[colect]\nx = 1")) == [f"{folder}/monitor.toml: colect: no such setting; did you mean 'collect'?"]


def test_all_problems_come_at_once_in_file_and_environment(folder: Path) -> None:
    found = problems(write(folder, "[mail]\nport = 0\nsecurity = 'ssl'"), {"MONITOR_CLOCK__POLL": "5"})
    assert [line.split(":")[0] for line in found] == ["MONITOR_CLOCK__POLL", f"{folder}/monitor.toml", f"{folder}/monitor.toml"]
    assert "'none', 'starttls' or 'tls'" in found[2]


def test_a_wrong_value_of_a_variable_is_told_by_the_name_of_the_variable(folder: Path) -> None:
    assert problems(folder, {"MONITOR_CLOCK__POLL": "5"}) == [
        'MONITOR_CLOCK__POLL: clock.poll: expected a duration such as "90s", "5m", "2h" or "14d" (got \'5\')'
    ]


def test_a_misspelt_short_variable_is_not_passed_over(folder: Path) -> None:
    assert problems(folder, {"MONITOR_DATABSE_URL": "sqlite:///x"}) == [
        "MONITOR_DATABSE_URL: no such variable; did you mean 'MONITOR_DATABASE_URL'?"
    ]


def test_variables_of_other_programs_may_begin_like_ours(folder: Path) -> None:
    assert load(folder, {"MONITOR_VENV": "/x", "MONITOR_SOC_HOOK": "whsec_x"}).folder == folder


def test_secrets_never_stand_in_a_sentence(folder: Path) -> None:
    found = problems(write(folder, "[mail]\npassword = 314159\n[database]\nurl = 314159"))
    assert len(found) == 2
    assert "314159" not in " ".join(found)


def test_a_value_where_a_table_belongs_is_told_in_words(folder: Path) -> None:
    write(folder, "database = 3")
    assert problems(folder, {"MONITOR_DATABASE_URL": "sqlite:///x"}) == [
        f"{folder}/monitor.toml: database: expected a table written as [database]"
    ]


def test_the_folder_is_no_setting(folder: Path) -> None:
    assert "no such setting" in problems(write(folder, "folder = '/elsewhere'"))[0]


def test_a_missing_folder_is_told_with_the_way_out(tmp_path: Path) -> None:
    assert problems(tmp_path / "none") == [f"{tmp_path}/none/monitor.toml: no such file (set MONITOR_CONFIG to your configuration folder)"]


def test_broken_toml_is_told_with_its_line(folder: Path) -> None:
    found = problems(write(folder, "[mail]\nport = = 3"))
    assert found[0].startswith(f"{folder}/monitor.toml: ")
    assert "line 2" in found[0]


def test_the_environment_has_the_last_word_and_files_hold_secrets(folder: Path) -> None:
    write(folder, "[mail]\npassword = 'of the file'\nport = 587")
    (folder / "secret").write_text("of the secret\n", encoding="utf-8")
    (folder / "url").write_text("sqlite:///elsewhere.db\n", encoding="utf-8")
    env = {
        "MONITOR_MAIL__PASSWORD_FILE": str(folder / "secret"),
        "MONITOR_DATABASE_URL_FILE": str(folder / "url"),
        "MONITOR_COLLECT__ALLOW_HOSTS": "a.example, b.example",
    }
    found = load(folder, env)
    assert found.mail.password.get_secret_value() == "of the secret"
    assert found.database.url == "sqlite:///elsewhere.db"
    assert found.mail.port == 587
    assert found.collect.allow_hosts == ("a.example", "b.example")
    assert origins(folder, env) == {
        ("mail", "password"): "MONITOR_MAIL__PASSWORD_FILE",
        ("mail", "port"): f"{folder}/monitor.toml",
        ("database", "url"): "MONITOR_DATABASE_URL_FILE",
        ("collect", "allow_hosts"): "MONITOR_COLLECT__ALLOW_HOSTS",
    }


def test_a_secret_file_that_is_not_there_is_told_by_its_variable(folder: Path) -> None:
    assert problems(folder, {"MONITOR_MAIL__PASSWORD_FILE": "/nowhere"}) == [
        "MONITOR_MAIL__PASSWORD_FILE: cannot read /nowhere (No such file or directory)"
    ]


@pytest.mark.parametrize("text", ["90s", "0.3s", "5m", "2h", "14d", "0s"])
def test_a_duration_is_written_as_it_was_read(folder: Path, text: str) -> None:
    assert duration(load(folder, {"MONITOR_CLOCK__POLL": text}).clock.poll) == text


def test_a_duration_is_written_in_the_largest_whole_unit() -> None:
    assert [duration(timedelta(hours=hours)) for hours in (24, 36, 1)] == ["1d", "36h", "1h"]
    assert duration(timedelta(seconds=90)) == "90s"


def test_the_configuration_folder_can_be_anywhere(tmp_path: Path) -> None:
    assert default_folder({"MONITOR_CONFIG": str(tmp_path)}) == tmp_path
    assert (default_folder({}) / "monitor.toml").is_file()
