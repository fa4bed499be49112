"""What the frame of every page shows: language, who is here, where they may go."""

from __future__ import annotations

from flask import current_app, url_for
from flask_babel import get_locale, gettext

from supplier.accounts.permissions import ROLE_LABELS, Role, Visitor
from supplier.kernel.audit import ActorKind
from supplier.kernel.i18n import LANGUAGES
from supplier.web import context, navigation


def values() -> dict[str, object]:
    """The names that `templates/shared` reads; see its README."""
    visitor = context.find_visitor()
    locale = get_locale()
    return {
        "visitor": visitor,
        "visitor_role": role_words(visitor) if visitor else "",
        "language": locale.language if locale else "fr",
        "languages": LANGUAGES,
        "navigation": navigation.items,
        "today": context.today(),
        "now": context.now(),
        "group_name": context.settings().group_name,
        "footer_links": footer_links(),
        "language_url": find_url("signin.language"),
        "sign_out_url": find_url("signin.sign_out"),
        "account_url": find_url("signin.account"),
        "search_url": find_url("desk_search.show") if is_staff(visitor) else "",
        "home_url": find_url(home_of(visitor)) or "/",
    }


def home_of(visitor: Visitor | None) -> str:
    """The endpoint where a person begins."""
    if visitor is None:
        return "signin.root"
    return "desk.week" if is_staff(visitor) else "portal.home"


def is_staff(visitor: Visitor | None) -> bool:
    return visitor is not None and visitor.kind is ActorKind.STAFF


def role_words(visitor: Visitor) -> str:
    """The roles of a member of staff in words, in the order of the table."""
    return ", ".join(gettext(ROLE_LABELS[role]) for role in Role if role in visitor.roles)


def find_url(endpoint: str) -> str:
    """The address of a page without parameters, or an empty text when it is not there."""
    return url_for(endpoint) if endpoint in current_app.view_functions else ""


def footer_links() -> list[tuple[str, str]]:
    """What every footer leads to."""
    notice = find_url("portal_privacy.notice")
    return [(gettext("Privacy"), notice)] if notice else []
