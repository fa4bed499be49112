"""How statements on foreign workers, written in anyone's own words, name company and signer."""

from __future__ import annotations

import re

from supplier.documents.reading.dates import find_dates
from supplier.documents.reading.extract import (
    By,
    Fields,
    Hints,
    Parsed,
    as_value,
    asks,
    label,
    phrase,
)
from supplier.documents.reading.layout import Paper
from supplier.documents.reading.numbers import subject
from supplier.documents.reading.people import addressee, expected_name, person
from supplier.documents.reading.result import FieldValue
from supplier.documents.reading.spans import Span
from supplier.documents.reading.text import pattern
from supplier.documents.reading.values import company, day, named_company
from supplier.documents.reading.vocabulary import Term
from supplier.documents.reading.wanted import MADE_ON
from supplier.documents.reading.workers import workers

_COMPANY_END = (
    r"(?:,? (?:atteste|certifie|declare|dont le siege|immatriculee?|inscrite?|siren|siret|"
    r"au capital|ci-|represent|sise|domiciliee?|ayant son siege|titulaire|n'emploie|n'a\b|"
    r"n'occupe|ne |rcs\b)|,| ?\((?:siren|siret|rcs|n°|ci-)| n°|$)"
)
_QUALITY = (
    r"(?:agissant )?en (?:ma )?qualite de [^,]{2,60}?(?: de| pour)? (?:la societe|l'entreprise)"
)
#: "la société X", "l'entreprise X", "la SARL X": what a sentence calls a company before its name.
_CALLED = (
    r"(?:la societe|l'entreprise|notre societe|notre entreprise|l'etablissement|la (?:sarl|sas|"
    r"sasu|sa|eurl|snc|scop))"
)
_NAME = (
    asks(Term.FIRM, Term.COMPANY, Term.EMPLOYER, parse=company, wraps=True,
         also=(Term.NAME, Term.ADDRESS, Term.SEAT, Term.FORM)),
    phrase(rf"{_QUALITY} (?P<v>[^,\n]{{2,160}}?){_COMPANY_END}", named_company),
    phrase(rf"\b{_CALLED}(?: denommee)?,? (?P<v>[^,\n]{{2,160}}?){_COMPANY_END}", named_company),
    phrase(r"(?:^|\t)(?P<v>[^\t]{2,120}?) [-–—] (?:(?:n° )?sire[nt]|r\.?c\.?s\b)", company),
    By(addressee),
    By(expected_name),
)  # fmt: skip

#: "à Lyon, le …" and "à Lyon le …" anywhere in a sentence; births have their place and day too.
_PLACE_AND_DAY = pattern(
    r"(?<![a-z])a ?:? ?(?P<place>[a-z][a-z' -]{1,40}?),? ?le ?:? (?P<v>\d.{5,24})"
)
_BORN = re.compile(r"\bnee?(?:\(e\))?(?: le .{0,20})?\s*$|naissance.{0,20}$|immatricul.{0,40}$")


def _signed_at(paper: Paper, _hints: Hints) -> FieldValue | None:
    """The last place and day that a statement gives: who signs writes them under the text."""
    last: Parsed | None = None
    for run in (*paper.blocks, *paper.lines):
        for match in _PLACE_AND_DAY.finditer(run.folded):
            if _BORN.search(run.folded[max(0, match.start() - 40) : match.start()]):
                continue
            span = run.span(match.start("v"), match.end("v"))
            parsed = day(span) if span else None
            if parsed and (last is None or _below(parsed, last)):
                last = parsed
    return as_value(last) if last else None


def _below(one: Parsed, other: Parsed) -> bool:
    return (one.span.page, one.span.box.top) > (other.span.page, other.span.box.top)


def _only_day(paper: Paper, _hints: Hints) -> FieldValue | None:
    """The only day that the whole paper gives."""
    found: dict[str, Parsed] = {}
    for line in paper.lines:
        for item in find_dates(line.folded):
            span = line.span(item.start, item.end)
            if span:
                found.setdefault(item.day.isoformat(), Parsed(item.day.isoformat(), span))
    return as_value(next(iter(found.values()))) if len(found) == 1 else None


