"""Review: the queue, one paper, decisions by its form, the slower of two, strangers."""

from __future__ import annotations

import io
import itertools
import re
import uuid
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from supplier.accounts.models import User
from supplier.accounts.permissions import Role
from supplier.adapters.files import store
from supplier.desk.review_paper import KEYS
from supplier.documents import actions
from supplier.documents.kept_reading import find_kept
from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.models import Decision, Document, IssuerCheck
from supplier.documents.obvious import is_obvious
from supplier.documents.reading.result import Finding, Severity, Value
from supplier.kernel.audit import Event
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import reading, transaction
from supplier.parties.models import Buyer, Supplier
from tests.desk.papers import PLACE, SCAN, read_paper, values
from tests.desk.test_contracts import statements
from tests.make import Maker, actor
from tests.web.posting import post, seen_in, token_of

Browse = Callable[[uuid.UUID], FlaskClient]


@pytest.fixture
def buyer(make: Maker) -> Buyer:
    return make.buyer()


@pytest.fixture
def alpha(make: Maker, buyer: Buyer) -> Supplier:
    supplier = make.supplier()
    make.contract(make.engagement(supplier, buyer))
    return supplier


@pytest.fixture
def denise(make: Maker) -> User:
    return make.staff("Denise Achats", Role.PURCHASING)


def page_of(document: Document) -> str:
    return f"/desk/review/{document.id}"


def state_of(document: Document) -> str:
    with reading() as session:
        return str(session.get_one(Document, document.id).state)


def events(document: Document) -> list[str]:
    with reading() as session:
        query = select(Event.kind).where(Event.subject_id == document.id).order_by(Event.seq)
        return list(session.scalars(query))


def test_the_queue_shows_contested_papers_first_and_why_each_waits(
    browse: Browse, alpha: Supplier, denise: User, clock: FixedClock
) -> None:
    read_paper(alpha, reasons=(ReasonCode.TOO_OLD,))
    read_paper(alpha, contested_at=clock.at, contest_comment="Il est encore bon.")
    body = browse(denise.id).get("/desk/review/").get_data(as_text=True)
    assert body.index("Il est encore bon.") < body.index("Trop ancienne")


def test_the_queue_is_filtered_by_kind_and_by_what_is_contested(
    browse: Browse, alpha: Supplier, denise: User, clock: FixedClock
) -> None:
    read_paper(alpha, original_name="urssaf.pdf")
    kbis = read_paper(alpha, kind=DocumentKind.KBIS, contested_at=clock.at)
    client = browse(denise.id)
    for query in ("kind=kbis", "only=contested"):
        body = client.get(f"/desk/review/?{query}").get_data(as_text=True)
        assert body.count("data-key-row") == 1
        assert str(kbis.id) in body


def test_an_empty_queue_says_so(browse: Browse, denise: User) -> None:
    assert "L’horizon est dégagé" in browse(denise.id).get("/desk/review/").get_data(as_text=True)


def test_a_paper_shows_each_value_with_its_zone_and_each_finding_with_its_rule(
    browse: Browse, alpha: Supplier, denise: User
) -> None:
    doubt = Finding("code_missing", Severity.DOUBT, "The control code is missing.", "L243-15")
    document = read_paper(alpha, findings=(doubt,), reasons=(ReasonCode.CODE_MISSING,))
    body = browse(denise.id).get(page_of(document)).get_data(as_text=True)
    assert body.count('data-zone="') == 5
    assert body.count("data-zone-for=") == 5
    assert "The control code is missing." in body
    assert "L243-15" in body
    assert "Le SIREN lu est celui de ce fournisseur." in body


def test_every_reason_has_a_key_of_its_own_that_no_button_of_the_page_has() -> None:
    assert set(KEYS) == set(ReasonCode)
    assert len(set(KEYS.values())) == len(KEYS)
    assert not set(KEYS.values()) & set("ARDJKVZXE/?")


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_a_reason_has_the_same_key_on_every_paper(
    browse: Browse, alpha: Supplier, denise: User, kind: DocumentKind
) -> None:
    client = browse(denise.id)
    for reason in (ReasonCode.TAMPERED, ReasonCode.INSOLVENCY):
        document = read_paper(alpha, kind=kind, reasons=(reason,))
        body = client.get(page_of(document)).get_data(as_text=True)
        found = re.findall(r'name="reason"[^>]*value="(\w+)"[^>]*data-key="(\w)"', body)
        if kind is DocumentKind.BANK_DETAILS:
            continue  # Others decide on these.
        assert dict(found) == {code.value: key.lower() for code, key in KEYS.items()}
        assert re.findall(r'name="reason"[^>]*value="(\w+)" checked', body) == [reason.value]


