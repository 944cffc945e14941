"""`alerts.toml`, right and wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitor.alerts.subscribers import load
from monitor.errors import ConfigError
from monitor.model import Subscriber
from tests.unit.alerting import SECRET

CONFIG = Path(__file__).parents[2] / "config" / "alerts.toml"
HOOK = 'name = "hook"\nchannel = "webhook"\n'


def file(folder: Path, text: str) -> Path:
    path = folder / "alerts.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str, env: dict[str, str] | None = None) -> list[str]:
    path = file(folder, text)
    with pytest.raises(ConfigError) as refused:
        load(path, env or {})
    assert all(problem.startswith(f"{path}: ") for problem in refused.value.problems)
    return [problem.removeprefix(f"{path}: ") for problem in refused.value.problems]


def test_the_file_that_comes_with_the_program_tells_the_console_everything() -> None:
    assert load(CONFIG, {}) == (Subscriber("console", "console", hears=("stories", "operation")),)


def test_the_examples_in_that_file_work_when_the_comment_signs_go(tmp_path: Path) -> None:
    text = re.sub(r"^# (?=\[\[subscriber\]\]|\w+ = )", "", CONFIG.read_text(encoding="utf-8"), flags=re.MULTILINE)
    loaded = load(file(tmp_path, text), {"SOC_HOOK_SECRET": SECRET})
    assert [(one.name, one.channel) for one in loaded] == [
        ("console", "console"),
        ("soc-mail", "email"),
        ("soc-hook", "webhook"),
        ("who-runs-it", "email"),
    ]
    assert [one.hears for one in loaded[1:]] == [("stories",), ("stories",), ("operation",)]
    assert loaded[2].secret == SECRET


def test_every_key_arrives(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        f"""
        [[subscriber]]
        name = "Банка / SOC"
        channel = "webhook"
        target = "https://soc.example.org/hook"
        secret = "{SECRET}"
        countries = ["AL", "XK"]
        sectors = ["bank"]
        attacks = ["ransomware", "data_leak"]
        changes = ["opened", "confirmed"]
        minimum_score = 1
        hears = ["operation", "stories"]
        """,
    )
    assert load(path, {}) == (
        Subscriber(
            "Банка / SOC",
            "webhook",
            "https://soc.example.org/hook",
            SECRET,
            ("AL", "XK"),
            ("bank",),
            ("ransomware", "data_leak"),
            ("opened", "confirmed"),
            1.0,
            ("operation", "stories"),
        ),
    )


def test_no_subscriber_at_all_is_allowed(tmp_path: Path) -> None:
    assert load(file(tmp_path, ""), {}) == ()


def test_slips_are_told_all_at_once_each_with_the_nearest_right_word(tmp_path: Path) -> None:
    text = """
        colour = "red"
        [[subscriber]]
        name = "soc"
        channel = "mail"
        country = ["AL"]
        countries = ["Kosova", "al", "SL", "Atlantis"]
        sectors = ["banks"]
        attacks = ["ransomwere"]
        changes = ["open", "zzz"]
        minimum_score = 70
        """
    assert problems(tmp_path, text) == [
        "colour: no such setting: 'colour'; known here: subscriber",
        "subscriber 'soc': country: no such setting: 'country'; did you mean 'countries'?",
        "subscriber 'soc': channel: no such channel: 'mail'; did you mean 'email'?",
        "subscriber 'soc': sectors: no such sector: 'banks'; did you mean 'bank'?",
        "subscriber 'soc': attacks: no such attack: 'ransomwere'; did you mean 'ransomware'?",
        "subscriber 'soc': changes: no such change: 'open'; did you mean 'opened'?",
        "subscriber 'soc': changes: no such change: 'zzz'; "
        "known here: opened, second_outlet, victim_added, actor_named, confirmed, denied, data_leaked, resolved",
        "subscriber 'soc': countries: no such country: 'Kosova'; did you mean 'XK' (Kosovo)?",
        "subscriber 'soc': countries: no such country: 'al'; did you mean 'AL' (Albania)?",
        "subscriber 'soc': countries: no such country: 'SL'; did you mean 'SI' (Slovenia)?",
        "subscriber 'soc': countries: no such country: 'Atlantis'; known here: AL, XK, MK, ME, RS, BA, HR, SI, BG, RO, GR, CY, MD, TR",
        "subscriber 'soc': minimum_score: expected a number from 0 to 1 (got 70)",
    ]


def test_a_name_used_twice_is_refused(tmp_path: Path) -> None:
    one = '[[subscriber]]\nname = "soc"\nchannel = "console"\n'
    assert problems(tmp_path, one * 3) == ["name: 'soc' is used twice; each name must be its own"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("subscriber = 5", "subscriber: expected tables written as [[subscriber]]"),
        ('[subscriber]\nname = "soc"', "subscriber: expected tables written as [[subscriber]]"),
        ('[[subscriber]]\nname = "soc"', "subscriber 'soc': channel: is missing"),
        ('[[subscriber]]\nchannel = "console"', "subscriber number 1: name: every subscriber needs a name of 1 to 80 characters"),
        ('[[subscriber]]\nname = 5\nchannel = "console"', "subscriber number 1: name: expected text in quotes"),
        ('[[subscriber]]\nname = "a\\nb"\nchannel = "console"', "name: every subscriber needs a name"),
        ('[[subscriber]]\nname = "soc"\nchannel = "console"\ntarget = "x"', "target: only e-mail and webhook subscribers have one"),
        ('[[subscriber]]\nname = "soc"\nchannel = "console"\ncountries = "AL"', "countries: expected a list"),
        ('[[subscriber]]\nname = "soc"\nchannel = "console"\nminimum_score = true', "minimum_score: expected a number"),
        ('[[subscriber]]\nname = "soc"\nchannel = "console"\nsecret = "x"', "secret: only webhook subscribers have one"),
        ("[[subscriber]]\nname = soc", "line 2"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence(tmp_path: Path, text: str, problem: str) -> None:
    assert any(problem in told for told in problems(tmp_path, text))


@pytest.mark.parametrize(
    "target",
    ["", "soc", "a@b@c", "a b@example.org", "soc@example.org, all@example.org", "soc@example.org\\r\\nBcc: x@y", "шоц@example.org"],
)
def test_an_email_subscriber_needs_one_plain_address(tmp_path: Path, target: str) -> None:
    (problem,) = problems(tmp_path, f'[[subscriber]]\nname = "soc"\nchannel = "email"\ntarget = "{target}"')
    assert "expected one e-mail address" in problem


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('hears = ["operations"]', "hears: no such subject: 'operations'; did you mean 'operation'?"),
        ('hears = ["storys", "operation"]', "hears: no such subject: 'storys'; did you mean 'stories'?"),
        ('hears = ["weather"]', "hears: no such subject: 'weather'; known here: stories, operation"),
        ('hears = "stories"', """hears: expected a list such as ["...", "..."] (got 'stories')"""),
        ("hears = []", "hears: a subscriber must hear something: stories, operation"),
        ('hears = ["operation"]\ncountries = ["AL"]', "countries: is about stories, of which this subscriber does not hear"),
    ],
)
def test_what_it_hears_is_checked_like_everything_else(tmp_path: Path, lines: str, problem: str) -> None:
    (told,) = problems(tmp_path, f'[[subscriber]]\nname = "soc"\nchannel = "console"\n{lines}')
    assert told == f"subscriber 'soc': {problem}"


def test_filters_of_stories_may_stand_beside_hearing_of_both(tmp_path: Path) -> None:
    both = '[[subscriber]]\nname = "soc"\nchannel = "console"\nhears = ["stories", "operation"]\ncountries = ["AL"]'
    assert load(file(tmp_path, both), {}) == (Subscriber("soc", "console", countries=("AL",), hears=("stories", "operation")),)


@pytest.mark.parametrize("target", ["https://soc.example.org/x", "http://localhost:8000/", "http://127.0.0.1/", "http://[::1]:1/"])
def test_a_webhook_speaks_https_or_with_this_machine(tmp_path: Path, target: str) -> None:
    (loaded,) = load(file(tmp_path, f'[[subscriber]]\n{HOOK}target = "{target}"\nsecret = "{SECRET}"'), {})
    assert loaded.target == target


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("http://soc.example.org/", "a webhook needs https"),
        ("http://127.0.0.1.example.org/", "a webhook needs https"),
        ("http://10.0.0.1/", "a webhook needs https"),
        ("ftp://soc.example.org/", "expected an address such as"),
        ("https://user:word@soc.example.org/", "expected an address such as"),
        ("", "expected an address such as"),
    ],
)
def test_other_webhook_addresses_are_refused(tmp_path: Path, target: str, problem: str) -> None:
    (told,) = problems(tmp_path, f'[[subscriber]]\n{HOOK}target = "{target}"\nsecret = "{SECRET}"')
    assert problem in told
    assert "word" not in told


def hook(folder: Path, lines: str, env: dict[str, str] | None = None) -> str:
    (loaded,) = load(file(folder, f'[[subscriber]]\n{HOOK}target = "https://a.example/"\n{lines}'), env or {})
    return loaded.secret


def test_a_secret_comes_from_the_file_itself_another_file_or_the_environment(tmp_path: Path) -> None:
    (tmp_path / "hook.secret").write_text(f"{SECRET}\n")
    assert hook(tmp_path, f'secret = "{SECRET}"') == SECRET
    assert hook(tmp_path, 'secret_file = "hook.secret"') == SECRET
    assert hook(tmp_path, f'secret_file = "{tmp_path}/hook.secret"') == SECRET
    assert hook(tmp_path, 'secret_env = "HOOK"', {"HOOK": SECRET}) == SECRET
    assert hook(tmp_path, f'secret = "{SECRET} {SECRET}"') == f"{SECRET} {SECRET}"


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("", "a webhook needs exactly one of secret, secret_file, secret_env (got none)"),
        (f'secret = "{SECRET}"\nsecret_env = "X"', "exactly one of secret, secret_file, secret_env (got secret, secret_env)"),
        ('secret = ""', 'expected "whsec_" and 24 to 64 bytes'),
        ('secret = "hunter2"', 'expected "whsec_" and 24 to 64 bytes'),
        ('secret = "whsec_hunter2"', 'expected "whsec_" and 24 to 64 bytes'),
        (f'secret = "{SECRET} hunter2"', 'expected "whsec_" and 24 to 64 bytes'),
        ('secret_file = "none"', "cannot read 'none' (No such file or directory)"),
        ('secret_env = "NONE"', "the environment has no variable 'NONE'"),
        ('secret_env = "whsec_hunter2"', "the environment has no variable (hidden)"),
        ('secret_file = "whsec_hunter2"', "cannot read (hidden)"),
    ],
)
def test_a_secret_that_is_missing_or_weak_is_refused_and_never_shown(tmp_path: Path, lines: str, problem: str) -> None:
    (told,) = problems(tmp_path, f'[[subscriber]]\n{HOOK}target = "https://a.example/"\n{lines}')
    assert problem in told
    assert "hunter2" not in told
