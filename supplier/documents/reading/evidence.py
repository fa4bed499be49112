"""What the words of one paper come to: its values, its statements, and what the checks look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from supplier.adapters.barcodes import parse_infogreffe
from supplier.documents import checks
from supplier.documents.checks_evidence import Evidence
from supplier.documents.kinds import DocumentKind
from supplier.documents.reading import bank, closer, rivals, sealed, strangers, sums
from supplier.documents.reading import codes as control
from supplier.documents.reading.extract import Hints, extract
from supplier.documents.reading.fields import FIELDS
from supplier.documents.reading.layout import Paper
from supplier.documents.reading.permits import permit_ends
from supplier.documents.reading.result import FieldValue, ReadRequest, Value
from supplier.documents.reading.segment import Part
from supplier.documents.reading.sources import Page
from supplier.documents.reading.statements import Said, Statement, statements
from supplier.documents.reading.structure import Shown
from supplier.documents.reading.text import key
from supplier.kernel.pages import Box, Source

#: What a request knows that names nobody.
NOTHING = Hints()


def collect(
    part: Part, paper: Paper, pages: Sequence[Page], shown: Shown, *, request: ReadRequest
) -> Evidence:
    """Bring together what one paper says."""
    assert part.kind is not None
    kind, said = decide(part.kind, paper, pages)
    known = hints(request)
    fields = dict(extract(paper, FIELDS[kind], hints=known))
    if any(page.image is not None for page in pages):
        closer_look = closer.closer_fields(kind, fields, paper, pages, name=request.supplier_name)
        fields.update(closer_look)
    attached = shown.fields(kind)
    differing = [name for name in attached if differs(fields.get(name), attached[name])]
    for name, value in attached.items():
        fields.setdefault(name, value)
    scanned = any(page.scanned for page in pages)
    fields.update(sealed.sealed_fields(kind, fields, sealed.sealed_codes(pages), scanned=scanned))
    codes, _ = barcodes_of(pages)
    if kind is DocumentKind.KBIS and "verification_code" not in fields and codes:
        fields["verification_code"] = codes[0]
    return evidence_of(
        part, kind, fields, said, paper=paper, pages=pages, differing=differing, known=known
    )  # fmt: skip


def hints(request: ReadRequest) -> Hints:
    return Hints(request.supplier_name, request.supplier_siren)


def evidence_of(
    part: Part,
    kind: DocumentKind,
    fields: Mapping[str, FieldValue],
    said: Sequence[Statement],
    *,
    paper: Paper,
    pages: Sequence[Page],
    differing: Sequence[str] = (),
    known: Hints = NOTHING,
) -> Evidence:
    """What the checks look at, once the values are settled. `paper`: every word that was read."""
    codes, sirens = barcodes_of(pages)
    others = control.other_codes(kind, paper, fields, pages)
    numbers = [number.value for number in bank.ibans(paper)]
    iban = fields.get("iban")
    if isinstance(iban, Value) and iban.text not in numbers:
        numbers.append(iban.text)
    return Evidence(
        kind,
        fields,
        said,
        scanned=any(page.scanned for page in pages),
        attachment_differs=differing,
        missing_pages=part.missing,
        pages=len(part.sheets),
        numbered=any(mark and mark.total for mark in part.marks),
        code_seen=kind is DocumentKind.URSSAF_VIGILANCE
        and any(closer.almost_codes(sheet) for sheet in paper.sheets if paper.scanned),
        other_codes=others.others,
        codes_differ=bool(others.labelled),
        unsure_codes=others.unsure,
        ibans=numbers,
        valid_ibans=[number for number in numbers if bank.iban_holds(number)],
        national_accounts=frozenset(bank.rib_parts(paper)),
        rib_key_holds=not isinstance(iban, Value) or bank.rib_holds(iban.text),
        other_bank=bank.other_bank(fields, scanned=paper.scanned),
        other_accounts=bank.others(iban, numbers),
        national_repeats=bank.national_repeats(paper, iban),
        strangers=strangers.strangers(kind, paper, fields.get("siren")),
        rivals=rivals.of_paper(kind, paper, fields, hints=known),
        permit_ends=_permit_ends(kind, paper),
        unlike_sums=_unlike_sums(kind, paper, fields),
        local_register=is_local_register(paper, fields),
        text=paper.flat,
        barcode_codes=frozenset(code.text for code in codes),
        barcode_sirens=sirens,
        barcode_names=_barcode_names(pages),
    )


def _permit_ends(kind: DocumentKind, paper: Paper) -> tuple[Value, ...]:
    return tuple(permit_ends(paper)) if kind is DocumentKind.FOREIGN_WORKERS_LIST else ()


def _unlike_sums(
    kind: DocumentKind, paper: Paper, fields: Mapping[str, FieldValue]
) -> tuple[Value, ...]:
    gross = fields.get("total_gross")
    if kind is not DocumentKind.INVOICE or not isinstance(gross, Value):
        return ()
    return sums.unlike(paper, gross)


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


def barcodes_of(pages: Sequence[Page]) -> tuple[list[Value], frozenset[str]]:
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


def _barcode_names(pages: Sequence[Page]) -> frozenset[str]:
    told = (parse_infogreffe(barcode.text) for page in pages for barcode in page.barcodes)
    return frozenset(one.company_name for one in told if one and one.company_name)


def barcode_value(text: str, page: int, box: Box | None) -> Value:
    """A value read from a barcode."""
    return Value(text, page, box, Source.BARCODE, 1.0)
