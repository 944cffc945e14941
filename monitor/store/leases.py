"""Work is claimed for a limited time: whoever dies holding it loses it when the lease ends, and nobody does it twice meanwhile."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, or_, select, true, update

from monitor.store.schema import article, delivery, source

RELEASED = {"lease_owner": None, "lease_until": None}


def free(table: Table, now: datetime) -> ColumnElement[bool]:
    """Rows that nobody holds at `now`."""
    return or_(table.c.lease_until.is_(None), table.c.lease_until <= now)


def take(c: Connection, wanted: Select[Any], due: ColumnElement[bool], table: Table, owner: str, until: datetime) -> list[Any]:
    """Leases the rows whose ids `wanted` selects; returns those it got, in that order.

    `due` is asked again under the row's lock: on Postgres another process may have taken or finished a row since `wanted` looked.
    """
    ids = list(c.scalars(wanted))
    locked = select(table.c.id).where(table.c.id.in_(ids), due).with_for_update(skip_locked=True)
    got = set(c.scalars(locked))
    c.execute(update(table).where(table.c.id.in_(got)).values(lease_owner=owner, lease_until=until))
    return [each for each in ids if each in got]


def settle(c: Connection, table: Table, row: Any, owner: str, values: dict[str, Any]) -> bool:
    """Writes the end of one piece of work and gives the lease back. False: the lease was lost, and the result with it."""
    mine = and_(table.c.id == row, table.c.lease_owner == owner)
    return c.execute(update(table).where(mine).values(**values, **RELEASED)).rowcount == 1


def release(c: Connection, owner: str) -> int:
    """Gives back at once what a dead process of this name still held, so that its successor need not wait for the leases to end."""
    rows = {  # what is finished is not held
        source: true(),
        article: or_(article.c.state == "waiting", article.c.page_wanted),
        delivery: delivery.c.state == "waiting",
    }
    return sum(c.execute(update(table).where(held, table.c.lease_owner == owner).values(RELEASED)).rowcount for table, held in rows.items())
