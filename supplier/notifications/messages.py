"""Every mail that Vigie writes: one function a mail, from facts to subject, text and HTML.

Kinds that `queue.defer(session, "notify", …, payload={"kind": …})` takes, with their ids:
`document_refused` (document_id), `contest_answered` (document_id), `bank_submitted`,
`bank_approved`, `bank_refused`, `bank_blocked` (account_id), `rights_received` and
`rights_news` (request_id), `policy_tightened` (policy_id).
Kinds of `account_mail` are those of `accounts.mailing.MailKind`. See tasks.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.lists import format_list

from supplier.accounts.mailing import MailKind
from supplier.notifications.rendering import address_of, one_line, render

#: Mails that hold a link which lets somebody in: their body is emptied once it was sent.
SECRET_KINDS = frozenset(
    {
        MailKind.INVITATION_SUPPLIER.value,
        MailKind.INVITATION_STAFF.value,
        MailKind.SIGN_IN_LINK.value,
        MailKind.PASSWORD_RESET.value,
        MailKind.FACTOR_RESET.value,
    }
)


@dataclass(frozen=True, slots=True)
class Person:
    """To whom a mail goes, and in which language."""

    address: str
    name: str
    language: str = "fr"


@dataclass(frozen=True, slots=True)
class Message:
    """A mail as a value, ready for the outbox."""

    kind: str
    to_address: str
    to_name: str
    language: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks at the group company: name and telephone, so that a doubt costs one call."""

    company: str
    name: str | None = None
    phone: str | None = None

    @property
    def who(self) -> str:
        return self.name or self.company


@dataclass(frozen=True, slots=True)
class Asked:
    """A paper that is asked for: its label (a marked message) and where to get it."""

    label: str
    where: str


@dataclass(frozen=True, slots=True)
class ReminderLine:
    """One paper of a reminder. `due_on` is the first day without it."""

    supplier: str
    company: str
    label: str
    where: str
    due_on: date
    overdue: bool
    contract: str | None = None


@dataclass(frozen=True, slots=True)
class RefusedPaper:
    """A paper that was refused. `label` and `reasons` are marked messages."""

    label: str
    file_name: str
    reasons: tuple[str, ...]
    where: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class EscalationLine:
    """A supplier that does not answer."""

    supplier: str
    label: str
    due_on: date
    exposed: Decimal
    contact: str | None
    phone: str | None
    url: str


def _message(kind: str, to: Person, **values: Any) -> Message:
    parts = render(kind, language=to.language, person=one_line(to.name, limit=80), **values)
    return Message(
        kind, to.address, one_line(to.name, limit=120), to.language,
        parts.subject, parts.text, parts.html,
    )  # fmt: skip


def invitation_supplier(
    to: Person,
    *,
    token: str,
    supplier: str,
    asker: Asker,
    papers: Sequence[Asked],
    expires_at: datetime,
    contract: str | None = None,
) -> Message:
    """Come in and hand in your papers: who asks, for which contract, whom to call."""
    return _message(
        MailKind.INVITATION_SUPPLIER.value, to,
        url=_link(token), supplier=one_line(supplier), asker=asker, papers=papers,
        expires_at=expires_at, contract=contract,
    )  # fmt: skip


def invitation_staff(
    to: Person, *, token: str, expires_at: datetime, invited_by: str | None
) -> Message:
    """A colleague opens Vigie to somebody."""
    return _message(
        MailKind.INVITATION_STAFF.value, to,
        url=_link(token), expires_at=expires_at, invited_by=invited_by,
    )  # fmt: skip


def sign_in_link(to: Person, *, token: str, expires_at: datetime) -> Message:
    """The link that its owner asked for a moment ago."""
    return _message(MailKind.SIGN_IN_LINK.value, to, url=_link(token), expires_at=expires_at)


def password_reset(to: Person, *, token: str, expires_at: datetime) -> Message:
    """A new password may be chosen."""
    return _message(MailKind.PASSWORD_RESET.value, to, url=_link(token), expires_at=expires_at)


def factor_reset(to: Person, *, token: str, expires_at: datetime) -> Message:
    """An administrator lets somebody register a new second factor."""
    return _message(MailKind.FACTOR_RESET.value, to, url=_link(token), expires_at=expires_at)


def credential_changed(to: Person, *, at: datetime) -> Message:
    """The password or a second factor was changed."""
    return _message(MailKind.CREDENTIAL_CHANGED.value, to, at=at, url=address_of("/link"))


