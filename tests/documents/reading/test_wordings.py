"""Papers in other words than the usual ones: each was misread once."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.reader import read
from supplier.documents.reading.result import Reading, ReadRequest, Verdict

TODAY = date(2026, 11, 23)
SIREN, NAME = "526018155", "MENUISERIE BRENNER"
#: A row of a page: one line of text, or cells with the place where each begins.
Row = str | tuple[tuple[float, str], ...]
RIB = "FR7610278035180975097724095"


def drawn(*pages: Sequence[Row], step: float = 24, face: str = "Helvetica") -> bytes:
    """Pages whose rows stand under each other; an empty row leaves a blank."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=True)
    for rows in pages:
        canvas.setFont(face, 10)
        for number, row in enumerate(rows):
            for x, words in ((60.0, row),) if isinstance(row, str) else row:
                canvas.drawString(x, 790 - step * number, words)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def answer(
    kind: DocumentKind, *pages: Sequence[Row], siren: str | None = SIREN, name: str = NAME,
    step: float = 24,
) -> Reading:  # fmt: skip
    request = ReadRequest(TODAY, siren, name, kind)
    return read(drawn(*pages, step=step), "application/pdf", request=request)


def judged(reading: Reading) -> tuple[Verdict, tuple[ReasonCode, ...]]:
    return reading.verdict, reading.reasons


ACCEPTED = (Verdict.ACCEPT, ())
STATEMENT = DocumentKind.FOREIGN_WORKERS_NONE
TITLE = "ATTESTATION SUR L'HONNEUR"


@pytest.mark.parametrize(
    "rows",
    [
        (
            "Je soussigné Paul MARTIN, gérant, certifie que l'entreprise MENUISERIE BRENNER",
            "(SIRET : 526 018 155 00014) n'emploie aucun salarié de nationalité étrangère",
            "soumis à autorisation de travail au sens de l'article D. 8254-2.",
            "",
            "Fait pour valoir ce que de droit, à Colmar le 14 juin 2026",
        ),
        (
            "La société MENUISERIE BRENNER, SIREN 526.018.155, représentée par Paul MARTIN,",
            "gérant, atteste sur l'honneur ne pas employer de travailleurs étrangers soumis à",
            "l'autorisation de travail (article L. 5221-2 du Code du travail).",
            "",
            "Fait à : Colmar",
            "Le : 14/06/2026",
        ),
        (
            "Je soussigné(e) Paul MARTIN,",
            "agissant au nom et pour le compte de la société MENUISERIE BRENNER,",
            "SIREN 526 018 155, déclare sur l'honneur que notre entreprise n'a pas de",
            "salarié étranger soumis à autorisation de travail en France.",
            "",
            "Colmar, le 14 juin 2026",
        ),
        (
            "Par la présente, je soussigné Paul MARTIN en qualité de gérant de l'entreprise",
            "MENUISERIE BRENNER, RCS Colmar 526 018 155, atteste n'employer à ce jour aucun",
            "salarié étranger soumis à autorisation de travail (art. D8254-2 du Code du travail).",
            "",
            "À Colmar, le 14/06/2026",
        ),
        (
            "Nous soussignés, MENUISERIE BRENNER, SARL immatriculée au RCS de Colmar sous le",
            "numéro 526 018 155, représentée par Paul MARTIN en sa qualité de gérant, déclarons",
            "sur l'honneur n'avoir aucun salarié étranger soumis à autorisation de travail.",
            "",
            "Date : 14/06/2026",
        ),
        (
            "La société MENUISERIE BRENNER (SIREN 526 018 155) ne compte aucun travailleur",
            "étranger soumis à autorisation de travail au sens de l'article D. 8254-2.",
            "Le soussigné, Paul MARTIN, gérant, atteste l'exactitude de la présente.",
            "",
            "Fait à Colmar le 14 juin 2026",
        ),
    ],
)
def test_a_statement_in_anyones_own_words_is_read(rows: tuple[str, ...]) -> None:
    reading = answer(STATEMENT, (TITLE, "", *rows, "", "Paul MARTIN"), step=16)
    found = {name: reading.text(name) for name in ("company_name", "signatory", "signed_on")}
    assert found == {
        "company_name": NAME, "signatory": "Paul MARTIN", "signed_on": "2026-06-14",
    }  # fmt: skip
    assert judged(reading) == ACCEPTED


