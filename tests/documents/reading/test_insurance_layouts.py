"""Ten-year insurance certificates: the contract, its period and the insured in other layouts."""

from __future__ import annotations

import pytest

from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.result import Reading, Verdict
from tests.documents.reading.test_wordings import ACCEPTED, NAME, Row, answer, judged

TITLE = "Attestation d'assurance responsabilité civile décennale obligatoire"
LAW = "au titre de l'assurance obligatoire (article L. 241-1 du code des assurances)"
FORM: tuple[Row, ...] = (f"Assuré : {NAME}", "SIREN : 526 018 155", "Assureur : SMA SA")
CONTRACT: tuple[Row, ...] = ("Contrat n° RCD80546795",)
PERIOD: tuple[Row, ...] = ("Valable du 1er janvier 2026 au 31 décembre 2026",)
DONE: tuple[Row, ...] = (f"La garantie s'applique {LAW}.", "Fait à Paris, le 24/12/2025")


def read_insurance(*rows: Row, step: float = 24) -> Reading:
    return answer(DocumentKind.DECENNIAL_INSURANCE, ("SMA SA", TITLE, *rows), step=step)


@pytest.mark.parametrize(
    "rows",
    [
        (f"SMA SA atteste que {NAME}, immatriculée sous le numéro 526 018 155 (SIREN), est",
         "assurée par le contrat RCD80546795 au titre de la responsabilité décennale pour les",
         "activités suivantes :"),
        (f"SMA SA certifie que la société {NAME} (SIREN 526 018 155)",
         "est titulaire d'une police d'assurance responsabilité décennale n° RCD80546795."),
        (f"Nous, SMA SA, attestons que {NAME}, SIREN 526 018 155, a souscrit",
         "un contrat d'assurance de responsabilité décennale portant la référence RCD80546795."),
        (f"SMA SA atteste que l'entreprise {NAME}, dont le SIREN est 526 018 155,",
         "est garantie par la police numéro RCD80546795 pour les activités ci-dessous :"),
        (f"Attestation délivrée à {NAME}, SIREN 526 018 155", "par SMA SA, contrat RCD80546795."),
    ],
)  # fmt: skip
def test_the_insured_and_the_contract_are_read_in_a_sentence(rows: tuple[Row, ...]) -> None:
    reading = read_insurance("", *PERIOD, "", *rows, "", *DONE, step=16)
    found = {name: reading.text(name) for name in ("company_name", "policy_number", "siren")}
    assert found == {
        "company_name": NAME, "policy_number": "RCD80546795", "siren": "526018155",
    }  # fmt: skip
    assert judged(reading) == ACCEPTED


@pytest.mark.parametrize(
    "rows",
    [
        ("Contrat : RCD80546795",),
        ("Référence du contrat : RCD80546795",),
        ("N° de police / Policy number : RCD80546795",),
        (((60, "Contrat"), (200, "Souscripteur")), ((60, "RCD80546795"), (200, NAME))),
        (((60, "N° de contrat"), (200, "N° client")), ((60, "RCD80546795"), (200, "4471120"))),
    ],
)
def test_the_number_of_the_contract_stands_beside_or_under_its_label(rows: tuple[Row, ...]) -> None:
    reading = read_insurance(*FORM, "", *rows, "", *PERIOD, "", *DONE)
    assert reading.text("policy_number") == "RCD80546795"
    assert judged(reading) == ACCEPTED


@pytest.mark.parametrize(
    "rows",
    [
        ("Période de validité : 01/01/2026 - 31/12/2026",),
        ("Période de garantie", "01/01/2026 – 31/12/2026"),
        (((60, "Validité"), (200, "01/01/2026 au 31/12/2026")),),
        (((60, "Date d'effet"), (200, "Date d'échéance")),
         ((60, "01/01/2026"), (200, "31/12/2026"))),
        (((60, "Début de validité"), (200, "01/01/2026")),
         ((60, "Fin de validité"), (200, "31/12/2026"))),
        ("La présente attestation est valable pour la période du 01/01/2026 au 31/12/2026.",),
        ("Elle est valable à compter du 1er janvier 2026 et jusqu'au 31 décembre 2026.",),
        ("Date d'effet : 01/01/2026", "Valable jusqu'au : 31/12/2026"),
        (((60, "Du"), (120, "01/01/2026"), (200, "Au"), (240, "31/12/2026")),),
    ],
)  # fmt: skip
def test_the_period_is_read_in_a_sentence_a_cell_or_a_table(rows: tuple[Row, ...]) -> None:
    reading = read_insurance(*FORM, *CONTRACT, "", *rows, "", *DONE)
    found = reading.text("valid_from"), reading.text("valid_until")
    assert found == ("2026-01-01", "2026-12-31")
    assert judged(reading) == ACCEPTED


@pytest.mark.parametrize(
    "end",
    [
        "Fait le 24/12/2025",
        "Pour la mutuelle",
        "Délivrée pour valoir ce que de droit.",
        "En foi de quoi la présente attestation est délivrée.",
        "L’assureur : SMA SA",
        "À Paris, le 24.12.2025",
    ],
)
def test_a_certificate_of_one_page_that_ends_is_whole(end: str) -> None:
    reading = read_insurance(*FORM, *CONTRACT, *PERIOD, f"La garantie s'applique {LAW}.", end)
    assert judged(reading) == ACCEPTED


def test_a_certificate_that_is_dated_at_its_head_and_breaks_off_is_not_whole() -> None:
    head = "Paris, le 24 décembre 2025"
    reading = read_insurance(head, *FORM, *CONTRACT, *PERIOD, f"La garantie s'applique {LAW}.")
    assert judged(reading) == (Verdict.REVIEW, (ReasonCode.PAGES_MISSING,))


@pytest.mark.parametrize(
    "sentence",
    [
        "Le contrat 01/01/2026 est reconduit.",
        "Le contrat 526 018 155 est reconduit.",
        "Le contrat RCD80546795 remplace la police RCD11112222.",
    ],
)
def test_a_date_a_company_number_or_one_of_two_contracts_is_no_contract_number(
    sentence: str,
) -> None:
    reading = read_insurance(*FORM, *PERIOD, sentence, *DONE)
    assert reading.find("policy_number") is None
    assert judged(reading) == (Verdict.REVIEW, (ReasonCode.UNREADABLE,))


def test_the_end_of_a_period_is_never_taken_for_its_lost_beginning() -> None:
    reading = read_insurance(*FORM, *CONTRACT, "Valable du 1 jan au 31 décembre 2026", *DONE)
    assert reading.find("valid_from") is None
    assert judged(reading) == (Verdict.REVIEW, (ReasonCode.UNREADABLE,))
