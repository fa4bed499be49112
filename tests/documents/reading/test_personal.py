"""Social security numbers and homes are found wherever papers carry them, and never read."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.fr import nir

from supplier.demo.dossiers import social
from supplier.demo.papers.catalogue import draw
from supplier.demo.papers.pen import Pen
from supplier.demo.papers.variants import as_scan
from supplier.demo.suppliers.directory import supplier
from supplier.documents.reading.layout import Sheet
from supplier.documents.reading.personal import VEIL, holds_number, veiled, zones
from supplier.documents.reading.reader import read
from supplier.documents.reading.result import Reading, ReadRequest, Verdict, Zone, as_json
from supplier.documents.reading.sources import gather
from supplier.kernel.pages import Box

DAY = date(2026, 11, 2)
#: An invented person: born in a department that does not exist any more.
BODY = "2790175056234"
NIR = BODY + nir.calc_check_digits(BODY)
CORSE = "279012A056234" + nir.calc_check_digits("279012A056234")
SIRET = "99900020100015"


def spaced(number: str) -> str:
    cuts = (0, 1, 3, 5, 7, 10, 13, 15)
    return " ".join(number[a:b] for a, b in pairwise(cuts) if number[a:b])


def drawn(*lines: tuple[float, float, str]) -> bytes:
    pen = Pen(title="x", producer="x", written_at=datetime(2026, 11, 2, 12, tzinfo=UTC))
    for x, y, words in lines:
        pen.text((x, y), words, size=10)
    return pen.finish()


def covered(data: bytes) -> tuple[list[str], list[str]]:
    """The words of the first page that are covered, and those that are not."""
    [page] = gather(data, "application/pdf").pages
    places = zones([Sheet(page.text)])
    hidden, seen = [], []
    for word in page.text.words:
        x, y = (word.box.x0 + word.box.x1) / 2, (word.box.top + word.box.bottom) / 2
        under = any(z.box.x0 <= x <= z.box.x1 and z.box.top <= y <= z.box.bottom for z in places)
        (hidden if under else seen).append(word.text)
    return hidden, seen


def independent() -> bytes:
    """The certificate of an independent prints the number three times."""
    return drawn(
        (46, 60, "ATTESTATION DE COMPTE À JOUR ET DE FOURNITURE DE DÉCLARATIONS"),
        (46, 210, "N° Sécurité Sociale"), (160, 210, NIR),
        (46, 224, f"Rappeler ce numéro de Sécurité sociale : {spaced(NIR)}"),
        (46, 238, "N° SIRET"), (160, 238, SIRET),
        (200, 300, f"Numéro Sécurité sociale : {NIR}"),
        (200, 314, f"Numéro Siret : {SIRET}"),
    )  # fmt: skip


def workers() -> bytes:
    """A list of workers that somebody added a column to."""
    return drawn(
        (56, 100, "Liste nominative des salariés étrangers soumis à autorisation de travail"),
        (56, 140, "Nom"), (160, 140, "Nationalité"), (260, 140, "N° de sécurité sociale"),
        (56, 160, "DIALLO Awa"), (160, 160, "Malienne"), (260, 160, spaced(NIR)),
        (56, 176, "TRAORÉ Ina"), (160, 176, "Ivoirienne"), (260, 176, spaced(BODY)),
    )  # fmt: skip


def a1() -> bytes:
    return drawn(
        (46, 60, "A1 Certificate concerning the Social Security legislation"),
        (46, 100, "1.1 Personal Identification Number (PIN)"), (320, 100, "85010112345"),
        (46, 116, "1.2 Surname"), (320, 116, "KOWALSKI"),
        (46, 132, "1.8 Address in the State of residence"), (320, 132, "ul. Kwiatowa 7"),
        (320, 145, "00-950 Warszawa"),
        (46, 164, "4.2 Name"), (320, 164, "BUDOWA SP. Z O.O."),
    )  # fmt: skip


def kbis() -> bytes:
    return drawn(
        (46, 60, "EXTRAIT D'IMMATRICULATION PRINCIPALE AU REGISTRE DU COMMERCE"),
        (46, 90, "Adresse du siège"), (240, 90, "22 avenue Exemple 59100 Roubaix"),
        (46, 120, "Nom, prénoms"), (240, 120, "MARTIN Claude"),
        (46, 136, "Domicile personnel"), (240, 136, "8 rue des Lilas"),
        (240, 149, "59200 Tourcoing"),
    )  # fmt: skip


def test_an_independent_s_certificate_hides_its_number_three_times() -> None:
    hidden, seen = covered(independent())
    assert "".join(hidden) == NIR * 3
    assert seen.count(SIRET) == 2


def test_a_list_of_workers_hides_each_number_with_or_without_its_key() -> None:
    hidden, seen = covered(workers())
    assert "".join(hidden) == NIR + BODY
    assert {"DIALLO", "TRAORÉ", "Malienne"} <= set(seen)


def test_form_a1_hides_the_person_s_number_and_home() -> None:
    hidden, seen = covered(a1())
    assert hidden == ["85010112345", "ul.", "Kwiatowa", "7", "00-950", "Warszawa"]
    assert {"KOWALSKI", "BUDOWA"} <= set(seen)


def test_an_extract_hides_homes_and_shows_the_head_office() -> None:
    hidden, seen = covered(kbis())
    assert hidden == ["8", "rue", "des", "Lilas", "59200", "Tourcoing"]
    assert {"avenue", "Roubaix", "MARTIN"} <= set(seen)


def permits(*rows: tuple[str, str, str]) -> bytes:
    """A list of workers whose SIRET stands above, with these names, days and permits."""
    lines = [
        [(56, y, name), (170, y, "Malienne"), (250, y, day), (330, y, "Carte de résident"),
         (450, y, number)]
        for y, (name, day, number) in zip(range(260, 500, 20), rows, strict=False)
    ]  # fmt: skip
    return drawn(
        (56, 100, "Liste nominative des salariés étrangers soumis à autorisation de travail"),
        (56, 120, "Conformément à l'art. D8254-2 du Code du travail"),
        (56, 140, f"N° SIRET : {SIRET}"), (56, 160, "Établie le 02/11/2026"),
        (56, 240, "Nom et prénom"), (170, 240, "Nationalité"), (250, 240, "Date d'embauche"),
        (330, 240, "Type de titre"), (450, 240, "N° du titre"),
        *(word for line in lines for word in line),
    )  # fmt: skip


def test_permit_numbers_are_covered_and_the_rest_of_the_row_is_seen() -> None:
    data = permits(
        ("DIALLO Awa", "02/05/2024", "9912345678"), ("TRAORÉ Ina", "03/06/2023", "99 8765 4321"),
        # No name: the row is not read, and a person looks at the page.
        ("", "03/06/2023", "7501234567"),
    )  # fmt: skip
    found = read(data, "application/pdf", request=ReadRequest(DAY))
    assert found.kind == "foreign_workers_list"
    assert len(found.items("workers")) == 2
    [page] = gather(data, "application/pdf").pages
    hidden = [word.text for word in page.text.words if any(
        zone.box.x0 <= word.box.x0 and word.box.x1 <= zone.box.x1
        and zone.box.top <= (word.box.top + word.box.bottom) / 2 <= zone.box.bottom
        for zone in found.masks
    )]  # fmt: skip
    assert hidden == ["9912345678", "99", "8765", "4321", "7501234567"]


TI = "117000000000000000"
#: As one person's form prints them, whatever stands in the column beside.
HOME, TOWN = "54 R FICTIVE", "59390 LYS LEZ LANNOY"


def form_of_an_independent() -> bytes:
    """The whole form with its numbers, as the Urssaf prints it (the demo's prints none)."""
    side = [
        (132, "VOTRE CONTACT", ""), (146, "Tél. : 3698", ""), (184, "VOS RÉFÉRENCES", ""),
        (200, "N° Sécurité Sociale", BODY), (212, "Rappeler ce numéro de Sécurité sociale", ""),
        (224, "pour toute correspondance", ""), (236, "N° SIRET", SIRET), (248, "N° TI", TI),
        (260, "Page", "1/1"),
    ]  # fmt: skip
    return drawn(
        (250, 50, "ATTESTATION DE COMPTE À JOUR ET DE"),
        (250, 64, "FOURNITURE DE DÉCLARATIONS ET DE PAIEMENTS"),
        (60, 96, "Urssaf"), (60, 108, "93518 Montreuil Cedex"),
        (390, 96, "A MONTREUIL, le 27 Octobre 2026"),
        *((30, y, label) for y, label, _ in side),
        *((135, y, value) for y, _, value in side if value),
        (225, 236, "A"), (240, 248, "5"),
        (330, 200, "MR EXEMPLE CLAUDE"), (330, 212, HOME), (330, 224, TOWN),
        (250, 320, "Le Directeur de l'Urssaf certifie que :"), (250, 340, "MR EXEMPLE CLAUDE"),
        (250, 360, f"Numéro Sécurité sociale : {BODY}"), (250, 380, f"Numéro Siret : {SIRET}"),
        (250, 400, "Adresse d'activité :"), (350, 400, HOME), (350, 412, TOWN),
        (250, 440, "est à jour de ses obligations en matière de déclarations au 300926."),
        (400, 500, "Fait à : MONTREUIL"),
    )  # fmt: skip


def notice_of_tax() -> bytes:
    """What some hand in for their company's certificate: the notice of their own income."""
    return drawn(
        (46, 50, "DIRECTION GÉNÉRALE DES FINANCES PUBLIQUES"),
        (46, 80, "AVIS D'IMPÔT SUR LES REVENUS"), (46, 95, "Revenus de 2025"),
        (46, 130, "SIP DE ROUBAIX"), (46, 142, "12 RUE DE LA GARE"), (46, 154, "59100 ROUBAIX"),
        (330, 130, "M OU MME EXEMPLE CLAUDE"), (330, 142, "BAT B LES CHENES"),
        (330, 154, HOME), (330, 166, TOWN),
        (46, 200, "Numéro fiscal déclarant 1 :"), (220, 200, "12 34 567 890 123 R"),
        (46, 214, "Référence de l'avis : 26 59 1234567 89"),
        (46, 240, "Revenu fiscal de référence"), (220, 240, "31 240 €"),
    )  # fmt: skip


def letters(words: list[str]) -> str:
    return "".join(words)


def test_an_independent_s_form_hides_every_number_of_the_person_and_the_home() -> None:
    hidden, seen = covered(form_of_an_independent())
    home = letters([*HOME.split(), *TOWN.split()])
    for number, times in ((BODY, 2), (TI, 1)):
        assert letters(hidden).count(number) == times
    assert letters(hidden).count(home) == 2
    assert "5" in hidden
    assert {"EXEMPLE", "CLAUDE", "Montreuil", "93518", "300926."} <= set(seen)
    assert seen.count(SIRET) == 2
    assert not set(HOME.split()) & set(seen)


def test_the_demo_s_certificate_of_an_independent_hides_the_home_and_is_accepted() -> None:
    who = supplier("kerdoncuff")
    data = draw(social(who, issued_on=DAY))
    hidden, seen = covered(data)
    lines = who.company.address.capitals
    assert sorted(hidden) == sorted(word for line in [*lines, *lines] for word in line.split())
    assert seen.count(who.company.siret) == 2
    request = ReadRequest(DAY, who.company.siren, who.company.name)
    assert read(data, "application/pdf", request=request).verdict is Verdict.ACCEPT


def test_a_notice_of_personal_tax_hides_the_home_and_the_numbers_of_its_person() -> None:
    hidden, seen = covered(notice_of_tax())
    assert letters(hidden) == letters([
        "BAT", "B", "LES", "CHENES", *HOME.split(), *TOWN.split(),
        "12", "34", "567", "890", "123", "R", "26", "59", "1234567", "89",
    ])  # fmt: skip
    assert {"ROUBAIX", "EXEMPLE", "GARE"} <= set(seen)


def test_the_address_of_a_company_stays() -> None:
    data = draw(social(supplier("lebrun"), issued_on=DAY))
    assert read(data, "application/pdf", request=ReadRequest(DAY)).masks == ()


@pytest.mark.ocr
@pytest.mark.parametrize("tilt", [-0.7, 0.4, 1.5])
def test_a_scan_of_the_form_hides_the_same(tilt: float) -> None:
    data = as_scan(form_of_an_independent(), dpi=200, tilt=tilt)
    found = read(data, "application/pdf", request=ReadRequest(DAY))
    hidden = {
        "".join(word.text for word in page.text.words if _under(word.box, found.masks))
        for page in gather(data, "application/pdf").pages
    }
    told = hidden.pop()
    assert told.count(BODY) == 2
    assert TI in told
    assert told.count("FICTIVE") == 2
    assert told.count("LANNOY") == 2
    assert SIRET not in told
    assert "EXEMPLE" not in told


def _under(box: Box, masks: tuple[Zone, ...]) -> bool:
    x, y = (box.x0 + box.x1) / 2, (box.top + box.bottom) / 2
    return any(
        one.box.x0 <= x <= one.box.x1 and one.box.top <= y <= one.box.bottom for one in masks
    )


def everything_in(reading: Reading) -> str:
    return json.dumps(as_json(reading)).replace(" ", "")


@pytest.mark.parametrize("paper", [independent, workers, a1, kbis])
def test_no_reading_holds_a_number(paper: Callable[[], bytes]) -> None:
    found = read(paper(), "application/pdf", request=ReadRequest(DAY))
    told = everything_in(found)
    assert found.masks
    assert NIR not in told
    assert BODY not in told


@pytest.mark.parametrize("text", [NIR, spaced(NIR), CORSE, f"n°{NIR}.", f"a {spaced(NIR)} b"])
def test_a_number_is_taken_out_of_any_text(text: str) -> None:
    assert VEIL in veiled(text)
    assert not any(letter.isdigit() for letter in veiled(text))


@pytest.mark.parametrize("text", [
    SIRET, "FR1420041010050500013M02606", "999 000 201 00015", "02 61 91 04 00", "27/10/2026",
    NIR[:-1] + str((int(NIR[-1]) + 1) % 10), "1 2 3", "432 518 907 00021 75",
])  # fmt: skip
def test_other_numbers_stay(text: str) -> None:
    assert veiled(text) == text
    assert not holds_number(text)


@given(st.from_regex(r"[12][0-9]{2}(0[1-9]|1[0-2])([013-8][0-9])[0-9]{6}", fullmatch=True),
       st.sampled_from([str, spaced]))  # fmt: skip
def test_whatever_number_it_is(body: str, write: Callable[[str], str]) -> None:
    number = body + nir.calc_check_digits(body)
    if nir.is_valid(number):
        assert holds_number(write(number))
        assert veiled(f"« {write(number)} »") == f"« {VEIL} »"
