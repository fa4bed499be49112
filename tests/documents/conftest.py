"""What the tests of papers share."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.documents.hands import Hands, alpha_of
from tests.make import Maker


@pytest.fixture
def hands(app: Flask, make: Maker) -> Hands:
    """Alpha with Alice, and the way a paper goes."""
    return alpha_of(app, make)
