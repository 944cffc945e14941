"""Stories on both databases as placement uses them: found by what they share, saved as often as one likes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, event, insert, select

from monitor.model import UNNAMED, Article, Change, Decided, Finding, Report, Signature, Standing, Victim
from monitor.store import decisions, stories, told
from monitor.store.decisions import Said
from monitor.store.engine import Store
from monitor.store.schema import article, change, story, story_mark
from monitor.stories import tie
from monitor.stories.place import place
from monitor.stories.signature import sign
from tests.contract.samples import (
    AIRLINE,
    DAY,
    HOSPITAL,
    HOUR,
    NO_SIGNATURE,
    NOW,
    PARLIAMENT,
    a_finding,
    a_flagged_article,
    a_joined_report,
    a_placement,
    a_report,
    a_signature,
    a_source_id,
    a_standing,
    a_stored_report,
    a_story,
    an_opened_story,
)

YEAR = 365 * DAY


def candidates(store: Store, finding: Finding, signature: Signature = NO_SIGNATURE, at: datetime = NOW) -> list[Standing]:
    return store.write_now(lambda c: stories.candidates(c, a_report(999, finding, signature, at)))


def candidate_keys(store: Store, finding: Finding, signature: Signature = NO_SIGNATURE, at: datetime = NOW) -> list[str]:
    return sorted(each.key for each in candidates(store, finding, signature, at))


def bare(report: Report) -> Report:
    """A report without what placement does not ask of the store: why it was flagged, and what it was found by."""
    return replace(report, finding=replace(report.finding, reasons=()), signature=replace(report.signature, bands=()))


def standing(store: Store, key: str) -> Standing:
    (only,) = store.read_now(lambda c: stories.by_key(c, [key]))
    return only


@pytest.fixture
def stocked(store: Store) -> Store:
    """Three stories: two in Albania with different victims, one in Romania whose text has bands."""

    def fill(c: Connection) -> None:
        a_source_id(c)
        an_opened_story(c, 1, a_finding(PARLIAMENT, countries=("AL",)))
        an_opened_story(c, 2, a_finding(AIRLINE, countries=("AL", "XK")), at=NOW - 10 * DAY)
        an_opened_story(c, 3, a_finding(HOSPITAL, countries=("RO",)), a_signature(11, 2**63 + 12))

    store.write_now(fill)
    return store


def test_the_store_looks_as_far_as_the_rules_of_placement_tie() -> None:
    assert max(tie._HIT, tie._FOLLOW_UP, tie._FOLLOW_UP_BY_NAMES, tie._BROAD_FOLLOW_UP) <= stories.REACH
    by_names = [gap for _, gap in (*tie._NAMES, *tie._NAMES_ALONE)]
    assert max(tie.CAMPAIGN, tie._ONE_ACTOR, tie._UNNAMED_WITHIN, *by_names) <= stories.COUNTRY_REACH
    assert tie.WEEKS <= stories.ACTOR_REACH
    assert tie.COPY_WITHIN <= stories.TEXT_REACH


def test_candidates_share_a_victim(stocked: Store) -> None:
    assert candidate_keys(stocked, a_finding(AIRLINE)) == ["story-2"]


def test_candidates_share_a_country(stocked: Store) -> None:
    assert candidate_keys(stocked, a_finding(countries=("AL", "MK"))) == ["story-1", "story-2"]
    assert candidate_keys(stocked, a_finding(countries=("XK",))) == ["story-2"]


def test_candidates_share_a_stretch_of_text(stocked: Store) -> None:
    assert candidate_keys(stocked, a_finding(), a_signature(2**63 + 12)) == ["story-3"]
    assert candidate_keys(stocked, a_finding(), a_signature(12)) == []


def test_a_candidate_comes_once_however_much_it_shares(stocked: Store) -> None:
    everything = a_finding(PARLIAMENT, HOSPITAL, countries=("RO", "AL"))
    assert candidate_keys(stocked, everything, a_signature(11)) == ["story-1", "story-2", "story-3"]


def test_who_shares_nothing_has_no_candidates(stocked: Store) -> None:
    assert candidate_keys(stocked, a_finding(countries=("GR",)), a_signature(99)) == []
    assert candidate_keys(stocked, a_finding()) == []


@pytest.mark.parametrize(
    ("finding", "signature", "near", "far"),
    [
        (a_finding(HOSPITAL), NO_SIGNATURE, 2 * YEAR, 9 * YEAR),
        (a_finding(countries=("RO",)), NO_SIGNATURE, 5 * DAY, YEAR),
        (a_finding(), a_signature(11), 5 * DAY, YEAR),
    ],
    ids=["victim", "country", "text"],
)
@pytest.mark.parametrize("sign", [1, -1], ids=["later", "earlier"])
def test_candidates_are_near_in_time(
    stocked: Store, finding: Finding, signature: Signature, near: timedelta, far: timedelta, sign: int
) -> None:
    assert candidate_keys(stocked, finding, signature, NOW + sign * near) == ["story-3"]
    assert candidate_keys(stocked, finding, signature, NOW + sign * far) == []


def test_a_story_is_near_whose_last_report_is(stocked: Store) -> None:
    def join(c: Connection) -> None:
        (opened,) = stories.by_key(c, ["story-3"])
        report = a_stored_report(c, 4, a_finding(HOSPITAL, countries=("RO",)), at=NOW + 2 * YEAR)
        a_joined_report(c, a_story("story-3", *opened.reports), report)

    stocked.write_now(join)
    assert candidate_keys(stocked, a_finding(HOSPITAL), at=NOW + 4 * YEAR) == ["story-3"]
    assert candidate_keys(stocked, a_finding(countries=("RO",)), at=NOW + 2 * YEAR + DAY) == ["story-3"]
    assert candidate_keys(stocked, a_finding(countries=("RO",)), at=NOW + YEAR) == []


def test_of_a_victims_many_stories_the_nearest_in_time_are_candidates(store: Store) -> None:
    def fill(c: Connection) -> None:
        a_source_id(c)
        for number in range(1, 61):
            an_opened_story(c, number, a_finding(PARLIAMENT), at=NOW + number * DAY)
        an_opened_story(c, 61, a_finding(AIRLINE), at=NOW - YEAR)

    store.write_now(fill)
    found = candidate_keys(store, a_finding(PARLIAMENT), at=NOW + 30 * DAY)
    assert {f"story-{number}" for number in range(20, 41)} <= set(found)
    assert len(found) < 60
    assert "story-61" in candidate_keys(store, a_finding(PARLIAMENT, AIRLINE), at=NOW + 30 * DAY)  # one victim hides no other's


def repeat(c: Connection, minutes: range) -> None:
    """Stories like the only one that is stored, each told at another minute before or after it."""
    told_of, told_by = (c.execute(select(table)).mappings().one() for table in (story, article))
    marks = c.scalars(select(story_mark.c.mark)).all()
    for number, minute in enumerate(minutes, start=1000):
        at = {"last_report_at": NOW + timedelta(minutes=minute)}
        c.execute(insert(story).values({**told_of, **at, "id": number, "key": f"false{minute}"}))
        c.execute(insert(article).values({**told_by, "id": number, "canonical_url": f"https://false.al/{number}", "story_id": number}))
        c.execute(insert(story_mark), [{"mark": mark, "story_id": number} for mark in marks])


def test_a_flood_of_stories_of_one_country_hides_no_story_of_the_victim_and_holds_nobody_up(store: Store) -> None:
    def fill(c: Connection) -> None:
        a_source_id(c)
        an_opened_story(c, 1, a_finding(AIRLINE, countries=("AL",)))
        repeat(c, range(-225, 225))
        an_opened_story(c, 2, a_finding(PARLIAMENT, countries=("AL",)), at=NOW - 12 * HOUR)

    store.write_now(fill)
    found = candidate_keys(store, a_finding(PARLIAMENT, countries=("AL",)))
    assert len(found) == 401
    assert {"story-1", "story-2", *(f"false{minute}" for minute in range(-150, 150))} <= set(found)


def test_an_article_without_story_is_no_candidate(store: Store) -> None:
    store.write_now(a_source_id)
    store.write_now(lambda c: a_flagged_article(c, 1, a_finding(PARLIAMENT), a_signature(5)))
    assert candidate_keys(store, a_finding(PARLIAMENT), a_signature(5)) == []


def test_candidates_come_without_copies(stocked: Store) -> None:
    def copy(c: Connection) -> None:
        (opened,) = stories.by_key(c, ["story-1"])
        a_joined_report(
            c,
            a_story("story-1", *opened.reports),
            a_stored_report(c, 4, a_finding(PARLIAMENT), a_signature(5), copy_of=opened.reports[0].id),
        )

    stocked.write_now(copy)
    (found,) = candidates(stocked, a_finding(PARLIAMENT))
    assert [each.url for each in found.reports] == ["https://one.al/news/1"]
    assert [each.url for each in standing(stocked, "story-1").reports] == ["https://one.al/news/1", "https://one.al/news/4"]
    assert candidate_keys(stocked, a_finding(), a_signature(5)) == ["story-1"]  # its text finds the story all the same


def test_a_story_comes_back_as_it_was_saved(store: Store) -> None:
    store.write_now(a_source_id)
    finding = replace(a_finding(PARLIAMENT, AIRLINE, countries=("XK", "AL"), reasons=3), kind="follow_up", again=True)
    saved = store.write_now(lambda c: an_opened_story(c, 1, finding, a_signature(2**64 - 1, 3, 3)))
    assert candidates(store, finding) == [replace(saved.standing, reports=(bare(saved.reports[0]),))]
    store.write_now(lambda c: decisions.decide(c, "story-1", Said("confirmed", "ana", NOW)))
    assert candidates(store, finding)[0].decided == Decided("confirmed")


@contextmanager
def statements(c: Connection) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def hear(_: object, __: object, statement: str, *___: object) -> None:
        asked.append(statement)

    event.listen(c.engine, "before_cursor_execute", hear)
    yield asked
    event.remove(c.engine, "before_cursor_execute", hear)


def test_a_placement_asks_for_candidates_three_times_at_most(stocked: Store) -> None:
    def work(c: Connection) -> list[str]:
        with statements(c) as asked:
            assert len(stories.candidates(c, a_report(9, a_finding(PARLIAMENT, AIRLINE, countries=("AL", "RO")), a_signature(11)))) == 3
        return asked

    asked = stocked.write_now(work)
    assert 0 < len(asked) <= 3
    assert all(each.lstrip().startswith("SELECT") for each in asked)


def test_a_placement_costs_no_more_statements_among_many_stories(store: Store) -> None:
    def place_one(c: Connection, number: int) -> int:
        report = a_stored_report(c, number, a_finding(PARLIAMENT, countries=("AL",)), at=NOW + number * HOUR)
        with statements(c) as asked:
            stories.save(c, place(report, stories.candidates(c, report)), NOW)
        return len(asked)

    def work(c: Connection) -> tuple[int, int]:
        a_source_id(c)
        place_one(c, 1)
        few = place_one(c, 2)
        for number in range(3, 30):
            an_opened_story(c, number, a_finding(AIRLINE, countries=("AL",)), at=NOW + number * HOUR)
        return few, place_one(c, 30)

    few, many = store.write_now(work)
    assert many <= few + 1  # which says that the report is tied to more than one story


def some_report(dice: random.Random, number: int) -> Report:
    victims = [PARLIAMENT, AIRLINE, Victim(f"al-{UNNAMED}airline", "an airline in Albania", "AL", "airline"), HOSPITAL]
    named = tuple(dice.sample(victims, dice.choice((0, 1, 1, 2))))
    countries = tuple(dict.fromkeys([victim.country or "" for victim in named] or [dice.choice(("AL", "RO"))]))
    at = NOW + timedelta(days=dice.choice((dice.uniform(0, 60), dice.uniform(0, 1500))))
    text = " ".join(dice.choice(("Kuvendi", "server", "Iran", "sistem", "1234567", "Botoșani")) for _ in range(4))
    words = frozenset(dice.sample(("iran", "fsb", "citrix", "rrjeti", "backup"), 3))
    finding = replace(
        a_finding(*named, countries=countries),
        actors=dice.choice(((), ("Lockbit",))),
        kind=dice.choice(("incident", "follow_up", "claim")),
    )
    return a_report(number, finding, replace(sign(Article("", "", text, NOW)), words=words), at)


def test_whatever_the_rules_can_tie_is_found(store: Store) -> None:
    dice = random.Random(5)
    store.write_now(a_source_id)

    def fill(c: Connection) -> list[Report]:
        made = [some_report(dice, number) for number in range(1, 25)]
        stored = [a_stored_report(c, at, each.finding, each.signature, each.at) for at, each in enumerate(made, start=1)]
        for each in stored:
            stories.save(c, a_placement(a_story(f"story-{each.id}", each), each), NOW)
        return stored

    stored = store.write_now(fill)
    tied = 0
    for number in range(100, 160):
        report = some_report(dice, number)
        expected = {f"story-{each.id}" for each in stored if tie.tie(report, each)}
        assert expected <= set(candidate_keys(store, report.finding, report.signature, report.at))
        tied += len(expected)
    assert tied > 50


def test_a_report_joins_and_the_story_becomes_what_placement_says(store: Store) -> None:
    store.write_now(a_source_id)
    opened = store.write_now(lambda c: an_opened_story(c, 1, a_finding(PARLIAMENT, countries=("AL",))))

    def join(c: Connection) -> None:
        report = a_stored_report(c, 2, a_finding(AIRLINE, countries=("AL",)), at=NOW + DAY)
        a_joined_report(c, opened, report, Change("victim_added", "Air Albania"))

    store.write_now(join)
    found = standing(store, "story-1")
    assert (found.opened_at, found.opened_by, found.last_at) == (NOW, opened.reports[0].id, NOW + DAY)
    assert [(report.at, report.finding.victims) for report in found.reports] == [(NOW, (PARLIAMENT,)), (NOW + DAY, (AIRLINE,))]
    assert [found.key for found in candidates(store, a_finding(AIRLINE))] == ["story-1"]


def test_a_copy_changes_nothing_but_the_number_of_copies_and_when_the_story_was_told_last(store: Store) -> None:
    store.write_now(a_source_id)
    opened = store.write_now(lambda c: an_opened_story(c, 1, a_finding(PARLIAMENT, countries=("AL",))))
    before = store.read_now(lambda c: told.find(c, "story-1"))

    def copy(c: Connection) -> None:
        finding = replace(a_finding(AIRLINE, countries=("RO",)), actors=("Lockbit",), status="confirmed", lang="mk")
        a_joined_report(c, opened, a_stored_report(c, 2, finding, at=NOW + 2 * DAY, copy_of=opened.reports[0].id))

    store.write_now(copy)
    after = store.read_now(lambda c: told.find(c, "story-1"))
    assert before is not None
    assert after == replace(before, copies=1, last_report_at=NOW + 2 * DAY, languages=("mk", "sq"))


def test_the_daemons_own_placement_of_a_copy_changes_no_facts(store: Store) -> None:
    store.write_now(a_source_id)
    text = "Kuvendi i Shqipërisë njoftoi sot se sistemet e tij u goditën nga një sulm kibernetik i madh i ardhur nga Irani."
    signature = sign(Article("", "", text, NOW))

    def place_one(c: Connection, number: int, at: datetime) -> None:
        report = a_stored_report(c, number, a_finding(PARLIAMENT, countries=("AL",)), signature, at)
        stories.save(c, place(report, stories.candidates(c, report)), NOW)

    for number in (1, 2, 3):
        store.write_now(partial(place_one, number=number, at=NOW + number * HOUR))
    (only,) = store.read_now(told.listing)
    assert (only.reports, only.copies, only.first_report_at, only.last_report_at) == (1, 2, NOW + HOUR, NOW + 3 * HOUR)
    assert [each.copy_of for each in store.read_now(lambda c: told.reports(c, only.key))] == [None, *["https://one.al/news/1"] * 2]
    assert [each.kind for each in store.read_now(lambda c: told.changes(c, only.key))] == ["opened", "actor_named"]


def test_saying_it_twice_changes_nothing(store: Store) -> None:
    store.write_now(a_source_id)
    saved = store.write_now(lambda c: an_opened_story(c, 1, a_finding(PARLIAMENT, countries=("AL",))))
    before = store.read_now(told.listing)
    again = a_placement(saved, saved.reports[0], Change("opened"), Change("opened"))
    store.write_now(lambda c: stories.save(c, again, NOW + HOUR))
    assert store.read_now(told.listing) == before
    assert standing(store, "story-1").reports[0].why == saved.reports[0].why
    assert store.read_now(lambda c: list(c.execute(select(change.c.kind, change.c.at)))) == [("opened", NOW)]


def test_a_group_that_is_named_like_a_country_is_nobody_else(store: Store) -> None:
    store.write_now(a_source_id)
    finding = replace(a_finding(PARLIAMENT, countries=("AL",)), actors=("AL", "wiper"))
    store.write_now(lambda c: an_opened_story(c, 1, finding))
    labels = "SELECT kind, value, said_by FROM story_label ORDER BY kind, position"
    assert store.read_now(lambda c: [tuple(row) for row in c.exec_driver_sql(labels)]) == [
        ("actor", "AL", "one.al"),
        ("actor", "wiper", "one.al"),
        ("attack", "wiper", None),
        ("country", "AL", None),
    ]


def test_text_of_a_story_may_hold_anything(store: Store) -> None:
    store.write_now(a_source_id)
    saved = store.write_now(lambda c: an_opened_story(c, 1, a_finding(replace(PARLIAMENT, name="K\x00uvendi '\"%s \ud800"))))
    found = store.read_now(lambda c: told.find(c, saved.key))
    assert found is not None
    assert found.victims[0].name == standing(store, saved.key).reports[0].finding.victims[0].name == "Kuvendi '\"%s "


def test_a_failure_in_the_middle_leaves_no_half_story(store: Store) -> None:
    store.write_now(a_source_id)

    def interrupted(c: Connection) -> None:
        an_opened_story(c, 1, a_finding(PARLIAMENT))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.write_now(interrupted)
    assert store.read_now(told.listing) == []
    assert store.read_now(lambda c: c.execute(select(article.c.id)).all()) == []


def test_a_story_before_1970_has_its_season(store: Store) -> None:
    store.write_now(a_source_id)
    then = datetime(1969, 12, 31, tzinfo=NOW.tzinfo)
    store.write_now(lambda c: an_opened_story(c, 1, a_finding(PARLIAMENT, countries=("AL",)), at=then))
    assert candidate_keys(store, a_finding(countries=("AL",)), at=then + 2 * DAY) == ["story-1"]


def test_a_standing_is_told_in_the_order_of_its_reports(store: Store) -> None:
    store.write_now(a_source_id)
    opened = store.write_now(lambda c: an_opened_story(c, 1, a_finding(PARLIAMENT)))
    early = store.write_now(lambda c: a_stored_report(c, 2, a_finding(PARLIAMENT), at=NOW - HOUR))
    store.write_now(lambda c: a_joined_report(c, opened, early))
    assert standing(store, "story-1") == replace(a_standing("story-1", *map(bare, (*opened.reports, early))), last_at=NOW)
