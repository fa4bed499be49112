"""Administration of people: who has an account, with which roles, and how they come back."""

from __future__ import annotations

import uuid

from flask import Blueprint, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts import actions, identities, queries
from supplier.accounts.events import EVENT_LABELS
from supplier.accounts.models import User
from supplier.accounts.permissions import NEED_TWO, ROLE_LABELS, Permission, Role
from supplier.accounts.queries import UserFilter
from supplier.desk.room import form_page
from supplier.desk.taking import take_list
from supplier.kernel.i18n import N_
from supplier.web import context, lists
from supplier.web.forms import Form, LineField, NoteField, RadioField, SelectField, required
from supplier.web.guard import requires
from supplier.web.mail_words import on_its_way
from supplier.web.navigation import Entry, register
from supplier.web.pages import done, page

blueprint = Blueprint("desk_users", __name__, url_prefix="/desk/users")
ADMIN = Permission.USER_ADMIN
STATES = ("open", "invited", "locked")
#: Most rows of one export.
MOST_ROWS = 20_000
ACT = "desk/users_act.html"
LANGUAGE_NAMES = (("fr", "Français"), ("en", "English"), ("de", "Deutsch"))

register(
    Entry(
        "desk_users.index", N_("Users"), "person", ADMIN, group="administration", order=10,
        count=lambda visitor: queries.count_waiting_roles(buyers=visitor.buyers(ADMIN)),
        prefix="desk_users.",
    )
)  # fmt: skip


class InviteForm(Form):
    name = LineField(lazy_gettext("Name"), [required()])
    email = LineField(lazy_gettext("Mail address"), [required()])
    language = RadioField(
        lazy_gettext("Language"),
        choices=LANGUAGE_NAMES,
        default="fr",
    )


class RoleForm(Form):
    role = RadioField(lazy_gettext("Role"), [required(lazy_gettext("Choose a role."))])
    buyer = SelectField(lazy_gettext("Group company"))

    def fill(self) -> None:
        """Offer the roles, and the group companies that the visitor administers."""
        self.role.choices = [(role.value, gettext(ROLE_LABELS[role])) for role in Role]
        buyers = _buyers()
        everyone = [("", gettext("The whole group"))] if buyers is None else []
        named = [(str(key), name) for key, name in queries.list_buyers(buyers=buyers)]
        self.buyer.choices = [*everyone, *named]


class LockForm(Form):
    reason = NoteField(lazy_gettext("Reason"), [required(lazy_gettext("Give the reason."))])


class ResetForm(Form):
    check = NoteField(
        lazy_gettext("How you verified who is asking"),
        [required(lazy_gettext("Say how you verified who is asking."))],
    )


class AddressForm(Form):
    email = LineField(lazy_gettext("New mail address"), [required()])
    reason = NoteField(
        lazy_gettext("Reason, and how you verified who is asking"),
        [required(lazy_gettext("Give the reason."))],
    )


def _buyers() -> frozenset[uuid.UUID] | None:
    return context.visitor().buyers(ADMIN)


def _user(user_id: uuid.UUID) -> queries.UserDetails:
    """The user, or 404 when out of the visitor's sight."""
    return queries.get_user(user_id, buyers=_buyers())


def _back(user_id: uuid.UUID) -> str:
    return url_for(".show", user_id=user_id)


@blueprint.get("/")
@requires(ADMIN)
def index() -> AnyResponse:
    wanted = UserFilter(
        sort=lists.choice("sort", queries.USER_SORTS, "name"),
        kind=lists.choice("kind", ("staff", "supplier")),
        role=lists.choice("role", [role.value for role in Role]),
        state=lists.choice("state", STATES),
        text=request.args.get("q", "").strip()[:100],
    )
    kind = lists.choice("format", ("csv", "xlsx"))
    if kind:
        return _export(wanted, kind)
    found = queries.list_users(wanted, buyers=_buyers(), number=lists.page_number())
    return page(
        "desk/users.html", users=found, wanted=wanted, labels=ROLE_LABELS, link=lists.link,
        roles_in_force=queries.roles_in_force,
        waiting=queries.list_waiting_roles(buyers=_buyers()),
        linked=identities.linked_among([user.id for user in found.items]),
    )  # fmt: skip


