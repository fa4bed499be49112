"""What kind of paper a page is, by what it says: words for and against, as one table."""

from __future__ import annotations

import re
from dataclasses import dataclass

from supplier.documents.kinds import DocumentKind
from supplier.documents.reading.labels import SECURITY_CODE
from supplier.documents.reading.layout import Sheet
from supplier.documents.reading.text import pattern

#: A page needs this score to count as a kind.
ENOUGH = 8


@dataclass(frozen=True, slots=True)
class Score:
    """A kind and how strongly a page speaks for it."""

    kind: DocumentKind
    points: int


def _table(*rows: tuple[int, str]) -> tuple[tuple[int, re.Pattern[str]], ...]:
    return tuple((points, pattern(source)) for points, source in rows)


_CERTIFIES = r"certifie|atteste|soussigne|delivree|designee? ci-|ci-dessous|vous adresse"

WORDS: dict[DocumentKind, tuple[tuple[int, re.Pattern[str]], ...]] = {
    DocumentKind.KBIS: _table(
        (4, r"(?m)^(?:[^\n]{0,40} )?extrait k ?bis\b"),
        (3, r"\bextrait k\b(?! ?bis)"),
        (4, r"immatriculation (?:principale|secondaire) au registre du commerce|"
            r"extrait (?:d'immatriculation )?(?:du|au) registre du commerce"),
        (2, r"registre du commerce et des societes"),
        (2, r"greffe du tribunal"),
        (1, r"\br\.? ?c\.? ?s\b"),
        (1, r"\ba jour au\b"),
        (1, r"n° de gestion"),
        (1, r"identi(?:fication|te) de (?:la personne|l'entreprise)"),
        (1, r"date d'immatriculation|immatriculee? le"),
        (-8, r"(?:recepisse|certificat|attestation|accuse) de depot"),
        (-6, r"(?:ne vaut|ni) pas (?:un )?extrait"),
        (-5, r"registre national des entreprises"),
        (-8, r"avis de situation|situation au repertoire"),
        (-5, r"non[- ]faillite|projet de statuts|statuts mis a jour"),
    ),
    DocumentKind.RNE_EXTRACT: _table(
        (5, r"registre national des entreprises"),
        (2, r"attestation d'immatriculation|extrait (?:du|d'immatriculation au) registre national"),
        (1, r"\brne\b"),
        (2, r"\binpi\b"),
        (2, r"metiers et de l'artisanat|ne vaut pas (?:un )?extrait k"),
        (1, r"date d'immatriculation"),
        (1, r"\bsiren\b"),
        (-6, r"greffe du tribunal"),
        (-8, r"recepisse|synthese de formalite|formalite en cours|avis de situation"),
    ),
    DocumentKind.URSSAF_VIGILANCE: _table(
        (5, r"attestation de fourniture (?:de|des) declarations sociales"),
        (5, r"attestation de compte a jour"),
        (3, r"attestation de vigilance|attestation vigilance"),
        (2, r"paiement (?:de|des) cotisations"),
        (2, r"l\.? ?243-15|l\.? ?724-7|d\.? ?8222-5|l\.? ?8222-1"),
        (2, SECURITY_CODE),
        (2, r"urssaf|\bcgss\b|mutualite sociale agricole|\bmsa\b"),
        (2, r"union de recouvrement|le directeur (?:de l'urssaf )?certifie|caisse .{0,60}atteste"),
        (1, r"a jour de ses obligations|a la date du"),
        (-12, r"mise en demeure|avis d'appel|appel de cotisations|contrainte pourra"),
        (-8, r"attestation fiscale|declaration prealable a l'embauche|\bdpae\b"),
        (-8, r"attestation de (?:chiffre d'affaires|droits|radiation|affiliation)"),
        (-5, r"veuillez trouver|ci-joint|piece jointe|pieces jointes"),
    ),
    DocumentKind.TAX_COMPLIANCE: _table(
        (5, r"attestation de regularite fiscale"),
        (2, r"finances publiques"),
        (2, r"(?:numero|n°) de delivrance"),
        (2, r"obligations (?:fiscales|de (?:depot|declaration))"),
        (2, r"3666"),
        (2, r"services? (?:des )?impots des entreprises|\bsie\b"),
        (1, r"en regle au regard|a jour de ses obligations"),
        (-8, r"avis d'impot|avis d'imposition|cotisation fonciere|declaration de resultats n"),
        (-5, r"veuillez trouver|ci-joint|piece jointe|pieces jointes"),
    ),
    DocumentKind.FOREIGN_WORKERS_LIST: _table(
        (4, r"(?:salaries?|travailleurs?|personnels?|main-d'oeuvre|main-d'ouvre|employes?|"
            r"ressortissants?) (?:de nationalite )?etrang"),
        (3, r"autorisation de travail"),
        (3, r"8254-|8251-1|5221-2"),
        (2, r"liste nominative|liste des salaries"),
        (1, r"sur l'honneur|certifie exact|certifie"),
        (1, r"soussigne|representant legal"),
        (-6, r"veuillez trouver|ci-joint"),
        (-6, r"conditions generales|marche public|candidature"),
    ),
    DocumentKind.BANK_DETAILS: _table(
        (5, r"releve d'identite|identifiants? (?:bancaires?|sepa)|references bancaires"),
        (2, r"\brib\b"),
        (2, r"\biban\b"),
        (1, r"\bbic\b|\bswift\b"),
        (2, r"titulaire|kontoinhaber|account (?:holder|name)|intestatario|intitule du compte|"
            r"titular\b|rekeninghouder|posiadacz rachunku|titolare|beneficiaire|beneficiary"),
        (4, r"coordonnees bancaires|bankverbindung|bank (?:account )?details|coordinate bancarie|"
            r"datos bancarios|bankgegevens|identite bancaire|titularidad|comprovativo de iban|"
            r"bankverklaring|rachunk\w+ bankow\w+|kontobestatigung|account confirmation|"
            r"kontoverbindung|bestatigung [^.\n]{0,30}(?:konto|iban)|"
            r"(?:attestation|certificat|lettre|confirmation) (?:de|d') ?(?:la )?(?:domiciliation|"
            r"titularite|detention|tenue|ouverture|existence|coordonnees|compte(?! a jour)|iban"
            r")\b"),
        (3, r"(?:attest|certifi|confirm)[a-z]* [^.]{0,240}?\b(?:comptes?\b[^.]{0,160}? (?:aux? "
            r"noms? de|(?:ouvert|detenu|tenu)\b)|(?:titulaires?|clientes?|clients?|ouvert|detient|"
            r"possede|dispose)\b[^.]{0,80} comptes?\b)"),
        (2, r"compte .{0,40}ouvert (?:dans|en) nos livres|folgendes konto|rekening .{0,40}bij ons|"
            r"cuenta .{0,60}abierta|conto .{0,30}intestato|(?:prowadzen\w+|posiadacz\w+) rachunku"
            r"|conta .{0,40}aberta|account .{0,40}held with us"
            r"|compte .{0,40}(?:dans|aupres de) notre"),
        (2, r"guichet|c/etab|kreditinstitut|code banque"),
        (1, r"domiciliation"),
        (2, r"\b[a-z]{2}\d{2} ?(?:[a-z0-9]{4} ?){2,}"),
        (-7, r"\bfacture\b|\binvoice\b|\brechnung\b|\bdevis\b|bon de commande|proforma"),
        (-5, r"total (?:ttc|ht|general)|net a payer|montant ht"),
        (-7, r"mandat de prelevement|ordre de virement|releve de compte|chequier"),
        # Who asks for another account to be paid is not the bank that keeps it.
        (-7, r"(?:notre|mon|nos|mes) (?:nouve(?:l|au|lle)s? )?comptes?\b|nouve(?:l|au|lle)s? "
             r"(?:compte|rib|iban|coordonnees|domiciliation)|changement de (?:compte|rib|iban"
             r"|banque|coordonnees|domiciliation)"),
        (-7, r"veuillez trouver|ci-joint"),
    ),
    DocumentKind.DECENNIAL_INSURANCE: _table(
        (3, r"attestation(?: d'assurance|.{0,30}responsabilite|.{0,20}decennale)"),
        (4, r"decennale"),
        (1, r"responsabilite (?:civile )?(?:et )?decennale"),
        (1, r"contrat n°|police n°|numero de (?:contrat|police)|contrat d'assurance|le contrat"),
        (1, r"l\.? ?241-1|l\.? ?243-|a\.? ?243-|1792"),
        (1, r"code des assurances"),
        (1, r"assure|souscripteur|societaire"),
        (-20, r"(?:exclusion|exception|hors|sans|ne (?:couvre|garantit|comprend|concerne) pas)"
              r"(?: (?:de|toute|la|sa)| l')*(?: (?:garantie|responsabilite|assurance))?(?: civile)?"
              r"(?: de nature)? decennale"),
        (-20, r"decennale (?:n'est pas (?:couverte|garantie|comprise|souscrite)|est exclue)"),
        (-7, r"devis n|proposition d'assurance|avis d'echeance|appel de cotisation"),
        (-7, r"\bfacture\b|veuillez trouver|ci-joint"),
    ),
    DocumentKind.PAID_LEAVE_BTP: _table(
        (4, r"conges (?:payes|intemperies)"),
        (3, r"cibtp|\bcnetp\b|conges[- ]intemperies btp|caisse .{0,30}conges"),
        (2, r"chomage[- ]intemperies"),
        (2, r"certificat attestant le respect|attestation de mise a jour|certificat de mise"),
        (1, r"situation (?:ir)?reguliere|a jour du paiement|a jour de ses|n'est pas a jour"),
        (1, r"soussigne"),
        (-8, r"pro ?btp|retraite|prevoyance|alpro"),
        (-8, r"appel de cotisation|mise en demeure|certificat de conges|veuillez trouver|ci-joint"),
    ),
    DocumentKind.FOREIGN_REGISTER_EXTRACT: _table(
        (6, r"handelsregister|firmenbuch"),
        (2, r"amtsgericht|abteilung b|nummer der firma|landesgericht"),
        (5, r"registre de commerce et des societes"),
        (2, r"luxembourg"),
        (6, r"krajowy rejestr sadowy|krajowego rejestru sadowego|rejestr(?:u)? przedsiebiorcow"),
        (2, r"\bkrs\b|odpis|informacja odpowiadajaca"),
        (3, r"geschaftsfuhrer|stammkapital|anzahl der bisherigen eintragungen|nummer der firma|"
            r"rechtsform|denominacion social|domicilio|informacion general mercantil|rechtsvorm|"
            r"uittreksel|company number|registered office|incorporated on|\bnipc\b|certidao|"
            r"forma prawna|siedziba|sede legale|numero rea|situation juridique|forme legale|"
            r"informacion mercantil|nota (?:simple )?informativa|razon social|datos registrales|"
            r"hoja registral|\btomo \d|figura inscrit[ao]|\bnif\b|\bcif\b"),
        (3, r"anzahl der bisherigen eintragungen"),
        (6, r"banque-carrefour des entreprises|kruispuntbank|crossroads bank|bce public search"
            r"|kbo public search"),
        (2, r"numero d'entreprise|n° bce|ondernemingsnummer|entite enregistree"
            r"|geregistreerde entiteit"),
        (6, r"registro (?:delle )?imprese|visura|registro mercantil|registradores de espana"
            r"|registo comercial"),
        (2, r"camera di commercio|codice fiscale|certidao permanente"),
        (6, r"kamer van koophandel|\bkvk\b|companies house|certificate of incorporation"),
        (6, r"commercial register|trade register|companies register|registrul comertului"),
        (6, r"obchodni rejstrik|obchodny register|registre du commerce du canton|zefix"),
        (1, r"extrait|auszug|ausdruck|abruf|odpis|extract"),
        (-6, r"greffe du tribunal|\bfacture\b|rechnung|\ba1\b|883/"),
    ),
    DocumentKind.A1_CERTIFICATE: _table(
        (3, r"\ba ?1\b"),
        (3, r"883/(?:20)?04"),
        (2, r"987/(?:20)?09"),
        (3, r"coordination (?:des systemes de securite sociale|of social security)|koordinierung"),
        (3, r"legislation de securite sociale|rechtsvorschriften der sozialen|"
            r"social security legislation|zabezpieczenia spolecznego|legislazione di sicurezza|"
            r"legislacion de seguridad|socialezekerheidswetgeving|legislacao"),
        (2, r"2[.,]2 .{0,60}(?:\d{2}[./]){2}\d{4}|2[.,]3 "),
    ),
    DocumentKind.INVOICE: _table(
        (5, r"(?m)(?:^|\t)\s?(?:facture|invoice|rechnung|avoir)\b"),
        (2, r"facture n|n° (?:de )?facture|invoice n|rechnungsn"),
        (3, r"(?:total|montant|somme)(?: (?:total|general|du|due))? (?:ttc|t\.t\.c|toutes taxes"
            r"|a payer|du\b)|net a (?:payer|regler)|reste a payer|gesamtbetrag|rechnungsbetrag"
            r"|(?:total|amount|balance) due"),
        (1, r"(?:sous-?)?total (?:ht|h\.t|hors taxe)|total net|net(?:to)? ?(?:ht|betrag)"),
        (1, r"\btva\b|\bvat\b|\bust"),
        (1, r"echeance|due date|zahlbar|indemnite forfaitaire"),
        (1, r"designation|quantite|\bqte\b"),
        # An invoice may name the quote or the order that it follows from: another title is one
        # at the head of a line.
        (-9, r"(?m)(?:^|\t)\s?(?:devis|bon de (?:commande|livraison)|offre de prix"
             r"|mise en demeure)\b|pro ?forma"),
    ),
}  # fmt: skip


