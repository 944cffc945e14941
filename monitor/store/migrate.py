"""Brings the database to this program's schema, and says in a sentence when it is another one."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from monitor.errors import MonitorError, SchemaError
from monitor.store.dialect import one_at_a_time
from monitor.store.engine import database_url, engine, transaction
from monitor.store.schema import metadata

_RESTORE = "restore the last backup, then run `monitor migrate`"


def check(url: str) -> None:
    """Raises `SchemaError` unless the database has exactly this program's schema. Changes nothing, makes no file."""
    address = database_url(url)
    if address.get_backend_name() == "sqlite" and not Path(str(address.database)).exists():
        raise SchemaError(f"{address.database}: no such database yet; run `monitor migrate` to make it")
    made = engine(address)
    try:
        with transaction(made, writes=False) as c:
            behind = _behind(c)
    finally:
        made.dispose()
    if behind:
        raise SchemaError(behind)


def upgrade(url: str) -> bool:
    """Runs what migrations are missing, all or nothing, alone even when several programs start at once. False: none were."""
    made = engine(database_url(url), migrating=True)
    try:
        with transaction(made, writes=False) as c:
            behind = _behind(c)
        if behind:
            with transaction(made, writes=True) as c:
                one_at_a_time(c, "migrate")
                command.upgrade(config(c), "head")
                _check_foreign_keys(c)
        return behind is not None
    finally:
        made.dispose()


def config(c: Connection | None = None) -> Config:
    """Alembic's configuration, made here so that no file has to be found: the scripts beside the package, or inside the installed one."""
    package = Path(__file__).resolve().parent.parent
    checkout = package.parent / "migrations"
    made = Config()
    made.set_main_option("script_location", str(checkout if (checkout / "env.py").exists() else package / "defaults" / "migrations"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = c
    return made


def _behind(c: Connection) -> str | None:
    """What is missing, as a sentence; None if nothing is. Raises `SchemaError` for a schema that migrations cannot mend."""
    tables = set(inspect(c).get_table_names())
    stored = list(c.scalars(text("SELECT version_num FROM alembic_version"))) if "alembic_version" in tables else []
    ours = tables & metadata.tables.keys()
    if not stored and not ours:
        return "the database is empty: run `monitor migrate`"
    if len(stored) != 1:
        raise SchemaError(f"the schema is half migrated (its tables are there, its version is {stored or 'missing'}): {_RESTORE}")
    scripts = ScriptDirectory.from_config(config())
    known = {script.revision for script in scripts.walk_revisions()}
    head = scripts.get_current_head()
    if stored[0] not in known:
        raise SchemaError(f"the schema is of a newer program (version {stored[0]}, this program knows up to {head}): update the program")
    if stored[0] != head:
        return f"the schema is older than this program (version {stored[0]}, needed {head}): run `monitor migrate`"
    if missing := metadata.tables.keys() - ours:
        raise SchemaError(f"the schema is half migrated (version {head}, but no table {', '.join(sorted(missing))}): {_RESTORE}")
    return None


def _check_foreign_keys(c: Connection) -> None:
    """SQLite does not look at foreign keys while migrating; what a migration broke must not be committed."""
    if c.dialect.name == "sqlite" and (broken := c.exec_driver_sql("PRAGMA foreign_key_check").first()):
        raise MonitorError(f"the migration would leave rows of {broken[0]} that refer to missing rows of {broken[2]}; nothing was changed")
