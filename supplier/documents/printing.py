"""Statements and receipts as PDF files. The French text counts; translations stand below it."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import reportlab
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from supplier.documents.nationalities import country_name
from supplier.kernel.clock import PARIS
from supplier.kernel.day_words import long_day

if TYPE_CHECKING:
    from supplier.documents.statements import Signed, Worker

_INK, _GREY, _LINE = HexColor("#0f2129"), HexColor("#566870"), HexColor("#bccacd")
_TITLE = "LISTE DES SALARIÉS ÉTRANGERS SOUMIS À L’AUTORISATION DE TRAVAIL"
_LAW = "Conformément à l’article D8254-2 du Code du travail"
_NONE = (
    "Atteste sur l’honneur que la société n’emploie pas de salariés étrangers soumis à "
    "l’autorisation de travail en France."
)
_SOME = (
    "Atteste sur l’honneur que la société emploie les salariés étrangers soumis à "
    "l’autorisation de travail dont la liste suit, telle qu’elle résulte du registre unique du "
    "personnel."
)
_UPDATE = (
    "Je m’engage à renvoyer au donneur d’ordre le présent document mis à jour dès qu’une "
    "modification intervient, et au moins tous les six mois jusqu’à la fin de l’exécution du "
    "contrat (article D8254-4)."
)
_COLUMNS = (
    "Nom et prénom", "Nationalité", "Date d’embauche",
    "Type du titre valant autorisation de travail",
    "Numéro d’ordre du titre valant autorisation de travail",
)  # fmt: skip
#: What the French text says, for whoever signs in another language.
_TRANSLATIONS = {
    "en": {
        "none": "Translation, for information: I declare on my honour that the company employs no "
        "foreign worker subject to a work permit in France (Code du travail, art. D8254-2).",
        "some": "Translation, for information: I declare on my honour that the company employs "
        "the foreign workers subject to a work permit listed above (Code du travail, "
        "art. D8254-2).",
    },
    "de": {
        "none": "Übersetzung zur Kenntnis: Ich versichere an Eides statt, dass das Unternehmen "
        "in Frankreich keine ausländischen Arbeitnehmer beschäftigt, die einer "
        "Arbeitserlaubnis bedürfen (Code du travail, Art. D8254-2).",
        "some": "Übersetzung zur Kenntnis: Ich versichere an Eides statt, dass das Unternehmen "
        "die oben genannten ausländischen Arbeitnehmer beschäftigt, die einer "
        "Arbeitserlaubnis bedürfen (Code du travail, Art. D8254-2).",
    },
}


@lru_cache(maxsize=1)
def _font() -> tuple[str, frozenset[int]]:
    """A typeface that can be embedded (it comes with reportlab) and the letters that it has."""
    folder = Path(reportlab.__file__).parent / "fonts"
    regular = TTFont("Vera", str(folder / "Vera.ttf"))
    pdfmetrics.registerFont(regular)
    pdfmetrics.registerFont(TTFont("Vera-Bold", str(folder / "VeraBd.ttf")))
    pdfmetrics.registerFontFamily("Vera", normal="Vera", bold="Vera-Bold")
    return "Vera", frozenset(regular.face.charToGlyph)


def printable(text: str) -> str:
    """The text in letters that the typeface has: a letter that it lacks loses its accent.

    What has no plain letter either becomes a question mark; the sealed reading keeps the text
    as it was typed.
    """
    _, known = _font()
    out: list[str] = []
    for letter in unicodedata.normalize("NFC", text):
        if ord(letter) in known:
            out.append(letter)
            continue
        plain = [part for part in unicodedata.normalize("NFKD", letter) if ord(part) in known]
        out.append("".join(plain) or "?")
    return "".join(out)


def print_none(signed: Signed, *, language: str) -> bytes:
    """The statement that there is no such worker, as a PDF."""
    story = [*_head(signed), _text(_NONE, size=10.5), Spacer(0, 5 * mm)]
    story += [_grid([_COLUMNS, ("NÉANT", "", "", "", "")], span_first=True)]
    story += _foot(signed, language, "none")
    return _build(story, _TITLE)


def print_list(signed: Signed, workers: Sequence[Worker], *, language: str) -> bytes:
    """The list of workers, as a PDF."""
    rows: list[tuple[str, ...]] = [_COLUMNS]
    rows += [
        (
            worker.name, country_name(worker.nationality), f"{worker.hired_on:%d/%m/%Y}",
            worker.permit_type, worker.permit_number,
        )
        for worker in workers
    ]  # fmt: skip
    story = [*_head(signed), _text(_SOME, size=10.5), Spacer(0, 5 * mm), _grid(rows)]
    story += _foot(signed, language, "some")
    return _build(story, _TITLE)


def _head(signed: Signed) -> list[Any]:
    who = signed.signature
    company = f"<b>{_escaped(signed.company)}</b>"
    lines = [
        f"Je soussigné(e), <b>{_escaped(who.name)}</b>, agissant en qualité de "
        f"{_escaped(who.function)} de la société {company},"
    ]
    if signed.address:
        lines.append(f"dont le siège est : {_escaped(signed.address)}")
    if signed.siren:
        lines.append(f"N° SIREN : {_escaped(signed.siren)}")
    if signed.vat_number:
        lines.append(f"N° TVA intracom : {_escaped(signed.vat_number)}")
    return [
        _text(_TITLE, size=11.5, bold=True, centred=True),
        _text(_LAW, size=9.5, grey=True, centred=True),
        Spacer(0, 8 * mm),
        *[_markup(line) for line in lines],
        Spacer(0, 4 * mm),
    ]


def _foot(signed: Signed, language: str, which: str) -> list[Any]:
    at = signed.signed_at.astimezone(PARIS)
    story = [
        Spacer(0, 5 * mm), _text(_UPDATE), Spacer(0, 6 * mm),
        _text(f"Fait à {signed.signature.place}, le {long_day(signed.signed_on, 'fr')}"),
        _text("Signature"),
        _text(signed.signature.name, bold=True, size=11),
        _text(
            f"Signé en ligne par confirmation expresse, depuis le compte de {signed.account}, le "
            f"{at:%d/%m/%Y à %H:%M} (heure de Paris).",
            grey=True, size=8.5,
        ),
    ]  # fmt: skip
    if language in _TRANSLATIONS:
        story += [Spacer(0, 6 * mm), _text(_TRANSLATIONS[language][which], grey=True, size=8.5)]
    return story


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One file on a receipt: its name, hash, size and instant of arrival."""

    name: str
    sha256: str
    size: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class ReceiptWords:
    """The words of a receipt in the reader's language."""

    title: str
    intro: str
    heads: tuple[str, str, str]
    note: str


