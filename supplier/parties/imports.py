"""Judge the lines of an import: what each says, which is right, what it would do. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from supplier.kernel.addresses import mail_address
from supplier.kernel.clock import is_plausible
from supplier.kernel.i18n import N_
from supplier.kernel.identifiers import (
    InvalidIdentifierError,
    Siret,
    VatNumber,
    recover_siret,
)
from supplier.kernel.words import clean, fold
from supplier.parties.comparing import SAME_START, UNREACHABLE, Known, compare
from supplier.parties.legal_forms import kind_of, register_of, yes_or_no
from supplier.parties.restoring import (
    drop_shortened_siret,
    is_shortened,
    recover_siren,
    restore_phone,
)

#: Our columns, with the headings that exports use for them (folded).
COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("nom", "raison sociale", "denomination", "fournisseur", "societe", "name", "firma",
             "company", "supplier", "libelle", "nom fournisseur"),
    "siren": ("siren", "n siren", "numero siren"),
    "siret": ("siret", "n siret", "numero siret"),
    "vat_number": ("tva", "n tva", "tva intracom", "tva intracommunautaire", "vat", "vat number",
                   "ust id", "ust-idnr", "numero tva"),
    "country": ("pays", "country", "land", "code pays"),
    "legal_form": ("forme juridique", "legal form", "rechtsform", "forme"),
    "register": ("registre", "immatriculation", "register", "registre d immatriculation"),
    "has_employees": ("salaries", "employeur", "a des salaries", "effectif", "effectifs",
                      "nombre de salaries", "employees", "has employees", "mitarbeiter",
                      "beschaeftigte"),
    "sector": ("secteur", "activite", "sector", "branche", "metier"),
    "street": ("adresse", "rue", "street", "strasse", "address", "adresse 1"),
    "postcode": ("code postal", "cp", "postcode", "plz", "zip"),
    "city": ("ville", "commune", "city", "ort", "stadt"),
    "supplier_reference": ("code fournisseur", "reference", "numero fournisseur", "code", "compte",
                           "lieferantennummer", "supplier number", "ref"),
    "contact_name": ("contact", "interlocuteur", "nom contact", "ansprechpartner"),
    "contact_email": ("email", "e-mail", "mail", "courriel", "adresse mail",
                      "adresse electronique"),
    "contact_phone": ("telephone", "tel", "phone", "telefon", "portable"),
    "contact_role": ("fonction", "role", "qualite", "funktion"),
    "started_on": ("debut", "debut de relation", "date de debut", "start", "beginn", "depuis"),
}  # fmt: skip
COLUMN_LABELS: dict[str, str] = {
    "name": N_("Name"),
    "siren": N_("SIREN"),
    "siret": N_("SIRET"),
    "vat_number": N_("VAT number"),
    "country": N_("Country"),
    "legal_form": N_("Legal form"),
    "register": N_("Register"),
    "has_employees": N_("Has employees"),
    "sector": N_("Sector"),
    "street": N_("Street"),
    "postcode": N_("Postcode"),
    "city": N_("Town"),
    "supplier_reference": N_("Supplier reference"),
    "contact_name": N_("Contact person"),
    "contact_email": N_("Contact's e-mail"),
    "contact_phone": N_("Contact's telephone"),
    "contact_role": N_("Contact's role"),
    "started_on": N_("Start of the relation"),
}
COUNTRIES = {
    "france": "FR", "allemagne": "DE", "germany": "DE", "deutschland": "DE", "belgique": "BE",
    "belgium": "BE", "belgien": "BE", "luxembourg": "LU", "luxemburg": "LU", "espagne": "ES",
    "spain": "ES", "italie": "IT", "italy": "IT", "pologne": "PL", "poland": "PL", "polen": "PL",
    "portugal": "PT", "suisse": "CH", "switzerland": "CH", "schweiz": "CH", "pays-bas": "NL",
    "netherlands": "NL", "roumanie": "RO", "romania": "RO",
}  # fmt: skip
#: Countries whose postcodes have five digits and may begin with a zero.
_FIVE_DIGITS = frozenset({"FR", "DE", "ES", "IT"})
_SHORT = ("postcode", "contact_phone", "supplier_reference")
_FOUR = re.compile(r"[0-9]{4}")
_DATE_ISO = re.compile(r"^(\d{4})-(\d{2})-(\d{2})$")
_DATE_FR = re.compile(r"^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})$")


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of one line: create, update, same (known, nothing to add) or error.

    `number` is the line in the file; `values` are the cleaned columns, `given` those that the file
    fills; `written` is the number that a spreadsheet shortened, as it stands in the file: an error
    may name it. `notes` say what was put right or left out.
    """

    number: int
    outcome: str
    name: str
    values: dict[str, str]
    errors: tuple[str, ...] = ()
    written: str = ""
    given: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    kept: tuple[tuple[str, str, str], ...] = ()

    @property
    def key(self) -> str:
        """The number by which a supplier is known; "" when the line names none."""
        return self.values.get("siren") or self.values.get("vat_number") or ""

    def as_json(self) -> dict[str, Any]:
        return {
            "number": self.number, "outcome": self.outcome, "name": self.name,
            "values": self.values, "errors": list(self.errors), "written": self.written,
            "notes": list(self.notes), "filled": list(self.filled),
            "kept": [list(one) for one in self.kept],
        }  # fmt: skip