def test_next_leads_from_paper_to_paper_and_none_is_a_dead_end(
    browse: Browse, alpha: Supplier, denise: User
) -> None:
    papers = sorted((read_paper(alpha) for _ in range(3)), key=lambda one: one.id)
    client = browse(denise.id)
    for here, after in itertools.pairwise(papers):
        body = client.get(page_of(here)).get_data(as_text=True)
        link = re.search(r'<a [^>]*href="(/desk/review/[^"]+)"[^>]*data-key="j"', body)
        assert link is not None
        assert link[1] == page_of(after)
        assert client.get(link[1]).status_code == 200


def test_accepting_decides_and_goes_to_the_next_paper_at_once(
    browse: Browse, alpha: Supplier, denise: User
) -> None:
    one, two = read_paper(alpha), read_paper(alpha)
    client = browse(denise.id)
    answer = post(client, f"{page_of(one)}/accept", page=page_of(one))
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(page_of(two))
    assert state_of(one) == "accepted"
    assert events(one) == ["document.accepted"]


def test_refusing_needs_a_reason_and_keeps_what_was_typed(
    browse: Browse, alpha: Supplier, denise: User
) -> None:
    document = read_paper(alpha)
    answer = post(
        browse(denise.id), f"{page_of(document)}/refuse", {"comment": "Une autre, merci."},
        page=page_of(document),
    )  # fmt: skip
    assert answer.status_code == 422
    body = answer.get_data(as_text=True)
    assert "Une autre, merci." in body
    assert "v-banner-bad" in body
    assert state_of(document) == "in_review"


def test_a_refusal_carries_its_code_and_its_words(
    browse: Browse, alpha: Supplier, denise: User
) -> None:
    document = read_paper(alpha)
    data = {"reason": "wrong_company", "comment": "Voyez avec votre comptable."}
    post(browse(denise.id), f"{page_of(document)}/refuse", data, page=page_of(document))
    with reading() as session:
        decision = session.scalars(select(Decision)).one()
    assert (decision.outcome, decision.reasons) == ("refuse", ["wrong_company"])
    assert decision.comment == "Voyez avec votre comptable."
    assert decision.by_name == "Denise Achats"


def test_asking_for_another_needs_words_for_the_supplier(
    browse: Browse, alpha: Supplier, denise: User
) -> None:
    document, client = read_paper(alpha), browse(denise.id)
    url = f"{page_of(document)}/ask"
    assert post(client, url, {"reason": "too_old"}, page=page_of(document)).status_code == 422
    data = {"reason": "too_old", "comment": "Celle de novembre."}
    assert post(client, url, data, page=page_of(document)).status_code == 303
    assert events(document) == ["document.asked_again"]


def test_the_slower_of_two_reads_who_was_faster(
    browse: Browse, alpha: Supplier, denise: User, make: Maker, clock: FixedClock
) -> None:
    document = read_paper(alpha)
    client = browse(denise.id)
    token = token_of(client, page_of(document))
    other = make.staff("Karim Benali", Role.PURCHASING)
    actions.refuse(document.id, reasons=[ReasonCode.TOO_OLD], by=actor(other), now=clock.at)
    answer = client.post(f"{page_of(document)}/accept", data={"csrf_token": token})
    assert answer.status_code == 409
    body = answer.get_data(as_text=True)
    assert "Karim Benali a refusé cette pièce" in body
    assert state_of(document) == "refused"


def test_who_refused_does_not_answer_the_contest(
    browse: Browse, alpha: Supplier, denise: User, clock: FixedClock
) -> None:
    document = read_paper(alpha)
    actions.refuse(document.id, reasons=[ReasonCode.TOO_OLD], by=actor(denise), now=clock.at)
    actions.contest(document.id, supplier_id=alpha.id, by=actor(denise), now=clock.at)
    answer = post(
        browse(denise.id), f"{page_of(document)}/accept", {"comment": "Vous avez raison."},
        page=page_of(document),
    )  # fmt: skip
    assert answer.status_code == 403
    assert "quelqu’un d’autre" in answer.get_data(as_text=True)
    assert state_of(document) == "in_review"


def test_a_decision_is_taken_back_with_a_reason(
    browse: Browse, alpha: Supplier, denise: User, clock: FixedClock
) -> None:
    document = read_paper(alpha)
    actions.accept(document.id, by=actor(denise), now=clock.at)
    client, url = browse(denise.id), f"{page_of(document)}/revoke"
    assert post(client, url, {"reason": ""}, page=page_of(document)).status_code == 422
    assert post(client, url, {"reason": "Mal lu."}, page=page_of(document)).status_code == 303
    assert state_of(document) == "in_review"