def _export(wanted: UserFilter, kind: str) -> AnyResponse:
    """The filtered list as a file, in the order of the page."""
    found = queries.list_users(wanted, buyers=_buyers(), size=MOST_ROWS).items
    linked = identities.linked_among([user.id for user in found])
    rows = [
        {
            "name": user.name, "email": user.email,
            "kind": gettext("Supplier") if user.kind == "supplier" else gettext("Staff"),
            "roles": ", ".join(gettext(ROLE_LABELS[one]) for one in queries.roles_in_force(user)),
            "state": _state_words(user, is_linked=user.id in linked),
        }
        for user in found
    ]  # fmt: skip
    columns = [
        ("name", gettext("Name")), ("email", gettext("Mail address")), ("kind", gettext("Kind")),
        ("roles", gettext("Roles")), ("state", gettext("State")),
    ]  # fmt: skip
    return take_list("users", rows, columns=columns, kind=kind)


def _state_words(user: User, *, is_linked: bool) -> str:
    if user.locked_at:
        return gettext("Locked")
    is_new = user.kind == "staff" and not user.password_hash and not is_linked
    return gettext("Invited") if is_new else gettext("In use")


@blueprint.route("/new", methods=["GET", "POST"])
@requires(ADMIN, fresh=True)
def invite() -> AnyResponse:
    form = InviteForm()

    def act() -> AnyResponse:
        user = actions.invite_staff(
            form.email.data or "", name=form.name.data or "", language=form.language.data,
            by=context.actor(), now=context.now(),
        )  # fmt: skip
        return done(
            on_its_way(gettext("Invited: the mail is on its way. Now give a role.")),
            url_for(".grant", user_id=user.id),
        )

    return form_page(
        form, act, template=ACT,
        title=gettext("Invite someone of the group"), button=gettext("Send invitation"),
        words=gettext("They choose their own password and second factor: nobody else knows it."),
        back=url_for(".index"),
    )  # fmt: skip


@blueprint.get("/<uuid:user_id>")
@requires(ADMIN)
def show(user_id: uuid.UUID) -> AnyResponse:
    one = _user(user_id)
    return page(
        "desk/user.html", one=one, labels=ROLE_LABELS, event_words=EVENT_LABELS,
        linked=identities.find_link_of(user_id),
    )  # fmt: skip


@blueprint.route("/<uuid:user_id>/roles/new", methods=["GET", "POST"])
@requires(ADMIN, fresh=True)
def grant(user_id: uuid.UUID) -> AnyResponse:
    person, form = _person(user_id), RoleForm()
    form.fill()

    def act() -> AnyResponse:
        role = Role(form.role.data)
        actions.grant_role(
            user_id, role=role, by=context.actor(), now=context.now(), within=_buyers(),
            buyer_id=uuid.UUID(form.buyer.data) if form.buyer.data else None,
        )  # fmt: skip
        if role in NEED_TWO:
            return done(
                gettext("Asked. It counts once another administrator approves it."),
                _after(user_id),
            )
        return done(gettext("The role is given. It counts from now on."), _after(user_id))

    return form_page(
        form, act, template=ACT,
        title=gettext("Give %(name)s a role", name=person), button=gettext("Give"),
        words=gettext("Their sessions end; they sign in again with the new right."),
        back=_back(user_id),
    )  # fmt: skip


def _person(user_id: uuid.UUID) -> str:
    """The name of a user in the visitor's sight, for the title of a page."""
    return _user(user_id).user.name


def _after(user_id: uuid.UUID) -> str:
    """Whoever changes their own roles is signed out, so they are sent to the door."""
    return url_for("signin.home") if user_id == context.visitor().user_id else _back(user_id)


@blueprint.post("/roles/<uuid:scope_id>/approve")
@requires(ADMIN, fresh=True)
def approve(scope_id: uuid.UUID) -> AnyResponse:
    line = queries.get_role(scope_id, buyers=_buyers())
    actions.approve_role(scope_id, by=context.actor(), now=context.now())
    return done(gettext("Approved: the role counts from now on."), _back(line.scope.user_id))


@blueprint.route("/roles/<uuid:scope_id>/end", methods=["GET", "POST"])
@requires(ADMIN, fresh=True)
def end(scope_id: uuid.UUID) -> AnyResponse:
    scope, form = queries.get_role(scope_id, buyers=_buyers()).scope, LockForm()

    def act() -> AnyResponse:
        actions.end_role(
            scope_id, reason=form.reason.data or "", by=context.actor(), now=context.now()
        )
        return done(gettext("The role is taken away."), _after(scope.user_id))

    return form_page(
        form, act, template=ACT,
        title=gettext("Take the role %(role)s from %(name)s",
                      role=gettext(ROLE_LABELS[Role(scope.role)]), name=_person(scope.user_id)),
        words=gettext("It holds at once: their sessions end. The role can be given again."),
        button=gettext("Take away"), danger=True, back=_back(scope.user_id),
    )  # fmt: skip


