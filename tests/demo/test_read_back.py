"""The reader finds in drawn papers what their facts say, and accepts them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from supplier.demo import dossiers
from supplier.demo.papers import variants
from supplier.demo.papers.catalogue import draw, kind_of
from supplier.demo.suppliers.directory import SUPPLIERS, supplier
from supplier.demo.suppliers.facts import SupplierFacts
from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.reader import read
from supplier.documents.reading.result import Reading, ReadRequest, Value, Verdict
from tests.demo.samples import DAY, LIQUIDATION, TODAY, papers_of

FRENCH = [who for who in SUPPLIERS if who.company.country == "FR"]
ABROAD = [who for who in SUPPLIERS if who.company.country != "FR"]


def reading(pdf: bytes, who: SupplierFacts, *, expected: DocumentKind | None = None) -> Reading:
    request = ReadRequest(
        today=TODAY, supplier_siren=who.company.siren or None, supplier_name=who.company.name,
        expected_kind=expected,
    )  # fmt: skip
    return read(pdf, "application/pdf", request=request)


@pytest.mark.parametrize("who", FRENCH, ids=lambda who: who.key)
def test_the_papers_of_a_supplier_are_read_as_drawn_and_accepted(who: SupplierFacts) -> None:
    for word, facts in papers_of(who):
        found = reading(draw(facts), who, expected=kind_of(facts))
        assert found.kind is kind_of(facts), word
        assert {name: plain(value) for name, value in found.fields.items()} == facts.fields, word
        assert found.verdict is Verdict.ACCEPT, (word, found.reasons)


@pytest.mark.parametrize("who", ABROAD, ids=lambda who: who.key)
def test_register_extracts_and_a1_of_foreign_suppliers_are_accepted(who: SupplierFacts) -> None:
    papers = dict(papers_of(who))
    for word in ("register", "a1"):
        found = reading(draw(papers[word]), who, expected=kind_of(papers[word]))
        assert {n: plain(value) for n, value in found.fields.items()} == papers[word].fields
        assert found.verdict is Verdict.ACCEPT


def test_an_extract_that_names_a_liquidation_is_refused_for_it() -> None:
    who = supplier("voltea")
    facts: Any = dossiers.registration(who, issued_on=DAY, mentions=(LIQUIDATION,))
    found = reading(draw(facts), who)
    assert (found.verdict, found.reasons) == (Verdict.REFUSE, (ReasonCode.INSOLVENCY,))


def test_an_extract_of_a_struck_off_company_is_refused_for_it() -> None:
    who = supplier("lebrun")
    facts: Any = dossiers.registration(who, issued_on=DAY, struck_off_on=DAY)
    assert reading(draw(facts), who).reasons == (ReasonCode.STRUCK_OFF,)


def test_the_paper_of_the_sister_company_is_another_companys() -> None:
    who = supplier("lebrun")
    other = dossiers.sister_company(who, name="SCI Lebrun Immobilier", siren="999000391")
    found = reading(draw(replace(dossiers.tax(who, issued_on=DAY), company=other)), who)
    assert found.reasons == (ReasonCode.WRONG_COMPANY,)


def test_an_old_certificate_is_too_old() -> None:
    who = supplier("lebrun")
    facts = dossiers.social(who, issued_on=TODAY.replace(month=5, day=4))
    assert reading(draw(facts), who).reasons == (ReasonCode.TOO_OLD,)


def test_a_fund_that_says_no_is_believed() -> None:
    who = supplier("lebrun")
    facts = dossiers.paid_leave(who, issued_on=DAY, in_order=False)
    assert reading(draw(facts), who).reasons == (ReasonCode.NEGATIVE_STATEMENT,)


def test_a_filled_list_that_swears_there_is_nobody_contradicts_itself() -> None:
    who = supplier("hascoet")
    facts = replace(dossiers.foreign_workers(who, signed_on=DAY), contradicts=True)
    assert ReasonCode.CONTRADICTION in reading(draw(facts), who).reasons


def test_a_locked_paper_and_a_lost_page_are_told_as_such() -> None:
    who = supplier("lebrun")
    extract = draw(dossiers.registration(who, issued_on=DAY))
    certificate = draw(dossiers.social(who, issued_on=DAY))
    locked = reading(variants.locked(extract, password="sesame"), who)
    assert locked.reasons == (ReasonCode.ENCRYPTED,)
    assert reading(variants.copy_forbidden(extract), who).verdict is Verdict.ACCEPT
    lost = reading(variants.only_pages(certificate, pages=[1]), who)
    assert lost.reasons == (ReasonCode.PAGES_MISSING,)


def plain(value: object) -> object:
    """A value or a list of values without their places."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value.value if isinstance(value, Value) else value
