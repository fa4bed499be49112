"""What a supplier reads about a paper: what it is, what is wrong with it, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext, ngettext

from supplier.documents.kept_reading import kind_of
from supplier.documents.kinds import KINDS, Basis, DocumentKind, ReasonCode
from supplier.documents.models import Document
from supplier.documents.queries import PaperFile
from supplier.documents.reading.result import Finding, Reading, Severity
from supplier.documents.refusals import REFUSAL_TEXTS
from supplier.documents.states import WAITING, State
from supplier.kernel.i18n import N_
from supplier.kernel.identifiers import Iban
from supplier.kernel.pages import Box
from supplier.parties.models import Supplier
from supplier.vigilance.catalogue import RULES, RequirementCode
from supplier.web import context
from supplier.web.filters import show_long_date, show_siren, show_text
from supplier.web.papers import period_words

#: Papers that speak for themselves in one word on a card.
_SHORT = {
    DocumentKind.KBIS: N_("Kbis"),
    DocumentKind.RNE_EXTRACT: N_("RNE extract"),
    DocumentKind.URSSAF_VIGILANCE: N_("Urssaf certificate"),
    DocumentKind.TAX_COMPLIANCE: N_("Tax certificate"),
    DocumentKind.FOREIGN_WORKERS_NONE: N_("Foreign workers: none"),
    DocumentKind.FOREIGN_WORKERS_LIST: N_("Foreign workers: list"),
    DocumentKind.BANK_DETAILS: N_("Bank details"),
}
#: The words of a state for the supplier; they say less than the desk's and promise nothing.
STATE_WORDS = {
    State.RECEIVED: N_("Being read"),
    State.HELD: N_("Being checked"),
    State.READ: N_("Being read"),
    State.UNREADABLE: N_("Unreadable"),
    State.IN_REVIEW: N_("A person is looking"),
    State.ACCEPTED: N_("Accepted"),
    State.REFUSED: N_("Refused"),
    State.WITHDRAWN: N_("Withdrawn"),
    State.SUPERSEDED: N_("Superseded"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The fact in bold, then what to do; where on the page (page from 1) it shows."""

    fact: str
    words: str = ""
    box: Box | None = None
    page: int = 1


def title_of(document: Document) -> str:
    """The name of a paper, or what was asked for while it is not known."""
    kind = kind_of(document)
    if kind is None and document.expected_kind in set(DocumentKind):
        kind = DocumentKind(document.expected_kind)
    if kind in {None, DocumentKind.OTHER} and document.expected_kind in set(RequirementCode):
        return gettext(RULES[RequirementCode(document.expected_kind)].label)
    if kind is not None:
        return gettext(KINDS[kind].label)
    if document.state in WAITING:
        return gettext("Paper on its way")
    if document.state == State.SUPERSEDED:
        return gettext("Several papers in one file")
    return gettext("Paper not recognised")


def short_title(kind: DocumentKind | None) -> str:
    if kind is None:
        return gettext("Paper")
    return gettext(_SHORT.get(kind, KINDS[kind].label))


def verdict_of(file: PaperFile, company: Supplier, *, ahead: int = 0) -> Verdict:
    """What is so, in the words of the state; `ahead`: how many papers are read before it."""
    document = file.document
    state = State(document.state)
    if state in _FIXED:
        return _fixed(state, ahead)
    if state is State.ACCEPTED and document.kind == DocumentKind.BANK_DETAILS:
        return _account_read(file)
    if state is State.ACCEPTED:
        return _accepted(document)
    if state is State.IN_REVIEW:
        return _in_review(file)
    if state is State.SUPERSEDED:
        return Verdict(_superseded(document))
    return _refused(file, company)


def _fixed(state: State, ahead: int) -> Verdict:
    """A place in the queue where there is one: a time would be a promise."""
    if state is State.RECEIVED and ahead:
        words = ngettext(
            "%(num)d paper is read before this one. You may close this page.",
            "%(num)d papers are read before this one. You may close this page.", ahead,
        )  # fmt: skip
        return Verdict("", words)
    fact, advice = _FIXED[state]
    return Verdict(gettext(fact) if fact else "", gettext(advice) if advice else "")


