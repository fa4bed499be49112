"""What the making of a file tells, in plain words."""

from __future__ import annotations

import pytest

from supplier.documents.making import PROGRAM_TEXTS, Program, explanations, program_of
from supplier.documents.reading.result import Making


@pytest.mark.parametrize(("creator", "producer", "program"), [
    ("Adobe Photoshop 25.0", "Adobe PDF library 17.0", Program.EDITOR),
    ("Canva", "Canva", Program.EDITOR),
    ("Mozilla", "Skia/PDF m156", Program.PRINTER),
    ("", "Microsoft: Print To PDF", Program.PRINTER),
    ("RICOH IM C3000", "", Program.SCANNER),
    ("", "iLovePDF", Program.MERGER),
    ("Microsoft® Word 2021", "Microsoft® Word 2021", Program.OFFICE),
    ("", "Apache FOP Version 1.1", None),
    ("", "WeasyPrint 70.0", None),
    ("", "", None),
])  # fmt: skip
def test_a_program_is_known_by_the_name_it_gives_itself(
    creator: str, producer: str, program: Program | None
) -> None:
    assert program_of(Making(producer, creator)) is program


def test_every_kind_of_program_has_its_words() -> None:
    assert set(PROGRAM_TEXTS) == set(Program)


def test_ordinary_causes_are_said_and_nothing_else() -> None:
    assert list(explanations(Making(), differs=False)) == []
    calm = Making(versions=2, signed=True, ocr_layer=True, linearized=True, locked=True)
    assert len(list(explanations(calm, differs=False))) == 5
    changed = list(explanations(calm, differs=True))
    assert not any("the same pages" in words for words in changed)
