"""When a source is due again, and when a page that could not be had is tried again. Nothing is ever given up for dead."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.model import DueSource, Failed, Listing, NextCheck, NotModified
from monitor.settings import Collect

# A poll that brings something halves the pause, one that brings nothing stretches it by a tenth. That settles where one poll in eight
# brings something: news is found within about an eighth of the source's own rhythm, and a quiet night costs the morning little.
_SHORTER = 0.5
_LONGER = 1.1
# With more than a third of the list new, the next poll may already come too late for what drops off the end.
_OVERFLOW = 1 / 3

_LONGEST_TTL = timedelta(hours=1)  # publishing tools write larger ones on their own; whoever means it sends Retry-After
_LONGEST_RETRY_AFTER = timedelta(hours=24)
_JITTER = 0.1
_MOST_DOUBLINGS = 16.0

_HARD, _SOFT, _FAINT = 1.0, 0.5, 0.25
_WEIGHTS = {"refused": _HARD, "robots": _HARD, "challenge": _HARD, "too_large": _HARD, "dns": _FAINT}
_PASSING_STATUS = (404, 408, 425, 429)
_MISSING = 2  # attempts at a page that is not there
_PERMANENT = ("refused", "robots", "challenge", "too_large")


def next_check(
    due: DueSource, outcome: Listing | NotModified | Failed, fresh: int, now: datetime, jitter: float, limits: Collect
) -> NextCheck:
    """The next poll after `outcome`, of whose entries `fresh` were new; `jitter` from 0 to 1 spreads sources that started together."""
    if isinstance(outcome, Failed):
        return _after_failure(due, outcome, now, jitter, limits)
    interval = _rhythm(due, outcome, fresh, limits)
    return NextCheck(now + _spread(interval, jitter), 0.0, interval)


def retry_page(attempts: int, failed: Failed, now: datetime, jitter: float, limits: Collect) -> datetime | None:
    """When to fetch a page again that failed `attempts` times before and now once more; None: judge the entry alone."""
    if attempts + 1 >= limits.attempts or failed.kind in _PERMANENT or (failed.kind == "http" and not _passing(failed, _PASSING_STATUS)):
        return None
    if failed.status == 404 and attempts + 1 >= _MISSING:  # listed before it is published, or gone
        return None
    pause = limits.retry_after * 2 ** min(attempts, _MOST_DOUBLINGS)
    return now + _spread(max(pause, _asked(failed)), jitter)


def _rhythm(due: DueSource, outcome: Listing | NotModified, fresh: int, limits: Collect) -> timedelta:
    ttl = None
    interval = _within(due.interval, limits) * (_SHORTER if fresh else _LONGER)
    if isinstance(outcome, Listing):
        ttl = outcome.ttl
        if due.polls == 0 or fresh > len(outcome.entries) * _OVERFLOW:
            interval = limits.minimum_interval
    return _within(max(interval, min(ttl or timedelta(0), _LONGEST_TTL)), limits)


def _after_failure(due: DueSource, failed: Failed, now: datetime, jitter: float, limits: Collect) -> NextCheck:
    failures = due.failures + _weight(failed)
    interval = _within(due.interval, limits)
    pause = min(interval * 2 ** min(failures, _MOST_DOUBLINGS), limits.maximum_interval)
    return NextCheck(now + _spread(max(pause, _asked(failed)), jitter), failures, interval)


def _weight(failed: Failed) -> float:
    if failed.kind == "http":
        return _SOFT if _passing(failed, _PASSING_STATUS) else _HARD
    return _WEIGHTS.get(failed.kind, _SOFT)


def _passing(failed: Failed, statuses: tuple[int, ...]) -> bool:
    """Whether this answer is of the kind that goes away by itself."""
    return failed.status is None or failed.status >= 500 or failed.status in statuses


def _asked(failed: Failed) -> timedelta:
    return min(failed.retry_after or timedelta(0), _LONGEST_RETRY_AFTER)


def _within(interval: timedelta, limits: Collect) -> timedelta:
    return max(limits.minimum_interval, min(interval, limits.maximum_interval))


def _spread(pause: timedelta, jitter: float) -> timedelta:
    return pause * (1 + _JITTER * jitter)
