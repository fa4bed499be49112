"""Ask every capability what it knows of some words.

What can be found is kept as words, so that a question reads the answers and not the base: each
word of a name or number, without case and accents, with what it belongs to. A question names the
beginnings of words. The words are written with the rows themselves (`Indexed`).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Index,
    String,
    Subquery,
    and_,
    delete,
    event,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from supplier.kernel.database import Base, Short, reading
from supplier.kernel.registers import Found, SearchScope
from supplier.kernel.words import fold

#: Longer words are cut; so many words of a text are kept, and of a question asked.
LONGEST, MOST, MOST_ASKED = 40, 24, 6
#: Something with several words that match comes several times.
REPEATED = 4
#: Words of a question are counted so far, to begin with the rarest.
_COUNTED = 500
_ROWS = 1000
#: After every letter, in any order by code.
_LAST = "\U0010ffff"
_PARTS, _DIGIT = re.compile(r"[^\W\d_]+|\d+"), re.compile(r"\d")


class SearchWord(Base):
    """One word of something that can be found; `source_id` is the row that it was read from.

    Compared by code on every database, so that a beginning is a range of the index.
    """

    __tablename__ = "search_word"
    __table_args__ = (
        Index("ix_search_word_find", "topic", "word", "rank", "subject_id"),
        {"sqlite_with_rowid": False},
    )

    subject_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(
        String(LONGEST).with_variant(String(LONGEST, collation="C"), "postgresql"),
        primary_key=True,
    )
    source_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    topic: Mapped[Short]
    #: The lowest is shown first.
    rank: Mapped[int] = mapped_column(BigInteger)


@dataclass(frozen=True, slots=True)
class Indexed:
    """Rows of a table whose words are kept: the columns that they are read from, and how.

    `text` gives nothing for what must not be found any more; `rank` orders the answers. Rows that
    others look for go under another topic, so that nobody's answers lie hidden among them:
    `apart` names it, one of
    `others`.
    """

    topic: str
    table: type[Any]
    columns: tuple[str, ...]
    text: Callable[[Any], str]
    subject: Callable[[Any], uuid.UUID] = lambda row: row.id
    rank: Callable[[Any], int] = lambda row: 0  # noqa: ARG005
    apart: Callable[[Any], str | None] = lambda row: None  # noqa: ARG005
    others: tuple[str, ...] = ()


_indexed: dict[type[Any], Indexed] = {}


def index(one: Indexed) -> None:
    """Declare that the rows of a table can be found; a second time replaces it."""
    _indexed[one.table] = one


def split(text: str) -> list[str]:
    """The words of a text, each once: letters and digits apart, folded; numbers also whole.

    `F-2026/42` is f, 2026, 42 and f202642.
    """
    words = []
    for piece in fold(text).split():
        parts = _PARTS.findall(piece)
        words += parts
        if len(parts) > 1 and _DIGIT.search(piece):
            words.append("".join(parts))
    return list(dict.fromkeys(word[:LONGEST] for word in words))


def asked(text: str) -> list[list[str]]:
    """The words of a question: first with its numbers whole, then in parts where that differs.

    A number typed in groups is one word.
    """
    glued = "".join(text.split())
    if glued.isdecimal():
        return [[glued[:LONGEST]]]
    whole, parts = list[str](), list[str]()
    for piece in fold(text).split():
        found = _PARTS.findall(piece)
        parts += found
        whole += ["".join(found)] if found and _DIGIT.search(piece) else found
    both = [[word[:LONGEST] for word in dict.fromkeys(one)][:MOST_ASKED] for one in (whole, parts)]
    return both[:1] if both[0] == both[1] else both


def _words(one: Indexed, row: Any) -> Iterator[dict[str, Any]]:
    for word in split(one.text(row))[:MOST]:
        yield {
            "subject_id": one.subject(row), "source_id": row.id, "word": word,
            "topic": one.apart(row) or one.topic, "rank": one.rank(row),
        }  # fmt: skip


def _write(session: Session, rows: Sequence[Any]) -> None:
    """Write the words of some rows again."""
    connection = session.connection()
    connection.execute(delete(SearchWord).where(_read_from(rows)))
    words = [word for row in rows for word in _words(_indexed[type(row)], row)]
    if words:
        connection.execute(insert(SearchWord), words)


def _read_from(rows: Sequence[Any]) -> ColumnElement[bool]:
    subjects = {_indexed[type(row)].subject(row) for row in rows}
    return and_(
        SearchWord.subject_id.in_(subjects), SearchWord.source_id.in_([row.id for row in rows])
    )


def _changed(row: Any) -> bool:
    one = _indexed[type(row)]
    state = inspect(row)
    return any(state.attrs[name].history.has_changes() for name in one.columns)


@event.listens_for(Session, "after_flush")
def _follow(session: Session, _context: Any) -> None:
    """Keep the words in step with the rows, in the same transaction."""
    written = [row for row in session.new if type(row) in _indexed]
    written += [row for row in session.dirty if type(row) in _indexed and _changed(row)]
    gone = [row for row in session.deleted if type(row) in _indexed]
    for first in range(0, len(written), _ROWS):
        _write(session, written[first : first + _ROWS])
    if gone:
        session.connection().execute(delete(SearchWord).where(_read_from(gone)))


def rebuild(session: Session) -> int:
    """Write all words again from the rows, in the caller's transaction. Gives their number."""
    session.execute(delete(SearchWord))
    for one in _indexed.values():
        rows = session.scalars(select(one.table).execution_options(yield_per=_ROWS))
        for some in rows.partitions():
            words = [word for row in some for word in _words(one, row)]
            if words:
                session.connection().execute(insert(SearchWord), words)
    return session.scalar(select(func.count()).select_from(SearchWord)) or 0


