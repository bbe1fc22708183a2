"""Turns a chapter into the notebook that papermill runs.

A chapter is a MyST Markdown notebook. Its first code cell holds its parameters: the assumptions the
page is about, at their defaults, so that a reader sees them. The notebook gets all the others
behind them, and a last cell that works out the numbers the text names. Numbers stand in the text as
``{number}`name` `` or ``{number}`name:form` ``.
"""

from __future__ import annotations

import ast
import re
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from aicompute.assumptions import Assumptions, as_json, describe
from aicompute.book.pages import Page
from aicompute.errors import PageError
from aicompute.names import unknown

PARAMETERS_TAG = "parameters"
NUMBERS_TAG = "aicompute-numbers"
HIDDEN_TAG = "remove-cell"
#: What a notebook says of the kernel it runs in.
METADATA = {
    "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
    "language_info": {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"},
}
NUMBER = re.compile(r"\{number\}`([^`\n]+)`")


def chapter_notebook(page: Page) -> NotebookNode:
    """Read a page's chapter as a notebook ready to run.

    Raises
    ------
    PageError
        If the chapter is no notebook, or its parameters cell is missing or wrong.
    """
    name = f"chapters/{page.chapter.name}"
    try:
        text = page.chapter.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PageError(f"{name}: cannot be read: {error}") from None
    if "jupytext:" not in text.split("\n---", 1)[0]:
        raise PageError(f"{name}:1: the header lacks jupytext, so no cell of it would be run")
    notebook = jupytext.reads(text, fmt="md:myst")
    _number_cells(notebook)
    _complete_parameters(notebook, page, name)
    keys = _fill_words(notebook, page, name)
    notebook.cells.append(numbers_cell(keys))
    notebook.metadata = nbformat.from_dict(METADATA)
    return notebook


def _number_cells(notebook: NotebookNode) -> None:
    """Give cells ids that depend on their place alone, so that a build repeats to the byte."""
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{index}"


def _complete_parameters(notebook: NotebookNode, page: Page, name: str) -> None:
    cell = next((c for c in notebook.cells if c.cell_type == "code"), None)
    if cell is None or PARAMETERS_TAG not in cell.metadata.get("tags", []):
        raise PageError(f"{name}: the first code cell must carry the tag {PARAMETERS_TAG}")
    given = _literals(cell.source, name)
    _check_parameters(given, page, name)
    rest = [n for n in Assumptions.model_fields if n not in given]
    lines = [f"{n} = {as_json(Assumptions.model_fields[n].default)!r}" for n in rest]
    cell.source = "\n".join([cell.source, "# Every other assumption, at its default:", *lines])
    cell.metadata["tags"] = [*cell.metadata["tags"], "hide-input"]


def _literals(source: str, name: str) -> dict[str, Any]:
    """Names and values of a parameters cell; anything but literals is refused."""
    try:
        statements = ast.parse(source).body
        pairs = [_assignment(statement) for statement in statements]
    except (SyntaxError, ValueError):
        raise PageError(
            f"{name}: parameters cell: only lines name = literal are allowed"
        ) from None
    return dict(pairs)


def _assignment(statement: ast.stmt) -> tuple[str, Any]:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target, value = statement.targets[0], statement.value
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        target, value = statement.target, statement.value
    else:
        raise ValueError("no assignment")
    if not isinstance(target, ast.Name):
        raise ValueError("no plain name")
    return target.id, ast.literal_eval(value)


def _check_parameters(given: dict[str, Any], page: Page, name: str) -> None:
    for parameter, value in given.items():
        if parameter in page.parameters:
            continue
        if parameter not in Assumptions.model_fields:
            valid = [*page.parameters, *Assumptions.model_fields]
            raise PageError(f"{name}: parameters cell: {unknown('parameter', parameter, valid)}")
        default = as_json(Assumptions.model_fields[parameter].default)
        if value != default or type(value) is not type(default):
            allowed = describe(parameter)["default"]
            raise PageError(
                f"{name}: parameters cell: {parameter}: got {value!r}; "
                f"must stand at its default, {allowed}"
            )
    for parameter in set(page.parameters) - set(given):
        raise PageError(f"{name}: parameters cell: {parameter} is missing")


def _fill_words(notebook: NotebookNode, page: Page, name: str) -> list[str]:
    """Put the page's own words into the text; return the numbers the text names."""
    keys: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            continue
        for word, value in page.words.items():
            cell.source = cell.source.replace(f"{{{word}}}", plain(value))
        keys += NUMBER.findall(cell.source)
        if "{number}`" in NUMBER.sub("", cell.source):
            raise PageError(f"{name}: a {{number}} role is not closed on its line")
    return list(dict.fromkeys(keys))


def plain(text: str) -> str:
    """Text that Markdown, MyST and HTML show as it is.

    Examples
    --------
    >>> plain("a*b <i>")
    'a&#42;b &#60;i&#62;'

    An underscore within a word is no mark, and code would show its entity:

    >>> plain("alphago_zero"), plain("_a_")
    ('alphago_zero', '&#95;a&#95;')
    """
    marks = r"[^\w .,;()/+-]|(?<!\w)_|_(?!\w)"
    return re.sub(marks, lambda match: f"&#{ord(match.group())};", text)


def numbers_cell(keys: list[str]) -> NotebookNode:
    """The last cell of a notebook: the numbers its text names, and the files it has read."""
    cell = new_code_cell(f"report.numbers({keys!r})", id="cell-numbers")
    cell.metadata["tags"] = [NUMBERS_TAG, HIDDEN_TAG]
    return cell
