"""`supplier init`: a new installation, and a second run that changes nothing."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from supplier.cli.init import init_command


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Runs the command in an empty folder; the environment is put back afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUPPLIER_DATABASE_URL", f"sqlite:///{tmp_path / 'vigie.db'}")
    monkeypatch.setenv("SUPPLIER_FILES_URL", f"file:{tmp_path / 'uploads'}")
    for name in ("SUPPLIER_SECRET_KEY", "SUPPLIER_DATA_KEYS"):
        monkeypatch.setenv(name, "")

    def act(*arguments: str) -> Result:
        return CliRunner().invoke(init_command, arguments)

    return act


def test_a_new_installation_gets_keys_tables_store_and_a_link(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    result = run("--email", "hugo@kerlan.example", "--name", "Hugo", "--json")
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout.splitlines()[-1])
    assert said["link"].startswith("http://localhost:5000/link/")
    keys = tmp_path / "vigie-keys.env"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    assert (tmp_path / "uploads").is_dir()


def test_a_second_run_keeps_keys_and_refuses_a_second_first_administrator(
    run, tmp_path: Path
) -> None:  # type: ignore[no-untyped-def]
    run("--email", "hugo@kerlan.example", "--name", "Hugo")
    before = (tmp_path / "vigie-keys.env").read_bytes()
    result = run("--email", "other@kerlan.example", "--name", "Other")
    assert result.exit_code == 1
    assert (tmp_path / "vigie-keys.env").read_bytes() == before
    assert run().exit_code == 0


def test_a_bad_address_is_refused_in_words(run) -> None:  # type: ignore[no-untyped-def]
    result = run("--email", "nowhere")
    assert result.exit_code == 1
    assert "mail address" in result.output
