"""The forms' common ground: our base class, cleaning of what people type, date fields."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import Field, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from supplier.kernel.words import clean


class Form(FlaskForm):
    """Our form: every text is cleaned before it is checked."""

    class Meta(FlaskForm.Meta):
        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            filters = list(unbound_field.kwargs.get("filters", ()))
            if issubclass(unbound_field.field_class, StringField):
                filters.append(clean)
            return unbound_field.bind(form=form, filters=filters, **options)


def required(message: str | None = None) -> DataRequired:
    """The field must be filled; `message` says what to do."""
    return DataRequired(message or lazy_gettext("Fill in this field."))


def at_most(length: int) -> Length:
    return Length(
        max=length,
        message=lazy_gettext("Shorten this text: at most %(max)d characters."),
    )


class LineField(StringField):
    """One line of text, 200 characters at most."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, [*(validators or ()), at_most(kwargs.pop("limit", 200))], **kwargs)


class NoteField(TextAreaField):
    """Some lines of text, 4,000 characters at most."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, [*(validators or ()), at_most(kwargs.pop("limit", 4000))], **kwargs)
