"""What must be asked of a supplier, for which days, why, and by which article of law.

The table of requirements stands in `catalogue.py`, when a duty runs in `duties.py`; here a
supplier's situation and contracts meet them, with the values in force for one buyer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from supplier.documents.kinds import Basis, DocumentKind
from supplier.kernel.errors import DomainError
from supplier.kernel.i18n import N_
from supplier.vigilance.catalogue import (
    RULES,
    RULES_VERSION,
    RequirementCode,
    RequirementRule,
    Runs,
)
from supplier.vigilance.duties import (
    ContractFacts,
    ContractKind,
    Duty,
    Threshold,
    ThresholdMode,
    Trigger,
    duty_under,
    operations,
)
from supplier.vigilance.spans import Span, union

__all__ = [
    "RULES",
    "RULES_VERSION",
    "Basis",
    "ContractFacts",
    "ContractKind",
    "PeriodMode",
    "Register",
    "Requirement",
    "RequirementCode",
    "RequirementRule",
    "Rules",
    "SupplierSituation",
    "ThresholdMode",
    "Trigger",
    "implied_contract",
    "requirements_for",
    "with_overrides",
]

LOWER_ONLY = N_(
    "The law asks for papers from the amount of art. R8222-1 on: it may be lowered only."
)
SHORTER_ONLY = N_("The law sets this period: it may be shortened only.")
STILL_ASKED = N_("What the law asks for cannot be left out.")


class LooserThanLawError(DomainError):
    """A value that can be read and that the law does not allow."""


#: Where French labour law applies: mainland and overseas, not Polynesia and New Caledonia.
FRENCH_COUNTRIES = frozenset({"FR", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF"})


class Register(StrEnum):
    """The register or order that a supplier must belong to."""

    RCS = "rcs"
    RNE_CRAFT = "rne_craft"
    REGULATED = "regulated"
    LIBERAL = "liberal"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SupplierSituation:
    """What decides the list of papers; None means not known, and then the paper is asked."""

    country: str = "FR"
    register: Register = Register.RCS
    legal_form: str | None = None
    is_natural_person: bool = False
    has_employees: bool | None = None
    employs_foreign_workers: bool | None = None
    temp_agency: bool = False
    construction: bool = False
    posts_workers: bool = False
    agricultural: bool = False
    #: Only for a foreign supplier: whether a VAT number is due (art. 286 ter CGI).
    liable_to_vat: bool = True

    @property
    def is_french(self) -> bool:
        return self.country in FRENCH_COUNTRIES


class PeriodMode(StrEnum):
    """What the period that a social certificate speaks of does once it is six months past."""

    #: A warning; the certificate is good as long as the law says (DOMAIN rule 7).
    WARNS = "warns"
    #: The certificate covers no longer.
    ENDS = "ends"


@dataclass(frozen=True, slots=True)
class Rules:
    """The values in force for one buyer; `with_overrides` changes them."""

    version: str = RULES_VERSION
    threshold: Decimal = Decimal(5000)
    mode: ThresholdMode = ThresholdMode.PRUDENT
    window_months: int = 12
    order_months: int = 12
    #: Days before the end of a cover when it counts as expiring and a new paper is welcome.
    warn_days: int = 60
    #: Requirements by contract that this buyer does not ask for.
    not_asked: frozenset[RequirementCode] = frozenset()
    period: PeriodMode = PeriodMode.WARNS
    renewals: Mapping[RequirementCode, int] = field(default_factory=dict)

    @property
    def limit(self) -> Threshold:
        return Threshold(self.threshold, self.mode, self.window_months, self.order_months)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing owed. `duty` is empty while the amounts stay below the threshold."""

    code: RequirementCode
    kinds: tuple[DocumentKind, ...]
    duty: tuple[Span, ...]
    basis: Basis
    reason: str
    source: str
    renewal_months: int | None = None
    issuer_check: frozenset[DocumentKind] = frozenset()
    trigger: Trigger | None = None
    rules_version: str = RULES_VERSION

    @property
    def label(self) -> str:
        return RULES[self.code].label

    @property
    def duty_from(self) -> date | None:
        return self.duty[0].first if self.duty else None

    @property
    def duty_until(self) -> date | None:
        """The last day owed; None while no end is known."""
        return self.duty[-1].until if self.duty else None


