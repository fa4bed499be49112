"""Papers that nobody reads: without a job, or whose job was given up or ended its process."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import datetime, timedelta
from enum import Enum, auto

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplier.adapters.queue import Job, killed_its_workers
from supplier.documents.intake import READ_TASK, ask_to_read, ask_to_refresh
from supplier.documents.judging import unreadable
from supplier.documents.kept_reading import KeptReading, write_down
from supplier.documents.kinds import ReasonCode
from supplier.documents.models import Document
from supplier.documents.reading.result import Finding, Reading, Severity, Verdict
from supplier.documents.states import ALLOWED, State
from supplier.kernel.audit import SYSTEM, move
from supplier.kernel.database import reading, transaction
from supplier.kernel.i18n import N_

#: A paper without a job is looked for after this time.
PATIENCE = timedelta(minutes=2)
#: Nothing is known of the paper, nor against it: a person opens it.
ENDED_THE_READER = Reading(
    kind=None,
    fields={},
    verdict=Verdict.REVIEW,
    reasons=(ReasonCode.UNREADABLE,),
    findings=(
        Finding(
            "ended_the_reader",
            Severity.DOUBT,
            N_("Reading this paper stopped the machine each time. Look at it with care."),
        ),
    ),
)


class _Fate(Enum):
    """What happened to the job that should have read a paper."""

    LOST = auto()
    GIVEN_UP = auto()
    KILLED = auto()


def requeue_waiting(now: datetime) -> dict[str, int]:
    """Find papers that wait without a job.

    Where the store lost the file, the supplier hands it in again; where reading ended the
    process each time, a person looks.
    """
    counts = {"requeued": 0, "unreadable": 0, "to_a_person": 0}
    for document_id, fate in _stranded(now):
        with transaction() as session:
            row = session.get_one(Document, document_id)
            if row.state != State.RECEIVED:
                continue
            if fate is _Fate.KILLED:
                _hand_to_a_person(session, row, now=now)
                counts["to_a_person"] += 1
            elif fate is _Fate.GIVEN_UP:
                unreadable(session, row, now=now)
                counts["unreadable"] += 1
            else:
                ask_to_read(session, row, now=now)
                counts["requeued"] += 1
    return counts


def _stranded(now: datetime) -> list[tuple[uuid.UUID, _Fate]]:
    """Papers received a while ago that no job will read."""
    with reading() as session:
        waiting = session.scalars(
            select(Document.id).where(
                Document.state == State.RECEIVED, Document.received_at < now - PATIENCE
            )
        ).all()
        if not waiting:
            return []
        jobs = session.scalars(
            select(Job)
            .where(Job.task == READ_TASK, Job.state.in_(["waiting", "given_up"]))
            .order_by(Job.created_at, Job.id)
        ).all()
    of_paper = defaultdict[str, list[Job]](list)
    for job in jobs:
        of_paper[str(job.payload.get("document_id"))].append(job)
    found = []
    for document_id in waiting:
        its = of_paper[str(document_id)]
        if not any(job.state == "waiting" for job in its):
            found.append((document_id, _fate(its)))
    return found


def _fate(jobs: list[Job]) -> _Fate:
    if not jobs:
        return _Fate.LOST
    return _Fate.KILLED if killed_its_workers(jobs[-1]) else _Fate.GIVEN_UP


def _hand_to_a_person(session: Session, document: Document, *, now: datetime) -> None:
    write_down(document, KeptReading(ENDED_THE_READER))
    document.verdict = ENDED_THE_READER.verdict.value
    document.reasons = [reason.value for reason in ENDED_THE_READER.reasons]
    move(session, document, State.UNREADABLE, "document.unreadable", allowed=ALLOWED,
         by=SYSTEM, at=now, data={"cause": "ended_the_reader"})  # fmt: skip
    move(session, document, State.IN_REVIEW, "document.queued", allowed=ALLOWED,
         by=SYSTEM, at=now)  # fmt: skip
    ask_to_refresh(session, document.supplier_id, now=now)
