"""Whatever a page says, detection reaches a verdict in time that grows no faster than the text, and its reasons quote the text."""

from __future__ import annotations

import gc
import json
import random
import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from statistics import median
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.detect.explain import explain
from monitor.detect.lexicon import Lexicon
from monitor.detect.load import load_lexicon
from monitor.detect.verdict import assess
from monitor.jobs.assess import assess_lines
from monitor.model import Article, Finding
from monitor.settings import default_folder

MEGABYTES = 5_000_000
SHORT, TIMES, MOST = 10_000, 10, 20  # letters; ten times as many may take twenty times as long, and square growth would take a hundred


@cache
def lexicon() -> Lexicon:
    return load_lexicon(default_folder({}))


def article(title: str, text: str, country: str | None = "AL") -> Article:
    return Article("https://outlet.example/1", title, text, None, None, "outlet.example", country)


def checked(found: Finding, of: Article) -> Finding:
    """The finding, its score and the places of its reasons looked at."""
    assert 0.0 <= found.score <= 1.0
    for reason in found.reasons:
        source = of.title if reason.zone == "title" else of.text
        assert 0 <= reason.start < reason.end <= len(source)
        assert source[reason.start : reason.end] == reason.surface
        assert not source[max(reason.start - 1, 0) : reason.start].isalnum()  # whole words
        assert not source[reason.end : reason.end + 1].isalnum()
    return found


def verdict(title: str, text: str, country: str | None = "AL") -> Finding:
    """The finding, which must be that of the explanation too."""
    of = article(title, text, country)
    found, explained = checked(assess(of, lexicon()), of), explain(of, lexicon())
    checked(explained.finding, of)
    assert (explained.finding.relevant, explained.finding.score) == (found.relevant, found.score)
    return found


