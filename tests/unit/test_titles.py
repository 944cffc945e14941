"""Titles lose what outlets hang on them, and nothing else."""

from __future__ import annotations

import pytest

from monitor.text.titles import plain_title


@pytest.mark.parametrize(
    ("title", "outlet", "plain"),
    [
        ("Sulm ndaj Kuvendit - Albeu.com", "albeu.com", "Sulm ndaj Kuvendit"),
        ("Sulm ndaj Kuvendit | Albeu", "albeu.com", "Sulm ndaj Kuvendit"),
        ("Hakeri napali Vladu – Vijesti.me", "vijesti.me", "Hakeri napali Vladu"),
        ("Hakeri napali Vladu — portal.example.me", "vijesti.me", "Hakeri napali Vladu"),
        ("Hackers Hit Parliament - BIRN | Balkan Insight", "balkaninsight.com", "Hackers Hit Parliament"),
        ("Hakeri napali EPS :: Radio Slobodna Evropa", "slobodnaevropa.org", "Hakeri napali EPS"),
        ("Napad na sajt • Dnevni avaz", "avaz.ba", "Napad na sajt"),
        ("Hakeri napali portal » N1", "n1info.com", "Hakeri napali portal"),
        ("Хакери нападнаха НАП | Дневник", "dnevnik.bg", "Хакери нападнаха НАП"),
        ("Top Channel | Sulm ndaj Kuvendit", "top-channel.tv", "Sulm ndaj Kuvendit"),
        ("Posta u sulmua (FOTO+VIDEO) - Gazeta Panorama", "panorama.com.al", "Posta u sulmua"),
    ],
)
def test_the_outlets_name_goes(title: str, outlet: str, plain: str) -> None:
    assert plain_title(title, outlet) == plain


@pytest.mark.parametrize(
    "title",
    [
        "VIDEO | Hakeri napali Vladu",
        "Hakeri napali Vladu | VIDEO",
        "(FOTO) Hakeri napali Vladu",
        "Hakeri napali Vladu [VIDEO]",
        "FOTO/VIDEO: Hakeri napali Vladu",
        "EKSKLUZIVE/ Hakeri napali Vladu",
        "E BUJSHME/ Hakeri napali Vladu (FOTO)",
        "„Hakeri napali Vladu“",
        "  Hakeri&nbsp;napali  <b>Vladu</b> ",
    ],
)
def test_marks_quotes_and_markup_go(title: str) -> None:
    assert plain_title(title, "portal.example") == "Hakeri napali Vladu"


@pytest.mark.parametrize(
    "title",
    [
        "AKSHI: Sistemet jashtë funksionit",
        "NAP | Sistemet jashtë funksionit",
        "МВР: Имало DDoS напад врз порталот",
        "INSTAT/ Inflacioni rritet sërish",
        "INSTAT: Inflacioni rritet sërish",
        "МВР/СДВР: Имало напад",
        "SULM KIBERNETIK/ Bie faqja e Kuvendit",
        "Sulmi ndaj shërbimeve u ndal – AKSHI",
        "Agjencia Kombëtare e Shoqërisë së Informacionit (AKSHI)",
        "Posta pranon sulmin (2024)",
        "HAKERI NAPALI VLADU (FOTO)",
        "Kosova nën sulm – danas",
        "„Smo v vojni“ in „niso nas zlomili“",
        "Na Brdu: »Ne gre za vprašanje«",
        "Albeu.com",
        "Albeu | Albeu",
        "- | -",
    ],
)
def test_what_may_carry_meaning_stays(title: str) -> None:
    assert plain_title(title, "danas.rs") == title


def test_only_a_title_without_letters_is_empty() -> None:
    assert plain_title("", "x.al") == ""
    assert all(plain_title(title, "albeu.com") for title in ("<b></b>", "Albeu", "(FOTO)", "VIDEO |", '""', "&nbsp;"))
