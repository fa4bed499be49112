"""Numbers that people type: checked, and refused at the field where they stand."""

from __future__ import annotations

from typing import TypeVar

from supplier.kernel.identifiers import Identifier, InvalidIdentifierError

Number = TypeVar("Number", bound=Identifier)


def read_number(kind: type[Number], text: str | None, *, field: str) -> Number | None:
    """The number in a text, None for an empty one. Raises InvalidIdentifierError at `field`."""
    if not text:
        return None
    try:
        return kind.parse(text)
    except InvalidIdentifierError as error:
        raise InvalidIdentifierError(error.message, code=error.code, field=field) from error