def requirements_for(
    situation: SupplierSituation,
    contracts: Iterable[ContractFacts],
    *,
    buyer_rules: Rules,
    on: date,
) -> tuple[Requirement, ...]:
    """What this supplier owes to one buyer, seen on the day `on`.

    A contract to come counts as soon as its conclusion is within the warning time, because its
    papers must be good on that day (L8222-1: "lors de la conclusion"); so does a tacit renewal,
    which is a new conclusion. Sources: D8222-5
    (French), D8222-7 (foreign), D8254-2 to -5 (workers); the threshold in `duties.py`.
    """
    seen_until = on + timedelta(days=buyer_rules.warn_days)
    known = [contract for contract in contracts if contract.signed_on <= seen_until]
    duty = duty_under(known, threshold=buyer_rules.limit, until=seen_until)
    work = _work(known, buyer_rules, until=seen_until)
    return tuple(
        _requirement(code, situation, duty, work, buyer_rules)
        for code in RULES
        if code not in buyer_rules.not_asked and _owes(code, situation)
    )


def _work(contracts: Iterable[ContractFacts], rules: Rules, *, until: date) -> tuple[Span, ...]:
    found = operations(contracts, threshold=rules.limit, until=until)
    return union(operation.work for operation in found if operation.work)


def _requirement(
    code: RequirementCode,
    situation: SupplierSituation,
    duty: Duty,
    work: tuple[Span, ...],
    rules: Rules,
) -> Requirement:
    rule = RULES[code]
    return Requirement(
        code=code,
        kinds=_kinds(code, situation),
        duty=_days(rule, duty, work),
        basis=rule.basis,
        reason=rule.reason,
        source=rule.source,
        renewal_months=rules.renewals.get(code, rule.renewal_months),
        issuer_check=rule.issuer_check,
        trigger=duty.trigger if rule.runs is not Runs.WORK else None,
        rules_version=rules.version,
    )


def _days(rule: RequirementRule, duty: Duty, work: tuple[Span, ...]) -> tuple[Span, ...]:
    if rule.runs is Runs.WORK:
        return work
    if rule.runs is Runs.DUTY:
        return duty.spans
    return union(
        Span(operation.root.site_opened_on, operation.root.site_opened_on)
        if operation.root.site_opened_on
        else span
        for operation, span in duty.operations
    )


def _kinds(code: RequirementCode, situation: SupplierSituation) -> tuple[DocumentKind, ...]:
    """The papers that satisfy a requirement, the usual one first."""
    kinds = RULES[code].kinds
    if code is RequirementCode.FOREIGN_WORKERS and situation.employs_foreign_workers:
        # Having declared such employees, a statement that there are none would be a contradiction.
        return (DocumentKind.FOREIGN_WORKERS_LIST,)
    if code is RequirementCode.REGISTRATION:
        return register_papers(situation.register)
    return kinds


def register_papers(register: Register) -> tuple[DocumentKind, ...]:
    """The papers that show the registration, the usual one first (D8222-5 2°)."""
    if register is Register.RNE_CRAFT:
        return (DocumentKind.RNE_EXTRACT, DocumentKind.KBIS)
    if register is Register.REGULATED:
        # D8222-5 2° c: a letter bearing the listing with the order, or the approval.
        return (DocumentKind.OTHER, DocumentKind.RNE_EXTRACT, DocumentKind.KBIS)
    return (DocumentKind.KBIS, DocumentKind.RNE_EXTRACT)


def _owes(code: RequirementCode, situation: SupplierSituation) -> bool:
    """Whether a supplier in this situation owes this requirement at all."""
    return code in (_french(situation) if situation.is_french else _foreign(situation))


def _french(situation: SupplierSituation) -> frozenset[RequirementCode]:
    owed = {
        RequirementCode.SOCIAL_CERTIFICATE,
        RequirementCode.TAX_CERTIFICATE,
        RequirementCode.BANK_DETAILS,
        # D8254-5: a temporary agency's list stands in the contract for each assignment.
        RequirementCode.FINANCIAL_GUARANTEE
        if situation.temp_agency
        else RequirementCode.FOREIGN_WORKERS,
    }
    if situation.register in {Register.RCS, Register.RNE_CRAFT, Register.REGULATED}:
        owed.add(RequirementCode.REGISTRATION)
    if situation.construction:
        owed.add(RequirementCode.DECENNIAL_INSURANCE)
        if situation.has_employees is not False:
            owed.add(RequirementCode.PAID_LEAVE_BTP)
    return frozenset(owed)


