"""Is this installation sound: what `supplier doctor` and `supplier verify` look at."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from supplier.adapters import files, identity, ocr, report_box, second_ocr
from supplier.adapters.queue import ClockRun, Job
from supplier.bank.approvals import AccountState
from supplier.bank.models import BankAccount, validated_bank_account
from supplier.documents.models import Document
from supplier.kernel.audit import broken_links
from supplier.kernel.database import durability_fault, reading
from supplier.notifications.models import OutboxMessage
from supplier.retention import orphans
from supplier.settings import DEMO_DATA_KEYS, DEMO_SECRET, Settings

FREE_SHARE = 0.05
WORKER_SILENT = timedelta(minutes=15)
BUILT_ON = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Result:
    """One check: `state` is ok, warning or fault; `detail` says what to do unless it is ok."""

    name: str
    state: str
    detail: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


Check = Callable[[Session, Settings, datetime], Result]


def doctor(settings: Settings, *, now: datetime) -> list[Result]:
    """Every check of the installation. A check that crashes is a fault, and the others go on."""
    checks: tuple[tuple[str, Check], ...] = (
        ("database", _database),
        ("migrations", _migrations),
        ("durability", _durability),
        ("files", _files),
        ("space", _space),
        ("secrets", _secrets),
        ("clock", _clock),
        ("worker", _worker),
        ("jobs", _jobs),
        ("mail", _mail),
        ("reports on mail", _reports),
        ("reading of scans", _ocr),
        ("group sign-in", _sso),
    )
    results = []
    for name, check in checks:
        try:
            with reading() as session:
                results.append(check(session, settings, now))
        except Exception as error:
            results.append(Result(name, "fault", f"{type(error).__name__}: {error}"[:300]))
    return results


def verify(*, now: datetime) -> list[Result]:
    """Is everything that was acknowledged still there and unchanged?"""
    with reading() as session:
        kept = dict(orphans.references(session))
        hashes = _hashes(session)
        results = [_chain(session), _approvals(session)]
    results += [_whole(kept, hashes), _orphans(now)]
    return results


def _database(session: Session, _settings: Settings, _now: datetime) -> Result:
    session.execute(select(true()))
    return Result("database", "ok", session.get_bind().dialect.name)


def _migrations(session: Session, _settings: Settings, _now: datetime) -> Result:
    folder = current_app.extensions["migrate"].directory
    head = ScriptDirectory(folder).get_current_head()
    current = MigrationContext.configure(session.connection()).get_current_revision()
    if current != head:
        return Result("migrations", "fault", f"at {current}, expected {head}: run `supplier init`")
    return Result("migrations", "ok", str(head))


def _durability(session: Session, _settings: Settings, _now: datetime) -> Result:
    fault = durability_fault(session)
    return Result("durability", "fault" if fault else "ok", fault or "commits are on the disk")


def _files(_session: Session, settings: Settings, _now: datetime) -> Result:
    if not files.store().ready():
        return Result(
            "files", "fault", f"{settings.files_folder} is not a prepared store (unmounted?)"
        )
    return Result("files", "ok", str(settings.files_folder))


def _space(_session: Session, settings: Settings, _now: datetime) -> Result:
    usage = shutil.disk_usage(settings.files_folder)
    share = usage.free / usage.total
    state = "ok" if share > FREE_SHARE else "fault"
    return Result("space", state, f"{share:.0%} free of {usage.total // 10**9} GB")


def _secrets(_session: Session, settings: Settings, _now: datetime) -> Result:
    if settings.secret_key == DEMO_SECRET or settings.data_keys == DEMO_DATA_KEYS:
        return Result("secrets", "warning", "demo secrets: never keep real papers under them")
    return Result("secrets", "ok", f"{len(settings.keys())} data key(s)")


def _clock(_session: Session, _settings: Settings, now: datetime) -> Result:
    if now < BUILT_ON:
        return Result("clock", "fault", f"the machine says {now:%Y-%m-%d}: set its clock")
    return Result("clock", "ok", f"{now:%Y-%m-%d %H:%M} UTC")


def _worker(session: Session, _settings: Settings, now: datetime) -> Result:
    last = session.scalar(select(func.max(ClockRun.started_at)))
    if last is None or now - last > WORKER_SILENT:
        return Result(
            "worker", "warning", "no sign of a worker: start `supplier serve` or `supplier worker`"
        )
    return Result("worker", "ok", f"last seen {last:%Y-%m-%d %H:%M} UTC")


def _jobs(session: Session, _settings: Settings, now: datetime) -> Result:
    given_up = session.scalar(select(func.count()).where(Job.state == "given_up")) or 0
    late = session.scalar(
        select(func.count()).where(Job.state == "waiting", Job.run_at < now - WORKER_SILENT)
    )
    if given_up or late:
        words = [f"{given_up} given up, {late} late", *_why_given_up(session)]
        return Result("jobs", "warning", "; ".join(words))
    return Result("jobs", "ok", "nothing is late")


def _why_given_up(session: Session) -> list[str]:
    """The tasks given up last, each with its reason; without what an error quotes of the data."""
    rows = session.execute(
        select(Job.task, Job.last_error)
        .where(Job.state == "given_up")
        .order_by(Job.run_at.desc())
        .limit(20)
    )
    words = (f"{task}: {(error or '').partition(':')[0]}" for task, error in rows)
    return list(dict.fromkeys(words))[:3]


def _mail(session: Session, settings: Settings, _now: datetime) -> Result:
    stuck = session.scalar(
        select(func.count()).where(OutboxMessage.state.in_(["failed", "bounced"]))
    )
    if not settings.mail_url:
        return Result("mail", "warning", "SUPPLIER_MAIL_URL is empty: mails wait in the outbox")
    return Result("mail", "warning" if stuck else "ok", f"{stuck} refused or failed")


def _reports(_session: Session, _settings: Settings, _now: datetime) -> Result:
    box = report_box.report_box()
    if box is None:
        return Result(
            "reports on mail", "ok",
            "SUPPLIER_BOUNCES_URL is empty: only what a server refuses at once is seen",
        )  # fmt: skip
    if fault := box.fault():
        return Result(
            "reports on mail", "warning", f"the mailbox cannot be read, reports wait there: {fault}"
        )
    return Result("reports on mail", "ok", "the mailbox answers")


def _ocr(_session: Session, _settings: Settings, _now: datetime) -> Result:
    if not ocr.available():
        return Result(
            "reading of scans", "warning",
            "install the extra `ocr` and Tesseract's French data: scans go to a person until then",
        )  # fmt: skip
    second = "a second reader for what it leaves in doubt"
    if not second_ocr.installed():
        second = "no second reader (extra `ocr-plus`)"
    elif not second_ocr.switched_on():
        second = "the second reader is installed and switched off (SUPPLIER_SECOND_READER)"
    return Result("reading of scans", "ok", f"Tesseract with French data; {second}")


def _sso(_session: Session, settings: Settings, _now: datetime) -> Result:
    if not settings.oidc_issuer:
        return Result("group sign-in", "ok", "not configured")
    fault = identity.provider().fault()
    if fault:
        return Result("group sign-in", "fault", fault)
    if not (settings.oidc_required_amr or settings.oidc_required_acr):
        words = "its second factor does not count: Vigie asks its own code"
        return Result("group sign-in", "ok", f"{settings.oidc_issuer}; {words}")
    return Result("group sign-in", "ok", settings.oidc_issuer)


def _chain(session: Session) -> Result:
    broken = broken_links(session)
    if broken:
        return Result("journal", "fault", f"broken at {', '.join(map(str, broken[:10]))}")
    return Result("journal", "ok", "the chain is whole")


def _approvals(session: Session) -> Result:
    """Accounts whose state says approved while the tables do not show two people."""
    rows = session.scalars(
        select(BankAccount.id).where(
            BankAccount.state == AccountState.APPROVED_TWICE,
            BankAccount.erased_at.is_(None),
            BankAccount.id.not_in(select(validated_bank_account.c.id)),
        )
    ).all()
    if rows:
        return Result("bank approvals", "fault", f"not shown by two people: {_ids(rows)}")
    return Result("bank approvals", "ok", "every approved account shows two people")


def _whole(kept: dict[str, str], hashes: dict[str, str]) -> Result:
    """Read every file again: present, opening under our keys, the bytes of the receipt."""
    damaged = []
    for key, place in kept.items():
        try:
            files.store().get(key, sha256=hashes.get(key))
        except files.DamagedFileError:
            damaged.append(f"{place} {key}")
    if damaged:
        more = f" and {len(damaged) - 10} more" if len(damaged) > 10 else ""
        return Result("files", "fault", "damaged or missing: " + "; ".join(damaged[:10]) + more)
    return Result("files", "ok", f"{len(kept)} files read again")


def _orphans(now: datetime) -> Result:
    found = orphans.find_orphans(now=now)
    if found.keys and found.too_many:
        return Result(
            "orphans", "warning",
            f"{len(found.keys)} of {found.files} files without a row: too many to be deleted, "
            "is this the right database?",
        )  # fmt: skip
    if found.keys:
        return Result("orphans", "warning", f"{len(found.keys)} files without a row: they will go")
    return Result("orphans", "ok", "no file without a row")


def _hashes(session: Session) -> dict[str, str]:
    rows = session.execute(select(Document.file_key, Document.sha256).where(Document.part == 0))
    return {key: digest for key, digest in rows if key}


def _ids(rows: Iterable[uuid.UUID]) -> str:
    return ", ".join(str(row) for row in rows)
