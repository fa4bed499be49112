"""What several families ask of a paper, in the terms of the vocabulary."""

from __future__ import annotations

from supplier.documents.reading.extract import Asks, Parser, asks
from supplier.documents.reading.values import company, day, siren
from supplier.documents.reading.vocabulary import Term

#: Whoever a paper is about; a bank, an insurer or a person who signs is none of them.
SUBJECTS = (Term.COMPANY, Term.INSURED, Term.EMPLOYER, Term.HOLDER)


def name_of(*owners: Term, parse: Parser = company, also: tuple[Term, ...] = ()) -> Asks:
    """The name of somebody: the labels that name him first, then the bare question for a name."""
    beside = (Term.GIVEN, Term.ADDRESS, Term.SEAT, Term.FORM, *also)
    return asks(*owners, Term.FIRM, Term.NAME, parse=parse, also=beside, wraps=True)


#: The number of the company that a paper is about, however its label calls number and company.
NUMBER_OF_SUBJECT = asks(
    Term.SIREN, Term.REGISTRATION, parse=siren,
    also=(Term.NUMBER, Term.PREMISES, Term.SEAT, *SUBJECTS),
)  # fmt: skip

#: The day on which a paper was made.
MADE_ON = asks(Term.ISSUE, Term.SIGNATURE, Term.DAY, parse=day, also=(Term.PAPER,))
