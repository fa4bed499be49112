"""Names as papers print them: address blocks, companies in sentences, people who sign."""

from __future__ import annotations

import re
from collections.abc import Iterator

from supplier.documents.reading.extract import (
    Hints,
    Parsed,
    as_value,
    fit,
    label_form,
    lines_of,
)
from supplier.documents.reading.layout import Paper
from supplier.documents.reading.names import Likeness, likeness
from supplier.documents.reading.places import is_address
from supplier.documents.reading.result import Value
from supplier.documents.reading.spans import Span
from supplier.documents.reading.text import key
from supplier.documents.reading.values import free, is_siren, lone_sirens, siren

_TOWN = re.compile(r"^(?:[a-z]{1,2}-)?\d{4,5} [a-z]")
_STREET_TOWN = re.compile(r", \d{5} [a-z]")
#: Blocks that address someone else: the issuer, a bank, an office.
_ISSUER = re.compile(
    r"(?:urssaf|cgss|msa\b|mutualite|securite sociale|service|sie\b|direction|ministere|dgfip|"
    r"conges|"
    r"greffe|caisse|tsa\b|cs \d|bp \d|inpi|cedex|tribunal|cibtp|cnetp|pro ?btp|banque\b|credit\b|"
    r"votre agent|agence|pour nous|courriel|tel\b|references|france$|republique)"
)
#: Lines above the name in one block: titles, and the bank or insurer that prints them.
_ABOVE_NAME = re.compile(
    r"(?:releve |rib\b|attestation|certificat|extrait|titulaire|intitule|nom (?:et|du)|"
    r"beneficiaire|identification|designation|destinataire|reference|objet|page|votre |"
    r"iban|bic\b|siren|siret|n°|numero|bnp paribas|societe generale$|credit (?:agricole|mutuel|"
    r"lyonnais|cooperatif|du nord)|cic\b|lcl\b|la banque postale|caisse d'epargne|"
    r"banque populaire|bred\b|hsbc\b|ccf\b|qonto|boursobank|boursorama|shine\b|fortuneo)"
)
#: "A MONTREUIL, le 27 Août 2026": the letter's place and day, over whom it is sent to.
_DATED_AT = re.compile(r"(?:(?:fait )?a )?[a-z][a-z' -]{1,40}?\s?,?\s?le\s?:?\s?\d")
_CIVIL = re.compile(r"(?:monsieur|madame|mademoiselle|m\.|mme\.?|mr\.?|mlle)\s+")
_ROLE = re.compile(
    r"\s*(?:,|\bagissant\b|\ben qualite\b|\ben ma qualite\b|\bgerant\b|\brepresentant\b|"
    r"\bpresident\b|\bdirecteur\b|\bnee? le\b|\bdemeurant\b|\batteste|\bcertifie|\bdeclare).*$"
)


def addressee(paper: Paper, hints: Hints) -> Value | None:
    """The name at the head of the address block of the company that the paper is about."""
    names = list(_addressed(paper, hints))
    for span in names:
        if hints.names(span.text):
            return _name(span)
    return _name(names[0]) if names else None


def strangers_at_one_address(paper: Paper, hints: Hints) -> bool:
    """Whether address blocks give one street and town to different names, as a form in coupons.

    Coupons repeat their holder: whoever puts another name into one of them has the others left.
    """
    at: dict[str, str] = {}
    for name, below in _blocks_addressed(paper, hints):
        first = at.setdefault(key(below), name.text)
        if likeness(first, name.text, scanned=paper.scanned) is Likeness.DIFFERENT:
            return True
    return False


def company_phrase(source: str) -> re.Pattern[str]:
    return re.compile(source.replace(" ", r"\s+"))


def _addressed(paper: Paper, hints: Hints) -> Iterator[Span]:
    return (name for name, _ in _blocks_addressed(paper, hints))


def _blocks_addressed(paper: Paper, hints: Hints) -> Iterator[tuple[Span, str]]:
    """The name of each address block, and the street and town under it."""
    for block in paper.blocks:
        lines = lines_of(block)
        town = next((i for i, line in enumerate(lines) if i and _is_town(line.folded)), None)
        if town is None or town > 6 or _ISSUER.match(lines[0].folded):
            continue
        street = next((i for i in range(1, town + 1) if is_address(lines[i].folded)), town)
        # What leads to the name ("atteste que :") ends with a colon: the name comes after it.
        begins = [index + 1 for index in range(street) if lines[index].text.rstrip().endswith(":")]
        first = begins[-1] if begins else 0
        while first < street and _is_above_name(lines[first].folded):
            first += 1
        if first >= street or is_address(lines[first].folded):
            continue
        below = " ".join(line.folded for line in lines[street : town + 1])
        yield fit(lines[first], lines[first + 1 : street], hints=hints), below


def _is_above_name(folded: str) -> bool:
    return bool(_ABOVE_NAME.match(folded) or _DATED_AT.match(folded))


def _is_town(folded: str) -> bool:
    """A postcode and a town, alone on their line or after the street."""
    return bool(_TOWN.match(folded) or (is_address(folded) and _STREET_TOWN.search(folded)))


def _name(span: Span) -> Value | None:
    parsed = free(span)
    return as_value(parsed) if parsed and is_name(parsed.value) else None


