"""The public views: plain names, the same columns on both databases. They change only by migration, with a line in the CHANGELOG."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    join = "group_concat" if op.get_bind().dialect.name == "sqlite" else "string_agg"
    op.execute(_stories(join))
    for view in (REPORTS, VICTIMS, CHANGES, SOURCES, DELIVERIES):
        op.execute(view)


def _stories(join: str) -> str:
    def joined(rows: str, separator: str = ", ") -> str:
        return f"(SELECT {join}(value, '{separator}') FROM ({rows}) AS listed)"  # noqa: S608 - all parts stand in this file

    def labels(kind: str) -> str:
        return joined(f"SELECT value FROM story_label WHERE story_id = s.id AND kind = '{kind}' ORDER BY position")  # noqa: S608 - likewise

    # From here on a report is an article with words of its own; what repeats another's is a copy.
    own = "FROM article AS a WHERE a.story_id = s.id AND a.copy_of IS NULL"
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
            {joined("SELECT DISTINCT lang AS value FROM article WHERE story_id = s.id ORDER BY value")} AS languages
        FROM story AS s
    """  # noqa: S608 - likewise


REPORTS = """
    CREATE VIEW reports AS SELECT
        s.key AS story,
        s.headline,
        a.url,
        a.title,
        a.outlet,
        a.country,
        a.lang AS language,
        a.published_at,
        a.first_seen_at,
        a.score,
        original.url AS copy_of,
        a.why,
        a.origin AS read_from,
        a.text
    FROM article AS a JOIN story AS s ON s.id = a.story_id LEFT JOIN article AS original ON original.id = a.copy_of
"""

VICTIMS = """
    CREATE VIEW victims AS SELECT
        s.key AS story,
        s.headline,
        v.victim_id AS victim,
        v.name,
        v.country,
        v.sector,
        s.first_report_at
    FROM story_victim AS v JOIN story AS s ON s.id = v.story_id
"""

CHANGES = """
    CREATE VIEW changes AS SELECT
        s.key AS story,
        s.headline,
        c.kind,
        c.detail,
        c.at,
        a.url,
        a.outlet
    FROM change AS c JOIN story AS s ON s.id = c.story_id JOIN article AS a ON a.id = c.article_id
"""

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
        trouble
    FROM source
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
    FROM delivery AS d JOIN story AS s ON s.id = d.story_id
"""
