"""Reads barcodes from a page and understands those that French papers carry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from PIL import Image

from supplier.kernel.pages import Box

#: A page with more codes than this is a sheet of labels.
MOST_BARCODES = 20


@dataclass(frozen=True, slots=True)
class Barcode:
    """One barcode; `format` is `QRCode` or `DataMatrix`, `page` counts from 1."""

    text: str
    format: str
    box: Box
    page: int


@dataclass(frozen=True, slots=True)
class InfogreffeCode:
    """What the QR code of a Kbis says: a verification code, or the company's own page."""

    url: str
    verification_code: str = ""
    siren: str = ""
    company_name: str = ""
    registry_code: str = ""
    management_number: str = ""


def read_barcodes(image: Image.Image, *, page: int) -> tuple[Barcode, ...]:
    """QR and Data Matrix codes of a page picture (best at 200 dpi, grey); never raises."""
    import zxingcpp

    formats = zxingcpp.BarcodeFormats(
        (zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.DataMatrix)
    )
    try:
        found = zxingcpp.read_barcodes(
            image.convert("L"), formats, text_mode=zxingcpp.TextMode.Plain
        )
        size = image.size
        return tuple(
            _barcode(item, size=size, page=page) for item in found[:MOST_BARCODES] if item.text
        )
    except Exception:  # a decoder's failure on odd pixels is "no barcode"
        return ()


def _barcode(item: Any, *, size: tuple[int, int], page: int) -> Barcode:
    place = item.position
    corners = (place.top_left, place.top_right, place.bottom_left, place.bottom_right)
    xs = [min(max(corner.x / size[0], 0.0), 1.0) for corner in corners]
    ys = [min(max(corner.y / size[1], 0.0), 1.0) for corner in corners]
    name = str(item.format).rsplit(".", 1)[-1].replace(" ", "")
    return Barcode(item.text, name, Box(min(xs), min(ys), max(xs), max(ys)), page)


_COMPANY_PAGE = re.compile(
    r"/societes/entreprise-societe/(?P<siren>\d{9})-(?P<name>.*)-(?P<court>\d{4})(?P<number>\w+)"
    r"\.html$"
)


def parse_infogreffe(text: str) -> InfogreffeCode | None:
    """Understand the QR code of an extract; None for anything else.

    Copies carry the address of the check page with the ten-character code, counter copies the
    address of the company's page with SIREN, name, court and registration number.
    """
    try:
        parts = urlsplit(text.strip())
        host = (parts.hostname or "").lower()
    except ValueError:  # not an address at all
        return None
    if host != "infogreffe.fr" and not host.endswith(".infogreffe.fr"):
        return None
    code = parse_qs(parts.query).get("codeVerif", [""])[0]
    if code:
        return InfogreffeCode(text.strip(), verification_code=code)
    match = _COMPANY_PAGE.search(unquote(parts.path))
    if match is None:
        return None
    return InfogreffeCode(
        text.strip(),
        siren=match["siren"],
        company_name=match["name"].strip("-").replace("-", " "),
        registry_code=match["court"],
        management_number=match["number"],
    )
