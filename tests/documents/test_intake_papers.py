"""A file becomes a kept paper: durable, once, within limits, with its receipt and its event."""

from __future__ import annotations

import hashlib
import io
import os
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from supplier.adapters import files
from supplier.adapters.intake import RefusedFileError
from supplier.adapters.queue import Job
from supplier.documents import actions, intake, queries
from supplier.documents.intake import QuotaError
from supplier.documents.models import Document
from supplier.kernel.audit import Event
from supplier.kernel.database import new_id, reading, transaction
from supplier.kernel.errors import NotFoundError, UnavailableError
from tests.documents.hands import Hands, kbis, urssaf


def count(table: type) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def jobs_of(task: str) -> list[Job]:
    with reading() as session:
        return list(session.scalars(select(Job).where(Job.task == task)))


def kinds_of_events() -> list[str]:
    with reading() as session:
        return list(session.scalars(select(Event.kind).order_by(Event.seq)))


def test_a_receipt_names_the_very_bytes_that_are_kept(hands: Hands) -> None:
    data = urssaf()
    receipt = hands.submit(data, "attestation.pdf")
    row = hands.row(receipt.document_id)
    assert receipt.sha256 == hashlib.sha256(data).hexdigest() == row.sha256
    assert queries.original(row) == data
    assert receipt.number.startswith("D-2026-1123-")
    assert (row.state, row.original_name, row.size) == ("received", "attestation.pdf", len(data))


def test_paper_event_and_jobs_are_written_together(hands: Hands) -> None:
    receipt = hands.submit(urssaf())
    assert "document.submitted" in kinds_of_events()
    [job] = jobs_of("read_document")
    assert job.payload == {"document_id": str(receipt.document_id)}
    assert [one.payload for one in jobs_of("refresh_obligations")] == [
        {"supplier_id": str(hands.alpha.id)}
    ]


def test_nothing_is_kept_on_disk_in_the_clear(hands: Hands) -> None:
    data = urssaf()
    receipt = hands.submit(data)
    store = files.store()
    assert isinstance(store, files.FolderStore)
    sealed = store._path(hands.row(receipt.document_id).file_key).read_bytes()
    assert b"%PDF" not in sealed
    assert data[:64] not in sealed


def test_the_same_file_again_is_the_same_paper(hands: Hands) -> None:
    data = urssaf()
    first = hands.submit(data, "one.pdf")
    again = hands.submit(data, "two.pdf")
    assert (again.document_id, again.again) == (first.document_id, True)
    assert (count(Document), len(jobs_of("read_document"))) == (1, 1)


def test_the_same_file_of_another_supplier_is_another_paper(hands: Hands) -> None:
    data = urssaf()
    first = hands.submit(data)
    other = hands.stranger()
    receipt = actions.submit(
        data, filename="a.pdf", supplier_id=other.id, by=hands.by, now=hands.make.clock.at,
        settings=hands.settings,
    )  # fmt: skip
    assert receipt.document_id != first.document_id
    assert not receipt.again


def test_a_withdrawn_paper_handed_in_again_starts_anew(hands: Hands) -> None:
    data = urssaf()
    receipt = hands.submit(data)
    actions.withdraw(
        receipt.document_id, supplier_id=hands.alpha.id, by=hands.by, now=hands.make.clock.at
    )
    again = hands.submit(data)
    assert again.document_id == receipt.document_id
    assert hands.row(receipt.document_id).state == "received"
    assert len(jobs_of("read_document")) == 2


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (lambda: b"", "empty"),
        (lambda: b"<html>not a paper</html>", None),
        (lambda: b"PK\x03\x04" + b"\0" * 200, None),
        (lambda: b"\0" * 2_000_001, "too_large"),
    ],
)  # fmt: skip
def test_a_file_that_we_do_not_take_leaves_one_line_in_the_journal_and_nothing_else(
    hands: Hands, data: Callable[[], bytes], code: str | None
) -> None:
    settings = replace(hands.settings, upload_max_bytes=2_000_000)
    with pytest.raises(RefusedFileError) as refused:
        actions.submit(
            data(), filename="x.pdf", supplier_id=hands.alpha.id, by=hands.by,
            now=hands.make.clock.at, settings=settings,
        )  # fmt: skip
    if code:
        assert refused.value.code == code
    assert count(Document) == 0
    assert kinds_of_events().count("upload.refused") == 1
    assert list(files.store().keys()) == []


