"""The forms by which a person says what a paper is, what it answers and what stands on it."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField
from wtforms.validators import InputRequired, Optional

from supplier.desk.fields import DayField
from supplier.documents.kinds import KINDS
from supplier.documents.models import Document
from supplier.vigilance.catalogue import RULES
from supplier.vigilance.purposes import PURPOSES
from supplier.web.forms import Form, SelectField, required


class SeenForm(Form):
    """What others may correct too: with the version of the paper that was opened."""

    seen = HiddenField()


class KindForm(SeenForm):
    """What the paper is."""

    kind = SelectField(lazy_gettext("Kind of paper"))

    def fill(self) -> None:
        """Offer every kind, by its name in the reader's language."""
        named = [(kind.value, gettext(spec.label)) for kind, spec in KINDS.items()]
        self.kind.choices = sorted(named, key=_name)


class CorrectionForm(SeenForm):
    """The values of the kind stand in the request under `value-<field>`."""


class PurposeForm(SeenForm):
    """The requirement, and the days that the paper bears."""

    purpose = SelectField(
        lazy_gettext("It answers"), [required(lazy_gettext("Choose the requirement."))]
    )
    issued_on = DayField(
        lazy_gettext("Date of the paper"), [InputRequired(lazy_gettext("Give the date."))]
    )
    valid_until = DayField(lazy_gettext("Last good day printed"), [Optional()])

    def fill(self) -> None:
        """Offer every such requirement, by its name in the reader's language."""
        named = sorted(((code.value, gettext(RULES[code].label)) for code in PURPOSES), key=_name)
        self.purpose.choices = [("", gettext("Choose")), *named]


def _name(choice: tuple[str, str]) -> str:
    return choice[1]


def purposes_of(document: Document) -> PurposeForm:
    """The form as it stands for a paper: what it was handed in for, its days where known."""
    return PurposeForm(
        None, purpose=document.expected_kind, issued_on=document.issued_on,
        valid_until=document.valid_until,
    )  # fmt: skip
