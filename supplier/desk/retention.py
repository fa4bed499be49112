"""Conservation: what may go and when, the batches that a person approves, the holds."""

from __future__ import annotations

import uuid

from flask import Blueprint, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts.permissions import Permission
from supplier.desk import retention_words as words
from supplier.desk.room import form_page, in_sight, may, pager
from supplier.kernel.errors import ForbiddenError
from supplier.kernel.i18n import N_
from supplier.retention import actions, batches, holds, queries
from supplier.retention.plan import work_out_plan
from supplier.retention.schedule import SCHEDULE, START_TEXTS, RuleCode
from supplier.web import context, lists
from supplier.web.filters import show_long_date
from supplier.web.forms import Form, NoteField, required
from supplier.web.guard import requires
from supplier.web.navigation import Entry, register
from supplier.web.pages import done, page
from supplier.web.papers import as_download

blueprint = Blueprint("desk_retention", __name__, url_prefix="/desk/retention")
READ, PROPOSE = Permission.RETENTION_READ, Permission.RETENTION_PROPOSE
APPROVE, HOLD = Permission.RETENTION_APPROVE, Permission.HOLD_CHANGE

register(
    Entry(
        "desk_retention.index", N_("Conservation"), "hourglass", READ, group="control", order=40,
        count=lambda visitor: batches.count_proposed(buyers=visitor.buyers(READ)),
        prefix="desk_retention.",
    )
)  # fmt: skip


class RejectForm(Form):
    reason = NoteField(
        lazy_gettext("Reason"),
        [required(lazy_gettext("Say why, for whoever looks at it later."))],
    )


class HoldForm(Form):
    reason = NoteField(
        lazy_gettext("Reason"),
        [required(lazy_gettext("Give the reason: a dispute, an inspection, a court case."))],
    )


class LiftForm(Form):
    reason = NoteField(
        lazy_gettext("Reason"),
        [required(lazy_gettext("Say why nothing has to be kept for it any more."))],
    )


def _for_all() -> None:
    """A batch speaks of the whole group. Raises ForbiddenError for whoever answers for a part."""
    if in_sight(APPROVE) is not None:
        raise ForbiddenError(
            N_("A batch concerns the whole group: somebody who answers for all of it must act.")
        )


@blueprint.get("/")
@requires(READ)
def index() -> AnyResponse:
    today, buyers = context.today(), in_sight(READ)
    wanted = lists.day("on")
    on = wanted or today
    plan = queries.plan_on(on, today=today, buyers=buyers)
    falling = queries.falling(buyers=buyers)
    lots = batches.list_batches(buyers=buyers)
    return page(
        "desk/retention.html",
        plan=plan,
        on=on,
        other_day=bool(request.args.get("on")) and wanted is None,
        is_over=on < today,
        sentence=_sentence(plan),
        years=words.draw_years(plan.kept, falling, today=today),
        going=[one for one in plan.rules if one.due],
        schedule=SCHEDULE,
        words=words,
        open_lots=[one for one in lots if one.batch.state in {"proposed", "approved"}],
        past_lots=[one for one in lots if one.batch.state not in {"proposed", "approved"}],
        holds=batches.list_holds(buyers=buyers),
        may_propose=may(PROPOSE) and in_sight(PROPOSE) is None,
        may_hold=may(HOLD),
    )


def _sentence(plan: queries.Plan) -> str:
    """What is so, before any figure."""
    if plan.overdue:
        return ngettext(
            "%(num)d thing should have gone already.",
            "%(num)d things should have gone already.",
            plan.overdue,
        )
    if plan.due:
        return ngettext(
            "%(num)d thing may go, nothing is overdue.",
            "%(num)d things may go, nothing is overdue.",
            plan.due,
        )
    return gettext("Nothing is overdue, and nothing may go on this day.")


@blueprint.get("/schedule")
@requires(READ)
def schedule() -> AnyResponse:
    return page("desk/retention_schedule.html", schedule=SCHEDULE, starts=START_TEXTS, words=words)


@blueprint.post("/plan")
@requires(PROPOSE)
def work_out() -> AnyResponse:
    counts = work_out_plan(context.now())
    return done(
        ngettext(
            "Worked out again: %(num)d thing is kept.",
            "Worked out again: %(num)d things are kept.",
            counts["kept"],
        ),
        url_for(".index"),
    )


@blueprint.post("/batches")
@requires(PROPOSE)
def propose() -> AnyResponse:
    _for_all()
    work_out_plan(context.now())
    batch = actions.propose(by=context.actor(), now=context.now())
    if batch is None:
        return done(gettext("Nothing is due that is not in a batch already."), url_for(".index"))
    return done(gettext("The batch is proposed. Somebody else approves it."), _at(batch.id))


def _at(batch_id: uuid.UUID) -> str:
    return url_for(".batch", batch_id=batch_id)


@blueprint.get("/batches/<uuid:batch_id>")
@requires(READ)
def batch(batch_id: uuid.UUID) -> AnyResponse:
    buyers = in_sight(READ)
    file = batches.get_batch(batch_id, buyers=buyers)
    found, names = batches.list_items(
        batch_id, buyers=buyers, number=lists.page_number(), size=lists.PAGE_SIZE
    )
    row, visitor = file.batch, context.visitor()
    waits = row.state == "proposed" and may(APPROVE) and in_sight(APPROVE) is None
    return page(
        "desk/retention_batch.html",
        file=file,
        found=found,
        names=names,
        pager=pager(found),
        number=words.batch_number(row),
        schedule=SCHEDULE,
        words=words,
        may_approve=waits and row.proposed_by_id != visitor.user_id,
        may_reject=waits,
        is_own=row.proposed_by_id == visitor.user_id,
    )


