"""Sources that fell silent, broke or healed to notices for those who run the monitor: once, and once more when it is over."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from monitor.alerts import policy
from monitor.collect import health as conditions
from monitor.jobs.parts import Parts
from monitor.log import Action, logger
from monitor.model import Concerned, Condition, Notice, NoticeKind, SourceState, Subscriber, Vitals
from monitor.store import Connection, deliveries
from monitor.store import health as store_health

log = logger()

# What went wrong first, what is over last.
_NOTICES: dict[SourceState, tuple[NoticeKind, Action]] = {
    "gone": ("source_gone", "source.gone"),
    "broken": ("source_broken", "source.broken"),
    "silent": ("source_silent", "source.silent"),
    "well": ("source_healed", "source.healed"),
}


@dataclass(frozen=True, slots=True)
class _Turn:
    """A source that fares otherwise than operators were told."""

    vitals: Vitals
    condition: Condition

    @property
    def is_news(self) -> bool:
        """Nobody needs to be told that a source is well because it was switched off."""
        return self.vitals.source.enabled or self.condition.state != "well"


async def health(parts: Parts, stop: asyncio.Event) -> int:
    """Owes one notice for each kind of turn, with all sources that took it; returns how many did."""
    if stop.is_set() or not await parts.store.read(_turns):  # most of the time there is nothing to write
        return 0
    turns = await parts.store.write(partial(tell, subscribers=parts.subscribers, now=parts.now()))
    for each in turns:
        _log(each)
    return len(turns)


def _turns(c: Connection) -> list[_Turn]:
    found = store_health.vitals(c)
    quiet = [each.source.key for each in found if conditions.condition(each).state == "silent"]
    newest = store_health.newest(c, quiet) if quiet else {}
    found = [conditions.beside(each, newest.get(each.source.key)) for each in found]
    return [_Turn(each, condition) for each in found if (condition := conditions.turn(each))]


def tell(c: Connection, *, subscribers: Sequence[Subscriber], now: datetime) -> list[_Turn]:
    """Notices and the memory of them in one transaction: what is remembered as told, is owed."""
    store_health.alone(c)
    turns = _turns(c)
    store_health.tell(c, [(each.vitals.source.key, each.condition.state, each.condition.since) for each in turns])
    told = [each for each in turns if each.is_news]
    for state, (kind, _) in _NOTICES.items():
        if some := [each for each in told if each.condition.state == state]:
            notice = Notice(kind, now, tuple(_concerned(each, now) for each in some))
            deliveries.owe(c, policy.notices(notice, [f"{each.vitals.told} {each.vitals.told_since}" for each in some], subscribers), now)
    return told


def _concerned(turn: _Turn, now: datetime) -> Concerned:
    source, condition = turn.vitals.source, turn.condition
    return Concerned(source.key, source.name, source.url, condition.reason, condition.since or now)


def _log(turn: _Turn) -> None:
    bound = log.bind(source=turn.vitals.source.key)
    _, action = _NOTICES[turn.condition.state]
    since = {"since": turn.condition.since.isoformat()} if turn.condition.since else {}
    say = bound.info if turn.condition.state == "well" else bound.warning
    say(action, detail=turn.condition.reason, **since)
