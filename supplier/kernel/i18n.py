"""Mark texts for translation where no request exists; they are translated where they are shown."""

from __future__ import annotations

LANGUAGES = ("fr", "en", "de")


def N_(message: str) -> str:  # noqa: N802 (gettext's own word)
    """Mark an English message for extraction and return it unchanged.

    Rules and catalogues hold marked messages; the entrances translate them with gettext.
    """
    return message
