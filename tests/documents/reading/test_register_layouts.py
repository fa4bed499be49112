"""Register extracts in two columns, in grids and in the words of other countries."""

from __future__ import annotations

import pytest

from supplier.documents.kinds import DocumentKind
from supplier.documents.reading.result import Reading
from tests.documents.reading.test_wordings import ACCEPTED, NAME, Row, answer, judged

HEAD: tuple[Row, ...] = (
    "Attestation d'immatriculation",
    "au Registre national des entreprises",
    f"L'INPI, opérateur du RNE, atteste des informations concernant l'entreprise {NAME}",
    "à la date du 16 septembre 2026.",
    "Identité de l'entreprise",
)
MANAGER: tuple[Row, ...] = (
    "Gestion et Direction",
    ((60, "Qualité"), (320, "Nom, Prénom(s)")),
    ((60, "Gérant"), (320, "MARTIN Paul")),
)


@pytest.mark.parametrize(
    "grid",
    [
        (((60, "Dénomination"), (320, "SIREN (Siège)")),
         ((60, NAME), (320, "526018155")),
         ((60, "Date d'immatriculation au RNE"), (320, "Date de mise à jour de l'entreprise")),
         ((60, "12/03/2007"), (320, "21/02/2025")),
         ((60, "Forme juridique"), (320, "Capital social")),
         ((60, "Société à responsabilité limitée"), (320, "8000 EUR"))),
        (((60, "SIREN (Siège)"), (320, "Dénomination")),
         ((60, "526018155"), (320, NAME)),
         ((60, "Forme juridique"), (320, "Date d'immatriculation au RNE")),
         ((60, "Société à responsabilité limitée"), (320, "12/03/2007"))),
        (((60, "Dénomination"), (200, NAME), (360, "SIREN (Siège)"), (460, "526018155")),
         ((60, "Forme juridique"), (200, "Société à responsabilité limitée")),
         ((60, "Date d'immatriculation au RNE"), (320, "12/03/2007"))),
        (((60, "Sigle"), (320, "Enseigne")),
         ((60, "Dénomination"), (320, "SIREN (Siège)")),
         ((60, NAME), (320, "526018155")),
         ((60, "Forme juridique"), (320, "Date d'immatriculation au RNE")),
         ((60, "Société à responsabilité limitée"), (320, "12/03/2007"))),
    ],
)  # fmt: skip
def test_the_fields_of_an_rne_extract_stand_beside_or_under_their_labels(
    grid: tuple[Row, ...],
) -> None:
    reading = answer(DocumentKind.RNE_EXTRACT, (*HEAD, *grid, *MANAGER))
    found = {
        name: reading.text(name)
        for name in ("company_name", "siren", "legal_form", "registered_on", "issued_on")
    }
    assert found == {
        "company_name": NAME, "siren": "526018155", "registered_on": "2007-03-12",
        "legal_form": "Société à responsabilité limitée", "issued_on": "2026-09-16",
    }  # fmt: skip
    assert judged(reading) == ACCEPTED


def test_a_label_without_a_value_has_not_the_value_of_the_next() -> None:
    grid: tuple[Row, ...] = (
        ((60, "Dénomination"), (320, "Enseigne")),
        ((60, "Forme juridique"), (320, "SIREN (Siège)")),
        ((60, "Société à responsabilité limitée"), (320, "526018155")),
    )
    reading = answer(DocumentKind.RNE_EXTRACT, (*HEAD[:2], HEAD[4], *grid, *MANAGER))
    assert reading.text("company_name") != "Société à responsabilité limitée"


REGISTER = DocumentKind.FOREIGN_REGISTER_EXTRACT
GERMAN, POLISH, BELGIAN = (
    "Isar Stahlbau GmbH",
    "Wielkopolskie Dachy Sp. z o.o.",
    "Charpentes Dewulf",
)
ITALIAN, SPANISH, DUTCH = (
    "Edilizia Ferrari S.r.l.",
    "Construcciones Vega, S.L.",
    "Dakwerken Smit B.V.",
)