def test_to_employ_nobody_without_a_permit_is_not_to_employ_no_foreigner() -> None:
    reading = answer(STATEMENT, (
        TITLE, "", "Je soussigné Paul MARTIN, gérant de la société MENUISERIE BRENNER, SIREN",
        "526 018 155, atteste n'employer aucun salarié étranger démuni du titre l'autorisant à",
        "travailler en France (article D. 8254-2, autorisation de travail).", "",
        "Fait à Colmar, le 14 juin 2026",
    ), step=16)  # fmt: skip
    assert reading.verdict is not Verdict.ACCEPT


@pytest.mark.parametrize(
    ("title", "labels", "iban", "bic"),
    [
        ("Certificado de titularidad de cuenta", ("Titular", "Entidad"),
         "ES9121000418450200051332", "CAIXESBB"),
        ("Bestätigung der Bankverbindung", ("Kontoinhaber", "Kreditinstitut"),
         "DE30664500500004471902", "SOLADES1OFG"),
        ("Bankverklaring", ("Rekeninghouder", "Bank"), "NL91ABNA0417164300", "ABNANL2A"),
        ("Comprovativo de IBAN", ("Titular", "Banco"), "PT50000201231234567890154", "BCOMPTPL"),
        ("Bank details confirmation", ("Account holder", "Bank name"),
         "DE89370400440532013000", "COBADEFF"),
        ("Attestation d'identité bancaire", ("Titulaire du compte", "Banque"),
         "BE71096123456769", "GKCCBEBB"),
    ],
)  # fmt: skip
def test_a_bank_of_another_country_says_whose_account_it_is(
    title: str, labels: tuple[str, str], iban: str, bic: str
) -> None:
    rows = (
        title, "",
        ((60, labels[0]), (220, "Muster Fenster GmbH")),
        ((60, "IBAN"), (220, " ".join(iban[at : at + 4] for at in range(0, len(iban), 4)))),
        ((60, "BIC"), (220, bic)),
        ((60, labels[1]), (220, "Beispielbank AG")),
    )  # fmt: skip
    reading = answer(
        DocumentKind.BANK_DETAILS, rows, siren=None, name="Muster Fenster GmbH", step=30
    )
    assert (reading.text("holder"), reading.text("bic")) == ("Muster Fenster GmbH", bic)
    assert judged(reading) == ACCEPTED


@pytest.mark.parametrize(
    ("iban", "bic", "national"),
    [
        ("LT123250012345678901", "CMCIFR2A", "Banque : 10278 Guichet : 03518 N° compte : "
         "09750977240 Clé : 95"),
        ("FR7630004000031234567890143", "CMCIFR2A", "Banque : 10278 Guichet : 03518 N° compte : "
         "09750977240 Clé : 95"),
        ("DE30664500500004471902", "KREDBEBB", ""),
    ],
)  # fmt: skip
def test_an_account_that_is_not_its_banks_goes_to_a_person(
    iban: str, bic: str, national: str
) -> None:
    rows = (
        "RELEVE D'IDENTITE BANCAIRE", "", f"Titulaire : {NAME}", national, f"IBAN : {iban}",
        f"BIC : {bic}",
    )  # fmt: skip
    assert answer(DocumentKind.BANK_DETAILS, rows).verdict is not Verdict.ACCEPT


def test_the_line_above_the_address_is_the_holder_and_not_the_bank() -> None:
    rows = (
        "Relevé d'Identité Bancaire", "CREDIT MUTUEL", NAME, "24 quai des Bateliers",
        "67000 STRASBOURG", f"IBAN {RIB}", "BIC CMCIFR2A",
    )  # fmt: skip
    reading = answer(DocumentKind.BANK_DETAILS, rows, step=13)
    assert (reading.text("holder"), judged(reading)) == (NAME, ACCEPTED)


DECENNIAL = "Le contrat garantit la responsabilité décennale (articles 1792 et suivants, L. 241-1)."
INSURANCE = DocumentKind.DECENNIAL_INSURANCE


