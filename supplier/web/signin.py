"""How people come in: the one blueprint, with its pages in the modules named `signin_…`."""

from __future__ import annotations

from supplier.web import (  # noqa: F401 (each adds its pages to the blueprint)
    signin_account,
    signin_door,
    signin_factors,
    signin_links,
    signin_proof,
    signin_sso,
)
from supplier.web.signin_base import blueprint

__all__ = ["blueprint"]
