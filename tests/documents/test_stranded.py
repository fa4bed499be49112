"""A paper that ends every process that reads it: set aside, in sight, and opened by a person."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from supplier import jobs
from supplier.accounts.permissions import Role
from supplier.adapters import queue
from supplier.adapters.queue import Job
from supplier.cli import checks
from supplier.documents import actions
from supplier.documents.intake import READ_TASK, ask_to_read
from supplier.kernel.audit import Event
from supplier.kernel.database import db, reading, transaction
from tests.documents.hands import Hands, urssaf

WORKER = """
import os, signal, sys
from datetime import datetime
from supplier import jobs
from supplier.factory import create_app

def die(payload, now):
    os.kill(os.getpid(), signal.SIGKILL)

jobs.tasks = lambda: {"read_document": die}
with create_app().app_context():
    jobs.run_due(now=datetime.fromisoformat(sys.argv[1]))
"""


def a_worker_dies(hands: Hands, now: datetime) -> None:
    settings = hands.settings
    done = subprocess.run(
        [sys.executable, "-c", WORKER, now.isoformat()],
        check=False,
        env={
            **os.environ,
            "SUPPLIER_DATABASE_URL": settings.database_url,
            "SUPPLIER_FILES_URL": settings.files_url,
            "SUPPLIER_SECRET_KEY": settings.secret_key,
        },
    )
    assert done.returncode == -signal.SIGKILL


def read_job() -> Job:
    with reading() as session:
        return session.scalars(select(Job).where(Job.task == READ_TASK)).one()


def test_a_paper_that_ends_each_worker_goes_to_a_person_with_that_reason(
    hands: Hands,
    browse: Callable[..., FlaskClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(queue, "MAX_ATTEMPTS", 2)  # dying takes a second each time
    hands.make.engagement(hands.alpha, hands.make.buyer())
    document_id = hands.submit(urssaf()).document_id
    now = hands.make.clock.at
    for _ in range(2):
        assert actions.requeue_waiting(now)["to_a_person"] == 0
        db.session.remove()
        a_worker_dies(hands, now)
        now += queue.LEASE + timedelta(seconds=1)
    jobs.run_due(now=now)
    assert (read_job().state, read_job().last_error) == ("given_up", queue.KILLED)
    found = {one.name: one for one in checks.doctor(hands.settings, now=now)}["jobs"]
    assert found.state == "warning"
    assert f"read_document: {queue.KILLED}" in found.detail

    assert actions.requeue_waiting(now)["to_a_person"] == 1
    assert actions.requeue_waiting(now) == {"requeued": 0, "unreadable": 0, "to_a_person": 0}
    assert hands.row(document_id).state == "in_review"
    with reading() as session:
        kinds = session.scalars(
            select(Event.kind).where(Event.subject_id == document_id).order_by(Event.seq)
        ).all()
    assert kinds[-2:] == ["document.unreadable", "document.queued"]
    client = browse(hands.make.staff("Denise Achats", Role.PURCHASING).id)
    shown = client.get(f"/desk/review/{document_id}").get_data(as_text=True)
    assert "La lecture de ce papier a arrêté la machine" in shown


def test_a_paper_whose_older_job_was_given_up_waits_for_the_newer_one(hands: Hands) -> None:
    document_id = hands.submit(urssaf()).document_id
    with transaction() as session:
        session.merge(read_job()).state = "given_up"
    with transaction() as session:
        ask_to_read(session, hands.row(document_id), now=hands.make.clock.at)
    now = hands.make.clock.at + timedelta(minutes=5)
    assert actions.requeue_waiting(now) == {"requeued": 0, "unreadable": 0, "to_a_person": 0}
