"""Measures the reader on papers with known contents: verdicts, fields, speed and memory.

python -m bench.reading                     all figures on tests/corpus
python -m bench.reading --check             exit 1 where a figure falls under its threshold
python -m bench.reading --speed             against pdfplumber's and PDFium's bare text
python -m bench.reading --invoices          against invoice2data (pip install -e .[bench])
python -m bench.reading --corpus FOLDER     another folder with a truth.jsonl
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from bench import invoices
from supplier.cli.read import Ask, answers
from supplier.documents import quality
from supplier.documents.kinds import DocumentKind
from supplier.documents.reading.isolated import read_isolated, reading_sandbox
from supplier.documents.reading.result import ReadRequest

HERE = Path(__file__).resolve().parent.parent
CORPUS = HERE / "tests" / "corpus"
THRESHOLDS = CORPUS / "thresholds.json"
_SUSPICION = frozenset({"tampered", "signature_broken"})


@dataclass(slots=True)
class Tally:
    """Counts for one kind of source."""

    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    right_kinds: int = 0
    right_reasons: int = 0
    papers: int = 0
    fields_right: int = 0
    fields_asked: int = 0
    fields_boxed: int = 0
    fields_read: int = 0
    #: Papers that nobody touched and that were suspected all the same.
    suspected: int = 0
    seconds: list[float] = field(default_factory=list)

    @property
    def straight_through(self) -> float:
        """Share of the papers to be accepted that were accepted without a person."""
        wanted = sum(n for (want, _), n in self.verdicts.items() if want == "accept")
        return self.verdicts["accept", "accept"] / wanted if wanted else 1.0

    @property
    def false_accepts(self) -> int:
        return sum(n for (want, got), n in self.verdicts.items()
                   if got == "accept" and want != "accept")  # fmt: skip

    @property
    def false_alarms(self) -> int:
        """Papers to be accepted that were refused outright."""
        return self.verdicts["accept", "refuse"]

    @property
    def field_accuracy(self) -> float:
        return self.fields_right / self.fields_asked if self.fields_asked else 1.0


@dataclass(slots=True)
class Report:
    """All counts, and what went wrong paper by paper."""

    by_source: dict[str, Tally] = field(default_factory=dict)
    by_kind: dict[tuple[str, str], Tally] = field(default_factory=dict)
    #: Kind, field, what it is, what was read.
    values: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    by_field: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def rows_of(corpus: Path) -> list[dict[str, Any]]:
    with (corpus / "truth.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def measure(corpus: Path, *, sources: Iterable[str] = ()) -> Report:
    """Read every paper of a corpus in the sandbox and compare with its truth."""
    wanted = set(sources)
    rows = [row for row in rows_of(corpus) if not wanted or row["source"] in wanted]
    report = Report()
    for row, answer in zip(rows, answers(_asks(corpus, rows)), strict=True):
        _compare(report, row, answer)
    return report


def _asks(corpus: Path, rows: Sequence[dict[str, Any]]) -> Iterator[Ask]:
    for row in rows:
        kind = row["expected_kind"]
        request = ReadRequest(
            date.fromisoformat(row["today"]),
            row["supplier"]["siren"],
            row["supplier"]["name"],
            DocumentKind(kind) if kind else None,
        )
        yield Ask(str(corpus / row["file"]), request)


def _compare(report: Report, row: dict[str, Any], answer: dict[str, Any]) -> None:
    tallies = (
        report.by_source.setdefault(row["source"], Tally()),
        report.by_kind.setdefault((row["kind"], row["source"]), Tally()),
    )
    for tally in tallies:
        _count(tally, row, answer)
    report.kinds[row["kind"], str(answer["kind"])] += 1
    wrong = _compare_fields(report, tallies, row, answer["fields"])
    if wrong or (row["verdict"], sorted(row["reasons"])) != (
        answer["verdict"], sorted(answer["reasons"]),
    ):  # fmt: skip
        report.faults.append(
            f"{row['file']}: {answer['verdict']} {answer['reasons']}, should be "
            f"{row['verdict']} {row['reasons']}; fields {', '.join(wrong) or 'right'}"
        )


def _count(tally: Tally, row: dict[str, Any], answer: dict[str, Any]) -> None:
    tally.papers += 1
    tally.seconds.append(answer["seconds"])
    tally.verdicts[row["verdict"], answer["verdict"]] += 1
    tally.right_kinds += answer["kind"] == row["kind"]
    tally.right_reasons += set(answer["reasons"]) == set(row["reasons"])
    tally.suspected += bool(_SUSPICION & set(answer["reasons"]) - set(row["reasons"]))


def _compare_fields(
    report: Report, tallies: Sequence[Tally], row: dict[str, Any], found: dict[str, Any]
) -> list[str]:
    wrong = []
    for name in sorted(set(found) | set(row["fields"])):
        want, got = row["fields"].get(name), _plain(found.get(name))
        right = want == got
        count = report.by_field.setdefault((row["source"], row["kind"], name), [0, 0])
        count[0] += right
        count[1] += 1
        for tally in tallies:
            tally.fields_right += right
            tally.fields_asked += 1
        if not right:
            wrong.append(name)
            report.values[row["kind"], name, _short(want), _short(got)] += 1
    for value in found.values():
        values = value if isinstance(value, list) else [value]
        for tally in tallies:
            tally.fields_read += len(values)
            tally.fields_boxed += sum(item["box"] is not None for item in values)
    return wrong


def _short(value: Any) -> str:
    """A value in a line; what was not read, or is not there, is a dash."""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list) else str(value)
    return "–" if value is None else text[:60]


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [item["value"] for item in value]
    return value["value"] if value else None


def show(report: Report) -> None:
    for source, tally in sorted(report.by_source.items()):
        _line(source, tally)
    _certainty(report.by_source.values())
    print("\nBy kind and source:")
    for (kind, source), tally in sorted(report.by_kind.items()):
        _line(f"  {kind} {source}", tally)
    print("\nFields not always right (source, kind, field):")
    for key, (right, asked) in sorted(report.by_field.items()):
        if right < asked:
            print(f"  {' '.join(key):60} {right}/{asked}")
    print("\nKinds confused:")
    for (want, got), count in sorted(report.kinds.items()):
        if want != got:
            print(f"  {want} read as {got}: {count}")
    print("\nVerdicts confused:")
    verdicts = sum((tally.verdicts for tally in report.by_source.values()), Counter())
    for (want, got), count in sorted(verdicts.items()):
        if want != got:
            print(f"  {want} judged {got}: {count}")
    print("\nValues confused (kind, field: what it is → what was read):")
    for (kind, name, want, got), count in report.values.most_common():
        print(f"  {kind} {name}: {want} → {got}" + (f"  × {count}" if count > 1 else ""))
    print("\nPapers not wholly right:")
    for fault in report.faults:
        print(f"  {fault}")


def _line(name: str, tally: Tally) -> None:
    print(
        f"{name:34} {tally.papers:4} papers  straight through {tally.straight_through:6.1%}  "
        f"false accepts {tally.false_accepts}  false alarms {tally.false_alarms}  suspected "
        f"wrongly {tally.suspected}  kinds {tally.right_kinds / tally.papers:6.1%}  reasons "
        f"{tally.right_reasons / tally.papers:6.1%}  fields {tally.field_accuracy:6.1%}  boxed "
        f"{tally.fields_boxed}/{tally.fields_read}  median "
        f"{statistics.median(tally.seconds) * 1000:.0f} ms"
    )


def _certainty(tallies: Iterable[Tally]) -> None:
    """How far the counts of errors can be trusted: their intervals."""
    every = list(tallies)
    genuine = sum(n for tally in every for (want, _), n in tally.verdicts.items()
                  if want == "accept")  # fmt: skip
    papers = sum(tally.papers for tally in every)
    accepts = quality.Tally(papers - genuine, sum(tally.false_accepts for tally in every))
    alarms = quality.Tally(genuine, sum(tally.false_alarms for tally in every))
    for words, one in (("false accepts", accepts), ("false alarms", alarms)):
        low, high = one.interval
        print(f"{words}: {one.wrong} of {one.read}, true rate between {low:.1%} and {high:.1%} "
              f"({quality.CONFIDENCE:.0%} confidence)")  # fmt: skip


def shortfalls(report: Report, thresholds: dict[str, Any]) -> list[str]:
    """What fell under its threshold. Thresholds only ever rise."""
    found = []
    for source, least in thresholds.items():
        tally = report.by_source[source]
        if tally.false_accepts > least["false_accepts"]:
            found.append(f"{source}: {tally.false_accepts} false accepts")
        found.extend(
            f"{source}: {name} {getattr(tally, name):.4f} < {least[name]}"
            for name in ("straight_through", "field_accuracy")
            if getattr(tally, name) < least[name]
        )
    return found


def speed(corpus: Path) -> None:
    """Medians on the native papers, all in the same run, one child."""
    files = [
        corpus / row["file"] for row in rows_of(corpus)
        if row["source"] == "native" and "password" not in row["layout"]
        and "outlines" not in row["layout"] and "no_unicode" not in row["layout"]
    ]  # fmt: skip
    request = ReadRequest(date(2026, 11, 23), "000000000", "X")
    times: dict[str, list[float]] = {"ours": [], "pdfplumber": [], "pdfium": []}
    with reading_sandbox(workers=1) as sandbox:
        warm = files[0].read_bytes()
        read_isolated(warm, "application/pdf", request=request, sandbox=sandbox)
        for path in files:
            data = path.read_bytes()
            ours = partial(read_isolated, request=request, sandbox=sandbox)
            times["ours"].append(_timed(partial(ours, data, "application/pdf")))
            times["pdfplumber"].append(_timed(partial(_plumber, data)))
            times["pdfium"].append(_timed(partial(_pdfium, data)))
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, value in medians.items():
        print(f"{name:11} {value * 1000:7.1f} ms  {value / medians['pdfplumber']:.2f} x pdfplumber")
    _memory(files, request)


def _memory(files: Sequence[Path], request: ReadRequest) -> None:
    """Resident memory of the parent before and after many papers, and of its largest child."""

    def resident() -> int:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * 4096 // 1024

    asks = (Ask(str(files[index % len(files)]), request) for index in range(1000))
    started, count, after_hundred = time.perf_counter(), 0, 0
    for _ in answers(asks):
        count += 1
        if count == 100:
            after_hundred = resident()
    seconds = time.perf_counter() - started
    print(f"{count} papers in {seconds:.1f} s: {count / seconds:.0f} a second; parent "
          f"{after_hundred} kB after 100, {resident()} kB after {count}; largest child "
          f"{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss} kB")  # fmt: skip


def _timed(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _plumber(data: bytes) -> None:
    import pdfplumber

    with pdfplumber.open(io.BytesIO(data)) as document:
        for page in document.pages:
            page.extract_text()


def _pdfium(data: bytes) -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    for page in document:
        page.get_textpage().get_text_range()
    document.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--invoices", action="store_true")
    options = parser.parse_args()
    if options.speed:
        speed(options.corpus)
        return 0
    if options.invoices:
        invoices.compare(options.corpus)
        return 0
    report = measure(options.corpus)
    show(report)
    if not options.check:
        return 0
    faults = shortfalls(report, json.loads(THRESHOLDS.read_text(encoding="utf-8")))
    for fault in faults:
        print("UNDER THRESHOLD", fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
