"""Stories can be merged and split, by the repair job and by people; an article knows the address that its page gives itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
instant = sa.DateTime(timezone=True)
unsettled = sa.text("unsettled_at IS NOT NULL")
kinds = sa.text("kind IN ('confirmed', 'rejected', 'muted', 'merged', 'split', 'noted')")


def upgrade() -> None:
    op.execute("DROP VIEW stories")
    for name, kind in (
        ("title", sa.Text()),
        ("title_lang", sa.Text()),
        ("opened_by", number),
        ("retired_at", instant),
        ("unsettled_at", instant),
    ):
        op.add_column("story", sa.Column(name, kind))
    op.create_index("ix_story_opened_by", "story", ["opened_by"])
    op.create_index("ix_story_unsettled", "story", ["unsettled_at"], sqlite_where=unsettled, postgresql_where=unsettled)
    op.add_column("article", sa.Column("resolved_url", sa.Text()))
    op.create_index("ix_article_resolved_url", "article", ["resolved_url"])
    for name in ("basis", "said_by"):
        op.add_column("story_label", sa.Column(name, sa.Text()))
    op.create_table(
        "story_mark",
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("story_id", number, nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name="fk_story_mark_story_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("mark", "story_id", name="pk_story_mark"),
    )
    op.create_index("ix_story_mark_story_id", "story_mark", ["story_id"])
    _decisions()
    _fill()
    join = "group_concat" if _sqlite() else "string_agg"
    for view in (_stories(join), REDIRECTS, ACTORS, DECISIONS):
        op.execute(view)


def _decisions() -> None:
    with op.batch_alter_table("decision") as table:
        table.drop_constraint("ck_decision_verdict", type_="check")
        table.alter_column("verdict", new_column_name="kind")
        table.add_column(sa.Column("detail", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("decision") as table:
        table.create_check_constraint("ck_decision_kind", kinds)
    op.create_table(
        "decision_article",
        sa.Column("decision_id", number, nullable=False),
        sa.Column("article_id", number, nullable=False),
        sa.Column("side", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name="fk_decision_article_decision_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_decision_article_article_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("decision_id", "article_id", name="pk_decision_article"),
    )
    op.create_index("ix_decision_article_article_id", "decision_article", ["article_id"])


def _fill() -> None:
    """Each story was opened by the article of its first change, whose title is the best we know without reading findings."""
    op.execute("UPDATE story SET opened_by = (SELECT article_id FROM change WHERE story_id = story.id AND kind = 'opened')")
    op.execute("UPDATE story SET title = (SELECT title FROM article WHERE id = story.opened_by)")
    op.execute("UPDATE story SET title_lang = (SELECT lang FROM article WHERE id = story.opened_by)")
    for mark, days in (("c.value", 7), ("c.value || ' ' || a.value", 45)):
        op.execute(_marks(mark, days))
    # Who confirmed or rejected a story meant the reports that it has.
    op.execute(
        "INSERT INTO decision_article (decision_id, article_id, side) "
        "SELECT d.id, a.id, 0 FROM decision AS d JOIN article AS a ON a.story_id = d.story_id"
    )


def _sqlite() -> bool:
    return bool(op.get_bind().dialect.name == "sqlite")


def _marks(name: str, days: int) -> str:
    """The marks of stories in each stretch of so many days since 1970 in which they were told: of country `c`, or of it and actor `a`."""
    seconds = "CAST(strftime('%s', r.reported_at) AS INTEGER)" if _sqlite() else "CAST(floor(extract(epoch FROM r.reported_at)) AS bigint)"
    actors = "JOIN story_label AS a ON a.story_id = c.story_id AND a.kind = 'actor'" if "a.value" in name else ""
    return f"""
        INSERT INTO story_mark (mark, story_id)
        SELECT DISTINCT {name} || '@' || ({seconds} / ({days} * 86400)), c.story_id
        FROM story_label AS c JOIN article AS r ON r.story_id = c.story_id {actors}
        WHERE c.kind = 'country' AND r.reported_at IS NOT NULL
    """  # noqa: S608 - all parts stand in this file


def _stories(join: str) -> str:
    def joined(rows: str, separator: str = ", ") -> str:
        return f"(SELECT {join}(value, '{separator}') FROM ({rows}) AS listed)"  # noqa: S608 - all parts stand in this file

    def labels(kind: str) -> str:
        return joined(f"SELECT value FROM story_label WHERE story_id = s.id AND kind = '{kind}' ORDER BY position")  # noqa: S608 - likewise

    # From here on a report is an article with words of its own; what repeats another's is a copy.
    own = "FROM article AS a WHERE a.story_id = s.id AND a.copy_of IS NULL"
    held = "FROM decision AS d WHERE d.story_id = s.id AND d.undone_at IS NULL AND d.kind"
    return f"""
        CREATE VIEW stories AS SELECT
            s.key AS story,
            s.headline,
            s.status,
            s.opened_at,
            s.first_report_at,
            s.last_report_at,
            {labels("country")} AS countries,
            {joined("SELECT name AS value FROM story_victim WHERE story_id = s.id ORDER BY position", "; ")} AS victims,
            {joined("SELECT DISTINCT sector AS value FROM story_victim WHERE story_id = s.id ORDER BY value")} AS sectors,
            {labels("attack")} AS attacks,
            {labels("actor")} AS actors,
            (SELECT count(*) {own}) AS reports,
            (SELECT count(*) FROM article AS a WHERE a.story_id = s.id AND a.copy_of IS NOT NULL) AS copies,
            (SELECT count(DISTINCT a.outlet) {own}) AS outlets,
            {joined("SELECT DISTINCT lang AS value FROM article WHERE story_id = s.id ORDER BY value")} AS languages,
            s.title,
            s.title_lang AS title_language,
            (SELECT d.kind {held} IN ('confirmed', 'rejected') ORDER BY d.id DESC LIMIT 1) AS decision,
            EXISTS (SELECT 1 {held} = 'muted') AS muted
        FROM story AS s
        WHERE s.retired_at IS NULL
    """  # noqa: S608 - likewise


REDIRECTS = """
    CREATE VIEW redirects AS SELECT
        old.key AS story,
        now.key AS now,
        old.retired_at AS since
    FROM story AS old JOIN article AS a ON a.id = old.opened_by JOIN story AS now ON now.id = a.story_id
    WHERE old.retired_at IS NOT NULL
"""

ACTORS = """
    CREATE VIEW actors AS SELECT
        s.key AS story,
        s.headline,
        l.value AS actor,
        l.basis,
        l.said_by,
        s.first_report_at
    FROM story_label AS l JOIN story AS s ON s.id = l.story_id
    WHERE l.kind = 'actor' AND s.retired_at IS NULL
"""

DECISIONS = """
    CREATE VIEW decisions AS SELECT
        s.key AS story,
        s.headline,
        d.kind AS decision,
        d.detail,
        d.author,
        d.at,
        d.undone_at,
        d.undone_by
    FROM decision AS d JOIN story AS s ON s.id = d.story_id
"""
