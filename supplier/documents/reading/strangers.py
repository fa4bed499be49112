"""Company numbers on the pages of one paper that are of another company than the paper is about."""

from __future__ import annotations

import re
from collections.abc import Iterator

from supplier.documents.kinds import DocumentKind
from supplier.documents.reading.extract import Hints, Parsed, as_value, candidates, phrase
from supplier.documents.reading.layout import Paper, Sheet
from supplier.documents.reading.numbers import LABELLED
from supplier.documents.reading.result import FieldValue, Value
from supplier.documents.reading.spans import Span
from supplier.documents.reading.values import sirets
from supplier.documents.reading.wanted import NUMBER_OF_SUBJECT

#: Papers about one company alone, its establishments included.
_ABOUT_ONE = frozenset({
    DocumentKind.URSSAF_VIGILANCE, DocumentKind.TAX_COMPLIANCE, DocumentKind.PAID_LEAVE_BTP,
    DocumentKind.RNE_EXTRACT, DocumentKind.DECENNIAL_INSURANCE, DocumentKind.FOREIGN_WORKERS_NONE,
    DocumentKind.FOREIGN_WORKERS_LIST,
})  # fmt: skip
#: Who else may print a number of its own: the issuer, whoever keeps the books, who receives it.
_ELSE = re.compile(
    r"urssaf|\bmsa\b|mutualite|caisse|organisme|emetteur|centre de gestion|impots"
    r"|finances publiques|tresor|assur|mutuelle|orias|courtier|expert|comptable|commissaire"
    r"|tiers|mandataire|declarant"
    r"|capital|client|destinataire|donneur|maitre d'o|president|gerant|directeur|associe|dirigeant"
    r"|representant|precedent|exploitant|loueur|fonds|domiciliataire|apport|fusion|absorb|greffe"
    r"|chambre|inpi|probtp|pro btp|association|societe mere|groupe"
)
#: How far before a number the words stand that say whose it is.
_BEFORE = 120
_GESTION = phrase(
    r"n(?:umero|°|o)\.? de gestion ?:? ?(?P<v>(?:19|20)\d\d ?[a-z] ?\d{4,6})\b",
    lambda span: Parsed(re.sub(r"\s", "", span.text).upper(), span),
)


def strangers(kind: DocumentKind, paper: Paper, siren: FieldValue | None) -> tuple[Value, ...]:
    """The number of the paper and the first one of another company; none where all agree.

    An extract names other companies with good reason (auditors, managers): there it is the
    number of the file at the court that every page repeats.
    """
    if kind is DocumentKind.KBIS:
        return _files(paper)
    if kind not in _ABOUT_ONE or not isinstance(siren, Value):
        return ()
    other = next(_others(kind, paper, siren.text), None)
    return (siren, other) if other else ()


def _others(kind: DocumentKind, paper: Paper, siren: str) -> Iterator[Value]:
    if kind is DocumentKind.DECENNIAL_INSURANCE:
        # The insurer and whoever sold the contract print their own, in mentions of their own.
        for parsed in candidates(paper, NUMBER_OF_SUBJECT, hints=Hints()):
            if parsed.value != siren and not _is_explained(_sheet_of(paper, parsed), parsed.span):
                yield as_value(parsed)
        return
    for sheet in paper.sheets:
        for line in sheet.lines:
            for parsed in sirets(line.whole()):
                if parsed.value[:9] != siren and not _is_explained(sheet, parsed.span):
                    yield as_value(parsed)
    if kind is DocumentKind.RNE_EXTRACT:
        return  # Companies that manage it are named by their number.
    for source in LABELLED:
        for parsed in candidates(paper, source, hints=Hints()):
            sheet = _sheet_of(paper, parsed)
            if parsed.value[:9] != siren and not _is_explained(sheet, parsed.span):
                yield as_value(parsed)


def _sheet_of(paper: Paper, parsed: Parsed) -> Sheet:
    return next(one for one in paper.sheets if one.number == parsed.span.page)


def _is_explained(sheet: Sheet, span: Span) -> bool:
    """Whether the words of its line or before it in its column say whose number it is."""
    word = span.words[0]
    for run in (*sheet.lines, *sheet.blocks):
        if word not in run.words:
            continue
        at = run.starts[run.words.index(word)]
        if _ELSE.search(run.folded[max(0, at - _BEFORE) : at + len(span.text) + 60]):
            return True
    return False


def _files(paper: Paper) -> tuple[Value, ...]:
    """Two numbers that a court keeps an extract's company under, on a paper that is no picture."""
    if paper.scanned:
        return ()
    found: dict[str, Value] = {}
    for parsed in candidates(paper, _GESTION, hints=Hints()):
        found.setdefault(parsed.value, as_value(parsed))
    return tuple(found.values())[:2] if len(found) > 1 else ()
