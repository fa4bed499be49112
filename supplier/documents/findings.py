"""The things that reading can find on a paper, each with its sentence and its source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from supplier.documents.kinds import REASON_TEXTS, ReasonCode
from supplier.documents.reading.result import Finding, Severity
from supplier.documents.refusals import REFUSAL_TEXTS
from supplier.kernel.i18n import N_
from supplier.kernel.pages import Box

NOTES: dict[str, str] = {
    "no_supplier": N_("No supplier was named, so nobody can say whether the paper is theirs."),
    "signed_unknown": N_("The file is signed; the signer is not among the known ones."),
    "signed_known": N_("The file is signed by %(signer)s and was not changed since."),
    "printed_period": N_("The paper itself says it is good for %(months)s months only."),
    "scan": N_("The paper is a scan: a person looks at it."),
    "bank_code_unlike": N_("The BIC printed is not the one usual for this bank."),
    "old_mention": N_("The extract holds an old mention: %(mention)s"),
    "structure": N_("The file's structure: %(detail)s"),
    "later_date": N_("The paper bears two dates; the older one counts."),
    "quality": N_("Part of the picture is hard to read."),
    "sealed": N_("The seal of the 2D-Doc code holds (%(authority)s, %(certificate)s)."),
    "sealed_unknown": N_(
        "The paper bears a 2D-Doc code; the certificate %(certificate)s of %(authority)s is not "
        "installed, so its seal was not checked."
    ),
    "embedded": N_("Values come from the data attached to the file."),
}


class Placed(Protocol):
    """Anything that stands somewhere on a page: a value, a span of words."""

    @property
    def page(self) -> int | None: ...

    @property
    def box(self) -> Box | None: ...


def note(
    code: str, *, at: Placed | None = None, params: Mapping[str, str] | None = None
) -> Finding:
    """Something to know that changes nothing."""
    return _finding(code, Severity.NOTE, NOTES[code], "", at, params)


def doubt(
    code: ReasonCode,
    *,
    rule: str = "",
    message: str | None = None,
    at: Placed | None = None,
    params: Mapping[str, str] | None = None,
) -> Finding:
    """Something that a person must look at."""
    return _finding(code.value, Severity.DOUBT, message or REASON_TEXTS[code], rule, at, params)


def refusal(
    code: ReasonCode,
    *,
    rule: str = "",
    message: str | None = None,
    at: Placed | None = None,
    params: Mapping[str, str] | None = None,
) -> Finding:
    """Something certain for which the paper is refused."""
    return _finding(code.value, Severity.REFUSAL, message or REFUSAL_TEXTS[code], rule, at, params)


def _finding(  # noqa: PLR0917 - one private maker behind three keyword-only ones
    code: str, severity: Severity, message: str, rule: str, at: Placed | None,
    params: Mapping[str, str] | None,
) -> Finding:  # fmt: skip
    page, box = (at.page, at.box) if at else (None, None)
    return Finding(code, severity, message, rule, page, box, params or {})
