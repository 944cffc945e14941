"""Migrations make the schema the program writes, on both databases, and say plainly what they cannot mend."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.script import ScriptDirectory

from monitor.errors import SchemaError
from monitor.store import migrate
from monitor.store.engine import database_url as parsed
from monitor.store.engine import engine, transaction


def test_schema_of_the_program_equals_the_migrations(database_url: str) -> None:
    made = engine(parsed(database_url), migrating=True)
    with transaction(made, writes=True) as c:
        command.check(migrate.config(c))
    made.dispose()


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory.from_config(migrate.config()).get_heads()) == 1


def test_upgrade_twice_is_harmless(empty_url: str) -> None:
    with pytest.raises(SchemaError, match="run `monitor migrate`"):
        migrate.check(empty_url)
    migrate.upgrade(empty_url)
    migrate.upgrade(empty_url)
    migrate.check(empty_url)