def _foreign(situation: SupplierSituation) -> frozenset[RequirementCode]:
    owed = {RequirementCode.FOREIGN_SOCIAL_CERTIFICATE, RequirementCode.BANK_DETAILS}
    if situation.liable_to_vat:
        owed.add(RequirementCode.VAT_NUMBER)
    if situation.register is not Register.NONE:
        owed.add(RequirementCode.FOREIGN_REGISTER)
    if situation.posts_workers:
        owed |= {
            RequirementCode.A1,
            RequirementCode.POSTING_DECLARATION,
            RequirementCode.FOREIGN_WORKERS,
        }
    if situation.construction:
        owed.add(RequirementCode.DECENNIAL_INSURANCE)
    return frozenset(owed)


def implied_contract(started_on: date, *, ended_on: date | None = None) -> ContractFacts:
    """What stands for an engagement of which no contract is recorded: work without an amount.

    The duty then runs from its first day, as for a framework contract: prudent, never silent.
    """
    return ContractFacts(
        reference="", signed_on=started_on, kind=ContractKind.FRAMEWORK, ends_on=ended_on
    )


def with_overrides(rules: Rules, values: Mapping[str, str]) -> Rules:
    """The rules with an administrator's values, as stored: key → text.

    Keys: vigilance.threshold, .mode, .window_months, .order_months, .warn_days, .period,
    .not_asked (codes with commas), .renewal.<code>. Unknown keys belong to other tables and are
    left alone. Raises DomainError on a value that cannot be read, LooserThanLawError on one that
    the law does not allow.
    """
    mine = {key: text.strip() for key, text in values.items() if key.startswith("vigilance.")}
    changed = rules
    for key, text in sorted(mine.items()):
        try:
            changed = _override(changed, key.removeprefix("vigilance."), text)
        except (ValueError, InvalidOperation) as wrong:
            raise DomainError(N_("This rule does not accept this value."), field=key) from wrong
    if changed == rules:
        return rules
    return replace(changed, version=f"{rules.version}+{_fingerprint(mine)}")


def _override(rules: Rules, name: str, text: str) -> Rules:
    # Python reads the digits of every script; what is kept must be read by people too.
    if not text.isascii():
        raise ValueError(text)
    if name == "threshold":
        amount = Decimal(text.replace(",", "."))
        if not amount.is_finite() or amount < 0:
            raise ValueError(text)
        if amount > Threshold().amount:
            # R8222-1 makes the check compulsory from this amount: a buyer may only ask for more.
            raise LooserThanLawError(LOWER_ONLY, field=f"vigilance.{name}")
        return replace(rules, threshold=amount)
    if name == "mode":
        return replace(rules, mode=ThresholdMode(text))
    if name == "period":
        return replace(rules, period=PeriodMode(text))
    if name == "not_asked":
        codes = frozenset(RequirementCode(code.strip()) for code in text.split(",") if code.strip())
        if any(RULES[code].basis is Basis.LAW for code in codes):
            raise LooserThanLawError(STILL_ASKED, field=f"vigilance.{name}")
        return replace(rules, not_asked=codes)
    if name in {"window_months", "order_months", "warn_days"}:
        return replace(rules, **{name: _positive(text)})  # type: ignore[arg-type]
    if name.startswith("renewal."):
        code = RequirementCode(name.removeprefix("renewal."))
        return replace(rules, renewals={**rules.renewals, code: _renewal(code, text)})
    raise ValueError(name)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _renewal(code: RequirementCode, text: str) -> int:
    """Months between two papers: never more than the law's own cycle."""
    months, rule = _positive(text), RULES[code]
    if rule.basis is Basis.LAW and rule.renewal_months and months > rule.renewal_months:
        raise LooserThanLawError(SHORTER_ONLY, field=f"vigilance.renewal.{code}")
    return months


def _fingerprint(values: Mapping[str, str]) -> str:
    text = "\n".join(f"{key}={value}" for key, value in sorted(values.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:8]
