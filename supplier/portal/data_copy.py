"""The copy of a person's data: once for programs, once for people, from the same facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext

from supplier.documents.kinds import KINDS, DocumentKind
from supplier.notifications.keeping import SentMail
from supplier.privacy.extract import Section
from supplier.privacy.queries import HandedIn, PersonalData
from supplier.privacy.rights import RIGHTS, Right
from supplier.web.event_words import kind_of_event
from supplier.web.filters import show_date, show_instant


def introduction(now: datetime) -> str:
    """What stands above the copy for people."""
    return gettext(
        "What Vigie holds of you on %(when)s: your account, what names you, and what you did. "
        "Papers are listed by name; each can be opened in the portal.",
        when=show_instant(now),
    )


def as_json(data: PersonalData, mails: Sequence[SentMail]) -> dict[str, Any]:
    """Names in English, instants in UTC, days as ISO 8601: a format that other programs read."""
    user, seen = data.user, data.overview
    return {
        "account": {
            "name": user.name, "email": user.email, "language": user.language,
            "created_at": _iso(user.created_at), "password_set_at": _iso(user.password_set_at),
        },
        "acts_for": [
            {"supplier": name, "from": _iso(first), "until": _iso(last)}
            for name, first, last in data.mandates
        ],
        "contact_entries": [
            {
                "supplier": name, "name": one.name, "email": one.email, "phone": one.phone,
                "function": one.role, "language": one.language,
                "receives_requests": one.receives_requests,
                "created_at": _iso(one.created_at), "changed_at": _iso(one.changed_at),
            }
            for one, name in seen.contacts
        ],
        "papers_handed_in": [
            {"name": one.name, "kind": one.kind, "state": one.state,
             "received_at": _iso(one.received_at), "sha256": one.sha256}
            for one in seen.papers
        ],
        "bank_details_submitted": [
            {"account": masked, "submitted_at": _iso(at)} for masked, at in seen.accounts
        ],
        "sessions": [
            {"since": _iso(one.created_at), "last_seen": _iso(one.seen_at), "browser": one.agent}
            for one in seen.sessions
        ],
        "passkeys": [
            {"name": one.name, "created_at": _iso(one.created_at), "used_at": _iso(one.used_at)}
            for one in data.passkeys
        ],
        "mails": [
            {"kind": one.kind, "subject": one.subject, "state": one.state,
             "created_at": _iso(one.created_at)}
            for one in mails
        ],
        "requests": [
            {"number": one.number, "right": one.right, "message": one.message,
             "received_on": one.received_on.isoformat(), "state": one.state, "answer": one.answer}
            for one in seen.requests
        ],
        "notices_shown": [{"version": one.version, "at": _iso(one.at)} for one in data.notices],
        "journal": [{"event": kind, "at": _iso(at)} for kind, at in data.events],
    }  # fmt: skip


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def as_sections(data: PersonalData, mails: Sequence[SentMail]) -> list[Section]:
    """The same in the reader's language, as titled lists."""
    user, seen = data.user, data.overview
    return [
        Section(
            gettext("Account"),
            (gettext("Name"), gettext("Mail address"), gettext("Made on")),
            ((user.name, user.email, show_instant(user.created_at)),),
        ),
        Section(
            gettext("Acts for"),
            (gettext("Supplier"), gettext("Since"), gettext("Until")),
            tuple((name, show_instant(a), show_instant(b)) for name, a, b in data.mandates),
        ),
        Section(
            gettext("Entries as a contact"),
            (gettext("Supplier"), gettext("Name"), gettext("Telephone"), gettext("Function")),
            tuple((name, c.name, c.phone or "—", c.role or "—") for c, name in seen.contacts),
        ),
        Section(
            gettext("Papers handed in"),
            (gettext("File"), gettext("Kind"), gettext("Received on"), "SHA-256"),
            tuple(
                (one.name, paper_kind(one), show_instant(one.received_at), one.sha256)
                for one in seen.papers
            ),
        ),
        Section(
            gettext("Bank details submitted"),
            (gettext("Account"), gettext("Submitted on")),
            tuple((masked, show_instant(at)) for masked, at in seen.accounts),
        ),
        *_traces(data, mails),
    ]


def _traces(data: PersonalData, mails: Sequence[SentMail]) -> list[Section]:
    seen = data.overview
    return [
        Section(
            gettext("Open sessions"),
            (gettext("Browser"), gettext("Since"), gettext("Last seen")),
            tuple(
                (one.agent, show_instant(one.created_at), show_instant(one.seen_at))
                for one in seen.sessions
            ),
        ),
        Section(
            gettext("Mails sent to me"),
            (gettext("Subject"), gettext("Date")),
            tuple((one.subject, show_instant(one.created_at)) for one in mails),
        ),
        Section(
            gettext("Requests"),
            (gettext("Number"), gettext("What"), gettext("Received on"), gettext("Answer")),
            tuple(
                (one.number, gettext(RIGHTS[Right(one.right)].label), show_date(one.received_on),
                 one.answer or "—")
                for one in seen.requests
            ),
        ),
        Section(
            gettext("Journal"),
            (gettext("Event"), gettext("Date")),
            tuple((kind_of_event(kind), show_instant(at)) for kind, at in data.events),
        ),
    ]  # fmt: skip


def paper_kind(paper: HandedIn) -> str:
    """The kind of a paper in words; an empty text while it is not read."""
    known = {kind.value for kind in DocumentKind}
    return gettext(KINDS[DocumentKind(paper.kind)].label) if paper.kind in known else ""
