"""What executed pages were made from, so that exactly those whose inputs changed are run again.

A page depends on its code cells, its parameters, the package's code, the versions it runs with, and
what it has read of the tables; not on its text, which is filled in when the page is shown.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from aicompute.book.order import of_code
from aicompute.book.results import data_files
from aicompute.book.running import Job

#: The cell that papermill adds with the parameters a page is given.
INJECTED_TAG = "injected-parameters"
#: Files that every page depends on: types of columns, and what sources are called.
_ALWAYS = ("datapackage.json", "references.bib")


class Executed:
    """The executed pages of a build folder.

    Parameters
    ----------
    folder
        Where they are kept, one file a page.
    data
        The folder of tables the pages read.
    """

    def __init__(self, folder: Path, data: Path) -> None:
        self.folder, self.data = folder, data
        self._part = lru_cache(maxsize=None)(self._digest_of)

    def find(self, job: Job, numbers: str = "") -> NotebookNode | None:
        """A page's executed notebook, if nothing it was made from has changed.

        Parameters
        ----------
        numbers
            Those that a page of the second round is given, as text.
        """
        try:
            kept = json.loads((self.folder / f"{job.page}.json").read_text(encoding="utf-8"))
            if kept["key"] != self._key(job, numbers) or kept["read"] != self._read(kept["read"]):
                return None
            return joined(job.notebook, nbformat.from_dict(kept["cells"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None  # not there, or damaged

    def keep(self, job: Job, executed: NotebookNode, read: Any, numbers: str = "") -> NotebookNode:
        """Keep a page's executed notebook with what it was made from, and give it back.

        Parameters
        ----------
        read
            Files and systems whose rows alone were read; None if that is not known.
        """
        cells = [cell for cell in executed.cells if cell.cell_type == "code"]
        if read is None:
            read = [(file, "") for file in data_files(self.data)]
        kept = {"key": self._key(job, numbers), "cells": cells,
                "read": self._read((file, system_id, "") for file, system_id in read)}
        path = self.folder / f"{job.page}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
        part.replace(path)
        return joined(job.notebook, cells)

    def _key(self, job: Job, numbers: str) -> str:
        cells = [(c.source, c.metadata.get("tags")) for c in job.notebook.cells
                 if c.cell_type == "code"]
        made_from = [cells, dict(job.parameters), of_code(), self._common, numbers]
        return hashlib.sha256(json.dumps(made_from).encode()).hexdigest()

    @cached_property
    def _common(self) -> list[str]:
        return [self._part(file, "") for file in _ALWAYS]

    def _read(self, read: Iterable[Any]) -> list[list[str]]:
        """What was read, each with the checksum of what it holds now."""
        return [[file, system_id, self._part(file, system_id)] for file, system_id, _ in read]

    def _digest_of(self, file: str, system_id: str) -> str:
        try:
            content = (self.data / file).read_bytes()
        except OSError:
            return ""
        if system_id:
            rows = csv.DictReader(io.StringIO(content.decode(errors="replace")))
            own = [row for row in rows if row.get("system_id") == system_id]
            content = json.dumps(own, default=str).encode()
        return hashlib.sha256(content).hexdigest()


def joined(chapter: NotebookNode, ran: list[NotebookNode]) -> NotebookNode:
    """A chapter as it is now, its cells with the outputs they had when they ran."""
    left = list(ran)
    cells = []
    for cell in chapter.cells:
        if cell.cell_type == "code":
            done = left.pop(0)
            cell = nbformat.from_dict({**cell, "outputs": done["outputs"],
                                       "execution_count": done["execution_count"]})
        cells.append(cell)
        while left and INJECTED_TAG in left[0]["metadata"].get("tags", []):
            cells.append(left.pop(0))
    return nbformat.from_dict({**chapter, "cells": cells})
