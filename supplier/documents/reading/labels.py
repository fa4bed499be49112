"""What papers call their values, in the languages of their makers: a label is never a value.

The grammar is that of forms: a number of the box, what is asked for, of whom, and perhaps the same
in a second language. It only says what is *not* a value; which label leads to which value is for
the tables of the families.
"""

from __future__ import annotations

import re

from supplier.documents.reading.text import pattern

_BOX = r"(?:\d{1,2}[.)] ?(?:\d{1,2}\.? ?)?(?:- ?)?|[a-z]\) ?)?"
_ASKED = (
    r"(?:(?:n°|no\.?|nr\.?|numero|numer|nummer|number|code|date|datum|data|identifiant)(?!\w)"
    r"|noms?(?:,? (?:et )?prenoms?(?:\(s\))?)?|prenoms?|adresses?(?: postale)?|siege"
    r"|denomination|raison sociale|enseigne|sigle|formes? "
    r"(?:juridique|legale)|categorie juridique|capital|objet|duree|activites?|nature|qualite"
    r"|fonction|nationalite|commune|effectif|montant|periode|validite|siren|siret|tva|iban|bic"
    r"|swift|rib|titulaires?|intitule|domiciliation|banque|etablissement|guichet|compte|cle|devise"
    r"|assure|assureur|souscripteur|societaire|entreprise|societe|employeur|representants?"
    r"|signataire|declarant|contrat|police|echeance|effet|telephone|courriel|e-?mail|type|lieu"
    r"|etat membre|member state|mitgliedstaat|panstwo czlonkowskie|surname|forenames?|nachname"
    r"|vornamen?|nazwisko|imie|imiona|(?:starting|ending) date|anfangsdatum|enddatum"
    r"|account|bank|company|name|address|holder|owner|beneficiary|registered|sort|legal form"
    r"|konto(?:inhaber(?:in)?|nummer)?|inhaber|kreditinstitut|firma|sitz|rechtsform|anschrift"
    r"|stammkapital|registernummer|nazwa|siedziba|adres|forma prawna|krs|nip|regon"
    r"|naam|rechtsvorm|zetel|rekeninghouder|ondernemingsnummer|denominazione|sede|codice fiscale"
    r"|titolare|intestatario|denominacion|domicilio|titular|entidad|banco|nombre|nome|morada)"
)
_OF = (
    r"(?: ?(?:(?:de|du|des|d'|de la|de l'|de l|of|the|der|des|et|ou|and|au|a|aux|en|und|o|y) ?)*"
    r"(?:siren|siret|rib|iban|bic|rcs|r\.c\.s\.?|rne|siege|social[ea]?s?|juridique|compte|titulaire"
    r"|banque|bancaire|agence|guichet|contrat|police|assure|assureur|souscripteur|client|adherent"
    r"|societe|entreprise|employeur|travailleur|employer|etablissement|personne morale"
    r"|exploitant|principale?|delivrance|emission"
    r"|effet|echeance|naissance|residence|immatriculation|inscription|enregistrement|cloture"
    r"|creation|mise|jour|debut|fin|validite|identification|unique|gestion|securite|verification"
    r"|controle|ape|naf|aprm|nom|noms|prenoms?(?:\(s\))?|adresse|qualite|fonction|legal[e]?"
    r"|facture|facturation|commande|raison|sociale|owner|holder|name|names|number|account|code"
    r"|address|bank|swift|office|registered|company|inhabers?|kontos?|bank|firma|rachunku|cuenta"
    r"|entreprise|legale|fiscale|social|tva|intracommunautaire|intracom|krs|regon|nip"
    r"|wpisu|rejestracji|rea|exercice|activite)(?!\w))*"
)
_PART = rf"{_BOX}{_ASKED}{_OF}(?: ?\([^()]{{1,40}}\))?"
#: A label by itself, perhaps again in a second language.
LABEL = rf"{_PART}(?: ?[/|] ?{_PART}| [-–] {_PART})*"
_WHOLE = pattern(rf"(?:{LABEL}) ?[:;.]?")
#: What announces the code of a social certificate; the number of a person is another matter.
SECURITY_CODE = r"(?:code|numero|n°|no|cle|reference) (?:de )?securite(?! sociale)"


def is_label(folded: str) -> bool:
    """Whether a text says nothing but what some value is called."""
    return bool(_WHOLE.fullmatch(folded.strip()))


#: The second language of a label: the same again, or whatever stands before the colon or the end.
SECOND = pattern(
    rf"\s?(?:[/|] ?(?:{LABEL}|[^\d:/\t]{{2,40}}?(?=\s?:|$))|[-–] {LABEL})(?=\s?:|\s|$)"
)


def after_second(folded: str, end: int) -> int:
    """Where a label ends that begins up to `end`, its second language included."""
    match = SECOND.match(folded, end)
    if not match:
        return end
    rest = re.compile(r"\s?[:;]?\s?").match(folded, match.end())
    return rest.end() if rest else match.end()
