"""How the company registers of other countries print their values, each in its language."""

from __future__ import annotations

import re
from datetime import date, timedelta

from supplier.documents.reading import unlabelled
from supplier.documents.reading.extract import (
    By,
    Fields,
    Hints,
    Parsed,
    as_value,
    asks,
    candidates,
    label,
    phrase,
)
from supplier.documents.reading.layout import Cell, Paper
from supplier.documents.reading.people import name_on_a_line
from supplier.documents.reading.places import is_place
from supplier.documents.reading.result import FieldValue
from supplier.documents.reading.sentences import named_after
from supplier.documents.reading.spans import Span
from supplier.documents.reading.text import pattern
from supplier.documents.reading.values import cut, day, free, matching
from supplier.documents.reading.vocabulary import Term

COUNTRIES: tuple[tuple[str, str], ...] = (
    ("DE", r"handelsregister|amtsgericht"),
    ("AT", r"firmenbuch"),
    ("LU", r"registre de commerce et des societes|luxembourg business registers"),
    ("PL", r"krajow\w+ rejestr|rejestr\w* przedsiebiorcow"),
    ("BE", r"banque-carrefour|kruispuntbank|crossroads bank|\bbce\b|\bkbo\b"),
    ("IT", r"registro (?:delle )?imprese|camera di commercio|visura"),
    ("ES", r"registro mercantil|registradores de espana"),
    ("PT", r"registo comercial|certidao permanente"),
    ("NL", r"kamer van koophandel|\bkvk\b"),
    ("GB", r"companies house"),
    ("CH", r"registre du commerce du canton|zefix|handelsregisteramt"),
    ("RO", r"registrul comertului"),
    ("CZ", r"obchodni rejstrik"),
    ("SK", r"obchodny register"),
)
# Austria, the Netherlands and Switzerland say "Handelsregister" too: their own words come first.
_ORDER = ("CH", "AT", "NL")


def _country(paper: Paper, _hints: Hints) -> FieldValue | None:
    ordered = sorted(COUNTRIES, key=lambda item: item[0] not in _ORDER)
    for code, source in ordered:
        form = pattern(source)
        for line in paper.lines:
            match = form.search(line.folded)
            span = line.span(match.start(), match.end()) if match else None
            if span:
                return as_value(Parsed(code, span))
    return None


def _no_heading(span: Span) -> Parsed | None:
    """A name, and not the next heading of the sheet ("b) Sitz"), where a scan moved the rows."""
    heading = re.match(r"(?:\d\. ?)?[a-z]\) ", span.folded) or span.text.rstrip().endswith(":")
    return None if heading or is_place(span.folded) else free(span)


def _german_number(span: Span) -> Parsed | None:
    match = re.search(r"\bHR\s?(?P<l>[AB])\s?(?P<n>\d{1,6}(?: [A-Z]{1,2})?)\b", span.text)
    return Parsed(f"HR{match['l']} {match['n']}", cut(span, match)) if match else None


def _lettered(paper: Paper, _hints: Hints) -> FieldValue | None:
    """The name under a heading "a) Firma b) Sitz …": what begins with the same letter."""
    head = re.compile(r"(?P<letter>[a-z])\) (?:name der )?firma\b")
    heading: Cell | None = None
    letter = ""
    for _, cell in paper.cells:
        match = head.search(cell.run.folded)
        if match:
            heading, letter = cell, match["letter"]
        elif heading and cell.run.folded.startswith(f"{letter}) ") and cell.overlap(heading) > 0:
            span = cell.run.span(3, len(cell.run.text))
            parsed = free(span) if span else None
            return as_value(parsed) if parsed else None
    return None


_ANY_NUMBER = matching(r"(?P<v>(?:CHE-)?[A-Z]{0,4}[ .-]?\d[\dA-Z./ -]{3,18}[\dA-Z])")

