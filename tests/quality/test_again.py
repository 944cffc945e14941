"""Which reports say that the victim was attacked before, and that this is another attack."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from functools import cache

import pytest

from monitor.detect.lexicon import Lexicon
from monitor.detect.load import load_lexicon
from monitor.detect.verdict import assess
from monitor.jobs.assess import read_article
from monitor.model import Article, Finding
from monitor.settings import default_folder
from tests.quality.floors import BLIND, ORDINARY, SETS, corpus

NOW = datetime(2026, 11, 1, tzinfo=UTC)

# By country of the outlet: title, and what follows it.
AGAIN = [
    ("AL", "Sërish nën sulm kibernetik Bashkia e Elbasanit", "Serverët janë bllokuar nga hakerat që dje në mbrëmje."),
    ("AL", "Posta Shqiptare goditet nga hakerat për herë të dytë brenda dy muajsh", "Sistemet nuk punojnë."),
    ("XK", "Hakerët sulmojnë përsëri serverët e Kuvendit", "Faqja e Kuvendit u rrëzua sot pasdite."),
    (
        "AL",
        "Sulm kibernetik ndaj Bashkisë së Durrësit",
        "Është sulmi i dytë ndaj bashkisë këtë vit, pas atij të marsit. Hakerat kanë bllokuar serverët.",
    ),
    ("RS", "Opština Vranje ponovo na meti hakera", "Serveri su zaključani, hakeri traže otkup."),
    ("HR", "Drugi hakerski napad na bolnicu u Sisku u tri mjeseca", "Sustavi su ugašeni."),
    ("BA", "Hakeri opet napali Elektroprivredu BiH", "Podaci su zaključani, šalteri ne rade."),
    ("RS", "Хакерски напад на Пошту Србије", "Ово је трећи пут ове године да је Пошта мета хакера, системи су блокирани."),
    ("MK", "Нов хакерски напад врз Катастарот, втор за два месеци", "Серверите се заклучени."),
    ("MK", "Општина Битола повторно нападната од хакери", "Податоците се заклучени, бараат откуп."),
    ("MK", "По вторпат годинава хакери ја соборија страницата на Владата", "Страницата не работи од утрово."),
    ("MK", "Сајбер напад врз Фондот за здравство", "Фондот беше цел на хакери и во февруари, а сега хакерите пак го нападнаа."),
    ("BG", "Отново хакнаха сайта на община Хасково", "Сървърите са криптирани."),
    ("BG", "Втора хакерска атака за месец срещу Български пощи", "Системите не работят."),
    ("BG", "Хакери за трети път тази година удариха сайта на НАП", "Порталът е недостъпен."),
    ("BG", "Кибератака срещу болница в Плевен", "След удара през март болницата пак стана жертва на хакери, данните са криптирани."),
    ("SI", "Občina Kranj znova tarča hekerjev", "Strežniki so zaklenjeni."),
    ("SI", "Drugi kibernetski napad na bolnišnico v Celju v dveh mesecih", "Sistemi ne delujejo."),
    ("SI", "Hekerji že tretjič letos napadli spletno stran vlade", "Stran je nedosegljiva."),
    ("SI", "Kibernetski napad na Univerzo v Mariboru", "Po marčevskem vdoru so hekerji univerzo napadli še enkrat in ukradli podatke."),
    ("RO", "Primăria Brăila, din nou ținta hackerilor", "Serverele au fost criptate."),
    ("RO", "Al doilea atac cibernetic asupra Spitalului Județean Buzău în trei luni", "Sistemele sunt blocate."),
    ("RO", "Site-ul Guvernului, atacat pentru a treia oară anul acesta", "Hackerii l-au scos din funcțiune."),
    ("RO", "Hackerii au lovit iarăși Poșta Română", "Serverele sunt blocate, hackerii cer răscumpărare."),
    ("GR", "Ξανά στόχος χάκερς ο Δήμος Λάρισας", "Οι διακομιστές κλειδώθηκαν."),
    ("GR", "Δεύτερη κυβερνοεπίθεση στα ΕΛΤΑ μέσα σε δύο μήνες", "Τα συστήματα δεν λειτουργούν."),
    ("GR", "Για τρίτη φορά φέτος χάκερς χτύπησαν την ιστοσελίδα του υπουργείου Παιδείας", "Η σελίδα είναι εκτός λειτουργίας."),
    ("GR", "Κυβερνοεπίθεση στο Πανεπιστήμιο Πατρών", "Μετά την επίθεση του Μαρτίου το πανεπιστήμιο δέχθηκε νέο χτύπημα από χάκερς."),
    (None, "Albanian Post attacked again by hackers", "Servers have been locked since Monday."),
    (None, "Second cyberattack in two months on Serbian Post", "Hackers have locked its systems."),
    (None, "For the third time this year hackers bring down the website of Bulgaria's government", "The site is unreachable."),
    (
        None,
        "Cyberattack on the University of Maribor",
        "After the attack in March the university has once more become the target of hackers.",
    ),
    (None, "Albanische Post erneut Ziel von Hackern", "Die Server sind verschlüsselt."),
    (None, "Zweiter Cyberangriff auf Serbiens Post binnen zwei Monaten", "Die Systeme stehen still."),
    (None, "Hacker legen Website der bulgarischen Regierung zum dritten Mal in diesem Jahr lahm", "Sie ist nicht erreichbar."),
    (None, "Cyberangriff auf die Universität Maribor", "Nach dem Angriff im März haben Hacker die Universität wieder getroffen."),
    (None, "Poste albanesi di nuovo nel mirino degli hacker", "I server sono bloccati."),
    (None, "Secondo attacco informatico in due mesi alle Poste della Serbia", "I sistemi sono fermi."),
    (None, "Hacker colpiscono per la terza volta quest'anno il sito del governo bulgaro", "Il sito è irraggiungibile."),
    (None, "Attacco hacker all'Università di Maribor", "Dopo l'attacco di marzo l'ateneo è stato nuovamente colpito dagli hacker."),
    (None, "Arnavutluk Postası yeniden hackerların hedefinde", "Sunucular kilitlendi."),
    (None, "Sırbistan Postası'na iki ayda ikinci siber saldırı", "Sistemler çalışmıyor."),
    (None, "Hackerlar Bulgaristan hükümetinin sitesini bu yıl üçüncü kez çökertti", "Siteye erişilemiyor."),
    (
        None,
        "Maribor Üniversitesi'ne siber saldırı",
        "Mart ayındaki saldırının ardından üniversite bir kez daha saldırıya uğradı, veriler şifrelendi.",
    ),
    ("AL", "Sulmohet për të tretën herë sistemi i DPSHTRR-së", "Hakerët kanë bllokuar serverat, bëjnë me dije burimet."),
    ("XK", "Telekomi i Kosovës, dy herë brenda vitit viktimë e hakerëve", "Të dhënat e klientëve u nxorën në Telegram."),
    ("AL", "Hakerohet sërish faqja e Ministrisë së Shëndetësisë", "Në faqe shfaqet flamur i huaj."),
    ("RS", "Novi Sad: JKP Informatika po drugi put žrtva hakera", "Serveri su šifrovani, traži se otkup."),
    ("ME", "Vlada Crne Gore opet pod sajber napadom", "Nedostupni su portali, potvrđeno je iz Ministarstva javne uprave."),
    ("MK", "Хакерите пак во Фондот за здравство", "Системот е заклучен, матичните лекари пишуваат рачно."),
    ("MK", "Министерството за образование по вторпат жртва на хакери", "Протекоа податоци на ученици."),
    ("BG", "Хакери пак удариха Софийския градски транспорт, билетната система е блокирана", "Рансъмуер криптира сървърите."),
    ("BG", "Сайтът на президента е под нова DDoS атака, втора за седмицата", "Порталът е недостъпен."),
    ("SI", "Telekom Slovenije znova žrtev napada DDoS", "Spletne strani ne delujejo."),
    ("SI", "Vdor v sistem HSE: že drugi letos", "Hekerji so zaklenili strežnike, zahtevajo odkupnino."),
    ("RO", "Electrica, lovită a doua oară de hackeri în același an", "Atac ransomware, serverele sunt criptate."),
    ("RO", "Spitalul Witting, din nou victima unui atac ransomware", "Serverele au fost criptate, atacatorii cer răscumpărare."),
    ("RO", "Site-urile Parlamentului au fost atacate cibernetic din nou", "Un nou atac DDoS le-a scos din funcțiune."),
    ("GR", "Χάκερς «έριξαν» πάλι την ιστοσελίδα της Βουλής", "Επίθεση DDoS, η σελίδα δεν ανοίγει."),
    ("GR", "Και δεύτερο χτύπημα χάκερς στον ΕΦΚΑ", "Διέρρευσαν δεδομένα ασφαλισμένων."),
    (None, "Hackers return to Kosovo Telecom, steal customer data", "It is the second breach of the company since January."),
    (
        None,
        "Romanian Parliament website down after another DDoS attack",
        "Pro-Russian hackers had already attacked the Parliament in April.",
    ),
    (None, "North Macedonia's Health Insurance Fund falls victim to hackers yet again", "Its systems are locked by ransomware."),
    (None, "Wieder Cyberattacke auf Zagreber Klinik KBC", "Die Systeme sind abgeschaltet, es ist der zweite Angriff in diesem Jahr."),
    (None, "Kosovos Telekom abermals gehackt", "Kundendaten wurden gestohlen."),
    (None, "Ancora un attacco hacker al parlamento rumeno", "Il sito è irraggiungibile per la seconda volta in un mese."),
    (None, "Kosova Telekomu bir yıl içinde ikinci kez hacklendi", "Müşteri verileri çalındı."),
    (None, "Romanya Parlamentosu'nun sitesi tekrar siber saldırıya uğradı", "Siteye erişilemiyor."),
    ("AL", "ALBtelecom sërish cak i hakerëve", "Të dhënat e abonentëve janë publikuar në rrjet, kompania konfirmon ndërhyrjen."),
    ("XK", "Sulmi i dytë kibernetik ndaj Postës së Kosovës brenda një viti", "Serverat janë jashtë funksionit."),
    ("RS", "Хакери други пут за годину дана оборили сајт Градске управе Чачак", "Подаци су закључани, траже откуп."),
    ("BA", "Univerzitetski klinički centar Tuzla opet napadnut", "Hakeri su zaključali servere i traže otkup."),
    ("BG", "Хакери отново пробиха сървърите на НОИ", "Източени са лични данни."),
    ("SI", "Hekerji še drugič vdrli v strežnike Občine Kranj", "Ukradli so osebne podatke."),
    ("RO", "Hackerii au atacat din nou site-ul Ministerului Apărării", "Atac DDoS, pagina nu se deschide."),
    ("GR", "Χάκερς: Ξανά στο στόχαστρο ο ΟΑΣΑ", "Επίθεση DDoS, δεν λειτουργούν οι ιστοσελίδες."),
    (None, "Tirana's water company is hacked for the second time since spring", "Hackers locked its servers with ransomware."),
    (None, "Hacker greifen Kroatiens Parlament schon wieder an", "Die Website ist nach einer DDoS-Attacke nicht erreichbar."),
    (None, "Il ministero della Difesa romeno subisce un secondo attacco hacker", "I server sono bloccati."),
    (None, "Hırvatistan Parlamentosu'na bir siber saldırı daha: site yine çökertildi", "DDoS saldırısı sürüyor."),
]
ONCE = [
    ("AL", "Bashkia e Elbasanit sërish online pas sulmit kibernetik", "Sistemet punojnë përsëri."),
    ("AL", "Sulmi kibernetik ndaj Postës Shqiptare, dita e dytë pa sisteme", "Hakerët kërkojnë shpërblim, sportelet sërish të mbyllura."),
    ("AL", "Hakerët publikojnë përsëri të dhëna të vjedhura nga Kuvendi", "Është paketa e dytë pas sulmit kibernetik të së hënës."),
    (
        "AL",
        "Sulm i ri kibernetik në Shqipëri, këtë herë goditet Bashkia e Durrësit",
        "Serverat janë bllokuar. Java nisi me sulmin ndaj Postës.",
    ),
    ("RS", "Posle hakerskog napada Opština Vranje ponovo radi", "Serveri su opet na mreži."),
    ("HR", "Drugi dan hakerskog napada na bolnicu u Sisku", "Sustavi su ugašeni, pacijenti opet čekaju."),
    ("BA", "Hakeri ponovo objavili podatke ukradene u napadu na Elektroprivredu BiH", "Drugi paket podataka je na mreži."),
    (
        "RS",
        "Хакери прете новим нападом на Пошту Србије",
        "Хакери су у петак закључали системе Поште и траже откуп, иначе ће, кажу, напасти поново.",
    ),
    ("MK", "Катастарот повторно работи по хакерскиот напад", "Серверите се пак вклучени."),
    ("MK", "Втор бран од хакерскиот напад врз Општина Битола", "Серверите се заклучени од понеделник, ноќеска падна и страницата."),
    ("MK", "По нападот врз Владата, хакери ја соборија и страницата на Собранието", "Страницата повторно не работи."),
    ("MK", "Фондот за здравство се штити од нов хакерски напад", "Хакерите во февруари ги заклучија серверите на Фондот и бараа откуп."),
    ("BG", "Сайтът на община Хасково отново работи след хакерската атака", "Сървърите са пуснати пак."),
    ("BG", "Втори ден хакерска атака срещу Български пощи", "Системите не работят, хората отново се връщат без пратки."),
    ("BG", "Хакерите публикуваха отново данни от НАП", "Вторият архив от същата кражба е в мрежата."),
    ("BG", "Нова кибератака в България: ударена е болница в Плевен", "Миналата седмица хакери атакуваха Български пощи."),
    ("SI", "Občina Kranj po hekerskem napadu znova posluje", "Strežniki spet delujejo."),
    ("SI", "Drugi dan kibernetskega napada na bolnišnico v Celju", "Sistemi ne delujejo, bolniki spet čakajo."),
    (
        "SI",
        "Hekerji znova objavili podatke, ukradene vladi",
        "V drugem svežnju so osebni podatki iz vdora v strežnike vlade, ki so ga hekerji izvedli v petek.",
    ),
    ("SI", "Univerza v Mariboru po kibernetskem napadu: nov napad bi bil katastrofa", "Zato krepijo zaščito."),
    ("RO", "Primăria Brăila funcționează din nou după atacul cibernetic", "Serverele sunt iarăși pornite."),
    ("RO", "A doua zi a atacului cibernetic asupra Spitalului Județean Buzău", "Sistemele sunt blocate, pacienții așteaptă din nou."),
    (
        "RO",
        "Hackerii publică din nou date furate de la Guvern",
        "Al doilea pachet provine din atacul cibernetic de vineri asupra serverelor Guvernului României.",
    ),
    ("RO", "Nou atac cibernetic în România: lovită Poșta Română", "Luna trecută ținta a fost un spital."),
    ("GR", "Σε λειτουργία ξανά ο Δήμος Λάρισας μετά την κυβερνοεπίθεση", "Οι διακομιστές άνοιξαν πάλι."),
    ("GR", "Δεύτερη μέρα κυβερνοεπίθεσης στα ΕΛΤΑ", "Τα συστήματα δεν λειτουργούν, ξανά ουρές στα καταστήματα."),
    (
        "GR",
        "Χάκερς δημοσίευσαν ξανά δεδομένα του υπουργείου Παιδείας",
        "Το δεύτερο αρχείο προέρχεται από την ίδια κυβερνοεπίθεση στους διακομιστές του υπουργείου.",
    ),
    ("GR", "Το Πανεπιστήμιο Πατρών μετά την κυβερνοεπίθεση θωρακίζεται για να μη γίνει νέα επίθεση", "Ενισχύονται τα συστήματα."),
    (None, "Albanian Post online again after cyberattack", "Customers can once more use the services that hackers had locked."),
    (None, "Second day of cyberattack on Serbian Post", "Hackers have locked its systems, counters are closed again."),
    (None, "Hackers publish data of Bulgaria's government again", "The second batch is from the same theft."),
    (None, "New cyberattack in Slovenia hits the University of Maribor", "Last week hackers attacked a hospital in Celje."),
    (None, "Albanische Post nach Cyberangriff wieder online", "Die Schalter sind erneut geöffnet."),
    (None, "Zweiter Tag des Cyberangriffs auf Serbiens Post", "Die Systeme stehen still, Kunden warten wieder."),
    (None, "Hacker veröffentlichen erneut Daten der bulgarischen Regierung", "Das zweite Paket stammt aus demselben Diebstahl."),
    (None, "Universität Maribor nach Cyberangriff: Angst vor einem zweiten Angriff", "Die Server sind verschlüsselt."),
    (None, "Poste albanesi di nuovo online dopo l'attacco hacker", "I server funzionano nuovamente."),
    (None, "Secondo giorno di attacco informatico alle Poste della Serbia", "I sistemi sono fermi, di nuovo code."),
    (None, "Gli hacker pubblicano di nuovo dati rubati al governo bulgaro", "Il secondo pacchetto contiene password."),
    (
        None,
        "Nuovo attacco hacker in Slovenia: colpita l'Università di Maribor",
        "Gli hacker hanno bloccato i server dell'ateneo. La settimana scorsa toccò a un ospedale.",
    ),
    (None, "Arnavutluk Postası siber saldırının ardından yeniden hizmette", "Sunucular tekrar çalışıyor."),
    (None, "Sırbistan Postası'na siber saldırının ikinci günü", "Sistemler çalışmıyor, gişeler yine kapalı."),
    (None, "Hackerlar Bulgaristan hükümetinden çalınan verileri yeniden yayımladı", "İkinci paket aynı hırsızlıktan."),
    (None, "Slovenya'da yeni siber saldırı: Maribor Üniversitesi hedef alındı", "Geçen hafta bir hastane vurulmuştu."),
    (
        "AL",
        "Hakerat i kthehen punës: pas sulmit kibernetik në Posta Shqiptare, sistemet bien sërish",
        "Ekspertët po punojnë për herë të parë me kopjet rezervë.",
    ),
    ("AL", "Sulmi kibernetik ndaj Kuvendit: publikohet dosja e dytë me të dhëna të vjedhura", "Hakerat paralajmërojnë të tretën."),
    ("RS", "Hakerski napad na Opštinu Vranje: drugi put pomeren rok za plaćanje otkupa", "Serveri su zaključani."),
    ("HR", "Nakon hakerskog napada bolnica u Sisku ponovno prima pacijente", "Drugi poslužitelji su još ugašeni."),
    ("RS", "Posle napada na Poštu Srbije: EPS pojačava odbranu od hakera", "Pošta ponovo isporučuje pakete, sistemi su bili zaključani."),
    ("MK", "По хакерскиот напад врз Катастарот нотарите повторно чекаат", "Серверите се заклучени втор ден."),
    ("MK", "Хакерите по втор пат го продолжија рокот за откуп на Општина Битола", "Серверите се заклучени."),
    ("BG", "Хакерската атака срещу Български пощи: клиентите отново чакат на опашки", "Системите са криптирани за трети ден."),
    (
        "BG",
        "След кибератаката срещу община Хасково: отново се подават данъчни декларации",
        "Втората фаза на възстановяването започва утре.",
    ),
    ("SI", "Po hekerskem napadu na bolnišnico v Celju zdravniki spet pišejo na roke", "Drugi strežnik je še zaklenjen."),
    ("SI", "Napad na občino Kranj: hekerji drugič podaljšali rok za odkupnino", "Strežniki so zaklenjeni."),
    ("RO", "După atacul cibernetic, Primăria Brăila încasează din nou taxe", "Al doilea server rămâne blocat."),
    ("RO", "Spitalul Județean Buzău, atacat cibernetic: medicii scriu din nou de mână", "Serverele sunt criptate."),
    (
        "GR",
        "Κυβερνοεπίθεση στον Δήμο Λάρισας: Οι δημότες πληρώνουν πάλι στα ταμεία",
        "Οι διακομιστές κλειδώθηκαν, δεύτερη παράταση στις προθεσμίες.",
    ),
    ("GR", "ΕΛΤΑ: Για δεύτερη φορά οι χάκερς παρατείνουν την προθεσμία για τα λύτρα", "Τα συστήματα δεν λειτουργούν."),
    (None, "Cyberattack on Albanian Post: clerks write by hand again", "Hackers have locked the servers."),
    (None, "Hackers extend ransom deadline for Serbia's Post a second time", "Systems have been locked since Monday's cyberattack."),
    (None, "Cyberangriff auf Albaniens Post: Angestellte schreiben wieder von Hand", "Die Server sind verschlüsselt."),
    (None, "Hacker verlängern Frist für Serbiens Post zum zweiten Mal", "Nach dem Cyberangriff sind die Server verschlüsselt."),
    (None, "Attacco hacker alle Poste albanesi: si scrive di nuovo a mano", "I server sono bloccati."),
    (
        None,
        "Gli hacker prorogano per la seconda volta la scadenza per le Poste della Serbia",
        "I server sono bloccati dall'attacco informatico.",
    ),
    (None, "Arnavutluk Postası'na siber saldırı: memurlar yine elle yazıyor", "Sunucular kilitlendi."),
    (None, "Hackerlar Sırbistan Postası için fidye süresini ikinci kez uzattı", "Siber saldırıda sunucular kilitlendi."),
    ("AL", "Bashkia e Elbasanit, dy javë pas sulmit kibernetik: qytetarët sërish me letra në dorë", "Serverët mbeten të bllokuar."),
    ("XK", "Hakerët kërkojnë për herë të dytë shpërblim nga Posta e Kosovës", "Serverat janë të bllokuar nga sulmi kibernetik."),
    ("RS", "Хакерски напад на Општину Врање: поново заказана седница скупштине", "Сервери су закључани."),
    ("BA", "Hakeri opet prijete Elektroprivredi BiH objavom podataka", "Serveri su zaključani od petka zbog hakerskog napada."),
    ("MK", "Хакерски напад врз Општина Битола: пак одложени свадбите", "Серверите се заклучени."),
    ("BG", "Хакери криптираха сървърите на община Хасково, кметът пак иска пари от държавата", "Системите не работят."),
    ("SI", "Hekerski napad na občino Kranj: župan znova miri občane", "Strežniki so zaklenjeni."),
    ("RO", "Atac cibernetic la Primăria Brăila: primarul cere din nou bani de la Guvern", "Serverele sunt criptate."),
    ("GR", "Κυβερνοεπίθεση στον Δήμο Λάρισας: Ξανά αναβολή στις πληρωμές", "Οι διακομιστές κλειδώθηκαν."),
    (None, "Hackers lock servers of the University of Maribor, exams postponed again", "Ransomware was found on Monday."),
    (None, "Cyberangriff auf Universität Maribor: Prüfungen zum zweiten Mal verschoben", "Die Server sind verschlüsselt."),
    (None, "Attacco hacker all'Università di Maribor: esami rinviati per la seconda volta", "I server sono bloccati."),
    (None, "Maribor Üniversitesi'ne siber saldırı: sınavlar ikinci kez ertelendi", "Sunucular kilitlendi."),
]


@cache
def known() -> Lexicon:
    return load_lexicon(default_folder({}))


def report(country: str | None, title: str, text: str) -> Finding:
    return assess(Article("https://outlet.example/1", title, text, NOW, None, "outlet.example", country), known())


@pytest.mark.parametrize(("country", "title", "text"), AGAIN)
def test_another_attack_on_the_victim_is_known_in_every_language(country: str | None, title: str, text: str) -> None:
    found = report(country, title, text)
    assert found.relevant
    assert found.again


@pytest.mark.parametrize(("country", "title", "text"), ONCE)
def test_what_works_again_goes_on_or_is_told_or_hits_others_again_is_no_other_attack(country: str | None, title: str, text: str) -> None:
    found = report(country, title, text)
    assert found.relevant
    assert not found.again


def test_every_language_has_words_for_it_and_texts_that_only_look_so() -> None:
    for texts in (AGAIN, ONCE):
        counts = Counter(report(*each).lang.partition("-")[0] for each in texts)
        assert counts["sr"] + counts["hr"] + counts["bs"] + counts["cnr"] >= 4
        assert {lang: counts[lang] for lang in ("sq", "mk", "bg", "sl", "ro", "el", "en", "de", "it", "tr") if counts[lang] < 4} == {}


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Albanian Post back online after second cyberattack this year", "Hackers had locked its servers."),
        ("Two weeks after the second cyberattack on Albanian Post", "Hackers locked its servers, and they are still down."),
        ("Prosecutors investigate second cyberattack on Albanian Post", "Hackers had locked its servers this month."),
        ("Cyberattack on Albanian Post", "Hackers locked its servers, but it has not been hit again."),
    ],
)
def test_what_came_after_another_attack_and_one_that_did_not_come_are_none(title: str, text: str) -> None:
    found = report(None, title, text)
    assert found.relevant
    assert not found.again


def test_another_attack_that_only_the_body_tells_of_may_be_an_earlier_one() -> None:
    lead = "Hackers have locked the servers of Albanian Post and demand a ransom. Letters and parcels have not been delivered since Monday."
    filler = "The company has called in experts from abroad, who work day and night, and hopes for the best."
    assert not report(None, "Cyberattack on Albanian Post", f"{lead}\n{filler}\nIn March it was attacked again.").again
    assert report(None, "Cyberattack on Albanian Post", f"It was attacked again. {lead}\n{filler}").again


def test_weather_and_war_strike_again_without_a_word_of_it() -> None:
    assert not report("RO", "Gripa lovește din nou: spitalul atacat de virus a doua oară anul acesta", "Vizitele sunt limitate.").again


# Of all labelled articles that may be read, these and no others; each has been looked at, and says so.
OF_THE_CORPUS = {
    "en-006",
    "sq-091",
    "fc-el-04",
    "ka-en-01",
    "ka-sq-05",
    "ka-en-02",
    "ka-el-01",
    "res-sl-6",
    "res-en-6",
}


@pytest.mark.parametrize("name", [*(name for name in SETS if name not in BLIND), "knots-a", "resolved", *ORDINARY])
def test_of_the_labelled_articles_those_that_say_so_are_known(name: str) -> None:
    rows = corpus(name)
    said = {row["id"] for row in rows if assess(read_article(row, NOW), known()).again}
    assert said == {row["id"] for row in rows} & OF_THE_CORPUS