@blueprint.get("/batches/<uuid:batch_id>/approve")
@requires(APPROVE, fresh=True)
def confirm(batch_id: uuid.UUID) -> AnyResponse:
    """Asked once more, because it cannot be undone."""
    _for_all()
    file = batches.get_batch(batch_id, buyers=None)
    facts = [
        (gettext("Batch"), words.batch_number(file.batch)),
        (gettext("Proposed for"), show_long_date(file.batch.day)),
        *((gettext(SCHEDULE[RuleCode(rule)].label), str(count)) for rule, count in file.by_rule),
    ]
    return page(
        "shared/confirm.html",
        title=ngettext(
            "Erase %(num)d thing for good?", "Erase %(num)d things for good?", file.items
        ),
        words=gettext(
            "Files, rows, previews, readings and names go; nobody can bring them back. Each thing "
            "is checked again first: what is held, or not due any more, stays."
        ),
        facts=facts,
        action=url_for(".approve", batch_id=batch_id),
        act=gettext("Approve the erasure"),
        back_url=_at(batch_id),
        danger=True,
    )


@blueprint.post("/batches/<uuid:batch_id>/approve")
@requires(APPROVE, fresh=True)
def approve(batch_id: uuid.UUID) -> AnyResponse:
    _for_all()
    actions.approve(batch_id, by=context.actor(), now=context.now())
    return done(
        gettext("Approved. The erasure runs now; its certificate stands here when it is done."),
        _at(batch_id),
    )


@blueprint.route("/batches/<uuid:batch_id>/reject", methods=["GET", "POST"])
@requires(APPROVE)
def reject(batch_id: uuid.UUID) -> AnyResponse:
    _for_all()
    file, form = batches.get_batch(batch_id, buyers=None), RejectForm()

    def act() -> AnyResponse:
        actions.reject(
            batch_id, reason=form.reason.data or "", by=context.actor(), now=context.now()
        )
        return done(gettext("Rejected. Nothing was erased."), _at(batch_id))

    return form_page(
        form, act, button=gettext("Reject"), back=_at(batch_id),
        title=gettext("Reject batch %(number)s", number=words.batch_number(file.batch)),
        words=gettext(
            "What is due is proposed again in a week. To keep things longer, place a hold: it "
            "wins over every batch."
        ),
    )  # fmt: skip


@blueprint.get("/batches/<uuid:batch_id>/certificate")
@requires(READ)
def certificate(batch_id: uuid.UUID) -> AnyResponse:
    data = batches.read_certificate(batch_id, buyers=in_sight(READ))
    return as_download(data, f"certificat-{batch_id.hex[:8]}.pdf", "application/pdf")


@blueprint.get("/holds")
@requires(READ)
def list_holds() -> AnyResponse:
    buyers = in_sight(READ)
    text = request.args.get("q", "").strip()[:100]
    return page(
        "desk/retention_holds.html",
        holds=batches.list_holds(buyers=buyers),
        lifted=batches.list_holds(buyers=buyers, lifted=True),
        may_hold=may(HOLD),
        q=text,
        found=batches.find_suppliers(text, buyers=in_sight(HOLD)) if text and may(HOLD) else [],
    )


@blueprint.route("/holds/new/<uuid:supplier_id>", methods=["GET", "POST"])
@requires(HOLD)
def place_hold(supplier_id: uuid.UUID) -> AnyResponse:
    name, form = batches.get_supplier_name(supplier_id, buyers=in_sight(HOLD)), HoldForm()

    def act() -> AnyResponse:
        holds.place_hold(
            supplier_id, reason=form.reason.data or "", by=context.actor(), now=context.now(),
            buyers=in_sight(HOLD),
        )  # fmt: skip
        return done(gettext("Held: nothing of this supplier is erased."), url_for(".list_holds"))

    return form_page(
        form, act, title=gettext("Hold what we keep of %(name)s", name=name),
        words=gettext(
            "Papers, contracts, invoices, bank details and people stay until the hold is lifted, "
            "even when a batch was approved."
        ),
        button=gettext("Place the hold"), back=url_for(".list_holds"),
    )  # fmt: skip


@blueprint.route("/holds/<uuid:hold_id>/lift", methods=["GET", "POST"])
@requires(HOLD, fresh=True)
def lift_hold(hold_id: uuid.UUID) -> AnyResponse:
    """Asked with its consequences: what came due meanwhile may go at the next run."""
    hold, name, count = batches.get_hold(hold_id, today=context.today(), buyers=in_sight(HOLD))
    form = LiftForm()

    def act() -> AnyResponse:
        holds.lift_hold(
            hold_id, reason=form.reason.data or "", by=context.actor(), now=context.now(),
            buyers=in_sight(HOLD),
        )  # fmt: skip
        return done(
            gettext("Lifted. What came due meanwhile is proposed at the next run."),
            url_for(".list_holds"),
        )

    becomes_due = (
        ngettext(
            "%(num)d thing is past its day and becomes due at once.",
            "%(num)d things are past their day and become due at once.",
            count,
        )
        if count
        else gettext("Nothing of it is past its day yet.")
    )
    placed = gettext("Placed by %(name)s: %(reason)s", name=hold.by_name, reason=hold.reason)
    return form_page(
        form, act, title=gettext("Lift the hold on %(name)s?", name=name),
        words=f"{placed} · {becomes_due}",
        button=gettext("Lift the hold"), back=url_for(".list_holds"), danger=True,
    )  # fmt: skip
