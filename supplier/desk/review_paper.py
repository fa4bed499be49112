"""One paper as a reviewer sees it: values with their places, findings, what came before."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.desk.unseen import cover_account, reads_account, turn_away, withholds_original
from supplier.documents import queries
from supplier.documents.issuers import ISSUERS, Issuer
from supplier.documents.kept_reading import KeptReading, find_kept, kind_of
from supplier.documents.kinds import KINDS, DocumentKind, ReasonCode
from supplier.documents.making import PROGRAM_TEXTS, explanations, program_of
from supplier.documents.models import Document, EarlierPage, Preview
from supplier.documents.obvious import SURE
from supplier.documents.queries import PaperFile
from supplier.documents.reading.result import Finding, Making, Severity, Value
from supplier.documents.refusals import REFUSAL_TEXTS
from supplier.documents.review import Place, place_of
from supplier.documents.sight import PaperSight
from supplier.documents.states import DECIDABLE, State
from supplier.documents.versions import list_earlier
from supplier.kernel.errors import DomainError
from supplier.kernel.pages import Box
from supplier.parties import queries as parties
from supplier.parties.models import Supplier
from supplier.web import context
from supplier.web.filters import show_instant, show_text
from supplier.web.pages import page
from supplier.web.papers import (
    FIGURES,
    field_words,
    finding_words,
    is_day,
    kind_words,
    period_words,
    reason_words,
    source_words,
    value_words,
)

#: Lists of values are corrected on a new paper, not line by line here.
_LISTS = frozenset({"sirets", "representatives", "workers"})
_COMPARED = ("company_name", "siren", "address", "legal_form", "representatives", "headcount",
             "payroll", "insurer", "policy_number", "holder", "iban")  # fmt: skip


#: Number, place, whether it is doubtful, words, page (from 1).
Zone = tuple[int, Box, bool, str, int]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One value read; `number` names its zone (0: it has no place on a page)."""

    number: int
    name: str
    value: Value
    doubt: bool
    corrected: bool

    def cells(self) -> tuple[int | str, str, str, str, bool, bool]:
        """What `ui.field_list` prints."""
        source = gettext("corrected") if self.corrected else source_words(self.value)
        if self.value.page > 1:
            source = gettext("%(source)s, page %(page)d", source=source, page=self.value.page)
        shown = value_words(self.name, self.value)
        label = field_words(self.name)
        return self.number or "", label, shown, source, self.doubt, self.name in FIGURES


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding in words with its rule; `number` names its zone when it has one of its own."""

    severity: str
    words: str
    rule: str
    number: int
    code: str = ""


@dataclass(frozen=True, slots=True)
class Correctable:
    """A value that a person may write: its name, label, present text, and whether it is a day."""

    name: str
    label: str
    value: str
    day: bool


@dataclass(frozen=True, slots=True)
class PaperView:
    """Everything the page of a paper shows; eight statements."""

    file: PaperFile
    supplier: Supplier
    place: Place
    previous: Document | None
    rows: tuple[FieldRow, ...]
    findings: tuple[FindingRow, ...]
    zones: tuple[Zone, ...]
    earlier: tuple[EarlierPage, ...] = ()
    hides_account: bool = False
    withholds_original: bool = False

    @property
    def making(self) -> list[tuple[str, str]]:
        """How the file was made, in plain words; nothing for pictures."""
        making = self.file.kept.reading.making if self.file.kept else None
        return making_facts(making) if making else []

    @property
    def explanations(self) -> list[str]:
        """Why the file is what it is: ordinary causes."""
        making = self.file.kept.reading.making if self.file.kept else None
        found = explanations(making, differs=bool(self.earlier)) if making else ()
        return [gettext(words) for words in found]

    @property
    def warning(self) -> str:
        """What its dates call for though it is good."""
        return period_words(self.document, today=context.today())

    @property
    def document(self) -> Document:
        return self.file.document

    @property
    def companies(self) -> list[str]:
        """The companies that ask this supplier for papers today."""
        running = [one for one in self.supplier.engagements if one.ended_on is None]
        return list(dict.fromkeys(one.buyer.name for one in running))

    @property
    def kind(self) -> DocumentKind | None:
        return kind_of(self.document)

    @property
    def decidable(self) -> bool:
        return self.document.state in DECIDABLE

    @property
    def good_until(self) -> tuple[str, date | None]:
        """How to call the last day that the paper is good for, and that day; none if refused."""
        until = self.document.valid_until
        if until is None or self.document.state not in {*DECIDABLE, State.ACCEPTED}:
            return "", None
        past = until < context.today()
        return gettext("Was good until") if past else gettext("Good until"), until

    @property
    def previous_is_past(self) -> bool:
        """Whether what was accepted before is no longer in force."""
        until = self.previous.valid_until if self.previous else None
        return until is not None and until < context.today()

    @property
    def sampled(self) -> bool:
        return self.document.sampled_at is not None and not self.decidable

    @property
    def doubt(self) -> FindingRow | None:
        """The first thing to settle; a refusal weighs more than a doubt."""
        order = {Severity.REFUSAL.value: 0, Severity.DOUBT.value: 1}
        grave = [one for one in self.findings if one.severity in order]
        return min(grave, key=lambda one: order[one.severity], default=None)

    @property
    def other_findings(self) -> tuple[FindingRow, ...]:
        return tuple(one for one in self.findings if one is not self.doubt)

    @property
    def issuer(self) -> Issuer | None:
        """Who could confirm the paper, where the law or the practice knows somebody."""
        return ISSUERS.get(self.kind) if self.kind else None

    @property
    def own_company(self) -> bool | None:
        """Whether the number read is the supplier's; None where either is unknown."""
        read = self.file.kept.reading.text("siren") if self.file.kept else None
        return read == self.supplier.siren if read and self.supplier.siren else None

    def preview(self, number: int) -> Preview | None:
        """The picture of a page (from 1), or of the first."""
        return self.file.preview(number)

    def zones_of(self, number: int) -> list[tuple[int, Box, bool, str]]:
        """The zones of one page, as `ui.page_viewer` wants them."""
        return [zone[:4] for zone in self.zones if zone[4] == number]

    def correctable(self) -> list[Correctable]:
        """The values of this kind of paper that a person may write."""
        if self.kind is None:
            return []
        reading = self.file.kept.reading if self.file.kept else None
        return [
            Correctable(
                name, field_words(name), (reading.text(name) if reading else None) or "",
                is_day(name),
            )
            for name in KINDS[self.kind].fields
            if name not in _LISTS and not (self.hides_account and name == "iban")
        ]  # fmt: skip

    def compared(self) -> list[tuple[str, str, str, bool]]:
        """Name, value before, value now, whether they differ: against the last accepted paper."""
        before = find_reading(self.previous)
        now = self.file.kept
        if before is None or now is None:
            return []
        found = []
        for name in _COMPARED:
            old, new = _joined(before, name), _joined(now, name)
            if old and new:
                cover = cover_account if self.hides_account else str
                found.append((field_words(name), cover(old), cover(new), old != new))
        return found

    def reasons(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Reasons to refuse: those with a digit and the machine's own, then the rest."""
        near = [code for code in KEYS if KEYS[code].isdigit() or code in self.document.reasons]
        far = [code for code in KEYS if code not in near]
        return [_labelled(code) for code in near], [_labelled(code) for code in far]


def _labelled(code: ReasonCode) -> tuple[str, str]:
    return code.value, reason_words(code)


def find_reading(document: Document | None) -> KeptReading | None:
    """The reading of a paper, where there is a paper and it was read."""
    return find_kept(document) if document is not None else None


def _joined(kept: KeptReading, name: str) -> str:
    return ", ".join(value_words(name, value) for value in kept.reading.items(name))


def load(document_id: uuid.UUID, *, buyers: PaperSight) -> PaperView:
    """A paper with what hangs on it. Raises NotFoundError for other people's.

    Every page that shows what the machine read passes here: who is to read the paper again
    without sight of that is sent there instead, also from a form that comes back.
    """
    file = queries.get_file(document_id, buyers)
    document = file.document
    turn_away(document)
    rows, findings, zones = lay_out(file)
    withholds = withholds_original(file)
    hides = withholds and reads_account(file)
    if hides:
        rows, findings, zones = _cover(rows, findings, zones)
    making = file.kept.reading.making if file.kept else None
    return PaperView(
        file=file,
        supplier=parties.get_with_relations(document.supplier_id, buyers=buyers.companies),
        place=place_of(document_id, buyers=buyers),
        previous=_previous(document),
        rows=tuple(rows),
        findings=tuple(findings),
        zones=tuple(zones),
        earlier=tuple(list_earlier(document.id) if making and making.versions > 1 else ()),
        hides_account=hides,
        withholds_original=withholds,
    )


def _cover(
    rows: list[FieldRow], findings: list[FindingRow], zones: list[Zone]
) -> tuple[list[FieldRow], list[FindingRow], list[Zone]]:
    """The same without account numbers to copy; where they stand on the page is still shown."""
    shown = [
        replace(one, value=replace(one.value, value=cover_account(one.value.value)))
        if isinstance(one.value.value, str)
        else one
        for one in rows
    ]
    told = [replace(one, words=cover_account(one.words)) for one in findings]
    placed = [(*one[:3], cover_account(one[3]), one[4]) for one in zones]
    return shown, told, placed


def conflict_page(document_id: uuid.UUID, error: DomainError, *, buyers: PaperSight) -> AnyResponse:
    """Who decided what, and where to go on: for the slower of two."""
    view = load(document_id, buyers=buyers)
    return page(
        "desk/review_conflict.html", view=view, document=view.document, status=409,
        message=gettext(error.message), kind_words=kind_words, reason_words=reason_words,
    )  # fmt: skip


def making_facts(making: Making) -> list[tuple[str, str]]:
    """Program, days, fonts and number of versions, as the file itself says."""
    program = program_of(making)
    made = " · ".join(dict.fromkeys(filter(None, (making.creator, making.producer))))
    if program:
        made += f" ({gettext(PROGRAM_TEXTS[program])})"
    written, changed = _instant(making.created_at), _instant(making.modified_at)
    return [
        (gettext("Made with"), made),
        (gettext("Made on"), show_instant(written) if written else ""),
        (gettext("Last written on"),
         show_instant(changed) if changed and changed != written else ""),
        (gettext("Fonts"), ", ".join(making.fonts)),
        (gettext("Versions in the file"), str(making.versions) if making.versions > 1 else ""),
    ]  # fmt: skip


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _previous(document: Document) -> Document | None:
    """The accepted paper of the same kind that this one follows."""
    if document.kind is None:
        return None
    others = queries.list_accepted(document.supplier_id, document.kind)
    return next((one for one in others if one.id != document.id), None)


def lay_out(
    file: PaperFile,
) -> tuple[list[FieldRow], list[FindingRow], list[Zone]]:
    """Number what has a place, in the order of the paper, and tie findings to values."""
    if file.kept is None:
        return [], [], []
    kept, found = file.kept, list(file.kept.reading.findings)
    grave = [one for one in found if one.severity is not Severity.NOTE]
    rows: list[FieldRow] = []
    zones: list[Zone] = []
    for name, value in _flat(kept):
        doubt = value.confidence < SURE or any(_same_place(one, value) for one in grave)
        number = len(zones) + 1 if value.box else 0
        rows.append(FieldRow(number, name, value, doubt, name in kept.corrections))
        if value.box:
            zones.append((number, value.box, doubt, field_words(name), value.page))
    lines = []
    for one in found:
        number = next((row.number for row in rows if _same_place(one, row.value)), 0)
        if not number and one.box and one.page:
            number = len(zones) + 1
            zones.append(
                (number, one.box, one.severity is not Severity.NOTE, finding_words(one), one.page)
            )
        lines.append(
            FindingRow(
                one.severity.value, finding_words(one), show_text(one.rule), number, one.code
            )
        )
    return rows, lines, zones


def _flat(kept: KeptReading) -> Iterable[tuple[str, Value]]:
    for name, found in kept.reading.fields.items():
        for value in found if isinstance(found, tuple) else (found,):
            yield name, value


def _same_place(finding: Finding, value: Value) -> bool:
    return finding.box is not None and finding.page == value.page and finding.box == value.box


#: The key of each reason, the same on every paper: the hand learns it. Digits for the usual ones;
#: no letter is a key of the page itself.
KEYS = {
    ReasonCode.TOO_OLD: "1", ReasonCode.EXPIRED: "2", ReasonCode.WRONG_COMPANY: "3",
    ReasonCode.WRONG_KIND: "4", ReasonCode.UNREADABLE: "5", ReasonCode.TAMPERED: "6",
    ReasonCode.PAGES_MISSING: "7", ReasonCode.CODE_MISSING: "8", ReasonCode.NEGATIVE_STATEMENT: "9",
    ReasonCode.NOT_YET_VALID: "F", ReasonCode.SIGNATURE_BROKEN: "S",
    ReasonCode.CHECKSUM_INVALID: "C", ReasonCode.TOO_MANY_PAGES: "T", ReasonCode.ENCRYPTED: "P",
    ReasonCode.NOT_A_DOCUMENT: "N", ReasonCode.SEVERAL_DOCUMENTS: "M", ReasonCode.STRUCK_OFF: "B",
    ReasonCode.INSOLVENCY: "I", ReasonCode.CONTRADICTION: "O", ReasonCode.CONTENT_ALARM: "U",
}  # fmt: skip


def letters(view: PaperView) -> list[tuple[str, str]]:
    """What the supplier reads for each reason, with where to get the right paper."""
    where = gettext(KINDS[view.kind].where) if view.kind else ""
    mends = {ReasonCode.TOO_OLD, ReasonCode.EXPIRED, ReasonCode.WRONG_COMPANY,
             ReasonCode.WRONG_KIND, ReasonCode.TAMPERED}  # fmt: skip
    return [
        (code.value, f"{gettext(REFUSAL_TEXTS[code])} {where if code in mends else ''}".strip())
        for code in KEYS
    ]
