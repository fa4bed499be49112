"""Who may do what: roles, permissions, and the rights of one visitor. Pure."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import StrEnum

from supplier.kernel.audit import Actor, ActorKind
from supplier.kernel.i18n import N_


class Role(StrEnum):
    PURCHASING = "purchasing"
    BANK_VALIDATOR = "bank_validator"
    ACCOUNTING = "accounting"
    DATA_PROTECTION = "data_protection"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


ROLE_LABELS: dict[Role, str] = {
    Role.PURCHASING: N_("Purchasing"),
    Role.BANK_VALIDATOR: N_("Bank validator"),
    Role.ACCOUNTING: N_("Accounting"),
    Role.DATA_PROTECTION: N_("Data protection officer"),
    Role.AUDITOR: N_("Auditor"),
    Role.ADMINISTRATOR: N_("Administrator"),
}


class Permission(StrEnum):
    """What a staff page or action demands. Reading and changing are told apart."""

    DESK = "desk"
    SUPPLIER_READ = "supplier.read"
    SUPPLIER_CHANGE = "supplier.change"
    DOCUMENT_READ = "document.read"
    DOCUMENT_DECIDE = "document.decide"
    REVIEW_READ = "review.read"
    REVIEW_DECIDE = "review.decide"
    QUALITY_READ = "quality.read"
    VIGILANCE_CHANGE = "vigilance.change"
    CONTRACT_READ = "contract.read"
    CONTRACT_CHANGE = "contract.change"
    EVALUATION_READ = "evaluation.read"
    EVALUATION_RATE = "evaluation.rate"
    EVALUATION_CHANGE = "evaluation.change"
    BANK_READ = "bank.read"
    BANK_PAPER = "bank.paper"
    BANK_SUBMIT = "bank.submit"
    BANK_APPROVE = "bank.approve"
    BANK_PULL = "bank.pull"
    RETENTION_READ = "retention.read"
    RETENTION_PROPOSE = "retention.propose"
    RETENTION_APPROVE = "retention.approve"
    HOLD_CHANGE = "hold.change"
    RIGHTS_READ = "rights.read"
    RIGHTS_ANSWER = "rights.answer"
    AUDIT_READ = "audit.read"
    PROOF_MAKE = "proof.make"
    CAMPAIGN_SEND = "campaign.send"
    USER_ADMIN = "user.admin"
    RULES_ADMIN = "rules.admin"
    API_ADMIN = "api.admin"
    API_APPROVE = "api.approve"


P = Permission
_READ_ALL = {
    P.DESK, P.SUPPLIER_READ, P.DOCUMENT_READ, P.REVIEW_READ, P.CONTRACT_READ, P.EVALUATION_READ,
}  # fmt: skip

#: One row a role. An administrator never sees bank data; an auditor changes nothing. The rooms of
#: review are open to whoever reads some papers: `document.…` says the ordinary ones, `bank.paper`
#: those of bank details, which show the whole account number.
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.PURCHASING: frozenset(
        _READ_ALL
        | {
            P.SUPPLIER_CHANGE, P.DOCUMENT_DECIDE, P.REVIEW_DECIDE, P.VIGILANCE_CHANGE,
            P.CONTRACT_CHANGE, P.QUALITY_READ,
            P.EVALUATION_RATE, P.EVALUATION_CHANGE, P.BANK_SUBMIT, P.CAMPAIGN_SEND, P.PROOF_MAKE,
        }
    ),
    Role.BANK_VALIDATOR: frozenset(
        {
            P.DESK, P.SUPPLIER_READ, P.BANK_READ, P.BANK_PAPER, P.BANK_APPROVE, P.API_APPROVE,
            P.REVIEW_READ, P.REVIEW_DECIDE,
        }
    ),
    Role.ACCOUNTING: frozenset({P.DESK, P.BANK_PULL, P.API_APPROVE}),
    Role.DATA_PROTECTION: frozenset(
        {
            P.DESK, P.SUPPLIER_READ, P.CONTRACT_READ, P.RETENTION_READ, P.RETENTION_PROPOSE,
            P.RETENTION_APPROVE, P.HOLD_CHANGE, P.RIGHTS_READ, P.RIGHTS_ANSWER, P.AUDIT_READ,
        }
    ),
    Role.AUDITOR: frozenset(
        _READ_ALL
        | {
            P.BANK_READ, P.RETENTION_READ, P.RIGHTS_READ, P.AUDIT_READ, P.PROOF_MAKE,
            P.QUALITY_READ,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {P.DESK, P.SUPPLIER_READ, P.USER_ADMIN, P.RULES_ADMIN, P.API_ADMIN, P.QUALITY_READ}
    ),
}  # fmt: skip

#: Roles that read whole account numbers. Each counts only once a second person approved it
#: (DESIGN.md section 6), and none is held together with the administrator's.
NEED_TWO = frozenset({Role.BANK_VALIDATOR, Role.ACCOUNTING})


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in force, for one group company or (None) for all."""

    role: Role
    buyer_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who signed in, with the rights that hold at this moment."""

    user_id: uuid.UUID
    kind: ActorKind
    name: str
    email: str
    language: str
    grants: tuple[Grant, ...] = ()
    #: Suppliers that this person acts for, with their names.
    mandates: tuple[tuple[uuid.UUID, str], ...] = ()
    acting_supplier_id: uuid.UUID | None = None

    @property
    def actor(self) -> Actor:
        return Actor(self.kind, self.user_id, self.name, self.acting_supplier_id)

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.grants)

    def may(self, permission: Permission, buyer_id: uuid.UUID | None = None) -> bool:
        """True when a grant allows it, for `buyer_id` where one is named."""
        return any(
            permission in GRANTS[grant.role]
            and (buyer_id is None or grant.buyer_id in (None, buyer_id))
            for grant in self.grants
        )

    def buyers(self, permission: Permission) -> frozenset[uuid.UUID] | None:
        """The group companies for which it is allowed; None means all, an empty set none."""
        granted = [grant for grant in self.grants if permission in GRANTS[grant.role]]
        if any(grant.buyer_id is None for grant in granted):
            return None
        return frozenset(grant.buyer_id for grant in granted if grant.buyer_id is not None)
