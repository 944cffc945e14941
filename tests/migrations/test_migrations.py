"""Migrations make the schema the program writes, on both databases, keep what is stored, and say plainly what they cannot mend."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, inspect, text

from monitor.errors import ConfigError, MonitorError, SchemaError
from monitor.store import migrate
from monitor.store.engine import database_url as parsed
from monitor.store.engine import engine, transaction
from monitor.store.schema import metadata

# One row for every table, in an order that foreign keys allow.
AT = "2024-03-01 12:00:00+00:00"
ROWS: dict[str, dict[str, Any]] = {
    "source": {
        "id": 1,
        "key": "al.one",
        "name": "One",
        "kind": "feed",
        "url": "https://one.al/feed",
        "host": "one.al",
        "outlet": "one.al",
        "enabled": True,
        "why": "",
        "next_check_at": AT,
        "interval_seconds": 900.0,
        "failures": 0.0,
        "polls": 3,
    },
    "story": {
        "id": 1,
        "key": "story-1",
        "headline": "One hit",
        "status": "claimed",
        "opened_at": AT,
        "first_report_at": AT,
        "last_report_at": AT,
        "updated_at": AT,
    },
    "article": {
        "id": 1,
        "canonical_url": "https://one.al/1",
        "url": "https://one.al/1",
        "source_id": 1,
        "title": "Një",
        "summary": "",
        "first_seen_at": AT,
        "state": "flagged",
        "next_try_at": AT,
        "attempts": 0,
        "story_id": 1,
    },
    "sighting": {"source_id": 1, "guid": "1", "article_id": 1, "seen_at": AT},
    "band": {"hash": -5, "article_id": 1},
    "story_victim": {"story_id": 1, "victim_id": "al-one", "position": 0, "name": "One", "sector": "bank"},
    "story_season": {"country": "AL", "season": 440, "story_id": 1},
    "story_label": {"story_id": 1, "kind": "country", "value": "AL", "position": 0},
    "change": {"id": 1, "story_id": 1, "article_id": 1, "kind": "opened", "detail": "", "at": AT},
    "delivery": {
        "number": 1,
        "id": "d1",
        "story_id": 1,
        "subscriber": "desk",
        "channel": "email",
        "kind": "opened",
        "detail": "",
        "alert": "{}",
        "state": "sent",
        "attempts": 1,
        "created_at": AT,
        "next_try_at": AT,
    },
    "decision": {"id": 1, "story_id": 1, "kind": "confirmed", "author": "ana", "at": AT},
    "decision_article": {"decision_id": 1, "article_id": 1, "side": 0},
}
LATER = {"decision", "decision_article", "story_season"}  # not of the first version


def in_transaction(url: str, work: Callable[[Connection], Any]) -> Any:
    made = engine(parsed(url), migrating=True)
    try:
        with transaction(made, writes=True) as c:
            return work(c)
    finally:
        made.dispose()


def run(url: str, *statements: str) -> None:
    in_transaction(url, lambda c: [c.execute(text(each)) for each in statements])


def count_rows(c: Connection) -> dict[str, int]:
    return {table: c.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in ROWS}  # noqa: S608 - our own names


def fill(c: Connection) -> None:
    """One row into every table that there is yet."""
    there = set(inspect(c).get_table_names())
    for table, row in ((table, row) for table, row in ROWS.items() if table in there):
        marks = ", ".join(f"CAST(:{name} AS json)" if name == "alert" and c.dialect.name != "sqlite" else f":{name}" for name in row)
        c.execute(text(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"), row)  # noqa: S608 - our own names


def scripts_with(folder: Path, body: str) -> Callable[[Connection], Config]:
    """The configuration of our migrations followed by one more."""
    shutil.copytree(Path(str(migrate.config().get_main_option("script_location"))), folder)
    head = ScriptDirectory.from_config(migrate.config()).get_current_head()
    (folder / "versions" / "9999_next.py").write_text(
        f"import sqlalchemy as sa\nfrom alembic import op\nrevision = '9999'\ndown_revision = '{head}'\n"
        f"branch_labels = depends_on = None\ndef upgrade():\n{body}"
    )

    def config(c: Connection) -> Config:
        made = migrate.config(c)
        made.set_main_option("script_location", str(folder))
        return made

    return config


def test_schema_of_the_program_equals_the_migrations(database_url: str) -> None:
    in_transaction(database_url, lambda c: command.check(migrate.config(c)))


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory.from_config(migrate.config()).get_heads()) == 1


def test_a_new_database_becomes_current_and_stays_so(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    migrate.check(empty_url)
    migrate.upgrade(empty_url)
    migrate.check(empty_url)


def test_every_table_has_a_row_to_migrate() -> None:
    assert ROWS.keys() == metadata.tables.keys()


def test_an_upgrade_from_the_first_version_keeps_every_row(empty_url: str) -> None:
    in_transaction(empty_url, lambda c: command.upgrade(migrate.config(c), "0001"))
    in_transaction(empty_url, fill)
    migrate.upgrade(empty_url)
    migrate.check(empty_url)
    assert in_transaction(empty_url, count_rows) == {table: int(table not in LATER) for table in ROWS}


def test_rebuilding_a_parent_table_keeps_the_rows_of_its_children(database_url: str, tmp_path: Path) -> None:
    body = "    with op.batch_alter_table('story') as batch:\n        batch.alter_column('headline', new_column_name='told_as')\n"
    config = scripts_with(tmp_path / "scripts", body)
    run(
        database_url,
        *(f"DROP VIEW {view}" for view in ("stories", "reports", "victims", "changes", "deliveries", "redirects", "actors", "decisions")),
    )
    in_transaction(database_url, fill)
    in_transaction(database_url, lambda c: command.upgrade(config(c), "head"))
    assert in_transaction(database_url, count_rows) == dict.fromkeys(ROWS, 1)


def test_a_failing_migration_leaves_nothing(database_url: str, tmp_path: Path) -> None:
    begun = "    op.create_table('half', sa.Column('id', sa.Integer))\n    op.execute('DELETE FROM delivery')\n"
    body = f"{begun}    raise LookupError('half way')\n"
    config = scripts_with(tmp_path / "scripts", body)
    in_transaction(database_url, fill)
    with pytest.raises(LookupError, match="half way"):
        in_transaction(database_url, lambda c: command.upgrade(config(c), "head"))
    assert in_transaction(database_url, lambda c: inspect(c).has_table("half")) is False
    assert in_transaction(database_url, count_rows) == dict.fromkeys(ROWS, 1)
    migrate.check(database_url)


def test_several_programs_may_migrate_at_once(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate.upgrade, [empty_url] * 4))
    migrate.check(empty_url)


def test_an_empty_database_is_named_so(empty_url: str) -> None:
    with pytest.raises(SchemaError, match="run `monitor migrate`"):
        migrate.check(empty_url)


def test_asking_about_a_missing_file_makes_none(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="no such database yet"):
        migrate.check(f"sqlite:///{tmp_path}/new/monitor.db")
    assert list(tmp_path.iterdir()) == []


def test_an_older_schema_is_named_so(empty_url: str) -> None:
    in_transaction(empty_url, lambda c: command.upgrade(migrate.config(c), "0001"))
    with pytest.raises(SchemaError, match=r"older than this program \(version 0001, needed \d+\): run `monitor migrate`"):
        migrate.check(empty_url)


@pytest.mark.parametrize("act", [migrate.check, migrate.upgrade])
def test_a_newer_schema_is_refused(database_url: str, act: Callable[[str], None]) -> None:
    run(database_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaError, match=r"newer program \(version 9999, .*update the program"):
        act(database_url)


@pytest.mark.parametrize("act", [migrate.check, migrate.upgrade])
@pytest.mark.parametrize(
    "harm",
    ["DELETE FROM alembic_version", "DROP TABLE alembic_version", "DROP TABLE band", "INSERT INTO alembic_version VALUES ('0001')"],
)
def test_a_half_migrated_schema_is_refused(database_url: str, harm: str, act: Callable[[str], None]) -> None:
    run(database_url, harm)
    with pytest.raises(SchemaError, match=r"half migrated.*restore the last backup"):
        act(database_url)


def test_a_migration_may_not_leave_rows_that_refer_to_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/monitor.db"
    in_transaction(url, lambda c: command.upgrade(migrate.config(c), "0001"))
    in_transaction(url, lambda c: c.execute(insert(metadata.tables["band"]).values(hash=1, article_id=12345)))
    with pytest.raises(MonitorError, match="rows of band that refer to missing rows of article"):
        migrate.upgrade(url)
    with pytest.raises(SchemaError, match="version 0001"):
        migrate.check(url)


@pytest.mark.parametrize("act", [migrate.check, migrate.upgrade])
def test_an_unreachable_server_and_a_wrong_url_are_sentences(act: Callable[[str], None]) -> None:
    with pytest.raises(MonitorError, match="database postgresql"):
        act("postgres://u:secret@127.0.0.1:1/d")
    with pytest.raises(ConfigError, match=r"database\.url"):
        act("oracle://somewhere")
