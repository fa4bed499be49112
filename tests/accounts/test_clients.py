"""Programs: a key shown once, rights in words, dead when revoked; bank data needs a second yes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from supplier.accounts import actions, queries
from supplier.accounts.clients import SCOPES
from supplier.accounts.models import ApiClient, User
from supplier.accounts.permissions import Role
from supplier.kernel.audit import SYSTEM
from supplier.kernel.database import reading, transaction
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from tests.accounts.ready import events
from tests.make import Maker, actor


@pytest.fixture(autouse=True)
def harmless_scope(monkeypatch: pytest.MonkeyPatch) -> None:
    """A right that opens no bank data, as the API may have one day: its key needs one person."""
    monkeypatch.setitem(SCOPES, "suppliers:read", "Read suppliers")


def test_a_key_is_found_until_it_is_revoked(make: Maker) -> None:
    hugo, now = make.staff("Hugo", Role.ADMINISTRATOR), make.clock.at
    client, key = actions.create_api_client(
        "Comptabilité", scopes=["suppliers:read"], buyer_id=None, by=actor(hugo), now=now
    )
    assert key is not None
    assert key.startswith("vg_")
    assert len(key) >= 46
    assert key not in str(vars(client))
    assert key.startswith(str(client.key_prefix))
    with reading() as session:
        found = actions.find_api_client(session, key, now)
        assert found is not None
        assert found.id == client.id
        for wrong in (key + "x", key[:-1], "vg_", "", str(client.key_hash)):
            assert actions.find_api_client(session, wrong, now) is None
    actions.revoke_api_client(client.id, by=actor(hugo), now=now)
    with reading() as session:
        assert actions.find_api_client(session, key, now) is None
    with pytest.raises(ConflictError):
        actions.revoke_api_client(client.id, by=actor(hugo), now=now)
    assert events(client.id) == ["api_client_created", "api_client_revoked"]


def test_a_program_without_name_or_with_unknown_rights_is_refused(make: Maker) -> None:
    hugo, now = make.staff("Hugo", Role.ADMINISTRATOR), make.clock.at
    wrong = [("", ["bank:read"], "name"), ("X", [], "scopes"), ("X", ["all"], "scopes")]
    for name, scopes, field in wrong:
        with pytest.raises(DomainError) as refusal:
            actions.create_api_client(name, scopes=scopes, buyer_id=None, by=actor(hugo), now=now)
        assert refusal.value.field == field


def test_who_administers_one_company_makes_keys_there_only(make: Maker) -> None:
    hugo, here = make.staff("Hugo", Role.ADMINISTRATOR), make.buyer()
    now = make.clock.at
    with pytest.raises(NotFoundError):
        actions.create_api_client(
            "X", scopes=["bank:read"], buyer_id=None, by=actor(hugo), now=now, within={here.id}
        )
    client, _ = actions.create_api_client(
        "X", scopes=["bank:read"], buyer_id=here.id, by=actor(hugo), now=now
    )
    with pytest.raises(NotFoundError):
        actions.revoke_api_client(client.id, by=actor(hugo), now=now, within=set())
    assert queries.list_api_clients(buyers=set()) == []
    assert [line.buyer_name for line in queries.list_api_clients()] == [here.name]


def test_use_is_remembered_once_a_minute(make: Maker) -> None:
    hugo, now = make.staff("Hugo", Role.ADMINISTRATOR), make.clock.at
    client, _ = actions.create_api_client(
        "X", scopes=["bank:read"], buyer_id=None, by=actor(hugo), now=now
    )
    seen = []
    for seconds in (0, 30, 61):
        [line] = queries.list_api_clients()
        actions.note_api_use(line.client, now=now + timedelta(seconds=seconds))
        seen.append(queries.list_api_clients()[0].client.last_used_at)
    assert client.last_used_at is None
    assert seen == [now, now, now + timedelta(seconds=61)]


BANK = ["bank:read", "suppliers:read"]


def asked(make: Maker, by: User, **values: Any) -> ApiClient:
    client, key = actions.create_api_client(
        "ERP", scopes=BANK, by=actor(by), now=make.clock.at, **{"buyer_id": None, **values}
    )
    assert key is None
    return client


def opens(key: str | None, make: Maker) -> bool:
    with reading() as session:
        return actions.find_api_client(session, key or "", make.clock.at) is not None


def test_a_program_that_asks_for_bank_data_has_no_key_before_a_second_yes(make: Maker) -> None:
    hugo, farid = make.staff("Hugo", Role.ADMINISTRATOR), make.staff("Farid", Role.ACCOUNTING)
    client = asked(make, hugo)
    assert (client.key_hash, client.key_prefix) == (None, None)
    _, key = actions.approve_api_client(client.id, by=actor(farid), now=make.clock.at)
    assert opens(key, make)
    assert events(client.id) == ["api_client_created", "api_client_approved"]
    with pytest.raises(ConflictError):
        actions.approve_api_client(client.id, by=actor(farid), now=make.clock.at)
    assert opens(key, make)


def test_whoever_asked_for_a_program_does_not_approve_it(make: Maker) -> None:
    hugo = make.staff("Hugo", Role.ADMINISTRATOR)
    client = asked(make, hugo)
    for wrong in (actor(hugo), SYSTEM):
        with pytest.raises(DomainError):
            actions.approve_api_client(client.id, by=wrong, now=make.clock.at)
    assert events(client.id) == ["api_client_created"]


def test_a_program_is_approved_by_those_whom_its_company_concerns(make: Maker) -> None:
    hugo, farid = make.staff("Hugo", Role.ADMINISTRATOR), make.staff("Farid", Role.ACCOUNTING)
    here, there = make.buyer(), make.buyer("Armor Énergies")
    ours, group = asked(make, hugo, buyer_id=here.id), asked(make, hugo)
    for client in (ours, group):
        with pytest.raises(NotFoundError):
            actions.approve_api_client(
                client.id, by=actor(farid), now=make.clock.at, within={there.id}
            )
    assert queries.list_bank_programs(buyers={there.id}) == []
    seen = queries.list_bank_programs(buyers={here.id})
    assert [line.client.id for line in seen] == [ours.id]
    _, key = actions.approve_api_client(
        ours.id, by=actor(farid), now=make.clock.at, within={here.id}
    )
    assert opens(key, make)


def test_a_refused_program_is_over(make: Maker) -> None:
    hugo, farid = make.staff("Hugo", Role.ADMINISTRATOR), make.staff("Farid", Role.ACCOUNTING)
    client = asked(make, hugo)
    actions.refuse_api_client(client.id, by=actor(farid), now=make.clock.at)
    for act in (actions.approve_api_client, actions.refuse_api_client, actions.revoke_api_client):
        with pytest.raises(ConflictError):
            act(client.id, by=actor(farid), now=make.clock.at)
    assert events(client.id) == ["api_client_created", "api_client_refused"]


def test_a_program_without_bank_rights_waits_for_nobody(make: Maker) -> None:
    hugo, farid = make.staff("Hugo", Role.ADMINISTRATOR), make.staff("Farid", Role.ACCOUNTING)
    client, key = actions.create_api_client(
        "X", scopes=["suppliers:read"], buyer_id=None, by=actor(hugo), now=make.clock.at
    )
    assert opens(key, make)
    for act in (actions.approve_api_client, actions.refuse_api_client):
        with pytest.raises(ConflictError):
            act(client.id, by=actor(farid), now=make.clock.at)


def test_a_right_on_bank_data_that_was_slipped_into_a_key_closes_the_key(make: Maker) -> None:
    """Whoever can write into the table still finds no way round the second person."""
    hugo = make.staff("Hugo", Role.ADMINISTRATOR)
    client, key = actions.create_api_client(
        "X", scopes=["suppliers:read"], buyer_id=None, by=actor(hugo), now=make.clock.at
    )
    with transaction() as session:
        session.get_one(ApiClient, client.id).scopes = BANK
    assert not opens(key, make)