def address_changed(to: Person, *, at: datetime) -> Message:
    """The sign-in address was changed; told to the old one and to the new one."""
    return _message(MailKind.ADDRESS_CHANGED.value, to, at=at)


def new_sign_in(to: Person, *, at: datetime) -> Message:
    """Somebody signed in from a browser that we had not seen."""
    return _message(MailKind.NEW_SIGN_IN.value, to, at=at, url=address_of("/link"))


def reminder(
    to: Person, *, lines: Sequence[ReminderLine], asker: Asker, by_hand: bool = False
) -> Message:
    """What is missing or ends, over all suppliers and companies, most urgent first.

    `by_hand`: somebody asks now, also for what does not end soon.
    """
    overdue = [line for line in lines if line.overdue]
    stopped = list(dict.fromkeys(line.company for line in overdue))
    return _message(
        "reminder", to,
        lines=lines, overdue=len(overdue), count=len(lines), asker=asker, url=address_of("/link"),
        several=len({line.supplier for line in lines}) > 1, first=lines[0], by_hand=by_hand,
        stopped=len(stopped), companies=format_list(stopped, locale=to.language),
    )  # fmt: skip


def escalation(to: Person, *, lines: Sequence[EscalationLine], company: str) -> Message:
    """Suppliers that did not answer, for the company's own contact person."""
    return _message(
        "escalation", to, lines=lines, count=len(lines), company=company,
        suppliers=len({line.supplier for line in lines}), url=address_of("/desk/"),
    )  # fmt: skip


def document_refused(
    to: Person, *, supplier: str, papers: Sequence[RefusedPaper], asker: Asker
) -> Message:
    """Papers that cannot be used, why, and what to do about each."""
    return _message(
        "document_refused", to, supplier=one_line(supplier), papers=papers,
        count=len(papers), asker=asker, url=address_of("/link"),
    )  # fmt: skip


def contest_answered(
    to: Person,
    *,
    supplier: str,
    paper: RefusedPaper,
    accepted: bool,
    asker: Asker,
) -> Message:
    """What another reviewer decided after the supplier contested."""
    return _message(
        "contest_answered", to, supplier=one_line(supplier), paper=paper, accepted=accepted,
        asker=asker, url=address_of("/link"),
    )  # fmt: skip


def bank_submitted(
    to: Person, *, supplier: str, ending: str, by: str, at: datetime, asker: Asker
) -> Message:
    """Somebody handed in bank details: told to everybody we know there, with a way to stop it."""
    return _message(
        "bank_submitted", to, supplier=one_line(supplier), ending=ending, by=one_line(by),
        at=at, asker=asker, url=address_of("/link"),
    )  # fmt: skip


def bank_approved(
    to: Person, *, supplier: str, ending: str, active_from: datetime | None, asker: Asker
) -> Message:
    """Two people validated the bank details; from when they are used."""
    return _message(
        "bank_approved", to, supplier=one_line(supplier), ending=ending,
        active_from=active_from, asker=asker, url=address_of("/link"),
    )  # fmt: skip


def bank_refused(
    to: Person, *, supplier: str, ending: str, reason: str | None, asker: Asker
) -> Message:
    """The bank details were not validated."""
    return _message(
        "bank_refused", to, supplier=one_line(supplier), ending=ending, reason=reason,
        asker=asker, url=address_of("/link"),
    )  # fmt: skip


def bank_blocked(to: Person, *, supplier: str, ending: str, asker: Asker) -> Message:
    """The bank details were blocked: nothing is paid to them."""
    return _message(
        "bank_blocked", to, supplier=one_line(supplier), ending=ending, asker=asker,
        url=address_of("/link"),
    )  # fmt: skip


def policy_tightened(
    to: Person, *, label: str, everything: bool, read: int, wrong: int, page: str
) -> Message:
    """The machine was wrong too often on a kind: what it may do alone became stricter.

    `label` is the kind, a marked message; `everything`: each paper goes to a person from now on;
    `page`: where this person sees more.
    """
    return _message(
        "policy_tightened", to, label=label, everything=everything, read=read, wrong=wrong,
        url=address_of(page),
    )  # fmt: skip


def rights_received(to: Person, *, number: str, due_on: date) -> Message:
    """A request about personal data arrived; by when it is answered (GDPR art. 12(3))."""
    return _message("rights_received", to, number=number, due_on=due_on)


def rights_news(to: Person, *, number: str) -> Message:
    """A request was answered, refused or extended; the words stand in the portal only."""
    return _message("rights_news", to, number=number, url=address_of("/portal/privacy/"))


def _link(token: str) -> str:
    return address_of(f"/link/{token}")
