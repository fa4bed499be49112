"""Doctor, verify, backup and restore on real databases and files."""

from __future__ import annotations

import dataclasses
import json
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, text

from supplier.adapters import files, identity, ocr, second_ocr
from supplier.cli.backups import BackupError, backup, restore
from supplier.cli.checks import doctor, verify
from supplier.cli.main import COMMANDS, main
from supplier.contracts.models import Contract
from supplier.factory import create_app
from supplier.kernel.audit import SYSTEM, record
from supplier.kernel.database import db, reading, transaction
from supplier.parties.models import Supplier
from supplier.retention.models import ErasureEntry
from supplier.settings import Settings
from tests.accounts.provider import LocalProvider, running, settings_of
from tests.conftest import test_settings as settings_for
from tests.make import Maker

pytestmark = pytest.mark.sqlite


@pytest.fixture
def settings(app: Flask, database_url: str, tmp_path: Path) -> Settings:
    return settings_for(database_url, tmp_path / "files")


def contract_with_file(make: Maker, data: bytes = b"%PDF-1.7 a contract") -> Contract:
    supplier, buyer = make.supplier(), make.buyer()
    key = files.store().put(data)
    return make.contract(make.engagement(supplier, buyer), file_key=key)


def state_of(results: list, name: str) -> str:
    return next(result.state for result in results if result.name == name)


def test_a_sound_installation_has_no_fault(settings: Settings, make: Maker) -> None:
    results = doctor(settings, now=make.clock.at)
    assert [result.name for result in results if result.state == "fault"] == []


def test_a_lost_volume_is_a_fault(settings: Settings, make: Maker) -> None:
    (settings.files_folder / files.SENTINEL).unlink()
    assert state_of(doctor(settings, now=make.clock.at), "files") == "fault"


def test_doctor_says_whether_a_second_reader_of_pictures_is_asked(
    settings: Settings, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr, "available", lambda: True)
    answers = {}
    for installed, setting in ((True, "on"), (True, "off"), (False, "on")):
        monkeypatch.setattr(second_ocr, "installed", lambda there=installed: there)
        monkeypatch.setenv(second_ocr.VARIABLE, setting)
        found = {one.name: one for one in doctor(settings, now=make.clock.at)}["reading of scans"]
        assert found.state == "ok"
        answers[installed, setting] = found.detail
    assert "a second reader for what it leaves in doubt" in answers[True, "on"]
    assert "switched off" in answers[True, "off"]
    assert "extra `ocr-plus`" in answers[False, "on"]


def test_a_provider_of_the_group_that_is_away_is_a_fault(settings: Settings, make: Maker) -> None:
    kept = identity.provider()
    with running(LocalProvider(make.clock)) as local:
        asked = settings_of(local)
        identity.use_provider(asked)
        found = doctor(dataclasses.replace(settings, oidc_issuer=local.url), now=make.clock.at)
        assert state_of(found, "group sign-in") == "ok"
        local.description = {"issuer": "https://elsewhere.example"}
        found = doctor(dataclasses.replace(settings, oidc_issuer=local.url), now=make.clock.at)
        assert state_of(found, "group sign-in") == "fault"
        url = local.url
    found = doctor(dataclasses.replace(settings, oidc_issuer=url), now=make.clock.at)
    assert state_of(found, "group sign-in") == "fault"
    identity._Holder.provider = kept


