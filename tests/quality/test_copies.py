"""Copies as outlets make them are found, and what only shares a statement, a footer or an incident is no copy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache

import pytest

from monitor.model import Article, Signature
from monitor.stories.signature import COPY, likeness, sign
from tests.quality.copies import Pair, copies, unlike

FOUND = 0.96  # of all copies
FOUND_OF_KIND = 0.99
HARD = {"lead": 0.83, "lead and dateline": 0.83, "lead and background": 0.8, "edited 20 %": 0.79}  # another fourth or fifth of the words


@pytest.fixture(scope="module")
def found() -> dict[str, float]:
    return shares(copies())


@pytest.fixture(scope="module")
def mistaken() -> dict[str, float]:
    return shares(unlike())


def shares(pairs: Iterable[Pair]) -> dict[str, float]:
    """By kind: of how many pairs the second would be taken for a copy of the first, if the database were asked for it."""
    signed: Callable[[str], Signature] = cache(lambda text: sign(Article("", "", text)))
    taken = defaultdict(list)
    for pair in pairs:
        one, other = signed(pair.one), signed(pair.other)
        taken[pair.kind].append(not set(one.bands).isdisjoint(other.bands) and likeness(one, other) >= COPY)
    everything = [each for those in taken.values() for each in those]
    return {kind: sum(those) / len(those) for kind, those in taken.items()} | {"all": sum(everything) / len(everything)}


def test_copies_are_found(found: dict[str, float]) -> None:
    assert found["all"] >= FOUND
    assert {kind: share for kind, share in found.items() if kind != "all" and share < HARD.get(kind, FOUND_OF_KIND)} == {}


def test_what_only_shares_something_is_no_copy(mistaken: dict[str, float]) -> None:
    assert mistaken.pop("same long footer") < 0.03  # more words than the articles have of their own
    assert mistaken.pop("all") < 0.001
    assert mistaken == dict.fromkeys(("same incident", "same statement", "same footer", "same list"), 0.0)
