"""Statements on foreign workers made on the page: signed, printed as a PDF and kept as papers."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from supplier.adapters.files import store
from supplier.adapters.intake import MediaType
from supplier.documents import apart, previews
from supplier.documents.intake import Receipt, ask_to_refresh, note_submission
from supplier.documents.kept_reading import KeptReading, find_kept, mask_permit, write_down
from supplier.documents.kinds import DocumentKind
from supplier.documents.models import Decision, Document
from supplier.documents.nationalities import country_name, needs_permit
from supplier.documents.printing import print_list, print_none
from supplier.documents.reading.result import FieldValue, Reading, Value, Verdict
from supplier.documents.states import Origin, Outcome, State
from supplier.documents.superseding import OPPOSITES, supersede_refused
from supplier.kernel.audit import SYSTEM, Actor, record
from supplier.kernel.clock import legal_day
from supplier.kernel.database import new_id, reading, take_turn, transaction
from supplier.kernel.errors import DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.kernel.pages import Source
from supplier.parties.answers import follow_statement
from supplier.parties.models import Supplier

#: A statement that we printed ourselves is accepted by this rule (D8254-2, D8254-4).
STATEMENT_RULE = "statement-2026-11"
SAYS_CONTRARY = N_("What is in force says the contrary: tick the box if this is what you mean.")
MAX_WORKERS = 200
#: How the signed file is called: the paper is a French one.
FILE_NAMES = {
    DocumentKind.FOREIGN_WORKERS_NONE: "attestation-non-emploi-salaries-etrangers",
    DocumentKind.FOREIGN_WORKERS_LIST: "liste-salaries-etrangers",
}


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs, as what, where. `confirmed` is the box that they ticked themselves.

    `contrary` is the second one: this says the contrary of what is in force, and is meant.
    """

    name: str
    function: str
    place: str
    confirmed: bool
    contrary: bool = False


