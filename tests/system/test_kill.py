"""Kill -9 at random moments: nothing lost, no story doubled, no delivery under a second id.

Twenty rounds in the ordinary tests; `./run kill ROUNDS` for more. The seed of a failing run is printed: set MONITOR_KILL_SEED to repeat it.
"""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from monitor.demo.newsroom.stock import EDITIONS
from monitor.model import Story
from monitor.store.deliveries import DeliveryHealth
from tests.system.house import House

ROUNDS = int(os.environ.get("MONITOR_KILL_ROUNDS", "20"))
SEED = int(os.environ.get("MONITOR_KILL_SEED", random.SystemRandom().randrange(10**6)))


def told(stories: Iterable[Story]) -> set[tuple[object, ...]]:
    """What must not depend on kills: which reports are together, and what the story knows."""
    return {
        (
            frozenset((report.outlet, report.title, report.copy_of is not None) for report in story.reports),
            frozenset(victim.name for victim in story.victims),
            frozenset(story.countries),
            frozenset(story.actors),
            story.status,
            story.headline,
        )
        for story in stories
    }


def doubled(owed: Iterable[DeliveryHealth]) -> list[object]:
    meanings = Counter((each.delivery.subscriber, each.delivery.story, each.delivery.kind, each.delivery.detail) for each in owed)
    return [meaning for meaning, count in meanings.items() if count > 1]


def undisturbed(folder: Path) -> set[tuple[object, ...]]:
    folder.mkdir()
    with House(folder) as house:
        house.start()
        for edition in range(1, EDITIONS + 1):
            house.newsroom.edition = edition
            assert house.settle(edition), house.log()[-3000:]
        return told(house.result()[0])


@pytest.mark.timeout(60 + ROUNDS * 30)
def test_a_daemon_killed_again_and_again_ends_where_an_undisturbed_one_does(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    print(f"MONITOR_KILL_SEED={SEED} rounds={ROUNDS}")
    expected = undisturbed(tmp_path / "undisturbed")
    (tmp_path / "killed").mkdir()
    in_work = 0
    with House(tmp_path / "killed") as house:
        for edition in range(1, EDITIONS + 1):
            house.newsroom.edition = edition
            for _ in range(-(-ROUNDS // EDITIONS)):
                process = house.start()
                try:
                    process.wait(timeout=dice.uniform(0.8, 3.5))
                except Exception as still_running:
                    assert "timed out" in str(still_running)
                assert process.returncode is None, house.log()[-3000:]
                judged, owed, _ = house.states()
                in_work += bool(judged["waiting"] or owed["waiting"] or not judged)
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            house.start()
            assert house.settle(edition), house.log()[-3000:]
            assert house.process is not None
            os.killpg(house.process.pid, signal.SIGKILL)
            house.process.wait()
        stories, owed_at_last = house.result()
        print(f"{ROUNDS} kills, {in_work} of them with work in progress; {len(stories)} stories, {len(owed_at_last)} deliveries")
        assert told(stories) == expected
        assert not doubled(owed_at_last)
        assert {each.state for each in owed_at_last} == {"sent"}
        by_mail = {str(mail["Message-ID"]).strip("<>").split("@")[0] for mail in house.mail.messages()}
        by_hook = {call.id for call in house.hook.received()}
        assert by_mail == {each.delivery.id for each in owed_at_last if each.delivery.channel == "email"}
        assert by_hook == {each.delivery.id for each in owed_at_last if each.delivery.channel == "webhook"}
        assert in_work >= ROUNDS // 3
