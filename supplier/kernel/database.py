"""The database: our typed base, our column types, and the two ways to open a session."""

from __future__ import annotations

import hashlib
import itertools
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    Connection,
    Date,
    DateTime,
    Dialect,
    Engine,
    LargeBinary,
    MetaData,
    Numeric,
    Select,
    String,
    Text,
    Uuid,
    event,
    func,
    select,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, registry, validates
from sqlalchemy.types import TypeDecorator

from supplier.kernel.words import alphabetical

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_SECONDS = 15
#: How a row is locked until the transaction ends (FOR NO KEY UPDATE). A plain FOR UPDATE also stops
#: whoever writes a row that points at it, and two people then wait for each other: PostgreSQL
#: checks the keys of a row again when one transaction changes it twice.
LOCKED: dict[str, Any] = {"key_share": True}
T = TypeVar("T")


class UtcDateTime(TypeDecorator[datetime]):
    """Aware instants only, kept and given back in UTC (SQLite forgets the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant must be aware")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The root of every table."""

    metadata = MetaData(naming_convention=NAMING)
    registry = registry(
        metadata=metadata,
        type_annotation_map={
            datetime: UtcDateTime,
            date: Date,
            uuid.UUID: Uuid,
            Decimal: Numeric(14, 2),
            bytes: LargeBinary,
            dict[str, Any]: JSON,
            list[Any]: JSON,
        },
    )


#: Ids that follow from a seed, where a story is told the same each time; elsewhere none.
_following: ContextVar[Iterator[uuid.UUID] | None] = ContextVar("following_ids", default=None)


def new_id() -> uuid.UUID:
    """An id that nobody can guess or count."""
    following = _following.get()
    return uuid.uuid4() if following is None else next(following)


@contextmanager
def ids_from(seed: str) -> Iterator[None]:
    """For the demo alone: within, and in this thread only, ids follow from `seed`."""
    token = _following.set(
        uuid.UUID(bytes=hashlib.sha256(f"{seed} {number}".encode()).digest()[:16], version=4)
        for number in itertools.count()
    )
    try:
        yield
    finally:
        _following.reset(token)


#: A primary key, a reference to come (`mapped_column(ForeignKey("table.id"))`), common lengths.
Id = Annotated[uuid.UUID, mapped_column(Uuid, primary_key=True, default=new_id)]
Short = Annotated[str, mapped_column(String(40))]
Name = Annotated[str, mapped_column(String(200))]
Long = Annotated[str, mapped_column(Text)]

db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False, "autoflush": True})


_SORTED = 200


def _sort_name(context: Any) -> str:
    """For rows that are written without their class."""
    return alphabetical(context.get_current_parameters()["name"] or "")[:_SORTED]


class Named:
    """A row with a name, and that name as lists in order of names compare it."""

    name: Mapped[Name]
    #: Bytes decide, on every database: the words are made comparable before they are kept.
    sort_name: Mapped[str] = mapped_column(
        String(_SORTED).with_variant(String(_SORTED, collation="C"), "postgresql"),
        default=_sort_name,
    )

    @validates("name")
    def _keep_sorted(self, _key: str, name: str) -> str:
        self.sort_name = alphabetical(name or "")[:_SORTED]
        return name


