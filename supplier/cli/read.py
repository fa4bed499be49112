"""`supplier read`: read and judge files from the command line, one JSON object a line."""

from __future__ import annotations

import io
import json
import re
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO

import click

from supplier.adapters.intake import RefusedFileError, sniff
from supplier.adapters.sandbox import Sandbox
from supplier.documents.kinds import KINDS, REASON_TEXTS, DocumentKind, ReasonCode
from supplier.documents.reading.isolated import (
    PendingReading,
    reading_sandbox,
    refused,
    start_reading,
)
from supplier.documents.reading.result import Reading, ReadRequest, as_json
from supplier.kernel.clock import SystemClock, legal_day

#: Larger files are refused at the portal; here too, so that memory stays flat.
MAX_BYTES = 20 * 1024 * 1024
#: Refusals at the door that speak of a spoilt or too long paper rather than of no paper.
_SPOILT = {
    **dict.fromkeys(["empty", "too_large", "too_many_pixels", "cut_off", "damaged"],
                    ReasonCode.UNREADABLE),
    "too_many_pages": ReasonCode.TOO_MANY_PAGES,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ask:
    """One file to read, or the reason why it can't be asked."""

    file: str
    request: ReadRequest | None
    error: str | None = None
    path: Path | None = None


@click.command("read")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--supplier", "siren", help="SIREN of the supplier that hands the files in.")
@click.option("--name", help="Name of that supplier.")
@click.option("--expect", type=click.Choice([kind.value for kind in DocumentKind]),
              help="The kind of paper that was asked for.")  # fmt: skip
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The legal day (default: now).")
@click.option("--from", "source", type=click.File("r", encoding="utf-8"),
              help="Requests, one JSON object a line: file, supplier, expected_kind, today.",
              )  # fmt: skip
@click.option("--json", "as_lines", is_flag=True, help="One JSON object a line.")
@click.option("--workers", type=click.IntRange(1, 64), help="Child processes (default: cores).")
def read_command(  # noqa: PLR0917 - one parameter an option
    files: tuple[Path, ...],
    siren: str | None,
    name: str | None,
    expect: str | None,
    today: datetime | None,
    source: TextIO | None,
    as_lines: bool,
    workers: int | None,
) -> None:
    """Read and judge papers. Exit status 0 when every file was answered."""
    day = today.date() if today else legal_day(SystemClock().now())
    request = ReadRequest(day, siren, name, DocumentKind(expect) if expect else None)
    if source is None and not files:
        raise click.UsageError("Name at least one file, or give --from.")
    asks = _asked_in(source, day) if source else (Ask(str(path), request) for path in files)
    failed = 0
    with _progress(len(files) or None, hidden=as_lines) as bar:
        for answer in answers(asks, workers=workers):
            failed += "error" in answer
            _show(answer, as_line=as_lines)
            bar.update(1)
    raise SystemExit(1 if failed else 0)


def answers(asks: Iterable[Ask], *, workers: int | None = None) -> Iterator[dict[str, Any]]:
    """The answer to each request, in order; few files are in flight, whatever their number."""
    waiting: deque[tuple[Ask, PendingReading | Reading | str]] = deque()
    with reading_sandbox(workers=workers) as sandbox:
        for ask in asks:
            waiting.append((ask, _started(ask, sandbox)))
            if len(waiting) >= sandbox.ahead:
                yield _answer(*waiting.popleft())
        while waiting:
            yield _answer(*waiting.popleft())


def _started(ask: Ask, sandbox: Sandbox) -> PendingReading | Reading | str:
    """A reading under way, the refusal of a file that is none, or what is wrong with the asking."""
    if ask.request is None:
        return ask.error or "This request cannot be understood."
    try:
        path = ask.path or Path(ask.file)
        if path.stat().st_size > MAX_BYTES:
            return refused(ReasonCode.UNREADABLE, request=ask.request)
        data = path.read_bytes()
    except OSError as error:
        return f"The file cannot be opened: {error.strerror or type(error).__name__}."
    try:
        media_type = sniff(data, path.name)
    except RefusedFileError as error:
        reason = _SPOILT.get(error.code, ReasonCode.NOT_A_DOCUMENT)
        params = {name: str(value) for name, value in error.params.items()}
        return refused(reason, request=ask.request, message=error.message, params=params)
    return start_reading(data, media_type.value, request=ask.request, sandbox=sandbox)


def _answer(ask: Ask, state: PendingReading | Reading | str) -> dict[str, Any]:
    if isinstance(state, str):
        return {"file": ask.file, "error": state}
    reading = state.answer() if isinstance(state, PendingReading) else state
    return {"file": ask.file, **as_json(reading)}


def _asked_in(source: TextIO, day: date) -> Iterator[Ask]:
    """The requests of a JSONL file.

    Paths are relative to where the command runs; what is not there is sought beside the requests.
    """
    beside = Path(source.name).parent if isinstance(source.name, str) else Path()
    for number, line in enumerate(source, 1):
        if not line.strip():
            continue
        try:
            ask = _asked(json.loads(line), day)
            here, there = Path(ask.file), beside / ask.file
            yield replace(ask, path=there if there.exists() and not here.exists() else here)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            said = f"Line {number} is not a request: {type(error).__name__}: {error}"
            yield Ask(_file_of(line), None, said[:300])


def _asked(data: dict[str, Any], day: date) -> Ask:
    supplier = data.get("supplier") or {}
    siren, name, kind = supplier.get("siren"), supplier.get("name"), data.get("expected_kind")
    today = data.get("today")
    request = ReadRequest(
        date.fromisoformat(today) if today else day,
        re.sub(r"\s", "", siren) if siren else None,
        str(name) if name else None,
        DocumentKind(kind) if kind else None,
    )
    return Ask(str(data["file"]), request)


def _file_of(line: str) -> str:
    try:
        return str(json.loads(line)["file"])
    except (ValueError, KeyError, TypeError):
        return ""


def _progress(length: int | None, *, hidden: bool) -> Any:
    """A bar on the terminal, on the error stream so that the answers stay clean."""
    shown = not hidden and sys.stderr.isatty()
    stream = sys.stderr if shown else io.StringIO()
    return click.progressbar(length=length or 0, file=stream, label="Reading")


def _show(answer: dict[str, Any], *, as_line: bool) -> None:
    if as_line:
        click.echo(json.dumps(answer, ensure_ascii=False))
        sys.stdout.flush()
        return
    if "error" in answer:
        click.echo(f"{answer['file']}: {answer['error']}")
        return
    kind = DocumentKind(answer["kind"]) if answer["kind"] else None
    label = KINDS[kind].label if kind else "?"
    click.echo(f"{answer['file']}: {answer['verdict']}, {label}")
    for reason in answer["reasons"]:
        click.echo(f"    {reason}: {REASON_TEXTS[ReasonCode(reason)]}")


if __name__ == "__main__":
    read_command()
