"""What notices about the monitor itself say, and that hostile text stays text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from monitor.alerts import render
from monitor.model import NoticeKind
from tests.unit.alerting import concerned, notice, notice_delivery
from tests.unit.test_render import HOSTILE, Tags

SCHEMA = json.loads((Path(render.__file__).parent / "templates" / "notice.v1.schema.json").read_text(encoding="utf-8"))
KINDS = get_args(NoticeKind)


def many(count: int) -> tuple[Any, ...]:
    return tuple(concerned(number) for number in range(1, count + 1))


@pytest.mark.parametrize(
    ("kind", "one", "several"),
    [
        ("source_silent", "[monitor] Source silent: Site 1", "[monitor] 2 sources silent: Site 1, Site 2"),
        ("source_broken", "[monitor] Source broken: Site 1", "[monitor] 2 sources broken: Site 1, Site 2"),
        ("source_gone", "[monitor] Source gone: Site 1", "[monitor] 2 sources gone: Site 1, Site 2"),
        ("source_healed", "[monitor] Source well again: Site 1", "[monitor] 2 sources well again: Site 1, Site 2"),
    ],
)
def test_the_subject_says_what_happened_and_to_whom(kind: NoticeKind, one: str, several: str) -> None:
    assert render.subject(notice(kind=kind)) == one
    assert render.subject(notice(*many(2), kind=kind)) == several


def test_the_subject_of_a_storm_names_the_first_and_counts_the_rest() -> None:
    assert render.subject(notice(*many(200))) == "[monitor] 200 sources broken: Site 1, Site 2, Site 3 and 197 more"


def test_a_subject_is_one_line_of_sane_length_whatever_the_names_are() -> None:
    for sources in ((concerned(name=HOSTILE * 20),), (concerned(1, name=HOSTILE * 9), concerned(2, name=HOSTILE * 9))):
        subject = render.subject(notice(*sources))
        assert subject.isprintable()
        assert len(subject) <= 180


def test_plain_text_names_each_source_with_its_reason_and_since_when() -> None:
    assert render.plain(notice(concerned(1), concerned(2, name="Дневник"))).splitlines() == [
        "About the monitor itself",
        "",
        "2 sources broken",
        "",
        "Polls fail. They go on, and what is still listed when one succeeds again",
        "is read then.",
        "",
        "Site 1 (al.site1)",
        "  site1.al answered 500 (Internal Server Error)",
        "  Since 26 December 2023, 09:05 UTC",
        "  https://site1.al/feed",
        "",
        "Дневник (al.site2)",
        "  site2.al answered 500 (Internal Server Error)",
        "  Since 26 December 2023, 09:05 UTC",
        "  https://site2.al/feed",
        "",
        "26 December 2023, 12:00 UTC. How all sources fare: monitor sources list",
    ]


def test_plain_text_keeps_the_width_of_a_terminal_and_cannot_steer_it() -> None:
    text = render.plain(
        notice(concerned(name="Вестник " * 20, reason="Δήμος " * 60), concerned(name=HOSTILE, reason=HOSTILE, source=HOSTILE))
    )
    assert all(len(line) <= 72 and line.isprintable() for line in text.splitlines())
    text.encode()


def test_a_storm_is_one_message_that_shows_a_hundred_and_counts_the_rest() -> None:
    text, page = render.plain(notice(*many(250))), render.html(notice(*many(250)))
    assert text.count("answered 500") == page.count("answered 500") == 100
    assert "\n\nAnd 150 more\n\n" in text
    assert "And 150 more" in page
    assert "more" not in render.plain(notice(*many(100)))


def test_html_of_hostile_text_has_the_tags_of_harmless_text() -> None:
    hostile = render.html(notice(concerned(name=HOSTILE, reason=HOSTILE, source=HOSTILE, url='https://a.al/"onload="x')))
    harmless = Tags(render.html(notice()))
    assert Tags(hostile).names == harmless.names
    assert [name for name, _ in Tags(hostile).attributes] == [name for name, _ in harmless.attributes]
    assert "&lt;script&gt;" in hostile


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://parlament.al@evil.example/", ""])
def test_an_address_that_is_not_safe_to_follow_is_no_link(url: str) -> None:
    told = notice(concerned(url=url))
    assert "a" not in Tags(render.html(told)).names
    assert "\n\n\n" not in render.plain(told)
    assert render.payload(notice_delivery(told))["data"]["sources"][0]["url"] is None


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_words_and_fits_the_published_schema(kind: NoticeKind) -> None:
    owed = notice_delivery(notice(concerned(name=HOSTILE), concerned(2), kind=kind))
    payload = json.loads(json.dumps(render.payload(owed)))
    Draft202012Validator(SCHEMA, format_checker=FormatChecker()).validate(payload)
    assert payload["type"] == kind.replace("_", ".")
    assert payload["data"]["notice"]["text"] in render.plain(owed.alert)


def test_the_payload_lists_every_source_however_many() -> None:
    payload = render.payload(notice_delivery(notice(*many(5000))))
    assert len(payload["data"]["sources"]) == 5000
    assert payload["timestamp"] == "2023-12-26T12:00:00Z"
    assert payload["data"]["sources"][0] == {
        "key": "al.site1",
        "name": "Site 1",
        "url": "https://site1.al/feed",
        "reason": "site1.al answered 500 (Internal Server Error)",
        "since": "2023-12-26T09:05:00Z",
    }


def test_the_schema_knows_the_kinds_that_the_program_knows_and_refuses_others() -> None:
    assert SCHEMA["properties"]["data"]["properties"]["notice"]["properties"]["kind"]["enum"] == list(KINDS)
    assert SCHEMA["properties"]["type"]["enum"] == [kind.replace("_", ".") for kind in KINDS]
    payload = render.payload(notice_delivery())
    validator = Draft202012Validator(SCHEMA)
    broken: list[dict[str, Any]] = [
        {**payload, "schema": "story.v1"},
        {**payload, "type": "source.bored"},
        {**payload, "data": {**payload["data"], "sources": []}},
        {key: value for key, value in payload.items() if key != "id"},
    ]
    assert validator.is_valid(payload)
    assert [validator.is_valid(one) for one in broken] == [False] * 4
