"""Reads barcodes from a page and understands those that French papers carry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from PIL import Image

from supplier.kernel.pages import Box


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

    formats = zxingcpp.BarcodeFormat.QRCode | zxingcpp.BarcodeFormat.DataMatrix
    try:
        found = zxingcpp.read_barcodes(
            image.convert("L"), formats, text_mode=zxingcpp.TextMode.Plain
        )
    except Exception:  # a decoder's failure on odd pixels is "no barcode"
        return ()
    return tuple(_barcode(item, image=image, page=page) for item in found if item.text)


def _barcode(item: object, *, image: Image.Image, page: int) -> Barcode:
    position = item.position  # type: ignore[attr-defined]
    corners = (position.top_left, position.top_right, position.bottom_left, position.bottom_right)
    xs = [min(max(corner.x / image.width, 0.0), 1.0) for corner in corners]
    ys = [min(max(corner.y / image.height, 0.0), 1.0) for corner in corners]
    name = str(item.format).split(".")[-1].replace(" ", "")  # type: ignore[attr-defined]
    return Barcode(
        item.text,  # type: ignore[attr-defined]
        name,
        Box(min(xs), min(ys), max(xs), max(ys)),
        page,
    )


_COMPANY_PAGE = re.compile(
    r"/societes/entreprise-societe/(?P<siren>\d{9})-(?P<name>.*)-(?P<court>\d{4})(?P<number>\w+)"
    r"\.html$"
)


def parse_infogreffe(text: str) -> InfogreffeCode | None:
    """Understand the QR code of an extract (DOMAIN: Infogreffe); None for anything else."""
    parts = urlsplit(text.strip())
    host = (parts.hostname or "").lower()
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
