"""The states of a paper and which may follow which; pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from supplier.documents.kinds import ReasonCode


class State(StrEnum):
    """Where a paper stands on its journey. What the passing of time decides is never a state."""

    RECEIVED = "received"
    HELD = "held"
    READ = "read"
    UNREADABLE = "unreadable"
    IN_REVIEW = "in_review"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    ERASED = "erased"


class Origin(StrEnum):
    """How a paper came to us."""

    UPLOAD = "upload"
    STATEMENT = "statement"
    STAFF = "staff"
    DEMO = "demo"


class Outcome(StrEnum):
    """What a decision says."""

    ACCEPT = "accept"
    REFUSE = "refuse"


class IssuerAnswer(StrEnum):
    """What the issuer answered when a person asked whether a paper is authentic."""

    CONFIRMED = "confirmed"
    FAILED = "failed"
    UNAVAILABLE = "unavailable"


class Reread(StrEnum):
    """What came of a second reading of an accepted paper."""

    AGREES = "agrees"
    DIFFERS = "differs"
    MACHINE_WRONG = "machine_wrong"
    READER_SLIP = "reader_slip"


#: A difference is settled once, for the machine or against it.
SETTLING: Mapping[str, Collection[str]] = {
    Reread.DIFFERS: {Reread.MACHINE_WRONG, Reread.READER_SLIP},
}

_S = State
#: From each state, the states that may follow.
ALLOWED: Mapping[str, Collection[str]] = {
    _S.RECEIVED: {_S.HELD, _S.READ, _S.UNREADABLE, _S.WITHDRAWN},
    _S.HELD: {_S.RECEIVED, _S.REFUSED, _S.WITHDRAWN},
    # A file of several papers is superseded by them; a paper goes on to its verdict.
    _S.READ: {_S.IN_REVIEW, _S.ACCEPTED, _S.REFUSED, _S.SUPERSEDED},
    _S.UNREADABLE: {_S.IN_REVIEW, _S.ACCEPTED, _S.REFUSED, _S.WITHDRAWN, _S.SUPERSEDED},
    _S.IN_REVIEW: {_S.ACCEPTED, _S.REFUSED, _S.WITHDRAWN},
    _S.ACCEPTED: {_S.IN_REVIEW},
    _S.REFUSED: {_S.IN_REVIEW, _S.WITHDRAWN, _S.SUPERSEDED},
    # Handed in again after it was withdrawn: the same paper starts anew.
    _S.WITHDRAWN: {_S.RECEIVED},
}

#: Nothing has been said of the paper yet.
WAITING = frozenset({_S.RECEIVED, _S.HELD, _S.READ})
#: The supplier may take it back.
WITHDRAWABLE = frozenset({_S.RECEIVED, _S.HELD, _S.UNREADABLE, _S.IN_REVIEW, _S.REFUSED})
#: The supplier may contest what was said.
CONTESTABLE = frozenset({_S.UNREADABLE, _S.REFUSED})
#: A person may decide.
DECIDABLE = frozenset({_S.UNREADABLE, _S.IN_REVIEW})

#: The machine's refusal for one of these is always shown to a person as well.
ALWAYS_SHOWN = frozenset({ReasonCode.TAMPERED, ReasonCode.SIGNATURE_BROKEN})


def is_visible(reasons: Collection[str]) -> bool:
    """Whether a person could see more than the machine: not behind a password."""
    return ReasonCode.ENCRYPTED.value not in reasons
