"""What a person decides about stories takes effect at once: the stories are repaired by it, and alerts follow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from monitor.errors import InputError
from monitor.jobs.repair import Repaired, Told, mend
from monitor.store import Connection, decisions, deliveries, stories, told
from monitor.store.decisions import Said

_SILENT = {"rejected": "a person said that it is no incident", "muted": "a person muted the story"}


def judge(c: Connection, key: str, said: Said, hearing: Told) -> bool:
    """Confirms, rejects, mutes or notes. False: that was decided already."""
    stories.alone(c)
    if not decisions.decide(c, key, said):
        return False
    mend(c, [key], hearing, said.at)
    _alerts(c, key, said.at)
    return True


def merge(c: Connection, key: str, others: Sequence[str], said: Said, hearing: Told) -> Repaired:
    """Makes these stories one, under the first key; the keys of the others lead to it."""
    stories.alone(c)
    articles = [report.article for each in (key, *others) for report in told.reports(c, each)]
    decisions.decide(c, key, said, [articles])
    return mend(c, [key, *others], hearing, said.at, named=key)


def split(c: Connection, key: str, articles: Sequence[int], said: Said, hearing: Told) -> Repaired:
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
    return mend(c, [key], hearing, said.at)


def undo(c: Connection, key: str, author: str, now: datetime, hearing: Told) -> decisions.DecisionKind | None:
    """Takes back the last decision on a story, and what it did. None: there is none."""
    stories.alone(c)
    touched = [key, *stories.bound_to(c, [key])]
    kind = decisions.undo(c, key, author, now)
    if kind is not None:
        mend(c, touched, hearing, now, named=key)
        _alerts(c, key, now)
    return kind


def _alerts(c: Connection, key: str, now: datetime) -> None:
    """Takes back what is unsent of a story that shall alert nobody, or owes it again. Of one that was taken in the repair did that."""
    for standing in stories.by_key(c, [key]):
        held = standing.decided
        silent = "rejected" if held.verdict == "rejected" else "muted" if held.muted else None
        if silent:
            deliveries.withdraw(c, key, _SILENT[silent])
        else:
            deliveries.restore(c, key, now)
