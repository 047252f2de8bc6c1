"""The errors of the framework: each is one line that names what was wrong and the remedy."""

from __future__ import annotations


class DmoError(Exception):
    """Anything a user can mend; entry points print it as one line and exit with status 1."""


class ArgumentError(DmoError, ValueError):
    """A bad value: names the argument, what was expected, what came and the remedy."""

    def __init__(self, argument: str, expected: str, got: str, remedy: str) -> None:
        super().__init__(f"{argument}: expected {expected}, got {got}; {remedy}")


class EvaluationError(DmoError):
    """A problem returned, or a searcher asked for, something that cannot be used."""


class RecordError(DmoError):
    """A record on disk is incomplete, altered or of another schema."""


class DataError(DmoError):
    """Data or a measured table that is missing, altered or of another schema."""
