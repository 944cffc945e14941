"""The subscribers of `alerts.toml`, checked so that a slip of the pen cannot silence an alert unseen."""

from __future__ import annotations

import base64
import binascii
import difflib
import ipaddress
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

from babel import Locale

from monitor.errors import ConfigError
from monitor.model import SECTORS, Attack, ChangeKind, Hears, Subscriber
from monitor.settings import read_toml
from monitor.text.urls import is_http

CHANNELS = ("console", "email", "webhook")
_SECRETS = ("secret", "secret_file", "secret_env")
_LISTS: dict[str, Sequence[str]] = {"sectors": SECTORS, "attacks": get_args(Attack), "changes": get_args(ChangeKind)}
_HEARS: tuple[Hears, ...] = get_args(Hears)
_OF_STORIES = ("countries", *_LISTS, "minimum_score")
_KEYS = ("name", "channel", "target", *_SECRETS, "hears", *_OF_STORIES)
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?", re.ASCII)
_COUNTRIES = ("AL", "XK", "MK", "ME", "RS", "BA", "HR", "SI", "BG", "RO", "GR", "CY", "MD", "TR")
_OFTEN_MEANT = {"KS": "XK", "KV": "XK", "KO": "XK", "MC": "MK", "CG": "ME", "MN": "ME", "SR": "RS", "BH": "BA", "SL": "SI", "EL": "GR"}
_MAKE_ONE = 'echo "whsec_$(head -c 32 /dev/urandom | base64)"'