@pytest.mark.parametrize("damage", ["flip", "truncate", "delete", "swap", "link"])
def test_every_kind_of_damage_to_a_file_is_found(
    settings: Settings, make: Maker, damage: str
) -> None:
    contract, other = contract_with_file(make), contract_with_file(make, b"another")
    assert state_of(verify(now=make.clock.at), "files") == "ok"
    path = settings.files_folder / str(contract.file_key)[:2] / str(contract.file_key)
    twin = settings.files_folder / str(other.file_key)[:2] / str(other.file_key)
    data = path.read_bytes()
    path.unlink()
    if damage == "flip":
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    elif damage == "truncate":
        path.write_bytes(data[: len(data) // 2])
    elif damage == "swap":
        path.write_bytes(twin.read_bytes())
    elif damage == "link":
        path.symlink_to(twin)
    assert state_of(verify(now=make.clock.at), "files") == "fault"


def test_a_forged_line_of_the_journal_is_found(settings: Settings, make: Maker) -> None:
    supplier = make.supplier()
    for _ in range(3):
        with transaction() as session:
            record(session, "supplier.seen", subject=supplier, by=SYSTEM, at=make.clock.at)
    with transaction() as session:
        session.execute(text("DROP TRIGGER event_no_update"))
        session.execute(text("UPDATE event SET reason = 'forged' WHERE seq = 2"))
    assert state_of(verify(now=make.clock.at), "journal") == "fault"


def test_a_backup_comes_back_whole_and_what_was_erased_stays_erased(
    settings: Settings, make: Maker, tmp_path: Path
) -> None:
    kept, erased = contract_with_file(make), contract_with_file(make, b"to be erased")
    make.session_token(make.user("Denise").id)
    copied = backup(settings, tmp_path / "backups", now=make.clock.at)
    with transaction() as session:
        session.add(
            ErasureEntry(
                id=uuid.uuid4(), subject_type="contract", subject_id=erased.id,
                file_key=erased.file_key, rule="contract", decided_at=make.clock.at,
            )
        )  # fmt: skip
    # The ledger lies beside the backups, so the older one gives nothing back either.
    later = backup(settings, tmp_path / "backups", now=make.clock.at + timedelta(hours=1))
    assert later.files == copied.files
    place = tmp_path / "new"
    place.mkdir()
    fresh = dataclasses.replace(
        settings, database_url=f"sqlite:///{place}/vigie.db", files_url=f"file:{place}/files"
    )
    # What the failed disk left of a file is not taken for the file.
    (wrecked,) = settings.files_folder.rglob(str(kept.file_key).rsplit("/")[-1])
    left = fresh.files_folder / wrecked.relative_to(settings.files_folder)
    left.parent.mkdir(parents=True)
    left.write_bytes(wrecked.read_bytes()[:-1] + b"?")
    db.session.remove()
    with create_app(fresh).app_context():
        result = restore(fresh, copied.folder, now=make.clock.at)
        assert result["erased_again"]["entries"] == 1
        assert files.store().get(str(kept.file_key)) == b"%PDF-1.7 a contract"
        with pytest.raises(files.DamagedFileError):
            files.store().get(str(erased.file_key))
        with reading() as session:
            assert session.scalar(text("SELECT count(*) FROM web_session")) == 0
            assert session.scalars(select(Supplier)).all()
        assert state_of(verify(now=make.clock.at), "files") == "ok"
        db.engine.dispose()


def test_a_restore_never_writes_over_anything(
    settings: Settings, make: Maker, tmp_path: Path
) -> None:
    copied = backup(settings, tmp_path / "backups", now=make.clock.at)
    with pytest.raises(BackupError):
        restore(settings, copied.folder, now=make.clock.at)


def test_a_damaged_backup_is_refused(settings: Settings, make: Maker, tmp_path: Path) -> None:
    copied = backup(settings, tmp_path / "backups", now=make.clock.at)
    (copied.folder / "vigie.db").write_bytes(b"not a database")
    with pytest.raises(BackupError):
        restore(settings, copied.folder, now=make.clock.at)


def test_every_command_of_the_list_exists() -> None:
    for name in COMMANDS:
        result = CliRunner().invoke(main, [name, "--help"])
        assert result.exit_code == 0, (name, result.output)


def test_doctor_speaks_json(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    db.engine.dispose()
    monkeypatch.setenv("SUPPLIER_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("SUPPLIER_FILES_URL", settings.files_url)
    result = CliRunner().invoke(main, ["doctor", "--json"])
    assert json.loads(result.output)["ok"] is (result.exit_code == 0)


def test_a_wrong_setting_ends_with_its_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPLIER_MODE", "production")
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 1
    assert "SUPPLIER_SECRET_KEY" in result.output
