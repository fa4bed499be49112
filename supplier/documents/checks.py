"""Checks of a paper that was read: pure functions from what was read to findings."""

from __future__ import annotations

import re
from collections.abc import Mapping

from supplier.documents import validity as rules
from supplier.documents.checks_alarms import ALARMS, missing_fields
from supplier.documents.checks_evidence import Checker, Evidence, Outcome, facts_of
from supplier.documents.checks_plausible import PLAUSIBLE
from supplier.documents.findings import doubt, note, refusal
from supplier.documents.kinds import KINDS, Check, DocumentKind, ReasonCode
from supplier.documents.reading.names import Likeness, likeness
from supplier.documents.reading.places import is_place
from supplier.documents.reading.result import Finding, ReadRequest, Value
from supplier.documents.reading.statements import Said
from supplier.documents.reading.text import fold, key
from supplier.documents.reading.values import is_siren
from supplier.kernel.i18n import N_

#: The courts of Alsace-Moselle print no verification code (local registers of 1900).
LOCAL_REGISTERS = re.compile(
    r"strasbourg|saverne|colmar|mulhouse|metz|thionville|sarreguemines", re.IGNORECASE
)
#: Kinds that the law takes one for the other: a person decides instead of a refusal.
ALTERNATIVES: tuple[frozenset[DocumentKind], ...] = (
    frozenset({DocumentKind.KBIS, DocumentKind.RNE_EXTRACT}),
    frozenset({DocumentKind.FOREIGN_WORKERS_NONE, DocumentKind.FOREIGN_WORKERS_LIST}),
)


def run_checks(
    evidence: Evidence, request: ReadRequest
) -> tuple[tuple[Finding, ...], frozenset[Check]]:
    """Run every check that the kind demands, then those that only raise alarms."""
    findings: list[Finding] = []
    passed: set[Check] = set()
    spec = KINDS[evidence.kind]
    for check in spec.checks:
        outcome = CHECKS[check](evidence, request)
        findings.extend(outcome.findings)
        if outcome.passed:
            passed.add(check)
        elif check is Check.KIND:
            return tuple(findings), frozenset()
    findings.extend(missing_fields(evidence))
    for alarm in (*ALARMS, *PLAUSIBLE):
        findings.extend(alarm(evidence, request))
    return tuple(findings), frozenset(passed)


def check_kind(evidence: Evidence, request: ReadRequest) -> Outcome:
    """The paper is of the kind that was asked for."""
    expected = request.expected_kind
    if evidence.kind is DocumentKind.OTHER:
        return Outcome((refusal(ReasonCode.WRONG_KIND),) if expected else ())
    if expected in {None, evidence.kind}:
        return Outcome(passed=True)
    pair = frozenset({expected, evidence.kind})
    if any(pair <= group for group in ALTERNATIVES):
        found = doubt(
            ReasonCode.WRONG_KIND,
            rule="D8222-5, D8254-2",
            message=N_("This is another paper than the one asked for; the law may accept it."),
        )
        return Outcome((found,), passed=True)
    return Outcome((refusal(ReasonCode.WRONG_KIND),))


def check_siren(evidence: Evidence, request: ReadRequest) -> Outcome:
    """The company number on the paper is the supplier's; a name only where none exists."""
    name = "seller_siren" if evidence.kind is DocumentKind.INVOICE else "siren"
    read = evidence.value(name)
    if request.supplier_siren is None:
        return check_name(evidence, request)
    if read is None:
        return Outcome()
    if not is_siren(read.text):
        return Outcome((_bad_number(evidence, read),))
    if read.text == request.supplier_siren:
        return Outcome(passed=True)
    return Outcome((_other_company(evidence, request, read),))


def _bad_number(evidence: Evidence, read: Value) -> Finding:
    if evidence.scanned:
        return doubt(ReasonCode.UNREADABLE, at=read)
    return refusal(ReasonCode.CHECKSUM_INVALID, rule="Luhn", at=read)


