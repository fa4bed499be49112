"""Put the application together: settings, database, doors, entrances."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from apiflask import APIFlask
from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from supplier import models  # noqa: F401 (every table must be known)
from supplier.accounts import keeping as accounts
from supplier.accounts.hashing import warm_up
from supplier.accounts.policy import policy_of, use_policy
from supplier.adapters.files import FolderStore, use_store
from supplier.adapters.identity import use_provider
from supplier.adapters.mail import use_sender
from supplier.adapters.registries import use_registry
from supplier.adapters.report_box import use_report_box
from supplier.bank import keeping as bank
from supplier.contracts import keeping as contracts
from supplier.documents import keeping as documents
from supplier.documents.actions import use_reader
from supplier.evaluation import keeping as evaluation
from supplier.kernel.clock import Clock, SystemClock
from supplier.kernel.crypto import KeyRing, use_keyring
from supplier.kernel.database import db, prepare_engine
from supplier.notifications import keeping as notifications
from supplier.notifications.rendering import MailRoom, use_mail_room
from supplier.parties import keeping as parties
from supplier.privacy import keeping as privacy
from supplier.settings import Settings
from supplier.vigilance import keeping as vigilance
from supplier.web import plumbing

HERE = Path(__file__).parent
#: Connections beyond the five that stay open: every thread of the server may want one at once.
OVERFLOW = 40


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock | None = None,
    environ: Mapping[str, str] | None = None,
) -> Flask:
    """The application, ready to serve; the database is opened at the first request.

    Raises SettingsError when a setting is missing or weaker than promised.
    """
    settings = settings or Settings.from_environ(os.environ if environ is None else environ)
    app = APIFlask(
        "supplier",
        title="Vigie",
        version="1",
        docs_path=None,
        spec_path=None,
        json_errors=False,
        template_folder=str(_folder("templates")),
        static_folder=str(HERE / "web" / "static"),
    )
    _configure(app, settings)
    install_doors(settings)
    warm_up()
    db.init_app(app)
    Migrate(app, db, directory=str(_folder("migrations")), render_as_batch=True)
    with app.app_context():
        prepare_engine(db.engine)
    plumbing.install(app, settings=settings, clock=clock or SystemClock())
    declare_registers()
    _open_entrances(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    return app


def install_doors(settings: Settings) -> None:
    """Open what this process needs from outside: keys, files, mail, registry."""
    ring = KeyRing(settings.keys(), settings.secret_key)
    use_keyring(ring)
    folder = FolderStore(settings.files_folder, ring)
    use_store(folder)
    use_sender(settings.mail_url, settings.mail_from, reports_to=settings.bounces_address)
    use_report_box(settings.bounces_url)
    use_mail_room(
        MailRoom(
            public_url=settings.public_url,
            templates=_folder("templates"),
            translations=HERE / "translations",
            timezone=settings.timezone,
        )
    )
    use_registry(settings.registry_url)
    use_provider(settings)
    use_policy(policy_of(settings))
    use_reader(settings)


def declare_registers() -> None:
    """Let each capability say what it keeps and what it answers to the search box."""
    for room in (
        parties, accounts, documents, contracts, bank, vigilance, evaluation, privacy,
        notifications,
    ):  # fmt: skip
        room.declare()


def _folder(name: str) -> Path:
    """A data folder: beside the code in the wheel, beside the package in a checkout."""
    packaged = HERE / name
    return packaged if packaged.is_dir() else HERE.parent / name


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SECRET_KEY=settings.secret_key,
        TRUSTED_HOSTS=settings.trusted_hosts,
        MAX_CONTENT_LENGTH=settings.upload_max_bytes * 12,
        MAX_FORM_MEMORY_SIZE=2_000_000,
        MAX_FORM_PARTS=2_000,
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE="fr",
        BABEL_DEFAULT_TIMEZONE=settings.timezone,
        BABEL_TRANSLATION_DIRECTORIES=str(HERE / "translations"),
        TEMPLATES_AUTO_RELOAD=settings.mode == "development",
    )
    # A fault is logged with its statement, never with the names and numbers that it was to write.
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"hide_parameters": True}
    if settings.database_url.startswith("sqlite:///") and ":memory:" not in settings.database_url:
        path = settings.database_url.removeprefix("sqlite:///")
        app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{Path(path).resolve()}"
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] |= {"max_overflow": OVERFLOW}
    elif settings.database_url.startswith("postgresql"):
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] |= {
            "pool_pre_ping": True,
            "max_overflow": OVERFLOW,
            "connect_args": {"options": "-c lock_timeout=10000 -c statement_timeout=60000"},
        }


def _open_entrances(app: APIFlask) -> None:
    from supplier.api import entrance as api
    from supplier.desk import entrance as desk
    from supplier.portal import entrance as portal

    for entrance in (portal, desk, api):
        entrance.open_entrance(app)
