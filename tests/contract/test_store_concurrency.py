"""Several workers, and workers that die, on both databases: no work is done twice, none is lost."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, select

from monitor.model import Change, NextCheck
from monitor.store import articles, deliveries, leases, sources, stories
from monitor.store.engine import Store
from monitor.store.schema import source
from monitor.store.sources import Polled
from tests.contract.samples import (
    HOUR,
    LEASE,
    NO_SIGNATURE,
    NOW,
    PARLIAMENT,
    a_delivery,
    a_finding,
    a_flagged_article,
    a_placement,
    a_report,
    a_source,
    a_source_id,
    a_story,
    an_analysis,
    an_entry,
    an_opened_story,
)

WORKERS = 6
Round = Callable[[Connection, str], list[str]]


def by_many(store: Store, one_round: Round) -> list[str]:
    """Everything that the workers, each claiming and finishing until nothing is left, say they have done."""
    start = threading.Barrier(WORKERS)

    def work(number: int) -> list[str]:
        start.wait(10)
        done: list[str] = []
        while got := store.write_now(lambda c: one_round(c, f"worker-{number}")):
            done += got
        return done

    with ThreadPoolExecutor(WORKERS) as pool:
        return [each for done in pool.map(work, range(WORKERS)) for each in done]


def test_no_article_is_claimed_twice(store: Store) -> None:
    store.write_now(a_source_id)
    store.write_now(lambda c: articles.add(c, 1, [an_entry(number) for number in range(200)], NOW))
    done = by_many(store, lambda c, owner: [str(each.id) for each in articles.claim_waiting(c, owner, NOW, LEASE, 7)])
    assert len(done) == len(set(done)) == 200


def test_no_article_is_judged_twice(store: Store) -> None:
    store.write_now(a_source_id)
    store.write_now(lambda c: articles.add(c, 1, [an_entry(number) for number in range(100)], NOW))
    clear = an_analysis(a_finding(relevant=False))

    def judge(c: Connection, owner: str) -> list[str]:
        claimed = articles.claim_waiting(c, owner, NOW, LEASE, 5)
        return [str(each.id) for each in claimed if articles.judge(c, each.id, owner, clear, NOW)]

    done = by_many(store, judge)
    assert len(done) == len(set(done)) == 100


def test_no_source_is_claimed_twice(store: Store) -> None:
    hosts = [a_source(f"s{number}", f"https://host{number % 20}.al/{number}") for number in range(100)]
    store.write_now(lambda c: sources.sync(c, hosts, NOW))

    def poll(c: Connection, owner: str) -> list[str]:
        claimed = sources.claim_due(c, owner, NOW, LEASE, 9, 2)
        later = Polled(NextCheck(NOW + HOUR, 0.0, HOUR))
        return [each.source.key for each in claimed if sources.finish(c, each, owner, later, NOW)]

    done = by_many(store, poll)
    assert len(done) == len(set(done)) == 100


def test_no_delivery_is_claimed_twice(store: Store) -> None:
    def fill(c: Connection) -> None:
        a_source_id(c)
        an_opened_story(c, 1, a_finding(PARLIAMENT))
        deliveries.owe(c, [replace(a_delivery(number), subscriber=str(number)) for number in range(100)], NOW)

    store.write_now(fill)
    done = by_many(store, lambda c, owner: [each.id for each in deliveries.claim(c, owner, NOW, LEASE, 5)])
    assert len(done) == len(set(done)) == 100


def test_sources_listing_the_same_entries_at_once_make_each_article_once(store: Store) -> None:
    store.write_now(lambda c: sources.sync(c, [a_source(f"s{number}") for number in range(WORKERS)], NOW))
    entries = [an_entry(number) for number in range(50)]

    def add(number: int) -> int:
        ordered = entries if number % 2 else entries[::-1]
        return store.write_now(lambda c: articles.add(c, number + 1, ordered, NOW))

    with ThreadPoolExecutor(WORKERS) as pool:
        assert sum(pool.map(add, range(WORKERS))) == 50
    assert store.read_now(articles.waiting) == 50


def test_two_articles_of_one_incident_placed_at_once_open_one_story(store: Store) -> None:
    store.write_now(a_source_id)
    finding = a_finding(PARLIAMENT)
    flagged = [store.write_now(lambda c, n=n: a_flagged_article(c, n, finding)) for n in range(WORKERS)]  # type: ignore[misc]  # the default binds n

    def place(article_id: int) -> None:
        def work(c: Connection) -> None:
            report = a_report(article_id, finding)
            found = stories.candidates(c, finding, NO_SIGNATURE, NOW)
            key, before = (found[0].key, found[0].reports) if found else (f"story-{article_id}", ())
            stories.save(c, article_id, a_placement(a_story(key, *before, report), report, Change("opened")), NOW)

        store.write_now(work)

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(place, flagged))
    (only,) = store.read_now(stories.listing)
    assert len(only.reports) == WORKERS


def test_reading_then_writing_loses_no_update(store: Store) -> None:
    store.write_now(a_source_id)

    def count_up(c: Connection) -> None:
        before = c.scalar(select(source.c.polls).with_for_update())
        c.execute(source.update().values(polls=(before or 0) + 1))

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(lambda _: store.write_now(count_up), range(60)))
    assert store.read_now(lambda c: c.scalar(select(source.c.polls))) == 60


def test_who_starts_again_takes_back_what_its_dead_predecessor_held(store: Store) -> None:
    def fill(c: Connection) -> None:
        a_source_id(c)
        an_opened_story(c, 1, a_finding(PARLIAMENT))
        articles.add(c, 1, [an_entry(2), an_entry(3)], NOW)
        deliveries.owe(c, [a_delivery()], NOW)
        leases.release(c, "configuring")

    def claim(c: Connection, owner: str, limit: int) -> int:
        due = len(sources.claim_due(c, owner, NOW, LEASE, limit, 1))
        return due + len(articles.claim_waiting(c, owner, NOW, LEASE, limit)) + len(deliveries.claim(c, owner, NOW, LEASE, limit))

    store.write_now(fill)
    assert store.write_now(lambda c: claim(c, "restarted", 1)) == 3
    assert store.write_now(lambda c: claim(c, "other", 9)) == 1
    assert store.write_now(lambda c: leases.release(c, "restarted")) == 3
    assert store.write_now(lambda c: claim(c, "restarted", 9)) == 3


DYING = """
import os, signal, sys
from tests.contract.samples import NOW, LEASE, a_finding, an_analysis
from monitor.store import articles
from monitor.store.engine import Store
store = Store(sys.argv[1])
held = store.write_now(lambda c: articles.claim_waiting(c, "dead", NOW, LEASE, 1))[0]
def work(c):
    articles.judge(c, held.id, "dead", an_analysis(a_finding()), NOW)
    os.kill(os.getpid(), signal.SIGKILL)
store.write_now(work)
"""


def test_work_of_a_killed_process_is_claimed_again_after_the_lease(store: Store, database_url: str) -> None:
    store.write_now(a_source_id)
    store.write_now(lambda c: articles.add(c, 1, [an_entry(1)], NOW))
    died = subprocess.run([sys.executable, "-c", DYING, database_url], cwd=Path(__file__).parents[2], check=False, timeout=60)
    assert died.returncode == -9
    assert store.write_now(lambda c: articles.claim_waiting(c, "heir", NOW, LEASE, 1)) == []
    (inherited,) = store.write_now(lambda c: articles.claim_waiting(c, "heir", NOW + LEASE, LEASE, 1))
    assert store.write_now(lambda c: articles.judge(c, inherited.id, "heir", an_analysis(a_finding()), NOW + LEASE))
