"""When two names mean the same company."""

from __future__ import annotations

import pytest

from supplier.documents.reading.names import Likeness, likeness

SAME, CLOSE, DIFFERENT = Likeness.SAME, Likeness.CLOSE, Likeness.DIFFERENT


@pytest.mark.parametrize(
    ("printed", "expected", "like"),
    [
        ("MENUISERIE BRENNER & FILS", "Menuiserie Brenner et fils", SAME),
        ("SARL ÉCHAF'EST", "Echaf Est", SAME),
        ("MR LEFÈVRE GAËL", "LEFÈVRE Gaël", SAME),
        ("Gaël LEFÈVRE", "LEFÈVRE Gaël", SAME),
        ("Muster Fenster GmbH", "MUSTER FENSTER", SAME),
        ("MENUISERIE BRENNER", "MENUISERIE BRENNER & FILS", CLOSE),
        ("SOLEIL & TOITS", "MENUISERIE BRENNER & FILS", DIFFERENT),
        ("SAS", "SARL", DIFFERENT),
        ("", "SARL", DIFFERENT),
    ],
)
def test_names_are_compared_by_what_they_mean(printed: str, expected: str, like: Likeness) -> None:
    assert likeness(printed, expected) is like


def test_a_scan_may_get_an_odd_letter_wrong_but_not_a_name() -> None:
    assert likeness("HYDRO-SERV1CES DU RIED", "HYDRO-SERVICES DU RIED", scanned=True) is SAME
    assert likeness("HYDRO-SERV1CES DU RIED", "HYDRO-SERVICES DU RIED") is CLOSE
    assert likeness("PEINTURES DU RIED", "HYDRO-SERVICES DU RIED", scanned=True) is not SAME


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("MENUISERIE 68", "MENUISERIE 67"),
        ("CABINET DURAND", "EABINET DURAND"),
        ("TRANSPORTS DUPONT", "TRANSPORTS DUPOND"),
        ("ALTÉA SERVICES", "ALTÉA SERVICE"),
        ("GROUPE AXIOM 2", "GROUPE AXIOM"),
    ],
)
def test_a_scan_does_not_make_a_near_name_the_same(printed: str, expected: str) -> None:
    assert likeness(printed, expected, scanned=True) is not SAME


def test_a_scan_may_spoil_a_foreign_legal_form() -> None:
    printed = "STALBUD MONTAZE SPÔEKA Z OGRANICZONA ODPOWIEDZIALNOSCIA"
    expected = "STALBUD MONTAŻE SPÓŁKA Z OGRANICZONĄ ODPOWIEDZIALNOŚCIĄ"
    assert likeness(printed, expected, scanned=True) is SAME
    assert likeness(printed.replace("STALBUD", "STALBAD"), expected, scanned=True) is not SAME
