"""The drawing board of the papers: text, rows, boxes and tables measured from the top left.

Bytes are a function of the facts alone: no clock, no random identifiers. Every page carries, at
its foot, that it was invented.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import segno
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

INVENTED = "Document inventé pour la démonstration du logiciel Vigie, sans aucune valeur."

BLACK = "#000000"
GREY = "#6b6b6b"

#: Base faces, as most real papers use them: not embedded.
FACES = {
    "serif": "Times-Roman",
    "serif-bold": "Times-Bold",
    "serif-italic": "Times-Italic",
    "serif-bold-italic": "Times-BoldItalic",
    "sans": "Helvetica",
    "sans-bold": "Helvetica-Bold",
    "sans-italic": "Helvetica-Oblique",
    "mono": "Courier",
    "mono-bold": "Courier-Bold",
}
#: The face that holds ğ, ı, ł…, which the base faces cannot write.
_WIDE = {False: "Vera", True: "VeraBd"}
for _name in _WIDE.values():
    pdfmetrics.registerFont(TTFont(_name, f"{_name}.ttf"))

Point = tuple[float, float]


@dataclass(slots=True)
class Pen:
    """A paper being drawn. All measures are points; y grows downwards, text stands on it."""

    title: str
    producer: str
    written_at: datetime
    size: tuple[float, float] = A4
    _bytes: io.BytesIO = field(default_factory=io.BytesIO, init=False)
    _canvas: Canvas = field(init=False)

    def __post_init__(self) -> None:
        self._canvas = Canvas(self._bytes, pagesize=self.size, invariant=1)
        self._canvas.setTitle(self.title)
        self._canvas.setProducer(self.producer)
        self._canvas.setCreator(self.producer)
        stamp = self.written_at.strftime("D:%Y%m%d%H%M%S%z")
        self._canvas.setDateFormatter(lambda *_: f"{stamp[:-2]}'{stamp[-2:]}'")

    @property
    def width(self) -> float:
        return self.size[0]

    @property
    def height(self) -> float:
        return self.size[1]

    def text(
        self,
        at: Point,
        words: str,
        *,
        face: str = "sans",
        size: float = 9,
        align: str = "left",
        colour: str = BLACK,
    ) -> None:
        """Write one line; `align` says which end of it `at` is."""
        font = _font(face, words)
        x, y = at
        x -= {"left": 0.0, "centre": 0.5, "right": 1.0}[align] * pdfmetrics.stringWidth(
            words, font, size
        )
        self._canvas.setFillColor(colour)
        self._canvas.setFont(font, size)
        self._canvas.drawString(x, self.height - y, words)

    def lines(
        self, at: Point, lines: Sequence[str], *, face: str = "sans", size: float = 9,
        leading: float = 1.25, align: str = "left", colour: str = BLACK,
    ) -> float:  # fmt: skip
        """Write lines one under the other; answers the y of the line that would come next."""
        x, y = at
        for line in lines:
            self.text((x, y), line, face=face, size=size, align=align, colour=colour)
            y += size * leading
        return y

    def paragraph(
        self, at: Point, words: str, *, width: float, face: str = "sans", size: float = 9,
        leading: float = 1.25, align: str = "left", colour: str = BLACK,
    ) -> float:  # fmt: skip
        """Write words wrapped to a width; answers the y of the line that would come next."""
        wrapped = wrap(words, width=width, face=face, size=size)
        return self.lines(
            at, wrapped, face=face, size=size, leading=leading, align=align, colour=colour
        )

    def box(
        self, at: Point, *, width: float, height: float, fill: str = "", edge: str = "",
        line: float = 0.6,
    ) -> None:  # fmt: skip
        """A rectangle whose top left corner is `at`."""
        x, y = at
        self._canvas.setLineWidth(line)
        if fill:
            self._canvas.setFillColor(fill)
        if edge:
            self._canvas.setStrokeColor(edge)
        self._canvas.rect(
            x, self.height - y - height, width, height, fill=bool(fill), stroke=bool(edge)
        )

    def rule(self, start: Point, end: Point, *, colour: str = BLACK, line: float = 0.6) -> None:
        """A straight line."""
        self._canvas.setLineWidth(line)
        self._canvas.setStrokeColor(colour)
        self._canvas.line(start[0], self.height - start[1], end[0], self.height - end[1])

    def upright(self, at: Point, words: str, *, size: float = 5, colour: str = GREY) -> None:
        """A line that runs upwards, as the form numbers in a margin do."""
        self._canvas.saveState()
        self._canvas.translate(at[0], self.height - at[1])
        self._canvas.rotate(90)
        self._canvas.setFillColor(colour)
        self._canvas.setFont(FACES["sans"], size)
        self._canvas.drawString(0, 0, words)
        self._canvas.restoreState()

    def hidden(self, at: Point, words: str, *, size: float = 9) -> None:
        """Words that a program reads and nobody sees: for papers made to deceive."""
        # The invisible mode would otherwise last until the end of the page.
        self._canvas.saveState()
        writer = self._canvas.beginText(at[0], self.height - at[1])
        writer.setFont(FACES["sans"], size)
        writer.setTextRenderMode(3)
        writer.textOut(words)
        self._canvas.drawText(writer)
        self._canvas.restoreState()

    def qr(self, at: Point, content: str, *, side: float) -> None:
        """A QR code of the given side, quiet zone included."""
        rows = list(segno.make(content, error="m", micro=False).matrix_iter(border=2))
        unit = side / len(rows)
        self._canvas.setFillColor(BLACK)
        for down, row in enumerate(rows):
            top = self.height - at[1] - (down + 1) * unit
            for start, length in _runs(list(row)):
                self._canvas.rect(at[0] + start * unit, top, length * unit, unit, fill=1, stroke=0)

    def sign(self, at: Point, name: str, *, width: float = 90) -> None:
        """A hand's stroke that is always the same for the same name."""
        x, y = at[0], self.height - at[1]
        waves = [byte / 255 for byte in zlib.crc32(name.encode()).to_bytes(4, "big") * 3]
        step = width / len(waves)
        path = self._canvas.beginPath()
        path.moveTo(x, y)
        for place, wave in enumerate(waves):
            left = x + place * step
            path.curveTo(
                left + step * 0.2, y + 26 * wave, left + step * 1.3, y - 12 * wave,
                left + step, y + 8 * (wave - 0.5),
            )  # fmt: skip
        self._canvas.setStrokeColor("#1b2a6b")
        self._canvas.setLineWidth(1.1)
        self._canvas.drawPath(path, stroke=1, fill=0)

    def turn_page(self) -> None:
        """End this page and begin the next."""
        self._foot()
        self._canvas.showPage()

    def finish(self) -> bytes:
        """The paper's bytes; the pen is then used up."""
        self._foot()
        self._canvas.save()
        return self._bytes.getvalue()

    def _foot(self) -> None:
        at = (self.width / 2, self.height - 12)
        self.text(at, INVENTED, size=5, align="centre", colour="#9a9a9a")


def wrap(words: str, *, width: float, face: str = "sans", size: float = 9) -> list[str]:
    """Cut words into lines that fit a width; line breaks in the text are kept."""
    return list(simpleSplit(words, _font(face, words), size, width))


def measure(words: str, *, face: str = "sans", size: float = 9) -> float:
    """How wide a line of words is."""
    return float(pdfmetrics.stringWidth(words, _font(face, words), size))


def _font(face: str, words: str) -> str:
    """The face asked for, or one that holds all letters of these words."""
    try:
        words.encode("cp1252")
    except UnicodeEncodeError:
        return _WIDE["bold" in face]
    return FACES[face]


def _runs(row: Sequence[int]) -> list[tuple[int, int]]:
    """Where dark modules begin and how many follow, so that one rectangle draws them."""
    runs: list[tuple[int, int]] = []
    for place, dark in enumerate(row):
        if dark and runs and sum(runs[-1]) == place:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        elif dark:
            runs.append((place, 1))
    return runs
