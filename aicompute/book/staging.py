"""Turns executed notebooks into the sources of the site: numbers, links, tables, figures."""

from __future__ import annotations

import html
import json
import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output

from aicompute import words
from aicompute.assumptions import BOOKS
from aicompute.book.contents import Page, plain
from aicompute.book.keeping import INJECTED_TAG
from aicompute.errors import PageError
from aicompute.names import unknown
from aicompute.prose import Filling, Numbers, Sentence
from aicompute.recording import NUMBERS_MIME, Number, filled
from aicompute.showing import FIGURE_MIME, TABLE_MIME

#: A chapter names another as an editor and a forge understand it; its source has another suffix.
_CHAPTER_LINK = re.compile(r"(?<=\]\()([\w/-]+)\.md(#[\w-]+)?\)")
_PAGE_LINK = re.compile(r'((?:href|src)=)"page:([\w./-]+)(#[\w:.-]+)?"')
_SPEC_LINK = re.compile(r"page:([\w./-]+)(#[\w:.-]+)?")
_NAMED = re.compile(r"(\{[a-z][a-z0-9_]*\.[a-z0-9_.]+(?::[a-z]+)?\})")
#: A path under one of these names is a file of the site, not a page.
_FILES = ("_downloads/", f"{BOOKS}/", "results.json")
#: Marks the place of a figure in a page.
FIGURE_CLASS = "chart-place"
#: Characters of a printed line at most: MyST takes time that grows with the square of them.
LONGEST_LINE = 20_000


