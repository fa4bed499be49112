"""The rules in force for a group company on a day: the code's defaults under what was decided.

`KEYS` says what an administrator may change, where each default comes from and how a value is
written. A value holds from a day on; the company's own wins over the group's, the later day over
the earlier. Verdicts keep the version word, so that a change never rewrites an old one.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplier.adapters import queue
from supplier.documents.kinds import Basis
from supplier.kernel import audit
from supplier.kernel.audit import Actor
from supplier.kernel.database import new_id, reading
from supplier.kernel.errors import DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties.models import Buyer, RuleOverride
from supplier.vigilance.requirements import RULES, Rules, with_overrides

REFRESH_TASK = "refresh_obligations"
PLAN_KEY = "reminders.plan"
#: DOMAIN rule 38: the client's choice, as days before (positive) and after (negative).
DEFAULT_PLAN = "60,30,15,7,-1,-7,-15,-30"
_FURTHEST_STEP = 365


class ValueKind(StrEnum):
    """How a value is written."""

    EUROS = "euros"
    MODE = "mode"
    MONTHS = "months"
    DAYS = "days"
    PERIOD = "period"
    CODES = "codes"
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class RuleKey:
    """One thing that may be decided otherwise. `source` is a marked message, `default` text."""

    key: str
    kind: ValueKind
    label: str
    default: str
    basis: Basis
    source: str
    #: The requirement that it is about, where it is about one.
    requirement: str | None = None


def _renewals() -> Iterable[RuleKey]:
    for code, rule in RULES.items():
        if rule.renewal_months is not None:
            yield RuleKey(
                f"vigilance.renewal.{code}",
                ValueKind.MONTHS,
                rule.label,
                str(rule.renewal_months),
                rule.basis,
                rule.source,
                requirement=code.value,
            )


KEYS: dict[str, RuleKey] = {
    one.key: one
    for one in (
        RuleKey(
            "vigilance.threshold",
            ValueKind.EUROS,
            N_("Amount excluding tax from which papers are asked"),
            "5000",
            Basis.LAW,
            N_("Code du travail, art. R8222-1: 5,000 € excluding tax."),
        ),
        RuleKey(
            "vigilance.mode",
            ValueKind.MODE,
            N_("How orders are added up"),
            "prudent",
            Basis.POLICY,
            N_("Prudent reading of art. R8222-1: all orders of twelve rolling months."),
        ),
        RuleKey(
            "vigilance.window_months",
            ValueKind.MONTHS,
            N_("Months over which orders are added up"),
            "12",
            Basis.POLICY,
            N_("Prudent reading of art. R8222-1: all orders of twelve rolling months."),
        ),
        RuleKey(
            "vigilance.order_months",
            ValueKind.MONTHS,
            N_("Months that an order without an end date is held to run"),
            "12",
            Basis.POLICY,
            N_("The group's choice: the law gives no end."),
        ),
        RuleKey(
            "vigilance.warn_days",
            ValueKind.DAYS,
            N_("Days before the end when a paper counts as ending"),
            "60",
            Basis.POLICY,
            N_("The group's choice: the first reminder."),
        ),
        RuleKey(
            "vigilance.period",
            ValueKind.PERIOD,
            N_("Social certificate whose period is six months past"),
            "warns",
            Basis.POLICY,
            N_("API Entreprise counts from the period; art. D8222-5 from the certificate's date."),
        ),
        RuleKey(
            "vigilance.not_asked",
            ValueKind.CODES,
            N_("Papers by contract that are not asked for"),
            "",
            Basis.POLICY,
            N_("The group's choice; what the law asks for cannot be left out."),
        ),
        *_renewals(),
        RuleKey(
            PLAN_KEY,
            ValueKind.PLAN,
            N_("Days of the reminders, before and after the end"),
            DEFAULT_PLAN,
            Basis.POLICY,
            N_("The group's choice; one mail a person, never on a day off."),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Override:
    """A decision on a rule. `buyer_id` None is for the whole group."""

    key: str
    value: str
    buyer_id: uuid.UUID | None
    from_on: date
    at: datetime
    id: uuid.UUID | None = None
    by_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All decisions on rules, to be asked for any company and any day."""

    overrides: tuple[Override, ...] = ()

    def values(
        self, buyer_id: uuid.UUID, on: date, *, known_at: datetime | None = None
    ) -> dict[str, str]:
        """What was decided for this company and holds on this day, by key."""
        found: dict[str, str] = {}
        for one in sorted(self.overrides, key=_weight):
            ours = one.buyer_id in (None, buyer_id) and one.from_on <= on
            if ours and (known_at is None or one.at <= known_at):
                found[one.key] = one.value
        return found

    def rules(self, buyer_id: uuid.UUID, on: date, *, known_at: datetime | None = None) -> Rules:
        """The rules of vigilance for this company on this day, with their version word."""
        return with_overrides(Rules(), self.values(buyer_id, on, known_at=known_at))

    def plan(self, buyer_id: uuid.UUID, on: date) -> tuple[int, ...]:
        """The days of the reminders for this company."""
        return parse_plan(self.values(buyer_id, on).get(PLAN_KEY, DEFAULT_PLAN))

    def next_change_on(self, buyer_id: uuid.UUID, day: date) -> date | None:
        """The next day after `day` on which a decision for this company begins to hold."""
        ahead = (
            one.from_on
            for one in self.overrides
            if one.buyer_id in (None, buyer_id) and one.from_on > day
        )
        return min(ahead, default=None)


