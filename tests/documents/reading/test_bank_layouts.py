"""Bank details in forms and letters of many banks: bilingual labels, grids, sentences."""

from __future__ import annotations

import pytest

from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.labels import is_label
from supplier.documents.reading.reader import read
from supplier.documents.reading.result import Reading, ReadRequest, Verdict
from tests.documents.reading.test_wordings import (
    ACCEPTED,
    NAME,
    RIB,
    SIREN,
    TODAY,
    Row,
    answer,
    drawn,
    judged,
)

BANK = DocumentKind.BANK_DETAILS
SPACED = " ".join(RIB[at : at + 4] for at in range(0, len(RIB), 4))
#: What every form of these tests prints beside the holder.
FOOT: tuple[Row, ...] = (f"IBAN : {SPACED}", "BIC : CMCIFR2AXXX")


def read_bank(*rows: Row, step: float = 24) -> Reading:
    return answer(BANK, rows, step=step)


@pytest.mark.parametrize(
    "holder",
    [
        ("TITULAIRE DU COMPTE / ACCOUNT OWNER", NAME, "12 rue des Clefs", "68000 COLMAR"),
        ("Titulaire du compte / Account holder :", NAME),
        ("Titulaire du compte/Account owner", NAME),
        (f"Titulaire / Account holder : {NAME}",),
        (f"Titulaire du compte (Account owner) : {NAME}",),
        ("Titulaire du compte - Account holder", NAME),
        ("Account owner / Titulaire du compte", NAME),
        ("Kontoinhaber / Account holder", NAME),
        ("Rekeninghouder / Titulaire", NAME),
        ("Titulaire du compte", "Account owner", NAME),
        (((60, "Titulaire du compte / Tilinomistaja"), (330, NAME)),),
        (((60, "TITULAIRE DU COMPTE / ACCOUNT OWNER"), (330, "DOMICILIATION")),
         ((60, NAME), (330, "CREDIT MUTUEL")), ((60, "12 rue des Clefs"), (330, "COLMAR"))),
        (((60, "Intitulé du compte / Account name"), (330, "Banque / Bank")),
         ((60, NAME), (330, "CREDIT MUTUEL"))),
    ],
)  # fmt: skip
def test_a_label_in_two_languages_is_no_part_of_the_name(holder: tuple[Row, ...]) -> None:
    reading = read_bank("RELEVÉ D'IDENTITÉ BANCAIRE (RIB)", "CREDIT MUTUEL", "", *holder, "", *FOOT)
    assert reading.text("holder") == NAME
    assert judged(reading) == ACCEPTED


@pytest.mark.parametrize(
    "letter",
    [
        ("Attestation de domiciliation bancaire",
         "Nous, CREDIT MUTUEL, attestons que le compte ci-dessous est ouvert au nom de :",
         "", NAME, "12 rue des Clefs, 68000 COLMAR"),
        ("Attestation de titularité de compte",
         f"Nous attestons par la présente que la société {NAME}, SIREN 526 018 155, est",
         "titulaire du compte suivant, ouvert dans nos livres :"),
        ("ATTESTATION",
         f"Nous soussignés, CREDIT MUTUEL, certifions que {NAME} est titulaire d'un compte",
         "courant ouvert auprès de notre établissement dont les références sont :"),
        ("Confirmation de compte",
         f"Nous vous confirmons que le compte ouvert en nos livres au nom de {NAME}",
         "porte les références suivantes :"),
        ("Certificat de détention de compte",
         f"CREDIT MUTUEL certifie que l'entreprise {NAME} (SIREN 526018155) détient",
         "un compte professionnel sous les références suivantes :"),
        ("Attestation de compte bancaire", "CREDIT MUTUEL atteste que",
         f"{NAME}, dont le siège est à Colmar, dispose d'un compte n° 00180975097 :"),
        ("Account confirmation", "We confirm that the account below is held with us in the name of",
         NAME),
        ("Bestätigung der Bankverbindung",
         f"Wir bestätigen folgendes Konto, lautend auf {NAME}, bei unserem Hause:"),
    ],
)  # fmt: skip
def test_a_letter_of_the_bank_says_in_a_sentence_whose_account_it_is(
    letter: tuple[str, ...],
) -> None:
    foot = ("", *FOOT, "Colmar, le 3 septembre 2026")
    reading = read_bank("CREDIT MUTUEL", "", *letter, *foot, step=16)
    found = {name: reading.text(name) for name in ("holder", "iban", "bank_name")}
    assert found == {"holder": NAME, "iban": RIB, "bank_name": "CREDIT MUTUEL"}
    assert judged(reading) == ACCEPTED


