"""Which pages the book has, and the notebook of each.

A chapter is a MyST Markdown notebook, and `_toc.yml` the table of contents; `system` in it is the
template that is run once for every system.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import yaml
from nbformat import NotebookNode

from aicompute.assumptions import Assumptions, as_json
from aicompute.cells import CELL, section_above
from aicompute.errors import PageError
from aicompute.names import shown, unknown
from aicompute.places import FOLDER, TEMPLATE
from aicompute.words import plain

PARAMETERS_TAG = "parameters"
#: What a notebook says of the kernel it runs in.
METADATA = {
    "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
    "language_info": {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"},
}
_NAME = re.compile(f"({FOLDER}/)?[a-z][a-z0-9_]*")
_HEADER = re.compile(r"\A---\n(?P<header>.*?)\n---\n", re.DOTALL)


@dataclass(frozen=True)
class Page:
    """One page: its name in the site, its chapter, its own parameters and words."""

    name: str
    chapter: Path
    parameters: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The chapter as messages name it."""
        return f"chapters/{self.chapter.name}"


def read_contents(root: Path, systems: Mapping[str, str]) -> tuple[list[Page], dict[str, Any]]:
    """The pages in reading order, and _toc.yml with a page a system in the template's place.

    The systems that have one come as id to name, in order. A _toc.yml that cannot be read, or names
    a chapter that is not there, is a PageError.
    """
    try:
        toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
        names = _expand(toc, systems)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise PageError(f"_toc.yml: cannot be read as a table of contents: {reason}") from None
    return [_page(name, root / "chapters", systems) for name in names], toc


def _expand(toc: dict[str, Any], systems: Iterable[str]) -> list[str]:
    """Replace the template in the contents by its pages; return every page in order."""
    names = [toc["root"]]
    for chapter in (chapter for part in toc["parts"] for chapter in part["chapters"]):
        if {"file": TEMPLATE} in chapter.get("sections", []):
            chapter["sections"] = [{"file": f"{FOLDER}/{name}"} for name in systems]
        names += [part["file"] for part in (chapter, *chapter.get("sections", []))]
    return names


def _page(name: object, chapters: Path, systems: Mapping[str, str]) -> Page:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise PageError(f"_toc.yml: {shown(name)}: must be a name of the form {_NAME.pattern}")
    folder, _, system_id = name.rpartition("/")
    stem = TEMPLATE if folder else name
    chapter = chapters / f"{stem}.md"
    # None that a link has in another folder: a page shows its chapter.
    if not chapter.is_file() or chapter.resolve().parent != chapters.resolve():
        raise PageError(f"_toc.yml: {name}: there is no chapters/{stem}.md")
    words = {"system_id": system_id, "system_name": systems.get(system_id, system_id),
             "system_label": system_id.replace("_", "-")}
    return Page(name, chapter, {"system_id": system_id}, words) if folder else Page(name, chapter)


def chapter_notebook(page: Page) -> NotebookNode:
    """Read a page's chapter as a notebook, each cell with the line of the chapter it begins on.

    A chapter that is no notebook, or whose parameters cell is missing or wrong, is a PageError.
    """
    try:
        text = page.chapter.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PageError(f"{page.file}: cannot be read: {error}") from None
    header = _HEADER.match(text)
    if header is None or "jupytext:" not in header["header"]:
        raise PageError(f"{page.file}:1: the header lacks jupytext, so no cell of it would be run")
    cells, end = [], header.end()
    for found in [*CELL.finditer(text, end), None]:
        start = found.start() if found else len(text)
        if text[end:start].strip():
            begins = start - len(text[end:start].lstrip())
            cells.append(new_cell("markdown", filled_words(text[end:start].strip(), page.words),
                                  {"line": text.count("\n", 0, begins) + 1}))
        if found:
            cells.append(_code_cell(page, text, found))
            end = found.end()
    for index, cell in enumerate(cells):
        cell["id"] = f"cell-{index}"  # by their place alone, so that a build repeats to the byte
    _check_parameters(page, [cell for cell in cells if cell.cell_type == "code"])
    return nbformat.from_dict({"metadata": METADATA, "nbformat": 4, "nbformat_minor": 5,
                               "cells": cells})


def new_cell(
    kind: str, source: str, metadata: Mapping[str, Any] | None = None, name: str = ""
) -> NotebookNode:
    """A cell of a notebook; nbformat's own functions hold each to a schema, which takes seconds."""
    code: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return nbformat.from_dict({"id": name, "cell_type": kind, "metadata": metadata or {},
                               "source": source, **code})


def _code_cell(page: Page, text: str, found: re.Match[str]) -> NotebookNode:
    line = text.count("\n", 0, found.start("code")) + 1
    try:
        options = [line.strip(":").partition(":") for line in found["options"].splitlines()]
        metadata = {name: _option(value) for name, _, value in options}
    except yaml.YAMLError:
        raise PageError(f"{page.file}:{line}: the options above it cannot be read") from None
    section = section_above(text[:found.start()])
    return new_cell("code", found["code"].rstrip("\n"),
                    {**metadata, "line": line, "section": section})


#: The same few stand above thousands of cells.
_option = cache(yaml.safe_load)


def _check_parameters(page: Page, cells: list[NotebookNode]) -> None:
    """Hold the parameters cell to literals at their defaults: under others no page would say so."""
    if not cells:
        return
    line = f"{page.file}:{cells[0].metadata['line']}: parameters cell"
    if PARAMETERS_TAG not in cells[0].metadata.get("tags", []):
        raise PageError(f"{line}: the first code cell must carry the tag {PARAMETERS_TAG}")
    try:
        given = dict(map(_assignment, ast.parse(cells[0].source).body))
    except (SyntaxError, ValueError):
        raise PageError(f"{line}: only lines name = literal are allowed") from None
    known = {name: as_json(of.default) for name, of in Assumptions.model_fields.items()}
    for name, value in given.items():
        if name not in {*known, *page.parameters}:
            allowed = [*page.parameters, *known]
            raise PageError(f"{line}: {unknown('parameter', name, allowed)}")
        if name in known and repr(value) != repr(known[name]):
            raise PageError(f"{line}: {name}: got {value!r}; must stand at its default, "
                            f"{known[name]!r}")


def _assignment(statement: ast.stmt) -> tuple[str, Any]:
    if not (isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)):
        raise ValueError("no plain assignment")
    return statement.targets[0].id, ast.literal_eval(statement.value)


def filled_words(text: str, words: Mapping[str, str]) -> str:
    """A text of the template with the system's own id and name in it."""
    for word, value in words.items():
        text = text.replace(f"{{{word}}}", plain(value))
    return text

