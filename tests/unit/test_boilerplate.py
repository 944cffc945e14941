"""Furniture of an outlet's pages: what is cut, when, and what never is."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.extract.boilerplate import Furniture, blocks, cut

TEASER = "Ndiqni edicionin e lajmeve çdo ditë në orën 19:30, dhe na shkruani për sulmet kibernetike që ju kanë prekur."
TITLES = [
    "Çmimi i grurit bie për herë të parë këtë vit",
    "Partizani mposht Tiranën në derbin e kryeqytetit",
    "Reshje të dendura në veri, rrugët drejt Valbonës të bllokuara",
    "Koncert në sheshin Skënderbej për festat e fundvitit",
    "Bashkia e Durrësit hap tenderin për pastrimin e plazhit",
    "Gjykata lë në burg dy të pandehurit për vjedhje",
    "Turistët polakë kryesojnë hyrjet në kufi gjatë gushtit",
    "Fondi Monetar rrit parashikimin për ekonominë shqiptare",
    "Nxënësit kthehen në bankat e shkollës më njëmbëdhjetë shtator",
    "Zjarri në Karaburun vihet nën kontroll pas tri ditësh",
    "Deputetët miratojnë buxhetin, opozita braktis sallën",
    "Hapet muzeu i ri arkeologjik në qytetin antik",
    "Ulet numri i aksidenteve rrugore, thotë policia",
    "Peshkatarët e Vlorës kërkojnë mbështetje për karburantin",
]


def text(title: str, *lines: str) -> str:
    return "\n".join([f"{title}, raporton gazetari ynë nga vendi.", f"Më shumë për këtë: {title.lower()}.", *lines])


def seen(pages: list[tuple[str, str]], outlet: str = "one.al") -> Furniture:
    furniture = Furniture()
    for title, body in pages:
        furniture.saw(outlet, title, blocks(body))
    return furniture


def test_a_line_on_every_page_is_cut_from_the_fifth_page_on() -> None:
    furniture = Furniture()
    for number, title in enumerate(TITLES):
        body = text(title, TEASER)
        left = cut(body, furniture.of("one.al"))
        assert left == (body if number < 4 else text(title)), number
        furniture.saw("one.al", title, blocks(body))


def test_a_line_on_a_third_of_the_pages_is_furniture_and_one_on_fewer_is_not() -> None:
    often = seen([(title, text(title, TEASER) if number % 3 == 0 else text(title)) for number, title in enumerate(TITLES[:12])])
    seldom = seen([(title, text(title, TEASER) if number % 4 == 0 else text(title)) for number, title in enumerate(TITLES[:12])])
    assert often.of("one.al") == frozenset(blocks(TEASER))
    assert seldom.of("one.al") == frozenset()


def test_what_was_repeated_once_is_forgotten_when_the_outlet_stops() -> None:
    pages = [(title, text(title, TEASER)) for title in TITLES[:5]] + [(f"{title} sot", text(title)) for title in TITLES[2:]]
    assert seen(pages).of("one.al") == frozenset()


@pytest.mark.parametrize("times", [3, 5, 12])
def test_an_incident_told_again_and_again_is_never_cut(times: int) -> None:
    story = "Sistemet e Kuvendit u goditën të hënën nga një sulm kibernetik, dhe faqja e tij nuk hapet."
    endings = ["hetimet nisin", "faqja ende jashtë funksionit", "grupi merr përgjegjësinë", "deputetët kërkojnë llogari", "vijnë ekspertët"]
    titles = [f"Sulmi kibernetik ndaj Kuvendit, {endings[number % 5]}" for number in range(times)]
    others = [(title, text(title)) for title in TITLES[: 12 - times]]
    furniture = seen([*others, *((title, text(title, story)) for title in titles)])
    assert furniture.of("one.al") == frozenset()


def test_three_reports_of_one_incident_under_titles_of_nothing_in_common_are_not_cut() -> None:
    story = "Sistemet e Kuvendit u goditën të hënën nga një sulm kibernetik, dhe faqja e tij nuk hapet."
    furniture = seen([(title, text(title, story)) for title in TITLES[:3]])
    assert cut(text("Lajm i ri", story), furniture.of("one.al")) == text("Lajm i ri", story)


def test_one_page_read_again_and_again_is_one_page() -> None:
    assert seen([(TITLES[0], text(TITLES[0], TEASER))] * 12).of("one.al") == frozenset()


def test_the_furniture_of_one_outlet_is_not_that_of_another() -> None:
    furniture = seen([(title, text(title, TEASER)) for title in TITLES])
    assert furniture.of("two.al") == frozenset()


def test_figures_case_and_blanks_make_no_other_line() -> None:
    assert blocks("Lexuar 1.234 herë  sot") == blocks("LEXUAR 98.765 HERË SOT")
    assert blocks("Sulm ndaj bankës") != blocks("Sulm ndaj bashkisë")


def test_lines_without_words_are_neither_numbered_nor_cut() -> None:
    assert blocks("12.05.2024\n---\n\n  \n") == ()
    assert cut("Fjala\n\n12.05.2024\nMbetja", frozenset(blocks("Fjala"))) == "12.05.2024\nMbetja"


def test_a_text_of_furniture_alone_is_kept() -> None:
    body = f"{TEASER}\n12.05.2024\n{TEASER}"
    assert cut(body, frozenset(blocks(TEASER))) == body


@given(st.text(max_size=200), st.sets(st.integers(0, 9)))
def test_what_is_cut_is_gone_and_the_rest_stays_in_order(body: str, chosen: set[int]) -> None:
    repeated = frozenset(number for at, number in enumerate(blocks(body)) if at in chosen)
    left = cut(body, repeated)
    kept = tuple(number for number in blocks(body) if number not in repeated)
    assert blocks(left) == (kept or blocks(body))
    assert bool(left) == bool(body) or not blocks(body)


def test_the_numbers_are_the_same_in_every_process() -> None:
    program = "from monitor.extract.boilerplate import blocks; print(*blocks('Fjala e mirë\\nçdo ditë'))"
    run = [subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout for _ in range(2)]
    assert run[0] == run[1] == " ".join(map(str, blocks("Fjala e mirë\nçdo ditë"))) + "\n"


def test_five_thousand_outlets_fit_in_little_memory() -> None:
    furniture, outlets = Furniture(), 500
    pages = [(title, blocks("\n".join(f"{title}: rreshti {chr(97 + line)}" for line in range(20)))) for title in TITLES]
    tracemalloc.start()
    for outlet in range(outlets):
        for title, numbers in pages:
            furniture.saw(f"outlet-{outlet}.al", title, numbers)
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert used / outlets * 5_000 < 40_000_000


def test_a_page_of_endless_lines_costs_no_more_than_another() -> None:
    furniture = seen([(title, "\n".join(f"rresht {'a' * line}" for line in range(1, 2_000)) + "\n" + TEASER) for title in TITLES])
    assert len(furniture.of("one.al")) == 120
    assert set(blocks(TEASER)) <= furniture.of("one.al")
