"""What a paper says in sentences: in order or not, struck off, insolvent, dormant, provisional."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from supplier.documents.kinds import DocumentKind
from supplier.documents.reading.dates import find_dates, first_date
from supplier.documents.reading.layout import Paper
from supplier.documents.reading.spans import Run, Span
from supplier.documents.reading.text import pattern


class Said(StrEnum):
    """The statements that matter to the verdict."""

    IN_ORDER = "in_order"
    NOT_IN_ORDER = "not_in_order"
    NO_FOREIGN_WORKERS = "no_foreign_workers"
    FOREIGN_WORKERS = "foreign_workers"
    UNCLEAR_BOX = "unclear_box"
    STRUCK_OFF = "struck_off"
    LIQUIDATION = "liquidation"
    INSOLVENCY = "insolvency"
    CLOSED_PROCEDURE = "closed_procedure"
    DORMANT = "dormant"
    LOSSES = "losses"
    DISSOLVED = "dissolved"
    MOVED = "moved"
    ADMINISTRATOR = "administrator"
    PROVISIONAL = "provisional"
    PRINTED_MONTHS = "printed_months"
    END_OF_EXTRACT = "end_of_extract"
    OVERLEAF = "overleaf"
    SECOND_PAGE = "second_page"
    CLOSING = "closing"
    PRINTED_ON = "printed_on"
    EDITED_ON = "edited_on"
    SITUATION = "situation"
    SUSPENDED = "suspended"
    ISSUED = "issued"
    VALID = "valid"
    DENIES = "denies"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, where it stands, and the date beside it if it bears one."""

    said: Said
    span: Span
    on: date | None = None


_REGISTER = frozenset({DocumentKind.KBIS, DocumentKind.RNE_EXTRACT})
_CERTIFICATES = frozenset({
    DocumentKind.URSSAF_VIGILANCE, DocumentKind.TAX_COMPLIANCE, DocumentKind.PAID_LEAVE_BTP,
})  # fmt: skip
_ABROAD = frozenset({DocumentKind.FOREIGN_REGISTER_EXTRACT})
_WORKERS = frozenset({DocumentKind.FOREIGN_WORKERS_LIST, DocumentKind.FOREIGN_WORKERS_NONE})
_ALL = frozenset(DocumentKind)

#: What a certificate speaks of, and the words that take it back.
_COVER = (
    r"(?:contrats?|polices?|garanties?|couvertures?|assurances?|adhesion|affiliation|attestation"
    r"|certificat|compte (?:cotisant|employeur|adherent))"
)
_ENDED = r"(?:suspendue?s?|resiliee?s?|annulee?s?|interrompue?s?|revoquee?s?|retiree?s?)"

#: What is said of a company is not denied: no "n'" or "ne" that a "pas" answers.
_AFFIRMED = r"(?<!n')(?<!pas\s)(?<!\bne\s)(?<!\bni\s)\b"
#: How the duties of a company are done.
_FULFILLED = (
    r"fourni|souscrit|depose|transmis|produit|declare|acquittee?s?|paye|regle|verse|satisfait"
    r"|rempli|respecte|honore"
)
#: What takes back a sentence that begins well.
_NO_BUT = r"(?![^.]{0,160}?(?:a l'exception|hormis|sauf|partiel|excepte|a l'exclusion))"
_WORKER = (
    r"(?:salaries?|travailleurs?|personnels?|employes?|ressortissants?|collaborateurs?|ouvriers?"
    r"|personnes?|mains?[- ]d'o(?:e)?uvre)"
)
#: Whoever has nobody of whom the rest of the sentence tells.
_EMPLOYS_NONE = (
    r"(?:n'(?:emplo|occup|engag|utilis|a |avons |avoir |ont |avait |y a )|ne (?:compt|comport"
    r"|comprend|fait |fais|faisons|dispos|recour|se trouve|possed))[^.]{0,50}?"
    rf"(?:pas|aucune?|ni|zero|nul)(?: d[eu']s?| recours| appel| a| aux?)* ?{_WORKER}"
    r"|ne pas (?:avoir|faire|compter|disposer|recourir|utiliser)"
    rf"(?: d[eu']s?| recours| appel| a| aux?)* ?{_WORKER}"
)

#: A day, as far as it is one: what follows it on the line is no part of it.
_DAY = r"\d{1,2}(?:er)? ?[ /.-] ?(?:\d{1,2}|[a-z]{3,9}\.?) ?[ /.-] ?\d{2,4}"

