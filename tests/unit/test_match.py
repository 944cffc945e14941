"""Finding terms: within a sentence, misspelt, at any number of terms, and which hit hides which."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.detect.match import Hit, TermIndex, Words, acronym_hits, between, longest, positions, words
from monitor.text.fold import tokens


def index_of(*terms: str, misspelt: tuple[str, ...] = (), never: tuple[str, ...] = ()) -> TermIndex[str]:
    index: TermIndex[str] = TermIndex(misspelt, never)
    for term in terms:
        index.add(term, term)
    return index


def terms_in(index: TermIndex[str], text: str) -> list[tuple[str, int, int]]:
    return [(hit.term, hit.first, hit.last) for hit in index.hits(words(tokens(text)))]


def test_a_term_never_reaches_across_a_sentence() -> None:
    index, said = index_of("napad .. sistem"), tokens("Napad. Sistem")
    assert not index.hits(Words(said, [0, 1], positions(said.folded)))
    assert index.hits(Words(said, [0, 0], positions(said.folded)))


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("Ministria e Mbrojtjes", [("ministria e mbrojtjes", 0, 2)]),
        ("e Mbrojtjes ministria", []),
        ("Mbrojtjes", []),
        ("ministria e ministria e mbrojtjes", [("ministria e mbrojtjes", 2, 4)]),
    ],
)
def test_a_term_looked_up_by_its_rarest_word_is_found_as_a_whole(text: str, hits: list[tuple[str, int, int]]) -> None:
    index = index_of("ministria e mbrojtjes", "ministria e financave")  # two share the first word, so the last one is looked up
    assert terms_in(index, text) == hits


@pytest.mark.parametrize("word", ["kribernetik", "kibernetk", "kibrenetik", "kibernettik", "kibarnetikave"])
def test_a_slip_of_the_pen_is_read_as_what_was_meant(word: str) -> None:
    assert terms_in(index_of("kibernetik*", misspelt=("kibernetik",)), word) == [("kibernetik*", 0, 0)]


@pytest.mark.parametrize("word", ["bibernetik", "kibernet", "kobarnetk", "energjetik", "kiber"])
def test_another_word_is_no_slip(word: str) -> None:
    assert terms_in(index_of("kibernetik*", misspelt=("kibernetik",)), word) == []


def test_only_stems_that_may_be_misspelt_are_and_words_of_their_own_never() -> None:
    assert terms_in(index_of("administrator*", misspelt=("kibernetik",)), "administratora administrata") == [("administrator*", 0, 0)]
    assert terms_in(index_of("hekerave", misspelt=("heker",), never=("hekurave",)), "hekurave") == []
    assert terms_in(index_of("hekerave", misspelt=("heker",)), "hekurave") == [("hekerave", 0, 0)]


def test_a_term_added_as_exact_is_not_found_misspelt() -> None:
    index: TermIndex[str] = TermIndex(misspelt=("",))
    index.add("kibernetik*", "x", exact=True)
    assert terms_in(index, "kibernettik") == []


def test_a_longer_name_hides_a_shorter_one_within_it() -> None:
    hits = [Hit("bank", "", 3, 3), Hit("national bank", "", 2, 3), Hit("other", "", 4, 4), Hit("same", "", 4, 4)]
    assert [hit.value for hit in longest(hits)] == ["national bank", "other", "same"]


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4)), max_size=25))
def test_what_is_kept_is_covered_by_no_longer_hit(spans: list[tuple[int, int]]) -> None:
    hits = [Hit(number, "", first, first + length) for number, (first, length) in enumerate(spans)]
    by_definition = {
        hit.value
        for hit in hits
        if not any(o.first <= hit.first and hit.last <= o.last and o.last - o.first > hit.last - hit.first for o in hits)
    }
    assert {hit.value for hit in longest(hits)} == by_definition


def test_hits_between_two_words_are_those_that_begin_there() -> None:
    hits = [Hit("", "", first, first) for first in (1, 3, 3, 7)]
    assert [hit.first for hit in between(hits, 2, 6)] == [3, 3]


@pytest.mark.parametrize(("text", "there"), [("AKSHI-t", True), ("AKSHI", True), ("akshi", False), ("EPSa", True), ("EPSON", False)])
def test_acronyms_keep_their_case_and_take_short_endings(text: str, there: bool) -> None:
    assert bool(acronym_hits({"AKSHI": 1, "EPS": 2}, words(tokens(text)))) is there


@given(st.text(alphabet="abhk er.", max_size=60))
def test_a_word_is_found_wherever_a_plain_search_finds_it(text: str) -> None:
    said = words(tokens(text))
    expected = [at for at, word in enumerate(said.tokens.folded) if word.startswith("ha") and len(word) <= 8]
    assert [hit.first for hit in index_of("ha*").hits(said)] == expected
