"""What the making of a file tells, in plain words: its program, its steps, and why; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

from supplier.documents.reading.result import Making
from supplier.kernel.i18n import N_


class Program(StrEnum):
    """What kind of program wrote a file last. Issuers use programs of their own: no word for it."""

    EDITOR = "editor"
    PRINTER = "printer"
    SCANNER = "scanner"
    MERGER = "merger"
    OFFICE = "office"


#: Parts of the names that programs give themselves; the first that fits counts.
_NAMES: Mapping[Program, tuple[str, ...]] = {
    Program.EDITOR: (
        "photoshop", "illustrator", "gimp", "inkscape", "canva", "pdfescape", "sejda", "smallpdf",
        "pdf-xchange", "nitro", "foxit phantom", "foxit pdf editor", "pdffiller", "pdfelement",
        "master pdf editor", "coreldraw", "libreoffice draw", "affinity", "acrobat pro",
    ),
    Program.SCANNER: (
        "camscanner", "adobe scan", "genius scan", "office lens", "naps2", "scan", "kyocera",
        "ricoh", "konica", "xerox", "canon", "epson", "toshiba",
    ),
    Program.MERGER: ("pdf merge", "ilovepdf", "pdftk", "pdfsam", "pypdf", "pikepdf", "qpdf"),
    Program.PRINTER: (
        "print to pdf", "quartz", "skia/pdf", "chromium", "ghostscript", "cups", "cutepdf",
        "pdfcreator", "bullzip", "pdf24",
    ),
    Program.OFFICE: ("microsoft", "word", "excel", "powerpoint", "libreoffice", "openoffice",
                     "pages", "google docs"),
}  # fmt: skip
PROGRAM_TEXTS: Mapping[Program, str] = {
    Program.EDITOR: N_("A program that people change pictures or PDFs with."),
    Program.PRINTER: N_("Printed to a file by a browser or a computer: that changes no page."),
    Program.SCANNER: N_("Scanned or photographed."),
    Program.MERGER: N_("Pages were joined or taken apart: that changes no page."),
    Program.OFFICE: N_("Written with an office program."),
}


def program_of(making: Making) -> Program | None:
    """What kind of program made the file, by the name it gives itself; None for any other."""
    name = f"{making.creator} {making.producer}".lower()
    for program, parts in _NAMES.items():
        if any(part in name for part in parts):
            return program
    return None


def explanations(making: Making, *, differs: bool) -> Iterator[str]:
    """Marked sentences on how the file came to be what it is; ordinary causes are said as such.

    `differs`: an earlier version showed something else.
    """
    if making.versions > 1 and not differs:
        yield N_("The file was written in several steps; each of them shows the same pages.")
    if making.signed:
        yield N_("An electronic signature adds a step to a file: that is how signing works.")
    if making.ocr_layer:
        yield N_("Text to be searched lies over the scanned picture: copiers put it there.")
    if making.locked:
        yield N_("It is protected against changes and opens without a password: issuers do that.")
    if making.linearized:
        yield N_("It is arranged to open fast on the web: that changes no page.")
