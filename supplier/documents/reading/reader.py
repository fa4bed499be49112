"""Reads one file: pages, papers in it, values, findings, verdict. Runs inside the sandbox."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from supplier.adapters.intake import REFUSALS
from supplier.documents import checks
from supplier.documents import validity as rules
from supplier.documents.checks_evidence import Evidence, facts_of
from supplier.documents.findings import doubt, refusal
from supplier.documents.kinds import KINDS, DocumentKind, ReasonCode
from supplier.documents.reading import (
    agree,
    classify,
    closer,
    confirm,
    counted,
    grain,
    marks,
    personal,
    retyped,
    scripts,
    sealed,
    second,
    segment,
    typeface,
)
from supplier.documents.reading.evidence import collect, decide, evidence_of, hints
from supplier.documents.reading.extract import extract
from supplier.documents.reading.fields import FIELDS
from supplier.documents.reading.isolated import refused
from supplier.documents.reading.layout import Paper, Sheet
from supplier.documents.reading.picture import by_hand, picture_findings, spoilt
from supplier.documents.reading.result import Finding, Reading, ReadRequest, Segment, Verdict
from supplier.documents.reading.segment import Part
from supplier.documents.reading.sources import (
    Gathered,
    Page,
    Trouble,
    UnreadableFileError,
    gather,
)
from supplier.documents.reading.statements import Statement
from supplier.documents.reading.structure import Shown, making, structure_findings
from supplier.documents.verdict import explained, judge

_TROUBLES: Mapping[Trouble, ReasonCode] = {
    Trouble.PASSWORD: ReasonCode.ENCRYPTED,
    Trouble.DAMAGED: ReasonCode.UNREADABLE,
    Trouble.TOO_MANY_PAGES: ReasonCode.TOO_MANY_PAGES,
    Trouble.TOO_LARGE: ReasonCode.UNREADABLE,
}


def read(data: bytes, media_type: str, *, request: ReadRequest) -> Reading:
    """Read and judge one file. Never raises on a bad file: the answer says what is wrong."""
    started = time.perf_counter()
    try:
        gathered = gather(data, media_type, max_pages=request.most_pages)
    except UnreadableFileError as error:
        reading = not_opened(error.trouble, request)
    else:
        reading = _read_pages(data, media_type, gathered, request=request)
    reading = personal.without_numbers(reading)
    return replace(reading, seconds=time.perf_counter() - started)


def not_opened(trouble: Trouble, request: ReadRequest) -> Reading:
    """The refusal of a file that gave no page."""
    reason = _TROUBLES[trouble]
    if reason is not ReasonCode.TOO_MANY_PAGES:
        return refused(reason, request=request)
    pages = {"pages": str(request.most_pages)}
    return refused(reason, request=request, message=REFUSALS["too_many_pages"], params=pages)


def _read_pages(
    data: bytes, media_type: str, gathered: Gathered, *, request: ReadRequest
) -> Reading:
    shown = structure_findings(data, media_type, gathered)
    pages = _chosen(gathered.pages, request)
    texts = [shown.seen(page) for page in pages]
    sheets = [Sheet(text, flat=page.flat) for text, page in zip(texts, pages, strict=True)]
    covered = personal.zones(sheets)
    parts = segment.split(sheets)
    papers = [part for part in parts if part.kind is not None]
    if not papers and _poorly_read(pages) and second.can_help(pages):
        papers = [part for part in [second.unknown_part(sheets, pages)] if part]
    if not papers:
        papers = _by_values(sheets, request)
    found = [*shown.findings, *picture_findings(pages, pictures=gathered.pictures)]
    found += sealed.strange_codes(pages)
    found += marks.marked(pages, sheets, texts)
    found += scripts.mixed_words(texts)
    if not papers:
        nothing = _nothing(pages, sheets, found, request=request)
        return replace(nothing, masks=covered, making=making(shown))
    part = papers[0]
    own = [page for page in pages if part.first_page <= page.text.number <= part.last_page]
    reading = _read_part(data, part, own, shown, found, request=request)
    segments = tuple(_segment(item) for item in papers)
    if len(papers) > 1:
        reading = _several(reading, found)
    covered = (*covered, *personal.permit_zones(sheets, reading))
    return replace(
        reading, pages=len(gathered.pages), segments=segments, masks=covered, making=making(shown)
    )


def _chosen(pages: Sequence[Page], request: ReadRequest) -> list[Page]:
    if request.pages is None:
        return list(pages)
    first, last = request.pages
    return [page for page in pages if first <= page.text.number <= last]


def _nothing(
    pages: Sequence[Page],
    sheets: Sequence[Sheet],
    found: Sequence[Finding],
    *,
    request: ReadRequest,
) -> Reading:
    """No page speaks for a kind: another paper, an unreadable one, or no paper at all."""
    scanned = any(page.scanned for page in pages)
    findings = list(found)
    kind: DocumentKind | None = DocumentKind.OTHER
    if any(finding.code == ReasonCode.UNREADABLE for finding in findings):
        kind = request.expected_kind
    elif not is_paper(pages):
        findings.append(refusal(ReasonCode.NOT_A_DOCUMENT))
    elif scanned and any(page.quality and page.quality.defects for page in pages):
        kind = request.expected_kind
        findings.append(doubt(ReasonCode.UNREADABLE))
    elif request.expected_kind not in {None, DocumentKind.OTHER}:
        _, held = _near(sheets, request)
        demanded = set(KINDS[request.expected_kind].demands) if request.expected_kind else set()
        findings.append((doubt if held and demanded <= held else refusal)(ReasonCode.WRONG_KIND))
    verdict, reasons = judge(kind, findings, passed=())
    if verdict is Verdict.REVIEW and kind is DocumentKind.OTHER:
        reasons = reasons or (ReasonCode.WRONG_KIND,)
    told = explained(kind, findings, verdict=verdict, passed=())
    return Reading(kind, {}, verdict, reasons, told, pages=len(pages), scanned=scanned)


def _by_values(sheets: Sequence[Sheet], request: ReadRequest) -> list[Part]:
    """The paper that was asked for, under a title nobody knows: it holds all that its kind must.

    Its pages speak for the kind, though too little, and nothing on them speaks against it.
    """
    kind, (near, fields) = request.expected_kind, _near(sheets, request)
    if kind is None or not near or not {*KINDS[kind].demands, *_TELLING.get(kind, ())} <= fields:
        return []
    return [Part(kind, near, [segment.page_mark(sheet) for sheet in near])]


#: What tells a paper from a copy of its values by whoever hands it in.
_TELLING = {DocumentKind.BANK_DETAILS: ("bic", "bank_name")}


def _near(sheets: Sequence[Sheet], request: ReadRequest) -> tuple[list[Sheet], frozenset[str]]:
    """The pages that speak half enough for the kind that was asked for, and what they hold."""
    kind = request.expected_kind
    if kind is None or not KINDS[kind].demands:
        return [], frozenset()
    near = [sheet for sheet in sheets if classify.is_near(sheet, kind)]
    return near, frozenset(extract(Paper.of(near), FIELDS[kind], hints=hints(request)))


#: Letters of print are read with more confidence than this, as a mean.
POORLY = 0.8


def _poorly_read(pages: Sequence[Page]) -> bool:
    """Whether the words of pictures are so unsure that another reader may see a paper in them."""
    words = [word for page in pages if page.scanned for word in page.text.words]
    letters = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words) < POORLY * letters


def is_paper(pages: Sequence[Page]) -> bool:
    """Whether anything on the pages reads as print: a few words that a picture is sure of."""
    sure = [
        word
        for page in pages
        for word in page.text.words
        if word.confidence > 0.6 and sum(letter.isalpha() for letter in word.text) > 2
    ]
    return len(sure) >= 8


def _read_part(
    data: bytes,
    part: Part,
    pages: Sequence[Page],
    shown: Shown,
    found: Sequence[Finding],
    *,
    request: ReadRequest,
) -> Reading:
    paper = Paper.of(part.sheets)
    evidence = collect(part, paper, pages, shown, request=request)
    judged = partial(_judged, data, pages=pages, shown=shown, request=request)
    reading = judged(evidence, paper, found=found)
    if not second.worth_asking(reading, pages):
        return reading
    sheets = second.sheets_again(pages, reading.findings)
    both = _both(part, evidence, sheets, pages, request=request) if sheets else None
    if both is None:
        return reading
    agreement, said = both
    together = Paper.of([*part.sheets, *sheets])
    numbered = second.with_marks(part, sheets)
    # What the readers read apart goes to a person, whichever of the two would be refused.
    for fields in (agreement.fields, agreement.with_second()):
        settled = evidence_of(
            numbered, evidence.kind, fields, said, paper=together, pages=pages,
            differing=evidence.attachment_differs, known=hints(request),
        )  # fmt: skip
        reading = judged(
            settled, paper, found=[*found, *agreement.findings()], confirmed=agreement.confirmed
        )
        if reading.verdict is not Verdict.REFUSE:
            break
    return reading


def _both(
    part: Part,
    evidence: Evidence,
    sheets: Sequence[Sheet],
    pages: Sequence[Page],
    *,
    request: ReadRequest,
) -> tuple[agree.Agreed, list[Statement]] | None:
    """The first reading and the second one together; None where they see different papers."""
    assert part.kind is not None
    paper = Paper.of(sheets)
    kind, said = decide(part.kind, paper, pages)
    if kind is not evidence.kind:
        return None
    fields = extract(paper, FIELDS[kind], hints=hints(request))
    agreement = agree.agreed(
        kind, evidence.fields, fields, request=request, codes=evidence.barcode_codes
    )
    return agreement, agree.said_by_both(evidence.said, said)


def _judged(
    data: bytes,
    evidence: Evidence,
    paper: Paper,
    *,
    pages: Sequence[Page],
    shown: Shown,
    found: Sequence[Finding],
    request: ReadRequest,
    confirmed: frozenset[str] = frozenset(),
) -> Reading:
    """The verdict on one paper. `confirmed`: values that two readers of its picture gave alike."""
    kind, fields = evidence.kind, evidence.fields
    findings, passed = checks.run_checks(evidence, request)
    looked = closer.second_looks(kind, fields, pages, confirmed=confirmed)
    account = confirm.confirmed(data, kind, fields)
    foreign = typeface.foreign_figures(kind, fields, pages)
    late = retyped.retyped(kind, fields, shown.structure.pasted)
    layer = confirm.other_account(kind, fields, pages)
    odd = typeface.odd_days(kind, fields, pages)
    codes = sealed.sealed_codes(pages)
    seals = sealed.sealed_findings(kind, fields, codes, scanned=evidence.scanned)
    together = [*found, *findings, *looked, *account, *foreign, *seals, *late, *layer, *odd]
    together += [*spoilt(evidence, pages), *by_hand(evidence)]
    together += counted.unread_rows(data, evidence, pages)
    together += grain.smooth_values(fields, pages)
    verdict, reasons = judge(kind, together, passed=passed)
    return Reading(
        kind,
        fields,
        verdict,
        reasons,
        explained(kind, together, verdict=verdict, passed=passed),
        language=language(paper),
        valid_until=rules.valid_until(facts_of(evidence)),
        scanned=evidence.scanned,
    )


def _segment(part: Part) -> Segment:
    assert part.kind is not None
    kind, _ = decide(part.kind, Paper.of(part.sheets))
    return Segment(kind, part.first_page, part.last_page)


def _several(reading: Reading, found: Sequence[Finding]) -> Reading:
    """A file of several papers is handled one by one; only what is certain of the file stays."""
    finding = doubt(ReasonCode.SEVERAL_DOCUMENTS)
    verdict, reasons = judge(
        reading.kind, [*(f for f in found if f.severity.value == "refusal"), finding], passed=()
    )
    return replace(reading, verdict=verdict, reasons=reasons, findings=(*reading.findings, finding))


_LANGUAGES = (
    ("fr", (" de ", " du ", " des ", " est ", " au ")),
    ("de", (" der ", " die ", " und ", " des ", " von ")),
    ("en", (" the ", " of ", " and ", " to ")),
    ("pl", (" na ", " w ", " z ", " dla ")),
    ("nl", (" het ", " van ", " een ")),
)


def language(paper: Paper) -> str | None:
    """The language that most of the short words belong to."""
    text = f" {paper.folded.replace(chr(10), ' ')} "
    counted = [(sum(text.count(word) for word in words), name) for name, words in _LANGUAGES]
    best = max(counted)
    return best[1] if best[0] else None
