"""What an alert says, in every form it travels in. Text from outside is cleaned here, once, and escaped by the form's own rules."""

from __future__ import annotations

import textwrap
import unicodedata
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from monitor.model import Alert, Attack, ChangeKind, Delivery, Status
from monitor.text.urls import is_http, site

WIDTH = 72
_LONGEST = 500
_LONGEST_SUBJECT = 180

_CHANGES: dict[ChangeKind, str] = {
    "opened": "New incident",
    "second_outlet": "Second outlet",
    "victim_added": "New victim",
    "actor_named": "Actor named",
    "confirmed": "Confirmed",
    "denied": "Denied",
    "data_leaked": "Data leaked",
    "resolved": "Resolved",
}
_STATUSES: dict[Status, str] = {
    "suspected": "suspected, not confirmed",
    "claimed": "claimed by the attackers, not confirmed",
    "confirmed": "confirmed",
    "denied": "denied by those concerned",
    "resolved": "resolved: the services work again",
}
_ATTACKS: dict[Attack, str] = {
    "ddos": "denial of service (DDoS)",
    "data_leak": "data leak",
    "wiper": "wiper (data destroyed)",
    "account_takeover": "account takeover",
    "unknown": "kind not known",
}
_LANGUAGE_NAMES = {"cnr": "Montenegrin"}


def subject(alert: Alert) -> str:
    """One line, safe as a mail header: where, what changed if the story is known already, and the headline."""
    tag = " ".join(alert.countries[:3]) or "Balkans"
    news = "" if alert.change.kind == "opened" else f"{_change(alert)} — "
    return _shortened(clean(f"[{tag}] {news}{alert.headline}"), _LONGEST_SUBJECT)


def plain(alert: Alert) -> str:
    """For a terminal: no line but an address is longer than `WIDTH`."""
    return _templates().get_template("alert.txt.j2").render(_view(alert))


def html(alert: Alert) -> str:
    return _templates().get_template("alert.html.j2").render(_view(alert), subject=subject(alert))


def payload(delivery: Delivery) -> dict[str, Any]:
    """The body of a webhook, as `templates/story.v1.schema.json` describes it. v1 may get new keys; none goes or changes its meaning."""
    alert = delivery.alert
    return {
        "schema": "story.v1",
        "type": f"story.{alert.change.kind}",
        "id": delivery.id,
        "timestamp": _iso(alert.at),
        "subscriber": delivery.subscriber,
        "data": {
            "change": {"kind": alert.change.kind, "detail": clean(alert.change.detail), "text": _change(alert)},
            "story": {
                "key": alert.story_key,
                "headline": clean(alert.headline),
                "status": alert.status,
                "countries": list(alert.countries),
                "victims": [clean(name) for name in alert.victims],
                "attacks": list(alert.attacks),
                "actors": [clean(name) for name in alert.actors],
                "reports": alert.reports,
            },
            "report": {
                "title": clean(alert.title),
                "url": _link(alert),
                "outlet": clean(alert.outlet),
                "language": alert.lang,
                "published": _iso(alert.at),
                "sentence": clean(alert.sentence),
                "score": round(alert.score, 3),
            },
        },
    }


def clean(text: str, longest: int = _LONGEST) -> str:
    """One line without control, direction and unpaired surrogate characters: nothing that forges a header or steers a terminal."""
    kept = "".join(" " if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") else char for char in text)
    return _shortened(" ".join(kept.split()), longest)


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def _view(alert: Alert) -> dict[str, Any]:
    return {
        "kind": alert.change.kind,
        "change": _change(alert),
        "headline": clean(alert.headline),
        "facts": [(label, value) for label, value in _facts(alert) if value],
        "title": clean(alert.title),
        "sentence": clean(alert.sentence),
        "lang": alert.lang,
        "source": _source(alert),
        "url": _link(alert),
        "host": site(alert.url),
        "story": clean(alert.story_key),
        "score": f"{alert.score:.2f}",
    }


def _source(alert: Alert) -> str:
    outlet = clean(alert.outlet) or site(alert.url)
    at = format_datetime(alert.at.astimezone(UTC), "d MMMM y, HH:mm 'UTC'", locale="en")
    return ", ".join(filter(None, [outlet, f"in {_language(alert.lang)}" if alert.lang else "", at]))


def _facts(alert: Alert) -> list[tuple[str, str]]:
    return [
        ("Victims" if len(alert.victims) > 1 else "Victim", clean(", ".join(alert.victims))),
        ("Countries" if len(alert.countries) > 1 else "Country", ", ".join(map(_country, alert.countries))),
        ("Attack", ", ".join(_ATTACKS.get(attack, attack) for attack in alert.attacks)),
        ("Actors" if len(alert.actors) > 1 else "Actor", clean(", ".join(alert.actors))),
        ("Status", _STATUSES[alert.status]),
        ("Reports", str(alert.reports)),
    ]


def _change(alert: Alert) -> str:
    detail = alert.change.detail or (alert.outlet if alert.change.kind == "second_outlet" else "")
    return clean(f"{_CHANGES[alert.change.kind]}: {detail}" if detail else _CHANGES[alert.change.kind])


def _link(alert: Alert) -> str | None:
    """The address, if it is one that a reader may safely follow."""
    return alert.url if is_http(alert.url) else None


def _country(code: str) -> str:
    return str(Locale("en").territories.get(code, code))


def _language(code: str) -> str:
    language, _, script = code.partition("-")
    english = Locale("en")
    name = _LANGUAGE_NAMES.get(language) or str(english.languages.get(language, language))
    return f"{name} ({english.scripts.get(script, script)})" if script else name


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _wrapped(text: str, first: str = "", rest: str = "") -> str:
    return textwrap.fill(text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False)


@cache
def _templates() -> Environment:
    """Jinja's environment: HTML is escaped, a name that a template does not know is an error."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["wrapped"] = _wrapped
    return environment
