"""When an incident is over, in sentences made for it, with the real lexicons: what counts as done, and what takes it back."""

from __future__ import annotations

import pytest

from tests.unit.test_verdict import finding

ATTACKED = {
    "AL": "Sulm kibernetik ndaj Bashkisë së Elbasanit.",
    "RS": "Hakerski napad na Opštinu Vranje.",
    "BG": "Хакерска атака срещу община Хасково.",
    "RO": "Atac cibernetic la Primăria Brăila.",
    "GR": "Κυβερνοεπίθεση στον Δήμο Λάρισας.",
    "SI": "Kibernetski napad na Občino Kranj.",
}


@pytest.mark.parametrize(
    ("country", "done", "told"),
    [
        ("AL", "Sistemet janë rivendosur plotësisht.", "Sistemet janë rivendosur pjesërisht."),
        ("AL", "Faqja funksionon sërish.", "Vetëm një pjesë e faqes funksionon sërish."),
        ("RS", "Svi servisi su vraćeni u funkciju.", "Deo servisa je vraćen u funkciju."),
        ("BG", "Услугите отново са достъпни.", "Част от услугите отново са достъпни."),
        ("RO", "Serviciile au fost restabilite.", "Serviciile au fost restabilite treptat."),
        ("AL", "Faqja u rikthye në funksion.", "Faqja ende nuk është kthyer në funksion."),
        ("RS", "Sajt opštine ponovo radi.", "Sajt opštine i dalje ne radi."),
        ("GR", "Τα συστήματα αποκαταστάθηκαν.", "Τα συστήματα δεν αποκαταστάθηκαν ακόμη."),
        ("RS", "Sajt opštine ponovo radi.", "Sajt opštine će ponovo raditi u ponedeljak."),
        ("RO", "Site-ul funcționează din nou.", "Site-ul va funcționa din nou de luni."),
        ("SI", "Spletna stran spet deluje.", "Pričakujejo, da bo spletna stran jutri spet delovala."),
        ("RS", "Sajt opštine ponovo radi.", "Sajt opštine je ponovo radio, pa ponovo pao."),
        ("RO", "Site-ul funcționează din nou.", "Site-ul a fost din nou atacat."),
    ],
)
def test_an_incident_is_resolved_when_all_works_again_and_not_while_it_does_partly_or_later_or_no_longer(
    country: str, done: str, told: str
) -> None:
    over, going_on = (finding(ATTACKED[country], f"{ATTACKED[country]} {said}", country) for said in (done, told))
    assert over.relevant
    assert over.status == "resolved"
    assert going_on.relevant
    assert going_on.status != "resolved"


@pytest.mark.parametrize(
    ("country", "title", "lead"),
    [
        ("RS", "Sajt Opštine Vranje ponovo radi, deo usluga i dalje nedostupan", "Sajt ponovo radi posle hakerskog napada."),
        (
            "RO",
            "Primăria Brăila: site-ul funcționează din nou, taxele abia de luni",
            "Site-ul, ținta unui atac cibernetic, funcționează din nou.",
        ),
    ],
)
def test_a_title_that_takes_it_back_speaks_for_the_whole_article(country: str, title: str, lead: str) -> None:
    assert finding(title, lead, country).status != "resolved"


@pytest.mark.parametrize(
    ("country", "claimed", "denied"),
    [
        ("RS", "Hakeri tvrde da su napali Opštinu Vranje i ukrali podatke.", "Nije bilo hakerskog napada, kaže predsednik opštine."),
        ("RO", "Hackerii susțin că au furat date de la Primăria Brăila.", "Nu a fost un atac cibernetic, spune primarul."),
    ],
)
def test_a_denied_attack_stays_denied_when_all_works_again(country: str, claimed: str, denied: str) -> None:
    again = {"RS": "Sajt opštine ponovo radi.", "RO": "Site-ul funcționează din nou."}[country]
    assert finding(claimed, f"{again} {claimed}", country).status == "resolved"
    assert finding(claimed, f"{again} {denied} {claimed}", country).status == "denied"


@pytest.mark.parametrize(
    ("country", "again", "body"),
    [
        (
            "RS",
            "Sajt ponovo radi.",
            "Na trgu je sinoć pred više hiljada ljudi održan veliki koncert domaćih i stranih izvođača. Publika je bila brojna i glasna do "
            "kasno u noć. Grad je zahvalio svima koji su došli.",
        ),
        (
            "RO",
            "Site-ul funcționează din nou.",
            "Aseară a avut loc în piața centrală un mare concert cu artiști din țară și din străinătate. Publicul a fost numeros și "
            "entuziast până târziu în noapte. Primarul a mulțumit tuturor celor prezenți.",
        ),
    ],
)
def test_it_is_resolved_only_if_title_or_lead_say_so(country: str, again: str, body: str) -> None:
    attack = ATTACKED[country]
    assert finding(attack, f"{attack} {again} {body}", country).status == "resolved"
    assert finding(attack, f"{attack} {body} {again}", country).status != "resolved"


def test_what_works_again_recovers() -> None:
    attack, again = ATTACKED["SI"], "Sistemi so vzpostavljeni."
    found = finding(attack, f"{attack} {again}", "SI")
    assert "recover.lead" in {reason.rule for reason in found.reasons}
    assert found.kind == "follow_up"
