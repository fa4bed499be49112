"""Run Vigie's migrations on the application's own engine (SQLite or PostgreSQL)."""

from __future__ import annotations

from alembic import context
from flask import current_app

from supplier.kernel.database import UtcDateTime, db

config = context.config


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Write our instants as plain SQLAlchemy types, so that old migrations outlive our code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    engine = db.engine
    with engine.connect().execution_options(vigie_write=True) as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=render_item,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
