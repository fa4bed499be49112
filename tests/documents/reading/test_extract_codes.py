"""The QR code of an extract against its print: drawn on native pages, as the registers do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from supplier.demo.dossiers import registration
from supplier.demo.papers.catalogue import draw
from supplier.demo.suppliers.directory import supplier
from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.reader import read
from supplier.documents.reading.result import Reading, ReadRequest, Severity, Verdict

DAY = date(2026, 9, 20)
WHO = supplier("lebrun")
FACTS: Any = registration(WHO, issued_on=DAY)
REQUEST = ReadRequest(DAY, WHO.company.siren, WHO.company.name, DocumentKind.KBIS)
CONTROL = "https://www.infogreffe.fr/controle/verif?codeVerif="


def extract(**changed: Any) -> Reading:
    return read(draw(replace(FACTS, **changed)), "application/pdf", request=REQUEST)


def test_a_code_that_says_what_is_printed_leaves_the_extract_to_the_machine() -> None:
    assert extract().verdict is Verdict.ACCEPT


@pytest.mark.parametrize("content", [
    f"{CONTROL}aB3dEfGhI0",
    "https://www.infogreffe.fr/societes/entreprise-societe/"
    "999000201-SOCIETE-EXEMPLE--940118B99999.html",
    f"https://www.infogreffe.fr.attacker.example/controle?codeVerif={FACTS.verification_code}",
])  # fmt: skip
def test_a_code_that_says_something_else_refuses_it(content: str, monkeypatch: Any) -> None:
    monkeypatch.setattr("supplier.demo.papers.kbis.CONTROL_LINK", "")
    found = extract(qr_code=content)
    assert found.verdict is Verdict.REFUSE
    [finding] = [one for one in found.findings if one.severity is Severity.REFUSAL]
    assert finding.code == ReasonCode.TAMPERED
    assert finding.box is not None
