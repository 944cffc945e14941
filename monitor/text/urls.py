"""Addresses: which are fit to fetch, which mean the same article, and whose site they belong to."""

from __future__ import annotations

import base64
import re
from functools import lru_cache
from ipaddress import ip_address
from operator import itemgetter
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

MAX_URL = 2048

_BLANKS = re.compile(r"[\x00-\x20\x7f]")
_EDGES = "".join(map(chr, range(33)))

# Parameters that never say which article is meant: where the reader came from, who sent the link, how the page is to look.
_TRACKING = re.compile(
    r"utm[_-][\w-]+|(?:fb|at|pk|mtm|hsa|piwik|matomo)_\w+|_hs\w+|mc_[ce]id|_x_tr_\w+|__cf_\w+|amp_\w+|usqp|nocache|replytocom"
    r"|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|gad_source|gad_campaignid|srsltid|msclkid|yclid|ysclid|ymclid|_openstat|twclid|ttclid|li_fat_id"
    r"|igshid|igsh|mibextid|__twitter_impression|mkt_tok|vero_id|oly_enc_id|oly_anon_id|guccounter|guce_referrer|guce_referrer_sig|_ga|_gl"
    r"|ref_src|ref_url|cmpid|ocid|ito|xtor|wt_z?mc|maca|traffic_source|ns_(?:campaign|mchannel|source|linkname|fee)|spref|phpsessid",
    re.IGNORECASE,
)
# Others do so only with these values.
_VARIANT = re.compile(
    r"(?:amp|isamp|noamp|nonamp)=(?:[01]|true|false|yes|no|amp|mobile|available)?|(?:output|outputtype|view|mode|format)=amp"
    r"|(?:ref|from|source|src)=(?:rss|feed)|share=[a-z][a-z-]*",
    re.IGNORECASE,
)
_VARIANT_HOST = re.compile(
    r"^(?:www\d?\.(?=[^.]+\.)|(?:m|mobile|wap|amp)\.(?=[^.]+\.)(?!(?:com?|net|org|gov|edu|ac)\.[a-z]{2}$))+"  # "m.co.uk" is a name
)
_CACHE = re.compile(r"(?:^|\.)(?:cdn\.ampproject\.org|bing-amp\.com)$")
_GOOGLE = re.compile(r"google\.(?:com?\.)?[a-z]{2,3}")
_TRANSLATED = re.compile(r"([a-z0-9-]+)\.translate\.goog")
# Redirectors that carry the address they lead to in a parameter; Google's hosts in all countries count as google.com.
_CARRIERS: dict[str, tuple[str, ...]] = {
    "google.com/url": ("q", "url"),
    "news.google.com/url": ("url", "q"),
    "news.google.com/news/url": ("url",),
    "bing.com/news/apiclick.aspx": ("url",),
    "facebook.com/l.php": ("u",),
    "l.facebook.com/l.php": ("u",),
    "lm.facebook.com/l.php": ("u",),
    "l.instagram.com/": ("u",),
    "t.me/iv": ("url",),
    "youtube.com/redirect": ("q",),
    "vk.com/away.php": ("to",),
    "linkedin.com/redir/redirect": ("url",),
    "duckduckgo.com/l": ("uddg",),
}
# What nearly every address is told by at a glance: that no redirector's name stands in its host.
_REDIRECTORS = re.compile(
    r"//[^/?#]*(?:google\.|" + "|".join(sorted({re.escape(".".join(place.split("/")[0].split(".")[-2:])) for place in _CARRIERS})) + ")",
    re.IGNORECASE,
)
_GOOGLE_NEWS = re.compile(r"news\.google\.com/(?:rss/|__i/rss/rd/)?(?:articles|read)/([\w-]{20,})={0,2}", re.IGNORECASE)
_NEWS_FIELD = re.compile(rb"\x08[\x00-\x7f]\"([\x00-\x7f]|[\x80-\xff][\x01-\x7f])", re.DOTALL)  # the head of the field with the address
_WRAPPED_LONGEST = 4 * MAX_URL
_DEEPEST = 2
_HOST = re.compile(r"(?=.{4,253}$)[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
_INDEX = re.compile(r"index\.(?:php|html?|aspx?)", re.IGNORECASE)
_AMP_FILE = re.compile(r"\.amp(?=(?:\.html?)?$)")
_SESSION = re.compile(r";jsessionid=.*", re.IGNORECASE)
_AMP = ("amp", "amphtml", "amp.html")
_NUMBER = re.compile(r"\d{4,}")
_SAFE = "/:@!$&'()*+,;=~-._"
_PLAIN_PATH = re.compile(r"[\w./~-]*", re.ASCII)  # decoding and encoding leave it as it is
_SAFE_PART = _SAFE.replace("/", "")  # an encoded slash is part of a name


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
    """The host by which outlets are counted: lower case, no port, no `www.`, mobile or AMP label; empty if there is none."""
    parts = _split(url)
    return _site(parts.hostname or "") if parts else ""


@lru_cache(maxsize=4096)
def owner(host: str) -> str:
    """The domain that somebody registered (`sport.blic.rs` → `blic.rs`); numeric addresses and names without a dot are their own."""
    name = _site(host.strip("[]"))
    if "." not in name or not re.fullmatch(r"[\w.-]+", name) or _is_address(name):
        return name
    from tld import get_fld  # it reads its list of suffixes once, from its own folder

    # The list is written in the alphabets themselves.
    found = get_fld(f"https://{_readable(name)}", fail_silently=True, search_private=False)
    return _ascii(found) if found else ".".join(name.split(".")[-2:])


def unwrapped(url: str) -> str:
    """The address to which a redirector leads, where its own tells that without asking: Google's alerts, old Google News links.

    Any other comes back as it is, and so does one that is wrapped more than twice.
    """
    inner = url
    for _ in range(_DEEPEST):
        if (target := _target(inner)) is None:
            return inner
        inner = target
    return url if _target(inner) else inner


def within(host: str, whole: str) -> bool:
    """Whether a host is `whole` or below it."""
    return bool(whole) and (host == whole or host.endswith(f".{whole}"))


def canonical(url: str) -> str:
    """One spelling for all addresses of an article: to compare, not to fetch.

    The scheme, `www.`, mobile and AMP variants, AMP caches, translating proxies, redirectors, default port, fragment (unless it is a
    route), tracking parameters, the order of parameters, `index.php`, doubled slashes and the last one make no difference. What is no
    http(s) address comes back stripped and otherwise unchanged.
    """
    url = url.encode("utf-8", "ignore").decode().strip(_EDGES)
    plain = _plain_spelling(url)
    while target := _target(plain):  # each time shorter
        plain = _plain_spelling(target)
    return plain


def _plain_spelling(url: str) -> str:
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        return url
    host, segments = _uncached(_site(parts.hostname), _segments(parts.path))
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    query, route = _query(parts.query), _route(parts.fragment)
    return f"https://{host}{port}/{'/'.join(_plain(segments))}{'?' if query else ''}{query}{'#' if route else ''}{route}"


def names_article(url: str) -> bool:
    """Whether an address carries a headline's words, a number or a date, as those of articles do; sections and home pages carry neither."""
    parts = _split(url)
    if parts is None:
        return False
    path = unquote(parts.path).rstrip("/")
    slug = max(path.split("/"), key=len)
    return len(re.findall(r"[\W_]+", slug)) >= 3 or bool(_NUMBER.search(path) or _NUMBER.search(parts.query))


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


@lru_cache(maxsize=1 << 12)
def _site(host: str) -> str:
    return _VARIANT_HOST.sub("", _ascii(host.rstrip(".")))


def _segments(path: str) -> list[str]:
    """The parts of a path, none of them empty, each in the one way to encode it."""
    if _PLAIN_PATH.fullmatch(path):
        return [part for part in path.split("/") if part]
    decoded = (_SESSION.sub("", unquote(part, errors="surrogateescape")) for part in path.split("/"))
    return [quote(part, safe=_SAFE_PART, errors="surrogateescape") for part in decoded if part]


def _uncached(host: str, segments: list[str]) -> tuple[str, list[str]]:
    """The host and path of the site itself, where the address leads through an AMP cache or a translating proxy."""
    while found := _within_cache(host, segments) or _translated(host, segments):
        host, segments = found
    return host, segments


def _target(url: str) -> str | None:
    """The address that the address of a redirector holds; None for all others."""
    if not _REDIRECTORS.search(url):
        return None
    parts = _split(url) if len(url) <= _WRAPPED_LONGEST else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    host = _site(parts.hostname)
    if _GOOGLE.fullmatch(host):
        host = "google.com"
    if found := _GOOGLE_NEWS.fullmatch(f"{host}{parts.path.rstrip('/')}"):
        return _held(found[1])
    place = f"{host}/{parts.path.strip('/').lower()}"
    return _carried(parts.query, _CARRIERS[place]) if place in _CARRIERS else None


def _carried(query: str, names: tuple[str, ...]) -> str | None:
    values = {name.removeprefix("amp;"): value for name, value in parse_qsl(query)}
    return next((value for name in names if is_http(value := values.get(name, ""))), None)


def _held(code: str) -> str | None:
    """The address within a Google News code: base64 of a message whose first text it is. Newer codes hold only a number."""
    try:
        message = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
        head = _NEWS_FIELD.match(message)
        length = sum((byte & 0x7F) << (7 * place) for place, byte in enumerate(head[1])) if head else 0
        address = message[head.end() :][:length].decode() if head else ""
    except ValueError:
        return None
    return address if is_http(address) else None


def _within_cache(host: str, segments: list[str]) -> tuple[str, list[str]] | None:
    """`x-al.cdn.ampproject.org/c/s/x.al/a` and `google.com/amp/s/x.al/a`; the `s` stands for https."""
    if _GOOGLE.fullmatch(host) and segments[:1] == ["amp"]:
        rest = segments[1:]
    elif _CACHE.search(host) and (plain := _plain(segments))[:1] in (["c"], ["v"]):
        rest = plain[1:]
    else:
        return None
    rest = rest[1:] if rest[:1] == ["s"] else rest
    return (_site(rest[0]), rest[1:]) if rest and _HOST.fullmatch(rest[0]) else None


def _translated(host: str, segments: list[str]) -> tuple[str, list[str]] | None:
    """`x-y--z-al.translate.goog`: a dot became a hyphen, and a hyphen two."""
    found = _TRANSLATED.fullmatch(host)
    name = found[1].replace("--", " ").replace("-", ".").replace(" ", "-") if found else ""
    return (_site(name), segments) if _HOST.fullmatch(name) else None


def _plain(segments: list[str]) -> list[str]:
    """A path without what only says in which form the page comes."""
    kept = [part for part in segments if part.lower() != "index.php"]  # also in front: `/index.php/news/1` is `/news/1`
    while kept:
        while _AMP_FILE.search(kept[-1]):
            kept[-1] = _AMP_FILE.sub("", kept[-1])
        if kept[-1] and kept[-1] not in _AMP and not _INDEX.fullmatch(kept[-1]):
            break
        kept.pop()
    while kept and kept[0] in _AMP:
        kept.pop(0)
    return kept


def _query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape", max_num_fields=None)
    kept = [pair for pair in pairs if not _idle(*pair)]
    return urlencode(sorted(kept, key=itemgetter(0)), errors="surrogateescape")


def _idle(name: str, value: str) -> bool:
    name = name.removeprefix("amp;")  # of "&amp;", escaped once too often
    return bool(_TRACKING.fullmatch(name) or _VARIANT.fullmatch(f"{name}={value}"))


def _route(fragment: str) -> str:
    """A fragment by which a page built by script knows what to show: `#!/news/1`, `#/news/1`."""
    route = quote(unquote(fragment, errors="surrogateescape"), safe=f"{_SAFE}?", errors="surrogateescape")
    return route if re.match(r"(?:!/?|/)[^!/]", route) else ""


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _readable(host: str) -> str:
    """An international name in its own alphabet."""
    try:
        return host.encode().decode("idna") if "xn--" in host else host
    except UnicodeError:
        return host


def _ascii(host: str) -> str:
    if host.isascii():
        return host.lower()
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return host.lower()


def _encode(blank: re.Match[str]) -> str:
    return "" if blank[0] in "\t\r\n" else quote(blank[0])
