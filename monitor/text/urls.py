"""Addresses: which are fit to fetch, which mean the same article, and whose site they belong to."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

MAX_URL = 2048

_BLANKS = re.compile(r"[\x00-\x20\x7f]")
_EDGES = "".join(map(chr, range(33)))
_TRACKING = re.compile(
    r"(?:utm_\w+|mc_[ce]id|_hs\w+|pk_\w+|mtm_\w+|at_\w+|fb_\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|igsh"
    r"|_ga|_gl|ref_src|ref_url|cmpid|ocid|ito|xtor|amp|__twitter_impression)",
    re.IGNORECASE,
)
_VARIANT_HOST = re.compile(r"^(?:www\d?|m|mobile|amp)\.(?=[^.]+\.)")
_VARIANT_PATH = re.compile(r"/(?:amp|amp\.html)$|\.amp$")
_SAFE_PATH = "/:@!$&'()*+,;=~-._"


def is_http(url: str) -> bool:
    """Whether this is an absolute http(s) address of sane length, without blanks inside and without a user name before the host."""
    parts = _split(url)
    return (
        parts is not None
        and parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and "@" not in parts.netloc
        and len(url) <= MAX_URL
        and not _BLANKS.search(url)
    )


def absolute(base: str, link: str) -> str | None:
    """`link` as found on the page `base`, made absolute; None if it is no http(s) address."""
    try:
        joined = urljoin(base, _BLANKS.sub(_encode, link.strip(_EDGES)))
    except ValueError:
        return None
    return joined if is_http(joined) else None


def site(url: str) -> str:
    """The host by which outlets are counted: lower case, no port, no `www.`, `m.` or `amp.`; empty if there is none."""
    parts = _split(url)
    return _VARIANT_HOST.sub("", _ascii((parts.hostname or "").rstrip("."))) if parts else ""


def canonical(url: str) -> str:
    """One spelling for all addresses of an article: to compare, not to fetch.

    The scheme, `www.`, mobile and AMP variants, default port, fragment, tracking parameters, the order of parameters and the last
    slash make no difference. What is no http(s) address comes back stripped and otherwise
    unchanged.
    """
    url = url.strip(_EDGES)
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        return url
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    query = _query(parts.query)
    return f"https://{site(url)}{port}{_path(parts.path)}{'?' if query else ''}{query}"


def country_of(host: str) -> str | None:
    """The country whose top-level domain a host is under (`albeu.al` → `AL`), or None for the others (`.com`, `.eu`)."""
    name, dot, last = host.rpartition(".")
    if not (name and dot) or len(last) != 2 or not last.isalpha():
        return None
    return {"UK": "GB", "EU": None}.get(last.upper(), last.upper())


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port, parts.hostname
    except ValueError:
        return None
    return parts


def _path(path: str) -> str:
    decoded = _VARIANT_PATH.sub("", unquote(path, errors="surrogateescape").rstrip("/"))
    return quote(decoded, safe=_SAFE_PATH, errors="surrogateescape") or "/"


def _query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape", max_num_fields=None)
    kept = sorted((name, value) for name, value in pairs if not _TRACKING.fullmatch(name) and (name, value) != ("output", "amp"))
    return urlencode(kept, errors="surrogateescape")


def _ascii(host: str) -> str:
    if host.isascii():
        return host.lower()
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return host.lower()


def _encode(blank: re.Match[str]) -> str:
    return "" if blank[0] in "\t\r\n" else quote(blank[0])
