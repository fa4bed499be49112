"""Which state of a paper somebody saw, so that nobody undoes another's correction."""

from __future__ import annotations

from dataclasses import dataclass

from supplier.documents.kept_reading import find_kept
from supplier.documents.models import Document
from supplier.kernel.crypto import keyring
from supplier.kernel.versions import check_seen, version_of


@dataclass(frozen=True, slots=True)
class _Mark:
    """A keyed digest: the version stands on pages, and what is covered there must not follow."""

    mark: str


def paper_version(document: Document) -> str:
    """The version of what people may correct: kind, what it answers, days, each value."""
    return version_of(_mark(document), ("mark",))


def check_paper(document: Document, seen: str | None) -> None:
    """Raises StaleError unless the paper still says what was seen; None: nothing was shown."""
    check_seen(_mark(document), ("mark",), seen)


def _mark(document: Document) -> _Mark:
    kept = find_kept(document)
    values = {
        name: [value.text for value in kept.reading.items(name)]
        for name in sorted(kept.reading.fields)
    } if kept else {}  # fmt: skip
    said = document.kind, document.expected_kind, document.issued_on, document.valid_until, values
    return _Mark(keyring().index(repr(said), purpose="paper-seen"))
