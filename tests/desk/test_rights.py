"""The desk's pages of people's rights."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from supplier.accounts.permissions import Role
from supplier.adapters.queue import Job
from supplier.jobs import tasks
from supplier.kernel.audit import SYSTEM
from supplier.kernel.database import new_id, reading, transaction
from supplier.parties import actions as parties
from supplier.parties.actions import ContactDetails
from supplier.privacy import actions
from supplier.privacy.kept import erasable
from supplier.privacy.models import RightsRequest
from supplier.retention.models import RetentionEntry
from supplier.retention.plan import count_entries
from tests.desk.test_contracts import statements
from tests.make import Maker, actor
from tests.web.posting import post

Browse = Callable[[uuid.UUID], FlaskClient]
HOME = "/desk/rights/"


@pytest.fixture
def request_row(make: Maker) -> RightsRequest:
    supplier = make.supplier()
    make.engagement(supplier, make.buyer())
    alice = make.supplier_user(supplier)
    return actions.file_request(
        "erasure", "Effacez-moi", user_id=alice.id, supplier_id=supplier.id,
        by=actor(alice, supplier), now=make.clock.at,
    )  # fmt: skip


@pytest.fixture
def gaelle(make: Maker, browse: Browse) -> FlaskClient:
    return browse(make.staff("Gaëlle", Role.DATA_PROTECTION).id)


def test_the_list_shows_the_clock_and_late_ones_in_red(
    make: Maker, gaelle: FlaskClient, request_row: RightsRequest
) -> None:
    actions.file_request(
        "access", "Tout", user_id=None, supplier_id=None, name="Jean Quéré", now=make.clock.at,
        by=actor(make.staff("G")), received_on=date(2026, 9, 1),
    )  # fmt: skip
    text = gaelle.get(HOME).get_data(as_text=True)
    assert text.index("Jean Quéré") < text.index(request_row.number)
    assert "v-chip-bad" in text
    late = gaelle.get(f"{HOME}?state=late").get_data(as_text=True)
    assert request_row.number not in late


def test_a_letter_is_registered_by_hand(gaelle: FlaskClient) -> None:
    wrong = post(gaelle, f"{HOME}new", {"name": "Jean Quéré", "email": "pas une adresse"})
    assert wrong.status_code == 422
    assert 'value="Jean Quéré"' in wrong.get_data(as_text=True)
    data = {"name": "Jean Quéré", "right": "access", "message": "Tout", "received_on": "2026-11-02"}
    assert post(gaelle, f"{HOME}new", data).status_code == 303
    with reading() as session:
        assert session.scalars(select(RightsRequest)).one().due_on == date(2026, 12, 2)


def test_an_erasure_shows_what_the_law_still_keeps(
    make: Maker, gaelle: FlaskClient, request_row: RightsRequest
) -> None:
    planned = [("invoice", date(2036, 1, 1)), ("invoice", date(2037, 1, 1)), ("contact", None),
               ("contact", date(2030, 7, 1)), ("contract", date(2026, 11, 23)),
               ("contract", date(2026, 11, 24))]  # fmt: skip
    with transaction() as session:
        session.add_all(
            RetentionEntry(id=new_id(), subject_type=rule, subject_id=new_id(), label="",
                           supplier_id=request_row.supplier_id, rule=rule, first_erasable_on=day)
            for rule, day in planned
        )  # fmt: skip
        session.flush()
        count_entries(session, now=make.clock.at)
    assert request_row.supplier_id is not None
    found = erasable(request_row.supplier_id, today=date(2026, 11, 23))
    assert found.free == 1
    assert [(one.count, one.until) for one in found.kept] == [
        (2, None), (1, date(2026, 11, 24)), (2, date(2037, 1, 1)),
    ]  # fmt: skip
    shown = gaelle.get(f"{HOME}{request_row.id}").get_data(as_text=True)
    assert "1 élément peut partir aujourd’hui" in shown
    assert "01/01/2037" in shown
    later = make.clock.at + timedelta(hours=1)
    newcomer = ContactDetails(name="Bob", email="bob@alpha.example")
    parties.add_contact(request_row.supplier_id, newcomer, by=SYSTEM, now=later)
    shown = gaelle.get(f"{HOME}{request_row.id}").get_data(as_text=True)
    assert "Pas encore complet" in shown
    assert "peut partir" not in shown


def test_a_plan_older_than_the_supplier_is_not_taken_for_an_answer(
    make: Maker, gaelle: FlaskClient, request_row: RightsRequest
) -> None:
    url = f"{HOME}{request_row.id}"
    shown = gaelle.get(url).get_data(as_text=True)
    assert "Pas encore connu" in shown
    assert "Rien de ce fournisseur" not in shown
    assert "peut partir" not in shown
    assert post(gaelle, f"{url}/plan", page=url).status_code == 303
    shown = gaelle.get(url).get_data(as_text=True)
    assert "Pas encore connu" not in shown
    assert "peut partir" in shown


def test_an_erasure_that_is_asked_for_has_the_plan_worked_out(request_row: RightsRequest) -> None:
    with reading() as session:
        (job,) = session.scalars(select(Job).where(Job.task == "work_out_plan"))
    tasks()[job.task](job.payload, request_row.received_at)
    assert request_row.supplier_id is not None
    assert erasable(request_row.supplier_id, today=date(2026, 11, 23)).is_current


def test_a_request_is_extended_then_refused_on_a_ground(
    gaelle: FlaskClient, request_row: RightsRequest
) -> None:
    url = f"{HOME}{request_row.id}"
    assert post(gaelle, f"{url}/extend", {"reason": ""}).status_code == 422
    assert post(gaelle, f"{url}/extend", {"reason": "Dossier épais"}).status_code == 303
    assert post(gaelle, f"{url}/refuse", {"text": "La loi"}).status_code == 422
    data = {"ground": "legal_obligation", "text": "Nous devons garder le Kbis."}
    assert post(gaelle, f"{url}/refuse", data).status_code == 303
    text = gaelle.get(url).get_data(as_text=True)
    assert "17" in text
    assert "Nous devons garder le Kbis." in text
    assert f"{url}/answer" not in text
    assert post(gaelle, f"{url}/answer", {"text": "Trop tard"}).status_code == 409


def test_only_fitting_grounds_are_offered(make: Maker, gaelle: FlaskClient) -> None:
    row = actions.file_request(
        "rectification", "Mon nom", user_id=None, supplier_id=None, name="Jean", now=make.clock.at,
        by=actor(make.staff("G")),
    )  # fmt: skip
    text = gaelle.get(f"{HOME}{row.id}/refuse").get_data(as_text=True)
    assert "legal_obligation" not in text
    assert "unfounded_or_excessive" in text


def test_an_auditor_reads_and_changes_nothing(
    make: Maker, browse: Browse, request_row: RightsRequest
) -> None:
    irene = browse(make.staff("Irène", Role.AUDITOR).id)
    url = f"{HOME}{request_row.id}"
    assert f"{url}/answer" not in irene.get(url).get_data(as_text=True)
    for page in (f"{url}/answer", f"{url}/extend", f"{url}/refuse", f"{HOME}new"):
        assert irene.get(page).status_code == 404


@pytest.mark.parametrize("role", [Role.PURCHASING, Role.BANK_VALIDATOR, Role.ADMINISTRATOR])
def test_other_roles_find_nothing(make: Maker, browse: Browse, role: Role) -> None:
    assert browse(make.staff("Autre", role).id).get(HOME).status_code == 404


def test_other_companies_requests_do_not_exist(
    make: Maker, browse: Browse, request_row: RightsRequest
) -> None:
    luc = browse(make.staff("Luc", Role.DATA_PROTECTION, buyer=make.buyer("Autre")).id)
    assert luc.get(f"{HOME}{request_row.id}").status_code == 404
    assert request_row.number not in luc.get(HOME).get_data(as_text=True)
    data = {"name": "Jean", "right": "access", "message": "Tout"}
    assert post(luc, f"{HOME}new", data).status_code == 403


def test_pages_ask_the_database_at_most_twelve_times(
    gaelle: FlaskClient, request_row: RightsRequest
) -> None:
    for url in (HOME, f"{HOME}{request_row.id}", f"{HOME}{request_row.id}/answer"):
        with statements() as seen:
            assert gaelle.get(url).status_code == 200
        assert len(seen) <= 12, (url, len(seen))
