"""Files without a row go after a day; a file that a row names never does."""

from __future__ import annotations

import os
import uuid
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from supplier import jobs
from supplier.adapters.files import DamagedFileError, store
from supplier.kernel.database import db, transaction
from supplier.retention import orphans
from supplier.retention.models import ErasureEntry
from tests.make import Maker


class Shelf:
    """The store of the test, with files of any age."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self.folder, self.now = folder, now

    def put(self, age: timedelta) -> str:
        key = store().put(os.urandom(8))
        at = (self.now - age).timestamp()
        os.utime(self.folder / key[:2] / key, (at, at))
        return key

    def holds(self, key: str) -> bool:
        try:
            store().get(key)
        except DamagedFileError:
            return False
        return True


OLD, NEW = timedelta(days=1, seconds=1), timedelta(hours=23, minutes=59)


@pytest.fixture
def shelf(app: Flask, make: Maker, tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "files", make.clock.at)


def test_a_file_without_a_row_goes_after_a_day(shelf: Shelf, make: Maker) -> None:
    contract_key, orphan, fresh = shelf.put(OLD), shelf.put(OLD), shelf.put(NEW)
    make.contract(make.engagement(make.supplier(), make.buyer()), file_key=contract_key)
    assert orphans.sweep(make.clock.at) == {"deleted": 1, "left": 0}
    assert [shelf.holds(key) for key in (contract_key, orphan, fresh)] == [True, False, True]
    assert orphans.sweep(make.clock.at) == {"deleted": 0, "left": 0}


def test_a_file_on_its_way_out_is_left_to_its_erasure(shelf: Shelf, make: Maker) -> None:
    shelf.put(NEW)
    key = shelf.put(OLD)
    with transaction() as session:
        session.add(
            ErasureEntry(
                id=uuid.uuid4(), subject_type="contract", subject_id=uuid.uuid4(), file_key=key,
                rule="contract", decided_at=make.clock.at,
            )
        )  # fmt: skip
    assert orphans.sweep(make.clock.at) == {"deleted": 0, "left": 0}
    assert shelf.holds(key)


def test_every_column_of_the_database_that_may_hold_a_key_is_asked(
    shelf: Shelf, make: Maker
) -> None:
    """A column that is forgotten would lose its files."""
    others = {"public_key", "dedupe_key"}
    named = {
        column.name
        for table in db.metadata.sorted_tables
        for column in table.c
        if column.name.endswith("_key") and column.name not in others
    }
    assert named == set(orphans.KEY_COLUMNS)


@pytest.mark.parametrize("kept", [0, 3])
def test_nothing_is_deleted_when_it_is_the_database_that_is_wrong(
    shelf: Shelf, make: Maker, kept: int
) -> None:
    """An older copy of the database, or an empty one, knows few of the files."""
    for _ in range(kept):
        shelf.put(NEW)
    keys = [shelf.put(OLD) for _ in range(orphans.FEW + 1 if kept else 2)]
    assert orphans.sweep(make.clock.at) == {"deleted": 0, "left": len(keys)}
    assert all(shelf.holds(key) for key in keys)


def test_the_clock_sweeps_once_a_day(shelf: Shelf, make: Maker) -> None:
    shelf.put(NEW)
    key = shelf.put(OLD)
    assert jobs.ring("sweep_orphans", now=make.clock.at)
    assert not shelf.holds(key)
    with transaction() as session:
        counts = session.scalar(text("SELECT counts FROM clock_run WHERE task = 'sweep_orphans'"))
    assert "deleted" in str(counts)
