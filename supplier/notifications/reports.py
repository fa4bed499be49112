"""Reports of mail servers about mails that did not arrive (RFC 3464), as facts. Pure.

Whoever knows the mailbox may write to it: a report is a claim, which counts only for the mail
and the recipient that it names together.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from enum import StrEnum

from supplier.kernel.addresses import mail_address

#: Larger than any report on a mail of ours, which carries no attachment; read in a second at worst.
MAX_BYTES = 300_000
#: A report has three parts; each part of a mail that nests costs the parser a look at every line.
_MAX_BOUNDARIES = 40
_MAX_RECIPIENTS = 50
#: Nobody needs more to say what a part is; a quote that never ends costs the parser, at each
#: semicolon, a look at everything before it.
_MAX_TYPE = 2000
_TYPES = re.compile(rb"^content-type:[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})\b")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,190}>")


class Fate(StrEnum):
    """What became of a mail at one recipient."""

    #: For good: this address takes no mail from us (status 5.x.x).
    REFUSED = "refused"
    #: Given up although nothing is said against the address (status 4.x.x).
    GIVEN_UP = "given_up"
    #: Still being tried.
    DELAYED = "delayed"


@dataclass(frozen=True, slots=True)
class Failure:
    """One recipient of a report, under every address that the report gives it."""

    addresses: frozenset[str]
    fate: Fate
    #: As in RFC 3463: `5.1.1`.
    status: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a mail server reports about one mail."""

    message_id: str
    failures: tuple[Failure, ...]


def read_report(raw: bytes) -> Report | None:
    """The report that a mail is, or None when it is none or cannot be trusted to be one."""
    if len(raw) > MAX_BYTES or raw.lower().count(b"boundary") > _MAX_BOUNDARIES:
        return None
    # The parser takes each of the three line ends, and so must whoever measures for it.
    lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if any(len(one[0]) > _MAX_TYPE for one in _TYPES.finditer(lines)):
        return None
    try:
        return _read(email.message_from_bytes(raw))
    except Exception:
        # Strangers write here, and the parser has faults of its own on what they send (mails in
        # mails without end, parameters that contradict): what it cannot read is no report.
        return None


def _read(mail: Message) -> Report | None:
    if mail.get_content_type() != "multipart/report":
        return None
    message_id, failures = None, list[Failure]()
    for part in _parts(mail):
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            failures += _failures(part)
        elif kind in {"message/rfc822", "text/rfc822-headers"}:
            message_id = message_id or _original(part)
    if message_id is None or not failures:
        return None
    return Report(message_id, tuple(failures))


def _parts(mail: Message) -> list[Message]:
    """The parts of the report itself, never those of a mail that it carries."""
    parts = mail.get_payload()
    return [one for one in parts if isinstance(one, Message)] if isinstance(parts, list) else []


def _failures(part: Message) -> Iterator[Failure]:
    # The first block speaks of the mail, each one after it of one recipient.
    for block in _parts(part)[1 : _MAX_RECIPIENTS + 1]:
        addresses = frozenset(filter(None, map(
            _address, (block["Final-Recipient"], block["Original-Recipient"])
        )))  # fmt: skip
        status = _STATUS.match(str(block["Status"] or ""))
        fate = _fate(str(block["Action"] or ""), status[1]) if status else None
        if addresses and status and fate:
            yield Failure(addresses, fate, ".".join(status.groups()))


def _fate(action: str, status_class: str) -> Fate | None:
    """None for what is no failure: delivered, relayed, expanded, or a status that contradicts."""
    action = action.partition("(")[0].strip().lower()
    if action == "delayed" and status_class == "4":
        return Fate.DELAYED
    if action == "failed" and status_class in "45":
        return Fate.REFUSED if status_class == "5" else Fate.GIVEN_UP
    return None


def _address(field: object) -> str | None:
    """`rfc822; alice@alpha.example` as the one plain address that it gives, or None."""
    kind, _, text = str(field or "").partition(";")
    if kind.strip().lower() not in {"rfc822", "utf-8"}:
        return None
    text = text.strip()
    if text.startswith("<") and text.endswith(">"):
        text = text[1:-1]
    return mail_address(text)


def _original(part: Message) -> str | None:
    """The Message-ID of the mail that the report is about."""
    if part.get_content_type() == "message/rfc822":
        inner = next(iter(_parts(part)), None)
    else:
        content = part.get_payload(decode=True)
        text = content.decode("ascii", "replace") if isinstance(content, bytes) else ""
        inner = HeaderParser().parsestr(text.lstrip(), headersonly=True)
    found = inner.get_all("Message-ID", []) if inner is not None else []
    if len(found) != 1:  # none, or two that contradict each other
        return None
    one = str(found[0]).strip()
    return one if _MESSAGE_ID.fullmatch(one) else None
