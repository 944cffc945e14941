"""Several workers, and workers that die, on both databases: no work is done twice, none is lost."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text

from monitor.jobs import decide
from monitor.jobs.repair import Audience, mend
from monitor.model import Attempt, Change, NextCheck, Record, Report, Standing, Victim
from monitor.store import articles, deliveries, leases, sources, stories, told
from monitor.store.decisions import Said
from monitor.store.engine import Store
from monitor.store.schema import source
from monitor.store.sources import Polled
from monitor.stories.place import place
from tests.contract.samples import (
    HOUR,
    LEASE,
    NOW,
    PARLIAMENT,
    a_delivery,
    a_finding,
    a_placement,
    a_source,
    a_source_id,
    a_stored_report,
    a_story,
    an_analysis,
    an_entry,
    an_opened_story,
    finish,
)

VICTIMS = [replace(PARLIAMENT, id=f"al-{number}") for number in range(3)]
NOBODY = Audience((), timedelta(days=3))
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
        later = Polled(NextCheck(NOW + HOUR, 0.0, HOUR), Record(), Attempt(NOW, "unchanged"))
        return [each.source.key for each in claimed if finish(c, each, owner, later, NOW)]

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


def flagged(store: Store, count: int, *victims: Victim) -> list[Report]:
    """So many stored reports of each victim, an hour apart, not placed yet. In no two countries: one group is no campaign."""

    def fill(c: Connection) -> list[Report]:
        a_source_id(c)
        told = [(a_finding(victim), NOW + at * HOUR) for at in range(count) for victim in victims]
        return [a_stored_report(c, number, finding, at=at) for number, (finding, at) in enumerate(told, start=1)]

    return store.write_now(fill)


def at_once(works: Sequence[Callable[[], object]]) -> None:
    """Runs all of these in threads that start together; raises what any of them raises."""
    start = threading.Barrier(len(works))

    def one(work: Callable[[], object]) -> None:
        start.wait(10)
        work()

    with ThreadPoolExecutor(len(works)) as pool:
        list(pool.map(one, works))


def place_in(store: Store, report: Report) -> Callable[[], object]:
    """What the daemon does with a flagged article, in one transaction."""

    def work(c: Connection) -> None:
        stories.save(c, place(report, stories.candidates(c, report)), NOW)

    return lambda: store.write_now(work)


def mend_in(store: Store, key: str) -> Callable[[], object]:
    return lambda: store.write_now(lambda c: mend(c, [key], NOBODY, NOW))


def one_story_each(store: Store, victims: Sequence[Victim], reports: int) -> list[Standing]:
    """Asserts that there is one story of each victim, with so many reports, and that every key leads to one of them."""
    standing = store.read_now(stories.everything)
    told_of = [{victim.id for report in each.reports for victim in report.finding.victims} for each in standing]
    assert sorted(told_of, key=sorted) == [{victim.id} for victim in victims]
    assert [len(each.reports) for each in standing] == [reports] * len(victims)
    keys = store.read_now(told.all_keys)
    leads_to = store.read_now(lambda c: told.current(c, keys))
    assert leads_to.keys() == set(keys)
    assert set(leads_to.values()) == {each.key for each in standing}
    return standing


@pytest.fixture
def other(store: Store, database_url: str) -> Iterator[Store]:
    """Another store on the same database, as another process has it."""
    with Store(database_url) as opened:
        yield opened


def test_articles_of_one_incident_placed_at_once_open_one_story(store: Store, other: Store) -> None:
    reports = flagged(store, WORKERS, PARLIAMENT)
    at_once([place_in((store, other)[at % 2], report) for at, report in enumerate(reports)])
    (only,) = one_story_each(store, [PARLIAMENT], WORKERS)
    assert (only.opened_at, only.last_at) == (next(r.at for r in reports if r.id == only.opened_by), NOW + (WORKERS - 1) * HOUR)


def test_doubled_stories_repaired_twice_at_once_become_one_each(store: Store, other: Store) -> None:
    reports = flagged(store, 2, *VICTIMS)
    doubled(store, reports)
    works = [mend_in(each, f"story-{report.id}") for report in reports for each in (store, other)]
    at_once(works)
    one_story_each(store, VICTIMS, 2)
    merged = [row.detail for each in store.read_now(stories.everything) for row in changes(store, each.key) if row.kind == "merged"]
    assert len(merged) == len(set(merged)) == len(VICTIMS)  # each was taken in once


def test_stories_are_repaired_while_reports_are_placed_in_them(store: Store, other: Store) -> None:
    reports = flagged(store, 4, *VICTIMS)
    before, late = reports[: 2 * len(VICTIMS)], reports[2 * len(VICTIMS) :]
    doubled(store, before)
    works = [mend_in(store, f"story-{report.id}") for report in before]
    at_once([work for pair in zip(works, (place_in(other, report) for report in late), strict=True) for work in pair])
    one_story_each(store, VICTIMS, 4)


def test_people_decide_while_stories_are_repaired(store: Store, other: Store) -> None:
    reports = flagged(store, 2, *VICTIMS)
    doubled(store, reports)
    pairs = list(zip(reports[: len(VICTIMS)], reports[len(VICTIMS) :], strict=True))

    def merge_in(one: Report, two: Report) -> Callable[[], object]:
        said = Said("merged", "ana", NOW)
        return lambda: other.write_now(lambda c: decide.merge(c, f"story-{one.id}", [f"story-{two.id}"], said, NOBODY))

    at_once([work for one, two in pairs for work in (merge_in(one, two), mend_in(store, f"story-{two.id}"))])
    one_story_each(store, VICTIMS, 2)


def test_who_silences_a_story_and_a_repair_of_it_do_not_lock_each_other_out(postgres_url: str) -> None:
    with Store(postgres_url) as store, Store(postgres_url) as other, ThreadPoolExecutor(1) as pool:
        doubled(store, flagged(store, 1, PARLIAMENT))
        store.write_now(lambda c: deliveries.owe(c, [a_delivery()], NOW))

        def repair(c: Connection) -> Future[bool]:
            stories.alone(c)
            silencing = pool.submit(other.write_now, lambda c: decide.judge(c, "story-1", Said("muted", "ana", NOW), NOBODY))
            wait_until_blocked(c)
            deliveries.withdraw(c, "story-1", "the story is part of another now", NOW)
            return silencing

        assert store.write_now(repair).result(10)
        assert store.read_now(deliveries.counts) == {"given_up": 1}


def doubled(store: Store, reports: Sequence[Report]) -> None:
    """A story of its own for each report, as two programs that knew nothing of each other would have made them."""

    def fill(c: Connection) -> None:
        for report in reports:
            stories.save(c, a_placement(a_story(f"story-{report.id}", report), report, Change("opened"), doubtful=True), NOW)

    store.write_now(fill)


def changes(store: Store, key: str) -> list[told.ToldChange]:
    return store.read_now(lambda c: told.changes(c, key))


def wait_until_blocked(c: Connection) -> None:
    """Waits until another connection waits for a lock."""
    end = time.monotonic() + 10
    while not c.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
        assert time.monotonic() < end
        time.sleep(0.01)


PLACING = """
import sys
from monitor.store import archive, stories
from monitor.store.engine import Store
from monitor.stories.place import place
from tests.contract.samples import NOW, HOUR, PARLIAMENT, a_finding, a_report
with Store(sys.argv[1]) as store:
    def work(c, number):
        report = a_report(number, a_finding(PARLIAMENT), at=NOW + number * HOUR)
        stories.save(c, place(report, stories.candidates(c, report)), NOW)
    print("ready", flush=True)
    sys.stdin.readline()
    for number in map(int, sys.argv[2:]):
        store.write_now(lambda c: work(c, number))
"""


def placing(url: str, share: Sequence[str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PLACING, url, *share]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2], text=True)


def test_two_processes_that_place_articles_of_one_incident_open_one_story(store: Store, database_url: str) -> None:
    flagged(store, 20, PARLIAMENT)
    shares = [[str(number) for number in range(first, 21, 2)] for first in (1, 2)]
    running = [placing(database_url, share) for share in shares]
    for each in running:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in running:
        each.communicate("go\n", timeout=60)
        assert each.returncode == 0
    one_story_each(store, [PARLIAMENT], 20)


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
