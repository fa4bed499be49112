"""What a report of a mail server says, and what is no report however much it looks like one."""

from __future__ import annotations

from functools import reduce

import pytest

from supplier.notifications.reports import MAX_BYTES, Fate, read_report
from tests.notifications.reports import (
    ALICE,
    EXCHANGE,
    GMAIL,
    OURS,
    POSTFIX,
    READ_RECEIPT,
    VACATION,
    block,
    report,
)

FOUND = {
    "postfix": (POSTFIX, "refused", "5.1.1"),
    "exchange in french": (EXCHANGE, "refused", "5.1.10"),
    "gmail": (GMAIL, "refused", "5.1.1"),
    "a full mailbox": (report(block(status="5.2.2")), "refused", "5.2.2"),
    "given up after days": (report(block(status="4.4.7")), "given_up", "4.4.7"),
    "still tried": (report(block(action="delayed", status="4.4.1")), "delayed", "4.4.1"),
    "headers alone": (report(block(), original="text/rfc822-headers"), "refused", "5.1.1"),
    "a comment behind": (report(block(action="failed (bad destination)")), "refused", "5.1.1"),
    "words of the server": (report(block(status="5.0.0 (permanent failure)")), "refused", "5.0.0"),
    "angle brackets": (report(block(to=f"<{ALICE}>")), "refused", "5.1.1"),
    "capitals": (report(block(to="Alice@ALPHA.example", action="Failed")), "refused", "5.1.1"),
    "german": (
        report(block(), text="Unzustellbar: Empfänger unbekannt – 不明"), "refused", "5.1.1"
    ),
    "windows line ends": (report(block()).replace(b"\n", b"\r\n"), "refused", "5.1.1"),
    "broken bytes in the words": (
        report(block(), text="REPLACED").replace(b"REPLACED", b"\xff\xfe\x00\xe9"),
        "refused", "5.1.1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_a_report_says_which_mail_which_recipient_and_why(name: str) -> None:
    raw, fate, status = FOUND[name]
    found = read_report(raw)
    assert found is not None
    assert found.message_id == OURS
    [one] = found.failures
    assert (one.addresses, one.fate, one.status) == ({ALICE}, Fate(fate), status)


def test_a_forwarded_mail_names_both_addresses() -> None:
    found = read_report(
        report(block(to="home@private.example", more=f"Original-Recipient: rfc822;{ALICE}\n"))
    )
    assert found is not None
    assert found.failures[0].addresses == {ALICE, "home@private.example"}


def test_each_of_several_recipients_has_its_own_fate() -> None:
    found = read_report(
        report(
            block(to="bob@alpha.example", action="delivered", status="2.0.0"),
            block(to="carole@alpha.example", action="delayed", status="4.2.0"),
            block(),
        )
    )
    assert found is not None
    fates = {address: one.fate for one in found.failures for address in one.addresses}
    assert fates == {"carole@alpha.example": Fate.DELAYED, ALICE: Fate.REFUSED}


def nested(levels: int) -> bytes:
    """A report in a mail in a mail…"""
    wrap = b"Content-Type: message/rfc822\n\n"
    return reduce(lambda inner, _: wrap + inner, range(levels), report(block()))


def multiparts(levels: int) -> bytes:
    head = "".join(
        f'Content-Type: multipart/report; boundary="b{one}"\n\n--b{one}\n' for one in range(levels)
    )
    return head.encode() + b"Content-Type: text/plain\n\n" + b"x\n" * 20_000


NOTHING = {
    "an absence": VACATION,
    "a read receipt": READ_RECEIPT,
    "empty": b"",
    "no mail": b"\x00\xff" * 500,
    "delivered": report(block(action="delivered", status="2.1.5")),
    "relayed": report(block(action="relayed", status="2.0.0")),
    "failed and well": report(block(status="2.0.0")),
    "delayed for good": report(block(action="delayed", status="5.1.1")),
    "no status": report(block(status="")),
    "a status in words": report(block(status="permanent")),
    "no recipient": report("Action: failed\nStatus: 5.1.1"),
    "two recipients in one": report(block(to=f"{ALICE}, bob@beta.example")),
    "a fax": report(block().replace("rfc822;", "fax;")),
    "no facts": report(),
    "no message id": report(block(), message_id=""),
    "a message id in words": report(block(), message_id="the one of yesterday"),
    "two message ids": report(block(), message_id=f"<other@example>\nMessage-ID: {OURS}"),
    "only a quoted report": report(block()).replace(b"multipart/report", b"multipart/mixed"),
    "a report that somebody forwards": nested(1),
    "deeply nested mails": nested(3_000),
    "deeply nested parts": multiparts(300),
    # A quote among them that never ends took the parser a minute and a half.
    "a type without end": report(block()).replace(
        b"Content-Type: multipart/report;", b"Content-Type: multipart/report" + b";" * 3_000
    ),
    "a type without end over many lines": report(block()).replace(
        b"Content-Type: multipart/report;", b"Content-Type: multipart/report;" + b"\r ;" * 1_000
    ),
    "too large": report(block(), text="x" * MAX_BYTES),
}


@pytest.mark.parametrize("name", NOTHING)
def test_what_is_no_report_on_a_mail_of_ours_says_nothing(name: str) -> None:
    assert read_report(NOTHING[name]) is None


def test_a_list_of_recipients_without_end_is_cut() -> None:
    found = read_report(report(*(block(to=f"a{one}@alpha.example") for one in range(500))))
    assert found is not None
    assert len(found.failures) == 50