def _other_company(evidence: Evidence, request: ReadRequest, read: Value) -> Finding:
    """Refuse, but ask a person where the right number, or on a scan the name, stands elsewhere."""
    printed = _name(evidence)
    if _stands(request.supplier_siren, evidence.text):
        return doubt(ReasonCode.WRONG_COMPANY, at=read)
    same_name = bool(
        printed and request.supplier_name
        and likeness(printed.text, request.supplier_name, scanned=True) is Likeness.SAME
    )  # fmt: skip
    if evidence.scanned and same_name:
        return doubt(ReasonCode.WRONG_COMPANY, at=read)
    return refusal(ReasonCode.WRONG_COMPANY, rule="D8222-5", at=read)


_NAME_FIELDS = {
    DocumentKind.BANK_DETAILS: "holder",
    DocumentKind.A1_CERTIFICATE: "employer",
    DocumentKind.INVOICE: "seller_name",
}


def _name(evidence: Evidence) -> Value | None:
    return evidence.value(_NAME_FIELDS.get(evidence.kind, "company_name"))


#: Names of so few letters stand on any paper as a part of something else.
_SHORT = 3


def _stands(number: str | None, text: str) -> bool:
    """Whether a company number is printed by itself, as the head of a SIRET or in a VAT number."""
    figures = r"[ .\u00a0]?".join(number or "")
    form = rf"(?<!\d){figures}|(?<=fr\d\d){figures}|(?<=fr \d\d){figures}"
    return bool(number) and bool(re.search(form, text))


def _named_elsewhere(evidence: Evidence, name: str) -> bool:
    """Whether the paper prints the supplier's exact name anywhere."""
    exact = key(fold(name))
    return len(exact) > _SHORT and f" {exact} " in f" {key(evidence.text)} "


def check_name(evidence: Evidence, request: ReadRequest) -> Outcome:
    """The name on the paper is the supplier's."""
    printed = _name(evidence)
    if request.supplier_name is None:
        return Outcome((note("no_supplier"),))
    if printed is None:
        return Outcome()
    like = likeness(printed.text, request.supplier_name, scanned=evidence.scanned)
    if like is Likeness.SAME:
        return Outcome(passed=True)
    if is_place(fold(printed.text)):
        return Outcome()
    unsure = like is Likeness.CLOSE or _named_elsewhere(evidence, request.supplier_name)
    found = doubt if unsure else refusal
    return Outcome((found(ReasonCode.WRONG_COMPANY, at=printed),))


_STANDING_REASONS = {
    rules.Standing.NOT_YET_VALID: ReasonCode.NOT_YET_VALID,
    rules.Standing.TOO_OLD: ReasonCode.TOO_OLD,
    rules.Standing.EXPIRED: ReasonCode.EXPIRED,
}


def check_date(evidence: Evidence, request: ReadRequest) -> Outcome:
    """The paper is good on the day it is handed in."""
    spec = KINDS[evidence.kind]
    found = rules.validity(facts_of(evidence), today=request.today)
    if found.standing is rules.Standing.GOOD:
        return Outcome(passed=True)
    if found.standing is rules.Standing.UNDATED:
        return Outcome()
    value = evidence.value(spec.dated_by or "")
    return Outcome((refusal(_STANDING_REASONS[found.standing], rule=spec.source, at=value),))


_CODE_FIELDS = {
    DocumentKind.KBIS: "verification_code",
    DocumentKind.URSSAF_VIGILANCE: "security_code",
    DocumentKind.TAX_COMPLIANCE: "delivery_number",
}


def check_code(evidence: Evidence, request: ReadRequest) -> Outcome:
    """The issuer's control code is there, and nobody else handed it in."""
    code = evidence.value(_CODE_FIELDS[evidence.kind])
    if code is None:
        if evidence.kind is DocumentKind.KBIS and evidence.local_register:
            return Outcome(passed=True)
        unclear = N_(
            "The control code is there, but the picture is too poor to read it letter by letter."
        )
        message = unclear if evidence.code_seen else None
        found = doubt(ReasonCode.CODE_MISSING, message=message, rule="D8222-5, L243-15")
        return Outcome((found,))
    if evidence.other_codes or evidence.unsure_codes:
        return Outcome(_codes_differ(evidence, code))
    if code.text in request.codes_seen_elsewhere:
        found = doubt(
            ReasonCode.TAMPERED,
            message=N_("Another supplier handed in a paper with the same control code."),
            at=code,
        )  # fmt: skip
        return Outcome((found,))
    barcodes = evidence.barcode_codes if evidence.kind is DocumentKind.KBIS else frozenset()
    if barcodes and code.text not in barcodes:
        return Outcome((_barcode_disagrees(evidence, code),))
    return Outcome(passed=True)


