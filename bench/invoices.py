"""Our reader beside invoice2data on the same invoices, in the same run.

    python -m bench.reading --invoices      (pip install -e .[bench])

invoice2data reads by a template of regular expressions for each issuer. Two columns are told: its
own 215 templates, as installed; and one template written for these very invoices, which no program
has for an issuer that it never saw. Ours gets the supplier's name and number, as in use.
"""

from __future__ import annotations

import json
import logging
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from supplier.demo import dossiers
from supplier.demo.group import BUYERS
from supplier.demo.papers.facturx import draw_facturx
from supplier.demo.papers.sales import draw_invoice
from supplier.demo.suppliers.directory import SUPPLIERS
from supplier.documents.kinds import DocumentKind
from supplier.documents.reading.isolated import read_isolated, reading_sandbox
from supplier.documents.reading.result import ReadRequest

TODAY = date(2026, 11, 23)
#: Our fields by theirs.
COMPARED = {
    "number": "invoice_number", "issued_on": "date", "total_gross": "amount",
    "seller_siren": "siren", "iban": "iban", "seller_vat": "vat",
}  # fmt: skip
TEMPLATE = """
issuer: These invoices
keywords:
  - FACTURE
  - Total TTC
fields:
  invoice_number: N°\\s+([A-Z]{1,3}[A-Z0-9-]*\\d[\\w-]*)
  date: Date\\s?:\\s+(\\d{2}/\\d{2}/\\d{4})
  amount: Total\\s+TTC\\s?:\\s+([\\d\\s\\u202f\\u00a0]+,\\d{2})
  siren: SIREN\\s+(\\d{3}\\s?\\d{3}\\s?\\d{3})
  vat: N°\\s+TVA\\s+([A-Z]{2}[0-9A-Z]+)
  iban: IBAN\\s+([A-Z]{2}\\d{2}(?:\\s?[0-9A-Z]{1,4})+?)\\s+–
options:
  currency: EUR
  date_formats:
    - "%d/%m/%Y"
  decimal_separator: ","
"""


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice with its truth; `source` is native, scan or photo."""

    path: Path
    source: str
    truth: Mapping[str, Any]
    supplier: tuple[str | None, str | None]


@dataclass(slots=True)
class Score:
    """How one reader did."""

    right: int = 0
    wrong: int = 0
    absent: int = 0
    seconds: list[float] = field(default_factory=list)

    def count(self, found: Mapping[str, str], truth: Mapping[str, Any]) -> None:
        for name in COMPARED:
            if name not in truth:
                continue
            self.right += found.get(name) == truth[name]
            self.absent += name not in found
            self.wrong += name in found and found[name] != truth[name]


def invoices(corpus: Path, folder: Path) -> list[Invoice]:
    """The invoices of the corpus, and twenty drawn for the fictional group into `folder`."""
    with (corpus / "truth.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    found = [
        Invoice(corpus / row["file"], row["source"], row["fields"],
                (row["supplier"]["siren"], row["supplier"]["name"]))
        for row in rows if row["kind"] == "invoice"
    ]  # fmt: skip
    for number, facts in enumerate(SUPPLIERS[:20]):
        bill = dossiers.invoice(
            facts, BUYERS[number % len(BUYERS)], number=f"F2026-{1100 + 37 * number}",
            issued_on=date(2026, 10, 1 + number), title="Travaux selon commande",
            net=Decimal(940 + 1377 * number),
        )  # fmt: skip
        draw = draw_facturx if number % 4 == 0 else draw_invoice
        path = folder / f"drawn-{number:02d}.pdf"
        path.write_bytes(draw(bill))
        found.append(Invoice(path, "native", bill.fields, (bill.seller.siren, bill.seller.name)))
    return found


def compare(corpus: Path) -> None:
    """Read the invoices with ours and with invoice2data, and tell who read what."""
    logging.getLogger("invoice2data").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as name, reading_sandbox(workers=1) as sandbox:
        folder = Path(name)
        papers = invoices(corpus, folder)
        (folder / "templates").mkdir()
        (folder / "templates" / "these.yml").write_text(TEMPLATE, encoding="utf-8")
        readers = {
            "ours": partial(_ours, sandbox=sandbox),
            "invoice2data, as installed": partial(_theirs, templates=_templates(None)),
            "invoice2data, template for these": partial(
                _theirs, templates=_templates(folder / "templates")
            ),
        }
        _ours(papers[0], sandbox=sandbox)  # loads the libraries of the child
        scores = {(reader, source): Score() for reader in readers for source in _sources(papers)}
        for paper in papers:
            for reader, read in readers.items():
                score = scores[reader, paper.source]
                started = time.perf_counter()
                found = read(paper)
                score.seconds.append(time.perf_counter() - started)
                score.count(found, paper.truth)
    for (reader, source), score in scores.items():
        asked = score.right + score.wrong + score.absent
        print(f"{source:7} {len(score.seconds):3} invoices  {reader:34} right "
              f"{score.right / asked:6.1%}  wrong {score.wrong}  not read {score.absent}  "
              f"median {statistics.median(score.seconds) * 1000:.0f} ms")  # fmt: skip


def _sources(papers: Sequence[Invoice]) -> list[str]:
    return sorted({paper.source for paper in papers})


def _ours(paper: Invoice, *, sandbox: Any) -> dict[str, str]:
    media_type = "application/pdf" if paper.path.suffix == ".pdf" else "image/jpeg"
    request = ReadRequest(TODAY, *paper.supplier, DocumentKind.INVOICE)
    reading = read_isolated(paper.path.read_bytes(), media_type, request=request, sandbox=sandbox)
    return {name: text for name in COMPARED if (text := reading.text(name)) is not None}


def _templates(folder: Path | None) -> list[Any]:
    from invoice2data.extract.loader import read_templates

    return list(read_templates(str(folder)) if folder else read_templates())


def _theirs(paper: Invoice, *, templates: list[Any]) -> dict[str, str]:
    from invoice2data import extract_data

    try:
        # Under a name of its own: the text of a file that it knows is not read a second time.
        with tempfile.NamedTemporaryFile(suffix=paper.path.suffix) as copy:
            copy.write(paper.path.read_bytes())
            copy.flush()
            found = extract_data(copy.name, templates=templates)
    except Exception as error:  # a comparison goes on whatever the other one does
        print(f"invoice2data on {paper.path.name}: {type(error).__name__}")
        return {}
    first = {name: one[0] if isinstance(one, list) else one for name, one in found.items()}
    said = {ours: first[theirs] for ours, theirs in COMPARED.items() if first.get(theirs)}
    return {name: _plain(name, value) for name, value in said.items()}


def _plain(name: str, value: Any) -> str:
    """Their value as ours is written."""
    if name == "issued_on":
        return str(value.date().isoformat() if hasattr(value, "date") else value)
    if name == "total_gross":
        return f"{float(value):.2f}"
    return str(value) if name == "number" else "".join(str(value).split())
