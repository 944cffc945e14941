"""Owed alerts to real receivers that fail first: nothing is lost, nothing is told twice, nothing under a second id."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from monitor.demo.receivers import MailReceiver, WebhookReceiver
from monitor.jobs.analyse import analyse
from monitor.jobs.notify import notify
from monitor.jobs.poll import poll
from monitor.model import Subscriber
from monitor.store import deliveries
from monitor.store.deliveries import DeliveryHealth
from tests.jobs.rig import Rig, Site, closed_port, feed, page, rig

GOING = asyncio.Event()
SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four b").decode()
OTHER_SECRET = "whsec_" + base64.b64encode(b"another one of some bytes").decode()
DESK = Subscriber("desk", "email", "desk@demo.localhost")


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        running.put("/feed", feed(running, "/a"))
        running.put("/a", page())
        yield running


@pytest.fixture
def hook() -> Iterator[WebhookReceiver]:
    with WebhookReceiver(SECRET) as receiver:
        yield receiver


class Inbox:
    """What a mail server took, by `Message-ID`."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.ids.append(str(message_from_bytes(envelope.original_content or b"")["Message-ID"]))
        return "250 OK"


@contextmanager
def mail_server(port: int) -> Iterator[Inbox]:
    """A mail server on a given port, for one that was down before."""
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=port, server_hostname="demo.localhost")
    controller.start()
    try:
        yield inbox
    finally:
        controller.stop()


@asynccontextmanager
async def owing(url: str, site: Site, subscribers: Sequence[Subscriber], **changed: str) -> AsyncIterator[Rig]:
    """A house that owes each subscriber the opening of one story."""
    changed = {"mail__host": "127.0.0.1", "mail__sender": "monitor@demo.localhost"} | changed
    async with rig(url, [site.source()], subscribers, **changed) as house:
        await poll(house.parts, GOING)
        await analyse(house.parts, GOING)
        assert len(await states(house)) == len(subscribers)
        yield house


async def states(house: Rig) -> list[DeliveryHealth]:
    return await house.parts.store.read(deliveries.listing)


async def state(house: Rig) -> DeliveryHealth:
    (found,) = await states(house)
    return found


async def test_mail_waits_for_a_server_that_is_down_and_arrives_once_under_its_id(sqlite_url: str, site: Site) -> None:
    port = closed_port()
    async with owing(sqlite_url, site, [DESK], mail__port=str(port)) as house:
        assert await notify(house.parts, GOING) == 1
        down = await state(house)
        assert (down.state, down.delivery.attempts) == ("waiting", 1)
        assert down.reason is not None
        assert f"127.0.0.1:{port} cannot be used" in down.reason
        assert down.next_try_at - datetime.now(UTC) > timedelta(seconds=55)
        with mail_server(port) as inbox:
            assert await notify(house.parts, GOING) == 0  # not yet
            house.clock.move(minutes=2)
            assert await notify(house.parts, GOING) == 1
            assert await notify(house.parts, GOING) == 0
            assert inbox.ids == [f"<{down.delivery.id}@demo.localhost>"]
        sent = await state(house)
        assert (sent.state, sent.delivery.id, sent.reason) == ("sent", down.delivery.id, None)


async def test_a_webhook_that_answers_503_is_called_again_with_the_same_id(sqlite_url: str, site: Site, hook: WebhookReceiver) -> None:
    async with owing(sqlite_url, site, [Subscriber("soc", "webhook", hook.url, SECRET)]) as house:
        hook.fail_next(2)
        for _ in range(2):
            assert await notify(house.parts, GOING) == 1
            failed = await state(house)
            assert failed.reason == "127.0.0.1 answered 503"
            assert hook.received() == ()
            house.clock.move(seconds=(failed.next_try_at - house.clock()).total_seconds() + 1)
        house_time = house.clock() - datetime.now(UTC)
        assert house_time < timedelta(minutes=5)  # else the receiver would refuse the signature as too far from its own time
        assert await notify(house.parts, GOING) == 1
        assert [call.id for call in hook.received()] == [failed.delivery.id]
        assert (await state(house)).state == "sent"