_UNSURE = N_(
    "The control code cannot be read well enough to tell whether all pages bear the same one."
)


def _codes_differ(evidence: Evidence, code: Value) -> tuple[Finding, ...]:
    """Pages of two papers, or a code typed anew (rule 11); a scan may have misread one."""
    if not evidence.other_codes:
        places = evidence.unsure_codes
        return tuple(doubt(ReasonCode.UNREADABLE, message=_UNSURE, at=at) for at in places)
    text = N_("The pages of the certificate do not bear the same control code.")
    if evidence.codes_differ and not evidence.scanned:
        found = refusal(ReasonCode.TAMPERED, message=text, rule="D8222-5, L243-15", at=code)
        return (found,)
    return (doubt(ReasonCode.CONTRADICTION, message=text, at=code),)


def _barcode_disagrees(evidence: Evidence, code: Value) -> Finding:
    severity = doubt if evidence.scanned else refusal
    return severity(
        ReasonCode.TAMPERED,
        message=N_("The QR code and the printed code of the extract are not the same."),
        at=code,
    )  # fmt: skip


def check_complete(evidence: Evidence, _request: ReadRequest) -> Outcome:
    """No page is missing."""
    overleaf = evidence.first(Said.OVERLEAF)
    second = evidence.first(Said.SECOND_PAGE)
    lacking = list(evidence.missing_pages)
    if not lacking and overleaf and not second:
        lacking = [2]
    # "Page 1/1" is all that there is; a second page alone, without a number, is half of it.
    if not lacking and second and not overleaf and evidence.pages == 1 and not evidence.numbered:
        lacking = [1]
    if not lacking and not _ends(evidence):
        lacking = [evidence.pages + 1]
    if lacking:
        pages = ", ".join(map(str, lacking))
        return Outcome((doubt(ReasonCode.PAGES_MISSING, params={"pages": pages}),))
    return Outcome(passed=True)


#: Kinds that may run over several pages, and the sentence that closes them.
_CLOSINGS = {
    DocumentKind.KBIS: Said.END_OF_EXTRACT,
    DocumentKind.DECENNIAL_INSURANCE: Said.CLOSING,
}


def _ends(evidence: Evidence) -> bool:
    """Whether the paper is seen to end: by the numbers of its pages, or by its closing words."""
    closing = _CLOSINGS.get(evidence.kind)
    if closing is None or evidence.numbered or evidence.first(closing) is not None:
        return True
    return evidence.kind is DocumentKind.DECENNIAL_INSURANCE and _is_dated_below(evidence)


def _is_dated_below(evidence: Evidence) -> bool:
    """Whether a place and day stand under the end of the cover: a letter has them above."""
    cover = evidence.value("valid_until")
    if cover is None or cover.box is None:
        return False
    end = (cover.page, cover.box.bottom)
    dated = (one.span for one in evidence.said if one.said is Said.ISSUED)
    return any((span.page, span.box.top) > end for span in dated)


def check_statement(evidence: Evidence, _request: ReadRequest) -> Outcome:
    """The paper says that the company is in order, and does not say the contrary."""
    against = evidence.first(Said.NOT_IN_ORDER)
    for_it = evidence.first(Said.IN_ORDER, Said.NO_FOREIGN_WORKERS)
    if against:
        severity = doubt if for_it and evidence.scanned else refusal
        found = severity(ReasonCode.NEGATIVE_STATEMENT, rule="L243-15", at=against.span)
        return Outcome((found,))
    if evidence.kind is DocumentKind.FOREIGN_WORKERS_NONE:
        return Outcome(passed=bool(for_it) or "neant" in evidence.text)
    return Outcome(passed=for_it is not None)


