"""What the log writes, read back from standard error."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from pydantic import SecretStr

from monitor import log
from monitor.settings import Log


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_json_line_begins_with_when_how_grave_and_what(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(Log(format="json"))
    log.logger(source="al.albeu").info("source.polled", entries=20, new=3, lang=None)
    (line,) = lines(capsys)
    assert list(line) == ["at", "level", "action", "source", "entries", "new", "lang"]
    assert (line["level"], line["action"], line["entries"], line["lang"]) == ("info", "source.polled", 20, None)
    assert line["at"].endswith("Z")


def test_what_is_bound_is_on_every_line_of_that_logger_and_of_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(Log(format="json"))
    bound = log.logger().bind(source="al.albeu")
    bound.warning("source.failed", kind="timeout")
    log.logger().info("daemon.started")
    assert [line.get("source") for line in lines(capsys)] == ["al.albeu", None]


def test_the_level_silences_what_lies_below(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(Log(level="warning", format="json"))
    log.logger().info("source.polled")
    log.logger().warning("source.failed")
    assert [line["action"] for line in lines(capsys)] == ["source.failed"]


def test_secrets_are_hidden_wherever_they_stand(capsys: pytest.CaptureFixture[str]) -> None:
    for form in ("json", "console"):
        log.configure(Log.model_validate({"format": form}))
        log.logger().info("config.loaded", password="hunter2", webhook_secret="hunter2", Authorization="hunter2", kept=SecretStr("hunter2"))
        log.logger().info("config.loaded", database="postgresql://monitor:hunter2@db/monitor", why="the secret whsec_aHVudGVyMg== is wrong")
        try:
            raise ValueError("cannot connect to smtp://me:hunter2@mail")
        except ValueError:
            log.logger().exception("job.failed", job="notify")
        written = capsys.readouterr().err
        assert "hunter2" not in written
        assert "aHVudGVyMg" not in written
        assert "(hidden)@db/monitor" in written


def test_hostile_text_can_neither_forge_a_line_nor_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(Log(format="console"))
    log.logger().info("story.opened", headline="Banka\n2026-01-01 [error] daemon.stopped\x1b[2J\u202e", size="x" * 10_000)
    written = capsys.readouterr().err
    assert written.count("\n") == 1
    assert "\\n2026" in written
    assert "\x1b[2J" not in written
    assert "\u202e" not in written
    assert len(written) < 3_000


def test_letters_of_every_script_stay_readable(capsys: pytest.CaptureFixture[str]) -> None:
    for form in ("json", "console"):
        log.configure(Log.model_validate({"format": form}))
        log.logger().info("story.opened", headline="Kuvendi i Shqipërisë, МВР, Δήμος")
        assert "Kuvendi i Shqipërisë, МВР, Δήμος" in capsys.readouterr().err


def test_a_fault_in_the_program_comes_with_its_traceback_but_without_local_variables(capsys: pytest.CaptureFixture[str]) -> None:
    for form in ("json", "console"):
        log.configure(Log.model_validate({"format": form}))
        local = "kept to" + " oneself"
        try:
            raise KeyError(len(local))
        except KeyError:
            log.logger().exception("job.failed", job="poll")
        written = capsys.readouterr().err
        assert "Traceback" in written
        assert "KeyError: 15" in written
        assert local not in written


def test_lines_of_libraries_have_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(Log(format="json"))
    logging.getLogger("aiosmtplib.client").info("Running %s for https://me:hunter2@host", "upgrade")
    logging.getLogger("httpx").info("HTTP Request: GET https://example.org")
    logging.getLogger("trafilatura.core").error("empty HTML tree")
    (line,) = lines(capsys)
    assert (line["action"], line["library"]) == ("library.note", "aiosmtplib.client")
    assert line["detail"] == "Running upgrade for https://(hidden)@host"


def test_the_vocabulary_is_fixed_and_well_formed() -> None:
    assert isinstance(log.ACTIONS, frozenset)
    assert all(action.count(".") == 1 and action.replace(".", "").replace("_", "").islower() for action in log.ACTIONS)
