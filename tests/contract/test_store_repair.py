"""Stories on both databases as the repair job reads and rewrites them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, select

from monitor.jobs import decide
from monitor.jobs.repair import Audience, mend
from monitor.model import Change, Decided, Report, Standing
from monitor.store import decisions, deliveries, stories, told
from monitor.store.decisions import DecisionKind, Said
from monitor.store.engine import Store
from monitor.store.schema import change, story, story_label, story_mark, story_victim
from monitor.stories.place import place
from tests.contract.samples import (
    AIRLINE,
    DAY,
    HOSPITAL,
    HOUR,
    NOW,
    PARLIAMENT,
    a_delivery,
    a_finding,
    a_joined_report,
    a_placement,
    a_report,
    a_signature,
    a_source_id,
    a_stored_report,
    a_story,
    an_opened_story,
)

NOBODY = Audience((), timedelta(days=3))


@pytest.fixture
def stocked(store: Store) -> Store:
    """Two stories of two reports each, the second of which copies the first; and one that is far away."""

    def fill(c: Connection) -> None:
        a_source_id(c)
        for number, victim in ((1, PARLIAMENT), (2, AIRLINE)):
            finding = a_finding(victim, countries=("AL",))
            opened = an_opened_story(c, number, finding, a_signature(number))
            copy = a_stored_report(c, number + 10, finding, a_signature(number), NOW + HOUR, opened.reports[0].id)
            a_joined_report(c, opened, copy)
        an_opened_story(c, 3, a_finding(HOSPITAL, countries=("RO",)), at=NOW + 5000 * DAY)

    store.write_now(fill)
    return store


def standings(store: Store, *keys: str) -> dict[str, Standing]:
    return {each.key: each for each in store.read_now(lambda c: stories.by_key(c, keys))}


def urls(standing: Standing) -> list[str]:
    return [report.url.rpartition("/")[2] for report in standing.reports]


def around(store: Store, *reports: Report, known: tuple[str, ...] = ()) -> list[str]:
    return sorted(each.key for each in store.read_now(lambda c: stories.around(c, reports, known)))


def time_line(store: Store, key: str) -> dict[tuple[str, str], tuple[str, datetime]]:
    """Each change with the article that made it, and when it was recorded."""
    rows = store.read_now(lambda c: told.changes(c, key))
    return {(row.kind, row.detail): (row.url.rpartition("/")[2], row.at) for row in rows}


def facts_of(store: Store, key: str) -> int:
    """How many rows say something of a story, beside its own."""
    here = select(story.c.id).where(story.c.key == key).scalar_subquery()
    tables = (story_victim, story_label, story_mark, change)
    return store.read_now(lambda c: sum(len(c.execute(select(table).where(table.c.story_id == here)).all()) for table in tables))


def take_in(c: Connection, now: datetime = NOW + DAY) -> None:
    """Moves all reports of the second story into the first."""
    first, second = stories.by_key(c, ["story-1", "story-2"])
    whole = a_story("story-1", *first.reports, *second.reports)
    line = {Change("opened"): first.opened_by, Change("victim_added", "Air Albania"): second.opened_by}
    stories.rewrite(c, whole, line, now)
    stories.retire(c, "story-2", now)


def test_stories_come_whole_with_their_copies(stocked: Store) -> None:
    found = standings(stocked, "story-1", "story-2", "nowhere")
    assert {key: urls(each) for key, each in found.items()} == {"story-1": ["1", "11"], "story-2": ["2", "12"]}
    assert [report.copy_of for report in found["story-2"].reports] == [None, found["story-2"].reports[0].id]
    assert sorted(each.key for each in stocked.read_now(stories.everything)) == ["story-1", "story-2", "story-3"]


def test_around_a_report_are_stories_that_it_may_be_tied_to_but_for_the_known_ones(stocked: Store) -> None:
    report = a_report(99, a_finding(PARLIAMENT, countries=("AL",)))
    assert around(stocked, report) == ["story-1", "story-2"]
    assert around(stocked, report, known=("story-1",)) == ["story-2"]
    assert around(stocked) == []


def test_around_stored_reports_are_stories_with_a_stretch_of_their_text(stocked: Store) -> None:
    alone = stocked.write_now(lambda c: an_opened_story(c, 20, a_finding(countries=("GR",)), a_signature(2, 77)))
    (stored,) = standings(stocked, "story-20").values()
    assert stored.reports[0].url == alone.reports[0].url
    assert around(stocked, *stored.reports, known=("story-20",)) == ["story-2"]


@pytest.mark.parametrize("days", [0, 50, 200], ids=["before", "among", "after"])
def test_around_many_reports_nothing_near_is_missed(store: Store, days: int) -> None:
    def fill(c: Connection) -> list[Report]:
        a_source_id(c)
        victims = [replace(PARLIAMENT, id=f"al-{number}") for number in range(120)]
        for number, victim in enumerate(victims, start=1):
            an_opened_story(c, number, a_finding(victim), at=NOW + number * 20 * HOUR)
        return [a_report(999, a_finding(victim), at=NOW + days * DAY) for victim in victims]

    asked = store.write_now(fill)
    assert len(around(store, *asked)) == 120


def test_a_story_is_rewritten_whole(stocked: Store) -> None:
    stocked.write_now(take_in)
    (whole,) = standings(stocked, "story-1", "story-2").values()
    assert urls(whole) == ["1", "2", "11", "12"]
    assert (whole.opened_by, whole.opened_at, whole.last_at) == (whole.reports[0].id, NOW, NOW + HOUR)
    found = stocked.read_now(lambda c: told.find(c, "story-1"))
    assert found is not None
    assert (found.victims, found.reports, found.copies) == ((PARLIAMENT, AIRLINE), 2, 2)
    assert found.last_report_at == NOW + HOUR
    assert [each.key for each in stocked.read_now(told.listing)] == ["story-3", "story-1"]


def test_rewriting_keeps_when_a_change_was_recorded_and_drops_what_did_not_happen(stocked: Store) -> None:
    def rewrite(c: Connection, now: datetime, *line: Change) -> None:
        (standing,) = stories.by_key(c, ["story-1"])
        whole = a_story("story-1", *standing.reports)
        stories.rewrite(c, whole, dict.fromkeys(line, standing.reports[1].id), now)

    stocked.write_now(lambda c: rewrite(c, NOW + DAY, Change("opened"), Change("confirmed")))
    assert time_line(stocked, "story-1") == {("opened", ""): ("11", NOW), ("confirmed", ""): ("11", NOW + DAY)}
    stocked.write_now(lambda c: rewrite(c, NOW + 2 * DAY, Change("opened"), Change("denied")))
    assert time_line(stocked, "story-1") == {("opened", ""): ("11", NOW), ("denied", ""): ("11", NOW + 2 * DAY)}


def test_a_report_that_leaves_takes_its_facts_along(stocked: Store) -> None:
    stocked.write_now(take_in)

    def part(c: Connection) -> None:
        (whole,) = stories.by_key(c, ["story-1"])
        for key, victim in (("story-1", PARLIAMENT), ("story-2", AIRLINE)):
            mine = a_story(key, *(report for report in whole.reports if report.finding.victims == (victim,)))
            stories.rewrite(c, mine, {Change("opened"): mine.standing.opened_by}, NOW + 2 * DAY)

    stocked.write_now(part)
    found = standings(stocked, "story-1", "story-2")
    assert {key: urls(each) for key, each in found.items()} == {"story-1": ["1", "11"], "story-2": ["2", "12"]}
    assert {each.key: each.victims for each in stocked.read_now(told.listing) if each.key != "story-3"} == {
        "story-1": (PARLIAMENT,),
        "story-2": (AIRLINE,),
    }
    assert time_line(stocked, "story-1") == {("opened", ""): ("1", NOW)}
    assert stocked.read_now(lambda c: stories.retired(c, [found["story-2"].opened_by])) == []  # it stands again


def test_a_retired_story_has_no_facts_left_and_is_nobodys_candidate(stocked: Store) -> None:
    before = stocked.write_now(lambda c: stories.candidates(c, a_report(9, a_finding(AIRLINE))))
    stocked.write_now(take_in)
    assert facts_of(stocked, "story-2") == 0
    assert standings(stocked, "story-2") == {}
    after = stocked.write_now(lambda c: stories.candidates(c, a_report(9, a_finding(AIRLINE))))
    assert ([each.key for each in before], [each.key for each in after]) == (["story-2"], ["story-1"])
    assert sorted(each.key for each in stocked.read_now(stories.everything)) == ["story-1", "story-3"]


def test_stories_that_were_taken_in_are_found_by_the_report_that_opened_them(stocked: Store) -> None:
    opener = standings(stocked, "story-2")["story-2"].opened_by
    stocked.write_now(lambda c: decisions.decide(c, "story-2", Said("confirmed", "ana", NOW)))
    assert stocked.read_now(lambda c: stories.retired(c, [opener])) == []  # it stands yet
    stocked.write_now(take_in)
    gone = Standing("story-2", NOW, opener, NOW + HOUR, (), Decided("confirmed"))
    assert stocked.read_now(lambda c: stories.retired(c, ["1", opener, "999"])) == [gone]
    assert stocked.read_now(lambda c: stories.retired(c, [])) == []


def test_a_story_may_be_found_by_another_of_its_articles(stocked: Store) -> None:
    (standing,) = standings(stocked, "story-2").values()
    stocked.write_now(lambda c: stories.reopen(c, "story-2", int(standing.reports[1].id)))
    (again,) = standings(stocked, "story-2").values()
    assert again == replace(standing, opened_by=standing.reports[1].id)
    stocked.write_now(take_in)
    assert stocked.read_now(lambda c: stories.retired(c, [standing.reports[0].id])) == []
    assert [each.key for each in stocked.read_now(lambda c: stories.retired(c, [standing.reports[1].id]))] == ["story-2"]


def test_what_a_repair_did_stands_in_the_time_line_and_outlives_the_next(stocked: Store) -> None:
    def note(c: Connection, now: datetime) -> None:
        stories.note_repair(c, "story-1", "merged", "story-2", now)

    stocked.write_now(take_in)
    stocked.write_now(lambda c: note(c, NOW + DAY))
    stocked.write_now(lambda c: note(c, NOW + 2 * DAY))  # said twice
    assert time_line(stocked, "story-1")["merged", "story-2"] == ("1", NOW + DAY)

    def again(c: Connection) -> None:
        (whole,) = stories.by_key(c, ["story-1"])
        stories.rewrite(c, a_story("story-1", *whole.reports), {Change("opened"): whole.opened_by}, NOW + 3 * DAY)

    stocked.write_now(again)
    assert time_line(stocked, "story-1") == {("opened", ""): ("1", NOW), ("merged", "story-2"): ("1", NOW + DAY)}


def test_the_story_that_has_waited_longest_for_its_repair_comes_first(stocked: Store) -> None:
    def doubt(c: Connection, key: str, now: datetime) -> None:
        (standing,) = stories.by_key(c, [key])
        report = standing.reports[-1]
        stories.save(c, a_placement(a_story(key, *standing.reports), report, doubtful=True, opened=False), now)

    assert stocked.read_now(stories.unsettled) is None
    for key, hours in (("story-1", 3), ("story-2", 1), ("story-3", 2)):
        stocked.write_now(partial(doubt, key=key, now=NOW + hours * HOUR))
    order: list[str] = []
    while waiting := stocked.read_now(stories.unsettled):
        order.append(waiting)
        stocked.write_now(partial(stories.settled, keys=[waiting]))
    assert order == ["story-2", "story-3", "story-1"]


def test_a_story_without_doubt_asks_for_no_repair_and_one_in_doubt_goes_on_asking(stocked: Store) -> None:
    def save(c: Connection, doubtful: bool) -> None:
        (standing,) = stories.by_key(c, ["story-1"])
        told_as = a_story("story-1", *standing.reports)
        stories.save(c, a_placement(told_as, standing.reports[0], doubtful=doubtful, opened=False), NOW)

    stocked.write_now(lambda c: save(c, False))
    assert stocked.read_now(stories.unsettled) is None
    stocked.write_now(lambda c: save(c, True))
    stocked.write_now(lambda c: save(c, False))
    assert stocked.read_now(stories.unsettled) == "story-1"
    stocked.write_now(lambda c: stories.retire(c, "story-1", NOW))
    assert stocked.read_now(stories.unsettled) is None


def test_a_key_is_taken_for_good(stocked: Store) -> None:
    stocked.write_now(take_in)
    assert [stocked.read_now(partial(stories.taken, key=key)) for key in ("story-1", "story-2", "story-9")] == [True, True, False]


def judge(store: Store, key: str, *kinds: DecisionKind) -> None:
    for kind in kinds:
        assert store.write_now(partial(decide.judge, key=key, said=Said(kind, "ana", NOW), audience=NOBODY))


@pytest.mark.parametrize("kinds", [("muted", "noted"), ("rejected", "noted"), ("muted", "confirmed"), ("rejected", "muted", "confirmed")])
def test_a_story_that_shall_alert_nobody_stays_silent_whatever_else_is_said_of_it(stocked: Store, kinds: tuple[DecisionKind, ...]) -> None:
    stocked.write_now(lambda c: deliveries.owe(c, [a_delivery(1, "story-3")], NOW))
    judge(stocked, "story-3", *kinds)
    assert stocked.read_now(deliveries.counts) == {"given_up": 1}


def test_a_story_that_people_let_speak_again_alerts(stocked: Store) -> None:
    stocked.write_now(lambda c: deliveries.owe(c, [a_delivery(1, "story-3")], NOW))
    judge(stocked, "story-3", "rejected", "confirmed")
    assert stocked.read_now(deliveries.counts) == {"waiting": 1}


def test_a_split_of_the_first_report_can_be_taken_back_whichever_key_stays(store: Store) -> None:
    def fill(c: Connection) -> None:
        a_source_id(c)
        first = an_opened_story(c, 1, a_finding(PARLIAMENT))
        a_joined_report(c, first, a_stored_report(c, 2, a_finding(PARLIAMENT), at=NOW + HOUR))

    store.write_now(fill)
    store.write_now(lambda c: decide.split(c, "story-1", [1], Said("split", "ana", NOW, "1"), NOBODY))
    (new,) = set(store.read_now(told.all_keys)) - {"story-1"}
    assert {key: urls(each) for key, each in standings(store, "story-1", new).items()} == {"story-1": ["2"], new: ["1"]}
    assert store.write_now(lambda c: decide.undo(c, "story-1", "bob", NOW, NOBODY)) == "split"
    (whole,) = store.read_now(stories.everything)
    assert urls(whole) == ["1", "2"]
    assert store.read_now(lambda c: told.current(c, ["story-1", new])) == {"story-1": whole.key, new: whole.key}


def test_what_was_rejected_and_then_merged_into_an_incident_does_not_reject_it(store: Store) -> None:
    def fill(c: Connection) -> None:
        a_source_id(c)
        an_opened_story(c, 1, a_finding(PARLIAMENT))
        an_opened_story(c, 2, a_finding(AIRLINE))

    def join(c: Connection) -> None:
        report = a_stored_report(c, 3, a_finding(AIRLINE), at=NOW + 10 * DAY)
        stories.save(c, place(report, stories.candidates(c, report)), NOW)

    store.write_now(fill)
    judge(store, "story-1", "rejected")
    store.write_now(lambda c: decide.merge(c, "story-2", ["story-1"], Said("merged", "ana", NOW, "story-1"), NOBODY))
    store.write_now(join)
    for _ in range(2):
        store.write_now(lambda c: mend(c, ["story-2"], NOBODY, NOW))
        (whole,) = store.read_now(stories.everything)
        assert (whole.key, urls(whole), whole.decided) == ("story-2", ["1", "2", "3"], Decided(gathers=True))
    assert store.write_now(lambda c: decide.undo(c, "story-2", "bob", NOW, NOBODY)) == "merged"
    found = standings(store, "story-1", "story-2")
    assert {key: (urls(each), each.decided.verdict) for key, each in found.items()} == {
        "story-1": (["1"], "rejected"),
        "story-2": (["2", "3"], None),
    }
