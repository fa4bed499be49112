"""Checks and verdicts on papers that were read: what refuses, what asks, what accepts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from supplier.documents.checks import run_checks
from supplier.documents.checks_evidence import Evidence
from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.result import FieldValue, ReadRequest, Value, Verdict
from supplier.documents.reading.spans import Span
from supplier.documents.reading.statements import Said, Statement
from supplier.documents.verdict import judge
from supplier.kernel.pages import Box, Source, Word

BOX = Box(0.1, 0.1, 0.2, 0.12)
SIREN, OTHER_SIREN = "526018155", "539336339"
TODAY = date(2026, 11, 23)
ASKED = ReadRequest(TODAY, SIREN, "MENUISERIE BRENNER & FILS", DocumentKind.URSSAF_VIGILANCE)
IBAN = "FR7610278035180975097724095"


def value(text: str) -> Value:
    return Value(text, 1, BOX)


def said(what: Said) -> Statement:
    return Statement(what, Span("…", (Word("…", 1, BOX),)))


def urssaf(**changes: str | None) -> Evidence:
    texts: dict[str, str | None] = {
        "siren": SIREN,
        "company_name": "MENUISERIE BRENNER & FILS",
        "issued_on": "2026-08-08",
        "situation_on": "2026-07-31",
        "security_code": "W3WZCFJD3QTHM3Z",
        **changes,
    }
    fields: dict[str, FieldValue] = {name: value(text) for name, text in texts.items() if text}
    return Evidence(DocumentKind.URSSAF_VIGILANCE, fields, (said(Said.IN_ORDER),))


def bank(iban: str = IBAN, **changes: object) -> Evidence:
    fields = {"iban": value(iban), "holder": value("Menuiserie Brenner et Fils")}
    evidence = Evidence(
        DocumentKind.BANK_DETAILS, fields, ibans=[iban],
        valid_ibans=[iban] if iban == IBAN else [], national_accounts=frozenset({IBAN[4:]}),
    )  # fmt: skip
    return replace(evidence, **changes)  # type: ignore[arg-type]


def verdict(
    evidence: Evidence, request: ReadRequest = ASKED
) -> tuple[Verdict, tuple[ReasonCode, ...]]:
    findings, passed = run_checks(evidence, request)
    return judge(evidence.kind, findings, passed=passed)


def test_a_certificate_with_all_that_the_law_asks_is_accepted() -> None:
    assert verdict(urssaf()) == (Verdict.ACCEPT, ())


@pytest.mark.parametrize(
    ("changes", "expected", "reason"),
    [
        ({"siren": OTHER_SIREN}, Verdict.REFUSE, ReasonCode.WRONG_COMPANY),
        ({"siren": "526018156"}, Verdict.REFUSE, ReasonCode.CHECKSUM_INVALID),
        ({"siren": None}, Verdict.REVIEW, ReasonCode.UNREADABLE),
        ({"issued_on": "2026-05-23"}, Verdict.REFUSE, ReasonCode.TOO_OLD),
        ({"issued_on": "2026-11-24"}, Verdict.REFUSE, ReasonCode.NOT_YET_VALID),
        ({"issued_on": None}, Verdict.REVIEW, ReasonCode.UNREADABLE),
        ({"security_code": None}, Verdict.REVIEW, ReasonCode.CODE_MISSING),
        ({"situation_on": "2026-03-31"}, Verdict.REVIEW, ReasonCode.CONTENT_ALARM),
        ({"headcount": "0"}, Verdict.REVIEW, ReasonCode.CONTENT_ALARM),
    ],
)
def test_each_fault_of_a_certificate_has_its_verdict(
    changes: dict[str, str | None], expected: Verdict, reason: ReasonCode
) -> None:
    assert verdict(urssaf(**changes)) == (expected, (reason,))


@pytest.mark.parametrize(
    "printed", ["siren 526 018 155", "siret 52601815500014", "tva fr 52526018155", "fr52526018155"]
)
def test_another_number_on_a_paper_that_prints_the_suppliers_is_for_a_person(printed: str) -> None:
    both = replace(urssaf(siren=OTHER_SIREN), text=f"siren 539 336 339\n{printed}")
    assert verdict(both) == (Verdict.REVIEW, (ReasonCode.WRONG_COMPANY,))


@pytest.mark.parametrize("printed", ["n° 7526018155", "siren 539 336 339"])
def test_a_longer_number_is_not_the_suppliers(printed: str) -> None:
    other = replace(urssaf(siren=OTHER_SIREN), text=printed)
    assert verdict(other) == (Verdict.REFUSE, (ReasonCode.WRONG_COMPANY,))


def test_a_certificate_is_not_accepted_without_the_sentence_that_it_is_in_order() -> None:
    silent = replace(urssaf(), said=())
    assert verdict(silent) == (Verdict.REVIEW, (ReasonCode.UNREADABLE,))


def test_a_certificate_that_says_not_in_order_is_refused() -> None:
    negative = replace(urssaf(), said=(said(Said.NOT_IN_ORDER),))
    assert verdict(negative) == (Verdict.REFUSE, (ReasonCode.NEGATIVE_STATEMENT,))


def test_missing_pages_explain_missing_values() -> None:
    cut = replace(urssaf(situation_on=None), missing_pages=(2,))
    assert verdict(cut) == (Verdict.REVIEW, (ReasonCode.PAGES_MISSING,))


def test_a_code_that_another_supplier_used_goes_to_a_person() -> None:
    request = replace(ASKED, codes_seen_elsewhere=frozenset({"W3WZCFJD3QTHM3Z"}))
    assert verdict(urssaf(), request) == (Verdict.REVIEW, (ReasonCode.TAMPERED,))


def test_another_kind_is_refused_and_an_alternative_in_law_asks_a_person() -> None:
    kbis = replace(ASKED, expected_kind=DocumentKind.KBIS)
    assert verdict(urssaf(), kbis) == (Verdict.REFUSE, (ReasonCode.WRONG_KIND,))
    rne = Evidence(
        DocumentKind.RNE_EXTRACT,
        {"siren": value(SIREN), "company_name": value("X"), "issued_on": value("2026-11-01")},
    )
    assert verdict(rne, kbis) == (Verdict.REVIEW, (ReasonCode.WRONG_KIND,))


def test_nothing_is_accepted_when_nobody_says_whose_it_should_be() -> None:
    assert verdict(urssaf(), ReadRequest(TODAY))[0] is Verdict.REVIEW


def kbis(*statements: Said, **changes: object) -> Evidence:
    fields = {
        "siren": value(SIREN), "company_name": value("X"), "issued_on": value("2026-11-01"),
        "verification_code": value("xuWkYewL7C"),
    }  # fmt: skip
    lines = (said(Said.END_OF_EXTRACT), *(said(item) for item in statements))
    return replace(Evidence(DocumentKind.KBIS, fields, lines), **changes)  # type: ignore[arg-type]


KBIS = replace(ASKED, expected_kind=DocumentKind.KBIS)


@pytest.mark.parametrize(
    ("statement", "expected", "reason"),
    [
        (Said.STRUCK_OFF, Verdict.REFUSE, ReasonCode.STRUCK_OFF),
        (Said.LIQUIDATION, Verdict.REFUSE, ReasonCode.INSOLVENCY),
        (Said.INSOLVENCY, Verdict.REVIEW, ReasonCode.INSOLVENCY),
        (Said.DORMANT, Verdict.REVIEW, ReasonCode.CONTENT_ALARM),
        (Said.LOSSES, Verdict.REVIEW, ReasonCode.CONTENT_ALARM),
    ],
)
def test_what_an_extract_says_of_the_company_decides(
    statement: Said, expected: Verdict, reason: ReasonCode
) -> None:
    assert verdict(kbis(statement), KBIS) == (expected, (reason,))


def test_an_extract_must_be_seen_to_end() -> None:
    cut = replace(kbis(), said=())
    assert verdict(cut, KBIS) == (Verdict.REVIEW, (ReasonCode.PAGES_MISSING,))
    assert verdict(replace(cut, numbered=True), KBIS) == (Verdict.ACCEPT, ())


def test_courts_of_alsace_moselle_print_no_code() -> None:
    fields = {name: found for name, found in kbis().fields.items() if name != "verification_code"}
    assert verdict(kbis(fields=fields), KBIS)[1] == (ReasonCode.CODE_MISSING,)
    assert verdict(kbis(fields=fields, local_register=True), KBIS) == (Verdict.ACCEPT, ())


def test_a_qr_code_that_contradicts_the_text_is_tampering() -> None:
    found = kbis(barcode_codes=frozenset({"zzzzzzzzzz"}))
    assert verdict(found, KBIS) == (Verdict.REFUSE, (ReasonCode.TAMPERED,))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("MENUISERIE BRENNER FILS", (Verdict.ACCEPT, ())),
        ("CHARPENTES DU RIED", (Verdict.REVIEW, (ReasonCode.TAMPERED,))),
    ],
)
def test_a_qr_code_that_leads_to_a_company_of_another_name_is_for_a_person(
    name: str, expected: tuple[Verdict, tuple[ReasonCode, ...]]
) -> None:
    fields = {**kbis().fields, "company_name": value("Menuiserie Brenner & fils")}
    found = kbis(fields=fields, barcode_names=frozenset({name}))
    assert verdict(found, KBIS) == expected


RIB = replace(ASKED, expected_kind=DocumentKind.BANK_DETAILS)


def test_bank_details_need_the_holder_and_both_keys() -> None:
    assert verdict(bank(), RIB) == (Verdict.ACCEPT, ())
    broken = bank("FR7510278035180975097724095")
    assert verdict(broken, RIB) == (Verdict.REFUSE, (ReasonCode.CHECKSUM_INVALID,))
    assert verdict(bank(rib_key_holds=False), RIB)[1] == (ReasonCode.CHECKSUM_INVALID,)


def test_a_wrong_key_in_a_scan_is_first_a_misreading() -> None:
    broken = bank("FR7510278035180975097724095", scanned=True, national_accounts=frozenset())
    assert verdict(broken, RIB) == (Verdict.REVIEW, (ReasonCode.UNREADABLE,))


def test_two_accounts_or_two_forms_that_differ_go_to_a_person() -> None:
    two = bank(valid_ibans=[IBAN, "FR7630004000010000000000000"])
    assert verdict(two, RIB) == (Verdict.REVIEW, (ReasonCode.CONTRADICTION,))
    apart = bank(national_accounts=frozenset({"30004074090341260934492"}))
    assert verdict(apart, RIB) == (Verdict.REVIEW, (ReasonCode.CONTRADICTION,))


def test_a_stranger_as_holder_is_refused_and_a_near_name_asked_about() -> None:
    stranger = {**bank().fields, "holder": value("SOLEIL & TOITS")}
    assert verdict(bank(fields=stranger), RIB) == (Verdict.REFUSE, (ReasonCode.WRONG_COMPANY,))
    near = {**bank().fields, "holder": value("MENUISERIE BRENNER")}
    assert verdict(bank(fields=near), RIB) == (Verdict.REVIEW, (ReasonCode.WRONG_COMPANY,))


def test_a_filled_list_that_swears_there_is_nobody_contradicts_itself() -> None:
    row = Value(dict.fromkeys(("name", "hired_on", "nationality"), "x"), 1, BOX, Source.TEXT)
    fields: dict[str, FieldValue] = {
        "siren": value(SIREN), "company_name": value("X"), "signed_on": value("2026-11-01"),
        "signatory": value("Y"), "workers": (row,),
    }  # fmt: skip
    request = replace(ASKED, expected_kind=DocumentKind.FOREIGN_WORKERS_LIST)
    evidence = Evidence(DocumentKind.FOREIGN_WORKERS_LIST, fields)
    assert verdict(evidence, request) == (Verdict.ACCEPT, ())
    sworn = replace(evidence, said=(said(Said.NO_FOREIGN_WORKERS),))
    assert verdict(sworn, request) == (Verdict.REVIEW, (ReasonCode.CONTRADICTION,))


def test_an_invoice_whose_page_and_data_differ_goes_to_a_person() -> None:
    fields = {
        "seller_siren": value(SIREN), "number": value("F1"), "issued_on": value("2026-11-01"),
        "total_gross": value("10.00"),
    }  # fmt: skip
    request = replace(ASKED, expected_kind=DocumentKind.INVOICE)
    evidence = Evidence(DocumentKind.INVOICE, fields)
    assert verdict(evidence, request) == (Verdict.ACCEPT, ())
    apart = replace(evidence, attachment_differs=("total_gross",))
    assert verdict(apart, request) == (Verdict.REVIEW, (ReasonCode.CONTRADICTION,))


@pytest.mark.parametrize(
    "changes",
    [
        {"valid_ibans": (IBAN, "FR7630004000010000000000000")},
        {"other_accounts": ("FR7630004040479678726101289",)},
        {"seller_vat": "FR15599375417"},
    ],
    ids=["two accounts", "a second one on a scan", "the number for tax of another"],
)
def test_an_invoice_that_says_two_things_goes_to_a_person(changes: dict[str, object]) -> None:
    names = ("seller_siren", "number", "issued_on", "total_gross", "seller_vat")
    own = f"FR{(12 + 3 * (int(SIREN) % 97)) % 97:02d}{SIREN}"
    printed = (SIREN, "F1", "2026-11-01", "10.00", changes.pop("seller_vat", own))
    fields = {name: value(str(text)) for name, text in zip(names, printed, strict=True)}
    request = replace(ASKED, expected_kind=DocumentKind.INVOICE)
    evidence = Evidence(DocumentKind.INVOICE, {**fields, "iban": value(IBAN)}, valid_ibans=(IBAN,))
    alone = replace(evidence, fields={**evidence.fields, "seller_vat": value(own)})
    assert verdict(alone, request) == (Verdict.ACCEPT, ())
    apart = replace(evidence, **changes)  # type: ignore[arg-type]
    assert verdict(apart, request) == (Verdict.REVIEW, (ReasonCode.CONTRADICTION,))


def test_a_paper_that_says_it_is_no_proof_goes_to_a_person() -> None:
    evidence = urssaf()
    denied = replace(evidence, said=(*evidence.said, said(Said.DENIES)))
    assert verdict(denied)[0] is Verdict.REVIEW
    assert verdict(denied)[1] == (ReasonCode.WRONG_KIND,)


def test_an_account_of_another_country_than_its_bank_goes_to_a_person() -> None:
    asked = replace(ASKED, expected_kind=DocumentKind.BANK_DETAILS)
    fields = {"iban": value(IBAN), "holder": value("Menuiserie Brenner et Fils")}
    for bic, expected in (("CMCIFR2A", Verdict.ACCEPT), ("KREDBEBB", Verdict.REVIEW)):
        evidence = bank(fields={**fields, "bic": value(bic)})
        assert verdict(evidence, asked)[0] is expected
    # Accounts of the territories and of Monaco are kept under the code of France.
    assert verdict(bank(fields={**fields, "bic": value("CMCIMCM1")}), asked)[0] is Verdict.ACCEPT


@pytest.mark.parametrize(
    "changes",
    [{"other_accounts": ["FR7630004040479678726101289"]}, {"national_repeats": False}],
)
def test_a_second_account_or_a_form_that_repeats_nothing_goes_to_a_person(
    changes: dict[str, object],
) -> None:
    asked = replace(ASKED, expected_kind=DocumentKind.BANK_DETAILS)
    assert verdict(bank(**changes), asked)[0] is Verdict.REVIEW


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("au titre du mois de juillet 2026", Verdict.ACCEPT),
        ("au titre du mois de juin 2026", Verdict.ACCEPT),
        ("au titre du mois de juillet 2025", Verdict.REVIEW),
        ("au titre du mois de septembre 2026", Verdict.REVIEW),
    ],
)
def test_the_month_of_the_wages_goes_with_the_situation(period: str, expected: Verdict) -> None:
    assert verdict(replace(urssaf(), text=period))[0] is expected


def test_a_code_that_was_only_seen_is_missing_and_so_is_another_pages_code() -> None:
    seen = replace(urssaf(security_code=None), code_seen=True)
    assert verdict(seen) == (Verdict.REVIEW, (ReasonCode.CODE_MISSING,))
    other = replace(urssaf(), other_codes=frozenset({"UN9AYNKWEC8WFTT"}))
    assert verdict(other) == (Verdict.REVIEW, (ReasonCode.CONTRADICTION,))
    called = replace(other, codes_differ=True)
    assert verdict(called) == (Verdict.REFUSE, (ReasonCode.TAMPERED,))
    assert verdict(replace(called, scanned=True)) == (Verdict.REVIEW, (ReasonCode.CONTRADICTION,))
