"""The copy of a person's data, drawn as a PDF from titled lists; the words come translated."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle


@dataclass(frozen=True, slots=True)
class Section:
    """One list of the extract: its heads, and rows of as many cells."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def draw_extract(title: str, introduction: str, sections: Sequence[Section]) -> bytes:
    """The PDF. The same data gives the same bytes."""
    buffer = io.BytesIO()
    styles = getSampleStyleSheet()
    small = ParagraphStyle("small", parent=styles["Normal"], fontSize=8, leading=10)
    parts: list[Flowable] = [
        Paragraph(escape(title), styles["Title"]),
        Paragraph(escape(introduction), styles["Normal"]),
    ]
    for section in sections:
        parts += [Spacer(1, 10), Paragraph(escape(section.title), styles["Heading3"])]
        parts += [_table(section, small)] if section.rows else [Paragraph("—", small)]
    SimpleDocTemplate(buffer, pagesize=A4, title=title, author="Vigie", invariant=1).build(parts)
    return buffer.getvalue()


def _table(section: Section, style: ParagraphStyle) -> Table:
    rows = [[Paragraph(f"<b>{escape(words)}</b>", style) for words in section.heads]]
    rows += [[Paragraph(escape(words), style) for words in row] for row in section.rows]
    table = Table(rows, repeatRows=1, colWidths=[480 / len(section.heads)] * len(section.heads))
    table.setStyle(TableStyle([("LINEBELOW", (0, 0), (-1, -1), 0.25, "#bccacd")]))
    return table
