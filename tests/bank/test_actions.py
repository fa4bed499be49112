"""Bank details on the database: handed in, approved by two, refused, withdrawn."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from supplier.accounts.models import User
from supplier.accounts.permissions import Role
from supplier.bank import actions
from supplier.bank.models import BankAccount
from supplier.documents.kept_reading import find_kept
from supplier.documents.models import Document
from supplier.documents.verifying import correct_fields
from supplier.kernel.audit import Actor, ActorKind, Event
from supplier.kernel.database import new_id, reading, transaction
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from tests.bank.cast import COOLING, IBAN_A, IBAN_B, IBAN_C, Bank, events, row_of, state_of, told
from tests.make import Maker, actor


@pytest.fixture
def bank(make: Maker) -> Bank:
    return Bank(make)


def codes(account: BankAccount) -> set[str]:
    return {row["code"] for row in account.findings}


# Handing in


def test_handing_in_leaves_an_event_and_a_notice(bank: Bank) -> None:
    account = bank.submit()
    assert (account.state, account.version, account.active_from) == ("submitted", 1, None)
    assert account.iban_masked == "FR14 •••• •••• •••• 2606"
    assert IBAN_A.encode() not in account.iban
    assert events(account.id) == ["bank.submitted"]
    assert told() == ["bank_submitted"]


def test_no_event_holds_a_digit_of_the_account(bank: Bank) -> None:
    bank.validated()
    with reading() as session:
        for event in session.query(Event):
            assert "2606" not in f"{event.data}{event.reason}{event.kind}"


@pytest.mark.parametrize("wrong", ["", "FR14 2004 1010 0505 0001 3M02 607", "not an IBAN"])
def test_a_wrong_iban_writes_nothing(bank: Bank, wrong: str) -> None:
    with pytest.raises(DomainError):
        bank.submit(wrong)
    assert events() == []
    assert told() == []


def test_a_holder_is_asked_for(bank: Bank) -> None:
    with pytest.raises(DomainError) as error:
        bank.submit(holder="  ")
    assert error.value.field == "holder"


def test_a_new_version_takes_the_place_of_what_waits_and_its_approval_counts_no_more(
    bank: Bank,
) -> None:
    first = bank.submit()
    bank.call(first)
    bank.approve(first, bank.emile)
    second = bank.submit(IBAN_B)
    assert (state_of(first), second.version) == ("withdrawn", 2)
    assert state_of(second) == "submitted"
    with pytest.raises(ConflictError):
        bank.approve(first, bank.elise, IBAN_A)


def test_the_account_in_use_stays_in_use_while_another_waits(bank: Bank) -> None:
    old = bank.validated()
    bank.submit(IBAN_B)
    assert state_of(old) == "approved_twice"


def test_the_same_account_again_is_no_change(bank: Bank) -> None:
    bank.submit()
    with pytest.raises(ConflictError) as error:
        bank.submit()
    assert error.value.field == "iban"


def test_a_paper_of_another_supplier_does_not_exist(bank: Bank, make: Maker) -> None:
    foreign = bank.paper(supplier_id=make.supplier("Charlie").id)
    with pytest.raises(NotFoundError):
        bank.submit(document_id=foreign.id)


def test_a_refused_paper_supports_nothing(bank: Bank) -> None:
    with pytest.raises(NotFoundError):
        bank.submit(document_id=bank.paper(state="refused").id)


def test_only_bank_details_support_an_account(bank: Bank) -> None:
    with pytest.raises(DomainError):
        bank.submit(document_id=bank.paper(kind="kbis").id)


def test_an_iban_that_a_person_wrote_into_the_reading_is_not_the_printed_one(
    bank: Bank,
) -> None:
    """Who may correct a reading could else make any account look like the one on the paper."""
    paper = bank.paper(IBAN_B, state="in_review")
    for written in (IBAN_C, IBAN_A):
        correct_fields(
            paper.id, values={"iban": written}, by=actor(bank.denise), now=bank.make.clock.at
        )
    assert "printed_differs" in codes(bank.submit(IBAN_A, document_id=paper.id))
    with reading() as session:
        kept = find_kept(session.get_one(Document, paper.id))
    assert kept is not None
    assert (kept.reading.text("iban"), kept.corrections["iban"].was) == (IBAN_A, IBAN_B)


def test_the_printed_iban_is_compared_with_the_one_entered(bank: Bank) -> None:
    same = bank.submit(document_id=bank.paper(IBAN_A).id)
    assert codes(same) == set()
    other = bank.submit(document_id=bank.paper(IBAN_B).id, holder="ALPHA MENUISERIE SARL")
    assert "printed_differs" in codes(other)


def test_staff_enter_for_their_companies_only(bank: Bank, make: Maker) -> None:
    mine, other = frozenset({bank.buyer.id}), make.buyer("Kerlan Énergies")
    with pytest.raises(DomainError) as error:
        bank.submit(by=bank.denise, buyers=mine)
    assert error.value.field == "buyer"
    with pytest.raises(NotFoundError):
        bank.submit(by=bank.denise, buyers=mine, buyer_id=other.id)
    account = bank.submit(by=bank.denise, buyers=mine, buyer_id=bank.buyer.id)
    assert (account.submitted_by_kind, account.submitted_by_name) == ("staff", "Denise Achats")


# Approving


def test_two_people_and_a_wait_make_it_serve(bank: Bank, make: Maker) -> None:
    account = bank.submit()
    bank.approve(account, bank.emile)
    assert state_of(account) == "approved_once"
    done = bank.approve(account, bank.elise, IBAN_A)
    assert (done.state, done.active_from) == ("approved_twice", make.clock.at + COOLING)
    assert events(account.id) == ["bank.submitted", "bank.approved_once", "bank.approved_twice"]
    assert told() == ["bank_submitted", "bank_approved"]


def test_blanks_and_small_letters_are_the_same_iban(bank: Bank) -> None:
    account = bank.submit()
    bank.approve(account, bank.emile)
    spaced = " fr14 2004 1010 0505 0001 3m02 606 "
    assert bank.approve(account, bank.elise, spaced).state == "approved_twice"


def test_nobody_approves_twice(bank: Bank) -> None:
    account = bank.submit()
    bank.approve(account, bank.emile)
    with pytest.raises(ConflictError):
        bank.approve(account, bank.emile, IBAN_A)
    assert state_of(account) == "approved_once"


def test_nobody_approves_what_they_entered(bank: Bank, make: Maker) -> None:
    both = make.staff("Bruno Partout", Role.PURCHASING, Role.BANK_VALIDATOR)
    account = bank.submit(by=both)
    with pytest.raises(ConflictError):
        bank.approve(account, both)
    bank.approve(account, bank.emile)
    with pytest.raises(ConflictError):
        bank.approve(account, both, IBAN_A)


@pytest.mark.parametrize("created_first", [True, False])
def test_neither_approver_created_the_account_of_the_other(bank: Bank, created_first: bool) -> None:
    child, parent = (bank.emile, bank.elise) if created_first else (bank.elise, bank.emile)
    with transaction() as session:
        session.get_one(User, child.id).created_by_id = parent.id
    account = bank.submit()
    bank.approve(account, bank.emile)
    with pytest.raises(ConflictError):
        bank.approve(account, bank.elise, IBAN_A)


@pytest.mark.parametrize("kind", [ActorKind.SUPPLIER, ActorKind.API, ActorKind.SYSTEM])
def test_only_staff_approve(bank: Bank, kind: ActorKind) -> None:
    account = bank.submit()
    with pytest.raises(NotFoundError):
        actions.approve(
            account.id, seen_hash=account.value_hash, by=Actor(kind, bank.alice.id, "Alice"),
            now=bank.make.clock.at, buyers=None, cooling_off=COOLING,
        )  # fmt: skip


def test_a_validator_of_another_company_sees_nothing(bank: Bank, make: Maker) -> None:
    account = bank.submit(buyer_id=bank.buyer.id)
    elsewhere = frozenset({make.buyer("Kerlan Énergies").id})
    acts: list[Any] = [
        lambda: bank.approve(account, bank.emile, buyers=elsewhere),
        lambda: bank.refuse(account, buyers=elsewhere),
        lambda: bank.block(account, buyers=elsewhere),
        lambda: bank.call(account, buyers=elsewhere),
    ]
    for act in acts:
        with pytest.raises(NotFoundError):
            act()
    assert events(account.id) == ["bank.submitted"]


def test_an_unknown_account_does_not_exist(bank: Bank) -> None:
    account = bank.submit()
    account.id = new_id()
    with pytest.raises(NotFoundError):
        bank.approve(account, bank.emile)


def test_a_value_that_changed_meanwhile_is_not_approved(bank: Bank) -> None:
    account = bank.submit()
    for act in (bank.approve, bank.refuse, bank.call):
        arguments = (account, bank.emile) if act == bank.approve else (account,)
        with pytest.raises(ConflictError):
            act(*arguments, seen_hash="0" * 64)
    assert state_of(account) == "submitted"


def test_a_row_altered_in_the_database_is_not_approved(bank: Bank) -> None:
    account = bank.submit()
    with transaction() as session:
        session.get_one(BankAccount, account.id).holder = "Mule & Co"
    with pytest.raises(ConflictError):
        bank.approve(account, bank.emile)


def test_a_sealed_value_moved_to_another_row_is_not_approved(bank: Bank, make: Maker) -> None:
    account, other = bank.submit(), bank.submit(IBAN_B, supplier=make.supplier("Beta"))
    with transaction() as session:
        session.get_one(BankAccount, account.id).iban = other.iban
    with pytest.raises(ConflictError):
        bank.approve(account, bank.emile)


def test_a_wrong_digit_leaves_an_event_and_no_approval(bank: Bank) -> None:
    account = bank.submit()
    bank.approve(account, bank.emile)
    for typed in (IBAN_B, "FR14", ""):
        with pytest.raises(DomainError) as error:
            bank.approve(account, bank.elise, typed)
        assert error.value.field == "retyped_iban"
    assert state_of(account) == "approved_once"
    assert events(account.id).count("bank.retyped_wrong") == 3


def test_a_page_for_the_first_approval_never_gives_the_second(bank: Bank) -> None:
    account = bank.submit()
    bank.approve(account, bank.emile)
    with pytest.raises(ConflictError):
        bank.approve(account, bank.elise, None)
    assert "bank.retyped_wrong" not in events(account.id)


# Findings that stop an approval


def test_an_iban_of_another_supplier_blocks_whoever_came_first(bank: Bank, make: Maker) -> None:
    first = bank.submit()
    other = make.supplier("Beta Couverture")
    second = bank.submit(supplier=other)
    assert "used_elsewhere" in codes(second)
    assert "used_elsewhere" not in codes(first)
    for account in (first, second):
        with pytest.raises(DomainError):
            bank.approve(account, bank.emile)
    bank.refuse(second)
    assert bank.approve(first, bank.emile).state == "approved_once"


def test_a_wrong_key_on_the_paper_blocks(bank: Bank) -> None:
    account = bank.submit(document_id=bank.paper(IBAN_B).id)
    with pytest.raises(DomainError):
        bank.approve(account, bank.emile)


def test_a_paper_refused_meanwhile_blocks(bank: Bank) -> None:
    paper = bank.paper()
    account = bank.submit(document_id=paper.id)
    with transaction() as session:
        session.merge(paper).state = "refused"
    with pytest.raises(DomainError):
        bank.approve(account, bank.emile)


# Refusing and withdrawing


def test_refusing_says_why_and_tells_the_supplier(bank: Bank) -> None:
    account = bank.submit()
    bank.refuse(account, reason=" The paper is cut off. ")
    row = row_of(account)
    assert (row.state, row.closed_reason) == ("refused", "The paper is cut off.")
    assert told() == ["bank_submitted", "bank_refused"]
    with pytest.raises(DomainError) as error:
        bank.refuse(account, reason=" ")
    assert error.value.field == "reason"


@pytest.mark.parametrize("first", ["refuse", "block", "withdraw"])
@pytest.mark.parametrize("then", ["approve", "refuse", "block", "withdraw", "call"])
def test_what_is_over_stays_over(bank: Bank, first: str, then: str) -> None:
    account = bank.submit()

    def do(what: str) -> None:
        if what == "approve":
            bank.approve(account, bank.emile)
        elif what == "withdraw":
            actions.withdraw(
                account.id, supplier_id=bank.supplier.id, now=bank.make.clock.at,
                by=actor(bank.alice, bank.supplier),
            )  # fmt: skip
        else:
            getattr(bank, what)(account)

    do(first)
    count = len(events(account.id))
    with pytest.raises(ConflictError):
        do(then)
    assert len(events(account.id)) == count


def test_an_account_that_serves_is_neither_refused_nor_withdrawn(bank: Bank) -> None:
    account = bank.validated()
    with pytest.raises(ConflictError):
        bank.refuse(account)
    with pytest.raises(ConflictError):
        actions.withdraw(
            account.id, supplier_id=bank.supplier.id, now=bank.make.clock.at,
            by=actor(bank.alice, bank.supplier),
        )  # fmt: skip


def test_a_supplier_withdraws_only_its_own(bank: Bank, make: Maker) -> None:
    account, stranger = bank.submit(), make.supplier("Charlie")
    with pytest.raises(NotFoundError):
        actions.withdraw(
            account.id, supplier_id=stranger.id, now=make.clock.at,
            by=actor(make.supplier_user(stranger, "Charlie"), stranger),
        )  # fmt: skip


def test_a_change_soon_after_another_is_suspect(bank: Bank, make: Maker) -> None:
    bank.validated()
    make.clock.at += timedelta(days=89)
    assert "quick_change" in codes(bank.submit(IBAN_B))
