"""Calling back, blocking, and who serves when one account follows another."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from supplier.accounts.permissions import Role
from supplier.bank.call_backs import digits_of, same_number
from supplier.bank.models import BankAccount
from supplier.bank.queries import pull
from supplier.kernel.audit import SYSTEM
from supplier.kernel.database import reading, transaction
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.parties.actions import ContactDetails, add_contact
from supplier.parties.models import Contact, Supplier
from tests.bank.cast import (
    COOLING,
    IBAN_A,
    IBAN_B,
    IBAN_C,
    Bank,
    events,
    row_of,
    state_of,
    told,
)
from tests.make import Maker, actor


@pytest.fixture
def bank(make: Maker) -> Bank:
    return Bank(make)


def change(bank: Bank, **values: Any) -> BankAccount:
    """Another account is in use for half a year; this one is to take its place."""
    bank.validated()
    bank.make.clock.at += timedelta(days=180)
    return bank.submit(IBAN_B, **values)


def served(bank: Bank) -> list[str]:
    found = pull(buyers=None, by=SYSTEM, now=bank.make.clock.at, media="json")
    return [account.iban for account in found.accounts]


# Calls


def test_a_first_account_without_a_doubt_whose_number_is_known_needs_no_call(bank: Bank) -> None:
    assert bank.approve(bank.submit(), bank.emile).state == "approved_once"


def test_a_change_is_confirmed_by_telephone_before_anybody_approves(bank: Bank) -> None:
    account = change(bank)
    with pytest.raises(DomainError):
        bank.approve(account, bank.emile)
    bank.call(account, "unreached")
    with pytest.raises(DomainError):
        bank.approve(account, bank.emile)
    bank.call(account)
    assert bank.approve(account, bank.emile).state == "approved_once"
    assert events(account.id).count("bank.called_back") == 2


def test_a_denial_on_the_telephone_is_final(bank: Bank) -> None:
    account = change(bank)
    bank.call(account, "denied")
    bank.call(account, "confirmed")
    with pytest.raises(DomainError):
        bank.approve(account, bank.emile)


def test_an_account_for_one_company_is_a_change_where_the_group_pays_elsewhere(
    bank: Bank,
) -> None:
    account = change(bank, buyer_id=bank.buyer.id)
    with pytest.raises(DomainError):
        bank.approve(account, bank.emile)


def test_an_account_of_one_company_changes_nothing_at_another(bank: Bank, make: Maker) -> None:
    other = make.buyer("Kerlan Énergies")
    make.engagement(bank.supplier, other)
    bank.validated(buyer_id=bank.buyer.id)
    make.clock.at += timedelta(days=180)
    account = bank.submit(IBAN_B, buyer_id=other.id)
    assert bank.approve(account, bank.emile).state == "approved_once"


def test_a_suspect_first_account_is_confirmed_too(bank: Bank) -> None:
    account = bank.submit(holder="Somebody Else")
    with pytest.raises(DomainError):
        bank.approve(account, bank.emile)


@pytest.mark.parametrize(("age", "allowed"), [(29, False), (30, True)])
def test_a_number_is_called_once_it_was_known_for_thirty_days(
    bank: Bank, make: Maker, age: int, allowed: bool
) -> None:
    account = change(bank)
    since = make.clock.at - timedelta(days=age)
    young = make.contact(bank.supplier, name="Luc", phone="06 00 00 00 01", changed_at=since)
    if allowed:
        assert bank.call(account, contact_id=young.id).number == "06 00 00 00 01"
        return
    with pytest.raises(DomainError) as error:
        bank.call(account, contact_id=young.id)
    assert error.value.field == "contact_id"


def test_a_number_changed_after_the_request_is_too_young(bank: Bank, make: Maker) -> None:
    account = change(bank)
    make.clock.at += timedelta(days=60)
    later = make.contact(bank.supplier, changed_at=make.clock.at - timedelta(days=59))
    with pytest.raises(DomainError):
        bank.call(account, contact_id=later.id)


def test_a_number_of_another_supplier_does_not_exist(bank: Bank, make: Maker) -> None:
    account, stranger = change(bank), make.contact(make.supplier("Charlie"))
    with pytest.raises(NotFoundError):
        bank.call(account, contact_id=stranger.id)
    with pytest.raises(NotFoundError):
        bank.call(account, contact_id=None)


def test_a_number_found_in_a_register_may_be_called(bank: Bank) -> None:
    account = change(bank)
    call = bank.call(
        account, contact_id=None, number="01 44 55 66 77", source="public_register",
    )  # fmt: skip
    assert (call.number, call.number_source, call.contact_id) == (
        "01 44 55 66 77", "public_register", None,
    )  # fmt: skip
    assert bank.approve(account, bank.emile).state == "approved_once"


def test_a_number_that_came_with_the_request_is_refused_wherever_it_was_found(
    bank: Bank, make: Maker
) -> None:
    account = change(bank)
    make.contact(bank.supplier, phone="06 12 34 56 78", changed_at=make.clock.at)
    with pytest.raises(DomainError) as error:
        bank.call(account, contact_id=None, number="+33 6 12 34 56 78", source="signed_contract")
    assert error.value.field == "number"


def test_whoever_asked_for_a_change_does_not_confirm_it(bank: Bank, make: Maker) -> None:
    account, long_ago = change(bank), make.clock.at - timedelta(days=400)
    own = make.contact(bank.supplier, name="A. M.", email=bank.alice.email.upper(),
                       phone="06 11 22 33 44", changed_at=long_ago)  # fmt: skip
    named = make.contact(bank.supplier, phone="06 55 66 77 88", changed_at=long_ago)
    shared = make.contact(bank.supplier, name="Luc", phone="+33611223344", changed_at=long_ago)
    for contact in (own, named, shared):
        with pytest.raises(DomainError) as error:
            bank.call(account, contact_id=contact.id)
        assert error.value.field == "contact_id"
    for number in (
        "0611223344", "+33 6 55 66 77 88", "06 11 22 33 44 poste 3", "0033611223344#12",
        "06 11 22 33 44 5", "06.55.66.77.88 x9", "06 55 66 77 88 (standard)",
    ):  # fmt: skip
        with pytest.raises(DomainError) as error:
            bank.call(account, contact_id=None, number=number, source="signed_contract")
        assert error.value.field == "number"
    assert bank.call(account).contact_id == bank.contact.id


@pytest.mark.parametrize(
    "number",
    ["02 97 11 22 33 poste 4", "02 97 11 22 33 ou 34", "demander Paul", "0297112233 0297112234 1",
     "02 97 11 22 33;ext=4"],
)  # fmt: skip
def test_a_number_that_was_called_is_one_number(bank: Bank, number: str) -> None:
    with pytest.raises(DomainError) as error:
        bank.call(change(bank), contact_id=None, number=number, source="signed_contract")
    assert error.value.field == "number"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("02 61 91 06 55", "+33 (0)2 61 91 06 55", True),
        ("02 61 91 06 55 poste 3", "0261910655", True),
        ("02 61 91 06 55 3", "0261910655", True),
        ("0261910655", "0261910656", False),
        ("3957", "3957", True),
        ("3957", "02 61 39 57 55", False),
        ("", "0261910655", False),
        ("", "", False),
    ],
)
def test_an_extension_makes_no_other_number(one: str, other: str, same: bool) -> None:
    assert same_number(digits_of(one), digits_of(other)) is same
    assert same_number(digits_of(other), digits_of(one)) is same


def test_who_asked_by_letter_is_called_once_staff_entered_the_change(
    bank: Bank, make: Maker
) -> None:
    alice = make.contact(bank.supplier, email=bank.alice.email, phone="06 11 22 33 44",
                         changed_at=make.clock.at - timedelta(days=400))  # fmt: skip
    account = change(bank, by=bank.denise)
    assert bank.call(account, contact_id=alice.id).number == "06 11 22 33 44"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"result": "perhaps"}, "result"),
        ({"contact_id": None, "number": "12", "source": "public_register"}, "number"),
        ({"contact_id": None, "number": "0144556677", "source": "the request"}, "source"),
    ],
)
def test_a_call_says_whom_where_from_and_how_it_ended(
    bank: Bank, values: dict[str, Any], field: str
) -> None:
    account = change(bank)
    with pytest.raises(DomainError) as error:
        bank.call(account, **{"result": "confirmed", **values})
    assert error.value.field == field


def test_whoever_entered_the_details_does_not_call(bank: Bank, make: Maker) -> None:
    both = make.staff("Bruno Partout", Role.PURCHASING, Role.BANK_VALIDATOR)
    account = bank.submit(by=both)
    with pytest.raises(ConflictError):
        bank.call(account, by=actor(both))
    with pytest.raises(NotFoundError):
        bank.call(account, by=actor(bank.alice, bank.supplier))


def new_supplier(bank: Bank, **contact: Any) -> Supplier:
    """Another supplier, which the group's staff wrote down three days ago."""
    new = bank.make.supplier("Omega Toiture")
    bank.make.engagement(new, bank.buyer)
    bank.make.contact(new, phone="02 97 00 00 01", **contact)
    bank.make.clock.at += timedelta(days=3)
    return new