async def test_the_pause_between_attempts_grows(sqlite_url: str, site: Site) -> None:
    async with owing(sqlite_url, site, [DESK], mail__port=str(closed_port())) as house:
        pauses = []
        for _ in range(4):
            await notify(house.parts, GOING)
            pauses.append(round(((await state(house)).next_try_at - house.clock()) / timedelta(seconds=10)))  # but for the time of the test
            house.clock.move(hours=13)
        assert pauses == sorted(pauses)
        assert pauses[3] > 3 * pauses[0]


async def test_a_wrong_secret_is_tried_again_and_arrives_when_it_is_put_right(sqlite_url: str, site: Site, hook: WebhookReceiver) -> None:
    wrong = Subscriber("soc", "webhook", hook.url, OTHER_SECRET)
    async with owing(sqlite_url, site, [wrong]) as house:
        await notify(house.parts, GOING)
        assert (await state(house)).reason == "127.0.0.1 answered 401"
        house.clock.move(minutes=2)
        await notify(replace(house.parts, subscribers=(replace(wrong, secret=SECRET),)), GOING)
        assert (await state(house)).state == "sent"
        assert hook.bad_signatures == 1


async def test_what_was_tried_often_enough_is_given_up_with_the_reason(sqlite_url: str, site: Site) -> None:
    async with owing(sqlite_url, site, [DESK], mail__port=str(closed_port()), alerts__attempts="2") as house:
        for _ in range(3):
            await notify(house.parts, GOING)
            house.clock.move(hours=13)
        last = await state(house)
        assert last.state == "given_up"
        assert last.reason is not None
        assert last.reason.endswith("tried 2 times")


async def test_an_alert_for_someone_who_left_is_given_up_in_words(sqlite_url: str, site: Site) -> None:
    async with owing(sqlite_url, site, [DESK]) as house:
        await notify(replace(house.parts, subscribers=()), GOING)
        last = await state(house)
        assert (last.state, last.reason) == ("given_up", "the subscriber is no longer in config/alerts.toml")


async def test_a_receiver_that_is_down_does_not_keep_alerts_from_the_others(
    sqlite_url: str, site: Site, hook: WebhookReceiver, capsys: pytest.CaptureFixture[str]
) -> None:
    subscribers = [DESK, Subscriber("soc", "webhook", hook.url, SECRET), Subscriber("screen", "console")]
    async with owing(sqlite_url, site, subscribers, mail__port=str(closed_port())) as house:
        assert await notify(house.parts, GOING) == 3
        assert {each.delivery.subscriber: each.state for each in await states(house)} == {
            "desk": "waiting",
            "soc": "sent",
            "screen": "sent",
        }
        assert "Parliament of Albania" in capsys.readouterr().out


async def test_a_stop_leaves_alerts_owed_and_unheld(sqlite_url: str, site: Site, hook: WebhookReceiver) -> None:
    stop = asyncio.Event()
    stop.set()
    async with owing(sqlite_url, site, [Subscriber("soc", "webhook", hook.url, SECRET)]) as house:
        assert await notify(house.parts, stop) == 0
        assert hook.received() == ()
        assert await notify(house.parts, GOING) == 1
        assert len(hook.received()) == 1


async def test_an_alert_cut_off_on_its_way_goes_out_under_the_same_id_after_the_next_start(sqlite_url: str, site: Site) -> None:
    with MailReceiver() as receiver:
        async with owing(sqlite_url, site, [DESK], mail__port=str(receiver.port)) as house:
            wanted = (await state(house)).delivery.id
            running = asyncio.create_task(notify(house.parts, GOING))
            await asyncio.sleep(0.01)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
        async with rig(sqlite_url, [site.source()], [DESK], mail__host="127.0.0.1", mail__port=str(receiver.port)) as house:
            await notify(house.parts, GOING)
            assert (await state(house)).state == "sent"
            ids = {str(mail["Message-ID"]).strip("<>").split("@")[0] for mail in receiver.messages()}
            assert ids == {wanted}
