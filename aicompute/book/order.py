"""What a build is asked for, and what it did; whether there is anything to do at all.

This loads none of what makes a book: where nothing has changed, a call ends within a moment.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from aicompute.assumptions import Assumptions, as_json, as_text
from aicompute.places import DATA, HOME, PACKAGE

OUTPUT = HOME / "_build"
BOOK = Path(__file__).resolve().parent
#: Letters of a folder's name at most, and those of the checksum that ends a name cut there.
LONGEST_NAME, CHECKSUM = 120, 8
#: Kinds of files that decide what a book looks like, and files beside the package that pages read.
_KINDS = {".py", ".css", ".js", ".yml", ".svg", ".woff2", ".txt", ".md", ".csv", ".json", ".bib"}
_BESIDE = ("CITATION.cff", "requirements.txt")
_TOP = ("_config.yml", "_toc.yml")


def usual_jobs() -> int:
    """Pages run at once unless told otherwise: one for every core this process may use."""
    bound = getattr(os, "sched_getaffinity", None)  # only some platforms tell
    return len(bound(0)) if bound else os.cpu_count() or 1


@dataclass(frozen=True)
class Order:
    """What to build: under which assumptions, from which data, where to, and how."""

    assumptions: Assumptions = field(default_factory=Assumptions)
    data: Path = DATA
    output: Path = OUTPUT
    #: The folder of ``chapters/``, ``_toc.yml`` and ``_config.yml``.
    root: Path = HOME
    jobs: int = field(default_factory=usual_jobs)
    force: bool = False
    #: Whether pages are run in an ordinary Jupyter kernel.
    kernel: bool = False
    #: A cell that runs longer is stopped, and its page named.
    cell_seconds: int = 60
    #: Build folders of the scenarios' books that the site takes in, by name.
    scenario_books: Mapping[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("data", "output", "root"):
            object.__setattr__(self, name, Path(getattr(self, name)).absolute())

    @property
    def work(self) -> Path:
        """Where the build keeps what it makes on the way."""
        return self.output / ".work"

    @property
    def note(self) -> Path:
        """What the finished book was made from, and which pages it has."""
        return self.work / "made_from.json"

    def altered(self) -> dict[str, Any]:
        """The assumptions that differ from the baseline, as a notebook's parameters."""
        return {name: as_json(value) for name, value in self.assumptions.changed().items()}

    def fingerprint(self) -> str:
        """Checksum of everything this book is made from."""
        books = {name: Order(output=folder).note.read_text(encoding="utf-8")
                 for name, folder in self.scenario_books.items()}
        made_from = [of_code(), _checksums(self.data, self.root), versions(self.data, self.root),
                     sorted(self.altered().items()), books]
        return hashlib.sha256(repr(made_from).encode()).hexdigest()

    def outcome(self, pages: Iterable[str], ran: Iterable[str] | None = None) -> Outcome:
        """What there is to say when the book stands; without ``ran`` nothing was made."""
        return Outcome(self.output / "html" / "index.html", self.output / "results.json",
                       tuple(pages), tuple(ran or ()), changed=ran is not None)


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
    try:
        note = json.loads(order.note.read_text(encoding="utf-8"))
        kept = order.outcome(note["pages"])
        whole = kept.index.is_file() and kept.results.is_file() and not order.force
        return kept if whole and note["made_from"] == order.fingerprint() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # what cannot be read is reported by the build that needs it


@cache
def of_code() -> str:
    """Checksum of the code that pages run, of the scenarios, and of every installed version.

    The build's own code is left out: what it does to a page before it is run is in the notebook.
    """
    digest = hashlib.sha256(sys.version.encode())
    _add_files(digest, PACKAGE, (p for p in PACKAGE.rglob("*.py") if BOOK not in p.parents))
    _add_files(digest, HOME, [*(HOME / "scenarios").glob("*.yml"), *(HOME / n for n in _BESIDE)])
    # By the name of each library's folder: to parse its metadata takes longer than all else.
    found = {path.name for folder in sys.path for path in Path(folder).glob("*.dist-info")}
    digest.update(repr(sorted(found)).encode())
    return digest.hexdigest()


def of_build() -> str:
    """Checksum of the code that makes a book, that of its pages included."""
    digest = hashlib.sha256(of_code().encode())
    _add_files(digest, BOOK, BOOK.rglob("*"))
    return digest.hexdigest()


def versions(data: Path, root: Path = HOME) -> dict[str, str]:
    """Which code and which tables: a commit where both lie as it has them, a checksum elsewhere."""
    commit = _commit() if root == HOME else ""
    return {part: f"commit {commit}" if commit and (part == "code" or data == DATA) else
            f"sha256 {checksum[:12]}" for part, checksum in _checksums(data, root).items()}


def _checksums(data: Path, root: Path) -> dict[str, str]:
    """Of the code with its chapters, and of the tables."""
    digest, tables = hashlib.sha256(), hashlib.sha256()
    _add_files(digest, PACKAGE, PACKAGE.rglob("*"))
    _add_files(digest, root, [*(root / "chapters").glob("*.md"), *(root / name for name in _TOP)])
    _add_files(digest, HOME, [*(HOME / "scenarios").glob("*.yml"), *(HOME / n for n in _BESIDE)])
    _add_files(tables, data, data.rglob("*"))
    return {"code": digest.hexdigest(), "data": tables.hexdigest()}


@cache
def _commit() -> str:
    """The commit that a checkout is at, if what a book is made from is as it has it."""
    def git(*arguments: str) -> str | None:
        try:
            done = subprocess.run(["git", "--no-optional-locks", "-C", HOME, *arguments],
                                  capture_output=True, text=True, check=False)
        except OSError:
            return None  # there is no git
        return None if done.returncode else done.stdout.strip()

    made_from = ("aicompute", "chapters", "data", "scenarios", *_TOP, *_BESIDE)
    # A package that is installed may lie in somebody else's repository.
    if not (HOME / ".git").exists() or git("status", "--porcelain", "--", *made_from) != "":
        return ""
    return (git("rev-parse", "HEAD") or "")[:12]


def _add_files(digest: hashlib._Hash, folder: Path, paths: Iterable[Path]) -> None:
    for path in sorted(path for path in paths if path.suffix in _KINDS or path.name in _BESIDE):
        content = path.read_bytes() if path.is_file() else b""
        digest.update(f"{path.relative_to(folder)}\0{len(content)}\0".encode() + content)


def scenario_folder(settings: Mapping[str, Any], scenario: str | None = None) -> Path:
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
