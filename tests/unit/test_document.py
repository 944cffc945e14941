"""Zones: what is lead, what is retold history."""

from __future__ import annotations

from datetime import UTC, datetime

from monitor.detect.document import Document, read
from monitor.model import Article


def document(text: str, title: str = "Title here") -> Document:
    return read(Article("u", title, text))


def words(document: Document, zone: str) -> list[str]:
    return [word for word, where in zip(document.tokens.written, document.zones, strict=True) if where == zone]


LEAD = "The first sentence of the lead says what happened to whom and when it was. The second one adds some more to it for the reader. "


def test_title_lead_and_body_are_told_apart() -> None:
    read = document(LEAD + "And this is body.")
    assert words(read, "title") == ["Title", "here"]
    assert words(read, "lead")[-1] == "reader"
    assert words(read, "body") == ["And", "this", "is", "body"]


def test_a_dateline_does_not_use_up_the_lead() -> None:
    read = document("TIRANA. By A. Writer. The parliament was hit. Then came the rest.")
    assert "hit" in words(read, "lead")


def test_background_runs_from_its_mark_to_the_end_of_the_paragraph() -> None:
    read = document(LEAD + "Recall that e-Albania fell before. It was hit hard.\nNew paragraph again.")
    marks = [at for at, word in enumerate(read.tokens.written) if word == "Recall"]
    assert words(read.with_background(marks, None), "background") == [
        "Recall",
        "that",
        "e",
        "Albania",
        "fell",
        "before",
        "It",
        "was",
        "hit",
        "hard",
    ]


def test_a_paragraph_that_is_indented_is_one_of_its_own() -> None:
    read = document(LEAD + "Recall that e-Albania fell before.\n    New paragraph.\n \n    And another.")
    marks = [at for at, word in enumerate(read.tokens.written) if word == "Recall"]
    assert words(read.with_background(marks, None), "background")[-1] == "before"
    assert read.paragraphs[-1] - read.paragraphs[marks[0]] == 2


def test_a_mark_in_the_middle_of_a_sentence_opens_nothing() -> None:
    read = document(LEAD + "The director said on Monday in Tirana that we should recall it.")
    marks = [at for at, word in enumerate(read.tokens.written) if word == "recall"]
    assert not words(read.with_background(marks, None), "background")


def test_a_sentence_of_an_earlier_year_is_background_but_the_lead_is_not() -> None:
    read = document("In 2022 it began. " + LEAD + "In July 2022 the state was hit.")
    marked = read.with_background([], datetime(2023, 12, 26, tzinfo=UTC))
    assert "July" in words(marked, "background")
    assert "began" not in words(marked, "background")


def test_places_are_those_of_the_original_text() -> None:
    text = LEAD + "Faqja “e-Albania” ra.\nMë pas u hap."
    read = document(text)
    words = read.tokens
    assert all(text[words.starts[at] : words.end(at)] == words.written[at] for at, zone in enumerate(read.zones) if zone != "title")
