"""Signatures: copies meet in a band, other tellings do not."""

from __future__ import annotations

from monitor.model import Article
from monitor.stories.place import COPY
from monitor.stories.signature import likeness, rare_words, sign

TEXT = (
    "Hakerët sulmuan të martën sistemin e të dhënave të Kuvendit të Shqipërisë dhe tentuan të fshijnë serverat. "
    "Administrata bëri të ditur se shërbimet u ndërprenë për disa orë dhe se ekspertët po punojnë për rikthimin e tyre. "
    "Grupi që e quan veten Homeland Justice mori përsipër sulmin në kanalin e tij. Deputetët u njoftuan me një mesazh "
    "se rrjeti i brendshëm nuk do të përdoret deri në një njoftim të dytë, ndërsa policia ka nisur hetimet."
)


def article(text: str) -> Article:
    return Article("u", "t", text)


def test_a_lightly_edited_copy_meets_its_original_in_a_band() -> None:
    original = sign(article(TEXT))
    copy = sign(article("TIRANË (ATSH) - " + TEXT.replace("të martën", "sot") + " Lexoni edhe lajme të tjera."))
    assert set(original.bands) & set(copy.bands)
    assert likeness(original, copy) >= COPY


def test_another_telling_is_no_copy() -> None:
    other = sign(
        article("Parlamenti shqiptar u godit nga një sulm kibernetik, bëri me dije zyra e shtypit. Nuk u vodhën të dhëna, thuhet.")
    )
    assert likeness(sign(article(TEXT)), other) < COPY / 2


def test_a_text_without_words_is_nobodys_copy() -> None:
    assert sign(article("")) == sign(article("dy fjalë"))
    assert likeness(sign(article("")), sign(article(""))) == 0.0


def test_bands_fit_a_signed_64_bit_column() -> None:
    assert all(-(2**63) <= band < 2**63 for band in sign(article(TEXT)).bands)


def test_names_and_numbers_meet_across_scripts() -> None:
    latin = rare_words(article("Napad je prijavio Petar Nikolić iz Banjaluke 14.500 puta."))
    cyrillic = rare_words(article("Напад је пријавио Петар Николић из Бањалуке 14.500 пута."))
    assert latin == cyrillic
    assert {"petar", "500"} <= latin
