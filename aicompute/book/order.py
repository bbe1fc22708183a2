"""What a build is asked for, and what it did; whether there is anything to do at all.

This loads none of what makes a book: where nothing has changed, a call ends within a moment.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aicompute.assumptions import Assumptions, as_json, as_text
from aicompute.book import fingerprint
from aicompute.dataset import DATA
from aicompute.errors import CallError
from aicompute.names import shown

ROOT = Path(__file__).resolve().parent.parent.parent
OUTPUT = ROOT / "_build"
#: Notebooks run at once for every core: a kernel waits for its client half of the time.
JOBS_PER_CORE = 2
#: Letters of a folder's name at most, and those of the checksum that ends a name cut there.
LONGEST_NAME, CHECKSUM = 120, 8
#: A cell that runs longer is stopped, and its page named.
CELL_SECONDS = 60


def usual_jobs() -> int:
    """Notebooks run at once unless told otherwise, by the cores this process may use."""
    cores = os.cpu_count() or 1
    # Only some platforms tell how a process is bound.
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    return cores * JOBS_PER_CORE


@dataclass(frozen=True)
class Order:
    """What to build: under which assumptions, from which data, where to, and how."""

    assumptions: Assumptions = field(default_factory=Assumptions)
    data: Path = DATA
    output: Path = OUTPUT
    root: Path = ROOT
    jobs: int = field(default_factory=usual_jobs)
    force: bool = False
    warm_kernels: bool = True
    cell_seconds: int = CELL_SECONDS
    scenario_books: Mapping[str, Path] = field(default_factory=dict)

    @property
    def work(self) -> Path:
        """Where the build keeps what it makes on the way."""
        return self.output / ".work"

    def altered(self) -> dict[str, Any]:
        """The assumptions that differ from the baseline, as a notebook's parameters."""
        return {name: as_json(value) for name, value in self.assumptions.changed().items()}

    def fingerprint(self) -> str:
        """Checksum of everything this book is made from."""
        return fingerprint.of_book(self.root, self.data, self.altered(), self.scenario_books)

    def outcome(self, pages: Sequence[str], ran: Sequence[str] | None = None) -> Outcome:
        """What there is to say when the book stands; without ``ran`` nothing was made."""
        return Outcome(
            self.output / "html" / "index.html", self.output / "results.json", tuple(pages),
            tuple(ran or ()), changed=ran is not None,
        )


@dataclass(frozen=True)
class Outcome:
    """What a build did: where the book is, which pages there are, and which were run."""

    index: Path
    results: Path
    pages: tuple[str, ...]
    ran: tuple[str, ...]
    changed: bool


def unchanged(order: Order) -> Outcome | None:
    """The outcome where the finished book was made from just what is there; else None."""
    if order.force:
        return None
    try:
        kept = fingerprint.kept_pages(order.output, order.fingerprint())
    except OSError:
        # What cannot be read is reported by the build that needs it.
        return None
    return None if kept is None else order.outcome(kept)


def refuse_strange_folder(order: Order) -> None:
    """Refuse a folder whose site or results a build would replace, but did not make.

    Raises
    ------
    CallError
        If there is one; nothing is touched.
    """
    replaced = [order.output / "html", order.output / "results.json"]
    strange = [path for path in replaced if path.exists() or path.is_symlink()]
    if strange and not order.work.is_dir():
        raise CallError(f"--output {shown(order.output)}: got a folder whose {strange[0].name} is "
                        "no book of this report; allowed: a new folder, or one of a build")


def scenario_folder(settings: dict[str, Any], scenario: str | None = None) -> Path:
    """Where a report under altered assumptions goes: a folder that says what it is.

    A name too long for a folder is cut, and ends in a checksum of the whole.
    """
    altered = ",".join(f"{name}={as_text(value)}" for name, value in settings.items())
    named = ",".join(part for part in (scenario, altered) if part)
    folder = named.replace("/", "-")
    if len(folder) > LONGEST_NAME:
        checksum = hashlib.sha256(os.fsencode(named)).hexdigest()[:CHECKSUM]
        folder = f"{folder[:LONGEST_NAME - CHECKSUM - 1]}-{checksum}"
    return OUTPUT / "scenarios" / folder
