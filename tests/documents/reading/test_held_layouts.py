"""Layouts of the fourth set's second half: each was misread at first sight."""

from __future__ import annotations

import pytest

from supplier.documents.kinds import DocumentKind
from tests.documents.reading.test_wordings import ACCEPTED, NAME, Row, answer, judged

COMPANY: tuple[Row, ...] = (
    "Greffe du Tribunal de Commerce de Colmar",
    "EXTRAIT K BIS",
    "À jour au 18/10/2026",
    "IMMATRICULATION PRINCIPALE AU REGISTRE DU COMMERCE ET DES SOCIÉTÉS",
    ((60, "RCS"), (180, "526 018 155 R.C.S. Colmar")),
    ((60, "Dénomination"), (180, "MENUISERIE BRENNER")),
    ((60, "Siège"), (180, "4 rue des Clefs 68000 COLMAR")),
)
CODE = "Code de vérification Bnvmc9yjTa à saisir sur www.infogreffe.fr/controle."
PERSON: tuple[Row, ...] = (
    "Greffe du Tribunal de Commerce de Colmar",
    "Extrait K",
    "EXTRAIT D'IMMATRICULATION PRINCIPALE AU REGISTRE DU COMMERCE ET DES SOCIETES",
    "à jour au 18 octobre 2026",
    "IDENTIFICATION DE LA PERSONNE PHYSIQUE",
    "Immatriculation au RCS, numéro ................. 526 018 155 R.C.S. Colmar",
    "Date d'immatriculation ......................... 09/05/2001",
    "Nom, prénoms ................................... BRENNER Luc Alain",
    "Adresse de l'établissement principal .... 4 rue des Clefs 68000 COLMAR",
    f"FIN DE L'EXTRAIT {CODE}",
)
TAX: tuple[Row, ...] = (
    "Direction générale des Finances publiques",
    "SERVICE IMPOTS DES ENTREPRISES COLMAR",
    "Colmar, le 28 juin 2026",
    "Objet : attestation de régularité fiscale n° 4090822",
    "Je certifie que la société MENUISERIE BRENNER, identifiée sous le n° SIREN 526 018 155,",
    "est en règle, au 31 mai 2026, au regard de ses obligations fiscales.",
    "La présente attestation est établie pour servir et valoir ce que de droit.",
)
INVOICE: tuple[Row, ...] = (
    ((60, "MENUISERIE BRENNER"), (400, "Facture")),
    ((60, "4 rue des Clefs, 68000 COLMAR"), (400, "FA-2026-2385")),
    "SIREN 526 018 155",
    "N° TVA intracommunautaire FR36526018155",
    "Date d'émission : 25/09/2026",
    ((60, "Total HT"), (400, "5 336,50 €")),
    ((60, "TVA 20,0 %"), (400, "1 067,30 €")),
    ((60, "Total TTC"), (400, "6 403,80 €")),
    "IBAN : FR7610278035180975097724095",
)
COMPANIES_HOUSE: tuple[Row, ...] = (
    "Companies House",
    "COMPANY DETAILS - REGISTER EXTRACT",
    ((60, "Company name"), (260, "NORTHGATE SCAFFOLDING LTD")),
    ((60, "Company number"), (260, "03254359")),
    ((60, "Registered office address"), (260, "Unit 4, Quay Road, Bristol BS1 6XN")),
    ((60, "Incorporated on"), (260, "10 March 2018")),
    "Extract date: 09 October 2026",
)


def test_an_extract_ends_with_the_words_that_certify_it() -> None:
    foot = f"Pour extrait certifié conforme, délivré le 19/10/2026. {CODE}"
    assert judged(answer(DocumentKind.KBIS, (*COMPANY, foot))) == ACCEPTED
    assert judged(answer(DocumentKind.KBIS, (*COMPANY, CODE))) != ACCEPTED


@pytest.mark.parametrize(
    ("kind", "rows", "field", "value"),
    [
        (DocumentKind.KBIS, PERSON, "company_name", "BRENNER Luc Alain"),
        (DocumentKind.TAX_COMPLIANCE, TAX, "delivery_number", "4090822"),
        (DocumentKind.INVOICE, INVOICE, "number", "FA-2026-2385"),
        (DocumentKind.FOREIGN_REGISTER_EXTRACT, COMPANIES_HOUSE, "issued_on", "2026-10-09"),
    ],
)
def test_a_value_is_read_where_this_layout_has_it(
    kind: DocumentKind, rows: tuple[Row, ...], field: str, value: str
) -> None:
    abroad = kind is DocumentKind.FOREIGN_REGISTER_EXTRACT
    name = {"company_name": "BRENNER Luc", "issued_on": "NORTHGATE SCAFFOLDING LTD"}.get(
        field, NAME
    )
    reading = answer(kind, rows, siren=None if abroad else "526018155", name=name)
    assert reading.text(field) == value
