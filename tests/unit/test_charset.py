import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.charset import decode

SAMPLES = [
    ("windows-1250", "Hakerski napad na općinu, građani čekaju na šalterima"),
    ("iso-8859-2", "Hakerski napad na općinu, građani čekaju na šalterima"),
    ("windows-1251", "Хакерски напад врз општината, граѓаните чекаат на шалтер"),
    ("iso-8859-5", "Хакерски напад врз општината, граѓаните чекаат"),
    ("windows-1253", "Κυβερνοεπίθεση στον δήμο, οι πολίτες περιμένουν"),
    ("iso-8859-7", "Κυβερνοεπίθεση στον δήμο, οι πολίτες περιμένουν"),
    ("windows-1254", "Belediyeye siber saldırı, vatandaşlar gişede bekliyor"),
    ("utf-8", "Sulm kibernetik ndaj bashkisë, qytetarët presin në sportele"),
]


@pytest.mark.parametrize(("charset", "text"), SAMPLES)
def test_the_header_names_the_encoding(charset: str, text: str) -> None:
    assert decode(text.encode(charset), f"text/html; charset={charset}") == text


@pytest.mark.parametrize(("charset", "text"), SAMPLES)
def test_the_xml_declaration_names_the_encoding(charset: str, text: str) -> None:
    document = f'<?xml version="1.0" encoding="{charset}"?><a>{text}</a>'
    assert decode(document.encode(charset), "text/xml") == document


@pytest.mark.parametrize(("charset", "text"), SAMPLES)
def test_the_page_names_the_encoding(charset: str, text: str) -> None:
    page = f'<html><head><meta charset="{charset}"></head><body>{text}</body></html>'
    assert decode(page.encode(charset)) == page


def test_utf8_is_utf8_whatever_the_header_says() -> None:
    assert decode("Kuvendi i Shqipërisë".encode(), "text/xml; charset=ISO-8859-1") == "Kuvendi i Shqipërisë"


def test_a_header_that_wrongly_says_utf8_gives_way_to_the_declaration() -> None:
    document = '<?xml version="1.0" encoding="windows-1251"?><a>Хакерски напад</a>'
    assert decode(document.encode("windows-1251"), "text/xml; charset=utf-8") == document


def test_a_few_broken_bytes_leave_the_rest_readable() -> None:
    text = "Извршен е хакерски напад врз општината. " * 20
    assert decode(text.encode() + b"\xd0\xff").startswith(text)


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides(charset: str) -> None:
    assert decode("Хакерски напад".encode(charset), "text/xml; charset=windows-1252") == "Хакерски напад"


@pytest.mark.parametrize("name", ["none-such", "hex", "rot13", "undefined", "idna", ""])
def test_an_unknown_encoding_is_not_fatal(name: str) -> None:
    assert "caf\xe9" in decode(b"<p>caf\xe9</p>", f"text/html; charset={name}")


@given(st.binary(max_size=200), st.text(max_size=40))
def test_decoding_never_fails(body: bytes, content_type: str) -> None:
    assert isinstance(decode(body, content_type), str)
