"""Bank details on the desk: what waits, one account with its story, and the decisions of two."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, HiddenField
from wtforms.validators import InputRequired

from supplier.accounts.permissions import Permission
from supplier.adapters.files import store
from supplier.bank import actions, queries
from supplier.bank.account_files import AccountFile
from supplier.bank.approvals import Person
from supplier.bank.call_backs import RESULT_TEXTS, SOURCE_TEXTS, CallResult, NumberSource
from supplier.desk.bank_words import short_mask, sign_words, state_of, steps_of, what_is_missing
from supplier.desk.room import answer, form_page, in_sight, may
from supplier.kernel.errors import ConflictError
from supplier.kernel.i18n import N_
from supplier.parties import queries as parties
from supplier.web import context
from supplier.web.forms import Form, LineField, NoteField, RadioField, SelectField, required
from supplier.web.frame import find_url
from supplier.web.guard import requires
from supplier.web.navigation import Entry, register
from supplier.web.pages import done, page
from supplier.web.papers import as_picture, reason_words
from supplier.web.sessions import is_proof_fresh

blueprint = Blueprint("desk_bank", __name__, url_prefix="/desk/bank")
READ, APPROVE, SUBMIT = Permission.BANK_READ, Permission.BANK_APPROVE, Permission.BANK_SUBMIT
#: The paper shows the whole number, so it has fewer readers than the masked account.
PAPER = Permission.BANK_PAPER
#: A number that the caller looked up, instead of one on file.
OTHER = "other"

register(
    Entry(
        "desk_bank.index", N_("Bank accounts"), "bank", READ, group="control", order=10,
        count=lambda visitor: queries.waiting_count(visitor.buyers(READ)).scalar_subquery(),
        prefix="desk_bank.",
    )
)  # fmt: skip


class ApproveForm(Form):
    """Bound to the value that was on the page; the second approver types the IBAN."""

    seen_hash = HiddenField()
    retyped_iban = LineField(lazy_gettext("IBAN as printed on the paper"), limit=60)


class ReasonForm(Form):
    seen_hash = HiddenField()
    reason = NoteField(
        lazy_gettext("Reason"),
        [required(lazy_gettext("Say why, so that the supplier can put it right."))],
    )


class BlockForm(Form):
    reason = NoteField(
        lazy_gettext("What happened"),
        [required(lazy_gettext("Say what happened, in a few words."))],
    )


class CallForm(Form):
    """A call to a number on file, or to one that the caller found elsewhere."""

    seen_hash = HiddenField()
    contact = RadioField(
        lazy_gettext("Number that you called"), [required(lazy_gettext("Say which number."))]
    )
    number = LineField(lazy_gettext("The number that you found"), limit=40)
    #: Not sent for a number on file; the action knows which words it takes.
    source = SelectField(lazy_gettext("Where you found it"), validate_choice=False)
    result = RadioField(
        lazy_gettext("How the call ended"), [required(lazy_gettext("Say how the call ended."))]
    )
    comment = NoteField(lazy_gettext("Who answered, and what?"), limit=1000)

    def fill(self, file: AccountFile) -> None:
        """Offer the numbers known for long enough, and a number from elsewhere."""
        known = [(str(one.contact.id), one.contact.name) for one in file.numbers if one.may_call]
        self.contact.choices = [*known, (OTHER, gettext("Another number that I looked up"))]
        self.result.choices = [(one.value, gettext(RESULT_TEXTS[one])) for one in CallResult]
        self.source.choices = [
            (one.value, gettext(SOURCE_TEXTS[one]))
            for one in NumberSource
            if one is not NumberSource.CONTACT
        ]


class EntryForm(Form):
    """Bank details that staff enter for a supplier."""

    document = SelectField(lazy_gettext("Paper that they come from"))
    holder = LineField(
        lazy_gettext("Account holder"),
        [required(lazy_gettext("Enter the account holder as printed on the paper."))],
    )
    iban = LineField(
        lazy_gettext("IBAN"), [required(lazy_gettext("Write the IBAN of the account."))], limit=60
    )
    bic = LineField(lazy_gettext("BIC"), limit=20)
    buyer = SelectField(lazy_gettext("Who pays to this account"))
    confirmed = BooleanField(
        lazy_gettext("I hold the bank's own paper; I did not copy this from a mail"),
        [InputRequired(lazy_gettext("Tick the box, or ask the supplier to hand it in."))],
    )

    def fill(self, supplier_id: uuid.UUID) -> None:
        """Offer the supplier's papers, and the companies that the visitor acts for."""
        sight = in_sight(SUBMIT)
        papers = queries.list_papers(supplier_id)
        self.document.choices = [
            ("", gettext("No paper in Vigie")),
            *((str(one.id), one.original_name) for one in papers),
        ]  # fmt: skip
        everyone = [("", gettext("Every company of the group"))] if sight is None else []
        companies = queries.list_companies(supplier_id, buyers=sight)
        self.buyer.choices = [*everyone, *((str(one.id), one.name) for one in companies)]


