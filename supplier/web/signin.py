"""How people come in."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("signin", __name__)
