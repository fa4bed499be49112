"""Bulk invitations: choose a company and whom, see who would get what, send."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import timedelta

from flask import Blueprint, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import Optional

from supplier.accounts.permissions import Permission
from supplier.desk.fields import DayField
from supplier.desk.room import answer, in_sight
from supplier.kernel.i18n import N_
from supplier.notifications import preview
from supplier.vigilance import campaigns
from supplier.vigilance.campaigns import OUTCOME_TEXTS, Audience, CampaignFilter, Outcome
from supplier.web import context
from supplier.web.forms import Form, LineField, RadioField, SelectField, required
from supplier.web.guard import requires
from supplier.web.mail_words import on_its_way
from supplier.web.navigation import Entry, register
from supplier.web.pages import done, page

blueprint = Blueprint("desk_campaigns", __name__, url_prefix="/desk/campaigns")
SEND = Permission.CAMPAIGN_SEND

register(
    Entry("desk_campaigns.index", N_("Campaigns"), "bell", SEND, order=60, prefix="desk_campaigns.")
)

AUDIENCES: dict[Audience, str] = {
    Audience.NEW: N_("Suppliers that were never invited"),
    Audience.SILENT: N_("Invited suppliers where nobody came"),
    Audience.OWING: N_("Suppliers who owe a paper today"),
    Audience.ALL: N_("All suppliers of the company"),
}


class CampaignForm(Form):
    buyer = SelectField(lazy_gettext("Group company"))
    audience = RadioField(
        lazy_gettext("Who is written to"),
        [required(lazy_gettext("Choose who is written to."))],
        default=Audience.NEW.value,
    )
    since = DayField(lazy_gettext("Only relationships recorded since"), [Optional()])
    name = LineField(lazy_gettext("Name of the campaign"), [Optional()])

    def fill(self) -> None:
        """Offer the companies for which the visitor may send."""
        choices = campaigns.list_choices(buyers=in_sight(SEND))
        self.buyer.choices = [(str(key), name) for key, name in choices]
        self.audience.choices = [(one.value, gettext(words)) for one, words in AUDIENCES.items()]


@blueprint.get("/")
@requires(SEND)
def index() -> AnyResponse:
    found = campaigns.list_campaigns(buyers=in_sight(SEND))
    names = dict(campaigns.list_choices(buyers=in_sight(SEND)))
    return page(
        "desk/campaigns.html", campaigns=found, names=names, lines_of=campaigns.lines_of,
        counts=_counts,
    )  # fmt: skip


@blueprint.route("/new", methods=["GET", "POST"])
@requires(SEND)
def new() -> AnyResponse:
    form = CampaignForm()
    form.fill()

    def act() -> AnyResponse:
        wanted = CampaignFilter(Audience(form.audience.data), form.since.data)
        campaign_id = campaigns.rehearse_campaign(
            uuid.UUID(form.buyer.data), wanted, name=form.name.data or "",
            buyers=in_sight(SEND), by=context.actor(), now=context.now(),
        )  # fmt: skip
        return done(
            gettext("Rehearsed. Nothing was sent yet."),
            url_for(".show", campaign_id=campaign_id),
        )

    return answer(
        form, act, lambda status: page("desk/campaigns_new.html", form=form, status=status)
    )


@blueprint.get("/<uuid:campaign_id>")
@requires(SEND)
def show(campaign_id: uuid.UUID) -> AnyResponse:
    campaign = campaigns.get_campaign(campaign_id, buyers=in_sight(SEND))
    lines = campaigns.lines_of(campaign)
    sample = next((line for line in lines if line.is_reached), None)
    return page(
        "desk/campaigns_show.html", campaign=campaign, lines=lines, counts=_counts(lines),
        texts=OUTCOME_TEXTS, outcomes=Outcome, sample=sample,
        previews=preview.invitation(sample, today=context.today(), now=context.now())
        if sample else [],
        stale=campaign.state == "rehearsed"
        and context.now() - campaign.at > timedelta(days=1),
    )  # fmt: skip


def _counts(lines: list[campaigns.CampaignLine]) -> dict[str, int]:
    """How many mails leave and how many suppliers are out of reach."""
    reached = [line for line in lines if line.is_reached]
    languages = Counter(line.language for line in reached)
    return {
        "mails": len(reached),
        "suppliers": len({line.supplier_id for line in reached}),
        "unreached": len(lines) - len(reached),
        **{f"in_{code}": count for code, count in languages.items() if code},
    }


@blueprint.post("/<uuid:campaign_id>/send")
@requires(SEND)
def send(campaign_id: uuid.UUID) -> AnyResponse:
    campaigns.send_campaign(
        campaign_id, buyers=in_sight(SEND), by=context.actor(), now=context.now()
    )
    words = on_its_way(gettext("The invitations are on their way."))
    return done(words, url_for(".show", campaign_id=campaign_id))


@blueprint.post("/<uuid:campaign_id>/discard")
@requires(SEND)
def discard(campaign_id: uuid.UUID) -> AnyResponse:
    campaigns.discard_campaign(
        campaign_id, buyers=in_sight(SEND), by=context.actor(), now=context.now()
    )
    return done(gettext("Discarded. Nothing was sent."), url_for(".index"))
