"""The worker reads a paper once and acts on what it says."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pikepdf
import pytest
from sqlalchemy import select

from supplier.adapters import files
from supplier.demo.suppliers.directory import supplier as fictional
from supplier.documents import actions, judging, queries
from supplier.documents.kept_reading import find_kept
from supplier.documents.models import Document
from supplier.kernel.audit import Event
from supplier.kernel.database import new_id, reading
from tests.documents.hands import LEBRUN, TODAY, Hands, kbis, rib, tax, urssaf


def events_of(document_id: object) -> list[tuple[str, str | None, str | None]]:
    with reading() as session:
        rows = session.scalars(
            select(Event).where(Event.subject_id == document_id).order_by(Event.seq)
        )
        return [(row.kind, row.from_state, row.to_state) for row in rows]


def joined(*papers: bytes) -> bytes:
    whole = pikepdf.new()
    for data in papers:
        with pikepdf.open(io.BytesIO(data)) as part:
            whole.pages.extend(part.pages)
    out = io.BytesIO()
    whole.save(out)
    return out.getvalue()


def test_a_good_paper_is_accepted_with_its_dates_and_its_trace(hands: Hands) -> None:
    file = hands.hand_in(urssaf(date(2026, 10, 12)))
    document = file.document
    assert (document.state, document.kind, document.verdict) == (
        "accepted", "urssaf_vigilance", "accept",
    )  # fmt: skip
    assert (document.issued_on, document.valid_until) == (date(2026, 10, 12), date(2027, 4, 11))
    assert document.authenticity == "unchecked"
    [decision] = file.decisions
    assert (decision.outcome, decision.by_machine, decision.rules_version) == (
        "accept", True, judging.READER_VERSION,
    )  # fmt: skip
    assert events_of(document.id) == [
        ("document.submitted", None, "received"),
        ("document.read", "received", "read"),
        ("document.accepted", "read", "accepted"),
    ]


def test_a_paper_too_old_is_refused_by_the_machine_with_its_reason(hands: Hands) -> None:
    file = hands.hand_in(urssaf(date(2026, 5, 4)))
    assert (file.document.state, file.document.reasons) == ("refused", ["too_old"])
    assert file.decision is not None
    assert file.decision.reasons == ["too_old"]


def test_reading_twice_changes_nothing(hands: Hands) -> None:
    file = hands.hand_in(urssaf())
    before, keys = events_of(file.document.id), set(files.store().keys())
    again = hands.read(file.document.id)
    assert events_of(file.document.id) == before
    assert len(again.decisions) == 1
    assert set(files.store().keys()) == keys


def test_a_paper_withdrawn_while_it_was_read_keeps_no_pages(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = hands.submit(urssaf())
    examine = judging._examine

    def withdrawn_meanwhile(*args: object, **kwargs: object) -> object:
        examined = examine(*args, **kwargs)  # type: ignore[arg-type]
        actions.withdraw(
            receipt.document_id, supplier_id=hands.alpha.id, by=hands.by, now=hands.make.clock.at
        )
        return examined

    monkeypatch.setattr(judging, "_examine", withdrawn_meanwhile)
    file = hands.read(receipt.document_id)
    assert (file.document.state, file.previews) == ("withdrawn", ())
    assert list(files.store().keys()) == [file.document.file_key]


def test_what_was_read_is_sealed_in_its_own_row(hands: Hands) -> None:
    first, second = hands.hand_in(urssaf()), hands.hand_in(kbis())
    assert first.document.reading is not None
    assert LEBRUN.company.siren.encode() not in first.document.reading
    second.document.reading = first.document.reading
    with pytest.raises(Exception, match="does not open"):
        find_kept(second.document)


def test_pages_are_pictures_without_anything_else_of_the_file(hands: Hands) -> None:
    file = hands.hand_in(urssaf())
    assert file.previews
    png = queries.page_image(file, 1)
    assert png.startswith(b"\x89PNG")
    for chunk in (b"tEXt", b"iTXt", b"eXIf", b"zTXt"):
        assert chunk not in png


def test_a_file_that_kills_its_reader_is_unreadable_and_says_so(hands: Hands) -> None:
    # Opens as a PDF for the sniffer, and gives the reader nothing to hold on to.
    broken = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n%%EOF\n"
    file = hands.hand_in(broken, expected="kbis")
    assert file.document.state in {"unreadable", "refused"}
    assert file.document.reasons == ["unreadable"]


def test_a_reader_that_dies_leaves_the_paper_unreadable(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging.apart, "find_reading", lambda _pending: None)
    file = hands.hand_in(urssaf(), expected="urssaf_vigilance")
    assert (file.document.state, file.document.reasons) == ("unreadable", ["unreadable"])
    assert [one.outcome for one in file.decisions] == ["refuse"]
    assert file.kept is not None
    assert "could not be read" in file.kept.reading.findings[0].message


def test_several_papers_in_one_file_each_go_their_own_way(hands: Hands) -> None:
    whole = hands.hand_in(joined(kbis(), tax()))
    assert (whole.document.state, whole.document.kind) == ("superseded", None)
    assert [(part.part, part.state) for part in whole.parts] == [(1, "received"), (2, "received")]
    kinds = {hands.read(part.id).document.kind for part in whole.parts}
    assert kinds == {"kbis", "tax_compliance"}
    assert {hands.row(part.id).state for part in whole.parts} == {"accepted"}
    first, second = whole.parts
    assert (first.first_page, second.first_page) == (1, (first.last_page or 0) + 1)


@pytest.mark.parametrize(
    ("asked", "kept"), [("financial_guarantee", "financial_guarantee"), ("kbis", None)]
)
def test_the_parts_of_a_file_keep_the_requirement_that_it_was_for_but_no_kind(
    hands: Hands, asked: str, kept: str | None
) -> None:
    whole = hands.hand_in(joined(kbis(), tax()), expected=asked)
    assert whole.document.state == "superseded"
    assert [part.expected_kind for part in whole.parts] == [kept, kept]
    for part in whole.parts:
        # What is known of a part goes before what was asked for.
        assert hands.read(part.id).document.state == "accepted"


def test_a_code_seen_at_another_supplier_goes_to_a_person(hands: Hands) -> None:
    hands.hand_in(urssaf())
    stranger = hands.stranger(LEBRUN.company.name)
    receipt = actions.submit(
        urssaf(), filename="a.pdf", supplier_id=stranger.id, by=hands.by,
        now=hands.make.clock.at, settings=hands.settings,
    )  # fmt: skip
    actions.read_document(
        receipt.document_id, now=hands.make.clock.at, today=TODAY, settings=hands.settings
    )
    file = queries.get_file(receipt.document_id)
    assert file.document.state in {"in_review", "refused"}
    assert file.kept is not None
    codes = [finding.code for finding in file.kept.reading.findings]
    assert judging.CODE_ELSEWHERE in codes


def test_the_right_paper_takes_the_place_of_the_refused_one(hands: Hands) -> None:
    old = hands.hand_in(urssaf(date(2026, 5, 4)), expected="urssaf_vigilance")
    new = hands.hand_in(urssaf(date(2026, 10, 12)), expected="urssaf_vigilance")
    row = hands.row(old.document.id)
    assert (row.state, row.superseded_by_id) == ("superseded", new.document.id)


def test_an_older_accepted_paper_stays_as_history(hands: Hands) -> None:
    old = hands.hand_in(urssaf(date(2026, 8, 3)))
    hands.hand_in(urssaf(date(2026, 10, 12)))
    assert hands.row(old.document.id).state == "accepted"
    assert len(queries.list_accepted(hands.alpha.id, "urssaf_vigilance")) == 2


def test_machine_decisions_are_sampled_by_the_papers_id_alone() -> None:
    ids = [new_id() for _ in range(4000)]
    share = sum(judging.is_sampled(one, 0.25) for one in ids) / len(ids)
    assert 0.20 < share < 0.30
    assert all(judging.is_sampled(one, 1.0) for one in ids[:50])
    assert not any(judging.is_sampled(one, 0.0) for one in ids[:50])


def test_a_sampled_decision_waits_for_a_second_look(hands: Hands) -> None:
    receipt = hands.submit(kbis())
    settings = replace(hands.settings, sample_rate=1.0)
    actions.read_document(
        receipt.document_id, now=hands.make.clock.at, today=TODAY, settings=settings
    )
    assert hands.row(receipt.document_id).sampled_at is not None
    assert queries.find_next_waiting(None) == receipt.document_id


def test_bank_details_read_right_are_accepted_and_have_no_end(hands: Hands) -> None:
    file = hands.hand_in(rib())
    assert (file.document.state, file.document.valid_until) == ("accepted", None)


def test_a_stranger_of_a_company_is_told_whose_paper_it_is(hands: Hands) -> None:
    assert fictional("lebrun").company.siren == hands.alpha.siren
    other = hands.stranger()
    receipt = actions.submit(
        urssaf(), filename="a.pdf", supplier_id=other.id, by=hands.by, now=hands.make.clock.at,
        settings=hands.settings,
    )  # fmt: skip
    actions.read_document(
        receipt.document_id, now=hands.make.clock.at, today=TODAY, settings=hands.settings
    )
    with reading() as session:
        row = session.get_one(Document, receipt.document_id)
    assert (row.state, "wrong_company" in row.reasons) == ("refused", True)