@pytest.mark.parametrize(
    ("rows", "insurer", "policy"),
    [
        (
            ("La société L'AUXILIAIRE, dont le siège est à Lyon, atteste que le titulaire :",
             NAME, "95 rue des Écoles", "67000 STRASBOURG",
             "Numéro unique d'identification (SIREN) : 526.018.155",
             "a souscrit la police n° 4215926 B 4044 couvrant sa responsabilité décennale pour la",
             "période du 01/04/2026 au 30/03/2027."),
            "L'AUXILIAIRE", "4215926 B 4044",
        ),
        (
            (f"Assuré : {NAME}, 95 rue des Écoles, 67000 STRASBOURG", "N° SIREN : 526 018 155",
             "Assureur : MMA IARD", "Numéro du contrat d'assurance : DEC8537146",
             "Date d'effet : 01/04/2026", "Date d'échéance : 30/03/2027"),
            "MMA IARD", "DEC8537146",
        ),
    ],
)  # fmt: skip
def test_insurers_and_policies_are_found_in_labels_and_sentences(
    rows: tuple[str, ...], insurer: str, policy: str
) -> None:
    title = "ATTESTATION D'ASSURANCE DE RESPONSABILITÉ DÉCENNALE OBLIGATOIRE"
    reading = answer(INSURANCE, (title, "", *rows, "", DECENNIAL, "", "Fait à Lyon"), step=15)
    found = [reading.text(name) for name in ("company_name", "insurer", "policy_number")]
    assert found == [NAME, insurer, policy]
    assert judged(reading) == ACCEPTED


def test_insurance_that_leaves_out_the_ten_years_is_another_paper() -> None:
    rows = (
        "ATTESTATION D'ASSURANCE RESPONSABILITÉ CIVILE PROFESSIONNELLE", "",
        f"Allianz IARD atteste que {NAME}, SIREN 526 018 155, est titulaire d'un contrat",
        "d'assurance n° 123456789 garantissant sa responsabilité civile professionnelle, à",
        "l'exclusion de la responsabilité civile décennale (code des assurances).", "",
        "Valable du 01/01/2026 au 31/12/2026. Fait à Paris, le 02/01/2026",
    )  # fmt: skip
    assert answer(INSURANCE, rows, step=15).verdict is Verdict.REFUSE


def test_the_customers_number_for_tax_is_not_the_sellers() -> None:
    rows = (
        ((60, NAME), (340, "DUVAL SAS")), ((60, "12 rue du Moulin"), (340, "14 route du Rhin")),
        ((60, "67000 STRASBOURG"), (340, "67100 STRASBOURG")),
        ((340, "TVA FR57402005979"),), "Facture 202610-650", "Date de facturation : 11/10/2026",
        ((60, "Désignation"), (300, "Montant HT")), ((60, "Total HT"), (300, "100,00 €")),
        ((60, "TVA 20 %"), (300, "20,00 €")), ((60, "Total TTC"), (300, "120,00 €")), "",
        f"{NAME} - SARL au capital de 5 000 € - SIRET 526 018 155 00014 - N° TVA FR83526018155",
    )  # fmt: skip
    reading = answer(DocumentKind.INVOICE, rows)
    found = [reading.text(name) for name in ("number", "seller_siren", "seller_vat")]
    assert found == ["202610-650", SIREN, "FR83526018155"]
    assert judged(reading) == ACCEPTED


CERTIFICATE = (
    "URSSAF ALSACE", "A STRASBOURG, le 08/08/2026", "",
    "ATTESTATION DE FOURNITURE DES DÉCLARATIONS SOCIALES ET DE PAIEMENT DES COTISATIONS",
    "Article L.243-15 du code de la Sécurité sociale", f"Raison sociale : {NAME}",
    "N° SIREN : 526018155",
)  # fmt: skip


