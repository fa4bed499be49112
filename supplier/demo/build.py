"""Play two years of the fictional group's life into an empty database, day by day."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from flask import Flask
from sqlalchemy import delete, select

from supplier import jobs
from supplier.adapters.queue import Job
from supplier.demo.banking import write_bank
from supplier.demo.deposits import Deposit, deposits
from supplier.demo.letters import send_back, write_letters
from supplier.demo.marks import write_marks
from supplier.demo.notes import write_notes
from supplier.demo.people import Cast, Entry, at_hour, write_people
from supplier.demo.suppliers.directory import SUPPLIERS
from supplier.demo.suppliers.facts import Scenario
from supplier.demo.work import write_work
from supplier.documents import actions as documents
from supplier.documents import intake, judging, second_readings, verifying
from supplier.documents.blind import BlindReading, asked
from supplier.documents.kept_reading import find_kept, kind_of
from supplier.documents.kinds import DocumentKind
from supplier.documents.models import Document
from supplier.documents.states import IssuerAnswer, Outcome, State
from supplier.kernel.audit import Actor
from supplier.kernel.database import ids_from, reading, transaction
from supplier.kernel.errors import DomainError
from supplier.retention import actions as retention
from supplier.settings import Settings
from supplier.vigilance import actions as vigilance

#: What happened longer ago than this left no work behind.
STALE = timedelta(days=4)
#: What is younger is told day by day.
RECENT = timedelta(days=14)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Handed:
    """A deposit that was acknowledged."""

    deposit: Deposit
    document_id: uuid.UUID
    at: datetime


def build(
    app: Flask, settings: Settings, *, now: datetime, today: date, progress: Progress
) -> Cast:
    """Fill the empty database of `app` as of `now`; `progress` hears papers done and to do.

    The same day gives the same story, to the ids (papers to read again are drawn by theirs).
    Papers are drawn, handed in, read by the real reader and judged as any other.
    """
    if settings.mode != "demo":
        raise ValueError("ids that can be guessed and a known password: in a demo only")
    with app.app_context(), ids_from("vigie demo"):
        cast = write_people(today=today)
        diary = sorted(
            (
                *write_work(cast, today=today), *write_marks(cast, now=now, today=today),
                *write_notes(cast, now=now, today=today),
                *write_bank(cast, settings, now=now, today=today),
            ),
            key=lambda entry: entry[0],
        )  # fmt: skip
        todo = sorted(
            (one for facts in SUPPLIERS for one in deposits(facts, today=today)),
            key=lambda one: (one.on, one.supplier_key, one.filename),
        )
        done = 0
        for _, group in groupby(todo, key=lambda one: _chapter(one.on, today)):
            chapter = list(group)
            diary = _live_through(diary, at_hour(chapter[-1].on, 7))
            for _ in _play(app, cast, settings, chapter, now=now, today=today):
                done += 1
                progress(done, len(todo))
        _live_through(diary, now)
        _settle(cast, now)
    return cast


def _chapter(on: date, today: date) -> date:
    """What is played at once: a month, or a day of the last weeks, whose history people look at."""
    return on if today - on < RECENT else on.replace(day=1)


def _live_through(diary: Sequence[Entry], until: datetime) -> list[Entry]:
    """Let happen what is due by an instant, in order; gives what is still to come."""
    for at, act in diary:
        if at <= until:
            act()
    return [entry for entry in diary if entry[0] > until]


def _play(
    app: Flask, cast: Cast, settings: Settings, chapter: Sequence[Deposit], *, now: datetime,
    today: date,
) -> Iterator[uuid.UUID]:  # fmt: skip
    """A chapter: files are handed in, read side by side, then people do their part.

    Gives each paper once it is read.
    """
    handed = [_hand_in(cast, settings, one, now=now) for one in chapter]

    def read(one: Handed) -> None:
        # A seed of its own: papers that are read side by side come in no order.
        with app.app_context(), ids_from(str(one.document_id)):
            judging.read_document(
                one.document_id, now=one.at + timedelta(seconds=2), today=one.deposit.on,
                settings=settings,
            )  # fmt: skip

    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for one, _ in zip(handed, pool.map(read, handed), strict=True):
            yield one.document_id
    for one in handed:
        _follow(cast, one, now=now, today=today)


def _hand_in(cast: Cast, settings: Settings, deposit: Deposit, *, now: datetime) -> Handed:
    minute = sum(map(ord, deposit.supplier_key + deposit.filename))
    at = min(at_hour(deposit.on, 8 + minute % 9, minute % 60), now - timedelta(minutes=minute % 50))
    receipt = intake.submit(
        deposit.draw(), filename=deposit.filename,
        supplier_id=cast.suppliers[deposit.supplier_key], by=cast.users[deposit.supplier_key],
        now=at, settings=settings, expected_kind=deposit.asked,
    )  # fmt: skip
    return Handed(deposit, receipt.document_id, at)


def _follow(cast: Cast, one: Handed, *, now: datetime, today: date) -> None:
    """What people do about a paper: decide old doubts, ask the issuer, contest."""
    with reading() as session:
        document = session.get_one(Document, one.document_id)
    camille = cast.staff["camille.roussel"]
    later = min(one.at + timedelta(hours=5), now)
    old = today - one.deposit.on > timedelta(days=10) and not one.deposit.trouble
    if document.state == State.IN_REVIEW and old:
        _say_purpose(one, by=camille, now=later)
        try:
            document = documents.accept(one.document_id, by=camille, now=later)
        except DomainError:
            return
    if document.sampled_at is not None and old:
        _read_again(document, by=cast.staff["karim.benali"], now=later)
    if one.deposit.contested and document.state == State.REFUSED:
        documents.contest(
            one.document_id, supplier_id=document.supplier_id,
            by=cast.users[one.deposit.supplier_key], now=later,
            comment="Le Kbis a trois mois jour pour jour, il devrait convenir.",
        )  # fmt: skip
    if document.state == State.ACCEPTED and _is_checked(one.deposit, today=today):
        verifying.record_issuer_check(
            one.document_id, result=IssuerAnswer.CONFIRMED, by=camille, now=later
        )


def _say_purpose(one: Handed, *, by: Actor, now: datetime) -> None:
    """What no kind says, the person who accepts the paper does, with the days on it."""
    proof = one.deposit.proof
    if proof is not None:
        documents.say_purpose(
            one.document_id, purpose=proof.purpose.value, issued_on=proof.facts.issued_on,
            valid_until=proof.valid_until, by=by, now=now,
        )  # fmt: skip


def _read_again(document: Document, *, by: Actor, now: datetime) -> None:
    """A person reads a drawn paper without sight of the machine, and reads the same."""
    kept, kind = find_kept(document), kind_of(document)
    if document.state != State.ACCEPTED or kept is None or kind is None:
        verifying.confirm_sample(document.id, by=by, now=now)
        return
    values = {name: kept.reading.text(name) or "" for name in asked(kind)}
    second_readings.read_again(
        document.id, read=BlindReading(kind, Outcome.ACCEPT, values), by=by, now=now
    )


def _is_checked(deposit: Deposit, *, today: date) -> bool:
    """Urssaf certificates are checked with the issuer, but for the latest of some suppliers."""
    if deposit.expected is not DocumentKind.URSSAF_VIGILANCE:
        return False
    facts = next(one for one in SUPPLIERS if one.key == deposit.supplier_key)
    waits = Scenario.TO_VERIFY in facts.scenarios and today - deposit.on < timedelta(days=150)
    return not waits


def _settle(cast: Cast, now: datetime) -> None:
    """Past work left nothing to do; what is recent goes the usual way."""
    with transaction() as session:
        session.execute(delete(Job).where(Job.created_at < now - STALE))
    vigilance.refresh_all(now=now)
    write_letters(cast, now=now)
    while jobs.run_due(now=now, limit=500):
        pass
    send_back(cast, now=now)
    retention.propose_due(now)


def supplier_link_keys(scenarios: Iterable[Scenario]) -> list[str]:
    """The keys of suppliers that show these scenarios, one each."""
    return [
        next(one.key for one in SUPPLIERS if scenario in one.scenarios) for scenario in scenarios
    ]


def has_data() -> bool:
    """True when the database is already filled."""
    with reading() as session:
        return session.scalar(select(Document.id).limit(1)) is not None
