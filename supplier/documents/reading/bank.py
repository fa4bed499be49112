"""How bank details print their values, and the keys of account numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException

from supplier.documents.reading.extract import (
    Asks,
    By,
    Fields,
    Hints,
    Parsed,
    as_value,
    asks,
    candidates,
    fit,
    label,
    lines_of,
    phrase,
)
from supplier.documents.reading.layout import Paper
from supplier.documents.reading.people import addressee, name_on_a_line, strangers_at_one_address
from supplier.documents.reading.places import is_address
from supplier.documents.reading.result import FieldValue, Value
from supplier.documents.reading.sentences import CERTIFIES_THAT, named_after
from supplier.documents.reading.spans import Span
from supplier.documents.reading.text import pattern
from supplier.documents.reading.values import company, cut, matching
from supplier.documents.reading.vocabulary import Term

_IBAN = re.compile(
    r"(?<![A-Za-z0-9])(?P<v>[A-Za-z]{2}\s?\d\s?\d(?:[ \t]?[A-Za-z0-9]){11,30})(?![A-Za-z0-9])"
)
_LENGTHS = {
    "FR": 27, "MC": 27, "DE": 22, "BE": 16, "LU": 20, "PL": 28, "IT": 27, "ES": 24, "PT": 25,
    "NL": 18, "AT": 20, "CH": 21, "GB": 22, "IE": 22, "RO": 24, "CZ": 24, "SK": 24, "HU": 28,
    "LT": 20, "LV": 21, "EE": 20, "SI": 19, "HR": 21, "BG": 22, "DK": 18, "SE": 24, "FI": 18,
    "GR": 27, "CY": 28, "MT": 31, "NO": 15, "LI": 21, "SM": 27, "AD": 24,
}  # fmt: skip
RIB = re.compile(r"(?<!\d)(\d{5})[ \t]+(\d{5})[ \t]+([A-Z0-9]{11})[ \t]+(\d{2})(?!\d)")
#: The four parts with their labels between them, on one line.
_RIB_LABELLED = re.compile(
    r"(?<!\d)(\d{5})[\s:;,|]+(?:code )?guichet[\s:]*(\d{5})[\s:;,|]+(?:n°|no|numero)?(?: ?de)? ?"
    r"compte[\s:]*([a-z0-9]{11})[\s:;,|]+cle(?: rib)?[\s:]*(\d{2})(?!\d)"
)


def ibans(paper: Paper) -> list[Parsed]:
    """Every account number in IBAN form on the paper, right key or wrong, each once."""
    found: dict[str, Parsed] = {}
    for runs in (paper.lines, paper.blocks):
        for run in runs:
            for parsed in _ibans_in(run.whole()):
                found.setdefault(parsed.value, parsed)
    return list(found.values())


def _ibans_in(span: Span) -> Iterator[Parsed]:
    for match in _IBAN.finditer(span.text):
        compact = re.sub(r"\s", "", match["v"]).upper()
        length = _LENGTHS.get(compact[:2])
        if length is None or len(compact) < length:
            continue
        end, letters = match.start("v"), 0
        while letters < length:
            letters += not span.text[end].isspace()
            end += 1
        yield Parsed(compact[:length], span.cut(match.start("v"), end) or span)


def iban_holds(iban: str) -> bool:
    """Whether the control key of an IBAN is right (mod 97)."""
    try:
        IBAN(iban)
    except (SchwiftyException, ValueError):
        return False
    return True


def rib_holds(iban: str) -> bool:
    """Whether an IBAN of France or Monaco also passes its RIB key; true for other countries."""
    if iban[:2] not in {"FR", "MC"}:
        return True
    try:
        IBAN(iban, validate_bban=True)
    except (SchwiftyException, ValueError):
        return False
    return True


#: Two readings of one account on a scan share most of its letters, in order.
_ONE_ACCOUNT = 0.8


def others(chosen: FieldValue | None, numbers: Sequence[str]) -> list[str]:
    """The account numbers of a paper that are not readings of the chosen one."""
    if not isinstance(chosen, Value):
        return []
    return [
        number for number in numbers
        if SequenceMatcher(None, number, chosen.text, autojunk=False).ratio() < _ONE_ACCOUNT
    ]  # fmt: skip


def national_repeats(paper: Paper, chosen: FieldValue | None) -> bool:
    """Whether a paper that prints the national form repeats branch or account of the IBAN in it.

    A scan that spoilt one of them has the other; a form that repeats neither is another account.
    """
    if not isinstance(chosen, Value) or chosen.text[:2] not in {"FR", "MC"}:
        return True
    if "guichet" not in paper.flat:
        return True
    branch, account = chosen.text[9:14], chosen.text[14:25]
    texts = [_IBAN.sub(" ", line.text.upper()) for line in paper.lines]
    if any(re.search(rf"(?<!\d){branch}(?!\d)", text) for text in texts):
        return True
    pieces = [piece for text in texts for piece in re.findall(r"[A-Z0-9]{10,12}", text)]
    return any(
        SequenceMatcher(None, piece, account, autojunk=False).ratio() >= _ONE_ACCOUNT
        for piece in pieces
    )


#: Letters of a bank's code that a scan may get wrong.
_MISREAD = 1


def other_bank(fields: Mapping[str, FieldValue], *, scanned: bool) -> str:
    """The code of the bank that keeps the account, where the printed code is another bank's.

    Empty where they agree or the register of banks does not know the account's bank.
    """
    iban, bic = fields.get("iban"), fields.get("bic")
    if not isinstance(iban, Value) or not isinstance(bic, Value):
        return ""
    try:
        account = IBAN(iban.text)
        known = BIC.candidates_from_bank_code(account.country_code, account.bank_code)
    except (SchwiftyException, ValueError):
        return ""
    heads = {str(code)[:4] for code in known}
    allowed = _MISREAD if scanned else 0
    if not heads or any(_letters_apart(head, bic.text[:4]) <= allowed for head in heads):
        return ""
    return str(known[0])


def _letters_apart(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=False))


def rib_parts(paper: Paper) -> set[str]:
    """The national account numbers printed as bank, branch, account, key, without blanks."""
    found = set()
    for line in paper.lines:
        for match in RIB.finditer(line.text):
            found.add("".join(match.groups()))
        for match in _RIB_LABELLED.finditer(line.folded):
            found.add("".join(match.groups()).upper())
    labelled = [
        _digits_after(paper, source, form)
        for source, form in (
            (r"(?:code )?(?:banque|etablissement)|c/etab", r"\d{5}"),
            (r"(?:code )?guichet|c/guichet", r"\d{5}"),
            (r"n(?:umero|°)?(?: de| /)? ?compte|compte|n/compte", r"[A-Z0-9]{11}"),
            (r"cle(?: rib)?|c/rice", r"\d{2}"),
        )
    ]
    if all(labelled):
        found.add("".join(part or "" for part in labelled))
    return found


def _digits_after(paper: Paper, source: str, form: str) -> str | None:
    parse = matching(rf"(?<![A-Z0-9]){form}(?![A-Z0-9])")
    parsed = next(candidates(paper, label(source, parse), hints=Hints()), None)
    return parsed.value if parsed else None


def iban_of(paper: Paper, _hints: Hints) -> FieldValue | None:
    found = ibans(paper)
    good = [parsed for parsed in found if iban_holds(parsed.value)]
    chosen = good or found
    return as_value(chosen[0]) if chosen else None


_BIC = re.compile(r"(?<![A-Z0-9])[A-Z]{4} ?[A-Z]{2} ?[A-Z0-9]{2}(?: ?[A-Z0-9]{3})?(?![A-Z0-9])")


def _short(parsed: Parsed) -> Parsed:
    """A code of eight letters, where the three that seem to follow are a word of their own."""
    words = parsed.span.text.split()
    if len(words) == 2 and len(words[0]) == 8 and not _is_known(parsed.value):
        head = parsed.span.cut(0, 8)
        return Parsed(words[0], head or parsed.span)
    return parsed


def _is_known(code: str) -> bool:
    try:
        return bool(BIC(code).exists)
    except (SchwiftyException, ValueError):
        return False


def _is_its_label(text: str) -> bool:
    """Whether what looks like a code is a piece of its own label, parted by a scan."""
    return text.replace(" ", "").lower() in "bankidentifiercode adresseswift codeidentification"


def _bic(span: Span) -> Parsed | None:
    """The code after its label: one with figures first; capitals alone may be words."""
    found = [
        _short(Parsed(match[0].replace(" ", ""), cut(span, match)))
        for match in _BIC.finditer(span.text)
        if match[0].replace(" ", "")[4:6] in _LENGTHS and not _is_its_label(match[0])
    ]
    marked = [parsed for parsed in found if re.search(r"\d|XX|PP", parsed.value[4:])]
    whole = [parsed for parsed in found if " " not in parsed.span.text]
    return next(iter(marked or whole), None)


def _strict_bic(paper: Paper, _hints: Hints) -> FieldValue | None:
    """A BIC whose institution exists in the register of banks, wherever it stands."""
    for line in paper.lines:
        for match in _BIC.finditer(line.text):
            code = match[0].replace(" ", "")
            try:
                known = BIC(code).exists
            except (SchwiftyException, ValueError):
                continue
            span = line.span(match.start(), match.end())
            if known and span:
                return as_value(Parsed(code, span))
    return None


_HOLDER = (
    r"(?:nom (?:du |et adresse du )?)?titulaires?(?: du compte| de compte)?|intitule du compte"
    r"|kontoinhaber(?:in)?|account (?:holder|owner|name)|name of (?:the )?(?:account )?(?:holder"
    r"|owner)|beneficiaire|beneficiary|intestatario.*"
    r"|titular(?: de la cuenta)?|(?:naam )?rekeninghouder|nom du compte|raison sociale"
    r"|posiadacz(?: rachunku)?|wlasciciel rachunku|titolare|intestazione|inhaber|compte au nom de"
)


def _holder_name(span: Span) -> Parsed | None:
    """A holder's name; never the rest of a label that a scan spoilt ("du cornpte")."""
    parsed = company(span)
    if parsed is None or re.match(r"(?:du|de|des|d')(?: [a-z]+)?$", parsed.span.folded):
        return None
    return None if _IBAN.search(parsed.value) or _NEXT_LABEL.match(parsed.span.folded) else parsed


