"""What is said against terms is true: what is needless can go, what is a false hit would have been one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.detect.checks import false_hits, needless, repeated
from monitor.detect.match import TermIndex, words
from monitor.text.fold import tokens


def found(terms: list[str], text: str) -> set[int]:
    """The words of `text` at which something is found."""
    index: TermIndex[None] = TermIndex()
    for term in terms:
        index.add(term, None)
    return {hit.first for hit in index.hits(words(tokens(text)))}


# Of words with endings, alternatives, joined words and gaps, over an alphabet so small that terms and texts often meet. A gap stands before
# the last word only: the nearest word that fits is taken there, and none further on is tried if the word after it is then missing.
_STEM = st.text("ab", min_size=1, max_size=3)
_WORD = st.builds("".join, st.tuples(_STEM, st.sampled_from(["", "", "*", "*1", "*2"])))
_PART = st.one_of(_WORD, st.lists(_WORD, min_size=1, max_size=3).map("|".join), st.tuples(_STEM, _WORD).map("~".join))
_PLAIN = st.lists(_PART, min_size=1, max_size=2).map(" ".join)
_TERM = st.one_of(_PLAIN, st.tuples(_PLAIN, _WORD).map(" .. ".join))
_TERMS = st.lists(_TERM, min_size=1, max_size=8, unique=True)
_TEXT = st.lists(st.tuples(st.text("ab", min_size=1, max_size=4), st.sampled_from([" ", " ", "-", ", "])), max_size=12).map(
    lambda parts: "".join(word + mark for word, mark in parts)
)


@settings(max_examples=200, deadline=None)
@given(_TERMS, st.lists(_TEXT, min_size=1, max_size=5))
def test_without_its_needless_terms_a_concept_finds_the_same(terms: list[str], texts: list[str]) -> None:
    drop = {term for term, _ in needless(terms)}
    kept = [term for term in terms if term not in drop]
    for text in texts:
        assert found(kept, text) == found(terms, text)


@settings(max_examples=100, deadline=None)
@given(_TERMS, st.lists(_TEXT, min_size=1, max_size=5))
def test_each_needless_term_finds_nothing_of_its_own(terms: list[str], texts: list[str]) -> None:
    for term, wider in needless(terms):
        assert wider != term
        assert wider in terms
        rest = [other for other in terms if other != term]
        assert all(found([term], text) <= found(rest, text) for text in texts)


@pytest.mark.parametrize(
    ("terms", "shadowed"),
    [
        (["haker*", "hakeri"], [("hakeri", "haker*")]),
        (["hakeri", "haker*"], [("hakeri", "haker*")]),
        (["haker*2", "haker*"], [("haker*2", "haker*")]),
        (["sulm*", "sulm* kibernetik*"], []),  # as many words are found, but not the same ones
        (["sulm* .. server*", "sulm* server*"], []),
        (["sulm* kibernetik*", "sulmi kibernetik"], [("sulmi kibernetik", "sulm* kibernetik*")]),
        (["haker", "hakër"], [("hakër", "haker")]),
        (["a|b c", "a c"], [("a c", "a|b c")]),
        (["a|b c", "b|a c"], [("b|a c", "a|b c")]),
        (["sajber~napad", "sajber napad", "sajbernapad"], [("sajber napad", "sajber~napad"), ("sajbernapad", "sajber~napad")]),
        (["sajber~napad", "sajber napad*"], []),  # the joined form would be lost
        (["sajber~napad", "sajber napad*", "sajbernapad*"], [("sajber~napad", "sajber napad*")]),
        (["", "..", "haker*", "haker* .."], []),  # what cannot be read is told elsewhere
    ],
)
def test_a_term_is_needless_where_another_finds_all_that_it_finds(terms: list[str], shadowed: list[tuple[str, str]]) -> None:
    assert list(needless(terms)) == shadowed


def test_what_is_written_more_than_once_is_named_once() -> None:
    assert repeated(["a", "b", "a", "c", "a", "b"]) == ["a", "b"]
    assert repeated(["haker", "hakër"]) == []


@pytest.mark.parametrize(
    ("term", "word", "hit"),
    [
        ("hek*", "hekur", True),
        ("hek*", "Hekurë", True),
        ("hek*1", "hekur", False),
        ("hekur", "hekur", True),
        ("heker*", "hekur", False),
        ("hek* server*", "hekur", False),
        ("a|hek*", "hekur", True),
        ("hek~ur", "hekur", True),
        ("хакер*", "hakerka", True),
        ("*", "hekur", False),
    ],
)
def test_a_term_that_would_match_a_false_friend_is_named_with_it(term: str, word: str, hit: bool) -> None:
    assert list(false_hits(["zzz", term], ["other", word])) == ([(term, word)] if hit else [])


@settings(max_examples=100, deadline=None)
@given(_TERMS, st.lists(st.text("ab", min_size=1, max_size=4), unique=True, max_size=5))
def test_false_hits_are_what_would_be_found(terms: list[str], friends: list[str]) -> None:
    expected = {(term, word) for term in terms for word in friends if found([term], word)}
    assert set(false_hits(terms, friends)) == expected