def test_a_first_account_whose_every_number_is_young_is_confirmed_on_one_found_elsewhere(
    bank: Bank,
) -> None:
    first = bank.submit(supplier=new_supplier(bank))
    assert {row["code"] for row in first.findings} == {"not_compared", "no_known_number"}
    with pytest.raises(DomainError):
        bank.approve(first, bank.emile)
    call = bank.call(first, contact_id=None, number="01 44 55 66 77", source="website")
    assert call.number_source == "website"
    assert bank.approve(first, bank.emile).state == "approved_once"


def test_a_supplier_without_any_number_is_called_too(bank: Bank, make: Maker) -> None:
    mute = make.supplier("Sigma Peinture", created_at=make.clock.at - timedelta(days=400))
    make.engagement(mute, bank.buyer)
    account = bank.submit(supplier=mute)
    assert "no_known_number" in {row["code"] for row in account.findings}
    with pytest.raises(DomainError):
        bank.approve(account, bank.emile)


def test_the_only_known_number_changed_after_the_request_makes_people_look_elsewhere(
    bank: Bank, make: Maker
) -> None:
    account = bank.submit()
    make.clock.at += timedelta(hours=1)
    with transaction() as session:
        session.get_one(Contact, bank.contact.id).changed_at = make.clock.at
    with pytest.raises(DomainError):
        bank.approve(account, bank.emile)


