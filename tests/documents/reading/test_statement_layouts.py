"""Statements on foreign workers as letters and forms: who signs, in other places than the usual."""

from __future__ import annotations

import pytest

from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.result import Reading, Verdict
from tests.documents.reading.test_wordings import ACCEPTED, NAME, Row, answer, judged

SIGNER = "Paul MARTIN"
LETTER: tuple[Row, ...] = (
    "Colmar, le 18/07/2026", "", NAME, "12 rue des Clefs", "68000 COLMAR", "SIREN : 526018155", "",
    "Objet : déclaration relative à l'emploi de salariés étrangers (article D. 8254-2)", "",
    f"En ma qualité de gérant de l'entreprise {NAME}, je déclare sur l'honneur ne pas",
    "employer de salarié étranger soumis à l'autorisation de travail mentionnée à l'article",
    "L. 5221-2 du Code du travail.", "",
)  # fmt: skip
FAREWELL = "Veuillez agréer, Madame, Monsieur, mes salutations distinguées."


def read_statement(*rows: Row) -> Reading:
    return answer(DocumentKind.FOREIGN_WORKERS_NONE, rows, step=16)


@pytest.mark.parametrize(
    "foot",
    [
        (FAREWELL, SIGNER, "Gérant - Associé unique"),
        (FAREWELL, "", SIGNER, "Président du conseil d'administration"),
        (SIGNER, "Directrice générale déléguée"),
        (FAREWELL, "", SIGNER),
        ("Cordialement,", "", SIGNER, NAME),
        (((320, SIGNER),), ((320, "Le président"),)),
        (FAREWELL, "Le gérant,", SIGNER),
        (SIGNER, "Gérant", f"{NAME} - SARL au capital de 5000 euros - 526 018 155 RCS Colmar"),
        (f"Nom, prénom et qualité du signataire : {SIGNER}",),
        ("Je confirme.", f"Moi, {SIGNER}, gérant, j'atteste que ces informations sont exactes."),
    ],
)  # fmt: skip
def test_who_signs_a_letter_stands_at_its_end(foot: tuple[Row, ...]) -> None:
    reading = read_statement(*LETTER, *foot)
    assert reading.text("signatory") == SIGNER
    assert judged(reading) == ACCEPTED


@pytest.mark.parametrize(
    "foot",
    [
        (FAREWELL, "", NAME),
        (FAREWELL, "", "Gérant"),
        ("La direction", "Gérant"),
        (FAREWELL, "Paul MARTIN", "Anne KELLER"),
        (FAREWELL,),
    ],
)
def test_a_letter_that_nobody_signs_by_name_goes_to_a_person(foot: tuple[Row, ...]) -> None:
    reading = read_statement(*LETTER, *foot)
    assert reading.find("signatory") is None
    assert judged(reading) == (Verdict.REVIEW, (ReasonCode.UNREADABLE,))
