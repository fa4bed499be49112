"""Change what others may change too: the slower of two compares before anything is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms import Field

from supplier.desk.room import answer
from supplier.kernel.versions import StaleError, version_of
from supplier.web.filters import show_date, show_number
from supplier.web.pages import refuse


@dataclass(frozen=True, slots=True)
class Difference:
    """One field where what is kept now is not what was typed."""

    label: str
    kept: str
    typed: str


def answer_change(
    form: Any,
    act: Callable[[], AnyResponse],
    show: Callable[[int, list[Difference]], AnyResponse],
    *,
    row: Any,
    read: Callable[[], Any],
    typed: Callable[[], Mapping[str, Any]],
    names: tuple[str, ...],
) -> AnyResponse:
    """As `answer`, for a form with a hidden `seen`: `row` is shown, `read` gives it as kept later.

    Where somebody was faster, the page comes back (409) with what was typed and what is kept;
    sending it again is a choice made with both in sight.
    """
    if not form.is_submitted():
        form.seen.data = version_of(row, names)
    try:
        return answer(form, act, lambda status: show(status, []))
    except StaleError as error:
        refuse(form, error)
        now = read()
        form.seen.data = version_of(now, names)
        return show(error.status, differences(form, now, typed()))


def differences(form: Any, row: Any, typed: Mapping[str, Any]) -> list[Difference]:
    """Every field whose typed value is not the one that is kept."""
    return [
        Difference(
            str(form[name].label.text), _shown(form[name], getattr(row, name)),
            _shown(form[name], value),
        )
        for name, value in typed.items()
        if name in form and getattr(row, name) != value
    ]  # fmt: skip


def _shown(field: Field, value: Any) -> str:
    """A value as people read it."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, date):
        return show_date(value)
    if isinstance(value, Decimal):
        return show_number(value)
    choices = dict(getattr(field, "choices", None) or ())
    return str(choices.get(value, value))
