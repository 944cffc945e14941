"""Every setting, its kind and its default. `load` reads `monitor.toml`, then the environment, and refuses what it does not know.

The environment has the last word: `MONITOR_DATABASE_URL`, and `MONITOR_<SECTION>__<KEY>` for any setting; `..._FILE` reads the value of a
setting from a file, for secrets.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SecretStr,
    ValidationError,
    WithJsonSchema,
)

from monitor.errors import ConfigError

PREFIX = "MONITOR_"
_FILE = "_FILE"
# The two names without a section, for the setting that everybody sets.
_LONG = {"MONITOR_DATABASE_URL": "MONITOR_DATABASE__URL", "MONITOR_DATABASE_URL_FILE": "MONITOR_DATABASE__URL_FILE"}
_SECRETS = ("password", "url", "proxy")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _duration(value: object) -> object:
    """`"90s"`, `"5m"`, `"2h"`, `"14d"`: a number and a unit, so that no reader has to guess it."""
    if isinstance(value, timedelta):
        return value
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smhd])\s*", value) if isinstance(value, str) else None
    if not found:
        raise ValueError('expected a duration such as "90s", "5m", "2h" or "14d"')
    return timedelta(seconds=float(found[1]) * _UNITS[found[2]])


def _listed(value: object) -> object:
    """The environment has no lists: there, words parted by commas."""
    return tuple(word.strip() for word in value.split(",") if word.strip()) if isinstance(value, str) else value


def duration(span: timedelta) -> str:
    """A duration as it is written: in the largest unit that leaves no remainder."""
    seconds = span.total_seconds()
    unit = next((unit for unit in ("d", "h", "m") if seconds and seconds % _UNITS[unit] == 0), "s")
    return f"{seconds / _UNITS[unit]:g}{unit}"


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    PlainSerializer(duration, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*[smhd]\s*$"}),
]
Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]


def _proxy(value: SecretStr) -> SecretStr:
    if value.get_secret_value() and not _is_proxy(value.get_secret_value()):
        raise ValueError('expected an address such as "http://proxy.example:3128" or "https://user:password@proxy.example:3128"')
    return value


def _is_proxy(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    plain = parts.path in ("", "/") and not parts.query and not parts.fragment and not re.search(r"\s", url)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0 and plain


Proxy = Annotated[SecretStr, AfterValidator(_proxy)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Database(_Section):
    url: str = "sqlite:///data/monitor.db"
    migrate_on_start: bool = True


class Clock(_Section):
    poll: Duration = timedelta(seconds=15)
    analyse: Duration = timedelta(seconds=5)
    repair: Duration = timedelta(seconds=5)
    notify: Duration = timedelta(seconds=5)
    health: Duration = timedelta(minutes=5)
    prune: Duration = timedelta(hours=6)
    reload: Duration = timedelta(seconds=30)
    grace: Duration = timedelta(seconds=7)


class Collect(_Section):
    user_agent: str = "BalkanCyberMonitor/0.1 (+https://github.com/balkan-cyber-monitor; contact: set collect.user_agent)"
    minimum_interval: Duration = timedelta(minutes=5)
    maximum_interval: Duration = timedelta(hours=24)
    timeout: Duration = timedelta(seconds=30)
    max_bytes: Annotated[int, Field(ge=10_000, le=50_000_000)] = 5_000_000
    max_page_bytes: Annotated[int, Field(ge=10_000, le=10_000_000)] = 3_000_000
    max_redirects: Annotated[int, Field(ge=0, le=20)] = 8
    at_once: Annotated[int, Field(ge=1, le=500)] = 50
    per_host: Annotated[int, Field(ge=1, le=16)] = 2
    pause_per_host: Duration = timedelta(seconds=1)
    allow_hosts: Words = ()
    proxy: Proxy = SecretStr("")
    robots: bool = True
    attempts: Annotated[int, Field(ge=1, le=20)] = 5
    retry_after: Duration = timedelta(minutes=10)
    reread: Duration = timedelta(hours=24)


class WorkersSection(_Section):
    kind: Literal["processes", "inline"] = "processes"
    count: Annotated[int, Field(ge=1, le=64)] = 2
    batch: Annotated[int, Field(ge=1, le=64)] = 4
    page_seconds: Annotated[float, Field(gt=0, le=120)] = 10.0
    prefilter: bool = True


class Alerts(_Section):
    max_age: Duration = timedelta(days=14)
    attempts: Annotated[int, Field(ge=1, le=50)] = 12
    first_retry: Duration = timedelta(minutes=1)
    maximum_retry: Duration = timedelta(hours=12)
    timeout: Duration = timedelta(seconds=20)


class Mail(_Section):
    host: str = "localhost"
    port: Annotated[int, Field(ge=1, le=65535)] = 25
    security: Literal["none", "starttls", "tls"] = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")
    sender: str = "monitor@localhost"


class Keep(_Section):
    entries: Duration = timedelta(days=120)
    deliveries: Duration = timedelta(days=365)
    clear_texts: Duration = timedelta(0)


class Log(_Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["console", "json"] = "console"


class Settings(_Section):
    """All settings of one run. `folder` is the configuration folder it was read from."""

    folder: Path
    database: Database = Database()
    clock: Clock = Clock()
    collect: Collect = Collect()
    workers: WorkersSection = WorkersSection()
    alerts: Alerts = Alerts()
    mail: Mail = Mail()
    keep: Keep = Keep()
    log: Log = Log()


def default_folder(env: Mapping[str, str]) -> Path:
    """`MONITOR_CONFIG`, else `config/` beside the package (a checkout), else the defaults inside the installed package."""
    if env.get("MONITOR_CONFIG"):
        return Path(env["MONITOR_CONFIG"])
    package = Path(__file__).resolve().parent
    checkout = package.parent / "config"
    return checkout if checkout.is_dir() else package / "defaults" / "config"


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file. Raises `ConfigError` naming the file and the line when it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError([f"{path}: no such file (set MONITOR_CONFIG to your configuration folder)"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: {error}"]) from None
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read ({error.strerror})"]) from None


def load(folder: Path, env: Mapping[str, str]) -> Settings:
    """Settings of `folder/monitor.toml` with the environment on top. Raises `ConfigError` with every problem: file or variable, and key."""
    path = folder / "monitor.toml"
    tables = read_toml(path)
    variables = _variables(env)
    for (section, key), name in variables.items():
        table = tables.setdefault(section, {})
        if isinstance(table, dict):  # anything else is refused below
            table[key] = _read(name, env[name]) if name.endswith(_FILE) else env[name]
    problems = _mistyped(env)
    if "folder" in tables:
        problems.append(f"{path}: folder: no such setting; MONITOR_CONFIG says where the configuration is")
    try:
        found = Settings.model_validate({**tables, "folder": folder})
    except ValidationError as error:
        places = [tuple(map(str, problem["loc"])) for problem in error.errors()]
        problems += [_sentence(str(variables.get(place[:2], path)), problem) for place, problem in zip(places, error.errors(), strict=True)]
    if problems:
        raise ConfigError(problems)
    return found


def origins(folder: Path, env: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    """Where each setting that is not left at its default comes from: by section and key, the file or the variable."""
    path = folder / "monitor.toml"
    tables = read_toml(path)
    found: dict[tuple[str, ...], str] = {
        (section, key): str(path) for section, table in tables.items() if isinstance(table, dict) for key in table
    }
    return found | _variables(env)


def _variables(env: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    """Section and key of each setting that the environment has, with the name of its variable."""
    found: dict[tuple[str, ...], str] = {}
    for name in env:
        long = _LONG.get(name, name)
        if long.startswith(PREFIX) and "__" in long:
            section, key = long.removeprefix(PREFIX).removesuffix(_FILE).lower().split("__", 1)
            found[section, key] = name
    return found


def _mistyped(env: Mapping[str, str]) -> list[str]:
    """Variables that nearly have one of the short names. Others that begin like ours may be somebody else's."""
    known = (*_LONG, "MONITOR_CONFIG")
    strange = [name for name in env if name.startswith(PREFIX) and "__" not in name and name not in known]
    near = {name: difflib.get_close_matches(name, known, n=1, cutoff=0.85) for name in strange}
    return [f"{name}: no such variable; did you mean {nearest[0]!r}?" for name, nearest in near.items() if nearest]


def _read(name: str, file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError([f"{name}: cannot read {file} ({error.strerror})"]) from None


def _sentence(origin: str, problem: Any) -> str:
    place = [str(part) for part in problem["loc"]]
    if problem["type"] == "model_type":
        return f"{origin}: {place[0]}: expected a table written as [{place[0]}]"
    if problem["type"] != "extra_forbidden":
        got = "(hidden)" if place[-1] in _SECRETS else repr(problem["input"])
        return f"{origin}: {'.'.join(place)}: {problem['msg'].removeprefix('Value error, ')} (got {got})"
    nearest = difflib.get_close_matches(place[-1], _known(place[:-1]), n=1)
    hint = f"; did you mean {nearest[0]!r}?" if nearest else f"; known here: {', '.join(sorted(_known(place[:-1])))}"
    return f"{origin}: {'.'.join(place)}: no such setting{hint}"


def _known(place: list[str]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in place:
        kind = model.model_fields[part].annotation
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            return []
        model = kind
    return [name for name in model.model_fields if name != "folder"]
