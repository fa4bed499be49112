"""The register that lower rooms fill and higher rooms run: what is kept. What is found: `finding`.

A capability says here what it keeps (how to list it, which rule starts its clock, how it is
erased) and what it answers to the search box, so that `retention`, `privacy` and `web` need not
import it by name.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing under retention: `facts` name the days from which its rule counts."""

    subject_type: str
    subject_id: uuid.UUID
    supplier_id: uuid.UUID | None
    buyer_id: uuid.UUID | None
    rule: str
    starts_on: date | None
    label: str


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure removed: files by key, rows by count."""

    file_keys: tuple[str, ...] = ()
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Keeper:
    """How one kind of thing is listed and erased.

    `list_kept(session, today)` yields everything that the rule covers, ended or not; `erase`
    removes rows and says which files must go; both run in the caller's transaction.
    """

    subject_type: str
    list_kept: Callable[[Session, date], Iterable[Kept]]
    erase: Callable[[Session, uuid.UUID, datetime], Erased]


@dataclass(frozen=True, slots=True)
class Found:
    """One answer of the search box; `endpoint` and `values` name the page that shows it.

    `needs` is the permission that opens it, where the page has answers for different people.
    """

    group: str
    title: str
    detail: str
    endpoint: str
    values: dict[str, str]
    needs: str = ""


@dataclass(frozen=True, slots=True)
class SearchScope:
    """Who searches: the group companies that they may see, or None for all."""

    buyer_ids: frozenset[uuid.UUID] | None


@dataclass(frozen=True, slots=True)
class Sign:
    """A day on which a relation still lived, and what says so: `words` with a `name` in them."""

    day: date
    words: str
    name: str


#: `(session, engagement_id, today)` gives the last signs of life of a relation.
Signs = Callable[[Session, uuid.UUID, date], Iterable[Sign]]

_keepers: dict[str, Keeper] = {}
_signs: dict[str, Signs] = {}


def keep(keeper: Keeper) -> None:
    """Declare what a capability keeps; a second declaration of the same kind replaces it."""
    _keepers[keeper.subject_type] = keeper


def keepers() -> tuple[Keeper, ...]:
    return tuple(_keepers.values())


def keeper_of(subject_type: str) -> Keeper:
    """The keeper of a kind. Raises KeyError when no capability declared it."""
    return _keepers[subject_type]


def tell_signs(topic: str, signs: Signs) -> None:
    """Declare what shows that a relation lives; a second declaration of a topic replaces it."""
    _signs[topic] = signs


def signs_of(session: Session, engagement_id: uuid.UUID, *, today: date) -> list[Sign]:
    """Every last sign of life of a relation that the capabilities know of."""
    return [sign for signs in _signs.values() for sign in signs(session, engagement_id, today)]
