"""The demo says how far it is, also where no bar moves."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from supplier.cli.demo import _teller


def test_papers_are_counted_sparsely_where_no_bar_moves(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bar = SimpleNamespace(pos=0, shown=[])

    def update(steps: int, words: str) -> None:
        bar.pos += steps
        bar.shown.append(words)

    bar.update = update
    tell = _teller(bar)
    for done in range(1, 201):
        tell(done, 200)
    lines = capsys.readouterr().out.splitlines()
    assert (len(lines), lines[0], lines[-1]) == (10, "20 of 200 papers", "200 of 200 papers")
    assert (bar.pos, len(bar.shown)) == (100, 200)
