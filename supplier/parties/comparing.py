"""What an import line brings to a supplier that is known: what it fills in, what stays. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from supplier.kernel.i18n import N_
from supplier.kernel.words import fold
from supplier.parties.legal_forms import PERSON

#: What a line may fill in where it is empty.
FIELDS = (
    "name", "siren", "siret", "vat_number", "country", "legal_form", "sector", "street",
    "postcode", "city",
)  # fmt: skip
PERSON_COLUMNS = ("contact_name", "contact_email", "contact_phone", "contact_role")
UNREACHABLE = N_("A contact without e-mail and telephone is not added.")
SAME_START = N_(
    "The relation that began on this day has ended: give the day on which a new one begins."
)
HAS_LEFT = N_("This contact has left the supplier and is not added again.")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at a known supplier, by the columns of an import."""

    values: Mapping[str, str]
    has_left: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A supplier as it is kept, by the columns of an import; its people; its running relation."""

    key: str
    values: Mapping[str, str]
    people: tuple[Person, ...] = ()
    relation: Mapping[str, str] | None = None
    #: The first days of relations with the company that have ended.
    ended: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Comparison:
    """The columns that a line fills in, and those that differ and stay: column, ours, theirs."""

    filled: tuple[str, ...] = ()
    kept: tuple[tuple[str, str, str], ...] = ()
    notes: tuple[str, ...] = ()


def compare(values: Mapping[str, str], known: Known) -> Comparison:
    """Nothing that somebody wrote is overwritten; whatever differs is told.

    `values` holds only what stands in the file, and the kind that its legal form says.
    """
    parts = (_supplier(values, known), _person(values, known), _relation(values, known.relation))
    return Comparison(
        tuple(column for part in parts for column in part.filled),
        tuple(one for part in parts for one in part.kept),
        tuple(note for part in parts for note in part.notes),
    )


def _supplier(values: Mapping[str, str], known: Known) -> Comparison:
    empty, kept = _beside(values, known.values, (*FIELDS, "register", "has_employees"))
    if "legal_form" not in values or values["kind"] == known.values["kind"]:
        return Comparison(empty, kept)
    if "legal_form" in empty and values["kind"] == PERSON:
        # Nobody had said what it is: "company" was the form's default, no statement.
        return Comparison((*empty, "kind"), kept)
    return Comparison(empty, (*kept, ("kind", known.values["kind"], values["kind"])))


def _person(values: Mapping[str, str], known: Known) -> Comparison:
    """A person is added; one who is there by address or name stays as they are."""
    given = tuple(column for column in PERSON_COLUMNS if values.get(column))
    if not given:
        return Comparison()
    if not (values.get("contact_email") or values.get("contact_phone")):
        return Comparison(notes=(UNREACHABLE,))
    name = values.get("contact_name") or known.values["name"]
    found = _of(known.people, "contact_email", values.get("contact_email", "")) or _of(
        known.people, "contact_name", name
    )
    if found is None:
        return Comparison(given)
    if found.has_left:
        return Comparison(notes=(HAS_LEFT,))
    # A number or an address typed in a table is no statement of that person: not even where
    # there is none, since a call-back trusts what stands there.
    empty, kept = _beside(values, found.values, PERSON_COLUMNS)
    return Comparison(kept=(*kept, *((column, "", values[column]) for column in empty)))


def _of(people: tuple[Person, ...], column: str, text: str) -> Person | None:
    alike = (one for one in people if text and fold(one.values.get(column, "")) == fold(text))
    return min(alike, key=lambda one: one.has_left, default=None)


def _relation(values: Mapping[str, str], relation: Mapping[str, str] | None) -> Comparison:
    if relation is None:
        return Comparison(
            ("started_on", *(("supplier_reference",) if "supplier_reference" in values else ()))
        )
    return Comparison(*_beside(values, relation, ("started_on", "supplier_reference")))


def _beside(
    values: Mapping[str, str], ours: Mapping[str, str], columns: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[tuple[str, str, str], ...]]:
    """What is empty with us, and what differs."""
    given = [column for column in columns if values.get(column)]
    empty = tuple(column for column in given if not ours.get(column))
    return empty, tuple(
        (column, ours[column], values[column])
        for column in given
        if ours.get(column) and not _same(column, ours[column], values[column])
    )


def _same(column: str, ours: str, theirs: str) -> bool:
    if column == "contact_phone":
        return _national(ours) == _national(theirs)
    return fold(ours) == fold(theirs)


def _national(phone: str) -> str:
    """The figures of a number; +33 6 and 06 are one."""
    return re.sub(r"^(?:00)?33(?:0(?=\d{9}$))?(?=\d{9}$)", "0", re.sub(r"\D", "", phone))
