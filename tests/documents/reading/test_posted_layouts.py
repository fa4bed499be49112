"""Form A1 as other bodies print it: boxes in grids, over their values, in two languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from supplier.documents.kinds import DocumentKind
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