#: What leads to the day of an extract, whatever stands between: "Visura estratta in data …".
_MADE = (
    r"(?:abruf|ausdruck|ausgedruckt|stand|erstellt)(?: vom| am| des)?"
    r"|(?:toestand|stand|situatie|opgemaakt|gemaakt|opgesteld|afgedrukt|geprint|afgeleverd"
    r"|uitgereikt)(?: te [a-z-]+,?)? op"
    r"|(?:datum|data|date|fecha)(?: (?:de|di|da|do|du|des|d'|of|van|the|het|l'|de l'|de la))? ?"
    r"(?:abrufs?|ausdrucks?|auszugs?|uittreksel|afgifte|estrazione|emissione|rilascio|wydruku"
    r"|pobrania|wydania|emisi.n|expedici.n|consulta|emissao|emission|extraction|delivrance"
    r"|edition|extrait|issue|extract|search)|estratt[oa][^.\t]{0,40}? (?:in data|il|al)"
    r"|situation au|a la date du|a jour au|extrait (?:du|en date du|delivre|etabli)(?: le)?"
    r"|stan na dzie\S{1,3}|wydano dnia"
    r"|(?:expedid|emitid|se expid)[aeo]\b(?:[^.\t\d]{0,60}?,)? (?:el|em|a)(?: dia)?"
    r"|(?:vervaardigd|gewaarmerkt|aangemaakt|gegenereerd|sporzadzono|wygenerowano|generad[oa]"
    r"|generat[oa]|certified|generated|given at [^.\t]{2,40},)(?: op| w dniu| dnia| el| il| on)?"
    r"|(?:issued|extracted|printed|produced)(?: on)?|dated"
)

#: From the surest: what says so; a town and a day that close the sheet ("München, den 03.08.2026").
_MADE_ON = (
    phrase(rf"(?<![a-z])(?:{_MADE})\s?:?\s?(?P<v>\d.{{7,24}})", day),
    label(_MADE, day),
    asks(Term.ISSUE, parse=day, also=(Term.DAY, Term.PAPER)),
    # "Extract date": the day of the paper itself.
    asks(Term.PAPER, parse=day, also=(Term.DAY,), needs=(Term.DAY,)),
    # A sentence about the paper itself, and its day.
    phrase(
        r"\b(?:dit uittreksel|dieser (?:aus|ab)druck|diese[rs]? (?:auszug|bescheinigung)"
        r"|this (?:extract|certificate|document)|(?:le |ce )?(?:present )?(?:extrait|certificat"
        r"|document)|la presente visura|questo documento|esta (?:certificacion|certidao|nota)"
        r"|niniejszy (?:odpis|wydruk))\b[^.\t\d]{0,60}? (?P<v>\d.{7,24})",
        day,
    ),
    phrase(r"(?:pour extrait conforme|extrait delivre).{0,60}?le (?P<v>\d.{7,24})", day),
    phrase(r"(?:^|\t)[a-z][a-z' .-]{2,40}, (?:den|le|li|il|a|op|dnia) (?P<v>\d.{7,24})", day),
)
#: Days between what an extract shows and when it was printed.
_APART = timedelta(days=31)


def _made_on(paper: Paper, hints: Hints) -> FieldValue | None:
    """The day of the extract; none where the paper gives days that are far apart."""
    for source in _MADE_ON:
        found = list(candidates(paper, source, hints=hints))
        if found:
            days = sorted(date.fromisoformat(parsed.value) for parsed in found)
            return as_value(found[0]) if days[-1] - days[0] <= _APART else None
    return None