_TABLE: tuple[tuple[Said, frozenset[DocumentKind], re.Pattern[str]], ...] = tuple(
    (said, kinds, pattern(source))
    for said, kinds, source in (
        (Said.NOT_IN_ORDER, _CERTIFICATES,
         r"n'(?:est|etait|etes) (?:pas|plus) (?:a jour|en regle|en situation reguliere|en ordre"
         r"|en conformite)|situation irreguliere"
         rf"|n'(?:a|ont|avez) (?:pas|plus|jamais) (?:{_FULFILLED})|ne s'est (?:pas|jamais) acquitt|"
         r"ne (?:satisfait|remplit|respecte|s'acquitte) (?:pas|plus)|est en defaut|en retard de "
         r"paiement|"
         r"ne (?:peut|saurait|pouvons) (?:vous |etre |pas )*(?:delivre|etablir)|rest(?:e|ez) "
         r"redevable|refus de delivrance|non[- ]conformite|(?:n'est|non) pas a jour|"
         r"demeure(?:nt)? impaye|pas en mesure de (?:vous )?delivrer"),
        (Said.IN_ORDER, _CERTIFICATES,
         # The state that a company is in.
         rf"{_AFFIRMED}(?:est|sont|etes|demeure|se trouve|reste)(?: bien| effectivement| donc)* "
         rf"(?:a jour (?:de|du|des|d'|au|dans|en|pour)|en regle|en situation reguliere"
         rf"|en conformite|en ordre|dans une situation reguliere){_NO_BUT}"
         rf"|situation (?:fiscale|sociale|declarative)? ?:? ?(?:est )?reguliere{_NO_BUT}"
         # What it has done or does: declared, paid, fulfilled what it owes.
         rf"|{_AFFIRMED}(?:a|avez|ont|s'est|se sont)(?: bien| regulierement| dument)* "
         rf"(?:{_FULFILLED})[^.]{{0,80}}? (?:obligations|declarations|cotisations|contributions"
         rf"|impots|taxes)\b[^.]{{0,80}}? et (?:a |avez |ont |s'est |en a )?(?:bien |dument )*"
         rf"(?:{_FULFILLED}) (?:[a-z']+ ){{0,6}}?(?:cotisations|contributions|impots|taxes"
         rf"|montants|sommes|obligations){_NO_BUT}"
         rf"|{_AFFIRMED}(?:a|avez|ont|s'est|se sont)(?: bien| regulierement| dument)* "
         rf"(?:{_FULFILLED})[^.]{{0,40}}? (?:l'ensemble|la totalite|toutes?|ses|leurs|les|des)"
         rf"[^.]{{0,40}}? obligations\b{_NO_BUT}"
         rf"|{_AFFIRMED}(?:satisfait|remplit|respecte|s'acquitte)(?: bien| regulierement)* "
         rf"(?:a |de |toutes? )*(?:l'ensemble|la totalite|ses|toutes?|leurs)[^.]{{0,40}}?"
         rf" obligations\b{_NO_BUT}"),
        (Said.NO_FOREIGN_WORKERS, _WORKERS,
         rf"(?:{_EMPLOYS_NONE}|aucune? {_WORKER}\b(?=[^.]{{0,120}}?\bn'est (?:employ|occup))"
         rf"|aucun des {_WORKER}\b(?=[^.]{{0,120}}?\bn'est (?:soumis|de nationalite))"
         r"|n'(?:emplo(?:ie|ient|ier|yer|yons)|occup(?:e|er|ent|ons))[^.]{0,60}? (?:pas|aucun)"
         r"|ne pas (?:employer|occuper))"
         # A promise to employ nobody without a permit says nothing of those who have one.
         r"(?![^.]{0,160}?(?:irreguli|demuni|depourvu|non muni|non titulaire|dissimul|"
         r"sans (?:titre|papier|autorisation)))"),
        (Said.FOREIGN_WORKERS, _WORKERS,
         r"(?<!ne\spas\s)employer (?:des|un ou plusieurs|les) salaries etrangers|(?<!n')emploie "
         r"(?:les|des) (?:salaries|travailleurs) etrangers"),
        (Said.STRUCK_OFF, _REGISTER,
         r"immatriculation radiee|radiee? (?:d'office )?(?:le|du r|au r)|date de (?:la )?radiation"
         r"(?! anterieure)|radiation (?:d'office|du registre|du r\.? ?c|de la societe|de "
         r"l'entreprise|le \d|a compter)|entreprise radiee|societe radiee|"
         r"etat ?: ?(?:radie|cesse)"),
        (Said.LIQUIDATION, _REGISTER,
         r"(?:jugement|ouverture|prononc|procedure|conversion|placee? en|en etat de).{0,160}?"
         r"liquidation judiciaire|liquidation judiciaire (?:simplifiee|ouverte|prononcee)|"
         r"designe liquidateur|liquidateur judiciaire|liquidation judiciaire"),
        (Said.INSOLVENCY, _REGISTER,
         r"redressement judiciaire|procedure de sauvegarde|sauvegarde acceleree|plan de "
         r"sauvegarde|(?:jugement|ouverture).{0,120}?sauvegarde|procedures? collectives?"
         r"(?! ?: ?neant)(?=.{0,400}jugement)|mandataire judiciaire"),
        (Said.LIQUIDATION, _ABROAD,
         r"(?:(?:ouverture|declaration|jugement|etat|cloture)? ?(?:de |en )?faillite\b|liquidation "
         r"(?:judiciaire|forcee|par le tribunal)|insolvenz(?:verfahren)? ?(?:uber|eroffnet|ist)"
         r"|insolvenzverfahren|in insolvenz|konkurs(?:verfahren)?\b|faillissement|failliet"
         r"|in (?:compulsory )?liquidation|winding[- ]up|insolvency proceedings|in administration"
         r"|upadlosc|w upadlosci|w likwidacji|fallimento|liquidazione (?:giudiziale|coatta)"
         r"|concurso de acreedores|en liquidacion|insolvencia|em liquidacao)"
         # A heading that asks for it and is answered by nothing says nothing.
         r"(?! ?[:-]? ?(?:neant|aucune?|keine?|geen|none|nil|brak|nessun|ningun|-))"),
        (Said.INSOLVENCY, _ABROAD,
         r"reorganisation judiciaire|gestion controlee|sursis de paiement|surseance van betaling"
         r"|gerechtelijke reorganisatie|concordato preventivo|restrukturyzac|vorlaufige[rs]? "
         r"insolvenzverwalter|moratorium"),
        (Said.STRUCK_OFF, _ABROAD,
         r"(?:entite|societe|inscription|immatriculation) (?:radiee|cessee|cloturee)|radiation "
         r"(?:d'office|du registre|le \d)|(?:die firma|gesellschaft) ist (?:erloschen|geloscht)"
         r"|von amts wegen geloscht|struck off|dissolved(?: on)?|uitgeschreven|doorgehaald"
         r"|wykreslon|cancellata dal registro|cancelada la hoja"),
        (Said.DISSOLVED, _ABROAD,
         r"liquidation (?:volontaire|amiable)|mise en liquidation|liquidateurs? ?:"
         r"|(?:gesellschaft|sie) ist aufgelost|liquidator(?:en)? ?:|in vereffening|ontbonden"
         r"|in liquidazione|dissoluta|disuelta"),
        (Said.CLOSED_PROCEDURE, _REGISTER,
         r"cloture (?:de la procedure|pour extinction)|fin de la procedure|extinction du passif"),
        (Said.DORMANT, _REGISTER,
         r"mise en sommeil|cessation (?:totale |temporaire |complete )?d(?:e l'|e toute |')activite"
         r"|sans activite|cesse(?:r)? toute activite|entreprise sans exploitation"),
        (Said.LOSSES, _REGISTER,
         r"(?:actif net|capitaux propres) (?:devenu|inferieur|sont devenus)s? .{0,20}?a la moitie"),
        (Said.DISSOLVED, _REGISTER,
         r"dissolution(?! anticipee rapportee)|liquidation amiable|(?:^|\t)liquidateur|"
         r"transmission universelle du patrimoine"),
        (Said.ADMINISTRATOR, _REGISTER,
         r"administrateur (?:provisoire|judiciaire)|mandataire ad hoc|interdiction de gerer"),
        (Said.MOVED, _REGISTER,
         r"transfert du (?:siege|r\.? ?c\.? ?s)|transfert (?:hors|en provenance|de son siege)"),
        (Said.DENIES, _ALL - _REGISTER - {DocumentKind.INVOICE},
         r"(?:ne (?:constitue|vaut|remplace) pas|n'est pas) (?:une |un |l'|la |le )?"
         r"(?:attestation|certificat|justificatif)|ne tient pas lieu d|"
         r"ne (?:peut|saurait|doit) (?:donc |en aucun cas |pas )*(?:etre )?"
         r"(?:remise?|produite?|presentee?|utilisee?|opposee?|servir)\b[^.]{0,90}?"
         r"(?:donneurs? d'ordre|8222|vigilance|cocontractant)"),
        (Said.PROVISIONAL, frozenset({DocumentKind.URSSAF_VIGILANCE}),
         r"attestation provisoire|a titre provisoire|"
         r"premiere echeance (?:declarative|de paiement)"),
        (Said.PRINTED_MONTHS, _CERTIFICATES,
         r"val(?:able|idite)[^.]{0,40}? (?P<n>trois|deux|quatre|six|3|2|4|6) mois"),
        (Said.END_OF_EXTRACT, _REGISTER,
         r"fin de l'extrait|(?:^|\t)le greffier|pour extrait (?:certifie )?conforme"),
        (Said.SECOND_PAGE, frozenset({DocumentKind.URSSAF_VIGILANCE}),
         r"attestation de l'union de recouvrement|etablissement\(s\) ci-dessus designe"),
        (Said.CLOSING, frozenset({DocumentKind.DECENNIAL_INSURANCE}),
         # A town and a day alone may head a letter of which the end is missing.
         r"fait a|fait (?:ce jour )?le \d|pour (?:l'assureur|la (?:societe|compagnie|mutuelle))"
         r"|le directeur|signature|cachet|en foi de quoi|valoir ce que de droit"
         r"|(?:^|\t)l'assureur ?:"),
        # The foot of an extract: "R.C.S. Lyon - 14/10/2026 - 10:38:53".
        (Said.PRINTED_ON, frozenset({DocumentKind.KBIS}),
         r"r\.? ?c\.? ?s{1,2}\.? [a-z' -]{2,40}? ?-? ?(?P<d>[0-3]\d) ?/? ?(?P<m>[01]\d) ?/? ?"
         r"(?P<y>20\d\d)[ -]{0,4}\d\d[:.]\d\d"),
        # The same of a court that prints no hour: "R.C.S. Metz - 18/12/2025 - page 1/1".
        (Said.PRINTED_ON, frozenset({DocumentKind.KBIS}),
         r"r\.? ?c\.? ?s{1,2}\.? [a-z' -]{2,40}? ?- ?(?P<d>[0-3]\d) ?/ ?(?P<m>[01]\d) ?/ ?"
         r"(?P<y>20\d\d)(?!\d)(?![ -]{0,4}\d\d[:.]\d\d)"),
        # The day of printing, and the place and day that head what a court prints.
        (Said.EDITED_ON, _REGISTER | _CERTIFICATES,
         rf"(?:editee?|imprimee?) (?:a [a-z' -]{{2,40}}?,? )?le ?:? ?{_DAY}"
         rf"|date d'(?:edition|impression) ?:? ?(?:le )?{_DAY}"),
        (Said.EDITED_ON, _REGISTER,
         rf"(?:^|\t)(?:fait )?(?:a ?:? ?)?(?!recue?|arrivee?|paye|vu |nee?\b)[a-z][a-z' -]{{1,40}}?"
         rf" ?, ?le ?:? ?{_DAY}(?=\t|$)"),
        # The day up to which a tax certificate looked.
        (Said.SITUATION, frozenset({DocumentKind.TAX_COMPLIANCE}),
         r"(?:situation(?: fiscale)?|incombant|elements [^.]{0,80}?) au \d.{5,16}?\d{4}"),
        # Each place where an issuer dates its certificate: the head of a letter, the foot.
        (Said.ISSUED, _CERTIFICATES | {DocumentKind.DECENNIAL_INSURANCE},
         rf"(?:(?:^|\t)(?!recue?|arrivee?|paye|vu |nee?\b)(?:fait )?(?:a ?:? ?)?"
            # "Centralise ses obligations depuis le" tells of a beginning.
            rf"[a-z][a-z' -]{{1,40}}?(?<!depuis)(?: ?, ?le| le) ?:? ?{_DAY}"
         rf"|fait a ?:? ?[a-z][a-z' -]{{1,40}}?,? ?le ?:? ?{_DAY}|(?:^|\t)le ?:? {_DAY}(?=\t|$)"
         rf"|(?:delivree?|etablie?|editee?) (?:a [a-z' -]{{2,40}}? )?le ?:? ?{_DAY}"
         rf"|date (?:de delivrance|d'edition|d'etablissement) ?:? ?(?:le )?{_DAY})"),
        (Said.ISSUED, frozenset({DocumentKind.RNE_EXTRACT}),
         rf"fait a ?:? ?[a-z][a-z' -]{{1,40}}?,? ?le ?:? ?{_DAY}|(?:extrait|attestation|document) "
         rf"(?:delivree?|etablie?|editee?) (?:a [a-z' -]{{2,40}}?,? )?le ?:? ?{_DAY}"
         rf"|date (?:de delivrance|d'edition|d'impression) ?:? ?(?:le )?{_DAY}"),
        # The end of the validity that an insurer certifies, wherever it says so.
        (Said.VALID, frozenset({DocumentKind.DECENNIAL_INSURANCE}),
         rf"(?:valable|valide|validite)\b[^.;]{{0,90}}?\b(?:au|jusqu'au|et le) {_DAY}"),
        # A contract that stands no more; not what would end it, nor one that went before.
        (Said.SUSPENDED, _CERTIFICATES | {DocumentKind.DECENNIAL_INSURANCE},
         rf"\b(?:le |la |l'|les |ce |cette |ces |votre |vos |presente )*{_COVER}\b"
         rf"(?:(?: n° ?\S+)? ?:? ?{_ENDED}\b"
         rf"|(?:(?!\b{_COVER}\b)[^;:!?]){{0,60}}?"
         rf"\b(?:est|sont|fut|demeure(?:nt)?|se trouve(?:nt)?|a ete|ont ete|etait|etaient)"
         rf"(?: (?:actuellement|provisoirement|temporairement|desormais))? {_ENDED}\b"
         rf"|(?:(?!\b{_COVER}\b)[^;:!?]){{0,60}}?(?:\b(?:est|sont|reste(?:nt)?) (?:desormais )?"
         rf"(?:sans effet|nulle?s?\b|caduque?s?|dechue?s?)|n'(?:est|sont) plus (?:en (?:vigueur|"
         rf"cours)|acquise?s?|due|valable)))"
         rf"|\b(?:etat|statut|situation)(?: d[a-z' ]{{1,20}})? ?: ?{_ENDED}\b"
         rf"|(?:^|\t){_ENDED}(?: (?:le|au|depuis|a compter|pour) .{{0,60}})?(?:\t|$)"
         rf"|n'est plus (?:assuree?|garantie?|couverte?|adherente?|affiliee?)\b"
         rf"|\b(?:suspension|resiliation|cessation) (?:du contrat|de la police|des garanties|de la "
         rf"garantie|de l'adhesion)(?: .{{0,40}}?)? (?:le|au|depuis le|a effet du|a compter du) "
         r"\d"),
        (Said.OVERLEAF, frozenset({DocumentKind.URSSAF_VIGILANCE}),
         r"la liste figure (?:au verso|en page)|liste figure au verso"),
    )
)  # fmt: skip

