"""When whom to remind of what: the plan, what is due today, one mail a person, escalation.

Nothing here knows the clock: a run asks "what is due and not yet sent?", so that a day without
the worker loses no reminder and a second run on the same day sends none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from supplier.kernel.calendar import is_working_day

#: Days before (positive) and after (negative) the due day: DOMAIN rule 38, the client's choice.
#: The due day is the first day on which the old paper is no longer good.
PLAN: tuple[int, ...] = (60, 30, 15, 7, -1, -7, -15, -30)

#: Unanswered reminders after which the buyer is told (the client's choice).
ESCALATE_AFTER = 2

#: States of a requirement in which the supplier still has something to do. A deposit, a waiver
#: and the end of the work each lead to another state, and so end the reminders.
CHASED_STATES = frozenset({"missing", "refused", "expiring"})


def due(
    due_on: date, *, today: date, sent: Collection[int], plan: Collection[int] = PLAN
) -> int | None:
    """The step to send today, or None.

    Of the steps whose day has come, only the latest counts: after a week without the worker one
    reminder leaves, not three. A step is never sent again, nor one that a later step overtook.
    """
    left = (due_on - today).days
    reached = [step for step in plan if step >= left]
    if not reached:
        return None
    latest = min(reached)
    return None if any(step <= latest for step in sent) else latest


def clock_start(
    due_on: date, *, asked_on: date | None = None, refused_on: date | None = None
) -> date:
    """The day from which the steps of one duty count.

    Nobody is late before being asked, and a refusal restarts the clock: the latest day wins.
    """
    return max(day for day in (due_on, asked_on, refused_on) if day is not None)


@dataclass(frozen=True, slots=True)
class Duty:
    """One requirement as the reminders see it, with what was already told to this person.

    `key` names the obligation, `state` is its coverage state, `sent` the steps already sent to
    `address` for the present `due_on` (after `clock_start`).
    """

    key: str
    address: str
    state: str
    due_on: date
    sent: frozenset[int] = frozenset()
    escalated: bool = False
    #: Whom to tell at the buyer when nobody answers; None when nobody is known.
    buyer_address: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a mail: the duty and the step that made it leave."""

    duty: Duty
    step: int

    @property
    def overdue(self) -> bool:
        return self.step < 0


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one person, whatever the number of suppliers and buyers; most urgent first."""

    address: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Escalation:
    """One mail to a buyer's contact about suppliers that did not answer."""

    address: str
    duties: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class Round:
    """What leaves today."""

    mails: tuple[Mail, ...] = ()
    escalations: tuple[Escalation, ...] = ()


def plan_round(duties: Iterable[Duty], *, today: date, plan: Collection[int] = PLAN) -> Round:
    """What must leave today; nothing on a day off: it is still due on the next worked day."""
    if not is_working_day(today):
        return Round()
    items = list(_items(duties, today=today, plan=plan))
    return Round(_mails(items), _escalations(items))


def _items(duties: Iterable[Duty], *, today: date, plan: Collection[int]) -> Iterable[Item]:
    for duty in duties:
        if duty.state not in CHASED_STATES:
            continue
        step = due(duty.due_on, today=today, sent=duty.sent, plan=plan)
        if step is not None:
            yield Item(duty, step)


def _mails(items: Iterable[Item]) -> tuple[Mail, ...]:
    by_person: dict[str, dict[str, Item]] = defaultdict(dict)
    for item in items:
        # One person may be reached twice for one duty, as contact and as accountant.
        by_person[_person(item.duty.address)].setdefault(item.duty.key, item)
    return tuple(
        Mail(address, tuple(sorted(found.values(), key=_urgency)))
        for address, found in sorted(by_person.items())
    )


def _escalations(items: Iterable[Item]) -> tuple[Escalation, ...]:
    by_buyer: dict[str, dict[str, Duty]] = defaultdict(dict)
    for item in items:
        duty = item.duty
        if duty.buyer_address and escalates(duty):
            by_buyer[_person(duty.buyer_address)].setdefault(duty.key, duty)
    return tuple(
        Escalation(address, tuple(sorted(found.values(), key=lambda duty: (duty.due_on, duty.key))))
        for address, found in sorted(by_buyer.items())
    )


def escalates(duty: Duty) -> bool:
    """Whether the buyer is told with the step now due: two went unanswered, told only once.

    It goes with the third step, so that the second reminder has had its days to be answered.
    """
    return len(duty.sent) >= ESCALATE_AFTER and not duty.escalated


def _urgency(item: Item) -> tuple[date, str]:
    return (item.duty.due_on, item.duty.key)


def _person(address: str) -> str:
    return address.strip().casefold()
