"""Papers say their facts, look the same each time, and own up to being invented."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from supplier.demo.dossiers import bank_details, registration, social
from supplier.demo.papers import wording
from supplier.demo.papers.catalogue import draw, kind_of
from supplier.demo.papers.pen import INVENTED
from supplier.demo.suppliers.directory import SUPPLIERS, supplier
from supplier.documents.kinds import DocumentKind
from supplier.kernel.identifiers import Bic, Iban, Siret
from tests.demo.samples import DAY, SAMPLES

each = pytest.mark.parametrize("facts", SAMPLES.values(), ids=SAMPLES.keys())


def pages(pdf: bytes) -> list[str]:
    """The text of each page, blanks made single."""
    document = pypdfium2.PdfDocument(pdf)
    return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]


@each
def test_a_paper_says_all_its_facts_as_text(facts: Any) -> None:
    text = " ".join(pages(draw(facts)))
    missing = {
        (name, value)
        for name, values in facts.fields.items()
        for value in _each(values)
        if name not in {"country", "currency"} and not any(form in text for form in printed(value))
    }
    assert not missing


@each
def test_the_same_facts_make_the_same_bytes(facts: Any) -> None:
    assert draw(facts) == draw(facts)


@each
def test_every_page_says_that_it_was_invented(facts: Any) -> None:
    assert all(INVENTED in page for page in pages(draw(facts)))


def test_every_kind_of_paper_can_be_drawn() -> None:
    assert {kind_of(facts) for facts in SAMPLES.values()} == set(DocumentKind)


def test_facts_of_no_paper_are_not_drawn() -> None:
    with pytest.raises(KeyError):
        draw("a paper")


def test_a_large_company_has_an_extract_of_two_pages_each_with_its_head() -> None:
    first, second = pages(draw(registration(supplier("cap-ouest"), issued_on=DAY)))
    assert "page 1/2" in first
    assert "FIN DE L'EXTRAIT" not in first
    assert "page 2/2" in second
    assert "FIN DE L'EXTRAIT" in second
    assert "Code de vérification" in second


def test_the_qr_code_of_an_extract_holds_its_verification_code() -> None:
    facts: Any = registration(supplier("lebrun"), issued_on=DAY)
    picture = pypdfium2.PdfDocument(draw(facts))[0].render(scale=200 / 72).to_pil()
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == (
        f"https://www.infogreffe.fr/controle/verif?codeVerif={facts.verification_code}"
    )


def test_a_certificate_of_an_independent_worker_shows_no_social_security_number() -> None:
    who = supplier("kerdoncuff")
    text = " ".join(pages(draw(social(who, issued_on=DAY))))
    numbers = set(re.findall(r"\d{13,15}", text))
    assert numbers == {who.company.siret}


def test_a_company_without_employees_gets_the_form_for_it() -> None:
    letter, certificate = pages(draw(social(supplier("guivarch"), issued_on=DAY)))
    assert "travailleur indépendant non employeur" in letter
    assert "effectif" not in certificate
    assert "exigibles au 30/09/2026" in certificate


@pytest.mark.parametrize("who", SUPPLIERS, ids=lambda who: who.key)
def test_accounts_pass_their_keys_and_differ(who: Any) -> None:
    first, second = (bank_details(who, printed_on=DAY, account=number) for number in (1, 2))
    assert Bic.parse(first.bic).fits(Iban.parse(first.iban))
    assert Iban.parse(first.iban) != Iban.parse(second.iban)


def test_no_two_suppliers_share_an_account() -> None:
    ibans = [bank_details(who, printed_on=DAY).iban for who in SUPPLIERS]
    assert len(set(ibans)) == len(ibans)


def test_codes_differ_from_paper_to_paper() -> None:
    days = (DAY, date(2026, 4, 12))
    certificates = [social(who, issued_on=day) for who in SUPPLIERS for day in days]
    codes = [certificate.security_code for certificate in certificates]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[A-Z0-9]{15}", code) for code in codes)


digits = st.text("0123456789", min_size=11, max_size=11)


@given(bank=st.sampled_from(["10278", "30004", "20041"]), account=digits)
def test_any_french_account_gets_an_iban_that_holds(bank: str, account: str) -> None:
    assert Iban.parse(wording.french_iban(bank=bank, branch="99901", account=account))


@given(st.integers(10_000_000, 99_999_999), st.integers(1, 9999))
def test_any_stem_gets_the_key_that_makes_it_a_siret(stem: int, place: int) -> None:
    assert Siret.parse(wording.siret(wording.luhn(str(stem)), place=place))


@given(st.decimals(0, 10**9, places=2))
def test_amounts_keep_their_figures(value: Any) -> None:
    back = wording.amount(value).replace(" ", "").replace(",", ".")
    assert back == f"{value:.2f}"


def printed(value: str) -> Iterable[str]:
    """The ways in which papers print a value of the public surface."""
    yield value
    yield value.upper()
    yield wording.spaced(value)
    yield wording.spaced(value, by=4)
    yield wording.spaced_siret(value)
    yield " ".join(value.rsplit(", ", 1))
    yield value.replace(" ", " ").rpartition(" ")[0] or value
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        yield from _days(date.fromisoformat(value))
    if re.fullmatch(r"\d+\.\d\d", value):
        yield from _amounts(value)


def _days(day: date) -> Iterable[str]:
    yield wording.slashed(day)
    yield wording.dotted(day)
    yield wording.compact(day)
    yield wording.in_words(day)
    yield wording.in_words(day, first="1")
    yield f"{day.day} {wording.MONTHS[day.month - 1].capitalize()} {day.year}"


def _amounts(value: str) -> Iterable[str]:
    grouped = f"{float(value):,.2f}".replace(",", " ").replace(".", ",")
    yield grouped
    yield value.removesuffix(".00")
    yield grouped.removesuffix(",00")


def _each(values: object) -> Iterable[str]:
    if isinstance(values, str):
        yield values
    elif isinstance(values, dict):
        for value in values.values():
            yield from _each(value)
    elif isinstance(values, list):
        for value in values:
            yield from _each(value)