_WITHOUT_PERMIT = re.compile(r"irreguli|demuni|depourvu|non muni|non titulaire|sans titre|dissimul")
_CHECKED = re.compile(r"(?:[☒☑✓✔✗✘☓■◼⊠🗹þýx×]|\[ ?x ?\]|\( ?x ?\))\s*$")
_UNCHECKED = re.compile(r"(?:[☐□◻▢❑❒¨oO0]|\[ ?\]|\( ?\))\s*$")
_SUBJECT = re.compile(r"(?:l'entreprise|la societe|elle|je|declare|atteste|employer)\s*$")
_BOXED = frozenset({
    Said.NOT_IN_ORDER, Said.IN_ORDER, Said.NO_FOREIGN_WORKERS, Said.FOREIGN_WORKERS,
})  # fmt: skip


def statements(paper: Paper, kind: DocumentKind, *, boxes: bool = True) -> list[Statement]:
    """Every statement on the paper that matters for its kind. Empty boxes are not said.

    Without `boxes` they are: readers of pictures give any sign for a box, the ink decides.
    """
    found: list[Statement] = []
    for said, kinds, form in _TABLE:
        if kind in kinds:
            found.extend(_stated(paper, said, form, boxes=boxes))
    return found


def _stated(paper: Paper, said: Said, form: re.Pattern[str], *, boxes: bool) -> Iterator[Statement]:
    seen: set[tuple[int, float]] = set()
    # A line alone may lack the words that turn its sentence.
    whole = said is Said.SUSPENDED or (
        said is Said.NO_FOREIGN_WORKERS and _WITHOUT_PERMIT.search(paper.folded)
    )
    for runs in (paper.blocks,) if whole else (paper.blocks, paper.lines):
        for run in runs:
            for match in form.finditer(run.folded):
                span = run.span(match.start(), match.end())
                if span is None:
                    continue
                place = (span.page, round(span.words[0].box.top, 3))
                if place in seen:
                    continue
                seen.add(place)
                if (
                    boxes
                    and said in _BOXED
                    and (not _box_is_set(run, match.start()) or _is_passed_over(paper, span))
                ):
                    continue
                if said is Said.SUSPENDED and _is_clause(run, match):
                    continue
                yield Statement(said, span, _told_day(match) or _near_day(run, match, said))