def test_a_sampled_refusal_is_confirmed(
    browse: Browse, alpha: Supplier, denise: User, clock: FixedClock
) -> None:
    document = read_paper(alpha, sampled_at=clock.at)
    with transaction() as session:
        session.get_one(Document, document.id).state = "refused"
    post(browse(denise.id), f"{page_of(document)}/confirm", page=page_of(document))
    assert events(document) == ["document.sample_confirmed"]


def test_a_value_is_corrected_and_the_machine_s_stays_known(
    browse: Browse, alpha: Supplier, denise: User
) -> None:
    document = read_paper(alpha)
    url = f"{page_of(document)}/values"
    client = browse(denise.id)
    answer = post(client, url, {"value-issued_on": "2026-11-17"}, page=page_of(document))
    assert answer.status_code == 303
    assert "corrigé" in client.get(page_of(document)).get_data(as_text=True)
    with reading() as session:
        assert str(session.get_one(Document, document.id).issued_on) == "2026-11-17"


def test_a_value_that_cannot_be_is_said_and_nothing_typed_is_lost(
    browse: Browse, alpha: Supplier, denise: User
) -> None:
    document = read_paper(alpha)
    answer = post(
        browse(denise.id), f"{page_of(document)}/values", {"value-siren": "12"},
        page=page_of(document),
    )  # fmt: skip
    assert answer.status_code == 422
    assert 'value="12"' in answer.get_data(as_text=True)


def test_of_several_values_one_that_cannot_be_leaves_the_others_untouched(
    browse: Browse, alpha: Supplier, denise: User
) -> None:
    document = read_paper(alpha)
    sent = {"value-siren": "999000201", "value-company_name": "Alpha SARL",
            "value-issued_on": "9999-12-31"}  # fmt: skip
    answer = post(browse(denise.id), f"{page_of(document)}/values", sent, page=page_of(document))
    assert answer.status_code == 422
    body = answer.get_data(as_text=True)
    assert 'value="Alpha SARL"' in body
    assert events(document) == []
    with reading() as session:
        kept = find_kept(session.get_one(Document, document.id))
    assert kept is not None
    assert kept.corrections == {}


def test_the_kind_of_a_paper_is_corrected(browse: Browse, alpha: Supplier, denise: User) -> None:
    document = read_paper(alpha)
    post(browse(denise.id), f"{page_of(document)}/kind", {"kind": "kbis"}, page=page_of(document))
    with reading() as session:
        assert session.get_one(Document, document.id).kind == "kbis"


def test_the_slower_of_two_who_correct_a_value_compares_first(
    browse: Browse, alpha: Supplier, denise: User
) -> None:
    document = read_paper(alpha)
    client, here = browse(denise.id), page_of(document)
    opened = client.get(here).get_data(as_text=True)
    late = {"csrf_token": token_of(client, here), "seen": seen_in(opened)}
    read = {"value-issued_on": "2026-11-02", "value-company_name": alpha.name}
    faster = {**read, "value-issued_on": "2026-11-03"}
    assert post(client, f"{here}/values", faster, page=here).status_code == 303
    answer = client.post(f"{here}/values", data={**read, **late, "value-company_name": "Bêta"})
    body = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "<td>3\u00a0novembre 2026</td><td>2\u00a0novembre 2026</td>" in body
    assert 'value="Bêta"' in body
    assert str(kept_row(document).issued_on) == "2026-11-03"
    bare = {**read, "csrf_token": late["csrf_token"]}
    assert client.post(f"{here}/values", data=bare).status_code == 409
    again = {**bare, "seen": seen_in(body), "value-company_name": "Bêta"}
    assert client.post(f"{here}/values", data=again).status_code == 303
    assert str(kept_row(document).issued_on) == "2026-11-02"


def test_the_slower_of_two_who_say_what_a_paper_is_compares_first(
    browse: Browse, alpha: Supplier, denise: User
) -> None:
    document = read_paper(alpha)
    client, here = browse(denise.id), page_of(document)
    late = {
        "csrf_token": token_of(client, here),
        "seen": seen_in(client.get(here).get_data(as_text=True)),
    }
    assert post(client, f"{here}/kind", {"kind": "kbis"}, page=here).status_code == 303
    answer = client.post(f"{here}/kind", data={**late, "kind": "other"})
    body = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "<td>Extrait Kbis ou K</td><td>Autre pièce</td>" in body
    assert kept_row(document).kind == "kbis"
    again = {**late, "kind": "other", "seen": seen_in(body)}
    assert client.post(f"{here}/kind", data=again).status_code == 303
    assert kept_row(document).kind == "other"


