"""The pages where administrators look after people and programs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from supplier.accounts import actions, queries
from supplier.accounts.clients import SCOPES
from supplier.accounts.models import ApiClient, StaffScope, User
from supplier.accounts.permissions import Role
from supplier.kernel.audit import Event
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import db, new_id, reading
from tests.accounts.ready import mails, with_password, with_totp
from tests.make import Maker, actor
from tests.web.posting import post

Browse = Callable[[UUID], FlaskClient]


@pytest.fixture
def hugo(make: Maker) -> User:
    return make.staff("Hugo Admin", Role.ADMINISTRATOR)


@pytest.fixture
def admin(browse: Browse, hugo: User) -> FlaskClient:
    return browse(hugo.id)


def test_an_invitation_leads_on_to_a_role(admin: FlaskClient, make: Maker) -> None:
    buyer = make.buyer()
    sent = {"name": "Denise", "email": "denise@kerlan.example", "language": "fr"}
    answer = post(admin, "/desk/users/new", sent)
    assert answer.status_code == 303
    assert [mail["kind"] for mail in mails()] == ["invitation_staff"]
    chosen = {"role": "purchasing", "buyer": str(buyer.id)}
    assert post(admin, answer.location, chosen).status_code == 303
    with reading() as session:
        user = session.scalars(select(User).where(User.email == sent["email"])).one()
        scope = session.scalars(select(StaffScope).where(StaffScope.user_id == user.id)).one()
    assert (scope.role, scope.buyer_id) == ("purchasing", buyer.id)


def test_a_taken_address_is_said_at_its_field_and_nothing_is_lost(
    admin: FlaskClient, hugo: User
) -> None:
    sent = {"name": "Le Même", "email": hugo.email, "language": "de"}
    answer = post(admin, "/desk/users/new", sent)
    body = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="email-error"' in body
    assert "Le Même" in body


def test_a_role_is_approved_by_another_administrator(
    admin: FlaskClient, browse: Browse, make: Maker, hugo: User
) -> None:
    emile = make.user("Émile")
    scope = actions.grant_role(
        emile.id, role=Role.BANK_VALIDATOR, buyer_id=None, by=actor(hugo), now=make.clock.at
    )
    url = f"/desk/users/roles/{scope.id}/approve"
    assert f'action="{url}"' not in admin.get("/desk/users/").get_data(as_text=True)
    assert post(admin, url, page="/desk/users/").status_code == 422
    other = browse(make.staff("Inès", Role.ADMINISTRATOR).id)
    assert f'action="{url}"' in other.get("/desk/users/").get_data(as_text=True)
    assert post(other, url, page="/desk/users/").status_code == 303
    assert post(other, url, page="/desk/users/").status_code == 409


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("lock", {"reason": "Départ"}),
        ("address", {"email": "new@kerlan.example", "reason": "Vue au bureau"}),
        ("factors/reset", {"check": "Rappelée au 02 61 91 04 00"}),
    ],
)
def test_each_act_has_a_page_demands_its_reason_and_a_fresh_proof(
    admin: FlaskClient, make: Maker, clock: FixedClock, path: str, sent: dict[str, str]
) -> None:
    denise = with_password(make.staff("Denise", Role.PURCHASING))
    with_totp(denise, clock.at)
    url = f"/desk/users/{denise.id}/{path}"
    assert admin.get(url).status_code == 200
    assert post(admin, url, dict.fromkeys(sent, "")).status_code == 422
    assert post(admin, url, sent).status_code == 303
    clock.at += timedelta(minutes=6)
    assert admin.get(url).location.startswith("/prove?next=/desk/users/")


def test_a_role_is_taken_away_with_a_reason_and_after_a_question(
    admin: FlaskClient, make: Maker
) -> None:
    denise = make.staff("Denise Achats", Role.PURCHASING)
    line = queries.get_user(denise.id, buyers=None).roles[0]
    url = f"/desk/users/roles/{line.scope.id}/end"
    asked = admin.get(url).get_data(as_text=True)
    assert "Denise Achats" in asked
    assert queries.get_user(denise.id, buyers=None).roles[0].scope.ended_at is None
    assert post(admin, url, {"reason": ""}).status_code == 422
    assert post(admin, url, {"reason": "Change de service."}).status_code == 303
    with reading() as session:
        ended = session.scalars(select(Event).where(Event.kind == "role_ended")).one()
    assert ended.reason == "Change de service."
    assert not make.visitor(denise).grants


def test_small_acts_work_from_the_user_s_page(admin: FlaskClient, make: Maker, hugo: User) -> None:
    jean = actions.invite_staff(
        "jean@kerlan.example", name="Jean", language="fr", by=actor(hugo), now=make.clock.at
    )
    make.session_token(jean.id)
    page = f"/desk/users/{jean.id}"
    assert post(admin, f"{page}/invitation", page=page).status_code == 303
    assert post(admin, f"{page}/sessions/end", page=page).status_code == 303
    actions.lock(jean.id, reason="Départ", by=actor(hugo), now=make.clock.at)
    assert post(admin, f"{page}/unlock", page=page).status_code == 303
    assert [mail["kind"] for mail in mails()] == ["invitation_staff"] * 2


def test_a_supplier_user_s_mandate_is_ended_there(admin: FlaskClient, make: Maker) -> None:
    alice = make.supplier_user(make.supplier())
    [line] = queries.get_user(alice.id).mandates
    page = f"/desk/users/{alice.id}"
    assert post(admin, f"{page}/mandates/{line.mandate.id}/end", page=page).status_code == 303
    assert queries.get_user(alice.id).mandates == []


@pytest.fixture(autouse=True)
def harmless_scope(monkeypatch: pytest.MonkeyPatch) -> None:
    """A right that opens no bank data, as the API may have one day: its key needs one person."""
    monkeypatch.setitem(SCOPES, "suppliers:read", "Read suppliers")


def test_a_key_is_shown_in_one_answer_only(admin: FlaskClient, make: Maker) -> None:
    sent = {"name": "Comptabilité", "scopes": ["suppliers:read"], "buyer": ""}
    assert post(admin, "/desk/programs/new", {**sent, "scopes": []}).status_code == 422
    shown = post(admin, "/desk/programs/new", sent).get_data(as_text=True)
    found = re.search(r"vg_[\w-]{43}", shown)
    assert found is not None
    assert found.group() not in admin.get("/desk/programs/").get_data(as_text=True)
    with reading() as session:
        client = session.scalars(select(ApiClient)).one()
    url = f"/desk/programs/{client.id}/revoke"
    assert post(admin, url, page="/desk/programs/").status_code == 303
    assert post(admin, url, page="/desk/programs/").status_code == 409


@pytest.mark.parametrize("role", [Role.ACCOUNTING, Role.BANK_VALIDATOR])
def test_the_key_of_a_program_that_reads_accounts_is_shown_to_its_approver_alone(
    admin: FlaskClient, browse: Browse, make: Maker, role: Role
) -> None:
    sent = {"name": "ERP Kerlan", "scopes": ["bank:read"], "buyer": ""}
    asked = post(admin, "/desk/programs/new", sent)
    assert asked.status_code == 303
    assert "Attend l’accord de la comptabilité" in admin.get("/desk/programs/").get_data(True)
    farid = browse(make.staff("Farid", role).id)
    room = "/desk/bank-programs/"
    assert "ERP Kerlan" in farid.get(room).get_data(as_text=True)
    with reading() as session:
        client = session.scalars(select(ApiClient)).one()
    shown = post(farid, f"{room}{client.id}/approve", page=room)
    found = re.search(r"vg_[\w-]{43}", shown.get_data(as_text=True))
    assert found is not None
    assert shown.headers["Cache-Control"] == "no-store"
    for page in (admin.get("/desk/programs/"), farid.get(room)):
        assert found.group() not in page.get_data(as_text=True)
    assert post(farid, f"{room}{client.id}/approve", page=room).status_code == 409
    assert post(farid, f"{room}{client.id}/refuse", page=room).status_code == 409
    assert post(farid, f"{room}{client.id}/revoke", page=room).status_code == 303
    assert "ERP Kerlan" not in farid.get(room).get_data(as_text=True)


def test_a_refused_program_is_told_to_the_administrator(
    admin: FlaskClient, browse: Browse, make: Maker
) -> None:
    post(admin, "/desk/programs/new", {"name": "ERP", "scopes": ["bank:read"], "buyer": ""})
    with reading() as session:
        client = session.scalars(select(ApiClient)).one()
    farid = browse(make.staff("Farid", Role.ACCOUNTING).id)
    url = f"/desk/bank-programs/{client.id}/refuse"
    assert post(farid, url, page="/desk/bank-programs/").status_code == 303
    assert "Refusé ou retiré" in admin.get("/desk/programs/").get_data(as_text=True)


def test_everybody_else_finds_no_such_page(browse: Browse, make: Maker, hugo: User) -> None:
    pages = ["/desk/users/", "/desk/users/new", f"/desk/users/{hugo.id}", "/desk/programs/",
             f"/desk/users/{hugo.id}/lock", "/desk/programs/new"]  # fmt: skip
    others = [make.staff(role.value, role).id for role in Role if role != Role.ADMINISTRATOR]
    for user_id in (*others, make.supplier_user(make.supplier()).id):
        client = browse(user_id)
        assert [client.get(page).status_code for page in pages] == [404] * len(pages)


def test_an_unknown_user_is_not_found(admin: FlaskClient) -> None:
    for path in ("", "/lock", "/address", "/factors/reset", "/roles/new"):
        assert admin.get(f"/desk/users/{new_id()}{path}").status_code == 404


@pytest.mark.parametrize("url", ["/desk/users/", "/desk/users/{id}", "/desk/programs/"])
def test_pages_ask_a_constant_number_of_questions(
    app: Flask, admin: FlaskClient, make: Maker, hugo: User, url: str
) -> None:
    counts = []
    admin.get("/desk/users/")  # the privacy notice is noted once
    for _ in range(2):
        for number in range(4):
            denise = make.staff(f"Denise {number}", Role.PURCHASING, Role.ACCOUNTING)
            actions.create_api_client(
                "X", scopes=["bank:read"], buyer_id=None, by=actor(hugo), now=make.clock.at
            )
        counts.append(_statements(admin, url.format(id=denise.id)))
    assert counts[0] == counts[1] <= 12


def _statements(client: FlaskClient, url: str) -> int:
    seen: list[str] = []

    def note(*args: Any) -> None:
        seen.append(args[2])

    event.listen(db.engine, "before_cursor_execute", note)
    assert client.get(url).status_code == 200
    event.remove(db.engine, "before_cursor_execute", note)
    return len([text for text in seen if not text.startswith(("BEGIN", "PRAGMA"))])
