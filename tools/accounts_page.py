"""Write the tables of docs/accounts.md from the code: roles and permissions, limits."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from supplier.accounts.attempts import LIMITS
from supplier.accounts.permissions import GRANTS, ROLE_LABELS, Permission, Role

PAGE = Path(__file__).parent.parent / "docs" / "accounts.md"
WHOM = {
    "password-address": "passwords, by address typed",
    "password-client": "passwords, by client",
    "code-user": "codes and proofs, by user",
    "link-address": "mails asked for, by address typed",
    "link-client": "mails asked for, by client",
    "token-client": "links that open nothing, by client",
    "passkey-client": "passkeys, by client",
    "sso-client": "answers of the group's sign-in, by client",
    "invitation-supplier": "invitations by a supplier's own people, by supplier",
    "upload-user": "files handed in, by supplier user",
    "upload-client": "files handed in, by client",
}


def matrix() -> str:
    """Role × permission, one row a permission."""
    heads = ["permission", *(ROLE_LABELS[role] for role in Role)]
    rows = [
        [f"`{permission}`", *("●" if permission in GRANTS[role] else "" for role in Role)]
        for permission in Permission
    ]
    return table(heads, rows)


def limits() -> str:
    """How often somebody may try."""
    rows = [
        [WHOM[name], ", ".join(f"{one.most} in {length(one.within)}" for one in many)]
        for name, many in LIMITS.items()
    ]
    return table(["what", "at most"], rows)


def length(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    return f"{minutes // 60} h" if minutes >= 60 else f"{minutes} min"


def table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def filled(text: str) -> str:
    """The page with its tables made anew between their marks."""
    for name, made in (("matrix", matrix()), ("limits", limits())):
        pattern = rf"(<!-- {name} -->\n).*?(<!-- end -->)"
        text = re.sub(
            pattern, lambda found, made=made: found[1] + made + "\n" + found[2], text, flags=re.S
        )
    return text


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text("utf-8")), "utf-8")