@pytest.mark.parametrize(
    "sentence",
    [
        f"attestons que le compte ci-dessous est ouvert au nom de {NAME} SERVICES :",
        "attestons que le compte ci-dessous est ouvert au nom de MAISON KELLER :",
        f"attestons que MAISON KELLER, cliente de {NAME}, est titulaire du compte suivant :",
    ],
)
def test_another_companys_account_is_not_the_suppliers(sentence: str) -> None:
    reading = read_bank(
        "CREDIT MUTUEL",
        "",
        "Attestation de domiciliation bancaire",
        f"Nous {sentence}",
        "",
        *FOOT,
        step=16,
    )
    assert reading.verdict is not Verdict.ACCEPT
    assert reading.reasons == (ReasonCode.WRONG_COMPANY,)


@pytest.mark.parametrize(
    "sentence",
    [
        f"Je certifie que notre compte est ouvert au nom de {NAME} :",
        f"Nous confirmons que notre nouveau compte est détenu par {NAME} :",
        f"Changement de domiciliation : le compte est ouvert au nom de {NAME} :",
    ],
)
def test_a_letter_that_asks_to_pay_another_account_is_no_paper_of_the_bank(sentence: str) -> None:
    reading = read_bank(NAME, "", "Madame, Monsieur,", sentence, "", *FOOT, step=16)
    assert reading.verdict is not Verdict.ACCEPT


def test_a_holder_of_whom_only_labels_are_printed_is_not_read() -> None:
    reading = read_bank(
        "RELEVÉ D'IDENTITÉ BANCAIRE (RIB)", "", "Titulaire du compte / Account owner",
        "Code banque", "", *FOOT,
    )  # fmt: skip
    assert reading.find("holder") is None
    assert judged(reading) == (Verdict.REVIEW, (ReasonCode.UNREADABLE,))


@pytest.mark.parametrize(
    "text",
    ["siren (siege)", "capital social", "titulaire du compte / account owner", "3. firma",
     "date d'immatriculation au rne", "nom, prenom(s)", "date de naissance (mm/aaaa)", "cle rib :"],
)  # fmt: skip
def test_what_a_form_calls_its_values_is_a_label(text: str) -> None:
    assert is_label(text)


@pytest.mark.parametrize(
    "text",
    ["banque postale", "societe generale", "entreprise gallo tp", "capital batiment",
     "bank polska kasa", "societe nouvelle keller", "name it services", "compagnie des toits"],
)  # fmt: skip
def test_a_name_that_begins_as_a_label_does_is_a_name(text: str) -> None:
    assert not is_label(text)


@pytest.mark.parametrize(
    "title",
    ["CREDIT MUTUEL - RELEVÉ D'IDENTITÉ SEPA", "Relevé d'identité SEPA",
     "Vos identifiants bancaires", "Références bancaires"],
)  # fmt: skip
def test_a_table_under_a_title_without_the_word_bancaire_is_bank_details(title: str) -> None:
    reading = read_bank(
        title,
        ((60, "Référence client"), (320, "CL52601815")),
        ((60, "Titulaire du compte"), (320, NAME)),
        ((60, "Adresse"), (320, "12 rue des Clefs, 68000 COLMAR")),
        ((60, "IBAN"), (320, SPACED)),
        ((60, "BIC"), (320, "CMCIFR2AXXX")),
        ((60, "Établissement teneur du compte"), (320, "CREDIT MUTUEL")),
        ((60, "Devise du compte"), (320, "EUR")),
    )
    assert (reading.text("holder"), reading.text("bank_name")) == (NAME, "CREDIT MUTUEL")
    assert judged(reading) == ACCEPTED


