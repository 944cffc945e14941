"""The tables. What users query are the views of the same data, made in `migrations/`; a test holds tables and migrations equal."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    false,
    text,
    true,
)

from monitor.store.types import CleanJson, CleanText, Instant, Number

# Without names SQLite's constraints could never be dropped by a later migration.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

source = Table(
    "source",
    metadata,
    Column("id", Number, primary_key=True),
    Column("key", CleanText, nullable=False, unique=True),
    Column("name", CleanText, nullable=False),
    Column("kind", CleanText, nullable=False),
    Column("url", CleanText, nullable=False),
    Column("host", CleanText, nullable=False),
    Column("outlet", CleanText, nullable=False),
    Column("country", CleanText),
    Column("lang", CleanText),
    Column("enabled", Boolean, nullable=False),
    Column("why", CleanText, nullable=False),
    Column("next_check_at", Instant, nullable=False),
    Column("interval_seconds", Float, nullable=False),
    Column("failures", Float, nullable=False),
    Column("polls", Integer, nullable=False),
    Column("etag", CleanText),
    Column("last_modified", CleanText),
    Column("body_hash", CleanText),
    Column("checked_at", Instant),
    Column("last_ok_at", Instant),
    Column("listed_at", Instant),  # when its list was last read; "not modified" since then means the same list
    Column("trouble", CleanText),
    Column("lease_owner", CleanText),
    Column("lease_until", Instant),
    Column("selector", CleanText, nullable=False, server_default=""),
    Column("read_at", Instant),  # when its list last came in full, "not modified" or not
    Column("believed", Boolean, nullable=False, server_default=true()),  # false once its "not modified" was found wrong
    Column("moved_to", CleanText),
    Column("moved_since", Instant),
    Column("moves", Integer, nullable=False, server_default="0"),
    Column("news_at", Instant),
    Column("arrivals", Integer, nullable=False, server_default="0"),
    Column("quiet_seconds", Float, nullable=False, server_default="0"),
    Column("gap_seconds", Float, nullable=False, server_default="0"),
    Column("told", CleanText),  # what operators were told of it and is not over yet
    Column("told_since", Instant),
)

# The last polls of each source, thirty of them: the next one takes the place of the oldest.
attempt = Table(
    "attempt",
    metadata,
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), primary_key=True),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("outcome", CleanText, nullable=False),
    Column("detail", CleanText, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("fresh", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
)

story = Table(
    "story",
    metadata,
    Column("id", Number, primary_key=True),
    Column("key", CleanText, nullable=False, unique=True),
    Column("headline", CleanText, nullable=False),
    Column("status", CleanText, nullable=False),
    Column("title", CleanText),  # the best headline that an outlet gave it, and its language
    Column("title_lang", CleanText),
    Column("opened_at", Instant, nullable=False),
    Column("opened_by", Number, index=True),  # the article that opened it; where that is now, is the story that an old key leads to
    Column("first_report_at", Instant, nullable=False),
    Column("last_report_at", Instant, nullable=False, index=True),
    Column("updated_at", Instant, nullable=False),
    Column("retired_at", Instant),  # when its last article went to another story
    Column("unsettled_at", Instant),  # since when the repair job should look at it
    Index(
        "ix_story_unsettled",
        "unsettled_at",
        sqlite_where=text("unsettled_at IS NOT NULL"),
        postgresql_where=text("unsettled_at IS NOT NULL"),
    ),
)

article = Table(
    "article",
    metadata,
    Column("id", Number, primary_key=True),
    Column("canonical_url", CleanText, nullable=False, unique=True),  # to compare
    Column("url", CleanText, nullable=False),  # to fetch and to show
    Column("resolved_url", CleanText),  # to compare: what the page itself says its address is, by redirect or canonical link
    Column("source_id", ForeignKey("source.id"), nullable=False),
    Column("title", CleanText, nullable=False),
    Column("summary", CleanText, nullable=False),
    Column("published_at", Instant),
    Column("first_seen_at", Instant, nullable=False, index=True),
    Column("state", CleanText, nullable=False),
    Column("next_try_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_owner", CleanText),
    Column("lease_until", Instant),
    Column("reason", CleanText),
    Column("judged_at", Instant),
    Column("origin", CleanText),
    Column("lang", CleanText),
    Column("outlet", CleanText),
    Column("country", CleanText),
    Column("score", Float),
    Column("finding", CleanJson),
    Column("signature", CleanJson),
    Column("text", CleanText),
    Column("story_id", ForeignKey("story.id"), index=True),
    Column("reported_at", Instant),
    Column("copy_of", ForeignKey("article.id"), index=True),
    Column("why", CleanText),
    Column("page_wanted", Boolean, nullable=False, server_default=false()),  # flagged by its entry alone, its page still to be had
    CheckConstraint("state IN ('waiting', 'flagged', 'clear', 'rejected')", name="state"),
    # Partial: few have one, and a database that knows so takes an index over all the others for useless.
    Index(
        "ix_article_resolved_url",
        "resolved_url",
        sqlite_where=text("resolved_url IS NOT NULL"),
        postgresql_where=text("resolved_url IS NOT NULL"),
    ),
    Index(
        "ix_article_page_wanted",
        "next_try_at",
        sqlite_where=text("page_wanted"),
        postgresql_where=text("page_wanted"),
    ),
    Index(
        "ix_article_waiting",
        "published_at",
        "first_seen_at",
        "id",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(
        "ix_article_kept_text",
        "first_seen_at",
        sqlite_where=text("state = 'clear' AND text IS NOT NULL"),
        postgresql_where=text("state = 'clear' AND text IS NOT NULL"),
    ),
)

sighting = Table(
    "sighting",
    metadata,
    Column("source_id", ForeignKey("source.id"), primary_key=True),
    Column("guid", CleanText, primary_key=True),
    Column("article_id", ForeignKey("article.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("seen_at", Instant, nullable=False),
)

band = Table(
    "band",
    metadata,
    Column("hash", Number, primary_key=True, autoincrement=False),
    Column("article_id", ForeignKey("article.id", ondelete="CASCADE"), primary_key=True, index=True),
)

story_victim = Table(
    "story_victim",
    metadata,
    Column("story_id", ForeignKey("story.id", ondelete="CASCADE"), primary_key=True),
    Column("victim_id", CleanText, primary_key=True, index=True),
    Column("position", Integer, nullable=False),
    Column("name", CleanText, nullable=False),
    Column("country", CleanText),
    Column("sector", CleanText, nullable=False),
)

# Countries, attacks and actors of a story in one table: each is a short ordered list of words that people filter by.
story_label = Table(
    "story_label",
    metadata,
    Column("story_id", ForeignKey("story.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", CleanText, primary_key=True),
    Column("value", CleanText, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("basis", CleanText),  # of an actor: does it claim the attack, or is it blamed
    Column("said_by", CleanText),  # of an actor: the outlets that name it
    CheckConstraint("kind IN ('country', 'attack', 'actor')", name="kind"),
    Index(None, "kind", "value"),
)

# By what stories of one time are found, however many there are of others: a country's week (`AL@2817`), a group's season in a country
# (`AL LockBit@438`).
story_mark = Table(
    "story_mark",
    metadata,
    Column("mark", CleanText, primary_key=True),
    Column("story_id", ForeignKey("story.id", ondelete="CASCADE"), primary_key=True, index=True),
)

# What people decided about a story. Of each kind, the latest row that was not undone is in force; rows never change otherwise.
decision = Table(
    "decision",
    metadata,
    Column("id", Number, primary_key=True),
    Column("story_id", ForeignKey("story.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", CleanText, nullable=False),
    Column(
        "detail", CleanText, nullable=False, server_default=""
    ),  # the words of a note; keys of merged stories; numbers of parted articles
    Column("author", CleanText, nullable=False),
    Column("at", Instant, nullable=False),
    Column("undone_at", Instant),
    Column("undone_by", CleanText),
    CheckConstraint("kind IN ('confirmed', 'rejected', 'muted', 'merged', 'split', 'noted')", name="kind"),
)

# The articles that a person said belong together: those of one side do, those of different sides of one decision do not.
decision_article = Table(
    "decision_article",
    metadata,
    Column("decision_id", ForeignKey("decision.id", ondelete="CASCADE"), primary_key=True),
    Column("article_id", ForeignKey("article.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("side", Integer, nullable=False),
)

change = Table(
    "change",
    metadata,
    Column("id", Number, primary_key=True),
    Column("story_id", ForeignKey("story.id", ondelete="CASCADE"), nullable=False),
    Column("article_id", ForeignKey("article.id"), nullable=False, index=True),
    Column("kind", CleanText, nullable=False),
    Column("detail", CleanText, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("story_id", "kind", "detail"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("number", Number, primary_key=True),
    Column("id", CleanText, nullable=False, unique=True),
    Column("story_id", ForeignKey("story.id", ondelete="CASCADE")),  # none: it tells of the monitor itself
    Column("subscriber", CleanText, nullable=False),
    Column("channel", CleanText, nullable=False),
    Column("kind", CleanText, nullable=False),
    Column("detail", CleanText, nullable=False),
    Column("alert", CleanJson, nullable=False),
    Column("state", CleanText, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("next_try_at", Instant, nullable=False),
    Column("lease_owner", CleanText),
    Column("lease_until", Instant),
    Column("sent_at", Instant),
    Column("reason", CleanText),
    CheckConstraint("state IN ('waiting', 'sent', 'given_up')", name="state"),
    UniqueConstraint("story_id", "subscriber", "channel", "kind", "detail"),
    Index(
        "ix_delivery_waiting",
        "next_try_at",
        "number",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
)
