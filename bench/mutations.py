"""Hands thousands of damaged papers to the reader: each must be answered, and nothing may hang.

    python -m bench.mutations [--count 10000] [--seed 20261124] [--workers 1] [--json]
    python -m bench.mutations --hostile FOLDER

Without `--hostile`: every paper of tests/corpus in turn is damaged in one of nine ways, decided by
the seed and the number alone, sniffed as at intake, then read and drawn in the limited children.
Told: how each was answered, how long the slowest took, and how much memory this process gained.
Exit status 1 when one had no answer, took longer than the limit, or a child could not go on.

`--hostile`: forty honest papers are read alone, then again while twenty hostile files of FOLDER are
read at the same time. Told: the medians of both, and their ratio; then how long one honest paper
waits for its verdict when another supplier's twenty hostile files stand in the queue before it, one
worker and one child reading: by the turns of the queue, and in plain order of arrival.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from supplier.adapters.intake import RefusedFileError, sniff
from supplier.adapters.queue import turn
from supplier.adapters.sandbox import WALL_SECONDS, Sandbox, SandboxError
from supplier.documents import previews
from supplier.documents.kinds import DocumentKind
from supplier.documents.reading.isolated import could_not_read, reading_sandbox, start_reading
from supplier.documents.reading.result import Reading, ReadRequest, Verdict

CORPUS = Path(__file__).resolve().parents[1] / "tests" / "corpus"
SEED = 20261124
#: A picture takes a hundred times as long to read as text: one in so many mutants is one.
PICTURE_EVERY = 20
MORNING, SECOND = datetime(2026, 11, 23, 9, tzinfo=UTC), timedelta(seconds=1)
REQUEST = ReadRequest(date(2026, 11, 23))
DECISIVE = ("siren", "issued_on", "signed_on", "situation_on", "valid_until", "iban")
#: How much longer than the limit an answer may take: the time to end a child.
GRACE = 10.0


def flip(data: bytearray, draw: random.Random, _other: bytes) -> bytes:
    """Some bits, anywhere."""
    for _ in range(draw.choice((1, 4, 32, 256))):
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return bytes(data)


def overwrite(data: bytearray, draw: random.Random, _other: bytes) -> bytes:
    """A stretch of noise."""
    start = draw.randrange(len(data))
    length = draw.randrange(1, 2000)
    data[start : start + length] = draw.randbytes(len(data[start : start + length]))
    return bytes(data)


def cut(data: bytearray, draw: random.Random, _other: bytes) -> bytes:
    """The rest is missing."""
    return bytes(data[: draw.randrange(len(data))])


def drop(data: bytearray, draw: random.Random, _other: bytes) -> bytes:
    """A piece is missing, and every offset after it is wrong."""
    start = draw.randrange(len(data))
    del data[start : start + draw.randrange(1, 4000)]
    return bytes(data)


def repeat(data: bytearray, draw: random.Random, _other: bytes) -> bytes:
    """A piece comes many times."""
    start = draw.randrange(len(data))
    piece = data[start : start + draw.randrange(1, 400)]
    data[start:start] = piece * draw.randrange(2, 200)
    return bytes(data)


def renumber(data: bytearray, draw: random.Random, _other: bytes) -> bytes:
    """Numbers become others: lengths, offsets, sizes, references."""
    places = [match.span() for match in re.finditer(rb"\d+", data)][:4000]
    for _ in range(draw.randrange(1, 12)):
        if not places:
            break
        start, end = draw.choice(places)
        wide = end - start
        new = draw.choice((b"0", b"-1", b"9" * wide, str(draw.randrange(10**wide)).encode()))
        data[start:end] = new.rjust(wide, b"0")[:wide] if draw.random() < 0.7 else new
        places = [place for place in places if place[1] <= start]
    return bytes(data)


def swap_names(data: bytearray, draw: random.Random, _other: bytes) -> bytes:
    """Words of the format stand where others did."""
    words = [b"/Type", b"/Length", b"/Kids", b"/Parent", b"/Filter", b"/Resources", b"/Contents",
             b"/MediaBox", b"/Font", b"/XObject", b"obj", b"endobj", b"stream", b"endstream",
             b"/FlateDecode", b"/Pages", b"/Page", b"/Root", b"/Prev", b"/Size"]  # fmt: skip
    old, new = draw.sample(words, 2)
    return bytes(data).replace(old, new, draw.randrange(1, 6))


def splice(data: bytearray, draw: random.Random, other: bytes) -> bytes:
    """The beginning of one paper and the end of another."""
    return bytes(data[: draw.randrange(len(data))]) + other[draw.randrange(len(other)) :]


def append(data: bytearray, draw: random.Random, other: bytes) -> bytes:
    """Another paper, or noise, follows."""
    return bytes(data) + (other if draw.random() < 0.5 else draw.randbytes(3000))


DAMAGES: tuple[Callable[[bytearray, random.Random, bytes], bytes], ...] = (
    flip, overwrite, cut, drop, repeat, renumber, swap_names, splice, append,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """A damaged paper: which one it was (`truth`), what happened to it, its bytes."""

    number: int
    truth: Mapping[str, Any]
    damage: str
    data: bytes

    @property
    def name(self) -> str:
        return f"{self.number} {self.truth['file']} {self.damage}"

    @property
    def request(self) -> ReadRequest:
        """As if its supplier had handed it in on the day of the corpus."""
        who = self.truth["supplier"]
        return ReadRequest(
            date.fromisoformat(self.truth["today"]), who.get("siren"), who.get("name"),
            DocumentKind(self.truth["expected_kind"]),
        )  # fmt: skip


def specimens(folder: Path = CORPUS) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The papers of the corpus with their truths: PDFs with text; scans and photos."""
    with (folder / "truth.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    native = [row for row in rows if row["source"] == "native"]
    return native, [row for row in rows if row["source"] in {"scan", "photo"}]


def mutants(count: int, *, seed: int = SEED, folder: Path = CORPUS) -> Iterator[Mutant]:
    """`count` damaged papers; the same seed gives the same ones."""
    native, pictures = specimens(folder)
    for number in range(count):
        draw = random.Random(f"{seed}:{number}")
        kind = pictures if number % PICTURE_EVERY == PICTURE_EVERY - 1 else native
        truth = kind[(number // 2) % len(kind)]
        damage = DAMAGES[number % len(DAMAGES)]
        data = bytearray((folder / truth["file"]).read_bytes())
        other = (folder / draw.choice(kind)["file"]).read_bytes()
        yield Mutant(number, truth, damage.__name__, damage(data, draw, other))


@dataclass(slots=True)
class Outcome:
    """What came of a run."""

    answers: Counter[str] = field(default_factory=Counter)
    #: Answered from a child that died or ran out of time: an answer, and worth knowing.
    died: list[str] = field(default_factory=list)
    #: No answer, or too late: never allowed.
    failed: list[str] = field(default_factory=list)
    #: Accepted with another date or account than the undamaged paper bears.
    otherwise: list[str] = field(default_factory=list)
    slowest: float = 0.0


def answer(mutant: Mutant, sandbox: Sandbox, outcome: Outcome) -> None:
    """Sniff, read and draw one mutant, as the worker does."""
    started = time.perf_counter()
    try:
        media_type = sniff(mutant.data).value
    except RefusedFileError as error:
        outcome.answers[f"not taken: {error.code}"] += 1
        return
    painter = sandbox.start(previews.draw, mutant.data, media_type, 50_000_000)
    request = mutant.request
    reading = start_reading(mutant.data, media_type, request=request, sandbox=sandbox).answer()
    try:
        painter.answer()
    except SandboxError as error:
        outcome.died.append(f"{mutant.name}: drawing {error.death}")
    took = time.perf_counter() - started
    outcome.slowest = max(outcome.slowest, took)
    outcome.answers[reading.verdict.value] += 1
    if reading.findings == could_not_read(request).findings:
        outcome.died.append(f"{mutant.name}: reading")
    if took > 2 * WALL_SECONDS + GRACE:
        outcome.failed.append(f"{mutant.name}: {took:.0f} s")
    if reading.verdict is Verdict.ACCEPT and _differs(reading, mutant.truth["fields"]):
        outcome.otherwise.append(mutant.name)


def _differs(reading: Reading, truth: Mapping[str, Any]) -> bool:
    return any(name in truth and reading.text(name) not in {truth[name], None} for name in DECISIVE)


def run(mutated: Iterator[Mutant], sandbox: Sandbox, *, tell: bool = False) -> Outcome:
    """Answer every mutant, one after the other."""
    outcome = Outcome()
    for mutant in mutated:
        answer(mutant, sandbox, outcome)
        if tell and mutant.number % 500 == 499:
            print(f"{mutant.number + 1} answered", file=sys.stderr, flush=True)
    return outcome


def worst_files(folder: Path) -> list[bytes]:
    """The twenty hostile files that take a reader longest, the longest last."""
    attackers = [
        path.read_bytes() for path in sorted(folder.rglob("*.pdf")) + sorted(folder.rglob("*.png"))
    ]
    return [data for _, data in sorted((_alone(data, workers=1), data) for data in attackers)][-20:]


def hostile(worst: Sequence[bytes], *, workers: int) -> tuple[float, float]:
    """Medians of reading honest papers alone, and among hostile files, in seconds."""
    honest = [(CORPUS / row["file"]).read_bytes() for row in specimens()[0][:40]]
    with reading_sandbox(workers=workers) as sandbox:
        _times(honest[:4], sandbox)
        alone = _times(honest, sandbox)
        waiting = [
            start_reading(data, "application/pdf", request=REQUEST, sandbox=sandbox)
            for data in worst
        ]
        among = _times(honest, sandbox)
        for one in waiting:
            one.answer()
    return median(alone), median(among)


@dataclass(frozen=True, slots=True, order=True)
class Handed:
    """A file in the queue: when its turn comes, and which one it is."""

    turn_at: datetime
    number: int


def waits(worst: Sequence[bytes]) -> tuple[float, float, float]:
    """How long an honest paper waits, in seconds: alone, by its turn, and last of all.

    The worker has just taken the first hostile file, the worst, when the honest paper comes.
    """
    files = [*reversed(worst), (CORPUS / specimens()[0][0]["file"]).read_bytes()]
    honest = len(files) - 1
    handed: list[Handed] = []
    for number in range(honest):
        last = handed[-1].turn_at if handed else None
        handed.append(Handed(turn(MORNING, last=last), number))
    in_turn = sorted([*handed, Handed(turn(MORNING + SECOND, last=None), honest)])
    arrived = [*handed, Handed(MORNING + SECOND, honest)]
    orders = [[honest], *([one.number for one in order] for order in (in_turn, arrived))]
    return tuple(_until(honest, order, files) for order in orders)  # type: ignore[return-value]


def _until(wanted: int, order: Sequence[int], files: Sequence[bytes]) -> float:
    """How long until one file is answered, all before it being read first."""
    with reading_sandbox(workers=1) as sandbox:
        _times(files[-1:], sandbox)
        started = time.perf_counter()
        for number in order[: order.index(wanted) + 1]:
            start_reading(
                files[number], "application/pdf", request=REQUEST, sandbox=sandbox
            ).answer()
        return time.perf_counter() - started


def _alone(data: bytes, *, workers: int) -> float:
    with reading_sandbox(workers=workers) as sandbox:
        started = time.perf_counter()
        start_reading(data, "application/pdf", request=REQUEST, sandbox=sandbox).answer()
        return time.perf_counter() - started


def _times(files: Sequence[bytes], sandbox: Sandbox) -> list[float]:
    """How long each reading took by its own clock, inside the child."""
    waiting = [
        start_reading(data, "application/pdf", request=REQUEST, sandbox=sandbox) for data in files
    ]
    found: list[Reading] = [one.answer() for one in waiting]
    return [one.seconds for one in found]


def main() -> int:
    options = _options()
    if options.hostile:
        worst = worst_files(options.hostile)
        alone, among = hostile(worst, workers=options.workers)
        print(f"alone {alone * 1000:.1f} ms, among hostile files {among * 1000:.1f} ms, "
              f"ratio {among / alone:.2f}")  # fmt: skip
        by_itself, in_turn, in_order = waits(worst)
        print(
            f"verdict on an honest paper: alone {by_itself:.2f} s, behind twenty hostile files of "
            f"another supplier {in_turn:.2f} s by its turn, {in_order:.2f} s in order of arrival"
        )
        return 0 if among <= 2 * alone else 1
    before = _memory()
    started = time.perf_counter()
    with reading_sandbox(workers=options.workers) as sandbox:
        mutated = mutants(options.count, seed=options.seed)
        outcome = run(mutated, sandbox, tell=not options.json)
    told = {
        "mutants": options.count, "seed": options.seed, "answers": dict(outcome.answers),
        "died": len(outcome.died), "failed": outcome.failed, "otherwise": outcome.otherwise,
        "slowest_seconds": round(outcome.slowest, 1),
        "seconds": round(time.perf_counter() - started),
        "parent_gained_mb": round((_memory() - before) / 1024, 1),
    }  # fmt: skip
    print(json.dumps(told, indent=None if options.json else 1))
    if not options.json:
        print("\n".join(outcome.died[:50]))
    return 1 if outcome.failed or sum(outcome.answers.values()) != options.count else 0


def _memory() -> int:
    """The most that this process held so far, in kB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--hostile", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
