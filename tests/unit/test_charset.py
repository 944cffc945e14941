import json
import time
from pathlib import Path

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


CORPUS = Path(__file__).parent.parent / "corpus" / "dev.jsonl"
WRITTEN = {
    **dict.fromkeys(("hr", "bs", "cnr", "sr-Latn", "sl", "ro"), ("windows-1250", "iso-8859-2")),
    **dict.fromkeys(("sr-Cyrl", "mk", "bg"), ("windows-1251", "iso-8859-5")),
    "el": ("windows-1253", "iso-8859-7"),
    "tr": ("windows-1254", "iso-8859-9"),
    "sq": ("windows-1252", "windows-1250", "iso-8859-1"),
    "de": ("windows-1252",),
    "it": ("windows-1252",),
}
COMMAS = str.maketrans("șțȘȚ", "şţŞŢ")


def old_pages() -> list[tuple[str, bytes]]:
    """Every text of the corpus in every encoding that its language had before UTF-8."""
    articles = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
    texts = [(f"<p>{each['title']}</p><p>{each['text']}</p>".translate(COMMAS), WRITTEN.get(each["lang"], ())) for each in articles]
    return [(name, text.encode(name, "xmlcharrefreplace")) for text, names in texts for name in names]


@pytest.mark.parametrize(
    "content_type", ["", "text/html", "text/html; charset=iso-8859-1", "text/html; charset=us-ascii", "text/html; charset=utf-8"]
)
def test_what_is_not_declared_or_declared_by_the_default_of_servers_is_recognised(content_type: str) -> None:
    pages = old_pages()
    assert len(pages) > 400
    assert [(name, body) for name, body in pages if decode(body, content_type) != body.decode(name)] == []


@pytest.mark.parametrize("default", ["iso-8859-1", "windows-1252", "us-ascii", "utf-8"])
@pytest.mark.parametrize(("charset", "text"), SAMPLES)
def test_the_declaration_of_a_page_goes_before_the_default_of_its_server(charset: str, text: str, default: str) -> None:
    page = f'<html><head><meta charset="{charset}"></head><body>{text}</body></html>'
    assert decode(page.encode(charset), f"text/html; charset={default}") == page


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("windows-1250", "Tramvajska karta samo kod vozača"),
        ("windows-1250", "Patru ani cu executare pentru românul prins"),
        ("windows-1253", "ΚΥΒΕΡΝΟΕΠΙΘΕΣΗ ΣΤΗ ΒΟΥΛΗ"),
        ("iso-8859-7", "Ευρωπαϊκή Άμυνα"),
        ("windows-1253", "Ευρωπαϊκή Άμυνα"),
        ("iso-8859-5", "КИБЕРАТАКА НАД СОБРАНИЕ"),
        ("windows-1251", "Хакери удариха сайта на БНТ и INSTAT-а"),
        ("windows-1252", "Sulmi në orët e vona"),
        ("windows-1252", "Copyright © 2020 Agjencia » Lajme"),
        ("windows-1252", "© 2020"),
    ],
)
def test_a_few_letters_are_enough(charset: str, text: str) -> None:
    assert decode(text.encode(charset)) == text


@pytest.mark.parametrize(
    "text", ["Le ministère français a été piraté à Genève.", "Zelle naïve São Paulo Müller", "El año pasado, según el señor", "£5 · ½ ©"]
)
def test_who_declares_latin_1_and_means_it_is_believed(text: str) -> None:
    assert decode(text.encode("windows-1252"), "text/html; charset=iso-8859-1") == text


@pytest.mark.parametrize(
    ("meant", "said", "text"),
    [
        ("windows-1250", "iso-8859-2", "Šezdeset žrtava čeka šaltere"),
        ("windows-1253", "iso-8859-7", "Η “Επίθεση” στη Βουλή και η Άμυνα"),
        ("windows-1251", "iso-8859-5", "Хакери удариха сайта на „Възраждане“"),
    ],
)
def test_who_declares_an_iso_encoding_and_writes_windows_letters_is_understood(meant: str, said: str, text: str) -> None:
    assert decode(text.encode(meant), f"text/html; charset={said}") == text


def test_a_declared_encoding_of_ours_is_believed_though_another_is_likelier() -> None:
    assert decode("È è".encode("windows-1252"), "text/html; charset=windows-1250") == "Č č"


@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be"])
def test_two_bytes_a_letter_are_recognised_without_a_mark(charset: str) -> None:
    document = '<?xml version="1.0" encoding="utf-16"?><a>Хакерски напад</a>'
    assert decode(document.encode(charset), "text/xml") == document


def test_two_bytes_a_letter_are_not_believed_of_a_page_that_says_so_in_one() -> None:
    page = '<meta charset="utf-16"><p>Hakerski napad na općinu, građani čekaju</p>'
    assert decode(page.encode("windows-1250")) == page


@pytest.mark.parametrize("charset", ["windows-1250", "windows-1251", "windows-1253"])
def test_recognition_is_quick(charset: str) -> None:
    text = next(sample for name, sample in SAMPLES if name == charset)
    body = (text * 3000).encode(charset)[:100_000]
    decode(body)
    started = time.process_time()
    for _ in range(10):
        decode(body)
    assert time.process_time() - started < 10 * 0.01


@given(st.binary(max_size=200), st.text(max_size=40))
def test_decoding_never_fails(body: bytes, content_type: str) -> None:
    assert isinstance(decode(body, content_type), str)


def test_a_stray_nul_before_a_document_makes_no_utf16_of_it() -> None:
    assert decode("\x00<rss>Shqipëri</rss>".encode()) == "\x00<rss>Shqipëri</rss>"
    assert decode("<rss>Shqipëri</rss>".encode("utf-16-be")) == "<rss>Shqipëri</rss>"
