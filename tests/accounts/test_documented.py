"""The page on accounts says what the code does."""

from __future__ import annotations

from supplier.accounts.attempts import LIMITS
from supplier.accounts.permissions import GRANTS, Permission, Role
from tools.accounts_page import PAGE, WHOM, filled


def test_the_tables_of_the_page_are_those_of_the_code() -> None:
    text = PAGE.read_text("utf-8")
    assert filled(text) == text
    assert all(f"`{permission}`" in text for permission in Permission)


def test_every_limit_has_its_words() -> None:
    assert set(WHOM) == set(LIMITS)


def test_every_permission_has_a_holder_and_every_role_its_permissions() -> None:
    assert set().union(*GRANTS.values()) == set(Permission)
    assert set(GRANTS) == set(Role)


def test_administrators_never_see_bank_data_and_auditors_change_nothing() -> None:
    bank = {permission for permission in Permission if permission.value.startswith("bank.")}
    assert not GRANTS[Role.ADMINISTRATOR] & bank
    reading = {
        Permission.DESK, Permission.PROOF_MAKE,
        *(one for one in Permission if one.value.endswith(".read")),
    }  # fmt: skip
    assert GRANTS[Role.AUDITOR] <= reading
