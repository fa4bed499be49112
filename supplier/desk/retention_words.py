"""What the pages of conservation say: why a thing may go, its fate, the next ten years."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext, ngettext

from supplier.kernel.i18n import N_
from supplier.retention.models import ErasureBatch
from supplier.retention.queries import RuleCount, YearCount
from supplier.retention.schedule import SCHEDULE, Prospect, RetentionRule, RuleCode, Standing, Start
from supplier.web import charts
from supplier.web.charts import Curve, Point
from supplier.web.filters import show_date, show_long_date, show_number

#: Years that the curve looks ahead.
YEARS = 10

KIND_WORDS = {
    "document": N_("Paper"),
    "contract": N_("Contract"),
    "purchase_order": N_("Purchase order"),
    "invoice": N_("Invoice"),
    "bank_account": N_("Bank details"),
    "contact": N_("Contact"),
    "supplier": N_("Supplier"),
    "user": N_("Account"),
    "invitation": N_("Sign-in link"),
    "import_batch": N_("Import file"),
    "rights_request": N_("Rights request"),
    "outbox_message": N_("Mail"),
    "follow_up": N_("Note of a call"),
    "waiver": N_("Waiver"),
    "campaign": N_("Campaign"),
    "evaluation": N_("Evaluation"),
    "rating": N_("Evaluation"),
}
STANDING_WORDS = {
    "overdue": N_("Overdue"),
    "due": N_("May go today"),
    "soon": N_("Within three months"),
    "running": N_("Period running"),
    "held": N_("Held"),
    "not_started": N_("Clock not started"),
    "kept": N_("Kept without limit"),
}
OUTCOME_WORDS = {
    "erased": (N_("Erased"), "none"),
    "held": (N_("Kept: held"), "wait"),
    "not_due": (N_("Kept: not due any more"), "soon"),
    "already_gone": (N_("Was gone already"), "none"),
}
EVENT_WORDS = {
    "erasure.proposed": N_("Proposed"),
    "erasure.approved": N_("Approved"),
    "erasure.rejected": N_("Rejected"),
    "erasure.executed": N_("Carried out"),
}


def batch_number(batch: ErasureBatch) -> str:
    """What people say on the telephone."""
    return f"E-{batch.day:%Y-%m%d}-{batch.id.hex[:4].upper()}"


def period_words(rule: RetentionRule) -> str:
    """How long, in words."""
    if rule.start is Start.NEVER:
        return gettext("no limit")
    if rule.years:
        return ngettext("%(num)d year", "%(num)d years", rule.years)
    return ngettext("%(num)d month", "%(num)d months", rule.months)


def why_now(count: RuleCount) -> str:
    """Why things of a rule may go on the day of the plan."""
    rule = SCHEDULE[count.rule]
    last = show_date(count.last_start_on)
    texts = {
        Start.RELATIONSHIP_END: gettext("Relation over on %(day)s at the latest", day=last),
        Start.YEAR_CLOSE: gettext("Financial year closed on %(day)s at the latest", day=last),
        Start.REQUEST_CLOSED: gettext("Closed on %(day)s at the latest", day=last),
    }
    start = texts.get(rule.start, gettext("Dated %(day)s at the latest", day=last))
    return gettext("%(start)s; %(period)s passed", start=start, period=period_words(rule))


def fate(rule: RuleCode) -> tuple[str, str]:
    """What becomes of a thing: the word and its icon."""
    if rule in {RuleCode.SOLE_TRADER, RuleCode.CONTACT, RuleCode.CONTACT_LEFT}:
        return gettext("Make anonymous"), "none"
    return gettext("Erase"), "trash"


def chip_of(prospect: Prospect) -> tuple[str, str]:
    """Tone and word of where a thing stands; a thing that is late says since when."""
    if prospect.standing is Standing.OVERDUE:
        return "bad", gettext("Overdue, %(days)s d", days=prospect.days_overdue)
    tones = {Standing.DUE: "soon", Standing.HELD: "wait"}
    words = gettext(STANDING_WORDS[prospect.standing.value])
    return tones.get(prospect.standing, "none"), words


def why_still_there(prospect: Prospect, rule: RuleCode) -> str:
    """One sentence for whoever asks why a thing is still kept."""
    day = show_long_date(prospect.first_erasable_on)
    texts = {
        Standing.KEPT: gettext("Kept without limit: it is the identity of a company."),
        Standing.NOT_STARTED: gettext(
            "Its clock has not started: %(start)s is not known yet.",
            start=gettext(_START_WORDS[SCHEDULE[rule].start]),
        ),
        Standing.RUNNING: gettext("May go on %(day)s, never before.", day=day),
        Standing.HELD: gettext("Held: it could go from %(day)s on.", day=day),
        Standing.DUE: gettext("May go today, once a person approves the batch."),
        Standing.OVERDUE: gettext("Should have gone on %(day)s.", day=day),
    }
    return texts[prospect.standing]


_START_WORDS = {
    Start.RELATIONSHIP_END: N_("the confirmed end of the relation"),
    Start.YEAR_CLOSE: N_("the close of the financial year"),
    Start.REQUEST_CLOSED: N_("the closing of the request"),
    Start.EVENT: N_("the day of the event"),
    Start.NEVER: N_("the end of its purpose"),
}


def draw_years(kept: int, falling: Sequence[YearCount], *, today: date) -> Curve:
    """What is still kept at the end of each of the next ten years if nothing new comes."""
    points, left, falls = [Point(gettext("today"), float(kept), show_number(kept))], kept, []
    for year in range(today.year, today.year + YEARS + 1):
        gone = sum(one.count for one in falling if _within(one.year, year, today.year))
        left -= gone
        falls.append(gone)
        points.append(Point(str(year), float(left), show_number(left)))
    # The first column has the word of today above it: its fall is told in the sentence.
    largest = max(range(1, len(falls)), key=lambda index: falls[index])
    if falls[largest]:
        point = points[largest + 1]
        note = gettext("%(year)s: %(count)s go", year=point.label, count=falls[largest])
        points[largest + 1] = Point(point.label, point.value, point.text, note)
    return charts.draw_curve(
        points, low=0.0, high=float(max(kept, 1)), height=170, head=26, stepped=True,
        levels=_levels(kept),
    )  # fmt: skip


def _levels(kept: int) -> tuple[float, ...]:
    """Round numbers of things to read the height by, clear of the words at the top."""
    power = 10 ** (len(str(kept)) - 1)
    step = max(next(one for one in (power // 2, power, 2 * power, 5 * power) if kept < 4 * one), 1)
    return tuple(float(one) for one in range(step, kept * 85 // 100 + 1, step))


def _within(year: int, column: int, first: int) -> bool:
    """What is overdue from past years falls in the first column."""
    return year == column or (column == first and year < first)