def test_the_slower_of_two_who_say_what_a_paper_answers_compares_first(
    browse: Browse, alpha: Supplier, denise: User
) -> None:
    document = read_paper(alpha, kind=DocumentKind.OTHER)
    client, here = browse(denise.id), page_of(document)
    late = {
        "csrf_token": token_of(client, here),
        "seen": seen_in(client.get(here).get_data(as_text=True)),
    }
    said = {"purpose": "vat_number", "issued_on": "2026-11-03", "valid_until": ""}
    assert post(client, f"{here}/purpose", said, page=here).status_code == 303
    answer = client.post(f"{here}/purpose", data={**said, **late, "issued_on": "2026-11-04"})
    body = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "<td>03/11/2026</td><td>04/11/2026</td>" in body
    assert str(kept_row(document).issued_on) == "2026-11-03"
    again = {**said, **late, "issued_on": "2026-11-04", "seen": seen_in(body)}
    assert client.post(f"{here}/purpose", data=again).status_code == 303
    assert str(kept_row(document).issued_on) == "2026-11-04"


def kept_row(document: Document) -> Document:
    with reading() as session:
        return session.get_one(Document, document.id)


def test_only_obvious_papers_are_accepted_together(
    browse: Browse, alpha: Supplier, denise: User
) -> None:
    plain = read_paper(alpha, findings=(SCAN,))
    doubtful = read_paper(alpha, reasons=(ReasonCode.TAMPERED,))
    data = {"chosen": [str(plain.id), str(doubtful.id)]}
    post(browse(denise.id), "/desk/review/accept", data, page="/desk/review/")
    assert (state_of(plain), state_of(doubtful)) == ("accepted", "in_review")


def test_what_is_read_of_chosen_papers_is_read_together(
    browse: Browse, make: Maker, buyer: Buyer, denise: User
) -> None:
    """Each decision is a transaction of its own; nothing else is asked paper by paper."""
    client, asked_of = browse(denise.id), []
    client.get("/desk/review/")
    for number in (1, 4):
        papers = []
        for one in range(number):
            supplier = make.supplier(f"Fournisseur {number}{one}")
            make.engagement(supplier, buyer)
            papers.append(read_paper(supplier, findings=(SCAN,)))
        with statements() as asked:
            post(client, "/desk/review/accept", {"chosen": [str(one.id) for one in papers]},
                 page="/desk/review/")  # fmt: skip
        assert [state_of(one) for one in papers] == ["accepted"] * number
        deciding = sum("INTO decision" in one for one in asked)
        assert deciding == number
        asked_of.append([
            sum(word in one for one in asked)
            for word in ("FROM obligation", "FROM preview", "FROM contract", "FROM waiver")
        ])  # fmt: skip
    assert asked_of[0] == asked_of[1]


@pytest.mark.parametrize(
    ("change", "obvious"),
    [
        ({}, True),
        ({"reasons": (ReasonCode.TOO_OLD,)}, False),
        ({"kind": DocumentKind.BANK_DETAILS}, False),
        ({"findings": (Finding("tampered", Severity.DOUBT, "x"),)}, False),
        ({"valid_until": None}, False),
    ],
)
def test_a_paper_is_obvious_when_only_its_picture_asks_for_a_look(
    alpha: Supplier, change: dict[str, object], obvious: bool
) -> None:
    document = read_paper(alpha, **change)  # type: ignore[arg-type]
    with reading() as session:
        row = session.get_one(Document, document.id)
    assert is_obvious(row, find_kept(row)) is obvious


def test_a_value_read_with_little_confidence_is_not_obvious(alpha: Supplier) -> None:
    said = values(alpha) | {"company_name": Value(alpha.name, 1, PLACE, confidence=0.5)}
    document = read_paper(alpha, said=said)
    with reading() as session:
        row = session.get_one(Document, document.id)
    assert not is_obvious(row, find_kept(row))


def test_the_issuer_s_answer_is_kept_with_its_capture(
    browse: Browse, alpha: Supplier, denise: User
) -> None:
    document = read_paper(alpha)
    url = f"{page_of(document)}/issuer"
    client = browse(denise.id)
    assert "ZZ99ZZ9ZZZZ9ZZZ" in client.get(url).get_data(as_text=True)
    assert post(client, url, {"result": "confirmed"}).status_code == 422
    picture = io.BytesIO()
    Image.new("L", (40, 40), 255).save(picture, "PNG")
    picture.seek(0)
    answer = post(client, url, {"result": "confirmed", "capture": (picture, "urssaf.png")})
    assert answer.status_code == 303
    with reading() as session:
        check = session.scalars(select(IssuerCheck)).one()
        assert session.get_one(Document, document.id).authenticity == "confirmed"
    assert check.capture_key
    assert store().get(check.capture_key).startswith(b"\x89PNG")