_FIXED = {
    State.RECEIVED: ("", N_("It is this paper's turn. You may close this page.")),
    State.READ: ("", N_("It is this paper's turn. You may close this page.")),
    State.HELD: ("", N_("The file is being checked for viruses before it is read.")),
    State.WITHDRAWN: (N_("You withdrew this paper."), ""),
}


def _accepted(document: Document) -> Verdict:
    parts = [short_title(kind_of(document))]
    kind = kind_of(document)
    if document.situation_on is not None or kind in {DocumentKind.KBIS, DocumentKind.RNE_EXTRACT}:
        day = document.situation_on or document.issued_on
        parts.append(gettext("as of %(date)s", date=show_long_date(day)))
    elif document.issued_on is not None:
        parts.append(gettext("issued on %(date)s", date=show_long_date(document.issued_on)))
    if document.valid_until is not None:
        until = show_long_date(document.valid_until)
        past = document.valid_until < context.today()
        parts.append(
            gettext("was good until %(date)s", date=until)
            if past
            else gettext("good until %(date)s", date=until)
        )
    if document.superseded_by_id is not None:
        parts.append(gettext("a later statement says the contrary and counts from its day on"))
    return Verdict(" — ".join(parts), period_words(document, today=context.today()))


def _account_read(file: PaperFile) -> Verdict:
    """Bank details that were read are not yet an account: the supplier confirms them first."""
    found = file.kept.reading if file.kept else None
    iban = Iban.try_parse(found.text("iban")) if found else None
    if found is None or iban is None:
        return Verdict(gettext("Bank details read."))
    fact = gettext(
        "Read: account %(iban)s, holder %(holder)s.",
        iban=iban.masked, holder=found.text("holder") or "—",
    )  # fmt: skip
    return Verdict(fact, gettext("Confirm it, and two people verify it."))


def _in_review(file: PaperFile) -> Verdict:
    if file.document.contested_at is not None:
        return Verdict(
            gettext("You contested the answer: another person looks at this paper."),
            gettext("You have nothing else to do for it; you are told by mail."),
        )
    doubt = _first(file, Severity.DOUBT)
    why = _sentence(doubt) if doubt else ""
    verdict = gettext("A person looks at this paper; you are told by mail.")
    if doubt is None:
        return Verdict(verdict)
    return Verdict(verdict, why, doubt.box, doubt.page or 1)


def _superseded(document: Document) -> str:
    if document.superseded_by_id is None:
        return gettext("This file held several papers: each has its own card.")
    return gettext("A newer paper has taken its place.")


def _refused(file: PaperFile, company: Supplier) -> Verdict:
    """Exactly what is wrong, then what to do and where to get the right paper."""
    decision = file.decision
    reasons = [ReasonCode(code) for code in file.document.reasons]
    place = _first(file, Severity.REFUSAL)
    box, page = (place.box, place.page or 1) if place else (None, 1)
    told = _special(reasons, file, company)
    fact, words = told or (_by_reason(reasons, place), "")
    where = _where(file, reasons)
    if decision is not None and decision.comment:
        words = _closed(decision.comment)
    return Verdict(fact, f"{words} {where}".strip(), box or _box_of(reasons, file), page)


def _closed(comment: str) -> str:
    """What a person typed, as a sentence: another one follows it."""
    text = comment.strip()
    return text if text[-1:] in {".", "!", "?", "…", ":"} else f"{text}."


def _special(
    reasons: Sequence[ReasonCode], file: PaperFile, company: Supplier
) -> tuple[str, str] | None:
    """Reasons that are told with the very values read."""
    found = file.kept.reading if file.kept else None
    if found is None or not reasons:
        return None
    if reasons[0] is ReasonCode.TOO_OLD:
        return too_old(found.kind, file.document.issued_on)
    if reasons[0] is ReasonCode.EXPIRED and file.document.valid_until:
        until = show_long_date(file.document.valid_until)
        return gettext("The printed period ended on %(date)s.", date=until), ""
    if reasons[0] is ReasonCode.WRONG_COMPANY:
        return _wrong_company(found, company)
    if reasons[0] is ReasonCode.WRONG_KIND and found.kind and found.kind != DocumentKind.OTHER:
        kind = gettext(KINDS[found.kind].label)
        return gettext("This is another paper: %(kind)s.", kind=kind), ""
    return None


