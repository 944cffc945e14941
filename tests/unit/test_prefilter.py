"""Whether anything in a text could be a word of attack, in any language that the text could be in."""

from __future__ import annotations

import time

import pytest

from monitor.detect.load import load_lexicon
from monitor.detect.prefilter import Prefilter
from monitor.settings import default_folder


@pytest.fixture(scope="module")
def scan() -> Prefilter:
    return Prefilter(load_lexicon(default_folder({})))


@pytest.mark.parametrize(
    "line",
    [
        "Sulm kibernetik ndaj Kuvendit",
        "Hakeri su upali u bolnicu",
        "Хакери го блокираа системот",
        "Хакнаха сайта на НАП",
        "Kibernetski napad na bolnišnico",
        "Atac cibernetic la Conpet",
        "ΚΥΒΕΡΝΟΕΠΙΘΕΣΗ ΣΤΟΝ ΔΕΣΦΑ",
        "Ransomware attack on a hospital",
        "Hackerangriff auf das Landratsamt",
        "Attacco informatico al comune",
        "Hastaneye SİBER SALDIRI",
        "Kjo ishte nje sulm kibernetk",
        "Xάκερ έριξαν την ιστοσελίδα",
    ],
    ids=["sq", "hbs", "mk", "bg", "sl", "ro", "el in capitals", "en", "de", "it", "tr in capitals", "a slip of the pen", "mixed alphabets"],
)
def test_a_word_of_attack_in_any_language_could_matter(scan: Prefilter, line: str) -> None:
    assert scan.could_matter(["Dita", line, "x"])


@pytest.mark.parametrize(
    "line",
    [
        "Moti i nesërm do të jetë me diell",
        "Бразилия победи с 2:0",
        "Υψηλές θερμοκρασίες το Σαββατοκύριακο",
        "Prices of bread rose again",
        "",
    ],
)
def test_what_has_none_cannot(scan: Prefilter, line: str) -> None:
    assert not scan.could_matter([line])


def test_a_strike_matters_only_near_something_digital_in_the_same_line(scan: Prefilter) -> None:
    assert scan.could_matter(["Napadnut je server opštine"])
    assert not scan.could_matter(["Napadnut je čuvar opštine"])
    assert not scan.could_matter(["Napadnut je", "server opštine"])
    assert not scan.could_matter(["Napadnut je juče u svom dvorištu u Nišu, rekla je supruga, a server"])


def test_the_words_of_a_term_must_follow_each_other(scan: Prefilter) -> None:
    assert scan.could_matter(["data breach"])
    assert not scan.could_matter(["breach of the dam, data are awaited"])


def test_words_of_another_alphabet_are_of_no_language_of_the_page(scan: Prefilter) -> None:
    """What fell is a database in Macedonian only, which nobody writes in Latin letters."""
    assert scan.could_matter(["Падна базата на податоци"])
    assert not scan.could_matter(["Padna bazata"])
    assert scan.could_matter(["Padna bazata", "Скопје"])


def test_a_flood_is_left_to_those_who_have_limits(scan: Prefilter) -> None:
    assert scan.could_matter(["a " * 100_001])
    assert scan.could_matter([" ".join(f"word{number}" for number in range(10_001))])
    assert scan.could_matter(["a" * 1_001])


def test_a_flood_of_new_words_costs_no_more_than_reading_it_would(scan: Prefilter) -> None:
    words = [f"kibernetik{number}"[::-1] + "kibernetik" for number in range(9_000)]
    started = time.process_time()
    scan.could_matter([" ".join(words)])
    assert time.process_time() - started < 3


def test_what_is_remembered_changes_no_answer(scan: Prefilter) -> None:
    for _ in range(3):
        assert scan.could_matter(["Sulm kibernetik"])
        assert not scan.could_matter(["Sulm me thikë"])