@dataclass(frozen=True, slots=True)
class Worker:
    """What D8254-2 asks for about one employee, and nothing else. `nationality` is an ISO code."""

    name: str
    hired_on: date
    nationality: str
    permit_type: str
    permit_number: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A statement about to be printed: for whom, signed by whom, when."""

    company: str
    siren: str | None
    vat_number: str | None
    address: str
    signature: Signature
    signed_on: date
    signed_at: datetime
    account: str


def sign_none(
    supplier_id: uuid.UUID,
    *,
    signature: Signature,
    by: Actor,
    now: datetime,
    today: date,
    language: str = "fr",
) -> Receipt:
    """State that no employee is subject to a work permit; gives the receipt of the paper.

    The French text is the one that counts; another `language` stands below it. The same text
    signed again on the same day is the same paper. Raises NotFoundError, DomainError without the
    explicit confirmation, or without the second one where a list in force says the contrary. The
    company's answer follows what it signs.
    """
    supplier = _check(supplier_id, signature)
    signed = _signed(supplier, signature, by=by, now=now, today=today)
    data = print_none(signed, language=language)
    fields = _common(signed)
    return _keep(
        supplier,
        DocumentKind.FOREIGN_WORKERS_NONE,
        data,
        data,
        fields,
        contrary=signature.contrary,
        by=by,
        now=now,
    )


def sign_list(
    supplier_id: uuid.UUID,
    *,
    workers: Sequence[Worker],
    signature: Signature,
    by: Actor,
    now: datetime,
    today: date,
    language: str = "fr",
) -> Receipt:
    """Hand in the list of employees subject to a work permit; gives the receipt of the paper.

    Permit numbers stand in the sealed file and the sealed reading only. Raises as `sign_none`,
    and DomainError for an empty list or an employee who needs no permit.
    """
    supplier = _check(supplier_id, signature)
    check_workers(workers, today=today)
    signed = _signed(supplier, signature, by=by, now=now, today=today)
    data = print_list(signed, workers, language=language)
    # What people look at shows the ends of the permit numbers only.
    shown = [replace(worker, permit_number=mask_permit(worker.permit_number)) for worker in workers]
    looks = print_list(signed, shown, language=language)
    rows = tuple(Value(_row(worker), 1, None, Source.FORM) for worker in workers)
    fields: dict[str, FieldValue] = {**_common(signed), "workers": rows}
    return _keep(
        supplier,
        DocumentKind.FOREIGN_WORKERS_LIST,
        data,
        looks,
        fields,
        contrary=signature.contrary,
        by=by,
        now=now,
    )


def check_workers(workers: Sequence[Worker], *, today: date) -> None:
    """The list holds whom it must and nobody else (L5221-2: European nationals need no permit).

    Raises DomainError whose field is `workers-N-name` of the form's N-th line (from 0).
    """
    if not workers:
        raise DomainError(N_("Fill in at least one line, or sign the statement."), field="workers")
    if len(workers) > MAX_WORKERS:
        raise DomainError(N_("Hand in longer lists as a file."), field="workers")
    for number, worker in enumerate(workers):
        if not needs_permit(worker.nationality):
            raise DomainError(
                N_("Nationals of this country need no permit: take this line off the list."),
                field=f"workers-{number}-nationality",
            )
        if worker.hired_on > today:
            raise DomainError(
                N_("This date is in the future: give the day on which the work began."),
                field=f"workers-{number}-hired_on",
            )


def _check(supplier_id: uuid.UUID, signature: Signature) -> Supplier:
    if not signature.confirmed:
        raise DomainError(N_("Tick the box to sign the statement."), field="confirmed")
    with reading() as session:
        supplier = session.get(Supplier, supplier_id)
    if supplier is None:
        raise NotFoundError(N_("This supplier does not exist."))
    return supplier


def _signed(
    supplier: Supplier, signature: Signature, *, by: Actor, now: datetime, today: date
) -> Signed:
    address = ", ".join(
        part
        for part in (supplier.street, f"{supplier.postcode or ''} {supplier.city or ''}".strip())
        if part
    )
    return Signed(
        company=supplier.name, siren=supplier.siren, vat_number=supplier.vat_number,
        address=address, signature=signature, signed_on=today, signed_at=now, account=by.name,
    )  # fmt: skip


def _common(signed: Signed) -> dict[str, FieldValue]:
    values = {
        "siren": signed.siren,
        "company_name": signed.company,
        "signed_on": signed.signed_on.isoformat(),
        "signatory": signed.signature.name,
        "function": signed.signature.function,
        "place": signed.signature.place,
    }
    return {name: Value(text, 1, None, Source.FORM) for name, text in values.items() if text}


def find_contrary(supplier_id: uuid.UUID, kind: DocumentKind, *, today: date) -> Document | None:
    """The statement in force that one of this kind, signed today, would contradict."""
    with reading() as session:
        return session.scalars(
            select(Document)
            .where(
                Document.supplier_id == supplier_id,
                Document.kind == OPPOSITES[kind].value,
                Document.state == State.ACCEPTED,
                Document.superseded_by_id.is_(None),
                or_(Document.valid_until.is_(None), Document.valid_until >= today),
            )
            .order_by(Document.issued_on.desc(), Document.id)
            .limit(1)
        ).first()


def _find_same(session: Session, new: Document, found: Reading) -> Document | None:
    """The paper in force that the same person signed on the same day with the same words."""
    rows = session.scalars(
        select(Document).where(
            Document.supplier_id == new.supplier_id,
            Document.kind == new.kind,
            Document.origin == Origin.STATEMENT,
            Document.state == State.ACCEPTED,
            Document.superseded_by_id.is_(None),
            Document.issued_on == new.issued_on,
            Document.received_by_id == new.received_by_id,
        )
    )
    return next((row for row in rows if _said_in(row) == found.fields), None)


def _said_in(document: Document) -> Mapping[str, FieldValue]:
    kept = find_kept(document)
    return kept.reading.fields if kept else {}


def _row(worker: Worker) -> dict[str, str]:
    return {
        "name": worker.name,
        "hired_on": worker.hired_on.isoformat(),
        "nationality": country_name(worker.nationality),
        "permit_type": worker.permit_type,
        "permit_number": worker.permit_number,
    }


def _keep(
    supplier: Supplier,
    kind: DocumentKind,
    data: bytes,
    looks: bytes,
    fields: dict[str, FieldValue],
    *,
    contrary: bool,
    by: Actor,
    now: datetime,
) -> Receipt:
    key = store().put(data)
    pictures = previews.keep(_draw(looks))
    document = _row_of(supplier, kind, data, key, by=by, now=now)
    found = Reading(kind=kind, fields=fields, verdict=Verdict.ACCEPT, reasons=(), pages=1)
    write_down(document, KeptReading(found))
    with transaction() as session:
        # One by one: what was signed a moment ago decides what this one says.
        take_turn(session, f"statement.{supplier.id}")
        same = _find_same(session, document, found)
        if same is None:
            _check_contrary(supplier.id, kind, contrary, today=legal_day(now))
            session.add(document)
            session.flush()
            previews.write_down(session, document.id, pictures)
            note_submission(session, document, by=by, now=now)
            _accept_by_rule(session, document, now=now)
            employs = kind is DocumentKind.FOREIGN_WORKERS_LIST
            follow_statement(session, supplier.id, employs=employs, by=by, now=now)
            ask_to_refresh(session, supplier.id, now=now)
    if same is not None:
        # The files of this second copy have no row: `retention.orphans` removes them.
        return _receipt(same, again=True)
    return _receipt(document)


def _check_contrary(
    supplier_id: uuid.UUID, kind: DocumentKind, contrary: bool, *, today: date
) -> None:
    if not contrary and find_contrary(supplier_id, kind, today=today) is not None:
        raise DomainError(SAYS_CONTRARY, field="contrary")


def _receipt(document: Document, *, again: bool = False) -> Receipt:
    return Receipt(
        document.id, document.original_name, document.sha256, document.size, document.received_at,
        again=again,
    )  # fmt: skip


def _draw(data: bytes) -> list[previews.Picture]:
    """The pages of what we printed; without them the paper stands, and its file opens."""
    painter = apart.start(previews.draw, data, MediaType.PDF.value, previews.MAX_PIXELS)
    return apart.find_answer(painter) or []


def _row_of(
    supplier: Supplier, kind: DocumentKind, data: bytes, key: str, *, by: Actor, now: datetime
) -> Document:
    return Document(
        id=new_id(), supplier_id=supplier.id, state=State.ACCEPTED.value,
        kind=kind.value, expected_kind=kind.value, origin=Origin.STATEMENT.value,
        original_name=f"{FILE_NAMES[kind]}-{legal_day(now)}.pdf",
        media_type=MediaType.PDF.value, size=len(data),
        sha256=hashlib.sha256(data).hexdigest(), file_key=key, received_at=now, read_at=now,
        received_by_kind=by.kind.value, received_by_id=by.id, reasons=[], verdict="accept",
        authenticity="unchecked",
    )  # fmt: skip


def _accept_by_rule(session: Session, document: Document, *, now: datetime) -> None:
    """What was typed and signed here is complete by construction: the rule accepts it."""
    session.add(
        Decision(
            id=new_id(), document_id=document.id, supplier_id=document.supplier_id,
            outcome=Outcome.ACCEPT.value, reasons=[], by_machine=True, by_name=SYSTEM.name,
            at=now, rules_version=STATEMENT_RULE,
        )
    )  # fmt: skip
    record(
        session, "document.accepted", subject=document, by=SYSTEM, at=now,
        to_state=State.ACCEPTED, reason=STATEMENT_RULE,
    )  # fmt: skip
    supersede_refused(session, document, by=SYSTEM, now=now)
