"""Which papers each supplier of the demo hands in, on which day: two years of history. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from supplier.demo import dossiers
from supplier.demo.papers import variants
from supplier.demo.papers.catalogue import draw
from supplier.demo.papers.kbis import Mention
from supplier.demo.papers.letters import DuesFacts
from supplier.demo.proofs import Proof, proofs
from supplier.demo.suppliers.facts import Scenario, SupplierFacts
from supplier.documents.kinds import DocumentKind
from supplier.kernel.clock import add_months

HISTORY_MONTHS = 24


@dataclass(frozen=True, slots=True)
class Deposit:
    """A file that a supplier hands in; `draw` makes its bytes when its day comes.

    `trouble` marks what the demo wants a person to find: it is left as the machine judged it.
    """

    supplier_key: str
    on: date
    filename: str
    expected: DocumentKind
    draw: Callable[[], bytes] = field(compare=False)
    trouble: bool = False
    contested: bool = False
    #: What it answers where no kind of paper says it; the person who accepts it reads its days.
    proof: Proof | None = field(default=None, compare=False)

    @property
    def asked(self) -> str:
        """What the portal asked for: a kind, or a requirement."""
        return self.proof.purpose.value if self.proof else self.expected.value


def deposits(supplier: SupplierFacts, *, today: date) -> list[Deposit]:
    """Everything that a supplier has handed in until `today`, the oldest first."""
    if Scenario.NEW_INVITED in supplier.scenarios or not supplier.deals:
        return []
    window = _Window.of(supplier, today=today)
    found = [*_regular(supplier, window), *_troubles(supplier, today)]
    return sorted((one for one in found if one.on <= today), key=lambda one: (one.on, one.filename))


@dataclass(frozen=True, slots=True)
class _Window:
    """The days between which a supplier hands papers in."""

    first: date
    last: date
    ended: bool

    @classmethod
    def of(cls, supplier: SupplierFacts, *, today: date) -> _Window:
        start = min(deal.starts for deal in supplier.deals)
        if supplier.ended is not None:
            first = max(start, supplier.ended - HISTORY_MONTHS)
            return cls(add_months(today, first), add_months(today, supplier.ended), True)
        first = max(start, -HISTORY_MONTHS)
        return cls(add_months(today, first) - timedelta(days=9), today, False)


def _number(supplier: SupplierFacts, *about: str, below: int) -> int:
    """A number that follows from the supplier: the same every time."""
    return int(dossiers.made_number(supplier.key, *about, length=6)) % below


def _last_issue(
    supplier: SupplierFacts, window: _Window, *, gap: Scenario, months: int, about: str
) -> date:
    """The day of the last paper of a kind: recent, about to end, or too long ago."""
    age = _number(supplier, about, below=80) + 12
    if window.ended:
        return window.last - timedelta(days=age)
    # A refusal is worth contesting where no newer paper of its kind covers.
    contests = about == "register" and Scenario.CONTESTED in supplier.scenarios
    if gap in supplier.scenarios or contests:
        return add_months(window.last, -months) - timedelta(days=age // 2)
    if about == "social" and Scenario.EXPIRING in supplier.scenarios:
        return add_months(window.last, -months) + timedelta(days=6 + age // 5)
    if Scenario.DORMANT in supplier.scenarios:
        return add_months(window.last, -13)
    return window.last - timedelta(days=age)


def _cycle(
    supplier: SupplierFacts, window: _Window, *, last: date, months: int, about: str
) -> Iterator[date]:
    """Days of issue from the last one back to the start, now and then a late one."""
    day, place = last, 0
    while day > window.first:
        yield day
        place += 1
        late = _number(supplier, about, str(place), below=7) == 0
        day = add_months(day, -months) + timedelta(days=-11 if late else 6)
    if last > window.first:
        yield window.first


def _regular(supplier: SupplierFacts, window: _Window) -> Iterator[Deposit]:
    kinds = [
        (DocumentKind.URSSAF_VIGILANCE, "social", 6, Scenario.GAP_SOCIAL, _social,
         "attestation-vigilance"),
        (_register_kind(supplier), "register", 6, Scenario.GAP_REGISTRATION, _register, "extrait"),
        (_workers_kind(supplier), "workers", 6, Scenario.GAP_WORKERS, _workers,
         "salaries-etrangers"),
        (DocumentKind.TAX_COMPLIANCE, "tax", 12, Scenario.HELD, _tax, "regularite-fiscale"),
    ]  # fmt: skip
    if supplier.construction:
        kinds.append(
            (DocumentKind.PAID_LEAVE_BTP, "leave", 6, Scenario.HELD, _leave, "conges-payes")
        )
    for kind, about, months, gap, make, name in kinds:
        if supplier.company.country != "FR" and about in {"social", "tax", "leave"}:
            continue
        last = _last_issue(supplier, window, gap=gap, months=months, about=about)
        for issued_on in _cycle(supplier, window, last=last, months=months, about=about):
            yield Deposit(
                supplier.key, issued_on + timedelta(days=2), f"{name}-{issued_on:%Y-%m}.pdf",
                kind, make(supplier, issued_on),
            )  # fmt: skip
    if supplier.construction:
        yield from _insurance(supplier, window)
    if supplier.posts_workers:
        yield from _posted(supplier, window)
    for proof in proofs(supplier, first=window.first, last=window.last - timedelta(days=11)):
        yield Deposit(
            supplier.key, proof.on, proof.filename, DocumentKind.OTHER, _proof(proof), proof=proof
        )


def _register_kind(supplier: SupplierFacts) -> DocumentKind:
    if supplier.company.country != "FR":
        return DocumentKind.FOREIGN_REGISTER_EXTRACT
    if supplier.register in {"rne_craft", "liberal"}:
        return DocumentKind.RNE_EXTRACT
    return DocumentKind.KBIS


def _workers_kind(supplier: SupplierFacts) -> DocumentKind:
    if supplier.foreign_workers:
        return DocumentKind.FOREIGN_WORKERS_LIST
    return DocumentKind.FOREIGN_WORKERS_NONE


def _social(supplier: SupplierFacts, day: date) -> Callable[[], bytes]:
    return lambda: draw(dossiers.social(supplier, issued_on=day))


def _register(supplier: SupplierFacts, day: date) -> Callable[[], bytes]:
    return lambda: draw(dossiers.registration(supplier, issued_on=day))


def _workers(supplier: SupplierFacts, day: date) -> Callable[[], bytes]:
    return lambda: draw(dossiers.foreign_workers(supplier, signed_on=day))


def _proof(proof: Proof) -> Callable[[], bytes]:
    return lambda: draw(proof.facts)


def _tax(supplier: SupplierFacts, day: date) -> Callable[[], bytes]:
    return lambda: draw(dossiers.tax(supplier, issued_on=day))


def _leave(supplier: SupplierFacts, day: date) -> Callable[[], bytes]:
    return lambda: draw(dossiers.paid_leave(supplier, issued_on=day))


def _insurance(supplier: SupplierFacts, window: _Window) -> Iterator[Deposit]:
    """One certificate a calendar year; the gap lacks the present one."""
    for year in range(window.first.year, window.last.year + 1):
        if year == window.last.year and Scenario.GAP_INSURANCE in supplier.scenarios:
            continue
        begins = date(year, 1, 1)
        issued = max(begins + timedelta(days=4), window.first)
        if issued > window.last:
            continue
        yield Deposit(
            supplier.key, issued, f"decennale-{year}.pdf", DocumentKind.DECENNIAL_INSURANCE,
            _insured(supplier, begins, date(year, 12, 31), issued),
        )  # fmt: skip


def _insured(
    supplier: SupplierFacts, begins: date, ends: date, issued: date
) -> Callable[[], bytes]:
    return lambda: draw(
        dossiers.insurance(supplier, valid_from=begins, valid_until=ends, issued_on=issued)
    )


def _posted(supplier: SupplierFacts, window: _Window) -> Iterator[Deposit]:
    """The A1 of a posted worker, for twelve months; the gap has one that ended."""
    gap = Scenario.GAP_A1 in supplier.scenarios
    ends = window.last + timedelta(days=-9 if gap else 140)
    begins = add_months(ends, -12) + timedelta(days=1)

    def make() -> bytes:
        return draw(dossiers.posted_worker(supplier, place=0, valid_from=begins, valid_until=ends))

    yield Deposit(
        supplier.key, max(window.first, begins), "a1-1.pdf", DocumentKind.A1_CERTIFICATE, make
    )


def _troubles(supplier: SupplierFacts, today: date) -> Iterator[Deposit]:
    """What the last days brought: the papers that make the desk's week."""
    for scenario in supplier.scenarios:
        maker = _TROUBLES.get(scenario)
        if maker is not None:
            yield maker(supplier, today)


