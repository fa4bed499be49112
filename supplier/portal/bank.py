"""Bank details: drop the paper, confirm what was read; typing is possible and never asked."""

from __future__ import annotations

import uuid
from difflib import SequenceMatcher

from flask import url_for
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup, escape
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, Field, HiddenField
from wtforms.validators import InputRequired, ValidationError

from supplier.bank import actions
from supplier.bank import queries as accounts
from supplier.bank.models import BankAccount
from supplier.documents import queries
from supplier.documents.kinds import DocumentKind
from supplier.documents.queries import PaperFile
from supplier.documents.states import State
from supplier.kernel.errors import DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.kernel.identifiers import Bic, Iban, Identifier
from supplier.portal.room import refresh, room
from supplier.vigilance import queries as vigilance
from supplier.web import context
from supplier.web.forms import Form, LineField, NoteField, SelectField, required
from supplier.web.guard import for_supplier
from supplier.web.pages import done, page, refuse

blueprint = room("portal_bank", "/portal/bank")

#: What the supplier sees of an account's way; the people who approve stay unnamed.
STATE_WORDS = {
    "submitted": N_("Being verified by a first person"),
    "approved_once": N_("Being verified by a second person"),
    "approved_twice": N_("In service"),
    "refused": N_("Refused"),
    "withdrawn": N_("Withdrawn"),
    "blocked": N_("Blocked: call your contact"),
    "replaced": N_("Replaced"),
}


class BlockForm(Form):
    """Why an account must stop; a few words are enough."""

    reason = NoteField(
        lazy_gettext("What happened"),
        [required(lazy_gettext("Say what happened, in a few words."))],
        limit=1000,
    )


class AccountForm(Form):
    """What was read, for the supplier to confirm, or what they type."""

    holder = LineField(
        lazy_gettext("Account holder"),
        [required(lazy_gettext("Write the account holder as on the paper."))],
        limit=200,
    )
    iban = LineField(
        lazy_gettext("IBAN"), [required(lazy_gettext("Write the IBAN of the account."))], limit=60
    )
    bic = LineField(lazy_gettext("BIC"), limit=20)
    buyer = SelectField(lazy_gettext("Who pays to this account"))
    confirmed = BooleanField(
        lazy_gettext("This account is ours and I may change it"),
        [InputRequired(lazy_gettext("Tick the box to confirm the account."))],
    )
    #: The number that was set beside the paper's, digit by digit, before it is handed in.
    compared = HiddenField()

    def validate_iban(self, field: Field) -> None:
        """Said at the field before anything else is asked."""
        _check_number(Iban, field)

    def validate_bic(self, field: Field) -> None:
        if field.data:
            _check_number(Bic, field)

    @property
    def buyer_id(self) -> uuid.UUID | None:
        return uuid.UUID(str(self.buyer.data)) if self.buyer.data else None


def _check_number(kind: type[Identifier], field: Field) -> None:
    try:
        kind.parse(str(field.data))
    except DomainError as error:
        raise ValidationError(gettext(error.message)) from error


@blueprint.get("/")
@for_supplier()
def show() -> AnyResponse:
    """The account in use, those on their way, and where to drop a new paper."""
    found = accounts.list_of_supplier(context.supplier_id())
    return page(
        "portal/bank.html",
        accounts=[_shown(account) for account in found],
        unconfirmed=accounts.find_unconfirmed(context.supplier_id(), found),
        max_bytes=context.settings().upload_max_bytes,
    )


def _shown(account: BankAccount) -> dict[str, object]:
    word, state = STATE_WORDS.get(account.state, account.state), account.state
    waits = account.active_from is not None and account.active_from > context.now()
    if state == "approved_twice" and waits:
        word, state = N_("Verified; in service after the safety delay"), "cooling_off"
    return {
        "account": account,
        "state": "active" if state == "approved_twice" else state,
        "chip": gettext(word),
        "withdrawable": account.state in {"submitted", "approved_once"},
        "blockable": account.state in {"submitted", "approved_once", "approved_twice"}
        or (account.replaced_at is not None and account.replaced_at > context.now()),
    }


@blueprint.get("/paper/<uuid:document_id>")
@for_supplier(fresh=True)
def confirm(document_id: uuid.UUID) -> AnyResponse:
    """What was read on the paper, beside it: the supplier confirms or corrects."""
    file = _paper(document_id)
    found = file.kept.reading if file.kept else None
    read = {name: found.text(name) if found else None for name in ("holder", "iban", "bic")}
    return _page(_form(data={name: _in_groups(text or "") for name, text in read.items()}), file)


def _in_groups(text: str) -> str:
    """An account number in groups of four, as on the paper; anything else as it is."""
    iban = Iban.try_parse(text)
    return iban.spaced if iban else text


@blueprint.post("/paper/<uuid:document_id>")
@for_supplier(fresh=True)
def submit_read(document_id: uuid.UUID) -> AnyResponse:
    return _submit(_paper(document_id))


@blueprint.get("/type")
@for_supplier(fresh=True)
def typing() -> AnyResponse:
    return _page(_form(), None)


@blueprint.post("/type")
@for_supplier(fresh=True)
def submit_typed() -> AnyResponse:
    return _submit(None)


