"""A refusal is an answer: its words say what is wrong and what to do, and promise no look."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask import Flask
from flask_babel import force_locale, gettext

from supplier.accounts.permissions import Role
from supplier.documents import actions
from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.models import Document
from supplier.documents.reading.result import Finding, Severity
from supplier.documents.refusals import REFUSAL_TEXTS
from supplier.kernel.clock import legal_day
from supplier.kernel.database import transaction
from supplier.vigilance.actions import refresh
from tests.desk.papers import read_paper
from tests.make import actor
from tests.portal.conftest import Portal
from tests.portal.test_deposit import plain

#: What the words of a paper that is not decided yet say, in each language.
PROMISES = re.compile(
    r"person|einer? blick|prüft|sieht|regard|faster|va plus vite|geht schneller", re.IGNORECASE
)


@pytest.mark.parametrize("language", ["en", "fr", "de"])
@pytest.mark.parametrize("code", list(ReasonCode))
def test_no_words_of_a_refusal_say_that_a_person_is_looking(
    app: Flask, code: ReasonCode, language: str
) -> None:
    with app.test_request_context(), force_locale(language):
        told = gettext(REFUSAL_TEXTS[code])
    assert told.endswith(".")
    assert not PROMISES.search(told)
    assert language == "en" or told != REFUSAL_TEXTS[code]


@pytest.mark.parametrize("code", [ReasonCode.INSOLVENCY, ReasonCode.CONTENT_ALARM])
def test_the_supplier_reads_the_refusal_and_not_the_doubt_that_came_before(
    portal: Portal, code: ReasonCode
) -> None:
    doubt = Finding(code.value, Severity.DOUBT, "A person looks at this.", "")
    document = read_paper(
        portal.hands.alpha, kind=DocumentKind.KBIS, findings=(doubt,), reasons=(code,)
    )
    denise = portal.hands.make.staff("Denise Achats", Role.PURCHASING)
    now = portal.hands.make.clock.at
    actions.refuse(document.id, reasons=[code], by=actor(denise), now=now)
    with transaction() as session:
        refresh(session, portal.hands.alpha.id, today=legal_day(now), now=now)
    for url in (f"/portal/papers/{document.id}", f"/portal/deposit/card/{document.id}", "/portal/"):
        told = portal.alice.get(url).get_data(as_text=True)
        assert "Une personne regarde" not in told
        assert "regard d’une personne" not in told
        with portal.hands.app.test_request_context(), force_locale("fr"):
            assert gettext(REFUSAL_TEXTS[code]) in told, url


def test_what_is_over_is_told_as_over(portal: Portal) -> None:
    document = read_paper(portal.hands.alpha)
    told = {}
    for until in (date(2026, 11, 22), date(2026, 11, 23)):
        with transaction() as session:
            row = session.get_one(Document, document.id)
            row.state, row.valid_until = "accepted", until
        told[until.day] = plain(portal.alice.get(f"/portal/papers/{document.id}"))
    assert "était valable jusqu’au 22 novembre 2026" in told[22]
    assert "— valable jusqu’au 23 novembre 2026" in told[23]


@pytest.mark.parametrize("typed", ["C’est celui du 09/10/2026", "C’est celui du 09/10/2026."])
def test_what_a_person_typed_ends_before_the_next_sentence(portal: Portal, typed: str) -> None:
    document = read_paper(portal.hands.alpha, kind=DocumentKind.URSSAF_VIGILANCE)
    denise = portal.hands.make.staff("Denise Achats", Role.PURCHASING)
    actions.refuse(
        document.id, reasons=[ReasonCode.TOO_OLD], comment=typed, by=actor(denise),
        now=portal.hands.make.clock.at,
    )  # fmt: skip
    told = plain(portal.alice.get(f"/portal/papers/{document.id}"))
    assert "du 09/10/2026. Téléchargez" in told