def test_the_number_that_staff_wrote_down_counts_when_it_is_found_elsewhere_too(
    bank: Bank,
) -> None:
    account = bank.submit(supplier=new_supplier(bank))
    with pytest.raises(DomainError):
        bank.call(account, contact_id=None)
    bank.call(account, contact_id=None, number="0297000001", source="signed_contract")
    assert bank.approve(account, bank.emile).state == "approved_once"


def test_a_number_that_the_supplier_wrote_in_its_first_hour_counts_nowhere(
    bank: Bank, make: Maker
) -> None:
    new = make.supplier("Omega Toiture")
    make.engagement(new, bank.buyer)
    make.clock.at += timedelta(minutes=5)
    details = ContactDetails(name="Luc", email="luc@omega.example", phone="06 00 00 00 01")
    luc = actor(make.supplier_user(new), new)
    add_contact(new.id, details, by=luc, now=make.clock.at)
    account = bank.submit(supplier=new)
    assert "young_contact" in {row["code"] for row in account.findings}
    with pytest.raises(DomainError) as error:
        bank.call(account, contact_id=None, number="0600000001", source="public_register")
    assert error.value.field == "number"


def test_a_contact_added_by_the_supplier_shortly_before_is_suspect(bank: Bank, make: Maker) -> None:
    make.contact(bank.supplier, changed_at=make.clock.at - timedelta(days=11))
    assert "young_contact" in {row["code"] for row in bank.submit().findings}


# Blocking, and what follows what


def test_blocking_is_immediate_and_told(bank: Bank, make: Maker) -> None:
    account = bank.validated()
    make.clock.at += COOLING
    assert served(bank) == [IBAN_A]
    bank.block(account, reason="The bank called.")
    assert served(bank) == []
    assert (state_of(account), row_of(account).closed_reason) == ("blocked", "The bank called.")
    assert told()[-1] == "bank_blocked"


def test_a_supplier_blocks_its_own_account_and_no_other(bank: Bank, make: Maker) -> None:
    account, stranger = bank.submit(), make.supplier("Charlie")
    with pytest.raises(NotFoundError):
        bank.block(account, supplier_id=stranger.id)
    bank.block(account, by=actor(bank.alice, bank.supplier), supplier_id=bank.supplier.id)
    assert state_of(account) == "blocked"


def test_a_reason_is_asked_for(bank: Bank) -> None:
    with pytest.raises(DomainError) as error:
        bank.block(bank.submit(), reason=" ")
    assert error.value.field == "reason"


def test_a_blocked_account_comes_back_as_a_new_one_that_is_suspect(bank: Bank) -> None:
    bank.block(bank.validated())
    again = bank.submit()
    assert "blocked_before" in {row["code"] for row in again.findings}
    with pytest.raises(DomainError):
        bank.approve(again, bank.emile)


def test_the_old_account_can_be_stopped_while_it_still_serves(bank: Bank, make: Maker) -> None:
    old = bank.validated()
    make.clock.at += timedelta(days=180)
    bank.validated(IBAN_B)
    assert served(bank) == [IBAN_A]
    bank.block(old)
    assert served(bank) == []
    make.clock.at += COOLING
    assert served(bank) == [IBAN_B]


def test_what_no_longer_serves_cannot_be_stopped(bank: Bank, make: Maker) -> None:
    old = bank.validated()
    make.clock.at += timedelta(days=180)
    bank.validated(IBAN_B)
    make.clock.at += COOLING
    with pytest.raises(ConflictError):
        bank.block(old)


