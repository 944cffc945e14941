"""`monitor alerts`: what is owed to whom, and whether a channel works."""

from __future__ import annotations

import asyncio
import os
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from monitor.cli import output
from monitor.cli.run import loaded
from monitor.errors import InputError, MonitorError

if TYPE_CHECKING:
    from monitor.model import Delivery, SendOutcome, Subscriber
    from monitor.settings import Settings
    from monitor.store.deliveries import DeliveryHealth

_HELP = "What is owed to whom, and whether a channel works."


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help=_HELP, epilog="Example: monitor alerts list --state waiting")
    group.command("list", epilog="Example: monitor alerts list --state given_up --json")(list_alerts)
    group.command("test", epilog="Example: monitor alerts test soc-mail")(send_test)
    app.add_typer(group, name="alerts")


def list_alerts(
    state: Annotated[Literal["waiting", "sent", "given_up"] | None, typer.Option(help="Only those in this state.")] = None,
    limit: output.Limit = 50,
    as_json: output.Json = False,
) -> None:
    """The alerts owed last, newest first: to whom, about what, sent or not, and why not."""
    from monitor.store import deliveries

    with output.opened() as store:
        found = store.read_now(lambda c: deliveries.listing(c, state, limit))
    if as_json:
        output.as_json([_facts(each) for each in found])
        return
    output.table(
        f"{len(found)} alerts",
        ("owed", "state", "subscriber", "channel", "change", "headline", "attempts", "sent", "next try", "reason"),
        map(_row, found),
    )


def send_test(name: Annotated[str, typer.Argument(help="The subscriber's name in alerts.toml.")], as_json: output.Json = False) -> None:
    """Sends a sample, marked as a test, over the subscriber's real channel, once. Exit status 1, with the reason, if it does not arrive."""
    from monitor.alerts import subscribers
    from monitor.model import Sent

    found = loaded()
    known = {each.name: each for each in subscribers.load(found.folder / "alerts.toml", os.environ)}
    if name not in known:
        raise InputError(f"no such subscriber: {name!r}; alerts.toml has {', '.join(known) or 'none'}")
    delivery = _sample(known[name], datetime.now(UTC))
    outcome = asyncio.run(_send(found, delivery, known[name]))
    reason = None if isinstance(outcome, Sent) else outcome.reason
    beside = delivery.channel == "console"  # there the test itself stands on standard output
    if as_json:
        facts = {"subscriber": name, "channel": delivery.channel, "delivery": delivery.id, "sent": reason is None, "reason": reason}
        output.as_json(facts, err=beside)
        raise typer.Exit(0 if reason is None else 1)
    if reason is not None:
        raise MonitorError(f"the test did not reach {name!r}: {reason}")
    typer.echo(f"The test was handed over: {name!r} should have it by {delivery.channel}.", err=beside)


async def _send(found: Settings, delivery: Delivery, subscriber: Subscriber) -> SendOutcome:
    from monitor.collect.fetch import Fetcher
    from monitor.jobs.notify import send

    async with Fetcher(found.collect) as fetcher:
        return await send(found, fetcher.client, delivery, subscriber, datetime.now(UTC))


def _sample(subscriber: Subscriber, now: datetime) -> Delivery:
    """A delivery as a real one would be, but for its words and for an id of its own at each test."""
    from monitor.model import Alert, Change, Delivery

    alert = Alert(
        story_key="test",
        headline="TEST, no incident: this is how an alert looks",
        change=Change("opened"),
        at=now,
        status="suspected",
        countries=subscriber.countries[:1] or ("AL",),
        victims=("Test institution",),
        attacks=subscriber.attacks[:1] or ("unknown",),
        actors=(),
        title="TEST: no such article",
        url="https://example.org/test",
        outlet="example.org",
        lang="en",
        score=1.0,
        reports=1,
        sentence="Sent by `monitor alerts test` to try this channel; nothing happened, nothing needs to be done.",
    )
    return Delivery(str(uuid.uuid4()), subscriber.name, subscriber.channel, alert)


def _row(each: DeliveryHealth) -> tuple[object, ...]:
    facts = _facts(each)
    change = f"{facts['change']}: {facts['detail']}" if facts["detail"] else facts["change"]
    waits = facts["next_try_at"] if each.state == "waiting" else None
    shown = ("created_at", "state", "subscriber", "channel")
    return *(facts[key] for key in shown), change, facts["headline"], facts["attempts"], facts["sent_at"], waits, facts["reason"]


def _facts(each: DeliveryHealth) -> dict[str, Any]:
    """A delivery by the column names of the public view."""
    from monitor.alerts.notice import headline
    from monitor.model import Alert

    delivery, alert = each.delivery, each.delivery.alert
    return {
        "delivery": delivery.id,
        "story": delivery.story,
        "headline": alert.headline if isinstance(alert, Alert) else headline(alert),
        "subscriber": delivery.subscriber,
        "channel": delivery.channel,
        "change": delivery.kind,
        "detail": delivery.detail,
        "state": each.state,
        "attempts": delivery.attempts,
        "created_at": each.created_at,
        "next_try_at": each.next_try_at,
        "sent_at": each.sent_at,
        "reason": each.reason,
    }
