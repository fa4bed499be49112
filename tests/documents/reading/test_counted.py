"""The people on a list are counted a second time, by another reader of the page."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from supplier.documents.checks_evidence import Evidence
from supplier.documents.kinds import DocumentKind
from supplier.documents.reading.counted import UNCOUNTED, UNREAD_ROWS, unread_rows
from supplier.documents.reading.reader import read
from supplier.documents.reading.result import ReadRequest
from supplier.documents.reading.sources import PDF, gather

CORPUS = Path(__file__).resolve().parents[2] / "corpus"
LISTS: list[dict[str, Any]] = [
    row
    for row in map(json.loads, (CORPUS / "truth.jsonl").read_text("utf-8").splitlines())
    if row["kind"] == "foreign_workers_list" and row["source"] == "native"
]


def evidence_of(row: dict[str, Any]) -> tuple[bytes, Evidence, Any]:
    data = (CORPUS / row["file"]).read_bytes()
    reading = read(data, PDF, request=ReadRequest(date.fromisoformat(row["today"])))
    assert reading.kind is DocumentKind.FOREIGN_WORKERS_LIST
    return data, Evidence(reading.kind, reading.fields), gather(data, PDF).pages


@pytest.mark.parametrize("row", LISTS, ids=lambda row: row["file"])
def test_a_list_that_was_read_whole_raises_no_doubt(row: dict[str, Any]) -> None:
    data, evidence, pages = evidence_of(row)
    assert list(unread_rows(data, evidence, pages)) == []


@pytest.mark.parametrize("row", [row for row in LISTS if row["layout"] != "list_letter"][:2],
                         ids=lambda row: row["file"])  # fmt: skip
def test_a_person_who_was_not_read_sends_the_list_to_somebody(row: dict[str, Any]) -> None:
    data, evidence, pages = evidence_of(row)
    workers = evidence.fields["workers"]
    assert isinstance(workers, tuple)
    shorter = replace(evidence, fields={**evidence.fields, "workers": workers[:-1]})
    [finding] = unread_rows(data, shorter, pages)
    assert finding.message == UNREAD_ROWS
    assert finding.params == {"rows": str(len(workers)), "read": str(len(workers) - 1)}
    assert finding.box is not None


def test_a_file_that_cannot_be_counted_goes_to_somebody() -> None:
    _, evidence, pages = evidence_of(LISTS[0])
    [finding] = unread_rows(b"%PDF-1.7 nothing", evidence, pages)
    assert finding.message == UNCOUNTED