def test_a_block_before_the_day_gives_the_place_back(bank: Bank, make: Maker) -> None:
    old = bank.validated()
    make.clock.at += timedelta(days=180)
    new = bank.validated(IBAN_B)
    assert (state_of(old), row_of(old).replaced_at) == ("replaced", new.active_from)
    bank.block(new)
    assert (state_of(old), row_of(old).replaced_at) == ("approved_twice", None)
    assert events(old.id)[-1] == "bank.reinstated"


def test_a_block_in_the_middle_lets_the_third_follow_the_first(bank: Bank, make: Maker) -> None:
    first = bank.validated()
    make.clock.at += timedelta(days=180)
    second = bank.validated(IBAN_B)
    make.clock.at += timedelta(hours=1)
    third = bank.validated(IBAN_C)
    bank.block(second)
    assert row_of(third).replaces_id == first.id
    assert row_of(first).replaced_at == third.active_from
    make.clock.at += COOLING - timedelta(seconds=1)
    assert served(bank) == [IBAN_A]
    make.clock.at += timedelta(seconds=1)
    assert served(bank) == [IBAN_C]


def test_at_no_instant_do_two_accounts_serve_one_company(bank: Bank, make: Maker) -> None:
    bank.validated()
    make.clock.at += timedelta(days=180)
    bank.validated(IBAN_B)
    make.clock.at += timedelta(hours=5)
    bank.validated(IBAN_C)
    for _ in range(60):
        make.clock.at += timedelta(hours=1)
        assert len(served(bank)) == 1


# Pulls


def test_a_change_written_after_a_pull_that_began_later_is_still_told(
    bank: Bank, make: Maker
) -> None:
    account = bank.validated()
    make.clock.at += COOLING
    before = make.clock.at
    make.clock.at += timedelta(seconds=30)
    cursor = pull(buyers=None, by=SYSTEM, now=make.clock.at, media="json").cursor
    bank.block(account, now=before)
    make.clock.at += timedelta(hours=1)
    found = pull(buyers=None, by=SYSTEM, now=make.clock.at, media="json", since=cursor)
    assert [(one.id, one.reason) for one in found.ended] == [(account.id, "blocked")]


def test_an_altered_row_is_not_served_and_the_journal_says_so(bank: Bank, make: Maker) -> None:
    account = bank.validated()
    make.clock.at += COOLING
    with transaction() as session:
        session.get_one(BankAccount, account.id).holder = "Mule & Co"
    assert served(bank) == []
    assert "bank.found_altered" in events(account.id)


def test_an_account_that_came_and_went_between_two_pulls_is_told_as_ended(
    bank: Bank, make: Maker
) -> None:
    cursor = pull(buyers=None, by=SYSTEM, now=make.clock.at, media="json").cursor
    account = bank.validated()
    make.clock.at += COOLING + timedelta(hours=1)
    bank.block(account)
    make.clock.at += timedelta(hours=1)
    found = pull(buyers=None, by=SYSTEM, now=make.clock.at, media="json", since=cursor)
    assert not found.accounts
    assert [one.id for one in found.ended] == [account.id]


def test_a_blocked_account_is_counted_by_every_later_pull(bank: Bank, make: Maker) -> None:
    account = bank.validated()
    make.clock.at += COOLING
    cursor = pull(buyers=None, by=SYSTEM, now=make.clock.at, media="json").cursor
    make.clock.at += timedelta(hours=1)
    bank.block(account)
    with pytest.raises(ConflictError):
        bank.refuse(account)
    for _ in range(2):
        found = pull(buyers=None, by=SYSTEM, now=make.clock.at, media="json", since=cursor)
        assert len(found.ended) == 1


def test_pages_of_a_pull_hold_every_account_once(bank: Bank, make: Maker) -> None:
    for number, iban in enumerate((IBAN_A, IBAN_B, IBAN_C)):
        supplier = make.supplier(f"Alpha {number}")
        make.contact(supplier, changed_at=make.clock.at - timedelta(days=400))
        account = bank.submit(iban, supplier=supplier)
        if iban == IBAN_C:
            make.clock.at += timedelta(seconds=1)
        bank.approve(account, bank.emile)
        bank.approve(account, bank.elise, iban)
    make.clock.at += COOLING
    seen, cursor, more = [], None, True
    while more:
        found = pull(buyers=None, by=SYSTEM, now=make.clock.at, media="json", since=cursor, limit=1)
        seen += [account.iban for account in found.accounts]
        cursor, more = found.cursor, found.more
    assert sorted(seen) == sorted([IBAN_A, IBAN_B, IBAN_C])
    with reading() as session:
        assert session.get_one(BankAccount, account.id).state == "approved_twice"
