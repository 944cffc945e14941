"""The command line as real processes: what is refused before anything starts, in which words, and what the commands show after a pass."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from monitor.demo.newsroom.stock import EDITIONS
from monitor.settings import read_toml
from tests.system.house import ROOT, House

Result = subprocess.CompletedProcess[str]


def monitor(*arguments: str, cwd: Path, **env: str) -> Result:
    """Runs a command in a folder of its own, with nothing of ours in the environment but what is given."""
    outer = {name: value for name, value in os.environ.items() if not name.startswith("MONITOR_")}
    environment = {**outer, "PYTHONPATH": str(ROOT), **env}
    command = [sys.executable, "-m", "monitor", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False)


def refused(result: Result, code: int = 2) -> list[str]:
    """The sentences of a refusal, whatever the log said before."""
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    said = re.split(r"^monitor: ", result.stderr, flags=re.MULTILINE)
    assert len(said) == 2, result.stderr
    assert "daemon.started" not in said[0]
    return said[1].splitlines()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A copy of the shipped configuration, to be spoilt."""
    return Path(shutil.copytree(ROOT / "config", tmp_path / "config"))


def spoil(file: Path, change: Callable[[str], str]) -> None:
    before = file.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    file.write_text(after, encoding="utf-8")


# What is refused


@pytest.mark.parametrize("command", ["run", "once", "migrate", "health"])
def test_an_unknown_setting_starts_nothing(config: Path, tmp_path: Path, command: str) -> None:
    spoil(config / "monitor.toml", lambda text: text.replace("at_once =", "at_ones ="))
    result = monitor(command, cwd=tmp_path, MONITOR_CONFIG=str(config))
    assert refused(result) == [f"{config}/monitor.toml: collect.at_ones: no such setting; did you mean 'at_once'?"]
    assert [path.name for path in tmp_path.iterdir()] == ["config"]


def test_a_wrong_value_is_answered_with_those_allowed(config: Path, tmp_path: Path) -> None:
    result = monitor("run", cwd=tmp_path, MONITOR_CONFIG=str(config), MONITOR_LOG__LEVEL="loud", MONITOR_MAIL__PORT="0")
    level, port = sorted(refused(result))
    assert level.startswith("MONITOR_LOG__LEVEL: log.level: ")
    assert "'debug', 'info', 'warning' or 'error'" in level
    assert port.startswith("MONITOR_MAIL__PORT: mail.port: ")
    assert [path.name for path in tmp_path.iterdir()] == ["config"]


def test_a_missing_configuration_folder_is_named(tmp_path: Path) -> None:
    result = monitor("run", cwd=tmp_path, MONITOR_CONFIG=str(tmp_path / "nowhere"))
    assert refused(result) == [f"{tmp_path}/nowhere/monitor.toml: no such file (set MONITOR_CONFIG to your configuration folder)"]
    assert list(tmp_path.iterdir()) == []


def test_a_broken_term_of_a_lexicon_is_named_with_its_line(config: Path, tmp_path: Path) -> None:
    lexicon = config / "lexicon" / "sq.toml"
    spoil(lexicon, lambda text: re.sub(r"^attack = \[", 'attack = ["prish ..", ', text, count=1, flags=re.MULTILINE))
    line = next(number for number, text in enumerate(lexicon.read_text(encoding="utf-8").splitlines(), 1) if "prish .." in text)
    result = monitor("run", cwd=tmp_path, MONITOR_CONFIG=str(config))
    assert refused(result) == [f"{lexicon}:{line}: 'prish ..' has no word, or ends in a gap"]
    assert [path.name for path in tmp_path.iterdir()] == ["config"]


