"""Names as they are compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.kernel.names import Likeness, compare_names, fold, name_words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Menuiserie Durand SARL", "MENUISERIE DURAND"),
        ("S.A.R.L. Menuiserie Durand", "SARL MENUISERIE DURAND"),
        ("SAS Établissements Müller", "ETS MULLER"),
        ("Société Saint-Gobain", "ST GOBAIN"),
        ("Béton & Fils", "BETON ET FILS SAS"),
        ("DURAND Jean EI", "M. Jean Durand"),
        ("Mme Émilie DURAND", "DURAND EMILIE"),
        ("Œuvre du Bois", "OEUVRE DU BOIS"),
        ("Holz GmbH", "HOLZ"),
        ("BOIS CONCEPT", "BOISCONCEPT"),
    ],
)
def test_the_same_name_is_equal_however_it_is_written(one: str, other: str) -> None:
    assert compare_names(one, other) is Likeness.EQUAL


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Menuiserie Durand", "MENUISERIE DURANT"),
        ("Menuiserie Durand et Associés", "MENUISERIE DURAND"),
        ("Transports Lemoine", "TRANSPORT LEMOINE"),
    ],
)
def test_a_name_mistyped_or_cut_is_close(one: str, other: str) -> None:
    assert compare_names(one, other) is Likeness.CLOSE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Menuiserie Durand", "Plomberie Martin"),
        ("Menuiserie Durand", ""),
        ("A", "A B Constructions"),
        ("SARL", "SAS"),
        ("", ""),
    ],
)
def test_another_name_is_different(one: str, other: str) -> None:
    assert compare_names(one, other) is Likeness.DIFFERENT


def test_a_name_made_of_form_words_keeps_them() -> None:
    assert name_words("La Compagnie SA") == ("LA",)
    assert name_words("Compagnie SA") == ("COMPAGNIE", "SA")


@given(st.text(max_size=30), st.text(max_size=30))
def test_comparing_is_symmetrical_and_never_fails(one: str, other: str) -> None:
    assert compare_names(one, other) is compare_names(other, one)


@given(st.text(alphabet="abcdéèàç &.-", max_size=30))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
