"""Names that a sentence leads to: what stands after its words, up to where the sentence goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from supplier.documents.reading.extract import By, Hints, Parsed, as_value, fit, lines_of
from supplier.documents.reading.layout import Paper, Sheet
from supplier.documents.reading.result import FieldValue
from supplier.documents.reading.spans import Run, Span
from supplier.documents.reading.text import pattern
from supplier.documents.reading.values import named_company

#: What a sentence calls somebody before it says the name.
_CALLED = (
    r"(?:(?:la (?:societe|entreprise|sarl|sas|sasu|sa|eurl|snc|scop|personne)|l'entreprise"
    r"|l'etablissement|l'assuree?|le souscripteur|notre (?:client|cliente|societaire|assuree?"
    r"|adherent|adherente)|monsieur|madame|die firma|die|unsere kundin|unser kunde|the company"
    r"|our (?:client|customer)|la sociedad|la empresa|la societa|l'impresa|spolka|firma)"
    r"(?: (?:suivante?|ci-apres|denommee?|designee?))*,? ?:? ?)?"
)
#: What bodies say before they name whom they vouch for.
CERTIFIES_THAT = r"\b(?:attest|certifi|confirm)[a-z]*(?:,? par la presente,?)?,? que"
#: How a sentence goes on after a name; in capitals these are words of the name.
_GOES_ON = re.compile(
    r"\s*(?:,|;|\t|\(|\.(?=\s|$)|\s[-–]\s|\s(?:sous|porte|est|sont|a (?:souscrit|ouvert|adhere)|n°"
    r"|siren|siret|iban|bic|dont|ayant|demeurant|domicilie|immatricul|inscrit|identifie|dispose"
    r"|possede|detient|beneficie|au capital|sise?|situee?|aupres|dans|chez|pour|par|avec|qui|with"
    r"|at|bei|und|ist|is|are|holds|has|jest|posiada|unterhalt|hat|besitzt|heeft|houdt|con|presso"
    r"|tiene|mantiene|figura|possui|presenta|risulta|z siedziba)(?!\w))"
)


def named_after(*sources: str) -> By:
    """The company whose name follows one of these sentences, on its line or under it."""
    forms = [pattern(source + r"\s?:?\s?" + _CALLED) for source in sources]

    def find(paper: Paper, hints: Hints) -> FieldValue | None:
        found = [
            parsed for form in forms for sheet in paper.sheets
            for parsed in _after(sheet, form, hints=hints)
        ]  # fmt: skip
        return as_value(found[0]) if found else None

    return By(find)


def _after(sheet: Sheet, form: re.Pattern[str], *, hints: Hints) -> Iterator[Parsed]:
    for block in sheet.blocks:
        for match in form.finditer(block.folded):
            rest = block.span(match.end(), len(block.text))
            lines = lines_of(Run(_until(rest).words)) if rest else _under(sheet, block)
            if not lines:
                continue
            parsed = named_company(_until(fit(lines[0], lines[1:4], hints=hints)))
            if parsed:
                yield parsed


def _until(span: Span) -> Span:
    """The span up to where the sentence goes on in small letters."""
    for match in _GOES_ON.finditer(span.folded):
        said = span.text[match.start() : match.end()]
        if said.strip() == "." and span.text[match.end() :].lstrip()[:1].islower():
            continue  # The point of an abbreviation: "Sp. z o.o.".
        if match.start() and not said.isupper():
            return span.cut(0, match.start()) or span
    return span


def _under(sheet: Sheet, block: Run) -> Sequence[Span]:
    """The lines under a sentence that ends with its block."""
    last = next(cell for cell in reversed(sheet.cells) if cell.run.words[-1] is block.words[-1])
    under = sheet.below(last, reach=3.5)
    if not under:
        return ()
    head = under[0]
    return [head.run.whole(), *(cell.run.whole() for cell in sheet.continued(head))]
