"""The description of the API: there in every mode, and true to what the API answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from supplier.accounts.policy import policy, use_policy
from supplier.factory import create_app
from supplier.kernel.clock import FixedClock
from tests.api.test_bank_accounts import Bank, key_for
from tests.conftest import test_settings as made_settings
from tests.make import Maker

DESCRIPTION, PULL = "/api/openapi.json", "/api/v1/bank-accounts"
#: What the description says that a pull may answer.
SAID = {"200", "400", "401", "404", "422", "429", "503"}


@pytest.fixture(params=["development", "demo"])
def opened(
    request: pytest.FixtureRequest, app: Flask, database_url: str, tmp_path: Path, clock: FixedClock
) -> Iterator[Flask]:
    """The same database, opened in each mode: every one adds rooms of its own."""
    before = policy()
    given = made_settings(database_url, tmp_path / "files")
    yield create_app(replace(given, mode=request.param), clock=clock)
    use_policy(before)


def test_it_is_there_in_every_mode_and_names_the_pull_alone(opened: Flask) -> None:
    answer = opened.test_client().get(DESCRIPTION)
    assert answer.status_code == 200
    assert list(answer.json["paths"]) == [PULL]
    said = answer.json["paths"][PULL]["get"]["responses"]
    assert set(said) == SAID
    errors = [list(one["content"]) for status, one in said.items() if status != "200"]
    assert errors == [["application/problem+json"]] * (len(SAID) - 1)


def test_the_pull_answers_what_is_described_whatever_is_asked(
    app: Flask, make: Maker, clock: FixedClock
) -> None:
    bank = Bank(make)
    account = bank.validated()
    clock.at = account.active_from
    key = key_for(make)
    schema = schemathesis.openapi.from_wsgi(DESCRIPTION, app)

    @given(case=schema[PULL]["GET"].as_strategy())
    @settings(
        max_examples=60, database=None, deadline=None, derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def pulled(case: Any) -> None:
        # Most words are no cursor of the API's own; who comes again and again without a key waits
        # (429), where the check knows 401 alone.
        case.call_and_validate(
            headers={"Authorization": f"Bearer {key}"},
            excluded_checks=[positive_data_acceptance, ignored_auth],
        )

    pulled()
