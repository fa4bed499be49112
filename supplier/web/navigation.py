"""The rail of the desk: what this visitor may open, with the counts of what waits, in one query."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext
from sqlalchemy import ScalarSelect, select

from supplier.accounts.permissions import Permission, Visitor
from supplier.kernel.database import reading
from supplier.web import context

Count = Callable[[Visitor], ScalarSelect[Any]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the rail. `group` is main, control or administration; `order` sorts inside it.

    `count` gives the sub-query of what waits for this visitor, or None when nothing is counted.
    """

    endpoint: str
    label: str
    icon: str
    permission: Permission
    group: str = "main"
    order: int = 50
    count: Count | None = None
    #: Endpoints that begin with this belong to the entry (it is shown as current).
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class NavItem:
    label: str
    url: str
    icon: str
    count: int | None
    current: bool
    group: str


GROUPS = ("main", "control", "administration")
_entries: dict[str, Entry] = {}


def register(*entries: Entry) -> None:
    """Declare lines of the rail; the desk's rooms do so when they are imported."""
    _entries.update({entry.endpoint: entry for entry in entries})


def items() -> list[NavItem]:
    """The lines for the visitor of this request, in order; one statement for all counts."""
    visitor = context.find_visitor()
    if visitor is None:
        return []
    shown = sorted(
        (
            entry
            for entry in _entries.values()
            if entry.endpoint in current_app.view_functions and visitor.may(entry.permission)
        ),
        key=lambda entry: (GROUPS.index(entry.group), entry.order),
    )
    counts = _counts(visitor, [entry for entry in shown if entry.count])
    return [
        NavItem(
            label=gettext(entry.label),
            url=url_for(entry.endpoint),
            icon=entry.icon,
            count=counts.get(entry.endpoint),
            current=(request.endpoint or "").startswith(entry.prefix or entry.endpoint),
            group=entry.group,
        )
        for entry in shown
    ]


def _counts(visitor: Visitor, entries: list[Entry]) -> dict[str, int]:
    columns = [
        entry.count(visitor).label(f"n{number}")
        for number, entry in enumerate(entries)
        if entry.count is not None
    ]
    if not columns:
        return {}
    with reading() as session:
        row = session.execute(select(*columns)).one()
    return {entry.endpoint: int(value or 0) for entry, value in zip(entries, row, strict=True)}
