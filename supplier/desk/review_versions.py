"""An earlier version of a file beside the last one, with the places where they differ."""

from __future__ import annotations

import uuid

from flask import Blueprint, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts.permissions import Permission
from supplier.adapters.files import store
from supplier.desk import review_paper
from supplier.desk.room import readable_papers
from supplier.documents import queries
from supplier.documents.models import EarlierPage
from supplier.documents.versions import list_earlier
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_
from supplier.kernel.pages import Box
from supplier.web import lists
from supplier.web.guard import requires
from supplier.web.pages import page
from supplier.web.papers import as_picture, kind_words

blueprint = Blueprint("desk_versions", __name__, url_prefix="/desk/review")
READ = Permission.REVIEW_READ


@blueprint.get("/<uuid:document_id>/versions")
@requires(READ)
def show(document_id: uuid.UUID) -> AnyResponse:
    view = review_paper.load(document_id, buyers=readable_papers())
    if not view.earlier:
        raise NotFoundError(N_("This page does not exist."))
    number = lists.page_number()
    chosen = next((one for one in view.earlier if one.page == number), view.earlier[0])
    last = {one.page: one for one in view.file.previews}
    return page(
        "desk/review_versions.html", view=view, document=view.document, earlier=chosen,
        last=last.get(chosen.page), zones=_zones(chosen), kind_words=kind_words, link=lists.link,
        image_url=url_for("desk_versions.image", document_id=document_id, number=chosen.page),
    )  # fmt: skip


def _zones(one: EarlierPage) -> list[tuple[int, Box, bool, str]]:
    """The places that differ, as `ui.page_viewer` wants them."""
    words = gettext("differs")
    return [(number, Box(*box), True, words) for number, box in enumerate(one.changes, start=1)]


@blueprint.get("/<uuid:document_id>/versions/<int(max=9999):number>.png")
@requires(READ)
def image(document_id: uuid.UUID, number: int) -> AnyResponse:
    """A page as the earlier version showed it, covered as the pages of the paper are."""
    document = queries.get_file(document_id, readable_papers()).document
    found = next((one for one in list_earlier(document.id) if one.page == number), None)
    if found is None:
        raise NotFoundError(N_("This page does not exist."))
    return as_picture(store().get(found.file_key))
