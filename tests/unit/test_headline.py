"""Headlines from facts."""

from __future__ import annotations

from monitor.model import Victim
from monitor.stories.headline import headline


def victims(*names: str) -> list[Victim]:
    return [Victim(name, name, "AL", "other") for name in names]


def test_a_headline_says_who_what_and_by_whom() -> None:
    told = headline(victims("Parliament of Albania", "One Albania", "Air Albania"), ["AL"], ["wiper"], ["Homeland Justice"], "claimed")
    assert told == "Parliament of Albania, One Albania and Air Albania: data wiped, claimed by Homeland Justice"


def test_many_victims_are_counted() -> None:
    assert headline(victims("A", "B", "C", "D", "E"), ["AL"], ["ddos"], [], "confirmed") == "A, B and 3 more: knocked offline by DDoS"


def test_without_a_victim_the_country_stands_for_it() -> None:
    assert headline([], ["XK"], ["unknown"], [], "suspected") == "Institution in Kosovo: hit by a cyberattack (suspected)"


def test_a_denial_is_said() -> None:
    assert headline(victims("A"), ["AL"], ["data_leak"], ["X"], "denied") == "A: data leaked, claimed by X, attack denied"