#: "… que le compte ci-dessous est ouvert au nom de :"; "… que X est titulaire du compte …".
_ATTESTED = named_after(
    r"\bcomptes?\b[^.\t]{0,160}? (?:au(?:x)? noms? de|(?:detenu|ouvert)s? par)",
    r"\b(?:account|konto|conto|cuenta|conta|rekening|rachunek|rachunku)\b[^.\t]{0,120}? (?:in the"
    r" name of|held by|lautend auf|im namen von|intestat[oa] a|a nombre de|em nome de|op naam van"
    r"|na rzecz)",
    rf"{CERTIFIES_THAT} (?=[^.\t]{{2,240}}? (?:(?:est|sont) (?:bien |effectivement )?(?:titulaires?"
    r"|cliente?s?)|a ouvert|detient|possede|dispose|tient)[^.]{0,80} comptes?\b)",
    # "… bestätigen wir, dass die X bei uns folgendes Konto unterhält"; "… że X jest posiadaczem …".
    r"\bbestatig[a-z]*(?: wir)?(?: hiermit)?,? dass(?=[^\t]{2,200}? \w*kont(?:o|en|os)\b)",
    r"\b(?:we|hereby) (?:hereby )?(?:confirm|certify) that(?=[^\t]{2,200}? accounts?\b)",
    r"\b(?:zaswiadcza|potwierdza)[a-z]*,? ze(?=[^\t]{2,200}? rachun)",
    r"\b(?:certifica|hace constar|attesta|conferma|certifica-se|declara)[a-z-]*,? (?:que|che)"
    r"(?=[^\t]{2,200}? (?:cuenta|conto|conta)\b)",
    r"\b(?:bevestig|verklar|attesteer)[a-z]*(?: wij| hierbij)*,? dat(?=[^\t]{2,200}? rekening)",
)


