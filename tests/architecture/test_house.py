"""Rules about the whole: who may come, where time is asked, how states change, what is complete."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from supplier.kernel.database import db
from supplier.settings import PREFIX, Settings
from supplier.web.guard import Audience, rule_of
from tools import catalogues

ROOT = Path(__file__).resolve().parents[2]
CODE = sorted((ROOT / "supplier").rglob("*.py"))


def trees() -> Iterator[tuple[Path, ast.AST]]:
    for path in CODE:
        yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def test_every_route_says_who_may_come(app: Flask) -> None:
    silent = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in {"static", "bootstrap"} and rule_of(app, rule.endpoint) is None
    ]
    assert silent == []


def test_every_page_of_the_desk_and_the_portal_has_its_audience(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        access = rule_of(app, rule.endpoint)
        if access is None or access.audience is Audience.PUBLIC:
            continue
        if rule.rule.startswith("/desk"):
            assert access.audience is Audience.STAFF, rule.rule
        if rule.rule.startswith("/portal"):
            assert access.audience in {Audience.SUPPLIER, Audience.SIGNED_IN}, rule.rule
        if rule.rule.startswith("/api/v1"):
            assert access.audience is Audience.API, rule.rule


def test_only_the_clock_asks_the_machine_for_the_time() -> None:
    asked = [
        f"{path}:{node.lineno}"
        for path, tree in trees()
        if path != Path("supplier/kernel/clock.py")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"now", "utcnow", "today"}
        and isinstance(node.value, ast.Name)
        and node.value.id in {"datetime", "date"}
    ]
    assert asked == []


def test_a_state_changes_only_through_move() -> None:
    written = [
        f"{path}:{node.lineno}"
        for path, tree in trees()
        if path not in {Path("supplier/kernel/audit.py"), Path("supplier/adapters/queue.py")}
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        for part in ([*target.elts] if isinstance(target, ast.Tuple) else [target])
        if isinstance(part, ast.Attribute) and part.attr == "state"
    ]
    assert written == []


def test_the_package_files_are_empty() -> None:
    assert [str(path) for path in CODE if path.name == "__init__.py" and path.read_text()] == []


def test_the_law_loads_without_flask_or_the_database() -> None:
    modules = (
        "documents.validity", "documents.verdict", "vigilance.requirements", "vigilance.coverage",
        "retention.schedule", "evaluation.scoring", "notifications.reminders", "contracts.terms",
        "bank.checks", "privacy.rights",
    )  # fmt: skip
    program = "import sys\n" + "".join(f"import supplier.{name}\n" for name in modules)
    program += "print([m for m in ('flask', 'sqlalchemy', 'wtforms') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


def test_the_migrations_make_exactly_the_tables_of_the_models(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_the_french_and_german_catalogues_are_complete() -> None:
    done = subprocess.run(
        [sys.executable, "tools/catalogues.py", "missing"],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.stdout.strip() == "{}"


@pytest.mark.parametrize("name", sorted(Settings.__dataclass_fields__))
def test_every_setting_is_documented(name: str) -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert f"`{PREFIX}{name.upper()}`" in text


def test_no_template_holds_a_style_or_a_script() -> None:
    pattern = re.compile(
        r"\sstyle\s*=|<script(?![^>]*\ssrc=)|\son[a-z]+\s*=\s*[\"']", re.IGNORECASE
    )
    faulty = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "templates").rglob("*.html")
        if "templates/mail" not in path.as_posix() and pattern.search(path.read_text("utf-8"))
    ]
    assert faulty == []


def test_the_imports_go_down_only() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_french_and_german_are_set_as_they_are_printed() -> None:
    """Apostrophes that curl; before a colon, a question mark or a unit, a space that holds."""
    faults = [
        (locale, text)
        for locale in catalogues.LOCALES
        for message in catalogues.load(locale)
        if message.id
        for text in ([message.string] if isinstance(message.string, str) else message.string)
        if catalogues.typeset(text, locale) != text
    ]
    assert faults == []


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("n'a pas pu", "n’a pas pu"),
        ("Lever le gel ?", "Lever le gel\u202f?"),
        ("Fin : %(day)s ; rien", "Fin\u00a0: %(day)s\u202f; rien"),
        ("« Kbis »", "«\u00a0Kbis\u00a0»"),
        ("5 000 € ou %(share)s %%", "5\u202f000\u202f€ ou %(share)s\u00a0%%"),
        ("12:30, mailto:a@b, 'cité'", "12:30, mailto:a@b, 'cité'"),
    ],
)
def test_a_translation_is_set_when_it_is_added(typed: str, printed: str) -> None:
    assert catalogues.typeset(typed, "fr") == printed
    assert catalogues.typeset(typed, "de") == typed


def test_the_long_words_of_german_say_where_they_break() -> None:
    word = "Unbedenklichkeits\u00adbescheinigung"
    assert catalogues.typeset("Unbedenklichkeitsbescheinigung", "de") == word
    assert catalogues.typeset(word, "de") == word
    assert catalogues.typeset("Steuerbescheinigung", "de") == "Steuerbescheinigung"


#: Words that were once used beside another one for the same thing, or that no native writes.
LEFT = {
    "de": ("Unterlage", "usgesetzt", "in der Lücke", "zweite Blick", "zweiter Blick"),
    "en": ("in gap",),
}


@pytest.mark.parametrize("locale", LEFT)
def test_one_thing_has_one_word(locale: str) -> None:
    catalog = catalogues.found() if locale == "en" else catalogues.load(locale)
    texts = [
        text
        for message in catalog
        if message.id
        for said in [message.id if locale == "en" else message.string]
        for text in ([said] if isinstance(said, str) else said)
    ]
    words = [word.lower() for word in LEFT[locale]]
    assert [text for text in texts if any(word in text.lower() for word in words)] == []


def test_no_row_is_locked_against_those_that_point_at_it() -> None:
    """A plain FOR UPDATE makes two people wait for each other (kernel.database.LOCKED)."""
    locks = [
        (f"{path}:{node.lineno}", how)
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for how in locks_of(node)
    ]
    assert len(locks) > 20
    plain = {"key_share=False", "with_for_update=True"}
    assert [at for at, how in locks if how is None or ast.unparse(how) in plain] == []


def locks_of(call: ast.Call) -> list[ast.keyword | None]:
    """How this call locks rows: `key_share` of a query, `with_for_update` of a get."""
    if isinstance(call.func, ast.Attribute) and call.func.attr == "with_for_update":
        return [next((one for one in call.keywords if one.arg == "key_share"), None)]
    return [one for one in call.keywords if one.arg == "with_for_update"]