_IF = re.compile(
    r"\b(?:si|s'il|en cas|sauf|sous reserve|a condition|lorsqu|tant qu|au cas|dans l'hypothese"
    r"|a moins|faute de|a defaut|jusqu'a ce|des lors|avant qu|quand|toute?s?|autres?|si jamais|ni"
    r"|n'est|n'a|n'ont|ne|peut|peuvent|pourra|pourrait|pourraient|serait|seraient|soit|remplace"
    r"|article|art\.|precedente?s?|ancienne?s?|anterieure?s?)\b"
)
_SENTENCE = re.compile(r"[.;!?•]\s|\s[-–—*]\s")


def _is_clause(run: Run, match: re.Match[str]) -> bool:
    """Whether a sentence says when a contract would end, not that it did.

    What begins with a capital begins its sentence, in a block whose headings have no full stop.
    """
    said = run.text[match.start() : match.end()].strip()
    begins = said[:1].isupper() and not said.isupper()
    before = "" if begins else _SENTENCE.split(run.folded[: match.start()])[-1]
    after = _SENTENCE.split(run.folded[match.end() :])[0]
    after = re.split(r"\bfaute de|\ba defaut de", after)[0]
    stands = re.sub(r"n'(?:est|sont) plus", "", match[0])
    return bool(_IF.search(before) or _IF.search(stands) or _IF.search(after))