def _under_made_at(paper: Paper, _hints: Hints) -> FieldValue | None:
    """The day in a table that ends a paper: "Fait à", "Le" and the signature, values under them."""
    for sheet, cell in paper.cells:
        if cell.run.folded.strip(" :") not in {"le", "date"}:
            continue
        row = sheet.rows[cell.row]
        if not any(_MADE_AT.fullmatch(other.run.folded) for other in row):
            continue
        for under in sheet.below(cell)[:1]:
            parsed = day(under.run.whole())
            if parsed:
                return as_value(parsed)
    return None


_MADE_AT = re.compile(r"(?:fait|signe|etabli)e? (?:a|en) ?:?|lieu ?:?")
_SIGNED = (
    phrase(r"(?:fait|signe|etabli)e? (?:a|en)[^\d]{1,60}? le ?:? ?(?P<v>\d.{5,24})", day),
    phrase(r"certifie (?:exact|conforme|sincere)[^\d]{1,60}? le (?P<v>\d.{5,24})", day),
    By(_signed_at),
    By(_under_made_at),
    phrase(r"(?:^|\t)[a-z][a-z' -]{1,40},? ?le (?P<v>\d.{5,24})", day),
    phrase(r"(?:^|\t)le ?:? (?P<v>\d.{5,24})$", day),
    MADE_ON,
    label(r"fait le|le", day),
    phrase(r"arretee? (?:au|le) (?P<v>\d.{5,24})", day),
    By(_only_day),
)
#: A name as people write it: two to five words, each beginning with a capital.
_SIGNER = re.compile(
    r"(?:(?:M|Mr|MM|Mme|Mlle|Monsieur|Madame)\.? )?[A-ZÀ-Ý][\w'’.-]*(?: (?:d[eu]s? |d['’])?"
    r"[A-ZÀ-Ý][\w'’.-]*){1,4}(?:,.*)?"
)
_NO_SIGNER = re.compile(
    r"\d|cachet|tampon|signature|signataire|mention|fait a\b|lu et approuve|societe|entreprise|"
    r"qualite|le represent|direction|date|\b(?:sarl|sasu?|eurl|snc|sci|gmbh)\b"
)
#: What heads the place where somebody signs: the name stands under it.
_SIGNED_HERE = pattern(
    r"^(?:(?:nom(?:, prenom)?,? (?:qualite )?(?:et )?)?(?:cachet (?:et|,) )?signature"
    r"(?: (?:et cachet|du (?:declarant|representant(?: legal)?|dirigeant|gerant|signataire))"
    r".{0,40})?"
    r"|(?:le |la |l')?(?:gerante?|presidente?|direct(?:eur|rice)(?: generale?)?|dirigeante?"
    r"|representante? legale?|declarante?|entrepreneu(?:r|se)(?: individuel(?:le)?)?))"
    r"(?:\s?\([^()]*\))?\s?[:,]?$"
)


def _signer(span: Span) -> Parsed | None:
    """A person's name that stands alone, where a company or a stamp may stand as well."""
    if not _SIGNER.fullmatch(span.text.strip(" :")) or _NO_SIGNER.search(span.folded):
        return None
    return person(span)


def _under_signature(paper: Paper, hints: Hints) -> FieldValue | None:
    """The name printed under the place of the signature; never the company's own."""
    for sheet, cell in paper.cells:
        if not _SIGNED_HERE.match(cell.run.folded):
            continue
        for under in sheet.below(cell, reach=8.0)[:2]:
            parsed = _signer(under.run.whole())
            if parsed and not hints.names(parsed.value):
                return as_value(parsed)
    return None


#: What somebody is in a company.
_IS = (
    r"(?:(?:le |la |l'|votre )?(?:co-?)?(?:gerante?|presidente?|direct(?:eur|rice)|dirigeante?"
    r"|associee?|administrat(?:eur|rice)|chef(?:fe)? d'entreprise|representante? legale?"
    r"|entrepreneu(?:r|se)|fondee? de pouvoir)(?: (?:generale?|deleguee?|unique|majoritaire"
    r"|individuel(?:le)?|associee?|du conseil d'administration|du directoire|technique"
    r"|administrati(?:f|ve)|financiere?|de (?:la societe|l'entreprise)))*)"
)
#: Alone on its line: the name of who signs stands over it.
_OFFICE = pattern(rf"^(?:{_IS}(?: ?[-–/,] ?|$))+$")
#: How letters end: the name of who signs stands under it.
_FAREWELL = re.compile(
    r"(?:salutations?|sentiments?|consideration|hommages?|devouement)(?: [a-z]+){0,3} ?[.,]?$"
    r"|^(?:bien )?cordialement ?[.,]?$|^sinceres salutations"
)


