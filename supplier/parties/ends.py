"""When a relation may be said to be over: never before its last work, never far ahead."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy.orm import Session

from supplier.kernel import registers
from supplier.kernel.clock import add_months
from supplier.kernel.errors import DomainError
from supplier.kernel.i18n import N_
from supplier.kernel.registers import Sign
from supplier.parties.models import Engagement

#: How far ahead an end may be announced: a term of notice, no typing error.
MOST_MONTHS_AHEAD = 12


class EarlyEndError(DomainError):
    """Work or a paper is on file after the day that was given; `sign` is the latest."""

    def __init__(self, sign: Sign) -> None:
        super().__init__(
            N_(
                "Work or a paper is on file after this day: give its day or a later one. "
                "Terminate a contract first that ended before its term."
            ),
            field="ended_on",
        )
        self.sign = sign


def check_end(session: Session, engagement: Engagement, ended_on: date, *, today: date) -> None:
    """Refuse an end that the file contradicts: what is kept would be erased too early.

    Raises as `refuse_end`.
    """
    signs = registers.signs_of(session, engagement.id, today=today)
    refuse_end(ended_on, started_on=engagement.started_on, signs=signs, today=today)


def refuse_end(ended_on: date, *, started_on: date, signs: Iterable[Sign], today: date) -> None:
    """The end is the latest of contract end, last order, last invoice and last payment.

    DOMAIN rule 39. Raises DomainError, EarlyEndError with what is later.
    """
    if ended_on < started_on:
        raise DomainError(N_("The end lies before the start: check the date."), field="ended_on")
    if ended_on > add_months(today, MOST_MONTHS_AHEAD):
        raise DomainError(
            N_("This day is more than a year ahead: confirm the end when it is nearer."),
            field="ended_on",
        )
    latest = max(signs, key=lambda sign: sign.day, default=None)
    if latest is not None and ended_on < latest.day:
        raise EarlyEndError(latest)
