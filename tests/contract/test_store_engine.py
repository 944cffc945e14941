"""The store itself on both databases: transactions, threads, cancellation, and sentences for what is wrong outside."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from monitor.errors import ConfigError, MonitorError
from monitor.store import articles, sources
from monitor.store.engine import Store, database_url
from monitor.store.schema import article, band, source
from tests.contract.samples import NOW, a_source, a_source_id, an_entry


def names(store: Store) -> list[str]:
    return store.read_now(lambda c: list(c.scalars(select(source.c.name).order_by(source.c.id))))


def rename(c: Connection, name: str) -> None:
    c.execute(source.update().values(name=name))


@pytest.mark.parametrize("given", ["postgres://u:secret@h:5/d", "postgresql://u:secret@h:5/d", "postgresql+psycopg://u:secret@h:5/d"])
def test_every_spelling_of_postgres_is_understood(given: str) -> None:
    assert database_url(given).render_as_string(hide_password=False) == "postgresql+psycopg://u:secret@h:5/d"


@pytest.mark.parametrize(
    "given",
    [
        "",
        "monitor.db",
        "mysql://u:secret@h/d",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://u:secret@h:port/d",
        "sqlite+aiosqlite:///x.db",
    ],
)
def test_a_url_we_cannot_use_is_refused_in_a_sentence_without_the_password(given: str) -> None:
    with pytest.raises(ConfigError, match=r"^database\.url: .*sqlite:///PATH") as refused:
        Store(given)
    assert "secret" not in str(refused.value)


def test_an_unreachable_server_is_a_sentence_without_the_password() -> None:
    with Store("postgresql://u:secret@127.0.0.1:1/d") as store, pytest.raises(MonitorError, match=r"database postgresql.*:1") as refused:
        store.read_now(lambda c: c.scalar(text("SELECT 1")))
    assert "secret" not in str(refused.value) and "\n" not in str(refused.value)


def test_a_missing_database_on_the_server_is_a_sentence(postgres_server: str) -> None:
    missing = postgres_server.replace("/postgres?", "/nothing?")
    with Store(missing) as store, pytest.raises(MonitorError, match='"nothing" does not exist'):
        store.read_now(lambda c: c.scalar(text("SELECT 1")))


def test_folders_of_a_sqlite_file_are_made(tmp_path: Path) -> None:
    with Store(f"sqlite:///{tmp_path}/a/b/monitor.db") as store:
        assert store.read_now(lambda c: c.scalar(text("SELECT 1"))) == 1


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot make the folder"):
        Store(f"sqlite:///{tmp_path}/file/monitor.db")


def test_a_file_that_is_no_database_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "monitor.db").write_text("no database at all, only words " * 100)
    with Store(f"sqlite:///{tmp_path}/monitor.db") as store, pytest.raises(MonitorError, match="not a database"):
        store.read_now(lambda c: c.scalar(text("SELECT 1")))


def test_a_folder_in_place_of_the_file_is_a_sentence(tmp_path: Path) -> None:
    with Store(f"sqlite:///{tmp_path}") as store, pytest.raises(MonitorError, match="unable to open"):
        store.read_now(lambda c: c.scalar(text("SELECT 1")))


def test_a_mistake_of_ours_keeps_its_traceback(store: Store) -> None:
    with pytest.raises(DBAPIError):
        store.read_now(lambda c: c.execute(text("SELECT nothing FROM nowhere")))


def test_what_raises_leaves_nothing(store: Store) -> None:
    store.write_now(a_source_id)

    def failing(c: Connection) -> None:
        rename(c, "changed")
        raise LookupError("in the middle")

    with pytest.raises(LookupError, match="in the middle"):
        store.write_now(failing)
    assert names(store) == ["Al.One"]


def test_a_read_cannot_write(store: Store) -> None:
    store.write_now(a_source_id)
    with pytest.raises((MonitorError, DBAPIError), match=r"read-?only"):
        store.read_now(lambda c: rename(c, "changed"))
    store.write_now(lambda c: rename(c, "by a write"))
    assert names(store) == ["by a write"]


def test_a_naive_time_is_refused(store: Store) -> None:
    naive = datetime(2024, 3, 1, 12)  # noqa: DTZ001 - the point of the test
    with pytest.raises(StatementError, match="needs a time zone") as refused:
        store.write_now(lambda c: sources.sync(c, [a_source()], naive))
    assert isinstance(refused.value.orig, ValueError)


def test_a_row_that_refers_to_nothing_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityError):
        store.write_now(lambda c: c.execute(insert(band).values(hash=1, article_id=12345)))


def test_read_and_write_run_beside_the_event_loop(store: Store) -> None:
    async def both() -> tuple[int, str]:
        number = await store.write(a_source_id)
        thread = await store.read(lambda c: threading.current_thread().name)
        return number, thread

    number, thread = asyncio.run(both())
    assert number == 1 and thread.startswith("store-read")


def test_a_cancelled_write_is_finished_before_the_caller_goes_on(store: Store) -> None:
    store.write_now(a_source_id)
    begun, go_on = threading.Event(), threading.Event()

    def slow(c: Connection) -> None:
        begun.set()
        go_on.wait(5)
        rename(c, "finished")

    async def cancelled() -> list[str]:
        task = asyncio.create_task(store.write(slow))
        await asyncio.to_thread(begun.wait, 5)
        task.cancel()
        asyncio.get_running_loop().call_later(0.05, go_on.set)
        with pytest.raises(asyncio.CancelledError):
            await task
        return names(store)

    assert asyncio.run(cancelled()) == ["finished"]


def test_a_failing_write_tells_its_awaiter(store: Store) -> None:
    def failing(c: Connection) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        asyncio.run(store.write(failing))


def test_a_locked_file_is_waited_for(sqlite_url: str, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "monitor.db", isolation_level=None, check_same_thread=False)
    with Store(sqlite_url) as store:
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.3, lambda: other.execute("COMMIT"))
        release.start()
        assert store.write_now(a_source_id) == 1
        release.join()
    other.close()


def test_reading_does_not_wait_for_a_writer(sqlite_url: str, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "monitor.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with Store(sqlite_url) as store:
        assert names(store) == []
    other.close()


def test_a_file_locked_for_too_long_is_a_sentence(sqlite_url: str, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "monitor.db", isolation_level=None)
    with Store(sqlite_url) as store:
        store.read_now(lambda c: c.execute(text("PRAGMA busy_timeout=50")))  # of the pool's one connection
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(MonitorError, match="database is locked"):
            store.write_now(a_source_id)
        other.execute("ROLLBACK")
        assert store.write_now(a_source_id) == 1
    other.close()


def test_a_server_that_closes_connections_is_asked_again(postgres_url: str) -> None:
    with Store(postgres_url) as store, Store(postgres_url) as other:
        store.write_now(a_source_id)
        others = text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        other.read_now(lambda c: c.execute(others).all())
        assert names(store) == ["Al.One"]


def test_a_connection_lost_in_the_middle_is_a_sentence(postgres_url: str) -> None:
    with Store(postgres_url) as store:
        store.write_now(a_source_id)

        def lost(c: Connection) -> None:
            rename(c, "lost")
            c.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

        with pytest.raises(MonitorError, match="database postgresql"):
            store.write_now(lost)
        assert names(store) == ["Al.One"]


def test_tidying_gives_the_log_back(sqlite_url: str, tmp_path: Path) -> None:
    with Store(sqlite_url) as store:
        store.write_now(lambda c: sources.sync(c, [a_source(f"s{n}") for n in range(50)], NOW))
        log = tmp_path / "monitor.db-wal"
        assert log.stat().st_size > 0
        asyncio.run(store.tidy())
        assert log.stat().st_size == 0


def test_tidying_is_harmless_on_every_database(store: Store) -> None:
    store.write_now(a_source_id)
    store.tidy_now()
    assert names(store) == ["Al.One"]


def test_tidying_writes_statistics_on_a_connection_that_only_read_before(sqlite_url: str) -> None:
    with Store(sqlite_url) as store:
        source_id = store.write_now(a_source_id)
        store.write_now(lambda c: articles.add(c, source_id, [an_entry(number) for number in range(400)], NOW))
        store.read_now(lambda c: c.execute(select(article.c.id).where(article.c.canonical_url == "https://one.al/news/7")).all())
        store.tidy_now()
        assert store.read_now(lambda c: c.execute(text("SELECT count(*) FROM sqlite_stat1")).scalar_one()) > 0
