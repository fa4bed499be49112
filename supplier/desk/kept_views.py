"""Kept views of the desk's lists: filters and order under a name of one's own."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts.permissions import Permission
from supplier.desk.room import form_page
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties.models import SavedView
from supplier.web import context, saved_views
from supplier.web.forms import Form, LineField, required
from supplier.web.guard import requires
from supplier.web.pages import done


class ViewForm(Form):
    name = LineField(
        lazy_gettext("Name of the view"),
        [required(lazy_gettext("Give the view a name."))], limit=60,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeptList:
    """A list whose views are kept: its name, its address and the filters that it knows."""

    name: str
    endpoint: str
    filters: tuple[str, ...]

    def url(self, query: str = "") -> str:
        return url_for(self.endpoint) + (f"?{query}" if query else "")


@dataclass(frozen=True, slots=True)
class KeptViews:
    """What the bar above a list shows: the person's views, and the filters of this page."""

    of: KeptList
    here: str
    views: Sequence[SavedView]


def views_of(kept: KeptList) -> KeptViews:
    """The visitor's views of a list and what the address asks for; one statement."""
    return KeptViews(
        kept,
        saved_views.present_query(*kept.filters),
        saved_views.list_views(context.visitor().user_id, kept.name),
    )


def add_views(blueprint: Blueprint, kept: KeptList, permission: Permission) -> None:
    """Give a blueprint the three addresses of a list's views: keep, open, forget."""

    @requires(permission)
    def save() -> AnyResponse:
        return _save(kept)

    @requires(permission)
    def open_(view_id: uuid.UUID) -> AnyResponse:
        return _open(kept, view_id)

    @requires(permission)
    def forget(view_id: uuid.UUID) -> AnyResponse:
        saved_views.forget_view(view_id, user_id=context.visitor().user_id)
        return done(gettext("The view is removed."), kept.url())

    base = f"/views/{kept.name}"
    blueprint.add_url_rule(f"{base}/new", f"save_{kept.name}_view", save, methods=["GET", "POST"])
    blueprint.add_url_rule(f"{base}/<uuid:view_id>", f"open_{kept.name}_view", open_)
    blueprint.add_url_rule(
        f"{base}/<uuid:view_id>/forget", f"forget_{kept.name}_view", forget, methods=["POST"]
    )


def _save(kept: KeptList) -> AnyResponse:
    """Keep the filters of the address under a name."""
    form, query = ViewForm(), saved_views.present_query(*kept.filters)
    back = kept.url(query)

    def act() -> AnyResponse:
        saved_views.keep_view(
            context.visitor().user_id, kept.name, name=form.name.data or "", query=query,
            now=context.now(),
        )  # fmt: skip
        return done(gettext("Kept: it stands above the list."), back)

    return form_page(
        form,
        act,
        title=gettext("Keep this view"),
        button=gettext("Keep"),
        back=back,
        words=gettext("The filters and the order of the list, under a name of yours."),
    )


def _open(kept: KeptList, view_id: uuid.UUID) -> AnyResponse:
    """A kept view: the list with its filters."""
    views = saved_views.list_views(context.visitor().user_id, kept.name)
    query = next((one.query for one in views if one.id == view_id), None)
    if query is None:
        raise NotFoundError(N_("This view does not exist."))
    return redirect(kept.url(query))
