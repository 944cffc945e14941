"""The two places where the databases differ in words: upserts, and asking to be the only one."""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite


def insert(c: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows ON CONFLICT."""
    return sqlite.insert(table) if c.dialect.name == "sqlite" else postgresql.insert(table)


def one_at_a_time(c: Connection, what: str) -> None:
    """Waits until no other transaction is doing `what`. SQLite has one writer anyway."""
    if c.dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(f"monitor.{what}".encode()).digest()[:8], "big", signed=True)
        c.execute(select(func.pg_advisory_xact_lock(number)))