@blueprint.post("/<uuid:account_id>/withdraw")
@for_supplier(fresh=True)
def withdraw(account_id: uuid.UUID) -> AnyResponse:
    actions.withdraw(
        account_id, supplier_id=context.supplier_id(), by=context.actor(), now=context.now()
    )
    refresh(context.supplier_id())
    return done(gettext("These bank details are withdrawn."), url_for(".show"))


@blueprint.route("/<uuid:account_id>/block", methods=["GET", "POST"])
@for_supplier()
def block(account_id: uuid.UUID) -> AnyResponse:
    """Anybody of the supplier stops an account at once: no fresh proof, nothing to wait for."""
    account = _own_account(account_id)
    form = BlockForm()
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        return page("portal/bank_block.html", form=form, account=account, status=status)
    actions.block(
        account_id, reason=str(form.reason.data), supplier_id=context.supplier_id(),
        by=context.actor(), now=context.now(),
    )  # fmt: skip
    refresh(context.supplier_id())
    return done(gettext("Blocked. Nothing is paid to it any more."), url_for(".show"))


def _own_account(account_id: uuid.UUID) -> BankAccount:
    """One of the supplier's own accounts. Raises NotFoundError."""
    own = accounts.list_of_supplier(context.supplier_id())
    found = next((one for one in own if one.id == account_id), None)
    if found is None:
        raise NotFoundError(N_("These bank details do not exist."))
    return found


def _paper(document_id: uuid.UUID) -> PaperFile:
    """The supplier's own bank details paper. Raises NotFoundError for anything else."""
    file = queries.get_own_file(document_id, context.supplier_id())
    shown = {State.ACCEPTED, State.IN_REVIEW}
    if file.document.kind != DocumentKind.BANK_DETAILS or file.document.state not in shown:
        raise NotFoundError(N_("This page does not exist."))
    return file


def _form(data: dict[str, str] | None = None) -> AccountForm:
    form = AccountForm(data=data) if data else AccountForm()
    buyers = {
        one.buyer.id: one.buyer.name
        for one in vigilance.portal_needs(context.supplier_id(), today=context.today())
    }
    every = ("", gettext("All the companies of the group that work with us"))
    form.buyer.choices = [every, *((str(key), name) for key, name in buyers.items())]
    return form


def _submit(file: PaperFile | None) -> AnyResponse:
    form = _form()
    if not form.validate_on_submit():
        return _page(form, file, status=422)
    typed = Iban.parse(str(form.iban.data)).value
    if file is not None and _differs(file, typed) and form.compared.data != typed:
        form.compared.data = typed
        form.iban.errors = [
            gettext("This is not the number read on the paper: compare the marked digits. If the "
                    "paper says what you typed, confirm once more.")
        ]  # fmt: skip
        return _page(form, file, status=422)
    try:
        actions.submit(
            supplier_id=context.supplier_id(),
            buyer_id=form.buyer_id,
            iban=str(form.iban.data),
            bic=form.bic.data or None,
            holder=str(form.holder.data),
            document_id=file.document.id if file else None,
            by=context.actor(),
            now=context.now(),
        )
    except DomainError as error:
        refuse(form, error)
        return _page(form, file, status=error.status)
    refresh(context.supplier_id())
    return done(
        gettext("Handed in. Two people verify the account and call a number they already know."),
        url_for(".show"),
    )


def _differs(file: PaperFile, typed: str) -> bool:
    printed = file.kept.printed("iban") if file.kept else ()
    return bool(printed) and typed not in map(_compact, printed)


def _compact(text: str) -> str:
    return "".join(filter(str.isalnum, text)).upper()


def _page(form: AccountForm, file: PaperFile | None, *, status: int = 200) -> AnyResponse:
    found = file.kept.reading if file and file.kept else None
    iban = found.find("iban") if found else None
    pages = {one.page: one for one in file.previews} if file else {}
    shown = pages.get(iban.page if iban else 1) or next(iter(pages.values()), None)
    beside: tuple[Markup, ...] = ()
    if file is not None and form.is_submitted() and _differs(file, _compact(form.iban.data or "")):
        printed = file.kept.printed("iban")[0] if file.kept else ""
        beside = marked(_compact(printed), _compact(form.iban.data or ""))
    return page(
        "portal/bank_confirm.html", form=form, file=file, shown=shown, beside=beside,
        line=iban.box if iban and shown and iban.page == shown.page else None, status=status,
    )  # fmt: skip


def marked(read: str, typed: str) -> tuple[Markup, ...]:
    """Two numbers in groups of four, with what differs marked in each."""
    steps = SequenceMatcher(None, read, typed, autojunk=False).get_opcodes()
    if len(read) == len(typed):
        steps = [
            ("equal" if one == other else "replace", at, at + 1, at, at + 1)
            for at, (one, other) in enumerate(zip(read, typed, strict=True))
        ]
    other_than = [step for step in steps if step[0] != "equal"]
    ours = {at for _, start, end, _, _ in other_than for at in range(start, end)}
    theirs = {at for _, _, _, start, end in other_than for at in range(start, end)}
    return _with_marks(read, ours), _with_marks(typed, theirs)


def _with_marks(text: str, places: set[int]) -> Markup:
    out = Markup()
    for at, letter in enumerate(text):
        out += " " if at and at % 4 == 0 else ""
        out += Markup("<mark>%s</mark>") % letter if at in places else escape(letter)
    return out