def test_both_pages_of_a_certificate_bear_one_code() -> None:
    def pages(second: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return (
            (*CERTIFICATE, "CODE DE SÉCURITÉ", "W3WZCFJD3QTHM3Z", "Page 1/2",
             "la liste figure au verso."),
            ("CODE DE SÉCURITÉ", second, "2/2", "ATTESTATION DE L'UNION DE RECOUVREMENT",
             "L'entreprise est à jour de ses obligations à la date du 31/07/2026.", NAME),
        )  # fmt: skip

    kind = DocumentKind.URSSAF_VIGILANCE
    assert judged(answer(kind, *pages("W3WZCFJD3QTHM3Z"))) == ACCEPTED
    other = answer(kind, *pages("UN9AYNKWEC8WFTT"))
    assert judged(other) == (Verdict.REFUSE, (ReasonCode.TAMPERED,))


def test_a_certificate_without_employees_needs_no_list_overleaf() -> None:
    pages = (
        (*CERTIFICATE, "CODE DE SÉCURITÉ", "W3WZCFJD3QTHM3Z", "Page 1/2"),
        ("CODE DE SÉCURITÉ", "W3WZCFJD3QTHM3Z", "2/2", "ATTESTATION DE L'UNION DE RECOUVREMENT",
         "En votre seule qualité de travailleur indépendant non employeur",
         "vous êtes à jour de vos obligations, cotisations exigibles au 31/07/2026.", NAME),
    )  # fmt: skip
    assert judged(answer(DocumentKind.URSSAF_VIGILANCE, *pages)) == ACCEPTED


EXTRACT = (
    ((60, "Greffe du Tribunal de Commerce de Nantes"), (340, "Code de vérification : aB3dEfGhI0")),
    "", "Extrait Kbis",
    "EXTRAIT D'IMMATRICULATION PRINCIPALE AU REGISTRE DU COMMERCE ET DES SOCIETES",
    "à jour au 1er octobre 2026", "IDENTIFICATION DE LA PERSONNE MORALE",
)  # fmt: skip


def test_a_value_may_be_centred_on_a_label_of_two_lines() -> None:
    rows = (
        *EXTRACT,
        ((60, "Immatriculation au RCS,"),), ((220, "526 018 155 R.C.S. Nantes"),),
        ((60, "numéro"),), "",
        ((60, "Dénomination"), (220, NAME)), "",
        "GESTION, DIRECTION, ADMINISTRATION", "Président",
        ((60, "Dénomination"), (220, "HOLDING EXEMPLE")),
        ((60, "Immatriculation au RCS, numéro"), (220, "999 000 300 R.C.S. Paris")), "",
        "FIN DE L'EXTRAIT",
    )  # fmt: skip
    reading = answer(DocumentKind.KBIS, rows, step=13)
    assert reading.text("siren") == SIREN
    assert judged(reading) == ACCEPTED


def test_headings_of_a_narrow_table_are_told_apart() -> None:
    rows = (
        "Liste nominative des salariés étrangers soumis à autorisation de travail (D. 8254-2)",
        f"Je soussigné Paul MARTIN, gérant de la société {NAME} (SIRET 52601815500014), certifie",
        "sur l'honneur l'exactitude de la liste ci-dessous.", "",
        ((60, "Nom"), (120, "Prénom"), (180, "Date d'embauche"), (262, "Nationalité"),
         (315, "Type de titre"), (460, "Numéro du titre")),
        ((60, "KAYA"), (120, "Ali"), (180, "18/08/2020"), (262, "Turque"),
         (315, "Certificat de résidence"), (460, "4995703304")),
        ((60, "SILVA"), (120, "Ana"), (180, "02/09/2019"), (262, "Brésilienne"),
         (315, "Carte de résident"), (460, "BB343040053")),
        "", "Fait à Colmar, le 28 août 2026", "Paul MARTIN",
    )  # fmt: skip
    reading = answer(DocumentKind.FOREIGN_WORKERS_LIST, rows, step=17)
    rows_read = [dict(item.value) for item in reading.items("workers")]  # type: ignore[arg-type]
    assert [row["name"] for row in rows_read] == ["KAYA Ali", "SILVA Ana"]
    assert [row["nationality"] for row in rows_read] == ["Turque", "Brésilienne"]
    assert rows_read[0]["permit_type"] == "Certificat de résidence"
    assert judged(reading) == ACCEPTED


def extract(foot: str) -> Reading:
    rows = (
        *EXTRACT, ((60, "Immatriculation au RCS, numéro"), (260, "526 018 155 R.C.S. Nantes")),
        ((60, "Dénomination"), (260, NAME)), "", "FIN DE L'EXTRAIT", "",
        ((60, foot), (420, "page 1/1")),
    )  # fmt: skip
    return answer(DocumentKind.KBIS, rows)


def test_the_foot_of_an_extract_was_printed_with_its_date() -> None:
    assert judged(extract("R.C.S. Nantes - 02/10/2026 - 10:38:53")) == ACCEPTED
    for foot in ("R.C.S. Nantes - 02/02/2026 - 10:38:53", "RCS. Nantes 0202/2026 10:38:53"):
        assert judged(extract(foot)) == (Verdict.REVIEW, (ReasonCode.CONTRADICTION,))


def tax_certificate(until: str) -> Reading:
    rows = (
        "DIRECTION GENERALE DES FINANCES PUBLIQUES", "ATTESTATION DE REGULARITE FISCALE", "",
        ((60, "N° de délivrance"), (260, "Date de délivrance")),
        ((60, "4054428"), (260, "02/11/2026")), "",
        f"DENOMINATION : {NAME}", "N° SIREN : 526018155",
        "est en règle au regard des obligations fiscales suivantes",
        f"d'après les éléments connus au {until}.", "Page 1 / 1",
    )  # fmt: skip
    return answer(DocumentKind.TAX_COMPLIANCE, rows)


def test_a_number_stands_under_its_heading_and_not_beside_it() -> None:
    reading = tax_certificate("31/10/2026")
    assert (reading.text("delivery_number"), reading.text("issued_on")) == (
        "4054428", "2026-11-02",
    )  # fmt: skip
    assert judged(reading) == ACCEPTED


def test_a_tax_certificate_tells_the_situation_of_its_own_days() -> None:
    assert judged(tax_certificate("30/09/2025")) == (Verdict.REVIEW, (ReasonCode.CONTRADICTION,))


def test_the_bank_named_keeps_the_account() -> None:
    rows = ("RELEVE D'IDENTITE BANCAIRE", "", f"Titulaire : {NAME}", f"IBAN : {RIB}")
    assert judged(answer(DocumentKind.BANK_DETAILS, (*rows, "BIC : CMCIFR2A"))) == ACCEPTED
    other = answer(DocumentKind.BANK_DETAILS, (*rows, "BIC : SOGEFRPP"))
    assert judged(other) == (Verdict.REVIEW, (ReasonCode.CONTRADICTION,))


def test_who_is_mentioned_in_a_sentence_does_not_hold_the_account() -> None:
    rows = (
        "RELEVE D'IDENTITE BANCAIRE", "", f"Document remis à la demande de {NAME}.", "",
        f"IBAN : {RIB}", "BIC : CMCIFR2A", "Code banque 10278 Code guichet 03518",
    )  # fmt: skip
    reading = answer(DocumentKind.BANK_DETAILS, rows)
    assert (reading.text("holder"), reading.verdict) == (None, Verdict.REVIEW)


def test_what_stands_under_a_table_is_not_its_last_row() -> None:
    rows = (
        f"{NAME} – SIREN 526 018 155", "",
        "Liste nominative des salariés étrangers soumis à autorisation de travail (D. 8254-2)", "",
        ((60, "N°"), (90, "Nom, prénom"), (190, "Nationalité"), (270, "Date d'embauche"),
         (370, "Type de titre"), (480, "N° du titre")),
        ((60, "1"), (90, "KAYA Ali"), (190, "Turque"), (270, "18/08/2020"),
         (370, "Carte de résident"), (480, "4995703304")),
        "Je soussigné Paul MARTIN, gérant, certifie exacte la présente liste.",
        "Colmar, le 28 août 2026",
    )  # fmt: skip
    reading = answer(DocumentKind.FOREIGN_WORKERS_LIST, rows, step=18)
    assert reading.text("signatory") == "Paul MARTIN"
    assert [item.value for item in reading.items("workers")] == [{
        "name": "KAYA Ali", "hired_on": "2020-08-18", "nationality": "Turque",
        "permit_type": "Carte de résident", "permit_number": "4995703304",
    }]  # fmt: skip
    assert judged(reading) == ACCEPTED
