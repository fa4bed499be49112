"""The company number of the company that a paper is about, where several may be printed."""

from __future__ import annotations

from collections.abc import Sequence

from supplier.documents.reading.extract import (
    Asks,
    By,
    Hints,
    Label,
    Parsed,
    Phrase,
    as_value,
    candidates,
    phrase,
)
from supplier.documents.reading.layout import Paper
from supplier.documents.reading.people import lone_siren
from supplier.documents.reading.result import FieldValue
from supplier.documents.reading.values import siren, spoilt_siren
from supplier.documents.reading.wanted import NUMBER_OF_SUBJECT

_NINE = r"\d{3}[\s.]?\d{3}[\s.]?\d{3}"
#: Nine figures as a scan may give them, letters among them.
_SPOILT = r"[\doilsb|]{3}[\s.]?[\doilsb|]{3}[\s.]?[\doilsb|]{3}"
#: Where a company number or the number of an establishment is announced.
LABELLED: tuple[Label | Phrase | Asks, ...] = (
    NUMBER_OF_SUBJECT,
    phrase(rf"siren[^\d]{{0,20}}(?P<v>{_NINE})(?![\s.]?\d{{3}}(?!\d))", siren),
    phrase(rf"siren\s?:?\s?(?P<v>{_SPOILT})(?![\da-z])", spoilt_siren),
    phrase(rf"siret[^\d]{{0,20}}(?P<v>{_NINE}[\s.]?\d{{3}}[\s.]?\d{{2}})(?!\d)", siren),
    phrase(rf"r\.? ?c\.? ?s\.? [^\d\t]{{0,30}}(?P<v>{_NINE})(?!\d)", siren),
    phrase(rf"(?P<v>{_NINE}) r\.? ?c\.? ?s\b", siren),
    phrase(rf"(?:sous le (?:numero|n°)|n°) ?(?P<v>{_NINE}(?:[\s.]?\d{{5}}"
           r"|[\s.]?\d{3}[\s.]?\d{2})?)(?!\d)", siren),
)  # fmt: skip


def subject(
    sources: Sequence[Label | Phrase | Asks] = LABELLED, *, beside_issuer: bool = False
) -> By:
    """The number of the company that the paper is about: the first that is announced.

    `beside_issuer`: the issuer is a company too and prints its own number; then the expected
    one is taken where the page announces it, the first one elsewhere.
    """

    def find(paper: Paper, hints: Hints) -> FieldValue | None:
        found = [
            parsed
            for source in sources
            for parsed in candidates(paper, source, hints=hints)
        ]  # fmt: skip
        if not found:
            return lone_siren(paper, hints)
        ordered = sorted(found, key=_place)
        expected = next((item for item in ordered if item.value == hints.siren), None)
        return as_value(expected if beside_issuer and expected else ordered[0])

    return By(find)


def _place(parsed: Parsed) -> tuple[int, float, float]:
    box = parsed.span.box
    return parsed.span.page, round(box.top, 2), box.x0
