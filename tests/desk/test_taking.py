"""Lists in any order, under names of one's own, and as files that stand in the journal."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from supplier.accounts.permissions import Role
from supplier.bank.approvals import AccountState
from supplier.desk.bank_words import STATE_WORDS
from supplier.desk.taking import take_list
from supplier.kernel.audit import Event
from supplier.kernel.database import reading
from supplier.privacy import actions as privacy
from supplier.retention import actions as retention
from supplier.retention import queries as kept
from supplier.retention.queries import EntryFilter
from supplier.web import lists
from supplier.web.event_words import TAKEN
from tests.bank.cast import IBAN_A, IBAN_B, IBAN_C, Bank
from tests.desk.test_bank import counted, text_of
from tests.make import Maker, actor
from tests.retention.test_actions import FIRST, make_past
from tests.web.posting import post

Browse = Callable[[UUID], FlaskClient]
BANK, LINES, RIGHTS = "/desk/bank/", "/desk/retention/lines", "/desk/rights/"


def rows_of(client: FlaskClient, url: str) -> list[dict[str, str]]:
    answer = client.get(url)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))


def taken() -> list[dict[str, object]]:
    with reading() as session:
        query = select(Event.data).where(Event.kind == "list.exported").order_by(Event.seq)
        return list(session.scalars(query))


@pytest.fixture
def bank(make: Maker) -> Bank:
    return Bank(make)


@pytest.fixture
def accounts(make: Maker, bank: Bank) -> Bank:
    """Three suppliers: Gamma asked first, Alpha last; Beta's account is approved once."""
    for name, iban in (("Gamma", IBAN_C), ("Beta", IBAN_B), ("Alpha Zinc", IBAN_A)):
        supplier = make.supplier(name)
        make.engagement(supplier, bank.buyer)
        make.contact(supplier, changed_at=make.clock.at - timedelta(days=400))
        account = bank.submit(iban, supplier=supplier)
        if name == "Beta":
            bank.approve(account, bank.emile)
        make.clock.at += timedelta(minutes=1)
    return bank


@pytest.fixture
def gaelle(make: Maker, browse: Browse) -> FlaskClient:
    return browse(make.staff("Gaëlle Données", Role.DATA_PROTECTION).id)


# Bank accounts


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("supplier", ["Alpha Zinc", "Beta", "Gamma"]),
        ("-supplier", ["Gamma", "Beta", "Alpha Zinc"]),
        ("asked", ["Gamma", "Beta", "Alpha Zinc"]),
        ("-asked", ["Alpha Zinc", "Beta", "Gamma"]),
        ("state", ["Alpha Zinc", "Gamma", "Beta"]),
        ("-state", ["Beta", "Gamma", "Alpha Zinc"]),
        # No order of ours: the longest waiting first, as without one.
        ("iban", ["Gamma", "Beta", "Alpha Zinc"]),
        ("", ["Gamma", "Beta", "Alpha Zinc"]),
    ],
)
def test_accounts_stand_in_any_order_on_the_page_and_in_the_file(
    accounts: Bank, browse: Browse, sort: str, names: list[str]
) -> None:
    client = browse(accounts.emile.id)
    body = text_of(client, f"{BANK}?sort={sort}")
    assert sorted(names, key=body.index) == names
    assert [
        row["Fournisseur"] for row in rows_of(client, f"{BANK}?sort={sort}&format=csv")
    ] == names


def test_a_file_of_accounts_holds_no_whole_number(accounts: Bank, browse: Browse) -> None:
    client = browse(accounts.emile.id)
    answer = client.get(f"{BANK}?view=all&format=csv")
    found = re.sub(r"[\s.]", "", answer.data.decode("utf-8-sig"))
    assert not any(iban in found for iban in (IBAN_A, IBAN_B, IBAN_C))
    shown = {row["Compte"][:4] for row in rows_of(client, f"{BANK}?view=all&format=csv")}
    assert shown == {iban[:4] for iban in (IBAN_A, IBAN_B, IBAN_C)}
    assert client.get(f"{BANK}?view=all&format=xlsx").status_code == 200


def test_every_state_of_an_account_has_its_words_in_a_file() -> None:
    said = {"cooling_off", "active"} | {one.value for one in AccountState} - {"approved_twice"}
    assert set(STATE_WORDS) == said


def test_who_answers_for_another_company_takes_none_of_these_accounts(
    accounts: Bank, make: Maker, browse: Browse
) -> None:
    other = make.staff("Odile", Role.BANK_VALIDATOR, buyer=make.buyer("Kerlan Énergies"))
    assert rows_of(browse(other.id), f"{BANK}?view=all&format=csv") == []
    assert taken() == [{"list": "bank", "format": "csv", "count": 0}]


# Lines of the plan


