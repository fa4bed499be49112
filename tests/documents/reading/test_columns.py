"""Values under headings, in columns and after words of other languages: each was misread once."""

from __future__ import annotations

import pytest

from supplier.documents.kinds import DocumentKind
from tests.documents.reading.test_wordings import ACCEPTED, NAME, Row, answer, judged

LIST = DocumentKind.FOREIGN_WORKERS_LIST
REGISTER = DocumentKind.FOREIGN_REGISTER_EXTRACT
HEAD: tuple[Row, ...] = (
    "LISTE NOMINATIVE DES SALARIÉS ÉTRANGERS soumis à autorisation de travail",
    "(articles D. 8254-2 et suivants du Code du travail)",
    "Entreprise : MENUISERIE BRENNER",
    "SIREN : 526 018 155",
)
SWORN: tuple[Row, ...] = (
    "Je soussigné Paul MARTIN, gérant, certifie exacte la présente liste.",
    "Fait à Colmar, le 14/10/2026",
)
PORTAL: tuple[Row, ...] = (
    "Liste certifiée exacte par Paul MARTIN, gérant",
    "Signée le 14/10/2026 à Colmar",
)
AT = (40.0, 60.0, 140.0, 215.0, 290.0, 370.0, 480.0)
PEOPLE = (
    ("1", "DIALLO", "Mamadou", "guinéenne", "03/02/2024", "Carte de séjour", "7503123456"),
    ("2", "OUEDRAOGO", "Issa", "burkinabé", "12/05/2025", "Carte de résident", "6803111222"),
)


def _row(*texts: str) -> Row:
    return tuple((x, text) for x, text in zip(AT, texts, strict=True) if text)


@pytest.mark.parametrize(
    ("heads", "foot"),
    [
        (("", "Salarié", "Prénom(s)", "Nationalité", "Entré le", "Titre de séjour", "Numéro"),
         SWORN),
        (("#", "Nom de naissance", "Prénom", "Nationalité", "Embauche", "Nature du titre",
          "Référence"), PORTAL),
        (("N°", "Nom", "Prénoms", "Pays", "Date d'embauche", "Titre", "N°"), SWORN),
    ],
)  # fmt: skip
def test_a_list_has_the_columns_that_its_maker_gave_it(
    heads: tuple[str, ...], foot: tuple[Row, ...]
) -> None:
    rows = [tuple(person if heads[0] else ("", *person[1:])) for person in PEOPLE]
    reading = answer(LIST, (*HEAD, _row(*heads), *(_row(*row) for row in rows), *foot))
    found = reading.fields["workers"]
    assert isinstance(found, tuple)
    people = [row.value for row in found if not isinstance(row.value, str)]
    assert [(row["name"], row["nationality"], row["permit_number"]) for row in people] == [
        ("DIALLO Mamadou", "guinéenne", "7503123456"),
        ("OUEDRAOGO Issa", "burkinabé", "6803111222"),
    ]
    assert reading.text("signatory") == "Paul MARTIN"
    assert judged(reading) == ACCEPTED


def test_a_period_stands_under_the_words_that_join_it() -> None:
    rows: tuple[Row, ...] = (
        "ATTESTATION D'ASSURANCE RESPONSABILITÉ CIVILE DÉCENNALE",
        "articles L. 241-1 et A. 243-3 du code des assurances",
        ((60, "L'assureur"), (200, "SMABTP, 8 rue Louis Armand 75015 PARIS")),
        ((60, "L'assuré"), (200, "MENUISERIE BRENNER")),
        ((60, "SIREN"), (200, "526 018 155")),
        ((60, "N° de contrat"), (240, "Valable du"), (400, "au")),
        ((60, "AB 1234567 X"), (240, "01/01/2026"), (400, "31/12/2026")),
        "La présente attestation ne peut engager l'assureur au-delà des clauses du contrat.",
        "Fait à Paris, le 05/01/2026",
    )
    reading = answer(DocumentKind.DECENNIAL_INSURANCE, rows)
    assert (reading.text("valid_from"), reading.text("valid_until")) == ("2026-01-01", "2026-12-31")
    assert judged(reading) == ACCEPTED


