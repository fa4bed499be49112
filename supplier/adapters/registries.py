"""The door to the public register of companies (Recherche d'entreprises)."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from supplier.kernel.errors import UnavailableError
from supplier.kernel.i18n import N_

TIMEOUT = 5
MAX_BYTES = 1_000_000
AGENT = "Vigie (supplier vigilance; self-hosted)"
#: No answer, one that is no HTTP or no JSON, and one of another shape than the register's.
_NO_ANSWER = (
    urllib.error.URLError, OSError, HTTPException, ValueError, KeyError, TypeError,
    AttributeError, RecursionError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Company:
    """What the register says. `active` False means that the company has ceased."""

    siren: str
    name: str
    legal_form_code: str | None
    street: str | None
    postcode: str | None
    city: str | None
    siret: str | None
    active: bool
    employer: bool | None
    proceedings: str | None


class Registry(Protocol):
    def find(self, siren: str) -> Company | None:
        """The company, or None when the register does not show it (which proves nothing).

        Raises UnavailableError when the register does not answer: unknown is never no.
        """
        ...

    @property
    def configured(self) -> bool: ...


class RechercheEntreprises:
    """`GET /search?q=SIREN`, documented by the State; no key, redirects are not followed."""

    configured = True

    def __init__(self, url: str) -> None:
        if urlsplit(url).scheme not in {"http", "https"}:
            raise ValueError("the register's address must begin with http:// or https://")
        self._url = url.rstrip("/")

    def find(self, siren: str) -> Company | None:
        query = urlencode({"q": siren, "page": 1, "per_page": 1, "include_admin": "bodacc"})
        request = urllib.request.Request(  # noqa: S310 (scheme checked above)
            f"{self._url}/search?{query}",
            headers={"User-Agent": AGENT, "Accept": "application/json"},
        )
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            with opener.open(request, timeout=TIMEOUT) as answer:
                body = json.loads(answer.read(MAX_BYTES))
            return _company(body, siren)
        except _NO_ANSWER as error:
            raise UnavailableError(
                N_(
                    "The register of companies does not answer. Fill in by hand, or try again "
                    "later."
                )
            ) from error


class NoRegistry:
    """No register is configured: nothing is known, and nothing is claimed."""

    configured = False

    def find(self, siren: str) -> Company | None:  # noqa: ARG002
        raise UnavailableError(N_("The register look-up is not configured. Fill in by hand."))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


def _company(body: dict[str, Any], siren: str) -> Company | None:
    for row in body["results"]:
        if row.get("siren") == siren:
            return _row(row)
    return None


def _row(row: dict[str, Any]) -> Company:
    seat = row.get("siege") or {}
    notices = (row.get("bodacc") or {}).get("procedure_collective") or {}
    street = " ".join(
        _said(seat, key) or "" for key in ("numero_voie", "type_voie", "libelle_voie")
    )
    return Company(
        siren=str(row["siren"]),
        name=_said(row, "nom_raison_sociale") or _said(row, "nom_complet") or "",
        legal_form_code=_said(row, "nature_juridique"),
        street=" ".join(street.split()) or _said(seat, "adresse"),
        postcode=_said(seat, "code_postal"),
        city=_said(seat, "libelle_commune"),
        siret=_said(seat, "siret"),
        active=row.get("etat_administratif") == "A",
        employer={"O": True, "N": False}.get(str(seat.get("caractere_employeur"))),
        proceedings=_said(notices, "statut"),
    )


def _said(found: dict[str, Any], key: str) -> str | None:
    """A word or number of the answer; None where it says nothing. Raises TypeError."""
    value = found.get(key)
    if value is None or value == "":
        return None
    if not isinstance(value, str | int):
        raise TypeError(key)
    return str(value)


class _Holder:
    registry: Registry = NoRegistry()


def use_registry(url: str) -> None:
    """Install the register of this process; an empty address means no look-up."""
    _Holder.registry = RechercheEntreprises(url) if url else NoRegistry()


def registry() -> Registry:
    return _Holder.registry
