"""Each rule of detection on sentences made for it, with the real lexicons: what counts, and the counter-example that must not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.detect.evidence import Evidence
from monitor.detect.lexicon import Lexicon
from monitor.detect.load import load_lexicon
from monitor.detect.verdict import assess, probability
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


# By the evidence that decides: an incident, and news of almost the same words that are none.
COUNTER_EXAMPLES = [
    (
        "denial",
        "RS",
        "Pao portal Ministarstva pravde: hakerski napad, kažu iz ministarstva.",
        "Pao portal Ministarstva pravde: nije hakerski napad, kažu iz ministarstva, u pitanju je kvar na opremi.",
    ),
    (
        "denial",
        "RO",
        "Site-ul Primăriei Cluj a picat două ore: a fost un atac cibernetic, spune primarul.",
        "Site-ul Primăriei Cluj a picat două ore: nu a fost un atac cibernetic, spune primarul.",
    ),
    (
        "exercise",
        "HR",
        "Hakerski napad na mrežu Hrvatske vojske, sustavi su isključeni.",
        "Hrvatska vojska na vježbi Cyber Coalition branila zamišljenu mrežu od napada hakera.",
    ),
    (
        "exercise",
        "RO",
        "Atac cibernetic la Primăria Brăila: sistemele sunt blocate.",
        "Exercițiu la Ministerul Apărării: echipele au respins un atac cibernetic simulat.",
    ),
    (
        "warning",
        "RS",
        "Hakeri napali Poštu Srbije: sistemi su zaključani, šalteri ne rade.",
        "MUP upozorava građane: ne otvarajte lažne poruke u ime Pošte Srbije, hakeri kradu podatke sa kartica.",
    ),
    (
        "warning",
        "AL",
        "Hakerët sulmuan Postën Shqiptare, sistemet janë bllokuar.",
        "Posta Shqiptare paralajmëron qytetarët: mos klikoni në mesazhet e rreme phishing në emër të saj.",
    ),
    (
        "foreign",
        None,
        "Hackers hit a hospital in Sofia with ransomware, Bulgarian doctors cancel operations.",
        "Hackers hit a hospital in London with ransomware, British doctors cancel operations.",
    ),
    (
        "foreign",
        "GR",
        "Κυβερνοεπίθεση στο Κτηματολόγιο της Ελλάδας, στην Αθήνα δεν λειτουργούν οι υπηρεσίες.",
        "Κυβερνοεπίθεση στο Κτηματολόγιο της Κύπρου, στη Λευκωσία δεν λειτουργούν οι υπηρεσίες.",
    ),
    (
        "individual",
        "RO",
        "Hackerii au spart contul de Instagram al Primăriei Brăila.",
        "Hackerii au spart contul de Instagram al unei influencerițe din Brăila.",
    ),
    (
        "individual",
        "SI",
        "Hekerji so vdrli v strežnike Občine Kranj.",
        "Upokojenki iz Kranja so hekerji vdrli v profil na Facebooku in ji ukradli denar.",
    ),
    (
        "arrest",
        "RO",
        "Hackerii au blocat serverele Primăriei Brăila și cer răscumpărare.",
        "Un hacker din Brăila a fost arestat și condamnat la șapte ani de închisoare.",
    ),
    (
        "arrest",
        "BG",
        "Хакери блокираха сървърите на община Хасково и искат откуп.",
        "Арестуваха хакер в Хасково, осъден е на седем години затвор.",
    ),
]


@pytest.mark.parametrize(("kind", "country", "incident", "counter"), COUNTER_EXAMPLES)
def test_an_incident_is_flagged_and_its_counter_example_is_not_for_the_reason_given(
    kind: str, country: str | None, incident: str, counter: str
) -> None:
    assert finding(incident, incident, country).relevant
    found = finding(counter, counter, country)
    assert not found.relevant
    assert any(reason.rule.startswith(f"{kind}.") and reason.weight < 0 for reason in found.reasons), found.reasons


@pytest.mark.parametrize(
    ("country", "happened", "negated"),
    [
        ("HR", "Ukradeni su podaci građana iz Grada Siska.", "Nisu ukradeni podaci građana iz Grada Siska."),
        ("RO", "Date personale furate de la Primăria Brăila.", "Nu au fost furate date personale de la Primăria Brăila."),
        ("SI", "Na Občini Kranj so bili ukradeni osebni podatki.", "Na Občini Kranj osebni podatki niso bili ukradeni."),
        (
            "GR",
            "Διέρρευσαν προσωπικά δεδομένα πολιτών από τον Δήμο Λάρισας.",
            "Δεν διέρρευσαν προσωπικά δεδομένα πολιτών από τον Δήμο Λάρισας.",
        ),
    ],
)
def test_a_leak_is_flagged_and_one_that_did_not_happen_is_not(country: str, happened: str, negated: str) -> None:
    assert finding(happened, happened, country).attacks == ("data_leak",)
    assert not finding(negated, negated, country).relevant


RETOLD = [
    (
        "RS",
        "Opština Vranje ne radi",
        "U gradu je sinoć održan veliki koncert na glavnom trgu pred više hiljada ljudi. Gradonačelnik je najavio da će se koncerti "
        "održavati svake godine i pozvao građane da dođu.",
        "Podsetimo, ",
        "hakeri su napali Opštinu Vranje i zaključali servere, traže otkup u bitkoinima. Podaci su ukradeni. Tužilaštvo istražuje "
        "hakerski napad.",
    ),
    (
        "BG",
        "Община Хасково не работи",
        "В града снощи се проведе голям концерт на главния площад пред няколко хиляди души. Кметът обяви, че концерти ще има всяка година "
        "и покани всички граждани да дойдат.",
        "Припомняме, че ",
        "хакери атакуваха община Хасково, криптираха сървърите и искат откуп. Лични данни са откраднати. Прокуратурата разследва "
        "хакерската атака.",
    ),
]


@pytest.mark.parametrize(("country", "title", "lead", "recalled", "told"), RETOLD)
def test_an_attack_told_in_the_body_is_flagged_and_one_only_retold_there_is_not(
    country: str, title: str, lead: str, recalled: str, told: str
) -> None:
    assert finding(title, f"{lead}\n{told[0].upper()}{told[1:]}", country).relevant
    assert not finding(title, f"{lead}\n{recalled}{told}", country).relevant


@pytest.mark.parametrize(
    ("country", "text", "town"),
    [
        ("RS", "Nacionalni CERT: hakerski napad na Opštinu Vranje, zaključani serveri.", "Municipality of Vranje"),
        ("RO", "DNSC: atac cibernetic la Primăria Brăila, serverele sunt criptate.", "Municipality of Brăila"),
        ("AL", "Sulm kibernetik ndaj Bashkisë së Elbasanit: AKSK po ndihmon në rikthimin e sistemeve.", "Municipality of Elbasan"),
    ],
)
def test_who_answers_an_attack_is_no_victim(country: str, text: str, town: str) -> None:
    assert victims(text, country=country) == [town]


@pytest.mark.parametrize(
    ("country", "text"),
    [
        ("RS", "Nacionalni CERT objavio koliko je hakerskih napada zabeleženo."),
        ("RO", "DNSC a anunțat câte atacuri cibernetice a înregistrat."),
    ],
)
def test_news_of_none_but_those_who_answer_attacks_is_not_flagged(country: str, text: str) -> None:
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


@pytest.mark.parametrize(("bias", "score"), [(-1e6, 0.0), (1e6, 1.0)])
def test_no_sum_is_too_large_for_a_score(bias: float, score: float) -> None:
    steep = replace(lexicon().weights, bias=bias)
    assert probability(Evidence({"cyber.title": 1.0}), steep) == pytest.approx(score)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.text(max_size=2000), st.sampled_from([None, "AL", "RS", "ZZ"]))
def test_no_text_raises(title: str, text: str, country: str | None) -> None:
    assert 0.0 <= finding(title, text, country).score <= 1.0


@pytest.mark.parametrize(
    ("title", "text", "country", "victim"),
    [
        ("Sulm kibernetik ndaj AKSK-së", "Hakerët sulmuan serverët e AKSK-së dhe nxorën të dhëna.", "AL", "AKSK"),
        ("Atac cibernetic asupra DNSC", "Hackerii au atacat serverele DNSC și au publicat date.", "RO", "DNSC"),
    ],
)
def test_who_answers_attacks_is_the_victim_of_one_on_him(title: str, text: str, country: str, victim: str) -> None:
    assert [victim in each.name for each in finding(title, text, country).victims] == [True]


@pytest.mark.parametrize(
    ("told", "denied", "country"),
    [
        (
            "Procureli su podaci građana iz baze Ministarstva finansija.",
            "Nisu procureli podaci građana iz baze Ministarstva finansija.",
            "RS",
        ),
        (
            "Kanë rrjedhur të dhënat nga serveri i Ministrisë së Financave.",
            "Nuk kanë rrjedhur të dhënat nga serveri i Ministrisë së Financave.",
            "AL",
        ),
    ],
)
def test_what_did_not_happen_is_no_attack(told: str, denied: str, country: str) -> None:
    assert finding(told, told, country).relevant
    assert not finding(denied, denied, country).relevant


@pytest.mark.parametrize(
    ("text", "country", "victim"),
    [
        ("Hakerski napad na bolnicu u Beogradu, podaci zaključani.", "RS", "Hospital of Belgrade"),
        ("Atac cibernetic la un spital din București, date criptate.", "RO", "Hospital of Bucharest"),
        ("Hakerski napad na vladu u Beogradu, serveri ugašeni.", "RS", "Government of Serbia"),
    ],
)
def test_a_capital_is_a_town_for_its_hospital_and_a_country_for_its_government(text: str, country: str, victim: str) -> None:
    assert [each.name for each in finding(text, text, country).victims] == [victim]
