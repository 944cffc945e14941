"""`monitor assess` and `monitor evaluate` as people and scripts run them: processes, pipes, exit statuses."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from monitor.stories.place import key_of
from monitor.text.urls import canonical

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests" / "corpus" / "dev.jsonl"
ATTACK = {
    "title": "Sulm kibernetik ndaj Kuvendit të Shqipërisë",
    "text": "Hakerat sulmuan sistemin e Kuvendit dhe fshinë të dhënat e serverëve.",
    "outlet": "one.al",
    "country": "AL",
    "published": "2023-12-26",
}
WEATHER = {"title": "Moti i nesërm", "text": "Diell në bregdet, me temperatura deri në njëzet gradë."}
FIELDS = ("id", "relevant", "score", "lang", "kind", "countries", "victims", "attacks", "actors", "story", "copy_of", "reasons")


def monitor(*arguments: object, given: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "monitor", *map(str, arguments)]
    return subprocess.run(command, input=given, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, check=False, timeout=60)


def lines(rows: Iterable[object]) -> str:
    return "".join(f"{row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)}\n" for row in rows)


def answers(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_one_answer_an_article_in_order_in_the_fixed_form() -> None:
    rows = [{"id": f"a{number}", **(ATTACK if number % 2 else WEATHER)} for number in range(6)]
    done = monitor("assess", given=lines(rows))
    found = answers(done)
    assert done.returncode == 0, done.stderr
    assert [each["id"] for each in found] == [row["id"] for row in rows]
    assert [each["relevant"] for each in found] == [False, True] * 3
    assert all(tuple(each) == FIELDS for each in found)
    first = found[1]
    assert [victim["name"] for victim in first["victims"]] == ["Parliament of Albania"]
    assert set(first["victims"][0]) == {"id", "name", "country", "sector"}
    assert first["lang"] == "sq"
    assert first["countries"] == ["AL"]
    assert {found[3]["story"], found[5]["story"]} == {first["story"]}
    assert first["copy_of"] is None
    assert found[3]["copy_of"] == "a1"
    assert found[0]["story"] is None


def test_reasons_point_at_the_words_they_name() -> None:
    (found,) = answers(monitor("assess", given=lines([{"id": "1", **ATTACK}])))
    assert found["reasons"]
    for reason in found["reasons"]:
        place = ATTACK["title"] if reason["zone"] == "title" else ATTACK["text"]
        assert place[reason["start"] : reason["end"]] == reason["surface"]


def test_the_answer_comes_before_the_next_article_is_asked_about() -> None:
    command = [sys.executable, "-m", "monitor", "assess"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", cwd=ROOT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(lines([{"id": str(number), **WEATHER}]))
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == str(number)
        process.stdin.close()
        assert process.wait(timeout=30) == 0


# Two stories until an article tells of both.
TOLD = (
    ("one", "Sulm DDoS ndaj One Albania", "Kompania One Albania u godit sot nga një sulm DDoS që bllokoi faqen e saj.", "26T08"),
    ("air", "Sulm DDoS ndaj Air Albania", "Faqja e kompanisë Air Albania nuk hapej për shkak të një sulmi DDoS.", "26T09"),
    ("both", "Sulm DDoS ndaj One Albania dhe Air Albania", "Një sulm DDoS goditi One Albania dhe Air Albania, tha policia.", "26T14"),
    ("one later", "Sulmi DDoS ndaj One Albania vazhdon", "One Albania është ende nën sulm kibernetik DDoS.", "27T08"),
    ("air later", "Air Albania ende nën sulm DDoS", "Faqja e Air Albania nuk hapet prej sulmit kibernetik DDoS të djeshëm.", "27T09"),
)


def told(*names: str) -> list[dict[str, Any]]:
    known = {name: (title, text, at) for name, title, text, at in TOLD}
    return [
        {"id": name, "title": title, "text": text, "outlet": f"{name[:3]}.al", "country": "AL", "published": f"2023-12-{at}:00:00Z"}
        for name, (title, text, at) in ((name, known[name]) for name in names)
    ]


def test_once_an_article_shows_that_two_stories_are_one_all_later_ones_go_by_one_key() -> None:
    found = {each["id"]: each["story"] for each in answers(monitor("assess", given=lines(told(*(each[0] for each in TOLD)))))}
    assert found["one"] != found["air"]
    assert found["both"] == found["one later"] == found["air later"]
    assert found["both"] in (found["one"], found["air"])
    without = {each["id"]: each["story"] for each in answers(monitor("assess", given=lines(told("one", "air", "one later", "air later"))))}
    assert without["one later"] == without["one"] != without["air"] == without["air later"]


def test_the_larger_of_two_stories_gives_its_key_to_both() -> None:
    one, one_later = told("one", "one later")
    rows = [one | {"id": "first"}, one_later | {"published": "2023-12-26T08:30:00Z"}, *told("air", "both", "air later")]
    found = {each["id"]: each["story"] for each in answers(monitor("assess", given=lines(rows)))}
    assert found["first"] == found["one later"] == found["both"] == found["air later"] != found["air"]


def test_articles_may_have_one_id_and_one_address() -> None:
    """Nobody promised that they differ: each line is an article, and two stories never get one key."""
    years = ({"published": "2023-12-26"}, {"published": "2019-05-02"}, {"published": "2023-12-27"})
    text = "Kuvendi u godit nga një sulm kibernetik. Hakerët fshinë të dhënat e serverëve të Kuvendit."
    rows = [ATTACK | year | {"id": "x", "url": "https://one.al/live", "text": f"{text} Njoftimi {at}."} for at, year in enumerate(years)]
    first, other, again = answers(monitor("assess", given=lines(rows)))
    assert {first["id"], other["id"], again["id"]} == {"x"}
    assert first["story"] == again["story"] != other["story"]


def test_the_key_is_the_same_in_every_run_and_that_of_the_daemon() -> None:
    row = {"id": "1", **ATTACK, "url": "https://www.one.al/lajme/sulm-2023?utm_source=rss"}
    (found,) = answers(monitor("assess", given=lines([row])))
    assert found["story"] == answers(monitor("assess", given=lines([row])))[0]["story"]
    assert found["story"] == key_of(canonical(row["url"]))


def test_a_bad_line_is_reported_with_its_number_and_the_rest_goes_on() -> None:
    rows: list[object] = [
        {"id": "first", **WEATHER},
        "{no json",
        "",
        {"id": "second", "title": "no text"},
        '["a", "list"]',
        {"id": 5, **WEATHER},
        {"id": "odd", **WEATHER, "country": 7},
        {"id": "last", **WEATHER},
    ]
    done = monitor("assess", given=lines(rows))
    assert done.returncode == 1
    assert [each["id"] for each in answers(done)] == ["first", "last"]
    told = done.stderr.splitlines()
    assert [line.split(": ")[1] for line in told] == ["line 2", "line 4", "line 5", "line 6", "line 7"]
    assert told[1:] == [
        "monitor assess: line 4: 'text' is missing",
        "monitor assess: line 5: expected a JSON object",
        "monitor assess: line 6: 'id' must be a text",
        "monitor assess: line 7: 'country' must be a text",
    ]


def test_nothing_in_gives_nothing_out() -> None:
    done = monitor("assess", given="")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_file_is_read_as_the_pipe_is(tmp_path: Path) -> None:
    text = lines([{"id": "1", **ATTACK}])
    (tmp_path / "articles.jsonl").write_text(text, encoding="utf-8")
    assert monitor("assess", tmp_path / "articles.jsonl").stdout == monitor("assess", given=text).stdout


@pytest.mark.parametrize("command", ["assess", "evaluate"])
def test_a_file_that_is_not_there_is_told_in_one_sentence(command: str) -> None:
    done = monitor(command, "/nowhere/articles.jsonl")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "monitor: /nowhere/articles.jsonl: No such file or directory\n")


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    text = lines([{"id": str(number), **ATTACK} for number in range(200)])
    (tmp_path / "many.jsonl").write_text(text, encoding="utf-8")
    for file in ("", f" {tmp_path}/many.jsonl"):
        command = f"{sys.executable} -m monitor assess{file} | head -n 1"
        done = subprocess.run(["bash", "-c", command], input=text, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, check=False)
        assert len(done.stdout.splitlines()) == 1
        assert done.stderr == ""


def test_evaluate_gives_machines_all_figures_and_every_miss() -> None:
    done = monitor("evaluate", CORPUS, "--lang", "sl", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    labelled = [row for row in map(json.loads, CORPUS.read_text(encoding="utf-8").splitlines()) if row["lang"] == "sl"]
    assert found["articles"] == len(labelled)
    assert found["flagging"]["count"] == sum(row["relevant"] for row in labelled)
    assert set(found["languages"]) == {"sl"}
    for name in ("flagging", "victims", "countries", "actors", "stories"):
        assert set(found[name]) == {"precision", "recall", "f1", "count"}
    assert {"id", "lang", "expected", "kind", "score", "title", "reasons"} == set().union(*found["misses"]) or not found["misses"]


def test_evaluate_shows_people_a_table() -> None:
    done = monitor("evaluate", CORPUS, "--lang", "sl")
    assert done.returncode == 0, done.stderr
    assert "flagging" in done.stdout
    assert "stories" in done.stdout


def test_evaluate_says_what_a_label_lacks(tmp_path: Path) -> None:
    file = tmp_path / "labelled.jsonl"
    file.write_text(lines([{"id": "1", **ATTACK}]), encoding="utf-8")
    done = monitor("evaluate", file)
    assert done.returncode == 2
    assert done.stderr == f"monitor: {file}:1: 'lang' is missing; labelled articles are described in tests/corpus/LABELS.md\n"


def test_evaluate_shows_titles_as_they_are_written(tmp_path: Path) -> None:
    row = next(row for row in map(json.loads, CORPUS.read_text(encoding="utf-8").splitlines()) if row["relevant"])
    file = tmp_path / "labelled.jsonl"
    file.write_text(lines([row | {"title": "[video] Koncert [/b]\x1b[2J", "text": "Koncert."}]), encoding="utf-8")
    done = monitor("evaluate", file)
    assert done.returncode == 0, done.stderr
    assert f"MISSED {row['id']}" in done.stdout
    assert "[video] Koncert [/b]" in done.stdout
    assert "\x1b" not in done.stdout


def test_evaluate_gives_no_figures_for_no_articles(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    empty, nobody = monitor("evaluate", tmp_path / "empty.jsonl"), monitor("evaluate", CORPUS, "--lang", "xx", "--lang", "yy")
    assert (empty.returncode, empty.stdout, empty.stderr) == (2, "", f"monitor: {tmp_path / 'empty.jsonl'}: holds no article\n")
    assert (nobody.returncode, nobody.stdout) == (2, "")
    assert nobody.stderr.startswith(f"monitor: {CORPUS}: no article is in xx or yy; there are bg, bs, ")


TITLES = [
    "Sulm kibernetik ndaj Kuvendit të Shqipërisë",
    "Hakerski napad na KBC Zagreb",
    "Κυβερνοεπίθεση στο υπουργείο Παιδείας",
    "Atac cibernetic la Primăria Brăila",
    "Ransomware gang claims attack on Greek gas operator DESFA",
    "Hackerangriff auf Parlament von Albanien",
]


def test_a_plain_title_alone_is_enough() -> None:
    found = answers(monitor("assess", given=lines({"id": title, "title": title, "text": " "} for title in TITLES)))
    assert [each["id"] for each in found if not each["relevant"] or not each["victims"]] == []
    assert len(found) == len(TITLES)


def test_a_plain_title_with_a_short_teaser_is_enough() -> None:
    teaser = "Bolnica je isključila računala. Ravnatelj kaže da podaci nisu ukradeni."
    (found,) = answers(monitor("assess", given=lines([{"id": "1", "title": TITLES[1], "text": teaser, "country": "HR"}])))
    assert found["relevant"], found["score"]
    assert [victim["country"] for victim in found["victims"]] == ["HR"]
