"""results.json: every number by its name, and what two such files are compared by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from aicompute.assumptions import Assumptions, as_json
from aicompute.book.order import versions
from aicompute.cells import merge
from aicompute.places import HOME
from aicompute.prose import Sentence
from aicompute.recording import NUMBERS_MIME, Number

#: What makes up a folder of tables.
TABLES = ("*.csv", "architectures/*.csv", "datapackage.json", "references.bib")


def outputs_of(notebook: NotebookNode, mime: str) -> Iterable[tuple[NotebookNode, Any]]:
    """What an executed notebook's cells put out of one kind, each with its cell."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if mime in output.get("data", {}):
                yield cell, output["data"][mime]


def collect(numbers: dict[str, Number], page: str, notebook: NotebookNode) -> None:
    """Add the numbers that a page has recorded, with the section of the cell that did.

    A name that was recorded before with another value is a PageError that names both places.
    """
    for cell, found in outputs_of(notebook, NUMBERS_MIME):
        for given in found:
            facts = {**given, "page": page, "section": cell.metadata.get("section", "")}
            merge(numbers, facts.pop("name"), Number(**facts))


def document(
    assumptions: Assumptions, data: Path, numbers: Mapping[str, Number],
    sentences: Iterable[Sentence], systems: Iterable[str], claims: Mapping[str, str],
    root: Path = HOME,
) -> dict[str, Any]:
    """The content of results.json: of tables in ``data`` and chapters below ``root``.

    With the text's conditional sentences, every system of the tables, and each claim's verdict.
    """
    known = {name: as_json(getattr(assumptions, name)) for name in Assumptions.model_fields}
    sums = {f: hashlib.sha256((data / f).read_bytes()).hexdigest() for f in data_files(data)}
    return {
        "assumptions": known, "version": versions(data.resolve(), root),
        "data_sha256": data_sha256(data),
        "results": {name: vars(numbers[name]) for name in sorted(numbers)},
        "data_files": sums, "systems": list(systems), "claims": dict(claims),
        "holds": [vars(sentence) for sentence in sentences],
    }


def results_text(found: Mapping[str, Any]) -> str:
    """A result document as its file holds it."""
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def data_files(data: Path) -> list[str]:
    """Every file that makes up the tables, relative to their folder, sorted."""
    return sorted(path.relative_to(data).as_posix() for kind in TABLES for path in data.glob(kind))


def data_sha256(data: Path) -> str:
    """One checksum of all files of the tables, names and bytes."""
    digest = hashlib.sha256()
    for file in data_files(data):
        content = (data / file).read_bytes()
        digest.update(f"{file}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
