"""Where a new report belongs: it joins the story of its incident, or opens a new one. Victim and time decide, never actor or outlet.

A split is better than a false merge: what is not clearly the same incident opens a story of its own, and the repair job joins them when
a later report ties them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import count

from monitor.model import Change, Placement, Report, Standing
from monitor.stories.facts import summarise, timeline
from monitor.stories.gather import FIRST
from monitor.stories.tie import JOIN, REJECTED, Tie, before_again, original, strongest


def place(report: Report, candidates: Iterable[Standing], taken: Callable[[str], bool] = lambda _: False) -> Placement:
    """The story that the report belongs to, with the report in it, and what that changed. The order of `candidates` does not matter.

    A new story's key is none that is `taken`.
    """
    ties = [(found, standing) for standing in candidates if (found := _tie(report, standing))]
    joining = [(found, standing) for found, standing in ties if found.strength >= JOIN]
    if not joining:
        return _open(report, key_of(report.url, taken), doubtful=bool(ties))
    found, standing = max(joining, key=lambda each: (each[0].strength, -each[1].opened_at.timestamp(), each[1].key))
    return _join(report, standing, found, doubtful=len(ties) > 1)


def _tie(report: Report, standing: Standing) -> Tie | None:
    found = strongest(report, standing.reports)
    if found is None or standing.decided.verdict != "rejected" or found.copy:
        return found
    return found if any(abs(other.at - report.at) <= REJECTED for other in standing.reports) else None


def opened(reports: Sequence[Report], key: str) -> Standing:
    """A new story of these reports, which are in order: the first opens it."""
    first, last = reports[0], reports[-1]
    return Standing(key, first.at, first.id, last.at, tuple(reports))


def key_of(url: str, taken: Callable[[str], bool] = lambda _: False) -> str:
    """The key of a story that the article of this canonical address opens: the same in every database, unless it is `taken`."""
    names = (url if again == 1 else f"{url}#{again}" for again in count(1))
    return next(key for name in names if not taken(key := sha256(name.encode()).hexdigest()[:10]))


def _open(report: Report, key: str, doubtful: bool) -> Placement:
    report = replace(report, copy_of=None, why=FIRST.why)
    story = summarise(opened([report], key))
    return Placement(story, True, report, tuple(timeline(story)), doubtful)


def _join(report: Report, standing: Standing, by: Tie, doubtful: bool) -> Placement:
    known = [other for other in standing.reports if other.id != report.id]
    first = original(report, known)
    report = replace(report, copy_of=first.id if first else None, why=by.why)
    reports = tuple(sorted([*known, report], key=lambda other: other.order))
    before, after = summarise(standing), summarise(replace(standing, reports=reports, last_at=max(standing.last_at, report.at)))
    # Also among copies, which are not here: one that came before it may be more like it than like its original.
    late = report.at < standing.last_at or any(other.order > report.order for other in known)
    # How long a rejected story takes reports is counted from those that were rejected, which only the repair job knows.
    doubtful = doubtful or late or bool(before_again(report, known)) or standing.decided.verdict == "rejected"
    return Placement(after, False, report, tuple(_new(timeline(before), timeline(after))), doubtful)


def _new(before: Iterable[Change], after: Iterable[Change]) -> list[Change]:
    known = set(before)
    return [change for change in after if change not in known]
