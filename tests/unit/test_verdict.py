"""Each rule of detection on sentences made for it, with the real lexicons: what counts, and the counter-example that must not."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.detect.lexicon import Lexicon
from monitor.detect.load import load_lexicon
from monitor.detect.verdict import assess
from monitor.model import Article, Finding
from monitor.settings import default_folder

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@cache
def lexicon() -> Lexicon:
    return load_lexicon(default_folder({}))


def finding(title: str, text: str = "", country: str | None = None) -> Finding:
    return assess(Article("https://outlet.example/1", title, text or title, NOW, None, "outlet.example", country), lexicon())


def victims(title: str, text: str = "", country: str | None = None) -> list[str]:
    return [victim.name for victim in finding(title, text, country).victims]


ATTACKS = [
    ("sq", "AL", "Sulm kibernetik ndaj Bashkisë së Elbasanit, hakerat bllokuan serverat dhe kërkojnë shpërblim në bitcoin.", "Elbasan"),
    ("sr-Latn", "RS", "Hakeri napali Opštu bolnicu u Čačku: zaključani serveri, nalazi se pišu rukom, traže otkup u bitkoinima.", "Čačak"),
    ("sr-Cyrl", "RS", "Хакерски напад на Општину Врање: сајт оборен, подаци закључани, хакери траже откуп.", "Vranje"),
    ("mk", "MK", "Хакерски напад врз Општина Битола: серверите се заклучени, хакерите бараат откуп.", "Bitola"),
    ("bg", "BG", "Хакерска атака срещу община Хасково: сървърите са криптирани, хакерите искат откуп.", "Haskovo"),
    ("sl", "SI", "Kibernetski napad na Občino Kranj: hekerji so zaklenili strežnike in zahtevajo odkupnino.", "Kranj"),
    ("ro", "RO", "Atac cibernetic la Primăria Brăila: hackerii au criptat serverele și cer răscumpărare în bitcoin.", "Brăila"),
    ("el", "GR", "Κυβερνοεπίθεση στον Δήμο Λάρισας: χάκερς κλείδωσαν τους διακομιστές και ζητούν λύτρα.", "Larissa"),
]


@pytest.mark.parametrize(("lang", "country", "text", "town"), ATTACKS)
def test_an_attack_on_a_town_is_flagged_in_every_language_and_its_victim_named_by_grammar(
    lang: str, country: str, text: str, town: str
) -> None:
    found = finding(text, text, country)
    assert found.relevant
    assert found.lang == lang
    assert found.countries == (country,)
    assert any(town in victim.name and victim.country == country for victim in found.victims), found.victims


@pytest.mark.parametrize(("lang", "country", "text", "town"), ATTACKS)
def test_every_reason_shows_the_words_it_rests_on(lang: str, country: str, text: str, town: str) -> None:
    title, body = text, f"{text} {text}"
    for reason in finding(title, body, country).reasons:
        source = title if reason.zone == "title" else body
        assert source[reason.start : reason.end] == reason.surface != ""


DENIALS = [
    ("RS", "Pao portal Ministarstva pravde: nije hakerski napad, kažu iz ministarstva, u pitanju je kvar na opremi."),
    ("RO", "Site-ul Primăriei Cluj a picat două ore: nu a fost un atac cibernetic, spune primarul, ci o defecțiune tehnică."),
    (None, "Website of the Ministry of Health of Serbia down: it was not a cyberattack, officials say, but a technical fault."),
    ("SI", "Spletna stran ministrstva za zdravje ni delovala: ne gre za hekerski napad, pravijo, šlo je za tehnično napako."),
]


@pytest.mark.parametrize(("country", "text"), DENIALS)
def test_a_denied_attack_is_none(country: str | None, text: str) -> None:
    assert not finding(text, text, country).relevant


@pytest.mark.parametrize(
    ("country", "text"),
    [
        ("AL", "Tirana mbrohet nga sulmi i skuadrës së Partizanit, sulmuesi shënoi dy gola në stadiumin “Air Albania”."),
        ("HR", "Hrvatska vojska na vježbi Cyber Coalition branila zamišljenu mrežu od napada hakera."),
        ("RS", "MUP upozorava građane: ne otvarajte lažne SMS poruke u ime Pošte Srbije, ne klikćite na link."),
        ("BG", "Парламентът прие закон за киберсигурност, министърът представи стратегия на конференция в София."),
        (None, "Hackers hit hospitals in London with ransomware, British health service cancels operations."),
        ("GR", "Κυβερνοεπίθεση στο Κτηματολόγιο της Κύπρου, στη Λευκωσία δεν λειτουργούν οι υπηρεσίες."),
        ("RO", "Un hacker român a fost extrădat în Statele Unite și condamnat la șapte ani de închisoare."),
    ],
)
def test_what_only_shares_words_with_an_incident_is_not_flagged(country: str | None, text: str) -> None:
    assert not finding(text, text, country).relevant


def test_a_leak_that_did_not_happen_is_no_attack_type() -> None:
    attack = "Sistemi Opštine Kikinda pod hakerskim napadom, sajt je oboren DDoS napadom."
    assert "data_leak" in finding(attack, f"{attack} Procureli su podaci građana.", "RS").attacks
    assert "data_leak" not in finding(attack, f"{attack} Nisu procureli podaci građana.", "RS").attacks


def test_who_only_speaks_investigates_or_helps_is_no_victim() -> None:
    text = "Zagrebački električni tramvaj pogođen je kibernetičkim napadom. Policija istražuje, a HEP poručuje da kod njih sve radi."
    assert victims("Kibernetički napad na ZET, HEP: Kod nas je sve mirno", text, "HR") == ["Zagreb Electric Tram (ZET)"]


def test_retold_history_names_no_victims() -> None:
    lead = (
        "Hakerët sulmuan të hënën sistemin e Postës Shqiptare dhe bllokuan shërbimet në të gjithë vendin. "
        "Kompania bëri të ditur se ekspertët po punojnë për rikthimin e sistemeve sa më shpejt të jetë e mundur."
    )
    told = victims("Sulm kibernetik ndaj Postës Shqiptare", f"{lead}\nKujtojmë se në vitin 2022 u sulmua edhe Kuvendi i Shqipërisë.", "AL")
    assert told == ["Albanian Post"]


def test_a_short_form_belongs_to_the_country_that_the_text_names_else_to_the_outlets() -> None:
    assert victims("Hakerët sulmuan faqen e Kuvendit", country="AL") == ["Parliament of Albania"]
    assert victims("Hakerët sulmuan faqen e Kuvendit", country="XK") == ["Parliament of Kosovo"]
    assert victims("Hakerët sulmuan faqen e Kuvendit të Kosovës", country="AL") == ["Parliament of Kosovo"]


@pytest.mark.parametrize(
    "text",
    ["ЕПС-а", "EPS-a", "Elektroprivrede Srbije", "Електропривреди Србије", "Elektroprivredom Srbije"],
)
def test_a_name_is_known_in_its_cases_and_scripts(text: str) -> None:
    title = f"Hakerski napad na sistem {text}, zaključani serveri"
    assert victims(title, country="RS") == ["Elektroprivreda Srbije (EPS)"]


@pytest.mark.parametrize(
    "text",
    ["", " ", "\x00", "🙂" * 1000, "a" * 100_000, "ﷺ" * 500, "中文新闻 " * 500, "\u202eabc", "\ud800", "—" * 5000, "1 2 3 " * 2000],
)
def test_any_text_gets_a_verdict(text: str) -> None:
    assert not finding(text, text, "AL").relevant


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.text(max_size=2000), st.sampled_from([None, "AL", "RS", "ZZ"]))
def test_no_text_raises(title: str, text: str, country: str | None) -> None:
    assert 0.0 <= finding(title, text, country).score <= 1.0