def _holder(paper: Paper, hints: Hints) -> FieldValue | None:
    """The account holder: after its label, in the column under it, or in the address block."""
    if strangers_at_one_address(paper, hints):
        return None
    block = _holder_block(paper, hints)
    return block or addressee(paper, hints) or name_on_a_line(paper, hints)


#: What stands under a label of a table whose values stand elsewhere: the next label.
_NEXT_LABEL = re.compile(r"(?:iban|bic|swift|banque|bank|code|n°|numero|domiciliation|adresse)\b")


def _holder_block(paper: Paper, hints: Hints) -> Value | None:
    """A block headed by the label of the holder holds the name in its second line."""
    form = pattern(rf"^(?:{_HOLDER})\s?:?\s?$")
    beside = {
        cell.run.words[0] for sheet, cell in paper.cells
        if form.match(cell.run.folded) and sheet.right_of(cell)
    }  # fmt: skip
    for block in paper.blocks:
        lines = lines_of(block)
        for index, line in enumerate(lines[:-1]):
            under = lines[index + 1].folded
            if line.words[0] in beside or is_address(under) or _NEXT_LABEL.match(under):
                continue
            if form.match(line.folded):
                span = fit(lines[index + 1], lines[index + 2 : index + 5], hints=hints)
                parsed = company(span)
                return as_value(parsed) if parsed else None
    return None