def filled(unit: str, letters: int) -> str:
    return (unit * (letters // len(unit) + 1))[:letters]


def words_at_random(letters: int) -> str:
    """Words that hardly ever come twice, so that nothing remembered of one helps with the next."""
    made = random.Random(letters)
    return " ".join("".join(made.choices("abcdeëfghijklmnoprstuvz", k=9)) for _ in range(letters // 10))


# What is repeated, by what makes it hostile. `None`: made by a function.
REPEATED = {
    "words of attack without a stop": "sulm kibernetik hakerat serverat të dhëna ",
    "attack and victim without a stop": "Hakerët sulmuan Kuvendin e Shqipërisë, ",
    "names of institutions": "Kuvendi i Shqipërisë Ministria e Mbrojtjes Bashkia Elbasan AKSHI ",
    "nouns that wait for a town": "Bashkia ",
    "towns and their nouns": "Bashkia Tiranë Durrës ",
    "the commonest beginning of names": "Ministria ",
    "countries": "Shqipëri Izrael ",
    "speakers": "Hakerët: Kuvendi: tha: ",
    "denials": "nuk ishte sulm kibernetik ",
    "openings of the past": "Kujtojmë se në vitin 2019 u sulmua.\n",
    "misspelt words": "kibernettik kribernetik hakerrat ",
    "digits": "1234567890",
    "years": "2021 ",
    "newlines": "\n",
    "blank lines": " \n",
    "stops": "...",
    "stops and blanks": ". ",
    "a stop and a thousand blanks": "." + " " * 1000,
    "stops and quotation marks": '. "',
    "function words": "dhe në të për me nga është ",
    "one word": "a",
    "emoji": "🙂",
    "two scripts in a word": "hаkеr sуlm Xάκαραν ",
    "nul": "haker\x00",
    "half characters": "haker\udfff sulm\ud800 ",
    "marks of direction": "\u202ehaker\u202c \u200fsulm\u200e ",
    "marks on a letter": "\u0301\u0323",
    "Chinese": "网络攻击新闻",
    "nothing to see within words": "h\u200ba\u200dk\ufeffe\u00adr ",
}


def hostile(kind: str, letters: int) -> str:
    start = "a" if kind == "marks on a letter" else ""
    return start + filled(REPEATED[kind], letters)


def seconds(text: str) -> float:
    of = article(text[:500], text)
    before = process_time()
    explain(of, lexicon())
    return process_time() - before


@pytest.fixture
def no_collection() -> Iterator[None]:
    """A collection of garbage, which would look through all of the lexicon, falls on whom it will."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collection")
@pytest.mark.parametrize("kind", [*REPEATED, "words at random"])
def test_time_grows_with_the_text_and_not_with_its_square(kind: str) -> None:
    make = words_at_random if kind == "words at random" else lambda letters: hostile(kind, letters)
    short, long = make(SHORT), make(SHORT * TIMES)
    seconds(short)  # what is built at the first use
    assert median(seconds(long) for _ in range(3)) < MOST * median(seconds(short) for _ in range(3))


@pytest.mark.parametrize(
    "kind",
    [
        "words of attack without a stop",
        "names of institutions",
        "digits",
        "newlines",
        "blank lines",
        "stops",
        "function words",
        "one word",
        "marks on a letter",
    ],
)
def test_megabytes_get_a_verdict(kind: str) -> None:
    of = article("Lajme", hostile(kind, MEGABYTES))
    found = checked(assess(of, lexicon()), of)
    assert bool(found.reasons) == (kind == "words of attack without a stop")


@pytest.mark.parametrize("kind", REPEATED)
def test_what_is_hostile_is_so_in_the_title_too(kind: str) -> None:
    text = hostile(kind, SHORT // 2)
    verdict(text, text)
    verdict(text, "")


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("", ""),
        ("", "Sulm kibernetik ndaj Kuvendit të Shqipërisë"),
        ("Sulm kibernetik ndaj Kuvendit të Shqipërisë", ""),
        (" \n", "\t\r\n\x0b\x0c\x85\u2028\u2029"),
        ("\x00", "\x00" * 1000),
        ("a" * 100_000, "a" * 100_000),
        ("hakerët" * 15_000, "kibernetik" * 10_000),
        ("🙂👨‍👩‍👧‍👦🇦🇱", "🙂👨‍👩‍👧‍👦🇦🇱" * 1000),
        ("\ud800", "\udfff\ud800" * 1000),
        ("a" + "\u0301" * 5000, "ë" + "\u0308\u0323" * 5000 + " haker" + "\u0489" * 5000),
        ("\u202e\u200f", "\u202eсулм киберретик\u202c" * 100),
        ("\u200b\u2060\ufeff", "\u00ad" * 5000),
        ("ﷺ" * 500, "İıſßŉǰΐﬃ" * 500),  # letters that become several when folded
        ("٣٢١ ۲۰۲۱ २०२१ ²³", "２０２１ 2٠2١ 20٣٤ " * 500),  # digits of other scripts
        ("网络攻击", "网络攻击，议会。" * 1000),
    ],
)
def test_strange_text_gets_a_verdict(title: str, text: str) -> None:
    for country in (None, "AL", "RS", "GR", "ZZ", ""):
        verdict(title, text, country)


def test_half_characters_in_json_get_a_verdict_that_can_be_written() -> None:
    row = r'{"id": "\ud800", "title": "Sulm kibernetik \udfff", "text": "Hakerët sulmuan Kuvendin e Shqipërisë \ud83d.", "country": "AL"}'
    (result,) = assess_lines([row], lexicon())
    assert isinstance(result, dict)
    assert result["relevant"]
    assert json.dumps(result, ensure_ascii=False).encode()


@pytest.mark.parametrize("inside", ["\u200b", "\u00ad", "\ufeff", "\u0301"])
def test_words_of_attack_are_known_under_what_cannot_be_seen_in_them(inside: str) -> None:
    title = inside.join("Sulm") + " " + inside.join("kibernetik") + " ndaj Kuvendit të Shqipërisë"
    found = verdict(title, title)
    assert found.relevant
    assert inside in next(reason.surface for reason in found.reasons if reason.rule == "cyber.title")


# --- texts of all kinds of letters, and sentences of real terms in any order

_LETTERS = "abcëçšđıŞaеорсхнкшѓАЕOabkαέηςΧΝ0129٣²\u0301\u0308\u200b\u202e\u00ad\ud800\x00🙂中 \n.,:;-'’\"„“«»()!?…—"
_STRANGE = st.text(st.one_of(st.sampled_from(_LETTERS), st.characters()), max_size=400)


def _lists(table: object) -> Iterator[str]:
    if isinstance(table, str):
        yield table
    elif isinstance(table, dict):
        for value in table.values():
            yield from _lists(value)
    elif isinstance(table, list):
        for value in table:
            yield from _lists(value)


def _said(terms: Iterable[str]) -> list[str]:
    """Terms as a text would have them: the stems without their stars, of alternatives the first, joined words apart."""
    plain = (re.sub(r"\|\S+|\*\d?", "", term).replace(" .. ", " ").replace("~", " ") for term in terms)
    return sorted({term for term in plain if term})


@cache
def terms() -> list[str]:
    """All that the lexicons and registers look for."""
    folder = default_folder({})
    files = sorted([*(folder / "lexicon").glob("*.toml"), *(folder / "institutions").glob("*.toml"), folder / "actors.toml"])
    return _said(term for file in files for term in _lists(tomllib.loads(file.read_text(encoding="utf-8"))))


_MARKS = (" ", " ", ", ", ". ", ".\n", "\n", "-", ": ", "\u200b", " \ud800", "“ ")


@st.composite
def _sentences(draw: st.DrawFn) -> str:
    """Real terms in any order and any number, with any mark between them."""
    made = random.Random(draw(st.integers(0, 2**32)))
    marks = draw(st.lists(st.sampled_from(_MARKS), min_size=1, max_size=4))
    picked = made.choices(terms(), k=draw(st.integers(0, 80)))
    return "".join(made.choice((term, term.capitalize())) + made.choice(marks) for term in picked)


_COUNTRIES = st.sampled_from([None, "AL", "XK", "RS", "BG", "GR", "RO", "ZZ"])


@settings(max_examples=150, deadline=None)
@given(_STRANGE, _STRANGE, _COUNTRIES)
def test_any_letters_get_a_verdict_whose_reasons_quote_the_text(title: str, text: str, country: str | None) -> None:
    verdict(title, text, country)


@settings(max_examples=200, deadline=None)
@given(_sentences(), _sentences(), _COUNTRIES)
def test_any_terms_in_any_order_get_a_verdict_whose_reasons_quote_the_text(title: str, text: str, country: str | None) -> None:
    verdict(title, text, country)
