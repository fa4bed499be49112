"""Inviting, roles, locks, resets and addresses: what administrators may do, and may not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from supplier.accounts import actions, queries
from supplier.accounts.models import Invitation, StaffScope, TotpFactor, User, WebSession
from supplier.accounts.permissions import Permission, Role
from supplier.accounts.queries import UserFilter
from supplier.kernel.audit import SYSTEM, broken_links
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import new_id, reading
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from tests.accounts.ready import events, mails, with_password, with_totp
from tests.make import Maker, actor


@pytest.fixture
def hugo(make: Maker) -> User:
    return make.staff("Hugo Admin", Role.ADMINISTRATOR)


@pytest.fixture
def ines(make: Maker) -> User:
    return make.staff("Inès Admin", Role.ADMINISTRATOR)


def sessions_of(user: User) -> int:
    with reading() as session:
        return len(session.scalars(select(WebSession).where(WebSession.user_id == user.id)).all())


def test_a_role_counts_at_once_and_ends_the_sessions(make: Maker, hugo: User) -> None:
    denise = make.user("Denise")
    make.session_token(denise.id)
    scope = actions.grant_role(
        denise.id, role=Role.PURCHASING, buyer_id=None, by=actor(hugo), now=make.clock.at
    )
    assert sessions_of(denise) == 0
    assert make.visitor(denise).may(Permission.DOCUMENT_DECIDE)
    make.session_token(denise.id)
    actions.end_role(scope.id, by=actor(hugo), now=make.clock.at)
    assert sessions_of(denise) == 0
    assert not make.visitor(denise).may(Permission.DOCUMENT_DECIDE)
    assert events(denise.id) == ["role_granted", "role_ended"]


def test_a_validator_needs_a_second_administrator(make: Maker, hugo: User, ines: User) -> None:
    emile = make.user("Émile")
    scope = actions.grant_role(
        emile.id, role=Role.BANK_VALIDATOR, buyer_id=None, by=actor(hugo), now=make.clock.at
    )
    assert not make.visitor(emile).may(Permission.BANK_APPROVE)
    assert [line.scope.id for line in queries.list_waiting_roles()] == [scope.id]
    for wrong in (actor(hugo), actor(emile), SYSTEM):
        with pytest.raises(DomainError):
            actions.approve_role(scope.id, by=wrong, now=make.clock.at)
    assert not make.visitor(emile).may(Permission.BANK_APPROVE)
    make.session_token(emile.id)
    actions.approve_role(scope.id, by=actor(ines), now=make.clock.at)
    assert sessions_of(emile) == 0
    assert make.visitor(emile).may(Permission.BANK_APPROVE)
    with pytest.raises(ConflictError):
        actions.approve_role(scope.id, by=actor(ines), now=make.clock.at)


def test_accounting_s_right_needs_a_second_administrator_too(
    make: Maker, hugo: User, ines: User
) -> None:
    """One administrator could otherwise make up somebody who downloads the account numbers."""
    farid = make.user("Farid")
    scope = actions.grant_role(
        farid.id, role=Role.ACCOUNTING, buyer_id=None, by=actor(hugo), now=make.clock.at
    )
    assert not make.visitor(farid).may(Permission.BANK_PULL)
    assert not make.visitor(farid).may(Permission.API_APPROVE)
    actions.approve_role(scope.id, by=actor(ines), now=make.clock.at)
    assert make.visitor(farid).may(Permission.BANK_PULL)


def test_an_ended_request_cannot_be_approved(make: Maker, hugo: User, ines: User) -> None:
    emile = make.user("Émile")
    scope = actions.grant_role(
        emile.id, role=Role.BANK_VALIDATOR, buyer_id=None, by=actor(hugo), now=make.clock.at
    )
    actions.end_role(scope.id, by=actor(ines), now=make.clock.at)
    with pytest.raises(ConflictError):
        actions.approve_role(scope.id, by=actor(ines), now=make.clock.at)
    with pytest.raises(ConflictError):
        actions.end_role(scope.id, by=actor(ines), now=make.clock.at)


def test_administrators_stay_away_from_bank_data(make: Maker, hugo: User, ines: User) -> None:
    for role in (Role.BANK_VALIDATOR, Role.ACCOUNTING):
        for by in (hugo, ines):
            with pytest.raises(DomainError):
                actions.grant_role(
                    hugo.id, role=role, buyer_id=None, by=actor(by), now=make.clock.at
                )
        holder = make.staff("Émile", role)
        with pytest.raises(DomainError):
            actions.grant_role(
                holder.id, role=Role.ADMINISTRATOR, buyer_id=None, by=actor(hugo),
                now=make.clock.at,
            )  # fmt: skip


def test_a_role_is_given_once_and_only_to_staff(make: Maker, hugo: User) -> None:
    denise = make.staff("Denise", Role.PURCHASING)
    alice = make.supplier_user(make.supplier())
    with pytest.raises(ConflictError):
        actions.grant_role(
            denise.id, role=Role.PURCHASING, buyer_id=None, by=actor(hugo), now=make.clock.at
        )
    for stranger in (alice.id, new_id()):
        with pytest.raises(NotFoundError):
            actions.grant_role(
                stranger, role=Role.PURCHASING, buyer_id=None, by=actor(hugo), now=make.clock.at
            )


def test_who_administers_one_company_gives_rights_there_only(make: Maker, hugo: User) -> None:
    here, there = make.buyer(), make.buyer("Kerlan Énergies")
    denise = make.user("Denise")
    for buyer_id in (there.id, None):
        with pytest.raises(NotFoundError):
            actions.grant_role(
                denise.id, role=Role.PURCHASING, buyer_id=buyer_id, by=actor(hugo),
                now=make.clock.at, within={here.id},
            )  # fmt: skip
    with pytest.raises(DomainError):
        actions.grant_role(
            denise.id, role=Role.ADMINISTRATOR, buyer_id=here.id, by=actor(hugo),
            now=make.clock.at, within={here.id},
        )  # fmt: skip


def test_the_last_administrator_stays(make: Maker, hugo: User) -> None:
    details = queries.get_user(hugo.id)
    denise = make.staff("Denise", Role.PURCHASING)
    with pytest.raises(DomainError):
        actions.end_role(details.roles[0].scope.id, by=actor(hugo), now=make.clock.at)
    with pytest.raises(DomainError):
        actions.lock(hugo.id, reason="départ", by=actor(denise), now=make.clock.at)
    make.staff("Inès", Role.ADMINISTRATOR)
    actions.lock(hugo.id, reason="départ", by=actor(denise), now=make.clock.at)


def test_a_lock_ends_everything_at_once(make: Maker, hugo: User) -> None:
    denise = with_password(make.staff("Denise", Role.PURCHASING))
    make.session_token(denise.id)
    actions.lock(denise.id, reason="Départ", by=actor(hugo), now=make.clock.at)
    assert sessions_of(denise) == 0
    with pytest.raises(ConflictError):
        actions.lock(denise.id, reason="Départ", by=actor(hugo), now=make.clock.at)
    actions.unlock(denise.id, by=actor(hugo), now=make.clock.at)
    with pytest.raises(ConflictError):
        actions.unlock(denise.id, by=actor(hugo), now=make.clock.at)
    assert events(denise.id) == ["locked", "unlocked"]


def test_a_lock_without_reason_is_refused(make: Maker, hugo: User) -> None:
    denise = make.staff("Denise", Role.PURCHASING)
    with pytest.raises(DomainError) as refusal:
        actions.lock(denise.id, reason="  ", by=actor(hugo), now=make.clock.at)
    assert refusal.value.field == "reason"


def test_nobody_locks_resets_or_readdresses_themselves(make: Maker, hugo: User, ines: User) -> None:
    with_password(hugo)
    now, by = make.clock.at, actor(hugo)
    with pytest.raises(DomainError):
        actions.lock(hugo.id, reason="x", by=by, now=now)
    with pytest.raises(DomainError):
        actions.reset_factors(hugo.id, check="x", by=by, now=now)
    with pytest.raises(DomainError):
        actions.change_address(hugo.id, email="b@b.example", reason="x", by=by, now=now)


def test_a_factor_reset_takes_factors_and_sessions(make: Maker, hugo: User) -> None:
    denise = with_password(make.staff("Denise", Role.PURCHASING))
    with_totp(denise, make.clock.at)
    make.session_token(denise.id)
    with pytest.raises(DomainError) as refusal:
        actions.reset_factors(denise.id, check="", by=actor(hugo), now=make.clock.at)
    assert refusal.value.field == "check"
    actions.reset_factors(denise.id, check="Vue au bureau", by=actor(hugo), now=make.clock.at)
    with reading() as session:
        assert session.get(TotpFactor, denise.id) is None
    assert sessions_of(denise) == 0
    assert [mail["kind"] for mail in mails()] == ["factor_reset"]


def test_a_changed_address_is_told_to_both(make: Maker, hugo: User) -> None:
    denise = make.staff("Denise", Role.PURCHASING)
    make.session_token(denise.id)
    actions.change_address(
        denise.id, email="NEW@kerlan.example", reason="Boîte perdue, vue au bureau",
        by=actor(hugo), now=make.clock.at,
    )  # fmt: skip
    assert sessions_of(denise) == 0
    assert {mail["address"] for mail in mails()} == {denise.email, "new@kerlan.example"}
    with pytest.raises(DomainError) as refusal:
        actions.change_address(
            denise.id, email=hugo.email.upper(), reason="x", by=actor(hugo), now=make.clock.at
        )
    assert refusal.value.field == "email"


@pytest.mark.parametrize("way_in", ["factors", "address"])
def test_a_new_way_in_suspends_the_right_to_validate_until_another_administrator_agrees(
    way_in: str, make: Maker, hugo: User, ines: User
) -> None:
    """Else one administrator could walk in as both validators."""
    emile = with_password(make.staff("Émile", Role.BANK_VALIDATOR, Role.AUDITOR))
    by, now = actor(hugo), make.clock.at
    if way_in == "factors":
        actions.reset_factors(emile.id, check="Vu au bureau", by=by, now=now)
    else:
        actions.change_address(emile.id, email="e@kerlan.example", reason="x", by=by, now=now)
    assert make.visitor(emile).roles == {Role.AUDITOR}
    with reading() as session:
        scope = session.scalars(
            select(StaffScope).where(
                StaffScope.user_id == emile.id, StaffScope.role == Role.BANK_VALIDATOR.value
            )
        ).one()
    with pytest.raises(DomainError):
        actions.approve_role(scope.id, by=by, now=now)
    actions.approve_role(scope.id, by=actor(ines), now=now)
    assert make.visitor(emile).roles == {Role.AUDITOR, Role.BANK_VALIDATOR}
    assert "role_suspended" in events(emile.id)


def test_an_ended_mandate_does_not_come_back_by_an_invitation_sent_before(
    make: Maker, hugo: User
) -> None:
    supplier = make.supplier()
    contact = make.contact(supplier, email="alice@alpha.example")
    alice = make.user("Alice", kind="supplier", email="alice@alpha.example")
    mandate, now = make.mandate(alice, supplier), make.clock.at
    row = actions.invite_supplier(contact.id, by=actor(hugo), now=now)
    actions.end_mandate(mandate.id, by=actor(hugo), now=now)
    with reading() as session:
        assert session.get_one(Invitation, row.id).revoked_at == now


def test_staff_are_invited_once_without_any_password(make: Maker, hugo: User) -> None:
    user = actions.invite_staff(
        "Jean@Kerlan.example", name="Jean", language="de", by=actor(hugo), now=make.clock.at
    )
    assert (user.email, user.password_hash, user.language) == ("jean@kerlan.example", None, "de")
    [mail] = mails()
    assert set(mail) == {
        "kind", "invitation_id", "user_id", "address", "name", "language", "token_sealed",
        "supplier_id", "engagement_id",
    }  # fmt: skip
    assert (mail["kind"], mail["user_id"]) == ("invitation_staff", str(user.id))
    with pytest.raises(DomainError):
        actions.invite_staff(
            "jean@kerlan.example", name="J", language="fr", by=actor(hugo), now=make.clock.at
        )


def test_an_invitation_names_the_engagement_in_force(make: Maker, clock: FixedClock) -> None:
    supplier, buyer = make.supplier(), make.buyer()
    ended = clock.at.date() - timedelta(days=1)
    make.engagement(supplier, make.buyer("Autre"), ended_on=ended)
    engagement = make.engagement(supplier, buyer)
    contact = make.contact(supplier)
    row = actions.invite_supplier(contact.id, by=SYSTEM, now=clock.at)
    assert row.expires_at == clock.at + timedelta(days=14)
    [mail] = mails()
    assert (mail["engagement_id"], mail["supplier_id"]) == (str(engagement.id), str(supplier.id))


def test_whom_nobody_can_reach_is_not_invited(make: Maker, clock: FixedClock) -> None:
    supplier = make.supplier()
    without = make.contact(supplier, email=None)
    staff = make.contact(supplier, email=make.staff("Denise", Role.PURCHASING).email)
    gone = make.contact(supplier, left_on=clock.at.date())
    for contact in (without, staff, gone):
        with pytest.raises(DomainError):
            actions.invite_supplier(contact.id, by=SYSTEM, now=clock.at)
    with reading() as session:
        assert session.scalars(select(Invitation)).all() == []


def test_the_first_administrator_is_made_once(app: Flask, clock: FixedClock) -> None:
    token = actions.create_first_administrator(
        "hugo@kerlan.example", name="Hugo", language="fr", now=clock.at
    )
    assert len(token) > 40
    with pytest.raises(ConflictError):
        actions.create_first_administrator(
            "b@kerlan.example", name="B", language="fr", now=clock.at
        )
    assert [user.name for user in queries.list_users().items] == ["Hugo"]
    with reading() as session:
        assert broken_links(session) == []


def test_a_demo_link_exists_in_the_demo_only(make: Maker, hugo: User) -> None:
    with pytest.raises(ConflictError):
        actions.make_demo_link(hugo.id, now=make.clock.at)


def test_the_list_filters_and_shows_only_the_reader_s_companies(make: Maker, hugo: User) -> None:
    here, there = make.buyer(), make.buyer("Kerlan Énergies")
    denise = with_password(make.staff("Denise", Role.PURCHASING, buyer=here))
    jean = make.staff("Jean", Role.ACCOUNTING, buyer=there)
    alice = make.supplier_user(make.supplier())
    actions.lock(jean.id, reason="x", by=actor(hugo), now=make.clock.at)

    def ids(**wanted: str) -> set[object]:
        return {user.id for user in queries.list_users(UserFilter(**wanted)).items}

    assert ids() == {hugo.id, denise.id, jean.id, alice.id}
    assert ids(kind="supplier") == {alice.id}
    assert ids(role="purchasing") == {denise.id}
    assert ids(state="locked") == {jean.id}
    assert ids(state="invited") == {hugo.id}
    assert ids(state="open") == {denise.id, alice.id}
    assert ids(text="DENI") == {denise.id}
    assert ids(text="%") == set()
    seen = queries.list_users(buyers={here.id}).items
    assert {user.id for user in seen} == {denise.id}
    with pytest.raises(NotFoundError):
        queries.get_user(jean.id, buyers={here.id})


def test_an_ended_mandate_closes_the_supplier_s_door(make: Maker, hugo: User) -> None:
    alice = make.supplier_user(make.supplier())
    [line] = queries.get_user(alice.id).mandates
    make.session_token(alice.id)
    actions.end_mandate(line.mandate.id, by=actor(hugo), now=make.clock.at)
    assert make.visitor(alice).mandates == ()
    assert sessions_of(alice) == 0
    with pytest.raises(ConflictError):
        actions.end_mandate(line.mandate.id, by=actor(hugo), now=make.clock.at)
