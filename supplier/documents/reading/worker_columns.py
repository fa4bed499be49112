"""What the columns of a list of foreign workers are called, whoever made the list."""

from __future__ import annotations

from collections.abc import Sequence

from supplier.documents.reading.text import pattern

_NAMES = r"noms?(?: de (?:naissance|famille|usage))?"
_COLUMNS = (
    ("number", r"n°|no|rang|#|n° ligne|ligne"),
    ("family", _NAMES),
    ("given", r"prenoms?(?:\(s\))?(?: usuels?)?"),
    ("name", rf"{_NAMES}(?: et|,|/)? ?prenoms?(?:\(s\))?.*|(?:nom du |nom de la )?"
             r"(?:salariee?|travailleur|travailleuse|employee?|collaborat(?:eur|rice))"
             r"(?:\(e\))?(?: concernee?)?|identite.*"),
    ("nationality", r"nationalite|pays(?: de nationalite| d'origine)?|ressortissante?(?: de)?"),
    ("hired_on", r"date(?: d'(?:embauche|entree))?|(?:date )?d'embauche.*|embauche|date d'entree.*"
                 r"|embauchee?(?:\(e\))? (?:le|depuis).*|entre(?:e|\(e\))? (?:le|depuis)"
                 r"|date de (?:debut|recrutement|prise de (?:poste|fonctions?)).*|depuis le"),
    ("permit_type", r"(?:type|nature)(?: (?:de|du) (?:titre|document|piece|carte))?.*"
                    r"|titre(?: valant| de| autorisant| detenu).*|titre|document|autorisation"
                    r"(?: de travail)?"),
    ("permit_number", r"n(?:umero|°)(?: d'ordre)?(?: (?:de |du )?(?:titre|carte|document).*)?"
                      r"|n° d'ordre.*|numero .*|reference.*|ref\.?(?: titre)?"),
)  # fmt: skip
_FORMS = tuple((name, pattern(rf"^(?:{source})$")) for name, source in _COLUMNS)


def named(headings: Sequence[str]) -> list[str | None]:
    """What each heading of a row of headings asks for, from left to right.

    One word may head two columns: "N°" that of the line before the name, that of the permit after
    it; "Salarié" the whole name, or the family name where the first name has a column of its own.
    """
    names = [_name(heading) for heading in headings]
    if "given" in names and "family" not in names and "name" in names:
        names[names.index("name")] = "family"
    if "permit_number" not in names and "permit_type" in names:
        after = names.index("permit_type") + 1
        if "number" in names[after:]:
            names[names.index("number", after)] = "permit_number"
    return names


def _name(heading: str) -> str | None:
    return next((name for name, form in _FORMS if form.match(heading)), None)