@blueprint.route("/<uuid:user_id>/lock", methods=["GET", "POST"])
@requires(ADMIN, fresh=True)
def lock(user_id: uuid.UUID) -> AnyResponse:
    person, form = _person(user_id), LockForm()

    def act() -> AnyResponse:
        actions.lock(user_id, reason=form.reason.data or "", by=context.actor(), now=context.now())
        return done(gettext("Locked. Every session has ended."), _back(user_id))

    return form_page(
        form, act, template=ACT,
        title=gettext("Lock the account of %(name)s", name=person),
        words=gettext("They are signed out at once and their links die. It can be undone."),
        button=gettext("Lock"), danger=True, back=_back(user_id),
    )  # fmt: skip


@blueprint.post("/<uuid:user_id>/unlock")
@requires(ADMIN, fresh=True)
def unlock(user_id: uuid.UUID) -> AnyResponse:
    _user(user_id)
    actions.unlock(user_id, by=context.actor(), now=context.now())
    return done(gettext("Open again."), _back(user_id))


@blueprint.post("/<uuid:user_id>/invitation")
@requires(ADMIN, fresh=True)
def resend(user_id: uuid.UUID) -> AnyResponse:
    _user(user_id)
    actions.resend_invitation(user_id, by=context.actor(), now=context.now())
    words = gettext("A new invitation is on its way; the older one is dead.")
    return done(on_its_way(words), _back(user_id))


@blueprint.post("/<uuid:user_id>/sessions/end")
@requires(ADMIN, fresh=True)
def end_sessions(user_id: uuid.UUID) -> AnyResponse:
    _user(user_id)
    actions.end_all_sessions(user_id, by=context.actor(), now=context.now())
    return done(gettext("Signed out everywhere."), _after(user_id))


@blueprint.route("/<uuid:user_id>/factors/reset", methods=["GET", "POST"])
@requires(ADMIN, fresh=True)
def reset_factors(user_id: uuid.UUID) -> AnyResponse:
    person, form = _person(user_id), ResetForm()

    def act() -> AnyResponse:
        actions.reset_factors(
            user_id, check=form.check.data or "", by=context.actor(), now=context.now()
        )
        return done(gettext("Reset. A mail lets them set up a new second factor."), _back(user_id))

    return form_page(
        form, act, template=ACT,
        title=gettext("Reset the second factor of %(name)s", name=person),
        words=gettext(
            "Only after you are sure who is asking: call the number that you already know, or "
            "see them. Their sessions end; a mail and their password open the way back."
        ),
        button=gettext("Reset"), danger=True, back=_back(user_id),
    )  # fmt: skip


@blueprint.route("/<uuid:user_id>/sso/unlink", methods=["GET", "POST"])
@requires(ADMIN, fresh=True)
def unlink_sso(user_id: uuid.UUID) -> AnyResponse:
    person, form = _person(user_id), ResetForm()

    def act() -> AnyResponse:
        actions.unlink_sso(
            user_id, check=form.check.data or "", by=context.actor(), now=context.now()
        )
        return done(
            gettext("Unlinked. Their next sign-in by the group links it anew."), _back(user_id)
        )

    return form_page(
        form, act, template=ACT,
        title=gettext("Unlink the account of the group of %(name)s", name=person),
        words=gettext(
            "When the group gave them a new account, and only after you are sure who is asking. "
            "Sessions end, and rights on bank details wait for a second administrator again."
        ),
        button=gettext("Unlink"), danger=True, back=_back(user_id),
    )  # fmt: skip


@blueprint.route("/<uuid:user_id>/address", methods=["GET", "POST"])
@requires(ADMIN, fresh=True)
def address(user_id: uuid.UUID) -> AnyResponse:
    person, form = _person(user_id), AddressForm()

    def act() -> AnyResponse:
        actions.change_address(
            user_id, email=form.email.data or "", reason=form.reason.data or "",
            by=context.actor(), now=context.now(),
        )  # fmt: skip
        return done(gettext("Changed. Both addresses are told."), _back(user_id))

    return form_page(
        form, act, template=ACT,
        title=gettext("Change the address of %(name)s", name=person),
        words=gettext(
            "For a lost mailbox, and only after you are sure who is asking. Sessions end, and "
            "the old address is told."
        ),
        button=gettext("Change"), danger=True, back=_back(user_id),
    )  # fmt: skip


@blueprint.post("/<uuid:user_id>/mandates/<uuid:mandate_id>/end")
@requires(ADMIN, fresh=True)
def end_mandate(user_id: uuid.UUID, mandate_id: uuid.UUID) -> AnyResponse:
    held = {line.mandate.id for line in _user(user_id).mandates}
    if mandate_id in held:
        actions.end_mandate(mandate_id, by=context.actor(), now=context.now())
    return done(gettext("They no longer act for this supplier."), _back(user_id))
