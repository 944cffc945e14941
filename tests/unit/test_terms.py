"""Terms as people write them in the lexicon: what each form matches, and what it must not."""

from __future__ import annotations

import pytest

from monitor.detect.match import TermIndex, words
from monitor.detect.terms import compile_term, covers
from monitor.text.fold import tokens


def found(term: str, text: str, inflected: bool = False) -> list[str]:
    index: TermIndex[str] = TermIndex()
    index.add(term, "x", inflected)
    written = tokens(text)
    return [" ".join(written.written[hit.first : hit.last + 1]) for hit in index.hits(words(written))]


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


@pytest.mark.parametrize("term", ["", "..", "a ..", "***", "ab*x", "-"])
def test_what_is_no_term_is_refused(term: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        compile_term(term)


@pytest.mark.parametrize(
    ("wide", "narrow", "does"),
    [
        ("haker*", "hakerski", True),
        ("haker*2", "hakerski", False),
        ("haker*", "haker*", True),
        ("a|b* c", "b c", True),
        ("a|b c", "a|b|d c", False),
        ("a .. b", "a b", False),
        ("a b", "a b c", False),
    ],
)
def test_one_term_covers_another_if_it_finds_all_that_the_other_finds(wide: str, narrow: str, does: bool) -> None:
    assert covers(compile_term(wide)[0], compile_term(narrow)[0]) is does