def _over_office(paper: Paper, hints: Hints) -> FieldValue | None:
    """The person's name printed over what he is in the company, at the end of a letter."""
    for sheet, cell in paper.cells:
        if not _OFFICE.match(cell.run.folded):
            continue
        above = [
            other for row in sheet.rows[max(0, cell.row - 2) : cell.row] for other in row
            if cell.overlap(other) > 0 and cell.top - other.bottom < 2.2 * cell.height
        ]  # fmt: skip
        parsed = _signer(above[-1].run.whole()) if above else None
        if parsed and not hints.names(parsed.value):
            return as_value(parsed)
    return None


def _after_farewell(paper: Paper, hints: Hints) -> FieldValue | None:
    """The person's name that stands alone under the last words of a letter."""
    for sheet in paper.sheets:
        for row in sheet.rows:
            if not _FAREWELL.search(row[-1].run.folded):
                continue
            under = [
                other for later in sheet.rows[row[0].row + 1 :] for other in later
                if other.top - row[0].bottom < 8 * row[0].height
            ]  # fmt: skip
            found = [
                parsed for other in under[:3]
                if (parsed := _signer(other.run.whole())) and not hints.names(parsed.value)
            ]  # fmt: skip
            if len({parsed.value for parsed in found}) == 1:
                return as_value(found[0])
    return None


_SIGNATORY = (
    asks(Term.SIGNER, Term.PERSON, parse=person, wraps=True, needs=(Term.NAME,),
         also=(Term.NAME, Term.GIVEN, Term.ROLE, Term.COMPANY)),
    asks(Term.SIGNER, parse=person, wraps=True, also=(Term.ROLE,)),
    phrase(r"je,? soussignee?(?:\(e\))?,? ?:? ?(?:monsieur |madame |mademoiselle |m\. "
           r"|mme |mr )?(?P<v>(?!,|repres)[^,\n(]{3,60}?)(?:,| ?\(| agissant| en qualite|"
           r" en ma qualite|$)", person),
    phrase(r"\b(?:le|la) soussignee?,? (?P<v>[^,\n(]{3,60}?)(?:,| ?\(| agissant| en qualite)",
           person),
    phrase(r"certifie (?:exact|conforme|sincere)[^\n]{5,80}? [-–—] (?P<v>[^,\n\d]{3,60}),", person),
    phrase(r"\b(?:certifie|signe|etabli|declare|valide|transmis)e?(?: (?:exacte?|conforme|sincere"
           r"|electroniquement))* par (?P<v>[^,\n\d(]{3,60}?)(?:,| ?\(| en (?:sa )?qualite"
           r"| le \d|$)", _signer),
    phrase(r"represent(?:ee?|ant) (?:legal )?(?:par )?(?:monsieur |madame |m\. |mme )?"
           r"(?P<v>[^,\n]{3,60}?)(?:,| en (?:sa |ma )?qualite| agissant)", person),
    phrase(r"(?:\bje|\bmoi),? (?P<v>[^,\n(]{3,60}?)(?:,| ?\(| agissant| en qualite| en ma qualite"
           r"| soussigne)", _signer),
    label(r"noms?(?:,| et|/) ?prenoms?(?:,| et|/) ?(?:qualite|fonction)(?: du signataire)?",
          _signer),
    # In a list this heads the column of the workers: sentences come first.
    label(r"nom, prenom", person),
    asks(Term.PERSON, parse=_signer, text=True, also=(Term.COMPANY,)),
    label(r"represent(?:ee?|ant) (?:legalement )?par", _signer),
    phrase(rf"(?:^|\t)(?P<v>[^,\t\d(:]{{3,60}}?)(?:, ?| ?\(| - ){_IS}\)? ?\.?(?:\t|$)",
           _signer),
    By(_over_office),
    By(_under_signature),
    By(_after_farewell),
)  # fmt: skip

STATEMENT: Fields = {
    "siren": (subject(),),
    "company_name": _NAME,
    "signed_on": _SIGNED,
    "signatory": _SIGNATORY,
}

LIST: Fields = {**STATEMENT, "workers": (By(workers),)}
