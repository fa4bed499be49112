"""The catalogue of papers is whole."""

from __future__ import annotations

import pytest

from supplier.documents.checks import CHECKS
from supplier.documents.kinds import KINDS, REASON_TEXTS, Basis, DocumentKind, ReasonCode
from supplier.documents.reading.fields import FIELDS


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_every_kind_has_its_entry_its_reader_and_its_words(kind: DocumentKind) -> None:
    spec = KINDS[kind]
    assert spec.label
    assert spec.where
    assert set(FIELDS[kind]) == set(spec.fields)
    assert set(spec.demands) <= set(spec.fields)
    assert all(check in CHECKS for check in spec.checks)


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_every_period_names_its_source_and_its_date(kind: DocumentKind) -> None:
    spec = KINDS[kind]
    if spec.basis is Basis.NONE:
        assert spec.months is None
        assert spec.dated_by is None
    else:
        assert spec.source
        assert spec.dated_by in spec.fields
        assert (spec.months is None) == (spec.basis is Basis.PRINTED)


@pytest.mark.parametrize("reason", list(ReasonCode))
def test_every_reason_tells_the_supplier_what_to_do(reason: ReasonCode) -> None:
    assert REASON_TEXTS[reason].endswith(".")
