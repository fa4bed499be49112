"""Which papers a supplier owes, by its situation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from supplier.documents.kinds import KINDS, Basis, DocumentKind
from supplier.kernel.errors import DomainError
from supplier.vigilance.catalogue import RULES, RequirementCode
from supplier.vigilance.duties import ContractFacts, ContractKind, ThresholdMode
from supplier.vigilance.requirements import (
    Register,
    Requirement,
    Rules,
    SupplierSituation,
    implied_contract,
    requirements_for,
    with_overrides,
)
from supplier.vigilance.spans import OPEN, Span

SIGNED, END = date(2026, 3, 1), date(2026, 12, 31)
TODAY = date(2026, 6, 1)
WORK = ContractFacts("C-1", SIGNED, amount_excl_tax=Decimal(12000), ends_on=END)
SMALL = replace(WORK, amount_excl_tax=Decimal(900))
BASE = {"social_certificate", "foreign_workers", "tax_certificate", "bank_details"}


def owed(
    situation: SupplierSituation,
    *contracts: ContractFacts,
    rules: Rules | None = None,
    on: date = TODAY,
) -> dict[str, Requirement]:
    found = requirements_for(situation, contracts or (WORK,), buyer_rules=rules or Rules(), on=on)
    return {one.code.value: one for one in found}


@pytest.mark.parametrize(
    ("situation", "codes"),
    [
        (SupplierSituation(), BASE | {"registration"}),
        (SupplierSituation(register=Register.RNE_CRAFT), BASE | {"registration"}),
        (SupplierSituation(register=Register.REGULATED), BASE | {"registration"}),
        (SupplierSituation(register=Register.LIBERAL), BASE),
        (SupplierSituation(register=Register.NONE), BASE),
        (SupplierSituation(has_employees=False, is_natural_person=True), BASE | {"registration"}),
        (SupplierSituation(country="RE", agricultural=True), BASE | {"registration"}),
        (
            SupplierSituation(temp_agency=True),
            BASE - {"foreign_workers"} | {"registration", "financial_guarantee"},
        ),
        (
            SupplierSituation(construction=True),
            BASE | {"registration", "decennial_insurance", "paid_leave_btp"},
        ),
        (
            SupplierSituation(construction=True, has_employees=False),
            BASE | {"registration", "decennial_insurance"},
        ),
        (
            SupplierSituation(country="DE"),
            {"foreign_social_certificate", "bank_details", "vat_number", "foreign_register"},
        ),
        (
            SupplierSituation(country="CH", liable_to_vat=False, register=Register.NONE),
            {"foreign_social_certificate", "bank_details"},
        ),
        (
            SupplierSituation(country="PT", posts_workers=True, construction=True),
            {
                "foreign_social_certificate",
                "bank_details",
                "vat_number",
                "foreign_register",
                "a1",
                "posting_declaration",
                "foreign_workers",
                "decennial_insurance",
            },
        ),
    ],
)
def test_the_situation_decides_the_list(situation: SupplierSituation, codes: set[str]) -> None:
    assert set(owed(situation)) == codes


def test_the_papers_of_the_register_depend_on_the_register() -> None:
    craft = owed(SupplierSituation(register=Register.RNE_CRAFT))["registration"]
    assert craft.kinds[0] is DocumentKind.RNE_EXTRACT
    assert owed(SupplierSituation())["registration"].kinds[0] is DocumentKind.KBIS
    lawyer = owed(SupplierSituation(register=Register.REGULATED))["registration"]
    assert DocumentKind.OTHER in lawyer.kinds


def test_who_declared_foreign_workers_owes_the_list_not_the_statement() -> None:
    declared = owed(SupplierSituation(employs_foreign_workers=True))["foreign_workers"]
    assert declared.kinds == (DocumentKind.FOREIGN_WORKERS_LIST,)
    unknown = owed(SupplierSituation())["foreign_workers"]
    assert set(unknown.kinds) == {
        DocumentKind.FOREIGN_WORKERS_LIST,
        DocumentKind.FOREIGN_WORKERS_NONE,
    }


def test_the_social_certificate_counts_only_once_the_issuer_confirmed() -> None:
    found = owed(SupplierSituation())
    assert found["social_certificate"].issuer_check == {DocumentKind.URSSAF_VIGILANCE}
    assert found["social_certificate"].renewal_months == 6
    assert not found["registration"].issuer_check


def test_below_the_threshold_only_bank_details_are_owed() -> None:
    found = owed(SupplierSituation(), SMALL)
    assert found["bank_details"].duty == (Span(SIGNED, END),)
    assert {code for code, one in found.items() if one.duty} == {"bank_details"}
    assert found["registration"].duty_from is None
    assert found["registration"].duty_until is None


def test_the_duty_says_since_when_until_when_and_why() -> None:
    found = owed(SupplierSituation())["social_certificate"]
    assert (found.duty_from, found.duty_until) == (SIGNED, END)
    assert found.trigger is not None
    assert found.trigger.values == {"reference": "C-1", "amount": "12000"}
    assert "%(reference)s" in found.trigger.sentence
    assert "D8222-5" in found.source
    assert found.basis is Basis.LAW


def test_the_tax_certificate_is_asked_by_contract_not_by_law() -> None:
    found = owed(SupplierSituation())
    assert {code for code, one in found.items() if one.basis is Basis.POLICY} == {
        "tax_certificate",
        "bank_details",
    }


def test_the_insurance_is_owed_on_the_day_the_site_opens() -> None:
    opening = date(2026, 4, 20)
    builder = SupplierSituation(construction=True)
    known = owed(builder, replace(WORK, site_opened_on=opening))["decennial_insurance"]
    assert known.duty == (Span(opening, opening),)
    unknown = owed(builder)["decennial_insurance"]
    assert unknown.duty == (Span(SIGNED, END),)


def test_a_contract_to_come_is_prepared_within_the_warning_time() -> None:
    assert owed(SupplierSituation(), on=SIGNED - timedelta(days=60))["registration"].duty
    assert not owed(SupplierSituation(), on=SIGNED - timedelta(days=61))["registration"].duty


def test_an_engagement_without_a_contract_is_under_the_duty_from_its_start() -> None:
    found = owed(SupplierSituation(), implied_contract(SIGNED))
    assert found["social_certificate"].duty == (Span(SIGNED, OPEN),)
    assert found["social_certificate"].duty_until is None


def test_an_empty_file_of_contracts_owes_nothing() -> None:
    found = requirements_for(SupplierSituation(), (), buyer_rules=Rules(), on=TODAY)
    assert found
    assert not any(one.duty for one in found)


def test_every_line_of_the_table_has_its_source_and_real_papers() -> None:
    assert set(RULES) == set(RequirementCode)
    for rule in RULES.values():
        assert rule.source
        assert rule.reason.endswith(".")
        assert rule.basis in {Basis.LAW, Basis.POLICY}
        assert rule.kinds
        assert all(kind in KINDS for kind in rule.kinds)
        assert rule.issuer_check <= set(rule.kinds)


def test_a_buyer_may_override_values_and_the_verdict_tells() -> None:
    rules = with_overrides(
        Rules(),
        {
            "vigilance.threshold": "3000,50",
            "vigilance.mode": "strict",
            "vigilance.renewal.tax_certificate": "3",
            "vigilance.not_asked": "bank_details, paid_leave_btp",
            "retention.vigilance_paper": "5",
        },
    )
    assert (rules.threshold, rules.mode) == (Decimal("3000.50"), ThresholdMode.STRICT)
    found = owed(SupplierSituation(), rules=rules)
    assert "bank_details" not in found
    assert found["tax_certificate"].renewal_months == 3
    assert found["tax_certificate"].rules_version.startswith(Rules().version + "+")


def test_without_an_override_the_rules_keep_their_version() -> None:
    assert with_overrides(Rules(), {"retention.vigilance_paper": "5"}) == Rules()


def test_the_version_depends_on_the_values_alone() -> None:
    one = {"vigilance.threshold": "1", "vigilance.mode": "always"}
    other = dict(reversed(one.items()))
    assert with_overrides(Rules(), one) == with_overrides(Rules(), other)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("vigilance.threshold", "cinq mille"),
        ("vigilance.threshold", "NaN"),
        ("vigilance.threshold", "-1"),
        ("vigilance.threshold", "5000.01"),
        ("vigilance.mode", "sometimes"),
        ("vigilance.period", "never"),
        ("vigilance.window_months", "0"),
        ("vigilance.renewal.social_certificate", "7"),
        ("vigilance.renewal.unknown", "3"),
        ("vigilance.not_asked", "social_certificate"),
        ("vigilance.unknown", "1"),
    ],
)
def test_an_override_cannot_break_the_law_or_the_rules(key: str, text: str) -> None:
    with pytest.raises(DomainError) as caught:
        with_overrides(Rules(), {key: text})
    assert caught.value.field == key


def test_always_mode_asks_from_the_first_euro() -> None:
    rules = Rules(mode=ThresholdMode.ALWAYS)
    assert owed(SupplierSituation(), SMALL, rules=rules)["registration"].duty


def test_orders_and_contracts_speak_the_words_of_the_tables() -> None:
    assert {kind.value for kind in ContractKind} >= {"single", "framework", "order"}
