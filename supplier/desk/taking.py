"""Lists taken as files: what leaves the house stands in the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from supplier.kernel.audit import record
from supplier.kernel.database import transaction
from supplier.web import context, lists
from supplier.web.event_words import TAKEN


def take_list(
    of: str,
    rows: Iterable[Mapping[str, Any]],
    *,
    columns: Sequence[tuple[str, str]],
    kind: str,
    name: str = "",
) -> AnyResponse:
    """The list `of` (see `TAKEN`) as a file, and a line of the journal: which, as what, how many.

    Accountability (GDPR, art. 5(2)): a file goes where no right of this program follows. The file
    is written first and handed out last, so that nothing leaves without its line. `name` is the
    file's, the list's own when there is none. Raises LookupError for a list without words.
    """
    if of not in TAKEN:
        raise LookupError(of)
    given = list(rows)
    answer = lists.export(given, columns=columns, name=name or of, kind=kind)
    if request.method == "HEAD":  # asks what would come, and takes nothing
        return answer
    with transaction() as session:
        record(
            session, "list.exported", subject="list", by=context.actor(), at=context.now(),
            data={"list": of, "format": kind, "count": len(given)},
        )  # fmt: skip
    return answer