BATILUX = "Batilux S.à r.l."
VEGA = "Estructuras Vega S.L."
MERTENS = "Toitures Mertens SRL"


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        (BATILUX, (
            "Registre de Commerce et des Sociétés / Handels- und Gesellschaftsregister",
            "Luxembourg Business Registers",
            ((60, "Numéro d'immatriculation / Eintragungsnummer"), (320, "B 123456")),
            ((60, "Dénomination / Firma"), (320, BATILUX)),
            ((60, "Délivré le / Ausgestellt am"), (320, "05/10/2026")),
        )),
        (VEGA, (
            "Registro Mercantil de Barcelona",
            "NOTA SIMPLE INFORMATIVA",
            ((60, "Denominación"), (260, VEGA)),
            ((60, "N.I.F."), (260, "B12345674")),
            ((60, "Inicio de operaciones"), (260, "04/03/2011")),
            "Expedida a petición del interesado en Barcelona, a 5 de octubre de 2026.",
        )),
        (VEGA, (
            "REGISTRADORES DE ESPAÑA",
            "Registro Mercantil Central - Información mercantil",
            ((60, "Razón social:"), (260, VEGA)),
            ((60, "CIF:"), (260, "B-12345674")),
            ((60, "Fecha de la nota:"), (260, "5 de octubre de 2026")),
        )),
        (MERTENS, (
            "SPF Économie - BCE Public Search",
            "Données de l'entité enregistrée",
            ((60, "N° BCE"), (260, "BE 0123.456.749")),
            ((60, "Nom"), (260, MERTENS)),
            ((60, "Date d'impression"), (260, "05/10/2026")),
        )),
    ],
)  # fmt: skip
def test_a_register_says_in_its_words_when_its_extract_was_made(
    name: str, rows: tuple[Row, ...]
) -> None:
    reading = answer(REGISTER, rows, siren=None, name=name)
    assert reading.text("issued_on") == "2026-10-05"
    assert judged(reading) == ACCEPTED


def test_the_day_a_company_began_business_is_no_day_of_its_extract() -> None:
    rows: tuple[Row, ...] = (
        "Registro Mercantil de Barcelona",
        "NOTA SIMPLE INFORMATIVA",
        ((60, "Denominación"), (260, VEGA)),
        ((60, "N.I.F."), (260, "B12345674")),
        ((60, "Inicio de operaciones"), (260, "04/10/2026")),
    )
    reading = answer(REGISTER, rows, siren=None, name=VEGA)
    assert reading.text("issued_on") is None


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("Muster Fenster GmbH", (
            "Sparkasse Oberrhein",
            "Bestätigung der Kontoverbindung",
            "hiermit bestätigen wir, dass die Muster Fenster GmbH bei uns folgendes Konto hat:",
            ((60, "IBAN"), (200, "DE30 6645 0050 0004 4719 02")),
            ((60, "BIC"), (200, "SOLADES1OFG")),
        )),
        ("Edil Rossi S.r.l.", (
            "Banca Alpina",
            "COORDINATE BANCARIE",
            "Si attesta che il conto corrente intestato a Edil Rossi S.r.l. presenta queste",
            "coordinate:",
            ((60, "IBAN"), (200, "IT60 X054 2811 1010 0000 0123 456")),
        )),
    ],
)  # fmt: skip
def test_a_bank_abroad_names_the_holder_in_a_sentence(name: str, rows: tuple[Row, ...]) -> None:
    reading = answer(DocumentKind.BANK_DETAILS, rows, siren=None, name=name, step=14)
    assert (reading.text("holder") or "").rstrip(".") == name.rstrip(".")
    assert judged(reading) == ACCEPTED


def test_the_number_of_delivery_may_stand_before_its_day() -> None:
    rows: tuple[Row, ...] = (
        "Direction générale des finances publiques",
        "SIE de Colmar",
        "ATTESTATION DE RÉGULARITÉ FISCALE",
        ((60, "Entreprise"), (200, NAME)),
        ((60, "N° SIREN"), (200, "526 018 155")),
        ((60, "Délivrance"), (200, "n° 4090822 du 28/09/2026")),
        "L'entreprise désignée ci-dessus est en règle au regard de ses obligations fiscales.",
    )
    reading = answer(DocumentKind.TAX_COMPLIANCE, rows)
    assert reading.text("delivery_number") == "4090822"
    assert judged(reading) == ACCEPTED
