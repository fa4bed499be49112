"""Flask's session on our own table: a random token in the cookie, everything else on the server."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Request, Response, g, request, session
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import delete, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.datastructures import CallbackDict

from supplier.accounts.models import WebSession
from supplier.accounts.sessions import Limits, begin, find_live, is_fresh
from supplier.kernel.crypto import keyring
from supplier.kernel.database import db
from supplier.settings import Settings
from supplier.web import context

#: `seen_at` is written at most this often.
TOUCH = timedelta(minutes=1)


class TableSession(CallbackDict[str, Any], SessionMixin):
    """The data of one browser and, when there is one, its row (detached, read only)."""

    def __init__(self, row: WebSession | None, token: str | None) -> None:
        def changed(_: Any) -> None:
            self.modified = True

        super().__init__(dict(row.data) if row else {}, changed)
        self.row = row
        self.token = token
        self.modified = False
        self.accessed = True
        #: The cookie must be written (a new token) or removed (the row is gone).
        self.cookie_due = False
        #: Why the row could not be read; the request is refused before anything asks for it.
        self.fault: SQLAlchemyError | None = None
        #: Nothing can be written: the cookie and its row stay as they are.
        self.frozen = False

    @property
    def user_id(self) -> uuid.UUID | None:
        return self.row.user_id if self.row else None

    def adopt(self, token: str, row: WebSession) -> None:
        """Go on under a new token, made by an action in its own transaction."""
        self.row, self.token = row, token
        self.pop("csrf_token", None)
        g.pop("csrf_token", None)
        self.cookie_due = True

    def forget(self) -> None:
        """The row is gone: send the cookie away with everything it held."""
        self.clear()
        self.row, self.token, self.cookie_due = None, None, True


class TableSessions(SessionInterface):
    """Opens and saves sessions in transactions of their own, apart from the page's."""

    def __init__(self, settings: Settings) -> None:
        self.cookie = "__Host-session" if settings.secure else "session"
        self.secure = settings.secure
        self.limits = limits_of(settings)

    def open_session(self, app: Flask, request: Request) -> TableSession:  # noqa: ARG002
        token = request.cookies.get(self.cookie)
        if not token or has_none(request):
            return TableSession(None, None)
        try:
            with own_session() as session:
                row = find_live(session, token, now=context.now(), limits=self.limits)
                return TableSession(row, token if row else None)
        except SQLAlchemyError as error:
            # Raised here it would leave the request without a session, and every error page with
            # it; `plumbing.refuse_unread_session` raises it where a page can be made.
            return unread(error)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002
        assert isinstance(session, TableSession)
        if session.frozen or has_none(request):
            return
        now = context.now()
        if session.row is None and session and session.modified:
            self._create(session, now)
        elif session.row is not None:
            self._keep(session, now)
        if session.cookie_due:
            self._write_cookie(session, response)
        response.vary.add("Cookie")

    def _create(self, session: TableSession, now: datetime) -> None:
        with own_session(write=True) as own:
            token, row = begin(own, now=now, address_hash=address_hash(), agent=agent())
            row.data = dict(session)
        session.row, session.token, session.cookie_due = row, token, True

    def _keep(self, session: TableSession, now: datetime) -> None:
        row = session.row
        assert row is not None
        if not session.modified and now - row.seen_at < TOUCH:
            return
        with own_session(write=True) as own:
            own.execute(
                update(WebSession)
                .where(WebSession.token_hash == row.token_hash)
                .values(data=dict(session), seen_at=max(now, row.seen_at))
            )

    def _write_cookie(self, session: TableSession, response: Response) -> None:
        shared = {"secure": self.secure, "httponly": True, "samesite": "Lax", "path": "/"}
        if session.token is None:
            response.delete_cookie(self.cookie, **shared)  # type: ignore[arg-type]
        else:
            response.set_cookie(self.cookie, session.token, **shared)  # type: ignore[arg-type]


def has_none(asked: Request) -> bool:
    """True for what needs no session: it is neither read nor begun, not even by an error page."""
    return asked.path.startswith(("/static/", "/bootstrap/", "/health/"))


def unread(error: SQLAlchemyError) -> TableSession:
    """An empty session in place of one that the database would not give."""
    session = TableSession(None, None)
    session.fault, session.frozen = error, True
    return session


@contextmanager
def own_session(*, write: bool = False) -> Iterator[Session]:
    """A database session of its own, so that a page's transaction is never touched."""
    with Session(db.engine, expire_on_commit=False) as session:
        if write:
            session.connection(execution_options={"vigie_write": True})
        yield session
        session.commit()


def limits_of(settings: Settings) -> Limits:
    return Limits(
        idle=timedelta(minutes=settings.session_idle_minutes),
        absolute=timedelta(hours=settings.session_hours),
        proof=timedelta(minutes=settings.proof_minutes),
    )


def table_session() -> TableSession:
    """The session of this request."""
    proxied = session._get_current_object()  # type: ignore[attr-defined]
    assert isinstance(proxied, TableSession)
    return proxied


def is_proof_fresh() -> bool:
    """True when the visitor proved who they are within the last minutes."""
    row = table_session().row
    limits = limits_of(context.settings())
    return row is not None and is_fresh(row, now=context.now(), limits=limits)


def address_hash() -> str:
    """A keyed digest of the client's address: enough to count, not to know."""
    return keyring().index(request.remote_addr or "", purpose="client-address")


def agent() -> str:
    """The browser as it names itself, cut short; shown to its owner in “my sessions”."""
    return request.user_agent.string[:200]


def sweep(session: Session, *, now: datetime, limits: Limits) -> int:
    """Delete the rows that no cookie can use any more. Gives their number."""
    result = session.execute(delete(WebSession).where(WebSession.seen_at < now - limits.idle))
    return int(getattr(result, "rowcount", 0))
