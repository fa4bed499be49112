"""Four eyes on one value, a cooling-off, and what is active when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.bank.approvals import (
    ALLOWED,
    COOLING_OFF,
    AccountFacts,
    AccountState,
    Approval,
    Person,
    active_from,
    has_four_eyes,
    is_active,
    number_is_independent,
    objection,
    pull_cursor,
    retyped_right,
    state_after,
    valid_approvals,
    value_hash,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
IBAN = "FR1420041010050500013M02606"
SUPPLIER = UUID(int=900)
ALICE, DENISE, EMILE, FARID = (Person(UUID(int=number)) for number in range(1, 5))


def hash_of(**facts: object) -> str:
    base = {"iban": IBAN, "bic": "PSSTFRPP", "holder": "DURAND", "supplier_id": SUPPLIER}
    return value_hash(**{**base, "version": 1, **facts})  # type: ignore[arg-type]


HASH = hash_of()
SUBMITTED = AccountFacts(AccountState.SUBMITTED, HASH, submitter=ALICE.id)


def approval(by: Person, hash_: str = HASH) -> Approval:
    return Approval(by, hash_, NOW)


ONCE = replace(SUBMITTED, state=AccountState.APPROVED_ONCE, approvals=(approval(DENISE),))
TWICE = replace(
    SUBMITTED,
    state=AccountState.APPROVED_TWICE,
    approvals=(approval(DENISE), approval(EMILE)),
    active_from=NOW + COOLING_OFF,
)


def test_two_people_make_an_account_payable() -> None:
    assert objection(SUBMITTED, approver=DENISE, seen_hash=HASH) is None
    assert state_after(SUBMITTED) is AccountState.APPROVED_ONCE
    assert objection(ONCE, approver=EMILE, seen_hash=HASH) is None
    assert state_after(ONCE) is AccountState.APPROVED_TWICE


@pytest.mark.parametrize(
    "people", list(product((ALICE, DENISE, EMILE, FARID), repeat=3)), ids=lambda _: ""
)
def test_of_the_sixty_four_combinations_only_three_distinct_people_pass(
    people: tuple[Person, Person, Person],
) -> None:
    submitter, first, second = people
    account = replace(SUBMITTED, submitter=submitter.id)
    passed = False
    if objection(account, approver=first, seen_hash=HASH) is None:
        account = replace(account, state=AccountState.APPROVED_ONCE, approvals=(approval(first),))
        passed = objection(account, approver=second, seen_hash=HASH) is None
    assert passed is (len({submitter.id, first.id, second.id}) == 3)


@pytest.mark.parametrize(
    ("submitter", "creator_of_first", "creator_of_second", "second"),
    list(product((ALICE, DENISE, EMILE, FARID), repeat=4)),
)
def test_no_approver_created_the_other(
    submitter: Person, creator_of_first: Person, creator_of_second: Person, second: Person
) -> None:
    first = Person(DENISE.id, creator_of_first.id)
    other = Person(second.id, creator_of_second.id)
    account = replace(
        SUBMITTED,
        submitter=submitter.id,
        state=AccountState.APPROVED_ONCE,
        approvals=(approval(first),),
    )
    allowed = objection(account, approver=other, seen_hash=HASH) is None
    independent = creator_of_first.id != other.id and creator_of_second.id != first.id
    expected = other.id != submitter.id and (
        # A first approval by the submitter himself does not count: anyone else is then first.
        first.id == submitter.id or (other.id != first.id and independent)
    )
    assert allowed is expected


@pytest.mark.parametrize("state", sorted(set(AccountState) - {"submitted", "approved_once"}))
def test_only_a_waiting_account_is_approved(state: str) -> None:
    account = replace(SUBMITTED, state=AccountState(state))
    assert objection(account, approver=DENISE, seen_hash=HASH) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"iban": "FR7630004000031234567890143"},
        {"bic": None},
        {"holder": "DURANT"},
        {"supplier_id": UUID(int=901)},
        {"version": 2},
    ],
)
def test_an_edit_voids_the_approvals(change: dict[str, object]) -> None:
    edited = replace(TWICE, value_hash=hash_of(**change))
    assert edited.value_hash != HASH
    assert valid_approvals(edited) == ()
    assert not is_active(edited, at=NOW + timedelta(days=365))
    assert objection(replace(ONCE, value_hash=hash_of(**change)), approver=EMILE, seen_hash=HASH)


def test_the_hash_cannot_be_had_by_moving_text_between_fields() -> None:
    assert hash_of(bic="AB", holder="C") != hash_of(bic="A", holder="BC")
    assert hash_of(bic="", holder="X") == hash_of(bic=None, holder="X")


def test_an_account_is_active_once_the_cooling_off_is_over() -> None:
    assert active_from(NOW) == NOW + timedelta(hours=48)
    assert not is_active(TWICE, at=NOW + COOLING_OFF - timedelta(seconds=1))
    assert is_active(TWICE, at=NOW + COOLING_OFF)


def test_the_old_account_is_served_until_the_new_one_takes_over() -> None:
    later = NOW + timedelta(days=10)
    old = replace(TWICE, replaced_at=later)
    for account in (old, replace(old, state=AccountState.REPLACED)):
        assert is_active(account, at=later - timedelta(seconds=1))
        assert not is_active(account, at=later)


def test_a_state_without_its_two_approvals_is_never_active() -> None:
    for approvals in ((), (approval(DENISE),), (approval(DENISE), approval(DENISE))):
        assert not is_active(replace(TWICE, approvals=approvals), at=NOW + timedelta(days=9))
    own = (approval(DENISE), approval(ALICE))
    assert not is_active(replace(TWICE, approvals=own), at=NOW + timedelta(days=9))
    made = (approval(DENISE), approval(Person(EMILE.id, created_by=DENISE.id)))
    assert not is_active(replace(TWICE, approvals=made), at=NOW + timedelta(days=9))
    assert not is_active(replace(TWICE, active_from=None), at=NOW + timedelta(days=9))


@pytest.mark.parametrize("state", sorted(set(AccountState) - {"approved_twice"}))
def test_no_other_state_is_active(state: str) -> None:
    assert not is_active(replace(TWICE, state=AccountState(state)), at=NOW + timedelta(days=9))


def test_the_table_of_transitions_is_this_one() -> None:
    steps = {(start, end) for start, ends in ALLOWED.items() for end in ends}
    assert set(ALLOWED) == set(AccountState)
    assert steps == {
        ("submitted", "approved_once"),
        ("submitted", "refused"),
        ("submitted", "withdrawn"),
        ("submitted", "blocked"),
        ("approved_once", "approved_twice"),
        ("approved_once", "refused"),
        ("approved_once", "withdrawn"),
        ("approved_once", "blocked"),
        ("approved_twice", "blocked"),
        ("approved_twice", "replaced"),
        ("replaced", "blocked"),
        ("replaced", "approved_twice"),
    }


def test_no_path_leads_to_two_approvals_but_through_one() -> None:
    # A replaced account had its two approvals before it was replaced.
    assert [start for start, ends in ALLOWED.items() if "approved_twice" in ends] == [
        "approved_once",
        "replaced",
    ]
    assert [start for start, ends in ALLOWED.items() if "replaced" in ends] == ["approved_twice"]


INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(
    lambda at: at.replace(tzinfo=UTC)
)


@given(INSTANTS, INSTANTS, INSTANTS)
def test_no_pull_misses_an_account(
    active: datetime, changed: datetime, pulled_at: datetime
) -> None:
    # What a pull could not serve yet lies after its cursor, so the next one finds it.
    served = active <= pulled_at and changed <= pulled_at
    assert (pull_cursor(active, last_changed_at=changed) <= pulled_at) is served


@given(st.lists(st.sampled_from([ALICE, DENISE, EMILE]), max_size=4))
def test_two_distinct_people_are_four_eyes(people: list[Person]) -> None:
    assert has_four_eyes([approval(one) for one in people]) is (len(set(people)) > 1)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (IBAN, True),
        ("fr14 2004 1010 0505 0001 3m02 606", True),
        (IBAN[:-1] + "7", False),
        ("", False),
    ],
)
def test_the_second_approver_types_the_iban_again(text: str, right: bool) -> None:
    assert retyped_right(text, iban=IBAN) is right


@pytest.mark.parametrize(("days", "independent"), [(30, True), (29, False), (-1, False)])
def test_a_number_younger_than_thirty_days_does_not_count(days: int, independent: bool) -> None:
    known_since = NOW - timedelta(days=days)
    assert number_is_independent(known_since, submitted_at=NOW) is independent
