"""What each page was made from, so that exactly the pages whose inputs changed are run again.

A page depends on its notebook, its parameters, the package's code, the versions it runs with, and
the data files it read. The record lies inside the executed notebook, so both are written at once.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from aicompute.book import fingerprint, kept
from aicompute.book.execute import Job
from aicompute.book.notebook import NUMBERS_TAG
from aicompute.errors import PageError
from aicompute.mime import NUMBERS_MIME

RECORD = "aicompute"


class Executed:
    """The executed notebooks of a build folder.

    Parameters
    ----------
    directory
        Where they are kept, one a page.
    data
        The folder of tables the pages read.
    """

    def __init__(self, directory: Path, data: Path) -> None:
        self.directory = directory
        self.data = data
        self._code = fingerprint.of_code()
        self._files: dict[str, str] = {}

    def find(self, job: Job) -> NotebookNode | None:
        """Return a page's executed notebook if nothing it was made from has changed."""
        content = kept.read(self._path(job.page))
        if content is None:
            return None
        executed = nbformat.from_dict(json.loads(content))
        record = executed.metadata[RECORD]
        if record["made_from"] != self._made_from(job):
            return None
        if any(self._file(name) != digest for name, digest in record["files"].items()):
            return None
        return executed

    def keep(self, job: Job, executed: NotebookNode) -> None:
        """Keep a page's executed notebook with the record of what it was made from."""
        executed.metadata[RECORD] = {
            "made_from": self._made_from(job),
            "files": {name: self._file(name)
                      for name in numbers_of(job.page, executed)["files_read"]},
        }
        text = json.dumps(executed, ensure_ascii=False, sort_keys=True)
        kept.write(self._path(job.page), text.encode())

    def _path(self, page: str) -> Path:
        return self.directory / f"{page}.ipynb"

    def _made_from(self, job: Job) -> str:
        content = json.dumps([job.notebook.cells, job.parameters, self._code], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    def _file(self, name: str) -> str:
        if name not in self._files:
            try:
                content = (self.data / name).read_bytes()
            except OSError:
                return ""
            self._files[name] = hashlib.sha256(content).hexdigest()
        return self._files[name]


def numbers_of(page: str, executed: NotebookNode) -> dict[str, Any]:
    """The numbers an executed page worked out for its text, and the files it read.

    Raises
    ------
    PageError
        If the page has none: its report was not opened.
    """
    for cell in executed.cells:
        if NUMBERS_TAG in cell.metadata.get("tags", []):
            for output in cell.outputs:
                if NUMBERS_MIME in output.get("data", {}):
                    found: dict[str, Any] = output["data"][NUMBERS_MIME]
                    return found
    raise PageError(f"page {page}: did not open a report named `report`")
