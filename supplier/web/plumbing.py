"""What every request goes through: time, language, session, guard, headers, errors."""

from __future__ import annotations

import logging
import secrets
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from flask import (
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    render_template,
    request,
    send_file,
)
from flask_babel import Babel, gettext
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from werkzeug.exceptions import BadRequest, HTTPException, NotFound, SecurityError
from werkzeug.security import safe_join
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts.sessions import find_visitor
from supplier.kernel.clock import Clock
from supplier.kernel.database import db, reading
from supplier.kernel.errors import DomainError, LimitError
from supplier.kernel.i18n import LANGUAGES
from supplier.settings import Settings
from supplier.web import assets, context, demo_mails, filters, frame, guard, health, signin
from supplier.web.sessions import TableSessions, table_session

log = logging.getLogger("vigie")
csrf = CSRFProtect()

#: How a database says that it is away, busy, or has no connection left.
AWAY = (OperationalError, InterfaceError, NoConnectionError)
RETRY_SECONDS = 10
AGAIN = "The service is busy or under maintenance. Send this again in a few seconds."

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "object-src 'none'; manifest-src 'self'"
)


def install(app: Flask, *, settings: Settings, clock: Clock) -> None:
    """Hang the plumbing into the application."""
    app.extensions["vigie_settings"] = settings
    app.extensions["vigie_clock"] = clock
    app.session_interface = TableSessions(settings)
    Babel(app, locale_selector=choose_language)
    app.before_request(refuse_foreign_host)
    app.before_request(refuse_nul)
    app.before_request(refuse_foreign_origin)
    app.before_request(refuse_unread_session)
    csrf.init_app(app)
    filters.install(app)
    serve_bootstrap(app)
    app.url_defaults(assets.add_version)
    app.before_request(know_visitor)
    app.before_request(guard.check)
    app.after_request(add_headers)
    app.context_processor(frame.values)
    app.register_blueprint(signin.blueprint)
    app.register_blueprint(health.blueprint)
    demo_mails.add_to(app, settings)
    app.register_error_handler(DomainError, show_domain_error)
    app.register_error_handler(CSRFError, show_csrf_error)
    app.register_error_handler(HTTPException, show_http_error)
    for away in AWAY:
        app.register_error_handler(away, show_database_down)
    app.register_error_handler(Exception, show_crash)


def serve_bootstrap(app: Flask) -> None:
    """Serve Bootstrap's stylesheets out of the package that carries them."""
    folder = assets.bootstrap_folder()

    def bootstrap(filename: str) -> Response:
        path = safe_join(str(folder), filename)
        if not filename.endswith(".css") or path is None or not Path(path).is_file():
            raise NotFound
        sheet, stamp = assets.stylesheet(Path(path)), assets.asset_version(Path(path))
        return send_file(BytesIO(sheet), "text/css", etag=stamp, max_age=31_536_000)

    app.add_url_rule("/bootstrap/<path:filename>", "bootstrap", bootstrap)


def refuse_foreign_host() -> AnyResponse | None:
    """A request for a name that is not ours: no page can be made for it, and no session is read."""
    if isinstance(request.routing_exception, SecurityError):
        return Response("Unknown host.\n", status=400, content_type="text/plain; charset=utf-8")
    return None


def refuse_nul() -> None:
    """No name and no question holds a NUL, and PostgreSQL takes none: said before it is asked."""
    if "\0" in request.path or any("\0" in text for text in request.args.values()):
        raise BadRequest


def refuse_foreign_origin() -> None:
    """What another site sends is not taken, with a token or without (OWASP, CSRF: the origin)."""
    origin = request.headers.get("Origin")
    if origin is None or request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    ours = {request.host, urlsplit(context.settings().public_url).netloc}
    if urlsplit(origin).netloc not in ours:
        raise BadRequest


def refuse_unread_session() -> None:
    """Raise what kept the session from being read: whoever comes is unknown, not signed out."""
    fault = table_session().fault
    if fault is not None:
        raise fault


def know_visitor() -> None:
    """Load the rights of whoever signed in: fresh on every request, never kept in the session."""
    row = table_session().row
    if row is None or row.user_id is None:
        return
    with reading() as session:
        g.visitor = find_visitor(session, row.user_id, acting_supplier_id=row.acting_supplier_id)
    if g.visitor is None:
        table_session().forget()


def choose_language() -> str:
    """The visitor's language, the one chosen on the page, or the browser's; French otherwise."""
    chosen = table_session().get("language") if request else None
    if chosen in LANGUAGES:
        return str(chosen)
    visitor = context.find_visitor()
    if visitor is not None and visitor.language in LANGUAGES:
        return visitor.language
    return request.accept_languages.best_match(LANGUAGES) or "fr"


def add_headers(response: Response) -> Response:
    """The headers of every answer, errors and downloads included."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CSP)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(), microphone=()")
    if context.settings().secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint not in {"static", "bootstrap"}:
        headers.setdefault("Cache-Control", "no-store")
    return response


def wants_json() -> bool:
    return request.path.startswith("/api/")


def show_domain_error(error: DomainError) -> AnyResponse | tuple[Response, int]:
    """Something the person can act on, where no form could show it."""
    response = _show(error.status, gettext(error.message))
    if isinstance(error, LimitError):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def show_csrf_error(_error: CSRFError) -> AnyResponse:
    return _show(
        400,
        gettext(
            "This page was open too long. Go back, reload it and send it again: "
            "what you typed is still there."
        ),
    )


def show_http_error(error: HTTPException) -> AnyResponse:
    original = getattr(error, "original_exception", None)
    if original is not None:
        # Raised outside the views, as when the session is saved: Flask wraps it in a plain 500.
        return show_database_down(original) if isinstance(original, AWAY) else show_crash(original)
    texts = {
        404: gettext("This page does not exist."),
        405: gettext("This address does not take that kind of request."),
        413: gettext("This is too large. Send fewer or smaller files."),
    }
    code = error.code or 500
    if code < 400:
        return error.get_response()
    response = _show(code, texts.get(code, gettext("This request could not be understood.")))
    if code == 405:
        response.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    return response


def show_database_down(error: SQLAlchemyError) -> AnyResponse:
    """Busy or away: try again. Asks the database nothing, and leaves the cookie as it is."""
    log.warning("database unavailable: %s", type(getattr(error, "orig", error)).__name__)
    table_session().frozen = True
    response = _static_error(503)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def show_crash(error: Exception) -> AnyResponse:
    """The last resort: a page that needs neither database nor session, and a number for the log."""
    number = secrets.token_hex(4)
    log.error("error %s on %s", number, request.endpoint, exc_info=error)
    return _static_error(500, number=number)


def _show(status: int, message: str) -> Response:
    if wants_json():
        return _problem(status, message)
    try:
        body = render_template("shared/error.html", status=status, message=message)
    except Exception as error:  # the page itself must never be what fails
        log.error("error page failed", exc_info=error)
        return _static_error(status)
    return Response(body, status=status)


def _static_error(status: int, number: str = "") -> Response:
    if wants_json():
        return _problem(status, AGAIN if status == 503 else "Internal error.")
    with suppress(SQLAlchemyError):
        db.session.rollback()
    # Not through `render_template`: the frame of other pages asks for the visitor and more.
    page = current_app.jinja_env.get_template("shared/error_static.html")
    return Response(page.render(status=status, number=number), status=status)


def _problem(status: int, detail: str) -> Response:
    """RFC 9457."""
    response = jsonify(type="about:blank", status=status, detail=detail)
    response.status_code = status
    response.content_type = "application/problem+json"
    return response
