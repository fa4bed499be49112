"""Templates of mails: one environment a language, escaped HTML, texts from the catalogues."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.numbers import format_currency
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from supplier.kernel import day_words
from supplier.kernel.i18n import LANGUAGES

_LINE = 150
_TRICKS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


@dataclass(frozen=True, slots=True)
class MailRoom:
    """What every mail needs to know: where people come in, and where texts and templates lie."""

    public_url: str
    templates: Path
    translations: Path
    timezone: str = "Europe/Paris"

    @property
    def domain(self) -> str:
        return urlsplit(self.public_url).hostname or "localhost"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's three parts."""

    subject: str
    text: str
    html: str


class _Holder:
    room: MailRoom | None = None
    environments: dict[str, tuple[Environment, Environment]]


_Holder.environments = {}


def use_mail_room(room: MailRoom) -> None:
    """Install the mail room of this process; the factory calls it once."""
    if room != _Holder.room:
        _Holder.room, _Holder.environments = room, {}


def mail_room() -> MailRoom:
    """The mail room. Raises RuntimeError when the application was not created first."""
    if _Holder.room is None:
        raise RuntimeError("no mail room: create the application first")
    return _Holder.room


def mail_domain() -> str:
    """The right-hand side of our Message-IDs."""
    return mail_room().domain


def address_of(path: str) -> str:
    """A page of Vigie as a full address: never any other site."""
    return mail_room().public_url.rstrip("/") + path


def one_line(text: str, *, limit: int = _LINE) -> str:
    """A text that can stand in a header: one line, nothing that hides or turns letters round."""
    kept = without_tricks(text)
    # Mail programs make a link of any address: a name is no place for one.
    return " ".join(kept.replace("://", ": //").split())[:limit]


def without_tricks(text: str) -> str:
    """The text without letters that cannot be sent, cannot be seen, or turn others round."""
    return "".join(
        letter
        for letter in unicodedata.normalize("NFC", text)
        if letter.isspace() or unicodedata.category(letter) not in _TRICKS
    )


def _clean(value: Any) -> Any:
    """A value for a template with every text in it cleaned; other values come back as they are."""
    if isinstance(value, str):
        return without_tricks(value)
    if isinstance(value, (list, tuple)):
        return tuple(_clean(one) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {one.name: _clean(getattr(value, one.name)) for one in fields(value)}
        return replace(value, **changed)
    return value


def render(name: str, *, language: str, **values: Any) -> Rendered:
    """The three parts of the mail `name` (templates/mail/<name>/) in a language."""
    plain, rich = _environments(language if language in LANGUAGES else "fr")
    values = {key: _clean(value) for key, value in values.items()}
    subject = one_line(plain.get_template(f"mail/{name}/subject.txt").render(values))
    return Rendered(
        subject=subject,
        text=_tidy(plain.get_template(f"mail/{name}/body.txt").render(values)),
        html=rich.get_template(f"mail/{name}/body.html").render(values, subject=subject),
    )


def _tidy(text: str) -> str:
    """No blank ends, never two empty lines in a row."""
    lines: list[str] = []
    for line in (line.rstrip() for line in text.strip().splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines) + "\n"


def _environments(language: str) -> tuple[Environment, Environment]:
    """The plain and the escaping environment of a language, made once."""
    found = _Holder.environments.get(language)
    if found is None:
        found = (_environment(language, escape=False), _environment(language, escape=True))
        _Holder.environments[language] = found
    return found


def _environment(language: str, *, escape: bool) -> Environment:
    room = mail_room()
    # Subjects and texts are no HTML: escaping there would show "&amp;" to the reader.
    environment = Environment(
        loader=FileSystemLoader(room.templates),
        autoescape=escape,  # noqa: S701
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    texts = _texts(language)
    environment.install_gettext_translations(texts, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["language"] = language
    environment.filters.update(
        day=lambda day: show_day(day, language),
        instant=lambda at: show_instant(at, language),
        money=lambda amount: show_money(amount, language),
        text=lambda message: texts.gettext(message) if message else "",
        line=one_line,
    )
    return environment


def _texts(language: str) -> NullTranslations:
    return Translations.load(str(mail_room().translations), [language])


def translate(message: str, language: str) -> str:
    """A marked message in a language."""
    return str(_texts(language).gettext(message)) if message else ""


def show_day(day: date | None, language: str) -> str:
    """12 octobre 2026, in sentences."""
    if day is None:
        return ""
    return day_words.long_day(day, language)


def show_instant(at: datetime | None, language: str) -> str:
    """12 octobre 2026, 14:05, on the clock of the administrator's time zone."""
    if at is None:
        return ""
    zone = ZoneInfo(mail_room().timezone)
    pattern = f"{day_words.LONG[language]}, HH:mm"
    return day_words.instant_in(pattern, at.astimezone(zone), language)


def show_money(amount: Decimal | None, language: str) -> str:
    """148 000 €, without cents: an estimate is no invoice."""
    if amount is None:
        return ""
    form = "¤#,##0" if language == "en" else "#,##0 ¤"
    return str(format_currency(amount, "EUR", format=form, locale=language, currency_digits=False))
