"""The one owner of the database: its connections, its threads and its transactions."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from sqlalchemy import URL, Connection, Engine, Pool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError

from monitor.errors import ConfigError, MonitorError

T = TypeVar("T")

_KINDS = "use sqlite:///PATH/monitor.db or postgresql://USER:PASSWORD@HOST/NAME"
_READERS = 4
_POSTGRES_WRITERS = 4
# A statement in a thread cannot be stopped from outside, so the server must stop it; 30 s is far beyond any statement of ours.
_POSTGRES_LIMITS = "-c statement_timeout=30000 -c idle_in_transaction_session_timeout=60000"
# Statements of ours take milliseconds. Compiled ones (jit) cost more than they save, and a plan that is made for all values alike, which
# Postgres prefers after ten calls, read the whole history of bands where a plan for these values reads a few rows: 50 ms instead of 12.
_POSTGRES_OPTIONS = "-c timezone=UTC -c jit=off -c plan_cache_mode=force_custom_plan"
# What SQLite reports about the file and the disk. Any other error of its is a mistake of ours and must keep its traceback.
_SQLITE_OUTSIDE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}


class Store:
    """Runs functions of one connection as transactions: `write` commits unless the function raises, `read` never changes anything.

    The functions run in threads of the store, so nobody can await inside a transaction. SQLite has one writer, so it gets one thread.
    """

    def __init__(self, url: str) -> None:
        self._engine = engine(database_url(url))
        writers = 1 if self._engine.dialect.name == "sqlite" else _POSTGRES_WRITERS
        self._writers = ThreadPoolExecutor(writers, thread_name_prefix="store-write")
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="store-read")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._writers.shutdown()
        self._readers.shutdown()
        self._engine.dispose()

    @property
    def pool(self) -> Pool:
        return self._engine.pool

    async def write(self, work: Callable[[Connection], T]) -> T:
        return await _finish(self._writers, partial(self.write_now, work))

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await _finish(self._readers, partial(self.read_now, work))

    def write_now(self, work: Callable[[Connection], T]) -> T:
        with transaction(self._engine, writes=True) as connection:
            return work(connection)

    def read_now(self, work: Callable[[Connection], T]) -> T:
        with transaction(self._engine, writes=False) as connection:
            return work(connection)

    def tidy_now(self) -> None:
        """Gives SQLite's log back to the disk and refreshes its statistics. Postgres does both by itself."""
        if self._engine.dialect.name == "sqlite":
            with translated(self._engine.url), self._engine.connect() as connection:
                # The connection may be one that was last used to read: statistics are written.
                for pragma in ("query_only=0", "optimize", "wal_checkpoint(TRUNCATE)"):
                    _driver(connection).execute(f"PRAGMA {pragma}").close()

    async def tidy(self) -> None:
        await _finish(self._writers, self.tidy_now)


async def _finish(executor: Executor, call: Callable[[], T]) -> T:
    """Waits for the call even when cancelled: its thread cannot be stopped, and its result must not appear after the caller has gone on."""
    future = asyncio.wrap_future(executor.submit(call))
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await asyncio.wait([future])
        if not future.cancelled():
            future.exception()
        raise


def database_url(text: str) -> URL:
    """The URL as SQLAlchemy wants it. Accepts `postgres://` and `postgresql://`; raises `ConfigError` for what we cannot use."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ConfigError([f"database.url: not a database URL; {_KINDS}"]) from None
    if url.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise ConfigError([f"database.url: {url.drivername!r} is not supported; {_KINDS}"])
    if url.database in (None, "", ":memory:"):
        raise ConfigError([f"database.url: a database in memory would forget everything; {_KINDS}"])
    return url


def engine(url: URL, *, migrating: bool = False) -> Engine:
    """An engine with our rules of transaction. `migrating` lifts time limits, and the foreign keys of SQLite, which would
    delete rows when a migration rebuilds their parent's table."""
    return _sqlite(url, migrating) if url.get_backend_name() == "sqlite" else _postgres(url, migrating)


@contextmanager
def transaction(engine: Engine, *, writes: bool) -> Iterator[Connection]:
    """One transaction: committed at the end if it `writes`, rolled back if it raises. Troubles of the database become a `MonitorError`."""
    with translated(engine.url), engine.connect() as plain:
        connection = plain.execution_options(writes=writes, postgresql_readonly=not writes)
        with connection.begin():
            yield connection


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Turns what is wrong with the server, the file or the disk into a sentence. Errors of ours pass through."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if not _from_outside(error, cause):
            raise
        lines = str(cause).strip().splitlines() or [type(cause).__name__]
        raise MonitorError(f"database {url.render_as_string(hide_password=True)}: {lines[0]}") from error


def _from_outside(error: Exception, cause: BaseException | None) -> bool:
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _SQLITE_OUTSIDE
    return isinstance(error, OperationalError | InterfaceError)


def _sqlite(url: URL, migrating: bool) -> Engine:
    _make_folder(Path(str(url.database)))
    made = create_engine(url, json_serializer=_dump)

    @event.listens_for(made, "connect")
    def on_connect(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        foreign_keys = "OFF" if migrating else "ON"
        for pragma in ("busy_timeout=5000", "synchronous=NORMAL", f"foreign_keys={foreign_keys}"):
            connection.execute(f"PRAGMA {pragma}")
        _write_ahead(connection)

    @event.listens_for(made, "begin")
    def on_begin(connection: Connection) -> None:
        # Who will write says so at the start: a reader that turns into a writer fails at once when another has written meanwhile.
        writes = bool(connection.get_execution_options().get("writes"))
        driver = _driver(connection)
        driver.execute(f"PRAGMA query_only={int(not writes)}")
        driver.execute("BEGIN IMMEDIATE" if writes else "BEGIN")

    return made


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switches the file to a write-ahead log. For this one statement SQLite does not wait while another opens the same new file."""
    end = time.monotonic() + 5.0
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        time.sleep(0.01)


def _make_folder(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError([f"database.url: cannot make the folder {file.parent} ({error.strerror})"]) from None


def _postgres(url: URL, migrating: bool) -> Engine:
    limits = "" if migrating else _POSTGRES_LIMITS
    arguments: dict[str, Any] = {"application_name": "monitor", "connect_timeout": 10, "options": f"{_POSTGRES_OPTIONS} {limits}"}
    return create_engine(
        url,
        json_serializer=_dump,
        pool_pre_ping=True,
        pool_size=_READERS + _POSTGRES_WRITERS,
        max_overflow=4,
        connect_args={name: value for name, value in arguments.items() if name not in url.query},
    )


def _driver(connection: Connection) -> sqlite3.Connection:
    return cast(sqlite3.Connection, connection.connection.driver_connection)


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
