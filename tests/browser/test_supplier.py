"""A supplier, from the invitation mail to a complete file."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from supplier.accounts.actions import invite_supplier
from supplier.accounts.permissions import Role
from supplier.bank import actions as bank
from supplier.bank.models import BankAccount
from supplier.demo import dossiers
from supplier.demo.papers.catalogue import draw
from supplier.demo.suppliers.directory import supplier as demo_supplier
from supplier.documents.models import Document, IssuerCheck
from supplier.kernel.clock import PARIS
from supplier.kernel.database import reading, transaction
from supplier.parties.models import Engagement, Supplier
from supplier.vigilance import actions as vigilance
from tests.browser.conftest import Site, assert_accessible, come_in
from tests.make import actor

FACTS = demo_supplier("sols-penthievre")


def write_scene(site: Site) -> tuple[Supplier, str]:
    """A supplier that was asked for its papers an instant ago; gives it and its address."""
    make, now = site.make, site.make.clock.at
    today = now.astimezone(PARIS).date()
    buyer = make.buyer("Kerlan Bâtiment")
    company = FACTS.company
    supplier = make.supplier(
        company.name, siren=company.siren, has_employees=True, employs_foreign_workers=False
    )
    # Her number is old enough to be called about an account.
    known = now - timedelta(days=400)
    contact = make.contact(
        supplier, name="Alice Martin", email="alice@sols.example", created_at=known,
        changed_at=known,
    )  # fmt: skip
    engagement: Engagement = make.engagement(supplier, buyer, started_on=today)
    make.contract(
        engagement, amount=Decimal(24100), signed_on=today, starts_on=today,
        ends_on=today + timedelta(days=200),
    )  # fmt: skip
    denise = make.staff("Denise Achats", Role.PURCHASING)
    with transaction() as session:
        vigilance.refresh(session, supplier.id, today=today, now=now)
    invite_supplier(contact.id, by=actor(denise), now=now, engagement_id=engagement.id)
    return supplier, "alice@sols.example"


def papers(folder: Path, today: date) -> list[Path]:
    day = today - timedelta(days=3)
    found = {
        "kbis.pdf": dossiers.registration(FACTS, issued_on=day),
        "urssaf.pdf": dossiers.social(FACTS, issued_on=day),
        "fiscale.pdf": dossiers.tax(FACTS, issued_on=day),
    }
    paths = []
    for name, facts in found.items():
        path = folder / name
        path.write_bytes(draw(facts))
        paths.append(path)
    return paths


def test_from_the_mail_to_a_complete_file(site: Site, tab: Page, tmp_path: Path) -> None:
    supplier, address = write_scene(site)
    today = site.make.clock.at.astimezone(PARIS).date()

    # The mail comes from a real server; opening its link spends nothing, the button does.
    link = wait_for_link(site, tab, address)
    tab.goto(link)
    assert_accessible(tab)
    tab.locator("main form button").first.click()
    pass_notice(tab)
    expect(tab).to_have_url(re.compile(r"/portal"))
    assert_accessible(tab)

    # Everything is dropped at once; within seconds each card says what it is.
    tab.locator("input[type=file]").first.set_input_files(papers(tmp_path, today))
    cards = tab.locator("#cards article")
    expect(cards).to_have_count(3)
    expect(tab.locator("#cards .v-chip-ok")).to_have_count(3, timeout=30_000)
    assert_accessible(tab)

    # The statement is signed on the page.
    tab.goto(f"{site.url}/portal")
    tab.get_by_role("link", name="Nous n’en employons pas").first.click()
    assert_accessible(tab)
    fill_signature(tab)
    tab.get_by_role("button", name=re.compile("Signer")).click()
    expect(tab.locator(".v-banner-ok, .v-chip-ok").first).to_be_visible()

    # The bank details are dropped too; what was read is confirmed, no figure is typed.
    rib = tmp_path / "rib.pdf"
    rib.write_bytes(draw(dossiers.bank_details(FACTS, printed_on=today)))
    tab.goto(f"{site.url}/portal/bank/")
    tab.locator("input[type=file]").first.set_input_files(rib)
    tab.locator("#cards a[href*='/portal/bank/paper/']").first.click(timeout=30_000)
    expect(tab.locator("input[name=iban]")).to_have_value(re.compile(r"^FR\d{2} \d{4} "))
    assert_accessible(tab)
    picture = tab.locator(".v-page-img svg#page")
    small = picture.bounding_box()
    tab.locator("[data-zoom]").click()
    large = picture.bounding_box()
    assert small is not None
    assert large is not None
    assert large["width"] > 1.5 * small["width"]
    tab.locator("input[name=confirmed]").check()
    tab.get_by_role("button", name="Confirmer le compte").click()
    expect(tab).to_have_url(re.compile(r"/portal/bank/?$"))

    with reading() as session:
        states = dict(
            session.execute(
                select(Document.kind, Document.state).where(Document.supplier_id == supplier.id)
            ).all()
        )
        account = session.scalars(
            select(BankAccount).where(BankAccount.supplier_id == supplier.id)
        ).one()
    assert states == {
        "kbis": "accepted",
        "urssaf_vigilance": "accepted",
        "tax_compliance": "accepted",
        "foreign_workers_none": "accepted",
        "bank_details": "accepted",
    }
    assert account.state == "submitted"

    # Nothing is left for the supplier: no gap, no refusal, nothing to hand in.
    tab.goto(f"{site.url}/portal")
    expect(tab.locator("main .v-chip-bad")).to_have_count(0)
    expect(tab.get_by_role("link", name="Déposer", exact=True)).to_have_count(1)
    expect(tab.get_by_text("2 pièces sont entre nos mains")).to_be_visible()
    assert_accessible(tab)

    # Two people verify the account, and its safety delay is over.
    verify_account(site, account)

    # The law asks that the issuer confirms the certificate: a person looks, guided, and proves it.
    desk = desk_of(site, tab)
    desk.goto(f"/desk/suppliers/{supplier.id}")
    pass_notice(desk)
    desk.goto(f"/desk/suppliers/{supplier.id}")
    expect(desk.locator(".v-head .v-chip")).to_have_text("À vérifier auprès de l’émetteur")
    confirm_with_issuer(desk)
    with reading() as session:
        check = session.scalars(select(IssuerCheck)).one()
    assert (check.result, check.by_name) == ("confirmed", "Éloi Achats")
    assert check.capture_key is not None

    # The file is complete, for both sides.
    desk.goto(f"/desk/suppliers/{supplier.id}")
    expect(desk.locator(".v-head .v-chip")).to_have_text("À jour")
    assert_accessible(desk)
    desk.context.close()
    tab.goto(f"{site.url}/portal")
    expect(tab.get_by_text("Vous n’avez rien à faire")).to_be_visible()
    expect(tab.get_by_text("entre nos mains")).to_have_count(0)
    expect(tab.get_by_text("Tout ce qui était demandé est là")).to_be_visible()


def test_a_wrong_paper_says_what_to_do_within_seconds(
    site: Site, tab: Page, tmp_path: Path
) -> None:
    supplier, address = write_scene(site)
    today = site.make.clock.at.astimezone(PARIS).date()
    old = tmp_path / "vieille.pdf"
    old.write_bytes(draw(dossiers.social(FACTS, issued_on=today - timedelta(days=250))))
    tab.goto(wait_for_link(site, tab, address))
    tab.locator("main form button").first.click()
    pass_notice(tab)
    tab.locator("input[type=file]").first.set_input_files(old)
    card = tab.locator("#cards article")
    expect(card.locator(".v-chip-bad")).to_be_visible(timeout=30_000)
    expect(card).to_contain_text("urssaf.fr")
    assert supplier.id


def test_a_file_chosen_before_the_script_arrives_is_sent_all_the_same(
    site: Site, tab: Page, tmp_path: Path
) -> None:
    supplier, _ = write_scene(site)
    alice = site.make.supplier_user(supplier)
    tab.context.add_cookies(
        [{"name": "session", "value": site.make.session_token(alice.id), "url": site.url}]
    )
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    tab.route("**/js/dropzone.js*", hold)
    tab.goto(f"{site.url}/portal", wait_until="commit")
    pass_notice(tab)
    today = site.make.clock.at.astimezone(PARIS).date()
    tab.locator("input[type=file]").first.set_input_files(papers(tmp_path, today))
    held[-1].continue_()
    expect(tab.locator("#cards .v-chip-ok")).to_have_count(3, timeout=30_000)


def test_without_scripts_files_are_handed_in_all_the_same(
    site: Site, tab: Page, tmp_path: Path
) -> None:
    supplier, _ = write_scene(site)
    today = site.make.clock.at.astimezone(PARIS).date()
    alice = site.make.supplier_user(supplier)
    browser = tab.context.browser
    assert browser is not None
    context = browser.new_context(locale="fr-FR", base_url=site.url, java_script_enabled=False)
    context.add_cookies(
        [{"name": "session", "value": site.make.session_token(alice.id), "url": site.url}]
    )
    page = context.new_page()
    page.goto("/portal")
    pass_notice(page)
    page.locator("input[type=file]").first.set_input_files(papers(tmp_path, today))
    page.locator("form:has(input[type=file]) button").first.click()
    expect(page).to_have_url(re.compile("/portal/deposit"))
    with reading() as session:
        found = session.scalars(select(Document).where(Document.supplier_id == supplier.id)).all()
    assert len(found) == 3
    context.close()


def verify_account(site: Site, account: BankAccount) -> None:
    """What validators do on their pages (see test_staff.py), and the two days after it."""
    now, who = site.make.clock.at, [
        actor(site.make.staff(name, Role.BANK_VALIDATOR)) for name in ("Émile Un", "Élise Deux")
    ]  # fmt: skip
    bank.record_call_back(
        account.id, result="confirmed", number="02 98 00 11 22", source="public_register",
        comment=None, by=who[0], now=now, buyers=None,
    )  # fmt: skip
    iban = dossiers.bank_details(FACTS, printed_on=now.astimezone(PARIS).date()).iban
    for validator, typed in zip(who, (None, iban), strict=True):
        bank.approve(
            account.id, seen_hash=account.value_hash, by=validator, now=now, buyers=None,
            retyped_iban=typed, cooling_off=timedelta(hours=48),
        )  # fmt: skip
    with transaction() as session:
        session.get_one(BankAccount, account.id).active_from = now
        vigilance.refresh(session, account.supplier_id, today=now.astimezone(PARIS).date(), now=now)


def desk_of(site: Site, tab: Page) -> Page:
    """The desk in a browser of its own, for somebody of purchasing."""
    browser = tab.context.browser
    assert browser is not None
    context = browser.new_context(locale="fr-FR", timezone_id="Europe/Paris", base_url=site.url)
    context.route(lambda url: not url.startswith(site.url), lambda route: route.abort())
    page = context.new_page()
    page.set_default_timeout(15_000)
    come_in(page, site, site.make.staff("Éloi Achats", Role.PURCHASING).id)
    return page


def confirm_with_issuer(desk: Page) -> None:
    """From the supplier's page to the kept answer; the capture is dropped, then pasted."""
    desk.get_by_role("link", name=re.compile("Attestation de vigilance")).first.click()
    desk.get_by_role("link", name="Vérifier maintenant").click()
    expect(desk.locator("section", has=desk.locator("#copy"))).to_contain_text(
        re.compile(r"SIREN\s*\d{3}\s\d{3}\s\d{3}")
    )
    official = desk.get_by_role("link", name=re.compile("Ouvrir la page officielle"))
    expect(official).to_have_attribute("href", re.compile(r"^https://.*urssaf"))
    assert_accessible(desk)
    desk.locator("input[name=result][value=confirmed]").check()
    hand_over(desk, "drop", b"not a picture", "notes.txt", "text/plain")
    assert files_in(desk) == []
    hand_over(desk, "drop", desk.screenshot(), "deposee.png", "image/png")
    assert files_in(desk) == ["deposee.png"]
    hand_over(desk, "paste", desk.screenshot(), "collee.png", "image/png")
    assert files_in(desk) == ["collee.png"]
    desk.get_by_role("button", name="Garder la réponse").click()
    expect(desk.get_by_text("l’émetteur confirme cette pièce").first).to_be_visible()


