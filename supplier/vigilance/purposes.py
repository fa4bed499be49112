"""What a paper without a kind of its own may answer, and which days a person reads on it; pure."""

from __future__ import annotations

from supplier.documents.kinds import DocumentKind
from supplier.vigilance.catalogue import RULES, RequirementCode

#: The requirements that some paper of the kind `other` satisfies. The registration is among them
#: for a regulated profession: a letter with its listing by the order (D8222-5 2° c).
PURPOSES: tuple[RequirementCode, ...] = (
    RequirementCode.REGISTRATION,
    *(code for code, rule in RULES.items() if DocumentKind.OTHER in rule.kinds),
)


def needs_end(code: RequirementCode) -> bool:
    """Whether a paper for it counts only with a last day of its own.

    What is collected anew every so often covers that long after its receipt (DOMAIN rule 8).
    Nothing else ends the posting declaration: a longer posting needs another one (rule 31).
    """
    return RULES[code].renewal_months is None