@blueprint.get("/<uuid:account_id>")
@requires(READ)
def show(account_id: uuid.UUID) -> AnyResponse:
    return _show(_file(account_id))


def _file(account_id: uuid.UUID) -> AccountFile:
    return queries.get_file(account_id, buyers=in_sight(READ), now=context.now())


def _show(
    file: AccountFile,
    *,
    call: CallForm | None = None,
    approve: ApproveForm | None = None,
    status: int = 200,
) -> AnyResponse:
    """The page of an account; forms that came back keep what was typed."""
    seen = {"seen_hash": file.account.value_hash}
    if call is None:
        call = CallForm(formdata=None, data=seen)
        call.fill(file)
    approve = approve or _approve_form(seen)
    objection = file.objection_to(_myself(file)) if may(APPROVE) else None
    first = file.waits and may(APPROVE) and objection is None and not file.is_second
    return page(
        "desk/bank_account.html", file=file, account=file.account, supplier=file.supplier,
        state=state_of(file.account, now=context.now()), steps=steps_of(file, _cooling_off()),
        signs=sign_words(file.account, file.findings), missing=what_is_missing(file),
        call_form=call, approve_form=approve, objection=objection, may_approve=may(APPROVE),
        clear_iban=file.clear_iban() if first and file.is_intact else "",
        is_fresh=is_proof_fresh(), OTHER=OTHER, results=RESULT_TEXTS, sources=SOURCE_TEXTS,
        reason_words=reason_words, state_of=state_of, short_mask=short_mask, zone=_zone(file),
        pages=file.previews if may(PAPER) else (), status=status,
    )  # fmt: skip


def _approve_form(seen: dict[str, str]) -> ApproveForm:
    """An empty form, or with what was typed before a proof was asked, for the value seen then."""
    if request.method == "GET":
        return ApproveForm(data=seen)
    # Another form was sent: what stands in it is not this one's.
    return ApproveForm(formdata=None, data=seen)


def _myself(file: AccountFile) -> Person:
    """The visitor as a natural person, with whoever created their account."""
    user_id = context.visitor().user_id
    known = (one.person for one in file.validators if one.person.id == user_id)
    return next(known, Person(user_id))


def _zone(file: AccountFile) -> Any:
    """Where the IBAN stands on the paper: (page, box) of the reading, without its text."""
    found = queries.find_place(file.document)
    if found is None or found[0] not in {one.page for one in file.previews}:
        return None
    return found


def _cooling_off() -> timedelta:
    return timedelta(hours=context.settings().bank_cooling_off_hours)


@blueprint.get("/<uuid:account_id>/pages/<int(max=9999):number>.png")
@requires(PAPER)
def paper(account_id: uuid.UUID, number: int) -> AnyResponse:
    """A page of the bank details paper behind the account, and of no other paper."""
    found = queries.get_paper(account_id, buyers=in_sight(PAPER), page=number)
    return as_picture(store().get(found.shown_key))


@blueprint.post("/<uuid:account_id>/approve")
@requires(APPROVE, fresh=True)
def approve(account_id: uuid.UUID) -> AnyResponse:
    form, file = ApproveForm(), _file(account_id)

    def act() -> AnyResponse:
        account = actions.approve(
            account_id, seen_hash=form.seen_hash.data or "", by=context.actor(),
            now=context.now(), buyers=in_sight(APPROVE), cooling_off=_cooling_off(),
            retyped_iban=form.retyped_iban.data if "retyped_iban" in request.form else None,
        )  # fmt: skip
        words = gettext("Approved. A second person must approve before anything is paid to it.")
        if account.active_from is not None:
            words = gettext("Approved by two people. The safety delay begins now.")
        return done(words, url_for(".show", account_id=account_id))

    return _or_conflict(
        account_id, lambda: answer(form, act, lambda code: _show(file, approve=form, status=code))
    )


@blueprint.post("/<uuid:account_id>/call")
@requires(APPROVE)
def call_back(account_id: uuid.UUID) -> AnyResponse:
    form, file = CallForm(), _file(account_id)
    form.fill(file)

    def act() -> AnyResponse:
        other = form.contact.data == OTHER
        actions.record_call_back(
            account_id, contact_id=None if other else uuid.UUID(str(form.contact.data)),
            number=form.number.data if other else None,
            source=form.source.data if other else NumberSource.CONTACT,
            result=str(form.result.data), comment=form.comment.data, by=context.actor(),
            now=context.now(), buyers=in_sight(APPROVE), seen_hash=form.seen_hash.data or "",
        )  # fmt: skip
        return done(gettext("The call is recorded."), url_for(".show", account_id=account_id))

    return _or_conflict(
        account_id, lambda: answer(form, act, lambda code: _show(file, call=form, status=code))
    )


