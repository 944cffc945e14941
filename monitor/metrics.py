"""What the daemon counts, for Prometheus. Every thing is counted once, at one place; label values are few and fixed; names carry units."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Literal, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics, generate_latest

PollOutcome = Literal["changed", "unchanged", "failed"]
ArticleOutcome = Literal["relevant", "irrelevant", "rejected", "postponed", "lost"]
DeliveryOutcome = Literal["sent", "retry", "gave_up"]
Channel = Literal["console", "email", "webhook"]
Queue = Literal["sources_due", "articles_waiting", "deliveries_owed"]
Stage = Literal["collect", "fetch", "analyse", "place", "repair", "store", "send"]

# From a write of a millisecond to a batch of pages that meets its time limit.
_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """The counters of one daemon, in a registry of its own. Every label value is there from the start, so that a rate begins at zero."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each counter that nobody reads
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._polls = self._counter("polls", "Polls of sources", outcome=get_args(PollOutcome))
        self._entries = self._counter("entries", "Entries listed by sources and never seen before")
        self._articles = self._counter("articles", "Articles by what became of them", outcome=get_args(ArticleOutcome))
        self._stories = self._counter("stories", "Stories opened")
        self._deliveries = self._counter(
            "deliveries", "Attempts to deliver an alert", channel=get_args(Channel), outcome=get_args(DeliveryOutcome)
        )
        self._queue = Gauge("monitor_queue_length", "Work that waits", ["queue"], registry=self.registry)
        self._last_poll = Gauge("monitor_last_poll_timestamp_seconds", "When a source was last read", registry=self.registry)
        self._stage = Histogram(
            "monitor_stage_duration_seconds", "Time for one run of a stage", ["stage"], registry=self.registry, buckets=_SECONDS
        )
        for queue in get_args(Queue):
            self._queue.labels(queue)
        for stage in get_args(Stage):
            self._stage.labels(stage)

    def _counter(self, name: str, meaning: str, **labels: tuple[str, ...]) -> Counter:
        counter = Counter(f"monitor_{name}", meaning, list(labels), registry=self.registry)
        combinations: list[tuple[str, ...]] = [()]
        for values in labels.values():
            combinations = [(*before, value) for before in combinations for value in values]
        for combination in combinations if labels else ():
            counter.labels(*combination)
        return counter

    def polled(self, outcome: PollOutcome, now: datetime) -> None:
        self._polls.labels(outcome).inc()
        if outcome != "failed":
            self._last_poll.set(now.timestamp())

    def listed(self, new_entries: int) -> None:
        self._entries.inc(new_entries)

    def analysed(self, outcome: ArticleOutcome) -> None:
        self._articles.labels(outcome).inc()

    def opened(self) -> None:
        self._stories.inc()

    def delivered(self, channel: Channel, outcome: DeliveryOutcome) -> None:
        self._deliveries.labels(channel, outcome).inc()

    def waiting(self, queue: Queue, length: int) -> None:
        self._queue.labels(queue).set(length)

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        """Times what happens inside, also when it ends in an error."""
        with self._stage.labels(stage).time():
            yield

    def text(self) -> bytes:
        """All figures in Prometheus' text form."""
        return generate_latest(self.registry)