FOREIGN_REGISTER: Fields = {
    "registration_number": (
        phrase(r"(?P<v>\bhr ?[ab] ?\d{1,6}(?: [a-z]{1,2}\b)?)", _german_number),
        phrase(r"r\.? ?c\.? ?s\.?,? luxembourg ?:?(?: ?n°)? ?(?P<v>[a-z] ?\d{4,7})\b",
               matching(r"[A-Z] ?\d{4,7}")),
        phrase(r"\bsous le (?:numero|n°) (?P<v>[a-z] ?\d{4,7})\b", matching(r"[A-Z] ?\d{4,7}")),
        label(r"(?:numero|n°) (?:d'immatriculation|rcs|r\.c\.s\.)|matricule",
              matching(r"[A-Z] ?\d{4,7}|\d{5,12}")),
        label(r"(?:numero|n°) (?:d'entreprise|bce)|ondernemingsnummer|enterprise number",
              matching(r"(?:BE ?)?\d{4}[. ]?\d{3}[. ]?\d{3}")),
        phrase(r"(?:numer krs|krs\)?(?: nr)?|nr krs|krs)\s?:?\s?(?P<v>\d{10})",
               matching(r"\d{10}")),
        label(r"(?:numer(?: w)? |nr )?krs", matching(r"\d{10}")),
        phrase(r"(?P<v>\bfn ?\d{4,6} ?[a-z])\b", matching(r"FN ?\d+ ?[a-z]")),
        phrase(r"\b(?:[nc]\.? ?i\.? ?f\.?) ?:? ?(?P<v>[a-z]-? ?\d{7}[a-z0-9])\b", _ANY_NUMBER),
        asks(Term.REGISTRATION, parse=_ANY_NUMBER, also=(Term.NUMBER, Term.COMPANY)),
        phrase(r"\b(?:company|registration|registered|enterprise)(?: registration)? (?:number|no\.?"
               r"|nr\.?) ?:? ?(?P<v>[a-z]{0,3} ?\d[\d. /-]{3,16}\d)", _ANY_NUMBER),
        label(r"company (?:registration )?number|registration number|registered number"
              r"|kvk-nummer|kvk number|numero rea|codice fiscale|cif|nif|nipc|identificacni cislo"
              r"|ico|cui|(?:numero|n°) de registre|registernummer|handelsregisternummer",
              _ANY_NUMBER),
    ),
    "company_name": (
        label(r"(?:\d\. ?)?(?:[a-z]\) ?)?(?:name der )?(?:firma|gesellschaft)(?:,[^:\t]*)?"
              r"|firmenname|firmenwortlaut", _no_heading, wraps=True),
        label(r"denomination(?: legale| ou raison)?(?: sociale)?|raison sociale"
              r"|(?:statutaire |maatschappelijke )?naam(?: van de [a-z]+)?|denominazione"
              r"|ragione sociale|denominaci.n(?: social)?|razon social|company name"
              r"|name of (?:the )?company|denominacao(?: social)?|firma spolki"
              r"|nazwa(?: (?:podmiotu|firmy|spolki))?|obchodni firma|denumire", _no_heading,
              wraps=True),
        asks(Term.FIRM, Term.NAME, parse=_no_heading, wraps=True,
             also=(Term.COMPANY, Term.FORM, Term.SEAT)),
        By(_lettered),
        named_after(
            r"\b(?:certif(?:y|ies)|confirms?|attests?)(?: hereby)? that"
            r"(?=[^\t]{2,200}? (?:incorporated|registered|is a|has its))",
            r"\b(?:bescheinigen|bestatigen|bescheinigt)(?:,| hiermit)*,? dass"
            r"(?=[^\t]{2,200}? (?:eingetragen|registriert))",
            r"\b(?:certifica|si certifica|(?:est )?certifie|certifions)(?:,? par la presente,?)? "
            r"(?:que|che)(?=[^\t]{2,200}? (?:inscri|immatricul|iscritt))",
        ),
        phrase(r"nazwa\s?:?\s?(?P<v>[^\t\n]{3,90})", _no_heading),
        By(name_on_a_line),
    ),
    "issued_on": (
        By(_made_on),
        By(unlabelled.made_on),
    ),
    "country": (By(_country),),
}  # fmt: skip
