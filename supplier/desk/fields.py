"""Fields that the desk's forms share: days, amounts of money, files."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from werkzeug.datastructures import FileStorage
from wtforms import DateField, FileField, StringField
from wtforms.validators import ValidationError

from supplier.kernel.clock import is_plausible

#: Below this no business amount makes sense, above it the column ends.
LARGEST = Decimal("999999999999.99")
_BLANKS = re.compile(r"[\s\u00a0\u202f'’]|€|EUR", re.IGNORECASE)
_PLAIN = re.compile(r"-?\d+(?:[.,]\d{1,2})?")


class DayField(DateField):
    """A day of the calendar, as the browser's own control sends it."""

    @property
    def day(self) -> date:
        """The day of a field that was found to be filled."""
        assert self.data is not None
        return self.data

    def process_formdata(self, valuelist: list[Any]) -> None:
        words = gettext("Write the date as day, month and year.")
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(words) from error
        if self.data is not None and not is_plausible(self.data):
            self.data = None
            raise ValueError(words)


class AmountField(StringField):
    """An amount as people type it: "148 000", "148000,50", "1 234.5 €". `amount` is exact.

    Three digits after a single comma or point may mean thousands or decimals: that is asked back,
    never guessed.
    """

    amount: Decimal | None = None

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002
        self.amount = None
        text = str(self.data or "").strip()
        if not text:
            return
        plain = _BLANKS.sub("", text)
        if not _PLAIN.fullmatch(plain):
            raise ValidationError(
                gettext("Write the amount in figures, for example 148 000 or 148 000,50.")
            )
        amount = Decimal(plain.replace(",", "."))
        if abs(amount) > LARGEST:
            raise ValidationError(gettext("This amount is too large: check the figures."))
        self.amount = amount


class UploadField(FileField):
    """One file; nothing chosen is None."""

    @property
    def file(self) -> tuple[bytes, str] | None:
        """Its bytes and its name; an empty file that was chosen has a name and no bytes."""
        found = self.data
        if not isinstance(found, FileStorage) or not found.filename:
            return None
        return found.read(), found.filename
