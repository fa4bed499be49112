"""Where stylesheets and scripts come from, and the stamp that tells a browser they changed."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from bootstrap_wrapper import get_bootstrap_dir

#: Endpoints whose files carry a stamp in their address.
STATIC, BOOTSTRAP = "static", "bootstrap"
#: A picture written into a stylesheet.
_PICTURE = re.compile(rb"""url\((["'])data:.*?\1\)""")


def static_folder() -> Path:
    """The folder of Vigie's own stylesheet, scripts and icons."""
    return Path(__file__).with_name("static")


def bootstrap_folder() -> Path:
    """The folder of Bootstrap's compiled files (`css/`, `js/`), inside the installed package.

    Raises FileNotFoundError when the package came without them: a page without its
    stylesheet must stop the start, not surprise the first visitor.
    """
    folder = Path(get_bootstrap_dir())
    if not (folder / "css" / "bootstrap.min.css").is_file():
        raise FileNotFoundError(f"no Bootstrap stylesheet under {folder}")
    return folder


def stylesheet(path: Path) -> bytes:
    """A stylesheet of Bootstrap without the pictures written into it (`data:`).

    Our policy forbids them, and the theme draws its own. It can only overrule them once it has
    arrived: a browser that styles the page before would ask for them and be refused.
    """
    stat = path.stat()
    return _without_pictures(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=16)
def _without_pictures(path: Path, _mtime_ns: int, _size: int) -> bytes:
    return _PICTURE.sub(b"none", path.read_bytes())


def asset_version(path: Path) -> str:
    """A short stamp of the file's bytes: the same file has the same stamp on every machine.

    Raises FileNotFoundError for a file that does not exist.
    """
    stat = path.stat()
    return _stamp(path, stat.st_mtime_ns, stat.st_size)


def add_version(endpoint: str, values: dict[str, Any]) -> None:
    """Add `v=<stamp>` to addresses of our static files; made for `app.url_defaults(add_version)`.

    A name that is not a file in the folder gets no stamp: its address will answer 404.
    """
    folders = {STATIC: static_folder, BOOTSTRAP: bootstrap_folder}
    filename = values.get("filename")
    if endpoint not in folders or not filename or "v" in values:
        return
    path = folders[endpoint]() / filename
    if path.is_file():
        values["v"] = asset_version(path)


@lru_cache(maxsize=256)
def _stamp(path: Path, _mtime_ns: int, _size: int) -> str:
    sent = stylesheet(path) if path.suffix == ".css" else path.read_bytes()
    return sha256(sent).hexdigest()[:10]
