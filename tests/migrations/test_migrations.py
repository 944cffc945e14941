"""Migrations make the schema the program writes, on both databases, keep what is stored, and say plainly what they cannot mend."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from monitor.errors import ConfigError, MonitorError, SchemaError
from monitor.model import Decided, Placement, Ruling, Signature
from monitor.store import decisions, migrate, schema, stories, told, values
from monitor.store.decisions import Said
from monitor.store.engine import Store, engine, transaction
from monitor.store.engine import database_url as parsed
from monitor.store.schema import metadata
from monitor.stories.facts import summarise, timeline
from monitor.stories.place import place
from tests.contract.samples import DAY, PARLIAMENT, a_finding, a_report

# One row for every table, in an order that foreign keys allow.
AT = "2024-03-01 12:00:00+00:00"
ROWS: dict[str, dict[str, Any]] = {
    "source": {
        "id": 1,
        "key": "al.one",
        "name": "One",
        "kind": "feed",
        "url": "https://one.al/feed",
        "host": "one.al",
        "outlet": "one.al",
        "enabled": True,
        "why": "",
        "next_check_at": AT,
        "interval_seconds": 900.0,
        "failures": 0.0,
        "polls": 3,
    },
    "attempt": {"source_id": 1, "slot": 3, "at": AT, "outcome": "dns", "detail": "no such name", "entries": 0, "fresh": 0, "seconds": 0.5},
    "story": {
        "id": 1,
        "key": "story-1",
        "headline": "One hit",
        "status": "claimed",
        "opened_at": AT,
        "first_report_at": AT,
        "last_report_at": AT,
        "updated_at": AT,
    },
    "article": {
        "id": 1,
        "canonical_url": "https://one.al/1",
        "url": "https://one.al/1",
        "source_id": 1,
        "title": "Një",
        "summary": "",
        "first_seen_at": AT,
        "state": "flagged",
        "next_try_at": AT,
        "attempts": 0,
        "story_id": 1,
    },
    "sighting": {"source_id": 1, "guid": "1", "article_id": 1, "seen_at": AT},
    "band": {"hash": -5, "article_id": 1},
    "story_victim": {"story_id": 1, "victim_id": "al-one", "position": 0, "name": "One", "sector": "bank"},
    "story_mark": {"mark": "AL@2826", "story_id": 1},
    "story_label": {"story_id": 1, "kind": "country", "value": "AL", "position": 0},
    "change": {"id": 1, "story_id": 1, "article_id": 1, "kind": "opened", "detail": "", "at": AT},
    "delivery": {
        "number": 1,
        "id": "d1",
        "story_id": 1,
        "subscriber": "desk",
        "channel": "email",
        "kind": "opened",
        "detail": "",
        "alert": "{}",
        "state": "sent",
        "attempts": 1,
        "created_at": AT,
        "next_try_at": AT,
    },
    "decision": {"id": 1, "story_id": 1, "kind": "confirmed", "author": "ana", "at": AT},
    "decision_article": {"decision_id": 1, "article_id": 1, "side": 0},
}
NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)
LONG_AGO = datetime(1969, 12, 30, 12, tzinfo=UTC)
FINDING = a_finding(PARLIAMENT, countries=("AL", "XK"))
# Of version 0003, by number: of which story, when, and which it copies.
OLD_ARTICLES = {1: (1, NOW, None), 2: (1, NOW + timedelta(days=40), None), 3: (1, NOW + timedelta(hours=1), 1), 4: (2, LONG_AGO, None)}
OLD_SOURCE = f"INSERT INTO source ({', '.join(ROWS['source'])}) VALUES (:{', :'.join(ROWS['source'])})"  # noqa: S608 - our own names
LATER = {"attempt", "decision", "decision_article", "story_mark"}  # not of the first version


def in_transaction(url: str, work: Callable[[Connection], Any]) -> Any:
    made = engine(parsed(url), migrating=True)
    try:
        with transaction(made, writes=True) as c:
            return work(c)
    finally:
        made.dispose()


def run(url: str, *statements: str) -> None:
    in_transaction(url, lambda c: [c.execute(text(each)) for each in statements])


def count_rows(c: Connection) -> dict[str, int]:
    return {table: c.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in ROWS}  # noqa: S608 - our own names


def fill(c: Connection) -> None:
    """One row into every table that there is yet."""
    there = set(inspect(c).get_table_names())
    for table, row in ((table, row) for table, row in ROWS.items() if table in there):
        marks = ", ".join(f"CAST(:{name} AS json)" if name == "alert" and c.dialect.name != "sqlite" else f":{name}" for name in row)
        c.execute(text(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"), row)  # noqa: S608 - our own names


def scripts_with(folder: Path, body: str) -> Callable[[Connection], Config]:
    """The configuration of our migrations followed by one more."""
    shutil.copytree(Path(str(migrate.config().get_main_option("script_location"))), folder)
    head = ScriptDirectory.from_config(migrate.config()).get_current_head()
    (folder / "versions" / "9999_next.py").write_text(
        f"import sqlalchemy as sa\nfrom alembic import op\nrevision = '9999'\ndown_revision = '{head}'\n"
        f"branch_labels = depends_on = None\ndef upgrade():\n{body}"
    )

    def config(c: Connection) -> Config:
        made = migrate.config(c)
        made.set_main_option("script_location", str(folder))
        return made

    return config


def test_schema_of_the_program_equals_the_migrations(database_url: str) -> None:
    in_transaction(database_url, lambda c: command.check(migrate.config(c)))


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory.from_config(migrate.config()).get_heads()) == 1


def test_a_new_database_becomes_current_and_stays_so(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    migrate.check(empty_url)
    migrate.upgrade(empty_url)
    migrate.check(empty_url)


def test_every_table_has_a_row_to_migrate() -> None:
    assert ROWS.keys() == metadata.tables.keys()


def test_an_upgrade_from_the_first_version_keeps_every_row(empty_url: str) -> None:
    in_transaction(empty_url, lambda c: command.upgrade(migrate.config(c), "0001"))
    in_transaction(empty_url, fill)
    migrate.upgrade(empty_url)
    migrate.check(empty_url)
    assert in_transaction(empty_url, count_rows) == {table: int(table not in LATER) for table in ROWS}


def old_stories(c: Connection) -> None:
    """What version 0003 kept of a story of two reports and a copy, on which people decided, and of one that was told before 1970."""
    c.execute(text(OLD_SOURCE), ROWS["source"])
    judged = {"finding": values.finding_json(FINDING), "signature": {"bands": [1], "digest": [1, 2, 3], "words": ["kuvend"]}}
    for number, (story_id, at, copy_of) in OLD_ARTICLES.items():
        if copy_of is None and number != 2:
            times = {"opened_at": at, "first_report_at": at, "last_report_at": at, "updated_at": at}
            c.execute(insert(schema.story).values(id=story_id, key=f"story-{story_id}", headline="One hit", status="claimed", **times))
        seen = {"published_at": at, "first_seen_at": at, "next_try_at": at, "reported_at": at, "attempts": 0, "state": "flagged"}
        told = {"url": f"https://one.al/{number}", "title": f"Title {number}", "summary": "", "lang": "sq", "outlet": "one.al"}
        place = {"story_id": story_id, "copy_of": copy_of, "why": "same victim", "score": 4.5}
        row = {"id": number, "source_id": 1, "canonical_url": told["url"]} | seen | told | place | judged
        c.execute(insert(schema.article).values(row))
    for story_id in (1, 2):
        labels = [("country", "AL"), ("country", "XK"), ("attack", "wiper"), ("actor", "Homeland Justice")]
        rows = [{"story_id": story_id, "kind": kind, "value": value, "position": at} for at, (kind, value) in enumerate(labels)]
        c.execute(insert(schema.story_label).values(rows))
        opened = {"story_id": story_id, "article_id": 1 if story_id == 1 else 4, "kind": "opened", "detail": "", "at": NOW}
        c.execute(insert(schema.change).values(opened))
    victim = {"story_id": 1, "victim_id": PARLIAMENT.id, "position": 0, "name": PARLIAMENT.name, "country": "AL", "sector": "parliament"}
    c.execute(insert(schema.story_victim).values(victim))
    columns = "story_id, verdict, author, at, undone_at, undone_by"
    for verdict, author, undone, by in (("rejected", "bob", AT, "ana"), ("confirmed", "ana", None, None)):
        row = {"verdict": verdict, "author": author, "at": AT, "undone": undone, "by": by}
        c.execute(text(f"INSERT INTO decision ({columns}) VALUES (1, :verdict, :author, :at, :undone, :by)"), row)  # noqa: S608 - our own names


@pytest.fixture
def upgraded(empty_url: str) -> Iterator[Store]:
    """A store that was filled as version 0003 and then upgraded."""
    in_transaction(empty_url, lambda c: command.upgrade(migrate.config(c), "0003"))
    in_transaction(empty_url, old_stories)
    migrate.upgrade(empty_url)
    with Store(empty_url) as store:
        yield store


def marks(c: Connection, story_id: int) -> list[str]:
    return sorted(c.scalars(select(schema.story_mark.c.mark).where(schema.story_mark.c.story_id == story_id)))


def test_stories_of_version_0003_are_found_by_their_first_article_and_have_its_title(upgraded: Store) -> None:
    first, old = sorted(upgraded.read_now(stories.everything), key=lambda each: each.key)
    assert (first.opened_by, [report.id for report in first.reports]) == ("1", ["1", "3", "2"])
    assert (old.opened_by, old.last_at) == ("4", LONG_AGO)
    assert {each.key: (each.title, each.title_lang) for each in upgraded.read_now(told.listing)} == {
        "story-1": ("Title 1", "sq"),
        "story-2": ("Title 4", "sq"),
    }


def test_stories_of_version_0003_are_marked_as_they_will_be_when_they_are_written_again(upgraded: Store) -> None:
    def again(c: Connection) -> tuple[list[str], list[str]]:
        before = marks(c, 1)
        (standing,) = stories.by_key(c, ["story-1"])
        story = summarise(standing)
        stories.rewrite(c, story, timeline(story), NOW)
        return before, marks(c, 1)

    before, after = upgraded.write_now(again)
    assert before == after
    assert len(before) == 8  # two countries: two weeks and, of one group, two seasons


def test_stories_of_version_0003_are_joined_by_new_reports(upgraded: Store) -> None:
    def join(c: Connection) -> Placement:
        row = {**ROWS["article"], "id": 9, "canonical_url": "https://one.al/9", "url": "https://one.al/9", "story_id": None}
        times = dict.fromkeys(("first_seen_at", "next_try_at"), NOW)
        judged = {"finding": values.finding_json(FINDING), "signature": values.signature_json(Signature()), "outlet": "one.al"}
        c.execute(insert(schema.article).values(row | times | judged))
        report = a_report(9, FINDING, at=NOW + DAY)
        placement = place(report, stories.candidates(c, report))
        stories.save(c, placement, NOW + DAY)
        return placement

    placement = upgraded.write_now(join)
    assert (placement.story.key, placement.opened) == ("story-1", False)
    assert placement.story.decided == Decided("confirmed")


def test_decisions_of_version_0003_hold_and_bind_the_articles_of_their_stories(upgraded: Store) -> None:
    history = upgraded.read_now(lambda c: decisions.of_story(c, "story-1"))
    assert [(each.kind, each.detail, each.author, each.undone_by) for each in history] == [
        ("confirmed", "", "ana", None),
        ("rejected", "", "bob", "ana"),
    ]
    assert {each.key: each.decided for each in upgraded.read_now(told.listing)} == {"story-1": Decided("confirmed"), "story-2": Decided()}
    assert upgraded.read_now(lambda c: stories.rulings(c, ["story-1"])) == [Ruling((frozenset({"1", "2", "3"}),))]
    assert upgraded.write_now(lambda c: decisions.undo(c, "story-1", "bob", NOW)) == "confirmed"
    assert upgraded.read_now(lambda c: stories.rulings(c, ["story-1"])) == []
    for kind in ("muted", "merged", "split", "noted"):
        assert upgraded.write_now(lambda c, kind=kind: decisions.decide(c, "story-1", Said(kind, "ana", NOW)))  # type: ignore[misc]  # the default binds kind


def test_a_decision_of_no_known_kind_is_refused_after_the_upgrade(upgraded: Store) -> None:
    with pytest.raises(IntegrityError):
        upgraded.write_now(lambda c: decisions.decide(c, "story-1", Said("doubted", "ana", NOW)))  # type: ignore[arg-type]  # it is wrong


def test_views_tell_what_version_0003_kept(upgraded: Store) -> None:
    def rows(query: str) -> list[tuple[Any, ...]]:
        return upgraded.read_now(lambda c: [tuple(row) for row in c.execute(text(query))])

    assert rows("SELECT story, title, decision, muted, reports, copies FROM stories ORDER BY story") == [
        ("story-1", "Title 1", "confirmed", False, 2, 1),
        ("story-2", "Title 4", None, False, 1, 0),
    ]
    assert rows("SELECT story, actor, basis, said_by FROM actors WHERE story = 'story-1'") == [("story-1", "Homeland Justice", None, None)]
    assert rows("SELECT decision, author FROM decisions ORDER BY author") == [("confirmed", "ana"), ("rejected", "bob")]
    counted = {view: len(rows(f"SELECT * FROM {view}")) for view in ("reports", "victims", "changes", "redirects", "deliveries")}  # noqa: S608 - our own names
    assert counted == {"reports": 4, "victims": 1, "changes": 2, "redirects": 0, "deliveries": 0}


def test_rebuilding_a_parent_table_keeps_the_rows_of_its_children(database_url: str, tmp_path: Path) -> None:
    body = "    with op.batch_alter_table('story') as batch:\n        batch.alter_column('headline', new_column_name='told_as')\n"
    config = scripts_with(tmp_path / "scripts", body)
    run(
        database_url,
        *(f"DROP VIEW {view}" for view in ("stories", "reports", "victims", "changes", "deliveries", "redirects", "actors", "decisions")),
    )
    in_transaction(database_url, fill)
    in_transaction(database_url, lambda c: command.upgrade(config(c), "head"))
    assert in_transaction(database_url, count_rows) == dict.fromkeys(ROWS, 1)


def test_a_failing_migration_leaves_nothing(database_url: str, tmp_path: Path) -> None:
    begun = "    op.create_table('half', sa.Column('id', sa.Integer))\n    op.execute('DELETE FROM delivery')\n"
    body = f"{begun}    raise LookupError('half way')\n"
    config = scripts_with(tmp_path / "scripts", body)
    in_transaction(database_url, fill)
    with pytest.raises(LookupError, match="half way"):
        in_transaction(database_url, lambda c: command.upgrade(config(c), "head"))
    assert in_transaction(database_url, lambda c: inspect(c).has_table("half")) is False
    assert in_transaction(database_url, count_rows) == dict.fromkeys(ROWS, 1)
    migrate.check(database_url)


def test_several_programs_may_migrate_at_once(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate.upgrade, [empty_url] * 4))
    migrate.check(empty_url)


def test_an_empty_database_is_named_so(empty_url: str) -> None:
    with pytest.raises(SchemaError, match="run `monitor migrate`"):
        migrate.check(empty_url)


def test_asking_about_a_missing_file_makes_none(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="no such database yet"):
        migrate.check(f"sqlite:///{tmp_path}/new/monitor.db")
    assert list(tmp_path.iterdir()) == []


def test_an_older_schema_is_named_so(empty_url: str) -> None:
    in_transaction(empty_url, lambda c: command.upgrade(migrate.config(c), "0001"))
    with pytest.raises(SchemaError, match=r"older than this program \(version 0001, needed \d+\): run `monitor migrate`"):
        migrate.check(empty_url)


@pytest.mark.parametrize("act", [migrate.check, migrate.upgrade])
def test_a_newer_schema_is_refused(database_url: str, act: Callable[[str], None]) -> None:
    run(database_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaError, match=r"newer program \(version 9999, .*update the program"):
        act(database_url)


@pytest.mark.parametrize("act", [migrate.check, migrate.upgrade])
@pytest.mark.parametrize(
    "harm",
    ["DELETE FROM alembic_version", "DROP TABLE alembic_version", "DROP TABLE band", "INSERT INTO alembic_version VALUES ('0001')"],
)
def test_a_half_migrated_schema_is_refused(database_url: str, harm: str, act: Callable[[str], None]) -> None:
    run(database_url, harm)
    with pytest.raises(SchemaError, match=r"half migrated.*restore the last backup"):
        act(database_url)


def test_a_migration_may_not_leave_rows_that_refer_to_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/monitor.db"
    in_transaction(url, lambda c: command.upgrade(migrate.config(c), "0001"))
    in_transaction(url, lambda c: c.execute(insert(metadata.tables["band"]).values(hash=1, article_id=12345)))
    with pytest.raises(MonitorError, match="rows of band that refer to missing rows of article"):
        migrate.upgrade(url)
    with pytest.raises(SchemaError, match="version 0001"):
        migrate.check(url)


@pytest.mark.parametrize("act", [migrate.check, migrate.upgrade])
def test_an_unreachable_server_and_a_wrong_url_are_sentences(act: Callable[[str], None]) -> None:
    with pytest.raises(MonitorError, match="database postgresql"):
        act("postgres://u:secret@127.0.0.1:1/d")
    with pytest.raises(ConfigError, match=r"database\.url"):
        act("oracle://somewhere")
