"""`supplier import`: rehearsed unless it is told to; wrong lines are told and left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select

from supplier.cli.main import main
from supplier.kernel.database import reading
from supplier.parties.models import Buyer, Supplier
from tests.conftest import SECRET
from tests.make import Maker

GOOD = "Raison sociale;SIRET\nDupont Plomberie;73282932000074\n"
WRONG = GOOD + "Durand;73282932000075\n"
Command = Callable[..., Result]


@pytest.fixture
def buyer(app: Flask, make: Maker) -> Buyer:
    return make.buyer()


@pytest.fixture
def command(buyer: Buyer, database_url: str, tmp_path: Path) -> Command:
    """Calls `supplier import` with a table and options, as a process of its own would."""

    def call(table: str, *options: str, siren: str | None = None) -> Result:
        path = tmp_path / "export.csv"
        path.write_text(table, encoding="utf-8")
        environ = {
            "SUPPLIER_DATABASE_URL": database_url,
            "SUPPLIER_FILES_URL": f"file:{tmp_path / 'files'}",
            "SUPPLIER_SECRET_KEY": SECRET,
        }
        arguments = ["import", str(path), "--buyer", siren or buyer.siren, *options]
        return CliRunner().invoke(main, arguments, env=environ)

    return call


def names() -> list[str]:
    with reading() as session:
        return list(session.scalars(select(Supplier.name)))


def test_an_import_is_only_rehearsed_until_it_is_told_to(command: Command) -> None:
    rehearsed = command(GOOD)
    assert rehearsed.exit_code == 0, rehearsed.output
    assert "Dupont Plomberie" in rehearsed.output
    assert "--yes" in rehearsed.output
    assert names() == []
    done = command(GOOD, "--yes", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["state"] == "done"
    assert names() == ["Dupont Plomberie"]


def test_a_wrong_line_is_told_and_left_out(command: Command) -> None:
    lines = json.loads(command(WRONG, "--json").output)["lines"]
    assert [line["outcome"] == "error" for line in lines] == [False, True]
    assert names() == []
    answer = command(WRONG, "--yes")
    assert answer.exit_code == 1
    assert "line 3: error Durand" in answer.output
    assert names() == ["Dupont Plomberie"]


def test_a_company_that_is_not_of_the_group_and_a_file_that_is_no_table_have_their_sentence(
    command: Command,
) -> None:
    stranger = command(GOOD, siren="999 999 999")
    assert (stranger.exit_code, names()) == (1, [])
    assert "no group company has the SIREN 999 999 999" in stranger.output
    nothing = command("")
    assert nothing.exit_code == 1
    assert nothing.output.startswith("Error: ")
