"""Calling back: to a number known before the request, or found where nobody could plant it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplier.accounts.models import User
from supplier.bank.access import Buyers, get_account, get_person
from supplier.bank.approvals import AccountState, number_is_independent
from supplier.bank.checks import Finding, needs_call_back
from supplier.bank.facts import changed_since_start
from supplier.bank.models import BankAccount, CallBack
from supplier.bank.succession import is_change
from supplier.kernel.audit import Actor, ActorKind, record
from supplier.kernel.database import new_id, transaction
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.kernel.words import fold
from supplier.parties.models import Contact, Supplier

_NINE = 9
_OPEN = frozenset({AccountState.SUBMITTED.value, AccountState.APPROVED_ONCE.value})
_ASKED = N_(
    "Whoever asked for this account cannot confirm it too: call another person there, or a number "
    "that you find yourself."
)


class CallResult(StrEnum):
    CONFIRMED = "confirmed"
    DENIED = "denied"
    UNREACHED = "unreached"


RESULT_TEXTS: dict[CallResult, str] = {
    CallResult.CONFIRMED: N_("Confirmed: the change is theirs"),
    CallResult.DENIED: N_("Denied: they asked for nothing"),
    CallResult.UNREACHED: N_("Nobody reached"),
}


class NumberSource(StrEnum):
    """Where the number that was called comes from (SECURITY B5)."""

    CONTACT = "contact"
    PUBLIC_REGISTER = "public_register"
    SIGNED_CONTRACT = "signed_contract"
    WEBSITE = "website"


SOURCE_TEXTS: dict[NumberSource, str] = {
    NumberSource.CONTACT: N_("contact on file"),
    NumberSource.PUBLIC_REGISTER: N_("public register or directory"),
    NumberSource.SIGNED_CONTRACT: N_("signed contract or order"),
    NumberSource.WEBSITE: N_("the supplier's own website"),
}


@dataclass(frozen=True, slots=True)
class Requester:
    """Who at the supplier handed the details in; both empty when somebody else entered them."""

    name: str = ""
    email: str = ""

    def is_contact(self, contact: Contact) -> bool:
        """Whether a contact is that person: the same address, or the same name."""
        by_mail = bool(self.email) and fold(contact.email or "") == fold(self.email)
        return by_mail or (bool(self.name) and fold(contact.name) == fold(self.name))

    def numbers(self, contacts: Iterable[Contact]) -> frozenset[str]:
        """The digits of every number at which that person answers."""
        own = (digits_of(one.phone or "") for one in contacts if self.is_contact(one))
        return frozenset(number for number in own if number)

    def rings_at(self, contact: Contact, numbers: Iterable[str]) -> bool:
        """Whether calling a contact reaches that person: it is they, or their number."""
        called = digits_of(contact.phone or "")
        return self.is_contact(contact) or any(same_number(one, called) for one in numbers)


def requester_of(account: BankAccount, email: str | None) -> Requester:
    """Who asked, with the address of their account, as far as it is somebody at the supplier."""
    if account.submitted_by_kind != ActorKind.SUPPLIER:
        return Requester()
    return Requester(account.submitted_by_name, email or "")


def _requester(session: Session, account: BankAccount) -> Requester:
    user = session.get(User, account.submitted_by_id) if account.submitted_by_id else None
    return requester_of(account, user.email if user is not None else None)


def record_call_back(
    account_id: uuid.UUID,
    *,
    result: str,
    comment: str | None,
    by: Actor,
    now: datetime,
    buyers: Buyers,
    contact_id: uuid.UUID | None = None,
    number: str | None = None,
    source: str = NumberSource.CONTACT,
    seen_hash: str | None = None,
) -> CallBack:
    """Keep a call to the supplier, made before the account is approved (SECURITY B5).

    To a contact whose number was on file 30 days before the request, or to a `number` that the
    caller found in a public register, a signed contract or on the supplier's website. A number
    that came onto the file with the request is refused either way, and so is whoever asked:
    nobody confirms their own request. Raises DomainError, NotFoundError, ConflictError.
    """
    if result not in set(CallResult):
        raise DomainError(N_("Say how the call ended."), field="result")
    with transaction() as session:
        account, person = get_account(session, account_id, buyers), get_person(session, by)
        _refuse_late(account, seen_hash)
        if person.id == account.submitted_by_id:
            raise ConflictError(N_("You entered these bank details: another person must call."))
        if source == NumberSource.CONTACT:
            called = _known_contact(session, account, contact_id)
            digits, since = str(called.phone), called.changed_at
        else:
            digits, since = _found_number(session, account, number, source, now=now), now
        call = CallBack(
            id=new_id(), account_id=account.id, number=digits, number_source=str(source),
            contact_id=contact_id if source == NumberSource.CONTACT else None,
            number_known_since=since, result=result, comment=(comment or "").strip() or None,
            by_id=person.id, by_name=by.name, at=now,
        )  # fmt: skip
        session.add(call)
        session.flush()
        record(
            session, "bank.called_back", subject=account, by=by, at=now,
            data={"result": result, "source": str(source)},
        )  # fmt: skip
        return call


def _refuse_late(account: BankAccount, seen_hash: str | None) -> None:
    if account.state not in _OPEN:
        raise ConflictError(N_("These bank details are no longer waiting for approval."))
    if seen_hash is not None and seen_hash != account.value_hash:
        raise ConflictError(
            N_("These bank details have changed since you opened them: look at them again.")
        )


def _known_contact(session: Session, account: BankAccount, contact_id: uuid.UUID | None) -> Contact:
    contact = session.get(Contact, contact_id) if contact_id else None
    if contact is None or contact.supplier_id != account.supplier_id or not contact.phone:
        raise NotFoundError(N_("This contact does not exist."))
    if not number_is_independent(contact.changed_at, submitted_at=account.submitted_at):
        raise DomainError(
            N_("This number is younger than 30 days: call one that was known before."),
            field="contact_id",
        )
    requester = _requester(session, account)
    if requester.rings_at(contact, requester.numbers(_on_file(session, account))):
        raise DomainError(_ASKED, field="contact_id")
    return contact


def _on_file(session: Session, account: BankAccount) -> Collection[Contact]:
    return session.scalars(
        select(Contact).where(
            Contact.supplier_id == account.supplier_id, Contact.phone.is_not(None)
        )
    ).all()


def _found_number(
    session: Session, account: BankAccount, number: str | None, source: str, *, now: datetime
) -> str:
    """A number that somebody looked up themselves. Raises DomainError."""
    if source not in set(NumberSource):
        raise DomainError(N_("Say where you found the number."), field="source")
    wanted = digits_of(number or "")
    if len(wanted) < 6:
        raise DomainError(N_("Write the number that you called."), field="number")
    if not _ONE_NUMBER.fullmatch((number or "").strip()) or len(wanted) > _MOST_DIGITS:
        raise DomainError(
            N_("Write one number in digits, without words or an extension."), field="number"
        )
    supplier = session.get_one(Supplier, account.supplier_id)
    contacts = session.scalars(
        select(Contact).where(
            Contact.supplier_id == supplier.id,
            Contact.phone.is_not(None),
            changed_since_start(supplier),
        )
    )
    for contact in contacts.all():
        young = not number_is_independent(contact.changed_at, submitted_at=account.submitted_at)
        if young and same_number(digits_of(contact.phone or ""), wanted):
            raise DomainError(
                N_("This number came onto the file with the request or shortly before it: find "
                   "another one."),
                field="number",
            )  # fmt: skip
    if is_change(session, account, now=now):
        # At a first account a new supplier of one person has no other number anywhere.
        theirs = _requester(session, account).numbers(_on_file(session, account))
        if any(same_number(one, wanted) for one in theirs):
            raise DomainError(_ASKED, field="number")
    return (number or "").strip()[:40]


#: What stands between a number and the extension behind it.
_EXTENSION = re.compile(r"(?<=\d)\s*(?:[;,#]|\(?[a-z]).*", re.IGNORECASE | re.DOTALL)
#: One number, as people write it.
_ONE_NUMBER = re.compile(r"\+?[\d\s().\-/\u2010-\u2015]+")
#: The most digits of a number anywhere (ITU-T E.164), with an international 00 in front.
_MOST_DIGITS = 17


def digits_of(number: str) -> str:
    """The digits that ring, without an extension."""
    plain = _EXTENSION.sub("", number.strip())
    return "".join(letter for letter in plain if letter.isdigit())


def same_number(one: str, other: str) -> bool:
    """Whether two numbers ring at the same place: +33 2 61… is 02 61…; compares nine digits.

    Nine digits with more behind them ring there too: what is dialled on is an extension.
    """
    if min(len(one), len(other)) < _NINE:
        return bool(one) and one == other
    return one[-_NINE:] in other or other[-_NINE:] in one


def owes_call_back(
    session: Session, account: BankAccount, findings: Collection[Finding], *, now: datetime
) -> bool:
    """A change of what is paid to, and anything suspect, is confirmed on the telephone."""
    return needs_call_back(findings) or is_change(session, account, now=now)


def refuse_uncalled(session: Session, account: BankAccount) -> None:
    """Raise DomainError unless somebody called and heard the change confirmed."""
    results = session.scalars(
        select(CallBack.result).where(CallBack.account_id == account.id)
    ).all()
    if CallResult.DENIED in results:
        raise DomainError(N_("The supplier denied this change on the telephone: refuse it."))
    if CallResult.CONFIRMED not in results:
        raise DomainError(
            N_(
                "Call first, on a number known before this request or that you found elsewhere, "
                "and record how the call ended."
            )
        )


__all__ = [
    "RESULT_TEXTS", "SOURCE_TEXTS", "CallResult", "NumberSource", "Requester", "digits_of",
    "owes_call_back", "record_call_back", "refuse_uncalled", "requester_of", "same_number",
]  # fmt: skip
