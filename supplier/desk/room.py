"""What the rooms of the desk share: whose suppliers are in sight, forms sent back, fresh duties."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from typing import Any

from flask_babel import get_locale
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts.permissions import Permission, Visitor
from supplier.documents.models import Document
from supplier.documents.sight import PaperSight, shows_account
from supplier.kernel.database import Page
from supplier.kernel.errors import DomainError
from supplier.kernel.journal import EventSight
from supplier.vigilance import actions as vigilance
from supplier.web import context, lists
from supplier.web.pages import page, refuse

Buyers = frozenset[uuid.UUID] | None
#: These leave the form behind: nothing that is typed there could mend them.
_BEYOND = {404, 409}


def in_sight(permission: Permission = Permission.SUPPLIER_READ) -> Buyers:
    """The group companies for which the visitor holds a permission; None means all."""
    return context.visitor().buyers(permission)


def may(permission: Permission) -> bool:
    return context.visitor().may(permission)


def may_about(companies: Collection[uuid.UUID], permission: Permission) -> bool:
    """Whether the visitor holds a permission for one of the companies that a supplier works for.

    Whoever purchases for one company and audits another sees the papers of each one's suppliers
    in that role alone.
    """
    sight = in_sight(permission)
    return sight is None or not sight.isdisjoint(companies)


def readable_papers(visitor: Visitor | None = None) -> PaperSight:
    """Whose papers the visitor may look at; those of bank details apart."""
    who = visitor or context.visitor()
    return PaperSight(who.buyers(Permission.DOCUMENT_READ), who.buyers(Permission.BANK_PAPER))


def decidable_papers() -> PaperSight:
    """Whose papers the visitor may decide on; those of bank details apart."""
    return PaperSight(in_sight(Permission.DOCUMENT_DECIDE), in_sight(Permission.BANK_PAPER))


def may_open(document: Document) -> bool:
    """Whether the visitor looks at papers like this one."""
    return may(Permission.BANK_PAPER if shows_account(document) else Permission.DOCUMENT_READ)


def may_decide_on(document: Document) -> bool:
    """Whether the visitor decides on papers like this one."""
    return may(Permission.BANK_PAPER if shows_account(document) else Permission.DOCUMENT_DECIDE)


def events_in_sight(permission: Permission) -> EventSight:
    """Whose events the visitor reads by a permission; bank details are told by their own."""
    return EventSight(in_sight(permission), {"bank.": in_sight(Permission.BANK_READ)})


def language() -> str:
    """The language of this page: fr, en or de."""
    locale = get_locale()
    return locale.language if locale else "fr"


def refresh(*supplier_ids: uuid.UUID) -> None:
    """Work out at once what these suppliers owe, so that the next page is true.

    The job left by the action does the same again: it is what counts if this process dies here.
    """
    vigilance.refresh_these(supplier_ids, now=context.now())


def answer(
    form: FlaskForm,
    act: Callable[[], AnyResponse],
    show: Callable[[int], AnyResponse],
) -> AnyResponse:
    """Show a form, or do what it asks; a refusal stands at its field, nothing typed is lost.

    `show(status)` writes the page. Raises what no typing could mend (404, 409).
    """
    if not form.is_submitted():
        return show(200)
    if not form.validate():
        return show(422)
    try:
        return act()
    except DomainError as error:
        if error.status in _BEYOND:
            raise
        refuse(form, error)
        return show(error.status if error.status != 200 else 422)


def form_page(
    form: FlaskForm, act: Callable[[], AnyResponse], *, template: str = "desk/act.html",
    **values: Any,
) -> AnyResponse:  # fmt: skip
    """The same on a page of its own: title, words, button, back, danger, crumb."""

    def show(status: int) -> AnyResponse:
        return page(template, form=form, status=status, **values)

    return answer(form, act, show)


def pager(found: Page[Any]) -> dict[str, Any]:
    """What `ui.pagination` wants to know of a page of a list."""
    first = (found.number - 1) * found.size
    return {
        "first": first + 1,
        "last": first + len(found.items),
        "total": found.total,
        "previous_url": lists.link(page=found.number - 1) if found.number > 1 else "",
        "next_url": lists.link(page=found.number + 1) if found.number < found.pages else "",
    }
