"""The values that are stored whole, as JSON: finding, signature, alert or notice."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from monitor.model import Alert, Finding, Notice, Signature, Victim

_FINDING = TypeAdapter(Finding)
_ALERT: TypeAdapter[Alert | Notice] = TypeAdapter(Alert | Notice)


def finding_json(finding: Finding) -> Any:
    return _FINDING.dump_python(finding, mode="json")


def finding(value: Any) -> Finding:
    return _FINDING.validate_python(value)


def placing(value: Any) -> Finding:
    """The finding without its reasons, which placement does not ask for and which are most of it."""
    lists = {name: tuple(value[name]) for name in ("countries", "attacks", "actors")}
    victims = tuple(Victim(each["id"], each["name"], each["country"], each["sector"]) for each in value["victims"])
    kind, again = value.get("kind", "incident"), value.get("again", False)
    return Finding(value["relevant"], value["score"], value["lang"], value["status"], victims=victims, kind=kind, again=again, **lists)


def signature_json(signature: Signature) -> Any:
    """Without the bands, which have a table of their own."""
    return {"digest": list(signature.digest), "words": sorted(signature.words)}


def signature(value: Any) -> Signature:
    return Signature((), tuple(value["digest"]), frozenset(value["words"]))


def alert_json(alert: Alert | Notice) -> Any:
    return _ALERT.dump_python(alert, mode="json")


def alert(value: Any) -> Alert | Notice:
    return _ALERT.validate_python(value)


def signed(band: int) -> int:
    """A 64-bit hash as the signed number both databases can hold."""
    return band - (1 << 64) if band >= 1 << 63 else band
