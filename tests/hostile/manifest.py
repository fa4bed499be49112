"""What each hostile file must come to (`tests/attack/MANIFEST.jsonl`), in outcomes with names.

A row says it in letters: A taken in as it is, R refused, B bounded (A or R, never stuck), F flagged
and shown to people, S safe when served; "R or …" leaves both. "as FILE" means the row of that file.
"""

from __future__ import annotations

import json
import re
from enum import StrEnum
from pathlib import Path
from typing import Any

ATTACK = Path(__file__).parents[1] / "attack"


class Outcome(StrEnum):
    #: Refused at the door from the bytes alone: nothing is kept, the journal says so.
    TURNED_AWAY = "turned_away"
    #: Taken in, then refused with a reason.
    REFUSED = "refused"
    #: Taken in, and shown to a person.
    PERSON = "person"
    #: Taken in and read without any doubt.
    ACCEPTED = "accepted"


GONE = frozenset({Outcome.TURNED_AWAY, Outcome.REFUSED})
KEPT = frozenset({Outcome.REFUSED, Outcome.PERSON, Outcome.ACCEPTED})
#: In which state a paper counts as what.
STATES = {
    "refused": Outcome.REFUSED, "in_review": Outcome.PERSON, "unreadable": Outcome.PERSON,
    "accepted": Outcome.ACCEPTED, "superseded": Outcome.ACCEPTED,
}  # fmt: skip


def rows() -> list[dict[str, Any]]:
    text = (ATTACK / "MANIFEST.jsonl").read_text("ascii")
    return [json.loads(line) for line in text.splitlines()]


ROWS: dict[str, dict[str, Any]] = {row["file"]: row for row in rows()}


def allowed(name: str) -> frozenset[Outcome]:
    """The outcomes that a file may come to. Raises LookupError for a row that says none."""
    expected = ROWS[name]["expect"]
    if expected.startswith("as "):
        folder = name.split("/", maxsplit=1)[0]
        [other] = [one for one in ROWS if one.startswith(f"{folder}/{expected[3:]}.")]
        return allowed(other)
    letters = re.match(r"(A|B|F|R|S)\b(?: or (A|B|F|R|S)\b)?", expected)
    if letters is None:
        raise LookupError(expected)
    found: set[Outcome] = set()
    for letter in letters.groups():
        found |= {"A": KEPT, "R": GONE, "B": KEPT | GONE, "F": KEPT - {Outcome.ACCEPTED},
                  "S": KEPT, None: frozenset()}[letter]  # fmt: skip
    # "R or parsed without resolving", "R or stored as PNG": taken in as well.
    if letters[1] == "R" and re.search(r"\bor\b", expected) and letters[2] is None:
        found |= KEPT
    return frozenset(found)
