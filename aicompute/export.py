"""Writes every page as a notebook that runs outside the build: under papermill, or in Jupyter."""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from aicompute import cells, words
from aicompute.arithmetic import Numbers
from aicompute.assumptions import Assumptions, as_json, describe
from aicompute.book.contents import (
    PARAMETERS_TAG,
    Page,
    chapter_notebook,
    new_cell,
    read_contents,
)
from aicompute.errors import CallError, PageError
from aicompute.files import write_text
from aicompute.names import unknown
from aicompute.places import DATA, DATA_VARIABLE, HOME
from aicompute.prose import Filling
from aicompute.references import sources
from aicompute.tables import table

_LINK = re.compile(r"(?<=\]\()([\w/-]+)\.md(?=[#)])|(?<=href=\")page:([\w/-]+)(?=[\"#])")
_CITATION = re.compile(r"\{cite:([pt])\}`([^`]+)`")
_REFERENCE = re.compile(r"\{numref\}`((?:fig|tab)-[^`]+)`")
_TERM = re.compile(r"\{term\}`([^`<]+?)(?:\s*<[^`]*>)?`")
_DOWNLOAD = re.compile(r"\[([^\]]+)\]\(page:[^)]*\)|<a href=\"page:_downloads[^>]*>([^<]*)</a>")
_LABEL = re.compile(r"^\([\w-]+\)=\n+|^\{\.[\w-]+\}\n", re.MULTILINE)
_DIRECTIVE = re.compile(r"^(:::|```)\{(\w+)\}[^\n]*\n(?P<body>.*?)^\1[ \t]*$",
                        re.MULTILINE | re.DOTALL)
_BOX = re.compile(r"^::::\{admonition\} ([^\n]+)\n:class: \w+\n(.*?)^::::[ \t]*$",
                  re.MULTILINE | re.DOTALL)
_NEEDED = '''\
try:
    import aicompute
except ModuleNotFoundError:
    raise SystemExit("This notebook needs the report's package: "
                     "python -m pip install PATH, where PATH is a copy of its repository") from None
'''


def export_notebooks(output: Path, data: Path = DATA) -> list[Path]:
    """Write the notebook of every page, its text filled with the baseline's numbers.

    Parameters
    ----------
    output
        Folder to write to; a page ``systems/alexnet`` becomes ``systems/alexnet.ipynb`` in it.
    data
        Folder of tables; the notebooks run on it, if it is not the report's own.

    Returns
    -------
    list of Path
        The notebooks, in the book's order.

    Raises
    ------
    PageError
        If a chapter is no notebook, its parameters cell is wrong, or a cell of it fails.
    """
    names = table("systems").set_index("system_id")["name"]
    pages = read_contents(HOME, {name: names[name] for name in cells.systems_with_pages()})[0]
    numbers = cells.all_numbers(Assumptions())
    paths = []
    for page in pages:
        path = output / f"{page.name}.ipynb"
        write_text(path, nbformat.writes(exported_notebook(page, numbers, data)) + "\n")
        paths.append(path)
    return paths


def exported_notebook(page: Page, numbers: Numbers, data: Path = DATA) -> NotebookNode:
    """One page's notebook, to be read and run by itself.

    Its parameters stand with the types and meanings that ``papermill --help-notebook`` reads; a
    number, a citation or a link in its text stands in words that any notebook shows.

    Raises
    ------
    PageError
        If the chapter is no notebook, its parameters cell is wrong, or a text names a number that
        there is not.
    """
    notebook = chapter_notebook(page)
    filling = Filling(numbers, numbers)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text = filling.fill(cell.source, page.file, cell.metadata["line"])
            cell.source = _plain_markdown(page.name, text)
        cell.metadata = {k: v for k, v in cell.metadata.items() if k not in ("line", "section")}
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if code:
        _describe_parameters(page, code[0])
        at = notebook.cells.index(code[0])
        notebook.cells.insert(at, _first_cell(data))
        if page.parameters:
            _follow_the_parameter(notebook, at, page.parameters["system_id"])
    return notebook


def _first_cell(data: Path) -> NotebookNode:
    """What says what is missing, and which tables the notebook runs on."""
    own = data.resolve() == DATA.resolve()
    at = f'os.environ.setdefault("{DATA_VARIABLE}", {os.fspath(data.resolve())!r})\n'
    return new_cell("code", _NEEDED if own else f"import os\n\n{at}\n{_NEEDED}", name="needed")