def guess_mapping(headings: Sequence[str]) -> dict[str, int]:
    """Which column of the file holds which of ours: exact headings first, then beginnings."""
    folded = [_heading(heading) for heading in headings]
    mapping: dict[str, int] = {}
    for loose in (False, True):
        for column, names in COLUMNS.items():
            for place, heading in enumerate(folded):
                if column in mapping or place in mapping.values() or not heading:
                    continue
                if heading in names or (loose and heading.startswith(names)):
                    mapping[column] = place
    return mapping


def read_rows(rows: Sequence[Sequence[str]], mapping: Mapping[str, int]) -> list[Line]:
    """What each line says, and what is wrong in it by itself."""
    return [_read(number, row, mapping) for number, row in enumerate(rows, start=2) if any(row)]


def judge(lines: Sequence[Line], *, known: Mapping[str, Known]) -> list[Line]:
    """What each line would do. `known` maps SIREN or VAT numbers to existing suppliers.

    The same supplier twice in one file is an error on the second good line.
    """
    seen: set[str] = set()
    return [_judge(line, known.get(line.key), seen) for line in lines]


def judge_rows(
    rows: Sequence[Sequence[str]], mapping: Mapping[str, int], *, known: Mapping[str, Known]
) -> list[Line]:
    """A verdict a line: what it says, then what it would do."""
    return judge(read_rows(rows, mapping), known=known)


def count_owing(report: Iterable[Mapping[str, Any]], *, today: date) -> tuple[int, int]:
    """How many lines of a report begin a relation that owes papers at once, and how many later.

    A table names no contract, and a relation without one counts as work without an amount from its
    first day: today where the line gives none.
    """
    begins = [
        line["values"].get("started_on", "")
        for line in report
        if line["outcome"] == "create" or "started_on" in line["filled"]
    ]
    later = sum(day > today.isoformat() for day in begins)
    return len(begins) - later, later


def _read(number: int, row: Sequence[str], mapping: Mapping[str, int]) -> Line:
    raw = {column: row[place] for column, place in mapping.items() if place < len(row)}
    values, errors, notes = _clean(raw)
    written = next((values[one] for one in _NUMBERS if is_shortened(values.get(one, ""))), "")
    given = frozenset(column for column, text in raw.items() if clean(text))
    return Line(
        number, "error" if errors else "create", values.get("name", ""), values, tuple(errors),
        written, given, tuple(notes),
    )  # fmt: skip


def _judge(line: Line, known: Known | None, seen: set[str]) -> Line:
    if line.errors:
        return line
    same = {line.key, known.key if known else line.key} - {""}
    if same & seen:
        error = N_("The same supplier stands on an earlier line of this file.")
        return replace(line, outcome="error", errors=(error,))
    # A number of both kinds is told by the SIREN; another line may give the VAT number alone.
    seen |= same | {line.values.get("vat_number", line.key)}
    if known is None:
        return replace(line, notes=(*line.notes, *_left_out(line.values)))
    if known.relation is None and line.values.get("started_on") in known.ended:
        return replace(line, outcome="error", errors=(SAME_START,))
    found = compare(_said(line), known)
    return replace(
        line, outcome="update" if found.filled else "same", filled=found.filled, kept=found.kept,
        notes=(*line.notes, *found.notes),
    )  # fmt: skip


def _said(line: Line) -> dict[str, str]:
    """What stands in the file: a country that nobody wrote is no statement."""
    derived = {"kind", "siren", "siret"}
    return {key: text for key, text in line.values.items() if key in line.given | derived}


def _left_out(values: Mapping[str, str]) -> tuple[str, ...]:
    named = values.get("contact_name") or values.get("contact_role")
    reachable = values.get("contact_email") or values.get("contact_phone")
    return (UNREACHABLE,) if named and not reachable else ()