#: Statements that are nothing but their day.
_DATED = frozenset({Said.ISSUED, Said.VALID, Said.EDITED_ON})


def _near_day(run: Run, match: re.Match[str], said: Said) -> date | None:
    """The last day in what is said, or the first one around it."""
    days = find_dates(match[0])
    if days:
        return days[-1].day
    if said in _DATED:
        return None
    near = first_date(run.folded[max(0, match.start() - 80) : match.end() + 80])
    return near.day if near else None


def _told_day(match: re.Match[str]) -> date | None:
    """The day that the groups of a form give, strokes lost by a scan or not."""
    parts = match.groupdict()
    if not parts.get("y"):
        return None
    found = first_date(f"{parts['d']}/{parts['m']}/{parts['y']}")
    return found.day if found else None


def _box_is_set(run: Run, start: int) -> bool:
    """Whether the sentence is said: no box before it, or a ticked one."""
    before = run.folded[max(0, start - 25) : start]
    raw = run.text[max(0, start - 25) : start]
    subject = _SUBJECT.sub("", before)
    raw = raw[: len(subject)]
    return not _UNCHECKED.search(raw) or _word_before(raw)


_TICK = re.compile(r"[xX☒☑✓✔✗✘×]")


def _is_passed_over(paper: Paper, span: Span) -> bool:
    """Whether other lines of its column have a tick in the cell beside them and this has none."""
    sheet, cell = next(
        (sheet, cell) for sheet, cell in paper.cells if span.words[0] in cell.run.words
    )
    ticks = [tick for tick in sheet.cells if _TICK.fullmatch(tick.run.text.strip())]
    if sheet.left_of(cell) in ticks:
        return False
    beside = (sheet.right_of(tick) for tick in ticks)
    return any(other and abs(other.x0 - cell.x0) < 1.5 * cell.height for other in beside)


def _word_before(raw: str) -> bool:
    """Whether what looks like an empty box is the end of a word ("Zero")."""
    return bool(re.search(r"\w\w\s*$", raw))
