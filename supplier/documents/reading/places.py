"""Streets and towns: what begins or makes up a postal address, and so ends a name."""

from __future__ import annotations

import re

_ADDRESS = re.compile(
    r"(?:\d+(?:\s?(?:bis|ter|quater|[a-d]))?[ ,]|\d{5}\b|l-\d{4}\b|z\.?[ai]\.?c?\b|zone\b|parc\b|"
    r"lieu|route\b|rue\b|avenue\b|av\.?\b|boulevard\b|bd\b|place\b|impasse\b|chemin\b|allee\b|"
    r"quai\b|cours\b|square\b|tour\b|immeuble\b|residence\b|batiment\b|bat\b|cs\b|bp\b|tsa\b|"
    r"centre commercial|hameau\b|villa\b|passage\b|traverse\b|domaine\b|chez\b|espace\b|c/o\b)"
)
_OTHER_LABEL = re.compile(
    r"(?:siren|siret|n°|numero|adresse|forme|capital|sigle|date|tel|email|e-mail|courriel|code|"
    r"activite|r\.?c\.?s|tva|represente|qualite|domiciliation|iban|bic|page)(?!\w)|.{2,40} ?:"
)


_WAY = (
    r"(?:rue|avenue|av\.?|boulevard|bd|place|impasse|chemin|allees?|quai|cours|square|route|via|"
    r"viale|piazza|corso|calle|carrer|avenida|avda\.?|poligono|ul\.?|ulica|aleja|al\.|rua|estrada"
    r"|strada|str\.)(?!\w)"
)
_TOWN = r"(?:[a-z]{1,2}-)?(?:\d{4,5}|\d{2}-\d{3}|\d{4} [a-z]{2}) [^\d]{2,40}"
_PLACE = re.compile(
    rf"\d+(?: ?(?:bis|ter|quater|[a-d]))?,? {_WAY}.*|{_WAY} [^\d]{{2,40}}[ ,]\d+ ?[a-z]?(?:,.*)?"
    r"|[^\d,]*(?:strass?e|str\.|weg|platz|allee|gasse|laan|straat|steenweg|dreef|plein|kade)"
    rf" \d+ ?[a-z]?(?:,.*)?|(?!\d{{4}} ){_TOWN}|.*\d.*, ?{_TOWN}"
)


def is_place(folded: str) -> bool:
    """Whether a text is nothing but a street with its number, a town with its postcode, or both."""
    return bool(_PLACE.fullmatch(folded.strip()))


def is_address(folded: str) -> bool:
    """Whether a line begins as the street or town lines of an address do."""
    return bool(_ADDRESS.match(folded))


def stops(folded: str) -> bool:
    """Whether a line can't continue a name."""
    return is_address(folded) or is_place(folded) or bool(_OTHER_LABEL.match(folded))