def check_signatory(evidence: Evidence, _request: ReadRequest) -> Outcome:
    return Outcome(passed=evidence.value("signatory") is not None)


def check_workers(evidence: Evidence, _request: ReadRequest) -> Outcome:
    """At least one full row, and no sworn statement that there is none (D8254-2)."""
    rows = evidence.fields.get("workers")
    sworn = evidence.first(Said.NO_FOREIGN_WORKERS)
    if sworn and rows:
        return Outcome((doubt(ReasonCode.CONTRADICTION, rule="D8254-2", at=sworn.span),))
    complete = isinstance(rows, tuple) and all(_complete(row) for row in rows)
    return Outcome(passed=complete)


def _complete(row: Value) -> bool:
    return isinstance(row.value, Mapping) and all(row.value.values())


def check_iban(evidence: Evidence, _request: ReadRequest) -> Outcome:
    """One account, whose keys hold, the same in both forms, in the country of its bank."""
    iban = evidence.value("iban")
    if iban is None:
        return Outcome()
    if iban.text not in evidence.valid_ibans or not evidence.rib_key_holds:
        return Outcome((_bad_iban(evidence, iban),))
    against = _several_accounts(evidence, iban) or _unlike_account(evidence, iban)
    return Outcome((against,)) if against else Outcome(passed=True)


def _several_accounts(evidence: Evidence, iban: Value) -> Finding | None:
    if len(set(evidence.valid_ibans)) < 2 and not evidence.other_accounts:
        return None
    text = N_("The paper shows several account numbers.")
    return doubt(ReasonCode.CONTRADICTION, message=text, at=iban)


def _unlike_account(evidence: Evidence, iban: Value) -> Finding | None:
    """What else the paper says of the account, where it is not of this one."""
    national = evidence.national_accounts
    if not evidence.national_repeats or (national and iban.text[4:] not in national):
        return _accounts_disagree(evidence, iban)
    bic = evidence.value("bic")
    if bic and not _one_country(iban.text, bic.text):
        text = N_("The account is in another country than the bank.")
        return doubt(ReasonCode.CONTRADICTION, message=text, at=iban)
    return None


#: Countries and territories whose accounts are kept under another's code.
_TERRITORIES = {
    **dict.fromkeys(("GF", "GP", "MQ", "RE", "YT", "PM", "BL", "MF", "NC", "PF", "WF", "MC"), "FR"),
    **dict.fromkeys(("GG", "JE", "IM"), "GB"),
}


def _one_country(iban: str, bic: str) -> bool:
    """Whether the bank's code and the account belong to one country (ISO 9362)."""
    ours, theirs = (_TERRITORIES.get(code, code) for code in (iban[:2], bic[4:6]))
    return ours == theirs


def _bad_iban(evidence: Evidence, iban: Value) -> Finding:
    """A wrong key is certain where the text is, or where the national form repeats it."""
    certain = (
        not evidence.scanned
        or "iban" in evidence.confirmed
        or iban.text[4:] in evidence.national_accounts
    )
    found = refusal if certain else doubt
    code = ReasonCode.CHECKSUM_INVALID if certain else ReasonCode.UNREADABLE
    return found(code, rule="ISO 13616", at=iban)


def _accounts_disagree(evidence: Evidence, iban: Value) -> Finding:
    code = ReasonCode.UNREADABLE if evidence.scanned else ReasonCode.CONTRADICTION
    return doubt(
        code,
        message=N_("The IBAN and the national account number are not the same account."),
        at=iban,
    )  # fmt: skip


def check_amount(evidence: Evidence, _request: ReadRequest) -> Outcome:
    return Outcome(passed=evidence.value("total_gross") is not None)


CHECKS: Mapping[Check, Checker] = {
    Check.KIND: check_kind,
    Check.COMPANY_SIREN: check_siren,
    Check.COMPANY_NAME: check_name,
    Check.DATE: check_date,
    Check.CODE: check_code,
    Check.COMPLETE: check_complete,
    Check.IBAN: check_iban,
    Check.STATEMENT: check_statement,
    Check.SIGNATORY: check_signatory,
    Check.WORKERS: check_workers,
    Check.AMOUNT: check_amount,
}
