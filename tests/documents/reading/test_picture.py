"""A poor picture is told at once, with the place; handwriting goes to a person."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from supplier.adapters.images import Defect, DefectKind, Quality
from supplier.documents.checks_evidence import Evidence
from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.picture import (
    BLURRED,
    DAZZLED,
    HANDWRITTEN,
    by_hand,
    picture_findings,
)
from supplier.documents.reading.reader import read
from supplier.documents.reading.result import ReadRequest, Severity, Value, Verdict
from supplier.documents.reading.sources import Page
from supplier.kernel.pages import Box, PageText, Source

CORPUS = Path(__file__).parents[2] / "corpus"
SMALL, LARGE = Box(0.1, 0.1, 0.2, 0.2), Box(0.1, 0.3, 0.9, 0.8)
NONE = DocumentKind.FOREIGN_WORKERS_NONE


def photo(*blurred: Box) -> Page:
    defects = tuple(Defect(DefectKind.BLUR, box) for box in blurred)
    quality = Quality(sharpness=0.1, too_blurred=True, defects=defects)
    return Page(PageText(1, 595, 842, (), 1.0), quality=quality, needs_picture=True)


@pytest.mark.parametrize(("blurred", "lit"), [
    ((SMALL, LARGE), LARGE), ((), Box(0.0, 0.0, 1.0, 1.0)),
])  # fmt: skip
def test_a_blurred_photo_says_where_and_what_to_do(blurred: tuple[Box, ...], lit: Box) -> None:
    [found] = picture_findings([photo(*blurred)], pictures=True)
    assert (found.code, found.severity) == (ReasonCode.UNREADABLE, Severity.REFUSAL)
    assert (found.message, found.page, found.box) == (BLURRED, 1, lit)


def statement(kind: DocumentKind = NONE, source: Source = Source.OCR, **sure: float) -> Evidence:
    values = {name: Value(name, 1, SMALL, source, confidence) for name, confidence in sure.items()}
    return Evidence(kind, values, scanned=True)


@pytest.mark.parametrize("name", ["signatory", "signed_on", "siren", "company_name"])
def test_handwriting_on_a_statement_goes_to_a_person_with_its_place(name: str) -> None:
    [found] = by_hand(statement(**{"signatory": 0.9, "signed_on": 0.9, name: 0.16}))
    assert (found.code, found.severity) == (ReasonCode.UNREADABLE, Severity.DOUBT)
    assert (found.message, found.box) == (HANDWRITTEN, SMALL)


@pytest.mark.parametrize("evidence", [
    statement(signatory=0.9, signed_on=0.49),
    statement(source=Source.TEXT, signatory=0.1),
    statement(DocumentKind.KBIS, company_name=0.1),
    statement(),
])  # fmt: skip
def test_print_and_papers_of_machines_are_no_handwriting(evidence: Evidence) -> None:
    assert list(by_hand(evidence)) == []


@pytest.mark.ocr
@pytest.mark.parametrize(("name", "kind", "verdict", "message"), [
    ("kbis/039-kbis_fop-blurred.jpg", DocumentKind.KBIS, Verdict.REFUSE, BLURRED),
    ("tax_compliance/100-tax_times-glare.jpg", DocumentKind.TAX_COMPLIANCE, Verdict.REFUSE,
     DAZZLED),
    ("foreign_workers_none/113-none_form-handwritten.jpg", NONE, Verdict.REVIEW, HANDWRITTEN),
])  # fmt: skip
def test_a_real_picture_is_told_apart(
    name: str, kind: DocumentKind, verdict: Verdict, message: str
) -> None:
    request = ReadRequest(date(2026, 11, 23), expected_kind=kind)
    found = read((CORPUS / name).read_bytes(), "image/jpeg", request=request)
    assert found.verdict is verdict
    [finding] = [one for one in found.findings if one.message == message]
    assert finding.page == 1
    assert finding.box is not None
