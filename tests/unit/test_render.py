"""What alerts say, and that hostile text stays text."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from monitor.alerts import render
from monitor.model import LANGUAGES, Attack, Change, ChangeKind, Status
from tests.unit.alerting import alert, delivery

SCHEMA = json.loads((Path(render.__file__).parent / "templates" / "story.v1.schema.json").read_text(encoding="utf-8"))
HOSTILE = "<script>alert(1)</script>\r\nBcc: all@example.org\x1b[2J\u202e\ud800 & 'quoted' \"twice\""


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs


def test_the_subject_of_a_new_incident_is_where_and_what() -> None:
    assert render.subject(alert()) == "[AL] Parliament of Albania: data wiped, claimed by Homeland Justice"


def test_the_subject_of_a_later_change_says_the_change_first() -> None:
    subject = render.subject(alert(change=Change("victim_added", "Air Albania"), countries=("AL", "XK")))
    assert subject == "[AL XK] New victim: Air Albania — Parliament of Albania: data wiped, claimed by Homeland Justice"
    assert render.subject(alert(change=Change("second_outlet"))).startswith("[AL] Second outlet: Reporter.al — ")
    assert render.subject(alert(change=Change("resolved"))).startswith("[AL] Resolved — ")
    assert render.subject(alert(countries=())).startswith("[Balkans] ")


def test_a_subject_is_one_line_of_sane_length_whatever_the_story_says() -> None:
    subject = render.subject(alert(headline=HOSTILE * 20))
    assert subject.isprintable()
    assert len(subject) <= 180


def test_plain_text_says_everything_within_the_width_of_a_terminal() -> None:
    text = render.plain(alert())
    for said in (
        "New incident",
        "Parliament of Albania: data wiped, claimed by Homeland Justice",
        "Victims    Parliament of Albania, Air Albania",
        "Country    Albania",
        "Attack     wiper (data destroyed)",
        "Actor      Homeland Justice",
        "Status     claimed by the attackers, not confirmed",
        "Reporter.al, in Albanian, 26 December 2023, 09:05 UTC",
        "  > Sistemi i Kuvendit u godit nga një sulm kibernetik.",
        "https://www.reporter.al/2023/12/26/sulm-kibernetik/",
        "Story 3fa9c1d2e0, score 0.93",
    ):
        assert f"{said}\n" in text
    assert "Status     resolved: the services work again\n" in render.plain(alert(status="resolved"))
    wide = render.plain(alert(victims=("Republički geodetski zavod",) * 9, title="Хакерски напад " * 12, sentence="Δήμος " * 60))
    assert all(len(line) <= 72 for line in wide.splitlines())
    assert "\n\n\n" not in wide


def test_what_is_not_known_leaves_no_empty_line_in_the_facts() -> None:
    text = render.plain(alert(victims=(), actors=(), attacks=("unknown",), sentence="", url="javascript:alert(1)"))
    assert "Victim" not in text
    assert "Actor" not in text
    assert "javascript" not in text
    assert "\n\n\n" not in text


def test_plain_text_cannot_steer_a_terminal() -> None:
    text = render.plain(alert(headline=HOSTILE, title=HOSTILE, sentence=HOSTILE, outlet=HOSTILE, victims=(HOSTILE,)))
    assert all(line.isprintable() for line in text.splitlines())
    text.encode()


def test_html_shows_the_link_with_the_host_it_leads_to() -> None:
    text = render.html(alert(outlet="parlament.al", url="https://evil.example/parlament.al/?a=1&b=<2>"))
    tags = Tags(text)
    assert ("href", "https://evil.example/parlament.al/?a=1&b=<2>") in tags.attributes
    assert "Read at evil.example" in text


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "https://parlament.al@evil.example/", "", "https://a b/"])
def test_an_address_that_is_not_safe_to_follow_is_no_link(url: str) -> None:
    assert "a" not in Tags(render.html(alert(url=url))).names
    assert render.payload(delivery(url=url))["data"]["report"]["url"] is None


def test_html_of_hostile_text_has_the_tags_of_harmless_text() -> None:
    hostile = render.html(
        alert(headline=HOSTILE, title=HOSTILE, sentence=HOSTILE, outlet=HOSTILE, victims=(HOSTILE,), lang='sq" onload="x')
    )
    harmless = Tags(render.html(alert(lang="sq")))
    assert Tags(hostile).names == harmless.names
    assert [name for name, _ in Tags(hostile).attributes] == [name for name, _ in harmless.attributes]
    assert "&lt;script&gt;" in hostile


def test_html_is_made_for_phones_in_light_and_dark_and_marks_foreign_text() -> None:
    text = render.html(alert())
    attributes = Tags(text).attributes
    assert ("content", "width=device-width, initial-scale=1") in attributes
    assert ("content", "light dark") in attributes
    assert "prefers-color-scheme: dark" in text
    assert attributes.count(("lang", "sq")) == 2


@pytest.mark.parametrize("kind", get_args(ChangeKind))
def test_every_kind_of_change_has_words_and_fits_the_published_schema(kind: ChangeKind) -> None:
    owed = delivery(change=Change(kind, "Air Albania" if kind == "victim_added" else ""))
    payload = json.loads(json.dumps(render.payload(owed)))
    Draft202012Validator(SCHEMA, format_checker=FormatChecker()).validate(payload)
    assert payload["type"] == f"story.{kind}"
    assert payload["data"]["change"]["text"]
    assert payload["data"]["change"]["text"] in render.plain(owed.alert)


def test_the_schema_knows_the_kinds_that_the_program_knows() -> None:
    story = SCHEMA["properties"]["data"]["properties"]["story"]["properties"]
    assert story["attacks"]["items"]["enum"] == list(get_args(Attack))
    assert story["status"]["enum"] == list(get_args(Status))
    assert SCHEMA["properties"]["data"]["properties"]["change"]["properties"]["kind"]["enum"] == list(get_args(ChangeKind))


def test_the_schema_refuses_what_v1_does_not_promise() -> None:
    payload = render.payload(delivery())
    validator = Draft202012Validator(SCHEMA)
    broken: list[dict[str, Any]] = [
        {**payload, "schema": "story.v2"},
        {**payload, "type": "story.closed"},
        {key: value for key, value in payload.items() if key != "id"},
        {**payload, "data": {**payload["data"], "story": {**payload["data"]["story"], "status": "rumoured"}}},
    ]
    assert [validator.is_valid(one) for one in broken] == [False] * 4


def test_the_payload_carries_the_story_and_the_report() -> None:
    payload = render.payload(delivery())
    assert payload["id"] == delivery().id
    assert payload["timestamp"] == "2023-12-26T09:05:00Z"
    assert payload["data"]["story"]["victims"] == ["Parliament of Albania", "Air Albania"]
    assert payload["data"]["report"]["sentence"] == "Sistemi i Kuvendit u godit nga një sulm kibernetik."
    assert json.dumps(render.payload(delivery(title=HOSTILE)), ensure_ascii=False).encode()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_an_english_name(lang: str) -> None:
    assert f", in {lang}" not in render.plain(alert(lang=lang))


def test_an_unknown_language_does_not_stop_an_alert() -> None:
    assert "in xx (Unknown)" in render.plain(alert(lang="xx-Unknown"))
    assert "Reporter.al, 26 December" in render.plain(alert(lang=""))
