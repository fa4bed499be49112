"""Statements on foreign workers as letters and forms: who signs, in other places than the usual."""

from __future__ import annotations

import pytest

from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.result import Reading, Verdict
from tests.documents.reading.test_wordings import ACCEPTED, NAME, Row, answer, judged

SIGNER = "Paul MARTIN"
LETTER: tuple[Row, ...] = (
    "Colmar, le 18/07/2026", "", NAME, "12 rue des Clefs", "68000 COLMAR", "SIREN : 526018155", "",
    "Objet : déclaration relative à l'emploi de salariés étrangers (article D. 8254-2)", "",
    f"En ma qualité de gérant de l'entreprise {NAME}, je déclare sur l'honneur ne pas",
    "employer de salarié étranger soumis à l'autorisation de travail mentionnée à l'article",
    "L. 5221-2 du Code du travail.", "",
)  # fmt: skip
FAREWELL = "Veuillez agréer, Madame, Monsieur, mes salutations distinguées."


def read_statement(*rows: Row) -> Reading:
    return answer(DocumentKind.FOREIGN_WORKERS_NONE, rows, step=16)


@pytest.mark.parametrize(
    "foot",
    [
        (FAREWELL, SIGNER, "Gérant - Associé unique"),
        (FAREWELL, "", SIGNER, "Président du conseil d'administration"),
        (SIGNER, "Directrice générale déléguée"),
        (FAREWELL, "", SIGNER),
        ("Cordialement,", "", SIGNER, NAME),
        (((320, SIGNER),), ((320, "Le président"),)),
        (FAREWELL, "Le gérant,", SIGNER),
        (SIGNER, "Gérant", f"{NAME} - SARL au capital de 5000 euros - 526 018 155 RCS Colmar"),
        (f"Nom, prénom et qualité du signataire : {SIGNER}",),
        ("Je confirme.", f"Moi, {SIGNER}, gérant, j'atteste que ces informations sont exactes."),
    ],
)  # fmt: skip
def test_who_signs_a_letter_stands_at_its_end(foot: tuple[Row, ...]) -> None:
    reading = read_statement(*LETTER, *foot)
    assert reading.text("signatory") == SIGNER
    assert judged(reading) == ACCEPTED


@pytest.mark.parametrize(
    "foot",
    [
        (FAREWELL, "", NAME),
        (FAREWELL, "", "Gérant"),
        ("La direction", "Gérant"),
        (FAREWELL, "Paul MARTIN", "Anne KELLER"),
        (FAREWELL,),
    ],
)
def test_a_letter_that_nobody_signs_by_name_goes_to_a_person(foot: tuple[Row, ...]) -> None:
    reading = read_statement(*LETTER, *foot)
    assert reading.find("signatory") is None
    assert judged(reading) == (Verdict.REVIEW, (ReasonCode.UNREADABLE,))


@pytest.mark.parametrize("band", [f"{NAME} - RCS Colmar 526 018 155", NAME])
@pytest.mark.parametrize("signed", ["{}, président", "{} (gérant)", "M. {} - gérant associé"])
def test_a_letterhead_names_the_company_and_the_last_line_who_signs(band: str, signed: str) -> None:
    reading = read_statement(
        band, "",
        "Objet : liste nominative des salariés étrangers (article D. 8254-2)",
        "Madame, Monsieur,",
        "nous vous déclarons que notre société n'emploie aucun salarié étranger soumis à",
        "autorisation de travail visé à l'article L. 5221-2 du Code du travail.",
        "Colmar, le 18.07.2026", "", signed.format(SIGNER), "", "",
        "224 avenue Foch, 68000 COLMAR - SIREN 526 018 155 - TVA FR52526018155",
    )  # fmt: skip
    assert (reading.text("company_name"), reading.text("signatory")) == (NAME, SIGNER)
    assert judged(reading) == ACCEPTED


LIST_HEAD: tuple[Row, ...] = (
    NAME, "12 rue des Clefs", "68000 COLMAR", "SIREN 526 018 155", "", "Colmar, le 7 juin 2026", "",
    "Liste nominative des salariés étrangers soumis à autorisation de travail (D. 8254-2)", "",
    f"Je soussigné {SIGNER}, gérant, certifie que les salariés étrangers soumis à autorisation",
    "de travail employés par la société sont :", "",
)  # fmt: skip
ONE, TWO = (
    (("BENALI Moussa", "algérienne", "2024-12-15"), "carte de résident", "9346733412"),
    (("TRAORE Oksana", "serbe", "2019-02-18"), "autorisation provisoire de travail", "1260761548"),
)