@pytest.mark.parametrize("url", ["mysql://h/n", "not a url", "sqlite://"])
def test_a_database_that_cannot_be_used_is_refused_with_those_that_can(tmp_path: Path, url: str) -> None:
    result = monitor("run", cwd=tmp_path, MONITOR_DATABASE_URL=url)
    (sentence,) = refused(result)
    assert sentence.startswith("database.url: ")
    assert "use sqlite:///PATH/monitor.db or postgresql://" in sentence
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_does_not_answer_is_a_sentence_without_its_password(tmp_path: Path) -> None:
    result = monitor("run", cwd=tmp_path, MONITOR_DATABASE_URL="postgresql://me:pass-word@127.0.0.1:1/monitor")
    (sentence, *_) = refused(result, code=1)
    assert sentence.startswith("database postgresql+psycopg://me:***@127.0.0.1:1/monitor: ")
    assert "pass-word" not in result.stderr


@pytest.mark.parametrize("command", ["run", "once", "migrate", "health", "stories list"])
def test_the_schema_of_a_newer_program_is_refused(tmp_path: Path, sqlite_template: Path, command: str) -> None:
    database = shutil.copy(sqlite_template, tmp_path / "monitor.db")
    with closing(sqlite3.connect(database)) as c, c:
        c.execute("UPDATE alembic_version SET version_num = '9999'")
    result = monitor(*command.split(), cwd=tmp_path, MONITOR_DATABASE_URL=f"sqlite:///{database}")
    said = result.stdout if command == "health" else result.stderr
    assert result.returncode == (1 if command == "health" else 2)
    assert "the schema is of a newer program (version 9999" in said
    assert said.rstrip().endswith("update the program")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("command", [("stories", "list"), ("stories", "show", "x"), ("sources", "list"), ("alerts", "list")])
def test_looking_at_a_database_that_is_not_there_makes_none(tmp_path: Path, command: tuple[str, ...]) -> None:
    assert refused(monitor(*command, cwd=tmp_path)) == ["data/monitor.db: no such database yet; run `monitor migrate` to make it"]
    assert list(tmp_path.iterdir()) == []


# Health


def test_health_tells_each_state_from_the_others(config: Path, tmp_path: Path) -> None:
    database = tmp_path / "monitor.db"
    env = {"MONITOR_CONFIG": str(config), "MONITOR_DATABASE_URL": f"sqlite:///{database}"}

    def health() -> tuple[int, Any]:
        result = monitor("health", "--json", cwd=tmp_path, **env)
        return result.returncode, json.loads(result.stdout)

    assert health() == (1, {"healthy": False, "troubles": [f"{database}: no such database yet; run `monitor migrate` to make it"]})
    assert not database.exists()
    assert monitor("migrate", cwd=tmp_path, **env).returncode == 0
    assert health() == (1, {"healthy": False, "troubles": ["no source is enabled: nothing is monitored (config/sources/)"]})
    with closing(sqlite3.connect(database)) as c, c:
        c.execute(_A_SOURCE.format(due="datetime('now', '-5 minutes')", trouble="NULL"))
    assert health() == (0, {"healthy": True, "troubles": []})
    with closing(sqlite3.connect(database)) as c, c:
        c.execute("UPDATE source SET next_check_at = datetime('now', '-1 hour')")
    assert health() == (
        1,
        {"healthy": False, "troubles": ["1 of 1 sources are due for more than 15 minutes: is `monitor run` running?"]},
    )
    with closing(sqlite3.connect(database)) as c, c:
        c.execute("UPDATE source SET next_check_at = datetime('now'), checked_at = datetime('now'), trouble = 'x.al answered 503'")
    assert health() == (1, {"healthy": False, "troubles": ["no source can be read; the last answer was: x.al answered 503"]})


_A_SOURCE = """
    INSERT INTO source (key, name, kind, url, host, outlet, enabled, why, next_check_at, interval_seconds, failures, polls, trouble)
    VALUES ('al.x', 'X', 'feed', 'https://x.al/feed', 'x.al', 'x.al', 1, '', {due}, 900, 0, 0, {trouble})
"""


