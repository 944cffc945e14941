"""The tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
instant = sa.DateTime(timezone=True)
waiting = sa.text("state = 'waiting'")


def upgrade() -> None:
    _source()
    _story()
    _story_victim()
    _story_label()
    _article()
    _sighting()
    _band()
    _change()
    _delivery()


def _source() -> None:
    op.create_table(
        "source",
        sa.Column("id", number, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("country", sa.Text()),
        sa.Column("lang", sa.Text()),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("next_check_at", instant, nullable=False),
        sa.Column("interval_seconds", sa.Float(), nullable=False),
        sa.Column("failures", sa.Float(), nullable=False),
        sa.Column("polls", sa.Integer(), nullable=False),
        sa.Column("etag", sa.Text()),
        sa.Column("last_modified", sa.Text()),
        sa.Column("body_hash", sa.Text()),
        sa.Column("checked_at", instant),
        sa.Column("last_ok_at", instant),
        sa.Column("listed_at", instant),
        sa.Column("trouble", sa.Text()),
        sa.Column("lease_owner", sa.Text()),
        sa.Column("lease_until", instant),
        sa.PrimaryKeyConstraint("id", name="pk_source"),
        sa.UniqueConstraint("key", name="uq_source_key"),
    )


def _story() -> None:
    op.create_table(
        "story",
        sa.Column("id", number, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opened_at", instant, nullable=False),
        sa.Column("first_report_at", instant, nullable=False),
        sa.Column("last_report_at", instant, nullable=False),
        sa.Column("updated_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_story"),
        sa.UniqueConstraint("key", name="uq_story_key"),
    )
    op.create_index("ix_story_last_report_at", "story", ["last_report_at"])


def _story_victim() -> None:
    op.create_table(
        "story_victim",
        sa.Column("story_id", number, nullable=False),
        sa.Column("victim_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text()),
        sa.Column("sector", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name="fk_story_victim_story_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("story_id", "victim_id", name="pk_story_victim"),
    )
    op.create_index("ix_story_victim_victim_id", "story_victim", ["victim_id"])


def _story_label() -> None:
    op.create_table(
        "story_label",
        sa.Column("story_id", number, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('country', 'attack', 'actor')", name="ck_story_label_kind"),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name="fk_story_label_story_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("story_id", "kind", "value", name="pk_story_label"),
    )
    op.create_index("ix_story_label_kind_value", "story_label", ["kind", "value"])


def _article() -> None:
    op.create_table(
        "article",
        sa.Column("id", number, nullable=False),
        sa.Column("canonical_url", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("source_id", number, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("published_at", instant),
        sa.Column("first_seen_at", instant, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("next_try_at", instant, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.Text()),
        sa.Column("lease_until", instant),
        sa.Column("reason", sa.Text()),
        sa.Column("judged_at", instant),
        sa.Column("origin", sa.Text()),
        sa.Column("lang", sa.Text()),
        sa.Column("outlet", sa.Text()),
        sa.Column("country", sa.Text()),
        sa.Column("score", sa.Float()),
        sa.Column("finding", sa.JSON()),
        sa.Column("signature", sa.JSON()),
        sa.Column("text", sa.Text()),
        sa.Column("story_id", number),
        sa.Column("reported_at", instant),
        sa.Column("copy_of", number),
        sa.Column("why", sa.Text()),
        sa.CheckConstraint("state IN ('waiting', 'flagged', 'clear', 'rejected')", name="ck_article_state"),
        sa.ForeignKeyConstraint(["copy_of"], ["article.id"], name="fk_article_copy_of"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_article_source_id"),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name="fk_article_story_id"),
        sa.PrimaryKeyConstraint("id", name="pk_article"),
        sa.UniqueConstraint("canonical_url", name="uq_article_canonical_url"),
    )
    op.create_index("ix_article_copy_of", "article", ["copy_of"])
    op.create_index("ix_article_first_seen_at", "article", ["first_seen_at"])
    op.create_index("ix_article_story_id", "article", ["story_id"])
    op.create_index(
        "ix_article_waiting", "article", ["published_at", "first_seen_at", "id"], sqlite_where=waiting, postgresql_where=waiting
    )


def _sighting() -> None:
    op.create_table(
        "sighting",
        sa.Column("source_id", number, nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("article_id", number, nullable=False),
        sa.Column("seen_at", instant, nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_sighting_article_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_sighting_source_id"),
        sa.PrimaryKeyConstraint("source_id", "guid", name="pk_sighting"),
    )
    op.create_index("ix_sighting_article_id", "sighting", ["article_id"])


def _band() -> None:
    op.create_table(
        "band",
        sa.Column("hash", number, autoincrement=False, nullable=False),
        sa.Column("article_id", number, nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_band_article_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("hash", "article_id", name="pk_band"),
    )
    op.create_index("ix_band_article_id", "band", ["article_id"])


def _change() -> None:
    op.create_table(
        "change",
        sa.Column("id", number, nullable=False),
        sa.Column("story_id", number, nullable=False),
        sa.Column("article_id", number, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_change_article_id"),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name="fk_change_story_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_change"),
        sa.UniqueConstraint("story_id", "kind", "detail", name="uq_change_story_id_kind_detail"),
    )
    op.create_index("ix_change_article_id", "change", ["article_id"])


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("number", number, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("story_id", number, nullable=False),
        sa.Column("subscriber", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("alert", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("next_try_at", instant, nullable=False),
        sa.Column("lease_owner", sa.Text()),
        sa.Column("lease_until", instant),
        sa.Column("sent_at", instant),
        sa.Column("reason", sa.Text()),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'given_up')", name="ck_delivery_state"),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name="fk_delivery_story_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number", name="pk_delivery"),
        sa.UniqueConstraint("id", name="uq_delivery_id"),
        sa.UniqueConstraint(
            "story_id", "subscriber", "channel", "kind", "detail", name="uq_delivery_story_id_subscriber_channel_kind_detail"
        ),
    )
    op.create_index("ix_delivery_waiting", "delivery", ["next_try_at", "number"], sqlite_where=waiting, postgresql_where=waiting)
