"""The family of errors a person can act on; each carries the exit status it ends a command with."""


class AIComputeError(Exception):
    """Base of every error this package raises on purpose: one line, what, where, got, allowed."""

    exit_status = 1


class CallError(AIComputeError, ValueError):
    """The call is at fault: an unknown name, a wrong type, a value out of range."""

    exit_status = 2


class DataError(AIComputeError, ValueError):
    """The data are at fault; the message lists every problem, one a line."""


class PageError(AIComputeError):
    """A page is at fault: the message names the chapter, the cell and the error."""


class BuildError(AIComputeError):
    """The build could not finish for a reason outside data and pages, such as a full disk."""
