"""The smaller lists of the desk: each order with two rows, and what they give as a file."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from supplier.accounts.permissions import Role
from supplier.accounts.queries import USER_SORTS
from tests.make import Maker

Browse = Callable[[uuid.UUID], FlaskClient]
BOTH_WAYS = pytest.mark.parametrize("a_comes_first", [True, False])


def first_row(client: FlaskClient, url: str) -> str:
    """Which of the two rows stands first in the table of a page."""
    answer = client.get(url)
    assert answer.status_code == 200
    shown = answer.get_data(as_text=True)
    rows: list[str] = re.findall(r"ROW-[AB]", shown[shown.index("<tbody>") :])
    assert set(rows) == {"ROW-A", "ROW-B"}
    return rows[0]


def in_turn(a_comes_first: bool, *writes: Callable[[], object]) -> None:
    """Write both rows, in both ways round: the order of writing must decide nothing."""
    for write in writes if a_comes_first else reversed(writes):
        write()


@pytest.mark.parametrize(
    ("sort", "first"), list(zip(USER_SORTS, ("ROW-A", "ROW-B", "ROW-B"), strict=True))
)
@BOTH_WAYS
def test_users_stand_in_the_order_that_was_asked(
    make: Maker, browse: Browse, sort: str, first: str, a_comes_first: bool
) -> None:
    admin = browse(make.staff("Hugo Admin", Role.ADMINISTRATOR).id)
    in_turn(
        a_comes_first,
        lambda: make.user("ROW-A", email="z@kerlan.example", password_hash="x"),
        lambda: make.user("ROW-B", email="a@kerlan.example", locked_at=make.clock.at),
    )
    assert first_row(admin, f"/desk/users/?sort={sort}") == first


def test_users_are_given_as_a_file_as_they_are_filtered(make: Maker, browse: Browse) -> None:
    admin = browse(make.staff("Hugo Admin", Role.ADMINISTRATOR).id)
    make.user("=cmd|' /C calc'!A0", email="formula@kerlan.example")
    make.supplier_user(make.supplier("Alpha"), "Alice Martin")
    answer = admin.get("/desk/users/?format=csv&kind=staff")
    body = answer.get_data(as_text=True)
    assert "users.csv" in answer.headers["Content-Disposition"]
    assert "\"'=cmd" in body
    assert "Administrat" in body
    assert "Alice" not in body
    assert admin.get("/desk/users/?format=xlsx").data.startswith(b"PK")
    auditor = browse(make.staff("Basile", Role.AUDITOR).id)
    assert auditor.get("/desk/users/?format=csv").status_code in {403, 404}
