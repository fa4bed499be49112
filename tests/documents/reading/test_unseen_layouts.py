"""Papers in layouts of no table: read by what labels mean, or as only one reading allows."""

from __future__ import annotations

import pytest

from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.result import Reading, Verdict
from tests.documents.reading.test_wordings import ACCEPTED, NAME, Row, answer, judged

TAX, LIST = DocumentKind.TAX_COMPLIANCE, DocumentKind.FOREIGN_WORKERS_LIST
ABROAD, INVOICE = DocumentKind.FOREIGN_REGISTER_EXTRACT, DocumentKind.INVOICE
FORM: tuple[Row, ...] = (
    "DIRECTION GÉNÉRALE DES FINANCES PUBLIQUES", "ATTESTATION DE RÉGULARITÉ FISCALE", "",
    ((60, "Raison soc. du redevable"), (300, NAME)),
    ((60, "N° SIREN de l'entreprise"), (300, "5 2 6 0 1 8 1 5 5")),
)  # fmt: skip
FOOT: tuple[Row, ...] = ("Numéro de délivrance : 1784700", "Colmar, le 02/10/2026")


def test_figures_in_boxes_of_their_own_are_one_number() -> None:
    reading = answer(TAX, (*FORM, "est en règle au regard des obligations fiscales", *FOOT))
    assert (reading.text("siren"), reading.text("company_name")) == ("526018155", NAME)
    assert judged(reading) == ACCEPTED


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [("X", "", Verdict.ACCEPT), ("", "X", Verdict.REFUSE), ("", "", Verdict.REFUSE)],
)
def test_of_two_lines_of_a_form_the_ticked_one_is_said(
    first: str, second: str, verdict: Verdict
) -> None:
    good: Row = ((80, "est à jour de ses déclarations et de ses paiements"),)
    bad: Row = ((80, "n'est pas à jour de ses obligations fiscales"),)
    rows = [((60.0, mark), *row) if mark else row for mark, row in ((first, good), (second, bad))]
    reading = answer(TAX, (*FORM, *rows, *FOOT))
    assert reading.verdict is verdict


CARDS: tuple[Row, ...] = (
    NAME, "12 rue des Clefs", "68000 COLMAR", "SIRET : 526 018 155 00014", "",
    "LISTE NOMINATIVE DES SALARIÉS ÉTRANGERS SOUMIS À AUTORISATION DE TRAVAIL (D. 8254-2)",
    "Je soussigné Paul MARTIN, gérant, certifie employer les personnes suivantes :",
    ((60, "Salarié n° 1"), (320, "Numéro du titre : 9346733412")),
    ((60, "Nom et prénom :"), (200, "BENALI Moussa")),
    ((60, "Nationalité :"), (200, "Algérienne")),
    ((60, "Date d'embauche :"), (200, "15/12/2024")),
)  # fmt: skip


def read_card(permit: str) -> Reading:
    last: Row = ((60, "Type du titre :"), (200, permit))
    return answer(LIST, (*CARDS, last, "Fait à Colmar, le 02/10/2026", "Paul MARTIN"), step=18)


def test_a_list_in_cards_names_every_worker_and_keeps_no_end_of_a_permit() -> None:
    reading = read_card("Carte de résident (validité : 09/10/2028)")
    (worker,) = reading.items("workers")
    assert worker.value == {
        "name": "BENALI Moussa", "hired_on": "2024-12-15", "nationality": "Algérienne",
        "permit_type": "Carte de résident", "permit_number": "9346733412",
    }  # fmt: skip
    assert judged(reading) == ACCEPTED


def test_a_permit_that_has_ended_is_for_a_person() -> None:
    reading = read_card("Carte de résident - exp. 09/10/2026")
    assert judged(reading) == (Verdict.REVIEW, (ReasonCode.EXPIRED,))


CERTIFICATE: tuple[Row, ...] = (
    "Companies House", "CERTIFICATE",
    "I hereby certify that QUAYSIDE SCAFFOLDING LTD, company number 07605173, was incorporated",
    "under the Companies Act on 18 December 2009 and has its registered office in Bristol.",
    "Given at Companies House, Cardiff, on 17 November 2026",
)  # fmt: skip


