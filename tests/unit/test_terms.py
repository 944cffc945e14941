"""Terms as people write them in the lexicon: what each form matches, and what it must not."""

from __future__ import annotations

import pytest

from monitor.detect.terms import Hit, TermIndex, acronym_hits, compile_term, longest
from monitor.text.fold import tokens


def found(term: str, text: str, inflected: bool = False) -> list[str]:
    index: TermIndex[str] = TermIndex()
    index.add(term, "x", inflected)
    words = tokens(text)
    return [" ".join(token.text for token in words[hit.first : hit.last + 1]) for hit in index.hits(words, [0] * len(words))]


@pytest.mark.parametrize(
    ("term", "text", "hits"),
    [
        ("haker", "haker hakera", ["haker"]),
        ("haker*", "hakerëve u hakerua shakerin", ["hakerëve", "hakerua"]),
        ("haku*2", "hakuan hakuara Lushaku", ["hakuan"]),
        (
            "sulm* kibernetik*",
            "Sulmi kibernetik, sulmeve kibernetike; sulm i fortë kibernetik",
            ["Sulmi kibernetik", "sulmeve kibernetike"],
        ),
        ("napad* .. sistem*", "napad na neki drugi naš sistem", ["napad na neki drugi naš sistem"]),
        ("napad* .. sistem*", "napad na vladu i na još jedan njen sistem", []),
        ("sajber~napad*", "sajber napad, sajber-napada, sajbernapadom", ["sajber napad", "sajber napada", "sajbernapadom"]),
        ("upad*|prodor* u sistem*", "prodor u sistem, upadom u sisteme", ["prodor u sistem", "upadom u sisteme"]),
        ("хакерск* напад*", "hakerskog napada хакерскиот напад", ["hakerskog napada", "хакерскиот напад"]),
        ("λύτρα", "ΛΥΤΡΑ", ["ΛΥΤΡΑ"]),
        ("parlament.al", "faqja parlament.al ra", ["parlament al"]),
    ],
)
def test_each_form_matches_what_it_says(term: str, text: str, hits: list[str]) -> None:
    assert found(term, text) == hits


def test_names_take_case_endings_without_a_star() -> None:
    assert found("Elektroprivreda Srbije", "iz Elektroprivredom Srbijom", inflected=True) == ["Elektroprivredom Srbijom"]
    assert found("Elektroprivreda Srbije", "Elektroprivredni", inflected=True) == []
    assert found("EPS", "EPSON", inflected=True) == []


def test_a_term_never_reaches_across_a_sentence() -> None:
    index: TermIndex[str] = TermIndex()
    index.add("napad .. sistem", "x")
    words = tokens("Napad. Sistem")
    assert not list(index.hits(words, [0, 1]))
    assert list(index.hits(words, [0, 0]))


@pytest.mark.parametrize("term", ["", "..", "a ..", "***", "ab*x", "-"])
def test_what_is_no_term_is_refused(term: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        compile_term(term)


def test_a_longer_name_hides_a_shorter_one_within_it() -> None:
    hits = [Hit("bank", "", 3, 3), Hit("national bank", "", 2, 3), Hit("other", "", 4, 4)]
    assert [hit.value for hit in longest(hits)] == ["national bank", "other"]


@pytest.mark.parametrize(("text", "there"), [("AKSHI-t", True), ("AKSHI", True), ("akshi", False), ("EPSa", True), ("EPSON", False)])
def test_acronyms_keep_their_case_and_take_short_endings(text: str, there: bool) -> None:
    assert bool(list(acronym_hits({"AKSHI": 1, "EPS": 2}, tokens(text)))) is there