def test_a_full_supplier_is_told_whom_to_ask(hands: Hands) -> None:
    data = urssaf()
    settings = replace(hands.settings, supplier_quota_bytes=len(data) + 10)
    hands.submit(data)
    with pytest.raises(QuotaError):
        actions.submit(
            kbis(), filename="k.pdf", supplier_id=hands.alpha.id, by=hands.by,
            now=hands.make.clock.at, settings=settings,
        )  # fmt: skip
    # What is there already takes no more room when it comes again.
    assert actions.submit(
        data, filename="k.pdf", supplier_id=hands.alpha.id, by=hands.by, now=hands.make.clock.at,
        settings=settings,
    ).again  # fmt: skip


def test_a_store_that_is_away_acknowledges_nothing(hands: Hands) -> None:
    store = files.store()
    assert isinstance(store, files.FolderStore)
    (store._folder / files.SENTINEL).unlink()
    with pytest.raises(UnavailableError):
        hands.submit(urssaf())
    assert (count(Document), count(Job)) == (0, 0)


def test_an_unknown_supplier_gets_nothing_kept(hands: Hands) -> None:
    with pytest.raises(NotFoundError):
        actions.submit(
            urssaf(), filename="x.pdf", supplier_id=new_id(), by=hands.by,
            now=hands.make.clock.at, settings=hands.settings,
        )  # fmt: skip
    assert list(files.store().keys()) == []


def test_a_paper_that_lost_its_job_is_found_by_the_sweep(hands: Hands) -> None:
    receipt = hands.submit(urssaf())
    with transaction() as session:
        session.delete(jobs_of("read_document")[0])
    now = hands.make.clock.at + timedelta(minutes=5)
    nothing = {"requeued": 0, "unreadable": 0, "to_a_person": 0}
    assert actions.requeue_waiting(now) == {**nothing, "requeued": 1}
    assert actions.requeue_waiting(now) == nothing
    assert jobs_of("read_document")[0].payload == {"document_id": str(receipt.document_id)}


def test_a_paper_whose_job_was_given_up_is_unreadable_and_not_stuck(hands: Hands) -> None:
    receipt = hands.submit(urssaf())
    with transaction() as session:
        session.merge(jobs_of("read_document")[0]).state = "given_up"
    now = hands.make.clock.at + timedelta(minutes=5)
    assert actions.requeue_waiting(now) == {"requeued": 0, "unreadable": 1, "to_a_person": 0}
    assert hands.row(receipt.document_id).state == "unreadable"


def test_a_file_of_twenty_megabytes_goes_through_little_memory(
    hands: Hands, tmp_path: Path
) -> None:
    large = tmp_path / "large.pdf"
    large.write_bytes(urssaf() + b"\n%" + os.urandom(999_000) * 19)
    hands.submit(kbis())  # what is loaded once is loaded now
    with large.open("rb") as file:
        tracemalloc.start()
        try:
            receipt = hands.submit(file, "large.pdf")  # type: ignore[arg-type]
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert receipt.size > 18_900_000
    assert peak < 3_000_000
    assert queries.original(hands.row(receipt.document_id)) == large.read_bytes()


def test_a_disk_that_gives_back_other_bytes_means_no_paper(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files.FolderStore, "_read_back", lambda *_: "0" * 64)
    with pytest.raises(UnavailableError):
        hands.submit(urssaf())
    assert count(Document) == 0
    assert list(files.store().keys()) == []


def test_a_file_that_changes_once_it_was_looked_at_means_no_paper(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = io.BytesIO(urssaf())

    def changed_meanwhile(*_: object) -> None:
        file.getbuffer()[-1] ^= 1

    monkeypatch.setattr(intake, "_find_same", changed_meanwhile)
    with pytest.raises(UnavailableError):
        hands.submit(file)  # type: ignore[arg-type]
    assert count(Document) == 0
