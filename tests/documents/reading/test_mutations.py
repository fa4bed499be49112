"""Two hundred damaged papers of the ten thousand of bench/mutations.py: each is answered."""

from __future__ import annotations

import itertools

from bench.mutations import DAMAGES, Mutant, mutants, run, specimens
from supplier.documents.reading.isolated import reading_sandbox

COUNT = 200
STEP = 47


def sample() -> list[Mutant]:
    """Every forty-seventh of the thousands, pictures left to the bench: they take seconds each."""
    native = {row["file"] for row in specimens()[0]}
    drawn = itertools.islice(mutants(COUNT * STEP + STEP), 0, None, STEP)
    return [one for one in drawn if one.truth["file"] in native][:COUNT]


def test_the_same_seed_gives_the_same_mutants() -> None:
    first, again = (next(mutants(1)) for _ in range(2))
    assert first == again
    assert next(mutants(1, seed=1)).data != first.data


def test_each_damaged_paper_is_answered_and_none_passes_for_another() -> None:
    papers = sample()
    assert {one.damage for one in papers} == {damage.__name__ for damage in DAMAGES}
    with reading_sandbox(workers=2) as sandbox:
        outcome = run(iter(papers), sandbox)
    assert sum(outcome.answers.values()) == len(papers)
    assert len(papers) > COUNT * 0.9
    assert outcome.failed == []
    assert outcome.otherwise == []