@pytest.mark.parametrize(
    ("name", "number", "country", "rows"),
    [
        (GERMAN, "HRB 271904", "DE", (
            "Amtsgericht München", "Handelsregister B", "Ausdruck vom 03.08.2026",
            "Nummer der Firma: HRB 271904", "2. a) Firma:", GERMAN, "b) Sitz: München")),
        (GERMAN, "HRB 271904", "DE", (
            "Handelsregister B des Amtsgerichts München", "Aktueller Ausdruck",
            ((60, "HRB 271904"), (320, "Abruf am 03.08.2026 10:12")),
            ((60, "Firma"), (320, "Sitz")), ((60, GERMAN), (320, "München")))),
        (GERMAN, "HRB 271904", "DE", (
            "Handelsregisterauszug", "Amtsgericht München, HRB 271904", f"Firma: {GERMAN}",
            "Rechtsform: Gesellschaft mit beschränkter Haftung", "München, den 03.08.2026")),
        (POLISH, "0000845510", "PL", (
            "KRAJOWY REJESTR SADOWY", "Stan na dzien 03.08.2026", "Numer KRS: 0000845510",
            "Informacja odpowiadajaca odpisowi aktualnemu z Rejestru Przedsiebiorców",
            ((60, "3. Firma, pod która spólka dziala"), (320, POLISH)))),
        (POLISH, "0000845510", "PL", (
            "KRAJOWY REJESTR SADOWY - REJESTR PRZEDSIEBIORCOW", "Odpis aktualny",
            "Data wydruku: 03.08.2026", ((60, "Nr KRS"), (320, "0000845510")),
            ((60, "Nazwa podmiotu"), (320, POLISH)))),
        (BELGIAN, "0845.217.963", "BE", (
            "Banque-Carrefour des Entreprises", "Extrait délivré le 3 août 2026",
            ((60, "Numéro d'entreprise"), (320, "Dénomination")),
            ((60, "0845.217.963"), (320, BELGIAN)))),
        (BELGIAN, "0845.217.963", "BE", (
            "Kruispuntbank van Ondernemingen", "Uittreksel, toestand op 03/08/2026",
            "Ondernemingsnummer: 0845.217.963", f"Naam: {BELGIAN}", "Rechtsvorm: BV")),
        (ITALIAN, "RM-1234567", "IT", (
            "Camera di Commercio di Roma", "Registro Imprese - Visura ordinaria",
            "Visura estratta in data 03/08/2026", "Numero REA: RM-1234567",
            f"Denominazione / Ragione sociale: {ITALIAN}")),
        (SPANISH, "B12345678", "ES", (
            "Registro Mercantil de Barcelona", "Información general mercantil",
            "Fecha de expedición: 03/08/2026", "CIF: B12345678",
            ((60, "Denominación social"), (320, SPANISH)))),
        (DUTCH, "71234567", "NL", (
            "Kamer van Koophandel", "Uittreksel Handelsregister", "KvK-nummer 71234567",
            ((60, "Statutaire naam"), (320, DUTCH)), "Datum uittreksel: 03-08-2026")),
    ],
)  # fmt: skip
def test_registers_of_other_countries_are_read_in_their_own_words(
    name: str, number: str, country: str, rows: tuple[Row, ...]
) -> None:
    reading: Reading = answer(REGISTER, rows, siren=None, name=name)
    found = {
        field: reading.text(field)
        for field in ("company_name", "registration_number", "issued_on", "country")
    }
    assert found == {
        "company_name": name, "registration_number": number, "issued_on": "2026-08-03",
        "country": country,
    }  # fmt: skip
    assert judged(reading) == ACCEPTED


@pytest.mark.parametrize(
    "made",
    ["Uittreksel opgemaakt op 01/08/2026", "Afgedrukt op 01/08/2026",
     "Opgemaakt te Gent, op 01/08/2026", "Uittreksel afgeleverd op 1 augustus 2026"],
)  # fmt: skip
def test_the_day_a_company_began_is_not_the_day_of_its_extract(made: str) -> None:
    name = "Voegwerken Desmet BV"
    reading = answer(
        DocumentKind.FOREIGN_REGISTER_EXTRACT,
        (
            "Uittreksel uit de Kruispuntbank van Ondernemingen (KBO)", made,
            ((60, "Ondernemingsnummer"), (320, "0738.214.966")),
            ((60, "Rechtstoestand"), (320, "Normale toestand")),
            ((60, "Begindatum"), (320, "03/02/2014")),
            ((60, "Maatschappelijke naam"), (320, name)),
            ((60, "Rechtsvorm"), (320, "Besloten vennootschap")),
        ),
        siren=None, name=name, step=14,
    )  # fmt: skip
    assert reading.text("issued_on") == "2026-08-01"
    assert judged(reading) == ACCEPTED
