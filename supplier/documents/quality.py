"""How often the machine is wrong, and what follows: its freedom tightens by itself; pure."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

#: The share of such intervals that hold the true rate.
CONFIDENCE = 0.95


class Level(StrEnum):
    """What the machine may do alone with one kind of paper, the freest first."""

    #: It accepts; a share drawn at random is read again by a person.
    SAMPLED = "sampled"
    #: It accepts; a person reads each one again.
    ALL = "all"
    #: It accepts nothing: each paper goes to a person.
    PERSON = "person"

    @property
    def strictness(self) -> int:
        return list(Level).index(self)


@dataclass(frozen=True, slots=True)
class Tally:
    """So many accepted papers were read again by people, and the machine was wrong on some."""

    read: int = 0
    wrong: int = 0

    @property
    def rate(self) -> float | None:
        """The measured share of errors; None while nothing was read again."""
        return self.wrong / self.read if self.read else None

    @property
    def interval(self) -> tuple[float, float]:
        """Between which shares the true rate lies, with `CONFIDENCE`; (0, 1) when nothing was read.

        Wilson's score interval (E. B. Wilson, JASA 22, 1927): unlike the textbook one it holds
        for few papers and for no error at all (Brown, Cai and DasGupta, 2001).
        """
        if not self.read:
            return 0.0, 1.0
        z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
        n, share = self.read, self.wrong / self.read
        middle = share + z * z / (2 * n)
        reach = z * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
        scale = 1 + z * z / n
        low, high = (middle - reach) / scale, (middle + reach) / scale
        # Exact at the ends, where rounding leaves a trace.
        return (0.0 if not self.wrong else low), (1.0 if self.wrong == n else high)


def tightened(level: Level, tally: Tally, *, target: float) -> Level:
    """The level after this tally: one step stricter once the rate is certainly over the target.

    Certainly: even the lower end of its interval lies above. Never freer: that is a person's act.
    """
    low, _ = tally.interval
    if low <= target or level is Level.PERSON:
        return level
    return Level.ALL if level is Level.SAMPLED else Level.PERSON


def is_sampled(document_id: uuid.UUID, rate: float) -> bool:
    """Whether a person reads this machine decision again: the same answer on every machine."""
    drawn = int.from_bytes(hashlib.sha256(document_id.bytes).digest()[:8], "big")
    return drawn < rate * 2**64
