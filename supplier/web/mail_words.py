"""What a page says of a mail: of one that was just written, and why one did not arrive."""

from __future__ import annotations

from flask_babel import gettext, ngettext

from supplier.kernel.i18n import N_
from supplier.notifications import outbox

#: RFC 3463: subject and detail of a status, the exact one first, then its subject alone.
_FAULTS: dict[str, str] = {
    "1.1": N_("The server does not know this address."),
    "1.2": N_("The part after the @ does not exist."),
    "1.10": N_("The server does not know this address."),
    "1": N_("The server does not take this address."),
    "2.1": N_("This mailbox is closed."),
    "2.2": N_("This mailbox is full."),
    "2.3": N_("The server takes no mail of this size."),
    "2": N_("This mailbox takes no mail."),
    "3.4": N_("The server takes no mail of this size."),
    "3": N_("Their mail server is out of order."),
    "4.1": N_("Their mail server does not answer or does not know this address."),
    "4.7": N_("Their mail server did not take it for days."),
    "4": N_("Their mail server could not be reached."),
    "7": N_("Their mail server refuses mail from ours."),
}

#: What a try ended with, as the outbox notes it: the name of an error, sometimes a code.
_TRIES: dict[str, str] = {
    "UnavailableError": N_("no mail server is configured"),
    "SMTPAuthenticationError": N_("our mail server refuses our password"),
    "SMTPRecipientsRefused": N_("the address was not taken for the moment"),
    "SMTPSenderRefused": N_("our mail server refuses our own address"),
    "SMTPDataError": N_("our mail server did not take the mail"),
    "SMTPNotSupportedError": N_("our mail server lacks something that the settings ask for"),
    "SSLCertVerificationError": N_("the certificate of our mail server is not right"),
    "TimeoutError": N_("our mail server does not answer"),
    "gaierror": N_("the name of our mail server is not known"),
    **dict.fromkeys(
        ("ConnectionRefusedError", "ConnectionResetError", "SMTPServerDisconnected",
         "SMTPConnectError", "OSError", "SSLError", "SMTPHeloError"),
        N_("our mail server could not be reached"),
    ),
}  # fmt: skip


def fault_words(code: str | None) -> str:
    """Why a mail did not arrive, with the code: `550` while it was sent, `5.1.1` by a report."""
    code = code or ""
    status_class, _, detail = code.partition(".")
    known = _FAULTS.get(detail) or _FAULTS.get(detail.partition(".")[0])
    if known:
        return f"{gettext(known)} ({code})"
    if status_class == "4":
        return gettext("The server gave up (%(code)s).", code=code)
    return gettext("The server refused the address (%(code)s).", code=code)


def try_words(noted: str | None) -> str:
    """Why a try did not succeed; an error without words of its own is for the administrator."""
    name, _, code = (noted or "").partition(" ")
    words = gettext(_TRIES.get(name, N_("the administrator finds the reason in the log")))
    return f"{words} ({code})" if code else words


def on_its_way(words: str) -> str:
    """`words`, or that the mail waits where no mail server is configured."""
    if outbox.mail_waits():
        return gettext("Recorded. The mail waits: no mail server is configured yet.")
    return words


def on_their_way(number: int) -> str:
    """The same of several mails, counted."""
    if outbox.mail_waits():
        return ngettext(
            "%(num)d mail waits: no mail server is configured yet.",
            "%(num)d mails wait: no mail server is configured yet.",
            number,
        )
    return ngettext("%(num)d mail is on its way.", "%(num)d mails are on their way.", number)
