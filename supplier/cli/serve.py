"""`supplier serve` and `supplier worker`: run the pages and the work behind them."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import sys
from functools import partial
from multiprocessing import process
from pathlib import Path
from types import FrameType
from typing import Any

import click
from flask import Flask
from flask_migrate import upgrade
from gunicorn.app.base import BaseApplication
from sqlalchemy import URL

from supplier.adapters import files
from supplier.cli import slow_bodies
from supplier.documents import apart
from supplier.factory import create_app
from supplier.jobs import Worker
from supplier.kernel.clock import SystemClock
from supplier.kernel.database import db, durability_fault, reading
from supplier.settings import Settings, SettingsError

#: Most wait for the database or for a body, few for the processor.
THREADS = 32


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with threads, configured here and not by a file."""

    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        self._app = app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


def load_settings() -> Settings:
    """The settings of the environment; a mistake ends the command with its sentence."""
    try:
        return Settings.from_environ(os.environ)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


def prepare(app: Flask) -> None:
    """Bring the database to the last migration, mark the store, refuse weak durability."""
    with app.app_context():
        close_to_others(db.engine.url)
        upgrade()
        with reading() as session:
            fault = durability_fault(session)
        db.engine.dispose()
    if fault:
        raise click.ClickException(
            f"{fault}: acknowledged papers could be lost. Refusing to start."
        )
    store = files.store()
    if isinstance(store, files.FolderStore):
        store.prepare()


def close_to_others(url: URL) -> None:
    """Let nobody but this user read the SQLite file; its journals get the rights that it has."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return
    path = Path(url.database)
    path.touch(mode=0o600)
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        if path.with_name(name).exists():
            path.with_name(name).chmod(0o600)


def work(settings: Settings) -> None:
    """Run one worker until a signal ends it."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    worker = Worker(create_app(settings), SystemClock())

    def stop(_number: int, _frame: FrameType | None) -> None:
        worker.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        worker.run()
    finally:
        apart.stop()


def serve(settings: Settings, *, host: str, port: int, threads: int, with_worker: bool) -> None:
    """Serve until a signal; the embedded worker lives and dies with the server."""
    app = create_app(settings)
    prepare(app)
    child = None
    if with_worker:
        child = multiprocessing.get_context("spawn").Process(
            target=work, args=(settings,), name="vigie-worker", daemon=False
        )
        child.start()
        os.register_at_fork(after_in_child=partial(_disown, child))
    options = {
        "bind": f"{host}:{port}",
        "workers": 1,
        "threads": threads,
        "worker_class": "gthread",
        "timeout": 60,
        "graceful_timeout": 10,
        "accesslog": None,
        "loglevel": "warning",
        "proc_name": "vigie",
        "pre_request": slow_bodies.start,
        "post_request": slow_bodies.stop,
    }
    owner = os.getpid()
    # What lives as long as the server is never garbage: one look through all of it makes whoever
    # asks at that moment wait for a tenth of a second.
    gc.collect()
    gc.freeze()
    try:
        Server(app, options).run()
    finally:
        # gunicorn's own workers are forks of this process and end through here too.
        if child is not None and os.getpid() == owner:
            child.terminate()
            child.join(timeout=30)


def _disown(child: process.BaseProcess) -> None:
    """In a fork of the server: the worker is not its child, and is not to be waited for.

    multiprocessing keeps its children in a module and has no public way to let go of one.
    """
    process._children.discard(child)  # type: ignore[attr-defined]


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=5000, show_default=True, help="Port to listen on.")
@click.option("--threads", default=THREADS, show_default=True, help="Requests served at once.")
@click.option("--no-worker", is_flag=True, help="Start no embedded worker (run `supplier worker`).")
def serve_command(host: str, port: int, threads: int, no_worker: bool) -> None:
    """Serve the pages, with one embedded worker."""
    serve(load_settings(), host=host, port=port, threads=threads, with_worker=not no_worker)
    sys.exit(0)


@click.command("worker")
def worker_command() -> None:
    """Read papers, send mails and ring the clock, until stopped."""
    work(load_settings())