def _trouble(
    supplier: SupplierFacts, on: date, name: str, kind: DocumentKind, make: Callable[[], bytes],
    *, contested: bool = False,
) -> Deposit:  # fmt: skip
    return Deposit(supplier.key, on, name, kind, make, trouble=True, contested=contested)


def _too_old(supplier: SupplierFacts, today: date) -> Deposit:
    day = add_months(today, -6) - timedelta(days=20)
    return _trouble(
        supplier, today - timedelta(days=1), "attestation urssaf.pdf",
        DocumentKind.URSSAF_VIGILANCE, _social(supplier, day),
    )  # fmt: skip


def _wrong_company(supplier: SupplierFacts, today: date) -> Deposit:
    def make() -> bytes:
        name = f"SCI {supplier.company.name.split()[0]} Immobilier"
        sister = dossiers.sister_company(supplier, name=name, siren="999000391")
        return draw(
            dossiers.registration(
                replace(supplier, company=sister), issued_on=today - timedelta(days=6)
            )
        )

    return _trouble(supplier, today - timedelta(days=2), "kbis.pdf", DocumentKind.KBIS, make)


def _wrong_kind(supplier: SupplierFacts, today: date) -> Deposit:
    def make() -> bytes:
        return draw(
            DuesFacts(
                supplier.company, dossiers.URSSAF, today - timedelta(days=20),
                today + timedelta(days=10), Decimal(4180),
            )
        )  # fmt: skip

    return _trouble(
        supplier, today - timedelta(days=1), "urssaf novembre.pdf",
        DocumentKind.URSSAF_VIGILANCE, make,
    )  # fmt: skip