def too_old(kind: DocumentKind | None, issued_on: date | None) -> tuple[str, str] | None:
    """How old a paper of this kind may be and its day, then the rule; None where either lacks."""
    spec = KINDS[kind] if kind else None
    if spec is None or spec.months is None or issued_on is None:
        return None
    fact = ngettext(
        "This paper is more than %(num)d month old (dated %(date)s).",
        "This paper is more than %(num)d months old (dated %(date)s).",
        spec.months,
        date=show_long_date(issued_on),
    )
    rule = gettext(spec.source) if spec.basis is Basis.LAW else ""
    return fact, rule


def _wrong_company(found: Reading, company: Supplier) -> tuple[str, str] | None:
    read, name = found.text("siren"), found.text("company_name") or found.text("holder")
    if read and company.siren and read != company.siren:
        fact = gettext("This company number is not yours.")
        words = gettext(
            "Read on the page: %(read)s (%(name)s). Yours: %(own)s.",
            read=show_siren(read), name=name or gettext("no name"), own=show_siren(company.siren),
        )  # fmt: skip
        return fact, words
    if name:
        return gettext("This paper is in the name of %(name)s.", name=name), ""
    return None


def _by_reason(reasons: Sequence[ReasonCode], place: Finding | None) -> str:
    """The reason in plain words; the machine's own sentence where it says more."""
    if place is not None and place.code in reasons:
        return _sentence(place)
    if not reasons:
        return gettext("This paper does not count.")
    return " ".join(gettext(REFUSAL_TEXTS[code]) for code in reasons)


def _where(file: PaperFile, reasons: Sequence[ReasonCode]) -> str:
    """Where to get the right paper, for reasons that a new one mends."""
    document = file.document
    wanted = document.expected_kind if document.expected_kind in set(DocumentKind) else None
    kind = wanted or document.kind
    mends = {
        ReasonCode.TOO_OLD, ReasonCode.EXPIRED, ReasonCode.WRONG_COMPANY, ReasonCode.WRONG_KIND,
        ReasonCode.NOT_YET_VALID, ReasonCode.TAMPERED, ReasonCode.SIGNATURE_BROKEN,
    }  # fmt: skip
    if kind is None or not mends & set(reasons) or kind == DocumentKind.OTHER:
        return ""
    return gettext(KINDS[DocumentKind(kind)].where)


def url_of(document: Document) -> tuple[str, str] | None:
    """The site where the right paper is, with its name; None where there is none."""
    kind = document.expected_kind if document.expected_kind in set(DocumentKind) else document.kind
    url = KINDS[DocumentKind(kind)].url if kind else ""
    return (url, url.removeprefix("https://").removeprefix("www.")) if url else None


def _first(file: PaperFile, severity: Severity) -> Finding | None:
    findings = file.kept.reading.findings if file.kept else ()
    chosen = [finding for finding in findings if finding.severity is severity]
    return next((one for one in chosen if one.box), chosen[0] if chosen else None)


def _sentence(finding: Finding) -> str:
    try:
        return show_text(finding.message, **dict(finding.params))
    except (KeyError, ValueError):
        return show_text(finding.message)


#: The value that a reason is about, to frame its zone where the finding has none.
_ABOUT = {
    ReasonCode.TOO_OLD: ("issued_on", "signed_on"),
    ReasonCode.EXPIRED: ("valid_until",),
    ReasonCode.WRONG_COMPANY: ("siren", "company_name", "holder"),
    ReasonCode.NOT_YET_VALID: ("issued_on", "signed_on", "valid_from"),
}


def _box_of(reasons: Sequence[ReasonCode], file: PaperFile) -> Box | None:
    if file.kept is None or not reasons:
        return None
    for name in _ABOUT.get(reasons[0], ()):
        value = file.kept.reading.find(name)
        if value is not None and value.box is not None and value.page == 1:
            return value.box
    return None
