"""The form of a decision: alarms that must be seen, and what changed since the page was opened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, HiddenField, StringField

from supplier.accounts.permissions import Permission
from supplier.desk.review_paper import PaperView
from supplier.desk.review_purpose import SeenForm
from supplier.desk.room import events_in_sight
from supplier.desk.unseen import cover_account
from supplier.documents.alarms import NOT_CONFIRMED, alarms_of
from supplier.documents.kinds import ReasonCode
from supplier.documents.reading.result import Severity
from supplier.kernel import journal
from supplier.kernel.audit import Event
from supplier.kernel.i18n import N_
from supplier.web.event_words import event_words
from supplier.web.filters import show_instant
from supplier.web.forms import NoteField
from supplier.web.papers import field_words, finding_words, kind_words, reason_words, value_words

#: Acts by which a paper says or is something else than before; taking its file is none.
_CHANGES = frozenset(
    {
        "document.read", "document.corrected", "document.kind_corrected", "document.purpose_said",
        "document.issuer_checked", "document.contested", "document.revoked", "document.accepted",
        "document.refused", "document.asked_again",
    }
)  # fmt: skip
_ANSWERS = {
    "confirmed": N_("the issuer confirmed it"),
    "failed": N_("the issuer does not confirm it"),
    "unavailable": N_("no answer"),
}


class DecisionForm(SeenForm):
    """One form, three buttons: accept, refuse for a reason, ask for another paper."""

    reason = StringField(lazy_gettext("Reason"))
    comment = NoteField(lazy_gettext("Words for the supplier"), limit=1000)
    #: When the page was opened: what happened since is told where it stands otherwise now.
    opened_at = HiddenField()
    alarms_seen = BooleanField(lazy_gettext("I saw the alarm"))

    @property
    def reasons(self) -> list[ReasonCode]:
        """The chosen reason; empty for none or one that does not exist."""
        return [ReasonCode(self.reason.data)] if self.reason.data in set(ReasonCode) else []

    @property
    def since(self) -> datetime | None:
        """When the page was opened, or None where the form does not say it well."""
        try:
            at = datetime.fromisoformat(self.opened_at.data or "")
            return at.astimezone(UTC) if at.tzinfo else None
        except (ValueError, OverflowError):
            return None


def list_alarms(view: PaperView) -> list[tuple[str, str]]:
    """Each alarm of a paper: in a few words, and the sentence with which it was found."""
    kept = view.file.kept
    sentences: dict[str, str] = {}
    for one in kept.reading.findings if kept else ():
        if one.severity is not Severity.NOTE:
            sentences.setdefault(one.code, finding_words(one))
    cover = cover_account if view.hides_account else str
    return [
        (_name(code), cover(sentences.get(code, ""))) for code in alarms_of(view.document, kept)
    ]


def _name(code: str) -> str:
    if code == NOT_CONFIRMED:
        return gettext("The issuer does not confirm this paper")
    return reason_words(code)


def list_changes(view: PaperView, since: datetime | None) -> list[tuple[str, str]]:
    """When and what was done to a paper since an instant, by whom; the latest first."""
    if since is None:
        return []
    wanted = journal.JournalFilter(subject_id=view.document.id, since=since)
    found = journal.list_events(wanted, sight=events_in_sight(Permission.REVIEW_READ)).items
    return [
        (show_instant(one.at), f"{event_words(one)}{_more(one, view)} · {one.actor_name}")
        for one in found
        if one.kind in _CHANGES
    ]


def _more(event: Event, view: PaperView) -> str:
    """What precisely was changed: the value and what it says now, the kind, the answer."""
    data = event.data
    if event.kind == "document.corrected":
        name = str(data["field"])
        told = gettext("%(label)s: %(value)s", label=field_words(name), value=_now(name, view))
        return f" ({told})"
    if event.kind == "document.kind_corrected":
        return f" ({kind_words(data['to'])})"
    if event.kind == "document.issuer_checked":
        return f" ({gettext(_ANSWERS[str(data['result'])])})"
    return ""


def _now(name: str, view: PaperView) -> str:
    values: Sequence[str] = [value_words(name, row.value) for row in view.rows if row.name == name]
    return ", ".join(values) or "—"
