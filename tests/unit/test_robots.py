from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect.robots import allowed, crawl_delay

RULES = b"""
User-agent: *
Disallow: /private/
Allow: /private/open
Crawl-delay: 5

User-agent: BalkanCyberMonitor
Disallow: /lajme/*.pdf$
"""


@pytest.mark.parametrize(
    ("path", "agent", "expected"),
    [
        ("/lajme/1", "Other", True),
        ("/private/1", "Other", False),
        ("/private/open", "Other", True),
        ("/private/1", "BalkanCyberMonitor", True),
        ("/lajme/1.pdf", "BalkanCyberMonitor", False),
        ("/lajme/1.pdf?x", "BalkanCyberMonitor", True),
    ],
)
def test_rules_are_read_by_agent(path: str, agent: str, expected: bool) -> None:
    assert allowed(RULES, f"https://x.al{path}", agent) is expected


@pytest.mark.parametrize("robots", [b"", b"<html>404</html>", b"\xff\xfe\x00", b"Disallow: /"])
def test_a_file_without_rules_allows_everything(robots: bytes) -> None:
    assert allowed(robots, "https://x.al/1", "BalkanCyberMonitor")


def test_crawl_delay_is_read_and_capped() -> None:
    assert crawl_delay(RULES, "Other") == timedelta(seconds=5)
    assert crawl_delay(RULES, "BalkanCyberMonitor") == timedelta(0)
    for value, expected in ((b"86400", 30), (b"1e300", 0), (b"-4", 0), (b"nan", 0), (b"soon", 0)):
        assert crawl_delay(b"User-agent: *\nCrawl-delay: " + value, "Other") == timedelta(seconds=expected)


@given(st.binary(max_size=200))
def test_any_bytes_are_survived(robots: bytes) -> None:
    allowed(robots, "https://x.al/1", "A")
    crawl_delay(robots, "A")
