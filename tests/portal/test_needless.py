"""Papers that ask for nothing more: of an account in use, or refused and settled by another."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta

import pytest

from supplier.bank import actions as bank
from supplier.bank.models import BankAccount
from supplier.demo import dossiers
from supplier.demo.papers.catalogue import draw
from supplier.demo.suppliers.directory import supplier as fictional
from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.models import Document
from supplier.documents.needless import Cover, is_needless
from supplier.kernel.database import new_id, transaction
from tests.documents.hands import DAY, rib, urssaf
from tests.portal.conftest import Portal
from tests.portal.test_deposit import plain
from tests.web.posting import post

CONFIRM = "Confirmer ce qui a été lu"
OTHER_RIB = draw(dossiers.bank_details(fictional("kermarrec"), printed_on=DAY))


def account_read(portal: Portal) -> BankAccount:
    """The account of Alpha's RIB, handed in."""
    portal.upload((io.BytesIO(rib()), "rib.pdf"))
    portal.read_all()
    paper = portal.hands.file(portal.papers()[0].id)
    assert paper.kept is not None
    return bank.submit(
        supplier_id=portal.hands.alpha.id, iban=paper.kept.reading.text("iban") or "",
        holder=portal.hands.alpha.name, by=portal.hands.by, now=portal.hands.make.clock.at,
    )  # fmt: skip


def cards(portal: Portal) -> str:
    return plain(portal.alice.get("/portal/deposit/"))


def test_a_rib_of_the_account_in_use_asks_for_nothing(portal: Portal) -> None:
    account = account_read(portal)
    assert CONFIRM not in cards(portal)
    assert "déjà en cours de vérification" in cards(portal)
    now = portal.hands.make.clock.at
    with transaction() as session:
        row = session.get_one(BankAccount, account.id)
        row.state, row.active_from = "approved_twice", now - timedelta(days=1)
    again = plain(portal.upload((io.BytesIO(rib()), "rib.pdf"), fragment=True))
    [paper] = portal.papers()
    for told in (again, cards(portal), plain(portal.alice.get(f"/portal/papers/{paper.id}"))):
        assert "C’est le compte déjà utilisé" in told
        assert CONFIRM not in told


def test_a_rib_of_an_account_that_was_blocked_asks_to_be_confirmed(portal: Portal) -> None:
    account = account_read(portal)
    with transaction() as session:
        session.get_one(BankAccount, account.id).state = "blocked"
    assert CONFIRM in cards(portal)


def test_a_strange_rib_is_settled_by_the_right_one_accepted_after_it(portal: Portal) -> None:
    good = portal.hands.submit(rib(), "bon.pdf")
    portal.hands.make.clock.at += timedelta(minutes=1)
    strange = portal.hands.hand_in(OTHER_RIB, "autre.pdf").document
    assert strange.state == "refused"
    assert "À reprendre" in cards(portal)
    portal.hands.read(good.document_id)
    told = cards(portal)
    assert "À reprendre" not in told
    assert "n’est plus nécessaire" in told


def test_an_old_certificate_is_not_contested_while_a_newer_one_covers(portal: Portal) -> None:
    portal.hands.hand_in(urssaf(), "bonne.pdf")
    portal.hands.make.clock.at += timedelta(minutes=1)
    old = portal.hands.hand_in(urssaf(date(2026, 5, 4)), "vieille.pdf").document
    assert old.state == "refused"
    url = f"/portal/papers/{old.id}"
    page = plain(portal.alice.get(url))
    assert "Contester" not in page
    assert "n’est plus nécessaire" in page
    answer = post(portal.alice, f"{url}/contest", page="/portal/deposit/")
    assert answer.status_code == 409
    assert "n’est plus nécessaire" in plain(answer)
    assert portal.hands.row(old.id).state == "refused"


def test_a_refused_paper_shows_no_last_good_day(portal: Portal) -> None:
    old = portal.hands.hand_in(urssaf(date(2026, 5, 4)), "vieille.pdf").document
    for state in ("refused", "superseded"):
        assert portal.hands.row(old.id).state == state
        row = plain(portal.alice.get("/portal/papers/")).split("vieille.pdf")[1].split("</tr>")[0]
        received, until = re.findall(r'<td class="v-num" data-label="[^"]*">([^<]*)</td>', row)
        assert (received != "—", until) == (True, "—")
        portal.hands.hand_in(urssaf(), "bonne.pdf")


@pytest.mark.parametrize(("issued_on", "reasons", "kind", "needless"), [
    (date(2026, 5, 4), [ReasonCode.TOO_OLD], DocumentKind.URSSAF_VIGILANCE, True),
    (date(2026, 11, 20), [ReasonCode.UNREADABLE], DocumentKind.URSSAF_VIGILANCE, False),
    (date(2026, 5, 4), [ReasonCode.TAMPERED], DocumentKind.URSSAF_VIGILANCE, False),
    (date(2026, 5, 4), [ReasonCode.TOO_OLD], DocumentKind.KBIS, False),
])  # fmt: skip
def test_a_renewal_and_a_paper_said_to_be_changed_stay_to_be_mended(
    portal: Portal, issued_on: date, reasons: list[ReasonCode], kind: DocumentKind, needless: bool
) -> None:
    now = portal.hands.make.clock.at
    refused = Document(
        id=new_id(), state="refused", kind=kind, expected_kind=None, issued_on=issued_on,
        reasons=[one.value for one in reasons], received_at=now,
    )  # fmt: skip
    cover = Cover(DocumentKind.URSSAF_VIGILANCE, DAY, now - timedelta(days=30))
    assert is_needless(refused, [cover]) is needless
