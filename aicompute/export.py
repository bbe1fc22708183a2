"""Writes every page as a notebook that runs outside the build: under papermill, or in Jupyter."""

import os
import posixpath
import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from aicompute import cells, words
from aicompute.assumptions import Assumptions, as_json, describe
from aicompute.book.contents import PARAMETERS_TAG, Page, chapter_notebook, new_cell, read_contents
from aicompute.errors import CallError, PageError
from aicompute.files import write_text
from aicompute.names import unknown
from aicompute.places import DATA, DATA_VARIABLE, HOME
from aicompute.prose import Filling, Numbers
from aicompute.references import Source, sources
from aicompute.tables import table

_LINK = re.compile(r"(?<=\]\()([\w/-]+)\.md(?=[#)])|(?<=href=\")page:([\w/-]+)(?=[\"#])")
_CITATION = re.compile(r"\{cite:([pt])\}`([^`]+)`")
_BIBLIOGRAPHY = re.compile(r"^```\{bibliography\}.*?^```[ \t]*$", re.MULTILINE | re.DOTALL)
#: What only Sphinx reads, in this order, and what a notebook shows in its place.
_PLAIN = [(re.compile(pattern, re.MULTILINE | re.DOTALL), plain) for pattern, plain in (
    (r"^\([\w-]+\)=\n+|^\{\.[\w-]+\}\n", ""),
    (r"\[([^\]]+)\]\(page:[^)]*\)|<a href=\"page:_downloads[^>]*>([^<]*)</a>", r"\1\2"),
    (r"^::::\{admonition\} ([^\n]+)\n:class: \w+\n(.*?)^::::[ \t]*$", r"*\1*\n\n\2\n---"),
    (r"^(:::|```)\{\w+\}[^\n]*\n(.*?)^\1[ \t]*$", r"\2"),
    (r"\{term\}`([^`<]+?)(?:\s*<[^`]*>)?`", r"\1"))]
_REFERENCE = re.compile(r"\{numref\}`(fig|tab)-([^`]+)`")
_ASSIGNED = re.compile(r"^(\w+)\b[^=\n]*=.*$", re.MULTILINE)
_NEEDED = '''\
try:
    import aicompute
except ModuleNotFoundError:
    raise SystemExit("This notebook needs the report's package: "
                     "python -m pip install PATH, where PATH is a copy of its repository") from None
'''


def export_notebooks(output: Path, data: Path = DATA) -> list[Path]:
    """Write the notebook of every page to a folder, and return their paths in the book's order.

    A page ``systems/alexnet`` becomes ``systems/alexnet.ipynb``; it runs on a folder of tables that
    is not the report's own. A chapter at fault is a PageError.
    """
    names = table("systems").set_index("system_id")["name"]
    pages = read_contents(HOME, {name: names[name] for name in cells.systems_with_pages()})[0]
    numbers = cells.all_numbers(Assumptions())
    paths = [output / f"{page.name}.ipynb" for page in pages]
    for page, path in zip(pages, paths, strict=True):
        write_text(path, nbformat.writes(exported_notebook(page, numbers, data)) + "\n")
    return paths


def exported_notebook(page: Page, numbers: Numbers, data: Path = DATA) -> NotebookNode:
    """One page's notebook, to be read and run by itself.

    Its parameters stand with the types and meanings that ``papermill --help-notebook`` reads; a
    number, a citation or a link in its text stands in words that any notebook shows. A chapter that
    is no notebook, or names a number that there is not, is a PageError.
    """
    notebook, filling = chapter_notebook(page), Filling(numbers, numbers)
    for cell in notebook.cells:
        line = cell.metadata.pop("line")
        cell.metadata.pop("section", None)
        if cell.cell_type == "markdown":
            cell.source = _plain_markdown(page.name, filling.fill(cell.source, page.file, line))
    code = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    if not code:
        return notebook
    parameters = notebook.cells[code[0]]
    parameters.metadata["tags"] = [PARAMETERS_TAG]
    for name in page.parameters.keys() - {*_ASSIGNED.findall(parameters.source)}:
        raise PageError(f"{page.file}: parameters cell: {name} is missing")
    told = {name: parameter_line(name) for name in Assumptions.model_fields}
    told |= {name: f"{name}: str = {value!r}" for name, value in page.parameters.items()}
    parameters.source = _ASSIGNED.sub(lambda line: told.get(line[1], line[0]), parameters.source)
    if page.parameters:  # says whose page it is when the parameter is another system's
        whose = ("from IPython.display import Markdown\n\n"
                 "from aicompute.export import heading\n\n"
                 f"Markdown(heading(system_id, {page.parameters['system_id']!r}))")
        notebook.cells.insert(code[0] + 1, new_cell("code", whose, name="whose"))
    tables = "" if data.resolve() == DATA.resolve() else (
        f"import os\n\nos.environ.setdefault(\"{DATA_VARIABLE}\", "
        f"{os.fspath(data.resolve())!r})\n\n")
    notebook.cells.insert(code[0], new_cell("code", tables + _NEEDED, name="needed"))
    return notebook


def heading(system_id: str, exported: str) -> str:
    """The heading of a notebook that was exported for one system and runs on another; else empty.

    A system without a page is a CallError.
    """
    known = cells.systems_with_pages()
    if system_id not in known:
        raise CallError(unknown("system", system_id, known))
    if system_id == exported:
        return ""
    names = table("systems").set_index("system_id")["name"].map(words.plain)
    return (f"# {names[system_id]}\n\nThe cells below calculate {names[system_id]}. The title "
            f"above and the numbers in the text are those of {names[exported]}.")


def parameter_line(name: str) -> str:
    """One assumption as a line of a parameters cell, at its default.

    >>> parameter_line("days_per_month").split("  # ")[0]
    'days_per_month: float = 30.4375'
    """
    default, facts = as_json(Assumptions.model_fields[name].default), describe(name)
    allowed = f"{facts['type']} {facts['range']}".strip()
    if isinstance(default, list):
        # What papermill takes after -p is a text; in brackets it would be one name with brackets.
        allowed += f" (papermill -p {name} dqn,alexnet)"
    # Papermill cannot read a line with a second equals sign.
    meaning = f"{facts['meaning'].rstrip('.')}: {allowed}".replace("=", "is")
    return f"{name}: {type(default).__name__} = {default!r}  # {meaning}"


def _plain_markdown(page: str, text: str) -> str:
    """A text without the roles and directives that only Sphinx reads."""
    def link(found: re.Match[str]) -> str:
        return posixpath.relpath(f"{found[1] or found[2]}.ipynb", posixpath.dirname(page) or ".")

    def cited(found: re.Match[str]) -> str:
        labels = [_linked(sources()[key.strip()]) for key in found[2].split(",")]
        return ", ".join(labels) if found[1] == "t" else f"({'; '.join(labels)})"

    def named(found: re.Match[str]) -> str:
        kind = {"fig": "figure", "tab": "table"}[found[1]]
        return f"the {kind} “{found[2].replace('-', ' ')}”"

    text = _BIBLIOGRAPHY.sub(lambda _: "\n".join(
        f"- {words.plain(source.label)}: {words.plain(source.title)}. {source.url}"
        for source in sources().values()), text)
    for pattern, plain in _PLAIN:
        text = pattern.sub(plain, text)
    return _LINK.sub(link, _CITATION.sub(cited, _REFERENCE.sub(named, text)))


def _linked(source: Source) -> str:
    """Authors and year of a source, as a link to where it can be opened."""
    label = words.plain(source.label)
    return f"[{label}]({source.url})" if source.url else label
