"""What the words of an export's cells say of a supplier: person or company, register, yes or no.

Pure. A sole trader is a person: its data falls under the GDPR and is erased one day, a company's
identity is not. In France the sole trader is a natural person, whatever the regime is called (Code
de commerce, art. L526-22; EIRL: L526-6, until 2022; micro-entrepreneur: CGI, art. 50-0); its
category in the INSEE nomenclature begins with 1. Germany: HGB, §§ 17 to 19 (e. K.).
"""

from __future__ import annotations

import re

from supplier.kernel.words import fold

PERSON, COMPANY = "natural_person", "legal_entity"

#: Found as whole words in the folded text. `1000` to `1900` are the INSEE categories of persons.
_PERSON_WORDS = (
    "e ?i", "e ?i ?r ?l", "entrepreneurs? individuels?", "entreprises? individuelles?",
    "micro entrepreneurs?", "micro entreprises?", "auto entrepreneurs?", "auto entreprises?",
    "autoentrepreneurs?", "microentrepreneurs?", "en nom propre", "nom personnel",
    "personnes? physiques?", "independante?", "travailleur non salarie", "artisane?",
    "commercante?", "profession liberale", "exploitante? agricole", "agent commercial",
    "1[0-9]00",
    "sole (trader|proprietor|proprietorship)s?", "self employed", "natural person",
    "einzelunternehme(n|r|rin)", "einzelkauf(mann|frau)", "e ?k", "e ?kfm", "e ?kfr",
    "freiberufler(in)?", "natuerliche person", "naturliche person", "kleinunternehmer(in)?",
    "eenmanszaak", "autonomo", "empresario individual", "impresa individuale",
    "ditta individuale", "jednoosobowa dzialalnosc( gospodarcza)?",
)  # fmt: skip
#: A company stays one beside such a word: "SARL artisan", "EURL (associé personne physique)".
_COMPANY_WORDS = (
    "s ?a ?r ?l", "e ?u ?r ?l", "s ?a ?s", "s ?a ?s ?u", "s ?a", "snc", "sci", "scop", "scic",
    "selarl", "selas", "selasu", "scp", "scm", "gie", "earl", "gaec", "scea", "societe",
    "association", "cooperative", "personnes? morales?", "unipersonnelle", "gmbh", "ug", "ag",
    "kg", "ohg", "ltd", "limited", "company", "legal (person|entity)", "juristische person",
)  # fmt: skip
_REGISTERS = {
    "rne_craft": ("rm", "repertoire des metiers", "chambre des? metiers?", "cma", "artisanat",
                  "handwerksrolle", "craft"),
    "regulated": ("ordre", "profession reglementee", "regulated"),
    "liberal": ("liberale?", "profession liberale", "urssaf", "freiberuflich"),
    "rcs": ("rcs", "registre du commerce.*", "greffe", "handelsregister", "trade register"),
    "none": ("aucun", "neant", "none", "kein"),
}  # fmt: skip
_YES = frozenset({"oui", "o", "yes", "y", "ja", "j", "vrai", "true", "x"})
_NO = frozenset({"non", "n", "no", "nein", "faux", "false", "aucun", "neant"})


def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})\b")


_PERSON, _COMPANY = _any_of(_PERSON_WORDS), _any_of(_COMPANY_WORDS)
_REGISTER = {code: _any_of(words) for code, words in _REGISTERS.items()}


def _words(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", fold(text)))


def kind_of(legal_form: str) -> str:
    """`natural_person` for the forms of sole traders, else `legal_entity`."""
    words = _words(legal_form)
    return PERSON if _PERSON.search(words) and not _COMPANY.search(words) else COMPANY


def register_of(text: str) -> str | None:
    """The register that a cell names, None when it names none of ours."""
    words = _words(text)
    return next((code for code, named in _REGISTER.items() if named.search(words)), None)


def yes_or_no(text: str) -> bool | None:
    """Yes or no, or a number of people; None for anything else."""
    words = _words(text)
    if words in _YES or words in _NO:
        return words in _YES
    return int(words) > 0 if re.fullmatch(r"\d{1,7}", words) else None