TYPED: tuple[Row, ...] = (
    ((60, f"SARL {NAME}"), (320, "RELEVE D'IDENTITE BANCAIRE")),
    ((60, "12 quai de Lesseps"), (320, "CREDIT MUTUEL")),
    ((60, "68000 COLMAR"), (320, "Tel. 03 89 00 00 00")),
    f"IBAN {RIB}",
    ((60, "C.Etab"), (150, "C.Guichet"), (260, "N. Compte"), (420, "C.Rice")),
    ((60, RIB[4:9]), (150, RIB[9:14]), (260, RIB[14:25]), (420, RIB[25:])),
)


def test_the_words_of_a_typewriter_stand_in_one_cell() -> None:
    request = ReadRequest(TODAY, SIREN, NAME, BANK)
    data = drawn(TYPED, step=14, face="Courier")
    reading = read(data, "application/pdf", request=request)
    assert (reading.text("holder"), reading.text("bank_name")) == (f"SARL {NAME}", "CREDIT MUTUEL")
    assert judged(reading) == ACCEPTED


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((NAME, NAME, NAME), ACCEPTED),
        ((NAME, "CHARPENTES DU RIED", "CHARPENTES DU RIED"),
         (Verdict.REVIEW, (ReasonCode.UNREADABLE,))),
    ],
)  # fmt: skip
def test_a_form_in_coupons_has_one_holder(
    names: tuple[str, ...], expected: tuple[Verdict, tuple[ReasonCode, ...]]
) -> None:
    bank = (320.0, "RELEVE D'IDENTITE BANCAIRE")
    coupons: list[Row] = []
    for name in names:
        coupons += [((60.0, name), bank), *TYPED[1:], "", ""]
    request = ReadRequest(TODAY, SIREN, NAME, BANK)
    data = drawn(coupons, step=14, face="Courier")
    assert judged(read(data, "application/pdf", request=request)) == expected


#: A letter of no known kind that holds all that bank details must say.
UNKNOWN: tuple[Row, ...] = (
    "Fiche du client, tenue par nos services", "", f"Titulaire : {NAME}", "", f"IBAN : {SPACED}",
)  # fmt: skip


def test_a_page_of_no_kind_that_holds_all_that_is_asked_for_is_for_a_person() -> None:
    assert judged(read_bank(*UNKNOWN)) == (Verdict.REVIEW, (ReasonCode.WRONG_KIND,))


@pytest.mark.parametrize(
    "rows",
    [
        (*UNKNOWN[:3], "Notre compte est à jour de toutes les sommes que vous lui devez."),
        (*UNKNOWN, "Veuillez trouver ci-joint nos nouvelles coordonnées, à substituer."),
    ],
)
def test_a_page_of_no_kind_that_lacks_what_is_asked_for_is_refused(rows: tuple[Row, ...]) -> None:
    assert judged(read_bank(*rows)) == (Verdict.REFUSE, (ReasonCode.WRONG_KIND,))


@pytest.mark.parametrize("above", ["12 rue des Clefs, 68000 COLMAR", "Relevé d'identité"])
def test_an_address_or_a_heading_after_the_label_is_no_other_holder(above: str) -> None:
    reading = read_bank("RELEVÉ D'IDENTITÉ BANCAIRE", "", f"Titulaire : {above}", "", *FOOT)
    assert reading.find("holder") is None
    assert judged(reading) == (Verdict.REVIEW, (ReasonCode.UNREADABLE,))