def _weight(one: Override) -> tuple[bool, date, datetime]:
    """Later in this order wins: the company over the group, then the later day and decision."""
    return (one.buyer_id is not None, one.from_on, one.at)


def parse_plan(text: str) -> tuple[int, ...]:
    """The steps of a plan, furthest before the end first. Raises ValueError."""
    if not text.isascii():
        raise ValueError(text)
    steps = {int(part) for part in text.split(",") if part.strip()}
    if not steps or any(abs(step) > _FURTHEST_STEP for step in steps):
        raise ValueError(text)
    return tuple(sorted(steps, reverse=True))


def check_value(key: str, value: str) -> str:
    """The value as it is kept. Raises DomainError on an unknown key or what cannot be read."""
    if key not in KEYS:
        raise NotFoundError(N_("This rule does not exist."))
    text = " ".join(value.split())
    if key != PLAN_KEY:
        with_overrides(Rules(), {key: text})
        return text
    try:
        return ",".join(str(step) for step in parse_plan(text))
    except ValueError as wrong:
        raise DomainError(N_("This rule does not accept this value."), field=key) from wrong


def load_rule_book(session: Session) -> RuleBook:
    """Every decision on rules, in one statement."""
    rows = session.scalars(select(RuleOverride).where(RuleOverride.key.in_(KEYS)))
    return RuleBook(
        tuple(
            Override(row.key, row.value, row.buyer_id, row.from_on, row.at, row.id, row.by_id)
            for row in rows
        )
    )


def rule_book() -> RuleBook:
    """Every decision on rules, read now."""
    with reading() as session:
        return load_rule_book(session)


def write_rule(
    session: Session,
    key: str,
    text: str,
    *,
    buyer_id: uuid.UUID | None,
    from_on: date,
    by: Actor,
    now: datetime,
) -> RuleOverride:
    """Decide a rule otherwise from a day on; the files concerned are computed again soon.

    `text` is what `check_value` gave. Earlier decisions stay: a past day is always judged by what
    held on it. Raises NotFoundError on an unknown company.
    """
    if buyer_id is not None and session.get(Buyer, buyer_id) is None:
        raise NotFoundError(N_("This company does not exist."))
    row = RuleOverride(
        id=new_id(), buyer_id=buyer_id, key=key, value=text, from_on=from_on, by_id=by.id, at=now
    )
    session.add(row)
    session.flush()
    audit.record(
        session, "rule.set", subject=row, by=by, at=now,
        data={"key": key, "value": text, "from": from_on.isoformat(),
              "buyer_id": str(buyer_id) if buyer_id else None},
    )  # fmt: skip
    queue.defer(session, REFRESH_TASK, now=now, payload={})
    return row
