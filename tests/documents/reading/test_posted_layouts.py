"""Form A1 as other bodies print it: boxes in grids, over their values, in two languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.places import is_place, stops
from supplier.documents.reading.result import Verdict
from supplier.documents.reading.text import fold
from tests.documents.reading.test_wordings import ACCEPTED, Row, answer, judged

EMPLOYER = "Isar Stahlbau GmbH"
HEAD: tuple[Row, ...] = (
    "A1 - Certificat concernant la législation de sécurité sociale applicable au titulaire",
    "Règlements UE 883/04 et 987/09",
)
#: What the boxes hold, in the order of the labels of each layout.
VALUES = ("Peeters", "Luc", "BE", "01/10/2026", "30/09/2027", EMPLOYER)
FRENCH = ("1.2 Nom", "1.3 Prénoms", "2.1 État membre", "2.2 Date de début", "2.3 Date de fin",
          "4.4 Nom")  # fmt: skip
DASHED = ("1.2 - Nom", "1.3 - Prénoms", "2.1 - État membre", "2.2 - Date de début",
          "2.3 - Date de fin", "4.4 - Nom de l'employeur")  # fmt: skip
BOTH = ("1.2 Nom / Surname", "1.3 Prénoms / Forenames", "2.1 État membre / Member State",
        "2.2 Date de début / Starting date", "2.3 Date de fin / Ending date",
        "4.4 Nom / Name")  # fmt: skip
Arranged = Callable[[tuple[str, ...]], tuple[Row, ...]]


def beside(labels: tuple[str, ...]) -> tuple[Row, ...]:
    return tuple(((60, label), (320, value)) for label, value in zip(labels, VALUES, strict=True))


def stacked(labels: tuple[str, ...]) -> tuple[Row, ...]:
    return tuple(row for pair in zip(labels, VALUES, strict=True) for row in pair)


def in_pairs(labels: tuple[str, ...]) -> tuple[Row, ...]:
    rows: list[Row] = []
    for at in range(0, len(labels), 2):
        rows.append(((60, labels[at]), (320, labels[at + 1])))
        rows.append(((60, VALUES[at]), (320, VALUES[at + 1])))
    return tuple(rows)


@pytest.mark.parametrize("labels", [FRENCH, DASHED, BOTH])
@pytest.mark.parametrize("arranged", [beside, stacked, in_pairs])
def test_a_box_of_form_a1_holds_what_stands_beside_or_under_its_label(
    labels: tuple[str, ...], arranged: Arranged
) -> None:
    reading = answer(
        DocumentKind.A1_CERTIFICATE, (*HEAD, *arranged(labels)), siren=None, name=EMPLOYER
    )
    found = [
        reading.text(name)
        for name in ("worker", "country", "valid_from", "valid_until", "employer")
    ]
    assert found == ["Peeters Luc", "BE", "2026-10-01", "2027-09-30", EMPLOYER]
    assert judged(reading) == ACCEPTED


def test_an_empty_box_has_not_what_the_next_one_holds() -> None:
    rows = [*beside(FRENCH)[:5], "4.4 Nom", "4.5 Adresse", EMPLOYER]
    reading = answer(DocumentKind.A1_CERTIFICATE, (*HEAD, *rows), siren=None, name=EMPLOYER)
    assert reading.find("employer") is None


PLACES = [
    "Kortrijksesteenweg 212, 9830 Sint-Martens-Latem",
    "ul. Fabryczna 8, 41-800 Zabrze",
    "Via Torino 88, 10015 Ivrea (TO)",
    "Industriestraße 14, 77694 Kehl",
    "Polígono Malpica, calle E 12, 50016 Zaragoza",
    "12 rue des Clefs",
    "68000 COLMAR",
]


@pytest.mark.parametrize("place", PLACES)
def test_a_street_or_a_town_is_nobodys_name(place: str) -> None:
    assert is_place(fold(place))


@pytest.mark.parametrize(
    "name",
    ["Place Nette", "RUE 25", "2M Façades", "Bâtir 68", "Les 3 Allées", "AVENUE DU BOIS SARL",
     "Espace Vert, Jardins", "Zone 51", "1001 Vies Habitat", "Voegwerken Desmet BV"],
)  # fmt: skip
def test_a_name_that_reminds_of_a_street_is_a_name(name: str) -> None:
    assert not is_place(fold(name))


@pytest.mark.parametrize(
    ("part", "boxes"),
    [
        ("4. DETAILS OF THE EMPLOYER", ("4.1 Name", "4.2 Address")),
        ("4. COORDONNÉES DE L'EMPLOYEUR", ("4.1 Nom", "4.2 Adresse")),
        ("4. ANGABEN ZUM ARBEITGEBER", ("4.2 Name", "4.3 Anschrift")),
        ("3. EMPLOYEUR", ("3.1 Dénomination", "3.2 Adresse")),
        ("5) Werkgever", ("5.3 Naam", "5.4 Adres")),
    ],
)
@pytest.mark.parametrize("place", PLACES[:5])
def test_the_employer_is_named_in_the_box_that_asks_for_it_whatever_its_number(
    part: str, boxes: tuple[str, str], place: str
) -> None:
    rows: tuple[Row, ...] = (
        *HEAD, *beside(FRENCH)[:5], part,
        ((60, boxes[0]), (320, EMPLOYER)), ((60, boxes[1]), (320, place)),
    )  # fmt: skip
    reading = answer(DocumentKind.A1_CERTIFICATE, rows, siren=None, name=EMPLOYER)
    assert reading.text("employer") == EMPLOYER
    assert judged(reading) == ACCEPTED


@pytest.mark.parametrize("box", ["4.1", "4.2", "4.3", "4.4"])
def test_the_number_and_the_words_of_a_box_may_stand_apart(box: str) -> None:
    rows: tuple[Row, ...] = (
        *HEAD, *beside(FRENCH)[:5], "4. EMPLOYEUR",
        ((60, box), (110, "Nom"), (320, EMPLOYER)),
        ((60, "4.5"), (110, "Adresse"), (320, PLACES[0])),
    )  # fmt: skip
    reading = answer(DocumentKind.A1_CERTIFICATE, rows, siren=None, name=EMPLOYER)
    assert reading.text("employer") == EMPLOYER
    assert judged(reading) == ACCEPTED


@pytest.mark.parametrize(
    "label",
    [
        "4.4 Nom de l’entreprise : ", "4.4 Raison sociale de l’employeur : ",
        "4.4 Name des Arbeitgebers: ", "4.4 Nome della società: ", "4.4 Nom : ",
    ],
)  # fmt: skip
def test_a_label_that_goes_on_to_its_colon_is_no_part_of_the_name(label: str) -> None:
    rows: tuple[Row, ...] = (
        *HEAD, *beside(FRENCH)[:5], "4. EMPLOYEUR", f"{label}{EMPLOYER}", f"4.5 {PLACES[0]}",
    )  # fmt: skip
    reading = answer(DocumentKind.A1_CERTIFICATE, rows, siren=None, name=EMPLOYER)
    assert reading.text("employer") == EMPLOYER


@pytest.mark.parametrize(
    "line",
    ["Industriestraße 14", "12 High Street", "Calle Mayor 3", "Via Roma 5", "Kerkstraat 12",
     "Rua Augusta 10", "8 rue des Lilas", "80331 München", "28013 Madrid"],
)  # fmt: skip
def test_no_name_goes_on_over_a_street_or_town_of_any_country(line: str) -> None:
    assert stops(fold(line))


@pytest.mark.parametrize("line", ["Bau und Holz GmbH", "Mayor Obras SL", "Via Nova Srl"])
def test_a_name_may_go_on_over_a_line(line: str) -> None:
    assert not stops(fold(line))


def test_the_address_of_an_employer_without_a_name_is_not_his_name() -> None:
    rows: tuple[Row, ...] = (
        *HEAD, *beside(FRENCH)[:5], "4. EMPLOYEUR", ((60, "4.2 Adresse"), (320, PLACES[1])),
    )  # fmt: skip
    reading = answer(DocumentKind.A1_CERTIFICATE, rows, siren=None, name=EMPLOYER)
    assert reading.find("employer") is None
    assert judged(reading) == (Verdict.REVIEW, (ReasonCode.UNREADABLE,))


def test_another_employer_on_a_form_that_names_the_supplier_is_for_a_person() -> None:
    values = (*VALUES[:5], "Donau Gerüstbau GmbH")
    rows = tuple(((60, one), (320, two)) for one, two in zip(FRENCH, values, strict=True))
    other = answer(DocumentKind.A1_CERTIFICATE, (*HEAD, *rows), siren=None, name=EMPLOYER)
    assert judged(other) == (Verdict.REFUSE, (ReasonCode.WRONG_COMPANY,))
    host = (*HEAD, *rows, f"5.1 Lieu : chantier de {EMPLOYER}")
    both = answer(DocumentKind.A1_CERTIFICATE, host, siren=None, name=EMPLOYER)
    assert judged(both) == (Verdict.REVIEW, (ReasonCode.WRONG_COMPANY,))
