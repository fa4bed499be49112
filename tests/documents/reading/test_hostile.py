"""Files made to harm the reader: each is answered in time, and the reader lives on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from supplier.adapters.intake import RefusedFileError, sniff
from supplier.adapters.sandbox import Sandbox
from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.isolated import read_isolated, reading_sandbox
from supplier.documents.reading.result import ReadRequest, Verdict

ATTACK = Path(__file__).parent.parent.parent / "attack"
FILES = sorted(path for folder in ("pdf", "poly", "img") for path in (ATTACK / folder).glob("*"))
FRAUDS = sorted((ATTACK / "rib").glob("*.pdf"))
REQUEST = ReadRequest(
    date(2026, 11, 23), "732829320", "SARL DUPONT TRAVAUX", DocumentKind.BANK_DETAILS
)
HONEST = "FR1420041010050500013M02606"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with reading_sandbox(workers=2) as box:
        yield box


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_hostile_file_is_never_accepted_and_never_stuck(path: Path, sandbox: Sandbox) -> None:
    data = path.read_bytes()
    try:
        media_type = sniff(data)
    except RefusedFileError:
        return
    reading = read_isolated(data, media_type.value, request=REQUEST, sandbox=sandbox)
    assert reading.verdict is not Verdict.ACCEPT
    assert reading.seconds < 30


@pytest.mark.parametrize("path", FRAUDS, ids=lambda path: path.name)
def test_a_forged_account_is_flagged_and_an_honest_one_is_read(
    path: Path, sandbox: Sandbox
) -> None:
    reading = read_isolated(path.read_bytes(), "application/pdf", request=REQUEST, sandbox=sandbox)
    if path.stem in {"rib-control", "rib-lowercase-spaced"}:
        assert reading.verdict is not Verdict.REFUSE
        assert reading.text("iban") in {HONEST, None}
        assert ReasonCode.TAMPERED not in reading.reasons
    else:
        assert reading.verdict is Verdict.REFUSE
        assert ReasonCode.TAMPERED in reading.reasons
