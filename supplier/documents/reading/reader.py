"""Reads one file: pages, papers in it, values, findings, verdict. Runs inside the sandbox."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from supplier.adapters.barcodes import parse_infogreffe
from supplier.documents import checks
from supplier.documents import validity as rules
from supplier.documents.checks_evidence import Evidence, facts_of
from supplier.documents.findings import doubt, refusal
from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading import (
    bank,
    closer,
    confirm,
    counted,
    personal,
    retyped,
    sealed,
    segment,
    social,
    typeface,
)
from supplier.documents.reading.extract import Hints, extract
from supplier.documents.reading.fields import FIELDS
from supplier.documents.reading.isolated import refused
from supplier.documents.reading.layout import Paper, Sheet
from supplier.documents.reading.picture import by_hand, picture_findings, spoilt
from supplier.documents.reading.result import (
    FieldValue,
    Finding,
    Reading,
    ReadRequest,
    Segment,
    Value,
    Verdict,
)
from supplier.documents.reading.segment import Part
from supplier.documents.reading.sources import (
    Gathered,
    Page,
    Trouble,
    UnreadableFileError,
    gather,
)
from supplier.documents.reading.statements import Said, Statement, statements
from supplier.documents.reading.structure import Shown, making, structure_findings
from supplier.documents.reading.text import key
from supplier.documents.verdict import judge
from supplier.kernel.pages import Box, Source

_TROUBLES: Mapping[Trouble, ReasonCode] = {
    Trouble.PASSWORD: ReasonCode.ENCRYPTED,
    Trouble.DAMAGED: ReasonCode.UNREADABLE,
    Trouble.TOO_MANY_PAGES: ReasonCode.UNREADABLE,
    Trouble.TOO_LARGE: ReasonCode.UNREADABLE,
}


def read(data: bytes, media_type: str, *, request: ReadRequest) -> Reading:
    """Read and judge one file. Never raises on a bad file: the answer says what is wrong."""
    started = time.perf_counter()
    try:
        gathered = gather(data, media_type)
    except UnreadableFileError as error:
        reading = refused(_TROUBLES[error.trouble], request=request)
    else:
        reading = _read_pages(data, media_type, gathered, request=request)
    reading = personal.without_numbers(reading)
    return replace(reading, seconds=time.perf_counter() - started)


def _read_pages(
    data: bytes, media_type: str, gathered: Gathered, *, request: ReadRequest
) -> Reading:
    shown = structure_findings(data, media_type, gathered)
    pages = _chosen(gathered.pages, request)
    sheets = [Sheet(shown.seen(page), flat=page.flat) for page in pages]
    covered = personal.zones(sheets)
    parts = segment.split(sheets)
    papers = [part for part in parts if part.kind is not None]
    found = [*shown.findings, *picture_findings(pages, pictures=gathered.pictures)]
    found += sealed.strange_codes(pages)
    if not papers:
        nothing = _nothing(pages, found, request=request)
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


def _nothing(pages: Sequence[Page], found: Sequence[Finding], *, request: ReadRequest) -> Reading:
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
        findings.append(refusal(ReasonCode.WRONG_KIND))
    verdict, reasons = judge(kind, findings, passed=())
    if verdict is Verdict.REVIEW and kind is DocumentKind.OTHER:
        reasons = reasons or (ReasonCode.WRONG_KIND,)
    return Reading(kind, {}, verdict, reasons, tuple(findings), pages=len(pages), scanned=scanned)


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
    findings, passed = checks.run_checks(evidence, request)
    looked = closer.second_looks(evidence.kind, evidence.fields, pages)
    confirmed = confirm.confirmed(data, evidence.kind, evidence.fields)
    foreign = typeface.foreign_figures(evidence.kind, evidence.fields, pages)
    late = retyped.retyped(evidence.kind, evidence.fields, shown.structure.pasted)
    layer = confirm.other_account(evidence.kind, evidence.fields, pages)
    odd = typeface.odd_days(evidence.kind, evidence.fields, pages)
    seals = sealed.sealed_findings(
        evidence.kind, evidence.fields, sealed.sealed_codes(pages), scanned=evidence.scanned
    )
    together = [*found, *findings, *looked, *confirmed, *foreign, *seals, *late, *layer, *odd]
    together += [*spoilt(evidence, pages), *by_hand(evidence)]
    together += counted.unread_rows(data, evidence, pages)
    verdict, reasons = judge(evidence.kind, together, passed=passed)
    return Reading(
        evidence.kind,
        evidence.fields,
        verdict,
        reasons,
        tuple(together),
        language=language(paper),
        valid_until=rules.valid_until(facts_of(evidence)),
        scanned=evidence.scanned,
    )


def collect(
    part: Part, paper: Paper, pages: Sequence[Page], shown: Shown, *, request: ReadRequest
) -> Evidence:
    """Bring together what one paper says."""
    hints = Hints(request.supplier_name, request.supplier_siren)
    assert part.kind is not None
    kind, said = decide(part.kind, paper, pages)
    fields = dict(extract(paper, FIELDS[kind], hints=hints))
    if any(page.image is not None for page in pages):
        closer_look = closer.closer_fields(kind, fields, paper, pages, name=request.supplier_name)
        fields.update(closer_look)
    attached = shown.fields(kind)
    differing = [name for name in attached if differs(fields.get(name), attached[name])]
    for name, value in attached.items():
        fields.setdefault(name, value)
    scanned = any(page.scanned for page in pages)
    fields.update(sealed.sealed_fields(kind, fields, sealed.sealed_codes(pages), scanned=scanned))
    codes, sirens = _barcodes(pages)
    if kind is DocumentKind.KBIS and "verification_code" not in fields and codes:
        fields["verification_code"] = codes[0]
    numbers = [number.value for number in bank.ibans(paper)]
    iban = fields.get("iban")
    if isinstance(iban, Value) and iban.text not in numbers:
        numbers.append(iban.text)
    return Evidence(
        kind,
        fields,
        said,
        scanned=scanned,
        attachment_differs=differing,
        missing_pages=part.missing,
        pages=len(part.sheets),
        numbered=any(mark and mark.total for mark in part.marks),
        code_seen=kind is DocumentKind.URSSAF_VIGILANCE
        and any(closer.almost_codes(sheet) for sheet in paper.sheets if paper.scanned),
        other_codes=social.other_codes(paper, fields)
        if kind is DocumentKind.URSSAF_VIGILANCE
        else frozenset(),
        ibans=numbers,
        valid_ibans=[number for number in numbers if bank.iban_holds(number)],
        national_accounts=frozenset(bank.rib_parts(paper)),
        rib_key_holds=not isinstance(iban, Value) or bank.rib_holds(iban.text),
        other_bank=bank.other_bank(fields, scanned=paper.scanned),
        other_accounts=bank.others(iban, numbers),
        national_repeats=bank.national_repeats(paper, iban),
        local_register=is_local_register(paper, fields),
        text=paper.flat,
        barcode_codes=frozenset(code.text for code in codes),
        barcode_sirens=sirens,
    )


def decide(
    kind: DocumentKind, paper: Paper, pages: Sequence[Page] = ()
) -> tuple[DocumentKind, list[Statement]]:
    """The kind where two share their words: a list of workers, or a statement of none."""
    pictured = any(page.image is not None for page in pages)
    said = statements(paper, kind, boxes=not pictured)
    if pages:
        said = closer.ticked(said, pages)
    if kind is not DocumentKind.FOREIGN_WORKERS_LIST:
        return kind, said
    rows = FIELDS[kind]["workers"]
    has_rows = any(source.find(paper, Hints()) for source in rows if hasattr(source, "find"))
    sworn = any(item.said is Said.NO_FOREIGN_WORKERS for item in said)
    if not has_rows and (sworn or "neant" in paper.flat):
        return DocumentKind.FOREIGN_WORKERS_NONE, said
    return kind, said


def differs(printed: FieldValue | None, attached: FieldValue) -> bool:
    """Whether the page prints another value than the data attached to the file."""
    if not isinstance(printed, Value) or not isinstance(attached, Value):
        return False
    return key(printed.text) != key(attached.text)


def is_local_register(paper: Paper, fields: Mapping[str, FieldValue]) -> bool:
    """Whether the extract comes from a court of Alsace-Moselle, which prints no code."""
    court = fields.get("registry_court")
    named = isinstance(court, Value) and checks.LOCAL_REGISTERS.search(court.text)
    return bool(named) and "tribunal de commerce" not in paper.flat.split("\n", 1)[0]


def _barcodes(pages: Sequence[Page]) -> tuple[list[Value], frozenset[str]]:
    codes: list[Value] = []
    sirens: set[str] = set()
    for page in pages:
        for barcode in page.barcodes:
            told = parse_infogreffe(barcode.text)
            if told and told.verification_code:
                codes.append(barcode_value(told.verification_code, barcode.page, barcode.box))
            if told and told.siren:
                sirens.add(told.siren)
    return codes, frozenset(sirens)


def barcode_value(text: str, page: int, box: Box | None) -> Value:
    """A value read from a barcode."""
    return Value(text, page, box, Source.BARCODE, 1.0)


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
