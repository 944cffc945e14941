"""Signatures: copies meet in a band, other tellings do not."""

from __future__ import annotations

import pytest

from monitor.model import Article, Signature
from monitor.stories.signature import COPY, likeness, prose, sign

TEXT = (
    "Hakerët sulmuan të martën sistemin e të dhënave të Kuvendit të Shqipërisë dhe tentuan të fshijnë serverat. "
    "Administrata bëri të ditur se shërbimet u ndërprenë për disa orë dhe se ekspertët po punojnë për rikthimin e tyre. "
    "Grupi që e quan veten Homeland Justice mori përsipër sulmin në kanalin e tij. Deputetët u njoftuan me një mesazh "
    "se rrjeti i brendshëm nuk do të përdoret deri në një njoftim të dytë, ndërsa policia ka nisur hetimet."
)


OTHER = (
    "Parlamenti shqiptar u godit nga një sulm kibernetik, bëri me dije zyra e shtypit. Nuk u vodhën të dhëna, thuhet, "
    "por gazetarët e akredituar nuk u lejuan të hynin në sallë deri pasdite, kur seanca nisi me vonesë."
)


def article(text: str) -> Article:
    return Article("u", "t", text)


def test_a_lightly_edited_copy_meets_its_original_in_a_band() -> None:
    original = sign(article(TEXT))
    copy = sign(article("TIRANË (ATSH) - " + TEXT.replace("të martën", "sot") + " Lexoni edhe lajme të tjera."))
    assert set(original.bands) & set(copy.bands)
    assert likeness(original, copy) >= COPY


def test_another_telling_is_no_copy() -> None:
    assert likeness(sign(article(TEXT)), sign(article(OTHER))) < COPY / 2


def test_a_text_without_words_is_nobodys_copy() -> None:
    assert sign(article("")) == sign(article("dy fjalë"))
    assert likeness(sign(article("")), sign(article(""))) == 0.0


def test_bands_fit_a_signed_64_bit_column() -> None:
    assert all(-(2**63) <= band < 2**63 for band in sign(article(TEXT)).bands)


def test_the_title_makes_no_difference() -> None:
    assert sign(article(TEXT)) == sign(Article("v", "another title", TEXT))


def test_a_cut_text_and_one_with_more_about_it_are_copies() -> None:
    half = TEXT[: len(TEXT) // 2]
    assert likeness(sign(article(half)), sign(article(TEXT))) >= COPY
    assert likeness(sign(article(TEXT)), sign(article(f"{TEXT}\n\n{OTHER}"))) >= COPY


def test_a_signature_made_otherwise_is_like_none() -> None:
    signed = sign(article(TEXT))
    assert likeness(Signature(signed.bands, signed.digest[:-1], signed.words), signed) == 0.0


@pytest.mark.parametrize("length", [1, 2, 65, 128])
def test_signatures_made_otherwise_are_not_even_like_themselves(length: int) -> None:
    signed = sign(article(TEXT))
    other = Signature(signed.bands, (*signed.digest, *signed.digest)[:length], signed.words)
    assert likeness(other, other) == 0.0
    assert likeness(signed, signed) == 1.0


FORMULA = "Hakerët sulmuan mbrëmë faqen e Bashkisë {}, bëri të ditur policia. Shërbimet për qytetarët u ndërprenë për disa orë."


def test_a_formula_of_a_sentence_or_two_is_a_copy_only_word_for_word() -> None:
    berat = sign(article(FORMULA.format("Berat")))
    assert likeness(berat, sign(article(FORMULA.format("Kukës")))) == 0.0
    assert likeness(berat, sign(article("TIRANË (ATSH) – " + FORMULA.format("Berat")))) == 0.0
    assert likeness(berat, sign(article(FORMULA.format("Berat").upper()))) >= COPY


def test_texts_with_other_names_are_no_copies() -> None:
    frame = TEXT.replace("Kuvendit të Shqipërisë", "{}").replace("Homeland Justice", "{}")
    one = article(frame.format("Bashkisë Gjirokastër në 4.500 kompjuterë", "LockBit Black"))
    other = article(frame.format("Bashkisë Shkodër në 7.800 kompjuterë", "Anonymous Sudan"))
    assert likeness(sign(one), sign(other)) == 0.0


@pytest.mark.parametrize(
    "furniture",
    [
        "Nga: Arben Hoxha\n{}",
        "26.12.2023 10:45\nFoto: Ilustrim/Pixabay\n{}",
        "TIRANË, 26 dhjetor 2023 (ATSH) – {}",
        "Tirana, 26 dhjetor /ATSH/- {}",
        "BEOGRAD - {}",
        "(Hina) {}",
        "{}\nLexo edhe:\nBashkia e Tiranës pranon se sistemi i taksave u sulmua sërish\nRama: Do të përgjigjemi!",
        "{}\nFacebook Twitter WhatsApp\nhttps://t.me/portal\nredaksia@portal.example",
        "{}\n\nBurimi: ATSH.",
    ],
)
def test_lines_that_are_no_prose_are_not_signed(furniture: str) -> None:
    assert prose(furniture.format(TEXT)) == TEXT
    assert sign(article(furniture.format(TEXT))) == sign(article(TEXT))


@pytest.mark.parametrize("text", [TEXT, "Agjencia Kombëtare (AKSHI) njoftoi sulmin.", "Kuvendi u godit – dhe heshti.", "e-Albania ra."])
def test_prose_stays_whole(text: str) -> None:
    assert prose(text) == text


def test_a_text_of_nothing_else_is_signed_whole() -> None:
    lines = "\n".join(f"Një rresht i shkurtër pa pikë numër {number}" for number in range(10))
    assert sign(article(lines)).digest


def test_names_and_numbers_meet_across_scripts() -> None:
    latin = sign(article("Napad je prijavio Petar Nikolić iz Banjaluke 14.500 puta.")).words
    cyrillic = sign(article("Напад је пријавио Петар Николић из Бањалуке 14.500 пута.")).words
    assert latin == cyrillic == {"petar", "nikolic", "banjalu", "500"}


def test_short_names_days_hours_and_years_are_not_rare() -> None:
    found = sign(article("Sot, më 26 dhjetor 2023 në 10:45, Edi Rama dhe AKSHI folën për 1300 llogari te CVE2024. Grupi nuk foli.")).words
    assert found == {"akshi", "1300", "cve2024"}
