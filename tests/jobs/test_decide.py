"""What people decide takes effect at once, can be taken back, and is not undone by the repair job."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from monitor.errors import InputError
from monitor.jobs import decide
from monitor.jobs.notify import notify
from monitor.jobs.repair import Repaired, repair
from monitor.store import decisions, told
from monitor.store.decisions import Decision, DecisionKind, Said
from monitor.stories.place import key_of
from tests.jobs.reports import AIRLINE, BANK, PARLIAMENT, TELECOM, News, accounts, after, audience, desk, owed, put, rows, tellings
from tests.jobs.rig import Rig

GOING = asyncio.Event()
FIRST = News("first", (PARLIAMENT,), after(), "one.al")
SECOND = News("second", (PARLIAMENT,), after(hours=2), "two.al")
COPY = News("copy", (PARLIAMENT,), after(hours=3), "three.al", text=SECOND.analysed.article.text)
THIRD = News("third", (PARLIAMENT,), after(hours=4), "four.al")
OTHER = News("other", (BANK,), after(days=30), "one.gr")
LATER = News("later", (PARLIAMENT,), after(days=1), "five.al")
HIT, BANKS = key_of(FIRST.url), key_of(OTHER.url)


@dataclass(frozen=True, slots=True)
class Editor:
    """Ana, who decides."""

    house: Rig

    def _said(self, kind: DecisionKind, detail: str = "") -> Said:
        return Said(kind, "ana", self.house.clock(), detail)

    async def judge(self, key: str, kind: DecisionKind, words: str = "") -> bool:
        return await self.house.parts.store.write(lambda c: decide.judge(c, key, self._said(kind, words), audience(self.house)))

    async def merge(self, key: str, *others: str) -> Repaired:
        said = self._said("merged", " ".join(others))
        return await self.house.parts.store.write(lambda c: decide.merge(c, key, others, said, audience(self.house)))

    async def split(self, key: str, *names: str) -> Repaired:
        numbers = [(await self.house.article(f"/{name}")).id for name in names]
        return await self.split_numbers(key, numbers)

    async def split_numbers(self, key: str, numbers: list[int]) -> Repaired:
        said = self._said("split", " ".join(map(str, numbers)))
        return await self.house.parts.store.write(lambda c: decide.split(c, key, numbers, said, audience(self.house)))

    async def undo(self, key: str) -> DecisionKind | None:
        now = self.house.clock()
        return await self.house.parts.store.write(lambda c: decide.undo(c, key, "bob", now, audience(self.house)))

    async def stories(self) -> set[frozenset[str]]:
        return {frozenset(names) for names in (await self.house.parts.store.read(tellings)).values()}

    async def leads(self, *keys: str) -> dict[str, str]:
        return await self.house.parts.store.read(lambda c: told.current(c, keys))

    async def history(self, key: str) -> list[Decision]:
        return await self.house.parts.store.read(lambda c: decisions.of_story(c, key))

    async def repaired(self, *news: News) -> None:
        """More comes, and the repair job after it."""
        await put(self.house, *news)
        await repair(self.house.parts, GOING)


def together(*stories: Iterable[str]) -> set[frozenset[str]]:
    return {frozenset(names) for names in stories}


# Mute and reject


@pytest.mark.parametrize("kind", ["muted", "rejected"])
async def test_a_silenced_story_takes_its_unsent_alerts_back_and_owes_none_until_that_is_undone(
    database_url: str, kind: DecisionKind
) -> None:
    async with desk(database_url) as house:
        ana = Editor(house)
        await put(house, FIRST, OTHER)
        assert await ana.judge(HIT, kind)
        assert not await ana.judge(HIT, kind)  # it is so already
        assert await owed(house) == {(BANKS, "opened")}
        await ana.repaired(SECOND)
        assert await owed(house) == {(BANKS, "opened")}
        assert await ana.undo(HIT) == kind
        assert {(BANKS, "opened"), (HIT, "opened")} <= await owed(house)
        assert await owed(house, "given_up") == set()


async def test_what_was_sent_before_is_not_sent_again_when_a_mute_is_undone(sqlite_url: str) -> None:
    async with desk(sqlite_url) as house:
        ana = Editor(house)
        await put(house, FIRST)
        assert await notify(house.parts, GOING) == 1
        await ana.judge(HIT, "muted")
        await ana.undo(HIT)
        assert await owed(house) == set()
        assert await owed(house, "sent") == {(HIT, "opened")}


async def test_of_two_decisions_that_silence_a_story_the_one_that_is_left_still_does(sqlite_url: str) -> None:
    async with desk(sqlite_url) as house:
        ana = Editor(house)
        await put(house, FIRST)
        await ana.judge(HIT, "muted")
        await ana.judge(HIT, "rejected")
        assert await ana.undo(HIT) == "rejected"
        assert await owed(house) == set()
        assert await ana.undo(HIT) == "muted"
        assert await owed(house) == {(HIT, "opened")}
        assert await ana.undo(HIT) is None


async def test_a_confirmation_of_what_was_rejected_lets_its_alerts_go(sqlite_url: str) -> None:
    async with desk(sqlite_url) as house:
        ana = Editor(house)
        await put(house, FIRST)
        await ana.judge(HIT, "rejected")
        await ana.judge(HIT, "confirmed")
        assert await owed(house) == {(HIT, "opened")}


async def test_a_note_on_a_muted_story_lets_no_alert_go(sqlite_url: str) -> None:
    async with desk(sqlite_url) as house:
        ana = Editor(house)
        await put(house, FIRST)
        await ana.judge(HIT, "muted")
        assert await ana.judge(HIT, "noted", "they deny it")
        assert await ana.judge(HIT, "confirmed")
        assert await owed(house) == set()


async def test_a_rejected_story_takes_no_later_report(database_url: str) -> None:
    async with desk(database_url) as house:
        ana = Editor(house)
        await put(house, FIRST)
        await ana.judge(HIT, "rejected")
        await ana.repaired(SECOND)  # of the same hours: what it tells is the same
        assert await ana.stories() == together(("first", "second"))
        weeks = News("weeks-later", (PARLIAMENT,), after(days=20), "five.al")
        await ana.repaired(weeks, News("in-between", (PARLIAMENT,), after(days=18), "six.al"))
        assert await ana.stories() == together(("first", "second"), ("weeks-later", "in-between"))
        assert {key for key, _ in await owed(house)} == {key_of(weeks.url)}


# Merge


async def test_merged_stories_are_one_at_once_and_stay_so(database_url: str) -> None:
    async with desk(database_url) as house:
        ana = Editor(house)
        await put(house, OTHER, FIRST)
        done = await ana.merge(BANKS, HIT)
        assert done.merged == ((BANKS, HIT),)
        assert await ana.leads(HIT, BANKS) == {HIT: BANKS, BANKS: BANKS}
        await ana.repaired(THIRD, SECOND, News("bank", (BANK,), after(days=29), "two.gr"))  # late, all of them
        assert await house.parts.store.read(tellings) == {BANKS: {"other", "bank", "first", "second", "third"}}


async def test_undoing_a_merge_brings_the_old_key_back_with_its_reports(database_url: str) -> None:
    async with desk(database_url) as house:
        ana = Editor(house)
        await put(house, FIRST, SECOND, OTHER)
        alerts = await owed(house)
        await ana.merge(BANKS, HIT)
        assert await owed(house) != alerts
        await ana.repaired(LATER)
        assert await ana.undo(BANKS) == "merged"
        assert await house.parts.store.read(tellings) == {HIT: {"first", "second", "later"}, BANKS: {"other"}}
        assert {(HIT, "opened"), (BANKS, "opened")} <= await owed(house)
        (merged,) = await ana.history(BANKS)
        assert (merged.kind, merged.detail, merged.author, merged.undone_by) == ("merged", HIT, "ana", "bob")
        assert merged.undone_at is not None
        assert merged.at < merged.undone_at


async def test_merging_and_undoing_leaves_stories_as_they_were(database_url: str) -> None:
    async with desk(database_url) as house:
        ana = Editor(house)
        await put(house, FIRST, SECOND, COPY, OTHER)
        before, keys, alerts = await house.parts.store.read(accounts), await house.parts.store.read(tellings), await owed(house)
        await ana.merge(HIT, BANKS)
        await ana.undo(HIT)
        assert await house.parts.store.read(accounts) == before
        assert await house.parts.store.read(tellings) == keys
        assert alerts <= await owed(house)


async def test_the_story_that_others_are_merged_into_keeps_its_key_though_they_took_in_others_before(sqlite_url: str) -> None:
    third = News("third-one", (TELECOM,), after(days=90), "two.al")
    async with desk(sqlite_url) as house:
        ana = Editor(house)
        await put(house, FIRST, OTHER, third)
        await ana.merge(HIT, BANKS)
        new = key_of(third.url)
        assert (await ana.merge(new, HIT)).merged == ((new, HIT),)
        assert await ana.leads(HIT, BANKS, new) == dict.fromkeys((HIT, BANKS, new), new)
        await ana.repaired(News("late-one", (PARLIAMENT,), after(hours=-2), "six.al"))
        assert (await house.parts.store.read(tellings)).keys() == {new}
        assert await ana.undo(new) == "merged"
        assert (await house.parts.store.read(tellings)).keys() == {HIT, new}


async def test_a_merged_story_alerts_those_who_hear_of_it_of_what_is_new(sqlite_url: str) -> None:
    async with desk(sqlite_url) as house:
        ana = Editor(house)
        await put(house, FIRST, OTHER)
        await ana.merge(HIT, BANKS)
        assert await owed(house) == {(HIT, "opened"), (HIT, "second_outlet"), (HIT, "victim_added Bank of Greece")}


async def test_the_key_of_a_confirmed_story_stays_when_reports_show_that_an_older_one_is_the_same(sqlite_url: str) -> None:
    one, other = News("one", (TELECOM,), after(), attacks=("ddos",)), News("two", (AIRLINE,), after(hours=1), "two.al", attacks=("ddos",))
    both = News("both", (TELECOM, AIRLINE), after(hours=5), "three.al", attacks=("ddos",))
    async with desk(sqlite_url) as house:
        ana = Editor(house)
        await put(house, one, other)
        await ana.judge(key_of(other.url), "confirmed")
        await ana.repaired(both)
        assert await house.parts.store.read(tellings) == {key_of(other.url): {"one", "two", "both"}}
        assert await ana.leads(key_of(one.url)) == {key_of(one.url): key_of(other.url)}


# Split


async def test_parted_reports_are_a_story_of_their_own_with_its_alert_and_stay_apart(database_url: str) -> None:
    async with desk(database_url) as house:
        ana = Editor(house)
        await put(house, FIRST, SECOND, COPY, THIRD)
        assert await notify(house.parts, GOING) == 2
        (new,) = (await ana.split(HIT, "second")).opened
        assert await house.parts.store.read(tellings) == {HIT: {"first", "third"}, new.key: {"second", "copy"}}
        assert (new.key, "opened") in await owed(house)
        assert (HIT, "opened") not in await owed(house)
        happened = await house.parts.store.read(lambda c: told.changes(c, HIT))
        assert [each.detail for each in happened if each.kind == "split"] == [new.key]
        await ana.repaired(LATER, News("earlier", (PARLIAMENT,), after(hours=-2), "six.al"))
        stories = await house.parts.store.read(tellings)
        assert stories.keys() == {HIT, new.key}
        assert {"first", "third"} <= stories[HIT]
        assert {"second", "copy"} <= stories[new.key]


async def test_a_copy_alone_can_be_parted_from_its_original(sqlite_url: str) -> None:
    async with desk(sqlite_url) as house:
        ana = Editor(house)
        await put(house, FIRST, SECOND, COPY)
        await ana.split(HIT, "copy")
        assert await ana.stories() == together(("first", "second"), ("copy",))


async def test_when_the_report_that_opened_a_story_is_parted_the_rest_keeps_the_key(sqlite_url: str) -> None:
    async with desk(sqlite_url) as house:
        ana = Editor(house)
        await put(house, FIRST, SECOND, THIRD)
        (new,) = (await ana.split(HIT, "first")).opened
        assert await house.parts.store.read(tellings) == {HIT: {"second", "third"}, new.key: {"first"}}
        assert new.key != HIT
        await ana.repaired(LATER)
        assert {HIT, new.key} == (await house.parts.store.read(tellings)).keys()


async def test_undoing_a_split_joins_again(database_url: str) -> None:
    async with desk(database_url) as house:
        ana = Editor(house)
        await put(house, FIRST, SECOND, COPY, THIRD)
        before = await house.parts.store.read(accounts)
        for parted in ("second", "first"):
            (new,) = (await ana.split(HIT, parted)).opened
            assert await ana.undo(HIT) == "split"
            assert await house.parts.store.read(accounts) == before
            assert await ana.leads(HIT, new.key) == {HIT: HIT, new.key: HIT}
        assert [each.kind for each in await ana.history(HIT) if each.undone_by == "bob"] == ["split", "split"]


async def test_a_split_can_be_split_and_merged_again(sqlite_url: str) -> None:
    async with desk(sqlite_url) as house:
        ana = Editor(house)
        await put(house, FIRST, SECOND, COPY, THIRD)
        (second,) = (await ana.split(HIT, "second")).opened
        (third,) = (await ana.split(HIT, "third")).opened
        assert await ana.stories() == together(("first",), ("second", "copy"), ("third",))
        await ana.merge(third.key, second.key)
        assert await house.parts.store.read(tellings) == {HIT: {"first"}, third.key: {"second", "copy", "third"}}
        assert await ana.undo(third.key) == "merged"
        assert await ana.stories() == together(("first",), ("second", "copy"), ("third",))
        await ana.merge(HIT, second.key, third.key)  # the last word holds, though it was said that they do not belong together
        assert await ana.stories() == together(("first", "second", "copy", "third"))


async def test_what_cannot_be_parted_is_refused_and_nothing_is_written(database_url: str) -> None:
    async with desk(database_url) as house:
        ana = Editor(house)
        await put(house, FIRST, SECOND, COPY, OTHER)
        before = await house.parts.store.read(rows)
        number = (await house.article("/other")).id
        for numbers in ([number], [10**6], [-1]):
            with pytest.raises(InputError, match=f"story {HIT} has no article {numbers[0]}; `monitor stories show {HIT}` tells their"):
                await ana.split_numbers(HIT, numbers)
        for names in (("first", "second"), ("first", "second", "copy"), ("first", "first", "second")):
            with pytest.raises(InputError, match=f"story {HIT} would keep no article"):
                await ana.split(HIT, *names)
        with pytest.raises(InputError):
            await ana.split(BANKS, "other")
        assert await house.parts.store.read(rows) == before


# History


async def test_all_decisions_are_kept_with_who_made_them_and_when(database_url: str) -> None:
    async with desk(database_url) as house:
        ana = Editor(house)
        await put(house, FIRST, SECOND, OTHER)
        began = house.clock()
        for kind, words in (("confirmed", ""), ("noted", "the ministry denied it by phone"), ("muted", "")):
            await ana.judge(HIT, kind, words)  # type: ignore[arg-type]  # the kinds are written out above
        await ana.undo(HIT)
        await ana.merge(HIT, BANKS)
        found = await ana.history(HIT)
        assert [(each.kind, each.detail, each.author, each.undone_by) for each in found] == [
            ("merged", BANKS, "ana", None),
            ("muted", "", "ana", "bob"),
            ("noted", "the ministry denied it by phone", "ana", None),
            ("confirmed", "", "ana", None),
        ]
        assert began <= found[3].at <= found[2].at <= found[1].at <= found[0].at
