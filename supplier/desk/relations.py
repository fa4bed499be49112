"""The end of a relation: what the file proposes, and the day that a person confirms."""

from __future__ import annotations

import uuid

from flask import url_for
from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import InputRequired

from supplier.accounts.permissions import Permission
from supplier.contracts import queries
from supplier.contracts.queries import EndProposal
from supplier.desk.contracts import blueprint
from supplier.desk.fields import DayField
from supplier.desk.room import form_page, in_sight, refresh
from supplier.kernel.errors import ConflictError, DomainError
from supplier.kernel.i18n import N_
from supplier.kernel.registers import Sign
from supplier.parties import actions
from supplier.parties.ends import EarlyEndError
from supplier.retention.schedule import first_erasable_on
from supplier.web import context
from supplier.web.filters import show_long_date, show_text
from supplier.web.forms import Form
from supplier.web.guard import requires
from supplier.web.pages import back_or, done

#: The same as that of the contracts: these pages add themselves to it.
__all__ = ["blueprint"]

CHANGE = Permission.SUPPLIER_CHANGE


class EndForm(Form):
    ended_on = DayField(
        # A day that cannot be read says so itself: what asks for data would say "give the date".
        lazy_gettext("Last day of the relation"),
        [InputRequired(lazy_gettext("Give the date."))],
    )


@blueprint.route("/relations/<uuid:engagement_id>/end", methods=["GET", "POST"])
@requires(CHANGE)
def end_relation(engagement_id: uuid.UUID) -> AnyResponse:
    """Confirm that a relation is over: from this day the periods of conservation run."""
    relation = queries.get_relation(engagement_id, buyers=in_sight(CHANGE))
    if relation.engagement.end_confirmed_at is not None:
        raise ConflictError(N_("The end of this relation is confirmed already."))
    proposal = queries.propose_end(engagement_id, buyers=in_sight(CHANGE))
    form, back = EndForm(data={"ended_on": proposal.ends_on}), back_or(url_for(".index"))

    def act() -> AnyResponse:
        try:
            actions.end_engagement(
                engagement_id, ended_on=form.ended_on.day, by=context.actor(), now=context.now()
            )
        except EarlyEndError as early:
            raise in_words(early.sign) from early
        refresh(relation.engagement.supplier_id)
        papers = first_erasable_on("vigilance_paper", form.ended_on.day)
        return done(
            gettext(
                "The end is confirmed. Papers may be erased from %(day)s on, invoices later.",
                day=show_long_date(papers),
            ),
            back,
        )

    return form_page(
        form, act, template="desk/relation_end.html", relation=relation, proposal=proposal,
        why=_why(proposal), back=back,
    )  # fmt: skip


def in_words(sign: Sign) -> DomainError:
    """What is on file after the day that was given, and what to do."""
    return DomainError(
        gettext(
            "On file until %(day)s: %(what)s. Give that day or a later one; a contract that ended "
            "before its term is terminated first.",
            day=show_long_date(sign.day), what=show_text(sign.words, name=gettext(sign.name)),
        ),
        field="ended_on",
    )  # fmt: skip


def _why(proposal: EndProposal) -> str:
    """Why no end is proposed, or what the proposed one rests on."""
    if proposal.open_contracts:
        return ngettext(
            "%(num)d contract has no end: terminate it first, or be sure that it is over.",
            "%(num)d contracts have no end: terminate them first, or be sure that they are over.",
            proposal.open_contracts,
        )
    if proposal.unpaid_invoices:
        return ngettext(
            "%(num)d invoice is not noted as paid: the relation seems to go on.",
            "%(num)d invoices are not noted as paid: the relation seems to go on.",
            proposal.unpaid_invoices,
        )
    if proposal.ends_on is None:
        return gettext("Nothing on file tells the end: you decide.")
    return gettext("The latest of contract end, last order, last invoice and last payment.")
