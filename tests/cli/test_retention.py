"""`supplier retention`: the plan in figures, and a batch proposed by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from supplier.cli.main import main
from supplier.kernel.database import db, reading
from supplier.retention.models import ErasureBatch
from tests.make import Maker
from tests.retention.test_actions import Past, make_past

Command = Callable[..., Result]
SECRET = "a secret that only the tests know, long enough"


@pytest.fixture
def command(past: Past, database_url: str, tmp_path: Path) -> Command:
    """Calls `supplier retention …` on the database of the test, as a process of its own would."""

    def call(*arguments: str) -> Result:
        environ = {
            "SUPPLIER_DATABASE_URL": database_url,
            "SUPPLIER_FILES_URL": f"file:{tmp_path / 'files'}",
            "SUPPLIER_SECRET_KEY": SECRET,
            "SUPPLIER_ARGON2_MEMORY_KIB": "8",
        }
        return CliRunner().invoke(main, ["retention", *arguments], env=environ)

    return call


@pytest.fixture
def past(app: Any, make: Maker) -> Past:
    return make_past(make, ended_on=date(2018, 1, 31))


def test_the_plan_is_told_in_figures_for_people_and_for_programs(command: Command) -> None:
    shown = command()
    assert shown.exit_code == 0, shown.output
    assert "vigilance_paper" in shown.output
    answer = json.loads(command("--json").output)
    rules = {one["rule"]: one for one in answer["rules"]}
    assert answer["due"] == 3
    assert rules["contract"]["first_erasable_on"] == "2023-02-01"
    assert rules["legal_entity"]["first_erasable_on"] is None


def test_a_day_before_its_time_nothing_may_go(command: Command) -> None:
    assert json.loads(command("--on", "2023-01-31", "--json").output)["due"] == 0
    assert json.loads(command("--on", "2023-02-01", "--json").output)["due"] == 3


def test_a_batch_is_proposed_once_and_erases_nothing(command: Command) -> None:
    first = json.loads(command("propose", "--json").output)
    assert first["proposed"] == 3
    again = command("propose", "--json")
    assert again.exit_code == 0
    assert json.loads(again.output) == {"kept": 4, "proposed": 0, "batch": None}
    db.session.remove()
    with reading() as session:
        (batch,) = session.scalars(select(ErasureBatch))
    assert (str(batch.id), batch.state) == (first["batch"], "proposed")
