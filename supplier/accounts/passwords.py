"""Whether a password can be guessed: no recipe of digits and capitals, only guesses to find it.

CNIL, délibération 2022-100: with a limit on attempts, 50 bits or an equal resistance to guessing
("devinabilité"), measured by an algorithm rather than by a recipe. Twelve characters drawn from
26 letters make 56 bits; the estimate below throws out what a guesser would try first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from zxcvbn import zxcvbn

from supplier.kernel.i18n import N_
from supplier.kernel.names import fold

MIN_LENGTH = 12
MAX_LENGTH = 128

#: Guesses (as a power of ten) that a password must withstand. zxcvbn counts ten for a character
#: that it cannot explain: twelve random ones come to 12, seldom to less when a word hides in them.
MIN_GUESSES_LOG10 = 10.0
#: What must be left once the person's own words are taken out.
MIN_REST_LOG10 = 8.0

#: The estimate grows with the cube of the length: a beginning this long suffices to judge.
_JUDGED_LENGTH = 32
_SHORTEST_WORD = 3

#: Words tried first in France, and the rows of a French keyboard; the estimator knows English.
_COMMON = """
    vigie vigilance fournisseur fournisseurs supplier portail portal urssaf kbis attestation
    motdepasse azerty azertyuiop qsdfghjklm wxcvbn poiuytreza marseille paris lyon toulouse
    bordeaux france bonjour soleil doudou chouchou loulou cheval amour jetaime coucou camille
    nicolas thomas julien chocolat football princesse secret bienvenue entreprise societe
    direction comptabilite administrateur administration achats janvier fevrier mars avril mai
    juin juillet aout septembre octobre novembre decembre printemps ete automne hiver passwort
    willkommen hallo sommer lieferant
"""
COMMON_WORDS: tuple[str, ...] = tuple(_COMMON.split())


def weakness(password: str, *, context: Sequence[str]) -> str | None:
    """Why a password cannot be used, as a sentence for the person, or None when it can.

    `context` holds what an acquaintance would try: name, e-mail address, company.
    """
    text = unicodedata.normalize("NFC", password)
    if len(text) < MIN_LENGTH:
        return N_("Use at least 12 characters. Four or five unrelated words make a good password.")
    if len(text) > MAX_LENGTH:
        return N_("Use at most 128 characters.")
    personal = _words(context)
    known = [*personal, *COMMON_WORDS]
    if _guesses_log10(text, known) < MIN_GUESSES_LOG10:
        return N_(
            "This password is easy to guess: it follows a common word, date or pattern. Use four "
            "or five unrelated words, or the one that your password manager proposes."
        )
    if _rests_on(text, known):
        return N_(
            "This password rests on your name, your company or this portal. Use words that have "
            "nothing to do with you."
        )
    return None


def _words(context: Iterable[str]) -> list[str]:
    """The words of names and addresses, whole and in pieces, in lower case without accents."""
    found: dict[str, None] = {}
    for text in context:
        plain = fold(text).lower()
        pieces = re.findall(r"[a-z]+|\d+", plain)
        for word in (plain, "".join(pieces), *pieces):
            if len(word) >= _SHORTEST_WORD:
                found[word] = None
    return list(found)


def _guesses_log10(text: str, known: Sequence[str]) -> float:
    # Accents are folded: a guesser tries "élève" and "eleve" alike.
    judged = _without_accents(text)[:_JUDGED_LENGTH]
    return float(zxcvbn(judged, user_inputs=list(known))["guesses_log10"])


def _without_accents(text: str) -> str:
    """The text without accents and with its case: what the estimator's dictionaries expect."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(char for char in plain if not unicodedata.combining(char))


def _rests_on(text: str, known: Iterable[str]) -> bool:
    """Whether little is left of a password once the known words are taken out."""
    plain = rest = fold(text).lower()
    for word in sorted(known, key=len, reverse=True):
        if len(word) > _SHORTEST_WORD:
            rest = rest.replace(word, "")
    if rest == plain:
        return False
    return not rest or _guesses_log10(rest, ()) < MIN_REST_LOG10
