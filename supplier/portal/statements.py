"""Foreign workers: the statement signed on the page, or the list typed line by line."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from flask import request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, DateField, FieldList, FormField
from wtforms import Form as PlainForm
from wtforms.validators import InputRequired, Length, Optional

from supplier.documents import statements
from supplier.documents.intake import Receipt
from supplier.documents.kinds import DocumentKind
from supplier.documents.nationalities import nationalities, needs_permit
from supplier.documents.statements import Signature, Worker
from supplier.kernel.errors import DomainError
from supplier.portal.room import company, language, refresh, room
from supplier.portal.words import title_of
from supplier.web import context
from supplier.web.forms import Form, LineField, SelectField, required
from supplier.web.guard import for_supplier
from supplier.web.pages import done, page, refuse

blueprint = room("portal_statements", "/portal/foreign-workers")

#: Lines shown at first, and how many one press adds: enough without a script.
FIRST_LINES, MORE_LINES = 3, 5
#: The least that is a type of permit ("CST") and the number of one.
LEAST_LETTERS, LEAST_SIGNS = 3, 5


class SignatureForm(Form):
    """Who signs, as what, where."""

    name = LineField(
        lazy_gettext("Name and first name of the person who signs"),
        [required(lazy_gettext("Write your name."))],
        limit=120,
    )
    function = LineField(
        lazy_gettext("Function"),
        [required(lazy_gettext("Write your function, for example manager."))],
        limit=120,
    )
    place = LineField(
        lazy_gettext("Place"), [required(lazy_gettext("Write the town where you sign."))], limit=80
    )
    confirmed = BooleanField(
        lazy_gettext("I declare on my honour that this is true, and I sign"),
        [InputRequired(lazy_gettext("Tick the box to sign."))],
    )

    contrary = BooleanField(
        lazy_gettext("This replaces from today what is in force and says the contrary")
    )

    @property
    def signature(self) -> Signature:
        return Signature(
            str(self.name.data), str(self.function.data), str(self.place.data),
            bool(self.confirmed.data), bool(self.contrary.data),
        )  # fmt: skip


class WorkerForm(PlainForm):
    """One employee: the facts of D8254-2 and nothing else. An empty line is left out."""

    name = LineField(lazy_gettext("Name and first name"), limit=120)
    hired_on = DateField(lazy_gettext("Hired on"), [Optional()])
    nationality = SelectField(lazy_gettext("Nationality"))
    permit_type = LineField(lazy_gettext("Type of permit"), limit=120)
    permit_number = LineField(
        lazy_gettext("Permit number"), [Length(max=40)], render_kw={"autocomplete": "off"}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.nationality.choices = [
            ("", gettext("Choose")),
            *((code, name) for code, name in nationalities(language())),
        ]

    @property
    def is_blank(self) -> bool:
        return not any(str(field.data or "").strip() for field in self)

    def validate(self, extra_validators: Any = None) -> bool:
        """A line is empty or whole, and of somebody who needs a permit."""
        if self.is_blank:
            self.process()
            return True
        right = super().validate(extra_validators)
        for field in self:
            if not str(field.data or "").strip() and not field.errors:
                field.errors = [*field.errors, gettext("Fill in this field.")]
                right = False
        right = self._is_permit() and right
        code = str(self.nationality.data or "")
        if code and not needs_permit(code):
            words = gettext(
                "Nationals of this country need no permit: take this line off the list."
            )
            self.nationality.errors = [*self.nationality.errors, words]
            right = False
        return right

    def _is_permit(self) -> bool:
        """A type is a word, a number has figures: one letter says nothing to an inspector."""
        kind, number = str(self.permit_type.data or ""), str(self.permit_number.data or "")
        if kind and sum(letter.isalpha() for letter in kind) < LEAST_LETTERS:
            words = gettext("Write the type as it stands on the permit, for example “salarié”.")
            self.permit_type.errors = [*self.permit_type.errors, words]
        signs = sum(sign.isalnum() for sign in number)
        if number and (signs < LEAST_SIGNS or not any(sign.isdigit() for sign in number)):
            words = gettext("Write the whole number of the permit, as it stands on it.")
            self.permit_number.errors = [*self.permit_number.errors, words]
        return not (self.permit_type.errors or self.permit_number.errors)


class ListForm(SignatureForm):
    """The lines, then the signature."""

    workers = FieldList(
        FormField(WorkerForm), lazy_gettext("Workers"), max_entries=statements.MAX_WORKERS
    )

    def add_lines(self, count: int) -> None:
        """Empty lines at the end. Not `min_entries`: it would read the last lines twice."""
        for _ in range(min(count, statements.MAX_WORKERS - len(self.workers))):
            self.workers.append_entry()

    @property
    def rows(self) -> list[Worker]:
        return [
            Worker(
                str(row.form["name"].data), cast(date, row.form.hired_on.data),
                str(row.form.nationality.data), str(row.form.permit_type.data),
                str(row.form.permit_number.data),
            )
            for row in self.workers
            if not row.form.is_blank
        ]  # fmt: skip


@blueprint.get("/")
@for_supplier()
def choose() -> AnyResponse:
    return page("portal/foreign_workers.html", employs=company().employs_foreign_workers)


@blueprint.get("/none")
@for_supplier()
def none() -> AnyResponse:
    form = SignatureForm(data={"name": context.visitor().name, "place": company().city or ""})
    return _statement(form)


@blueprint.post("/none")
@for_supplier()
def sign_none() -> AnyResponse:
    form = SignatureForm()
    if not _is_right(form, DocumentKind.FOREIGN_WORKERS_NONE):
        return _statement(form, status=422)
    said = company().employs_foreign_workers
    try:
        receipt = statements.sign_none(
            context.supplier_id(), signature=form.signature, by=context.actor(),
            now=context.now(), today=context.today(), language=language(),
        )  # fmt: skip
    except DomainError as error:
        refuse(form, error)
        return _statement(form, status=error.status)
    return _signed(receipt, corrected=said is not False)


def _statement(form: SignatureForm, *, status: int = 200) -> AnyResponse:
    contrary = _contrary(DocumentKind.FOREIGN_WORKERS_NONE)
    return page("portal/statement.html", form=form, contrary=contrary, status=status)


@blueprint.get("/list")
@for_supplier()
def typed() -> AnyResponse:
    form = ListForm(data={"name": context.visitor().name, "place": company().city or ""})
    return _list(form)


@blueprint.post("/list")
@for_supplier()
def sign_list() -> AnyResponse:
    form = ListForm()
    if "more" in request.form:
        form.add_lines(MORE_LINES)
        return _list(form)
    if not _is_right(form, DocumentKind.FOREIGN_WORKERS_LIST):
        return _list(form, status=422)
    said = company().employs_foreign_workers
    try:
        receipt = statements.sign_list(
            context.supplier_id(), workers=form.rows, signature=form.signature,
            by=context.actor(), now=context.now(), today=context.today(), language=language(),
        )  # fmt: skip
    except DomainError as error:
        _place(form, error)
        return _list(form, status=error.status)
    return _signed(receipt, corrected=said is not True)


def _place(form: ListForm, error: DomainError) -> None:
    """Show a refusal at the line that it names, counting only the lines that were filled in."""
    parts = (error.field or "").split("-")
    filled = [row for row in form.workers if not row.form.is_blank]
    if len(parts) == 3 and parts[1].isdigit() and int(parts[1]) < len(filled):
        field = filled[int(parts[1])].form[parts[2]]
        field.errors = [*field.errors, gettext(error.message)]
        return
    refuse(form, DomainError(error.message))


def _list(form: ListForm, *, status: int = 200) -> AnyResponse:
    form.add_lines(max(0, FIRST_LINES - len(form.workers)))
    contrary = _contrary(DocumentKind.FOREIGN_WORKERS_LIST)
    return page("portal/typed_list.html", form=form, contrary=contrary, status=status)


def _is_right(form: SignatureForm, kind: DocumentKind) -> bool:
    """Whether the form can be signed; where it cannot, the second box is asked for at once too."""
    if form.validate_on_submit():
        return True
    if not form.contrary.data and _contrary(kind):
        form.contrary.errors = [*form.contrary.errors, gettext(statements.SAYS_CONTRARY)]
    return False


def _contrary(kind: DocumentKind) -> dict[str, Any] | None:
    """The statement that this one would replace, as the page names it."""
    found = statements.find_contrary(context.supplier_id(), kind, today=context.today())
    return {"title": title_of(found), "issued_on": found.issued_on} if found else None


def _signed(receipt: Receipt, *, corrected: bool) -> AnyResponse:
    url = url_for("portal_papers.show", document_id=receipt.document_id)
    if receipt.again:
        return done(gettext("You had already signed this today: here it is."), url)
    refresh(context.supplier_id())
    words = gettext("Signed and handed in. The signed PDF is kept with your papers.")
    if corrected:
        words += " " + gettext("Your company page now says the same.")
    return done(words, url)
