"""What a PDF holds beside its pages' text: annotations, form values, fonts, active content."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import pikepdf

from supplier.documents.reading import forensics_values as values
from supplier.documents.reading.forensics_facts import Hint, StructureCode, StructureFinding

#: Nodes of the page tree, pages, annotations of a page and objects that are looked at.
MOST_NODES, MOST_PAGES, MOST_ANNOTATIONS, MOST_OBJECTS = 3_000, 50, 200, 5_000
#: Bytes of a stream that are inflated to look inside.
MOST_STREAM = 300_000
#: Actions that do something besides going to a page or an address.
ACTIVE = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition"}
)
ACTIVE_ANNOTATIONS = frozenset({"/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"})
#: Attachments of an electronic invoice (Factur-X, ZUGFeRD, Order-X): part of the paper.
INVOICE_FILES = re.compile(r"(?:factur-?x|zugferd-invoice|xrechnung|order-x)\.xml$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Annotation:
    """An annotation that paints text or a value over the page.

    `rect` in points of the page; `text` is what it shows, `value` what its field holds.
    """

    page: int
    subtype: str
    rect: tuple[float, float, float, float]
    text: str
    value: str = ""
    opaque: bool = False


def page_nodes(pdf: Any) -> list[Any]:
    """The pages of the tree, walked with a limit: a tree may loop, or branch without end."""
    found: list[Any] = []
    seen = 0
    stack = [pdf.Root.get("/Pages")]
    while stack and len(found) < MOST_PAGES and seen < MOST_NODES:
        node = stack.pop()
        seen += 1
        if not isinstance(node, pikepdf.Dictionary):
            continue
        kids = node.get("/Kids")
        if isinstance(kids, pikepdf.Array) and node.get("/Type") != pikepdf.Name.Page:
            stack.extend(reversed([kids[i] for i in range(min(len(kids), MOST_NODES))]))
        else:
            found.append(node)
    return found


def count_lie(pdf: Any, pages: Sequence[Any]) -> StructureFinding | None:
    """A page tree that announces another number of pages than it holds."""
    announced = pdf.Root.get("/Pages", {}).get("/Count")
    if announced is None or (len(pages) == MOST_PAGES and int(announced) > MOST_PAGES):
        return None
    if int(announced) == len(pages):
        return None
    return StructureFinding(
        StructureCode.PAGE_COUNT_LIE, Hint.NOTE, f"{int(announced)} ≠ {len(pages)}"
    )


def hidden_layers(pdf: Any) -> frozenset[str]:
    """Names of the optional layers that are not displayed."""
    properties = pdf.Root.get("/OCProperties")
    if not isinstance(properties, pikepdf.Dictionary):
        return frozenset()
    default: Any = properties.get("/D", {})
    groups: list[Any] = [default.get("/OFF", [])]
    if default.get("/BaseState") == pikepdf.Name.OFF:
        groups.append(properties.get("/OCGs", []))
    shown = {_name(group) for group in default.get("/ON", [])}
    off = {_name(group) for listed in groups for group in listed}
    return frozenset(off - shown - {""})


def _name(group: Any) -> str:
    return str(group.get("/Name", "")) if isinstance(group, pikepdf.Dictionary) else ""


def painted_annotations(pages: Sequence[Any]) -> Iterator[Annotation]:
    """The annotations that show something of their own on the pages."""
    for number, page in enumerate(pages, 1):
        listed = page.get("/Annots")
        if not isinstance(listed, pikepdf.Array):
            continue
        for index in range(min(len(listed), MOST_ANNOTATIONS)):
            found = _annotation(listed[index], page=number)
            if found is not None:
                yield found


def _annotation(item: Any, *, page: int) -> Annotation | None:
    if not isinstance(item, pikepdf.Dictionary) or int(item.get("/F", 0)) & 0b100010:
        return None  # hidden, or never displayed
    subtype = str(item.get("/Subtype", ""))[1:]
    rect = _rectangle(item.get("/Rect"))
    if rect is None or subtype not in {"FreeText", "Widget", "Stamp", "Square", "Redact"}:
        return None
    drawn = _appearance_text(item)
    contents = str(item.get("/Contents", "")) if subtype != "Widget" else ""
    value = _field_value(item) if subtype == "Widget" else ""
    opaque = item.get("/IC") is not None or b" re" in _appearance(item)[:400]
    return Annotation(page, subtype, rect, drawn or contents or value, value, opaque)


def _rectangle(rect: Any) -> tuple[float, float, float, float] | None:
    if not isinstance(rect, pikepdf.Array) or len(rect) != 4:
        return None
    x0, y0, x1, y1 = (float(value) for value in rect)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _appearance(item: Any) -> bytes:
    stream = item.get("/AP", {}).get("/N")
    if isinstance(stream, pikepdf.Dictionary) and item.get("/AS") is not None:
        stream = stream.get(str(item.get("/AS")))
    if not isinstance(stream, pikepdf.Stream):
        return b""
    return inflated(stream)


def inflated(stream: Any) -> bytes:
    """The content of a stream, unless it is larger than what is looked at."""
    raw = stream.read_raw_bytes()
    filters = str(stream.get("/Filter", ""))
    if len(raw) > MOST_STREAM or filters.count("Decode") > 1:
        return b""
    if "FlateDecode" in filters:
        import zlib

        return zlib.decompressobj().decompress(raw, MOST_STREAM)
    return bytes(raw) if not filters else b""


_STRINGS = re.compile(rb"\(((?:[^()\\]|\\.)*)\)\s*(?:Tj|')|\[((?:[^\]\\]|\\.)*)\]\s*TJ", re.DOTALL)
_PARTS = re.compile(rb"\(((?:[^()\\]|\\.)*)\)|<([0-9A-Fa-f\s]+)>|(-?\d+)", re.DOTALL)


def _appearance_text(item: Any) -> str:
    """The strings that an appearance draws, as far as a simple font tells."""
    drawn = []
    for single, several in _STRINGS.findall(_appearance(item)):
        parts = [single] if single else [part[0] for part in _PARTS.findall(several)]
        drawn.append("".join(_unescaped(part) for part in parts))
    return " ".join(" ".join(drawn).split())


def _unescaped(part: bytes) -> str:
    return re.sub(rb"\\([()\\])", rb"\1", part).decode("cp1252", "replace")


def _field_value(item: Any) -> str:
    """The value of a text or choice field; a button or a signature has none to read."""
    kind, value, node = item.get("/FT"), item.get("/V"), item
    for _ in range(8):
        node = node.get("/Parent")
        if not isinstance(node, pikepdf.Dictionary):
            break
        kind, value = kind or node.get("/FT"), value or node.get("/V")
    if str(kind) not in {"/Tx", "/Ch"} or not isinstance(value, (str, pikepdf.String)):
        return ""
    return str(value)[:1000]


def is_signed(pages: Sequence[Any]) -> bool:
    """Whether a page or the form holds a filled signature field."""
    for page in pages:
        for item in page.get("/Annots", []):
            if isinstance(item, pikepdf.Dictionary) and str(item.get("/FT", "")) == "/Sig":
                return item.get("/V") is not None
    return False


def active(pdf: Any, pages: Sequence[Any]) -> Iterator[StructureFinding]:
    """Scripts, programs to start, forms to send: nothing a supplier paper needs."""
    for place, action in _actions(pdf, pages):
        kind = str(action.get("/S", "")) if isinstance(action, pikepdf.Dictionary) else ""
        address = str(action.get("/URI", "")) if kind == "/URI" else ""
        if kind in ACTIVE or address.strip().lower().startswith(("javascript:", "file:", "data:")):
            detail = (kind[1:] + " " + address).strip()[:200]
            yield StructureFinding(StructureCode.ACTIVE_CONTENT, Hint.DOUBT, detail, place)
    names = pdf.Root.get("/Names", {})
    if isinstance(names, pikepdf.Dictionary) and "/JavaScript" in names:
        yield StructureFinding(StructureCode.ACTIVE_CONTENT, Hint.DOUBT, "JavaScript")
    if "/XFA" in (pdf.Root.get("/AcroForm") or {}):
        yield StructureFinding(StructureCode.ACTIVE_CONTENT, Hint.DOUBT, "XFA")


def _actions(pdf: Any, pages: Sequence[Any]) -> Iterator[tuple[int | None, Any]]:
    yield None, pdf.Root.get("/OpenAction")
    yield from ((None, action) for action in _additional(pdf.Root))
    for number, page in enumerate(pages, 1):
        yield from ((number, action) for action in _additional(page))
        listed = page.get("/Annots")
        if not isinstance(listed, pikepdf.Array):
            continue
        for index in range(min(len(listed), MOST_ANNOTATIONS)):
            item = listed[index]
            if isinstance(item, pikepdf.Dictionary):
                yield number, item.get("/A")
                yield from ((number, action) for action in _additional(item))
                if str(item.get("/Subtype", "")) in ACTIVE_ANNOTATIONS:
                    yield number, pikepdf.Dictionary(S=pikepdf.Name("/Rendition"))


def _additional(owner: Any) -> list[Any]:
    extra = owner.get("/AA")
    return list(extra.values()) if isinstance(extra, pikepdf.Dictionary) else []


def embedded(pdf: Any) -> Iterator[StructureFinding]:
    """Files within the file; those of an electronic invoice are named and weigh nothing."""
    for name in list(pdf.attachments.keys())[:20]:
        severity = Hint.NOTE if INVOICE_FILES.search(name) else Hint.DOUBT
        yield StructureFinding(StructureCode.EMBEDDED_FILE, severity, name[:200])


def external_streams(pdf: Any) -> Iterator[StructureFinding]:
    """Streams whose content lies outside the file."""
    for index in range(min(len(pdf.objects), MOST_OBJECTS)):
        item = pdf.objects[index]
        if isinstance(item, pikepdf.Stream) and "/F" in item:
            yield StructureFinding(StructureCode.EXTERNAL_STREAM, Hint.DOUBT, "/F")
            return


def strong(text: str) -> bool:
    """Whether a piece of text holds a value worth forging."""
    return bool(values.values(text))


_PDF_DATE = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:([+\-Z])(\d\d)?'?(\d\d)?)?")


def instant(text: str) -> datetime | None:
    """A date of the document information, aware; None where it is absent or nonsense."""
    match = _PDF_DATE.match(text)
    if match is None:
        return None
    year, *rest = (int(part) if part else None for part in match.groups()[:6])
    month, day, hour, minute, second = (
        part if part is not None else low for part, low in zip(rest, (1, 1, 0, 0, 0), strict=True)
    )
    shift = timedelta(hours=int(match[8] or 0), minutes=int(match[9] or 0))
    zone = timezone(-shift if match[7] == "-" else shift)
    try:
        return datetime(year or 0, month, day, hour, minute, min(second, 59), tzinfo=zone)
    except ValueError:
        return None
