"""Reads files in the sandbox: what the web application and the command line call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from supplier.adapters import second_ocr
from supplier.adapters.sandbox import MEMORY_BYTES, Pending, Sandbox, SandboxError
from supplier.documents.findings import refusal
from supplier.documents.kinds import ReasonCode
from supplier.documents.reading.result import Reading, ReadRequest, Verdict, as_json, from_json
from supplier.kernel.i18n import N_

PRELOAD = (
    "supplier.documents.reading.reader",
    "supplier.documents.reading.libraries",
)


def reading_sandbox(*, workers: int | None = None) -> Sandbox:
    """A sandbox whose children know how to read papers. The caller closes it.

    A second reader of pictures needs more memory: it is granted only where there is one.
    """
    memory = second_ocr.MEMORY_BYTES if second_ocr.available() else MEMORY_BYTES
    return Sandbox(workers=workers, preload=PRELOAD, memory_bytes=memory)


def read_isolated(
    data: bytes, media_type: str, *, request: ReadRequest, sandbox: Sandbox
) -> Reading:
    """Read one file in a child process. Any way a child dies means "could not be read"."""
    return start_reading(data, media_type, request=request, sandbox=sandbox).answer()


def start_reading(
    data: bytes, media_type: str, *, request: ReadRequest, sandbox: Sandbox
) -> PendingReading:
    """Begin to read one file without waiting for the answer."""
    return PendingReading(sandbox.start(read_as_text, data, media_type, request), request)


@dataclass(frozen=True, slots=True)
class PendingReading:
    """A reading that a child is still at work on."""

    pending: Pending[str]
    request: ReadRequest

    def answer(self) -> Reading:
        """Wait for the reading; a child that died answers "could not be read"."""
        try:
            return from_json(json.loads(self.pending.answer()))
        except SandboxError:
            return could_not_read(self.request)


def read_as_text(data: bytes, media_type: str, request: ReadRequest) -> str:
    """What a child does: read, and answer with plain text."""
    from supplier.documents.reading.reader import read

    return json.dumps(as_json(read(data, media_type, request=request)))


def refused(
    reason: ReasonCode,
    *,
    request: ReadRequest,
    message: str | None = None,
    params: Mapping[str, str] | None = None,
) -> Reading:
    """The answer for a file of which nothing can be read."""
    finding = refusal(reason, message=message, params=params)
    return Reading(request.expected_kind, {}, Verdict.REFUSE, (reason,), (finding,))


def could_not_read(request: ReadRequest) -> Reading:
    """The answer for a file that ended its reader."""
    message = N_(
        "This file could not be read. Print the paper to a new PDF, or scan it, and hand it in "
        "again."
    )
    return refused(ReasonCode.UNREADABLE, request=request, message=message)
