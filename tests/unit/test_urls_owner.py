"""Who owns a host."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.urls import owner


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("blic.rs", "blic.rs"),
        ("sport.blic.rs", "blic.rs"),
        ("www.sport.blic.rs", "blic.rs"),
        ("WWW.Blic.RS.", "blic.rs"),
        ("x.co.uk", "x.co.uk"),
        ("news.x.co.uk", "x.co.uk"),
        ("a.x.com.al", "x.com.al"),
        ("a.b.gov.rs", "b.gov.rs"),
        ("a.x.com.mk", "x.com.mk"),
        ("a.x.edu.mk", "x.edu.mk"),
        ("www.gov.si", "gov.si"),
        ("a.b.gov.si", "gov.si"),
        ("one.blogspot.com", "blogspot.com"),
        ("\u0432\u0435\u0441\u0442\u0438.\u043c\u043a\u0434", "xn--b1agj9af.xn--d1alf"),
        ("sport.xn--b1agj9af.xn--d1alf", "xn--b1agj9af.xn--d1alf"),
        ("a.\u043f\u0440\u0438\u043c\u0435\u0440.\u043f\u0440.\u0441\u0440\u0431", "xn--e1afmkfd.xn--o1ac.xn--90a3ac"),
        ("feed1.localhost", "feed1.localhost"),
        ("a.feed1.localhost", "feed1.localhost"),
        ("a_b.x.al", "x.al"),
        ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("10.1.2.3", "10.1.2.3"),
        ("::1", "::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("", ""),
    ],
)
def test_the_owner_of_a_host_is_the_domain_that_was_registered(host: str, expected: str) -> None:
    assert owner(host) == expected


@given(st.text(max_size=40))
def test_any_host_has_an_owner_which_owns_itself(host: str) -> None:
    assert owner(owner(host)) == owner(host)


def test_owners_are_found_quickly() -> None:
    hosts = [f"news{number}.blic.rs" for number in range(1000)]
    owner("warm.blic.rs")
    best = min(_seconds(hosts) for _ in range(3))
    assert best / len(hosts) < 100e-6


def _seconds(hosts: list[str]) -> float:
    owner.cache_clear()
    start = perf_counter()
    for host in hosts:
        owner(host)
    return perf_counter() - start
