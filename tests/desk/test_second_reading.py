"""A second reading on the desk: nothing of the machine's is shown before, all of it after."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from supplier.accounts.models import User
from supplier.accounts.permissions import Role
from supplier.documents.models import Document, SecondReading
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import reading, transaction
from supplier.parties.models import Supplier
from tests.desk.papers import read_paper
from tests.make import Maker
from tests.web.posting import post

Browse = Callable[[uuid.UUID], FlaskClient]


@pytest.fixture
def alpha(make: Maker) -> Supplier:
    supplier = make.supplier()
    make.contract(make.engagement(supplier, make.buyer()))
    return supplier


@pytest.fixture
def denise(make: Maker) -> User:
    return make.staff("Denise Achats", Role.PURCHASING)


@pytest.fixture
def drawn(alpha: Supplier, clock: FixedClock) -> Document:
    document = read_paper(alpha, sampled_at=clock.at)
    with transaction() as session:
        session.get_one(Document, document.id).state = "accepted"
    return document


def typed(alpha: Supplier, **more: str) -> dict[str, str]:
    return {
        "kind": "urssaf_vigilance", "outcome": "accept", "value-siren": alpha.siren or "",
        "value-company_name": alpha.name, "value-issued_on": "2026-11-02",
        "value-situation_on": "2026-10-31", **more,
    }  # fmt: skip


#: What the machine read and said of the paper, as pages would print it.
MACHINE = ("vigilance", "ZZ99ZZ9ZZZZ9ZZZ", "2026-11-02", "2\u00a0novembre 2026", "02/11/2026",
           "2 novembre 2026", "31 octobre 2026", "31\u00a0octobre 2026", "2026-10-31",
           "data-zone-for", 'data-zone="')  # fmt: skip


def test_nothing_of_the_machine_is_shown_before(
    browse: Browse, alpha: Supplier, denise: User, drawn: Document
) -> None:
    client = browse(denise.id)
    for url in ("/desk/review/", f"/desk/review/{drawn.id}", f"/desk/review/{drawn.id}/again",
                f"/desk/review/{drawn.id}/issuer", "/desk/"):  # fmt: skip
        page = client.get(url, follow_redirects=True)
        body = page.get_data(as_text=True)
        assert page.status_code == 200
        if url != "/desk/":
            # The kinds to choose from stand in the form, all of them.
            body = body.split("<select")[0] + body.split("</select>")[-1]
        for words in MACHINE:
            assert words not in body, (url, words)


def test_the_kind_the_machine_saw_finds_no_drawn_paper(
    browse: Browse, denise: User, drawn: Document
) -> None:
    client = browse(denise.id)
    assert str(drawn.id) in client.get("/desk/review/?only=sampled").get_data(as_text=True)
    assert str(drawn.id) not in client.get("/desk/review/?kind=urssaf_vigilance").get_data(
        as_text=True
    )


def test_reading_the_same_closes_it(
    browse: Browse, alpha: Supplier, denise: User, drawn: Document
) -> None:
    client, url = browse(denise.id), f"/desk/review/{drawn.id}/again"
    answer = post(client, url, typed(alpha), page=f"{url}?kind=urssaf_vigilance")
    assert answer.status_code == 303
    with reading() as session:
        assert session.scalars(select(SecondReading)).one().state == "agrees"
        assert session.get_one(Document, drawn.id).sampled_at is None


def test_a_form_that_is_not_whole_keeps_what_was_typed(
    browse: Browse, alpha: Supplier, denise: User, drawn: Document
) -> None:
    client, url = browse(denise.id), f"/desk/review/{drawn.id}/again"
    wrong = typed(alpha, **{"outcome": "", "value-issued_on": "9999-12-31"})
    answer = post(client, url, wrong, page=f"{url}?kind=urssaf_vigilance")
    body = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert alpha.name in body
    assert "9999-12-31" in body
    assert "jour, mois et année" in body


@pytest.mark.parametrize(("button", "state", "waits"), [
    ("machine-right", "accepted", False), ("machine-wrong", "in_review", False),
])  # fmt: skip
def test_a_difference_is_shown_beside_and_settled_by_someone_else(
    browse: Browse, make: Maker, alpha: Supplier, denise: User, drawn: Document, button: str,
    state: str, waits: bool,
) -> None:  # fmt: skip
    client, url = browse(denise.id), f"/desk/review/{drawn.id}/again"
    post(client, url, typed(alpha, **{"value-issued_on": "2026-05-02"}),
         page=f"{url}?kind=urssaf_vigilance")  # fmt: skip
    body = client.get(url).get_data(as_text=True)
    assert "2\u00a0mai 2026" in body
    assert "<mark>2\u00a0novembre 2026</mark>" in body
    assert "/again/machine-" not in body
    assert "quelqu’un d’autre" in body
    forged = post(client, f"{url}/{button}", {"reason": "Vu."}, page="/desk/review/")
    assert forged.status_code == 409
    second = browse(make.staff("Paul Achats", Role.PURCHASING).id)
    assert "<mark>2\u00a0novembre 2026</mark>" in second.get(url).get_data(as_text=True)
    assert post(second, f"{url}/{button}", {"reason": ""}, page=url).status_code == 422
    assert post(second, f"{url}/{button}", {"reason": "Vu."}, page=url).status_code == 303
    with reading() as session:
        row = session.get_one(Document, drawn.id)
        assert (row.state, row.sampled_at is not None) == (state, waits)


@pytest.mark.parametrize(("act", "data"), [
    ("kind", {"kind": "zzz"}), ("kind", {"kind": "kbis"}), ("ask", {"comment": ""}),
    ("accept", {"comment": "x"}), ("refuse", {"reason": "zzz"}), ("confirm", {}),
    ("revoke", {"reason": ""}), ("values", {"value-siren": "1"}), ("issuer", {}),
])  # fmt: skip
def test_a_forged_form_shows_nothing_of_the_machine(
    browse: Browse, denise: User, drawn: Document, act: str, data: dict[str, str]
) -> None:
    answer = post(browse(denise.id), f"/desk/review/{drawn.id}/{act}", data, page="/desk/review/")
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"/desk/review/{drawn.id}/again")
    with reading() as session:
        row = session.get_one(Document, drawn.id)
    assert (row.state, row.kind, row.sampled_at) == ("accepted", drawn.kind, drawn.sampled_at)


def test_the_page_of_the_supplier_tells_nothing_either(
    browse: Browse, make: Maker, alpha: Supplier, denise: User, drawn: Document
) -> None:
    url = f"/desk/suppliers/{alpha.id}"

    def papers(client: FlaskClient) -> str:
        return client.get(url).get_data(as_text=True).split('id="papers"')[1].split("</table>")[0]

    told = papers(browse(denise.id))
    assert "Pièce à relire" in told
    for words in ("igilance", "2 nov", "02/11/2026", "2027", "La machine"):
        assert words not in told, words
    assert "igilance" in papers(browse(make.staff("Irène Audit", Role.AUDITOR).id))


def test_the_later_of_two_tabs_gets_the_conflict_page(
    browse: Browse, alpha: Supplier, denise: User, drawn: Document
) -> None:
    client, url = browse(denise.id), f"/desk/review/{drawn.id}/again"
    post(client, url, typed(alpha), page=f"{url}?kind=urssaf_vigilance")
    for late in (url, f"{url}/machine-right"):
        answer = post(client, late, {**typed(alpha), "reason": "Vu."}, page="/desk/review/")
        assert answer.status_code == 409
        assert "n’a pas été gardée" in answer.get_data(as_text=True)


def test_an_auditor_sees_the_paper_and_reads_nothing_again(
    browse: Browse, make: Maker, drawn: Document
) -> None:
    irene = browse(make.staff("Irène Audit", Role.AUDITOR).id)
    assert "ZZ99ZZ9ZZZZ9ZZZ" in irene.get(f"/desk/review/{drawn.id}").get_data(as_text=True)
    assert irene.get(f"/desk/review/{drawn.id}/again").status_code == 404


def test_the_rate_and_its_interval_are_on_the_desk(
    browse: Browse, alpha: Supplier, denise: User, drawn: Document, clock: FixedClock
) -> None:
    client, url = browse(denise.id), f"/desk/review/{drawn.id}/again"
    assert "le taux n’est pas connu" in client.get("/desk/quality/").get_data(as_text=True)
    post(client, url, typed(alpha), page=f"{url}?kind=urssaf_vigilance")
    body = client.get("/desk/quality/").get_data(as_text=True)
    assert "entre 0\u00a0% et 79,3\u00a0%" in body
    assert "/desk/quality/urssaf_vigilance" not in body  # an administrator's


def test_the_papers_to_read_again_are_those_that_the_list_shows(
    browse: Browse, make: Maker, alpha: Supplier, denise: User, drawn: Document
) -> None:
    with transaction() as session:
        session.get_one(Document, drawn.id).kind = "bank_details"
    purchasing = browse(denise.id).get("/desk/quality/").get_data(as_text=True)
    assert "pièce à relire" not in purchasing
    both = make.staff("Émile Contrôle", Role.PURCHASING, Role.BANK_VALIDATOR)
    assert "1 pièce à relire" in browse(both.id).get("/desk/quality/").get_data(as_text=True)


def test_an_administrator_decides_with_a_reason(
    browse: Browse, make: Maker, clock: FixedClock
) -> None:
    hugo = browse(make.staff("Hugo Admin", Role.ADMINISTRATOR).id)
    url = "/desk/quality/kbis"
    assert post(hugo, url, {"level": "all", "reason": ""}).status_code == 422
    assert post(hugo, url, {"level": "all", "reason": "Prudence."}).status_code == 303
    clock.at += timedelta(minutes=1)
    body = hugo.get("/desk/quality/").get_data(as_text=True)
    assert "Prudence." in body
    assert hugo.get("/desk/quality/nothing").status_code == 404
