"""A real daemon process over the sample newsroom, for tests that start, stop and kill it."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from monitor.demo.newsroom import Newsroom, load, outlets
from monitor.demo.receivers import MailReceiver, WebhookReceiver
from monitor.model import Story
from monitor.store import articles, deliveries, stories
from monitor.store.deliveries import DeliveryHealth
from monitor.store.engine import Store
from monitor.stories.facts import summarise

ROOT = Path(__file__).resolve().parents[2]
_HURRY = """
[clock]
poll = "0.3s"
analyse = "0.3s"
repair = "0.3s"
notify = "0.3s"
[collect]
minimum_interval = "0.5s"
maximum_interval = "1s"
pause_per_host = "0s"
allow_hosts = ["*.localhost", "127.0.0.1"]
[alerts]
max_age = "36500d"
first_retry = "1s"
[mail]
host = "{host}"
port = {port}
security = "none"
"""
_SUBSCRIBERS = """
[[subscriber]]
name = "newsdesk"
channel = "email"
target = "newsdesk@demo.localhost"
[[subscriber]]
name = "soc"
channel = "webhook"
target = "{url}"
secret = "{secret}"
"""


class House:
    """Newsroom and receivers in this process; `start` makes the daemon in one of its own, on a database and configuration in `folder`."""

    def __init__(self, folder: Path, database: str | None = None) -> None:
        self.folder = folder
        self.database = database or f"sqlite:///{folder / 'monitor.db'}"
        self._stack = ExitStack()
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        secret = "whsec_" + base64.b64encode(b"a secret of twenty-four b").decode()
        self.newsroom = self._stack.enter_context(Newsroom())
        self.mail = self._stack.enter_context(MailReceiver())
        self.hook = self._stack.enter_context(WebhookReceiver(secret))
        config = self.folder / "config"
        shutil.copytree(ROOT / "config", config)
        shutil.rmtree(config / "sources")
        (config / "sources").mkdir()
        (config / "sources" / "demo.toml").write_text("".join(map(_source, self.newsroom.sources())), encoding="utf-8")
        (config / "monitor.toml").write_text(_HURRY.format(host=self.mail.host, port=self.mail.port), encoding="utf-8")
        (config / "alerts.toml").write_text(_SUBSCRIBERS.format(url=self.hook.url, secret=secret), encoding="utf-8")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._stack.close()

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if name != "COLUMNS"},  # of a terminal that tests do not have
            "PYTHONPATH": str(ROOT),
            "MONITOR_CONFIG": str(self.folder / "config"),
            "MONITOR_DATABASE_URL": self.database,
            "MONITOR_LOG__LEVEL": "info",
        }

    def start(self) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "monitor", "run"],
                env=self.environment,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
            )
        return self.process

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def states(self) -> tuple[Counter[str], Counter[str], str | None]:
        """Articles and deliveries by state, and a story in doubt, if any; nothing while there is no schema yet."""
        if not (self.folder / "monitor.db").exists() and self.database.startswith("sqlite"):
            return Counter(), Counter(), None
        try:
            with Store(self.database) as store:
                return store.read_now(lambda c: (articles.counts(c), deliveries.counts(c), stories.unsettled(c)))
        except Exception as error:  # the schema is being made
            if "no such" in str(error) or "does not exist" in str(error):
                return Counter(), Counter(), None
            raise

    def settle(self, edition: int, patience: float = 60.0) -> bool:
        """Waits until everything published up to `edition` is judged, put right and delivered."""
        dead = {outlet.key for outlet in outlets() if outlet.dead}
        wanted = sum(article.edition <= edition and article.outlet not in dead for article in load())
        end = time.monotonic() + patience
        while time.monotonic() < end and (self.process is None or self.process.poll() is None):
            judged, owed, doubtful = self.states()
            if sum(judged.values()) >= wanted and not judged["waiting"] and not owed["waiting"] and doubtful is None:
                return True
            time.sleep(0.1)
        return False

    def result(self) -> tuple[list[Story], list[DeliveryHealth]]:
        with Store(self.database) as store:
            told = [summarise(each) for each in store.read_now(stories.everything)]
            return told, store.read_now(lambda c: deliveries.listing(c, limit=10_000))


def _source(source: object) -> str:
    fields = ("key", "name", "url", "kind", "outlet", "country", "lang")
    lines = [f'{name} = "{value}"' for name in fields if (value := getattr(source, name))]
    return "[[source]]\n" + "\n".join(lines).replace('"demo.', '"int.') + "\n"
