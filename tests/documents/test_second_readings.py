"""A drawn paper is read again without sight of the machine; errors tighten what it may do."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from supplier.accounts.models import User
from supplier.accounts.permissions import Role
from supplier.adapters.queue import Job
from supplier.documents import actions, judging, policy, queries, second_readings
from supplier.documents.blind import BlindReading, asked
from supplier.documents.keeping import erase
from supplier.documents.kinds import DocumentKind
from supplier.documents.models import AcceptancePolicy, Document, SecondReading
from supplier.documents.quality import Level, Tally
from supplier.documents.states import Outcome
from supplier.kernel.audit import Event
from supplier.kernel.database import new_id, reading, transaction
from supplier.kernel.errors import ConflictError, DomainError, ForbiddenError
from supplier.notifications.models import OutboxMessage
from supplier.notifications.tasks import notify
from tests.documents.hands import TODAY, Hands, kbis, urssaf
from tests.make import actor

KBIS = DocumentKind.KBIS


@pytest.fixture
def denise(hands: Hands) -> User:
    return hands.make.staff("Denise Achats", Role.PURCHASING)


@pytest.fixture
def paul(hands: Hands) -> User:
    return hands.make.staff("Paul Achats", Role.PURCHASING)


@pytest.fixture(autouse=True)
def _everything_is_drawn(hands: Hands):
    before = judging.reader_settings()
    judging.use_reader(replace(hands.settings, sample_rate=1.0, error_target=0.01))
    yield
    judging.use_reader(before)


def drawn(hands: Hands, data: bytes | None = None) -> Document:
    """A paper that the machine accepted and that waits to be read again."""
    receipt = hands.submit(data or kbis())
    actions.read_document(
        receipt.document_id, now=hands.make.clock.at, today=TODAY,
        settings=judging.reader_settings(),
    )  # fmt: skip
    return hands.row(receipt.document_id)


def as_the_machine(document: Document, outcome: Outcome = Outcome.ACCEPT, **more: str):
    file = queries.get_file(document.id)
    assert file.kept is not None
    values = {name: file.kept.reading.text(name) or "" for name in asked(KBIS)}
    return BlindReading(KBIS, outcome, {**values, **more})


def read(hands: Hands, document: Document, by: User, **more: str) -> SecondReading:
    return second_readings.read_again(
        document.id, read=as_the_machine(document, **more), by=actor(by), now=hands.make.clock.at
    )


def events(subject_id: uuid.UUID) -> list[str]:
    with reading() as session:
        query = select(Event.kind).where(Event.subject_id == subject_id).order_by(Event.seq)
        return list(session.scalars(query))


def measured(hands: Hands, *, read: int, wrong: int, level_at: int = 0) -> None:
    """So many second readings of extracts, some of which found the machine wrong."""
    with transaction() as session:
        document = session.scalars(select(Document)).first()
        assert document is not None
        for number in range(read):
            session.add(
                SecondReading(
                    id=new_id(), document_id=document.id, supplier_id=document.supplier_id,
                    state="machine_wrong" if number < wrong else "agrees", kind="kbis",
                    drawn=True, differs=[], rules_version="x", by_name="Denise",
                    at=hands.make.clock.at,
                )
            )  # fmt: skip


def test_whoever_reads_the_same_closes_the_matter(hands: Hands, denise: User) -> None:
    document = drawn(hands)
    row = read(hands, document, denise)
    assert (row.state, row.differs, row.drawn) == ("agrees", [], True)
    assert row.rules_version == judging.READER_VERSION
    assert hands.row(document.id).sampled_at is None
    assert events(document.id)[-1] == "document.second_read"


def test_what_was_written_is_sealed(hands: Hands, denise: User) -> None:
    row = read(hands, drawn(hands), denise)
    assert row.written is not None
    assert hands.alpha.siren.encode() not in row.written


def test_a_difference_waits_until_it_is_settled(hands: Hands, denise: User) -> None:
    document = drawn(hands)
    row = read(hands, document, denise, issued_on="2026-01-01")
    assert (row.state, row.differs) == ("differs", ["issued_on"])
    assert hands.row(document.id).sampled_at is not None
    with pytest.raises(ConflictError):
        read(hands, document, denise)


def test_a_slip_of_the_reader_leaves_the_decision(hands: Hands, denise: User, paul: User) -> None:
    document = drawn(hands)
    row = read(hands, document, denise, siren="999000999")
    second_readings.find_for_the_machine(
        document.id, reason="Faute de frappe.", by=actor(paul), now=hands.make.clock.at
    )
    after = hands.row(document.id)
    assert (after.state, after.sampled_at) == ("accepted", None)
    assert events(row.id) == ["document.second_reading_settled"]
    assert policy.figures(now=hands.make.clock.at).overall == Tally(1, 0)


def test_nobody_settles_their_own_reading_and_it_leaves_their_queue(
    hands: Hands, denise: User, paul: User
) -> None:
    document = drawn(hands)
    row = read(hands, document, denise, siren="999000999")
    for verb in (second_readings.find_for_the_machine, second_readings.find_against_the_machine):
        with pytest.raises(ConflictError, match="someone else"):
            verb(document.id, reason="Moi.", by=actor(denise), now=hands.make.clock.at)
    assert events(row.id) == []
    assert queries.find_next_waiting(queries.EVERYTHING, not_for=denise.id) is None
    assert queries.find_next_waiting(queries.EVERYTHING, not_for=paul.id) == document.id


def test_an_error_takes_the_decision_back_and_tightens_at_once(
    hands: Hands, denise: User, paul: User
) -> None:
    document = drawn(hands)
    read(hands, document, denise, outcome=Outcome.REFUSE)
    second_readings.find_against_the_machine(
        document.id, reason="Page 2 manque.", by=actor(paul), now=hands.make.clock.at
    )
    assert hands.row(document.id).state == "in_review"
    with reading() as session:
        line = session.scalars(select(AcceptancePolicy)).one()
        job = session.scalars(select(Job).where(Job.task == "notify")).one()
    assert (line.kind, line.level, line.read, line.wrong, line.by_id) == ("kbis", "all", 1, 1, None)
    assert events(line.id) == ["policy.tightened"]
    assert job.payload == {"kind": "policy_tightened", "policy_id": str(line.id)}


def test_those_who_decide_are_told_once(hands: Hands, denise: User, paul: User) -> None:
    hugo = hands.make.staff("Hugo Admin", Role.ADMINISTRATOR)
    hands.make.staff("Farid Compta", Role.ACCOUNTING)
    test_an_error_takes_the_decision_back_and_tightens_at_once(hands, denise, paul)
    with reading() as session:
        job = session.scalars(select(Job).where(Job.task == "notify")).one()
    for _ in range(2):
        notify(job.payload, hands.make.clock.at)
    with reading() as session:
        told = set(session.scalars(select(OutboxMessage.to_address)))
    assert told == {denise.email, paul.email, hugo.email}


def test_settling_needs_words_and_something_to_settle(hands: Hands, denise: User) -> None:
    document = drawn(hands)
    by, now = actor(denise), hands.make.clock.at
    with pytest.raises(ConflictError):
        second_readings.find_for_the_machine(document.id, reason="?", by=by, now=now)
    read(hands, document, denise, siren="999000999")
    with pytest.raises(DomainError):
        second_readings.find_against_the_machine(document.id, reason="", by=by, now=now)


def test_who_handed_it_in_does_not_read_it_again(hands: Hands) -> None:
    document = drawn(hands)
    with pytest.raises(ForbiddenError):
        read(hands, document, hands.alice)


def test_a_drawn_acceptance_is_not_confirmed_at_sight(hands: Hands, denise: User) -> None:
    document = drawn(hands)
    with pytest.raises(ConflictError):
        actions.confirm_sample(document.id, by=actor(denise), now=hands.make.clock.at)


def test_a_tightened_kind_is_read_again_whole_then_goes_to_people(
    hands: Hands, denise: User
) -> None:
    judging.use_reader(replace(hands.settings, sample_rate=0.0, error_target=0.01))
    first = drawn(hands)
    assert first.sampled_at is None
    measured(hands, read=100, wrong=6)
    assert second_readings.tighten_policy(hands.make.clock.at) == {"tightened": 1}
    second = drawn(hands, kbis(issued_on=TODAY))
    assert (second.state, second.sampled_at is not None) == ("accepted", True)
    hands.make.clock.at += policy.MEMORY / 365
    assert second_readings.tighten_policy(hands.make.clock.at) == {"tightened": 0}
    measured(hands, read=10, wrong=2)
    assert second_readings.tighten_policy(hands.make.clock.at) == {"tightened": 1}
    third = drawn(hands, kbis(issued_on=TODAY.replace(day=2)))
    assert (third.state, third.verdict) == ("in_review", "review")
    other = drawn(hands, urssaf())
    assert other.state == "accepted"


def test_every_verdict_names_the_policy_it_was_drawn_by(hands: Hands, denise: User) -> None:
    policy.decide_level(
        KBIS, Level.ALL, reason="Prudence.", by=actor(denise), now=hands.make.clock.at
    )
    document = drawn(hands)
    [decision] = queries.get_file(document.id).decisions
    assert decision.rules_version == f"{judging.READER_VERSION}+1"


def test_only_a_person_loosens_and_says_why(hands: Hands, denise: User) -> None:
    drawn(hands)
    measured(hands, read=100, wrong=6)
    now, hugo = hands.make.clock.at, actor(hands.make.staff("Hugo Admin", Role.ADMINISTRATOR))
    second_readings.tighten_policy(now)
    with pytest.raises(DomainError):
        policy.decide_level(KBIS, Level.SAMPLED, reason="", by=hugo, now=now)
    with pytest.raises(DomainError):
        policy.decide_level(KBIS, Level.ALL, reason="Rien.", by=hugo, now=now)
    later = now + policy.MEMORY / 365
    row = policy.decide_level(KBIS, Level.SAMPLED, reason="Lecture réparée.", by=hugo, now=later)
    assert events(row.id) == ["policy.decided"]
    # What was measured before does not tighten again what a person loosened.
    assert second_readings.tighten_policy(later) == {"tightened": 0}


def test_figures_count_kinds_apart_and_only_lots_together(hands: Hands, denise: User) -> None:
    document = drawn(hands)
    measured(hands, read=9, wrong=1)
    judging.use_reader(replace(hands.settings, sample_rate=0.0))
    read(hands, document, denise)
    found = policy.figures(now=hands.make.clock.at)
    [one] = found.kinds
    assert (one.kind, one.accepted, one.tally) == (KBIS, 1, Tally(10, 1))
    assert found.overall == Tally(9, 1)


def test_what_somebody_wrote_goes_with_the_paper(hands: Hands, denise: User) -> None:
    document = drawn(hands)
    row = read(hands, document, denise)
    with transaction() as session:
        erase(session, document.id, hands.make.clock.at)
    with reading() as session:
        left = session.get_one(SecondReading, row.id)
    assert (left.written, left.by_name, left.by_id, left.state) == (None, "", None, "agrees")


def test_each_acceptance_of_the_machine_is_counted_on_its_day(hands: Hands) -> None:
    drawn(hands)
    now = hands.make.clock.at
    with transaction() as session:
        policy.count_accepted(session, DocumentKind.KBIS, now=now)
        policy.count_accepted(session, DocumentKind.KBIS, now=now - timedelta(days=400))
    shown = {one.kind: one.accepted for one in policy.figures(now=now).kinds}
    assert shown[DocumentKind.KBIS] == 2