def _locked(supplier: SupplierFacts, today: date) -> Deposit:
    return _trouble(
        supplier, today - timedelta(days=3), "attestation fiscale (protégée).pdf",
        DocumentKind.TAX_COMPLIANCE,
        lambda: variants.locked(
            draw(dossiers.tax(supplier, issued_on=today - timedelta(days=8))), password="1234"  # noqa: S106
        ),
    )  # fmt: skip


def _in_review(supplier: SupplierFacts, today: date) -> Deposit:
    """A scan, or an extract with a mention that a person must weigh, in turn."""
    age = _number(supplier, "review", below=3)
    if _number(supplier, "how", below=2):
        return _trouble(
            supplier, today - timedelta(days=age), "scan du copieur.pdf",
            DocumentKind.URSSAF_VIGILANCE,
            lambda: variants.as_scan(
                draw(dossiers.social(supplier, issued_on=today - timedelta(days=9)))
            ),
        )  # fmt: skip
    return _mentioned(
        supplier, today, age,
        "Continuation de la société malgré un actif net devenu inférieur à la moitié du "
        "capital social",
    )  # fmt: skip


def _insolvency(supplier: SupplierFacts, today: date) -> Deposit:
    return _mentioned(
        supplier, today, 4, "Jugement d'ouverture d'une procédure de redressement judiciaire"
    )


def _liquidation(supplier: SupplierFacts, today: date) -> Deposit:
    return _mentioned(
        supplier, today, 5, "Jugement prononçant la liquidation judiciaire de la société"
    )


def _mentioned(supplier: SupplierFacts, today: date, age: int, words: str) -> Deposit:
    def make() -> bytes:
        on = today - timedelta(days=40)
        return draw(
            dossiers.registration(
                supplier, issued_on=today - timedelta(days=age + 3),
                mentions=(Mention(number=7, on=on, text=words),),
            )
        )  # fmt: skip

    return _trouble(
        supplier, today - timedelta(days=age), "extrait kbis récent.pdf", DocumentKind.KBIS, make
    )


def _contested(supplier: SupplierFacts, today: date) -> Deposit:
    day = add_months(today, -3) - timedelta(days=4)
    return _trouble(
        supplier, today - timedelta(days=4), "kbis août.pdf", DocumentKind.KBIS,
        _register(supplier, day), contested=True,
    )  # fmt: skip


_TROUBLES: dict[Scenario, Callable[[SupplierFacts, date], Deposit]] = {
    Scenario.REFUSED_TOO_OLD: _too_old,
    Scenario.REFUSED_WRONG_COMPANY: _wrong_company,
    Scenario.REFUSED_WRONG_KIND: _wrong_kind,
    Scenario.REFUSED_LOCKED: _locked,
    Scenario.IN_REVIEW: _in_review,
    Scenario.INSOLVENCY: _insolvency,
    Scenario.LIQUIDATION: _liquidation,
    Scenario.CONTESTED: _contested,
}