@dataclass
class Staging:
    """What pages are filled with.

    Attributes
    ----------
    numbers, baseline
        Those of this book, and those of the baseline's, the same in the baseline.
    pages
        Every page there is, for the links.
    banner
        HTML for the top of every page; empty for none.
    sentences
        The conditional sentences met on the way.
    figures
        What the pages show by label, for who draws it.
    """

    numbers: Numbers
    baseline: Numbers
    pages: set[str]
    banner: str = ""
    sentences: list[Sentence] = field(default_factory=list)
    figures: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def stage(self, page: Page, executed: NotebookNode) -> NotebookNode:
        """Make the site's source of one page.

        Raises
        ------
        PageError
            If a text names a number or page that there is not, or a cell printed too long a line.
        """
        filling = Filling(self.numbers, self.baseline, self._writer(page.name), self.sentences)
        cells: list[NotebookNode] = []
        for cell in executed.cells:
            if cell.cell_type == "markdown":
                text = filling.fill(cell.source, page.file, cell.metadata.get("line", 1))
                cells.append(new_markdown_cell(self.linked(page.name, text)))
            else:
                cells += self._code(page, cell)
        if self.banner:
            _put_banner(cells, self.banner)
        for index, cell in enumerate(cells):
            cell["id"] = f"cell-{index}"
        return nbformat.from_dict({**executed, "cells": cells})

    def linked(self, page: str, text: str) -> str:
        """A text with its links as they lead from one page to others.

        Raises
        ------
        PageError
            If a link names a page that is not there.
        """
        def chapter(found: re.Match[str]) -> str:
            target = self.path(page, found[1], suffix=".ipynb")
            return f"{target}{found[2] or ''})"

        def address(found: re.Match[str]) -> str:
            return f'{found[1]}"{self.path(page, found[2])}{found[3] or ""}"'

        return _PAGE_LINK.sub(address, _CHAPTER_LINK.sub(chapter, text))

    def path(self, page: str, name: str, suffix: str = ".html") -> str:
        """The path from one page to another, or to a file of the site."""
        if not name.startswith(_FILES):
            if name not in self.pages:
                raise PageError(f"page {page}: link: {unknown('page', name, self.pages)}")
            name += suffix
        return posixpath.relpath(name, posixpath.dirname(page) or ".")

    def in_spec(self, page: str, part: Any) -> Any:
        """A chart whose links lead from a page; any other text is the data's, whatever it says."""
        if isinstance(part, list):
            return [self.in_spec(page, item) for item in part]
        if not isinstance(part, dict):
            return part
        return {name: self._target(page, value) if name == "href" else self.in_spec(page, value)
                for name, value in part.items()}

    def _target(self, page: str, value: Any) -> Any:
        found = _SPEC_LINK.fullmatch(value) if isinstance(value, str) else None
        return f"{self.path(page, found[1])}{found[2] or ''}" if found else value

    def _writer(self, page: str) -> Callable[[str, Number, str], str]:
        """How a text of a page shows a number: as a link to the cell that calculates it."""
        def write(name: str, number: Number, form: str) -> str:
            shown = html.escape(words.in_form(number, form))
            title = html.escape(self._title(name, number)).replace("|", "&#124;")
            section = f"#{number.section}" if number.section else ""
            address = f"{self.path(page, number.page)}{section}" if number.page else "results.json"
            return f'<a class="number" href="{address}" title="{title}">{shown}</a>'

        return write

    def _title(self, name: str, number: Number) -> str:
        """What a reader sees who points at a number: all digits, interval, how, and its name."""
        parts = [words.quantity(number.value, number.unit, 6)]
        if number.low is not None or number.high is not None:
            parts.append(f"interval {words.interval(number.low, number.high)}")
        before = self.baseline.get(name)
        if before is not None and before.value != number.value:
            parts.append(f"baseline {words.quantity(before.value, before.unit)}")
        return "; ".join(part for part in (*parts, number.how, name) if part)

    def _code(self, page: Page, cell: NotebookNode) -> list[NotebookNode]:
        """A code cell as the page shows it, and the tables that it shows as cells of their own."""
        tags = list(cell.metadata.get("tags", []))
        if INJECTED_TAG in tags:
            tags.append("hide-input")
        metadata: dict[str, Any] = {"tags": tags} if tags else {}
        outputs, tables = [], []
        for output in cell.outputs:
            data = output.get("data", {})
            _refuse_long_lines(page, output.get("text", "") or data.get("text/plain", ""))
            if NUMBERS_MIME in data:
                continue  # the text cites them
            if TABLE_MIME in data:
                text = self.table(page.name, data[TABLE_MIME])
                tables.append(new_markdown_cell(self.linked(page.name, text)))
            elif FIGURE_MIME in data:
                shown, metadata["mystnb"] = self._figure(page.name, data[FIGURE_MIME])
                outputs.append(shown)
            else:
                outputs.append(output)
        staged = nbformat.from_dict({**cell, "metadata": metadata, "outputs": outputs})
        return [staged, *tables]

    def _figure(self, page: str, figure: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """A place for a figure, which is drawn while Sphinx works, and its label and caption."""
        label = f"fig-{figure['name'].replace('_', '-')}"
        alt = filled(figure["alt"], self.numbers)
        self.figures[page, label] = {**self.in_spec(page, figure), "alt": alt}
        shown = new_output("display_data", {"text/html": place_of(label), "text/plain": alt})
        return shown, {"figure": {"name": label, "caption": self.caption(page, figure["caption"])}}

    def caption(self, page: str, text: str) -> str:
        """A caption in Markdown: its numbers as links, all else in it as it stands."""
        write = self._writer(page)

        def part(text: str) -> str:
            name, _, form = text.strip("{}").partition(":")
            if not _NAMED.fullmatch(text) or name not in {*self.numbers, *self.baseline}:
                return plain(text)
            known = self.numbers.get(name)
            return write(name, known, form) if known else words.UNKNOWN

        return "".join(map(part, _NAMED.split(" ".join(text.split()))))

    def table(self, page: str, table: dict[str, Any]) -> str:
        """A table in MyST: numbered, with its caption, every cell shown as it stands."""
        classes = ["data-table"] + ["sortable"] * table["sortable"]
        classes += [f"facet-{table['head'].index(name) + 1}" for name in table["facets"]]
        numeric = [all("sort" in row[i] or row[i]["text"] == "–" for row in table["rows"])
                   for i in range(len(table["head"]))]
        lines = [
            f":::{{table}} {self.caption(page, table['caption'])}",
            f":name: tab-{table['name'].replace('_', '-')}",
            f":class: {' '.join(classes)}", "",
            _row(plain(head) for head in table["head"]),
            _row("---:" if number else "---" for number in numeric),
            *(_row(self._cell(page, cell) for cell in row) for row in table["rows"]), ":::",
        ]
        return "\n".join(lines)

    def _cell(self, page: str, cell: Mapping[str, Any]) -> str:
        if cell.get("source"):
            return f"{{cite:t}}`{cell['source']}`"
        text = self.caption(page, cell["text"])
        if cell.get("target"):
            target, _, section = cell["target"].partition("#")
            address = self.path(page, target) + (f"#{section}" if section else "")
            return f'<a class="reference internal" href="{html.escape(address)}">{text}</a>'
        if cell.get("sort") is not None:
            return f'<data value="{cell["sort"]:.12g}">{text}</data>'
        return text


    def books(self, books: Mapping[str, Any]) -> NotebookNode:
        """A list of links to the books of the scenarios, for the page that compares them."""
        links = [f'- <a href="{BOOKS}/{name}/index.html">{name}</a>' for name in books]
        return new_markdown_cell("\n".join(["The whole book under each:", "", *links]))


def place_of(label: str) -> str:
    """What stands in a page where a figure comes to stand."""
    return f'<div class="{FIGURE_CLASS}" data-figure="{label}"></div>'


def _row(cells: Any) -> str:
    return f"| {' | '.join(cell or ' ' for cell in cells)} |"


def _refuse_long_lines(page: Page, printed: str) -> None:
    longest = max(map(len, printed.split("\n")))
    if longest > LONGEST_LINE:
        raise PageError(f"page {page.name}: a cell printed a line of {longest:,} characters; "
                        f"allowed: {LONGEST_LINE:,}")


def _put_banner(cells: list[NotebookNode], banner: str) -> None:
    """The banner right under the title: the title's cell is cut in two behind its first line."""
    title, _, rest = cells[0].source.lstrip("\n").partition("\n")
    cells[0].source = title
    cells.insert(1, new_markdown_cell(f"{banner}\n\n{rest.lstrip()}"))


def contents(notebook: NotebookNode) -> str:
    """A staged notebook as text, the same for the same content."""
    return json.dumps(notebook, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
