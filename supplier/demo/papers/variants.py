"""What happens to papers on their way: scanned, photographed, locked, bound together.

Each takes the bytes of a paper and gives the bytes of another file. Noise comes from a seed, so
the same paper gives the same file.
"""

from __future__ import annotations

import io
import random
from collections.abc import Sequence

import pikepdf
import pypdfium2
from PIL import Image, ImageDraw, ImageFilter
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

_PAPER = 250
_TABLE = (96, 78, 62)
_MIRROR_TURN = 6


def as_scan(pdf: bytes, *, dpi: int = 150, tilt: float = 0.4, seed: int = 1) -> bytes:
    """An office scanner's PDF: a slightly turned, noisy grey picture a page, no text."""
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    canvas.setProducer("PFU ScanSnap")
    for place, page in enumerate(_pictures(pdf, dpi=dpi)):
        turned = page.convert("L").rotate(tilt, Image.Resampling.BICUBIC, fillcolor=_PAPER)
        grey = _noisy(turned, seed=seed + place)
        width, height = (side * 72 / dpi for side in grey.size)
        canvas.setPageSize((width, height))
        canvas.drawImage(ImageReader(io.BytesIO(_jpeg(grey, quality=70))), 0, 0, width, height)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def as_photo(pdf: bytes, *, page: int = 1, blur: float = 0.0, seed: int = 1) -> bytes:
    """A telephone's JPEG of one page lying on a table: askew, unevenly lit, turned by EXIF."""
    sheet = _pictures(pdf, dpi=150)[page - 1].convert("RGB")
    seen = _on_table(sheet, seed=seed)
    lit = Image.composite(seen, Image.new("RGB", seen.size, (40, 38, 36)), _light(seen.size))
    if blur:
        lit = lit.filter(ImageFilter.GaussianBlur(blur))
    exif = Image.Exif()
    exif[0x0112] = _MIRROR_TURN
    return _jpeg(lit.transpose(Image.Transpose.ROTATE_90), quality=82, exif=exif)


def as_picture(pdf: bytes, *, page: int = 1, dpi: int = 150) -> bytes:
    """A clean PNG of one page, as a screen capture gives it."""
    out = io.BytesIO()
    _pictures(pdf, dpi=dpi)[page - 1].save(out, "PNG")
    return out.getvalue()


def locked(pdf: bytes, *, password: str) -> bytes:
    """The same paper behind a password that must be given to open it."""
    return _encrypted(pdf, user=password)


def copy_forbidden(pdf: bytes) -> bytes:
    """The same paper as registries deliver it: opens freely, forbids copying."""
    return _encrypted(pdf, user="")


def bound(*pdfs: bytes) -> bytes:
    """Several papers in one file, in the order given."""
    out = io.BytesIO()
    with pikepdf.new() as whole:
        for pdf in pdfs:
            with pikepdf.open(io.BytesIO(pdf)) as part:
                whole.pages.extend(part.pages)
        whole.save(out, deterministic_id=True)
    return out.getvalue()


def only_pages(pdf: bytes, *, pages: Sequence[int]) -> bytes:
    """A file that holds only these pages, counted from 1."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as whole, pikepdf.new() as part:
        for page in pages:
            part.pages.append(whole.pages[page - 1])
        part.save(out, deterministic_id=True)
    return out.getvalue()


def overprinted(pdf: bytes, *, old: str, new: str) -> bytes:
    """A crude forgery: a white box over the first `old` of page 1 and `new` written on it.

    Raises ValueError where page 1 does not say `old`.
    """
    left, bottom, right, top = _place_of(pdf, old)
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as forged:
        page = forged.pages[0]
        face = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        name = page.add_resource(face, pikepdf.Name.Font)
        size = (top - bottom) * 1.3
        page.contents_add(
            f"q 1 1 1 rg {left - 1:.2f} {bottom - 2:.2f} {right - left + 3:.2f} "
            f"{top - bottom + 4:.2f} re f 0 0 0 rg BT {name} {size:.2f} Tf "
            f"{left:.2f} {bottom:.2f} Td ({new}) Tj ET Q".encode("ascii")
        )
        forged.save(out, deterministic_id=True)
    return out.getvalue()


def _place_of(pdf: bytes, words: str) -> tuple[float, float, float, float]:
    """Where page 1 says these words: left, bottom, right, top in points from the bottom left."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        text = document[0].get_textpage()
        found = text.search(words).get_next()
        if found is None:
            raise ValueError(f"page 1 does not say {words!r}")
        boxes = [text.get_charbox(place) for place in range(found[0], found[0] + found[1])]
    finally:
        document.close()
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)


def _encrypted(pdf: bytes, *, user: str) -> bytes:
    out = io.BytesIO()
    rights = pikepdf.Permissions(extract=False, modify_other=False)
    with pikepdf.open(io.BytesIO(pdf)) as paper:
        paper.save(
            out,
            static_id=True,
            encryption=pikepdf.Encryption(
                owner="greffe", user=user, R=3, aes=False, metadata=False, allow=rights
            ),
        )
    return out.getvalue()


def _pictures(pdf: bytes, *, dpi: int) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dpi / 72).to_pil().convert("RGB") for page in document]
    finally:
        document.close()


def _noisy(image: Image.Image, *, seed: int) -> Image.Image:
    """Grain of the sensor: a little of a random grey over every pixel."""
    grain = random.Random(seed).randbytes(image.width * image.height)
    return Image.blend(image, Image.frombytes("L", image.size, grain), 0.06)


def _on_table(sheet: Image.Image, *, seed: int) -> Image.Image:
    """The sheet in perspective on a brown table."""
    chance = random.Random(seed)
    margin = 60
    width, height = sheet.width + 2 * margin, sheet.height + 2 * margin
    table = Image.new("RGB", (width, height), _TABLE)
    table.paste(sheet, (margin, margin))
    ImageDraw.Draw(table).rectangle(
        (margin, margin, margin + sheet.width, margin + sheet.height), outline=(205, 200, 192)
    )
    bend = [chance.uniform(0, 0.022) for _ in range(8)]
    quad = (
        width * bend[0], height * bend[1], width * bend[2], height * (1 - bend[3]),
        width * (1 - bend[4]), height * (1 - bend[5]), width * (1 - bend[6]), height * bend[7],
    )  # fmt: skip
    return table.transform((width, height), Image.Transform.QUAD, quad, Image.Resampling.BICUBIC)


def _light(size: tuple[int, int]) -> Image.Image:
    """How much light falls where: a lamp from the upper left."""
    down = Image.linear_gradient("L").resize(size)
    across = Image.linear_gradient("L").rotate(90).resize(size)
    ramp = Image.blend(down, across, 0.4)
    return ramp.point([255 - level // 4 for level in range(256)])


def _jpeg(image: Image.Image, *, quality: int, exif: Image.Exif | None = None) -> bytes:
    out = io.BytesIO()
    extra = {"exif": exif} if exif is not None else {}
    image.save(out, "JPEG", quality=quality, **extra)
    return out.getvalue()
