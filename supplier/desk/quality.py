"""How often the machine is wrong, measured by people, and what it may accept alone today."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts.permissions import Permission
from supplier.desk.room import answer, readable_papers
from supplier.documents import policy, review
from supplier.documents.kinds import DocumentKind
from supplier.documents.quality import CONFIDENCE, Level
from supplier.documents.review import Only, QueueFilter
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_
from supplier.web import context
from supplier.web.forms import Form, NoteField, RadioField, required
from supplier.web.guard import requires
from supplier.web.navigation import Entry, register
from supplier.web.pages import done, page
from supplier.web.papers import kind_words

blueprint = Blueprint("desk_quality", __name__, url_prefix="/desk/quality")
READ, ADMIN = Permission.QUALITY_READ, Permission.RULES_ADMIN

register(
    Entry("desk_quality.index", N_("Measured errors"), "proof", READ, group="control", order=60,
          prefix="desk_quality.")
)  # fmt: skip

LEVELS = {
    Level.SAMPLED: N_("Accepts alone; a share is read again"),
    Level.ALL: N_("Accepts alone; each one is read again"),
    Level.PERSON: N_("Accepts nothing; a person decides"),
}


class LevelForm(Form):
    level = RadioField(
        lazy_gettext("What the machine may do with this kind"),
        [required(lazy_gettext("Choose what the machine may do."))],
    )
    reason = NoteField(
        lazy_gettext("Reason"),
        [required(lazy_gettext("Say why: the reason stays with the decision."))],
        limit=1000,
    )

    def fill(self) -> None:
        """Offer the levels in the reader's language."""
        self.level.choices = [(one.value, gettext(words)) for one, words in LEVELS.items()]


def level_words(level: str) -> str:
    """A level as people say it."""
    return gettext(LEVELS[Level(level)])


@blueprint.get("/")
@requires(READ)
def index() -> AnyResponse:
    visitor, settings = context.visitor(), context.settings()
    may_read = visitor.may(Permission.DOCUMENT_DECIDE)
    # The list that the button opens, not the group's figure: a visitor may see fewer papers.
    drawn = review.list_queue(QueueFilter(only=Only.SAMPLED), buyers=readable_papers(), size=1)
    return page(
        "desk/quality.html", figures=policy.figures(now=context.now()), kind_words=kind_words,
        level_words=level_words, may_decide=visitor.may(ADMIN), target=settings.error_target,
        to_read=drawn.total if may_read else 0, rate=settings.sample_rate,
        confidence=CONFIDENCE, free=Level.SAMPLED,
    )  # fmt: skip


@blueprint.route("/<kind>", methods=["GET", "POST"])
@requires(ADMIN, fresh=True)
def decide(kind: str) -> AnyResponse:
    """Loosen or tighten by hand, with a reason."""
    if kind not in set(DocumentKind):
        raise NotFoundError(N_("This page does not exist."))
    wanted = DocumentKind(kind)
    form = LevelForm()
    form.fill()

    def act() -> AnyResponse:
        policy.decide_level(
            wanted, Level(form.level.data), reason=form.reason.data or "", by=context.actor(),
            now=context.now(),
        )  # fmt: skip
        return done(gettext("Decided. It holds from the next paper on."), url_for(".index"))

    def show(status: int) -> AnyResponse:
        found = policy.figures(now=context.now())
        return page(
            "desk/quality_decide.html", form=form, kind=wanted, kind_words=kind_words,
            level_words=level_words, status=status,
            one=next((one for one in found.kinds if one.kind is wanted), None),
        )  # fmt: skip

    return answer(form, act, show)
