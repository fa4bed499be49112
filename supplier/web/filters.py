"""How values are shown: dates, instants, money, identifiers, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import Flask
from flask_babel import (
    format_currency,
    format_date,
    format_decimal,
    format_percent,
    get_locale,
    gettext,
    ngettext,
    to_user_timezone,
)

from supplier.kernel import day_words
from supplier.web import context
from supplier.web.browsers import name_of_browser

NBSP = "\u00a0"
#: Days in tables. English names the month: 5/3/2027 is March to one reader and May to another.
_SHORT = {"fr": "dd/MM/yyyy", "de": "dd.MM.yyyy"}


def show_date(day: date | None) -> str:
    """12/10/2026 in tables."""
    if day is None:
        return "—"
    text = day_words.day_in(_SHORT.get(_language(), "d MMM yyyy"), day, _language())
    return day_words.held(text)


def show_long_date(day: date | None) -> str:
    """12 octobre 2026 in sentences."""
    return "—" if day is None else day_words.held(day_words.long_day(day, _language()))


def month_name(month: int) -> str:
    """December, in the reader's language; `month` counts from 1."""
    return str(format_date(date(2000, month, 1), "LLLL"))


def show_instant(at: datetime | None) -> str:
    """12 oct. 2026 à 14:05, on the clock of the administrator's time zone."""
    if at is None:
        return "—"
    pattern = "dd.MM.yyyy HH:mm" if _language() == "de" else "d MMM yyyy HH:mm"
    return day_words.held(day_words.instant_in(pattern, to_user_timezone(at), _language()))


def show_money(amount: Decimal | None, currency: str = "EUR") -> str:
    """148 000 €, with cents only where there are any."""
    if amount is None:
        return "—"
    whole = amount == amount.to_integral_value()
    pattern = "¤#,##0" if _language() == "en" else "#,##0 ¤"
    if whole:
        return str(format_currency(amount, currency, format=pattern, currency_digits=False))
    return str(format_currency(amount, currency))


def show_estimate(amount: Decimal | None) -> str:
    """An amount that nobody knows to the cent: whole euros."""
    return show_money(None if amount is None else amount.quantize(Decimal(1)))


def show_number(value: Any) -> str:
    return str(format_decimal(value))


def show_share(value: float) -> str:
    """A share in percent, with one decimal where it needs one."""
    return str(format_percent(value, "#,##0.#%" if _language() == "en" else "#,##0.#\u00a0%"))


def show_siren(siren: str | None) -> str:
    """999 000 417, with spaces that do not break."""
    if not siren:
        return "—"
    return NBSP.join((siren[:3], siren[3:6], siren[6:9])) + (
        NBSP + siren[9:] if len(siren) > 9 else ""
    )


def show_days(count: int) -> str:
    """41 days, in words of the language."""
    return str(ngettext("%(num)d day", "%(num)d days", count))


def show_since(at: datetime | None) -> str:
    """How long ago: minutes, hours, then days."""
    if at is None:
        return "—"
    seconds = max(0, int((context.now() - at).total_seconds()))
    if seconds < 60:
        return str(gettext("just now"))
    if seconds < 3600:
        minutes = seconds // 60
        return str(ngettext("%(num)d minute ago", "%(num)d minutes ago", minutes))
    if seconds < 86_400:
        return str(ngettext("%(num)d hour ago", "%(num)d hours ago", seconds // 3600))
    return str(ngettext("%(num)d day ago", "%(num)d days ago", seconds // 86_400))


def show_page_ranges(pages: Sequence[int]) -> str:
    """Pages in their order, those that follow one another joined: "3, 13–20"."""
    ranges: list[list[int]] = []
    for page in pages:
        if ranges and page == ranges[-1][-1] + 1:
            ranges[-1] = [ranges[-1][0], page]
        else:
            ranges.append([page])
    return ", ".join("–".join(map(str, one)) for one in ranges)


def show_text(message: str | None, **values: Any) -> str:
    """Translate a text that a rule marked with `N_`, and fill it in."""
    if not message:
        return ""
    translated = str(gettext(message))
    return translated % values if values else translated


def _language() -> str:
    locale = get_locale()
    return locale.language if locale else "fr"


def install(app: Flask) -> None:
    app.jinja_env.filters.update(
        page_ranges=show_page_ranges,
        date=show_date,
        long_date=show_long_date,
        instant=show_instant,
        money=show_money,
        estimate=show_estimate,
        number=show_number,
        share=show_share,
        siren=show_siren,
        days=show_days,
        since=show_since,
        text=show_text,
        browser=name_of_browser,
    )
