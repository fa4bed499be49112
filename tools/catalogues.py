"""Keep the French and German catalogues: what is missing, and adding translations.

    python tools/catalogues.py missing            msgids without a translation, as JSON
    python tools/catalogues.py add FILE.json      merge {"msgid": {"fr": "…", "de": "…"}}

Plural messages use {"msgid": {"plural": "…", "fr": ["…", "…"], "de": ["…", "…"]}}.
Several people may run it at once: it works under a lock.
"""

from __future__ import annotations

import fcntl
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "supplier" / "translations"
LOCALES = ("fr", "de")
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
KEYWORDS = {
    "_": None, "gettext": None, "lazy_gettext": None, "N_": None,
    "ngettext": (1, 2), "lazy_ngettext": (1, 2),
}  # fmt: skip


def found() -> Catalog:
    """Every message of the code and of the templates."""
    catalog = Catalog()
    for folder in (ROOT / "supplier", ROOT / "templates"):
        for name, line, message, _comments, context in extract_from_dir(
            str(folder), METHODS, {"**": {"silent": "false"}}, KEYWORDS
        ):
            place = (folder / name).relative_to(ROOT).as_posix()
            catalog.add(message, None, [(place, line)], context=context)
    return catalog


def path_of(locale: str) -> Path:
    return FOLDER / locale / "LC_MESSAGES" / "messages.po"


def load(locale: str) -> Catalog:
    path = path_of(locale)
    if not path.exists():
        return Catalog(locale=locale)
    with path.open("rb") as source:
        return read_po(source, locale=locale)


def save(locale: str, catalog: Catalog) -> None:
    """Write the catalogue, sorted, and its compiled twin."""
    path = path_of(locale)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        write_po(
            target, catalog, sort_output=True, omit_header=False, width=100,
            no_location=True, ignore_obsolete=True,
        )  # fmt: skip
    with path.with_suffix(".mo").open("wb") as target:
        write_mo(target, catalog)


def missing() -> dict[str, dict[str, Any]]:
    """Messages without a translation, by msgid: what there is so far, and where they stand."""
    messages, gaps = found(), {}
    catalogs = {locale: load(locale) for locale in LOCALES}
    for message in messages:
        if not message.id:
            continue
        key = message.id if isinstance(message.id, str) else message.id[0]
        lacking = [code for code in LOCALES if not _translated(catalogs[code], key)]
        if lacking:
            gaps[key] = {"lacking": lacking, "at": [place for place, _ in message.locations][:2]}
            if not isinstance(message.id, str):
                gaps[key]["plural"] = message.id[1]
    return gaps


def _translated(catalog: Catalog, key: str) -> bool:
    entry = catalog.get(key)
    if entry is None or not entry.string:
        return False
    return bool(entry.string) if isinstance(entry.string, str) else all(entry.string)


#: What French sets otherwise than a keyboard types it, in this order.
FRENCH = (
    (r"(?<=[^\W\d])'(?=\w)", "’"),
    (r"[ \u202f](?=:(?:\s|$))", "\u00a0"),
    (r"[ \u00a0](?=[;!?](?:\s|$))", "\u202f"),
    (r"(?<=«)[ \u202f]|[ \u202f](?=»)", "\u00a0"),
    (r"(?<=\d)[ ](?=(?:€|%%|\d{3}\b))", "\u202f"),
    (r"(?<=\)s)[ ](?=(?:€|%%))", "\u00a0"),
)

#: Where the long words of German may break; not every browser knows.
GERMAN = ((r"(?<=[a-zäöüß]{10})(?=(?:bescheinigung|verpflichtung|erklärung)(?:en)?\b)", "\u00ad"),)
PRINTED = {"fr": FRENCH, "de": GERMAN}


def typeset(text: str, locale: str) -> str:
    """A translation with the apostrophes, the spaces and the breaks that its language prints."""
    for pattern, printed in PRINTED.get(locale, ()):
        text = re.sub(pattern, printed, text)
    return text


def add(translations: dict[str, dict[str, Any]]) -> None:
    for locale in LOCALES:
        catalog = load(locale)
        for key, texts in translations.items():
            if not texts.get(locale):
                continue
            catalog.delete(key)
            if "plural" in texts:
                forms = tuple(typeset(text, locale) for text in texts[locale])
                catalog.add((key, texts["plural"]), forms)
            else:
                catalog.add(key, typeset(texts[locale], locale))
        save(locale, catalog)


def compile_all() -> None:
    for locale in LOCALES:
        with path_of(locale).with_suffix(".mo").open("wb") as target:
            write_mo(target, load(locale))


@contextmanager
def locked() -> Iterator[None]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def main(arguments: list[str]) -> int:
    match arguments:
        case ["missing"]:
            gaps = missing()
            print(json.dumps(gaps, ensure_ascii=False, indent=1))
            return 1 if gaps else 0
        case ["add", name]:
            with locked():
                add(json.loads(Path(name).read_text(encoding="utf-8")))
            return 0
        case ["compile"]:
            with locked():
                compile_all()
            return 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
