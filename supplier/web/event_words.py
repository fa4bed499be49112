"""The journal in words: what each kind of event says to the people who read it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from types import MappingProxyType

from flask_babel import gettext, ngettext

from supplier.accounts.events import EVENT_LABELS
from supplier.documents.kinds import ReasonCode
from supplier.documents.statements import STATEMENT_RULE
from supplier.kernel.audit import Event
from supplier.kernel.i18n import N_
from supplier.web.mail_words import fault_words, try_words
from supplier.web.papers import kind_words, reason_words

#: The accounts' own words come first: they stand beside the events they name.
WORDS: Mapping[str, str] = {
    **EVENT_LABELS,
    "api.refused": N_("A program was refused"),
    "backup.restored": N_("A backup was restored"),
    "bank.approved_once": N_("Bank details approved by a first person"),
    "bank.approved_twice": N_("Bank details approved by a second person"),
    "bank.blocked": N_("Bank details blocked"),
    "bank.called_back": N_("Call-back noted"),
    "bank.found_altered": N_("Bank details found altered in the database"),
    "bank.pulled": N_("Bank details pulled by accounting"),
    "bank.refused": N_("Bank details refused"),
    "bank.reinstated": N_("Earlier bank details serve again"),
    "bank.replaced": N_("Bank details replaced"),
    "bank.retyped_wrong": N_("The account number was typed wrongly"),
    "bank.submitted": N_("Bank details submitted"),
    "bank.withdrawn": N_("Bank details withdrawn"),
    "buyer.changed": N_("Group company changed"),
    "buyer.created": N_("Group company added"),
    "campaign.discarded": N_("Campaign dropped"),
    "campaign.rehearsed": N_("Campaign rehearsed"),
    "campaign.sent": N_("Campaign sent"),
    "contact.added": N_("Contact added"),
    "contact.changed": N_("Contact changed"),
    "contact.left": N_("Contact left the company"),
    "contact.mail_bounced": N_("A mail to a contact came back"),
    "contact.written_to_again": N_("A contact is written to again"),
    "contract.amended": N_("Contract amended"),
    "contract.changed": N_("Contract changed"),
    "contract.created": N_("Contract recorded"),
    "contract.file_added": N_("File added to a contract"),
    "contract.terminated": N_("Contract terminated"),
    "document.accepted": N_("Paper accepted"),
    "document.asked_again": N_("Another paper asked for"),
    "document.capture_taken": N_("Capture of the issuer's page taken"),
    "document.contested": N_("Refusal contested"),
    "document.corrected": N_("A value read was corrected"),
    "document.downloaded": N_("Original file taken"),
    "document.erased": N_("Paper erased"),
    "document.issuer_checked": N_("Paper verified with its issuer"),
    "document.kind_corrected": N_("Kind of paper corrected"),
    "document.purpose_said": N_("Said which requirement a paper answers"),
    "document.queued": N_("Paper sent to a person"),
    "document.read": N_("Paper read by the machine"),
    "document.refused": N_("Paper refused"),
    "document.revoked": N_("Decision on a paper taken back"),
    "document.sample_confirmed": N_("Decision of the machine confirmed by a person"),
    "document.second_read": N_("Accepted paper read again by a person"),
    "document.second_reading_settled": N_("Difference between machine and person settled"),
    "document.split": N_("File split into its papers"),
    "document.submitted": N_("Paper handed in"),
    "document.submitted_again": N_("The same paper handed in again"),
    "document.superseded": N_("Paper replaced by a newer one"),
    "document.uncovered": N_("Page shown without its black boxes"),
    "document.unreadable": N_("Paper could not be read"),
    "document.withdrawn": N_("Paper withdrawn"),
    "engagement.ended": N_("Relation ended"),
    "engagement.resumed": N_("Relation resumed"),
    "engagement.started": N_("Relation started"),
    "engagement.changed": N_("Contact person of a relation changed"),
    "erasure.approved": N_("Erasure approved"),
    "erasure.done": N_("Erased at the end of its time"),
    "erasure.executed": N_("Erasure carried out"),
    "erasure.proposed": N_("Erasure proposed"),
    "erasure.rejected": N_("Erasure rejected"),
    "follow_up.noted": N_("Call noted"),
    "hold.lifted": N_("Legal hold lifted"),
    "hold.placed": N_("Legal hold placed"),
    "journal.exported": N_("Lines of the journal taken as a file"),
    "import.done": N_("Suppliers imported"),
    "import.rehearsed": N_("Import rehearsed"),
    "evaluation.computation_asked": N_("Scores to be computed again"),
    "evaluation.computed": N_("Scores computed"),
    "evaluation.grid_created": N_("Evaluation grid written"),
    "evaluation.grid_retired": N_("Evaluation grid retired"),
    "evaluation.period_closed": N_("Evaluation period closed"),
    "evaluation.period_opened": N_("Evaluation period opened"),
    "evaluation.rated": N_("Supplier rated"),
    "invoice.created": N_("Invoice recorded"),
    "invoice.file_added": N_("File added to an invoice"),
    "invoice.paid": N_("Invoice paid"),
    "list.exported": N_("List taken as a file"),
    "mail.bounced": N_("Mail came back"),
    "mail.given_up": N_("Mail given up"),
    "mail.retried": N_("Mail tried again"),
    "mail.sent": N_("Mail sent"),
    "order.created": N_("Order recorded"),
    "policy.decided": N_("What the machine may accept alone was decided"),
    "policy.tightened": N_("The machine's freedom was tightened after errors"),
    "papers.asked": N_("Papers asked for by mail"),
    "rights.answered": N_("Rights request answered"),
    "rights.extended": N_("Answer to a rights request put off"),
    "rights.received": N_("Rights request received"),
    "rights.refused": N_("Rights request refused"),
    "rule.rehearsed": N_("Rule rehearsed"),
    "rule.set": N_("Rule decided"),
    "supplier.changed": N_("Supplier changed"),
    "supplier.created": N_("Supplier added"),
    "supplier.questionnaire_answered": N_("Questionnaire answered"),
    "upload.refused": N_("File not taken"),
    "waiver.granted": N_("Waiver granted"),
    "waiver.revoked": N_("Waiver ended"),
}
#: Beginnings by which the journal is filtered.
FAMILIES: Mapping[str, str] = {
    "document.": N_("Papers"),
    "bank.": N_("Bank details"),
    "supplier.": N_("Suppliers"),
    "contact.": N_("Contacts"),
    "engagement.": N_("Relations"),
    "contract.": N_("Contracts"),
    "invoice.": N_("Invoices"),
    "waiver.": N_("Waivers"),
    "mail.": N_("Mails"),
    "erasure.": N_("Erasures"),
    "hold.": N_("Legal holds"),
    "evaluation.": N_("Evaluations"),
    "rule.": N_("Rules"),
    "policy.": N_("Freedom of the machine"),
    "import.": N_("Imports"),
    "campaign.": N_("Campaigns"),
    "list.": N_("Lists taken as files"),
}
#: The lists that are taken as files, as `list.exported` names them.
TAKEN: Mapping[str, str] = {
    "suppliers": N_("Suppliers"),
    "contracts": N_("Contracts"),
    "orders": N_("Purchase orders"),
    "invoices": N_("Invoices"),
    "evaluation": N_("Evaluation"),
    "users": N_("Users"),
    "mails": N_("Mails"),
    "conservation": N_("Lines of the plan"),
    "bank": N_("Bank accounts"),
    "rights": N_("Rights of people"),
    "import": N_("Import"),
}
_PAPERS = ("document.accepted", "document.refused", "document.asked_again", "document.queued")


#: Why a file was not taken, in a word or two: the sentence for its sender is longer.
FILE_WORDS: Mapping[str, str] = {
    "archive": N_("an archive"),
    "cut_off": N_("arrived incomplete"),
    "damaged": N_("damaged"),
    "empty": N_("empty"),
    "office": N_("an office file"),
    "other_picture": N_("a kind of picture that is not read"),
    "postscript": N_("PostScript"),
    "program": N_("a program"),
    "too_large": N_("too large"),
    "too_many_pages": N_("too many pages"),
    "too_many_pixels": N_("too large a picture"),
    "two_kinds": N_("two kinds of file at once"),
    "unknown": N_("not a kind of file that is read"),
    "web_page": N_("a web page"),
}


def kind_of_event(kind: str) -> str:
    """A kind of event in the reader's language; one without words is shown as it is."""
    return gettext(WORDS[kind]) if kind in WORDS else kind


