"""The forms' common ground: our base class, cleaning of what people type, fields to choose from."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto
from wtforms import Field, IntegerField, StringField, TextAreaField
from wtforms import RadioField as _RadioField
from wtforms import SelectField as _SelectField
from wtforms import SelectMultipleField as _SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import DataRequired, Length

from supplier.kernel.words import clean
from supplier.web.kept_forms import fields_for


class Form(FlaskForm):
    """Our form: every text is cleaned before it is checked."""

    class Meta(FlaskForm.Meta):
        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            filters = list(unbound_field.kwargs.get("filters", ()))
            if issubclass(unbound_field.field_class, StringField):
                filters.append(clean)
            return unbound_field.bind(form=form, filters=filters, **options)

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What was sent; on a page that is opened, what was typed before a proof was asked."""
            asked = formdata is _Auto
            sent = super().wrap_formdata(form, formdata)
            return fields_for(set(form._fields)) if asked and sent is None else sent


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


class NumberField(IntegerField):
    """A whole number, in figures."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        words = lazy_gettext("Write a whole number in figures, for example 12.")
        kwargs.setdefault("invalid_value_message", words)
        super().__init__(label, validators, **kwargs)


def _named(pairs: Any) -> Any:
    """Pairs of value and words as WTForms wants them."""
    return pairs if pairs is None else [SelectChoice(*one) for one in pairs]


_Choosing: Any = _SelectField


class _Pairs:
    """A field whose choices are written as pairs of value and words."""

    def __init__(
        self, label: Any = None, validators: Any = None, *, choices: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(label, validators, choices=_named(choices), **kwargs)  # type: ignore[call-arg]

    @property
    def choices(self) -> Any:
        return _Choosing.choices.fget(self)

    @choices.setter
    def choices(self, pairs: Any) -> None:
        _Choosing.choices.fset(self, _named(pairs))


class SelectField(_Pairs, _SelectField):
    """One of several, from a list that opens."""


class RadioField(_Pairs, _RadioField):
    """One of several, all in sight."""


class SelectMultipleField(_Pairs, _SelectMultipleField):
    """Some of several."""
