"""Social certificates of other bodies and other years: how they call and place their code."""

from __future__ import annotations

import pytest

from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.result import Verdict
from tests.documents.reading.test_wordings import ACCEPTED, NAME, Row, answer, judged

CODE = "TRW3CKBHGZS5E1S"
MSA: tuple[Row, ...] = (
    "Attestation de fourniture de déclarations sociales et de paiement des cotisations et",
    "contributions sociales (articles L. 8222-1 et D. 8222-5 du code du travail, L. 243-15)",
    f"La caisse de MSA atteste que {NAME}, SIRET 52601815500014, employant 11 salariés,",
    "est à jour de ses déclarations sociales et du paiement de ses cotisations et",
    "contributions sociales à la date du 30 septembre 2026.",
    "Fait à Colmar, le 5 octobre 2026",
)


@pytest.mark.parametrize(
    "code",
    [
        ("N° de sécurité de l'attestation", CODE),
        (f"Numéro de sécurité : {CODE}",),
        (f"Code sécurité : {CODE}",),
        ("Clé de sécurité", CODE),
        (((60, "N° de sécurité"), (320, CODE)),),
        (((60, "CODE DE SÉCURITÉ / SECURITY CODE"), (320, "Adhérent")),
         ((60, CODE), (320, "4471120"))),
    ],
)  # fmt: skip
def test_the_code_of_a_certificate_is_found_under_whatever_it_is_called(
    code: tuple[Row, ...],
) -> None:
    head = "MSA Alsace - l'essentiel & plus encore"
    reading = answer(DocumentKind.URSSAF_VIGILANCE, (head, *code, "", *MSA), step=16)
    assert reading.text("security_code") == CODE
    assert reading.text("issuer") == "MSA Alsace"
    assert judged(reading) == ACCEPTED


def test_the_number_of_a_person_is_no_code_of_a_certificate() -> None:
    number = ("N° de sécurité sociale : 180112A26401557",)
    reading = answer(DocumentKind.URSSAF_VIGILANCE, ("MSA Alsace", *number, "", *MSA), step=16)
    assert reading.find("security_code") is None
    assert judged(reading) == (Verdict.REVIEW, (ReasonCode.CODE_MISSING,))