def test_the_capture_of_a_check_is_opened_by_who_reads_the_paper_and_by_nobody_else(
    browse: Browse, alpha: Supplier, denise: User, make: Maker
) -> None:
    document, other = read_paper(alpha), read_paper(alpha)
    picture = io.BytesIO()
    Image.new("L", (40, 40), 255).save(picture, "PNG")
    kept, client = picture.getvalue(), browse(denise.id)
    sent = {"result": "confirmed", "capture": (io.BytesIO(kept), "urssaf.png")}
    post(client, f"{page_of(document)}/issuer", sent)
    with reading() as session:
        check = session.scalars(select(IssuerCheck)).one()
    address = f"{page_of(document)}/issuer/{check.id}/capture"
    assert address in client.get(f"{page_of(document)}/issuer").get_data(as_text=True)
    auditor = browse(make.staff("Ada Audit", Role.AUDITOR).id)
    assert address in auditor.get(page_of(document)).get_data(as_text=True)
    answer = auditor.get(address)
    assert (answer.status_code, answer.content_type, answer.data) == (200, "image/png", kept)
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert events(document)[-1] == "document.capture_taken"
    elsewhere = make.staff("Zoé Ailleurs", Role.PURCHASING, buyer=make.buyer("Autre"))
    assert browse(elsewhere.id).get(address).status_code == 404
    assert client.get(f"{page_of(other)}/issuer/{check.id}/capture").status_code == 404
    validator = make.staff("Émile Contrôle", Role.BANK_VALIDATOR)
    assert browse(validator.id).get(address).status_code == 404


def test_no_answer_of_the_issuer_is_never_a_no(
    browse: Browse, alpha: Supplier, denise: User
) -> None:
    document = read_paper(alpha)
    post(browse(denise.id), f"{page_of(document)}/issuer", {"result": "unavailable"})
    with reading() as session:
        assert session.get_one(Document, document.id).authenticity == "unchecked"


def test_the_original_leaves_as_a_file_and_the_journal_knows_who_took_it(
    browse: Browse, alpha: Supplier, denise: User
) -> None:
    document = read_paper(alpha, original_name="attestation « été ».pdf")
    answer = browse(denise.id).get(f"{page_of(document)}/file")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert events(document) == ["document.downloaded"]


def test_a_page_is_our_own_picture(browse: Browse, alpha: Supplier, denise: User) -> None:
    document = read_paper(alpha)
    client = browse(denise.id)
    answer = client.get(f"{page_of(document)}/pages/1.png")
    assert (answer.status_code, answer.content_type) == (200, "image/png")
    assert client.get(f"{page_of(document)}/pages/2.png").status_code == 404


def test_papers_of_other_companies_do_not_exist(
    browse: Browse, alpha: Supplier, make: Maker
) -> None:
    document = read_paper(alpha)
    client = browse(make.staff("Zoé Ailleurs", Role.PURCHASING, buyer=make.buyer("Autre")).id)
    for path in ("", "/file", "/pages/1.png", "/issuer"):
        assert client.get(page_of(document) + path).status_code == 404
    token = token_of(client, "/desk/review/")
    answer = client.post(f"{page_of(document)}/accept", data={"csrf_token": token})
    assert answer.status_code == 404
    assert state_of(document) == "in_review"


def test_an_auditor_reads_and_decides_nothing(browse: Browse, alpha: Supplier, make: Maker) -> None:
    document = read_paper(alpha)
    client = browse(make.staff("Irène Audit", Role.AUDITOR).id)
    body = client.get(page_of(document)).get_data(as_text=True)
    assert "/accept" not in body
    assert "/values" not in body
    token = token_of(client, page_of(document))
    answer = client.post(f"{page_of(document)}/accept", data={"csrf_token": token})
    assert answer.status_code == 404


def test_begin_leads_to_the_first_paper(browse: Browse, alpha: Supplier, denise: User) -> None:
    client = browse(denise.id)
    assert client.get("/desk/review/start").headers["Location"] == "/desk/review/"
    document = read_paper(alpha)
    assert client.get("/desk/review/start").headers["Location"] == page_of(document)
