"""Papers drawn for the tests: clean, scanned askew, photographed on a table."""

from __future__ import annotations

import io
from collections.abc import Sequence

import cv2
import numpy as np
import pypdfium2
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

LINES = (
    "ATTESTATION DE RÉGULARITÉ FISCALE",
    "Numéro de délivrance : 5600918",
    "La société désignée ci-dessous :",
    "THERMO-ISOL FAÇADES",
    "230 avenue Jean-Jaurès, 69007 LYON",
    "SIREN : 824 595 714",
    "est en règle au regard de ses obligations fiscales.",
    "Date de délivrance : le 18/09/2026",
    "IBAN : FR14 2004 1010 0505 0001 3M02 606",
    "Le comptable public certifie l'exactitude des mentions ci-dessus.",
)


def pdf(lines: Sequence[str] = LINES) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=True)
    canvas.setFont("Helvetica", 12)
    for number, line in enumerate(lines):
        canvas.drawString(70, 760 - 28 * number, line)
    canvas.save()
    return buffer.getvalue()


def page(lines: Sequence[str] = LINES, *, dpi: int = 200) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf(lines))
    return document[0].render(scale=dpi / 72, grayscale=True).to_pil()


def skewed(picture: Image.Image, *, degrees: float) -> Image.Image:
    return picture.rotate(degrees, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=250)


def photo(picture: Image.Image) -> Image.Image:
    """The page on a dark table, seen a little from the side, half of it in the shade."""
    paper = np.asarray(picture.resize((1240, 1754)), np.float32) * 0.9
    canvas = np.full((2000, 1500), 55, np.float32)
    corners = np.array([[0, 0], [1240, 0], [1240, 1754], [0, 1754]], np.float32)
    target = np.array([[110, 90], [1390, 130], [1425, 1900], [70, 1860]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    seen = cv2.warpPerspective(paper, matrix, (1500, 2000), borderValue=(-1,))
    seen = np.where(seen < 0, canvas, seen)
    shade = np.linspace(1.0, 0.45, 1500, dtype=np.float32)[None, :]
    noise = np.random.default_rng(7).normal(0, 2.5, seen.shape)
    return Image.fromarray(np.clip(seen * shade + noise, 0, 255).astype(np.uint8)).convert("RGB")


def blurred(picture: Image.Image, *, sigma: float) -> Image.Image:
    return Image.fromarray(cv2.GaussianBlur(np.asarray(picture), (0, 0), sigma))


def encoded(picture: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)  # type: ignore[arg-type]
    return buffer.getvalue()