_BANK = pattern(
    r"^(?P<v>(?:bnp paribas|societe generale|credit (?:agricole|mutuel|lyonnais|du nord|"
    r"cooperatif|industriel)|\bcic\b|\blcl\b|la banque postale|banque |caisse (?:d'epargne|"
    r"regionale|federale)|bred|hsbc|sparkasse|volksbank|raiffeisen|deutsche bank|commerzbank|"
    r"qonto|olinda|revolut|n26|boursorama|boursobank|shine|kbc|belfius|ing\b|bgl|bcee|spuerkeess|"
    r"axa banque|fortuneo|monabanq|ccf\b|arkea|unicredit|intesa|santander|bbva|caixa|millennium|"
    r"pko|mbank|banca |banco |bank |crelan|memo bank|treezor|swan)[^\t]*)$"
)
_NOT_BANK = re.compile(r"postfach|·|@|https?:|www\.|releve|capital|tel\b")


def _bank(paper: Paper, _hints: Hints) -> FieldValue | None:
    """The bank: after its label, by its letterhead, or by the domiciliation."""
    found = [
        cell.run.whole()
        for _, cell in paper.cells
        if _BANK.match(cell.run.folded)
        and not _NOT_BANK.search(cell.run.folded)
        and len(cell.run.text) < 70
    ]
    if not found:
        return None
    # "CREDIT MUTUEL STRASBOURG" is the branch: the bank is what all its mentions begin with.
    chosen = next(
        (span for span in sorted(found, key=lambda item: len(item.text))
         if found[0].folded.startswith(span.folded)), found[0])  # fmt: skip
    return as_value(Parsed(chosen.text, chosen))


def _holder_asked(only: str) -> Asks:
    return asks(
        Term.HOLDER, Term.FIRM, Term.NAME, Term.CLIENT, parse=_holder_name, wraps=True, only=only,
        also=(Term.GIVEN, Term.ADDRESS, Term.ACCOUNT, Term.COMPANY),
    )  # fmt: skip


BANK: Fields = {
    "iban": (By(iban_of),),
    "bic": (
        phrase(r"(?:bic|swift)[^\t\n]{0,60}?(?P<v>[a-z]{4} ?[a-z]{2} ?[a-z0-9]{2}"
               r"(?: ?[a-z0-9]{3})?)(?![a-z0-9])", _bic),
        label(r"(?:code )?bic.*|.*\(bank identifier code\)|adresse swift|bic-adresse swift|swift.*",
              _bic),
        By(_strict_bic),
    ),
    "bank_name": (
        asks(Term.BANK, parse=matching(r"^(?P<v>[^\W\d][^\t]{2,60})"), text=True,
             also=(Term.NAME, Term.PREMISES)),
        By(_bank),
    ),
    "holder": (
        _holder_asked("after"),
        By(_holder_block),
        _holder_asked(""),
        _ATTESTED,
        By(_holder),
    ),
}  # fmt: skip
