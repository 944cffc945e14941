"""What a person decides about stories takes effect at once: the stories are repaired by it, and alerts follow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from monitor.errors import InputError
from monitor.jobs.repair import Audience, Repaired, mend, owe
from monitor.store import Connection, decisions, deliveries, stories, told
from monitor.store.decisions import Said
from monitor.stories.facts import summarise, timeline

_SILENT = {"rejected": "a person said that it is no incident", "muted": "a person muted the story"}


def judge(c: Connection, key: str, said: Said, audience: Audience) -> bool:
    """Confirms, rejects, mutes or notes. False: that was decided already."""
    stories.alone(c)
    before = _silence(c, key)
    if not decisions.decide(c, key, said):
        return False
    if said.kind != "noted":
        mend(c, [key], audience, said.at)
        _alerts(c, key, before, audience, said.at)
    return True


def merge(c: Connection, key: str, others: Sequence[str], said: Said, audience: Audience) -> Repaired:
    """Makes these stories one, under the first key; the keys of the others lead to it."""
    stories.alone(c)
    articles = [report.article for each in (key, *others) for report in told.reports(c, each)]
    decisions.decide(c, key, said, [articles])
    return mend(c, [key, *others], audience, said.at, named=key)


def split(c: Connection, key: str, articles: Sequence[int], said: Said, audience: Audience) -> Repaired:
    """Parts these articles of a story, and the copies of them, from the rest. Raises `InputError` if nothing would be parted."""
    stories.alone(c)
    standing = stories.by_key(c, [key])[0]
    known = {int(report.id): int(report.copy_of) if report.copy_of else None for report in standing.reports}
    if strangers := [number for number in articles if number not in known]:
        raise InputError(f"story {key} has no article {strangers[0]}; `monitor stories show {key}` tells their numbers")
    going = {number for number, original in known.items() if number in articles or original in articles}
    staying = [int(report.id) for report in standing.reports if int(report.id) not in going]
    if not staying:
        raise InputError(f"story {key} would keep no article: name those that belong elsewhere")
    decisions.decide(c, key, said, [staying, sorted(going)])
    if int(standing.opened_by) in going:
        stories.reopen(c, key, staying[0])
    return mend(c, [key], audience, said.at)


def undo(c: Connection, key: str, author: str, now: datetime, audience: Audience) -> decisions.DecisionKind | None:
    """Takes back the last decision on a story, and what it did. None: there is none."""
    stories.alone(c)
    touched, before = [key, *stories.bound_to(c, [key])], _silence(c, key)
    kind = decisions.undo(c, key, author, now)
    if kind is not None and kind != "noted":
        mend(c, touched, audience, now, named=key)
        _alerts(c, key, before, audience, now)
    return kind


def _silence(c: Connection, key: str) -> str | None:
    """Why a story alerts nobody, if so."""
    held = [standing.decided for standing in stories.by_key(c, [key])]
    silent = [_SILENT["rejected" if each.verdict == "rejected" else "muted"] for each in held if each.silent]
    return silent[0] if silent else None


def _alerts(c: Connection, key: str, before: str | None, audience: Audience, now: datetime) -> None:
    """Takes back what is unsent of a story that shall alert nobody now; or owes what was taken back, and all that happened meanwhile."""
    silent = _silence(c, key)
    if silent:
        deliveries.withdraw(c, key, silent, now)
    elif before:
        deliveries.restore(c, key, now, audience.max_age)
        for standing in stories.by_key(c, [key]):
            story = summarise(standing)
            owe(c, story, timeline(story), audience, now)