def hand_over(page: Page, how: str, data: bytes, name: str, kind: str) -> None:
    """A file dropped on the page or pasted into it, as the browser tells of it."""
    page.evaluate(
        """([how, bytes, name, type]) => {
          const files = new DataTransfer();
          files.items.add(new File([new Uint8Array(bytes)], name, { type }));
          const more = { bubbles: true, cancelable: true };
          document.body.dispatchEvent(how === "paste"
            ? new ClipboardEvent("paste", { ...more, clipboardData: files })
            : new DragEvent("drop", { ...more, dataTransfer: files }));
        }""",
        [how, list(data), name, kind],
    )


def files_in(page: Page) -> list[str]:
    names: list[str] = page.locator("input[name=capture]").evaluate(
        "field => [...field.files].map((file) => file.name)"
    )
    return names


def wait_for_link(site: Site, tab: Page, address: str) -> str:
    """The link of the mail, once the worker has sent it."""
    for _ in range(150):
        if links := site.mailbox.links_to(address):
            return links[-1]
        tab.wait_for_timeout(100)
    raise AssertionError("no mail came: " + site.log.read_text())


def pass_notice(tab: Page) -> None:
    """The privacy notice comes once, at the first sign-in."""
    if "notice" in tab.url or "privacy" in tab.url:
        tab.locator("main form button").first.click()


def fill_signature(tab: Page) -> None:
    form = tab.locator("form", has=tab.locator("input[name=place]"))
    for name, value in (("name", "Alice Martin"), ("function", "Gérante"), ("place", "Vannes")):
        box = form.locator(f"input[name={name}]")
        if box.count():
            box.fill(value)
    for tick in form.locator("input[type=checkbox]").all():
        tick.check()
