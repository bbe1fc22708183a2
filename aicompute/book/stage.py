"""Turns executed notebooks into the sources of the site: numbers, links, figures and the banner."""

from __future__ import annotations

import copy
import json
import posixpath
import re
from collections.abc import Callable, Iterator
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from aicompute.assumptions import BOOKS
from aicompute.book.notebook import NUMBER, NUMBERS_TAG, plain
from aicompute.book.record import RECORD, numbers_of
from aicompute.errors import PageError
from aicompute.mime import FIGURE_MIME

_PAGE_LINK = re.compile(r'((?:href|src)=)"page:([\w./-]+)(#[\w:.-]+)?"')
#: A chapter names another as an editor and a forge understand it; its page has another suffix.
_CHAPTER_LINK = re.compile(r"\[([^\]]+)\]\(([\w/-]+)\.md(#[\w-]+)?\)")
_SPEC_LINK = re.compile(r"page:([\w./-]+)(#[\w:.-]+)?")
#: A path under one of these names is a file of the site, not a page.
FILES = ("_downloads/", f"{BOOKS}/")

#: Characters of a printed line at most: MyST takes time that grows with the square of them.
LONGEST_LINE = 20_000

FigureHtml = Callable[[dict[str, Any], str], str]


def stage(
    page: str, executed: NotebookNode, *, pages: set[str], banner: str, draw: FigureHtml
) -> NotebookNode:
    """Make the site's source of one page.

    Parameters
    ----------
    page
        Its name in the site.
    executed
        The notebook as papermill left it; not altered.
    pages
        Every page there is, for the links.
    banner
        HTML for the top of the page; empty for none.
    draw
        Figure and label to HTML.

    Raises
    ------
    PageError
        If a link names a page that is not there, or a cell printed too long a line.
    """
    notebook = copy.deepcopy(executed)
    texts = numbers_of(page, executed)["texts"]
    notebook.cells = [c for c in notebook.cells if NUMBERS_TAG not in c.metadata.get("tags", [])]
    resolve = _Links(page, pages)
    for cell in notebook.cells:
        # When each cell ran is of no page, and differs from build to build.
        for clock in ("papermill", "execution"):
            cell.metadata.pop(clock, None)
        if cell.cell_type == "markdown":
            text = NUMBER.sub(lambda match: texts[match.group(1)], cell.source)
            cell.source = resolve(_CHAPTER_LINK.sub(r'<a href="page:\2\3">\1</a>', text))
        else:
            _stage_code(cell, resolve, draw)
    if banner:
        notebook.cells.insert(1, _banner_cell(notebook, banner))
    # Papermill gives the cell it injects an id of its own: all are named by their place.
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{index}"
    notebook.metadata.pop(RECORD, None)
    notebook.metadata.pop("papermill", None)
    return notebook


def contents(notebook: NotebookNode) -> str:
    """A staged notebook as text, the same for the same content."""
    return json.dumps(notebook, ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def figures_of(executed: NotebookNode) -> Iterator[dict[str, Any]]:
    """The figures an executed notebook shows."""
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            if FIGURE_MIME in output.get("data", {}):
                yield output["data"][FIGURE_MIME]


class _Links:
    """Turns ``page:NAME#section`` into the path from one page to another."""

    def __init__(self, page: str, pages: set[str]) -> None:
        self.page, self.pages = page, pages

    def __call__(self, text: str) -> str:
        return _PAGE_LINK.sub(
            lambda m: f'{m.group(1)}"{self.path(m.group(2))}{m.group(3) or ""}"', text
        )

    def in_spec(self, part: Any) -> Any:
        """Resolve what stands under ``href``; any other text is the data's, whatever it says."""
        if isinstance(part, list):
            return [self.in_spec(item) for item in part]
        if not isinstance(part, dict):
            return part
        return {name: self._target(value) if name == "href" else self.in_spec(value)
                for name, value in part.items()}

    def _target(self, value: Any) -> Any:
        found = _SPEC_LINK.fullmatch(value) if isinstance(value, str) else None
        return f"{self.path(found[1])}{found[2] or ''}" if found else self.in_spec(value)

    def path(self, name: str) -> str:
        if name.startswith(FILES):
            target = name
        elif name in self.pages:
            target = f"{name}.html"
        else:
            raise PageError(f"page {self.page}: links to {name}, which is no page")
        return posixpath.relpath(target, posixpath.dirname(self.page) or ".")


def _stage_code(cell: NotebookNode, resolve: _Links, draw: FigureHtml) -> None:
    tags = cell.metadata.get("tags", [])
    if "injected-parameters" in tags:
        cell.metadata["tags"] = [*tags, "hide-input"]
    for output in cell.get("outputs", []):
        _refuse_long_lines(resolve.page, output.get("text", ""))
        data = output.get("data", {})
        if FIGURE_MIME in data:
            figure = resolve.in_spec(data[FIGURE_MIME])
            label = f"fig-{figure['name'].replace('_', '-')}"
            output["data"] = {
                "text/html": resolve(draw(figure, label)), "text/plain": figure["alt"],
            }
            cell.metadata["mystnb"] = {
                "figure": {"name": label, "caption": plain_caption(figure["caption"])}
            }
        elif "text/html" in data:
            data["text/html"] = resolve(data["text/html"])


def _refuse_long_lines(page: str, printed: str) -> None:
    longest = max(map(len, printed.split("\n")))
    if longest > LONGEST_LINE:
        raise PageError(f"page {page}: a cell printed a line of {longest:,} characters; "
                        f"allowed: {LONGEST_LINE:,}")


def plain_caption(caption: str) -> str:
    """A caption as MyST that shows it letter by letter."""
    return plain(caption)


def _banner_cell(notebook: NotebookNode, banner: str) -> NotebookNode:
    """The banner right under the title: the title's cell is cut in two behind its first line."""
    first = notebook.cells[0]
    title, _, rest = first.source.lstrip("\n").partition("\n")
    first.source = title
    return new_markdown_cell(f"{banner}\n\n{rest.lstrip()}", id="cell-banner")
