"""Account numbers that a scan spoilt are mended only when a single answer passes both keys."""

from __future__ import annotations

import pytest

from supplier.documents.reading.closer import mended_iban


@pytest.mark.parametrize(
    ("read", "mended"),
    [
        ("FR302004102057100585OR92204", "FR3020041020571005850R92204"),
        ("FR7610278035180975O97724O95", "FR7610278035180975097724095"),
        ("FR7610278035I80975097724095", "FR7610278035180975097724095"),
        ("DE3O664500500004471902", "DE30664500500004471902"),
    ],
)
def test_letters_that_a_scan_takes_for_figures_are_put_right(read: str, mended: str) -> None:
    assert mended_iban(read) == mended


@pytest.mark.parametrize("read", ["FR7510278035180975097724095", "FR7610278035180975097724093"])
def test_a_wrong_key_stays_wrong(read: str) -> None:
    assert mended_iban(read) is None
