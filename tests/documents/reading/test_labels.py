"""Labels by their grammar: what is asked for and of whom, in words that no layout was met with."""

from __future__ import annotations

import pytest

from supplier.documents.reading.labels import asked, inner, is_label
from supplier.documents.reading.text import fold
from supplier.documents.reading.vocabulary import Term


@pytest.mark.parametrize(
    ("label", "terms"),
    [
        ("Dénomination sociale de l'assuré(e) :", {Term.FIRM, Term.INSURED}),
        ("Nom et adresse du souscripteur", {Term.NAME, Term.ADDRESS, Term.INSURED}),
        ("3. Nom, prénom(s) / Surname, forenames", {Term.NAME, Term.GIVEN, Term.FAMILY}),
        ("Dénom. soc. de l'entreprise", {Term.FIRM, Term.COMPANY}),
        ("N° SIREN du cotisant", {Term.NUMBER, Term.SIREN, Term.COMPANY}),
        ("R.C.S. (numéro) :", {Term.REGISTRATION}),
        ("Date de fin de validité de l'attestation", {Term.DAY, Term.END, Term.PERIOD, Term.PAPER}),
        ("Ausstellungsdatum:", {Term.DAY, Term.ISSUE}),
        ("Name des Kontoinhabers / Account holder", {Term.NAME, Term.HOLDER}),
        ("Naam van de rekeninghouder", {Term.NAME, Term.HOLDER}),
        ("Datum afgifte uittreksel", {Term.DAY, Term.ISSUE, Term.PAPER}),
        ("Nombre del titular de la cuenta", {Term.NAME, Term.HOLDER}),
        ("Nazwa pracodawcy", {Term.NAME, Term.EMPLOYER}),
    ],
)
def test_a_label_says_what_is_asked_for_and_of_whom(label: str, terms: set[Term]) -> None:
    found = asked(fold(label))
    assert found is not None
    assert found.whole
    assert set(found.terms) == terms
    assert is_label(fold(label))


@pytest.mark.parametrize(
    "text",
    ["SOCIÉTÉ GÉNÉRALE", "ENTREPRISE MARTIN", "Le Nom de la Rose", "Société par actions simplifiée",
     "Siège Confort SARL", "12 rue de la Banque", "Titulaire d'un CAP", "BANQUE POPULAIRE",
     "L'assuré est garanti", "Date limite dépassée", ""],
)  # fmt: skip
def test_a_text_that_says_more_is_no_label(text: str) -> None:
    assert not is_label(fold(text))


def test_where_no_colon_parts_a_label_from_its_value_the_value_follows_it() -> None:
    found = asked(fold("Raison sociale MENUISERIE BRENNER"))
    assert found is not None
    assert (found.terms, found.whole, found.end) == ((Term.FIRM,), False, len("Raison sociale"))


def test_labels_inside_a_text_stand_before_its_colons() -> None:
    text = fold("Contrat n° 12 345 Date d'effet : 01/01/2026 Date d'échéance : 31/12/2026")
    assert [set(one.terms) for one in inner(text)] == [
        {Term.DAY, Term.EFFECT},
        {Term.DAY, Term.END},
    ]
