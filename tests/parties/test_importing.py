"""Imports: what companies export is read, rehearsed line by line, then done all or nothing."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import delete, event, select
from sqlalchemy.orm import Session

from supplier.adapters.queue import Job
from supplier.kernel.audit import Event
from supplier.kernel.database import db, reading, transaction
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.parties import engaging, import_writing, importing
from supplier.parties.actions import SupplierDetails, create_supplier, engage
from supplier.parties.imports import guess_mapping, judge_rows
from supplier.parties.models import Buyer, Contact, Engagement, ImportBatch, Supplier
from supplier.parties.sheets import read_sheet
from tests.make import Maker, actor, luhn_siren

TODAY = date(2026, 11, 23)
SIRET = "73282932000074"


def rows(make: Maker, text: str | bytes, buyer: Buyer | None = None) -> ImportBatch:
    data = text.encode() if isinstance(text, str) else text
    by, buyer = actor(make.user("Denise Achats")), buyer or make.buyer()
    return importing.rehearse(data, name="export.csv", buyer_id=buyer.id, by=by, now=make.clock.at)


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


@pytest.mark.parametrize(
    ("cells", "written"),
    [
        (["Dupont", "7,32829E+13"], "7,32829E+13"),
        (["Dupont", "4.1E+13"], "4.1E+13"),
        (["Dupont", "73282932000074"], ""),
        (["Dupont", "73282932000075"], ""),
    ],
)
def test_a_shortened_number_is_named_as_it_stands_in_its_line(
    cells: list[str], written: str
) -> None:
    (line,) = judge_rows([cells], {"name": 0, "siret": 1}, known={})
    assert line.written == written
    assert ("%(written)s" in " ".join(line.errors)) is bool(written)


@pytest.mark.parametrize("cell", ["732829320", "732 829 320"])
def test_a_company_number_in_the_column_of_establishments_is_taken_as_one(cell: str) -> None:
    (line,) = judge_rows([["Dupont", cell]], {"name": 0, "siret": 1}, known={})
    assert (line.outcome, line.values["siren"]) == ("create", "732829320")
    assert "siret" not in line.values


def test_the_same_supplier_twice_in_a_file_is_an_error_on_the_second_line() -> None:
    lines = judge_rows([["A", SIRET], ["B", SIRET]], {"name": 0, "siret": 1}, known={})
    assert [line.outcome for line in lines] == ["create", "error"]


def test_a_line_is_no_duplicate_of_one_that_is_refused(make: Maker) -> None:
    wrong = [["", SIRET, ""], ["SOLEIL", SIRET, "no address"], ["SOLEIL", SIRET, "a@b.example"]]
    lines = judge_rows(wrong, {"name": 0, "siret": 1, "contact_email": 2}, known={})
    assert [line.outcome for line in lines] == ["error", "error", "create"]
    assert len(lines[1].errors) == 1


@pytest.mark.parametrize(
    ("cell", "country", "kept"),
    [
        ("612347122", "FR", "+33 6 12 34 71 22"),
        ("612347122.0", "", "+33 6 12 34 71 22"),
        ("6 12 34 71 22", "FR", "+33 6 12 34 71 22"),
        ("0612347122", "FR", "0612347122"),
        ("012347122", "FR", "012347122"),
        ("61234712", "FR", "61234712"),
        ("612347122", "ES", "612347122"),
    ],
)
def test_the_zero_that_a_spreadsheet_took_from_a_telephone_is_put_back_and_told(
    cell: str, country: str, kept: str
) -> None:
    (line,) = judge_rows(
        [["Dupont", SIRET, country, cell]],
        {"name": 0, "siret": 1, "country": 2, "contact_phone": 3},
        known={},
    )
    assert (line.values["contact_phone"], line.outcome) == (kept, "create")
    assert [("telephone" in note) for note in line.notes] == [True] * (cell != kept)


@pytest.mark.parametrize("column", ["siren", "siret"])
def test_the_zero_that_a_spreadsheet_took_from_a_siren_is_put_back_and_told(column: str) -> None:
    whole = "012345674"
    (line,) = judge_rows([["Dupont", whole[1:]]], {"name": 0, column: 1}, known={})
    assert (line.outcome, line.values["siren"]) == ("create", whole)
    assert "8 digits" in line.notes[0]


def test_a_siren_that_no_zero_makes_right_is_an_error() -> None:
    (line,) = judge_rows([["Dupont", "73282932"]], {"name": 0, "siren": 1}, known={})
    assert line.outcome == "error"
    assert "8 digits" in line.errors[0]


@pytest.mark.parametrize("cell", ["7,32829E+13", "7.3E+13", "7,328E+13"])
def test_a_shortened_siret_is_left_out_where_the_siren_is_whole(cell: str) -> None:
    columns = {"name": 0, "siren": 1, "siret": 2}
    (line,) = judge_rows([["Dupont", SIRET[:9], cell]], columns, known={})
    assert (line.outcome, line.values["siren"]) == ("create", SIRET[:9])
    assert "siret" not in line.values
    assert "left out" in line.notes[0]


@pytest.mark.parametrize(("siren", "cell"), [("732829320", "3,00003E+13"), ("", "7,32829E+13")])
def test_a_shortened_siret_without_its_own_siren_stays_an_error(siren: str, cell: str) -> None:
    columns = {"name": 0, "siren": 1, "siret": 2}
    (line,) = judge_rows([["Dupont", siren, cell]], columns, known={})
    assert (line.outcome, line.written) == ("error", cell)


@pytest.mark.parametrize(
    ("country", "cell", "kept"),
    [
        ("", "6000", "06000"),
        ("Allemagne", "1067", "01067"),
        ("Belgique", "1000", "1000"),
        ("", "06000", "06000"),
        ("", "600", "600"),
    ],
)
def test_the_zero_that_a_spreadsheet_took_from_a_postcode_is_put_back_and_told(
    country: str, cell: str, kept: str
) -> None:
    (line,) = judge_rows(
        [["SOLEIL", SIRET, country, cell]],
        {"name": 0, "siret": 1, "country": 2, "postcode": 3},
        known={},
    )
    assert line.values["postcode"] == kept
    assert [("postcode" in note) for note in line.notes] == [True] * (cell != kept)


def test_a_number_that_was_put_right_is_told() -> None:
    (line,) = judge_rows([["Dupont", "7.3282932000074E+13"]], {"name": 0, "siret": 1}, known={})
    assert (line.values["siret"], len(line.notes)) == (SIRET, 1)


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


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("EI", "natural_person"),
        ("E.I.R.L.", "natural_person"),
        ("EIRL", "natural_person"),
        ("Entrepreneur individuel (EI)", "natural_person"),
        ("Entreprise individuelle", "natural_person"),
        ("Micro-entrepreneur", "natural_person"),
        ("Auto-Entrepreneur", "natural_person"),
        ("Artisan en nom propre", "natural_person"),
        ("Profession libérale", "natural_person"),
        ("1000", "natural_person"),
        ("e.K.", "natural_person"),
        ("Einzelunternehmen", "natural_person"),
        ("EURL", "legal_entity"),
        ("SARL (artisan)", "legal_entity"),
        ("Entreprise unipersonnelle à responsabilité limitée", "legal_entity"),
        ("SASU", "legal_entity"),
        ("5710", "legal_entity"),
        ("Société en nom collectif", "legal_entity"),
        ("GmbH & Co. KG", "legal_entity"),
        ("", "legal_entity"),
    ],
)
def test_the_legal_form_says_whether_a_supplier_is_a_person(form: str, kind: str) -> None:
    (line,) = judge_rows(
        [["Dupont", SIRET, form]], {"name": 0, "siret": 1, "legal_form": 2}, known={}
    )
    assert line.values["kind"] == kind


def test_an_import_takes_a_sole_trader_with_register_and_employees(make: Maker) -> None:
    text = f"nom;siret;forme juridique;registre;effectif\nDupont;{SIRET};EI;RM 56;0\n"
    batch = rows(make, text)
    by = actor(make.user("Denise Achats"))
    importing.carry_out(batch.id, by=by, today=TODAY, now=make.clock.at)
    with reading() as session:
        one = session.scalars(select(Supplier)).one()
    assert (one.kind, one.register, one.has_employees) == ("natural_person", "rne_craft", False)


def test_a_legal_form_that_nobody_had_given_makes_a_known_supplier_a_person(make: Maker) -> None:
    known = make.supplier("Alpha", siren=luhn_siren(77), legal_form=None)
    told = make.supplier("Bêta", siren=luhn_siren(79), legal_form="SAS")
    text = f"nom;siren;forme juridique\nA;{known.siren};EI\nB;{told.siren};EI\n"
    batch = rows(make, text)
    importing.carry_out(batch.id, by=actor(make.user("D")), today=TODAY, now=make.clock.at)
    with reading() as session:
        kinds = {one.name: one.kind for one in session.scalars(select(Supplier))}
    assert kinds == {"Alpha": "natural_person", "Bêta": "legal_entity"}


@pytest.mark.parametrize(("column", "cell"), [("register", "lune"), ("has_employees", "parfois")])
def test_a_register_or_a_number_of_employees_that_says_nothing_is_an_error(
    column: str, cell: str
) -> None:
    (line,) = judge_rows([["Dupont", SIRET, cell]], {"name": 0, "siret": 1, column: 2}, known={})
    assert line.outcome == "error"


@pytest.mark.parametrize("mark", ["sep=;", "SEP=;\r", '"sep=;"', "sep=,"])
def test_the_line_that_tells_excel_the_delimiter_is_no_heading(mark: str) -> None:
    delimiter = "," if "," in mark else ";"
    text = f"{mark}\n" + delimiter.join(("nom", "siret")) + f"\nDupont{delimiter}{SIRET}\n"
    sheet = read_sheet(text.encode())
    assert (sheet.headings, sheet.rows) == (("nom", "siret"), (("Dupont", SIRET),))


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


def test_what_differs_from_a_known_supplier_is_told_line_by_line_and_kept(make: Maker) -> None:
    known = make.supplier(
        "Ancien Nom", siren=luhn_siren(77), legal_form="EI", kind="natural_person", city=None
    )
    buyer = make.buyer()
    make.engagement(known, buyer)
    text = f"nom;siren;forme juridique;ville\nBRENNER;{known.siren};SARL;Colmar\n"
    batch = rows(make, text, buyer)
    (line,) = batch.report
    assert (line["outcome"], line["filled"]) == ("update", ["city"])
    assert line["kept"] == [
        ["name", "Ancien Nom", "BRENNER"],
        ["legal_form", "EI", "SARL"],
        ["kind", "natural_person", "legal_entity"],
    ]
    importing.carry_out(batch.id, by=actor(make.user("D")), today=TODAY, now=make.clock.at)
    with reading() as session:
        one = session.scalars(select(Supplier)).one()
    assert (one.name, one.legal_form, one.kind, one.city) == (
        "Ancien Nom", "EI", "natural_person", "Colmar",
    )  # fmt: skip


def test_a_line_that_adds_nothing_says_so_and_leaves_no_trace(make: Maker) -> None:
    known = make.supplier("Alpha", siren=luhn_siren(77))
    buyer = make.buyer()
    make.engagement(known, buyer)
    batch = rows(make, f"nom;siren\nALPHA;{known.siren}\n", buyer)
    assert [(one["outcome"], one["kept"]) for one in batch.report] == [("same", [])]
    importing.carry_out(batch.id, by=actor(make.user("D")), today=TODAY, now=make.clock.at)
    with reading() as session:
        assert "supplier.changed" not in session.scalars(select(Event.kind)).all()


def test_a_contact_who_is_there_stays_as_they_are_and_the_rehearsal_says_it(make: Maker) -> None:
    known = make.supplier("Alpha", siren=luhn_siren(77))
    buyer = make.buyer()
    make.engagement(known, buyer)
    make.contact(known, name="Nadia", email="nadia@alpha.example", phone=None)
    head = "nom;siren;contact;e-mail;téléphone\n"
    batch = rows(
        make, f"{head}Alpha;{known.siren};Autre Nom;NADIA@alpha.example;0102030405\n", buyer
    )
    (line,) = batch.report
    assert (line["outcome"], line["kept"]) == (
        "same",
        [["contact_name", "Nadia", "Autre Nom"], ["contact_phone", "", "0102030405"]],
    )
    importing.carry_out(batch.id, by=actor(make.user("D")), today=TODAY, now=make.clock.at)
    with reading() as session:
        one = session.scalars(select(Contact)).one()
        assert (one.name, one.phone) == ("Nadia", None)


def test_the_same_supplier_by_its_other_number_is_an_error_on_the_second_line(make: Maker) -> None:
    known = make.supplier("Alpha", siren=luhn_siren(77), vat_number="DE136695976", city=None)
    text = f"nom;siren;tva;pays;ville\nA;{known.siren};;FR;Nice\nB;;DE136695976;DE;Vannes\n"
    assert [one["outcome"] for one in rows(make, text).report] == ["update", "error"]


def test_employees_that_an_import_fills_in_have_the_duties_worked_out_again(make: Maker) -> None:
    known = make.supplier("Alpha", siren=luhn_siren(77), has_employees=None)
    make.engagement(known, make.buyer())
    batch = rows(make, f"nom;siren;effectif\nAlpha;{known.siren};3\n")
    with transaction() as session:
        session.execute(delete(Job))
    importing.carry_out(batch.id, by=actor(make.user("D")), today=TODAY, now=make.clock.at)
    with reading() as session:
        assert "refresh_obligations" in session.scalars(select(Job.task)).all()


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


@pytest.fixture
def elsewhere(make: Maker) -> Supplier:
    """A supplier that works with another company of the group and with nobody else."""
    found = make.supplier("Charlie Secret", siren=luhn_siren(78), city=None, street=None)
    make.engagement(found, make.buyer("Armor Énergies"))
    return found


def taken_in(make: Maker, text: str, buyer: Buyer) -> ImportBatch:
    """The same file read and carried out by somebody who acts for one company."""
    by, now, sight = actor(make.user("Denise Achats")), make.clock.at, {buyer.id}
    batch = importing.rehearse(
        text.encode(), name="e.csv", buyer_id=buyer.id, by=by, now=now, within=sight
    )
    return importing.carry_out(batch.id, by=by, today=TODAY, now=now, within=sight)


def test_a_supplier_of_another_company_is_taken_in_without_touching_what_is_known_of_it(
    make: Maker, elsewhere: Supplier
) -> None:
    ours = make.buyer()
    text = f"nom;siren;ville;e-mail\nAutre Nom;{elsewhere.siren};Vannes;x@evil.example\n"
    batch = taken_in(make, text, ours)
    with reading() as session:
        kept = session.scalars(select(Supplier)).one()
        assert (kept.name, kept.city) == ("Charlie Secret", None)
        assert session.scalars(select(Contact)).all() == []
        assert {one.buyer_id for one in session.scalars(select(Engagement))} >= {ours.id}
        assert "supplier.changed" not in session.scalars(select(Event.kind)).all()
    # The rehearsal does not tell who is known elsewhere either.
    assert [line["outcome"] for line in batch.report] == ["create"]
    assert "Charlie" not in str(batch.report)


def test_a_second_line_for_the_same_supplier_changes_nothing_either(
    make: Maker, elsewhere: Supplier
) -> None:
    """The first line brings it into sight; what the import touches was decided before."""
    with transaction() as session:
        session.get_one(Supplier, elsewhere.id).vat_number = "DE136695976"
    text = (
        f"nom;siren;tva;pays;ville\nA;{elsewhere.siren};;FR;\nB;;DE136695976;DE;Vannes\n"
    )  # fmt: skip
    taken_in(make, text, make.buyer())
    with reading() as session:
        assert session.scalars(select(Supplier.city)).all() == [None]


def test_who_acts_for_one_company_fills_in_its_own_suppliers(make: Maker) -> None:
    ours, known = make.buyer(), make.supplier("Alpha", siren=luhn_siren(79), city=None)
    make.engagement(known, ours)
    batch = taken_in(make, f"nom;siren;ville\nAutre Nom;{known.siren};Vannes\n", ours)
    assert [line["outcome"] for line in batch.report] == ["update"]
    with reading() as session:
        assert session.get_one(Supplier, known.id).city == "Vannes"


def test_an_import_of_another_company_is_not_carried_out(make: Maker) -> None:
    batch = rows(make, f"nom;siret\nDupont;{SIRET}\n")
    by = actor(make.user("Denise"))
    with pytest.raises(NotFoundError):
        importing.carry_out(batch.id, by=by, today=TODAY, now=make.clock.at, within=set())


def test_a_supplier_typed_by_hand_is_engaged_and_left_as_it_is_when_it_is_out_of_sight(
    make: Maker, elsewhere: Supplier
) -> None:
    ours, by = make.buyer(), actor(make.user("Denise Achats"))
    typed = SupplierDetails(name="Autre Nom", siren=elsewhere.siren, city="Vannes")
    found = engaging.welcome(
        typed, buyer_id=ours.id, started_on=TODAY, by=by, now=make.clock.at, within={ours.id}
    )
    assert (found.id, found.name, found.city) == (elsewhere.id, "Charlie Secret", None)
    with reading() as session:
        assert ours.id in session.scalars(select(Engagement.buyer_id)).all()


@pytest.mark.parametrize("limited", [True, False])
def test_a_supplier_in_sight_is_to_be_opened_and_not_added_again(
    limited: bool, make: Maker
) -> None:
    ours, known = make.buyer(), make.supplier(siren=luhn_siren(80))
    make.engagement(known, ours)
    with pytest.raises(ConflictError):
        engaging.welcome(
            SupplierDetails(name="A", siren=known.siren), buyer_id=ours.id, started_on=TODAY,
            by=actor(make.user("Denise")), now=make.clock.at,
            within={ours.id} if limited else None,
        )  # fmt: skip


def test_a_line_that_fails_midway_leaves_nothing_half_imported(
    make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    sirens = [luhn_siren(number) for number in (11, 12, 13, 14)]
    lines = "".join(f"Société {siren};{siren};{siren}@ex.example\n" for siren in sirens)
    batch = rows(make, f"nom;siren;e-mail\n{lines}")
    by, written = actor(make.user("D")), import_writing.record_all
    there: list[int] = []

    def stop_after_the_rows(session: Session, *args: Any, **more: Any) -> None:
        written(session, *args, **more)
        there.append(len(session.scalars(select(Supplier)).all()))
        raise RuntimeError("the machine stops here")

    def left() -> list[int]:
        kinds = (Supplier, Contact, Engagement, Job, Event)
        with reading() as session:
            return [len(session.scalars(select(kind)).all()) for kind in kinds]

    before = left()
    with monkeypatch.context() as broken:
        broken.setattr(import_writing, "record_all", stop_after_the_rows)
        with pytest.raises(RuntimeError):
            importing.carry_out(batch.id, by=by, today=TODAY, now=make.clock.at)
    assert there == [4]
    assert left() == before
    assert importing.get_batch(batch.id).state == "rehearsed"
    importing.carry_out(batch.id, by=by, today=TODAY, now=make.clock.at)
    assert left()[:3] == [4, 4, 4]


def test_a_line_more_costs_no_statement_more(make: Maker) -> None:
    def statements(first: int, number: int) -> int:
        lines = "".join(
            f"Société {n};{luhn_siren(n)};{n}@ex.example\n" for n in range(first, first + number)
        )
        batch = rows(make, f"nom;siren;e-mail\n{lines}")
        said: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            said.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            importing.carry_out(batch.id, by=actor(make.user("D")), today=TODAY, now=make.clock.at)
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len(said)

    few, many = statements(100, 3), statements(200, 90)
    assert many <= few + 10


def test_what_changes_between_the_look_and_the_writing_is_judged_again(
    make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = rows(make, f"nom;siren\nAlpha;{luhn_siren(31)}\n")
    by, look = actor(make.user("D")), importing._look_ahead

    def somebody_is_faster(*args: Any) -> Any:
        seen = look(*args)
        details = SupplierDetails(name="Alpha", siren=luhn_siren(31))
        create_supplier(details, by=by, now=make.clock.at)
        return seen

    monkeypatch.setattr(importing, "_look_ahead", somebody_is_faster)
    with pytest.raises(ConflictError, match="rehearse the file again"):
        importing.carry_out(batch.id, by=by, today=TODAY, now=make.clock.at)


@pytest.mark.parametrize(
    "cell", ["1,23E+2000100", "1,23E+99999999", "1,23E+99999999999999999999", "1,23E-2000100"]
)
def test_an_exponent_that_no_number_has_is_an_error_of_its_line(cell: str) -> None:
    (line,) = judge_rows(
        [["La Poste", "356000000", cell]], {"name": 0, "siren": 1, "siret": 2}, known={}
    )
    assert line.outcome == "error"
    assert "spreadsheet" in line.errors[0] or "14 digits" in line.errors[0]


def test_a_relation_does_not_begin_again_on_the_day_on_which_an_ended_one_began(
    make: Maker,
) -> None:
    buyer, known = make.buyer(), make.supplier(siren=luhn_siren(40))
    begun = date(2019, 7, 25)
    make.engagement(known, buyer, started_on=begun, ended_on=date(2021, 8, 25))
    text = f"nom;siren;début\n{known.name};{known.siren};{{}}\n"
    (line,) = rows(make, text.format("25/07/2019"), buyer).report
    assert line["outcome"] == "error"
    assert "has ended" in line["errors"][0]
    batch = rows(make, text.format("26/07/2024"), buyer)
    by = actor(make.user("D"))
    importing.carry_out(batch.id, by=by, today=TODAY, now=make.clock.at)
    other = make.buyer("Autre")
    make.engagement(known, other, started_on=begun, ended_on=date(2021, 8, 25))
    with pytest.raises(DomainError) as refused:
        engage(known.id, other.id, started_on=begun, by=by, now=make.clock.at)
    assert refused.value.field == "started_on"
