"""The family of errors a person can act on; each carries the exit status it ends a command with."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

#: What the text of an error of the system has around its reason.
_NUMBER_OR_PATH = r"^\[Errno \d+\] |: '.*'$"


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


@contextmanager
def saying(where: str) -> Iterator[None]:
    """Say of a call at fault where it is so."""
    try:
        yield
    except CallError as error:
        raise CallError("\n".join(f"{where}: {line}" for line in str(error).splitlines())) from None


def of_cell(kind: str, text: str) -> str:
    """What a cell has raised, in one line; where it names what the tables lack, what to do."""
    told = f"{kind}: {' '.join(text.split())}"
    if kind not in ("KeyError", "CallError"):
        return told
    return f"{told}: the tables lack what this page names; put it back, or change the page"


class Gathered:
    """Gathers what is wrong in several places, so that all of it is told at once."""

    def __init__(self) -> None:
        self.problems: dict[str, None] = {}

    @contextmanager
    def part(self) -> Iterator[None]:
        """Keep what the block raises for later."""
        try:
            yield
        except AIComputeError as error:
            self.problems |= dict.fromkeys(str(error).splitlines())

    def tell(self) -> None:
        """Raise a PageError of what was kept, if anything: every problem, one a line."""
        if self.problems:
            raise PageError("\n".join(self.problems))


class BuildError(AIComputeError):
    """The build could not finish for a reason outside data and pages, such as a full disk."""

    @classmethod
    def refused(cls, error: OSError, place: Path | str) -> Self:
        """What the system refused, and where: at a file the error names, else at ``place``."""
        if isinstance(error, shutil.Error) and isinstance(error.args[0], list):
            # Copying a folder goes on to the end and lists what failed; the first says enough.
            _, place, text = error.args[0][0]
            return cls(f"{place}: {re.sub(_NUMBER_OR_PATH, '', text)}")
        return cls(f"{error.filename or place}: {error.strerror or error}")
