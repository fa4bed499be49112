"""Whether the totals of an invoice add up: net, tax, and what is to be paid."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from supplier.documents.reading.extract import as_value
from supplier.documents.reading.layout import Paper
from supplier.documents.reading.result import Value
from supplier.documents.reading.spans import Run
from supplier.documents.reading.text import pattern
from supplier.documents.reading.values import amount

_AMOUNT = r"-?\d{1,3}(?:[ .']?\d{3})*[.,]\d{2}(?![\d%])(?! ?%)"
_END = r" ?(?:€|eur|euros?)?(?=\t|$)"
_UNIT = r"(?: ?\(?(?:en )?(?:€|eur|euros?)\)?)? ?:?[\t ]*"
_NET = pattern(
    r"(?:^|\t)(?:(?:sous-?total|total|montant|base|net)(?: (?:total|net|imposable|general))? )?"
    rf"(?:ht|h\.t\.?|hors taxes?)(?: net)?{_UNIT}(?P<v>{_AMOUNT}){_END}"
)
_TAX = pattern(
    r"(?:^|\t)(?:(?:total|montant|dont)(?: de la)? )?t\.?v\.?a\.?[\t ]*(?:\(?(?:a |au taux de )?"
    r"(?P<rate>\d{1,2}(?:[.,]\d{1,2})?) ?%\)?)?"
    rf"(?: ?(?:sur|s/|de) ?{_AMOUNT} ?(?:€|eur)?)?{_UNIT}(?P<v>{_AMOUNT}){_END}"
)
_GROSS = pattern(
    r"(?:^|\t)(?:(?:total|montant)(?: total| general| a payer)? (?:ttc|t\.t\.c\.?)"
    rf"|net a payer(?: (?:ttc|t\.t\.c\.?))?|total a payer){_UNIT}(?P<v>{_AMOUNT}){_END}"
)
#: What is taken off or put on between the sum and what is to be paid.
_BETWEEN = pattern(
    r"(?:^|\t)[^\t]{0,40}?(?:acompte|arrhes|deja (?:regle|verse|paye|facture)|retenue|remise|rabais"
    r"|ristourne|escompte|avoir\b|a deduire|deduction|arrondi|timbre|eco-?(?:part|contrib|taxe)"
    r"|port\b|frais|consigne|debours|penalite|situation|avancement|prorata|solde|cumul|precedent"
    rf"|livraison|emballage)[^\t]{{0,40}}?[\t ]*{_AMOUNT}{_END}"
)
#: What the law has every invoice say of late payment.
_TERMS = re.compile(r"retard|recouvrement|indemnite|forfaitaire")
_NO_TAX = re.compile(r"autoliquidation|auto-liquidation|293 ?b|exoner|non applicable")
#: Amounts are rounded line by line.
_ROUNDING = Decimal("0.06")
_MOST = 6


@dataclass(frozen=True, slots=True)
class _Amount:
    value: Value
    rate: Decimal | None = None

    @property
    def size(self) -> Decimal:
        return Decimal(self.value.text)


def unlike(paper: Paper, gross: Value | None) -> tuple[Value, ...]:
    """The amounts that do not add up, each with its place; none where they do or cannot tell.

    Everything that the invoice calls net, tax and total counts. What stands between the sum and
    what is to be paid (a deposit, a discount) leaves it to people.
    """
    if gross is None or _stands_between(paper):
        return ()
    nets = _found(paper, _NET)
    taxes = _found(paper, _TAX)
    if not nets or (not taxes and not _NO_TAX.search(paper.folded)):
        return ()
    totals = [item.value for item in _found(paper, _GROSS)] or [gross]
    sums = set(_sums(nets, taxes))
    odd = [total for total in totals if not _fits(Decimal(total.text), sums)]
    # A scan may have misread one of two: what fits is what was meant.
    if not odd or (paper.scanned and len(odd) < len(totals)):
        return _odd_rate(nets, taxes, totals)
    return (nets[-1].value, *(item.value for item in taxes[-1:]), odd[0])


def _stands_between(paper: Paper) -> bool:
    """Whether an amount of another sort stands under the first net amount."""
    under = False
    for line in paper.lines:
        under = under or bool(_NET.search(line.folded))
        if under and _BETWEEN.search(line.folded) and not _TERMS.search(line.folded):
            return True
    return False


def _found(paper: Paper, form: re.Pattern[str]) -> list[_Amount]:
    return [item for line in paper.lines for item in _on(line, form)]


def _on(line: Run, form: re.Pattern[str]) -> Iterator[_Amount]:
    for match in form.finditer(line.folded):
        span = line.span(match.start("v"), match.end("v"))
        parsed = amount(span) if span else None
        if parsed:
            rate = match.groupdict().get("rate")
            yield _Amount(as_value(parsed), Decimal(rate.replace(",", ".")) if rate else None)


def _sums(nets: Sequence[_Amount], taxes: Sequence[_Amount]) -> Iterator[Decimal]:
    """Every total that the nets and the taxes may come to: one base or rate, or several."""
    bases = {sum(some, Decimal(0)) for some in _chosen({item.size for item in nets})}
    dues = {sum(some, Decimal(0)) for some in _chosen({item.size for item in taxes})} or {
        Decimal(0)
    }
    for base in bases:
        for due in dues:
            yield base + due


def _chosen(sizes: set[Decimal]) -> Iterator[tuple[Decimal, ...]]:
    known = sorted(sizes)[-_MOST:]
    for count in range(1, len(known) + 1):
        yield from combinations(known, count)


def _fits(total: Decimal, sums: set[Decimal]) -> bool:
    return any(abs(total - known) <= _ROUNDING for known in sums)


def _odd_rate(
    nets: Sequence[_Amount], taxes: Sequence[_Amount], totals: Sequence[Value]
) -> tuple[Value, ...]:
    """One net amount, one rate and one tax that is not this share of it."""
    if len({item.size for item in nets}) > 1 or len({item.size for item in taxes}) != 1:
        return ()
    net, tax = nets[0], taxes[0]
    if tax.rate is None or len({item.rate for item in taxes}) > 1:
        return ()
    if abs(net.size * tax.rate / 100 - tax.size) <= _ROUNDING:
        return ()
    return net.value, tax.value, totals[0]