#: Forms that ask where a line or a cell begins look at rows; the others at running text.
_BY_LINE = frozenset(
    form.pattern for rows in WORDS.values() for _, form in rows if "(?m)" in form.pattern
)


def scores(sheet: Sheet) -> list[Score]:
    """Every kind that the page speaks for enough, strongest first."""
    text = "\n".join(block.folded for block in sheet.blocks)
    lines = "\n".join(line.folded for line in sheet.lines)
    found = [Score(kind, _points(kind, text, lines)) for kind in WORDS]
    return sorted(
        (score for score in found if score.points >= ENOUGH),
        key=lambda score: -score.points,
    )


def best(sheet: Sheet) -> DocumentKind | None:
    """The kind of a page, or None when it speaks for none clearly."""
    found = scores(sheet)
    return found[0].kind if found else None


#: The matter of a kind: a page that does not name it is of another, whatever else it says.
_MATTER = {
    kind: pattern(source)
    for kind, source in (
        (DocumentKind.KBIS, r"registre du commerce|\br\.? ?c\.? ?s\b"),
        (DocumentKind.RNE_EXTRACT, r"registre national|\brne\b"),
        (DocumentKind.URSSAF_VIGILANCE, r"cotisations|declarations sociales"),
        (DocumentKind.TAX_COMPLIANCE, r"fisca|impots"),
        (DocumentKind.FOREIGN_WORKERS_NONE, r"etrang|autorisation de travail"),
        (DocumentKind.FOREIGN_WORKERS_LIST, r"etrang|autorisation de travail"),
        (DocumentKind.BANK_DETAILS, r"\biban\b"),
        (DocumentKind.DECENNIAL_INSURANCE, r"decennale|\b1792\b"),
        (DocumentKind.PAID_LEAVE_BTP, r"conges"),
        (DocumentKind.A1_CERTIFICATE, r"\ba ?1\b|883/"),
        (DocumentKind.INVOICE, r"facture|invoice|rechnung"),
    )
}


def is_near(sheet: Sheet, kind: DocumentKind) -> bool:
    """Whether a page speaks half as much for a kind as it should, and nothing against it."""
    text = "\n".join(block.folded for block in sheet.blocks)
    if kind in _MATTER and not _MATTER[kind].search(text):
        return False
    lines = "\n".join(line.folded for line in sheet.lines)
    return _points(kind, text, lines, enough=ENOUGH // 2) >= ENOUGH // 2


def _points(kind: DocumentKind, text: str, lines: str, *, enough: int = ENOUGH) -> int:
    """The points of a kind; below what is enough they are not counted to the end."""
    points, left = 0, _MOST[kind]
    for worth, form in WORDS[kind]:
        found = form.search(lines if form.pattern in _BY_LINE else text)
        points += worth if found else 0
        left -= max(worth, 0)
        if points + left < enough:
            return 0
    return points


#: The points that a kind could have.
_MOST = {kind: sum(max(worth, 0) for worth, _ in rows) for kind, rows in WORDS.items()}