def beside_siren(paper: Paper, hints: Hints) -> Value | None:
    """The name in the cell to the left of a company number, as tables of certificates print it."""
    for sheet in paper.sheets:
        for cell in sheet.cells:
            number = re.sub(r"\D", "", cell.run.text)
            if not is_siren(number[:9]) or len(number) not in (9, 14):
                continue
            left = sheet.left_of(cell)
            if left is None or re.match(r"(?:n°|numero|siren|siret)", left.run.folded):
                continue
            if is_address(left.run.folded) or left.run.folded.endswith(":"):
                continue
            more = [item.run.whole() for item in sheet.continued(left)]
            span = fit(left.run.whole(), more, hints=hints)
            if hints.names(span.text) or not hints.name:
                return _name(span)
    return None


def expected_name(paper: Paper, hints: Hints) -> Value | None:
    """The expected company name where the page prints it, as printed; None when it does not."""
    return name_on_a_line(paper, hints) or named_in_text(paper, hints)


def name_on_a_line(paper: Paper, hints: Hints) -> Value | None:
    """The expected company name where it has its line, or lines, to itself."""
    if not hints.name:
        return None
    for block in paper.blocks:
        lines = lines_of(block)
        for index, line in enumerate(lines):
            span = line
            for more in [None, *lines[index + 1 : index + 4]]:
                span = span.joined(more) if more else span
                if hints.names(span.text):
                    return _name(span)
    return None


def named_in_text(paper: Paper, hints: Hints) -> Value | None:
    """The expected company name inside a sentence, where the sentence says just that name.

    A capital that follows may continue another company's name ("DUPONT" in "DUPONT SERVICES").
    """
    words = key(hints.name or "").split()
    if not words:
        return None
    form = re.compile(
        r"(?<![a-z0-9])" + r"[^a-z0-9]+".join(map(re.escape, words)) + r"(?![a-z0-9])"
    )
    for block in paper.blocks:
        for match in form.finditer(block.folded):
            after = block.text[match.end() :].lstrip(" )\"'")
            before = block.text[: match.start()].rstrip(" (\"'").split()
            span = block.span(match.start(), match.end())
            continued = after[:1].isupper() or after[:1] in {"&", "-"}
            begun = bool(before) and before[-1].isupper() and len(before[-1]) > 4
            if span and not continued and not begun:
                return _name(span)
    return None


def lone_siren(paper: Paper, hints: Hints) -> Value | None:
    """The only company number that a paper shows at all, where nothing announces it.

    In a scan that lost its labels whoever's it is; elsewhere only the expected one.
    """
    shown = lone_sirens(line.text for line in paper.lines)
    if len(shown) != 1 or not (paper.scanned or hints.siren in shown):
        return None
    for line in paper.lines:
        parsed = siren(line.whole())
        if parsed:
            return as_value(parsed)
    return None


def person(span: Span) -> Parsed | None:
    """A person's name, without the dots that lead to it and the role that follows it."""
    dots = len(span.text) - len(span.text.lstrip(". "))
    named = span.cut(dots, len(span.text)) if dots else span
    return _person(named) if named else None


def _person(span: Span) -> Parsed | None:
    if not is_name(span.text):
        return None
    if span.text.endswith(")") and "(" not in span.text:
        rest = span.cut(0, len(span.text) - 1)
        return person(rest) if rest else None
    civil = _CIVIL.match(span.folded)
    if civil:
        rest = span.cut(civil.end(), len(span.text))
        return person(rest) if rest else None
    match = _ROLE.search(span.folded)
    if match:
        if not match.start():
            return None
        part = span.cut(0, match.start())
        return free(part) if part else None
    return free(span)


def is_name(text: str) -> bool:
    """Whether a text can be anybody's name: a ticked box, a bullet or a stain is none."""
    return len(re.findall(r"[^\W_]", text)) > 1


def place(text: str) -> str:
    """A postal address on one line: street, postcode and town joined by commas."""
    joined = " ".join(text.split())
    return re.sub(r"\s*,?\s+(?=\d{5} \D)", ", ", joined, count=1).strip(" ,")


def address(span: Span) -> Parsed | None:
    """A postal address; it must hold a postcode and a town."""
    parsed = free(span)
    if not parsed or not re.search(r"\b\d{4,5} \D", parsed.value):
        return None
    return Parsed(place(parsed.value), parsed.span)


def addresses(paper: Paper, source: str) -> Iterator[Parsed]:
    """Addresses after or beside a label, on one line or down to the line with their town."""
    form = label_form(source)
    for sheet, cell in paper.cells:
        match = form.match(cell.run.folded)
        if not match:
            continue
        rest = cell.run.span(match.end(), len(cell.run.folded))
        home = cell if rest else sheet.right_of(cell)
        if home is None:
            continue
        span = rest or home.run.whole()
        # A scan's boxes fit the letters: its lines stand farther apart.
        for line in sheet.continued(home) or sheet.below(home, reach=1.6)[:1]:
            aligned = abs(line.x0 - home.x0) < 1.5 * home.height
            if address(span) or not aligned or not is_address(line.run.folded):
                break
            span = span.joined(line.run.whole())
        parsed = address(span)
        if parsed:
            yield parsed