def test_a_register_that_certifies_in_a_sentence_names_company_number_and_day() -> None:
    reading = answer(ABROAD, CERTIFICATE, siren=None, name="QUAYSIDE SCAFFOLDING LTD", step=16)
    found = [reading.text(name) for name in ("company_name", "registration_number", "issued_on")]
    assert found == ["QUAYSIDE SCAFFOLDING LTD", "07605173", "2026-11-17"]
    assert judged(reading) == ACCEPTED


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("The company is in liquidation.", ReasonCode.INSOLVENCY),
        ("Faillite : jugement du 01/09/2026", ReasonCode.INSOLVENCY),
        ("Das Insolvenzverfahren über das Vermögen ist eröffnet.", ReasonCode.INSOLVENCY),
        ("The company was struck off on 1 June 2026.", ReasonCode.STRUCK_OFF),
    ],
)
def test_a_register_abroad_may_say_that_its_company_is_insolvent(
    line: str, reason: ReasonCode
) -> None:
    rows = (*CERTIFICATE, line)
    reading = answer(ABROAD, rows, siren=None, name="QUAYSIDE SCAFFOLDING LTD", step=16)
    assert judged(reading) == (Verdict.REFUSE, (reason,))


def test_a_heading_on_insolvency_without_any_says_nothing() -> None:
    rows = (*CERTIFICATE, "Faillite : néant", "Insolvency proceedings: none")
    reading = answer(ABROAD, rows, siren=None, name="QUAYSIDE SCAFFOLDING LTD", step=16)
    assert judged(reading) == ACCEPTED


def bill(vat: str) -> Reading:
    rows: tuple[Row, ...] = (
        NAME, "12 rue des Clefs", "68000 COLMAR", f"SIREN 526018155 - TVA {vat}", "",
        "FACTURE No F2026-117 DU 02/10/2026",
        ((60, "Pose selon devis"), (400, "1 000,00")),
        ((60, "TOTAL HORS TAXES"), (400, "1 000,00")), ((60, "TVA 20,00 %"), (400, "200,00")),
        ((60, "NET A PAYER TTC EUR"), (400, "1 200,00")),
    )  # fmt: skip
    return answer(INVOICE, rows)


def test_an_invoice_may_name_the_quote_that_it_follows_from() -> None:
    reading = bill("FR83526018155")
    assert (reading.text("number"), reading.text("issued_on")) == ("F2026-117", "2026-10-02")
    assert judged(reading) == ACCEPTED


def test_a_number_for_tax_that_its_company_number_does_not_give_is_refused() -> None:
    assert judged(bill("FR52526018155")) == (Verdict.REFUSE, (ReasonCode.CHECKSUM_INVALID,))


SOCIAL: tuple[Row, ...] = (
    "Urssaf Alsace", "ATTESTATION DE FOURNITURE DES DÉCLARATIONS SOCIALES",
    "Code de sécurité : ZZ99ZZ9ZZZZ9ZZZ",
    ((60, "Entreprise"), (300, NAME)), ((60, "SIREN"), (300, "526 018 155")),
    "L'entreprise est à jour de ses obligations à la date du 31/08/2026.",
)  # fmt: skip


def test_the_only_day_that_stands_by_itself_is_that_of_the_paper() -> None:
    reading = answer(DocumentKind.URSSAF_VIGILANCE, (*SOCIAL, "", "15 septembre 2026"))
    assert reading.text("issued_on") == "2026-09-15"
    assert judged(reading) == ACCEPTED


def test_of_two_days_that_stand_by_themselves_none_is_chosen() -> None:
    rows = (*SOCIAL, "", "15 septembre 2026", "", "18 septembre 2026")
    reading = answer(DocumentKind.URSSAF_VIGILANCE, rows)
    assert reading.find("issued_on") is None
    assert judged(reading) == (Verdict.REVIEW, (ReasonCode.UNREADABLE,))


def test_two_names_that_labels_give_to_one_company_are_for_a_person() -> None:
    other: Row = ((60, "Entreprise"), (300, "CHARPENTES DU RIED"))
    reading = answer(
        DocumentKind.URSSAF_VIGILANCE, (*SOCIAL, other, "", "Colmar, le 15 septembre 2026")
    )
    assert judged(reading) == (Verdict.REVIEW, (ReasonCode.WRONG_COMPANY,))