@pytest.mark.parametrize("key", kept.ENTRY_SORTS)
def test_lines_of_the_plan_turn_round_and_those_without_a_day_stay_last(
    make: Maker, key: str
) -> None:
    make_past(make)
    retention.work_out_plan(FIRST)

    def lines(sort: str) -> list[kept.EntryLine]:
        wanted = EntryFilter(sort=sort)
        return list(
            kept.list_entries(wanted, today=FIRST.date(), buyers=None, number=1, size=500).items
        )

    def of(line: kept.EntryLine) -> object:
        return {
            "first": line.entry.first_erasable_on, "starts": line.entry.starts_on,
            "supplier": line.supplier_name,
        }[key]  # fmt: skip

    up, down = lines(key), lines(f"-{key}")
    assert len(up) == len(down) == len({line.entry.id for line in up}) > 3
    named = [of(line) for line in up if of(line) is not None]
    assert named == sorted(named)  # type: ignore[type-var]
    assert [of(one) for one in down if of(one) is not None] == sorted(named, reverse=True)  # type: ignore[type-var]
    for found in (up, down):
        assert [of(line) is None for line in found] == sorted(of(line) is None for line in found)


def test_a_long_list_of_lines_repeats_and_loses_none_from_page_to_page(make: Maker) -> None:
    make_past(make)
    retention.work_out_plan(FIRST)
    for sort in lists.both_ways(kept.ENTRY_SORTS):
        wanted, seen, number = EntryFilter(sort=sort), list[UUID](), 1
        while True:
            found = kept.list_entries(
                wanted, today=FIRST.date(), buyers=None, number=number, size=3
            )
            seen += [line.entry.id for line in found.items]
            if number == found.pages:
                break
            number += 1
        assert len(seen) == len(set(seen)) == found.total


def test_views_of_the_plan_are_kept_and_the_usual_ones_are_there(
    make: Maker, gaelle: FlaskClient
) -> None:
    make_past(make)
    retention.work_out_plan(FIRST)
    assert 'href="/desk/retention/lines?standing=overdue"' in text_of(gaelle, LINES)
    new = "/desk/retention/views/lines/new?rule=contract&sort=-starts"
    assert post(gaelle, new, {"name": "Contrats"}).status_code == 303
    body = text_of(gaelle, LINES)
    address = re.search(r'href="(/desk/retention/views/lines/[0-9a-f-]+)"', body)
    assert address is not None
    assert gaelle.get(address[1]).headers["Location"] == f"{LINES}?rule=contract&sort=-starts"


# Requests of people


def test_requests_are_sorted_kept_and_given_without_what_people_wrote(
    make: Maker, gaelle: FlaskClient
) -> None:
    by = actor(make.staff("G"))
    for name, day in (("Jean Quéré", date(2026, 11, 2)), ("Ana Lima", date(2026, 10, 30))):
        privacy.file_request(
            "access", f"Secret de {name}", user_id=None, supplier_id=None, name=name,
            now=make.clock.at, by=by, received_on=day,
        )  # fmt: skip
    rows = rows_of(gaelle, f"{RIGHTS}?format=csv&sort=received")
    assert [row["Qui demande"] for row in rows] == ["Ana Lima", "Jean Quéré"]
    answer = gaelle.get(f"{RIGHTS}?format=csv&sort=-received").data.decode("utf-8-sig")
    assert answer.index("Jean Quéré") < answer.index("Ana Lima")
    assert "Secret" not in answer
    assert "art.\u00a015" in answer
    assert post(gaelle, "/desk/rights/views/rights/new?sort=-due", {"name": "À l’envers"})
    assert "À l’envers" in text_of(gaelle, RIGHTS)


# The journal


def test_whoever_takes_a_list_stands_in_the_journal(
    accounts: Bank, make: Maker, browse: Browse
) -> None:
    client = browse(accounts.emile.id)
    rows_of(client, f"{BANK}?sort=supplier&format=csv")
    text_of(client, BANK)
    assert taken() == [{"list": "bank", "format": "csv", "count": 3}]
    body = text_of(browse(make.staff("Rémi", Role.AUDITOR).id), "/desk/journal/")
    assert "Liste prise en fichier" in body
    assert "Comptes bancaires, 3 lignes (CSV)" in body
    assert "Émile" in body


def test_every_list_with_a_file_has_words_for_the_journal() -> None:
    with pytest.raises(LookupError):
        take_list("unheard of", [], columns=[], kind="csv")
    assert len(set(TAKEN.values())) == len(TAKEN)


def test_lists_take_at_most_twelve_statements(
    accounts: Bank, make: Maker, browse: Browse, gaelle: FlaskClient
) -> None:
    make_past(make)
    retention.work_out_plan(FIRST)
    urls = [(browse(accounts.emile.id), f"{BANK}?sort=-state&view=all")]
    urls += [(gaelle, f"{LINES}?sort={sort}") for sort in lists.both_ways(kept.ENTRY_SORTS)]
    urls += [(gaelle, f"{RIGHTS}?sort=-due")]
    for client, url in urls:
        with counted() as seen:
            text_of(client, url)
        assert len(seen) <= 12, url


def test_who_asks_only_what_would_come_takes_nothing(
    accounts: Bank, make: Maker, browse: Browse
) -> None:
    assert browse(accounts.emile.id).head(f"{BANK}?format=csv").status_code == 200
    auditor = browse(make.staff("Rémi", Role.AUDITOR).id)
    assert auditor.head("/desk/journal/export.csv").status_code == 200
    assert taken() == []
    with reading() as session:
        assert session.scalar(select(Event.seq).where(Event.kind == "journal.exported")) is None
