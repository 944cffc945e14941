"""An English headline made from a story's facts, so that a reader of no Albanian can act on it."""

from __future__ import annotations

from collections.abc import Sequence

from babel import Locale

from monitor.model import Attack, Attribution, Status, Victim

_DONE: dict[Attack, str] = {
    "ddos": "knocked offline by DDoS",
    "ransomware": "hit by ransomware",
    "defacement": "website defaced",
    "data_leak": "data leaked",
    "wiper": "data wiped",
    "intrusion": "systems broken into",
    "phishing": "hit through phishing",
    "malware": "hit by malware",
    "account_takeover": "account taken over",
    "unknown": "hit by a cyberattack",
}
_SAID: dict[Status, str] = {"denied": ", attack denied", "suspected": " (suspected)", "resolved": " (resolved)"}
_SHOWN = 3


def headline(
    victims: Sequence[Victim], countries: Sequence[str], attacks: Sequence[Attack], attributions: Sequence[Attribution], status: Status
) -> str:
    """`Parliament of Albania, One Albania and Air Albania: data wiped, claimed by Homeland Justice`."""
    who = _who([victim.name for victim in victims]) or f"Institution in {_country(countries)}"
    what = _DONE[attacks[0] if attacks else "unknown"]
    by = _by(attributions)
    return f"{who}: {what}{by}{'' if by and status == 'suspected' else _SAID.get(status, '')}"


def _by(attributions: Sequence[Attribution]) -> str:
    """Who claims it; if nobody does, who is blamed."""
    claiming = [each.actor for each in attributions if each.claims]
    named = claiming or [each.actor for each in attributions]
    return f", {'claimed by' if claiming else 'attributed to'} {' and '.join(named[:2])}" if named else ""


def _who(names: Sequence[str]) -> str:
    shown = list(names[:_SHOWN])
    if len(names) > _SHOWN:
        return f"{', '.join(shown[:-1])} and {len(names) - _SHOWN + 1} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _country(countries: Sequence[str]) -> str:
    return str(Locale("en").territories.get(countries[0], countries[0])) if countries else "the region"
