"""Imports: what companies export is read, rehearsed line by line, then done all or nothing."""

from __future__ import annotations

import io
from datetime import date

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from supplier.kernel.audit import Event
from supplier.kernel.database import reading
from supplier.kernel.errors import ConflictError, DomainError
from supplier.parties import importing
from supplier.parties.imports import guess_mapping, judge_rows
from supplier.parties.models import Contact, Engagement, Supplier
from supplier.parties.sheets import read_sheet
from tests.make import Maker, actor, luhn_siren

TODAY = date(2026, 11, 23)
SIRET = "73282932000074"


def rows(make: Maker, text: str | bytes) -> importing.ImportBatch:
    data = text.encode() if isinstance(text, str) else text
    by = actor(make.user("Denise Achats"))
    return importing.rehearse(
        data, name="export.csv", buyer_id=make.buyer().id, by=by, now=make.clock.at
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_table_is_read_in_any_usual_encoding(encoding: str) -> None:
    sheet = read_sheet("Raison sociale;SIRET\nSociété d’Œuvre;1\n".encode(encoding))
    assert sheet.headings == ("Raison sociale", "SIRET")
    assert sheet.rows == (("Société d’Œuvre", "1"),)


def test_a_spreadsheet_gives_the_same_rows_as_its_csv() -> None:
    book, buffer = Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(["nom", "siret"])
    book.active.append(["Dupont", 73282932000074])
    book.save(buffer)
    assert read_sheet(buffer.getvalue()).rows == (("Dupont", SIRET),)


@pytest.mark.parametrize("data", [b"", b"nom;siret\n", b"PK\x03\x04broken", b"%PDF-1.7\0\0"])
def test_what_is_not_a_table_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(DomainError) as caught:
        read_sheet(data)
    assert caught.value.field == "file"


def test_headings_of_common_exports_are_understood() -> None:
    headings = ["Code fournisseur", "Raison sociale", "N° SIRET", "Code postal", "Ville", "E-mail"]
    assert guess_mapping(headings) == {
        "supplier_reference": 0, "name": 1, "siret": 2, "postcode": 3, "city": 4,
        "contact_email": 5,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "word"),
    [
        (["Dupont", "7,32829E+13"], "spreadsheet"),
        (["", SIRET], "name is missing"),
        (["Dupont", "73282932000075"], "wrong digit"),
        (["Dupont", ""], "has a SIREN"),
    ],
)
def test_a_wrong_line_says_what_to_do(cells: list[str], word: str) -> None:
    (line,) = judge_rows([cells], {"name": 0, "siret": 1}, known={})
    assert line.outcome == "error"
    assert line.number == 2
    assert word in line.errors[0]


def test_the_same_supplier_twice_in_a_file_is_an_error_on_the_second_line() -> None:
    lines = judge_rows([["A", SIRET], ["B", SIRET]], {"name": 0, "siret": 1}, known={})
    assert [line.outcome for line in lines] == ["create", "error"]


def test_a_rehearsal_changes_nothing_and_the_import_does_what_it_said(make: Maker) -> None:
    batch = rows(make, f"nom;siret;email\nDupont;{SIRET};a@dupont.example\nDurand;12;b@x\n")
    with reading() as session:
        assert session.scalars(select(Supplier)).all() == []
    by = actor(make.user("Denise Achats"))
    importing.carry_out(batch.id, by=by, today=TODAY, now=make.clock.at)
    with reading() as session:
        supplier = session.scalars(select(Supplier)).one()
        assert (supplier.name, supplier.siren) == ("Dupont", SIRET[:9])
        assert session.scalars(select(Contact)).one().email == "a@dupont.example"
        assert session.scalars(select(Engagement)).one().buyer_id == batch.buyer_id
        assert "import.done" in session.scalars(select(Event.kind)).all()


def test_an_import_is_carried_out_once(make: Maker) -> None:
    batch = rows(make, f"nom;siret\nDupont;{SIRET}\n")
    by = actor(make.user("Denise Achats"))
    importing.carry_out(batch.id, by=by, today=TODAY, now=make.clock.at)
    with pytest.raises(ConflictError):
        importing.carry_out(batch.id, by=by, today=TODAY, now=make.clock.at)


def test_an_import_whose_ground_has_moved_is_rehearsed_again(make: Maker) -> None:
    batch = rows(make, f"nom;siret\nDupont;{SIRET}\n")
    make.supplier(siren=SIRET[:9])
    with pytest.raises(ConflictError):
        importing.carry_out(batch.id, by=actor(make.user("Denise")), today=TODAY, now=make.clock.at)


def test_a_known_supplier_is_filled_in_and_never_overwritten(make: Maker) -> None:
    known = make.supplier("Alpha", siren=luhn_siren(77), city=None)
    batch = rows(make, f"nom;siren;ville\nAutre Nom;{known.siren};Vannes\n")
    importing.carry_out(batch.id, by=actor(make.user("D")), today=TODAY, now=make.clock.at)
    with reading() as session:
        supplier = session.scalars(select(Supplier)).one()
        assert (supplier.name, supplier.city) == ("Alpha", "Vannes")


def test_a_reference_that_an_import_fills_in_leaves_its_event(make: Maker) -> None:
    buyer, supplier = make.buyer(), make.supplier("Dupont", siren="732829320")
    engagement = make.engagement(supplier, buyer)
    by, now = actor(make.user("Denise Achats")), make.clock.at
    batch = importing.rehearse(
        f"nom;siret;code fournisseur\nDupont;{SIRET};F0042\n".encode(), name="e.csv",
        buyer_id=buyer.id, by=by, now=now,
    )  # fmt: skip
    importing.carry_out(batch.id, by=by, today=TODAY, now=now)
    with reading() as session:
        assert session.get_one(Engagement, engagement.id).supplier_reference == "F0042"
        kinds = session.scalars(select(Event.kind).where(Event.subject_id == engagement.id)).all()
    assert list(kinds) == ["engagement.changed"]


@pytest.mark.parametrize("text", ["31/12/9999", "0001-01-01", "31/02/2026"])
def test_a_start_that_cannot_be_meant_is_an_error_of_its_line(text: str) -> None:
    (line,) = judge_rows(
        [["Dupont", SIRET, text]], {"name": 0, "siret": 1, "started_on": 2}, known={}
    )
    assert line.outcome == "error"


def test_what_hides_in_a_cell_is_left_out() -> None:
    (line,) = judge_rows([["Du\u202epont\0", SIRET]], {"name": 0, "siret": 1}, known={})
    assert line.name == "Dupont"
