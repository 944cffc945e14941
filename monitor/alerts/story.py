"""What the alert of a story says. Text from outside is cleaned here, once; each form then escapes it by its own rules."""

from __future__ import annotations

from typing import Any

from babel import Locale

from monitor.alerts.form import LONGEST_SUBJECT, clean, iso, link, moment, shortened
from monitor.model import Alert, Attack, ChangeKind, Status
from monitor.text.urls import site

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
    return shortened(clean(f"[{tag}] {news}{alert.headline}"), LONGEST_SUBJECT)


def message(alert: Alert) -> tuple[str, dict[str, Any]]:
    """What a webhook is told, and the type of it, as `templates/story.v1.schema.json` describes it."""
    return f"story.{alert.change.kind}", {
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
            "url": link(alert.url),
            "outlet": clean(alert.outlet),
            "language": alert.lang,
            "published": iso(alert.at),
            "sentence": clean(alert.sentence),
            "score": round(alert.score, 3),
        },
    }


def view(alert: Alert) -> dict[str, Any]:
    """What the templates `alert.*` show."""
    return {
        "kind": alert.change.kind,
        "change": _change(alert),
        "headline": clean(alert.headline),
        "facts": [(label, value) for label, value in _facts(alert) if value],
        "title": clean(alert.title),
        "sentence": clean(alert.sentence),
        "lang": alert.lang,
        "source": _source(alert),
        "url": link(alert.url),
        "host": site(alert.url),
        "story": clean(alert.story_key),
        "score": f"{alert.score:.2f}",
    }


def _source(alert: Alert) -> str:
    outlet = clean(alert.outlet) or site(alert.url)
    return ", ".join(filter(None, [outlet, f"in {_language(alert.lang)}" if alert.lang else "", moment(alert.at)]))


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


def _country(code: str) -> str:
    return str(Locale("en").territories.get(code, code))


def _language(code: str) -> str:
    language, _, script = code.partition("-")
    english = Locale("en")
    name = _LANGUAGE_NAMES.get(language) or str(english.languages.get(language, language))
    return f"{name} ({english.scripts.get(script, script)})" if script else name
