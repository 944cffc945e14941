"""The text of a page for the scan: nothing that extraction could read is missing, and sentences stay in one piece."""

from __future__ import annotations

import random
import re
import time

import pytest
import trafilatura

from monitor.extract import visible
from monitor.text.fold import fold_text

FILL = "<p>" + "Nothing of interest was said here today. " * 4 + "</p>"


def lines(inside: str, head: str = "") -> list[str]:
    """The folded lines of a page with enough text."""
    found = visible.read(f"<!doctype html><html><head>{head}</head><body>{FILL}{inside}</body></html>".encode())
    assert found is not None
    return [fold_text(line) for line in found.lines]


@pytest.mark.parametrize(
    "written",
    [
        "hakeri napali",
        "ha<b>ke</b>ri <i>napali</i>",
        "ha<wbr>keri&nbsp;napali",
        "ha&shy;keri na&#8203;pali",
        "&#104;akeri &#x6e;apali",
        "&amp;#104;akeri napali",
        "ha\u200ekeri na\ue000pali",
        "ha\x00keri napali",
        "ha<!-- x -- > y -->keri napali",
        "<!-->hakeri<!---> napali",
        "<a title='a > b'>hakeri</a> <a onclick=\"x => y\">napali</a>",
        "hakeri<br>napali",
        "hakeri <script>if (a < b) {}</script>napali",
        "hakeri <div class=ad></div> napali",
        "hakeri <figure><img><figcaption>a picture</figcaption></figure> napali",
        "hakeri <aside><div><p>one</p></div></aside><div>two</div> napali",
        "<SPAN>hakeri</SPAN> napali",
        "hakeri\n\t napali",
        "<p>hakeri<time>12</time><hr>napali",
    ],
)
def test_words_and_sentences_are_seen_through_what_stands_in_them(written: str) -> None:
    assert any("hakeri napali" in line for line in lines(f"<div>{written}</div>")), lines(f"<div>{written}</div>")


def test_words_that_tags_part_are_also_seen_apart() -> None:
    found = lines("<p><span>hakeri</span><a>napali</a></p>")
    assert "hakerinapali" in found
    assert "hakeri napali" in found


@pytest.mark.parametrize("between", ["</p><p>", "</li><li>", "</h2><p>", "</td><td>", "</div><div>"])
def test_what_stands_in_different_blocks_is_no_sentence(between: str) -> None:
    assert not any("hakeri napali" in line for line in lines(f"<p>hakeri{between}napali</p>"))


def test_scripts_styles_and_attributes_are_no_text() -> None:
    found = lines("<script>var hakeri = 1</script><style>.hakeri{}</style><!-- hakeri --><a class='hakeri'>x</a>")
    assert not any("hakeri" in line for line in found)


@pytest.mark.parametrize(
    "body",
    [
        "Hakeri napali u\\u0161li\\nsajt vlade",
        "Hakeri napali <b>u</b>&scaron;li sajt vlade",
        "\\u003cp\\u003eHakeri napali u&amp;scaron;li sajt vlade\\u003c/p\\u003e",
        'Rekli su: \\"Hakeri napali ušli sajt vlade\\"',
    ],
)
def test_the_text_that_a_page_states_for_machines_is_seen(body: str) -> None:
    script = f'<script type="application/ld+json">{{"@type": "NewsArticle", "articleBody": "{body}"}}</script>'
    assert any("hakeri napali" in line for line in lines("", script))
    assert any("usli sajt" in line for line in lines("", script))


def test_a_page_has_the_title_that_it_gives_itself_and_the_one_for_others() -> None:
    head = "<title>One &amp; two</title><meta property='og:title' content='Hakeri &gt; napali'>"
    found = visible.read(f"<html><head>{head}</head><body>{FILL}</body></html>".encode())
    assert found is not None
    assert found.title == "One & two"
    assert any("hakeri napali" in fold_text(line) for line in found.lines)


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<html><body>short</body></html>",
        f"<div id=data-preloaded data-preloaded='{{}}'>{FILL}</div>",
        f"{FILL}<math alttext='x'></math>",
        f"{FILL}<a title='<script>'>hakeri</a><script></script>",
        FILL * 10_000,
    ],
    ids=["empty", "nearly empty", "a forum's posts", "mathematics", "a script in a tag", "too large"],
)
def test_where_it_cannot_be_told_what_extraction_would_read_nothing_is_said(page: str) -> None:
    assert visible.read(page.encode()) is None


@pytest.mark.parametrize(
    "unit",
    [
        "<!--",
        "<script",
        "<script>",
        '<a x="',
        "<a ",
        "<div>x",
        "</div>x",
        "<p><b>x</p>y",
        "&",
        "&amp;",
        "<meta og:titl",
        "<title",
        "\u200b",
        "<li>a<div></div>b",
        "<!",
        "=",
        ">",
    ],
)
def test_hostile_pages_cost_time_in_proportion(unit: str) -> None:
    page = (FILL + unit * (900_000 // len(unit))).encode()
    started = time.process_time()
    visible.read(page)
    assert time.process_time() - started < 3


_PIECES = (
    *(
        "<p>",
        "</p>",
        "<div class=a>",
        "</div>",
        "<b>",
        "</b>",
        "<script>",
        "</script>",
        "<script src='x>y'>",
        "<!--",
        "-->",
        "--!>",
        "<!-->",
    ),
    *(
        "<!--->",
        "<style>",
        "</style>",
        '<a href="x>y">',
        "<",
        ">",
        "< p>",
        "</ p>",
        "<?php ?>",
        "<![CDATA[",
        "]]>",
        "&lt;b&gt;",
        "&#x3b1",
        "&shy;",
    ),
    *(
        "&#0;",
        "&#150;",
        "<br/>",
        "<noscript>",
        "</noscript>",
        "<svg>",
        "</svg>",
        "<select><option>",
        "</option></select>",
        "<table><tr><td>",
    ),
    *(
        "</td></tr></table>",
        "<template>",
        "</template>",
        "\n",
        "\x00",
        "\x0b",
        "<li>",
        "<ul>",
        "</ul>",
        "<P CLASS=x>",
        "</P>",
        "<h1>",
        "</h1>",
    ),
    *('<script type="application/ld+json">{"a":"', '"}</script>', "<body>", "</html>", "<head>", "<script><!--", "<object>", "</object>"),
)


@pytest.mark.parametrize("seed", range(4))
def test_no_parser_reads_words_that_the_scan_does_not_see(seed: int) -> None:
    chance = random.Random(seed)
    read = 0
    for _ in range(120):
        words = [f"word{number:02}{chance.choice('abc')}" for number in range(25)]
        page = f"<html><body>{FILL}" + "".join(f" {word} {''.join(chance.choices(_PIECES, k=chance.randrange(4)))}" for word in words)
        seen = visible.read(page.encode())
        text = trafilatura.extract(page, fast=True, include_comments=False, include_tables=False)
        if seen is not None and text:
            read += 1
            there = set(re.findall(r"word\d\d[abc]", fold_text("\n".join(seen.lines))))
            assert set(re.findall(r"word\d\d[abc]", text)) <= there, page
    assert read > 50
