"""The demo: the real daemon over the sample newsroom, with real receivers, and a verdict on what came out."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from monitor import settings
from monitor.app import Lists, open_parts
from monitor.daemon import Daemon
from monitor.demo import compare, show
from monitor.demo.newsroom import Newsroom, load, outlets
from monitor.demo.newsroom.stock import EDITIONS
from monitor.demo.receivers import MailReceiver, WebhookReceiver
from monitor.jobs.parts import Parts
from monitor.log import configure
from monitor.model import Story, Subscriber
from monitor.store import articles, deliveries, stories
from monitor.store.deliveries import DeliveryHealth
from monitor.stories.facts import summarise

_PATIENCE = 60.0  # seconds for one edition, on a slow machine
_LOOK = 0.2
_MANY = 10_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the run left behind."""

    stories: list[Story]
    owed: list[DeliveryHealth]
    differences: list[str]
    seconds: float


def demo_settings(database: str, mail: MailReceiver) -> settings.Settings:
    """The settings people start with, but in a hurry, with loopback allowed and with no report too old to tell."""
    changed = {
        "MONITOR_DATABASE_URL": database,
        "MONITOR_CLOCK__POLL": "0.3s",
        "MONITOR_CLOCK__ANALYSE": "0.3s",
        "MONITOR_CLOCK__REPAIR": "0.3s",
        "MONITOR_CLOCK__NOTIFY": "0.3s",
        "MONITOR_COLLECT__MINIMUM_INTERVAL": "0.5s",
        "MONITOR_COLLECT__MAXIMUM_INTERVAL": "1s",
        "MONITOR_COLLECT__PAUSE_PER_HOST": "0s",
        "MONITOR_COLLECT__ALLOW_HOSTS": "*.localhost,127.0.0.1",
        "MONITOR_ALERTS__MAX_AGE": "36500d",
        "MONITOR_MAIL__HOST": mail.host,
        "MONITOR_MAIL__PORT": str(mail.port),
        "MONITOR_MAIL__SECURITY": "none",
        "MONITOR_MAIL__SENDER": "monitor@demo.localhost",
        "MONITOR_LOG__LEVEL": "error",
    }
    return settings.load(settings.default_folder(os.environ), changed)


def subscribers(hook: WebhookReceiver, secret: str) -> tuple[Subscriber, ...]:
    return (
        Subscriber("newsdesk", "email", "newsdesk@demo.localhost"),
        Subscriber("soc", "webhook", hook.url, secret),
    )


async def demo(folder: Path, console: Console, serve: bool) -> Outcome:
    """Publishes the newsroom edition by edition under the running daemon; returns what came of it. `serve` waits for Ctrl-C at the end."""
    started = time.monotonic()
    secret = "whsec_" + base64.b64encode(os.urandom(24)).decode()
    with ExitStack() as stack:
        newsroom = stack.enter_context(Newsroom())
        mail = stack.enter_context(MailReceiver())
        hook = stack.enter_context(WebhookReceiver(secret))
        found = demo_settings(f"sqlite:///{folder / 'monitor.db'}", mail)
        configure(found.log)
        lists = Lists(newsroom.sources(), subscribers(hook, secret))
        async with open_parts(found, lists, owner="demo") as parts:
            daemon = Daemon(parts)
            running = asyncio.create_task(daemon.run())
            try:
                await _publish(newsroom, parts, console)
                told, owed = await _ask(parts)
                differences = [
                    *compare.story_differences(told),
                    *compare.alert_differences(told, [each.delivery for each in owed]),
                    *compare.receiver_differences(owed, mail.messages(), hook.received()),
                ]
                if hook.bad_signatures:
                    differences.append(f"webhook: {hook.bad_signatures} calls with a wrong signature")
                outcome = Outcome(told, owed, differences, time.monotonic() - started)
                show.outcome(console, outcome.stories, mail.messages(), hook.received(), outcome.differences, outcome.seconds)
                if serve:
                    await _serve(newsroom, console)
                return outcome
            finally:
                daemon.stop()
                await running


async def _publish(newsroom: Newsroom, parts: Parts, console: Console) -> None:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    dead = {outlet.key for outlet in outlets() if outlet.dead}
    everything = [article for article in load() if article.outlet not in dead]
    with Progress(*columns, console=console, transient=False) as progress:
        judged = progress.add_task("articles judged", total=len(everything))
        sent = progress.add_task("alerts delivered", total=None)
        for edition in range(1, EDITIONS + 1):
            newsroom.edition = edition
            day = max(article.published for article in everything if article.edition == edition)
            progress.update(judged, description=f"edition {edition} of {EDITIONS} ({day:%d %b %Y}): articles judged")
            wanted = sum(article.edition <= edition for article in everything)

            def look(states: Counter[str], alerts: Counter[str]) -> None:
                progress.update(judged, completed=sum(states.values()) - states["waiting"])
                progress.update(sent, completed=alerts["sent"], total=sum(alerts.values()) or None)

            await _settled(parts, wanted, look)


async def _settled(parts: Parts, wanted: int, look: Callable[[Counter[str], Counter[str]], None]) -> None:
    """Waits until `wanted` articles are judged, no story is in doubt and nothing is owed, or patience ends; the comparison then says what
    is missing."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        states, doubtful, alerts = await parts.store.read(lambda c: (articles.counts(c), stories.unsettled(c), deliveries.counts(c)))
        look(states, alerts)
        if sum(states.values()) >= wanted and not states["waiting"] and doubtful is None and not alerts["waiting"]:
            return
        await asyncio.sleep(_LOOK)


async def _ask(parts: Parts) -> tuple[list[Story], list[DeliveryHealth]]:
    told = [summarise(each) for each in await parts.store.read(stories.everything)]
    return told, await parts.store.read(lambda c: deliveries.listing(c, limit=_MANY))


async def _serve(newsroom: Newsroom, console: Console) -> None:
    console.print(f"\nStill running; the newsroom stands at port {newsroom.port}, for example")
    for source in newsroom.sources()[:3]:
        console.print(f"  curl -H 'Host: {source.outlet}' http://127.0.0.1:{newsroom.port}/", highlight=False)
    console.print("Ctrl-C ends it.")
    over = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    await over.wait()
