"""The smaller lists of the desk: each order with two rows, and what they give as a file."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from supplier.accounts.permissions import Role
from supplier.accounts.queries import USER_SORTS
from supplier.kernel import journal
from supplier.kernel.audit import Actor, ActorKind, record
from supplier.kernel.database import transaction
from supplier.kernel.journal import JournalFilter
from supplier.notifications import messages, outbox
from supplier.notifications.messages import Person
from supplier.notifications.models import OutboxMessage
from supplier.notifications.queries import MAIL_SORTS
from supplier.parties.models import Supplier
from tests.evaluation.cast import Evaluation
from tests.make import Maker
from tests.web.posting import post

Browse = Callable[[uuid.UUID], FlaskClient]
BOTH_WAYS = pytest.mark.parametrize("a_comes_first", [True, False])


def first_row(client: FlaskClient, url: str) -> str:
    """Which of the two rows stands first in the table of a page."""
    answer = client.get(url)
    assert answer.status_code == 200
    shown = answer.get_data(as_text=True)
    rows: list[str] = re.findall(r"ROW-[AB]", shown[shown.index("<tbody>") :])
    assert set(rows) == {"ROW-A", "ROW-B"}
    return rows[0]


def in_turn(a_comes_first: bool, *writes: Callable[[], object]) -> None:
    """Write both rows, in both ways round: the order of writing must decide nothing."""
    for write in writes if a_comes_first else reversed(writes):
        write()


@pytest.mark.parametrize(
    ("sort", "first"), list(zip(USER_SORTS, ("ROW-A", "ROW-B", "ROW-B"), strict=True))
)
@BOTH_WAYS
def test_users_stand_in_the_order_that_was_asked(
    make: Maker, browse: Browse, sort: str, first: str, a_comes_first: bool
) -> None:
    admin = browse(make.staff("Hugo Admin", Role.ADMINISTRATOR).id)
    in_turn(
        a_comes_first,
        lambda: make.user("ROW-A", email="z@kerlan.example", password_hash="x"),
        lambda: make.user("ROW-B", email="a@kerlan.example", locked_at=make.clock.at),
    )
    assert first_row(admin, f"/desk/users/?sort={sort}") == first


def test_users_are_given_as_a_file_as_they_are_filtered(make: Maker, browse: Browse) -> None:
    admin = browse(make.staff("Hugo Admin", Role.ADMINISTRATOR).id)
    make.user("=cmd|' /C calc'!A0", email="formula@kerlan.example")
    make.supplier_user(make.supplier("Alpha"), "Alice Martin")
    answer = admin.get("/desk/users/?format=csv&kind=staff")
    body = answer.get_data(as_text=True)
    assert "users.csv" in answer.headers["Content-Disposition"]
    assert "\"'=cmd" in body
    assert "Administrat" in body
    assert "Alice" not in body
    assert admin.get("/desk/users/?format=xlsx").data.startswith(b"PK")
    auditor = browse(make.staff("Basile", Role.AUDITOR).id)
    assert auditor.get("/desk/users/?format=csv").status_code in {403, 404}


def write_mail(
    make: Maker, supplier: Supplier | None, name: str, *, subject: str, state: str, days: int = 0
) -> None:
    """A mail as it stands in the outbox, written so many days ago."""
    at = make.clock.at - timedelta(days=days)
    with transaction() as session:
        key = outbox.queue_mail(
            session, messages.new_sign_in(Person("row@alpha.example", name), at=at),
            dedupe_key=name, now=at, supplier_id=supplier.id if supplier else None,
        )  # fmt: skip
        row = session.get_one(OutboxMessage, key)
        row.subject, row.state = subject, state


@pytest.mark.parametrize(
    ("sort", "first"),
    list(zip(MAIL_SORTS, ("ROW-B", "ROW-A", "ROW-A", "ROW-A", "ROW-A"), strict=True)),
)
@BOTH_WAYS
def test_mails_stand_in_the_order_that_was_asked(
    make: Maker, browse: Browse, sort: str, first: str, a_comes_first: bool
) -> None:
    reader = browse(make.staff("Basile", Role.AUDITOR).id)
    supplier = make.supplier("Zénith")
    in_turn(
        a_comes_first,
        lambda: write_mail(make, supplier, "ROW-A", subject="A", state="failed", days=1),
        lambda: write_mail(make, None, "ROW-B", subject="Z", state="sent"),
    )
    assert first_row(reader, f"/desk/mails/?sort={sort}") == first


def test_mails_are_given_as_a_file_without_what_they_hold(make: Maker, browse: Browse) -> None:
    reader = browse(make.staff("Basile", Role.AUDITOR).id)
    alpha = make.supplier("Alpha")
    write_mail(make, alpha, "=1+1", subject="Bonjour", state="sent")
    write_mail(make, alpha, "Bob", subject="Perdu", state="bounced")
    answer = reader.get("/desk/mails/?format=csv&state=sent")
    body = answer.get_data(as_text=True)
    assert "mails.csv" in answer.headers["Content-Disposition"]
    assert '"\'=1+1"' in body
    assert "Perdu" not in body
    assert "http" not in body
    assert reader.get("/desk/mails/?format=xlsx").data.startswith(b"PK")


def test_the_journal_is_given_as_a_file_and_keeps_who_took_it(make: Maker, browse: Browse) -> None:
    auditor = make.staff("Basile", Role.AUDITOR)
    reader, by = browse(auditor.id), Actor(ActorKind.STAFF, auditor.id, "=1+1")
    with transaction() as session:
        record(session, "import.done", subject="import", by=by, at=make.clock.at)
        record(session, "hold.placed", subject="hold", by=by, at=make.clock.at)
    shown = reader.get("/desk/journal/?kind=import.").get_data(as_text=True)
    assert "/desk/journal/export.csv?kind=import." in shown
    answer = reader.get("/desk/journal/export.csv?kind=import.")
    body = answer.get_data(as_text=True)
    assert "journal.csv" in answer.headers["Content-Disposition"]
    assert "import.done" in body
    assert '"\'=1+1"' in body
    assert "hold.placed" not in body
    last = journal.list_events(JournalFilter(kind="journal.exported")).items[0]
    assert (last.actor_id, last.data) == (auditor.id, {"count": 1})
    assert reader.get("/desk/journal/export.xlsx").data.startswith(b"PK")
    assert journal.verify_tail()[0] == []


def test_a_file_of_the_journal_holds_only_so_many_lines(
    make: Maker, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor = make.staff("Basile", Role.AUDITOR)
    by = Actor(ActorKind.STAFF, auditor.id, "Basile")
    with transaction() as session:
        for _ in range(3):
            record(session, "hold.placed", subject="hold", by=by, at=make.clock.at)
    monkeypatch.setattr(journal, "COUNTED", 2)
    body = browse(auditor.id).get("/desk/journal/export.csv?kind=hold.").get_data(as_text=True)
    assert body.count("hold.placed") == 2


def test_the_ranking_keeps_views_that_hold_for_every_period(make: Maker, browse: Browse) -> None:
    room = Evaluation(make)
    room.rate(room.period(), room.supplier(), 40)
    purchasing = browse(room.denise.id)
    new = "/desk/evaluation/views/evaluation/new?grade=D&sort=spend"
    assert post(purchasing, new, {"name": "Les fragiles"}).status_code == 303
    shown = purchasing.get("/desk/evaluation/").get_data(as_text=True)
    assert "Les fragiles" in shown
    address = re.search(r'href="(/desk/evaluation/views/evaluation/[0-9a-f-]+)"', shown)
    assert address
    opened = purchasing.get(address[1]).headers["Location"]
    assert opened == "/desk/evaluation/?grade=D&sort=spend"
    post(purchasing, f"{address[1]}/forget", page=new)
    assert "Les fragiles" not in purchasing.get("/desk/evaluation/").get_data(as_text=True)
