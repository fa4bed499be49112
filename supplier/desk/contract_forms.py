"""The forms of contracts, amendments, orders and invoices, and what they say."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from flask import url_for
from flask_babel import gettext, lazy_gettext, ngettext
from wtforms import HiddenField
from wtforms.validators import InputRequired, Optional, Regexp

from supplier.accounts.permissions import Permission
from supplier.adapters.intake import FileLimits, RefusedFileError
from supplier.contracts.details import (
    MOST_RENEWAL_MONTHS,
    AmendmentDetails,
    ContractDetails,
    InvoiceDetails,
    OrderDetails,
)
from supplier.contracts.files import Upload
from supplier.contracts.models import Contract
from supplier.contracts.queries import Relation
from supplier.contracts.terms import ContractEnd, Renewal
from supplier.desk.fields import AmountField, DayField, UploadField
from supplier.desk.room import may
from supplier.kernel.clock import add_months
from supplier.kernel.errors import DomainError
from supplier.vigilance.conclusions import Verdict
from supplier.vigilance.crossings import Crossing
from supplier.vigilance.duties import TRIGGER_TEXTS
from supplier.web import context
from supplier.web.filters import show_date, show_money, show_number, show_text
from supplier.web.forms import (
    Form,
    LineField,
    NoteField,
    NumberField,
    RadioField,
    SelectField,
    required,
)

#: Why an amount is asked without tax, said at each amount.
WITHOUT_TAX = lazy_gettext("The law counts without tax: 5 000 € here are 6 000 € with tax at 20 %.")
KINDS = {
    "single": lazy_gettext("Contract with an amount"),
    "framework": lazy_gettext("Framework contract, without an amount of its own"),
}


def _day(message: str | None = None) -> InputRequired:
    return InputRequired(message or lazy_gettext("Give the date."))


class _Currency(LineField):
    def __init__(self, label: object = None, **kwargs: object) -> None:
        checks = [Optional(), Regexp(r"^[A-Za-z]{3}$", message=lazy_gettext("Three letters: EUR."))]
        super().__init__(label, checks, limit=3, default="EUR", **kwargs)
        self.flags.required = True

    @property
    def code(self) -> str:
        return str(self.data or "EUR").upper()


class ContractForm(Form):
    reference = LineField(
        lazy_gettext("Reference"), [required(lazy_gettext("Give the reference."))], limit=40
    )
    title = LineField(
        lazy_gettext("Subject"),
        [required(lazy_gettext("Say what the contract is about."))],
        description=lazy_gettext("The building site, the service: suppliers read it too."),
    )
    kind = RadioField(
        lazy_gettext("Kind"),
        choices=list(KINDS.items()),
        default="single",
    )
    amount = AmountField(lazy_gettext("Amount without tax"), description=WITHOUT_TAX)
    currency = _Currency(lazy_gettext("Currency"))
    signed_on = DayField(
        lazy_gettext("Day of the signature"),
        [_day()],
        description=lazy_gettext("On this day the papers must be good."),
    )
    starts_on = DayField(lazy_gettext("Begins on"), [_day()])
    ends_on = DayField(
        lazy_gettext("Ends on"),
        [Optional()],
        description=lazy_gettext("Leave it empty when it runs until somebody ends it."),
    )
    renews_months = NumberField(
        lazy_gettext("Renews itself every … months"),
        [Optional()],
        description=lazy_gettext(
            "Tacit renewal, until somebody ends the contract. Each one is a new conclusion: the "
            "papers must be good on that day, and the amount is that of one term."
        ),
    )
    renews_on = DayField(
        lazy_gettext("First renewal on"),
        [Optional()],
        description=lazy_gettext("Leave it empty when the first term is as long as the others."),
    )
    site_opened_on = DayField(
        lazy_gettext("Opening of the building site"),
        [Optional()],
        description=lazy_gettext("The ten-year insurance must hold on this day."),
    )
    file = UploadField(lazy_gettext("Signed contract"), description=lazy_gettext("PDF or photo."))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        # Needed but for a framework contract: the action says so, the label must not deny it.
        self.amount.flags.required = True

    @property
    def details(self) -> ContractDetails:
        return ContractDetails(
            reference=str(self.reference.data), title=str(self.title.data),
            kind=str(self.kind.data), amount=self.amount.amount, currency=self.currency.code,
            signed_on=self.signed_on.day, starts_on=self.starts_on.day,
            ends_on=self.ends_on.data, site_opened_on=self.site_opened_on.data,
            renews_on=self._first_renewal(), renews_months=self.renews_months.data,
        )  # fmt: skip

    def _first_renewal(self) -> date | None:
        """As typed; else one term after the start, where a term that can be meant was given."""
        months = self.renews_months.data or 0
        if self.renews_on.data is not None or not 1 <= months <= MOST_RENEWAL_MONTHS:
            return self.renews_on.data
        return add_months(self.starts_on.day, months)


class ChangeContractForm(ContractForm):
    """The same with the version that was opened."""

    seen = HiddenField()


class AmendmentForm(Form):
    reference = LineField(
        lazy_gettext("Reference of the amendment"),
        [required(lazy_gettext("Give the reference."))],
        limit=40,
    )
    title = LineField(
        lazy_gettext("Subject"), [required(lazy_gettext("Say what the amendment changes."))]
    )
    amount = AmountField(
        lazy_gettext("Amount added, without tax"),
        [required(lazy_gettext("Give the amount that the amendment adds."))],
        description=lazy_gettext("With a minus sign when it takes away."),
    )
    signed_on = DayField(lazy_gettext("Day of the signature"), [_day()])
    file = UploadField(lazy_gettext("Signed amendment"), description=lazy_gettext("PDF or photo."))

    @property
    def details(self) -> AmendmentDetails:
        return AmendmentDetails(
            reference=str(self.reference.data), title=str(self.title.data),
            amount=self.amount.amount or Decimal(0), signed_on=self.signed_on.day,
        )  # fmt: skip


class TerminationForm(Form):
    terminated_on = DayField(lazy_gettext("Last day"), [_day()])
    reason = NoteField(
        lazy_gettext("Reason"),
        [required(lazy_gettext("Give the reason, for whoever opens this later."))],
    )


class AttachForm(Form):
    file = UploadField(lazy_gettext("File"), description=lazy_gettext("PDF or photo."))


class PaidForm(Form):
    paid_on = DayField(lazy_gettext("Paid on"), [_day()])


class _UnderContract(Form):
    contract_id = SelectField(lazy_gettext("Contract"), [Optional()])

    def offer(self, contracts: Iterable[Contract]) -> None:
        """Offer the contracts of the relation, or none."""
        named = [(str(one.id), f"{one.reference} · {one.title}") for one in contracts]
        self.contract_id.choices = [("", gettext("Without a contract")), *named]

    @property
    def chosen(self) -> uuid.UUID | None:
        return uuid.UUID(self.contract_id.data) if self.contract_id.data else None


class OrderForm(_UnderContract):
    reference = LineField(
        lazy_gettext("Order number"), [required(lazy_gettext("Give the number."))], limit=40
    )
    amount = AmountField(
        lazy_gettext("Amount without tax"),
        [required(lazy_gettext("Give the amount without tax."))],
        description=WITHOUT_TAX,
    )
    currency = _Currency(lazy_gettext("Currency"))
    ordered_on = DayField(lazy_gettext("Ordered on"), [_day()])

    @property
    def details(self) -> OrderDetails:
        return OrderDetails(
            reference=str(self.reference.data), amount=self.amount.amount or Decimal(0),
            ordered_on=self.ordered_on.day, currency=self.currency.code, contract_id=self.chosen,
        )  # fmt: skip


class InvoiceForm(_UnderContract):
    number = LineField(
        lazy_gettext("Invoice number"), [required(lazy_gettext("Give the number."))], limit=40
    )
    issued_on = DayField(lazy_gettext("Date of the invoice"), [_day()])
    amount = AmountField(
        lazy_gettext("Amount without tax"),
        [required(lazy_gettext("Give the amount without tax."))],
        description=lazy_gettext("A credit note has a minus sign."),
    )
    total = AmountField(lazy_gettext("Total with tax"))
    currency = _Currency(lazy_gettext("Currency"))
    file = UploadField(
        lazy_gettext("File"),
        description=lazy_gettext("PDF or photo, a Factur-X invoice as it came."),
    )

    @property
    def details(self) -> InvoiceDetails:
        return InvoiceDetails(
            number=str(self.number.data), issued_on=self.issued_on.day,
            amount=self.amount.amount or Decimal(0), total=self.total.amount,
            currency=self.currency.code, contract_id=self.chosen,
        )  # fmt: skip


def upload_of(field: UploadField) -> Upload | None:
    """The file that was sent with a form; None when none was chosen."""
    found = field.file
    return Upload(*found) if found else None


def limits() -> FileLimits:
    """How large a file may be, by the settings."""
    chosen = context.settings()
    return FileLimits(chosen.upload_max_bytes, chosen.upload_max_pixels, chosen.upload_max_pages)


def in_words(refusal: RefusedFileError) -> DomainError:
    """A refused file as a sentence at its field."""
    return DomainError(gettext(refusal.message) % refusal.params, field="file")


def term_words(contract: Contract) -> str:
    """From when to when a contract runs."""
    if contract.ends_on is None:
        return gettext("since %(day)s, no end", day=show_date(contract.starts_on))
    return gettext(
        "%(first)s to %(last)s",
        first=show_date(contract.starts_on),
        last=show_date(contract.ends_on),
    )


#: What was in hand on the day of a conclusion: the tone of its chip, and its words.
VERDICT_WORDS = {
    Verdict.GOOD: ("ok", lazy_gettext("All papers were good")),
    Verdict.WAIVED: ("none", lazy_gettext("Waived")),
    Verdict.WAITING: ("wait", lazy_gettext("To be decided or verified")),
    Verdict.SETTLED_LATE: ("late", lazy_gettext("Settled late")),
    Verdict.MISSING: ("bad", lazy_gettext("A paper was missing")),
    Verdict.NOT_ASKED: ("none", lazy_gettext("No paper owed")),
}


def next_renewal(contract: Contract, today: date) -> date | None:
    """When a contract renews itself next, today included; None where it does not any more."""
    if contract.renews_on is None or contract.renews_months is None:
        return None
    day = Renewal(contract.renews_on, contract.renews_months).next_after(today - timedelta(days=1))
    last = ContractEnd(contract.ends_on, contract.terminated_on).last_day
    return day if last is None or day <= last else None


def renewal_words(contract: Contract, next_on: date | None) -> str:
    """How a contract renews itself, and when next; empty where it does not."""
    if contract.renews_months is None:
        return ""
    every = ngettext("every %(num)d month", "every %(num)d months", contract.renews_months)
    if next_on is None:
        return every
    return gettext("%(every)s, next on %(day)s", every=every, day=show_date(next_on))


def crossing_words(crossing: Crossing) -> str:
    """Why the papers are asked, or why they are not yet."""
    trigger = crossing.duty.trigger
    if trigger is None:
        return gettext(
            "Below %(amount)s without tax: no paper is owed by law for this relation.",
            amount=show_money(crossing.threshold),
        )
    words = TRIGGER_TEXTS[trigger.kind]
    amount = show_number(trigger.amount or 0)
    return show_text(words, reference=trigger.reference, amount=amount)


def way_back(relation: Relation) -> tuple[str, str] | None:
    """Where a relation that has ended is resumed, before new work is recorded for it."""
    if relation.engagement.ended_on is None or not may(Permission.SUPPLIER_READ):
        return None
    day = show_date(relation.engagement.ended_on)
    return gettext("Ended on %(day)s: resume the relation first", day=day), url_for(
        "desk_suppliers.relations", supplier_id=relation.engagement.supplier_id
    )
