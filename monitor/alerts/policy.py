"""Who hears what, and when a failed delivery is tried again. Pure: the time and the jitter are given."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from monitor import settings
from monitor.model import Alert, Article, Change, Delivery, Notice, Placement, Retry, Story, Subscriber

_NAMESPACE = uuid.UUID("6f1d5c0e-6c0b-5c1e-9a53-0b7d6a3f2e11")
_LONGEST_SENTENCE = 300
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’»)\]]*\s+|\s*\n\s*")
_NO_END = re.compile(r"(?:^|\W)\w{1,2}\.$")


def deliveries(
    placement: Placement, article: Article, subscribers: Sequence[Subscriber], now: datetime, max_age: timedelta
) -> tuple[Delivery, ...]:
    """What is owed because of this report: one delivery a subscriber and change that he asked for.

    Nobody hears of a story that a person muted or called no incident, or of a report older than `max_age`: the first reading of a source is
    no news. The alert of an opening already tells the whole story, so other changes made by the same report are not told beside it.
    """
    if placement.story.decided.silent or placement.report.at < now - max_age:
        return ()
    return tuple(
        _delivery(placement, article, change, subscriber)
        for subscriber in subscribers
        if "stories" in subscriber.hears and _concerns(subscriber, placement)
        for change in _told(subscriber, placement.changes)
    )


def notices(notice: Notice, before: Sequence[str], subscribers: Sequence[Subscriber]) -> tuple[Delivery, ...]:
    """What is owed because of a notice: one delivery to each who hears of the operation; filters of stories do not apply.

    `before` says of each source what it was told to be last: silent, broken and silent again is news, though silent since the same day.
    """
    occasion = [[each.source, each.since.isoformat(), last] for each, last in zip(notice.sources, before, strict=True)]
    return tuple(
        Delivery(_id(notice.kind, occasion, each.name, each.channel), each.name, each.channel, notice)
        for each in subscribers
        if "operation" in each.hears
    )


def _id(*what: object) -> str:
    """The same for the same news to the same reader, so that to owe it again is harmless."""
    return str(uuid.uuid5(_NAMESPACE, json.dumps(what)))


def _concerns(subscriber: Subscriber, placement: Placement) -> bool:
    """Whether the story as it stands passes the subscriber's filters. Its score is that of its best report."""
    story = placement.story
    score = max(report.finding.score for report in (placement.report, *story.reports))
    return (
        _meet(subscriber.countries, story.countries)
        and _meet(subscriber.sectors, [victim.sector for victim in story.victims])
        and _meet(subscriber.attacks, story.attacks)
        and score >= subscriber.minimum_score
    )


def _meet(wanted: Sequence[str], present: Sequence[str]) -> bool:
    return not wanted or not set(wanted).isdisjoint(present)


def _told(subscriber: Subscriber, changes: Sequence[Change]) -> list[Change]:
    wanted = [change for change in changes if not subscriber.changes or change.kind in subscriber.changes]
    return [change for change in wanted if change.kind == "opened"] or wanted


def _delivery(placement: Placement, article: Article, change: Change, subscriber: Subscriber) -> Delivery:
    name = _id(placement.story.key, change.kind, change.detail, subscriber.name, subscriber.channel)
    return Delivery(name, subscriber.name, subscriber.channel, _alert(placement, article, change))


def _alert(placement: Placement, article: Article, change: Change) -> Alert:
    story, report = placement.story, placement.report
    return Alert(
        story_key=story.key,
        headline=story.headline,
        change=change,
        at=report.at,
        status=story.status,
        countries=story.countries,
        victims=tuple(victim.name for victim in story.victims),
        attacks=story.attacks,
        actors=story.actors,
        title=article.title,
        url=article.url,
        outlet=article.outlet,
        lang=report.finding.lang,
        score=report.finding.score,
        reports=_independent(story),
        sentence=deciding_sentence(placement, article),
    )


def _independent(story: Story) -> int:
    return sum(1 for report in story.reports if report.copy_of is None)


def deciding_sentence(placement: Placement, article: Article) -> str:
    """The sentence of the text in which most of the score was found; empty if it was all in the title."""
    reasons = [reason for reason in placement.report.finding.reasons if reason.zone != "title" and reason.weight > 0]
    weights = [
        (sum(reason.weight for reason in reasons if start <= reason.start < end), -start, article.text[start:end])
        for start, end in _sentences(article.text)
    ]
    weight, _, sentence = max(weights, default=(0.0, 0, ""))
    return _shortened(" ".join(sentence.split())) if weight > 0 else ""


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """Spans of sentences. A full stop after an initial, a title or the number of a day, or before a small letter, ends none."""
    start = 0
    for found in _SENTENCE_END.finditer(text):
        mark = text[start : found.start() + 1]
        if "\n" not in found[0] and (_NO_END.search(mark[-12:]) or text[found.end() : found.end() + 1].islower()):
            continue
        yield start, found.end()
        start = found.end()
    yield start, len(text)


def _shortened(sentence: str) -> str:
    return sentence if len(sentence) <= _LONGEST_SENTENCE else f"{sentence[:_LONGEST_SENTENCE].rsplit(' ', 1)[0]} …"


def next_attempt(attempts: int, retry: Retry, now: datetime, jitter: float, limits: settings.Alerts) -> datetime | None:
    """When to try again after `attempts` failures, the last one included; None when it has been tried often enough.

    The pause doubles from `first_retry` to `maximum_retry`; `jitter` spreads it over its upper half. What the receiver asked for counts if
    it is longer, but not beyond `maximum_retry`.
    """
    if attempts >= limits.attempts:
        return None
    pause: timedelta = min(limits.first_retry * 2 ** min(max(attempts - 1, 0), 20), limits.maximum_retry)
    spread = max(pause * (0.5 + jitter / 2), limits.first_retry)
    return now + min(max(spread, retry.after or spread), limits.maximum_retry)
