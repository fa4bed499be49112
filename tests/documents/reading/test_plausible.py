"""Papers that cannot well be true: marks, sums, periods, pages of two companies, days of print."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from supplier.adapters import ocr, watermarks
from supplier.documents.checks import run_checks
from supplier.documents.checks_evidence import Evidence
from supplier.documents.kinds import KINDS, DocumentKind, ReasonCode
from supplier.documents.reading.reader import read
from supplier.documents.reading.result import Reading, ReadRequest, Severity, Verdict
from supplier.documents.verdict import explained, judge
from tests.documents.reading.test_contradictions import insured, letter
from tests.documents.reading.test_wordings import (
    ACCEPTED,
    NAME,
    SIREN,
    TODAY,
    Row,
    answer,
    judged,
)

ALARM = (Verdict.REVIEW, (ReasonCode.CONTENT_ALARM,))
APART = (Verdict.REVIEW, (ReasonCode.CONTRADICTION,))


@pytest.mark.parametrize("mark", ["SANS VALEUR", "Spécimen", "ANNULÉ", "MODÈLE", "VOID"])
def test_a_mark_alone_on_its_line_goes_to_a_person(mark: str) -> None:
    assert judged(insured(mark)) == ALARM


@pytest.mark.parametrize("words", ["Spécimen de signature :", "Modèle", "Duplicata"])
def test_words_that_only_resemble_a_mark_alarm_nobody(words: str) -> None:
    assert judged(insured(words)) == ACCEPTED


@pytest.mark.parametrize(
    ("words", "slope", "expected"),
    [("SPÉCIMEN", 45, ALARM), ("S P É C I M E N", 30, ALARM), ("Invalidité-décès", 0, ACCEPTED)],
)
def test_a_mark_across_a_page_of_text_goes_to_a_person(
    words: str, slope: float, expected: tuple[Verdict, tuple[ReasonCode, ...]]
) -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=True)
    for number, row in enumerate(
        ("RELEVE D'IDENTITE BANCAIRE", f"Titulaire du compte : {NAME}",
         "IBAN : FR76 1027 8035 1809 7509 7724 095", "BIC : CMCIFR2A", "CREDIT MUTUEL")
    ):  # fmt: skip
        canvas.drawString(60, 780 - 24 * number, row)
    canvas.translate(150, 300)
    canvas.rotate(slope)
    canvas.setFillGray(0.8)
    canvas.setFont("Helvetica-Bold", 60)
    canvas.drawString(0, 0, words)
    canvas.save()
    request = ReadRequest(TODAY, SIREN, NAME, DocumentKind.BANK_DETAILS)
    reading = read(buffer.getvalue(), "application/pdf", request=request)
    assert judged(reading) == expected


@pytest.mark.skipif(not ocr.available(), reason="no Tesseract")
def test_light_letters_across_a_picture_are_read() -> None:
    page = Image.new("L", (1240, 1754), 245)
    sign = Image.new("L", (900, 160), 0)
    ImageDraw.Draw(sign).text(
        (20, 10), "SANS VALEUR", 255, font=ImageFont.load_default(110), stroke_width=4
    )
    turned = sign.rotate(35, expand=True)
    page.paste(190, (200, 500), turned)
    found = watermarks.lettered(page)
    assert found is not None
    assert found.slanting
    assert found.text == "SANSVALEUR"
    assert watermarks.lettered(Image.new("L", (1240, 1754), 245)) is None


def test_a_period_of_two_years_goes_to_a_person_and_an_old_contract_does_not() -> None:
    assert judged(insured(period="du 01/01/2026 au 31/12/2027")) == ALARM
    assert judged(insured(period="du 15/12/2025 au 31/12/2026")) == ACCEPTED


def bill(net: str, tax: str, total: str, *more: str) -> Reading:
    rows: tuple[Row, ...] = (
        ((60, NAME), (400, "FACTURE")),
        "12 rue des Clefs, 68000 COLMAR",
        ((60, f"SIREN {SIREN} - RCS Colmar"), (400, "N° FA-2026-09874")),
        ((60, "N° TVA FR83526018155"), (400, "Date : 27/10/2026")),
        ((60, "Total HT"), (480, net)),
        *more,
        ((60, "TVA 20 %"), (480, tax)),
        ((60, "Total TTC"), (480, total)),
        f"{NAME} - SARL au capital de 15000 € - SIRET 52601815500014",
    )
    return answer(DocumentKind.INVOICE, rows)


@pytest.mark.parametrize(
    ("net", "tax", "total"),
    [("1 300,00 €", "260,00 €", "1 960,00 €"), ("1 300,00 €", "360,00 €", "1 660,00 €")],
)
def test_an_invoice_that_does_not_add_up_goes_to_a_person_with_three_places(
    net: str, tax: str, total: str
) -> None:
    reading = bill(net, tax, total)
    assert judged(reading) == APART
    assert len({finding.box for finding in reading.findings if finding.box}) == 3


def test_an_invoice_that_adds_up_or_has_a_discount_is_accepted() -> None:
    assert judged(bill("1 300,00 €", "260,00 €", "1 560,00 €")) == ACCEPTED
    less = bill("1 300,00 €", "240,00 €", "1 440,00 €", "Remise exceptionnelle : 100,00 €")
    assert judged(less) == ACCEPTED


def test_an_establishment_of_another_company_goes_to_a_person_with_both_places() -> None:
    other = ("Établissement : 90481037100024", "Fait à : ORLEANS le : 10/10/2026")
    reading = letter("A ORLEANS , le 10/10/2026", other)
    assert judged(reading) == (Verdict.REVIEW, (ReasonCode.WRONG_COMPANY,))
    assert {finding.page for finding in reading.findings if finding.box} == {1, 2}


def test_the_number_of_the_issuer_is_explained() -> None:
    foot = ("Fait à : ORLEANS le : 10/10/2026", "URSSAF Centre - SIRET 90481037100024")
    assert judged(letter("A ORLEANS , le 10/10/2026", foot)) == ACCEPTED


@pytest.mark.parametrize(
    ("head", "foot", "expected"),
    [
        ("Metz, le 12/11/2026", "R.C.S. Metz - 12/11/2026 - page 1/1", ACCEPTED),
        ("Metz, le 18/12/2025", "page 1/1", APART),
        ("Service R.C.S.", "R.C.S. Metz - 18/12/2025 - page 1/1", APART),
    ],
)
def test_an_extract_is_not_printed_before_its_day(
    head: str, foot: str, expected: tuple[Verdict, tuple[ReasonCode, ...]]
) -> None:
    rows = (
        "TRIBUNAL JUDICIAIRE DE METZ",
        "Greffe du Registre du Commerce et des Sociétés",
        head,
        "EXTRAIT D'IMMATRICULATION PRINCIPALE AU REGISTRE DU COMMERCE ET DES SOCIETES",
        "à jour au 11 novembre 2026",
        "IDENTIFICATION DE LA PERSONNE MORALE",
        ((60, "Immatriculation au RCS, numéro"), (320, "526 018 155 R.C.S. Metz")),
        ((60, "Dénomination ou raison sociale"), (320, NAME)),
        ((60, "Adresse du siège"), (320, "113 chemin des Capucins 57000 METZ")),
        "Le Greffier",
        "FIN DE L'EXTRAIT",
        foot,
    )
    assert judged(answer(DocumentKind.KBIS, rows)) == expected


@pytest.mark.parametrize(
    ("situation", "expected"), [("31-12-2025", ACCEPTED), ("30-11-2025", APART)]
)
def test_a_tax_form_tells_the_situation_of_the_year_before(
    situation: str, expected: tuple[Verdict, tuple[ReasonCode, ...]]
) -> None:
    rows = (
        "DIRECTION GENERALE DES FINANCES PUBLIQUES",
        "ATTESTATION DE REGULARITE FISCALE",
        "ANNEE 2026",
        f"Situation au {situation}",
        ((60, "Numéro de délivrance"), (320, "7907388")),
        ((60, "DENOMINATION DE LA SOCIETE"), (320, NAME)),
        ((60, "N° SIREN"), (320, "526 018 155")),
        "est en règle au regard des obligations fiscales suivantes :",
        "- Paiement de la TVA",
        "Date : le 27/06/2026",
    )
    assert judged(answer(DocumentKind.TAX_COMPLIANCE, rows)) == expected


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_whatever_is_not_accepted_is_told_why_in_words(kind: DocumentKind) -> None:
    request = ReadRequest(TODAY, SIREN, NAME, kind)
    for passed in ((), KINDS[kind].checks[:1], KINDS[kind].checks[:-1]):
        verdict, _ = judge(kind, (), passed=passed)
        told = explained(kind, (), verdict=verdict, passed=passed)
        assert verdict is Verdict.REVIEW
        assert any(f.severity is not Severity.NOTE and f.message for f in told)
    findings, done = run_checks(Evidence(kind, {}), request)
    verdict, _ = judge(kind, findings, passed=done)
    assert explained(kind, findings, verdict=verdict, passed=done)
