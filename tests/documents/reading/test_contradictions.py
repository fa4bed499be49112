"""Papers that say two things which exclude each other, and papers that only seem to."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.codes import alike
from supplier.documents.reading.result import Reading, Verdict
from tests.documents.reading.test_wordings import ACCEPTED, NAME, SIREN, Row, answer, judged


def insured(*more: str, period: str = "du 01/01/2026 au 31/12/2026") -> Reading:
    rows = (
        "ATTESTATION D'ASSURANCE DE RESPONSABILITÉ CIVILE DÉCENNALE",
        f"Période de validité : {period}",
        "Nous soussignés GENERALI IARD attestons que :",
        f"Assuré : {NAME}",
        f"N° SIREN : {SIREN}",
        "N° de contrat : 13331416/369",
        "est titulaire d'un contrat d'assurance de responsabilité décennale obligatoire.",
        *more,
        "Fait à Paris, le 05/01/2026",
        "Pour l'assureur, le Directeur",
    )
    return answer(DocumentKind.DECENNIAL_INSURANCE, rows, step=14)


@pytest.mark.parametrize(
    "words",
    [
        "Contrat suspendu pour non-paiement de prime depuis le 01/10/2026.",
        "Le contrat a été résilié à effet du 30/09/2026.",
        "GARANTIES SUSPENDUES",
        "Statut du contrat : résilié",
        "Cette attestation est sans effet depuis le 01/10/2026.",
        "L'entreprise n'est plus assurée depuis le 01/10/2026.",
        "La garantie est suspendue faute de paiement de la prime.",
        "Nous vous informons que la police a été annulée le 1er octobre 2026.",
        "Résiliation du contrat au 30/09/2026 pour non-paiement.",
    ],
)
def test_a_contract_that_stands_no_more_goes_to_a_person(words: str) -> None:
    reading = insured(words)
    assert judged(reading) == (Verdict.REVIEW, (ReasonCode.CONTENT_ALARM,))
    assert all(finding.box for finding in reading.findings)


@pytest.mark.parametrize(
    "words",
    [
        ("sous réserve que le contrat ne soit ni résilié ni suspendu.",),
        ("En cas de résiliation du contrat, la présente attestation est sans effet.",),
        ("En cas de non-paiement de la prime,", "le contrat est suspendu de plein droit."),
        ("Le contrat n'a pas été résilié à ce jour.",),
        ("La présente attestation annule et remplace toute attestation antérieure.",),
        ("Ce contrat remplace le contrat précédent résilié le 31/12/2024.",),
        ("Les garanties peuvent être suspendues pour non-paiement de prime.",),
        ("Toute attestation raturée est nulle et sans effet.",),
        ("La garantie reste acquise même si le contrat est résilié.",),
    ],
)
def test_a_clause_on_what_would_end_a_contract_alarms_nobody(words: Sequence[str]) -> None:
    assert judged(insured(*words)) == ACCEPTED


@pytest.mark.parametrize(
    ("period", "more"),
    [
        ("du 01/01/2026 au 31/12/2026", "La présente attestation est valable jusqu'au 30/06/2026."),
        ("du 01/01/2026 au 31/12/2026", "Attestation établie à Paris le 15/03/2027."),
    ],
)
def test_an_insurer_certifies_one_end_of_validity_that_lies_ahead(period: str, more: str) -> None:
    reading = insured(more, period=period)
    assert judged(reading) == (Verdict.REVIEW, (ReasonCode.CONTRADICTION,))


def test_the_same_end_said_twice_is_no_contradiction() -> None:
    assert judged(insured("Attestation valable jusqu'au 31 décembre 2026.")) == ACCEPTED


def letter(head: str, foot: Sequence[Row], *, code: str = "IRTOFPY7GMECZDI") -> Reading:
    first = (
        "URSSAF CENTRE-VAL DE LOIRE",
        head,
        "RÉFÉRENCES N°SIREN 526018155",
        "Page 1/2",
        "CODE DE SÉCURITÉ",
        "IRTOFPY7GMECZDI",
        "OBJET : Attestation de fourniture des déclarations sociales et paiement des cotisations.",
        "Je vous adresse votre attestation pour les établissements dont la liste figure au verso.",
    )
    second = (
        "ATTESTATION DE FOURNITURE DES DÉCLARATIONS SOCIALES ET DE PAIEMENT DES COTISATIONS",
        "Article L.243-15 du code de la Sécurité sociale    2/2",
        "CODE DE SÉCURITÉ",
        code,
        "ÉTABLISSEMENTS CONCERNÉS",
        ((60, NAME), (320, "52601815500014")),
        "ATTESTATION DE L'UNION DE RECOUVREMENT",
        "certifie que l'entreprise est à jour de ses obligations à la date du 30/09/2026.",
        *foot,
    )
    return answer(DocumentKind.URSSAF_VIGILANCE, first, second)


SIGNED = ("Fait à : ORLEANS le : 10/10/2026",)


def test_another_control_code_on_the_second_page_refuses() -> None:
    same = letter("A ORLEANS , le 10/10/2026", SIGNED)
    other = letter("A ORLEANS , le 10/10/2026", SIGNED, code="IRTOFPY7GMECZD1")
    assert judged(same) == ACCEPTED
    assert judged(other) == (Verdict.REFUSE, (ReasonCode.TAMPERED,))


def extract(first: str, second: str) -> Reading:
    head = ("GREFFE DU TRIBUNAL DE COMMERCE DE GRASSE", f"Code de vérification : {first}",
            "https://www.infogreffe.fr/controle")  # fmt: skip
    pages = (
        (
            *head,
            "EXTRAIT D'IMMATRICULATION PRINCIPALE AU REGISTRE DU COMMERCE ET DES SOCIETES",
            "à jour au 11 novembre 2026",
            "IDENTIFICATION DE LA PERSONNE MORALE",
            ((60, "Immatriculation au RCS, numéro"), (320, "526 018 155 R.C.S. Grasse")),
            ((60, "Dénomination ou raison sociale"), (320, NAME)),
            ((60, "Adresse du siège"), (320, "113 chemin des Capucins")),
            ((320, "06130 GRASSE"),),
            "GESTION, DIRECTION, ADMINISTRATION, CONTROLE, ASSOCIES OU MEMBRES",
            "Commissaire aux comptes titulaire",
            ((60, "Dénomination"), (320, "AUDIT CONSEIL VALOIS")),
            ((60, "Adresse"), (320, "8 rue de la Paix 75002 PARIS")),
            ((60, "R.C.S. Grasse - 12/11/2026 - 09:14:27"), (400, "page 1/2")),
        ),
        (
            f"Code de vérification : {second}",
            "RENSEIGNEMENTS RELATIFS A L'ETABLISSEMENT PRINCIPAL",
            "Le Greffier",
            "FIN DE L'EXTRAIT",
            ((60, "R.C.S. Grasse - 12/11/2026 - 09:14:27"), (400, "page 2/2")),
        ),
    )
    return answer(DocumentKind.KBIS, *pages, step=14)


def test_an_extract_whose_second_page_bears_another_code_is_refused() -> None:
    assert judged(extract("crbQkrk1qz", "crbQkrk1qz")) == ACCEPTED
    assert judged(extract("crbQkrk1qz", "crbQkrk1qR")) == (Verdict.REFUSE, (ReasonCode.TAMPERED,))


def test_the_seat_of_an_extract_is_not_the_auditors_address() -> None:
    read = extract("crbQkrk1qz", "crbQkrk1qz").text("address")
    assert read == "113 chemin des Capucins, 06130 GRASSE"


@pytest.mark.parametrize(("one", "other", "same"), [
    ("OEL9SNDLRZIOC3P", "OEL9SNDLRZI0C3P", True), ("UYfQARvI5K", "UYfQARvJ5K", True),
    ("UYfQARvI5K", "UYfQARvE5K", False), ("GUDNDX2OPRTHD51", "GUDNDX2OPRTHD5X", False),
])  # fmt: skip
def test_codes_of_a_scan_are_compared_but_for_letters_that_look_alike(
    one: str, other: str, *, same: bool
) -> None:
    assert (alike(one) == alike(other)) is same


@pytest.mark.parametrize(
    "foot",
    [("Fait à : ORLEANS le : 10/02/2026",), ("Fait à : ORLEANS", "Le : 10/02/2026")],
)
def test_a_foot_months_older_than_the_head_goes_to_a_person_with_both_places(
    foot: Sequence[Row],
) -> None:
    reading = letter("A ORLEANS , le 10/10/2026", foot)
    assert judged(reading) == (Verdict.REVIEW, (ReasonCode.CONTRADICTION,))
    places = {finding.page for finding in reading.findings if finding.box}
    assert places == {1, 2}


@pytest.mark.parametrize(
    "foot",
    [
        SIGNED,
        ("Fait à : ORLEANS le : 02/10/2026",),
        (*SIGNED, "REÇU LE 20 NOV 2026"),
    ],
)
def test_days_between_letter_and_certificate_and_a_stamp_of_receipt_alarm_nobody(
    foot: Sequence[Row],
) -> None:
    assert judged(letter("A ORLEANS , le 10/10/2026", foot)) == ACCEPTED


def invoiced(account: Row) -> Reading:
    rows = (
        ((60, NAME), (400, "FACTURE")),
        "12 rue des Clefs, 68000 COLMAR",
        ((60, f"SIREN {SIREN} - RCS Colmar"), (400, "N° FA-2026-09874")),
        ((60, "N° TVA FR83526018155"), (400, "Date : 27/10/2026")),
        ((60, "Désignation"), (300, "Qté"), (400, "% TVA"), (480, "Total HT")),
        ((60, "Main d'oeuvre"), (300, "5"), (400, "20"), (480, "1 300,00 €")),
        ((60, "Total TTC"), (480, "1 560,00 €")),
        account,
        f"{NAME} - SARL au capital de 15000 € - SIRET 52601815500014",
    )
    return answer(DocumentKind.INVOICE, rows)


@pytest.mark.parametrize(
    "account",
    [
        "Règlement par virement : IBAN FR76 1027 8035 1809 7509 7724 096",
        "Règlement par virement : IBAN FR76 1O27 8035 1809 7509 7724 095",
        "Règlement par virement : IBAN FR76 I027 8035 1809 7509 7724 095",
        "Virement : IBAN DE89 3704 0044 0532 0130 01",
    ],
)
def test_an_invoice_whose_account_fails_its_key_is_refused(account: str) -> None:
    assert judged(invoiced(account)) == (Verdict.REFUSE, (ReasonCode.CHECKSUM_INVALID,))


@pytest.mark.parametrize(
    "account",
    [
        "Règlement par virement : IBAN FR76 1027 8035 1809 7509 7724 095",
        "Règlement par chèque.",
        ((60, "FR83526018155"), (150, "52601815500014")),
    ],
)
def test_an_invoice_with_a_good_account_or_none_is_accepted(account: Row) -> None:
    assert judged(invoiced(account)) == ACCEPTED


def test_a_column_of_an_invoice_is_no_sellers_name() -> None:
    rows = (
        ((60, "Facture n° 26090082"), (300, "Date : 27/10/2026")),
        ((60, "Prix unitaire"), (300, "% TVA")),
        ((60, "38,50"), (300, "20,00")),
        "Net à payer : 1 986,60 €",
        "Siret 52601815500014",
    )
    reading = answer(DocumentKind.INVOICE, rows, step=14)
    assert reading.find("seller_name") is None
