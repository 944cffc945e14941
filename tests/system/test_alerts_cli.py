"""`monitor alerts list` as a real process: notices about the monitor itself stand beside the alerts of stories."""

from __future__ import annotations

import json
from pathlib import Path

from monitor.alerts import policy
from monitor.model import Concerned, Notice, Subscriber
from monitor.store import deliveries
from monitor.store.engine import Store
from tests.contract.samples import NOW, PARLIAMENT, a_delivery, a_finding, a_source_id, an_opened_story
from tests.system.test_cli import monitor

ADMIN = Subscriber("admin", "email", "admin@example.org", hears=("operation",))
HOSTILE = "Albeu\x1b[2J"


def test_notices_are_listed_beside_alerts_without_a_story(sqlite_url: str, tmp_path: Path) -> None:
    sources = tuple(
        Concerned(key, name, "https://albeu.com/feed", "refused", NOW) for key, name in (("al.albeu", HOSTILE), ("mk.two", "Two"))
    )
    with Store(sqlite_url) as store:
        store.write_now(a_source_id)
        store.write_now(lambda c: an_opened_story(c, 1, a_finding(PARLIAMENT)))
        one, several = (Notice("source_gone", NOW, sources[:1]), Notice("source_broken", NOW, sources))
        owed = [a_delivery(), *policy.notices(one, [""], [ADMIN]), *policy.notices(several, ["", ""], [ADMIN])]
        store.write_now(lambda c: deliveries.owe(c, owed, NOW))
    listed = json.loads(monitor("alerts", "list", "--json", cwd=tmp_path, MONITOR_DATABASE_URL=sqlite_url).stdout)
    assert [(each["story"], each["change"], each["headline"]) for each in listed] == [
        (None, "source_broken", "2 sources broken: Albeu [2J, Two"),
        (None, "source_gone", "Source gone: Albeu [2J"),
        ("story-1", "opened", "Parliament of Albania: data wiped"),
    ]
    table = monitor("alerts", "list", cwd=tmp_path, MONITOR_DATABASE_URL=sqlite_url).stdout
    assert "2 sources broken" in table
    assert "\x1b" not in table


def test_who_hears_of_the_operation_only_can_be_tested_too(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "monitor.toml").write_text("")
    (tmp_path / "config" / "alerts.toml").write_text('[[subscriber]]\nname = "admin"\nchannel = "console"\nhears = ["operation"]\n')
    variables = {"MONITOR_DATABASE_URL": sqlite_url, "MONITOR_CONFIG": str(tmp_path / "config")}
    result = monitor("alerts", "test", "admin", cwd=tmp_path, **variables)
    assert result.returncode == 0, result.stderr
    assert "TEST, no incident" in result.stdout
