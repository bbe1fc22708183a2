"""What executed pages were made from, so that exactly those whose inputs changed are run again.

A page depends on its code cells, its parameters, the package's code, the versions it runs with, and
what it has read of the tables; not on its text, which is filled in when the page is shown.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from aicompute.book.order import of_code
from aicompute.book.results import data_files
from aicompute.book.running import Job
from aicompute.files import write_text

#: The cell that papermill adds with the parameters a page is given.
INJECTED_TAG = "injected-parameters"
#: What every page depends on: the types of columns, and what sources are called.
_ALWAYS = ("datapackage.json", "references.bib")


class Executed:
    """The executed pages of a build folder, one file each; ``data`` are the tables they read."""

    def __init__(self, folder: Path, data: Path) -> None:
        self.folder, self.data = folder, data
        self._digest = cache(self._digest_of)

    def find(self, job: Job, numbers: str = "") -> NotebookNode | None:
        """A page's executed notebook, if nothing it was made from has changed.

        A page of the second round is given ``numbers``, as text.
        """
        try:
            kept = json.loads((self.folder / f"{job.page}.json").read_text(encoding="utf-8"))
            if kept["key"] != self._key(job, numbers, [(f, s) for f, s in kept["read"]]):
                return None
            return joined(job.notebook, nbformat.from_dict(kept["cells"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None  # not there, or damaged

    def keep(self, job: Job, executed: NotebookNode, read: Any, numbers: str = "") -> NotebookNode:
        """Keep a page's executed notebook with what it was made from, and give it back.

        It has ``read`` files, each with the system whose rows alone were read; None if not known.
        """
        cells = [cell for cell in executed.cells if cell.cell_type == "code"]
        read = [(file, "") for file in data_files(self.data)] if read is None else read
        kept = {"key": self._key(job, numbers, read), "read": read, "cells": cells}
        write_text(self.folder / f"{job.page}.json", json.dumps(kept, ensure_ascii=False))
        return joined(job.notebook, cells)

    def _key(self, job: Job, numbers: str, read: list[tuple[str, str]]) -> str:
        cells = [(c.source, c.metadata.get("tags")) for c in job.notebook.cells
                 if c.cell_type == "code"]
        tables = [(*part, self._digest(*part)) for part in [*read, *((f, "") for f in _ALWAYS)]]
        made_from = [cells, dict(job.parameters), of_code(), tables, numbers]
        return hashlib.sha256(json.dumps(made_from).encode()).hexdigest()

    def _digest_of(self, file: str, system_id: str) -> str:
        path = self.data / file
        content = path.read_bytes() if path.is_file() else b""
        if system_id:
            rows = csv.DictReader(io.StringIO(content.decode(errors="replace")))
            own = [row for row in rows if row.get("system_id") == system_id]
            content = json.dumps(own, default=str).encode()
        return hashlib.sha256(content).hexdigest()


def joined(chapter: NotebookNode, ran: list[NotebookNode]) -> NotebookNode:
    """A chapter as it is now, its cells with the outputs they had when they ran."""
    left, cells = list(ran), []
    for cell in chapter.cells:
        cells.append(cell)
        if cell.cell_type == "code":
            done = left.pop(0)
            cells[-1] = NotebookNode({**cell, "outputs": done["outputs"],
                                      "execution_count": done["execution_count"]})
            while left and INJECTED_TAG in left[0]["metadata"].get("tags", []):
                cells.append(left.pop(0))
    return NotebookNode({**chapter, "cells": cells})
