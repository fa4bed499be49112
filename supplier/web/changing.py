"""What somebody else kept meanwhile beside what was typed: for forms that others change too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from wtforms import Field

from supplier.kernel.versions import version_of
from supplier.web.filters import show_date, show_number


@dataclass(frozen=True, slots=True)
class Difference:
    """One field where what is kept now is not what was typed."""

    label: str
    kept: str
    typed: str


def compare(
    form: Any, row: Any, typed: Mapping[str, Any], *, names: tuple[str, ...]
) -> list[Difference]:
    """Show what is kept now beside what was typed; sending it again is then a choice."""
    form.seen.data = version_of(row, names)
    return differences(form, row, typed)


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
    choices = {one.value: one.label for one in getattr(field, "choices", None) or ()}
    return str(choices.get(value, value))
