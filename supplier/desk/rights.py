"""Rights of people: requests with their clocks, and how they are answered, extended, refused."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from flask import Blueprint, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import Optional

from supplier.accounts.permissions import Permission
from supplier.desk.fields import DayField
from supplier.desk.kept_views import KeptList, add_views, views_of
from supplier.desk.room import form_page, in_sight, may, pager
from supplier.desk.taking import take_list
from supplier.kernel.errors import ForbiddenError
from supplier.kernel.i18n import N_
from supplier.privacy import actions, queries
from supplier.privacy.kept import Erasable, erasable
from supplier.privacy.queries import RequestLine
from supplier.privacy.rights import (
    GROUNDS,
    RIGHTS,
    RequestClock,
    Right,
    answer_due_on,
    extended_due_on,
)
from supplier.retention.plan import work_out_plan
from supplier.web import context, lists
from supplier.web.filters import show_long_date
from supplier.web.forms import Form, LineField, NoteField, RadioField, required
from supplier.web.guard import requires
from supplier.web.navigation import Entry, register
from supplier.web.pages import done, page

blueprint = Blueprint("desk_rights", __name__, url_prefix="/desk/rights")
READ, ANSWER = Permission.RIGHTS_READ, Permission.RIGHTS_ANSWER
LIST = KeptList("rights", "desk_rights.index", ("state", "right", "sort"))
add_views(blueprint, LIST, READ)
#: Most rows of one export.
MOST_ROWS = 20_000

register(
    Entry(
        "desk_rights.index", N_("Rights of people"), "shield", READ, group="control", order=50,
        count=lambda visitor: queries.count_open(visitor.buyers(READ)), prefix="desk_rights.",
    )
)  # fmt: skip

STATE_WORDS = {"open": N_("Open"), "late": N_("Late"), "closed": N_("Closed")}
REQUEST_WORDS = {
    "open": N_("Open"),
    "extended": N_("Extended by two months"),
    "answered": N_("Answered"),
    "refused": N_("Refused"),
}
EVENT_WORDS = {
    "rights.received": N_("Received"),
    "rights.extended": N_("Extended by two months"),
    "rights.answered": N_("Answered"),
    "rights.refused": N_("Refused"),
}


class LetterForm(Form):
    """A request that came by letter, mail or telephone."""

    name = LineField(
        lazy_gettext("Who asks"), [required(lazy_gettext("Write the name of the person who asks."))]
    )
    email = LineField(
        lazy_gettext("Mail address"),
        description=lazy_gettext("The receipt goes there; without it, confirm by letter."),
    )
    right = RadioField(
        lazy_gettext("What is asked for"),
        [required(lazy_gettext("Choose what is asked for."))],
        choices=[(right.value, lazy_gettext(spec.label)) for right, spec in RIGHTS.items()],
    )
    received_on = DayField(
        lazy_gettext("Came on"),
        [Optional()],
        description=lazy_gettext("The month counts from this day. Empty: today."),
    )
    message = NoteField(
        lazy_gettext("In the person's words"),
        [required(lazy_gettext("Say in a sentence what it is about."))],
    )


class AnswerForm(Form):
    text = NoteField(
        lazy_gettext("Answer to the person"),
        [required(lazy_gettext("Write the answer: the person reads it."))],
    )


class ExtendForm(Form):
    reason = NoteField(
        lazy_gettext("Why it takes longer"),
        [required(lazy_gettext("Give the reason for the extension: the person is told."))],
    )


class RefuseForm(Form):
    ground = RadioField(
        lazy_gettext("Ground"), [required(lazy_gettext("Choose the ground of the refusal."))]
    )
    text = NoteField(
        lazy_gettext("Explanation to the person"),
        [required(lazy_gettext("Explain the refusal: the person reads it."))],
    )

    def offer(self, right: Right) -> None:
        """Offer only the grounds that the law gives for this right."""
        self.ground.choices = [
            (ground.value, f"{gettext(spec.label)} {gettext(spec.source)}")
            for ground, spec in GROUNDS.items()
            if right in spec.rights
        ]


def clock_chip(clock: RequestClock) -> tuple[str, str]:
    """Tone and word of where the clock stands."""
    if clock.is_closed:
        late = gettext("Closed %(days)s d late", days=-clock.days_left)
        return ("soon", late) if clock.is_late else ("ok", gettext("Closed in time"))
    if clock.is_late:
        return "bad", gettext("Late, %(days)s d", days=-clock.days_left)
    if clock.days_left <= 7:
        return "soon", gettext("%(days)s d left", days=clock.days_left)
    return "wait", gettext("%(days)s d left", days=clock.days_left)


@blueprint.get("/")
@requires(READ)
def index() -> AnyResponse:
    state = lists.choice("state", STATE_WORDS)
    right = lists.choice("right", [one.value for one in Right])
    sort = lists.choice("sort", lists.both_ways(queries.REQUEST_SORTS))
    kind = lists.choice("format", ("csv", "xlsx"))
    found = queries.list_requests(
        state=state, right=right, sort=sort, today=context.today(), buyers=in_sight(READ),
        number=1 if kind else lists.page_number(), size=MOST_ROWS if kind else lists.PAGE_SIZE,
    )  # fmt: skip
    if kind:
        return _export(found.items, kind)
    return page(
        "desk/rights.html", found=found, state=state, right=right, states=STATE_WORDS,
        rights=RIGHTS, chip=clock_chip, pager=pager(found), sentence=_sentence(found.items),
        may_answer=may(ANSWER), sort=sort, head=lists.heads(sort), link=lists.link,
        kept=views_of(LIST),
    )  # fmt: skip


def _export(lines: Sequence[RequestLine], kind: str) -> AnyResponse:
    """The filtered list as a file: the register of requests, without what people wrote."""
    rows = [
        {
            "number": line.request.number, "who": line.who, "supplier": line.supplier_name,
            "right": gettext(RIGHTS[Right(line.request.right)].label),
            "source": gettext(RIGHTS[Right(line.request.right)].source),
            "received": line.request.received_on, "due": line.request.due_on,
            "state": gettext(REQUEST_WORDS[line.request.state]),
            "closed": line.request.closed_on, "clock": clock_chip(line.clock)[1],
        }
        for line in lines
    ]  # fmt: skip
    columns = [
        ("number", gettext("Request")), ("who", gettext("Who asks")),
        ("supplier", gettext("Supplier")), ("right", gettext("Which right")),
        ("source", gettext("Legal basis")), ("received", gettext("Came on")),
        ("due", gettext("Last day")), ("state", gettext("State")),
        ("closed", gettext("Closed on")), ("clock", gettext("Clock")),
    ]  # fmt: skip
    return take_list("rights", rows, columns=columns, kind=kind)


def _sentence(lines: object) -> str:
    """What is so: what is late first."""
    waiting = [one for one in lines if not one.clock.is_closed]  # type: ignore[attr-defined]
    late = sum(one.clock.is_late for one in waiting)
    if late:
        return gettext("%(late)s of %(open)s open requests are late.", late=late, open=len(waiting))
    if waiting:
        return gettext(
            "%(open)s wait for an answer, the next one by %(day)s.",
            open=len(waiting), day=show_long_date(min(one.request.due_on for one in waiting)),
        )  # fmt: skip
    return gettext("No request waits for an answer.")


@blueprint.route("/new", methods=["GET", "POST"])
@requires(ANSWER)
def create() -> AnyResponse:
    form = LetterForm()

    def act() -> AnyResponse:
        if in_sight(ANSWER) is not None:
            raise ForbiddenError(
                N_("A letter may concern the whole group: somebody who answers for all of it "
                   "must register it.")
            )  # fmt: skip
        row = actions.file_request(
            str(form.right.data), form.message.data or "", user_id=None, supplier_id=None,
            by=context.actor(), now=context.now(), name=form.name.data,
            email=form.email.data or None, received_on=form.received_on.data,
        )  # fmt: skip
        return done(
            gettext(
                "Registered under %(number)s, to be answered by %(day)s.",
                number=row.number, day=show_long_date(row.due_on),
            ),
            _at(row.id),
        )  # fmt: skip

    return form_page(
        form, act, title=gettext("Register a request"), button=gettext("Register"),
        words=gettext("One that came by letter, by mail or by telephone: its month counts too."),
        back=url_for(".index"),
    )  # fmt: skip


def _at(request_id: uuid.UUID) -> str:
    return url_for(".show", request_id=request_id)


@blueprint.get("/<uuid:request_id>")
@requires(READ)
def show(request_id: uuid.UUID) -> AnyResponse:
    line, events = queries.get_request(request_id, today=context.today(), buyers=in_sight(READ))
    return page(
        "desk/rights_request.html", line=line, events=events, event_words=EVENT_WORDS,
        rights=RIGHTS, grounds=GROUNDS, chip=clock_chip(line.clock),
        may_answer=may(ANSWER) and not line.clock.is_closed, erasable=_erasable(line),
    )  # fmt: skip


def _erasable(line: RequestLine) -> Erasable | None:
    """What an erasure would have to leave, while one is asked for."""
    asked, supplier_id = line.request.right == Right.ERASURE, line.request.supplier_id
    if line.clock.is_closed or not asked or supplier_id is None:
        return None
    return erasable(supplier_id, today=context.today())


@blueprint.post("/<uuid:request_id>/plan")
@requires(ANSWER)
def work_out(request_id: uuid.UUID) -> AnyResponse:
    """Work out the plan of erasures now, to see what the law still keeps."""
    _open(request_id)
    work_out_plan(context.now())
    return done(gettext("Worked out again."), _at(request_id))


def _open(request_id: uuid.UUID) -> RequestLine:
    """The request, for whoever may answer it. Raises NotFoundError."""
    return queries.get_request(request_id, today=context.today(), buyers=in_sight(ANSWER))[0]


@blueprint.route("/<uuid:request_id>/answer", methods=["GET", "POST"])
@requires(ANSWER)
def answer(request_id: uuid.UUID) -> AnyResponse:
    line, form = _open(request_id), AnswerForm()

    def act() -> AnyResponse:
        actions.answer(
            request_id, text=form.text.data or "", buyers=in_sight(ANSWER), by=context.actor(),
            now=context.now(),
        )  # fmt: skip
        return done(gettext("Answered. The request is closed."), _at(request_id))

    return form_page(
        form, act, title=gettext("Answer %(number)s", number=line.request.number),
        words=gettext("%(who)s reads this text.", who=line.who),
        button=gettext("Send the answer"),
        back=_at(request_id),
    )  # fmt: skip


@blueprint.route("/<uuid:request_id>/extend", methods=["GET", "POST"])
@requires(ANSWER)
def extend(request_id: uuid.UUID) -> AnyResponse:
    line, form = _open(request_id), ExtendForm()

    def act() -> AnyResponse:
        actions.extend(
            request_id, reason=form.reason.data or "", buyers=in_sight(ANSWER),
            by=context.actor(), now=context.now(),
        )  # fmt: skip
        return done(gettext("Extended by two months. The person is told."), _at(request_id))

    return form_page(
        form, act, title=gettext("Extend %(number)s", number=line.request.number),
        words=gettext(
            "Once, and only before %(first)s, with the reason told to the person. New last day: "
            "%(last)s (GDPR, art. 12(3)).",
            first=show_long_date(answer_due_on(line.request.received_on)),
            last=show_long_date(extended_due_on(line.request.received_on)),
        ),
        button=gettext("Extend"), back=_at(request_id),
    )  # fmt: skip


@blueprint.route("/<uuid:request_id>/refuse", methods=["GET", "POST"])
@requires(ANSWER)
def refuse(request_id: uuid.UUID) -> AnyResponse:
    line, form = _open(request_id), RefuseForm()
    form.offer(Right(line.request.right))

    def act() -> AnyResponse:
        actions.refuse(
            request_id, ground=str(form.ground.data), text=form.text.data or "",
            buyers=in_sight(ANSWER), by=context.actor(), now=context.now(),
        )  # fmt: skip
        return done(gettext("Refused with its ground. The request is closed."), _at(request_id))

    return form_page(
        form, act, title=gettext("Refuse %(number)s", number=line.request.number),
        words=gettext(
            "Only on a ground that the law gives. The person is told of it, and that they may "
            "complain to the CNIL or go to court (GDPR, art. 12(4))."
        ),
        button=gettext("Refuse"), danger=True, back=_at(request_id),
    )  # fmt: skip
