"""What counts as a mail address: one person, one recipient, plain letters. Pure."""

from __future__ import annotations

import re

#: RFC 5321 limits; quoted names, comments, address literals and bare hosts are not taken.
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
#: A spreadsheet takes these first letters for a formula, a mail client for an option.
_REFUSED_FIRST = "=+-|"


def mail_address(text: str) -> str | None:
    """The address in lower case, or None when `text` is not exactly one plain address.

    Case does not tell people apart; a tag (`a+tag@…`) does.
    """
    text = text.strip().lower()
    local, at, domain = text.rpartition("@")
    if not at or len(text) > 190 or len(local) > 64 or local[:1] in _REFUSED_FIRST:
        return None
    labels = domain.split(".")
    if len(labels) < 2 or labels[-1].isdigit():
        return None
    if not _LOCAL.fullmatch(local) or not all(_LABEL.fullmatch(label) for label in labels):
        return None
    return text
