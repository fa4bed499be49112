"""What can go wrong that a person can act on. Everything else crashes and is logged."""

from __future__ import annotations


class DomainError(Exception):
    """Something the person can act on. `message` is shown to them, already translated."""

    status = 422

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotFoundError(DomainError):
    """The thing does not exist, or is not theirs: the two are never told apart."""

    status = 404


class ForbiddenError(DomainError):
    """The person may see it and may not do this."""

    status = 403


class ConflictError(DomainError):
    """Someone was faster, or the state no longer allows it."""

    status = 409


class UnavailableError(DomainError):
    """Something outside does not answer; nothing was lost."""

    status = 503


class LimitError(DomainError):
    """Too many tries. `retry_after` is in seconds."""

    status = 429

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
