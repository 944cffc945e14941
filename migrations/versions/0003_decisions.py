"""What people decided about stories; and the texts of clear articles, if they are kept, are found to be forgotten again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
instant = sa.DateTime(timezone=True)
kept = sa.text("state = 'clear' AND text IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "decision",
        sa.Column("id", number, nullable=False),
        sa.Column("story_id", number, nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("undone_at", instant),
        sa.Column("undone_by", sa.Text()),
        sa.CheckConstraint("verdict IN ('confirmed', 'rejected')", name="ck_decision_verdict"),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name="fk_decision_story_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
    )
    op.create_index("ix_decision_story_id", "decision", ["story_id"])
    op.create_index("ix_article_kept_text", "article", ["first_seen_at"], sqlite_where=kept, postgresql_where=kept)
