"""People decide on papers: once, never on their own, never twice on what is contested."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from supplier.accounts.models import User
from supplier.accounts.permissions import Role
from supplier.documents import actions, keeping, queries
from supplier.documents.kept_reading import find_kept
from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.models import Decision, Document
from supplier.documents.states import IssuerAnswer, Outcome, State
from supplier.kernel.audit import Actor, Event
from supplier.kernel.database import new_id, reading, transaction
from supplier.kernel.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from supplier.kernel.finding import ask
from supplier.kernel.registers import SearchScope
from tests.documents.hands import Hands
from tests.make import actor


def person(hands: Hands, name: str) -> Actor:
    user: User = hands.make.staff(name, Role.PURCHASING)
    return actor(user)


@pytest.fixture
def denise(hands: Hands) -> Actor:
    return person(hands, "Denise Achats")


@pytest.fixture
def emile(hands: Hands) -> Actor:
    return person(hands, "Émile Second")


def put(hands: Hands, state: State = State.IN_REVIEW, **values: object) -> Document:
    """A paper that stands in a state, as reading would have left it."""
    number = new_id().hex
    defaults: dict[str, object] = {
        "kind": "kbis", "expected_kind": None, "origin": "upload", "original_name": "kbis.pdf",
        "media_type": "application/pdf", "size": 10, "sha256": number + number, "file_key": number,
        "received_at": hands.make.clock.at, "received_by_kind": "supplier",
        "received_by_id": hands.alice.id, "reasons": [], "issued_on": date(2026, 10, 12),
        "valid_from": date(2026, 10, 12), "valid_until": date(2027, 4, 11),
        "authenticity": "unchecked",
    }  # fmt: skip
    row = Document(
        id=new_id(), supplier_id=hands.alpha.id, state=state.value, **{**defaults, **values}
    )
    with transaction() as session:
        session.add(row)
    return row


def decisions_of(document_id: object) -> list[Decision]:
    with reading() as session:
        return list(
            session.scalars(
                select(Decision).where(Decision.document_id == document_id).order_by(Decision.at)
            )
        )


def last_event(document_id: object) -> Event:
    with reading() as session:
        return session.scalars(
            select(Event).where(Event.subject_id == document_id).order_by(Event.seq.desc())
        ).first()  # type: ignore[return-value]


def test_accepting_writes_the_decision_and_its_event(hands: Hands, denise: Actor) -> None:
    paper = put(hands)
    actions.accept(paper.id, by=denise, now=hands.make.clock.at)
    assert hands.row(paper.id).state == "accepted"
    [decision] = decisions_of(paper.id)
    assert (decision.outcome, decision.by_id, decision.by_machine) == ("accept", denise.id, False)
    event = last_event(paper.id)
    assert (event.kind, event.from_state, event.to_state) == (
        "document.accepted", "in_review", "accepted",
    )  # fmt: skip


def test_refusing_keeps_the_coded_reasons(hands: Hands, denise: Actor) -> None:
    paper = put(hands)
    actions.refuse(
        paper.id, reasons=[ReasonCode.TOO_OLD], by=denise, now=hands.make.clock.at, comment="Vieux."
    )
    assert hands.row(paper.id).reasons == ["too_old"]
    assert decisions_of(paper.id)[0].comment == "Vieux."
    assert last_event(paper.id).reason == "too_old"


def test_a_refusal_without_a_reason_is_sent_back(hands: Hands, denise: Actor) -> None:
    paper = put(hands)
    with pytest.raises(DomainError) as error:
        actions.refuse(paper.id, reasons=[], by=denise, now=hands.make.clock.at)
    assert error.value.field == "reasons"
    assert hands.row(paper.id).state == "in_review"


def test_asking_again_says_which_paper(hands: Hands, denise: Actor) -> None:
    paper = put(hands)
    with pytest.raises(DomainError):
        actions.ask_again(
            paper.id, reasons=[ReasonCode.UNREADABLE], comment="", by=denise,
            now=hands.make.clock.at,
        )  # fmt: skip
    actions.ask_again(
        paper.id, reasons=[ReasonCode.UNREADABLE], comment="La page 2, s'il vous plaît.",
        by=denise, now=hands.make.clock.at,
    )  # fmt: skip
    assert last_event(paper.id).kind == "document.asked_again"


def test_the_slower_of_two_gets_a_conflict_and_no_second_decision(
    hands: Hands, denise: Actor, emile: Actor
) -> None:
    paper = put(hands)
    actions.accept(paper.id, by=denise, now=hands.make.clock.at)
    with pytest.raises(ConflictError):
        actions.refuse(paper.id, reasons=[ReasonCode.TOO_OLD], by=emile, now=hands.make.clock.at)
    assert len(decisions_of(paper.id)) == 1


@pytest.mark.parametrize(
    "state", [State.RECEIVED, State.HELD, State.ACCEPTED, State.REFUSED, State.WITHDRAWN,
              State.SUPERSEDED],
)  # fmt: skip
def test_only_papers_that_wait_can_be_decided(hands: Hands, denise: Actor, state: State) -> None:
    paper = put(hands, state)
    with pytest.raises(ConflictError):
        actions.accept(paper.id, by=denise, now=hands.make.clock.at)
    assert hands.row(paper.id).state == state


def test_nobody_decides_on_a_paper_that_they_handed_in(hands: Hands, denise: Actor) -> None:
    paper = put(hands, received_by_kind="staff", received_by_id=denise.id, origin="staff")
    for act in (
        lambda: actions.accept(paper.id, by=denise, now=hands.make.clock.at),
        lambda: actions.refuse(
            paper.id, reasons=[ReasonCode.TOO_OLD], by=denise, now=hands.make.clock.at
        ),
        lambda: actions.correct_fields(
            paper.id, values={"siren": "999000102"}, by=denise, now=hands.make.clock.at
        ),
    ):
        with pytest.raises(ForbiddenError):
            act()


def test_staff_of_another_company_do_not_see_the_paper(hands: Hands, denise: Actor) -> None:
    mine, other = hands.make.buyer("Kerlan"), hands.make.buyer("Autre")
    hands.make.engagement(hands.alpha, mine)
    paper = put(hands)
    with pytest.raises(NotFoundError):
        actions.accept(paper.id, by=denise, now=hands.make.clock.at, buyers=frozenset({other.id}))
    actions.accept(paper.id, by=denise, now=hands.make.clock.at, buyers=frozenset({mine.id}))


@pytest.mark.parametrize(
    ("values", "field"),
    [({"kind": None}, "kind"), ({"valid_until": None}, "issued_on")],
)
def test_a_paper_without_its_kind_or_date_is_never_accepted(
    hands: Hands, denise: Actor, values: dict[str, object], field: str
) -> None:
    paper = put(hands, **values)
    with pytest.raises(DomainError) as error:
        actions.accept(paper.id, by=denise, now=hands.make.clock.at)
    assert error.value.field == field


def test_a_revoked_decision_keeps_its_line(hands: Hands, denise: Actor, emile: Actor) -> None:
    paper = put(hands)
    actions.accept(paper.id, by=denise, now=hands.make.clock.at)
    later = hands.make.clock.at + timedelta(hours=1)
    actions.revoke(paper.id, reason="Mauvaise société", by=emile, now=later)
    assert hands.row(paper.id).state == "in_review"
    [decision] = decisions_of(paper.id)
    assert (decision.revoked_at, decision.revoked_by_id) == (later, emile.id)
    with pytest.raises(ConflictError):
        actions.revoke(paper.id, reason="encore", by=emile, now=later)


def test_contesting_takes_one_click_and_another_person(
    hands: Hands, denise: Actor, emile: Actor
) -> None:
    paper = put(hands)
    actions.refuse(paper.id, reasons=[ReasonCode.TOO_OLD], by=denise, now=hands.make.clock.at)
    later = hands.make.clock.at + timedelta(hours=1)
    actions.contest(paper.id, supplier_id=hands.alpha.id, by=hands.by, now=later)
    assert hands.row(paper.id).state == "in_review"
    # The refusal stays in force until it is answered.
    assert decisions_of(paper.id)[0].revoked_at is None
    with pytest.raises(ForbiddenError):
        actions.accept(paper.id, by=denise, now=later, comment="Non")
    with pytest.raises(DomainError) as error:
        actions.accept(paper.id, by=emile, now=later)
    assert error.value.field == "comment"
    actions.answer_contest(
        paper.id, outcome=Outcome.ACCEPT, comment="Vous avez raison.", by=emile, now=later
    )
    assert hands.row(paper.id).state == "accepted"
    assert hands.row(paper.id).contested_at is None
    assert decisions_of(paper.id)[0].revoked_at == later


def test_an_answer_that_upholds_the_refusal_keeps_its_reasons(
    hands: Hands, denise: Actor, emile: Actor
) -> None:
    paper = put(hands)
    actions.refuse(paper.id, reasons=[ReasonCode.TOO_OLD], by=denise, now=hands.make.clock.at)
    actions.contest(paper.id, supplier_id=hands.alpha.id, by=hands.by, now=hands.make.clock.at)
    actions.answer_contest(
        paper.id, outcome=Outcome.REFUSE, comment="La date est lisible.", by=emile,
        now=hands.make.clock.at,
    )  # fmt: skip
    assert (hands.row(paper.id).state, hands.row(paper.id).reasons) == ("refused", ["too_old"])
    with pytest.raises(ConflictError):
        actions.answer_contest(
            paper.id, outcome=Outcome.ACCEPT, comment="x", by=emile, now=hands.make.clock.at
        )


def test_nobody_is_sent_to_look_at_what_stands_behind_a_password(hands: Hands) -> None:
    paper = put(hands, State.REFUSED, reasons=["encrypted"], kind=None)
    with pytest.raises(ConflictError, match="without its password"):
        actions.contest(paper.id, supplier_id=hands.alpha.id, by=hands.by, now=hands.make.clock.at)
    assert queries.get_file(paper.id).document.state == "refused"


def test_a_stranger_can_neither_contest_nor_withdraw(hands: Hands) -> None:
    paper = put(hands, State.REFUSED)
    stranger = hands.stranger()
    for act in (actions.contest, actions.withdraw):
        with pytest.raises(NotFoundError):
            act(paper.id, supplier_id=stranger.id, by=hands.by, now=hands.make.clock.at)


def test_an_accepted_paper_can_be_neither_contested_nor_withdrawn(hands: Hands) -> None:
    paper = put(hands, State.ACCEPTED)
    for act in (actions.contest, actions.withdraw):
        with pytest.raises(ConflictError):
            act(paper.id, supplier_id=hands.alpha.id, by=hands.by, now=hands.make.clock.at)


def test_bulk_acceptance_tells_each_that_was_left_and_why(hands: Hands, denise: Actor) -> None:
    good, undated = put(hands), put(hands, valid_until=None)
    gone = put(hands, State.ACCEPTED)
    accepted, left = actions.accept_many(
        [good.id, undated.id, gone.id, good.id], by=denise, now=hands.make.clock.at
    )
    assert accepted == [good.id]
    assert set(left) == {undated.id, gone.id}
    assert hands.row(undated.id).state == "in_review"


def test_a_corrected_date_moves_the_last_good_day_and_keeps_who_did_it(
    hands: Hands, denise: Actor
) -> None:
    paper = put(hands, valid_until=None, issued_on=None)
    actions.correct_fields(
        paper.id, values={"issued_on": "2026-10-31"}, by=denise, now=hands.make.clock.at
    )
    row = hands.row(paper.id)
    assert (row.issued_on, row.valid_until) == (date(2026, 10, 31), date(2027, 4, 29))
    kept = find_kept(row)
    assert kept is not None
    assert kept.corrections["issued_on"].by_name == "Denise Achats"
    assert kept.corrections["issued_on"].was is None
    assert last_event(paper.id).data == {"field": "issued_on"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("issued_on", "31/10/2026"), ("issued_on", ""), ("siren", "123456789"), ("nonsense", "x")],
)
def test_a_value_that_cannot_be_is_sent_back(
    hands: Hands, denise: Actor, name: str, value: str
) -> None:
    paper = put(hands)
    with pytest.raises(DomainError):
        actions.correct_fields(paper.id, values={name: value}, by=denise, now=hands.make.clock.at)


def test_a_corrected_kind_brings_its_own_rule(hands: Hands, denise: Actor) -> None:
    paper = put(hands, kind=None, valid_until=None)
    actions.correct_kind(
        paper.id, kind=DocumentKind.TAX_COMPLIANCE, by=denise, now=hands.make.clock.at
    )
    actions.correct_fields(
        paper.id, values={"issued_on": "2026-10-12"}, by=denise, now=hands.make.clock.at
    )
    assert hands.row(paper.id).valid_until == date(2027, 10, 11)
    actions.accept(paper.id, by=denise, now=hands.make.clock.at)


def test_the_issuers_answer_is_kept_with_its_capture(hands: Hands, denise: Actor) -> None:
    paper = put(hands, State.ACCEPTED, kind="urssaf_vigilance")
    check = actions.record_issuer_check(
        paper.id, result=IssuerAnswer.CONFIRMED, by=denise, now=hands.make.clock.at,
        capture=b"\x89PNG capture",
    )  # fmt: skip
    assert hands.row(paper.id).authenticity == "confirmed"
    assert check.capture_sha256 is not None


def test_no_answer_from_the_issuer_is_never_a_no(hands: Hands, denise: Actor) -> None:
    paper = put(hands, State.ACCEPTED, kind="urssaf_vigilance")
    actions.record_issuer_check(
        paper.id, result=IssuerAnswer.UNAVAILABLE, by=denise, now=hands.make.clock.at
    )
    assert hands.row(paper.id).authenticity == "unchecked"


def test_a_second_look_at_a_refusal_ends_the_wait_once(hands: Hands, denise: Actor) -> None:
    paper = put(hands, State.REFUSED, sampled_at=hands.make.clock.at)
    actions.confirm_sample(paper.id, by=denise, now=hands.make.clock.at)
    assert hands.row(paper.id).sampled_at is None
    with pytest.raises(ConflictError):
        actions.confirm_sample(paper.id, by=denise, now=hands.make.clock.at)


def test_the_queue_shows_contested_papers_first_and_skips_ones_own(
    hands: Hands, denise: Actor
) -> None:
    old = put(hands, received_at=hands.make.clock.at - timedelta(days=3))
    contested = put(hands, contested_at=hands.make.clock.at)
    mine = put(hands, received_by_id=denise.id)
    assert queries.find_next_waiting(None) == contested.id
    assert queries.find_next_waiting(None, after=old.id) == mine.id
    assert queries.find_next_waiting(None, after=contested.id, not_for=denise.id) == old.id
    assert queries.find_next_waiting(None, after=old.id, not_for=denise.id) == contested.id
    with reading() as session:
        assert session.scalar(queries.count_waiting(None)) == 3
        assert session.scalar(queries.count_waiting(frozenset())) == 0


def test_retention_counts_only_from_a_confirmed_end(hands: Hands) -> None:
    buyer = hands.make.buyer("Kerlan")
    paper = put(hands, State.ACCEPTED)
    engagement = hands.make.engagement(hands.alpha, buyer, ended_on=date(2026, 10, 31))

    def start() -> tuple[str, date | None]:
        with reading() as session:
            [kept] = keeping.list_kept(session, date(2026, 11, 23))
            return kept.rule, kept.starts_on

    assert start() == ("vigilance_paper", None)
    with transaction() as session:
        session.merge(engagement).end_confirmed_at = hands.make.clock.at
    assert start() == ("vigilance_paper", date(2026, 10, 31))
    hands.make.engagement(hands.alpha, buyer, started_on=date(2026, 11, 1))
    assert start() == ("vigilance_paper", None)
    assert hands.row(paper.id).state == "accepted"


def test_an_erased_paper_names_nobody_and_may_come_again(hands: Hands) -> None:
    paper = put(hands, State.ACCEPTED, contest_comment="moi", code_index="x" * 64)
    with transaction() as session:
        erased = keeping.erase(session, paper.id, hands.make.clock.at)
    row = hands.row(paper.id)
    assert erased.file_keys == (paper.file_key,)
    assert (row.state, row.original_name, row.reading, row.code_index, row.contest_comment) == (
        "erased", "", None, None, None,
    )  # fmt: skip
    assert row.sha256 != paper.sha256
    with pytest.raises(NotFoundError):
        queries.get_file(paper.id)
    with transaction() as session:
        assert keeping.erase(session, paper.id, hands.make.clock.at).rows == 0


def test_search_finds_papers_of_ones_own_suppliers_only(hands: Hands) -> None:
    buyer = hands.make.buyer("Kerlan")
    hands.make.engagement(hands.alpha, buyer)
    paper = put(hands, original_name="kbis-alpha_100%.pdf")
    with reading() as session:
        for words in ("kbis-alpha_100%", paper.sha256[:12]):
            found = keeping.find(session, ask(session, words), SearchScope(None), 10)
            assert [one.values["document_id"] for one in found] == [str(paper.id)]
        asked = ask(session, "kbis-alpha")
        assert keeping.find(session, asked, SearchScope(frozenset()), 10) == []
        assert keeping.find(session, ask(session, "kb"), SearchScope(None), 10) == []