def _follow_the_parameter(notebook: NotebookNode, at: int, of: str) -> None:
    """Let a system's page say whose it is when the parameter is another system's."""
    whose = ("from IPython.display import Markdown\n\nfrom aicompute.export import heading\n\n"
             f"Markdown(heading(system_id, {of!r}))")
    notebook.cells.insert(at + 2, new_cell("code", whose, name="whose"))


def heading(system_id: str, exported: str) -> str:
    """The heading of a system's notebook that runs on another system; empty on its own.

    Parameters
    ----------
    exported
        The system that its text was written for.

    Raises
    ------
    CallError
        If the system has no page.
    """
    names, known = table("systems").set_index("system_id")["name"], cells.systems_with_pages()
    if system_id not in known:
        raise CallError(unknown("system", system_id, known))
    if system_id == exported:
        return ""
    return (f"# {words.plain(names[system_id])}\n\nThe cells below calculate "
            f"{words.plain(names[system_id])}. The title above and the numbers in the text "
            f"are those of {words.plain(names[exported])}.")


def _describe_parameters(page: Page, cell: NotebookNode) -> None:
    cell.metadata["tags"] = [PARAMETERS_TAG]
    for name, value in page.parameters.items():
        cell.source, count = _line_of(name).subn(f"{name}: str = {value!r}", cell.source, count=1)
        if count != 1:
            raise PageError(f"{page.file}: parameters cell: {name} is missing")
    for name in Assumptions.model_fields:
        cell.source = _line_of(name).sub(lambda line: parameter_line(line[1]), cell.source, count=1)


def parameter_line(name: str) -> str:
    """One assumption as a line of a parameters cell, at its default.

    Examples
    --------
    >>> parameter_line("days_per_month").split("  # ")[0]
    'days_per_month: float = 30.4375'
    """
    default, facts = as_json(Assumptions.model_fields[name].default), describe(name)
    allowed = " ".join(part for part in (facts["type"], facts["range"]) if part)
    if isinstance(default, list):
        # What papermill takes after -p is a text; in brackets it would be one name with brackets.
        allowed += f" (papermill -p {name} dqn,alexnet)"
    # Papermill cannot read a line with a second equals sign.
    meaning = f"{facts['meaning'].rstrip('.')}: {allowed}".replace("=", "is")
    return f"{name}: {type(default).__name__} = {default!r}  # {meaning}"


def _line_of(name: str) -> re.Pattern[str]:
    """The line that sets a parameter."""
    return re.compile(rf"^({name})\b[^=\n]*=.*$", re.MULTILINE)


def _plain_markdown(page: str, text: str) -> str:
    """A text without the roles and directives that only Sphinx reads."""
    def link(found: re.Match[str]) -> str:
        return posixpath.relpath(f"{found[1] or found[2]}.ipynb", posixpath.dirname(page) or ".")

    def directive(found: re.Match[str]) -> str:
        return _bibliography() if found[2] == "bibliography" else str(found["body"])

    text = _DOWNLOAD.sub(lambda found: found[1] or found[2], _LABEL.sub("", text))
    text = _DIRECTIVE.sub(directive, _BOX.sub(r"*\1*\n\n\2\n---", text))
    text = _CITATION.sub(_cited, _REFERENCE.sub(_named, _TERM.sub(r"\1", text)))
    return _LINK.sub(link, text)


def _cited(found: re.Match[str]) -> str:
    """Authors and year of the sources, each a link to where it can be opened."""
    known = sources()
    labels = [f"[{words.plain(known[key].label)}]({known[key].url})" if known[key].url
              else words.plain(known[key].label) for key in found[2].replace(" ", "").split(",")]
    return ", ".join(labels) if found[1] == "t" else f"({'; '.join(labels)})"


def _named(found: re.Match[str]) -> str:
    kind, _, name = found[1].partition("-")
    return f"the {'figure' if kind == 'fig' else 'table'} “{name.replace('-', ' ')}”"


def _bibliography() -> str:
    """The sources as a list."""
    return "\n".join(f"- {words.plain(source.label)}: {words.plain(source.title)}. {source.url}"
                     for source in sources().values())
