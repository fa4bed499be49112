"""One person, one recipient: what counts as a mail address."""

from __future__ import annotations

import json
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.kernel.addresses import mail_address

HOSTILE = [
    json.loads(line)["email"]
    for line in (Path(__file__).parents[1] / "data" / "emails.jsonl").read_text().splitlines()
]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("alice@alpha.example", "alice@alpha.example"),
        ("  A@EXAMPLE.ORG ", "a@example.org"),
        ("a+tag@example.org", "a+tag@example.org"),
        ("o'brien@sub.alpha-beta.example", "o'brien@sub.alpha-beta.example"),
        ("a@xn--exmple-4nf.org", "a@xn--exmple-4nf.org"),
        ("a..b@example.org", None),
        ("a@localhost", None),
        ("a@127.0.0.1", None),
        ("a@-bad.org", None),
        ("@example.org", None),
        ("a@", None),
        ("", None),
    ],
)
def test_what_is_typed_is_one_plain_address_or_none(typed: str, kept: str | None) -> None:
    assert mail_address(typed) == kept


@pytest.mark.parametrize("typed", HOSTILE)
def test_hostile_addresses_give_one_recipient_or_none(typed: str) -> None:
    kept = mail_address(typed)
    if kept is not None:
        message = EmailMessage()
        message["To"] = kept
        assert [address.addr_spec for address in message["To"].addresses] == [kept]
        assert kept.isascii()
        assert kept.isprintable()


@given(st.text(max_size=60))
def test_no_text_gives_two_recipients(text: str) -> None:
    kept = mail_address(text)
    if kept is not None:
        assert kept.count("@") == 1
        assert not set(kept) & set(' \r\n\t,;<>()"\\:')
        assert mail_address(kept) == kept
