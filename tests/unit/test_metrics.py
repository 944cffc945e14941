"""Metrics as a Prometheus server would read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitor.metrics import Metrics

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def sample(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"monitor_{name}", labels)


def test_every_outcome_begins_at_zero() -> None:
    metrics = Metrics()
    assert sample(metrics, "polls_total", outcome="failed") == 0
    assert sample(metrics, "articles_total", outcome="lost") == 0
    assert sample(metrics, "deliveries_total", channel="webhook", outcome="gave_up") == 0
    assert sample(metrics, "queue_length", queue="deliveries_owed") == 0
    assert sample(metrics, "stage_duration_seconds_count", stage="analyse") == 0


def test_things_are_counted_by_what_became_of_them() -> None:
    metrics = Metrics()
    metrics.polled("changed", NOW)
    metrics.listed(7)
    metrics.analysed("relevant")
    metrics.analysed("relevant")
    metrics.opened()
    metrics.delivered("email", "retry")
    metrics.waiting("articles_waiting", 5)
    metrics.waiting("articles_waiting", 3)
    assert sample(metrics, "polls_total", outcome="changed") == 1
    assert sample(metrics, "entries_total") == 7
    assert sample(metrics, "articles_total", outcome="relevant") == 2
    assert sample(metrics, "stories_total") == 1
    assert sample(metrics, "deliveries_total", channel="email", outcome="retry") == 1
    assert sample(metrics, "deliveries_total", channel="email", outcome="sent") == 0
    assert sample(metrics, "queue_length", queue="articles_waiting") == 3


def test_a_failed_poll_does_not_pass_for_a_read_one() -> None:
    metrics = Metrics()
    metrics.polled("failed", NOW)
    assert sample(metrics, "last_poll_timestamp_seconds") == 0
    metrics.polled("unchanged", NOW)
    assert sample(metrics, "last_poll_timestamp_seconds") == NOW.timestamp()


def test_a_stage_is_timed_also_when_it_fails() -> None:
    metrics = Metrics()
    with metrics.stage("fetch"):
        pass
    with pytest.raises(ValueError, match="broken"), metrics.stage("fetch"):
        raise ValueError("broken")
    assert sample(metrics, "stage_duration_seconds_count", stage="fetch") == 2


def test_two_daemons_in_one_process_do_not_share_figures() -> None:
    one, other = Metrics(), Metrics()
    one.opened()
    assert sample(other, "stories_total") == 0


def test_prometheus_reads_the_text_and_every_label_value_is_one_of_a_few_words() -> None:
    families = {family.name: family for family in text_string_to_metric_families(Metrics().text().decode())}
    ours = [family for name, family in families.items() if name.startswith("monitor_")]
    assert len(ours) == 8
    assert all(family.documentation for family in ours)
    values = {value for family in ours for sample in family.samples for label, value in sample.labels.items() if label != "le"}
    assert all(re.fullmatch(r"[a-z_]+", value) for value in values)
    assert "process_resident_memory_bytes" in families