# A pass over the newsroom, and what the commands show of it


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The newsroom after one pass of `monitor once`."""
    with House(tmp_path_factory.mktemp("house")) as made:
        made.newsroom.edition = EDITIONS
        result = in_house(made, "once", "--json")
        assert result.returncode == 0, result.stderr
        done = json.loads(result.stdout)
        assert done["polled"] == len(made.newsroom.sources())
        assert done["analysed"] > 100
        assert done["notified"] == len(made.mail.messages()) + len(made.hook.received()) > 20
        yield made


def in_house(house: House, *arguments: str, **env: str) -> Result:
    ours = {name: value for name, value in house.environment.items() if name.startswith("MONITOR_")}
    return monitor(*arguments, cwd=house.folder, **ours | env)


def shown(house: House, *arguments: str) -> Any:
    result = in_house(house, *arguments, "--json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_stories_are_listed_for_people_and_machines(house: House) -> None:
    everything = shown(house, "stories", "list")
    assert len(everything) > 5
    albanian = shown(house, "stories", "list", "--country", "albania")
    assert albanian
    assert all("AL" in story["countries"] for story in albanian)
    assert shown(house, "stories", "list", "--since", "1d") == []
    assert shown(house, "stories", "list", "--since", "2000-01-01") == everything
    assert len(shown(house, "stories", "list", "--limit", "2")) == 2
    table = in_house(house, "stories", "list").stdout
    assert all(story["story"] in table for story in everything)


def test_a_story_is_shown_with_its_time_line_and_the_reason_for_each_report(house: House) -> None:
    parliament = next(story for story in shown(house, "stories", "list") if "Parliament of Albania" in story["headline"])
    story = shown(house, "stories", "show", parliament["story"])
    assert {victim["name"] for victim in story["victims"]} >= {"Parliament of Albania", "Air Albania"}
    assert story["changes"][0]["kind"] == "opened"
    assert {report["lang"] for report in story["told_by"]} >= {"sq", "mk", "el"}
    assert all(report["why"] for report in story["told_by"])
    text = in_house(house, "stories", "show", parliament["story"]).stdout
    assert story["headline"] in text
    assert all(report["url"] in text for report in story["told_by"])


def test_a_story_that_is_not_there_is_refused(house: House) -> None:
    assert refused(in_house(house, "stories", "show", "nowhere")) == ["no such story: 'nowhere'; `monitor stories list` shows the keys"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--country", "Albanai"), "--country: no such country: 'Albanai'; did you mean 'AL' (Albania)?"),
        (("--since", "yesterday"), "--since: expected a duration such as 30d or 12h, or a date such as 2024-01-31 (got 'yesterday')"),
    ],
)
def test_a_slip_in_an_option_is_answered_with_what_is_expected(house: House, arguments: tuple[str, str], sentence: str) -> None:
    assert refused(in_house(house, "stories", "list", *arguments)) == [sentence]


def test_sources_in_trouble_are_told_with_the_reason(house: House) -> None:
    everything = shown(house, "sources", "list")
    assert len(everything) == len(house.newsroom.sources())
    troubled = shown(house, "sources", "list", "--trouble")
    assert [source["trouble"] for source in troubled]
    assert {source["state"] for source in troubled} == {"trouble"}
    assert all(source["trouble"] in in_house(house, "sources", "list", "--trouble").stdout for source in troubled)
    assert {source["country"] for source in shown(house, "sources", "list", "--country", "MK")} == {"MK"}


def test_alerts_are_listed_by_state(house: House) -> None:
    sent = shown(house, "alerts", "list", "--state", "sent", "--limit", "1000")
    assert len(sent) == len(house.mail.messages()) + len(house.hook.received())
    assert {alert["subscriber"] for alert in sent} == {"newsdesk", "soc"}
    assert shown(house, "alerts", "list", "--state", "given_up") == []
    assert sent[0]["headline"] in in_house(house, "alerts", "list").stdout


def test_a_second_pass_doubles_nothing(house: House) -> None:
    stories, alerts = shown(house, "stories", "list"), shown(house, "alerts", "list", "--limit", "1000")
    assert shown(house, "once")["notified"] == 0
    assert shown(house, "stories", "list") == stories
    assert shown(house, "alerts", "list", "--limit", "1000") == alerts


def test_what_is_piped_has_no_colours(house: House) -> None:
    for command in (("stories", "list"), ("sources", "list"), ("alerts", "list"), ("config", "show")):
        assert "\x1b" not in in_house(house, *command).stdout


def test_a_test_alert_goes_the_real_way_marked_as_a_test(house: House) -> None:
    before = len(house.mail.messages()), len(house.hook.received())
    assert in_house(house, "alerts", "test", "newsdesk").returncode == 0
    assert shown(house, "alerts", "test", "soc")["sent"] is True
    assert (len(house.mail.messages()), len(house.hook.received())) == (before[0] + 1, before[1] + 1)
    assert "TEST, no incident" in str(house.mail.messages()[-1]["Subject"])
    assert house.hook.bad_signatures == 0


def test_a_test_alert_that_does_not_arrive_says_why(house: House) -> None:
    result = in_house(house, "alerts", "test", "newsdesk", MONITOR_MAIL__PORT="1")
    (sentence,) = refused(result, code=1)
    assert sentence.startswith("the test did not reach 'newsdesk': ")
    told = in_house(house, "alerts", "test", "newsdesk", "--json", MONITOR_MAIL__PORT="1")
    assert told.returncode == 1
    assert json.loads(told.stdout)["sent"] is False
    assert refused(in_house(house, "alerts", "test", "newsdsk")) == ["no such subscriber: 'newsdsk'; alerts.toml has newsdesk, soc"]


# One article explained


def explained(tmp_path: Path, content: str, *options: str) -> Result:
    (tmp_path / "article").write_text(content, encoding="utf-8")
    return monitor("explain", *options, "article", cwd=tmp_path)


def test_an_article_is_explained_with_its_words_marked_and_its_sum(tmp_path: Path) -> None:
    text = explained(tmp_path, "Sulm kibernetik ndaj Kuvendit\nKuvendi i Shqipërisë u sulmua nga hakerët.\n", "--country", "Albania").stdout
    assert re.search(r"⟦Sulm kibernetik⟧[\d,]+ ndaj ⟦Kuvendit⟧", text)
    assert "words that are a cyberattack on their own, in the title" in text
    assert re.search(r"\+\d+\.\d\d +sum; [+-]\d\.\d\d is needed", text)
    assert "victims Parliament of Albania (AL)" in text
    assert "\x1b" not in text


def test_what_an_article_lacked_is_told(tmp_path: Path) -> None:
    text = explained(tmp_path, "Konferencë për sigurinë\nNë Tiranë u mbajt një konferencë.\n").stdout
    assert "not flagged" in text
    assert "No word tells of an attack, so the sum does not count. What was missing" in text
    text = explained(tmp_path, "Sulm kibernetik në Japoni\nNjë kompani në Tokio u godit.\n").stdout
    assert re.search(r"not flagged[^\n]*\n\d\.\d\d short\. What was missing", text)


def test_an_article_as_json_is_explained_as_json(tmp_path: Path) -> None:
    article = {
        "title": "Hackers hit the Parliament of Albania",
        "text": "A cyberattack hit the Parliament of Albania on Monday.",
        "lang": "en",
    }
    found = json.loads(explained(tmp_path, json.dumps(article), "--json").stdout)
    assert found["finding"]["victims"][0]["name"] == "Parliament of Albania"
    assert found["bias"] + sum(part["weight"] for part in found["parts"]) == pytest.approx(found["total"])


def test_marks_never_steer_the_terminal(tmp_path: Path) -> None:
    assert "\x1b" not in explained(tmp_path, "Title \x1b[2J\nText \x1b]0;owned\x07 [red]x[/red]\n").stdout


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "article: is empty"),
        ("{", "article: "),
        ('{"title": 3}', "article: 'title' must be a text"),
        ('{"title": "a"}\n{"title": "b"}', "article: more than one article; `monitor assess` takes many"),
        ('{"text": "x"}', "article: 'title' is missing"),
        ('{"a":' * 100_000, "article: brackets in brackets without end"),
    ],
)
def test_what_is_no_article_is_refused(tmp_path: Path, content: str, sentence: str) -> None:
    assert refused(explained(tmp_path, content))[0].startswith(sentence)


def test_half_characters_are_explained_too(tmp_path: Path) -> None:
    article = r'{"title": "Hackers hit the Parliament of Albania \ud800", "text": "Hackers hit the Parliament of Albania \udfff"}'
    found = json.loads(explained(tmp_path, article, "--json").stdout)
    assert found["finding"]["relevant"]


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    assert refused(monitor("explain", ".", cwd=tmp_path)) == [".: Is a directory"]
    (tmp_path / "latin").write_bytes(b"napad na \x9akolu")
    assert refused(monitor("explain", "latin", cwd=tmp_path))[0].startswith("latin: is not UTF-8 text")


# Configuration


def test_check_names_all_problems_of_all_files_at_once(config: Path, tmp_path: Path) -> None:
    spoil(config / "monitor.toml", lambda text: text.replace("[keep]", "[kept]"))
    spoil(config / "alerts.toml", lambda text: text.replace('channel = "console"', 'channel = "consol"'))
    spoil(config / "sources" / "AL.toml", lambda text: text.replace('lang = "sq"', 'lang = "sqi"', 1))
    spoil(config / "lexicon" / "en.toml", lambda text: text.replace("attack = [", 'attack = ["..", ', 1))
    found = refused(monitor("config", "check", cwd=tmp_path, MONITOR_CONFIG=str(config), MONITOR_CLOCK__POLL="5"))
    for part in ("MONITOR_CLOCK__POLL", "did you mean 'keep'", "did you mean 'console'", "did you mean 'sq'", "lexicon/en.toml:"):
        assert any(part in line for line in found), (part, found)
    told = monitor("config", "check", "--json", cwd=tmp_path, MONITOR_CONFIG=str(config), MONITOR_CLOCK__POLL="5")
    assert told.returncode == 2
    assert json.loads(told.stdout)["problems"] == found


def test_check_says_what_a_good_configuration_holds(tmp_path: Path) -> None:
    result = monitor("config", "check", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert re.search(r"can be used: \d+ of \d+ sources are on, 1 subscribers \(console\), \d+ lexicons, \d+ institutions", result.stdout)
    assert list(tmp_path.iterdir()) == []


def test_show_hides_secrets_and_says_where_each_value_comes_from(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hush-hush\n", encoding="utf-8")
    env = {"MONITOR_DATABASE_URL": "postgresql://me:hush-hush@db/monitor", "MONITOR_MAIL__PASSWORD_FILE": str(tmp_path / "secret")}
    text = monitor("config", "show", cwd=tmp_path, **env).stdout
    found = json.loads(monitor("config", "show", "--json", cwd=tmp_path, **env).stdout)
    assert "hush-hush" not in text + json.dumps(found)
    settings = {each["setting"]: (each["value"], each["from"]) for each in found["settings"]}
    assert settings["database.url"] == ("postgresql+psycopg://me:***@db/monitor", "MONITOR_DATABASE_URL")
    assert settings["mail.password"][1] == "MONITOR_MAIL__PASSWORD_FILE"
    assert settings["clock.poll"] == ("15s", f"{found['folder']}/monitor.toml")


def test_the_schema_takes_the_shipped_file_and_refuses_a_slip(tmp_path: Path) -> None:
    schema = json.loads(monitor("config", "schema", cwd=tmp_path).stdout)
    shipped = read_toml(ROOT / "config" / "monitor.toml")
    jsonschema.validate(shipped, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(shipped | {"clock": {"pol": "5s"}}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(shipped | {"clock": {"poll": "5"}}, schema)
    defaults = {
        section: {key: entry["default"] for key, entry in table["properties"].items()} for section, table in schema["properties"].items()
    }
    jsonschema.validate(defaults, schema)
