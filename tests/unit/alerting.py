"""One incident and its alert, for the tests of the alerts' room."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from monitor.model import (
    Alert,
    Article,
    Attribution,
    Change,
    Concerned,
    Decided,
    Delivery,
    Finding,
    Notice,
    NoticeKind,
    Placement,
    Reason,
    Report,
    Signature,
    Standing,
    Story,
    Subscriber,
    Victim,
)

NOW = datetime(2023, 12, 26, 12, 0, tzinfo=UTC)
AT = datetime(2023, 12, 26, 9, 5, tzinfo=UTC)
SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

PARLIAMENT = Victim("al-parliament-of-albania", "Parliament of Albania", "AL", "parliament")
AIRLINE = Victim("al-air-albania", "Air Albania", "AL", "airline")


def alert(**changed: Any) -> Alert:
    values: dict[str, Any] = {
        "story_key": "3fa9c1d2e0",
        "headline": "Parliament of Albania: data wiped, claimed by Homeland Justice",
        "change": Change("opened"),
        "at": AT,
        "status": "claimed",
        "countries": ("AL",),
        "victims": ("Parliament of Albania", "Air Albania"),
        "attacks": ("wiper",),
        "actors": ("Homeland Justice",),
        "title": "Sulm kibernetik ndaj Kuvendit",
        "url": "https://www.reporter.al/2023/12/26/sulm-kibernetik/",
        "outlet": "Reporter.al",
        "lang": "sq",
        "score": 0.934,
        "reports": 1,
        "sentence": "Sistemi i Kuvendit u godit nga një sulm kibernetik.",
    }
    return Alert(**(values | changed))


def delivery(channel: str = "email", **changed: Any) -> Delivery:
    return Delivery("0f8e5c1a-31f4-5d0c-9b58-2f2a0c8f7f10", "soc", channel, alert(**changed))


def concerned(number: int = 1, **changed: Any) -> Concerned:
    values: dict[str, Any] = {
        "source": f"al.site{number}",
        "name": f"Site {number}",
        "url": f"https://site{number}.al/feed",
        "reason": f"site{number}.al answered 500 (Internal Server Error)",
        "since": AT,
    }
    return Concerned(**(values | changed))


def notice(*sources: Concerned, kind: NoticeKind = "source_broken") -> Notice:
    return Notice(kind, NOW, sources or (concerned(),))


def notice_delivery(told: Notice | None = None, channel: str = "email") -> Delivery:
    return Delivery("7c1f9a52-0b7e-5e53-8a0e-5d2f0c9b1a44", "admin", channel, told or notice())


def finding(score: float = 0.9, reasons: tuple[Reason, ...] = (), victims: tuple[Victim, ...] = (PARLIAMENT,)) -> Finding:
    return Finding(True, score, "sq", "claimed", ("AL",), victims, ("wiper",), ("Homeland Justice",), reasons)


def report(name: str = "a1", at: datetime = AT, copy_of: str | None = None, **found: Any) -> Report:
    return Report(
        name, f"https://reporter.al/{name}", "Sulm kibernetik ndaj Kuvendit", "reporter.al", at, finding(**found), Signature(), copy_of
    )


def placement(
    *changes: Change,
    placed: Report | None = None,
    others: tuple[Report, ...] = (),
    key: str = "3fa9c1d2e0",
    decided: Decided | None = None,
    victims: tuple[Victim, ...] = (PARLIAMENT,),
) -> Placement:
    """What placing a report made of its story. `others` are those that were in it before."""
    placed = placed or report()
    reports = (*others, placed)
    story = Story(
        Standing(key, reports[0].at, reports[0].id, placed.at, reports, decided or Decided()),
        "Parliament of Albania: data wiped, claimed by Homeland Justice",
        "claimed",
        ("AL",),
        victims,
        ("wiper",),
        (Attribution("Homeland Justice", True, ("reporter.al",)),),
    )
    return Placement(story, Change("opened") in changes, placed, changes)


def article(text: str = "Sistemi i Kuvendit u godit nga një sulm kibernetik.") -> Article:
    return Article("https://www.reporter.al/sulm", "Sulm kibernetik ndaj Kuvendit", text, AT, "sq", "reporter.al", "AL")


def subscriber(name: str = "soc", **changed: Any) -> Subscriber:
    return Subscriber(**({"name": name, "channel": "email", "target": "soc@example.org"} | changed))
