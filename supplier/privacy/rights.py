"""The clock and the states of a request under GDPR articles 15 to 22."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from supplier.kernel.calendar import next_working_day
from supplier.kernel.clock import add_months
from supplier.kernel.i18n import N_

#: GDPR art. 12(3): one month from receipt, two more where the request is complex.
ANSWER_MONTHS = 1
EXTENDED_MONTHS = 3


class Right(StrEnum):
    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    PORTABILITY = "portability"
    OBJECTION = "objection"


@dataclass(frozen=True, slots=True)
class RightSpec:
    label: str
    source: str


RIGHTS: dict[Right, RightSpec] = {
    Right.ACCESS: RightSpec(N_("Access to my data"), N_("GDPR, art. 15")),
    Right.RECTIFICATION: RightSpec(N_("Correction of my data"), N_("GDPR, art. 16")),
    Right.ERASURE: RightSpec(N_("Erasure of my data"), N_("GDPR, art. 17")),
    Right.RESTRICTION: RightSpec(N_("Restriction of use"), N_("GDPR, art. 18")),
    Right.PORTABILITY: RightSpec(N_("A portable copy of my data"), N_("GDPR, art. 20")),
    Right.OBJECTION: RightSpec(N_("Objection to a use"), N_("GDPR, art. 21")),
}


class RequestState(StrEnum):
    OPEN = "open"
    EXTENDED = "extended"
    ANSWERED = "answered"
    REFUSED = "refused"


#: From each state, where a request may go; an answer or a refusal closes it.
ALLOWED: dict[str, frozenset[str]] = {
    RequestState.OPEN: frozenset(
        {RequestState.EXTENDED, RequestState.ANSWERED, RequestState.REFUSED}
    ),
    RequestState.EXTENDED: frozenset({RequestState.ANSWERED, RequestState.REFUSED}),
    RequestState.ANSWERED: frozenset(),
    RequestState.REFUSED: frozenset(),
}


class RefusalGround(StrEnum):
    LEGAL_OBLIGATION = "legal_obligation"
    LEGAL_CLAIMS = "legal_claims"
    UNFOUNDED_OR_EXCESSIVE = "unfounded_or_excessive"
    IDENTITY_NOT_ESTABLISHED = "identity_not_established"
    RIGHTS_OF_OTHERS = "rights_of_others"


@dataclass(frozen=True, slots=True)
class GroundSpec:
    """A ground with its article; `rights` are the requests that it may refuse."""

    label: str
    source: str
    rights: frozenset[Right]


_ALL = frozenset(Right)

GROUNDS: dict[RefusalGround, GroundSpec] = {
    RefusalGround.LEGAL_OBLIGATION: GroundSpec(
        N_("The data must be kept by law until the end of its period."),
        N_("GDPR, art. 17(3)(b)"),
        frozenset({Right.ERASURE}),
    ),
    RefusalGround.LEGAL_CLAIMS: GroundSpec(
        N_("The data is needed to establish, exercise or defend legal claims."),
        N_("GDPR, art. 17(3)(e), 18(2) and 21(1)"),
        frozenset({Right.ERASURE, Right.RESTRICTION, Right.OBJECTION}),
    ),
    RefusalGround.UNFOUNDED_OR_EXCESSIVE: GroundSpec(
        N_("The request is manifestly unfounded or excessive."), N_("GDPR, art. 12(5)(b)"), _ALL
    ),
    RefusalGround.IDENTITY_NOT_ESTABLISHED: GroundSpec(
        N_("The identity of the person could not be established despite a question."),
        N_("GDPR, art. 12(2) and 12(6)"),
        _ALL,
    ),
    RefusalGround.RIGHTS_OF_OTHERS: GroundSpec(
        N_("A copy would harm the rights and freedoms of others."),
        N_("GDPR, art. 15(4) and 20(4)"),
        frozenset({Right.ACCESS, Right.PORTABILITY}),
    ),
}


def answer_due_on(received_on: date) -> date:
    """The last day to answer: one month later, clipped to the month's end, on a worked day.

    A period that ends on a day off ends with the next worked day (Reg. (EEC) 1182/71, art. 3(4)).
    """
    return next_working_day(add_months(received_on, ANSWER_MONTHS))


def extended_due_on(received_on: date) -> date:
    """The last day to answer once extended: three months after receipt, on a worked day."""
    return next_working_day(add_months(received_on, EXTENDED_MONTHS))


def extension_objection(
    *, state: str, received_on: date, notified_on: date, reason: str
) -> str | None:
    """Why a request cannot be extended on this day, or None when it can.

    Art. 12(3): the person must be told, with the reasons, before the first period ends; once only.
    """
    if state != RequestState.OPEN:
        return N_("Only a request that is open and was not extended before can be extended.")
    if notified_on >= answer_due_on(received_on):
        return N_("The extension had to be announced before the first month ended.")
    if not reason.strip():
        return N_("Give the reason for the extension: the person is told.")
    return None


def refusal_objection(*, right: str, ground: str) -> str | None:
    """Why this ground does not refuse this right, or None when it does."""
    if Right(right) in GROUNDS[RefusalGround(ground)].rights:
        return None
    return N_("This ground does not apply to this right: choose another one or answer the request.")


@dataclass(frozen=True, slots=True)
class RequestClock:
    """Where the clock of a request stands; `days_left` is negative once it is late."""

    due_on: date
    days_left: int
    is_closed: bool
    #: Closed after its due day, or still open past it.
    is_late: bool
    #: The last day on which an extension may still be announced; None once that is over.
    extend_until: date | None


def clock(
    due_on: date, *, state: str, received_on: date, today: date, closed_on: date | None = None
) -> RequestClock:
    """The clock of a request on a Paris day, from the due day that is on file for it."""
    closed = state in {RequestState.ANSWERED, RequestState.REFUSED}
    judged_on = closed_on if closed and closed_on is not None else today
    last_notice = answer_due_on(received_on) - timedelta(days=1)
    may_extend = state == RequestState.OPEN and today <= last_notice
    return RequestClock(
        due_on=due_on,
        days_left=(due_on - judged_on).days,
        is_closed=closed,
        is_late=judged_on > due_on,
        extend_until=last_notice if may_extend else None,
    )


def erasure_ground(first_erasable_on: date | None, *, today: date) -> RefusalGround | None:
    """Why a thing cannot be erased on request yet: its period still runs (rule 40). None: it can.

    `first_erasable_on` is the schedule's answer; None there means that the clock has not even
    started, so the thing must be kept.
    """
    if first_erasable_on is None or today < first_erasable_on:
        return RefusalGround.LEGAL_OBLIGATION
    return None
