"""People at the same instant: acts in threads that start together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask

from supplier.kernel.errors import DomainError


def at_once(app: Flask, *acts: Callable[[], Any]) -> list[Any]:
    """The results of the acts, or the domain's refusals, in their order."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        with app.app_context():
            start.wait()
            try:
                return act()
            except DomainError as error:
                return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
