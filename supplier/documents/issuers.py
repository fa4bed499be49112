"""Where the issuer of a paper says whether it is authentic, and with which code. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from supplier.documents.kinds import DocumentKind
from supplier.kernel.i18n import N_


@dataclass(frozen=True, slots=True)
class Issuer:
    """An official page for people: nothing is scraped. `code` is the field to copy there."""

    name: str
    url: str
    code: str
    hint: str


ISSUERS: dict[DocumentKind, Issuer] = {
    # CSS L243-15: the client has the certificate's authenticity confirmed by the issuer.
    DocumentKind.URSSAF_VIGILANCE: Issuer(
        N_("Urssaf"),
        "https://www.urssaf.fr/accueil/outils-documentation/outils/verification-attestation.html",
        "security_code",
        N_(
            "Compare name, headcount, payroll, period and establishments with the paper, "
            "line by line."
        ),
    ),
    DocumentKind.KBIS: Issuer(
        N_("Infogreffe"),
        "https://www.infogreffe.fr/controle/verif",
        "verification_code",
        N_(
            "Compare the order date, the name and the registration number. The page may open "
            "once only: keep a capture at once."
        ),
    ),
    DocumentKind.TAX_COMPLIANCE: Issuer(
        N_("Tax administration (DGFiP)"),
        "https://www.impots.gouv.fr",
        "delivery_number",
        N_("Compare the company number, the delivery number and the date."),
    ),
    DocumentKind.RNE_EXTRACT: Issuer(
        N_("National business register"),
        "https://annuaire-entreprises.data.gouv.fr",
        "siren",
        N_("Compare the name, the address and the managers."),
    ),
}
