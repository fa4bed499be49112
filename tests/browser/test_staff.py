"""The staff's journeys: a reviewer by keyboard, two validators, an accountant, a data protector."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from decimal import Decimal

from playwright.sync_api import Page, expect
from sqlalchemy import select

from supplier.accounts.permissions import Role
from supplier.bank import actions as bank
from supplier.bank.models import BankAccount
from supplier.demo import dossiers
from supplier.demo.papers.catalogue import draw
from supplier.demo.papers.kbis import Mention
from supplier.demo.suppliers.directory import SUPPLIERS
from supplier.documents import intake
from supplier.documents.models import Decision, Document
from supplier.kernel.clock import PARIS, add_years
from supplier.kernel.database import reading
from supplier.parties.models import Supplier
from supplier.retention.models import ErasureBatch
from tests.browser.conftest import Site, assert_accessible, come_in
from tests.make import actor

IBAN = "FR1420041010050500013M02606"
LOSSES = (
    "Continuation de la société malgré un actif net devenu inférieur à la moitié du capital social"
)


def doubtful_papers(site: Site, count: int) -> list[uuid.UUID]:
    """Extracts with a mention that a person must weigh, handed in and read by the worker."""
    make, now = site.make, site.make.clock.at
    today = now.astimezone(PARIS).date()
    buyer = make.buyer()
    ids = []
    french = [one for one in SUPPLIERS if one.company.country == "FR" and one.register == "rcs"]
    for facts in french[:count]:
        supplier = make.supplier(facts.company.name, siren=facts.company.siren)
        make.engagement(supplier, buyer)
        alice = make.supplier_user(supplier)
        paper = dossiers.registration(
            facts, issued_on=today - timedelta(days=5),
            mentions=(Mention(3, today - timedelta(days=50), LOSSES),),
        )  # fmt: skip
        receipt = intake.submit(
            draw(paper), filename="kbis.pdf", supplier_id=supplier.id, by=actor(alice, supplier),
            now=now, settings=site.settings, expected_kind="kbis",
        )  # fmt: skip
        ids.append(receipt.document_id)
    return ids


def wait_for_state(site: Site, tab: Page, ids: list[uuid.UUID], state: str) -> None:
    for _ in range(300):
        with reading() as session:
            found = session.scalars(select(Document.state).where(Document.id.in_(ids))).all()
        if set(found) == {state}:
            return
        tab.wait_for_timeout(100)
    raise AssertionError(f"{found}: {site.log.read_text()}")


def test_a_reviewer_decides_three_doubtful_papers_from_the_keyboard(site: Site, tab: Page) -> None:
    ids = doubtful_papers(site, 3)
    denise = site.make.staff("Denise Achats", Role.PURCHASING)
    wait_for_state(site, tab, ids, "in_review")
    come_in(tab, site, denise.id)
    tab.goto("/desk/review/")
    pass_notice(tab, "/desk/review/")
    assert_accessible(tab)
    tab.goto("/desk/review/start")
    assert_accessible(tab)
    for width, height in ((390, 844), (1280, 860)):
        tab.set_viewport_size({"width": width, "height": height})
        bar = tab.locator(".v-decide")
        for name in ("Accepter", "Refuser", "Demander"):
            box = bar.get_by_role("button", name=name).bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= height, f"{name} at {width} without scrolling"

    def decided() -> int:
        with reading() as session:
            return len(session.scalars(select(Decision.id).where(~Decision.by_machine)).all())

    # These papers bear an alarm: to accept one takes a second key, on the page that names it.
    for number, keys in enumerate((["a", "Enter"], ["r", "1", "r"], ["a", "Enter"]), start=1):
        before = tab.url
        for key in keys:
            if key == "Enter":
                expect(tab.get_by_role("button", name="accepter malgré tout")).to_be_focused()
                assert decided() == number - 1
                assert_accessible(tab)
                before = tab.url
            tab.keyboard.press(key)
        tab.wait_for_url(lambda url, before=before: url != before)
        assert decided() == number
    with reading() as session:
        outcomes = session.scalars(select(Decision.outcome).order_by(Decision.at)).all()
    assert outcomes == ["accept", "refuse", "accept"]


def bank_scene(site: Site) -> tuple[Supplier, uuid.UUID]:
    make, now = site.make, site.make.clock.at
    long_ago = now - timedelta(days=400)
    buyer = make.buyer()
    supplier = make.supplier("Alpha Menuiserie", created_at=long_ago)
    make.engagement(supplier, buyer, supplier_reference="F0042")
    make.contact(supplier, name="Bernadette Caisse", created_at=long_ago, changed_at=long_ago)
    alice = make.supplier_user(supplier)
    account = bank.submit(
        supplier_id=supplier.id, iban=IBAN, holder=supplier.name, by=actor(alice, supplier),
        now=now,
    )  # fmt: skip
    return supplier, account.id


def test_two_validators_and_then_an_accountant(site: Site, tab: Page) -> None:
    _, account_id = bank_scene(site)
    emile = site.make.staff("Émile Premier", Role.BANK_VALIDATOR)
    elise = site.make.staff("Élise Seconde", Role.BANK_VALIDATOR)
    farida = site.make.staff("Farida Comptes", Role.ACCOUNTING)
    page = f"/desk/bank/{account_id}"

    come_in(tab, site, emile.id)
    tab.goto("/desk/bank/")
    pass_notice(tab, "/desk/bank/")
    assert_accessible(tab)
    tab.goto(page)
    assert_accessible(tab)
    record_call(tab)
    tab.goto(page)
    tab.locator("button[form=approve], #approve button").first.click()
    expect(tab.locator(".v-banner-ok").first).to_be_visible()

    come_in(tab, site, elise.id)
    tab.goto(page)
    pass_notice(tab, page)
    expect(tab.locator("main")).not_to_contain_text("FR14 2004 1010 0505 0001 3M02 606")
    tab.locator("input[name=retyped_iban]").fill("FR14 2004 1010 0505 0001 3M02 607")
    tab.locator("button[form=approve]").click()
    expect(tab.locator(".v-field-bad, .v-banner-bad").first).to_be_visible()
    tab.locator("input[name=retyped_iban]").fill(IBAN)
    tab.locator("button[form=approve]").click()
    expect(tab.locator(".v-banner-ok").first).to_be_visible()
    with reading() as session:
        assert session.get_one(BankAccount, account_id).state == "approved_twice"

    come_in(tab, site, farida.id)
    tab.goto("/desk/accounting/")
    pass_notice(tab, "/desk/accounting/")
    assert_accessible(tab)
    with tab.expect_download() as download:
        tab.locator("main form button", has_text="CSV").first.click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert IBAN in text
    assert "F0042" in text


def record_call(tab: Page) -> None:
    form = tab.locator("#call-form")
    if not form.count():
        return
    form.locator("input[type=radio]").first.check()
    result = form.locator("[name=result]")
    if result.first.evaluate("node => node.tagName") == "SELECT":
        result.select_option("confirmed")
    else:
        form.locator("[name=result][value=confirmed]").check()
    form.locator("[name=comment]").fill(
        "Confirmé par Mme Martin, qui a dicté les derniers chiffres."
    )
    form.locator("button[type=submit]").last.click()


def test_a_data_protection_officer_erases_what_is_due(site: Site, tab: Page) -> None:
    make, now = site.make, site.make.clock.at
    today = now.astimezone(PARIS).date()
    ended = add_years(today, -5) - timedelta(days=40)
    supplier = make.supplier("Ancienne Entreprise")
    engagement = make.engagement(
        supplier, make.buyer(), started_on=ended - timedelta(days=300), ended_on=ended,
        end_confirmed_at=now, end_confirmed_by_id=uuid.uuid4(),
    )  # fmt: skip
    contract = make.contract(
        engagement, amount=Decimal(9000), signed_on=engagement.started_on,
        starts_on=engagement.started_on, ends_on=ended,
    )  # fmt: skip
    gaelle = make.staff("Gaëlle Données", Role.DATA_PROTECTION)
    come_in(tab, site, gaelle.id)
    tab.goto("/desk/retention/")
    pass_notice(tab, "/desk/retention/")
    assert_accessible(tab)
    tab.locator("form[action$='/plan'] button").first.click()
    # The site's own clock may propose the batch first: then there is one to look at already.
    propose = tab.locator("form[action$='/batches'] button, a[href*='/retention/batches/']").first
    propose.click()
    if tab.url.endswith("/retention/"):
        tab.locator("a[href*='/retention/batches/']").first.click()
    expect(tab).to_have_url(re.compile("/desk/retention/batches/"))
    assert_accessible(tab)
    slides_nowhere(tab, "/desk/retention/")
    batch_page = tab.url
    second = make.staff("Goulven Données", Role.DATA_PROTECTION)
    come_in(tab, site, second.id)
    tab.goto(batch_page)
    pass_notice(tab, batch_page)
    approve_batch(tab)
    for _ in range(200):
        with reading() as session:
            # The site's clock may have put what came due meanwhile into a batch of its own.
            batch = session.get_one(ErasureBatch, uuid.UUID(batch_page.rsplit("/", 1)[1]))
        if batch.state == "executed":
            break
        tab.wait_for_timeout(100)
    assert batch.state == "executed", site.log.read_text()
    with reading() as session:
        assert session.get_one(type(contract), contract.id).erased_at is not None


def slides_nowhere(tab: Page, url: str) -> None:
    """On a telephone nothing of the page is wider than its box, the heads for readers included."""
    here, wide = tab.url, tab.viewport_size
    assert wide is not None
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto(url)
    boxes = tab.locator(".v-scroll")
    assert boxes.count() > 0
    for box in boxes.all():
        assert box.evaluate("node => node.scrollWidth - node.clientWidth") == 0
    tab.set_viewport_size(wide)
    tab.goto(here)


def approve_batch(tab: Page) -> None:
    """From the batch's page through the page that says it cannot be undone."""
    tab.locator("a[href$='/approve']").first.click()
    assert_accessible(tab)
    tab.locator("form[action$='/approve'] button").last.click()


def pass_notice(tab: Page, wanted: str) -> None:
    """The privacy notice comes once, at the first sign-in."""
    if wanted.rstrip("/") not in tab.url:
        tab.locator("main form button").first.click()
        tab.goto(wanted)
