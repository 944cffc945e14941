"""Runs migrations on the connection, and in the transaction, that `monitor.store.migrate` gives."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.types import TypeDecorator

from monitor.store.schema import metadata


def render_item(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:
    """Our column types as the plain ones they become: a migration must not change when the program does."""
    if kind != "type" or not isinstance(item, TypeDecorator):
        return False
    plain = item.impl_instance
    return "sa.DateTime(timezone=True)" if plain.__visit_name__ == "datetime" else f"sa.{type(plain).__name__}()"


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=render_item,
    render_as_batch=True,
    compare_type=True,
    transactional_ddl=True,
)
context.run_migrations()
