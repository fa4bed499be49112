"""What a paper was refused for: by whom, each reason, and the rule with the day it sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext

from supplier.desk.review_paper import FindingRow, PaperView
from supplier.documents.kinds import KINDS, DocumentKind, ReasonCode
from supplier.documents.models import Document
from supplier.documents.reading.result import Severity
from supplier.documents.states import Outcome
from supplier.documents.validity import DocumentFacts, fresh_until
from supplier.kernel.clock import legal_day
from supplier.web import context
from supplier.web.filters import show_long_date, show_text
from supplier.web.papers import reason_words


@dataclass(frozen=True, slots=True)
class RefusedReason:
    """One reason in few words, what stands on this paper against it, the rule."""

    name: str
    words: str
    rule: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """The refusal that is contested, or drawn for a second look."""

    by: str
    at: datetime
    comment: str
    reasons: tuple[RefusedReason, ...]


def refusal_of(view: PaperView) -> Refusal | None:
    """The refusal that somebody is to answer for or confirm; None where there is none."""
    document = view.document
    if not (view.decidable and document.contested_at) and not view.sampled:
        return None
    last = next(iter(reversed(view.file.decisions)), None)
    if last is None:
        at = document.read_at or document.received_at
        return Refusal(gettext("the machine"), at, "", _reasons(view, document.reasons))
    if last.outcome != Outcome.REFUSE:
        return None
    by = gettext("the machine") if last.by_machine else last.by_name
    return Refusal(by, last.at, last.comment or "", _reasons(view, last.reasons))


def _reasons(view: PaperView, codes: Sequence[str]) -> tuple[RefusedReason, ...]:
    return tuple(_reason(view, code) for code in codes)


def _reason(view: PaperView, code: str) -> RefusedReason:
    found = _found(view, code)
    words, source = _limit(view, code)
    if not words and found:
        words = found.words
    rule = (found.rule if found else "") or source
    return RefusedReason(reason_words(code), words, rule, found.number if found else 0)


def _found(view: PaperView, code: str) -> FindingRow | None:
    """What was found for a reason; what refuses weighs more than a doubt."""
    order = {Severity.REFUSAL.value: 0, Severity.DOUBT.value: 1}
    same = [one for one in view.findings if one.code == code and one.severity in order]
    return min(same, key=lambda one: order[one.severity], default=None)


def _limit(view: PaperView, code: str) -> tuple[str, str]:
    """The day on which this paper came beside the one that the rule sets, and the rule."""
    document, kind = view.document, view.kind
    if kind is None:
        return "", ""
    came = show_long_date(legal_day(document.received_at, zone=context.settings().timezone))
    if code == ReasonCode.TOO_OLD and document.issued_on:
        return _age(document, kind, came), show_text(KINDS[kind].source)
    if code == ReasonCode.EXPIRED and document.valid_until:
        ended = show_long_date(document.valid_until)
        words = gettext("Its period ended on %(day)s; it came on %(came)s.", day=ended, came=came)
        return words, show_text(KINDS[kind].source)
    begins = _begins(document)
    if code == ReasonCode.NOT_YET_VALID and begins:
        words = gettext(
            "It begins on %(day)s; it came on %(came)s.", day=show_long_date(begins), came=came
        )
        return words, show_text(KINDS[kind].source)
    return "", ""


def _age(document: Document, kind: DocumentKind, came: str) -> str:
    """The day of a paper and the last one on which it could have been handed in."""
    facts = DocumentFacts(kind, issued_on=document.issued_on)
    day, last = show_long_date(document.issued_on), fresh_until(facts)
    if last is None:
        return gettext("It is dated %(day)s; it came on %(came)s.", day=day, came=came)
    return gettext(
        "It is dated %(day)s and could be handed in until %(last)s; it came on %(came)s.",
        day=day, last=show_long_date(last), came=came,
    )  # fmt: skip


def _begins(document: Document) -> date | None:
    return document.valid_from or document.issued_on
