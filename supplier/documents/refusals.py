"""What the supplier reads for each reason of a refusal: what is wrong, then what to do; pure."""

from __future__ import annotations

from supplier.documents.kinds import REASON_TEXTS, ReasonCode
from supplier.kernel.i18n import N_

#: A refusal is an answer: where the words of a doubt say that a person looks, it says what is next.
REFUSAL_TEXTS: dict[ReasonCode, str] = {
    **REASON_TEXTS,
    ReasonCode.CODE_MISSING: N_(
        "The issuer's control code is not on this paper. Hand in the original PDF with its code."
    ),
    ReasonCode.SEVERAL_DOCUMENTS: N_(
        "This file holds several papers. Hand in each of them in a file of its own."
    ),
    ReasonCode.STRUCK_OFF: N_(
        "The extract says that the company is struck off the register. If that is wrong, have the "
        "register corrected, then hand in a new extract."
    ),
    ReasonCode.INSOLVENCY: N_(
        "The extract mentions insolvency proceedings: it cannot be accepted as it stands. Talk to "
        "the company that asks for it, or hand in a newer extract without this mention."
    ),
    ReasonCode.CONTENT_ALARM: N_(
        "What is written on the paper keeps it from being accepted. Settle it with the issuer, "
        "then hand in a new paper."
    ),
}