def astray(session: Session) -> int:
    """How many words are kept that no row has, or the other way round; 0 when all is well."""
    columns = (SearchWord.subject_id, SearchWord.source_id, SearchWord.word)
    kept = {tuple(row) for row in session.execute(select(*columns))}
    read = set()
    for one in _indexed.values():
        for row in session.scalars(select(one.table).execution_options(yield_per=_ROWS)):
            read |= {(w["subject_id"], w["source_id"], w["word"]) for w in _words(one, row)}
    return len(kept ^ read)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: what was typed, and its words for each topic, the rarest first."""

    text: str
    words: dict[str, list[str]]

    def matches(self, topic: str) -> Subquery | None:
        """What has words that begin so: `subject_id`, `word`, `rank`, in the order of an index.

        Something with several such words comes several times. None when nothing was asked.
        """
        words = self.words.get(topic)
        if not words:
            return None
        one, rest = SearchWord, words[1:]
        query = select(one.subject_id, one.word, one.rank).where(
            one.topic == topic, _begins(one, words[0])
        )
        for word in rest:
            other = aliased(SearchWord)
            has = select(other.word).where(
                other.subject_id == one.subject_id, other.topic == topic, _begins(other, word)
            )
            query = query.where(has.exists())
        return query.subquery("matches")


def order_of(matches: Subquery) -> tuple[Any, ...]:
    """The order in which the index gives what matches."""
    return matches.c.word, matches.c.rank, matches.c.subject_id


def _begins(one: Any, word: str) -> ColumnElement[bool]:
    return and_(one.word >= word, one.word < word + _LAST)


def ask(session: Session, text: str) -> Asked:
    """Make a question of what was typed; one statement when it has several words."""
    readings = asked(text)
    if len(readings) == 1 and len(readings[0]) < 2:
        return Asked(text, dict.fromkeys(_topics(), readings[0]))
    words = sorted({word for one in readings for word in one})
    keys = [(topic, word) for topic in _topics() for word in words]
    counts = session.execute(select(*(_number(*key) for key in keys))).one()
    numbers = dict(zip(keys, counts, strict=True))

    def rarest_first(topic: str) -> list[str]:
        for one in readings:
            if all(numbers[topic, word] for word in one):
                return sorted(one, key=lambda word: numbers[topic, word])
        return []

    return Asked(text, {topic: rarest_first(topic) for topic in _topics()})


def _topics() -> list[str]:
    return sorted({name for one in _indexed.values() for name in (one.topic, *one.others)})


def _number(topic: str, word: str) -> Any:
    some = select(SearchWord.word).where(SearchWord.topic == topic, _begins(SearchWord, word))
    return select(func.count()).select_from(some.limit(_COUNTED).subquery()).scalar_subquery()


Finder = Callable[[Session, Asked, SearchScope, int], Sequence[Found]]
_finders: dict[str, Finder] = {}


def answer_search(name: str, finder: Finder) -> None:
    """Declare what a capability answers to the search box."""
    _finders[name] = finder


def search(text: str, scope: SearchScope, *, limit: int) -> list[Found]:
    """The answers of all capabilities, at most `limit` each and group, in their own order."""
    with reading() as session:
        question = ask(session, text)
        return [
            one for finder in _finders.values() for one in finder(session, question, scope, limit)
        ]


def first_of(rows: Iterable[Any], limit: int) -> list[Any]:
    """The first rows by their `id`, each once."""
    return list({row.id: row for row in rows}.values())[:limit]