def read_list(*rows: Row) -> Reading:
    return answer(DocumentKind.FOREIGN_WORKERS_LIST, (*LIST_HEAD, *rows, "", "Signature"), step=14)


@pytest.mark.parametrize(
    "rows",
    [
        ("1. BENALI Moussa, de nationalité algérienne, embauché(e) le 15/12/2024, carte de",
         "résident n° 9346733412",
         "2. TRAORE Oksana, de nationalité serbe, embauché(e) le 18/02/2019, autorisation",
         "provisoire de travail n° 1260761548"),
        ("1) BENALI Moussa, né le 03/04/1988 à Oran, de nationalité algérienne, embauché le",
         "15 décembre 2024, titulaire d'une carte de résident n° 9346733412 ;",
         "2) TRAORE Oksana, née le 03/04/1990 à Nis, de nationalité serbe, embauchée le",
         "18 février 2019, titulaire d'une autorisation provisoire de travail n° 1260761548."),
        ("- BENALI Moussa, nationalité : algérienne, date d'embauche : 15/12/2024, titre : carte",
         "de résident, numéro 9346733412",
         "- TRAORE Oksana, nationalité : serbe, date d'embauche : 18/02/2019, titre :",
         "autorisation provisoire de travail, numéro 1260761548"),
    ],
)  # fmt: skip
def test_a_list_in_sentences_names_every_worker(rows: tuple[Row, ...]) -> None:
    reading = read_list(*rows)
    found = reading.fields["workers"]
    assert isinstance(found, tuple)
    read = [row.value for row in found if isinstance(row.value, dict)]
    told = [((one["name"], one["nationality"], one["hired_on"]), one["permit_type"],
             one["permit_number"]) for one in read]  # fmt: skip
    assert told == [ONE, TWO]
    assert judged(reading) == ACCEPTED


@pytest.mark.parametrize(
    "lost",
    [
        ("2. TRAORE Oksana, de nationalité serbe, embauchée en février, carte de résident",),
        ("3. YILMAZ Amine, de nationalité turque, embauché le 11/07/2022, carte de séjour",
         "n° 8385750529"),
    ],
)  # fmt: skip
def test_a_list_of_which_one_worker_is_not_read_is_for_a_person(lost: tuple[Row, ...]) -> None:
    first = ("1. BENALI Moussa, de nationalité algérienne, embauché le 15/12/2024, carte de",
             "résident n° 9346733412")  # fmt: skip
    reading = read_list(*first, *lost)
    assert "workers" not in reading.fields
    assert judged(reading) == (Verdict.REVIEW, (ReasonCode.UNREADABLE,))


@pytest.mark.parametrize("word", ["Le", "Date"])
def test_the_day_stands_under_its_heading_where_a_table_ends_the_list(word: str) -> None:
    rows: tuple[Row, ...] = (
        *(row for row in LIST_HEAD if row != "Colmar, le 7 juin 2026"),
        "1. BENALI Moussa, de nationalité algérienne, embauché(e) le 15/12/2024, carte de",
        "résident n° 9346733412",
        "",
        ((60, "Fait à"), (220, word), (380, "Signature et cachet")),
        ((60, "Colmar"), (220, "07/06/2026")),
    )
    reading = answer(DocumentKind.FOREIGN_WORKERS_LIST, rows, step=14)
    assert reading.text("signed_on") == "2026-06-07"
    assert judged(reading) == ACCEPTED


def test_dots_that_lead_to_a_value_are_no_part_of_its_label() -> None:
    rows: tuple[Row, ...] = (
        "Liste des salariés étrangers soumis à l'autorisation de travail (D. 8254-2)",
        f"Entreprise ........................ {NAME}", "",
        "SIREN............................. 526018155", "",
        f"Nom du déclarant.................. {SIGNER}", "", "NÉANT",
        "L'entreprise n'emploie pas de salariés étrangers soumis à autorisation de travail.",
        "Certifié exact sur l'honneur,", "Colmar, le 07/06/2026",
    )  # fmt: skip
    reading = read_statement(*rows)
    assert reading.text("signatory") == SIGNER
    assert reading.text("company_name") == NAME
    assert judged(reading) == ACCEPTED