def print_receipt(words: ReceiptWords, lines: Sequence[ReceiptLine]) -> bytes:
    """The receipt of some files, as a PDF, each with its whole SHA-256."""
    rows: list[tuple[str, ...]] = [words.heads]
    for line in lines:
        at = line.received_at.astimezone(PARIS)
        half = f"{line.sha256[:32]} {line.sha256[32:]}"
        rows.append((line.name, f"{at:%d/%m/%Y %H:%M:%S}", half))
    story = [
        _text(words.title, size=14, bold=True), _text(words.intro), Spacer(0, 5 * mm),
        _grid(rows, widths=(62 * mm, 32 * mm, 76 * mm)), Spacer(0, 5 * mm),
        _text(words.note, grey=True, size=8.5),
    ]  # fmt: skip
    return _build(story, words.title)


def _escaped(text: str) -> str:
    return escape(printable(text))


def _text(
    text: str, *, size: float = 10, bold: bool = False, grey: bool = False, centred: bool = False
) -> Paragraph:
    return Paragraph(
        f"<b>{_escaped(text)}</b>" if bold else _escaped(text),
        _style(size, grey=grey, centred=centred),
    )


def _markup(text: str) -> Paragraph:
    return Paragraph(text, _style(10))


def _style(size: float, *, grey: bool = False, centred: bool = False) -> ParagraphStyle:
    face, _ = _font()
    style = ParagraphStyle(
        "text", fontName=face, fontSize=size, leading=size * 1.45, spaceAfter=size * 0.4,
        textColor=_GREY if grey else _INK, splitLongWords=True,
    )  # fmt: skip
    if centred:
        style.alignment = TA_CENTER
    return style


def _grid(
    rows: Sequence[Sequence[str]],
    *,
    widths: Sequence[float] = (38 * mm, 28 * mm, 29 * mm, 40 * mm, 35 * mm),
    span_first: bool = False,
) -> Table:
    cells = [
        [_text(text, size=8.5, bold=number == 0) for text in row] for number, row in enumerate(rows)
    ]
    style = [
        ("GRID", (0, 0), (-1, -1), 0.5, _LINE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("BACKGROUND", (0, 0), (-1, 0), HexColor("#f3f6f6")),
    ]
    if span_first:
        style.append(("SPAN", (0, 1), (-1, 1)))
    return Table(cells, colWidths=list(widths), repeatRows=1, style=TableStyle(style))


def _build(story: list[Any], title: str) -> bytes:
    out = io.BytesIO()
    SimpleDocTemplate(
        out, pagesize=A4, leftMargin=20 * mm, rightMargin=20 * mm, topMargin=20 * mm,
        bottomMargin=18 * mm, title=printable(title), author="Vigie", creator="Vigie",
    ).build(story)  # fmt: skip
    return out.getvalue()
