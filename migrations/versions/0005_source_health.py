"""Sources have a memory: their last polls, their rhythm, where they moved; operators hear of them; a page may come after its verdict."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
instant = sa.DateTime(timezone=True)
wanted = sa.text("page_wanted")
resolved = sa.text("resolved_url IS NOT NULL")


def upgrade() -> None:
    for column in (
        sa.Column("selector", sa.Text(), nullable=False, server_default=""),
        sa.Column("read_at", instant),
        sa.Column("believed", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("moved_to", sa.Text()),
        sa.Column("moved_since", instant),
        sa.Column("moves", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("news_at", instant),
        sa.Column("arrivals", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("quiet_seconds", sa.Float(), nullable=False, server_default="0"),
        sa.Column("gap_seconds", sa.Float(), nullable=False, server_default="0"),
        sa.Column("told", sa.Text()),
        sa.Column("told_since", instant),
    ):
        op.add_column("source", column)
    op.create_table(
        "attempt",
        sa.Column("source_id", number, nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("fresh", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_attempt_source_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("source_id", "slot", name="pk_attempt"),
    )
    op.add_column("article", sa.Column("page_wanted", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_article_page_wanted", "article", ["next_try_at"], sqlite_where=wanted, postgresql_where=wanted)
    op.drop_index("ix_article_resolved_url", "article")
    op.create_index("ix_article_resolved_url", "article", ["resolved_url"], sqlite_where=resolved, postgresql_where=resolved)
    for view in ("sources", "deliveries"):
        op.execute(f"DROP VIEW {view}")
    with op.batch_alter_table("delivery") as table:
        table.alter_column("story_id", existing_type=number, nullable=True)
    for view in (SOURCES, ATTEMPTS, DELIVERIES):
        op.execute(view)


SOURCES = """
    CREATE VIEW sources AS SELECT
        key AS source,
        name,
        kind,
        url,
        outlet,
        country,
        lang AS language,
        enabled,
        why,
        polls,
        checked_at,
        last_ok_at,
        next_check_at,
        failures,
        trouble,
        interval_seconds,
        news_at,
        moved_to,
        told
    FROM source
"""

ATTEMPTS = """
    CREATE VIEW attempts AS SELECT
        s.key AS source,
        a.at,
        a.outcome,
        a.detail,
        a.entries,
        a.fresh AS new_entries,
        a.seconds
    FROM attempt AS a JOIN source AS s ON s.id = a.source_id
"""

DELIVERIES = """
    CREATE VIEW deliveries AS SELECT
        d.id AS delivery,
        s.key AS story,
        s.headline,
        d.subscriber,
        d.channel,
        d.kind AS change,
        d.detail,
        d.state,
        d.attempts,
        d.created_at,
        d.next_try_at,
        d.sent_at,
        d.reason
    FROM delivery AS d LEFT JOIN story AS s ON s.id = d.story_id
"""