def _clean(raw: Mapping[str, str]) -> tuple[dict[str, str], list[str], list[str]]:
    cleaned = {column: clean(text) for column, text in raw.items()}
    values = {column: text for column, text in cleaned.items() if text}
    errors: list[str] = []
    notes: list[str] = []
    if not values.get("name"):
        errors.append(N_("The name is missing."))
    values["country"] = _country(values.get("country", ""), errors)
    _identify(values, errors, notes)
    _restore_postcode(values, notes)
    restore_phone(values, notes)
    given = values.get("contact_email", "")
    email = mail_address(given)
    if given and email is None:
        errors.append(N_("The e-mail address is not one address: write name@company.fr."))
    elif email:
        values["contact_email"] = email
    if "started_on" in values:
        day = _day(values["started_on"])
        if day is None:
            errors.append(N_("The start date is not a date: write 31/12/2026."))
        else:
            values["started_on"] = day
    _describe(values, errors)
    too_long = [column for column, text in values.items() if len(text) > 200]
    if too_long:
        errors.append(N_("A cell is too long: 200 characters at most."))
    too_long = [column for column in _SHORT if len(values.get(column, "")) > 40]
    if too_long:
        errors.append(N_("A postcode, telephone or reference is too long: 40 characters at most."))
    return values, errors, notes


def _restore_postcode(values: dict[str, str], notes: list[str]) -> None:
    """Four digits where a country's postcodes have five: a spreadsheet took the zero away."""
    postcode = values.get("postcode", "")
    if values["country"] in _FIVE_DIGITS and _FOUR.fullmatch(postcode):
        values["postcode"] = postcode.zfill(5)
        notes.append(N_("The spreadsheet had removed the zero of the postcode; it was put back."))


def _describe(values: dict[str, str], errors: list[str]) -> None:
    """A company or a person, as the legal form says; the register; whether it employs anybody."""
    values["kind"] = kind_of(values.get("legal_form", ""))
    if "register" in values:
        register = register_of(values["register"])
        if register is None:
            errors.append(N_("The register is not known: write RCS, métiers, libéral or ordre."))
        else:
            values["register"] = register
    if "has_employees" in values:
        employs = yes_or_no(values["has_employees"])
        if employs is None:
            errors.append(N_("Has employees: write yes, no or how many."))
        else:
            values["has_employees"] = "yes" if employs else "no"


_SHORTENED = N_(
    "A spreadsheet has shortened this number to %(written)s. Set the column to text in the "
    "spreadsheet and type the number in full."
)
#: How each number is read from its cell, and what was put right in it.
_NUMBERS: Mapping[str, Callable[[str], tuple[str, str | None]]] = {
    "siret": lambda cell: (str((found := recover_siret(cell)).siret), found.repair),
    "siren": recover_siren,
    "vat_number": lambda cell: (str(VatNumber.parse(cell)), None),
}


def _identify(values: dict[str, str], errors: list[str], notes: list[str]) -> None:
    # Many a program keeps both in one column: nine digits with a right key are a SIREN.
    if "siren" not in values and _is_siren(values.get("siret", "")):
        values["siren"] = values.pop("siret")
    drop_shortened_siret(values, notes)
    try:
        for column, read in _NUMBERS.items():
            if column in values:
                values[column], note = read(values[column])
                notes += [note] if note else []
    except InvalidIdentifierError as error:
        errors.append(_SHORTENED if error.code == "excel" else error.message)
        return
    if "siret" in values:
        siren = str(Siret.parse(values["siret"]).siren)
        if values.setdefault("siren", siren) != siren:
            errors.append(N_("The SIRET does not begin with the SIREN: check both."))
    if values["country"] == "FR" and "siren" not in values:
        errors.append(N_("A French supplier has a SIREN or a SIRET: fill it in."))


def _is_siren(cell: str) -> bool:
    try:
        return bool(recover_siren(cell))
    except InvalidIdentifierError:
        return False


def _country(text: str, errors: list[str]) -> str:
    folded = fold(text)
    if not folded:
        return "FR"
    if len(folded) == 2 and folded.isascii() and folded.isalpha():
        return folded.upper()
    if folded in COUNTRIES:
        return COUNTRIES[folded]
    errors.append(N_("The country is not known: write its two-letter code, such as FR or DE."))
    return "FR"


def _day(text: str) -> str | None:
    if found := _DATE_ISO.match(text):
        year, month, day = found.groups()
    elif found := _DATE_FR.match(text):
        day, month, year = found.groups()
    else:
        return None
    try:
        written = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return written.isoformat() if is_plausible(written) else None


def _heading(text: str) -> str:
    return re.sub(r"[^a-z0-9\- ]+", " ", fold(text).replace("°", " ")).strip().replace("  ", " ")
