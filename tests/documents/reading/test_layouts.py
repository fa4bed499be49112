"""Layouts that were misread: the value stood in another box, or under its label."""

from __future__ import annotations

import re
from datetime import date

import pytest

from supplier.documents.kinds import DocumentKind
from supplier.documents.reading.layout import Sheet
from supplier.documents.reading.people import is_name
from supplier.documents.reading.reader import read
from supplier.documents.reading.result import ReadRequest
from supplier.kernel.pages import Box, PageText, Word
from tests.documents.reading.test_wordings import ACCEPTED, NAME, Row, answer, drawn, judged

WORKER = "Bâti-Lux S.à r.l."


def form(*employer: Row) -> tuple[Row, ...]:
    return (
        "A1 - Certificate concerning the Social Security legislation which applies to the holder",
        "EU Regulations 883/04 and 987/09",
        "1. PERSONAL DETAILS OF THE HOLDER",
        ((60, "1.2 Surname"), (300, "Lambert")),
        ((60, "1.3 Forenames"), (300, "Olivier")),
        "2. MEMBER STATE LEGISLATION WHICH APPLIES",
        ((60, "2.1 Member State"), (300, "LU")),
        ((60, "2.2 Starting date"), (300, "23/10/2026")),
        ((60, "2.3 Ending date"), (300, "22/10/2027")),
        "4. DETAILS OF EMPLOYER / SELF-EMPLOYMENT",
        *employer,
        "5. DETAILS OF EMPLOYER WHERE ACTIVITY WILL BE PURSUED",
        ((60, "5.1 Name"), (300, "CHANTIER BREST PORT")),
    )


@pytest.mark.parametrize(
    "employer",
    [
        (
            ((60, "4.1 Employed"), (300, "x")),
            ((60, "4.2 Self-employed"), (300, "o")),
            ((60, "4.3 Employer number"), (300, "71386340")),
            ((60, "4.4 Name"), (300, WORKER)),
        ),
        (
            ((60, "4.1 Salarié"), (300, "x oui")),
            ((60, "4.2 Activité non salariée"), (300, "o oui")),
            ((60, "4.4"), (120, "Nom"), (300, WORKER)),
        ),
        (((60, "4.1 Number"), (300, "71386340")), ((60, "4.2 Name"), (300, WORKER))),
        (((60, "4.1 Number"), (300, "71386340")), ((60, "4.2"), (300, WORKER))),
    ],
)
def test_the_employer_of_form_a1_is_who_is_named_and_no_ticked_box(
    employer: tuple[Row, ...],
) -> None:
    request = ReadRequest(date(2026, 11, 24), None, WORKER, DocumentKind.A1_CERTIFICATE)
    reading = read(drawn(form(*employer)), "application/pdf", request=request)
    assert reading.text("employer") == WORKER
    assert judged(reading) == ACCEPTED


@pytest.mark.parametrize("text", ["☐", "☒", "x", "O", "•", "—", "[ ]", "æ", "_"])
def test_a_tick_or_a_bullet_is_no_name(text: str) -> None:
    assert not is_name(text)


@pytest.mark.parametrize("text", ["M6", "Bâti-Lux", "3M"])
def test_two_letters_or_figures_can_be_a_name(text: str) -> None:
    assert is_name(text)


NIL: tuple[Row, ...] = (
    "LISTE NOMINATIVE DES SALARIÉS ÉTRANGERS SOUMIS À AUTORISATION DE TRAVAIL",
    ((60, "Entreprise"), (320, "N° SIRET")),
    ((60, NAME), (320, "526 018 155 00014")),
)
SWORN: tuple[Row, ...] = (
    "NÉANT",
    "J'atteste sur l'honneur que l'entreprise n'emploie pas de salariés étrangers soumis à",
    "l'autorisation de travail.",
    "Fait à Colmar, le 18/07/2026",
)


@pytest.mark.parametrize(
    ("head", "foot"),
    [
        ((((60, "N° TVA"), (320, "Représentée par")),
          ((60, "FR51526018155"), (320, "Paul Martin"))), ()),
        ((), ("Signature", "Paul Martin")),
        ((), ("Cachet et signature du représentant légal :", "", "Paul Martin")),
        ((), (((320, "Le gérant,"),), ((320, "Paul Martin"),))),
    ],
)  # fmt: skip
def test_who_signs_stands_under_the_label_or_under_the_place_of_the_signature(
    head: tuple[Row, ...], foot: tuple[Row, ...]
) -> None:
    reading = answer(DocumentKind.FOREIGN_WORKERS_NONE, (*NIL, *head, *SWORN, *foot))
    assert reading.text("signatory") == "Paul Martin"
    assert judged(reading) == ACCEPTED


@pytest.mark.parametrize(
    "foot",
    [
        ("Signature", NAME),
        ("Signature", "Cachet de l'entreprise"),
        ("Signature", "SARL Martin Peinture"),
        ("Signature",),
    ],
)
def test_a_stamp_or_the_company_under_the_signature_is_nobody_who_signs(
    foot: tuple[Row, ...],
) -> None:
    reading = answer(DocumentKind.FOREIGN_WORKERS_NONE, (*NIL, *SWORN, *foot))
    assert reading.find("signatory") is None


def test_an_independents_name_begins_under_the_place_and_day_of_the_letter() -> None:
    rows: tuple[Row, ...] = (
        ((60, "Urssaf"), (300, "A MONTREUIL, le 27 Août 2026")),
        ((300, "MR BRENNER PAUL"),),
        ((300, "223 avenue de Viton"),),
        ((300, "84400 APT"),),
        "",
        "ATTESTATION DE COMPTE À JOUR ET DE FOURNITURE DE DÉCLARATIONS ET DE PAIEMENTS",
        "N° SIRET : 52601815500014",
        "est à jour de ses obligations en matière de déclarations et de paiements au 310726.",
        "CODE DE SÉCURITÉ : C7FM7DLP223I1PO",
        "Fait à : MONTREUIL le : 27/08/2026",
    )
    reading = answer(DocumentKind.URSSAF_VIGILANCE, rows, step=14, name="BRENNER PAUL")
    assert reading.text("company_name") == "MR BRENNER PAUL"


def typed(*lines: str, pitch: float = 0.0106) -> Sheet:
    """A page of letters of one width, in boxes that fit capitals; two blanks part two columns."""
    words = []
    for number, line in enumerate(lines):
        for match in re.finditer(r"\S+", line):
            x0, x1 = 0.08 + match.start() * pitch, 0.08 + match.end() * pitch
            top = 0.08 + 0.017 * number
            words.append(Word(match[0], 1, Box(x0, top, x1, top + 0.0075)))
    return Sheet(PageText(1, 595, 842, tuple(words)))


def test_a_blank_of_a_typewriter_is_no_gap_between_columns() -> None:
    sheet = typed(
        "SARL COUVERTURE AUBERT            RELEVE D'IDENTITE BANCAIRE",
        "63 QUAI DE LESSEPS                SOCIETE GENERALE",
        "64100 BAYONNE  TEL",
    )
    assert [[cell.run.text for cell in row] for row in sheet.rows] == [
        ["SARL COUVERTURE AUBERT", "RELEVE D'IDENTITE BANCAIRE"],
        ["63 QUAI DE LESSEPS", "SOCIETE GENERALE"],
        ["64100 BAYONNE", "TEL"],
    ]