def load(path: Path, env: Mapping[str, str]) -> tuple[Subscriber, ...]:
    """All subscribers of the file, in its order. Raises `ConfigError` with every problem: file, subscriber, key and the way out."""
    tables = read_toml(path)
    problems = [f"{path}: {key}: {_unknown('setting', key, ['subscriber'])}" for key in tables if key != "subscriber"]
    entries = tables.get("subscriber", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ConfigError([*problems, f"{path}: subscriber: expected tables written as [[subscriber]]"])
    names: list[str] = []
    subscribers = []
    for number, entry in enumerate(entries, 1):
        reader = _Reader(entry, path.parent, env)
        subscribers.append(reader.subscriber())
        where = f"subscriber {subscribers[-1].name!r}" if subscribers[-1].name else f"subscriber number {number}"
        problems += [f"{path}: {where}: {problem}" for problem in reader.problems]
        names.append(subscribers[-1].name)
    problems += [f"{path}: name: {name!r} is used twice; each name must be its own" for name in sorted(set(names)) if names.count(name) > 1]
    if problems:
        raise ConfigError(problems)
    return tuple(subscribers)


class _Reader:
    """Reads one table key by key and collects what is wrong with it."""

    def __init__(self, table: dict[str, Any], folder: Path, env: Mapping[str, str]) -> None:
        self._table = table
        self._folder = folder
        self._env = env
        self.problems = [f"{key}: {_unknown('setting', key, _KEYS)}" for key in table if key not in _KEYS]

    def subscriber(self) -> Subscriber:
        channel = self._text("channel")
        if channel not in CHANNELS:
            self.problems.append(f"channel: {_unknown('channel', channel, CHANNELS)}" if channel else "channel: is missing")
        target = self._text("target")
        {"email": self._check_address, "webhook": self._check_url}.get(channel, self._check_nothing)(target)
        lists = {key: self._list(key) for key in _LISTS}
        return Subscriber(
            name=self._name(),
            channel=channel,  # type: ignore[arg-type]  # a wrong one is among the problems
            target=target,
            secret=self._secret(channel),
            countries=self._countries(),
            minimum_score=self._score(),
            hears=self._hears(),
            **lists,  # type: ignore[arg-type]  # so is a wrong value
        )

    def _text(self, key: str) -> str:
        value = self._table.get(key, "")
        if not isinstance(value, str):
            self.problems.append(f"{key}: expected text in quotes")
            return ""
        return value.strip()

    def _name(self) -> str:
        name = self._text("name")
        if not name.isprintable() or not 1 <= len(name) <= 80:
            self.problems.append("name: every subscriber needs a name of 1 to 80 characters; alerts are remembered by it")
        return name

    def _hears(self) -> tuple[Hears, ...]:
        if "hears" not in self._table:
            return ("stories",)
        values = self._texts("hears")
        self.problems += [f"hears: {_unknown('subject', value, _HEARS)}" for value in values if value not in _HEARS]
        if self._table["hears"] == []:
            self.problems.append(f"hears: a subscriber must hear something: {', '.join(_HEARS)}")
        if values == ("operation",):
            given = [key for key in _OF_STORIES if key in self._table]
            self.problems += [f"{key}: is about stories, of which this subscriber does not hear" for key in given]
        return values  # type: ignore[return-value]  # wrong ones are among the problems

    def _texts(self, key: str) -> tuple[str, ...]:
        values = self._table.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            self.problems.append(f'{key}: expected a list such as ["...", "..."] (got {values!r})')
            return ()
        return tuple(values)

    def _list(self, key: str) -> tuple[str, ...]:
        values = self._texts(key)
        self.problems += [f"{key}: {_unknown(key.removesuffix('s'), value, _LISTS[key])}" for value in values if value not in _LISTS[key]]
        return values

    def _countries(self) -> tuple[str, ...]:
        values = self._texts("countries")
        self.problems += [f"countries: {_unknown_country(value)}" for value in values if value not in _COUNTRIES]
        return values

    def _score(self) -> float:
        value = self._table.get("minimum_score", 0.0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            self.problems.append(f"minimum_score: expected a number from 0 to 1 (got {value!r})")
            return 0.0
        return float(value)

    def _check_nothing(self, target: str) -> None:
        if target:
            self.problems.append("target: only e-mail and webhook subscribers have one")

    def _check_address(self, target: str) -> None:
        if not _ADDRESS.fullmatch(target):
            self.problems.append(f'target: expected one e-mail address such as "soc@example.org" (got {target!r})')

    def _check_url(self, target: str) -> None:
        if not is_http(target):
            self.problems.append('target: expected an address such as "https://soc.example.org/hook", without user name and blanks')
        elif urlsplit(target).scheme != "https" and not _is_loopback(urlsplit(target).hostname or ""):
            self.problems.append("target: a webhook needs https; plain http is only for this machine itself (localhost, 127.0.0.1)")

    def _secret(self, channel: str) -> str:
        given = [key for key in _SECRETS if key in self._table]
        if channel != "webhook":
            self.problems += [f"{key}: only webhook subscribers have one" for key in given]
            return ""
        if len(given) != 1:
            self.problems.append(f"secret: a webhook needs exactly one of {', '.join(_SECRETS)} (got {', '.join(given) or 'none'})")
            return ""
        secret = self._secret_from(given[0])
        if secret is not None and not all(map(_is_secret, secret.split() or [""])):
            self.problems.append(f'{given[0]}: expected "whsec_" and 24 to 64 bytes in base64; make one with: {_MAKE_ONE}')
        return secret or ""

    def _secret_from(self, key: str) -> str | None:
        value = self._text(key)
        if key == "secret_env":
            if value not in self._env:
                self.problems.append(f"secret_env: the environment has no variable {_shown(value)}")
            return self._env.get(value)
        if key == "secret":
            return value
        try:
            return (self._folder / value).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            self.problems.append(f"secret_file: cannot read {_shown(value)} ({getattr(error, 'strerror', None) or 'no text'})")
            return None


def _is_secret(secret: str) -> bool:
    """The form that Standard Webhooks prescribes; shorter keys would make forging a matter of patience."""
    text = secret.removeprefix("whsec_").rstrip("=")
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False
    return secret.startswith("whsec_") and 24 <= len(key) <= 64


def _shown(value: str) -> str:
    """A secret put where its file or variable belongs must not end up in a log."""
    return "(hidden)" if value.startswith("whsec_") else repr(value)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _unknown(kind: str, value: str, known: Sequence[str]) -> str:
    nearest = difflib.get_close_matches(value.lower(), known, n=1, cutoff=0.5)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"known here: {', '.join(known)}"
    return f"no such {kind}: {value!r}; {hint}"


def _unknown_country(value: str) -> str:
    names = {str(Locale("en").territories[code]).lower(): code for code in _COUNTRIES}
    nearest = difflib.get_close_matches(value.lower(), names, n=1, cutoff=0.7)
    code = value.upper() if value.upper() in _COUNTRIES else _OFTEN_MEANT.get(value.upper()) or (names[nearest[0]] if nearest else None)
    hint = f"did you mean {code!r} ({Locale('en').territories[code]})?" if code else f"known here: {', '.join(_COUNTRIES)}"
    return f"no such country: {value!r}; {hint}"
