"""Change what others may change too: the slower of two compares before anything is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.wrappers import Response as AnyResponse

from supplier.desk.room import answer
from supplier.kernel.versions import StaleError, version_of
from supplier.web.changing import Difference, compare
from supplier.web.pages import refuse


def answer_change(
    form: Any,
    act: Callable[[], AnyResponse],
    show: Callable[[int, list[Difference]], AnyResponse],
    *,
    row: Any,
    read: Callable[[], Any],
    typed: Callable[[], Mapping[str, Any]],
    names: tuple[str, ...],
) -> AnyResponse:
    """As `answer`, for a form with a hidden `seen`: `row` is shown, `read` gives it as kept later.

    Where somebody was faster, the page comes back (409) with what was typed and what is kept;
    sending it again is a choice made with both in sight.
    """
    # What was typed before a proof was asked comes back with the version that it was typed over.
    if not form.is_submitted() and not form.seen.data:
        form.seen.data = version_of(row, names)
    try:
        return answer(form, act, lambda status: show(status, []))
    except StaleError as error:
        refuse(form, error)
        return show(error.status, compare(form, read(), typed(), names=names))
