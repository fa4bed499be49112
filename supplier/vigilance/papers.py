"""What a paper is worth for a requirement: who knows it when, and which days it covers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from supplier.documents.kinds import DocumentKind
from supplier.kernel.clock import add_months, legal_day
from supplier.vigilance.catalogue import RequirementCode
from supplier.vigilance.requirements import Requirement
from supplier.vigilance.spans import OPEN, Span, before, span_or_none, union


class Authenticity(StrEnum):
    UNCHECKED = "unchecked"
    CONFIRMED = "confirmed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper as one buyer holds it. Days are Paris days, instants aware and in UTC.

    `good_from`/`valid_until` are its own first and last good days (None: not read, or no end);
    `received_on` is the day on which it came into this buyer's hands.
    """

    id: str
    kind: DocumentKind | None
    received_on: date
    issued_on: date | None = None
    good_from: date | None = None
    valid_until: date | None = None
    accepted_at: datetime | None = None
    #: The acceptance was taken back.
    revoked_at: datetime | None = None
    refused_at: datetime | None = None
    #: The document's state; only `withdrawn` and `erased` matter here beyond the instants.
    state: str = "accepted"
    authenticity: Authenticity = Authenticity.UNCHECKED
    checked_at: datetime | None = None
    #: What it was handed in for: a requirement's code or a kind. A paper of the kind `other`
    #: counts only for the requirement that it names.
    asked_for: str | None = None


class Standing(StrEnum):
    """What a paper is worth at an instant."""

    ABSENT = "absent"
    PENDING = "pending"
    REFUSED = "refused"
    TO_VERIFY = "to_verify"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class WaiverFacts:
    """A requirement is not asked from `from_on` to `until_on`; it never reaches back."""

    from_on: date
    until_on: date
    granted_at: datetime
    revoked_at: datetime | None = None


def standing(paper: Paper, requirement: Requirement, *, known_at: datetime) -> Standing:
    """What a paper was worth for a requirement, as known at an instant."""
    if paper.received_on > legal_day(known_at) or paper.state in {"withdrawn", "erased"}:
        return Standing.ABSENT
    if _passed(paper.revoked_at, known_at) or _passed(paper.refused_at, known_at):
        return Standing.REFUSED
    if not _passed(paper.accepted_at, known_at):
        return Standing.PENDING
    if paper.kind not in requirement.issuer_check:
        return Standing.GOOD
    return _checked(paper, known_at)


def _checked(paper: Paper, known_at: datetime) -> Standing:
    """L243-15 makes the issuer's confirmation a condition: before it, accepted is not covered."""
    if not _passed(paper.checked_at, known_at):
        return Standing.TO_VERIFY
    return {
        Authenticity.CONFIRMED: Standing.GOOD,
        Authenticity.FAILED: Standing.REFUSED,
        Authenticity.UNCHECKED: Standing.TO_VERIFY,
    }[paper.authenticity]


def _passed(at: datetime | None, known_at: datetime) -> bool:
    return at is not None and at <= known_at


def answers(paper: Paper, requirement: Requirement) -> bool:
    """Whether a paper is of a kind that this requirement accepts."""
    if paper.kind is None:
        wanted = {requirement.code.value, *(kind.value for kind in requirement.kinds)}
        return paper.asked_for in wanted
    if paper.kind is DocumentKind.OTHER and paper.asked_for != requirement.code.value:
        return False
    return paper.kind in requirement.kinds


def own_span(paper: Paper, requirement: Requirement) -> Span | None:
    """The days that a paper is good for, from its own dates, whenever it came.

    D8222-5: collected anew every six months, so a paper covers no longer than the requirement's
    cycle after its receipt, however long it stays good in itself (DOMAIN rule 8).
    """
    first = paper.good_from or paper.issued_on or paper.received_on
    last = paper.valid_until or OPEN
    if requirement.renewal_months is not None:
        last = min(last, before(add_months(paper.received_on, requirement.renewal_months)))
    return span_or_none(first, last)


def cover_span(paper: Paper, requirement: Requirement) -> Span | None:
    """The days on which a paper was both good and in our hands."""
    own = own_span(paper, requirement)
    return span_or_none(max(own.first, paper.received_on), own.last) if own else None


#: Some days with the paper that they come from.
PaperSpan = tuple[Span, str]


@dataclass(frozen=True, slots=True)
class Known:
    """The papers and waivers that count at an instant, by what they are worth."""

    good: tuple[PaperSpan, ...]
    to_verify: tuple[PaperSpan, ...]
    pending: tuple[PaperSpan, ...]
    #: The own days of good papers, those before their receipt included.
    late: tuple[PaperSpan, ...]
    waived: tuple[Span, ...]
    in_review: bool
    last_refused: bool
    last_id: str | None


