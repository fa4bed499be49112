from __future__ import annotations

from supplier.documents.reading.forensics import ValueKind, compare_text_and_image
from supplier.kernel.pages import Box, PageText, Source, Word

IBAN, OTHER_IBAN = "FR14 2004 1010 0505 0001 3M02 606", "FR76 3000 6000 0112 3456 7890 189"


def page(*lines: str, source: Source = Source.TEXT, confidence: float = 0.95) -> PageText:
    words = []
    for row, line in enumerate(lines):
        for column, text in enumerate(line.split()):
            place = Box(0.05 * column, 0.05 * row, 0.05 * column + 0.04, 0.05 * row + 0.02)
            words.append(Word(text, 1, place, source, confidence))
    return PageText(1, 595, 842, tuple(words))


def picture(*lines: str, confidence: float = 0.95) -> PageText:
    return page(*lines, source=Source.OCR, confidence=confidence)


def test_a_picture_that_shows_the_same_confirms() -> None:
    lines = (f"IBAN {IBAN}", "SIREN 732 829 320", "Le 18/09/2026", "Code A1B2C3D4E5F6G7H")
    assert compare_text_and_image(page(*lines), picture(*lines)) == ()


def test_another_account_in_its_place_is_certain() -> None:
    (mismatch,) = compare_text_and_image(page(f"IBAN {OTHER_IBAN}"), picture(f"IBAN {IBAN}"))
    assert mismatch.kind is ValueKind.IBAN
    assert mismatch.in_text == OTHER_IBAN.replace(" ", "")
    assert mismatch.in_image == IBAN.replace(" ", "")
    assert mismatch.certain
    assert mismatch.box is not None
    assert mismatch.box.x0 == 0.05


def test_letters_that_look_alike_are_no_difference() -> None:
    read = IBAN.replace("0", "O").replace("1", "l")
    assert compare_text_and_image(page(f"IBAN {IBAN}"), picture(f"IBAN {read}")) == ()


def test_an_account_that_ocr_could_not_read_is_unconfirmed_not_forged() -> None:
    read = IBAN.replace("3M02", "3H0Z")
    (mismatch,) = compare_text_and_image(page(f"IBAN {IBAN}"), picture(f"IBAN {read}"))
    assert not mismatch.certain


def test_a_second_account_that_only_the_picture_shows_is_told() -> None:
    (mismatch,) = compare_text_and_image(
        page(f"IBAN {IBAN}"), picture(f"IBAN {IBAN}", f"IBAN {OTHER_IBAN}")
    )
    assert (mismatch.in_text, mismatch.in_image) == ("", OTHER_IBAN.replace(" ", ""))
    assert not mismatch.certain


def test_another_date_in_its_place_is_certain_when_legible() -> None:
    text = page("Le 18 septembre 2026")
    (mismatch,) = compare_text_and_image(text, picture("Le 18 décembre 2026"))
    assert (mismatch.kind, mismatch.certain) == (ValueKind.DATE, True)
    assert (mismatch.in_text, mismatch.in_image) == ("2026-09-18", "2026-12-18")
    assert compare_text_and_image(text, picture("Le 18 décembre 2026", confidence=0.4)) == ()


def test_a_date_missing_from_the_picture_says_nothing_alone() -> None:
    assert compare_text_and_image(page("Le 18/09/2026"), picture("Le")) == ()


def test_another_siren_in_its_place_is_certain() -> None:
    (mismatch,) = compare_text_and_image(page("SIREN 732 829 320"), picture("SIREN 552 100 554"))
    assert (mismatch.kind, mismatch.certain) == (ValueKind.SIREN, True)


def test_empty_pages_have_nothing_to_compare() -> None:
    assert compare_text_and_image(page(), picture()) == ()
