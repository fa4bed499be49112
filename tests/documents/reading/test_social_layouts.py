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


TABLE: tuple[Row, ...] = (
    "MUTUALITÉ SOCIALE AGRICOLE", "Caisse d'Alsace", "Colmar, le 5 octobre 2026",
    "Objet : attestation de vigilance",
    ((60, "Raison sociale"), (320, NAME)),
    ((60, "N° SIRET"), (320, "52601815500014")),
    ((60, "Effectif"), (320, "3")),
    ((60, "Code de sécurité"), (320, CODE)),
)  # fmt: skip
END = (
    "agricoles dont elle est redevable auprès de la MSA à la date du 30 septembre 2026.",
    "Délivrée en application de l'article L. 8222-1 du code du travail.",
)


def read_social(*sentence: str) -> tuple[Verdict, tuple[ReasonCode, ...]]:
    return judged(answer(DocumentKind.URSSAF_VIGILANCE, (*TABLE, *sentence, *END), step=16))


@pytest.mark.parametrize(
    "sentence",
    [
        ("Je certifie que l'entreprise ci-dessus a fourni ses déclarations sociales et acquitté",
         "les cotisations et contributions"),
        ("Je certifie qu'elle a fourni l'ensemble de ses déclarations sociales et a acquitté les",
         "cotisations"),
        ("Nous attestons que vous avez bien transmis vos déclarations sociales et réglé toutes",
         "les cotisations"),
    ],
)  # fmt: skip
def test_who_declared_and_paid_is_in_order(sentence: tuple[str, ...]) -> None:
    assert read_social(*sentence) == ACCEPTED


@pytest.mark.parametrize(
    "sentence",
    [
        ("Je certifie que l'entreprise ci-dessus n'a fourni ses déclarations sociales et acquitté",
         "les cotisations que pour une part de celles"),
        ("Je certifie que l'entreprise ci-dessus a fourni ses déclarations sociales et acquitté",
         "les cotisations et contributions, à l'exception de celles du dernier mois,"),
        ("Je certifie que l'entreprise ci-dessus a fourni ses déclarations sociales et doit",
         "encore les cotisations"),
    ],
)  # fmt: skip
def test_who_declared_and_did_not_pay_all_is_not_said_to_be_in_order(
    sentence: tuple[str, ...],
) -> None:
    assert read_social(*sentence)[0] is not Verdict.ACCEPT


@pytest.mark.parametrize(
    "denial",
    [
        "Ce document ne constitue pas l'attestation de vigilance prévue à l'article L. 243-15.",
        "Le présent document n'est pas une attestation de vigilance.",
        "Il ne peut être remis à un donneur d'ordre au titre de l'article L. 8222-1.",
        "Ce relevé ne tient pas lieu d'attestation de vigilance.",
    ],
)
def test_a_letter_that_denies_to_be_the_certificate_goes_to_a_person(denial: str) -> None:
    rows = ("MSA Alsace", f"Code de sécurité : {CODE}", "", *MSA, denial)
    reading = answer(DocumentKind.URSSAF_VIGILANCE, rows, step=16)
    assert judged(reading) == (Verdict.REVIEW, (ReasonCode.WRONG_KIND,))


@pytest.mark.parametrize(
    "sentence",
    [
        "La présente attestation ne vaut pas renonciation au recouvrement des créances.",
        "Elle ne préjuge pas de l'exactitude des bases sur lesquelles elle a été établie.",
    ],
)
def test_what_certificates_reserve_denies_nothing(sentence: str) -> None:
    rows = ("MSA Alsace", f"Code de sécurité : {CODE}", "", *MSA, sentence)
    assert judged(answer(DocumentKind.URSSAF_VIGILANCE, rows, step=16)) == ACCEPTED


LETTERS = "UHUWEMBUERSCGSM"


@pytest.mark.parametrize(
    "code", [("CODE DE SÉCURITÉ", LETTERS), (f"Code de sécurité : {LETTERS}",)]
)
def test_a_code_of_letters_alone_is_one_under_its_label(code: tuple[Row, ...]) -> None:
    reading = answer(DocumentKind.URSSAF_VIGILANCE, ("MSA Alsace", *code, "", *MSA), step=16)
    assert reading.text("security_code") == LETTERS
    assert judged(reading) == ACCEPTED


def test_a_word_of_fifteen_letters_elsewhere_is_no_code() -> None:
    rows = ("MSA Alsace", "CODE DE SÉCURITÉ", "voir au dos", LETTERS, "", *MSA)
    reading = answer(DocumentKind.URSSAF_VIGILANCE, rows, step=16)
    assert reading.find("security_code") is None
    assert judged(reading) == (Verdict.REVIEW, (ReasonCode.CODE_MISSING,))


def test_the_day_since_which_a_company_centralises_is_no_second_date() -> None:
    since = (
        "Cette entreprise centralise ses obligations sociales auprès de l'organisme",
        "émetteur depuis le 01/07/2019.",
    )
    rows = ("MSA Alsace", f"Code de sécurité : {CODE}", "", *MSA[:-1], *since, MSA[-1])
    assert judged(answer(DocumentKind.URSSAF_VIGILANCE, rows, step=16)) == ACCEPTED


@pytest.mark.parametrize(
    ("foot", "judgement"),
    [
        ("Page 1/1", ACCEPTED),
        ("", (Verdict.REVIEW, (ReasonCode.PAGES_MISSING,))),
        ("Page 2/2", (Verdict.REVIEW, (ReasonCode.PAGES_MISSING,))),
    ],
)
def test_a_certificate_that_calls_itself_one_page_is_whole(foot: str, judgement: object) -> None:
    rows: tuple[Row, ...] = (
        "URSSAF Alsace", f"Code de sécurité : {CODE}", ((60, "Raison sociale"), (320, NAME)),
        ((60, "N° SIREN"), (320, "526018155")), "",
        "ATTESTATION DE FOURNITURE DES DÉCLARATIONS SOCIALES ET DE PAIEMENT DES COTISATIONS",
        "Article L.243-15 du code de la Sécurité sociale", "- pour un effectif de 11 salariés,",
        "- pour une masse salariale de 23456 euros,", "52601815500014",
        "Le Directeur soussigné certifie qu'au titre du (des) établissement(s) ci-dessus",
        "désigné(s), l'entreprise est à jour de ses obligations en matière de cotisations",
        "de Sécurité sociale à la date du 30/09/2026.", "Fait à : Colmar, le 05/10/2026", foot,
    )  # fmt: skip
    assert judged(answer(DocumentKind.URSSAF_VIGILANCE, rows, step=16)) == judgement
