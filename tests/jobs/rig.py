"""Jobs on real parts: a migrated SQLite file, the real fetcher, a clock that can be moved on, and sites that answer as told."""

from __future__ import annotations

import asyncio
import atexit
import shutil
import socket
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from xml.sax.saxutils import escape

from sqlalchemy import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor import settings
from monitor.app import Lists, open_parts
from monitor.demo.loopback import LoopbackServer
from monitor.detect.snapshot import DetectionFiles
from monitor.jobs.judge import prepare
from monitor.jobs.parts import Parts
from monitor.model import Source, Subscriber
from monitor.store.schema import article, source

ATTACK = "Sulm kibernetik ndaj Kuvendit të Shqipërisë, hakerat fshijnë të dhënat"
TEXT = (
    "Kuvendi i Shqipërisë njoftoi se sistemi i tij i të dhënave u godit nga një sulm kibernetik. "
    "Hakerat u përpoqën të fshinin të dhënat e serverëve të Kuvendit.\n\n"
    "Grupi Homeland Justice mori përgjegjësinë për sulmin. Ekspertët po punojnë për rikthimin e sistemeve."
)


class Clock:
    """The time for the jobs: the real one, moved on as the test says."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def move(self, **by: float) -> None:
        self._ahead += timedelta(**by)


@dataclass(slots=True)
class Rig:
    parts: Parts
    clock: Clock

    async def article(self, path: str) -> Any:
        """The stored row of the article whose address ends so."""
        return next(row for row in await self.articles() if row.url.endswith(path))

    async def articles(self) -> Sequence[Any]:
        return await self.parts.store.read(lambda c: c.execute(select(article).order_by(article.c.id)).all())

    async def source(self, key: str) -> Any:
        return await self.parts.store.read(lambda c: c.execute(select(source).where(source.c.key == key)).one())


@lru_cache(maxsize=1)
def shipped() -> DetectionFiles:
    """One copy of our own files for all tests, so that its lexicon is compiled once."""
    room = Path(tempfile.mkdtemp(prefix="monitor-test-"))
    atexit.register(shutil.rmtree, room, ignore_errors=True)
    return DetectionFiles(settings.default_folder({}), room)


@asynccontextmanager
async def rig(
    url: str, sources: Sequence[Source], subscribers: Sequence[Subscriber] = (), folder: Path | None = None, /, **changed: str
) -> AsyncIterator[Rig]:
    """`changed` are settings by the names of their variables: `collect__timeout="0.3s"`. Without a `folder`, the configuration is ours."""
    environment = {
        "MONITOR_DATABASE_URL": url,
        "MONITOR_COLLECT__ALLOW_HOSTS": "*.localhost,127.0.0.1",
        "MONITOR_COLLECT__PAUSE_PER_HOST": "0s",
        "MONITOR_WORKERS__KIND": "inline",
        "MONITOR_ALERTS__MAX_AGE": "36500d",
        "MONITOR_MAIL__SECURITY": "none",
    } | {f"MONITOR_{name.upper()}": value for name, value in changed.items()}
    clock = Clock()
    async with open_parts(
        settings.load(folder or settings.default_folder({}), environment), Lists(tuple(sources), tuple(subscribers)), "test"
    ) as parts:
        clock.move(seconds=1)  # beyond the moment at which the sources were listed
        detection = parts.detection if folder else shipped()
        parts.workers.renew(partial(prepare, detection.folder))
        yield Rig(replace(parts, now=clock, chance=lambda: 0.0, detection=detection), clock)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a site says to one request. `after` is the seconds it takes."""

    body: str | bytes = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    after: float = 0.0


class Site:
    """A web server whose paths answer as the test says: the answers of a path in turn, the last one again and again."""

    def __init__(self) -> None:
        self._answers: dict[str, list[Answer]] = {}
        self._server = LoopbackServer(Starlette(routes=[Route("/{path:path}", self._answer)]))
        self.requests: list[Request] = []

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.__exit__(kind, error, trace)

    def put(self, path: str, *answers: Answer) -> None:
        self._answers[path] = list(answers)

    def url(self, path: str, label: str = "site") -> str:
        return f"http://{label}.localhost:{self._server.port}{path}"

    def source(self, path: str = "/feed", label: str = "site", **more: Any) -> Source:
        values: dict[str, Any] = {"outlet": f"{label}.localhost", "country": "AL", "lang": "sq"} | more
        return Source(f"al.{label}", label.title(), self.url(path, label), **values)

    def asked(self) -> Counter[str]:
        """How often each path was asked for, on whatever host."""
        return Counter(request.url.path for request in self.requests)

    async def until_asked(self, path: str) -> None:
        while not self.asked()[path]:  # noqa: ASYNC110 - the server lives in another thread
            await asyncio.sleep(0.001)

    async def _answer(self, request: Request) -> Response:
        self.requests.append(request)
        answers = self._answers.get(request.url.path, [Answer("not here", 404)])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        await asyncio.sleep(answer.after)
        return Response(answer.body, answer.status, {"content-type": "text/html; charset=utf-8"} | answer.headers)


def feed(site: Site, *paths: str, summary: str = TEXT, title: str = ATTACK, published: datetime | None = None) -> Answer:
    """An RSS feed that lists these paths, all under one title and summary; each an hour older than the one before."""
    newest = published or datetime(2023, 12, 26, 12, tzinfo=UTC)
    items = "".join(
        f"<item><title>{escape(title)}</title><link>{site.url(path)}</link><description>{escape(summary)}</description>"
        f"<pubDate>{(newest - timedelta(hours=at)).isoformat()}</pubDate></item>"
        for at, path in enumerate(paths)
    )
    return Answer(f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>Site</title>{items}</channel></rss>")


def page(text: str = TEXT, title: str = ATTACK) -> Answer:
    paragraphs = "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n"))
    return Answer(f"<!doctype html><html><head><title>{escape(title)}</title></head><body><article>{paragraphs}</article></body></html>")


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
