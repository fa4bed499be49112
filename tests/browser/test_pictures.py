"""No page asks for a picture that our policy forbids, however late a stylesheet comes."""

from __future__ import annotations

from playwright.sync_api import Page

from supplier.accounts.permissions import Role
from tests.browser.conftest import Site, come_in


def pages_of(site: Site) -> list[str]:
    """The pages of the desk that need no id, and the door."""
    return sorted(
        {
            rule.rule
            for rule in site.app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and not rule.arguments
            and rule.rule.startswith(("/desk/", "/sign-in"))
        }
    )  # fmt: skip


def test_no_page_asks_for_a_picture_that_the_policy_forbids(site: Site, tab: Page) -> None:
    """Our stylesheet never arrives here: what the other one asks for is all that is seen."""
    make = site.make
    supplier = make.supplier("Menuiserie Lebrun")
    make.engagement(supplier, make.buyer())
    come_in(tab, site, make.staff("Denise", *Role).id)
    refused: list[str] = []
    tab.on("console", lambda message: refused.append(message.text))
    tab.route("**/theme.css*", lambda route: route.abort())
    pages = [one for one in pages_of(site) if "." not in one.rsplit("/", 1)[-1]]
    assert len(pages) > 20
    for address in [*pages, f"/desk/suppliers/{supplier.id}"]:
        tab.goto(address)
    assert [one for one in refused if "Content Security Policy" in one] == []
