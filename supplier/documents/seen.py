"""Which state of a paper somebody saw, so that nobody undoes or decides over another's work."""

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
    """The version of what people correct and decide by.

    Kind, what it answers, days, each value; its state and reasons, what was found on it, whether
    it was contested and what the issuer answered.
    """
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
    found = [(one.code, one.severity.value) for one in kept.reading.findings] if kept else []
    said = (
        document.kind, document.expected_kind, document.issued_on, document.valid_until, values,
        document.state, document.reasons, found, document.contested_at is not None,
        document.authenticity,
    )  # fmt: skip
    return _Mark(keyring().index(repr(said), purpose="paper-seen"))
