"""What somebody typed outlives the proof of identity that is asked of them in between.

The fields of the form wait sealed in the session on the server, for this person and this page
alone, and go when the page shows them again. Nothing is sent on its own: the person sends again.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from datetime import datetime, timedelta

from flask import flash, g, request
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from supplier.kernel.crypto import SealBrokenError, keyring
from supplier.web import context
from supplier.web.sessions import table_session

_KEY = "kept_form"
#: Half an answer is worth nothing later; a long text is more than the session's row should carry.
KEEP_FOR = timedelta(minutes=15)
MAX_BYTES = 32 * 1024
#: Never kept, wherever they stand: secrets, and what belongs to one showing of the form.
_NEVER = ("password", "secret", "token", "passkey", "credential")
_NEVER_NAMES = frozenset({"code", "next"})


def keep(path: str) -> None:
    """Keep the form that was posted for the page at `path`; files and secrets are left out."""
    fields = {
        name: values
        for name, values in request.form.lists()
        if name not in _NEVER_NAMES and not any(word in name.lower() for word in _NEVER)
    }
    text = json.dumps({"fields": fields, "at": context.now().isoformat()})
    if not fields or len(text) > MAX_BYTES:
        table_session().pop(_KEY, None)
        return
    sealed = keyring().seal_text(text, context=_owner(path))
    table_session()[_KEY] = {"path": path, "sealed": b64encode(sealed).decode()}


def take_up() -> None:
    """Give the forms of this page what was kept for it, once."""
    kept = table_session().get(_KEY)
    if kept is None or request.method != "GET" or kept["path"] != request.path:
        return
    table_session().pop(_KEY)
    try:
        text = keyring().open_text(b64decode(kept["sealed"]), context=_owner(request.path))
    except SealBrokenError:
        # Somebody else signed in with this browser: it is not theirs to read.
        return
    found = json.loads(text)
    if context.now() - datetime.fromisoformat(found["at"]) <= KEEP_FOR:
        g.kept_form = MultiDict(found["fields"])


def fields_for(names: set[str]) -> MultiDict[str, str] | None:
    """The kept fields when the form with these names asked for them; says so above the page."""
    kept: MultiDict[str, str] | None = g.get("kept_form")
    if kept is None or not set(kept) <= names:
        return None
    g.kept_form = None
    flash(gettext("You proved who you are. What you typed is here again: check it and send it."))
    return kept


def _owner(path: str) -> str:
    return f"kept-form:{context.visitor().user_id}:{path}"
