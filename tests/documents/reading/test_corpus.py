"""The reader on papers with known contents: figures that only rise."""

from __future__ import annotations

import json

import pytest

from bench.reading import CORPUS, THRESHOLDS, measure, shortfalls
from supplier.adapters import ocr

LEAST = json.loads(THRESHOLDS.read_text("utf-8"))
needs_ocr = pytest.mark.skipif(not ocr.available(), reason="needs Tesseract's French data")


@pytest.mark.ocr
@needs_ocr
def test_native_papers_are_read_and_judged_as_they_should_be() -> None:
    report = measure(CORPUS, sources=["native"])
    assert shortfalls(report, {"native": LEAST["native"]}) == []
    tally = report.by_source["native"]
    assert tally.right_kinds == tally.papers
    assert tally.fields_boxed >= 0.98 * tally.fields_read
    assert tally.false_alarms == 0


@pytest.mark.ocr
@needs_ocr
def test_scans_and_photos_are_read_and_judged_as_they_should_be() -> None:
    pictured = {source: least for source, least in LEAST.items() if source != "native"}
    report = measure(CORPUS, sources=pictured)
    assert shortfalls(report, pictured) == []
    assert all(tally.false_alarms == 0 for tally in report.by_source.values())
