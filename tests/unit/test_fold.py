"""Folding: one alphabet for all scripts, with every word's place kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.fold import fold, fold_text, script, tokens


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Shërbimët", "sherbimet"),
        ("Çështje", "ceshtje"),
        ("Хакерски", "hakerski"),
        ("Đoković", "djokovic"),
        ("Ђоковић", "djokovic"),
        ("ΛΎΤΡΑ", "λυτρα"),
        ("λύτρα", "λυτρα"),
        ("κυβερνοεπίθεσης", "κυβερνοεπιθεσησ"),
        ("SİBER", "siber"),
        ("ransomëare", "ransomeare"),
        ("țintă", "tinta"),
        ("ţintă", "tinta"),
        ("Љубљана", "ljubljana"),
        ("щит", "stit"),
    ],
)
def test_scripts_and_diacritics_meet(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("mixed", "pure"),
    [("Xάκαραν", "Χάκαραν"), ("пародийнa", "пародийна"), ("Hakоvani", "Hakovani"), ("imejlоvi", "imejlovi")],
)
def test_look_alike_letters_of_another_script_are_repaired(mixed: str, pure: str) -> None:
    assert mixed != pure
    assert fold(mixed) == fold(pure)


def test_composed_and_decomposed_letters_are_the_same() -> None:
    assert fold("s\u030ca\u0308") == fold("ša\u0308") == "sa"
    assert fold("и\u0306") == fold("й") == "j"


def test_soft_hyphens_and_zero_width_characters_vanish() -> None:
    assert fold_text("kiber\u00adnetik ha\u200bkeri") == "kibernetik hakeri"


def test_hyphens_part_words_and_each_word_knows_its_place() -> None:
    text = "AKSHI-t, „ЕПС-а“ e-Albania"
    assert tokens(text).written == ["AKSHI", "t", "ЕПС", "а", "e", "Albania"]
    words = tokens(text)
    assert all(text[words.starts[at] : words.end(at)] == words.written[at] for at in range(len(words)))


@given(st.text(max_size=200))
def test_folding_is_stable_and_places_are_true_for_any_text(text: str) -> None:
    words = tokens(text)
    for at, folded in enumerate(words.folded):
        assert text[words.starts[at] : words.end(at)] == words.written[at]
        assert fold(folded) == folded or not folded.isascii()


def test_the_script_is_that_of_most_letters() -> None:
    assert script("Хакери napadnuli") == "Latn"
    assert script("Хакерски напад DDoS") == "Cyrl"
    assert script("επίθεση DDoS") == "Grek"
