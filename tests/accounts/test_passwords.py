"""Passwords: long ones pass whatever their recipe, guessable ones do not."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supplier.accounts.passwords import MAX_LENGTH, MIN_LENGTH, weakness

CONTEXT = ("jean.durand@menuiserie-durand.example", "Jean Durand", "Menuiserie Durand SARL")


def words_of(password: str) -> str:
    found = weakness(password, context=CONTEXT)
    return "fine" if found is None else found


@pytest.mark.parametrize(
    "password",
    [
        "trombone-violet-cascade",
        "la pluie tombe sur le zinc",
        "fourchette lampadaire oignon",
        "xkqvtwmzlpbr",
        "7hQ!mv2#Lp9z",
        "élégante tortue à réaction",
        "durand mais surtout trombone cascade",
        "9" * 3 + "trombone-violet-cascade" * 5,
        "十二文字以上の長い合言葉です",
    ],
)
def test_a_password_that_nobody_would_guess_is_fine_without_a_recipe(password: str) -> None:
    assert words_of(password) == "fine"


@pytest.mark.parametrize("password", ["", "court", "x" * 11, "7hQ!mv2#Lp9"])
def test_a_short_password_is_refused(password: str) -> None:
    assert "at least 12" in words_of(password)


def test_a_password_may_have_128_characters_and_no_more() -> None:
    base = "trombone-violet-cascade-" * 10
    assert words_of(base[:MAX_LENGTH]) == "fine"
    assert "at most 128" in words_of(base[: MAX_LENGTH + 1])


@pytest.mark.parametrize(
    "password",
    [
        "motdepasse123",
        "MotDePasse2026!",
        "azertyuiop12",
        "qwertyuiop123",
        "Password1234",
        "P@ssw0rd2026!",
        "123456789012",
        "aaaaaaaaaaaa",
        "abcdefghijkl",
        "bonjourbonjour",
        "marseille1234!",
        "Fournisseur2026",
        "Vigie-Vigie-2026",
        "23/11/2026 2026",
    ],
)
def test_what_a_guesser_tries_first_is_refused(password: str) -> None:
    assert "easy to guess" in words_of(password) or "rests on" in words_of(password)


@pytest.mark.parametrize(
    "password",
    [
        "menuiserie-durand-2026",
        "JeanDurandVigie2026",
        "Jean.Durand.Menuiserie",
        "jéan-dùrand-menuiserie!",
        "DURANDmenuiserieJEAN75",
    ],
)
def test_what_rests_on_the_person_or_the_portal_is_refused(password: str) -> None:
    assert words_of(password) != "fine"


def test_the_same_words_are_fine_for_somebody_else() -> None:
    password = "menuiserie-lemoine-granit"
    assert weakness(password, context=("Alice Martin",)) is None
    assert weakness(password, context=("Menuiserie Lemoine", "granit@lemoine.example")) is not None


def test_accents_typed_in_two_ways_count_the_same() -> None:
    composed, decomposed = "\u00e9l\u00e9phant", "e\u0301le\u0301phant"
    assert words_of(composed + "123") == words_of(decomposed + "123")


def test_what_a_password_manager_proposes_is_never_refused() -> None:
    draw = random.Random(2026)
    alphabet = string.ascii_letters + string.digits
    for length in (14, 16, 20):
        for _ in range(150):
            password = "".join(draw.choice(alphabet) for _ in range(length))
            assert words_of(password) == "fine", password


def test_of_twelve_random_characters_few_are_refused_for_a_word_that_hides_in_them() -> None:
    draw = random.Random(2026)
    alphabet = string.ascii_letters + string.digits
    tries = ["".join(draw.choice(alphabet) for _ in range(MIN_LENGTH)) for _ in range(300)]
    assert sum(words_of(password) != "fine" for password in tries) <= 3


def test_only_the_beginning_of_a_long_password_is_judged() -> None:
    """What is made to keep the guesser busy for minutes costs no more than 32 characters."""
    begins = "4@8({[<369!1|$5+7" * 2
    assert words_of(begins[:32] + "4@8({[<369!1|$5+7" * 5) == words_of(begins[:32])


@given(st.text(max_size=140))
@settings(max_examples=60, deadline=None)
def test_any_text_is_judged(password: str) -> None:
    found = weakness(password, context=CONTEXT)
    assert found is None or found.endswith(".")


@given(st.sampled_from(["durand", "2026", "azerty", "soleil", "!"]), st.integers(1, 40))
@settings(deadline=None)
def test_repeating_a_word_does_not_make_it_strong(word: str, times: int) -> None:
    assert words_of(word * times) != "fine"
