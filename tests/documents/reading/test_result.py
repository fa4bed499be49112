"""A reading survives its way through JSON."""

from __future__ import annotations

import json
from datetime import date

from supplier.documents.findings import doubt
from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.result import (
    Reading,
    Segment,
    Value,
    Verdict,
    as_json,
    from_json,
)
from supplier.kernel.pages import Box, Source

BOX = Box(0.1, 0.2, 0.3, 0.4)


def test_a_reading_comes_back_from_json_as_it_went_in() -> None:
    row = Value({"name": "A", "hired_on": "2026-01-02"}, 2, BOX, Source.OCR, 0.5)
    code = Value("xuWkYewL7C", 1, None, Source.BARCODE)
    reading = Reading(
        DocumentKind.KBIS,
        {"verification_code": code, "workers": (row, row)},
        Verdict.REVIEW,
        (ReasonCode.CODE_MISSING,),
        (doubt(ReasonCode.CODE_MISSING, at=row, params={"a": "b"}),),
        pages=2,
        segments=(Segment(DocumentKind.KBIS, 1, 2),),
        language="fr",
        valid_until=date(2027, 1, 2),
        scanned=True,
        seconds=0.25,
    )
    assert from_json(json.loads(json.dumps(as_json(reading)))) == reading
    assert reading.items("workers") == (row, row)
    assert reading.text("verification_code") == "xuWkYewL7C"
    assert reading.find("absent") is None