_OPPOSITES = {
    DocumentKind.FOREIGN_WORKERS_NONE: DocumentKind.FOREIGN_WORKERS_LIST,
    DocumentKind.FOREIGN_WORKERS_LIST: DocumentKind.FOREIGN_WORKERS_NONE,
}


def _overtaken(
    papers: Iterable[Paper], requirement: Requirement, *, known_at: datetime
) -> Mapping[str, date]:
    """The first day on which a statement on foreign workers no longer speaks, by its id.

    D8254-2, D8254-4: a list and the statement that there is nobody to list contradict each other.
    The one signed later speaks from its day on; the earlier one stays for the days before.
    """
    if requirement.code is not RequirementCode.FOREIGN_WORKERS:
        return {}
    said = [
        one
        for one in papers
        if one.kind in _OPPOSITES and standing(one, requirement, known_at=known_at) is Standing.GOOD
    ]
    ends: dict[str, date] = {}
    for one in said:
        later = [
            _speaks_from(other)
            for other in said
            if other.kind is not one.kind and _signed(other) > _signed(one)
        ]
        if later:
            ends[one.id] = min(later)
    return ends


def _signed(paper: Paper) -> tuple[date, date, datetime, str]:
    """The order in which statements were signed, those of one day as they were accepted."""
    assert paper.accepted_at is not None
    day = paper.good_from or paper.issued_on or paper.received_on
    return day, paper.received_on, paper.accepted_at, paper.id


def _speaks_from(paper: Paper) -> date:
    return max(_signed(paper)[0], paper.received_on)


def _until(spans: Iterable[PaperSpan], ends: Mapping[str, date]) -> tuple[PaperSpan, ...]:
    """The spans without the days on which a later statement speaks."""
    found = []
    for span, paper_id in spans:
        last = min(span.last, before(ends[paper_id])) if paper_id in ends else span.last
        if left := span_or_none(span.first, last):
            found.append((left, paper_id))
    return tuple(found)


def known_papers(
    requirement: Requirement,
    papers: Iterable[Paper],
    *,
    waivers: Iterable[WaiverFacts],
    known_at: datetime,
) -> Known:
    """Sort what was known at an instant by its worth, the newest paper first.

    On a day that several papers cover, the last one received is the one shown.
    """
    papers = tuple(papers)
    ends = _overtaken(papers, requirement, known_at=known_at)
    worth: dict[Standing, list[Paper]] = {what: [] for what in Standing}
    seen: list[tuple[Paper, Standing]] = []
    for paper in sorted(papers, key=lambda one: (one.received_on, one.id), reverse=True):
        what = standing(paper, requirement, known_at=known_at)
        # What the supplier says today takes nothing from the days before a later statement.
        if (paper.id in ends or answers(paper, requirement)) and what is not Standing.ABSENT:
            worth[what].append(paper)
            seen.append((paper, what))
    return Known(
        good=_until(_spans(worth[Standing.GOOD], requirement), ends),
        to_verify=_spans(worth[Standing.TO_VERIFY], requirement),
        pending=_spans(worth[Standing.PENDING], requirement),
        late=_until(
            (
                (span, one.id)
                for one in worth[Standing.GOOD]
                if (span := own_span(one, requirement))
            ),
            ends,
        ),
        waived=waived_spans(waivers, known_at=known_at),
        in_review=bool(worth[Standing.PENDING]),
        last_refused=bool(seen) and seen[0][1] is Standing.REFUSED,
        last_id=seen[0][0].id if seen else None,
    )


def _spans(papers: Iterable[Paper], requirement: Requirement) -> tuple[PaperSpan, ...]:
    return tuple((span, one.id) for one in papers if (span := cover_span(one, requirement)))


def waived_spans(waivers: Iterable[WaiverFacts], *, known_at: datetime) -> tuple[Span, ...]:
    """The days that waivers excuse: not before they were granted, nor from their revocation on."""
    found = []
    for waiver in waivers:
        if waiver.granted_at > known_at:
            continue
        first = max(waiver.from_on, legal_day(waiver.granted_at))
        last = waiver.until_on
        if _passed(waiver.revoked_at, known_at):
            assert waiver.revoked_at is not None
            last = min(last, before(legal_day(waiver.revoked_at)))
        found.append(span_or_none(first, last))
    return union(span for span in found if span)
