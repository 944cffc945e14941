"""An English headline made from a story's facts, so that a reader of no Albanian can act on it."""

from __future__ import annotations

from collections.abc import Sequence

from babel import Locale

from monitor.model import Attack, Status, Victim

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
_SHOWN = 3


def headline(victims: Sequence[Victim], countries: Sequence[str], attacks: Sequence[Attack], actors: Sequence[str], status: Status) -> str:
    """`Parliament of Albania, One Albania and Air Albania: data wiped, claimed by Homeland Justice`."""
    who = _who([victim.name for victim in victims]) or f"Institution in {_country(countries)}"
    what = _DONE[attacks[0] if attacks else "unknown"]
    said = {"denied": ", attack denied", "suspected": " (suspected)"}.get(status, "")
    by = f", claimed by {' and '.join(actors[:2])}" if actors else ""
    return f"{who}: {what}{by}{said if not by or status == 'denied' else ''}"


def _who(names: Sequence[str]) -> str:
    shown = list(names[:_SHOWN])
    if len(names) > _SHOWN:
        return f"{', '.join(shown[:-1])} and {len(names) - _SHOWN + 1} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _country(countries: Sequence[str]) -> str:
    return str(Locale("en").territories.get(countries[0], countries[0])) if countries else "the region"
