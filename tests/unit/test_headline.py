"""Headlines from facts."""

from __future__ import annotations

import pytest

from monitor.model import Attribution, Status, Victim
from monitor.stories.headline import headline


def victims(*names: str) -> list[Victim]:
    return [Victim(name, name, "AL", "other") for name in names]


def by(actor: str, claims: bool = True) -> Attribution:
    return Attribution(actor, claims, ("a.al",))


def test_a_headline_says_who_what_and_by_whom() -> None:
    told = headline(victims("Parliament of Albania", "One Albania", "Air Albania"), ["AL"], ["wiper"], [by("Homeland Justice")], "claimed")
    assert told == "Parliament of Albania, One Albania and Air Albania: data wiped, claimed by Homeland Justice"


def test_many_victims_are_counted() -> None:
    assert headline(victims("A", "B", "C", "D", "E"), ["AL"], ["ddos"], [], "confirmed") == "A, B and 3 more: knocked offline by DDoS"


def test_without_a_victim_the_country_stands_for_it() -> None:
    assert headline([], ["XK"], ["unknown"], [], "suspected") == "Institution in Kosovo: hit by a cyberattack (suspected)"
    assert headline([], [], [], [], "confirmed") == "Institution in the region: hit by a cyberattack"


def test_a_group_that_is_named_by_others_only_claims_nothing() -> None:
    assert headline(victims("A"), ["AL"], ["ddos"], [by("X", claims=False)], "confirmed") == "A: knocked offline by DDoS, attributed to X"


def test_who_claims_an_attack_goes_before_who_is_blamed_for_it() -> None:
    attributions = [by("X", claims=False), by("Y"), by("Z", claims=False)]
    assert headline(victims("A"), ["AL"], ["ddos"], attributions, "confirmed") == "A: knocked offline by DDoS, claimed by Y"


def test_of_many_groups_two_are_named() -> None:
    claiming = [by("X"), by("Y"), by("Z")]
    assert headline(victims("A"), ["AL"], ["ddos"], claiming, "confirmed") == "A: knocked offline by DDoS, claimed by X and Y"


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("suspected", "A: data leaked (suspected)"),
        ("claimed", "A: data leaked"),
        ("confirmed", "A: data leaked"),
        ("denied", "A: data leaked, attack denied"),
        ("resolved", "A: data leaked (resolved)"),
    ],
)
def test_how_sure_it_is_is_said(status: Status, told: str) -> None:
    assert headline(victims("A"), ["AL"], ["data_leak"], [], status) == told


def test_after_who_did_it_only_a_denial_and_the_end_are_said() -> None:
    told = {status: headline(victims("A"), ["AL"], ["ddos"], [by("X")], status) for status in ("suspected", "denied", "resolved")}
    assert told == {
        "suspected": "A: knocked offline by DDoS, claimed by X",
        "denied": "A: knocked offline by DDoS, claimed by X, attack denied",
        "resolved": "A: knocked offline by DDoS, claimed by X (resolved)",
    }
