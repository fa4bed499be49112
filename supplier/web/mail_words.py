"""What a page says of a mail that was just written."""

from __future__ import annotations

from flask_babel import gettext

from supplier.notifications import outbox


def on_its_way(words: str) -> str:
    """`words`, or that the mail waits where no mail server is configured."""
    if outbox.mail_waits():
        return gettext("Recorded. The mail waits: no mail server is configured yet.")
    return words
