"""Reads barcodes from a page and understands those that French papers carry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from PIL import Image

from supplier.kernel.pages import WHOLE_PAGE, Box

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


def read_barcodes(image: Image.Image, *, page: int, place: Box = WHOLE_PAGE) -> tuple[Barcode, ...]:
    """QR and Data Matrix codes of a page picture (best at 200 dpi, grey); never raises.

    `place`: what of the page the picture shows.
    """
    import zxingcpp

    formats = zxingcpp.BarcodeFormats(
        (zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.DataMatrix)
    )
    try:
        # No paper prints a code white on black; looking for one takes as long as for the others.
        found = zxingcpp.read_barcodes(
            image.convert("L"), formats, text_mode=zxingcpp.TextMode.Plain, try_invert=False
        )
    except Exception:  # a decoder's failure on odd pixels is "no barcode"
        return ()
    return tuple(
        Barcode(item.text, _format(item), _box(item.position, image.size, place), page)
        for item in found[:MOST_BARCODES]
        if item.text
    )


def _format(item: Any) -> str:
    return str(item.format).rsplit(".", 1)[-1].replace(" ", "")


def _box(found: Any, size: tuple[int, int], place: Box) -> Box:
    """Where the corners that were found stand on the page."""
    corners = (found.top_left, found.top_right, found.bottom_left, found.bottom_right)
    wide, high = place.x1 - place.x0, place.bottom - place.top
    xs = [place.x0 + wide * min(max(corner.x / size[0], 0.0), 1.0) for corner in corners]
    ys = [place.top + high * min(max(corner.y / size[1], 0.0), 1.0) for corner in corners]
    return Box(min(xs), min(ys), max(xs), max(ys))


def imitates_infogreffe(text: str) -> bool:
    """Whether a code leads to a site that calls itself by the registers' name and is not theirs."""
    try:
        host = (urlsplit(text.strip()).hostname or "").lower()
    except ValueError:  # not an address at all
        return False
    return "infogreffe" in host and not _is_theirs(host)


def _is_theirs(host: str) -> bool:
    return host == "infogreffe.fr" or host.endswith(".infogreffe.fr")


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
    if not _is_theirs(host):
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
