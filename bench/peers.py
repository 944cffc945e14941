"""Our poll job beside `reader`, the feed library of lemon24, over the same feeds: for the first time, unchanged by validators and by bytes.

Each of the two runs in a process of its own and they take turns, round by round; while one works the other sleeps.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from bench import material
from bench.figures import Bench, Figure, Run
from bench.polling import ROUNDS, polling, round_of, timed
from bench.server import Sites, sites
from monitor import settings
from monitor.log import configure
from monitor.model import Source
from monitor.store import articles

_ENTRIES = material.FEEDS * material.FEED_ENTRIES
_PEER_WORKERS = 10
_AT_LEAST = {"cold": 3.0, "unchanged (304)": 2.0, "unchanged (same bytes)": 15.0}  # times as many feeds a second

_Poller = Callable[[Connection, tuple[Source, ...], Path], None]  # answers each number of a round with the seconds that it took


@contextmanager
def _peers() -> Iterator[Run]:
    with sites() as served, tempfile.TemporaryDirectory(prefix="monitor-bench-") as folder:
        yield lambda: _rounds(served, Path(tempfile.mkdtemp(dir=folder)))


def _rounds(served: Sites, folder: Path) -> dict[str, float]:
    figures: dict[str, float] = {}
    with _process(_reader, served, folder / "reader.db") as theirs, _process(_ours, served, folder / "ours.db") as ours:
        for number, name in enumerate(ROUNDS):
            seconds = {who: _round(served, number, each) for who, each in (("reader", theirs), ("ours", ours))}
            figures |= {f"{who}, {name}": material.FEEDS / spent for who, spent in seconds.items()}
            figures[f"ours to reader, {name}"] = seconds["reader"] / seconds["ours"]
    return figures


@contextmanager
def _process(poller: _Poller, served: Sites, database: Path) -> Iterator[Connection]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=poller, args=(theirs, served.feeds(), database))
    process.start()
    theirs.close()  # so that the end of the process is the end of what it says
    try:
        yield ours
        ours.send(None)
        process.join()
    finally:
        process.terminate()
        process.join()


def _round(served: Sites, number: int, poller: Connection) -> float:
    with round_of(served, number):
        poller.send(number)
        seconds: float = poller.recv()
    return seconds


def _reader(commands: Connection, feeds: tuple[Source, ...], database: Path) -> None:
    from reader import make_reader

    _resolve_localhost()
    with make_reader(str(database)) as reader:
        for feed in feeds:
            reader.add_feed(feed.url)
        for _ in iter(commands.recv, None):
            started = time.perf_counter()
            reader.update_feeds(workers=_PEER_WORKERS, scheduled=False)
            seconds = time.perf_counter() - started
            stored, failed = reader.get_entry_counts().total, reader.get_feed_counts().broken
            assert (stored, failed) == (_ENTRIES, 0), f"reader: {stored} entries of {_ENTRIES}, {failed} feeds that failed"
            commands.send(seconds)


def _resolve_localhost() -> None:
    """Makes `*.localhost` this machine, as our own client does by itself: not every system's resolver knows RFC 6761."""
    asked = socket.getaddrinfo

    def getaddrinfo(host: str, *rest: object, **named: object) -> object:
        return asked("127.0.0.1" if host.endswith(".localhost") else host, *rest, **named)  # type: ignore[arg-type]  # as it was called

    socket.getaddrinfo = getaddrinfo  # type: ignore[assignment]  # the same but for its types


def _ours(commands: Connection, feeds: tuple[Source, ...], database: Path) -> None:
    configure(settings.Log(level="error"))
    asyncio.run(_poll(commands, feeds, database))


async def _poll(commands: Connection, feeds: tuple[Source, ...], database: Path) -> None:
    async with polling(feeds, database) as parts:
        while (number := await asyncio.to_thread(commands.recv)) is not None:
            seconds = await timed(parts, number)
            stored = sum((await parts.store.read(articles.counts)).values())
            assert stored == _ENTRIES, f"ours: {stored} entries of {_ENTRIES}"
            commands.send(seconds)


PEERS = Bench(
    "peers",
    "ours and lemon24's reader in turns, over the same 1,000 feeds of 30 entries",
    tuple(
        figure
        for name in ROUNDS
        for figure in (
            Figure(f"reader, {name}", "feeds/s"),
            Figure(f"ours, {name}", "feeds/s"),
            Figure(f"ours to reader, {name}", "times", goal=_AT_LEAST[name]),
        )
    ),
    _peers,
)