class Stateful:
    """A row whose state changes only through `kernel.audit.move`."""

    state: Mapped[Short]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list: its rows, its place (from 1) and how many rows there are in all."""

    items: Sequence[T]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


@contextmanager
def transaction() -> Iterator[Session]:
    """Write: all or nothing. Inside another transaction it joins that one.

    Rows handed out stay readable afterwards; what was not loaded is not reachable any more.
    """
    session: Session = db.session()
    if session.info.get("writing"):
        yield session
        return
    session.close()
    session.info["writing"] = True
    try:
        session.connection(execution_options={"vigie_write": True})
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("writing", None)
        session.close()


def take_turn(session: Session, name: str) -> None:
    """Wait until no other transaction holds the turn `name`; it is ours until ours ends.

    For what is decided by rows that do not exist yet and that therefore nothing can lock.
    """
    # SQLite lets one transaction write at a time, from its beginning.
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


@contextmanager
def reading() -> Iterator[Session]:
    """Read: one consistent view, nothing is kept. Inside a transaction it reads that one."""
    session: Session = db.session()
    if session.info.get("writing") or session.info.get("reading"):
        yield session
        return
    session.info["reading"] = True
    try:
        yield session
    finally:
        session.info.pop("reading", None)
        session.close()


def paginate(session: Session, query: Select[T], *, number: int, size: int) -> Page[T]:
    """The page `number` (from 1, clamped) of `query`, in two statements."""
    total = count_of(session, query)
    number = min(max(1, number), max(1, -(-total // size)))
    rows = session.scalars(query.limit(size).offset((number - 1) * size)).unique().all()
    return Page(rows, number, size, total)


def count_of(session: Session, query: Select[T]) -> int:
    """How many rows a query has."""
    return session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """Rows that stand one after the other in a list, and their order both ways.

    A long list keeps to the order of an index: where no single one has it, it falls into parts.
    """

    query: Select[T]
    forth: tuple[Any, ...]
    back: tuple[Any, ...]


def page_of(
    session: Session, parts: Sequence[Part[T]], counts: Sequence[int], *, number: int, size: int
) -> Page[T]:
    """The page `number` (from 1, clamped) over the parts; one statement for each that it touches.

    Rows are counted off from the nearer end of a part, so that its last page is as near as its
    first.
    """
    total = sum(counts)
    number = min(max(1, number), max(1, -(-total // size)))
    first, found = (number - 1) * size, list[T]()
    for part, count in zip(parts, counts, strict=True):
        wanted = min(size - len(found), count - first)
        if wanted > 0:
            found += _slice(session, part, count, first=first, number=wanted)
        first = max(0, first - count)
    return Page(found, number, size, total)


def _slice(session: Session, part: Part[T], count: int, *, first: int, number: int) -> list[T]:
    left = count - first - number
    if left >= first:
        query = part.query.order_by(*part.forth).limit(number).offset(first)
        return list(session.scalars(query).unique())
    query = part.query.order_by(*part.back).limit(number).offset(left)
    return list(session.scalars(query).unique())[::-1]


def prepare_engine(engine: Engine) -> None:
    """Make SQLite keep what it acknowledged: WAL, full sync, foreign keys, immediate writes."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            # What is deleted or written over is made zero, so that erased means erased.
            "secure_delete=ON",
            f"busy_timeout={BUSY_SECONDS * 1000}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A reader that turns writer in WAL mode fails at once whatever the timeout.
        writes = connection.get_execution_options().get("vigie_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def forget_traces() -> None:
    """After erasures: write the journal of SQLite back, so that no old page stays in it.

    Pages freed in the file itself are zero already (`secure_delete`). Does nothing elsewhere.
    """
    engine = db.engine
    if engine.dialect.name != "sqlite":
        return
    db.session.remove()
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def durability_fault(session: Session) -> str | None:
    """Why this database could lose an acknowledged commit, or None when it keeps its promise."""
    if session.get_bind().dialect.name == "sqlite":
        mode = session.connection().exec_driver_sql("PRAGMA journal_mode").scalar()
        sync = session.connection().exec_driver_sql("PRAGMA synchronous").scalar()
        keys = session.connection().exec_driver_sql("PRAGMA foreign_keys").scalar()
        if (str(mode), sync, keys) != ("wal", 2, 1):
            return f"SQLite runs with journal_mode={mode}, synchronous={sync}, foreign_keys={keys}"
        return None
    commit = session.connection().exec_driver_sql("SHOW synchronous_commit").scalar()
    return None if commit == "on" else f"PostgreSQL runs with synchronous_commit={commit}"
