from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.markup import plain


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("Sulm kibernetik", "Sulm kibernetik"),
        ("  two\n lines\t", "two lines"),
        ("<p>one</p><p>two &amp; three</p>", "one two & three"),
        ("par<b>lia</b>ment", "parliament"),
        ("a<br/>b<br>c", "a b c"),
        ("&#8220;Kuvendi&#8221; &euml;", "“Kuvendi” ë"),
        ("&amp;quot;Kuvendi&amp;quot;", '"Kuvendi"'),
        ("&lt;b&gt;Kuvendi&lt;/b&gt;", "Kuvendi"),
        ("<script>alert(1)</script>text<style>p{}</style>", "text"),
        ("a <!-- hidden --> b", "a b"),
        ("5 < 6 and 7 > 3", "5 < 6 and 7 > 3"),
        ("AT&T", "AT&T"),
        ("soft\u00adhyphen\u200b\x00\x1b", "softhyphen"),
        ('<img src="x" onerror="alert(1)">', ""),
        ("", ""),
    ],
)
def test_markup_becomes_what_a_reader_sees(markup: str, expected: str) -> None:
    assert plain(markup, 500) == expected


def test_the_cut_falls_between_words() -> None:
    assert plain("word " * 300, 102) == ("word " * 20).strip()


def test_a_text_without_blanks_is_cut_hard() -> None:
    assert plain("x" * 1000, 100) == "x" * 100


@pytest.mark.parametrize("unit", ["<", "<b", "<b>", "<!--", "&", "&amp;", "<p><p>", "<script>", "<![CDATA[", "<a x "])
def test_hostile_markup_is_quick_and_capped(unit: str) -> None:
    start = perf_counter()
    assert len(plain(unit * 1_000_000, 10_000)) <= 10_000
    assert perf_counter() - start < 2


@given(st.text())
def test_any_text_is_survived(text: str) -> None:
    plain(text, 500).encode()
    plain(f"<p>{text}", 500).encode()
