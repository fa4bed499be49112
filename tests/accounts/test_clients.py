"""Programs: a key shown once, rights in words, dead when revoked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from supplier.accounts import actions, queries
from supplier.accounts.permissions import Role
from supplier.kernel.database import reading
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from tests.accounts.ready import events
from tests.make import Maker, actor


def test_a_key_is_found_until_it_is_revoked(make: Maker) -> None:
    hugo, now = make.staff("Hugo", Role.ADMINISTRATOR), make.clock.at
    client, key = actions.create_api_client(
        "Comptabilité", scopes=["bank:read"], buyer_id=None, by=actor(hugo), now=now
    )
    assert key.startswith("vg_")
    assert len(key) >= 46
    assert key not in str(vars(client))
    assert key.startswith(client.key_prefix)
    with reading() as session:
        found = actions.find_api_client(session, key, now)
        assert found is not None
        assert found.id == client.id
        for wrong in (key + "x", key[:-1], "vg_", "", client.key_hash):
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
