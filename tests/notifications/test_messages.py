"""Mails as values: complete in three languages, plain in their headers, harmless in their HTML."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from flask import Flask

from supplier.adapters.mail import Mail, as_message
from supplier.notifications import messages
from supplier.notifications.messages import (
    Asked,
    Asker,
    EscalationLine,
    Message,
    Person,
    RefusedPaper,
    ReminderLine,
)
from supplier.notifications.rendering import one_line

AT = datetime(2026, 12, 7, 9, 0, tzinfo=UTC)
DAY = date(2026, 12, 7)
ASKER = Asker("Kerlan Bâtiment", "Karim Benali", "02 61 91 04 00")
URSSAF = "Social security certificate"
WHERE = "Sign the statement here on the portal; it takes one minute."
PAPER = RefusedPaper(URSSAF, "urssaf.pdf", ("This paper is too old.",), WHERE, "Datée de mai.")
LINE = ReminderLine("Lebrun", "Kerlan Bâtiment", URSSAF, WHERE, DAY, False, "CT-2025-0118")
LATE = ReminderLine("Lebrun", "Kerlan Énergies", "Registration", WHERE, DAY, True)
SILENT = EscalationLine(
    "Lebrun", URSSAF, DAY, Decimal("46850.40"), "Nadia Lebrun", "02 61 91 08 30",
    "http://localhost/desk/suppliers/1",
)  # fmt: skip

MAILS: dict[str, Callable[[Person], Message]] = {
    "invitation_supplier": lambda to: messages.invitation_supplier(
        to, token="TOKEN", supplier="Lebrun", asker=ASKER, papers=[Asked(URSSAF, WHERE)],
        expires_at=AT, contract="CT-2025-0118, résidence Les Tilleuls",
    ),
    "invitation_staff": lambda to: messages.invitation_staff(
        to, token="TOKEN", expires_at=AT, invited_by="Hugo Admin"
    ),
    "sign_in_link": lambda to: messages.sign_in_link(to, token="TOKEN", expires_at=AT),
    "password_reset": lambda to: messages.password_reset(to, token="TOKEN", expires_at=AT),
    "factor_reset": lambda to: messages.factor_reset(to, token="TOKEN", expires_at=AT),
    "credential_changed": lambda to: messages.credential_changed(to, at=AT),
    "address_changed": lambda to: messages.address_changed(to, at=AT),
    "new_sign_in": lambda to: messages.new_sign_in(to, at=AT),
    "reminder": lambda to: messages.reminder(to, lines=[LATE, LINE], asker=ASKER),
    "escalation": lambda to: messages.escalation(to, lines=[SILENT], company="Kerlan Bâtiment"),
    "document_refused": lambda to: messages.document_refused(
        to, supplier="Lebrun", papers=[PAPER], asker=ASKER
    ),
    "contest_answered": lambda to: messages.contest_answered(
        to, supplier="Lebrun", paper=PAPER, accepted=False, asker=ASKER
    ),
    "bank_submitted": lambda to: messages.bank_submitted(
        to, supplier="Lebrun", ending="0189", by="Nadia Lebrun", at=AT, asker=ASKER
    ),
    "bank_approved": lambda to: messages.bank_approved(
        to, supplier="Lebrun", ending="0189", active_from=AT, asker=ASKER
    ),
    "bank_refused": lambda to: messages.bank_refused(
        to, supplier="Lebrun", ending="0189", reason="Autre titulaire", asker=ASKER
    ),
    "bank_blocked": lambda to: messages.bank_blocked(
        to, supplier="Lebrun", ending="0189", asker=ASKER
    ),
    "policy_tightened": lambda to: messages.policy_tightened(
        to, label=URSSAF, everything=False, read=12, wrong=2, page="/desk/quality/"
    ),
    "rights_news": lambda to: messages.rights_news(to, number="DP-2026-0007"),
    "rights_received": lambda to: messages.rights_received(to, number="D-2026-0007", due_on=DAY),
}  # fmt: skip


def nadia(language: str = "fr") -> Person:
    return Person("nadia@lebrun.example", "Nadia Lebrun", language)


@pytest.mark.parametrize("language", ["fr", "en", "de"])
@pytest.mark.parametrize("name", sorted(MAILS))
def test_every_mail_stands_in_three_languages(app: Flask, name: str, language: str) -> None:
    message = MAILS[name](nadia(language))
    assert message.kind == name
    assert message.subject
    assert "\n" not in message.subject
    assert f'lang="{language}"' in message.html
    assert "Nadia Lebrun" in message.text
    assert "%(" not in message.subject + message.text + message.html
    assert "{" not in message.text


@pytest.mark.parametrize("name", sorted(MAILS))
def test_french_and_german_say_it_in_their_own_words(app: Flask, name: str) -> None:
    texts = [MAILS[name](nadia(language)).text for language in ("fr", "en", "de")]
    assert len(set(texts)) == 3


@pytest.mark.parametrize("name", sorted(MAILS))
def test_links_lead_to_vigie_and_nowhere_else(app: Flask, name: str) -> None:
    message = MAILS[name](nadia())
    for address in re.findall(r"https?://[^\s\"<]+", message.text + message.html):
        assert address.startswith("http://localhost/")


@pytest.mark.parametrize("name", sorted(MAILS))
def test_the_text_says_what_the_html_says(app: Flask, name: str) -> None:
    message = MAILS[name](nadia())
    for link in re.findall(r'href="([^"]+)"', message.html):
        assert link in message.text
    assert "<" not in message.text


def test_an_invitation_says_who_asks_for_which_contract_and_whom_to_call(app: Flask) -> None:
    message = MAILS["invitation_supplier"](nadia())
    for body in (message.text, message.html):
        for fact in ("Karim Benali", "Kerlan Bâtiment", "CT-2025-0118", "02 61 91 04 00"):
            assert fact in body
        assert "http://localhost/link/TOKEN" in body
        assert "7 décembre 2026" in body
        assert "IBAN" in body  # we never ask for it


def test_a_reminder_tells_the_latest_first_in_its_subject(app: Flask) -> None:
    one = messages.reminder(nadia("en"), lines=[LINE], asker=ASKER)
    both = messages.reminder(nadia("en"), lines=[LATE, LINE], asker=ASKER)
    assert one.subject == "Social security certificate: to renew before 7 December 2026"
    assert both.subject == "1 paper is missing, 1 to renew"


def test_a_reminder_sets_what_is_missing_apart_from_what_ends_soon(app: Flask) -> None:
    other = replace(LINE, label="Kbis")
    message = messages.reminder(nadia(), lines=[LATE, other], asker=ASKER)
    for body in (message.text, unescape(message.html)):
        missing, soon = body.index("Ce qui manque"), body.index("Ce qui prend fin bientôt")
        assert missing < body.index("manque depuis le") < soon < body.index("nécessaire à partir")
        # Only those whose paper is missing may not order any more.
        assert f"Sans ce qui manque, {LATE.company} ne peut plus" in body
        assert "L’autre sert encore, mais prend fin bientôt." in body
    both = messages.reminder(
        nadia(), lines=[LATE, replace(LATE, company="Kerlan Bâtiment")], asker=ASKER
    ).text
    assert "Kerlan Énergies et Kerlan Bâtiment ne peuvent plus vous passer" in both
    soon_only = messages.reminder(nadia(), lines=[other], asker=ASKER).text
    assert "plus vous passer" not in soon_only
    assert "Ce qui prend fin bientôt" not in soon_only


def test_bank_mails_show_four_digits_and_no_iban(app: Flask) -> None:
    for name in ("bank_submitted", "bank_approved", "bank_refused", "bank_blocked"):
        text = MAILS[name](nadia("en")).text
        assert "0189" in text
        assert not re.search(r"[A-Z]{2}\d{2}[ \d•]{8,}", text)


def test_names_that_are_attacks_stay_names(app: Flask, hostile_values: list[str]) -> None:
    for value in hostile_values:
        message = messages.document_refused(
            Person("nadia@lebrun.example", value), supplier=value,
            papers=[RefusedPaper(URSSAF, value, (), WHERE, value)],
            asker=Asker(value, value, value),
        )  # fmt: skip
        assert not re.search(r"<(script|img|svg|style>\*|a href=\"http://a)", message.html)
        assert 'onmouseover="' not in message.html
        assert "\n" not in message.subject + message.to_name
        mail = as_message(
            Mail(
                "<1@localhost>", message.to_address, message.to_name, message.subject,
                message.text, message.html, "fr", AT.timestamp(),
            ),
            sender="Vigie <vigie@localhost>",
        )  # fmt: skip
        head = mail.as_bytes().split(b"\n\n", 1)[0]
        assert not re.search(rb"(?mi)^(bcc|cc):", head)
        assert head.count(b"\nSubject:") <= 1
        assert len(mail["To"].addresses) == 1


@pytest.fixture
def hostile_values() -> list[str]:
    """Values that people with bad intentions type into name fields."""
    path = Path(__file__).parent.parent / "data" / "fields.jsonl"
    return [json.loads(line)["value"] for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Dupont\r\nBcc: victim@example.org", "Dupont Bcc: victim@example.org"),
        ("SARL \u202eTNOPUD", "SARL TNOPUD"),
        ("a\u0000b\u200bc", "abc"),
        ("see http://attacker.example", "see http: //attacker.example"),
        ("  Société   Générale ", "Société Générale"),
    ],
)
def test_a_line_of_a_header_is_one_line(typed: str, kept: str) -> None:
    assert one_line(typed) == kept
