"""Papers that show an account number: bank validators read and decide on them, nobody else does."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from supplier.accounts.models import User
from supplier.accounts.permissions import Role
from supplier.documents import queries, review
from supplier.documents.kinds import DocumentKind
from supplier.documents.models import Document
from supplier.documents.reading.result import Value
from supplier.documents.review import QueueFilter
from supplier.documents.sight import EVERYTHING, PaperSight, shows_account
from supplier.kernel.database import reading, transaction
from supplier.kernel.errors import NotFoundError
from supplier.parties.models import Buyer, Supplier
from tests.desk.papers import PLACE, read_paper
from tests.make import Maker
from tests.web.posting import post

Browse = Callable[[uuid.UUID], FlaskClient]
IBAN = "FR1420041010050500013M02606"


@pytest.fixture
def buyer(make: Maker) -> Buyer:
    return make.buyer()


@pytest.fixture
def alpha(make: Maker, buyer: Buyer) -> Supplier:
    supplier = make.supplier()
    make.contract(make.engagement(supplier, buyer))
    return supplier


@pytest.fixture
def rib(alpha: Supplier) -> Document:
    said = {"iban": Value(IBAN, 1, PLACE), "holder": Value(alpha.name, 1, PLACE)}
    return read_paper(
        alpha, kind=DocumentKind.BANK_DETAILS, said=said, original_name="rib-alpha.pdf"
    )


@pytest.fixture
def emile(make: Maker) -> User:
    return make.staff("Émile Contrôle", Role.BANK_VALIDATOR)


def page_of(document: Document) -> str:
    return f"/desk/review/{document.id}"


def addresses(document: Document) -> list[str]:
    here = page_of(document)
    return [here, f"{here}/pages/1.png", f"{here}/file"]


@pytest.mark.parametrize("role", [Role.PURCHASING, Role.AUDITOR])
def test_an_account_number_is_not_read_from_its_paper(
    role: Role, browse: Browse, make: Maker, alpha: Supplier, rib: Document
) -> None:
    read_paper(alpha, original_name="urssaf-alpha.pdf")
    visitor = browse(make.staff("Denise", role).id)
    assert [visitor.get(url).status_code for url in addresses(rib)] == [404] * 3
    for url in ("/desk/", "/desk/review/", "/desk/search/?q=alpha", f"/desk/suppliers/{alpha.id}"):
        page = visitor.get(url)
        assert page.status_code == 200
        assert str(rib.id) not in page.get_data(as_text=True), url
        assert IBAN[-8:] not in page.get_data(as_text=True), url
    assert "urssaf-alpha.pdf" in visitor.get("/desk/search/?q=alpha").get_data(as_text=True)


def test_purchasing_decides_on_no_paper_that_shows_an_account(
    browse: Browse, make: Maker, alpha: Supplier, rib: Document
) -> None:
    other = read_paper(alpha)
    denise = browse(make.staff("Denise", Role.PURCHASING).id)
    for act in ("accept", "refuse", "ask", "confirm", "revoke", "kind", "values"):
        sent = {"reason": "too_old", "comment": "x", "kind": "kbis"}
        answer = post(denise, f"{page_of(rib)}/{act}", sent, page=page_of(other))
        assert answer.status_code == 404, act
    # Among several that are chosen, one that does not exist for her is passed over.
    post(denise, "/desk/review/accept", {"chosen": str(rib.id)}, page=page_of(other))
    assert state_of(rib) == "in_review"


def state_of(document: Document) -> str:
    with reading() as session:
        return str(session.get_one(Document, document.id).state)


def test_a_bank_validator_decides_on_these_papers_and_sees_no_other(
    browse: Browse, alpha: Supplier, rib: Document, emile: User
) -> None:
    other, client = read_paper(alpha, original_name="urssaf-alpha.pdf"), browse(emile.id)
    assert [client.get(url).status_code for url in addresses(rib)] == [200] * 3
    assert [client.get(url).status_code for url in addresses(other)] == [404] * 3
    queue = client.get("/desk/review/").get_data(as_text=True)
    assert str(rib.id) in queue
    assert str(other.id) not in queue
    assert "urssaf-alpha.pdf" not in client.get("/desk/search/?q=alpha").get_data(as_text=True)
    assert "rib-alpha.pdf" in client.get("/desk/search/?q=alpha").get_data(as_text=True)
    assert post(client, f"{page_of(rib)}/accept", page=page_of(rib)).status_code == 303
    assert state_of(rib) == "accepted"
    assert post(client, f"{page_of(other)}/accept", page="/desk/review/").status_code == 404
    assert state_of(other) == "in_review"


def test_a_validator_of_one_company_sees_papers_of_its_suppliers(
    browse: Browse, make: Maker, buyer: Buyer, rib: Document
) -> None:
    here = browse(make.staff("Émile", Role.BANK_VALIDATOR, buyer=buyer).id)
    there = browse(make.staff("Élise", Role.BANK_VALIDATOR, buyer=make.buyer("Armor")).id)
    assert here.get(page_of(rib)).status_code == 200
    assert there.get(page_of(rib)).status_code == 404


def test_a_paper_that_turns_out_to_show_an_account_leaves_purchasing_s_sight(
    browse: Browse, make: Maker, alpha: Supplier
) -> None:
    paper = read_paper(alpha, kind=DocumentKind.OTHER)
    denise = browse(make.staff("Denise", Role.PURCHASING).id)
    sent = {"kind": "bank_details"}
    answer = post(denise, f"{page_of(paper)}/kind", sent, page=page_of(paper))
    assert answer.status_code == 303
    page = denise.get(answer.location)
    assert page.status_code == 200
    assert "valideur" in page.get_data(as_text=True)
    assert denise.get(page_of(paper)).status_code == 404


@pytest.mark.parametrize(("kind", "expected", "shown"), [
    ("bank_details", None, True), ("bank_details", "kbis", True), (None, "bank_details", True),
    ("other", "bank_details", True), ("kbis", "bank_details", False), (None, None, False),
    ("other", None, False), (None, "kbis", False),
])  # fmt: skip
def test_the_rule_and_the_database_agree_on_what_shows_an_account(
    kind: str | None, expected: str | None, shown: bool, alpha: Supplier
) -> None:
    paper = read_paper(alpha)
    with transaction() as session:
        row = session.get_one(Document, paper.id)
        row.kind, row.expected_kind = kind, expected
    assert shows_account(row) is shown
    assert queries.get_file(paper.id).document.id == paper.id
    ordinary, bank = PaperSight(None, frozenset()), PaperSight(frozenset(), None)
    seen_by = ((ordinary, not shown), (bank, shown), (None, not shown), (EVERYTHING, True))
    for sight, seen in seen_by:
        found = review.list_queue(QueueFilter(), buyers=sight)
        assert [line.document.id for line in found.items] == ([paper.id] if seen else [])


def test_a_file_that_holds_such_a_paper_is_hidden_with_it(alpha: Supplier, rib: Document) -> None:
    """The file as it came shows every page of it."""
    whole = read_paper(alpha, kind=DocumentKind.OTHER)
    with transaction() as session:
        session.get_one(Document, rib.id).parent_id = whole.id
    with pytest.raises(NotFoundError):
        queries.get_file(whole.id, PaperSight(None, frozenset()))
    assert queries.get_file(whole.id, PaperSight(frozenset(), None)).parts
