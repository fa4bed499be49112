"""Papers as the machine leaves them for a person: a sealed reading, a page, a file."""

from __future__ import annotations

import hashlib
import io
from datetime import date
from typing import Any

from PIL import Image

from supplier.adapters.files import store
from supplier.documents.kept_reading import KeptReading, seal
from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.models import Document, Preview
from supplier.documents.reading.result import Finding, Reading, Severity, Value, Verdict
from supplier.kernel.crypto import new_token
from supplier.kernel.database import new_id, transaction
from supplier.kernel.pages import Box
from supplier.parties.models import Supplier
from tests.vigilance.files import paper

PLACE = Box(0.1, 0.1, 0.4, 0.13)
SCAN = Finding("scan", Severity.NOTE, "The paper is a scan: a person looks at it.")


def values(supplier: Supplier, **more: str) -> dict[str, Value]:
    """What an Urssaf certificate says, each value with its place."""
    said = {
        "siren": supplier.siren or "",
        "company_name": supplier.name,
        "issued_on": "2026-11-02",
        "situation_on": "2026-10-31",
        "security_code": "ZZ99ZZ9ZZZZ9ZZZ",
        **more,
    }
    return {name: Value(text, 1, PLACE) for name, text in said.items() if text}


def read_paper(
    supplier: Supplier,
    *,
    kind: DocumentKind = DocumentKind.URSSAF_VIGILANCE,
    said: dict[str, Value] | None = None,
    findings: tuple[Finding, ...] = (),
    reasons: tuple[ReasonCode, ...] = (),
    **row: Any,
) -> Document:
    """A paper in review with its reading, one page as a picture and its original file."""
    data = f"%PDF-1.7 {new_token()}".encode()
    document = paper(
        supplier, kind.value, issued_on=date(2026, 11, 2), received_on=date(2026, 11, 20),
        file_key=store().put(data), sha256=_sha(data), reasons=[code.value for code in reasons],
        situation_on=date(2026, 10, 31), page_count=1, **row,
    )  # fmt: skip
    found = Reading(
        kind=kind, fields=said if said is not None else values(supplier),
        verdict=Verdict.REVIEW, reasons=reasons, findings=findings, pages=1,
    )  # fmt: skip
    with transaction() as session:
        kept = session.get_one(Document, document.id)
        kept.reading = seal(KeptReading(found), document.id)
        session.add(
            Preview(id=new_id(), document_id=document.id, page=1, width=60, height=80,
                    file_key=store().put(_picture()))
        )  # fmt: skip
    return document


def _picture() -> bytes:
    out = io.BytesIO()
    Image.new("L", (60, 80), 255).save(out, "PNG")
    return out.getvalue()


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
