"""Measures how much of scans and photos is read: field recall by file, time against Tesseract.

    python -m bench.ocr CORPUS [--bare] [--all] [--only TEXT]

CORPUS is a folder with `truth.jsonl` (one object a line: file, source, verdict, fields). A field
counts as read when its printed value stands among the words read, compared without case, accents
and blanks. `--bare` also times Tesseract alone, in the same run, by the processor's clock: on the
picture as it came and as it was prepared, against reading the page and against the reader's whole
work on the file (barcodes, second looks, checks); on native RIBs, the zone of the account against
its confirmation on the picture. `--all` takes refused papers too, `--only` keeps the files whose
name contains TEXT.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import time
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import pypdfium2
import pypdfium2.raw
from PIL import Image

from supplier.adapters import images, ocr, pdf
from supplier.adapters.intake import sniff
from supplier.documents.kinds import DocumentKind
from supplier.documents.reading import confirm
from supplier.documents.reading.reader import read
from supplier.documents.reading.result import Reading, ReadRequest
from supplier.kernel.pages import Source

TODAY = date(2026, 11, 23)

FRENCH = "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre"
GERMAN = "januar februar marz april mai juni juli august september oktober november dezember"
ISO_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)$")
#: Not printed as such, or printed in words that differ from the value.
#: Letters that carry no separable accent.
PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "œ": "oe", "æ": "ae", "’": "'"})
NOT_PRINTED = {
    "address", "country", "currency", "issuer", "legal_form", "registry_court", "headcount",
}  # fmt: skip


@dataclass
class Tally:
    """What was read of one file."""

    file: str
    read: int = 0
    asked: int = 0
    missing: list[str] = field(default_factory=list)
    seconds: float = 0.0
    whole: float = 0.0
    bare: float = 0.0
    prepared: float = 0.0
    quality: str = ""


def main() -> None:
    options = _options()
    rows = list(_rows(options))
    if options.bare and rows:
        _read(options.corpus / rows[0]["file"])  # loads the libraries, which is nobody's time
    tallies = [_measure(options, row) for row in rows]
    for tally in tallies:
        _print(tally)
    read, asked = sum(t.read for t in tallies), sum(t.asked for t in tallies)
    whole = sum(t.read == t.asked for t in tallies)
    print(f"\n{read}/{asked} values = {read / max(asked, 1):.2%}; {whole}/{len(tallies)} whole")
    print(f"seconds: median {median(t.seconds for t in tallies):.2f}")
    if options.bare:
        _ratios("reading the page / Tesseract on the picture as it came",
                [(t.seconds, t.bare) for t in tallies])  # fmt: skip
        _ratios("reading the page / Tesseract on the prepared page",
                [(t.seconds, t.prepared) for t in tallies])  # fmt: skip
        _ratios("the reader's whole work / Tesseract on the prepared page",
                [(t.whole, t.prepared) for t in tallies])  # fmt: skip
        _ratios("confirming an account / Tesseract on its zone",
                list(_confirmations(options)))  # fmt: skip
        print("load average: " + " ".join(f"{load:.1f}" for load in os.getloadavg()))


def _ratios(name: str, pairs: Sequence[tuple[float, float]]) -> None:
    ours, bare = sum(one for one, _ in pairs), sum(other for _, other in pairs)
    if bare:
        each = median(one / other for one, other in pairs if other)
        print(f"{name}: {ours / bare:.2f} in all, median {each:.2f} ({len(pairs)} files)")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--bare", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--only", default="")
    return parser.parse_args()


def _rows(
    options: argparse.Namespace, *, sources: Collection[str] = frozenset({"scan", "photo"})
) -> Iterator[dict[str, Any]]:
    for line in (options.corpus / "truth.jsonl").read_text().splitlines():
        row = json.loads(line)
        wanted = row["source"] in sources and options.only in row["file"]
        if wanted and (options.all or row["verdict"] == "accept"):
            yield row


def _measure(options: argparse.Namespace, row: dict[str, Any]) -> Tally:
    tally = Tally(row["file"])
    path = options.corpus / row["file"]
    texts = []
    for number, (page, dpi) in enumerate(_pages(path), 1):
        start = time.process_time()
        reading = ocr.read_image(page, page=number, width=595, height=842, dpi=dpi)
        tally.seconds += time.process_time() - start
        texts.append(" ".join(word.text for word in reading.text.words))
        tally.quality += f" {reading.quality}"
        if options.bare:
            tally.bare += _bare(page, dpi=dpi)
            upright = images.prepare(page, dpi=dpi, turn=reading.quality.turn)
            tally.prepared += _bare(upright.image, dpi=ocr.GOOD_DPI)
    if options.bare:
        tally.whole, _ = _read(path)
    text = _folded(" ".join(texts))
    for name, value in _values(row["fields"]):
        tally.asked += 1
        if _stands_in(text, value):
            tally.read += 1
        else:
            tally.missing.append(f"{name}={value}")
    return tally


def _bare(page: Image.Image, *, dpi: float | None) -> float:
    """Tesseract alone, in the mode that we read pages in."""
    import tesserocr

    engine = ocr.engine()
    engine.SetPageSegMode(tesserocr.PSM.SPARSE_TEXT)
    engine.SetVariable("tessedit_char_whitelist", "")
    start = time.process_time()
    engine.SetImage(page)
    engine.SetSourceResolution(int(dpi or 200))
    engine.GetUTF8Text()
    return time.process_time() - start


def _read(path: Path) -> tuple[float, Reading]:
    data = path.read_bytes()
    media_type = sniff(data).value
    start = time.process_time()
    reading = read(data, media_type, request=ReadRequest(TODAY))
    return time.process_time() - start, reading


def _confirmations(options: argparse.Namespace) -> Iterator[tuple[float, float]]:
    """Native RIBs: the time to confirm the account on the picture, and of Tesseract on its zone."""
    for row in _rows(options, sources={"native"}):
        if row["kind"] != DocumentKind.BANK_DETAILS:
            continue
        path = options.corpus / row["file"]
        _, reading = _read(path)
        iban = reading.find("iban")
        if iban is None or iban.box is None or iban.source is not Source.TEXT:
            continue
        start = time.process_time()
        list(confirm.confirmed(path.read_bytes(), DocumentKind.BANK_DETAILS, reading.fields))
        ours = time.process_time() - start
        page = pdf.render(path.read_bytes(), iban.page, dpi=250)
        start = time.process_time()
        ocr.read_zone(page, iban.box, page=iban.page, whitelist=confirm.CAPITALS)
        yield ours, time.process_time() - start


def _pages(path: Path) -> Iterator[tuple[Image.Image, float | None]]:
    data = path.read_bytes()
    if path.suffix != ".pdf":
        dpi = Image.open(io.BytesIO(data)).info.get("dpi", (0,))[0]
        for picture in images.open_pages(data):
            yield picture, float(dpi) if dpi > 100 else None
        return
    document = pypdfium2.PdfDocument(data)
    for page in document:
        dpi = _resolution(page)
        yield page.render(scale=dpi / 72).to_pil(), dpi


def _resolution(page: pypdfium2.PdfPage) -> float:
    width, _ = page.get_size()
    found = [
        item.get_px_size()[0] / width * 72
        for item in page.get_objects(max_depth=1)
        if item.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE
    ]
    return float(min(max([*found, 150]), 300))


def _values(fields: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        if name in NOT_PRINTED:
            continue
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                yield from _values(item)
            else:
                yield name, str(item)


def _stands_in(text: str, value: str) -> bool:
    if any(_folded(form) in text for form in _forms(value)):
        return True
    # A name may wrap or share its line with a neighbouring column: each of its words counts.
    words = [word for word in re.split(r"[\s-]+", value) if len(word) > 2 and word.isalpha()]
    return len(words) > 1 and all(_folded(word) in text for word in words)


def _forms(value: str) -> list[str]:
    match = ISO_DATE.match(value)
    if match:
        year, month, day = match.groups()
        short = str(int(day))
        names = [names.split()[int(month) - 1] for names in (FRENCH, GERMAN)]
        spoken = [f"{d}{name}{year}" for name in names for d in (day, short, f"{short}er")]
        numbers = [f"{day}{s}{month}{s}{y}" for s in "/.-" for y in (year, year[2:])]
        return [value, *spoken, *numbers]
    if re.fullmatch(r"\d+\.\d\d", value):
        return [value, value.replace(".", ","), value.removesuffix(".00")]
    return [value]


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold().translate(PLAIN))
    return "".join(c for c in plain if not unicodedata.combining(c) and not c.isspace())


def _print(tally: Tally) -> None:
    times = (tally.seconds, tally.prepared, tally.whole)
    told = " ".join(f"{one:5.2f}s" for one in times)
    print(f"{tally.read:3}/{tally.asked:<3} {told} {tally.file}")
    for missing in tally.missing:
        print("          not read:", missing)
    print("         ", tally.quality.strip())


if __name__ == "__main__":
    main()