def event_words(event: Event) -> str:
    """What happened, in the reader's language; a kind without words is shown as it is."""
    words, told = kind_of_event(event.kind), _circumstance(event) or _reason(event)
    return gettext("%(what)s: %(why)s", what=words, why=told) if told else words


_MAILS = frozenset({"mail.bounced", "mail.given_up", "contact.mail_bounced"})
#: What a mail server answered, or a report says.
_SERVER_CODE = re.compile(r"\d{3}|[245](\.\d{1,3}){2}")
NO_KINDS: Mapping[uuid.UUID | None, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class EventLine:
    """One line of "What happened": the latest instant, the words and who did it."""

    at: datetime
    words: str
    actor: str


def event_lines(
    events: Sequence[Event], kinds: Mapping[uuid.UUID | None, str] = NO_KINDS
) -> list[EventLine]:
    """Events in words, the same act of the same person in one go told once with its number.

    `kinds` gives the kind of the papers that events are about. The journal itself leaves no line
    out; here eight marks given in one minute would hide all else.
    """
    told = []
    for event in events:
        kind = kinds.get(event.subject_id)
        words = event_words(event)
        told.append((event, f"{words} · {kind_words(kind)}" if kind else words))
    lines = []
    for _, same in groupby(told, lambda one: (one[1], one[0].actor_name, one[0].at.date())):
        run = list(same)
        event, words = run[0]
        if len(run) > 1:
            words = gettext("%(what)s, %(num)s times", what=words, num=len(run))
        lines.append(EventLine(event.at, words, event.actor_name))
    return lines


def _taken(event: Event) -> str:
    """Which list was taken, how many lines of it, and as what."""
    name, count = str(event.data["list"]), int(event.data["count"])
    return gettext(
        "%(list)s, %(lines)s (%(format)s)",
        list=gettext(TAKEN[name]) if name in TAKEN else name,
        lines=ngettext("%(num)d line", "%(num)d lines", count),
        format=str(event.data["format"]).upper(),
    )


def _circumstance(event: Event) -> str:
    """What a list taken as a file was; what a statement on foreign workers did besides."""
    if event.kind == "list.exported":
        return _taken(event)
    if event.data.get("contrary"):
        return gettext("it says the contrary")
    return gettext("by what was signed on the page") if event.data.get("by_statement") else ""


def _reason(event: Event) -> str:
    """Coded reasons of papers and mails in words; the sentence that a person wrote elsewhere."""
    if not event.reason:
        return ""
    if event.kind in _MAILS:
        coded = _SERVER_CODE.fullmatch(event.reason)
        return fault_words(event.reason) if coded else try_words(event.reason)
    if event.kind == "upload.refused":
        return gettext(FILE_WORDS[event.reason]) if event.reason in FILE_WORDS else event.reason
    if event.kind not in _PAPERS:
        return event.reason
    if event.reason == STATEMENT_RULE:
        return gettext("signed on the page")
    codes = {reason.value for reason in ReasonCode}
    parts = [part.strip() for part in event.reason.split(",")]
    return ", ".join(reason_words(part) if part in codes else part for part in parts)
