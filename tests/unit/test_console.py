"""Alerts on standard output."""

from __future__ import annotations

import io
import sys

import pytest

from monitor.alerts import console
from monitor.model import Retry, Sent
from tests.unit.alerting import delivery, notice_delivery


def test_an_alert_is_shown_under_a_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert console.send(delivery("console")) == Sent()
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["─" * 72, "New incident"]
    assert lines[-2:] == ["Story 3fa9c1d2e0, score 0.93", ""]


def test_a_notice_is_shown_under_the_same_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert console.send(notice_delivery(channel="console")) == Sent()
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == ["─" * 72, "About the monitor itself", "", "Source broken: Site 1"]


def test_a_terminal_of_few_letters_gets_what_it_can_show(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    assert console.send(delivery("console", title="Хакери")) == Sent()
    assert b"Parliament of Albania" in raw.getvalue()
    assert b"??????" in raw.getvalue()


def test_a_closed_pipe_is_a_reason_to_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    outcome = console.send(delivery("console"))
    assert isinstance(outcome, Retry)
    assert outcome.reason.startswith("Standard output cannot be written")
