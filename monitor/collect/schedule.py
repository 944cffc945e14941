"""When a source is due again, what is remembered of it, and when a page is tried again. Nothing is ever given up for dead."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from monitor.model import DueSource, Failed, Listing, NextCheck, NotModified, Record, Validators
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
_PASSING_PAGE = (*_PASSING_STATUS, 403)  # most guards refuse a page for a while only
_MISSING = 2  # attempts at a page that is not there
_PERMANENT = ("refused", "robots", "too_large")
_GONE = 410
_GONE_PAUSE = timedelta(days=7)  # it said that it will not come back; we look now and then all the same
_OFFLINE_PAUSE = timedelta(minutes=1)

_MOVED_AFTER, _MOVED_FOR = 5, timedelta(days=1)  # a redirect "for good" that was met so often and so long is believed
_GAP_HALVES_IN = timedelta(days=30)  # so that one long holiday is forgotten, and every weekend is not
_READABLE = 2.0  # intervals; in a longer pause between two polls we were not there, and know nothing of it


def next_check(
    due: DueSource, outcome: Listing | NotModified | Failed, fresh: int, now: datetime, jitter: float, limits: Collect
) -> NextCheck:
    """The next poll after `outcome`, of whose entries `fresh` were new; `jitter` from 0 to 1 spreads sources that started together."""
    if isinstance(outcome, Failed):
        return _after_failure(due, outcome, now, jitter, limits)
    interval = _rhythm(due, outcome, fresh, limits)
    return NextCheck(now + _spread(interval, jitter), 0.0, interval)


def address(due: DueSource, now: datetime) -> str:
    """Where to ask: the address of the configuration, or the one to which it has sent us on for good, again and again."""
    record = due.record
    settled = record.moves >= _MOVED_AFTER and record.moved_since is not None and now - record.moved_since >= _MOVED_FOR
    return record.moved_to if settled and record.moved_to else due.source.url


def conditions(due: DueSource, now: datetime, limits: Collect) -> Validators:
    """What to ask "has it changed?" with. Now and then, and where the answer was found wrong, only our own hash of the body is asked."""
    read = due.record.read_at
    if due.record.believed and read is not None and now - read < limits.reread:
        return due.validators
    return Validators(body_hash=due.validators.body_hash)


def remember(due: DueSource, outcome: Listing | NotModified | Failed, fresh: int, now: datetime, moved_to: str | None = None) -> Record:
    """What is known of a source after one more poll; `moved_to` is where it sent us on for good, if it did."""
    known = due.record
    if isinstance(outcome, Failed):
        if address(due, now) != due.source.url and outcome.kind != "offline":
            known = replace(known, moved_to=None, moved_since=None, moves=0)  # back to the address that we were given
        return replace(known, checked_at=now)
    elapsed = min(now - known.checked_at, due.interval * _READABLE) if known.checked_at else timedelta(0)
    quiet = known.quiet + elapsed
    known = _moved(due, known, moved_to, now)
    if isinstance(outcome, Listing) or outcome.read:
        known = replace(known, read_at=now)
    if not fresh:
        return replace(known, checked_at=now, quiet=quiet)
    gap = max(quiet, known.gap * 0.5 ** (quiet / _GAP_HALVES_IN))
    return replace(known, checked_at=now, news_at=now, arrivals=known.arrivals + 1, quiet=timedelta(0), gap=gap)


def believable(due: DueSource, asked: Validators, given: Validators, fresh: int) -> bool:
    """Whether the server's "not modified" may be believed: not once it gave news under the very validators that say "as before"."""
    before = due.validators
    had = before.etag or before.last_modified
    unasked = not (asked.etag or asked.last_modified)
    same = (before.etag, before.last_modified) == (given.etag, given.last_modified)
    return due.record.believed and not (had and unasked and same and fresh)


def _moved(due: DueSource, known: Record, moved_to: str | None, now: datetime) -> Record:
    if moved_to is not None and moved_to == known.moved_to:
        return replace(known, moves=known.moves + 1)
    if moved_to is not None and moved_to != due.source.url:
        return replace(known, moved_to=moved_to, moved_since=now, moves=1)
    return known if address(due, now) != due.source.url else replace(known, moved_to=None, moved_since=None, moves=0)


def retry_page(attempts: int, failed: Failed, now: datetime, jitter: float, limits: Collect) -> datetime | None:
    """When to fetch a page again that failed `attempts` times before and now once more; None: judge the entry alone."""
    if attempts + 1 >= limits.attempts or failed.kind in _PERMANENT or (failed.kind == "http" and not _passing(failed, _PASSING_PAGE)):
        return None
    if failed.status == 404 and attempts + 1 >= _MISSING:  # listed before it is published, or gone
        return None
    pause = limits.retry_after * 2 ** min(attempts, _MOST_DOUBLINGS)
    return now + _spread(max(pause, _asked(failed)), jitter)


def _rhythm(due: DueSource, outcome: Listing | NotModified, fresh: int, limits: Collect) -> timedelta:
    interval = _within(due.interval, limits) * (_SHORTER if fresh else _LONGER)
    if isinstance(outcome, Listing) and (due.polls == 0 or fresh > len(outcome.entries) * _OVERFLOW):
        interval = limits.minimum_interval
    ttl = outcome.ttl if isinstance(outcome, Listing) else outcome.fresh_for
    return _within(max(interval, min(ttl or timedelta(0), _LONGEST_TTL)), limits)


def _after_failure(due: DueSource, failed: Failed, now: datetime, jitter: float, limits: Collect) -> NextCheck:
    interval = _within(due.interval, limits)
    if failed.kind == "offline":
        return NextCheck(now + _spread(_OFFLINE_PAUSE, jitter), due.failures, interval)
    failures = due.failures + _weight(failed)
    if failed.status == _GONE:
        return NextCheck(now + _spread(_GONE_PAUSE, jitter), failures, interval)
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
