"""Which language a text is in, with the real lexicons and with small ones made up for the rule."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from monitor.detect.document import read
from monitor.detect.lexicon import Lexicon
from monitor.detect.load import load_lexicon
from monitor.detect.verdict import recognise
from monitor.model import LANGUAGES, Article
from monitor.settings import default_folder
from monitor.text.fold import tokens
from monitor.text.language import identify, variant

CORPUS = Path(__file__).parents[1] / "corpus" / "dev.jsonl"
SMALL = {"the": ("one",), "der": ("two",), "shared": ("one", "two"), "i": ("three",)}
SCRIPTS = {"one": "Latn", "two": "Latn", "three": "Cyrl"}


@cache
def lexicon() -> Lexicon:
    return load_lexicon(default_folder({}))


@cache
def rows() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines())


def named(title: str, text: str = "", lang: str | None = None, country: str | None = None) -> str:
    article = Article("http://one.example/1", title, text, lang=lang, country=country)
    return recognise(read(article), article, lexicon())[1]


@pytest.mark.parametrize(("hint", "name"), [("one", "one"), ("two", "two"), ("ru", "two"), (None, "two")])
def test_where_no_lexicon_is_in_the_script_of_the_text_one_is_taken_all_the_same(hint: str | None, name: str) -> None:
    assert identify(tokens("Текст"), SMALL, {"one": "Latn", "two": "Latn"}, hint) == name


@pytest.mark.parametrize(("lang", "name"), [("bg", "bg"), ("bg-BG", "bg"), ("BG", "bg"), ("mk-MK", "mk")])
def test_the_language_of_the_source_may_be_given_with_a_country(lang: str, name: str) -> None:
    assert named("Ана", lang=lang) == name


@pytest.mark.parametrize(
    ("sentence", "lang"),
    [
        ("Të dhënat u publikuan të martën dhe askush nuk e di se çfarë ka ndodhur me to.", "sq"),
        ("Podaci su objavljeni u utorak i niko ne zna šta se sa njima desilo ove nedelje.", "sr-Latn"),
        ("Подаци су објављени у уторак и нико не зна шта се са њима десило.", "sr-Cyrl"),
        ("Podaci su objavljeni u utorak i nitko ne zna što se s njima dogodilo ovaj tjedan, priopćilo je ministarstvo.", "hr"),
        ("Податоците се објавени во вторникот и никој не знае што се случило со нив.", "mk"),
        ("Данните са публикувани във вторник и никой не знае какво се е случило с тях.", "bg"),
        ("Podatki so bili objavljeni v torek in nihče ne ve, kaj se je z njimi zgodilo.", "sl"),
        ("Datele au fost publicate marți și nimeni nu știe ce s-a întâmplat cu ele.", "ro"),
        ("Τα δεδομένα δημοσιεύθηκαν την Τρίτη και κανείς δεν ξέρει τι έγινε με αυτά.", "el"),
        ("The data were published on Tuesday and nobody knows what has become of them.", "en"),
        ("Die Daten wurden am Dienstag veröffentlicht, und niemand weiß, was mit ihnen geschehen ist.", "de"),
        ("I dati sono stati pubblicati martedì e nessuno sa che cosa ne sia stato.", "it"),
        ("Veriler salı günü yayımlandı ve onlara ne olduğunu kimse bilmiyor.", "tr"),
    ],
)
def test_a_sentence_is_enough(sentence: str, lang: str) -> None:
    assert named(sentence) == lang


def test_the_corpus_is_named_right_without_any_hint() -> None:
    wrong = Counter(row["lang"] for row in rows() if named(row["title"], row["text"]) != row["lang"])
    assert wrong.total() <= 0.03 * len(rows()), wrong
    assert not wrong.keys() & {"sq", "mk", "bg", "sl", "ro", "el", "en", "de", "it", "tr"}


def test_every_variant_can_come_out() -> None:
    assert {named(row["title"], row["text"]) for row in rows()} == set(LANGUAGES)


def test_without_diacritics_a_text_is_still_in_its_language() -> None:
    assert named("Te dhenat u publikuan te marten dhe askush nuk e di se cfare ka ndodhur me to.") == "sq"
    assert named("Datele au fost publicate marti si nimeni nu stie ce s-a intamplat cu ele.") == "ro"


def test_a_short_title_is_in_the_language_of_its_source() -> None:
    assert named("Ransomware", lang="sq") == "sq"
    assert named("Ransomware", lang="sl") == "sl"


def test_a_hint_does_not_outweigh_a_whole_text() -> None:
    assert named("The data were published on Tuesday and nobody knows what has become of them.", lang="sq") == "en"


def test_the_outlets_country_tells_the_norms_of_one_language_apart() -> None:
    sentence = "Podaci su objavljeni u utorak."
    assert {country: named(sentence, lang="sr", country=country) for country in ("RS", "HR", "BA", "ME")} == {
        "RS": "sr-Latn",
        "HR": "hr",
        "BA": "bs",
        "ME": "cnr",
    }


def test_an_empty_text_is_in_the_language_of_its_source_or_in_english() -> None:
    assert identify(tokens(""), SMALL, SCRIPTS, "two") == "two"
    assert identify(tokens(""), {}, {}, None) == "en"


def test_a_word_of_one_language_counts_more_than_one_of_several() -> None:
    assert identify(tokens("shared shared der"), SMALL, SCRIPTS, None) == "two"


def test_another_script_is_another_language_whatever_the_words() -> None:
    assert identify(tokens("и тогава the the"), SMALL, SCRIPTS, "one") == "three"


def test_a_lexicon_of_both_scripts_is_asked_for_either() -> None:
    for text in ("the", "тхе"):
        assert identify(tokens(text), {"the": ("both",)}, {"both": "both"}, None) == "both"


@pytest.mark.parametrize(
    ("text", "counts", "country", "name"),
    [
        ("Tko je ovaj tjedan kriv", {"hr": 2}, None, "hr"),
        ("Ko je kriv ove nedelje", {"sr": 2}, None, "sr-Latn"),
        ("Ко је крив ове недеље", {"sr": 2}, None, "sr-Cyrl"),
        ("Ко је крив ове недеље", {"sr": 2}, "RS", "sr-Cyrl"),
        ("Ко је крив", {"sr": 1}, "ME", "cnr"),
        ("prošle sedmice", {"bs": 1}, "RS", "sr-Latn"),  # the country counts as four words
        ("sedmice sedmice sedmice sedmice sedmice", {"bs": 5}, "RS", "bs"),
    ],
)
def test_script_markers_and_country_decide_the_variant(text: str, counts: dict[str, int], country: str | None, name: str) -> None:
    assert variant(tokens(text), dict.fromkeys(("hr", "sr", "bs", "cnr"), 0) | counts, country) == name