@blueprint.route("/<uuid:account_id>/refuse", methods=["GET", "POST"])
@requires(APPROVE, fresh=True)
def refuse(account_id: uuid.UUID) -> AnyResponse:
    file, form = _file(account_id), ReasonForm()
    if not form.is_submitted():
        form.seen_hash.data = request.args.get("seen", file.account.value_hash)[:64]
    here = url_for(".show", account_id=account_id)

    def act() -> AnyResponse:
        actions.refuse(
            account_id, reason=form.reason.data or "", by=context.actor(), now=context.now(),
            buyers=in_sight(APPROVE), seen_hash=form.seen_hash.data or "",
        )  # fmt: skip
        return done(gettext("Refused. The supplier is told why."), here)

    return _or_conflict(
        account_id,
        lambda: form_page(
            form, act, title=gettext("Refuse the account of %(name)s", name=file.supplier.name),
            words=gettext("The supplier reads this reason. The account in use stays in use."),
            button=gettext("Refuse"), danger=True, drawing="refused", back=here,
            crumb=file.supplier.name,
        ),
    )  # fmt: skip


@blueprint.route("/<uuid:account_id>/block", methods=["GET", "POST"])
@requires(APPROVE)
def block(account_id: uuid.UUID) -> AnyResponse:
    """Stopping never waits: no fresh proof, no second person, whatever the value seen."""
    file, form = _file(account_id), BlockForm()
    here = url_for(".show", account_id=account_id)

    def act() -> AnyResponse:
        actions.block(
            account_id, reason=form.reason.data or "", by=context.actor(), now=context.now(),
            buyers=in_sight(APPROVE),
        )  # fmt: skip
        return done(gettext("Blocked. Nothing is paid to it any more."), here)

    return _or_conflict(
        account_id,
        lambda: form_page(
            form, act, title=gettext("Block the account of %(name)s", name=file.supplier.name),
            words=gettext(
                "It stops at once and for good; to come back it is handed in again and approved "
                "by two people. What it was about to replace goes on serving."
            ),
            button=gettext("Block"), danger=True, drawing="pause", back=here,
            crumb=file.supplier.name,
        ),
    )  # fmt: skip


@blueprint.route("/new/<uuid:supplier_id>", methods=["GET", "POST"])
@requires(SUBMIT, fresh=True)
def enter(supplier_id: uuid.UUID) -> AnyResponse:
    """Staff enter what a supplier sent on paper: marked as such, and approved by two others."""
    supplier = parties.get_supplier(supplier_id, buyers=in_sight(SUBMIT))
    form = EntryForm()
    form.fill(supplier_id)
    back = _after_entry(supplier_id)

    def act() -> AnyResponse:
        actions.submit(
            supplier_id=supplier_id, iban=str(form.iban.data), holder=str(form.holder.data),
            bic=form.bic.data or None, buyer_id=_uuid(form.buyer.data), buyers=in_sight(SUBMIT),
            document_id=_uuid(form.document.data), by=context.actor(), now=context.now(),
        )  # fmt: skip
        return done(
            gettext("Entered. Everybody known at the supplier is told; two other people approve."),
            back,
        )

    return form_page(
        form, act, title=gettext("Enter bank details for %(name)s", name=supplier.name),
        words=gettext(
            "The supplier can do this in its own space, which is safer. Entered here, the account "
            "is marked “on behalf of the supplier” and you cannot approve it."
        ),
        button=gettext("Hand in for approval"), drawing="bank", back=back, crumb=supplier.name,
        helps={"iban": gettext("From the bank's paper, never from a mail or a telephone call.")},
    )  # fmt: skip


def _after_entry(supplier_id: uuid.UUID) -> str:
    """The supplier's page where it exists; whoever enters need not see bank accounts."""
    if find_url("desk_suppliers.index"):
        return url_for("desk_suppliers.show", supplier_id=supplier_id)
    return find_url("desk.week") or "/"


def _uuid(text: str | None) -> uuid.UUID | None:
    return uuid.UUID(text) if text else None


def _or_conflict(account_id: uuid.UUID, act: Callable[[], AnyResponse]) -> AnyResponse:
    """What `act` answers, or the page that says who was faster and what is so now."""
    try:
        return act()
    except ConflictError as error:
        file = _file(account_id)
        return page(
            "desk/bank_conflict.html", file=file, account=file.account, supplier=file.supplier,
            state=state_of(file.account, now=context.now()), message=gettext(error.message),
            status=error.status,
        )  # fmt: skip
